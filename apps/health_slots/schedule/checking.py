"""The preview of an import: every session that would come of a file, and every bad line with its reason.

A row is a run of slots; rows of the same department, doctor, date, part and kind make one session. A file with any bad
line is not imported at all. Files of a million rows are read with bounded memory (`staging`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.health_slots.schedule.fields import (
    COLUMNS,
    DEFAULTS,
    READERS,
    REQUIRED,
    FieldProblem,
    find_columns,
    shorten,
)
from apps.health_slots.schedule.reading import MAX_CELL, MAX_ROWS, read_sheet, too_large
from apps.health_slots.schedule.staging import ROW_FIELDS, BadLine, Row, SessionDraft, Staging
from baas.errors import Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk import clock

MAX_SHOWN = 500
"""Bad lines that a preview lists; beyond it only counts them (`Preview.every_bad` reads them all)."""
IN_MEMORY = 2000
"""Sessions that a preview holds as a tuple; more of them stay in the temporary database."""
_PART_LETTERS = {"am": "A", "pm": "P", "night": "N"}
_MAX_SLOTS = 400


@dataclass(frozen=True)
class Preview:
    """What importing the file would do; `slots` is how many slots its sessions have."""

    file: str
    encoding: str
    rows: int
    sessions: Sequence[SessionDraft]
    slots: int
    bad: tuple[BadLine, ...]
    bad_count: int
    _staging: Staging = field(repr=False, compare=False)

    @property
    def importable(self) -> bool:
        return not self.bad_count and bool(self.sessions)

    def every_bad(self) -> Iterator[BadLine]:
        """Every bad line in the file's order, however many."""
        return self._staging.every_bad()

    def require_importable(self) -> None:
        """Raise UserError with the first bad lines unless everything is good."""
        if self.importable:
            return
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
                line=first.line,
                why=first.why,
            ),
            Text("请用 citychain slots preview 查看每一行的原因。", "See each reason with `citychain slots preview`."),
            code="bad_schedule",
            details={"bad": [[b.line, b.column, b.value, str(b.why)] for b in self.bad[:50]], "count": self.bad_count},
        )


def preview_file(path: Path, *, today: dt.date | None = None, ctx: JobContext = NULL_CONTEXT) -> Preview:
    """Read and check a schedule file completely; `today` is the hospital's date (China's by default).

    Raises UserError where the file as a whole cannot be read; single bad lines are in the result.
    """
    sheet = read_sheet(path)
    columns = find_columns(sheet.headings)
    missing = [f for f in REQUIRED if f not in columns]
    if missing:
        raise UserError(
            Text(
                "缺少列：{names}",
                "Missing columns: {english}",
                names="、".join(COLUMNS[f][0] for f in missing),
                english=", ".join(missing),
            ),
            Text("表头见 citychain slots sample。", "See the heading with `citychain slots sample`."),
            code="missing_columns",
        )
    checker = _Checker(sheet.headings, columns, (today or clock.today()).isoformat())
    rows = 0
    for line, cells in sheet.rows:
        if all(c is None or (isinstance(c, str) and not c.strip()) for c in cells):
            continue
        rows += 1
        if rows > MAX_ROWS:
            raise too_large(path)
        if rows % 5000 == 0:
            ctx.check_cancelled()
            ctx.progress(rows, 0, Text("已读 {n} 行", "{n} rows read", n=f"{rows:,}"))
        checker.read(line, cells)
    ctx.check_cancelled()
    ctx.progress(rows, 0, Text("比较 {n} 行", "Comparing {n} rows", n=f"{rows:,}"))
    staging = checker.staging
    _refuse_namesakes(staging)
    staging.keep(_sessions(staging, ctx))
    _refuse_overlaps(staging)
    made = staging.settle()
    sessions: Sequence[SessionDraft] = tuple(made) if len(made) <= IN_MEMORY else made
    bad = tuple(staging.bad(limit=MAX_SHOWN))
    return Preview(path.name, sheet.encoding, rows, sessions, made.slots, bad, staging.bad_count, staging)


