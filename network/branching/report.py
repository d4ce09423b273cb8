"""What a rehearsal found: the origin's recorded calls made again with the version that is in force on its branch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from network.text import Text

Verdict = Literal["same", "different", "refused", "conflict", "private", "transient"]
"""`refused`: the new version refuses what was accepted. `conflict`: it reads or writes what another call of the same
block writes, so that one of them would fail. `private` and `transient`: cannot be made again here, because it reads
private data or needs transient data that no block holds; what it wrote then stays."""
VERDICTS: Mapping[str, Text] = {
    "same": Text("一致", "as before"),
    "different": Text("结果不同", "different"),
    "refused": Text("被拒绝", "refused"),
    "conflict": Text("同块冲突", "conflict in its block"),
    "private": Text("私有数据不在本机", "private data not here"),
    "transient": Text("缺少瞬态数据", "transient data not recorded"),
}
APART: tuple[Verdict, ...] = ("private", "transient")
MAX_FINDINGS, MAX_CHANGES, MAX_TEXT = 500, 20, 400


@dataclass(frozen=True)
class Change:
    """One key that is written otherwise. `place` is the contract, for private data `contract/collection` (then key and
    values are hashes); None is no write at all, "" a deletion. Of JSON objects the fields that differ are told."""

    place: str
    key: str
    before: str | None
    now: str | None

    @property
    def name(self) -> str:
        """The key as people read it."""
        return self.key.replace("\0", " ").strip()


@dataclass(frozen=True)
class Finding:
    """One call that does not come out as it did. `caller` is MSP/common name; `said` the refusal's words."""

    block: int
    transaction: str
    function: str
    arguments: tuple[str, ...]
    caller: str
    verdict: Verdict
    said: str = ""
    answer: tuple[str, str] | None = None
    event: tuple[str, str] | None = None
    changes: tuple[Change, ...] = ()
    more_changes: int = 0

    @property
    def remark(self) -> str:
        """What differs, in one line: keys, values and words as they are on the ledger."""
        if self.verdict in ("refused", *APART):
            return self.said
        parts = [f"{one.name}: {_value(one.before)} → {_value(one.now)}" for one in self.changes]
        if self.more_changes:
            parts.append(f"+{self.more_changes}")
        parts += [f"{pair[0] or '-'} → {pair[1] or '-'}" for pair in (self.event, self.answer) if pair is not None]
        return "; ".join(parts)


@dataclass(frozen=True)
class Rehearsal:
    """A whole rehearsal. Blocks `first` to `last` were gone through; `counts` are calls by verdict.

    `keys` are the keys whose values are others after all calls, None where a key is not there (`more_keys` beyond
    those told). `others` are calls of
    other contracts that no longer succeed. `before` and `now` are versions, `sequence` the one in force on the branch.
    """

    contract: str
    before: str
    now: str
    sequence: int
    first: int
    last: int
    counts: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    more_findings: int = 0
    keys: tuple[Change, ...] = ()
    more_keys: int = 0
    others: int = 0
    seconds: float = 0.0

    @property
    def calls(self) -> int:
        """How many calls were looked at."""
        return sum(self.counts.values())

    @property
    def judged(self) -> int:
        """How many of them could be made again."""
        return self.calls - sum(self.counts.get(one, 0) for one in APART)

    @property
    def passed(self) -> bool:
        """Whether every call that could be made again came out as it did, and no other contract is hurt."""
        return self.judged == self.counts.get("same", 0) and not self.others

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"calls": self.calls, "judged": self.judged, "passed": self.passed}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Rehearsal:
        """The other way; KeyError or TypeError for something else."""
        values = {k: v for k, v in document.items() if k not in ("calls", "judged", "passed")}
        findings = tuple(_finding(one) for one in values.pop("findings"))
        keys = tuple(Change(**one) for one in values.pop("keys"))
        return cls(**values, findings=findings, keys=keys)


def _finding(value: Mapping[str, Any]) -> Finding:
    values = dict(value)
    values["arguments"] = tuple(values["arguments"])
    values["changes"] = tuple(Change(**one) for one in values["changes"])
    for name in ("answer", "event"):
        values[name] = tuple(values[name]) if values[name] is not None else None
    return Finding(**values)


def _value(text: str | None) -> str:
    return "∅" if text is None else (text or "✗")


def shown(value: bytes | None) -> str | None:
    """A value for people: text as it is, other bytes in hexadecimal, long ones cut."""
    if value is None:
        return None
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = "0x" + value.hex()
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


def shown_pair(before: bytes | None, now: bytes | None) -> tuple[str | None, str | None]:
    """Two values for people; of two JSON objects only the fields in which they differ."""
    try:
        one, other = json.loads(before or b""), json.loads(now or b"")
    except (ValueError, RecursionError):
        return shown(before), shown(now)
    if not isinstance(one, dict) or not isinstance(other, dict):
        return shown(before), shown(now)
    left, right = _narrowed(one, other)
    return tuple(shown(json.dumps(v, ensure_ascii=False).encode()) for v in (left, right))  # type: ignore[return-value]


def _narrowed(one: dict[str, Any], other: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    left: dict[str, Any] = {}
    right: dict[str, Any] = {}
    for key in sorted({*one, *other}):
        mine, theirs = one.get(key), other.get(key)
        if key in one and key in other and mine == theirs:
            continue
        if isinstance(mine, dict) and isinstance(theirs, dict):
            mine, theirs = _narrowed(mine, theirs)
        if key in one:
            left[key] = mine
        if key in other:
            right[key] = theirs
    return left, right
