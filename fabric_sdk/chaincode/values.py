"""Typed parameters and results on the wire: strings raw, everything else JSON.

The same form as the official contract API's, so that its clients and ours call each other's contracts. JSON written
here is canonical (sorted keys, no spaces, UTF-8), because endorsing peers must produce equal bytes.

Understood types: str, int, float, bool, bytes, None, list[T], tuple[T, ...], dict[str, T], T | None, Literal, Enum
(by value), datetime (RFC 3339), date, dataclasses (a JSON object; unknown members are refused, members with defaults
may be left out), Any.
"""

from __future__ import annotations

import base64
import dataclasses
import enum
import functools
import json
import math
import re
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin

_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""How JSON writes half of a character beyond the first plane."""


class ValueFormatError(ValueError):
    """An argument does not have its parameter's type; the message names the place, not the value."""


def decode_argument(raw: bytes, annotation: Any) -> Any:
    """Turn an argument's bytes into a value of type `annotation`; ValueFormatError if it does not fit."""
    if annotation is bytes:
        return raw
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise ValueFormatError("is not valid UTF-8") from error
    if annotation is str:
        return text
    if _raw_text(annotation):
        return from_json(text, annotation)
    if _optional(annotation):
        if text == "":
            return None
        inner = [a for a in get_args(annotation) if a is not type(None)]
        if len(inner) == 1:
            return decode_argument(raw, inner[0])
    return from_json(parse_json(text), annotation)


def encode_argument(value: Any) -> bytes:
    """Turn a Python value into an argument: strings and bytes raw, the rest canonical JSON."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return dump_json(value)


def encode_result(value: Any) -> bytes:
    """Turn a function's result into a response payload: None empty, str and bytes raw, the rest canonical JSON."""
    return b"" if value is None else encode_argument(value)


def decode_result(payload: bytes, annotation: Any) -> Any:
    """Read a payload back as the function's return type (used by tests and forms)."""
    if annotation in (None, type(None)):
        return None
    if annotation is Any:
        return payload
    if payload == b"" and _optional(annotation):
        return None
    return decode_argument(payload, annotation)


def parse_json(text: str) -> Any:
    """Parse JSON strictly: no NaN, no duplicate members, no half characters, bounded depth; ValueFormatError
    otherwise."""
    try:
        found = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_unique)
        if _ESCAPED_HALF.search(text):
            json.dumps(found, ensure_ascii=False).encode()  # UnicodeEncodeError, a ValueError, for a half without other
        return found
    except ValueFormatError:
        raise
    except (ValueError, RecursionError) as error:
        raise ValueFormatError("is not valid JSON") from error


def dump_json(value: Any) -> bytes:
    """Write `value` as canonical JSON; TypeError or ValueError for what JSON cannot say."""
    return _ENCODER.encode(value).encode()


