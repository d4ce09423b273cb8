"""Composite keys and the rule that simple keys stay out of their way.

A composite key is U+0000, the object type, U+0000, then each attribute followed by U+0000 (as in every official
shim, so that ledgers written by other languages read the same).
"""

from __future__ import annotations

from collections.abc import Sequence

from fabric_sdk.chaincode.errors import ChaincodeError

NAMESPACE = "\x00"
SEPARATOR = "\x00"
MAX_RUNE = "\U0010ffff"
EMPTY_KEY_SUBSTITUTE = "\x01"
"""Start of an open range: the first key that is no composite key."""


class BadKey(ChaincodeError, ValueError):
    """A part of a key that no ledger takes; mostly a client's argument, so it is answered as one (BAD_KEY, 400)."""

    def __init__(self, message: str) -> None:
        super().__init__("BAD_KEY", message, status=400)


def create_composite_key(object_type: str, attributes: Sequence[str] = ()) -> str:
    """Return the key of an object with these attributes; BadKey for U+0000, U+10FFFF, lone surrogates."""
    for part in (object_type, *attributes):
        _check_part(part)
    return NAMESPACE + object_type + SEPARATOR + "".join(a + SEPARATOR for a in attributes)


def split_composite_key(key: str) -> tuple[str, list[str]]:
    """Return object type and attributes of `key`; ValueError if it is no composite key."""
    if not key.startswith(NAMESPACE) or not key.endswith(SEPARATOR) or len(key) < 2:
        raise ValueError("not a composite key")
    object_type, *attributes = key[1:-1].split(SEPARATOR)
    return object_type, attributes


def composite_range(object_type: str, attributes: Sequence[str] = ()) -> tuple[str, str]:
    """Return start (included) and end (excluded) of all keys that begin with these attributes."""
    start = create_composite_key(object_type, attributes)
    return start, start + MAX_RUNE


def simple_range(start: str, end: str) -> tuple[str, str]:
    """Return a range over simple keys only; ValueError if a bound lies among the composite keys."""
    for key in (start, end):
        if key.startswith(NAMESPACE):
            raise ValueError("a simple key must not begin with U+0000")
    return start or EMPTY_KEY_SUBSTITUTE, end


def _check_part(part: str) -> None:
    if not isinstance(part, str):
        raise TypeError(f"parts of a composite key are strings, not {type(part).__name__}")
    if SEPARATOR in part or MAX_RUNE in part:
        raise BadKey("parts of a composite key must not contain U+0000 or U+10FFFF")
    try:
        part.encode()
    except UnicodeEncodeError as error:
        raise BadKey("parts of a composite key must be valid Unicode") from error
