"""Papers that stay secret: handed in as ciphertext, known to the public by a commitment, read by role with a trace.

Two transactions make a record with a paper. `PutPaper` is endorsed by the keeping organisation's peers alone: it checks
the paper in clear, seals it (`fabric_sdk.chaincode.sealing`) and answers its reference, `{"commitment", "tags"}`: the
SHA-256 of the paper with its salt, and marks of those values that no two papers may share. The public act names the
reference; the name of the private value is made of the reference and of what the form says in public, so every
organisation's peers can tell that exactly this was checked, and none of them learns more. Tags are marks under the
contract servers' key files: they cannot be guessed from outside, as hashes of numbers could.

A look is two calls: `LookAtPaper` leaves the trace, `ReadPaper` answers for a quarter of an hour.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chaincode.kit.fields import Fields, folded, invalid
from chaincode.kit.reading import read_field
from chaincode.kit.records import KitContext, dump, refuse
from fabric_sdk.chaincode import query, transaction, values
from fabric_sdk.kinds import Record, Sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fabric_sdk.kinds import Kind

PAPERS = "papers"
"""The private collection; one organisation keeps it."""
LOOK_MINUTES = 15
"""How long after its trace a look may be taken."""
MOST_BYTES = 64 << 10
_LOOK = "paper-look"
_SALT = re.compile(r"[0-9a-f]{32,64}\Z")


def require_paper(ctx: KitContext, field: Sealed, given: Record) -> None:
    """Refuse a reference that was not made for these values: PAPER_MISSING."""
    reference = given[field.name]
    if reference and not ctx.secrets(PAPERS).digest(_name(field, reference, given)):
        raise refuse("PAPER_MISSING", f"{field.name}: no such paper was handed in for these values", 412)


def _name(field: Sealed, reference: Record, given: Record) -> str:
    """Where a paper lies: a name that says nothing, made of all that is public about it."""
    shown = {name: given.get(name) for name in field.shown}
    return f"paper:{hashlib.sha256(dump([field.name, reference, shown])).hexdigest()}"


def claim(ctx: KitContext, kind: type[Kind], record: Record, record_id: str) -> None:
    """Take the tags of a new record's papers: TAKEN if another record has one of them."""
    for tag in _tags(kind, record):
        if taken := ctx.indexed_value("paper-tag", tag):
            raise refuse("TAKEN", f"the same paper stands behind {taken}")
        ctx.index("paper-tag", tag, value=record_id)


def release(ctx: KitContext, kind: type[Kind], record: Record) -> None:
    """Give the tags of a record back, so that its papers can stand behind another one."""
    for tag in _tags(kind, record):
        ctx.unindex("paper-tag", tag)


def _tags(kind: type[Kind], record: Record) -> list[str]:
    sealed = [one for one in kind.fields.values() if isinstance(one, Sealed)]
    return [tag for one in sealed for tag in (record.get(one.name) or {}).get("tags", ())]


class Papers:
    """The part of a contract whose kinds have sealed fields."""

    all_kinds: Mapping[str, type[Kind]]
    _clock: Callable[[], datetime]

    def check_paper(self, ctx: KitContext, field: Sealed, paper: Record, shown: Record) -> None:
        """Refuse, or bring into one form, what is in a paper, which is handed in for the values in `shown`."""

    @transaction
    def PutPaper(self, ctx: KitContext, kind: str, field: str, shown: dict[str, Any]) -> dict[str, Any]:
        """Keep the transient field `paper` (its fields and a `salt` of 32 hexadecimal digits or more), sealed.

        Writes nothing public, so that the keeping organisation alone endorses. For holders of a role.
        """
        if not ctx.who.roles:
            raise refuse("FORBIDDEN", "this needs a role of this application", 403)
        one = self._sealed(kind, field)
        given = ctx.stub.get_transient().get("paper", b"")
        if not 0 < len(given) <= MOST_BYTES:
            raise refuse("PAPER_MISSING", "the transient field paper is missing or larger than 64 KiB", 412)
        try:
            form = Fields(values.parse_json(given.decode()))
        except ValueError:
            invalid(field, "is not JSON")
        paper: Record = {name: read_field(ctx, form, inner) for name, inner in one.fields.items()}
        paper["salt"] = form.text("salt", 64)
        form.done()
        if not _SALT.match(paper["salt"]):
            invalid("salt", "must be 32 to 64 hexadecimal digits")
        public = Fields(shown, "shown")
        shown = {name: read_field(ctx, public, self.all_kinds[kind].fields[name]) for name in one.shown}
        public.done()
        self.check_paper(ctx, one, paper, shown)
        value, secrets = dump(paper), ctx.secrets(PAPERS)
        marked = [[kind, name, folded(of) if isinstance(of := paper[name], str) else of] for name in one.tags]
        tags = [tag for known in marked for tag in secrets.tags(dump(known))]
        reference: Record = {"commitment": hashlib.sha256(value).hexdigest(), "tags": sorted(tags)}
        secrets.put(_name(one, reference, shown), value)
        return reference

    @transaction
    def LookAtPaper(self, ctx: KitContext, record_id: str, field: str) -> dict[str, Any]:
        """Leave the trace of a look at a record's paper; `ReadPaper` then answers for a quarter of an hour."""
        self._readable(ctx, record_id, field)
        look: Record = {"record_id": record_id, "field": field, "by": ctx.party, "at": ctx.now, "tx_id": ctx.stub.tx_id}
        ctx.stub.put_state(ctx.stub.create_composite_key(_LOOK, [record_id, field, ctx.party]), dump(look))
        return look

    @query
    def ReadPaper(self, ctx: KitContext, record_id: str, field: str) -> dict[str, Any]:
        """A record's paper in clear, with its salt. To be evaluated at the keeper's peers, after `LookAtPaper`."""
        ctx.check_clock(self._clock())  # else one trace would open the paper for ever to whoever dates the call back
        one, record = self._readable(ctx, record_id, field)
        found = ctx.stub.get_state(ctx.stub.create_composite_key(_LOOK, [record_id, field, ctx.party]))
        at = datetime.fromisoformat(json.loads(found)["at"]) if found else None
        if at is None or ctx.stub.tx_timestamp > at + timedelta(minutes=LOOK_MINUTES):
            raise refuse("TRACE_MISSING", "leave the trace of this look first (LookAtPaper)", 412)
        paper: Record = json.loads(ctx.secrets(PAPERS).get(_name(one, record[field], record)) or b"{}")
        if not paper:
            raise refuse("NOT_FOUND", "the paper is not kept here", 404)
        return paper

    @query
    def ListLooks(self, ctx: KitContext, record_id: str) -> list[dict[str, Any]]:
        """Who looked at a record's papers last and when, one entry a paper and person; open to all."""
        with ctx.stub.get_state_by_partial_composite_key(_LOOK, [record_id]) as found:
            return [json.loads(item.value) for item in found]

    def _readable(self, ctx: KitContext, record_id: str, field: str) -> tuple[Sealed, Record]:
        kind = ctx.kind_of(record_id)
        one, record = self._sealed(kind, field), ctx.read(kind, record_id)
        if not record.get(field):
            raise refuse("NOT_FOUND", "the record has no such paper", 404)
        if not one.readers.fits(record, ctx.who):
            raise refuse(one.readers.code, one.readers.text, 403)
        return one, record

    def _sealed(self, kind: str, field: str) -> Sealed:
        found = self.all_kinds[kind].fields.get(field) if kind in self.all_kinds else None
        if not isinstance(found, Sealed):
            invalid("field", "is no sealed field of this kind")
        return found
