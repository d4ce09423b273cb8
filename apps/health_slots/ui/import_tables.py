"""Tables of an import's preview: bad lines, what was understood, what differs from the ledger, the sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Any

from apps.health_slots.model import KIND_TITLES
from apps.health_slots.schedule import Preview, SessionDraft
from apps.health_slots.ui.phrases import minute_of_day, tr, yuan
from console.i18n import say
from console.i18n.formats import day_long, number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.widgets.basic import Label
from console.widgets.table import DataTable

SHOWN_LINES = 200


def bad_table(preview: Preview) -> DataTable:
    """The lines that cannot be imported."""
    columns = [Column(tr("行"), 110, right=True), Column(tr("列"), 120), Column(tr("内容"), 150), Column(tr("原因"))]
    return _table(tr("不能导入的行"), columns, _bad_cells, preview.bad, 7)


def note_table(preview: Preview) -> DataTable:
    """How lines were understood that do not say it in so many words."""
    columns = [Column(tr("行"), 110, right=True), Column(tr("按此理解"))]
    return _table(tr("文件没有明说、按常理理解的行"), columns, _note_cells, preview.notes, 5)


def change_table(compared: Any) -> DataTable:
    """What an import would change on the ledger, then what the file no longer names."""
    columns = [Column(tr("改动")), Column(tr("影响的预约"), 110, right=True), Column(tr("行"), 70, right=True)]
    return _table(tr("与账本的不同"), columns, _change_cells, (*compared.changes, *compared.missing), 5)


class SessionTable(DataTable):
    """The sessions of the file as they were understood, by the file's order; of one day where one is chosen."""

    def __init__(self, preview: Preview) -> None:
        columns = [
            Column(tr("日期"), 100),
            Column(tr("院区"), 90),
            Column(tr("科室")),
            Column(tr("医生")),
            Column(tr("时间"), 110),
            Column(tr("号别"), 70),
            Column(tr("号"), 50, right=True),
            Column(tr("挂号费"), 80, right=True),
        ]
        self._rows = RowsModel(columns, _session_cells)
        super().__init__(self._rows, tr("文件里的出诊单元"))
        self._rows.set_rows(tuple(preview.sessions[:SHOWN_LINES]))
        shown = number(len(preview.sessions[:SHOWN_LINES]))
        self.heading = Label(tr("文件开头的 {n} 个出诊单元").format(n=shown), "caption", "text2")
        self.fit(6)

    def show_day(self, day: str, rows: Sequence[SessionDraft]) -> None:
        """Show the (first) sessions of an ISO date."""
        self._rows.set_rows(tuple(rows))
        words = tr("{day}：{n} 个出诊单元")
        self.heading.setText(words.format(day=day_long(date.fromisoformat(day)), n=number(len(rows))))


def first_of(sessions: Iterable[SessionDraft], day: str) -> list[SessionDraft]:
    """The sessions of an ISO date, at most as many as a table shows."""
    return list(islice((one for one in sessions if one.date == day), SHOWN_LINES))


def _table(name: str, columns: list[Column], cells: Any, rows: Any, height: int) -> DataTable:
    model = RowsModel(columns, cells)
    table = DataTable(model, name)
    model.set_rows(tuple(rows[:SHOWN_LINES]))
    table.fit(height)
    return table


def _bad_cells(bad: Any) -> list[Cell]:
    reason = Cell(say(bad.why), word_tone="bad")
    return [Cell(_place(bad)), Cell(bad.column or "—"), Cell(bad.value[:60]), reason]


def _note_cells(note: Any) -> list[Cell]:
    return [Cell(_place(note)), Cell(say(note.text))]


def _change_cells(change: Any) -> list[Cell]:
    hit = Cell(number(change.appointments), word_tone="warn" if change.appointments else "")
    return [Cell(say(change.words), tip=change.session), hit, Cell(number(change.line) if change.line else "—")]


def _session_cells(draft: SessionDraft) -> list[Cell]:
    return [
        Cell(draft.date),
        Cell(draft.campus_name or "—"),
        Cell(draft.department_name),
        Cell(draft.doctor_name),
        Cell(f"{minute_of_day(draft.start)}–{minute_of_day(draft.end)}"),
        Cell(say(KIND_TITLES[draft.kind])),
        Cell(number(draft.count)),
        Cell(yuan(draft.fee)),
    ]


def _place(line: Any) -> str:
    return f"{line.sheet} {number(line.line)}".strip()
