"""取号: by a code that the resident's own device signs, or at a staffed desk that looks at the document.

A device's code is `CC2.PAYLOAD.SIGNATURE`, base64url without padding, Ed25519 over `CC2.PAYLOAD`; the payload is
canonical JSON: the key's hash `h`, issued `i`, expires `e` (seconds), nonce `n`. No id of the ledger is in it, so that
whoever photographs it can follow nobody. Which visit it checks in only the authority can say, which knows whose visit
is whose: `RecogniseCode` is evaluated at its peers and answers with a pass for that appointment and member of staff.
The code itself never reaches the ledger, where its signature could be tried against every key; the pass names neither
key nor account.
"""

from __future__ import annotations

import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chaincode.health_slots import terms
from chaincode.health_slots.accounts import authority_file, b64, open_account, unb64
from chaincode.health_slots.appointments import move
from chaincode.health_slots.bills import find_appointment
from chaincode.health_slots.context import SlotsContext
from chaincode.health_slots.day_lists import LOOK as DAY_LOOK
from chaincode.health_slots.health_code import MAX_LIFE_S, burn, redeem
from chaincode.health_slots.identities import LOOK_S, has_identity
from chaincode.health_slots.records import Record, encode
from chaincode.health_slots.refusals import bad, conflict, forbid
from chaincode.health_slots.registry import policy_of
from chaincode.health_slots.slots import view_slot
from chaincode.health_slots.terms import BOOKED, CHECKED_IN
from chaincode.health_slots.tickets import LIFE_S, read_paper, sign_paper
from fabric_sdk.chaincode import query, transaction

CODE, PASS = "CC2", "CP1"
CANDIDATES = 500
"""Appointments among which a code's is looked for: a hospital's day, or a part of it."""


def device_payload(public: bytes, issued: int, expires: int, nonce: str) -> bytes:
    """Return what a resident's device signs: prefix and payload. `public` is its Ed25519 key (32 bytes)."""
    payload = {"h": key_hash(public.hex()), "i": issued, "e": expires, "n": nonce}
    return f"{CODE}.{b64(encode(payload))}".encode()


def device_code(signed: bytes, signature: bytes) -> str:
    """Return the whole code from what was signed and its signature."""
    return f"{signed.decode()}.{b64(signature)}"


def key_hash(public: str) -> str:
    """How a code names its key (given in hex)."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:32]


class CheckInFunctions:
    """What a hospital's window does when somebody comes."""

    @query
    def RecogniseCode(self, ctx: SlotsContext, hospital: str, appointments: list[str]) -> Record:
        """Return which of a hospital's booked appointments the device's code (transient field `code`) is for.

        With a pass, good for ten minutes, which `CheckIn` takes once. To be evaluated at the authority's peers by the
        hospital's staff. Of several the one that begins first. Refused: BAD_CODE, CODE_EXPIRED.
        """
        ctx.require_staff(hospital)
        file = authority_file(ctx)
        if not 0 < len(appointments) <= CANDIDATES:
            bad(f"1 to {CANDIDATES} appointments at a time")
        signed, payload, signature = _parse(ctx.stub.get_transient().get("code", b""))
        _check_times(ctx, payload)
        names = sorted(set(appointments))
        found = [r for r in ctx.records.find_all(*(("appointment", n) for n in names)) if r is not None]
        booked = [r for r in found if r["hospital"] == hospital and r["state"] == BOOKED]
        accounts = [open_account(file, r.get("account", ""), r["resident"]) for r in booked]
        keys = ctx.records.look_all(*(("resident-key", account or "-") for account in accounts))
        mine = [
            record
            for record, key in zip(booked, keys, strict=True)
            if key is not None and key["state"] == "active" and key_hash(key["public"]) == payload["h"]
            if _fits(key["public"], signature, signed)
        ]
        if not mine:
            forbid("the code is of no key whose owner has an appointment here", "BAD_CODE")
        first = min(mine, key=lambda r: (view_slot(ctx, r["slot"], stopped_too=True).begins(), r["id"]))
        paper = {
            "a": first["id"],
            "r": first["resident"],
            "c": hashlib.sha256(signed).hexdigest(),
            "v": ctx.caller.signer,
            "i": ctx.now,
            "e": ctx.now + LIFE_S,
            "k": file.id,
        }
        return {"appointment": first["id"], "pass": sign_paper(file, PASS, paper)}

    @transaction
    def CheckIn(self, ctx: SlotsContext, appointment: str, code: str) -> Record:
        """取号: check a resident in by a pass of the authority, or a code signed by the platform. Each works once."""
        record = _arriving(ctx, appointment)
        if code.startswith(f"{PASS}."):
            _take_pass(ctx, code, record)
        elif code.startswith(f"{CODE}."):
            bad("a device's code is shown to the authority (RecogniseCode), never to the ledger", "BAD_CODE")
        else:
            redeem(ctx, code, appointment, record["resident"])
        return _checked_in(ctx, record, "code")

    @transaction
    def CheckInAtDesk(self, ctx: SlotsContext, appointment: str) -> Record:
        """取号 without a code, at a desk whose staff looked the person up and compared the document.

        Refused without a fresh trace of that look, at the person or the day's list, by who signs (TRACE_MISSING).
        """
        record = _arriving(ctx, appointment)
        hospital, signer = record["hospital"], ctx.caller.signer
        date = view_slot(ctx, record["slot"]).session["date"]
        looks = ctx.records.look_all(
            ("identity-look", hospital, record["resident"], signer), (DAY_LOOK, hospital, date, signer)
        )
        if not any(look is not None and not ctx.passed(look["at"] + LOOK_S) for look in looks):
            conflict("TRACE_MISSING", "look the person up first (LookAtIdentity or LookAtDay)")
        return _checked_in(ctx, record, "desk")


