"""The owners' identity documents: ciphertext in the office's private collection, read by role with a trace.

Handing them in writes nothing public, so that the office's own peers alone endorse it and see the transient field; the
public acts afterwards read the hash and refuse without it. A registrar's look is two calls: the trace is submitted, the
answer evaluated, for what a submitted call answers stands in its block for ever.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from chaincode.copyright import numbers
from chaincode.copyright.policy import Policy
from chaincode.copyright.records import REGISTRATION, WORK, CopyrightContext, Record, dump, refuse
from chaincode.copyright.works import require_owner
from chaincode.kit.fields import Fields, invalid
from fabric_sdk.chaincode import query, transaction

OWNER_DOCUMENTS = "ownerDocuments"
"""The private collection of identity documents; only the office's organisation holds it."""
LOOK_MINUTES = 15
"""How long after its trace a look may be taken."""
_LOOK = "documents-look"
_DOCUMENTS = "documents:"
_DECIDED = ("CERTIFIED", "PUBLISHED", "CANCELLED", "REFUSED", "WITHDRAWN", "LAPSED")


def _read_documents(policy: Policy, work: Record, value: object) -> Record:
    """Check identity documents: one entry an owner, number checked by its kind's rule, a salt of 16 bytes or more."""
    form = Fields(value)
    salt = form.text("salt", 128)
    if len(salt) < 32 or any(letter not in "0123456789abcdef" for letter in salt):
        invalid("salt", "must be at least 32 hexadecimal digits")
    entries = []
    for one in form.objects("owners", policy.limit("owners"), required=True):
        kind = one.code("kind", policy.codes("owner_kinds"))
        entry = {
            "party": one.party("party"),
            "name": one.text("name", 200),
            "kind": kind,
            "document_type": one.code("document_type", policy.entry("owner_kinds", kind)["documents"]),
            "document_number": one.text("document_number", 64).upper(),
            "contact": one.text("contact", 200, required=False),
        }
        one.done()
        number = entry["document_number"]
        if entry["document_type"] == "resident_id" and not numbers.resident_id(number):
            invalid("document_number", "is no valid resident identity number")
        if entry["document_type"] == "uscc" and not numbers.social_credit_code(number):
            invalid("document_number", "is no valid unified social credit code")
        entries.append(entry)
    form.done()
    shown = [(entry["document_type"], entry["document_number"]) for entry in entries]
    if len(set(shown)) < len(shown):
        invalid("document_number", "is given for two owners")
    if sorted(entry["party"] for entry in entries) != sorted(owner["party"] for owner in work["owners"]):
        invalid("owners", "must be exactly the work's owners")
    return {"salt": salt, "owners": entries}


def documents_key(work_id: str, owners: list[Record]) -> str:
    """Where the documents of a work's owners lie: papers of former owners do not stand for the present ones."""
    return f"{_DOCUMENTS}{clear_key(work_id, owners)}"


def clear_key(work_id: str, owners: list[Record]) -> str:
    """Where they lay in clear, before there were key files."""
    parties = "\n".join(sorted(owner["party"] for owner in owners))
    return f"{work_id}-{hashlib.sha256(parties.encode()).hexdigest()[:16]}"


def documents_digest(ctx: CopyrightContext, work: Record) -> bytes:
    """The hash of what the office keeps for a work's present owners, b"" if nothing; any peer can tell."""
    secrets = ctx.secrets(OWNER_DOCUMENTS)
    found = secrets.digest(documents_key(work["id"], work["owners"]))
    return found or secrets.digest(clear_key(work["id"], work["owners"]))


