"""Tickets: whoever books is somebody. The health authority says so, with who vouched, for ten minutes.

`Ticket` is evaluated at the authority's own peers. Its contract server turns a document into an id by a key that lies
in the authority's key files and nowhere else, and signs id, desk, who looked at the person and how. Every endorser
checks the signature against the authority's key in the settings: no booking, hold, place in a queue or in a draw
without one, the staff's too, so that nobody books for an invented id and finds its buyer later. The document travels
in the transient map to that one peer; nothing is written.

A ticket is `CT1.PAYLOAD.SIGNATURE`, base64url without padding, Ed25519 (RFC 8032) over `CT1.PAYLOAD`; the payload is
canonical JSON: resident `r`, booker `b`, who vouched `v`, how `w`, issued `i` and expires `e`, key `k`, nonce `n`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import unicodedata

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.context import AUTHORITY, STAFF, SlotsContext
from chaincode.health_slots.records import Record, encode
from chaincode.health_slots.refusals import bad, conflict, forbid
from fabric_sdk.chaincode import ChaincodeError, query, transaction
from fabric_sdk.chaincode.sealing import KeyFile

PREFIX = "CT1"
LIFE_S = 600
DOCUMENTS = ("01", "02", "03", "04", "06", "07", "99")
"""Kinds of documents by their code in WS 364.3 (CV02.01.101): coded, so that one person is one id."""
OFFICER_DAY = 400
"""Bookings a day for which one member of staff may vouch."""


class TicketFunctions:
    """Keys of the authority, and its tickets."""

    @transaction
    def RegisterTicketKey(self, ctx: SlotsContext, key: str, public: str) -> Record:
        """Ask for tickets from now on, signed by this key (Ed25519, hex). Authority only; older keys stay good."""
        ctx.require_role(AUTHORITY)
        terms.reference(key, "a key's id")
        terms.digest(public, "an Ed25519 public key")
        settings = {**ctx.settings}
        keys = {**settings.get("ticket_keys", {})}
        if keys.get(key, public) != public:
            conflict("KEY_EXISTS", f"there is another key {key} already")
        settings["ticket_keys"] = keys | {key: public}
        ctx.records.put(settings, "settings")
        return settings

    @query
    def TicketKey(self, ctx: SlotsContext) -> Record:
        """Return id and public half of the authority's ticket key; at its own peers."""
        file = _authority_file(ctx)
        public = _signing_key(file).public_key().public_bytes_raw().hex()
        return {"key": file.id, "public": public}

    @query
    def Ticket(self, ctx: SlotsContext, hospital: str) -> Record:
        """Return id and ticket of the person in the transient field `person`: `{"document_type", "document"}`.

        To be evaluated at the authority's peers by a desk that may book at the hospital.
        """
        caller = ctx.require_desk(hospital)
        file = _authority_file(ctx)
        resident = _resident(file, ctx.stub.get_transient().get("person", b""))
        payload = {
            "r": resident,
            "b": caller.booker,
            "v": caller.signer,
            "w": "window" if caller.role == STAFF else "portal",
            "i": ctx.now,
            "e": ctx.now + LIFE_S,
            "k": file.id,
            "n": ctx.stub.tx_id[:16],
        }
        signed = f"{PREFIX}.{_b64(encode(payload))}"
        signature = _signing_key(file).sign(signed.encode())
        return {"resident": resident, "ticket": f"{signed}.{_b64(signature)}", "expires": payload["e"]}


