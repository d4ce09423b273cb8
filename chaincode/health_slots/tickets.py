"""Tickets: whoever books is somebody. The health authority says so, with who vouched, for ten minutes.

`Ticket` is evaluated at the authority's own peers. Its contract server turns a document into ids by a key that lies in
the authority's key files and nowhere else: an account (points, consents) and, for each date of a visit, a visit id.
Nobody else can tell that two dates are one person's. It signs visit id, date, desk, who looked at the person and how;
every endorser checks the signature against the authority's key in the settings: no booking, hold, place in a queue or
in a draw without one, the staff's too, so that nobody books for an invented id and finds its buyer later. The document
travels in the transient map to that one peer; nothing is written.

A ticket is `CT2.PAYLOAD.SIGNATURE`, base64url without padding, Ed25519 (RFC 8032) over `CT2.PAYLOAD`; the payload is
canonical JSON: visit `r` on date `d`, payer `p` by the payer's own visit id ("" for none), booker `b`, who vouched `v`,
how `w`, issued `i` and expires `e`, key `k`, nonce `n`, and account `a`, sealed for the authority's own eyes. Where
somebody of the family acts (families.py), `g` is that person's id for such acts of the date, which is nobody's visit,
and `f` who it is, sealed as well.

Beside it goes a proof `CI1.KEY.SIGNATURE` over visit and document, which only the hospital's own peers see: whose
identity they keep under a visit is the person for whom the ticket was made.
"""

from __future__ import annotations

import binascii
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.accounts import (
    account_id,
    accounts_of,
    acting_id,
    acts_for,
    authority_file,
    b64,
    conduct_id,
    derived,
    main_account,
    seal_text,
    unb64,
    visit_id,
)
from chaincode.health_slots.context import AUTHORITY, EVERY_PORTAL, STAFF, SlotsContext, portal_booker
from chaincode.health_slots.documents import CARD, KINDS, is_card, kind_of, number_of
from chaincode.health_slots.portals import require_admitted
from chaincode.health_slots.records import Record, encode
from chaincode.health_slots.refusals import bad, conflict, forbid
from fabric_sdk.chaincode import query, transaction
from fabric_sdk.chaincode.sealing import KeyFile

PREFIX, PROOF_PREFIX = "CT2", "CI1"
LIFE_S = 600
DAYS_AHEAD = 190
"""How far ahead a visit may be for which a ticket is made: rules open slots half a year before at most."""
OFFICER_DAY = 400
"""Bookings a day for which one officer may vouch: a member of staff, or of another desk with its own certificate."""
PAYER_DAY = 10
"""Appointments of one visit date that one person may pay for."""
ACTING_DAY = 6
"""Appointments of one visit date that one person may make for others of the family."""

_TICKET: dict[str, type] = {name: int if name in "ie" else str for name in "rdpbvwiekna"}
_ACTING: dict[str, type] = {"g": str, "f": str}


@dataclass(frozen=True, slots=True)
class Vouched:
    """What an act for somebody stands on: through whom it is made, who vouched, and whose account it is, sealed.

    Where somebody of the family acts: that person's id for acts of this date, and who it is, sealed.
    """

    booker: str
    by: str = ""
    account: str = ""
    acting: str = ""
    family: str = ""

    def entry(self) -> Record:
        """As members of a record, those that say something."""
        more = {"by": self.by, "account": self.account, "acting": self.acting, "family": self.family}
        return {"booker": self.booker} | {name: value for name, value in more.items() if value}

    @staticmethod
    def of(entry: Record) -> Vouched:
        """Out of a record that `entry` went into."""
        return Vouched(*(entry.get(name, "") for name in ("booker", "by", "account", "acting", "family")))


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
        settings.setdefault("tickets_since", calendar.local_date(ctx.now, 0))
        ctx.records.put(settings, "settings")
        return settings

    @query
    def TicketKey(self, ctx: SlotsContext) -> Record:
        """Return id and public half of the authority's ticket key; at its own peers."""
        file = authority_file(ctx)
        public = _signing_key(file).public_key().public_bytes_raw().hex()
        return {"key": file.id, "public": public}

    @query
    def Ticket(self, ctx: SlotsContext, hospital: str, date: str = "", portal: str = "") -> Record:
        """Return visit id, account, ticket and proof of the person in the transient field `person`.

        It is `{"document_type", "document"}`, and so is `payer` where somebody else pays, and `guardian` where
        somebody of the family acts (NO_FAMILY unless that person may). To be evaluated at the authority's peers by a
        desk that may book at the hospital; `portal` names for whom a FHIR service asks. Without a date the id is the
        account's, with which nobody books. BARRED after repeated no-shows.
        """
        caller = ctx.require_desk(hospital)
        require_admitted(ctx, caller.msp_id, portal)
        file = authority_file(ctx)
        kind, number = person_of(ctx.stub.get_transient().get("person", b""))
        account = main_account(ctx, file, account_id(file, kind, number))
        visit, payer = account, ""
        if date:
            visit = visit_id(file, account, _date_ahead(ctx, hospital, date))
            if (until := barred_until(ctx, file, account)) > ctx.now:
                conflict("BARRED", f"booking is barred until {until} after repeated no-shows")
            if paying := ctx.stub.get_transient().get("payer", b""):
                payer = visit_id(file, main_account(ctx, file, account_id(file, *person_of(paying))), date)
        signing = _signing_key(file)
        payload = {
            "r": visit,
            "d": date,
            "p": payer,
            "b": portal_booker(caller, portal),
            "v": caller.signer,
            "w": "window" if caller.role == STAFF else "portal",
            "i": ctx.now,
            "e": ctx.now + LIFE_S,
            "k": file.id,
            "n": ctx.stub.tx_id[:16],
            "a": seal_text(file, account, visit),
            **_acting(ctx, file, account, visit, date),
        }
        proof = signing.sign(_proof_text(visit, kind, number))
        return {
            "resident": visit,
            "account": account,
            "payer": payer,
            "ticket": sign_paper(file, PREFIX, payload),
            "proof": f"{PROOF_PREFIX}.{file.id}.{b64(proof)}",
            "expires": payload["e"],
        }


