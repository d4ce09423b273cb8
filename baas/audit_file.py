"""An audit log checked with nothing but Python: `python audit_file.py LOG [ANCHORS]`.

Each line is one JSON object with its number `n`, the SHA-256 of the line before it (`prev`) and its own (`hash`, over
all its other fields written with sorted keys and without blanks). A line that was changed, removed from within or put
in breaks that chain. Whoever keeps the file can compute a whole new chain, or leave lines away at the end: against
that stand the anchors, (number, hash) of a line as it was put on a ledger that others keep. Times are in seconds since
the epoch.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIRST = "0" * 64
"""What the first line names as the one before it."""
MOST_LINES = 10**12


@dataclass(frozen=True)
class Anchor:
    """A line as it was put on a ledger: its number and hash, when (seconds), by which transaction and by whom."""

    n: int
    hash: str
    at: float = 0.0
    tx_id: str = ""
    keeper: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was written; `line` counts from 1, 0 for what is not there at all."""

    line: int
    what: str


@dataclass
class AuditCheck:
    """What a log says of itself. `anchored` is the newest line that an anchor confirms: up to there nothing is missing.

    `unended` are the numbers of lines that began something whose end was never written (the program was killed);
    `notes` what is worth knowing and no fault of the log.
    """

    lines: int = 0
    head: str = FIRST
    anchored: int = 0
    findings: list[Finding] = field(default_factory=list)
    unended: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.findings


def line_hash(entry: Mapping[str, Any]) -> str:
    """The hash of a line, over everything but its own hash. ValueError or RecursionError for what cannot be written
    as JSON; never for what `read_line` returned."""
    kept = {name: value for name, value in entry.items() if name != "hash"}
    said = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def check(lines: Iterable[bytes], anchors: Sequence[Anchor] = ()) -> AuditCheck:
    """Check every line of a log against the one before it and against the anchors."""
    found = AuditCheck()
    hashes: dict[int, str] = {}
    wanted = {anchor.n for anchor in anchors}
    begun: set[int] = set()
    for number, raw in enumerate(lines, 1):
        entry, problem = read_line(raw)
        if entry is None:
            found.findings.append(Finding(number, problem))
            continue
        if entry["n"] != found.lines + 1:
            found.findings.append(Finding(number, f"its number is {entry['n']}, not {found.lines + 1}"))
        if entry["prev"] != found.head:
            found.findings.append(Finding(number, "the line before it is not the one that it names"))
        if line_hash(entry) != entry["hash"]:
            found.findings.append(Finding(number, "its content is not what its hash says"))
        found.lines, found.head = int(entry["n"]), str(entry["hash"])
        if found.lines in wanted:
            hashes[found.lines] = found.head
        if entry.get("kind") == "begin":
            begun.add(found.lines)
        elif entry.get("kind") == "end":
            of = entry.get("of")
            begun.discard(of if isinstance(of, int) else 0)
    for anchor in sorted(anchors, key=lambda one: one.n):
        if anchor.n not in hashes:
            found.findings.append(Finding(0, f"line {anchor.n} was put on the ledger and is not here"))
        elif hashes[anchor.n] != anchor.hash:
            found.findings.append(Finding(anchor.n, "the ledger has another line of this number"))
        else:
            found.anchored = anchor.n
    found.unended = sorted(begun)
    return found


def read_line(raw: bytes) -> tuple[dict[str, Any] | None, str]:
    """A line of a log, or None and why it is none."""
    if not raw.endswith(b"\n"):
        return None, "it has no end"
    try:
        entry = json.loads(raw)
        if not isinstance(entry, dict) or type(entry.get("n")) is not int or not 0 < entry["n"] <= MOST_LINES:
            return None, "it is no entry"
        if not isinstance(entry.get("prev"), str) or not isinstance(entry.get("hash"), str):
            return None, "it is no entry"
        json.dumps(entry, ensure_ascii=False).encode()
    except (ValueError, RecursionError):  # half characters, things within things without end: no program wrote it
        return None, "it cannot be read"
    return entry, ""


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """Anchors out of a JSON file: a list of objects with `n`, `hash`, `at`, `tx_id`. ValueError for anything else."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except RecursionError as error:
        raise ValueError("the anchors are no list") from error
    if not isinstance(document, list):
        raise ValueError("the anchors are no list")
    try:
        return tuple(
            Anchor(
                int(one["n"]),
                str(one["hash"]),
                float(one.get("at", 0)),
                str(one.get("tx_id", "")),
                str(one.get("keeper", "")),
            )
            for one in document
        )
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"an anchor is not complete: {error}") from error


def main(arguments: Sequence[str]) -> int:
    """0 where everything is as it was written, 1 where not, 2 for wrong use."""
    if not 1 <= len(arguments) <= 2:
        print("use: python audit_file.py LOG [ANCHORS]", file=sys.stderr)
        return 2
    try:
        anchors = read_anchors(Path(arguments[1])) if len(arguments) == 2 else ()
        with Path(arguments[0]).open("rb") as file:
            found = check(file, anchors)
    except (OSError, ValueError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    for one in found.findings:
        print(f"line {one.line}: {one.what}" if one.line else one.what)
    print(f"{found.lines} lines, head {found.head}, confirmed by anchors up to line {found.anchored}")
    return 0 if found.whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