class OwnerDocuments:
    """Handing in, looking, sealing what lay in clear, erasing."""

    _clock: Callable[[], datetime]

    @transaction
    def PutOwnerDocuments(self, ctx: CopyrightContext, work_id: str) -> str:
        """Hand the owners' identity documents to the office: transient `documents`, sealed in the private collection.

        Writes nothing public, so only the office's organisation needs to endorse. Returns the SHA-256 of the sealed
        value, which every organisation's peers know. While the office has the application, the documents stay as they
        were handed in.
        """
        work = ctx.read(WORK, work_id)
        require_owner(ctx, work)
        if work["registration"] and (state := ctx.read(REGISTRATION, work["registration"])["state"]) != "CORRECTION":
            raise refuse("WRONG_STATE", f"registration {work['registration']} is {state}; its documents are fixed")
        given = ctx.stub.get_transient().get("documents")
        if not given or len(given) > 64 << 10:
            raise refuse("DOCUMENTS_MISSING", "transient field documents is missing or larger than 64 KiB", 400)
        try:
            value = json.loads(given)
        except (ValueError, RecursionError):
            invalid("documents", "is not JSON")
        stored = dump(_read_documents(ctx.policy, work, value))
        return ctx.secrets(OWNER_DOCUMENTS).put(documents_key(work_id, work["owners"]), stored).hex()

    @transaction
    def LookAtOwnerDocuments(self, ctx: CopyrightContext, work_id: str) -> Record:
        """Leave the trace of a registrar's look; for a quarter of an hour `ReadOwnerDocuments` then answers."""
        ctx.require_registrar()
        work = ctx.read(WORK, work_id)
        if not documents_digest(ctx, {**work, "owners": _owners(ctx, work)}):
            raise refuse("NOT_FOUND", "no owner documents were handed in", 404)
        look: Record = {"work_id": work_id, "by": ctx.party, "at": ctx.now, "tx_id": ctx.stub.tx_id}
        ctx.stub.put_state(ctx.stub.create_composite_key(_LOOK, [work_id, ctx.party]), dump(look))
        return look

    @query
    def ListLooks(self, ctx: CopyrightContext, work_id: str) -> list[Record]:
        """Who looked at a work's documents last and when, one entry a person; to owners and registrars."""
        if not ctx.is_registrar():
            require_owner(ctx, ctx.read(WORK, work_id))
        with ctx.stub.get_state_by_partial_composite_key(_LOOK, [work_id]) as found:
            return [json.loads(item.value) for item in found]

    @query
    def ReadOwnerDocuments(self, ctx: CopyrightContext, work_id: str) -> dict[str, Any]:
        """The owners' identity documents: all for registrars who left a trace, to an owner their own and no salt.

        Those of the application in hand, else those of the present owners. To be evaluated at the office's peers.
        """
        work = ctx.read(WORK, work_id)
        owners = _owners(ctx, work)
        registrar = ctx.is_registrar()
        if not registrar and ctx.party not in [owner["party"] for owner in owners]:
            require_owner(ctx, work)
        if registrar:
            ctx.check_clock(self._clock())  # else one trace would open them for ever to whoever dates the call back
            _require_trace(ctx, work_id)
        secrets = ctx.secrets(OWNER_DOCUMENTS)
        found = secrets.get(documents_key(work_id, owners)) or secrets.get(clear_key(work_id, owners))
        if not found:
            raise refuse("NOT_FOUND", "no owner documents were handed in", 404)
        documents: dict[str, Any] = json.loads(found)
        if registrar:
            return documents
        return {"owners": [one for one in documents["owners"] if one["party"] == ctx.party]}

    @query
    def ListSameDocuments(self, ctx: CopyrightContext, work_id: str) -> list[Record]:
        """Where a document number of this work was handed in under another name: `{"name", "party", "works": [id, …],
        "of": this work's owner}`; for registrars who left a trace, at the office's peers.

        Nothing else of other people's documents is told, and nothing at all where the names agree.
        """
        documents = self.ReadOwnerDocuments(ctx, work_id)
        if not ctx.is_registrar():
            raise refuse("FORBIDDEN", "this needs a registrar of the office", 403)
        mine = {(one["document_type"], one["document_number"]): one for one in documents["owners"]}
        found: dict[tuple[str, str, str], Record] = {}
        for name, value in ctx.secrets(OWNER_DOCUMENTS).under(_DOCUMENTS):
            other_work = name.removeprefix(_DOCUMENTS).rpartition("-")[0]
            for other in json.loads(value)["owners"] if value and other_work != work_id else ():
                own = mine.get((other["document_type"], other["document_number"]))
                if own is not None and _plain(own["name"]) != _plain(other["name"]):
                    key = (own["party"], other["party"], other["name"])
                    told = {"name": other["name"], "party": other["party"], "of": own["party"], "works": []}
                    found.setdefault(key, told)["works"].append(other_work)
        return [found[key] for key in sorted(found)]

    @transaction
    def SealOwnerDocuments(self, ctx: CopyrightContext, work_id: str) -> bool:
        """Write documents that lie in clear anew as ciphertext; says whether there were any. Registrars.

        What was handed in again since, and sealed, stays what it is: older papers do not take its place.
        """
        ctx.require_registrar()
        work = ctx.read(WORK, work_id)
        owners, secrets = _owners(ctx, work), ctx.secrets(OWNER_DOCUMENTS)
        sealed, clear = documents_key(work_id, owners), clear_key(work_id, owners)
        if not secrets.is_clear(clear):
            return False
        secrets.put(sealed, secrets.get(sealed) or secrets.get(clear))
        return True

    @transaction
    def PurgeClearDocuments(self, ctx: CopyrightContext, work_id: str) -> None:
        """Erase the clear form of documents that have been sealed, and its history. Registrars."""
        ctx.require_registrar()
        work = ctx.read(WORK, work_id)
        owners, secrets = _owners(ctx, work), ctx.secrets(OWNER_DOCUMENTS)
        if not secrets.digest(documents_key(work_id, owners)):
            raise refuse("NOT_SEALED", "seal the documents first", 412)
        secrets.purge(clear_key(work_id, owners))

    @transaction
    def PurgeOwnerDocuments(self, ctx: CopyrightContext, work_id: str) -> None:
        """Erase a work's documents and their history from every peer (PIPL article 47). Registrars, no case open."""
        ctx.require_registrar()
        work = ctx.read(WORK, work_id)
        if work["registration"] and ctx.read(REGISTRATION, work["registration"])["state"] not in _DECIDED:
            raise refuse("WRONG_STATE", "the application is not decided yet")
        ctx.secrets(OWNER_DOCUMENTS).purge(documents_key(work_id, _owners(ctx, work)))


def _owners(ctx: CopyrightContext, work: Record) -> list[Record]:
    """Whose documents count: the application's in hand, else the present owners."""
    owners: list[Record] = work["owners"]
    return list(ctx.read(REGISTRATION, work["registration"])["owners"]) if work["registration"] else owners


def _plain(name: str) -> str:
    """A name without what differs between two ways to write it."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split()).replace("·", "")


def _require_trace(ctx: CopyrightContext, work_id: str) -> None:
    found = ctx.stub.get_state(ctx.stub.create_composite_key(_LOOK, [work_id, ctx.party]))
    until = datetime.fromisoformat(json.loads(found)["at"]) + timedelta(minutes=LOOK_MINUTES) if found else None
    if until is None or ctx.stub.tx_timestamp > until:
        raise refuse("TRACE_MISSING", "leave the trace of this look first (LookAtOwnerDocuments)", 412)