def asks_for_tickets(ctx: SlotsContext) -> bool:
    """Say whether this ledger books by ticket only: all that were set up since there are tickets, others by choice."""
    return bool(ctx.settings.get("tickets") or ctx.settings.get("ticket_keys"))


def require_ticket(ctx: SlotsContext, hospital: str, resident: str, date: str, ticket: str, payer: str = "") -> Vouched:
    """Refuse an act for a resident without a fresh ticket for this desk and date; returns what it says.

    On a ledger that does not ask for tickets everybody books for any id, as the caller's desk.
    """
    caller = ctx.caller
    if not asks_for_tickets(ctx):
        if caller.portal == EVERY_PORTAL:
            forbid("a FHIR service books for portals where the ledger asks for tickets")
        return Vouched(caller.booker)
    if not ticket:
        forbid("this needs a ticket of the health authority", "TICKET_NEEDED")
    payload = read_paper(ctx, ticket, PREFIX, _TICKET, longest=1536, also=_ACTING)
    if payload["r"] != resident or payload["d"] != date or payload["v"] != caller.signer:
        forbid("the ticket is for another person, day or desk", "BAD_TICKET")
    if not caller.speaks_for(payload["b"]):
        forbid("the ticket is for another person, day or desk", "BAD_TICKET")
    if payload["p"] != payer:
        forbid("the ticket names another payer", "BAD_TICKET")
    if payload["i"] > ctx.now + int(ctx.settings["clock_tolerance_s"]) or payload["e"] - payload["i"] > LIFE_S:
        forbid("the ticket's times are not plausible", "BAD_TICKET")
    if ctx.passed(payload["e"]):
        conflict("TICKET_EXPIRED", "the ticket is older than ten minutes")
    if not caller.is_door:
        _count(ctx, "vouched", caller.signer, calendar.local_date(ctx.now, ctx.offset(hospital)), OFFICER_DAY)
    return Vouched(payload["b"], payload["v"], payload["a"], payload.get("g", ""), payload.get("f", ""))


def sign_paper(file: KeyFile, prefix: str, payload: Record) -> str:
    """Return `PREFIX.PAYLOAD.SIGNATURE` of the authority over a payload that names its key as `k`."""
    signed = f"{prefix}.{b64(encode(payload))}"
    return f"{signed}.{b64(_signing_key(file).sign(signed.encode()))}"


def read_paper(
    ctx: SlotsContext,
    text: str,
    prefix: str,
    wanted: dict[str, type],
    code: str = "BAD_TICKET",
    longest: int = 1024,
    *,
    also: Mapping[str, type] = MappingProxyType({}),
) -> Record:
    """Return the payload of what the authority signed; refused by `code` if it is none of its papers.

    It has the members of `wanted`, or those of `also` as well.
    """
    head, _, tail = text.rpartition(".")
    try:
        if len(text) > longest or text.count(".") != 2 or not text.startswith(f"{prefix}."):
            raise ValueError(prefix)
        payload = json.loads(unb64(head.split(".")[1]))
        signature, signed = unb64(tail), head.encode("ascii")
    except (ValueError, binascii.Error, RecursionError):
        bad("this is no ticket", code)
    forms = (wanted, {**wanted, **also})
    if not isinstance(payload, dict) or {name: type(value) for name, value in payload.items()} not in forms:
        bad("this is no ticket", code)
    if not _is_signed(ctx, payload["k"], signature, signed):
        forbid("the ticket is not signed by the health authority", code)
    return payload


def count_payer(ctx: SlotsContext, payer: str, date: str) -> None:
    """Somebody pays for so many appointments of a day; one key a payer and day, so that it is nobody else's."""
    if asks_for_tickets(ctx):
        _count(ctx, "paid-for", payer, date, PAYER_DAY)


def count_acting(ctx: SlotsContext, acting: str, date: str) -> None:
    """Somebody makes so many appointments of a date for others (FAMILY_LIMIT); one key a person and date."""
    if acting:
        _count(ctx, "acting", acting, date, ACTING_DAY)


