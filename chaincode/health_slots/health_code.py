"""电子健康码: a signed, expiring code that checks a resident in once.

A code is `CC1.PAYLOAD.SIGNATURE`, both base64url without padding. The payload is canonical JSON: appointment `a`,
resident `r`, issued `i` and expires `e` (seconds), key `k`, nonce `n`. The signature is Ed25519 (RFC 8032) over
`CC1.PAYLOAD`, checked against a key that the platform put on the ledger.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chaincode.health_slots import terms
from chaincode.health_slots.context import PLATFORM, SlotsContext
from chaincode.health_slots.records import Record, encode
from chaincode.health_slots.refusals import bad, conflict, forbid, missing
from fabric_sdk.chaincode import ChaincodeError, query, transaction

PREFIX = "CC1"
MAX_LIFE_S = 600
"""Longest time between issue and expiry that the contract takes."""


def code_payload(appointment: str, resident: str, issued: int, expires: int, key: str, nonce: str) -> bytes:
    """Return what an issuer signs: prefix and payload."""
    payload = encode({"a": appointment, "e": expires, "i": issued, "k": key, "n": nonce, "r": resident})
    return f"{PREFIX}.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}".encode()


def assemble(signed: bytes, signature: bytes) -> str:
    """Return the whole code from what was signed and its signature."""
    return f"{signed.decode()}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def appointment_of(code: str) -> str:
    """Return which appointment a code names, "" if it is no code; says nothing about whether it is genuine."""
    try:
        return str(_parse(code)[1]["a"])
    except ChaincodeError:
        return ""


def redeem(ctx: SlotsContext, code: str, appointment: str, resident: str) -> None:
    """Check a code and burn it; BAD_CODE, CODE_EXPIRED, CODE_USED or FORBIDDEN otherwise."""
    signed, payload, signature = _parse(code)
    key = ctx.records.find("code-key", payload["k"])
    if key is None or key["state"] != "active":
        forbid("the code's key is not on the ledger or was withdrawn", "BAD_CODE")
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public"])).verify(signature, signed)
    except InvalidSignature:
        forbid("the code's signature is wrong", "BAD_CODE")
    if payload["a"] != appointment or payload["r"] != resident:
        forbid("the code belongs to another appointment", "BAD_CODE")
    tolerance = ctx.settings["clock_tolerance_s"]
    if not 0 < payload["e"] - payload["i"] <= MAX_LIFE_S or payload["i"] > ctx.now + tolerance:
        forbid("the code's times are not plausible", "BAD_CODE")
    if ctx.passed(payload["e"]):
        conflict("CODE_EXPIRED", "the code expired; show a fresh one")
    burn(ctx, hashlib.sha256(signed).hexdigest(), appointment)


def burn(ctx: SlotsContext, digest: str, appointment: str) -> None:
    """Note that a code was used; CODE_USED if it was."""
    if ctx.records.exists("code-used", digest):
        conflict("CODE_USED", "this code was used already")
    ctx.records.put({"appointment": appointment, "at": ctx.now}, "code-used", digest)


class HealthCodeFunctions:
    """The keys that sign codes."""

    @transaction
    def RegisterCodeKey(self, ctx: SlotsContext, key: str, public: str) -> Record:
        """Put an issuer's Ed25519 public key (32 bytes hex) on the ledger. Platform only."""
        ctx.require_role(PLATFORM)
        terms.reference(key, "a key's id")
        terms.digest(public, "an Ed25519 public key")
        if ctx.records.exists("code-key", key):
            conflict("KEY_EXISTS", f"there is a key {key} already")
        record: Record = {"public": public, "state": "active", "signer": ctx.caller.signer, "at": ctx.now}
        ctx.records.put(record, "code-key", key)
        return record

    @transaction
    def WithdrawCodeKey(self, ctx: SlotsContext, key: str) -> Record:
        """Stop taking codes of a key for good. Platform only."""
        ctx.require_role(PLATFORM)
        record = ctx.records.find("code-key", terms.reference(key, "a key's id"))
        if record is None:
            missing(f"there is no key {key}")
        record.update(state="withdrawn", signer=ctx.caller.signer, at=ctx.now)
        ctx.records.put(record, "code-key", key)
        return record

    @query
    def GetCodeKey(self, ctx: SlotsContext, key: str) -> Record:
        """Return an issuer's key."""
        record = ctx.records.find("code-key", terms.reference(key, "a key's id"))
        if record is None:
            missing(f"there is no key {key}")
        return record


def _parse(code: str) -> tuple[bytes, Record, bytes]:
    if len(code) > 1024 or code.count(".") != 2 or not code.startswith(f"{PREFIX}."):
        bad("this is no check-in code", "BAD_CODE")
    signed, _, tail = code.rpartition(".")
    try:
        payload = json.loads(_unpad(signed.split(".")[1]))
        signature = _unpad(tail)
        signed_bytes = signed.encode("ascii")
    except (ValueError, binascii.Error, RecursionError):
        bad("this is no check-in code", "BAD_CODE")
    wanted = {"a": str, "e": int, "i": int, "k": str, "n": str, "r": str}
    if not isinstance(payload, dict) or set(payload) != set(wanted):
        bad("this is no check-in code", "BAD_CODE")
    if not all(type(payload[name]) is kind for name, kind in wanted.items()):
        bad("this is no check-in code", "BAD_CODE")
    terms.reference(payload["k"], "a key's id")
    return signed_bytes, payload, signature


def _unpad(text: str) -> bytes:
    raw = text.encode("ascii")
    decoded = base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != raw:
        raise ValueError("not canonical base64url")
    return decoded
