"""Content Credentials (C2PA) that a file carries: what they say of its origin, and whether their signature holds.

Run in the worker for files that are handed in; `credentials` reads them for people.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_NONE = ("ManifestNotFound", "no JUMBF", "UnsupportedType", "type is unsupported")
_LONGEST = 200


class UnreadableCredentials(ValueError):
    """There are Content Credentials, but they cannot be read; the message is the library's."""


def read_store(path: Path, media_type: str, anchors: str = "") -> dict[str, Any] | None:
    """A file's manifest store as JSON, None if it carries none (or its type has no place for one).

    `anchors` are the roots (PEM) that its signer must lead to for the state Trusted.
    """
    from c2pa import C2paError, Context, Reader, Settings

    try:
        settings = {"verify": {"verify_trust": True}, "trust": {"trust_anchors": anchors}} if anchors else {}
        with (
            Settings.from_dict(settings) as chosen,
            Context(chosen) as context,
            path.open("rb") as stream,
            Reader(media_type, stream, context=context) as reader,
        ):
            store: dict[str, Any] = json.loads(reader.json())
            return store
    except C2paError as error:
        if any(word.lower() in str(error).lower() for word in _NONE):
            return None
        raise UnreadableCredentials(str(error)[:_LONGEST]) from error


def summary(store: dict[str, Any]) -> dict[str, str]:
    """What a deposit records of them: `state` (Trusted, Valid, Invalid), manifest, generator, signer, time, title."""
    label = str(store.get("active_manifest") or "")
    found = store.get("manifests", {}).get(label) or {}
    generators = found.get("claim_generator_info") or [{}]
    signature = found.get("signature_info") or {}
    words = {
        "state": str(store.get("validation_state") or "Invalid"),
        "manifest": label,
        "generator": str(generators[0].get("name") or found.get("claim_generator") or ""),
        "signer": str(signature.get("issuer") or signature.get("common_name") or ""),
        "time": str(signature.get("time") or ""),
        "title": str(found.get("title") or ""),
    }
    return {name: _plain(value) for name, value in words.items() if value}


def summarise(path: Path, media_type: str) -> dict[str, str]:
    """The summary of a file's credentials: {} if it has none, `state` Unreadable for what cannot be read."""
    try:
        store = read_store(path, media_type)
    except UnreadableCredentials:
        return {"state": "Unreadable"}
    return {} if store is None else summary(store)


def _plain(value: str) -> str:
    return "".join(letter for letter in value if letter.isprintable()).strip()[:_LONGEST]
