"""Where two JSON values differ, as paths: the readable difference of answers and of channel configurations."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LIMIT = 200
_ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """One place: `path` as in `/owner/name` ("" is the whole), what was there and what is there now ("" is nothing)."""

    path: str
    before: str
    after: str


Equal = Callable[[Any, Any], bool]


def differences(
    before: Any, after: Any, rename: Callable[[str], str] = str, equal: Equal = lambda one, other: False
) -> tuple[Difference, ...]:
    """Every place where `after` is otherwise than `before`, at most `LIMIT`.

    `rename` turns a text of `before` into what it should be now; `equal` lets two single values pass that differ.
    """
    found: list[Difference] = []
    _compare("", before, after, rename, equal, found)
    return tuple(found[:LIMIT])


def _compare(
    path: str, before: Any, after: Any, rename: Callable[[str], str], equal: Equal, found: list[Difference]
) -> None:
    if len(found) >= LIMIT or path.count("/") > 64:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        now = dict(after)
        for key, value in before.items():
            name = rename(str(key))
            _compare(f"{path}/{name}", value, now.pop(name, _ABSENT), rename, equal, found)
        for key, value in now.items():
            _compare(f"{path}/{key}", _ABSENT, value, rename, equal, found)
        return
    if isinstance(before, list) and isinstance(after, list):
        for number in range(max(len(before), len(after))):
            one = before[number] if number < len(before) else _ABSENT
            other = after[number] if number < len(after) else _ABSENT
            _compare(f"{path}/{number}", one, other, rename, equal, found)
        return
    if isinstance(before, str):
        before = rename(before)
    if before is _ABSENT or after is _ABSENT:
        found.append(Difference(path, _shown(before), _shown(after)))
        return
    same = type(before) is type(after) and before == after
    if not same and not equal(before, after):
        found.append(Difference(path, _shown(before), _shown(after)))


def is_time(value: Any) -> bool:
    """Whether a value is a moment in RFC 3339 form, such as 2026-11-23T10:24:00Z."""
    if not isinstance(value, str) or not 19 <= len(value) <= 35 or value[10:11] not in "Tt ":
        return False
    try:
        dt.datetime.fromisoformat(value.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return False
    return True


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 2000 else text[:2000] + "…"