class _Checker:
    """Reads rows one by one; what is good by itself goes to the staging, the rest to its bad lines."""

    def __init__(self, headings: Sequence[str], columns: dict[str, int], today: str) -> None:
        self.staging = Staging()
        self._headings = headings
        self._columns = columns
        self._today = today
        self._known: dict[tuple[str, str], Any] = {}

    def read(self, line: int, cells: Sequence[Any]) -> None:
        """Read a row's cells."""
        row: dict[str, Any] = {}
        for name in ROW_FIELDS:
            index = self._columns.get(name)
            cell = cells[index] if index is not None and index < len(cells) else None
            if cell is None or (isinstance(cell, str) and (len(cell) > MAX_CELL or not cell.strip())):
                if name in DEFAULTS and (cell is None or not str(cell).strip()):
                    row[name] = DEFAULTS[name]
                    continue
                why = Text("不能为空", "must not be empty") if not cell else Text("太长", "is too long")
                self._refuse(line, self._heading(name), cell or "", why)
                return
            try:
                row[name] = self._value(name, cell)
            except FieldProblem as problem:
                self._refuse(line, self._heading(name), cell, problem.text)
                return
        if self._fits(line, row):
            self.staging.add((line, *(row[name] for name in ROW_FIELDS)))

    def _value(self, name: str, cell: Any) -> Any:
        """The cell's value; texts come again and again, so a bounded number of them is remembered."""
        if not isinstance(cell, str):
            return READERS[name](cell)
        found = self._known.get((name, cell))
        if found is None:
            found = READERS[name](cell)
            if len(self._known) >= 50_000:
                self._known.clear()
            self._known[name, cell] = found
        return found

    def _fits(self, line: int, row: dict[str, Any]) -> bool:
        if row["date"] < self._today:
            self._refuse(line, "", row["date"], Text("日期已经过去", "the date is over"))
            return False
        length = row["end"] - row["start"]
        if length <= 0:
            self._refuse(line, "", "", Text("结束时间不晚于开始时间", "it ends before it begins"))
            return False
        if length % row["count"]:
            why = Text(
                "{minutes} 分钟不能平均分成 {count} 个号",
                "{minutes} minutes do not divide into {count} slots",
                minutes=length,
                count=row["count"],
            )
            self._refuse(line, "", row["count"], why)
            return False
        return True

    def _heading(self, name: str) -> str:
        index = self._columns.get(name)
        return self._headings[index] if index is not None else name

    def _refuse(self, line: int, column: str, value: Any, why: Text) -> None:
        self.staging.refuse(line, column, shorten(value), why)


def _refuse_namesakes(staging: Staging) -> None:
    bad: list[int] = []
    for line, id, first in staging.namesakes():
        staging.refuse(line, "", id, Text("与第 {n} 行的名称或科室不同", "differs from line {n} in name", n=first))
        bad.append(line)
    staging.drop(bad)


def _sessions(staging: Staging, ctx: JobContext) -> Iterator[SessionDraft]:
    for number, rows in enumerate(staging.groups()):
        if number % 5000 == 0:
            ctx.check_cancelled()
        made = _session(staging, rows)
        if made is not None:
            yield made


def _session(staging: Staging, rows: list[Row]) -> SessionDraft | None:
    first = rows[0]
    if len({row.fee for row in rows}) > 1:
        staging.refuse(rows[1].line, "", "", Text("同一出诊单元的挂号费不一致", "one session has several fees"))
        return None
    seen: dict[tuple[int, int, str], int] = {}
    duplicate = False
    for row in rows:
        same = (row.start, row.end, row.pool)
        if same in seen:
            staging.refuse(row.line, "", "", Text("与第 {n} 行重复", "repeats line {n}", n=seen[same]))
            duplicate = True
        seen.setdefault(same, row.line)
    if duplicate:
        return None
    runs = tuple((row.start, (row.end - row.start) // row.count, row.count, row.pool) for row in rows)
    if sum(run[2] for run in runs) > _MAX_SLOTS:
        staging.refuse(first.line, "", "", Text("一个出诊单元最多 400 个号", "a session has at most 400 slots"))
        return None
    letter = _PART_LETTERS[first.part]
    return SessionDraft(
        f"{first.department}-{first.doctor}-{first.date[2:].replace('-', '')}{letter}{first.kind[0].upper()}",
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
        runs,
        tuple(row.line for row in rows),
    )


def _refuse_overlaps(staging: Staging) -> None:
    for group in staging.by_doctor():
        latest = group[0]
        for start, end, line, doctor in group[1:]:
            if start < latest[1]:
                why = Text("与第 {n} 行的出诊时间重叠", "overlaps the session of line {n}", n=latest[2])
                staging.refuse(line, "", doctor, why)
            latest = max(latest, (start, end, line, doctor), key=lambda s: s[1])
