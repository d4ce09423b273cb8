"""Reading bytes that a stranger sent: protobuf, DER and the limits within which both are read.

Everything below works on bounds: whoever opens a proof has not chosen its author. The reader is stricter than
protobuf: a field that stands once in a message may stand there once only, so that no two readers can see two
different messages in the same signed bytes.
"""

from __future__ import annotations

import json
import threading
from typing import Any, NamedTuple

Fields = dict[int, list[Any]]
LARGEST = 1 << 53
"""Numbers beyond are refused: a browser could not tell them apart."""
_JSON_DEPTH = 24


class Broken(ValueError):
    """Bytes that are not what they should be: `code` names the finding, `values` fill its sentence."""

    def __init__(self, code: str, part: str = "", **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.part = part
        self.values = values

    def __str__(self) -> str:
        said = ", ".join(f"{key}={value}" for key, value in self.values.items())
        return f"{self.code} ({said})" if said else self.code


class TooMuch(Exception):
    """More work than one proof may ask for."""


class Meter(threading.local):
    """What a check has spent already. Each thread counts for itself; `begin` starts anew."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A new check begins."""
        self.left = {"fields": 600_000, "signatures": 6_000, "certificates": 2_000, "elements": 200_000}

    def spend(self, what: str, count: int = 1) -> None:
        """Note work; TooMuch when the check has had its share."""
        self.left[what] -= count
        if self.left[what] < 0:
            raise TooMuch(what)


METER = Meter()


# ---- protobuf


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and the place behind it."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Broken("bytes-damaged")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data: bytes) -> Fields:
    """The fields of a message: {number: [values in order]}; numbers as int, everything else as bytes."""
    if not isinstance(data, bytes):
        raise Broken("bytes-damaged")
    found: Fields = {}
    at = 0
    while at < len(data):
        METER.spend("fields")
        tag, at = varint(data, at)
        if tag >= LARGEST:
            raise Broken("bytes-damaged")
        kind = tag & 7
        value: Any
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            if length > len(data) - at:
                raise Broken("bytes-damaged")
            value, at = data[at : at + length], at + length
        elif kind in (1, 5):
            width = 8 if kind == 1 else 4
            if width > len(data) - at:
                raise Broken("bytes-damaged")
            value, at = data[at : at + width], at + width
        else:
            raise Broken("bytes-damaged")
        found.setdefault(tag >> 3, []).append(value)
    return found


def raw(message: Fields, number: int) -> bytes:
    """The bytes of a field that may stand once, empty if absent."""
    values = message.get(number)
    if values is None:
        return b""
    if len(values) != 1 or not isinstance(values[0], bytes):
        raise Broken("bytes-damaged")
    return values[0]


def number(message: Fields, field: int, default: int = 0) -> int:
    """The number of a field that may stand once."""
    values = message.get(field)
    if values is None:
        return default
    if len(values) != 1 or not isinstance(values[0], int) or values[0] >= LARGEST:
        raise Broken("bytes-damaged")
    return values[0]


def many(message: Fields, field: int) -> list[bytes]:
    """All values of a repeated field of bytes or messages."""
    values = message.get(field, [])
    if not all(isinstance(value, bytes) for value in values):
        raise Broken("bytes-damaged")
    return values


def text(data: bytes) -> str:
    """UTF-8, or Broken."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Broken("bytes-damaged") from None


def string(message: Fields, field: int) -> str:
    """The text of a field that may stand once."""
    return text(raw(message, field))


def entries(message: Fields, field: int) -> dict[str, bytes]:
    """A map of messages; a key stands once."""
    found: dict[str, bytes] = {}
    for one in many(message, field):
        entry = fields(one)
        key = string(entry, 1)
        if key in found:
            raise Broken("bytes-damaged")
        found[key] = raw(entry, 2)
    return found


# ---- DER


class Element(NamedTuple):
    """One DER element: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes


def element(data: bytes, at: int = 0) -> tuple[Element, int]:
    """The element at a place, and the place behind it."""
    METER.spend("elements")
    if at + 2 > len(data):
        raise Broken("bytes-damaged")
    tag, length, body = data[at], data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or body + count > len(data):
            raise Broken("bytes-damaged")
        length, body = int.from_bytes(data[body : body + count], "big"), body + count
    if length > len(data) - body:
        raise Broken("bytes-damaged")
    return Element(tag, data[body : body + length], data[at : body + length]), body + length


def elements(data: bytes) -> list[Element]:
    """The elements that lie one behind the other in `data`."""
    at, found = 0, []
    while at < len(data):
        one, at = element(data, at)
        found.append(one)
    return found


def inside(data: bytes, *tags: int) -> list[Element]:
    """The elements inside the one element that `data` is; its tag must be one of `tags` (a sequence if none given)."""
    one, end = element(data)
    if end != len(data) or one.tag not in (tags or (0x30,)):
        raise Broken("bytes-damaged")
    return elements(one.content)


def der(tag: int, content: bytes) -> bytes:
    """One DER element."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


# ---- JSON


def _integer(digits: str) -> Any:
    return int(digits) if len(digits) < 17 else float(digits)


def _refused(word: str) -> float:
    raise Broken("bytes-damaged")


def parse_json(data: bytes, limit: int = 1 << 20) -> Any:
    """JSON of at most `limit` bytes, nested at most 24 deep."""
    if len(data) > limit:
        raise Broken("part-too-large")
    try:
        parsed = json.loads(text(data), parse_int=_integer, parse_constant=_refused)
    except Broken:
        raise
    except (ValueError, RecursionError):
        raise Broken("bytes-damaged") from None
    level = [parsed]
    for _ in range(_JSON_DEPTH):
        level = [inner for one in level if isinstance(one, (dict, list)) for inner in _inside(one)]
        if not level:
            return parsed
    raise Broken("bytes-damaged")


def _inside(one: Any) -> list[Any]:
    return list(one.values()) if isinstance(one, dict) else one
