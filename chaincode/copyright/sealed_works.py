"""Sealed works at examination: the work's key lies in the office's private collection while it has the application.

Nobody can examine ciphertext. With an application the owner hands the key in, checked against the commitment that
stands on the ledger; registrars read it by role, with a trace each time, and a case is approved only after such a
look. After the decision the key is erased from every peer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from chaincode.copyright.documents import LOOK_MINUTES, OWNER_DOCUMENTS
from chaincode.copyright.records import REGISTRATION, WORK, CopyrightContext, Record, dump, refuse
from chaincode.copyright.works import require_owner
from chaincode.kit.fields import Fields, invalid
from fabric_sdk.chaincode import query, transaction

_LOOK = "key-look"
AT_THE_OFFICE = ("SUBMITTED", "VERIFYING", "CORRECTION", "ACCEPTED", "EXAMINING", "EXAMINED")


def key_commitment(key: bytes, sha256: bytes) -> str:
    """What the ledger shows of a sealed work: SHA-256 over a salt made of its key, and its plaintext's hash."""
    salt = hashlib.sha256(b"citychain commitment" + key).digest()
    return hashlib.sha256(salt + sha256).hexdigest()


def require_key(ctx: CopyrightContext, work: Record) -> None:
    """Refuse an application for a sealed work whose key the office does not have."""
    if work["content"]["encrypted"] and not ctx.secrets(OWNER_DOCUMENTS).digest(_name(work["id"])):
        raise refuse("KEY_MISSING", "hand in the sealed work's key first: it is opened at examination", 412)


def require_opened(ctx: CopyrightContext, work: Record, case_id: str) -> None:
    """Refuse to approve a sealed work for which nobody has taken the key in this case."""
    if not work["content"]["encrypted"]:
        return
    with ctx.stub.get_state_by_partial_composite_key(_LOOK, [work["id"]]) as found:
        if any(json.loads(item.value)["case"] == case_id for item in found):
            return
    raise refuse("NOT_OPENED", "open the sealed work before you approve it", 412)


class SealedWorks:
    """Keys of sealed works, while the office examines them."""

    _clock: Callable[[], datetime]

    @transaction
    def PutExaminationKey(self, ctx: CopyrightContext, work_id: str) -> str:
        """Hand a sealed work's key to the office: transient `key`, `{"key": hex, "sha256": plaintext's, hex}`.

        Writes nothing public, so the office's peers alone endorse it and see the key. Refused unless both make the
        work's commitment. Returns the SHA-256 of the sealed value.
        """
        work = ctx.read(WORK, work_id)
        require_owner(ctx, work)
        if not work["content"]["encrypted"]:
            raise refuse("NOT_ENCRYPTED", "the work is not encrypted")
        given = ctx.stub.get_transient().get("key") or b""
        try:
            form = Fields(json.loads(given) if len(given) <= 1024 else None, "key")
        except (ValueError, RecursionError):
            invalid("key", "is not JSON")
        key, digest = (form.sha256(name) for name in ("key", "sha256"))
        form.done()
        if key_commitment(bytes.fromhex(key), bytes.fromhex(digest)) != work["content"]["commitment"]:
            raise refuse("KEY_WRONG", "this is not the work's key", 400)
        return ctx.secrets(OWNER_DOCUMENTS).put(_name(work_id), dump({"key": key, "sha256": digest})).hex()

    @transaction
    def LookAtSealedWork(self, ctx: CopyrightContext, work_id: str) -> Record:
        """Leave the trace of a registrar's look; for a quarter of an hour `ReadExaminationKey` then answers."""
        work, case = _in_hand(ctx, work_id)
        if not ctx.secrets(OWNER_DOCUMENTS).digest(_name(work_id)):
            raise refuse("NOT_FOUND", "no key of this work was handed in", 404)
        look: Record = {"work_id": work_id, "case": case, "by": ctx.party, "at": ctx.now, "tx_id": ctx.stub.tx_id}
        ctx.stub.put_state(ctx.stub.create_composite_key(_LOOK, [work["id"], ctx.party]), dump(look))
        return look

    @query
    def ListKeyLooks(self, ctx: CopyrightContext, work_id: str) -> list[Record]:
        """Who took a sealed work's key last and when, one entry a person; to owners and registrars."""
        if not ctx.is_registrar():
            require_owner(ctx, ctx.read(WORK, work_id))
        with ctx.stub.get_state_by_partial_composite_key(_LOOK, [work_id]) as found:
            return [json.loads(item.value) for item in found]

    @query
    def ReadExaminationKey(self, ctx: CopyrightContext, work_id: str) -> dict[str, Any]:
        """A sealed work's key and its plaintext's SHA-256, to a registrar who left a trace.

        To be evaluated at the office's peers.
        """
        ctx.check_clock(self._clock())  # else one trace would open it for ever to whoever dates the call back
        _in_hand(ctx, work_id)
        found = ctx.stub.get_state(ctx.stub.create_composite_key(_LOOK, [work_id, ctx.party]))
        until = datetime.fromisoformat(json.loads(found)["at"]) + timedelta(minutes=LOOK_MINUTES) if found else None
        if until is None or ctx.stub.tx_timestamp > until:
            raise refuse("TRACE_MISSING", "leave the trace of this look first (LookAtSealedWork)", 412)
        key = ctx.secrets(OWNER_DOCUMENTS).get(_name(work_id))
        if not key:
            raise refuse("NOT_FOUND", "no key of this work was handed in", 404)
        answer: dict[str, Any] = json.loads(key)
        return answer

    @transaction
    def PurgeExaminationKey(self, ctx: CopyrightContext, work_id: str) -> None:
        """Erase a work's key and its history from every peer of the office, once the case is decided.

        Registrars, and the work's owners.
        """
        work = ctx.read(WORK, work_id)
        if not ctx.is_registrar():
            require_owner(ctx, work)
        if work["registration"] and ctx.read(REGISTRATION, work["registration"])["state"] in AT_THE_OFFICE:
            raise refuse("WRONG_STATE", "the application is not decided yet")
        ctx.secrets(OWNER_DOCUMENTS).purge(_name(work_id))


def _name(work_id: str) -> str:
    return f"examination-key:{work_id}"


def _in_hand(ctx: CopyrightContext, work_id: str) -> tuple[Record, str]:
    """A work whose application the office has in hand, and that case's id."""
    ctx.require_registrar()
    work = ctx.read(WORK, work_id)
    case = str(work["registration"])
    if not case or ctx.read(REGISTRATION, case)["state"] not in AT_THE_OFFICE:
        raise refuse("WRONG_STATE", "the office has no application of this work in hand")
    return work, case
