"""The preview of an import: every session that would come of a file, every bad line with its reason, what is open.

A row is a run of slots; rows of the same department, doctor, date, part, kind and
campus make one session. A file with any bad
line is not imported at all. Files of a million rows are read with bounded memory (`staging`).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from apps.health_slots.schedule.cells import shorten
from apps.health_slots.schedule.fields import COLUMNS
from apps.health_slots.schedule.finding import Schedule, find_schedule
from apps.health_slots.schedule.habits import Habits, Question
from apps.health_slots.schedule.lines import LineReader
from apps.health_slots.schedule.spreading import spread
from apps.health_slots.schedule.staging import BadLine, Note, Row, SessionDraft, Staging
from apps.health_slots.schedule.tables import MAX_ROWS, too_large
from baas.errors import Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk import clock

MAX_SHOWN = 500
"""Bad lines and notes that a preview lists; beyond it only counts them (`Preview.every_bad` reads them all)."""
IN_MEMORY = 2000
"""Sessions that a preview holds as a tuple; more of them stay in the temporary database."""
_PART_LETTERS = {"am": "A", "pm": "P", "night": "N"}
ANY_DAY = -1
_MAX_SLOTS = 400


@dataclass(frozen=True)
class Preview:
    """What importing the file would do; `slots` is how many slots its sessions have.

    `questions` are what only the hospital can say; lines that wait for an answer are among the bad ones.
    """

    file: str
    encoding: str
    rows: int
    sessions: Sequence[SessionDraft]
    slots: int
    bad: tuple[BadLine, ...]
    bad_count: int
    questions: tuple[Question, ...]
    notes: tuple[Note, ...]
    note_count: int
    habits: Habits
    _staging: Staging = field(repr=False, compare=False)
    _schedule: Schedule = field(repr=False, compare=False)
    differences: Any = None
    """`services.differences.Compared` where the file was compared with the ledger."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """headings that the general tables do not know, with the field that this hospital reads each as ("" for none)"""

    @property
    def importable(self) -> bool:
        return not self.bad_count and not self.questions and bool(self.sessions)

    def every_bad(self) -> Iterator[BadLine]:
        """Every bad line in the file's order, however many."""
        return (self._placed(line) for line in self._staging.every_bad())

    def place(self, line: int) -> str:
        """A draft's or question's line as people find it: `12`, or `门诊 12` in a file of several schedules."""
        sheet, row = self._schedule.place(line)
        return f"{sheet} {row}" if sheet else str(row)

    def refuse(self, problems: Iterable[tuple[SessionDraft, Text]]) -> Preview:
        """This preview with more bad lines, found by comparing with the ledger."""
        for draft, why in problems:
            self._staging.refuse(draft.lines[0], "", shorten(draft.doctor_name), why)
        bad = tuple(self._placed(one) for one in self._staging.bad(limit=MAX_SHOWN))
        return replace(self, bad=bad, bad_count=self._staging.bad_count)

    def good(self) -> tuple[SessionDraft, ...]:
        """The sessions of which no line is bad, for whoever imports what can be imported."""
        bad = {line.line for line in self._staging.every_bad()}
        return tuple(draft for draft in self.sessions if bad.isdisjoint(draft.lines))

    def require_importable(self) -> None:
        """Raise UserError with the open questions or first bad lines unless everything is good."""
        if self.importable:
            return
        if self.questions:
            raise UserError(
                Text(
                    "有 {n} 个问题要先回答，什么都没有导入；第一个：{q}",
                    "{n} questions come first and nothing was imported; the first: {q}",
                    n=len(self.questions),
                    q=self.questions[0].text,
                ),
                Text(
                    "请用 citychain slots preview 查看全部问题和回答方法。",
                    "See all of them and how to answer with `citychain slots preview`.",
                ),
                code="schedule_questions",
                details={"questions": [[q.about, q.subject, str(q.text)] for q in self.questions[:50]]},
            )
        if not self.bad_count:
            raise UserError(
                Text("文件里没有排班。", "The file holds no schedule."),
                Text("表头下至少要有一行。", "It needs at least one row below the heading."),
            )
        first = self.bad[0]
        raise UserError(
            Text(
                "{count} 行不能导入，什么都没有导入；第 {line} 行：{why}",
                "{count} lines cannot be imported and nothing was; line {line}: {why}",
                count=self.bad_count,
                line=f"{first.sheet} {first.line}".strip(),
                why=first.why,
            ),
            Text("请用 citychain slots preview 查看每一行的原因。", "See each reason with `citychain slots preview`."),
            code="bad_schedule",
            details={"bad": [[b.line, b.column, b.value, str(b.why)] for b in self.bad[:50]], "count": self.bad_count},
        )

    def _placed(self, bad: BadLine) -> BadLine:
        sheet, row = self._schedule.place(bad.line)
        return replace(bad, sheet=sheet, line=row)


