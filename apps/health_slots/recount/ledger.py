"""What a stranger recomputes of the slots ledger, out of write sets alone: commitments, openings, changes, draws."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, NamedTuple

from chaincode.health_slots.draw_again import draw_again
from chaincode.health_slots.leaves import commitment, expand

LATE_S = 600
"""How long after its release an opening, and after its deadline a closing, is nobody's fault."""
MOST_FINDINGS = 10_000
MOST_SLOTS = 400
"""Of a session, as the contract has it: whoever wrote an export wants no more to be unpacked than that."""
CHANGED = ("date", "doctor", "shift", "state")
"""Members of an open session that only change together with an entry of its changes."""

KEPT = {
    "root": ("root-changed", "another promise took the place of the first"),
    "campus": ("campus-changed", "another place than the one that was promised"),
    "referral_hours": ("reserve-changed", "another hour of the reserve than was promised"),
}
"""Members of a session that stay what they were promised to be."""


class Found(NamedTuple):
    """A finding: `alarm` where a promise was broken, `note` where something has to be known, `unchecked` refusals."""

    grade: str
    code: str
    where: str
    block: int
    text: str


class SlotsLedger:
    """Takes what accepted transactions wrote, in their order."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self.counts = dict.fromkeys(("sessions", "opened", "slots", "bookings", "added", "withdrawn", "draws"), 0)
        self._records: dict[tuple[str, ...], Any] = {}
        self._applicants: dict[str, list[str]] = {}
        self._blocks: dict[str, int] = {}
        self._now = self._at = 0

    def take(self, block: int, seconds: int, key: str, value: bytes | None) -> None:
        """One written key; `seconds` is when its author says that it was."""
        parts = tuple(key[1:-1].split("\x00")) if len(key) > 2 and key[0] == key[-1] == "\x00" else ()
        if not parts:
            return
        self._now, self._at = max(self._now, seconds), seconds
        try:
            record = None if value is None else json.loads(value)
        except (ValueError, RecursionError):
            self._add("alarm", "unreadable", "/".join(parts), block, "a record is no JSON")
            return
        before = self._records.get(parts)
        act = {"session": self._session, "slot": self._slot, "appointment": self._appointment, "draw": self._draw}
        try:
            if parts[0] in act:
                act[parts[0]](parts[1:], before, record, block)
            elif parts[0] == "draw-application" and record is not None:
                self._applicants.setdefault(parts[1], []).append(parts[-1])
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            self._add("alarm", "unreadable", "/".join(parts), block, "a record has another form than the contract's")
        self._records[parts] = record

    def end(self) -> None:
        """Say what never came: openings, and ends of draws."""
        for parts, record in self._records.items():
            if record is None or not isinstance(record, dict):
                continue
            name = ".".join(parts[1:])
            closed = parts[0] == "session" and record.get("state") == "committed"
            if closed and record.get("release_at", 0) + LATE_S < self._now:
                self._add("alarm", "hidden", name, self._blocks.get(name, 0), "promised and never opened")
            stuck = parts[0] == "draw" and record.get("state") not in ("done", "void")
            if stuck and record.get("ends", 0) + LATE_S < self._now:
                self._add("alarm", "draw-stuck", name, self._blocks.get(name, 0), "its slots are out of sight")

    def _session(self, parts: tuple[str, ...], before: Any, record: Any, block: int) -> None:
        name = ".".join(parts)
        if record is None:
            self._add("alarm", "erased", name, block, "a session was erased")
            return
        if before is None:
            self.counts["sessions"] += 1
            self._blocks[name] = block
            if record.get("late"):
                self._add("note", "late", name, block, "promised after its release was due")
        else:
            self._kept(name, before, record, block)
        if "runs" not in record:
            return
        if not 0 < sum(_counted(run) for run in record["runs"]) <= MOST_SLOTS:
            self._add("alarm", "unreadable", name, block, "more slots than a session may have")
            return
        if before is None or "runs" not in before:
            self.counts["opened"] += 1
            self.counts["slots"] += len(expand(record["runs"]))
            if commitment(name, record["runs"], bytes.fromhex(record["secret"])) != record["root"]:
                self._add("alarm", "not-as-promised", name, block, "what was opened is not what was promised")
            return
        if (record["runs"], record["secret"]) != (before["runs"], before["secret"]):
            self._add("alarm", "runs-changed", name, block, "open slots were changed")
        changed = [member for member in CHANGED if record.get(member) != before.get(member)]
        entries = record.get("changes", [])[len(before.get("changes", [])) :]
        if changed and not entries:
            self._add("alarm", "changed-silently", name, block, f"changed without a reason: {', '.join(changed)}")
        for entry in entries:
            self._add("note", "changed", name, block, json.dumps(entry, ensure_ascii=False)[:200])

    def _kept(self, name: str, before: Any, record: Any, block: int) -> None:
        for member, (code, text) in KEPT.items():
            if record.get(member) != before.get(member):
                self._add("alarm", code, name, block, text)

    def _slot(self, parts: tuple[str, ...], before: Any, record: Any, block: int) -> None:
        name, was = ".".join(parts), (before or {}).get("state", "free")
        if record is None:
            return
        if before is None and "added" in record:
            self.counts["added"] += 1
        if record["state"] == "stopped" and was != "stopped":
            self.counts["withdrawn"] += 1
            self._add("note", "withdrawn", name, block, "withdrawn by its hospital")
        if record["state"] in ("held", "booked") and record.get("appointment") != (before or {}).get("appointment"):
            self._given(parts, record, block)
        if record["state"] == "booked":
            if was == "booked" and before["appointment"] != record["appointment"]:
                self._add("alarm", "booked-twice", name, block, "booked while somebody had it")
            if was == "returned":
                self._add("alarm", "to-the-fastest", name, block, "returned, and not handed on to who waited")
            if was != "booked":
                self.counts["bookings"] += 1

    def _given(self, parts: tuple[str, ...], record: Any, block: int) -> None:
        """A slot found its person: before the hour of a reserve only who was referred."""
        session = self._records.get(("session", *parts[:2])) or {}
        hours = session.get("referral_hours", 0)
        if not hours or "runs" not in session:
            return
        promised = {slot.number: slot.pool for slot in expand(session["runs"])}
        pool = promised.get(int(parts[2]), record.get("added", {}).get("pool"))
        minutes = session["start"] + session.get("shift", 0) - session["offset"] - hours * 60
        midnight = (date.fromisoformat(session["date"]) - date(1970, 1, 1)).days * 86_400
        if pool != "community" or self._at >= midnight + minutes * 60:
            return
        person = (self._records.get(("appointment", record.get("appointment", ""))) or {}).get("resident", "")
        if not self._records.get(("referral", parts[0], session["department"], session["date"], person)):
            text = "reserved for referrals, given before its hour without one"
            self._add("alarm", "unreferred", ".".join(parts), block, text)

    def _appointment(self, parts: tuple[str, ...], before: Any, record: Any, block: int) -> None:
        if before is not None and record is not None and record["resident"] != before["resident"]:
            self._add("alarm", "handed-over", parts[0], block, "an appointment changed its person")

    def _draw(self, parts: tuple[str, ...], before: Any, record: Any, block: int) -> None:
        if before is None:
            self.counts["draws"] += 1
            self._blocks[parts[0]] = block
        if record is None or record["state"] not in ("done", "void") or (before or {}).get("state") == record["state"]:
            return
        if record["state"] == "void":
            self._add("note", "draw-void", parts[0], block, "nobody finished it")
            return
        for problem in draw_again(parts[0], record, self._applicants.get(parts[0], [])).problems:
            self._add("alarm", "draw", parts[0], block, problem)

    def _add(self, grade: str, code: str, where: str, block: int, text: str) -> None:
        if len(self.found) < MOST_FINDINGS:
            self.found.append(Found(grade, code, where, block, text))


def _counted(run: Any) -> int:
    """How many slots a run is; ValueError for what is no run."""
    first, minutes, count, _ = run
    if not all(type(value) is int and 0 <= value <= 10_000 for value in (first, minutes, count)):
        raise ValueError("not a run")
    return int(count)
