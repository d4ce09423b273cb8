"""Reads a schedule's rows one by one: what is good by itself is staged, the rest is refused or asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from apps.health_slots.schedule import spreading
from apps.health_slots.schedule.cells import MAX_CELL, NoValue, is_blank, plain, shorten
from apps.health_slots.schedule.fields import (
    COLUMNS,
    DAY_MINUTES,
    DEFAULTS,
    KIND_WORDS,
    PART_WORDS,
    POOL_WORDS,
    REQUIRED,
    TOTALS,
    FieldProblem,
    Unknown,
    find_columns,
    ledger_id,
    own_columns,
    read_number,
    readers,
)
from apps.health_slots.schedule.finding import Schedule, Sheet
from apps.health_slots.schedule.habits import COLUMN, Habits, Question
from apps.health_slots.schedule.staging import ROW_FIELDS, Staging
from baas.errors import Text

MAX_QUESTIONS = 100
FAR_DAYS = 400
"""How far ahead the ledger takes a session."""
LONGEST_NIGHT = 14 * 60
_FILLED_DOWN = (
    *("campus", "department", "department_name", "doctor", "doctor_name"),
    *("title", "date", "part", "kind", "fee"),
)
_CELLS = ("department", "department_name", "doctor", "doctor_name", "title", "date", "part", "hours", "start", "end")
_READ = (*_CELLS, "count", "kind", "pool", "fee", "campus")


class _Bad(Exception):
    """A line that cannot be staged: the field, what stands there, why."""

    def __init__(self, field: str, value: Any, why: Text) -> None:
        super().__init__(str(why))
        self.field, self.value, self.why = field, value, why


class LineReader:
    """`begin` a sheet, `read` its rows; `questions` are what is left open, by what they are about."""

    def __init__(self, staging: Staging, schedule: Schedule, habits: Habits, today: dt.date, minute: int) -> None:
        """A `minute` below 0 takes sessions of any day, for a schedule whose days are over."""
        self.questions: dict[tuple[str, str], Question] = {}
        self.missing: tuple[str, ...] = ()
        self.columns: dict[str, str] = {}
        """headings that only the hospital can explain, with the field that each is read as"""
        self._staging = staging
        self._schedule = schedule
        self._habits = habits
        self._today = today.isoformat()
        self._far = (today + dt.timedelta(days=FAR_DAYS)).isoformat()
        self._minute = minute
        self._readers = readers(habits, today)
        self._known: dict[tuple[str, str], Any] = {}
        self._headings: Sequence[str] = ()
        self._columns: dict[str, int] = {}
        self._above: dict[str, Any] = {}
        self._sum = self._subtotal = 0.0

    def begin(self, sheet: Sheet) -> bool:
        """Learn a sheet's headings; False, with questions, if columns are missing without which nothing can be read."""
        self._headings = sheet.headings
        self._columns = find_columns(sheet.headings, self._habits)
        self.columns |= own_columns(sheet.headings, self._habits)
        self._above = {}
        self._sum = self._subtotal = 0.0
        self.missing = tuple(self._missing())
        for field in self.missing:
            self._ask_column(field)
        for field in ("department", "doctor"):
            if field not in self._columns and f"{field}_name" in self._columns and not self._habits.names_as_ids:
                self._ask_id(field)
        return not self.missing

    def _missing(self) -> list[str]:
        there = self._columns
        missing = [field for field in REQUIRED if field not in there]
        if "start" not in there and "hours" not in there and "part" not in there:
            missing.append("part")
        return missing

    def read(self, line: int, cells: Sequence[Any]) -> bool:
        """Read a row's cells; False for a row that is no line of the schedule (empty, or a sum of the others)."""
        if all(is_blank(cell) for cell in cells):
            return False
        if self._is_total(line, cells):
            return False
        try:
            self._stage(line, self._values(line, cells))
        except _Bad as bad:
            self._staging.refuse(line, self._heading(bad.field), shorten(bad.value), bad.why)
        return True

    # -- one row ---------------------------------------------------------------------------------------
    def _values(self, line: int, cells: Sequence[Any]) -> dict[str, Any]:
        row: dict[str, Any] = {}
        problem: _Bad | None = None
        for field in _READ:
            index = self._columns.get(field)
            cell = cells[index] if index is not None and index < len(cells) else None
            try:
                row[field] = self._value(line, field, cell)
            except _Bad as bad:
                problem = problem or bad
            else:
                if field == "count" and row[field]:
                    self._sum += row[field]
                    self._subtotal += row[field]
        if problem is not None:
            raise problem
        return row

    def _value(self, line: int, field: str, cell: Any) -> Any:
        if is_blank(cell):
            if self._habits.fill_down and field in _FILLED_DOWN and field in self._above:
                return self._above[field]
            return self._nothing(line, field)
        if isinstance(cell, NoValue):
            raise _Bad(
                field,
                cell,
                Text(
                    "公式的结果没有存在文件里，请在表格软件中打开后重新保存",
                    "the file does not hold this formula's result; open and save it in a spreadsheet program",
                ),
            )
        if isinstance(cell, str) and len(cell) > MAX_CELL:
            raise _Bad(field, cell, Text("太长", "is too long"))
        try:
            value = self._understood(field, cell)
        except Unknown as unknown:
            self._ask(unknown, line)
            raise _Bad(field, cell, unknown.text) from None
        except FieldProblem as problem:
            raise _Bad(field, cell, problem.text) from None
        self._above[field] = value
        return value

    def _understood(self, field: str, cell: Any) -> Any:
        """The cell's value; texts come again and again, so a bounded number of them is remembered."""
        if not isinstance(cell, str):
            return self._readers[field](cell)
        found = self._known.get((field, cell))
        if found is None:
            found = self._readers[field](cell)
            if len(self._known) >= 50_000:
                self._known.clear()
            self._known[field, cell] = found
        return found

    def _nothing(self, line: int, field: str) -> Any:
        """What an empty cell means."""
        if field in DEFAULTS:
            return DEFAULTS[field]
        there = self._columns
        if field in ("department", "doctor") and (self._habits.names_as_ids or field not in there):
            return ""
        if field == "part" and ("start" in there or "hours" in there):
            return ""
        if field in ("hours", "start", "end"):
            return None
        if field in self._above and field in _FILLED_DOWN and self._schedule.encoding not in ("xlsx", "xls", "ods"):
            self._put(
                Question(
                    "fill_down",
                    "",
                    Text(
                        "有空的“{h}”：是否沿用上一行（合并单元格导出成 CSV 时会这样）？",
                        "Some '{h}' are empty: do they mean the line above, as merged cells exported to CSV?",
                        h=self._heading(field),
                    ),
                    (("yes", Text("沿用上一行", "take the line above")),),
                    line,
                )
            )
        raise _Bad(field, "", Text("不能为空", "must not be empty"))

    def _stage(self, line: int, row: dict[str, Any]) -> None:
        for field in ("department", "doctor"):
            code = row[field] or row[f"{field}_name"]
            row[field] = ledger_id(code)
            row[f"{field}_code"] = "" if row[field] == code else code
        row["campus_name"] = row["campus"]
        row["campus"] = ledger_id(row["campus"]) if row["campus"] else ""
        self._find_hours(line, row)
        over = row["date"] < self._today or (row["date"] == self._today and row["end"] <= self._minute)
        if over and self._minute >= 0:
            raise _Bad("date", row["date"], Text("日期已经过去", "the date is over"))
        if row["date"] > self._far:
            raise _Bad("date", row["date"], Text("超过 {n} 天以后", "is more than {n} days ahead", n=FAR_DAYS))
        length = row["end"] - row["start"]
        if not spreading.spread(row["start"], row["end"], row["count"], self._habits.spread):
            why = Text(
                "{minutes} 分钟放不下 {count} 个号", "{minutes} minutes do not hold {count} slots",
                minutes=length, count=row["count"],
            )  # fmt: skip
            raise _Bad("count", row["count"], why)
        if length % row["count"]:
            self._staging.note(line, self._spread_words(length, row["count"]))
        self._staging.add((line, *(row[name] for name in ROW_FIELDS)))

    def _spread_words(self, length: int, count: int) -> Text:
        if self._habits.spread == "half-hours":
            return Text(
                "{m} 分钟不能平均分成 {n} 个号：按半小时分配",
                "{m} minutes do not divide into {n} slots: spread by half hours",
                m=length,
                n=count,
            )
        return Text(
            "{m} 分钟不能平均分成 {n} 个号：前 {k} 个各 {long} 分钟，其余各 {short} 分钟",
            "{m} minutes do not divide into {n} slots: the first {k} have {long} minutes, the others {short}",
            m=length,
            n=count,
            k=length % count,
            long=length // count + 1,
            short=length // count,
        )

    def _find_hours(self, line: int, row: dict[str, Any]) -> None:
        """Make `start`, `end` and `part` of what the row says of them, and the hospital's hours."""
        hours, part = row["hours"], row["part"]
        if row["start"] is not None and row["end"] is not None:
            (start, cut), (end, also_cut) = row["start"], row["end"]
            if cut or also_cut:
                self._staging.note(line, Text("时间中的秒已略去", "the seconds of its times were dropped"))
        elif hours is not None:
            start, end = hours
        elif part and part in self._habits.hours:
            start, end = self._habits.hours[part]
        elif row["start"] is not None or row["end"] is not None or not part:
            raise _Bad("end" if row["end"] is None else "start", "", Text("不能为空", "must not be empty"))
        else:
            words = PART_WORDS[part]
            question = Text("{p}从几点到几点？", "From when to when is the {p}?", p=words)
            self._put(Question("hours", part, question, (), line))
            raise _Bad("part", words, Text("文件里没有起止时间", "the file has no times"))
        if end <= start:
            if (part and part != "night") or start < DAY_MINUTES // 2 or end + DAY_MINUTES - start > LONGEST_NIGHT:
                raise _Bad("", "", Text("结束时间不晚于开始时间", "it ends before it begins"))
            end += DAY_MINUTES
        if start >= DAY_MINUTES:
            raise _Bad(
                "start", "24:00", Text("开始时间应写成次日 00:00", "write the beginning as 00:00 of the next day")
            )
        if end > DAY_MINUTES:
            self._staging.note(line, Text("到次日结束", "ends on the next day"))
        if not part:
            part = "am" if start < DAY_MINUTES // 2 else "pm" if start < 18 * 60 else "night"
        row.update(start=start, end=end, part=part)

    # -- sums -------------------------------------------------------------------------------------------
    def _is_total(self, line: int, cells: Sequence[Any]) -> bool:
        first = next((cell for cell in cells if not is_blank(cell)), None)
        if not isinstance(first, str) or "".join(plain(first).split()).rstrip(":").lower() not in TOTALS:
            return False
        index = self._columns.get("count")
        said = read_number(cells[index]) if index is not None and index < len(cells) else None
        partial = "".join(plain(first).split()).lower().startswith(("小计", "subtotal"))
        mine = self._subtotal if partial else self._sum
        if said is not None and said != mine:
            why = Text(
                "合计是 {s:g}，而各行相加是 {m:g}", "the sum says {s:g}, the lines add up to {m:g}", s=said, m=mine
            )
            self._staging.refuse(line, self._heading("count"), shorten(said), why)
        else:
            self._staging.note(line, Text("合计行，不是排班", "a sum, no line of the schedule"))
        self._subtotal = 0.0
        return True

    # -- questions --------------------------------------------------------------------------------------
    def _ask(self, unknown: Unknown, line: int) -> None:
        choices: tuple[tuple[str, Text], ...]
        match unknown.about:
            case "dates":
                question = Text(
                    "日期里月和日谁在前（如 {cell}）？",
                    "Which comes first in dates such as {cell}, month or day?",
                    cell="12/02/2026",
                )
                choices = (
                    ("mdy", Text("月/日：12 月 2 日", "month first: 2 December")),
                    ("dmy", Text("日/月：2 月 12 日", "day first: 12 February")),
                )
            case "parts":
                question = Text("时段“{w}”是什么？", "What is the part of the day '{w}'?", w=unknown.subject)
                choices = tuple(PART_WORDS.items())
            case "kinds":
                question = Text("号别“{w}”算哪一类？", "Which kind is '{w}'?", w=unknown.subject)
                choices = tuple(KIND_WORDS.items())
            case _:
                question = Text("号源池“{w}”是哪一个？", "Which pool is '{w}'?", w=unknown.subject)
                choices = tuple(POOL_WORDS.items())
        self._put(Question(unknown.about, unknown.subject, question, choices, line))  # type: ignore[arg-type]

    def _ask_column(self, field: str) -> None:
        text = Text("哪一列是“{h}”？", "Which column is '{f}'?", h=COLUMNS[field][0], f=field)
        self._put(Question("columns", field, text, self._free_columns()))

    def _ask_id(self, field: str) -> None:
        text = Text(
            "文件里没有“{h}”：用名称作编号，还是另有一列？",
            "The file has no '{f}': use the names as ids, or is it another column?",
            h=COLUMNS[field][0],
            f=field,
        )
        names = (("yes", Text("用名称作编号", "use the names")),)
        self._put(Question("names_as_ids", field, text, (*names, *self._free_columns())))

    def _free_columns(self) -> tuple[tuple[str, Text], ...]:
        taken = set(self._columns.values())
        free = [h for n, h in enumerate(self._headings) if h and n not in taken]
        return tuple((f"{COLUMN}{heading}", Text(heading, heading)) for heading in dict.fromkeys(free))

    def _put(self, question: Question) -> None:
        if len(self.questions) < MAX_QUESTIONS:
            self.questions.setdefault((question.about, question.subject), question)

    def _heading(self, field: str) -> str:
        index = self._columns.get(field)
        return self._headings[index] if index is not None else COLUMNS[field][0] if field in COLUMNS else ""
