"""A schedule file beside the ledger: what is new, what is the same, what changed, and what the file no longer names.

Three states are compared: what was committed, what stands now, and what the file says. A file that says what was
committed changes nothing, so that importing it again never undoes a change that the hospital made since; a file that
says what stands now changes nothing either. Everything else is a change, which needs a reason on the ledger.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from apps.health_slots.index import SlotIndex
from apps.health_slots.index.schema import KINDS, PARTS
from apps.health_slots.schedule import SessionDraft
from apps.health_slots.schedule.fields import DAY_MINUTES
from apps.health_slots.services.known_sessions import (
    COMMITTED,
    KNOWN_COLUMNS,
    PUBLISHED,
    STOPPED,
    KnownSession,
    Times,
    times_of,
)
from baas.errors import Text
from baas.jobs import JobContext
from chaincode.health_slots import calendar

What = Literal["move", "substitute", "add", "withdraw", "stop"]
OTHER_ID = "{id}-R{n}"
"""The name of a session that replaces one which was committed and not opened."""


class Problem(NamedTuple):
    """Why the ledger would refuse a draft; `code` names the kind of reason."""

    draft: SessionDraft
    why: Text
    code: str


@dataclass(frozen=True)
class Change:
    """One act on a session (`hospital.session`) that makes it what the file says.

    `arguments` are those of the act in `Schedules` between session and reason; `appointments` are alive and move along
    with the session, or end with it. `line` is the file's, 0 for a session that the file no longer names.
    """

    what: What
    session: str
    arguments: tuple[Any, ...]
    words: Text
    appointments: int
    line: int = 0
    draft: SessionDraft | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Compared:
    """Sessions of a file beside those of the ledger.

    `known` are ids of drafts that need nothing written; `renamed` gives the id under which a draft is committed where
    its own is taken by one that is stopped; `missing` are what becomes of sessions of the file's days and departments
    that the file does not name, where somebody says that the file is whole: moved or handed to another doctor where
    that is clear, else stopped. `paired` are the drafts that then need no commitment. A file of one doctor alone says
    nothing of the others.
    """

    known: frozenset[str]
    renamed: dict[str, str]
    changes: tuple[Change, ...]
    missing: tuple[Change, ...]
    paired: frozenset[str]
    problems: tuple[Problem, ...]
    overlaps: tuple[tuple[Problem, str], ...]
    """problems that vanish if the session that is named beside them stops"""

    @property
    def same(self) -> int:
        """How many sessions of the file are on the ledger as they are."""
        return len(self.known) - len({change.session for change in self.changes if change.what != "stop"})

    def refused(self, *, stop_missing: bool = False) -> tuple[Problem, ...]:
        """What the ledger would refuse."""
        going = {change.session for change in self.changes if change.what == "stop"}
        if stop_missing:
            going |= {change.session for change in self.missing if change.what == "stop"}
        paired = self.paired if stop_missing else frozenset()
        left = (one for one, other in self.overlaps if other not in going and one.draft.id not in paired)
        return (*self.problems, *left)

    def done_with(self, *, stop_missing: bool) -> tuple[tuple[Change, ...], frozenset[str]]:
        """The changes to make, and the ids of drafts that need no commitment."""
        if stop_missing:
            return (*self.changes, *self.missing), self.known | self.paired
        return self.changes, self.known


class Comparison:
    """One comparison of a file with an index that is up to date.

    `plan_of` gives the runs of a session that was committed here and is not open yet, None if another desk did;
    `now` is in seconds since 1970 UTC.
    """

    def __init__(
        self,
        index: SlotIndex,
        hospital: str,
        plan_of: Callable[[str], Sequence[Sequence[Any]] | None],
        now: int,
        offset_minutes: int,
    ) -> None:
        self._index, self._hospital, self._plan_of = index, hospital, plan_of
        self._now, self._offset = now, offset_minutes
        self._known: set[str] = set()
        self._renamed: dict[str, str] = {}
        self._changes: list[Change] = []
        self._problems: list[Problem] = []
        self._overlaps: dict[str, tuple[Problem, str]] = {}
        self._met: set[int] = set()
        self._new: list[int] = []
        """Numbers of drafts that the ledger does not know; some may be a known session on another day."""

    def run(self, drafts: Sequence[SessionDraft], ctx: JobContext) -> Compared:
        """Compare every draft, then look for what the file no longer names."""
        departments: set[str] = set()
        first, last = "9999-12-31", "0001-01-01"
        for number, draft in enumerate(drafts):
            if number % 2000 == 0:
                ctx.check_cancelled()
            departments.add(draft.department)
            first, last = min(first, draft.date), max(last, draft.date)
            if self._place(draft):
                self._new.append(number)
        missing = [there for there in self._named(first, last) if there.department in departments] if drafts else []
        pairs, missing = self._pair(missing, drafts) if missing else ({}, [])
        return Compared(
            frozenset(self._known),
            self._renamed,
            tuple(self._changes),
            (*pairs.values(), *(self._stop(there, None) for there in missing)),
            frozenset(pairs),
            tuple(self._problems),
            tuple(self._overlaps.values()),
        )

    def _place(self, draft: SessionDraft) -> bool:
        """Find a draft's session on the ledger; True if there is none."""
        by_id = self._newest(draft.id)
        near = list(self._near(draft))
        if by_id is not None:
            self._met.add(by_id.key)
            if by_id.committed_as(draft, self._plan_of(by_id.code)):
                self._known.add(draft.id)
                return False
        for there, _ in near:
            if there.date == draft.date and there.state != STOPPED and self._same(there, draft):
                self._met.add(there.key)
                self._known.add(draft.id)
                return False
        if by_id is None or by_id.state == STOPPED:
            if by_id is not None:
                self._rename(draft, by_id)
            other = next((one for one, _ in near if one.elsewhere(draft)), None)
            if other is not None:
                self._elsewhere(other, draft)
                return False
            self._look_for_overlap(draft, near)
            return True
        if by_id.state == COMMITTED:
            self._changes.append(self._stop(by_id, draft))
            self._rename(draft, by_id)
            self._look_for_overlap(draft, [(one, shift) for one, shift in near if one.key != by_id.key])
        else:
            self._known.add(draft.id)
            self._alter(by_id, draft)
        return False

    def _elsewhere(self, there: KnownSession, draft: SessionDraft) -> None:
        """A session that the file puts at another campus: committed anew while nobody can have seen its slots."""
        self._met.add(there.key)
        if there.state == COMMITTED:
            self._changes.append(self._stop(there, draft))
            return
        why = Text("已放号，院区不能再改；要改请先停诊", "is open, its campus stays; stop it to change it")
        self._problems.append(Problem(draft, why, "session_exists"))

    def _same(self, there: KnownSession, draft: SessionDraft) -> bool:
        if (there.kind, there.fee) != (draft.kind, draft.fee) or not there.at_campus(draft):
            return False
        if there.state == COMMITTED:
            plan = self._plan_of(there.code)
            if plan is None:
                return (there.start, there.end, there.slots) == (draft.start, draft.end, draft.count)
            return times_of(plan) == times_of(draft.runs)
        return self._times(there) == times_of(draft.runs)

    def _times(self, there: KnownSession) -> Times:
        return Counter((slot.start, slot.end, slot.pool) for slot in self._slots(there))

    def _slots(self, there: KnownSession) -> list[Any]:
        return [slot for slot in self._index.slots(f"{self._hospital}.{there.code}") if slot.state != "stopped"]

    def _alter(self, there: KnownSession, draft: SessionDraft) -> None:
        """An open session whose file says something else: its hour, or single slots."""
        if (there.kind, there.fee) != (draft.kind, draft.fee):
            why = Text(
                "已放号，号别和挂号费不能再改；要改请先停诊", "is open, its kind and fee stay; stop it to change them"
            )
            self._problems.append(Problem(draft, why, "session_exists"))
            return
        slots, wanted = self._slots(there), times_of(draft.runs)
        now = Counter((slot.start, slot.end, slot.pool) for slot in slots)
        shift = draft.start - there.start
        if shift and Counter({(a + shift, b + shift, pool): n for (a, b, pool), n in now.items()}) == wanted:
            self._changes.append(self._moved(there, draft, shift))
            return
        extra, gone = wanted - now, now - wanted
        numbers = []
        for slot in sorted(slots, key=lambda s: -s.number):
            if gone[(slot.start, slot.end, slot.pool)] > 0:
                gone[(slot.start, slot.end, slot.pool)] -= 1
                numbers.append(slot.number)
        numbers.sort()
        hit = self._appointments(there, numbers)
        if extra and numbers and hit:
            why = Text(
                "号的时间变了，其中 {n} 个预约会被取消；请用改诊或停诊",
                "its times change and {n} appointments would end; move or stop it by hand",
                n=hit,
            )
            self._problems.append(Problem(draft, why, "session_exists"))
            return
        name = f"{self._hospital}.{there.code}"
        if numbers:
            words = Text("{w} 撤 {n} 个号", "{w}: withdraw {n} slots", w=_where(draft), n=len(numbers))
            self._changes.append(Change("withdraw", name, (numbers,), words, hit, draft.lines[0], draft))
        for (start, end, pool), count in sorted(extra.items()):
            words = Text("{w} 加 {t} 的号", "{w}: add a slot at {t}", w=_where(draft), t=_clock(start))
            one = Change("add", name, (start, end - start, pool), words, 0, draft.lines[0], draft)
            self._changes += [one] * count

    def _moved(self, there: KnownSession, draft: SessionDraft, shift: int) -> Change:
        words = Text(
            "{date} {doctor} 改到 {to} {t}",
            "{doctor}, {date}: move to {to} {t}",
            date=there.date,
            doctor=draft.doctor_name,
            to=draft.date,
            t=_clock(draft.start),
        )
        name, hit = f"{self._hospital}.{there.code}", self._appointments(there)
        return Change("move", name, (draft.date, shift), words, hit, draft.lines[0], draft)

    def _stop(self, there: KnownSession, draft: SessionDraft | None) -> Change:
        name, hit = f"{self._hospital}.{there.code}", self._appointments(there)
        if draft is not None:
            words = Text(
                "{w} 还没放号，按文件重新承诺", "{w}: not open yet; committed anew as in the file", w=_where(draft)
            )
            return Change("stop", name, (), words, hit, draft.lines[0], draft)
        words = Text(
            "{date} {s} {t} 停诊，文件里没有了",
            "{date} {s} {t}: stop, the file no longer names it",
            date=there.date,
            t=_clock(there.start),
            s=self._index.session(name).doctor_name,
        )
        return Change("stop", name, (), words, hit)

    def _pair(
        self, missing: list[KnownSession], drafts: Sequence[SessionDraft]
    ) -> tuple[dict[str, Change], list[KnownSession]]:
        """Those that only moved to another day or hour, or to another doctor, by draft; then what is missing for good.

        Only where it is clear which became which: one session, one draft.
        """
        alike: dict[tuple[str, ...], list[KnownSession]] = {}
        for there in missing:
            alike.setdefault(("doctor", there.doctor), []).append(there)
            alike.setdefault(("day", there.date, there.department), []).append(there)
        pairs: list[tuple[SessionDraft, KnownSession]] = []
        for draft in (drafts[number] for number in self._new):
            pairs += [(draft, one) for one in alike.get(("doctor", draft.doctor), []) if self._moved_to(one, draft)]
            there_then = alike.get(("day", draft.date, draft.department), [])
            pairs += [(draft, one) for one in there_then if self._passed_to(one, draft)]
        by_draft, by_session = Counter(d.id for d, _ in pairs), Counter(t.key for _, t in pairs)
        paired: set[int] = set()
        found: dict[str, Change] = {}
        for draft, one in pairs:
            moved = one.doctor == draft.doctor
            if by_draft[draft.id] > 1 or by_session[one.key] > 1 or (draft.id in self._overlaps and not moved):
                continue
            paired.add(one.key)
            if moved:
                found[draft.id] = self._moved(one, draft, draft.start - one.start)
            else:
                words = Text("{w} 由该医生替诊", "{w}: this doctor substitutes", w=_where(draft))
                name, hit = f"{self._hospital}.{one.code}", self._appointments(one)
                found[draft.id] = Change("substitute", name, (draft.doctor,), words, hit, draft.lines[0], draft)
        return found, [there for there in missing if there.key not in paired]

    def _moved_to(self, there: KnownSession, draft: SessionDraft) -> bool:
        if there.doctor != draft.doctor or not there.like(draft) or there.state != PUBLISHED:
            return False
        shift = draft.start - there.start
        return Counter({(a + shift, b + shift, p): n for (a, b, p), n in self._times(there).items()}) == times_of(
            draft.runs
        )

    def _passed_to(self, there: KnownSession, draft: SessionDraft) -> bool:
        alike = there.like(draft) and there.date == draft.date and there.doctor != draft.doctor
        return alike and there.state == PUBLISHED and self._times(there) == times_of(draft.runs)

    def _look_for_overlap(self, draft: SessionDraft, near: list[tuple[KnownSession, int]]) -> None:
        for there, shift in near:
            if there.state != STOPPED and draft.start < there.end + shift and there.start + shift < draft.end:
                why = Text(
                    "{other} 已占用该医生的这个时间", "the doctor has session {other} at that time", other=there.code
                )
                self._overlaps[draft.id] = Problem(draft, why, "session_overlap"), f"{self._hospital}.{there.code}"
                return

    def _newest(self, id: str) -> KnownSession | None:
        """The session of that id, or the last one that took its place."""
        found = self._read("AND (s.code = ? OR s.code GLOB ?) ORDER BY s.id", id, OTHER_ID.format(id=id, n="[0-9]*"))
        return max(found, key=lambda there: (len(there.code), there.code), default=None)

    def _rename(self, draft: SessionDraft, taken: KnownSession) -> None:
        number = int(taken.code.removeprefix(draft.id).removeprefix("-R") or 1) + 1
        self._renamed[draft.id] = OTHER_ID.format(id=draft.id, n=number)

    def _near(self, draft: SessionDraft) -> Iterator[tuple[KnownSession, int]]:
        """The doctor's sessions of the draft's day, the one before and the one after, with minutes to add to theirs."""
        day = dt.date.fromisoformat(draft.date)
        near = {(day + dt.timedelta(days=n)).isoformat(): n * DAY_MINUTES for n in (-1, 0, 1)}
        for there in self._read("AND s.date IN (?, ?, ?) AND s.doctor = ?", *near, draft.doctor):
            yield there, near[there.date]

    def _named(self, first: str, last: str) -> list[KnownSession]:
        """Sessions of those days that no draft met, are not stopped and not over."""
        found = self._read("AND s.date BETWEEN ? AND ? AND s.state < 2 ORDER BY s.date, s.start, s.id", first, last)
        return [
            there
            for there in found
            if there.key not in self._met and calendar.at(there.date, there.end, self._offset) > self._now
        ]

    def _appointments(self, there: KnownSession, numbers: Sequence[int] | None = None) -> int:
        rows = self._index.rows(
            "SELECT number FROM appointment WHERE session = ? AND state IN ('pending', 'booked')", (there.key,)
        )
        return sum(numbers is None or row[0] in numbers for row in rows)

    def _read(self, more: str, *values: Any) -> Iterator[KnownSession]:
        for row in self._index.rows(f"SELECT {KNOWN_COLUMNS} {more}", (self._hospital, *values)):
            *rest, part, kind, fee, slots, campus, runs = row
            yield KnownSession._make((*rest, PARTS[part], KINDS[kind], fee, slots, campus, runs))


def _where(draft: SessionDraft) -> str:
    return f"{draft.date} {draft.doctor_name} {_clock(draft.start)}"


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"
