"""Reading what was sent, by the type of its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from chaincode.kit.fields import Fields, invalid
from chaincode.kit.records import KitContext
from fabric_sdk import kinds
from fabric_sdk.kinds import Field, Kind, KindError, Record

MOST_TAGS, MOST_DEEP = 200, 24
_TAG = re.compile(r"[0-9a-f]{32}\Z")
Read = Callable[[KitContext, Fields, Any], Any]


def read_field(ctx: KitContext, form: Fields, field: Field[Any]) -> Any:
    """The value of one field; left out it is its default. ChaincodeError `INVALID_FIELD: field: why`."""
    if not field.required and form.raw(field.name) in (None, ""):
        return field.default
    return _READERS[type(field)](ctx, form, field)


def check_readable(kinds: Iterable[type[Kind]]) -> None:
    """Refuse kinds that ask for a field of a type which nobody can read: `KindError` naming it."""
    for kind in kinds:
        for act in kind.acts.values():
            for one in act.asks:
                for inner in (one, *getattr(one, "fields", {}).values()):
                    if type(inner) not in _READERS:
                        place = f"{kind.__module__}.{kind.__qualname__}: the act {act.name}"
                        of = type(inner).__name__
                        raise KindError(f"{place} asks for {one.name}, a field of the unknown type {of}")


def annotation_of(field: Field[Any]) -> Any:
    """The Python type of the field as an argument of its own on the wire."""
    for of, wire in _WIRE.items():
        if isinstance(field, of):
            return wire if field.required or wire is str else wire | None
    return str


def _codes(ctx: KitContext, field: kinds.Code) -> Any:
    return ctx.codes(field.table) if field.table else field.codes


def _day(ctx: KitContext, form: Fields, field: kinds.Day) -> str:
    return form.day(field.name, latest=date.fromisoformat(ctx.today) if field.past else None)


def _id(ctx: KitContext, form: Fields, field: kinds.Id) -> str:
    record_id = form.text(field.name, 64)
    return str(ctx.read(field.kind, record_id)["id"])


def _items(ctx: KitContext, form: Fields, field: kinds.Items) -> list[Any]:
    found = []
    for one in form.objects(field.name, ctx.limit(field.most), required=field.required):
        found.append({name: read_field(ctx, one, inner) for name, inner in field.fields.items()})
        one.done()
    return found


def _data(ctx: KitContext, form: Fields, field: kinds.Data) -> Any:
    value = form.raw(field.name)
    if value is None:
        invalid(field.name, "is missing")
    if _deep(value) > MOST_DEEP:
        invalid(field.name, f"is nested deeper than {MOST_DEEP} levels")
    return value


def _deep(value: Any) -> int:
    """How deep lists and objects lie in each other; whoever reads a record later must not fail of it."""
    level, edge = 0, [value]
    while level <= MOST_DEEP and (edge := [one for one in edge if isinstance(one, dict | list)]):
        level += 1
        edge = [inner for one in edge for inner in (one.values() if isinstance(one, dict) else one)]
    return level


def _sealed(ctx: KitContext, form: Fields, field: kinds.Sealed) -> Record:
    """The reference of a paper: its commitment and the tags under which no other has been taken."""
    reference = form.object(field.name)
    tags = reference.raw("tags")
    if not isinstance(tags, list) or len(tags) > MOST_TAGS or not all(_TAG.match(str(one)) for one in tags):
        invalid(f"{field.name}.tags", f"must be a list of 0 to {MOST_TAGS} tags")
    found = {"commitment": reference.sha256("commitment"), "tags": tags}
    reference.done()
    return found


_READERS: Mapping[type, Read] = {
    kinds.Text: lambda ctx, form, f: form.text(f.name, ctx.limit(f.limit), required=f.required),
    kinds.Reason: lambda ctx, form, f: form.text(f.name, ctx.limit(f.limit), required=f.required),
    kinds.Reasons: lambda ctx, form, f: form.reasons(f.name, ctx.limit(f.limit)),
    kinds.Code: lambda ctx, form, f: form.code(f.name, _codes(ctx, f)),
    kinds.Codes: lambda ctx, form, f: form.codes(f.name, _codes(ctx, f)),
    kinds.Whole: lambda ctx, form, f: form.integer(f.name, f.low, f.high),
    kinds.Fen: lambda ctx, form, f: form.integer(f.name, f.low, f.high),
    kinds.Share: lambda ctx, form, f: form.integer(f.name, f.low, f.high),
    kinds.Flag: lambda ctx, form, f: form.boolean(f.name),
    kinds.Day: _day,
    kinds.Sha256: lambda ctx, form, f: form.sha256(f.name),
    kinds.Cid: lambda ctx, form, f: form.cid(f.name),
    kinds.Party: lambda ctx, form, f: form.party(f.name),
    kinds.Territory: lambda ctx, form, f: form.territory(f.name),
    kinds.Id: _id,
    kinds.Items: _items,
    kinds.Data: _data,
    kinds.Sealed: _sealed,
}
_WIRE: Mapping[type, Any] = {
    kinds.Whole: int,
    kinds.Flag: bool,
    kinds.Reasons: list[str],
    kinds.Codes: list[str],
    kinds.Items: list[dict[str, Any]],
    kinds.Data: dict[str, Any],
    kinds.Sealed: dict[str, Any],
}