def _plain(value: Any) -> Any:  # noqa: PLR0911
    """One level of what JSON does not know itself: dataclasses, enums, dates, bytes (base64), sets, mappings."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _members(type(value))}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, set | frozenset):
        return sorted(value, key=_ENCODER.encode)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


@functools.lru_cache(maxsize=512)
def _members(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(kind))


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)


def from_json(value: Any, annotation: Any, where: str = "") -> Any:
    """Check a parsed JSON value against a type and build it; ValueFormatError names the place."""
    if annotation is Any or annotation is object:
        return value
    origin = get_origin(annotation)
    if origin is not None:
        return _from_generic(value, annotation, origin, where)
    if annotation is None or annotation is type(None):
        return _expect(value, value is None, "null", where)
    if isinstance(annotation, type):
        reader = _READERS.get(annotation)
        if reader is not None:
            return reader(value, where)
        if issubclass(annotation, enum.Enum):
            return _from_enum(value, annotation, where)
        if dataclasses.is_dataclass(annotation):
            return _from_object(value, annotation, where)
    raise TypeError(f"unsupported parameter type {annotation!r}")


def _from_generic(value: Any, annotation: Any, origin: Any, where: str) -> Any:
    arguments = get_args(annotation)
    if origin in (Union, types.UnionType):
        return _from_union(value, arguments, where)
    if origin is Literal:
        return _expect(value, value in arguments and not isinstance(value, bool), f"one of {arguments}", where)
    if origin is typing.Annotated:
        return from_json(value, arguments[0], where)
    if origin is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
        _expect(value, isinstance(value, dict), "an object", where)
        return {k: from_json(v, arguments[1], f"{where}.{k}") for k, v in value.items()}
    if isinstance(origin, type) and issubclass(origin, Sequence | set | frozenset):
        _expect(value, isinstance(value, list), "an array", where)
        items = [from_json(v, arguments[0], f"{where}[{i}]") for i, v in enumerate(value)]
        if origin in (tuple, set, frozenset):
            return origin(items)
        return items
    raise TypeError(f"unsupported parameter type {annotation!r}")


def _from_union(value: Any, arguments: tuple[Any, ...], where: str) -> Any:
    if value is None and type(None) in arguments:
        return None
    problem: ValueFormatError | None = None
    for argument in arguments:
        if argument is type(None):
            continue
        try:
            return from_json(value, argument, where)
        except ValueFormatError as error:
            problem = problem or error
    raise problem or ValueFormatError(f"{where or 'it'} must be null")


def _from_enum(value: Any, annotation: type[enum.Enum], where: str) -> enum.Enum:
    for member in annotation:
        if member.value == value and type(member.value) is type(value):
            return member
    raise ValueFormatError(f"{_place(where)} must be one of {[m.value for m in annotation]}")


def _from_object(value: Any, annotation: type, where: str) -> Any:
    _expect(value, isinstance(value, dict), "an object", where)
    known = fields_of(annotation)
    for name in value:
        if name not in known:
            raise ValueFormatError(f"{_place(where)} has an unknown member {name[:64]!r}")
    for name, (_, required) in known.items():
        if required and name not in value:
            raise ValueFormatError(f"{_place(where)} lacks the member {name!r}")
    members = {n: from_json(v, known[n][0], f"{where}.{n}") for n, v in value.items()}
    try:
        return annotation(**members)
    except (ValueError, TypeError) as error:
        raise ValueFormatError(f"{_place(where)} is not a valid {annotation.__name__}: {error}") from error


@functools.lru_cache(maxsize=512)
def fields_of(annotation: type) -> dict[str, tuple[Any, bool]]:
    """Return a dataclass's members as name → (type, required)."""
    hints = typing.get_type_hints(annotation)
    missing = dataclasses.MISSING
    return {
        f.name: (hints[f.name], f.default is missing and f.default_factory is missing)
        for f in dataclasses.fields(annotation)
        if f.init
    }


def _read_int(value: Any, where: str) -> int:
    _expect(value, isinstance(value, int) and not isinstance(value, bool), "an integer", where)
    return int(value)


def _read_float(value: Any, where: str) -> float:
    _expect(value, isinstance(value, int | float) and not isinstance(value, bool), "a number", where)
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueFormatError(f"{_place(where)} is too large") from error
    _expect(value, math.isfinite(number), "a finite number", where)
    return number


def _read_bool(value: Any, where: str) -> bool:
    return bool(_expect(value, isinstance(value, bool), "true or false", where))


def _read_str(value: Any, where: str) -> str:
    return str(_expect(value, isinstance(value, str), "a string", where))


def _read_bytes(value: Any, where: str) -> bytes:
    try:
        return base64.b64decode(_read_str(value, where), validate=True)
    except ValueError as error:
        raise ValueFormatError(f"{_place(where)} must be base64") from error


def _read_datetime(value: Any, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_read_str(value, where))
    except ValueError as error:
        raise ValueFormatError(f"{_place(where)} must be an RFC 3339 time") from error
    _expect(value, moment.tzinfo is not None, "a time with its offset", where)
    return moment


def _read_date(value: Any, where: str) -> date:
    try:
        return date.fromisoformat(_read_str(value, where))
    except ValueError as error:
        raise ValueFormatError(f"{_place(where)} must be a date (YYYY-MM-DD)") from error


def _read_list(value: Any, where: str) -> list[Any]:
    return list(_expect(value, isinstance(value, list), "an array", where))


def _read_dict(value: Any, where: str) -> dict[str, Any]:
    return dict(_expect(value, isinstance(value, dict), "an object", where))


_READERS: dict[Any, Any] = {
    int: _read_int,
    float: _read_float,
    bool: _read_bool,
    str: _read_str,
    bytes: _read_bytes,
    datetime: _read_datetime,
    date: _read_date,
    list: _read_list,
    dict: _read_dict,
}


def _raw_text(annotation: Any) -> bool:
    """Whether an argument of this type travels as bare text (dates and text enums) rather than as JSON."""
    if annotation in (datetime, date):
        return True
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return all(isinstance(m.value, str) for m in annotation)
    return get_origin(annotation) is Literal and all(isinstance(a, str) for a in get_args(annotation))


def _optional(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType) and type(None) in get_args(annotation)


def _expect(value: Any, fits: bool, what: str, where: str) -> Any:
    if not fits:
        raise ValueFormatError(f"{_place(where)} must be {what}")
    return value


def _place(where: str) -> str:
    return where.lstrip(".")[:200] or "it"


def _no_constant(name: str) -> Any:
    raise ValueFormatError(f"must not contain {name}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueFormatError("has a duplicate member")
    return found
