"""What an answer contains: its dataclass is what is sent and what the OpenAPI document describes."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any, ClassVar, NewType, TypeVar, get_args, get_origin

from baas.errors import Lang, Text

Moment = NewType("Moment", float)
"""Seconds since the epoch, sent as a date and time of UTC (RFC 3339)."""
Scalar = NewType("Scalar", object)
"""A string, a number, true or false."""
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Page(typing.Generic[T]):
    """Some of many: `next` is the address of those that come after, None after the last."""

    ABOUT: ClassVar[Text] = Text(
        "一页；next 是下一页的地址，最后一页为 null。",
        "A page; next is the following one's address, null after the last.",
    )
    items: tuple[T, ...]
    next: str | None


def about(zh: str, en: str) -> Mapping[str, Text]:
    """The metadata of an answer's field: its description."""
    return {"about": Text(zh, en)}


def schema_of(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    """The schema of a type; those of dataclasses go into `found` by name and are referred to."""
    origin, arguments = get_origin(kind), get_args(kind)
    if simple := _SIMPLE.get(kind):
        made = dict(simple)
    elif origin in (typing.Union, types.UnionType):
        made = _or_nothing(schema_of(_something(arguments), found))
    elif origin is tuple:
        made = {"type": "array", "items": schema_of(arguments[0], found)}
    elif origin in (dict, Mapping):
        made = {"type": "object", "additionalProperties": schema_of(arguments[1], found)}
    else:
        made = _of_record(kind, found)
    return made


def _something(arguments: tuple[Any, ...]) -> Any:
    """Of `X | None` the X."""
    (found,) = (one for one in arguments if one is not type(None))
    return found


def _or_nothing(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema | {"type": [schema["type"], "null"]}


def _of_record(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    origin = get_origin(kind) or kind
    inside = get_args(kind)
    name = origin.__name__ + "".join(one.__name__ for one in inside)
    if name not in found:
        found[name] = {}
        hints = _hints(origin)
        properties = {}
        for one in dataclasses.fields(origin):
            hint = hints[one.name]
            if inside and one.name == "items":
                hint = types.GenericAlias(tuple, (inside[0], ...))
            made = schema_of(hint, found)
            said = one.metadata.get("about")
            properties[one.name] = made | ({"description": said} if said else {})
        found[name] = {
            "type": "object",
            "description": origin.ABOUT,
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    return {"$ref": f"#/components/schemas/{name}"}


_SIMPLE: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    Text: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    Scalar: {"type": ["string", "number", "boolean"]},
    Moment: {"type": "string", "format": "date-time"},
}


def wire(value: Any, kind: Any, lang: Lang) -> Any:
    """An answer as JSON has it, its sentences in the reader's language."""
    origin, arguments = get_origin(kind), get_args(kind)
    found = value
    if origin in (typing.Union, types.UnionType):
        found = None if value is None else wire(value, _something(arguments), lang)
    elif kind is Moment:
        at = dt.datetime.fromtimestamp(value, dt.UTC)
        found = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    elif isinstance(value, Text):
        found = value.render(lang)
    elif isinstance(value, bytes):
        found = base64.b64encode(value).decode()
    elif origin is tuple:
        found = [wire(one, arguments[0], lang) for one in value]
    elif origin in (dict, Mapping):
        found = {str(name): wire(one, arguments[1], lang) for name, one in value.items()}
    elif dataclasses.is_dataclass(value):
        made: Any = type(value)
        hints = _hints(made)
        if isinstance(value, Page):
            hints = hints | {"items": types.GenericAlias(tuple, (arguments[0], ...))}
        found = {one.name: wire(getattr(value, one.name), hints[one.name], lang) for one in dataclasses.fields(value)}
    return found


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
