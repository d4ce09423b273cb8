"""An edition of a standard as data: its shape, checked by the contract and by whoever reads a file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

MOST_CLAUSES, MOST_PARTS, MOST_TEXT, MOST_NUMBER, MOST_POINTS = 100, 20, 300, 10_000, 100
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,15}\Z")
_CLAUSE = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2}){0,2}\Z")
_CHECK = re.compile(r"([a-z][a-z-]{1,39})?\Z")
Edition = Mapping[str, Any]


class Misshapen(ValueError):
    """What is no edition; the sentence names the place."""


def read_edition(value: object) -> dict[str, Any]:
    """`value` as an edition and nothing else; `Misshapen` names the first place that does not fit.

    `{"code", "number", "title": {"zh", "en"}, "about": {"zh", "en"}, "parts": [{"title", "clauses": [{"clause", "zh",
    "en", "check" ("" for one that people judge), "points", "must", "basis"?}]}]}`
    """
    whole = _object(value, "text", {"code", "number", "title", "about", "parts"})
    parts = _list(whole["parts"], "parts", MOST_PARTS)
    found = {
        "code": _match(whole["code"], "code", _CODE),
        "number": _number(whole["number"], "number", MOST_NUMBER),
        "title": _both(whole["title"], "title"),
        "about": _both(whole["about"], "about"),
        "parts": [_part(one, f"parts[{place}]") for place, one in enumerate(parts)],
    }
    names = [one["clause"] for one in clauses_of(found)]
    if not 1 <= len(names) <= MOST_CLAUSES or len(set(names)) < len(names):
        raise Misshapen(f"parts: must have 1 to {MOST_CLAUSES} clauses, none twice")
    return found


def _part(value: object, where: str) -> dict[str, Any]:
    part = _object(value, where, {"title", "clauses"})
    rows = _list(part["clauses"], f"{where}.clauses", MOST_CLAUSES)
    return {
        "title": _both(part["title"], f"{where}.title"),
        "clauses": [_clause(one, f"{where}.clauses[{place}]") for place, one in enumerate(rows)],
    }


def _clause(value: object, where: str) -> dict[str, Any]:
    one = _object(value, where, {"clause", "zh", "en", "check", "points", "must"}, {"basis"})
    if not isinstance(one["must"], bool):
        raise Misshapen(f"{where}.must: must be true or false")
    found = {
        "clause": _match(one["clause"], f"{where}.clause", _CLAUSE),
        "zh": _text(one["zh"], f"{where}.zh"),
        "en": _text(one["en"], f"{where}.en"),
        "check": _match(one["check"], f"{where}.check", _CHECK),
        "points": _number(one["points"], f"{where}.points", MOST_POINTS),
        "must": one["must"],
    }
    return found | ({"basis": _text(one["basis"], f"{where}.basis")} if "basis" in one else {})


def clauses_of(edition: Edition) -> Iterator[dict[str, Any]]:
    """Every clause, in the order of the text."""
    for part in edition["parts"]:
        yield from part["clauses"]


def canonical(value: object) -> bytes:
    """Canonical JSON: the same value is the same bytes everywhere."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(value: object) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def _object(value: object, where: str, names: set[str], more: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
    if not isinstance(value, dict) or not names <= set(value) <= names | more:
        raise Misshapen(f"{where}: must have {', '.join(sorted(names))} and nothing else")
    return value


def _list(value: object, where: str, most: int) -> list[object]:
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise Misshapen(f"{where}: must be a list of 1 to {most}")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_TEXT or not value.isprintable():
        raise Misshapen(f"{where}: must be one line of 1 to {MOST_TEXT} characters")
    return value


def _both(value: object, where: str) -> dict[str, str]:
    both = _object(value, where, {"zh", "en"})
    return {"zh": _text(both["zh"], f"{where}.zh"), "en": _text(both["en"], f"{where}.en")}


def _match(value: object, where: str, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.match(value):
        raise Misshapen(f"{where}: must be written like {pattern.pattern}")
    return value


def _number(value: object, where: str, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise Misshapen(f"{where}: must be a whole number from 1 to {most}")
    return value
