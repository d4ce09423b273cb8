"""The preview of an import: every session that would come of a file, and every bad line with its reason.

A row is a run of slots; rows of the same department, doctor, date, part and kind make one session. A file with any bad
line is not imported at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
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
from baas.errors import Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext

MAX_SHOWN = 500
"""Bad lines that a preview lists; beyond it only counts them."""
_PART_LETTERS = {"am": "A", "pm": "P", "night": "N"}
_MAX_SLOTS = 400
_CHINA = dt.timezone(dt.timedelta(hours=8))


@dataclass(frozen=True)
class BadLine:
    """A line of the file that cannot be imported; `column` is the file's heading, empty for the whole line."""

    line: int
    column: str
    value: str
    why: Text


@dataclass(frozen=True)
class SessionDraft:
    """A session as the file describes it; `runs` are `(start, minutes, count, pool)`, minutes from midnight."""

    id: str
    department: str
    department_name: str
    doctor: str
    doctor_name: str
    title: str
    date: str
    part: str
    kind: str
    fee: int
    start: int
    end: int
    runs: tuple[tuple[int, int, int, str], ...]
    lines: tuple[int, ...]

    @property
    def count(self) -> int:
        return sum(run[2] for run in self.runs)


@dataclass(frozen=True)
class Preview:
    """What importing the file would do."""

    file: str
    encoding: str
    rows: int
    sessions: tuple[SessionDraft, ...]
    bad: tuple[BadLine, ...]
    bad_count: int

    @property
    def importable(self) -> bool:
        return not self.bad_count and bool(self.sessions)

    @property
    def slots(self) -> int:
        return sum(s.count for s in self.sessions)

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


@dataclass
class _Checker:
    today: str
    bad: list[BadLine] = field(default_factory=list)
    bad_count: int = 0
    groups: dict[tuple[Any, ...], list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    names: dict[tuple[str, str], tuple[Any, int]] = field(default_factory=dict)

    def refuse(self, line: int, column: str, value: Any, why: Text) -> None:
        self.bad_count += 1
        if len(self.bad) < MAX_SHOWN:
            self.bad.append(BadLine(line, column, shorten(value), why))


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
    checker = _Checker((today or dt.datetime.now(_CHINA).date()).isoformat())
    rows = 0
    for line, cells in sheet.rows:
        if all(c is None or str(c).strip() == "" for c in cells):
            continue
        rows += 1
        if rows > MAX_ROWS:
            raise too_large(path)
        if rows % 5000 == 0:
            ctx.check_cancelled()
            ctx.progress(rows, 0, Text("已读 {n} 行", "{n} rows read", n=rows))
        _read_row(checker, sheet.headings, columns, line, cells)
    sessions = _sessions(checker)
    _refuse_overlaps(checker, sessions)
    checker.bad.sort(key=lambda b: b.line)
    return Preview(path.name, sheet.encoding, rows, tuple(sessions), tuple(checker.bad), checker.bad_count)


def _read_row(
    checker: _Checker, headings: Sequence[str], columns: dict[str, int], line: int, cells: Sequence[Any]
) -> None:
    row: dict[str, Any] = {}
    for name, read in READERS.items():
        index = columns.get(name)
        cell = cells[index] if index is not None and index < len(cells) else None
        if cell is None or (isinstance(cell, str) and (len(cell) > MAX_CELL or not cell.strip())):
            if name in DEFAULTS and (cell is None or not str(cell).strip()):
                row[name] = DEFAULTS[name]
                continue
            why = Text("不能为空", "must not be empty") if not cell else Text("太长", "is too long")
            checker.refuse(line, headings[index] if index is not None else name, cell or "", why)
            return
        try:
            row[name] = read(cell)
        except FieldProblem as problem:
            checker.refuse(line, headings[index] if index is not None else name, cell, problem.text)
            return
    if _row_fits(checker, line, row):
        key = (row["department"], row["doctor"], row["date"], row["part"], row["kind"])
        checker.groups.setdefault(key, []).append((line, row))


def _row_fits(checker: _Checker, line: int, row: dict[str, Any]) -> bool:
    if row["date"] < checker.today:
        checker.refuse(line, "", row["date"], Text("日期已经过去", "the date is over"))
        return False
    length = row["end"] - row["start"]
    if length <= 0:
        checker.refuse(line, "", "", Text("结束时间不晚于开始时间", "it ends before it begins"))
        return False
    if length % row["count"]:
        checker.refuse(
            line,
            "",
            row["count"],
            Text(
                "{minutes} 分钟不能平均分成 {count} 个号",
                "{minutes} minutes do not divide into {count} slots",
                minutes=length,
                count=row["count"],
            ),
        )
        return False
    for kind, name in (("department", row["department_name"]), ("doctor", (row["doctor_name"], row["department"]))):
        known, where = checker.names.setdefault((kind, row[kind]), (name, line))
        if known != name:
            checker.refuse(
                line, "", row[kind], Text("与第 {n} 行的名称或科室不同", "differs from line {n} in name", n=where)
            )
            return False
    return True


def _sessions(checker: _Checker) -> list[SessionDraft]:
    found: list[SessionDraft] = []
    for key, rows in checker.groups.items():
        rows.sort(key=lambda item: (item[1]["start"], item[1]["pool"], item[0]))
        line, first = rows[0]
        if len({row["fee"] for _, row in rows}) > 1:
            checker.refuse(rows[1][0], "", "", Text("同一出诊单元的挂号费不一致", "one session has several fees"))
            continue
        seen: dict[tuple[Any, ...], int] = {}
        duplicate = False
        for number, row in rows:
            same = (row["start"], row["end"], row["pool"])
            if same in seen:
                checker.refuse(number, "", "", Text("与第 {n} 行重复", "repeats line {n}", n=seen[same]))
                duplicate = True
            seen.setdefault(same, number)
        if duplicate:
            continue
        runs = tuple(
            (row["start"], (row["end"] - row["start"]) // row["count"], row["count"], row["pool"]) for _, row in rows
        )
        if sum(run[2] for run in runs) > _MAX_SLOTS:
            checker.refuse(line, "", "", Text("一个出诊单元最多 400 个号", "a session has at most 400 slots"))
            continue
        letter = _PART_LETTERS[first["part"]]
        name = f"{key[0]}-{key[1]}-{first['date'][2:].replace('-', '')}{letter}{first['kind'][0].upper()}"
        found.append(
            SessionDraft(
                name,
                first["department"],
                first["department_name"],
                first["doctor"],
                first["doctor_name"],
                first["title"],
                first["date"],
                first["part"],
                first["kind"],
                first["fee"],
                min(r["start"] for _, r in rows),
                max(r["end"] for _, r in rows),
                runs,
                tuple(number for number, _ in rows),
            )
        )
    return found


def _refuse_overlaps(checker: _Checker, sessions: list[SessionDraft]) -> None:
    by_doctor: dict[tuple[str, str], list[SessionDraft]] = {}
    for session in sessions:
        by_doctor.setdefault((session.doctor, session.date), []).append(session)
    for group in by_doctor.values():
        group.sort(key=lambda s: s.start)
        latest = group[0]
        for session in group[1:]:
            if session.start < latest.end:
                checker.refuse(
                    session.lines[0],
                    "",
                    session.doctor,
                    Text("与第 {n} 行的出诊时间重叠", "overlaps the session of line {n}", n=latest.lines[0]),
                )
            latest = max(latest, session, key=lambda s: s.end)