def preview_file(
    path: Path,
    *,
    today: dt.date | None = None,
    minute: int = 0,
    habits: Habits = Habits(),  # noqa: B008 - immutable
    ctx: JobContext = NULL_CONTEXT,
) -> Preview:
    """Read and check a schedule file completely.

    `today` is the hospital's date (China's by default) and `minute` its time of day: a session that is over by then is
    a bad line (`ANY_DAY` for a schedule whose days may be over). `habits` are how the hospital writes. Raises UserError
    where the file as a whole cannot be read; single bad lines and open questions are in the result.
    """
    schedule = find_schedule(path, habits)
    staging = Staging()
    today = today or clock.today()
    reader = LineReader(staging, schedule, habits, today, minute)
    rows = 0
    for sheet in schedule.sheets:
        if not reader.begin(sheet):
            _require_a_table(sheet.headings, reader)
            continue
        for line, cells in sheet.rows:
            if not reader.read(line, cells):
                continue
            rows += 1
            if rows > MAX_ROWS:
                raise too_large(path)
            if rows % 5000 == 0:
                ctx.check_cancelled()
                ctx.progress(rows, 0, Text("已读 {n} 行", "{n} rows read", n=f"{rows:,}"))
    ctx.check_cancelled()
    ctx.progress(rows, 0, Text("比较 {n} 行", "Comparing {n} rows", n=f"{rows:,}"))
    _refuse_namesakes(staging, schedule)
    staging.keep(_sessions(staging, schedule, habits, ctx))
    _refuse_overlaps(staging, schedule)
    made = staging.settle()
    sessions: Sequence[SessionDraft] = tuple(made) if len(made) <= IN_MEMORY else made
    notes = [replace(n, sheet=schedule.place(n.line)[0], line=schedule.place(n.line)[1]) for n in staging.notes()]
    preview = Preview(
        path.name,
        schedule.encoding,
        rows,
        sessions,
        made.slots,
        (),
        staging.bad_count,
        tuple(reader.questions.values()),
        tuple(notes),
        staging.note_count,
        habits,
        staging,
        schedule,
        columns=reader.columns,
    )
    return replace(preview, bad=tuple(preview._placed(one) for one in staging.bad(limit=MAX_SHOWN)))


def _require_a_table(headings: Sequence[str], reader: LineReader) -> None:
    """UserError if a sheet lacks columns and has nothing from which they could be chosen."""
    if len([heading for heading in headings if heading]) >= len(reader.missing):
        return
    raise UserError(
        Text(
            "缺少列：{names}",
            "Missing columns: {english}",
            names="、".join(COLUMNS[f][0] for f in reader.missing),
            english=", ".join(reader.missing),
        ),
        Text("表头见 citychain slots sample。", "See the heading with `citychain slots sample`."),
        code="missing_columns",
    )


def _refuse_namesakes(staging: Staging, schedule: Schedule) -> None:
    bad: list[int] = []
    for line, id, first in staging.namesakes():
        why = Text("与第 {n} 行的名称或科室不同", "differs from line {n} in name", n=schedule.place(first)[1])
        staging.refuse(line, "", id, why)
        bad.append(line)
    staging.drop(bad)


def _sessions(staging: Staging, schedule: Schedule, habits: Habits, ctx: JobContext) -> Iterator[SessionDraft]:
    for number, rows in enumerate(staging.groups()):
        if number % 5000 == 0:
            ctx.check_cancelled()
        made = _session(staging, schedule, habits, rows)
        if made is not None:
            yield made


def _session(staging: Staging, schedule: Schedule, habits: Habits, rows: list[Row]) -> SessionDraft | None:
    first = rows[0]
    if len({row.fee for row in rows}) > 1:
        staging.refuse(rows[1].line, "", "", Text("同一出诊单元的挂号费不一致", "one session has several fees"))
        return None
    seen: dict[tuple[int, int, str], int] = {}
    duplicate = False
    for row in rows:
        same = (row.start, row.end, row.pool)
        if same in seen:
            why = Text("与第 {n} 行重复", "repeats line {n}", n=schedule.place(seen[same])[1])
            staging.refuse(row.line, "", "", why)
            duplicate = True
        seen.setdefault(same, row.line)
    if duplicate:
        return None
    runs = tuple((*run, row.pool) for row in rows for run in spread(row.start, row.end, row.count, habits.spread))
    if sum(run[2] for run in runs) > _MAX_SLOTS:
        staging.refuse(first.line, "", "", Text("一个出诊单元最多 400 个号", "a session has at most 400 slots"))
        return None
    letter = _PART_LETTERS[first.part]
    return SessionDraft(
        f"{first.department}-{first.doctor}-{first.date[2:].replace('-', '')}{letter}{first.kind[0].upper()}"
        f"{_campus_letters(first.campus)}",
        first.department,
        first.department_name,
        first.doctor,
        first.doctor_name,
        first.title,
        first.date,
        first.part,
        first.kind,
        first.fee,
        min(row.start for row in rows),
        max(row.end for row in rows),
        first.department_code,
        first.doctor_code,
        first.campus,
        first.campus_name,
        runs,
        tuple(row.line for row in rows),
    )


def _campus_letters(campus: str) -> str:
    """Three letters that keep a doctor's sessions of one half-day at two campuses apart; "" without a campus.

    A session's id has room for no more of it: departments and doctors take up to 24 of its 40 characters.
    """
    return base64.b32encode(hashlib.sha256(campus.encode()).digest()).decode()[:3] if campus else ""


def _refuse_overlaps(staging: Staging, schedule: Schedule) -> None:
    for group in staging.by_doctor():
        latest = group[0]
        for start, end, line, doctor in group[1:]:
            if start < latest[1]:
                n = schedule.place(latest[2])[1]
                staging.refuse(
                    line, "", doctor, Text("与第 {n} 行的出诊时间重叠", "overlaps the session of line {n}", n=n)
                )
            latest = max(latest, (start, end, line, doctor), key=lambda s: s[1])
