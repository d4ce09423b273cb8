"""What a request may contain: one description that refuses what does not fit and stands in the OpenAPI document.

A `Schema` is a part of JSON Schema 2020-12: the words that the functions here make, and no others. Sentences in it are
`Text`, which the document renders in the reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from baas.errors import Text

Schema = Mapping[str, Any]
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_REAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?")


@dataclass(frozen=True)
class Fault:
    """What does not fit: where (a JSON pointer into the body, or a parameter's name) and why."""

    at: str
    why: Text


def text(*, least: int = 1, most: int = 200, pattern: str = "", about: Text | None = None) -> Schema:
    """A string of `least` to `most` characters; `pattern` is anchored (`^…$`) and means the whole of it."""
    found: dict[str, Any] = {"type": "string", "minLength": least, "maxLength": most}
    return found | ({"pattern": pattern} if pattern else {}) | _about(about)


def choice(*words: str, about: Text | None = None) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(words)} | _about(about)


def whole(least: int, most: int, default: int | None = None, about: Text | None = None) -> Schema:
    """A whole number."""
    found: dict[str, Any] = {"type": "integer", "minimum": least, "maximum": most}
    return found | ({"default": default} if default is not None else {}) | _about(about)


def real(least: float, most: float, default: float | None = None, about: Text | None = None) -> Schema:
    """A number."""
    found: dict[str, Any] = {"type": "number", "minimum": least, "maximum": most}
    return found | ({"default": default} if default is not None else {}) | _about(about)


def truth(about: Text | None = None) -> Schema:
    """True or false."""
    return {"type": "boolean"} | _about(about)


def listing(items: Schema, most: int, about: Text | None = None) -> Schema:
    """At most so many of something."""
    return {"type": "array", "items": items, "maxItems": most} | _about(about)


def record(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object with these members and no others."""
    found: dict[str, Any] = {"type": "object", "properties": {**required, **(optional or {})}}
    return found | ({"required": list(required)} if required else {}) | {"additionalProperties": False}


def _about(about: Text | None) -> dict[str, Any]:
    return {"description": about} if about else {}


def faults(schema: Schema, value: Any, at: str = "") -> Iterator[Fault]:
    """Everything of a JSON value that does not fit."""
    kind = schema["type"]
    if not _is(kind, value):
        words = _KINDS[kind]
        yield Fault(at, Text("应为{k}", "must be {k}", k=words))
        return
    if kind == "string":
        yield from _of_text(schema, value, at)
    elif kind in ("integer", "number"):
        if not schema["minimum"] <= value <= schema["maximum"]:
            limits = {"a": schema["minimum"], "b": schema["maximum"]}
            yield Fault(at, Text("应在 {a} 到 {b} 之间", "must be from {a} to {b}", **limits))
    elif kind == "array":
        yield from _of_list(schema, value, at)
    elif kind == "object":
        yield from _of_record(schema, value, at)


def read_word(schema: Schema, word: str) -> Any:
    """What a parameter's word means by its schema; the word itself where it means nothing of that kind."""
    kind = schema["type"]
    if kind == "integer" and _WHOLE.fullmatch(word):
        return int(word)
    if kind == "number" and _REAL.fullmatch(word):
        return float(word)
    if kind == "boolean" and word in ("true", "false"):
        return word == "true"
    return word


_KINDS: Mapping[str, Text] = {
    "string": Text("字符串", "a string"),
    "integer": Text("整数", "a whole number"),
    "number": Text("数字", "a number"),
    "boolean": Text("true 或 false", "true or false"),
    "array": Text("数组", "a list"),
    "object": Text("对象", "an object"),
}


def _is(kind: str, value: Any) -> bool:
    if kind == "integer":
        # 1.0 is a whole number to JSON Schema
        return isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    types: dict[str, type] = {"string": str, "boolean": bool, "array": list, "object": dict}
    return isinstance(value, types[kind])


def _of_list(schema: Schema, value: list[Any], at: str) -> Iterator[Fault]:
    if len(value) > schema["maxItems"]:
        yield Fault(at, Text("最多 {n} 项", "at most {n} items", n=schema["maxItems"]))
        return
    for number, item in enumerate(value):
        yield from faults(schema["items"], item, f"{at}/{number}")


def _of_record(schema: Schema, value: Mapping[str, Any], at: str) -> Iterator[Fault]:
    known = schema["properties"]
    for name in value:
        if name not in known:
            yield Fault(at, Text("没有成员 {n}", "has no member {n}", n=name[:60]))
    for name in schema.get("required", ()):
        if name not in value:
            yield Fault(at, Text("缺少成员 {n}", "lacks the member {n}", n=name))
    for name, inner in known.items():
        if name in value:
            yield from faults(inner, value[name], f"{at}/{name}")


def _of_text(schema: Schema, value: str, at: str) -> Iterator[Fault]:
    words = schema.get("enum")
    if words is not None:
        if value not in words:
            yield Fault(at, Text("应为其中之一：{w}", "must be one of {w}", w=", ".join(words)))
        return
    if not schema["minLength"] <= len(value) <= schema["maxLength"]:
        limits = {"a": schema["minLength"], "b": schema["maxLength"]}
        yield Fault(at, Text("长度应为 {a} 到 {b}", "must have {a} to {b} characters", **limits))
    elif (pattern := schema.get("pattern")) and not re.fullmatch(pattern.removeprefix("^").removesuffix("$"), value):
        yield Fault(at, Text("格式应为 {p}", "must match {p}", p=pattern))