def count_officer(ctx: SlotsContext, kind: str, signer: str, day: str, limit: int) -> None:
    """An officer vouches for so many things of a kind a day (OFFICER_LIMIT)."""
    _count(ctx, kind, signer, day, limit)


def require_proof(ctx: SlotsContext, resident: str, kind: str, document: str, proof: bytes) -> None:
    """Refuse an identity that is not the one for which the authority made this id (BAD_PROOF)."""
    if not asks_for_tickets(ctx):
        return
    parts = proof.decode("ascii", "replace").split(".") if len(proof) <= 256 else []
    try:
        signature = unb64(parts[2]) if len(parts) == 3 and parts[0] == PROOF_PREFIX else b""
    except (ValueError, binascii.Error):
        signature = b""
    code = kind_of(kind)
    if not signature or not _is_signed(
        ctx, parts[1], signature, _proof_text(resident, code, number_of(code, document))
    ):
        forbid("the authority did not make this id for this document", "BAD_PROOF")


def person_of(data: bytes) -> tuple[str, str]:
    """The kind and the normalised number of the document in a transient field; BAD_DOCUMENT if it can be none."""
    try:
        person = json.loads(data) if 0 < len(data) <= 512 else {}
        kind, document = person["document_type"], person["document"]
    except (ValueError, TypeError, KeyError, RecursionError):
        bad("the transient field is a document's type and number", "BAD_IDENTITY")
    code = kind_of(kind) if isinstance(kind, str) else ""
    if not code or not isinstance(document, str):
        bad(f"a document's type is one of {', '.join(KINDS)}", "BAD_DOCUMENT")
    number = number_of(code, document)
    if not number and is_card(document):
        bad(f"this is the number of a resident's card: its type is {CARD}, not {code}", "BAD_DOCUMENT")
    if not number:
        bad(f"this cannot be the number of a document of type {code}", "BAD_DOCUMENT")
    return code, number


def barred_until(ctx: SlotsContext, file: KeyFile, account: str) -> int:
    """Until when the person may not book, whichever document the no-shows stand under; 0 for not."""
    known = (ctx.records.look("conduct", conduct_id(file, one)) for one in accounts_of(ctx, file, account))
    return max((int(conduct["until"]) for conduct in known if conduct is not None), default=0)


def _acting(ctx: SlotsContext, file: KeyFile, account: str, visit: str, date: str) -> Record:
    """What a ticket says of who acts for the patient; NO_FAMILY where the person in `guardian` may not."""
    data = ctx.stub.get_transient().get("guardian", b"")
    if not data:
        return {}
    guardian = main_account(ctx, file, account_id(file, *person_of(data)))
    if guardian == account:
        bad("nobody is of one's own family")
    kind = acts_for(ctx, file, guardian, account)
    if not kind:
        forbid("this person does not book for that one", "NO_FAMILY")
    who = encode({"account": guardian, "kind": kind}).decode()
    return {"g": acting_id(file, guardian, date), "f": seal_text(file, who, visit)}


def _date_ahead(ctx: SlotsContext, hospital: str, date: str) -> str:
    """A visit's date from today on: nobody asks a desk's way through somebody's past."""
    today = calendar.local_date(ctx.now, ctx.offset(hospital))
    if not today <= calendar.parse_date(date).isoformat() <= calendar.add_days(today, DAYS_AHEAD):
        bad(f"a ticket is for a visit from today until {DAYS_AHEAD} days ahead", "BAD_DATE")
    return date


def _count(ctx: SlotsContext, kind: str, who: str, day: str, limit: int) -> None:
    known = ctx.records.find(kind, who, day) or {"count": 0}
    if known["count"] >= limit:
        if kind in ("vouched", "family-officer"):
            conflict("OFFICER_LIMIT", f"one officer vouches for at most {limit} people a day")
        if kind == "acting":
            conflict("FAMILY_LIMIT", f"one person books at most {limit} appointments of a day for others")
        conflict("PAYER_LIMIT", f"one person pays for at most {limit} appointments of a day")
    ctx.records.put({"count": known["count"] + 1}, kind, who, day)


def _is_signed(ctx: SlotsContext, key: str, signature: bytes, signed: bytes) -> bool:
    public = ctx.settings.get("ticket_keys", {}).get(key)
    return public is not None and _fits(public, signature, signed)


@functools.lru_cache(maxsize=4096)
def _fits(public: str, signature: bytes, signed: bytes) -> bool:
    """Whether a signature fits; the same ticket is looked at by every peer of a process, and when it is tried again."""
    try:
        _public_key(public).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


@functools.lru_cache(maxsize=64)
def _public_key(public: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))


def _proof_text(resident: str, kind: str, number: str) -> bytes:
    return encode([PROOF_PREFIX, resident, kind, number])


def _signing_key(file: KeyFile) -> Ed25519PrivateKey:
    return _private_key(derived(file, "ticket"))


@functools.lru_cache(maxsize=8)
def _private_key(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)
