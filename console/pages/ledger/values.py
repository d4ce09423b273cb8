"""How bytes of the ledger are shown: JSON indented, text as text, the rest in hexadecimal; keys without their zeros."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any

LIMIT = 20_000
_PRINCIPAL = re.compile(r"'([^']+)\.[a-z]+'")


def readable(data: bytes) -> str:
    """Return `data` for reading, at most `LIMIT` characters."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data[: LIMIT // 2].hex(" ", 2)
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    if any(ord(c) < 32 and c not in "\n\r\t" for c in text[:LIMIT]):
        text = text.replace("\x00", "⁄")
    return text[:LIMIT]


def one_line(data: bytes, limit: int = 120) -> str:
    """Return the beginning of `data` on one line."""
    try:
        text = " ".join(data[: limit * 4].decode("utf-8", errors="strict").split())
    except UnicodeDecodeError:
        text = data[: limit // 2].hex()
    return text.replace("\x00", "⁄")[:limit]


def members_of(collection: Mapping[str, Any]) -> tuple[str, ...]:
    """The organisations whose peers keep a private collection, as its policy names them."""
    return tuple(dict.fromkeys(_PRINCIPAL.findall(str(collection.get("policy", "")))))


def key_text(key: str) -> str:
    """Return a key for reading: a composite key's parts joined by `/` (Fabric separates them with U+0000)."""
    if key.startswith("\x00"):
        return "/".join(part for part in key.split("\x00") if part)
    return key.replace("\x00", "/")
