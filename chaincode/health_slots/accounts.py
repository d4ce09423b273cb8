"""Ids that the health authority alone can make: their key lies in its contract servers' key files and nowhere else.

A document gives an account (points, consents, families) and, for each date, a visit id; conduct and other marks are ids
of their own. Nobody without the key can turn a document into an id, or tell that two ids are one person's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from chaincode.health_slots.context import AUTHORITY, SlotsContext
from chaincode.health_slots.records import Record
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.sealing import KeyFile

JOINS = 8
"""How many documents lead to one another."""


def authority_file(ctx: SlotsContext) -> KeyFile:
    """The authority's oldest key file, so that ids outlive a newer one; KEY_FILE_MISSING elsewhere."""
    own, keys = ctx.stub.peer_msp_id, ctx.stub.invocation.sealing
    files = list(keys.now().files.values()) if keys is not None else []
    if (own and own not in ctx.settings["roles"][AUTHORITY]) or not files:
        raise ChaincodeError(
            "KEY_FILE_MISSING", "only the health authority's contract servers make tickets", status=503
        )
    return files[0]


def account_id(file: KeyFile, kind: str, number: str) -> str:
    """A person's account: for points, consents and keys, never beside a visit."""
    return _id(file, "person", f"{kind}\x00{number}")


def main_account(ctx: SlotsContext, file: KeyFile, account: str) -> str:
    """The account that stands for a person: that of another document, where the authority joined the two."""
    passed: list[str] = []
    while account not in passed and len(passed) < JOINS:
        passed.append(account)
        mark = mark_of(file, "joined", account)
        record = ctx.records.look("joined", mark)
        if record is None:
            return account
        account = open_account(file, record["to"], mark) or account
    # Two desks could once join the same two documents either way: whichever is asked for, one stands for all.
    return min(passed[passed.index(account) :]) if account in passed else account


def accounts_of(ctx: SlotsContext, file: KeyFile, account: str) -> list[str]:
    """Every account of the person for whom `account` stands, itself first."""
    whole = mark_of(file, "accounts", account)
    record = ctx.records.look("joined-whole", whole)
    found = json.loads(open_account(file, record["accounts"], whole) or "[]") if record is not None else []
    return [account, *(one for one in found if one != account)]


def visit_id(file: KeyFile, account: str, date: str) -> str:
    """A person on one date: what bookings, queues and draws know."""
    return _id(file, "visit", f"{account}\x00{date}")


def conduct_id(file: KeyFile, account: str) -> str:
    """Where a person's no-shows are noted, apart from visits and account."""
    return _id(file, "conduct", account)


def acting_id(file: KeyFile, account: str, date: str) -> str:
    """Where it is counted what a person does for others on one date: an id that is nobody's visit."""
    return _id(file, "acting", f"{account}\x00{date}")


def family_place(file: KeyFile, guardian: str) -> str:
    """Under which mark a person's list of those for whom they may act is kept."""
    return mark_of(file, "family", guardian)


def family_of(ctx: SlotsContext, file: KeyFile, guardian: str) -> list[Record]:
    """For whom an account may act or could: `who`, kind, from, until, ended (0 for not), by and how of each."""
    mark = family_place(file, guardian)
    record = ctx.records.look("family", mark)
    found: list[Record] = json.loads(open_account(file, record["sealed"], mark) or "[]") if record is not None else []
    return found


def acts_for(ctx: SlotsContext, file: KeyFile, guardian: str, patient: str) -> str:
    """The kind of the link by which a person may act for another now, "" for none; whatever documents they showed."""
    patients = accounts_of(ctx, file, patient)
    for one in (one for account in accounts_of(ctx, file, guardian) for one in family_of(ctx, file, account)):
        if one["who"] in patients and not one["ended"] and not ctx.passed(one["until"]):
            return str(one["kind"])
    return ""


def mark_of(file: KeyFile, purpose: str, appointment: str) -> str:
    """What stands for an appointment where it must not be named; the same each time, so that nothing counts twice."""
    return hmac.digest(derived(file, purpose), appointment.encode(), "sha256").hex()[:32]


def open_account(file: KeyFile, sealed: str, visit: str) -> str:
    """Return the account that a ticket of the authority sealed; "" for anything else."""
    try:
        return AESSIV(_cipher_key(file)).decrypt(unb64(sealed), [visit.encode()]).decode()
    except (InvalidTag, ValueError, binascii.Error):
        return ""


def seal_text(file: KeyFile, text: str, place: str) -> str:
    """Seal a text of the authority's for one place on the ledger; `open_account` opens it there and nowhere else."""
    return b64(AESSIV(_cipher_key(file)).encrypt(text.encode(), [place.encode()]))


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Undo `b64`; ValueError for what it never makes."""
    raw = text.encode("ascii")
    decoded = base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != raw:
        raise ValueError("not canonical base64url")
    return decoded


def _id(file: KeyFile, purpose: str, text: str) -> str:
    made = hmac.digest(derived(file, purpose), text.encode(), "sha256")
    return "R" + base64.b32encode(made)[:26].decode()


def _cipher_key(file: KeyFile) -> bytes:
    return hashlib.sha512(derived(file, "account")).digest()


def derived(file: KeyFile, purpose: str) -> bytes:
    """A key of its own for each purpose, 32 bytes."""
    return hmac.digest(file.key, f"citychain/slots/{purpose}/1".encode(), "sha256")