def _arriving(ctx: SlotsContext, appointment: str) -> Record:
    """An appointment whose resident may be checked in now, by the hospital's staff."""
    record = find_appointment(ctx, appointment)
    ctx.require_staff(record["hospital"])
    view = view_slot(ctx, record["slot"])
    policy = policy_of(ctx, *view.session["policy"])
    opens = view.begins() - policy.check_in_before_minutes * 60
    closes = view.ends() + policy.check_in_after_minutes * 60
    if not opens <= ctx.now <= closes:
        conflict("CHECK_IN_CLOSED", f"check-in is possible from {opens} to {closes}")
    if not has_identity(ctx, record["hospital"], record["resident"]):
        conflict("REAL_NAME_NEEDED", "the resident's identity has not been checked at this hospital")
    return record


def _checked_in(ctx: SlotsContext, record: Record, how: str) -> Record:
    move(record, CHECKED_IN)
    record.update(checked_in_at=ctx.now, checked_in_by=[how, ctx.caller.signer])
    ctx.records.put(record, "appointment", record["id"])
    return record


def _take_pass(ctx: SlotsContext, text: str, record: Record) -> None:
    payload = read_paper(ctx, text, PASS, {name: int if name in "ie" else str for name in "arcviek"}, "BAD_CODE")
    if payload["a"] != record["id"] or payload["r"] != record["resident"] or payload["v"] != ctx.caller.signer:
        forbid("the pass is for another appointment or desk", "BAD_CODE")
    if payload["i"] > ctx.now + int(ctx.settings["clock_tolerance_s"]) or payload["e"] - payload["i"] > LIFE_S:
        forbid("the pass's times are not plausible", "BAD_CODE")
    if ctx.passed(payload["e"]):
        conflict("CODE_EXPIRED", "the pass expired; show a fresh code")
    burn(ctx, terms.digest(payload["c"], "a code's hash"), record["id"])


def _parse(data: bytes) -> tuple[bytes, Record, bytes]:
    text = data.decode("ascii", "replace") if len(data) <= 1024 else ""
    parts = text.split(".")
    try:
        payload = json.loads(unb64(parts[1])) if len(parts) == 3 and parts[0] == CODE else None
        signature = unb64(parts[2]) if payload is not None else b""
    except (ValueError, RecursionError):
        payload = None
    wanted = {"h": str, "i": int, "e": int, "n": str}
    if not isinstance(payload, dict) or {name: type(value) for name, value in payload.items()} != wanted:
        bad("this is no code of a resident's device", "BAD_CODE")
    return f"{parts[0]}.{parts[1]}".encode(), payload, signature


def _check_times(ctx: SlotsContext, payload: Record) -> None:
    tolerance = int(ctx.settings["clock_tolerance_s"])
    if not 0 < payload["e"] - payload["i"] <= MAX_LIFE_S or payload["i"] > ctx.now + tolerance:
        forbid("the code's times are not plausible", "BAD_CODE")
    if ctx.passed(payload["e"]):
        conflict("CODE_EXPIRED", "the code expired; show a fresh one")


def _fits(public: str, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True