def require_ticket(ctx: SlotsContext, resident: str, ticket: str) -> None:
    """Refuse an act for a resident without a fresh ticket for this desk, where the ledger asks for tickets."""
    keys = ctx.settings.get("ticket_keys")
    if not keys:
        return
    if not ticket:
        forbid("this needs a ticket of the health authority", "TICKET_NEEDED")
    signed, payload, signature = _parse(ticket)
    public = keys.get(payload["k"])
    try:
        if public is None:
            raise InvalidSignature
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, signed)
    except InvalidSignature:
        forbid("the ticket is not signed by the health authority", "BAD_TICKET")
    caller = ctx.caller
    if payload["r"] != resident or payload["b"] != caller.booker or payload["v"] != caller.signer:
        forbid("the ticket is for another person or desk", "BAD_TICKET")
    if payload["i"] > ctx.now + int(ctx.settings["clock_tolerance_s"]) or payload["e"] - payload["i"] > LIFE_S:
        forbid("the ticket's times are not plausible", "BAD_TICKET")
    if ctx.passed(payload["e"]):
        conflict("TICKET_EXPIRED", "the ticket is older than ten minutes")
    if caller.role == STAFF:
        _count_officer(ctx)


def _count_officer(ctx: SlotsContext) -> None:
    """A member of staff vouches for so many a day; one key an officer and day, so that it is nobody else's."""
    day = calendar.local_date(ctx.now, 0)
    known = ctx.records.find("vouched", ctx.caller.signer, day) or {"count": 0}
    if known["count"] >= OFFICER_DAY:
        conflict("OFFICER_LIMIT", f"one member of staff vouches for at most {OFFICER_DAY} bookings a day")
    ctx.records.put({"count": known["count"] + 1}, "vouched", ctx.caller.signer, day)


def _authority_file(ctx: SlotsContext) -> KeyFile:
    """The authority's oldest key file, so that ids outlive a newer one; KEY_FILE_MISSING elsewhere."""
    own, keys = ctx.stub.peer_msp_id, ctx.stub.invocation.sealing
    files = list(keys.now().files.values()) if keys is not None else []
    if (own and own not in ctx.settings["roles"][AUTHORITY]) or not files:
        raise ChaincodeError(
            "KEY_FILE_MISSING", "only the health authority's contract servers make tickets", status=503
        )
    return files[0]


def _resident(file: KeyFile, data: bytes) -> str:
    try:
        person = json.loads(data) if 0 < len(data) <= 512 else {}
        kind, document = person["document_type"], person["document"]
    except (ValueError, TypeError, KeyError, RecursionError):
        bad("the transient field person is a document's type and number", "BAD_IDENTITY")
    if kind not in DOCUMENTS or not isinstance(document, str):
        bad(f"a document's type is one of {', '.join(DOCUMENTS)}", "BAD_IDENTITY")
    number = "".join(unicodedata.normalize("NFKC", document).split()).upper()
    if not number.isascii() or not 4 <= len(number) <= 40 or not number.replace("-", "").isalnum():
        bad("a document's number is 4 to 40 letters and digits", "BAD_IDENTITY")
    derived = hmac.digest(_derived(file, "person"), f"{kind}\x00{number}".encode(), hashlib.sha256)
    return "R" + base64.b32encode(derived)[:26].decode()


def _signing_key(file: KeyFile) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_derived(file, "ticket"))


def _derived(file: KeyFile, purpose: str) -> bytes:
    return hmac.digest(file.key, f"citychain/slots/{purpose}/1".encode(), hashlib.sha256)


def _parse(ticket: str) -> tuple[bytes, Record, bytes]:
    if len(ticket) > 1024 or ticket.count(".") != 2 or not ticket.startswith(f"{PREFIX}."):
        bad("this is no ticket", "BAD_TICKET")
    signed, _, tail = ticket.rpartition(".")
    try:
        payload = json.loads(_unb64(signed.split(".")[1]))
        signature, raw = _unb64(tail), signed.encode("ascii")
    except (ValueError, binascii.Error, RecursionError):
        bad("this is no ticket", "BAD_TICKET")
    wanted = {"r": str, "b": str, "v": str, "w": str, "i": int, "e": int, "k": str, "n": str}
    if not isinstance(payload, dict) or set(payload) != set(wanted):
        bad("this is no ticket", "BAD_TICKET")
    if not all(type(payload[name]) is kind for name, kind in wanted.items()):
        bad("this is no ticket", "BAD_TICKET")
    return raw, payload, signature


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    raw = text.encode("ascii")
    decoded = base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != raw:
        raise ValueError("not canonical base64url")
    return decoded
