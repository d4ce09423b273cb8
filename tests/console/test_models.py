"""Tables: Qt's own model tester on every model, a million rows by pages, growing lists, failing sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, QEvent
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from console.models.cells import Cell, Column
from console.models.tables import CELL_ROLE, GrowingModel, PagedModel, RowsModel
from console.tasks import Tasks
from console.widgets.columns import FREE_WIDTH, SPARE, least_of, shared_widths
from console.widgets.table import DataTable, cell_width
from network.errors import Unavailable
from network.text import Text

COLUMNS = [Column("n", 80, right=True), Column("name")]


def cells(row: int) -> list[Cell]:
    return [Cell(str(row)), Cell(f"row {row}", copy=f"whole {row}")]


def watched(model: QAbstractItemModel) -> QAbstractItemModelTester:
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)


@pytest.fixture
def tasks(qapp: object) -> Any:
    made = Tasks()
    yield made
    made.close()


class Million:
    def __init__(self, rows: int = 1_000_000) -> None:
        self.rows, self.asked = rows, []

    def count(self) -> int:
        return self.rows

    def page(self, offset: int, limit: int) -> Sequence[int]:
        self.asked.append(offset)
        return range(offset, min(offset + limit, self.rows))


def test_rows_model(qapp: object) -> None:
    model = RowsModel(COLUMNS, cells)
    tester = watched(model)
    model.set_rows([3, 1, 2])
    assert model.rowCount() == 3
    assert model.index(1, 1).data() == "row 1"
    model.set_rows([])
    assert model.rowCount() == 0
    assert tester is not None


def test_a_million_rows_come_by_pages(qtbot: Any, tasks: Tasks) -> None:
    model, source = PagedModel(COLUMNS, cells, tasks), Million()
    with qtbot.waitSignal(model.loaded):
        model.set_source(source)
    assert model.rowCount() == 1_000_000
    index = model.index(765_432, 1)
    assert index.data() is not None
    qtbot.waitUntil(lambda: index.data(CELL_ROLE).text == "row 765432", timeout=20000)
    assert len(source.asked) <= 4


def test_the_paging_model_keeps_qts_rules(qtbot: Any, tasks: Tasks) -> None:
    model = PagedModel(COLUMNS, cells, tasks)
    tester = watched(model)
    for rows in (350, 0, 120):
        with qtbot.waitSignal(model.loaded):
            model.set_source(Million(rows))
        qtbot.waitUntil(lambda: tasks.idle, timeout=20000)
        assert model.rowCount() == rows
    assert tester is not None


def test_only_some_pages_are_kept(qtbot: Any, tasks: Tasks) -> None:
    model, source = PagedModel(COLUMNS, cells, tasks), Million()
    with qtbot.waitSignal(model.loaded):
        model.set_source(source)
    for page in range(PagedModel.KEEP + 8):
        index = model.index(page * PagedModel.PAGE, 0)
        qtbot.waitUntil(
            lambda i=index, p=page: (i.data(), i.data(CELL_ROLE).text == str(p * PagedModel.PAGE))[1], timeout=20000
        )
    assert len(model._pages) <= PagedModel.KEEP


def test_a_source_that_fails_says_so_and_the_table_stays(qtbot: Any, tasks: Tasks) -> None:
    class Broken(Million):
        def page(self, offset: int, limit: int) -> Sequence[int]:
            raise Unavailable(Text("断开了。", "Gone."))

    model = PagedModel(COLUMNS, cells, tasks)
    with qtbot.waitSignal(model.loaded):
        model.set_source(Broken())
    with qtbot.waitSignal(model.failed) as heard:
        model.index(0, 0).data()
    assert heard.args[0].message.zh == "断开了。"
    assert model.rowCount() == 1_000_000


def test_a_growing_list_reads_on_as_it_is_scrolled(qtbot: Any, tasks: Tasks) -> None:
    model = GrowingModel(COLUMNS, cells, tasks)
    tester = watched(model)

    def read(last: int | None, limit: int) -> Sequence[int]:
        start = 0 if last is None else last + 1
        return range(start, min(start + limit, 250))

    with qtbot.waitSignal(model.grown):
        model.set_reader(read)
    table = DataTable(model, "t")
    qtbot.addWidget(table)
    table.show()

    def scrolled_to_the_end() -> bool:
        table.verticalScrollBar().setValue(0)
        table.scrollToBottom()
        return model.rowCount() == 250

    qtbot.waitUntil(scrolled_to_the_end, timeout=20000)
    assert list(model.rows) == list(range(250))
    assert tester is not None


def test_the_table_is_used_by_keyboard(qtbot: Any, qapp: Any) -> None:
    from PySide6.QtCore import Qt

    model = RowsModel(COLUMNS, cells)
    table = DataTable(model, "rows")
    qtbot.addWidget(table)
    model.set_rows([5, 6, 7])
    table.show()
    table.setFocus()
    table.choose(0)
    chosen, opened = [], []
    table.row_chosen.connect(chosen.append)
    table.row_opened.connect(opened.append)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert chosen == [6]
    assert opened == [6]
    assert qapp.clipboard().text() == "whole 6"


@given(st.lists(st.one_of(st.just(0), st.integers(40, 420)), min_size=1, max_size=9), st.integers(200, 2600))
def test_columns_share_the_room(wanted: list[int], room: int) -> None:
    widths = shared_widths(wanted, room)
    free = wanted.count(0)
    least = [FREE_WIDTH if asked == 0 else least_of(asked) for asked in wanted]
    assert all(w >= smallest for w, smallest in zip(widths, least, strict=True))
    if room <= sum(wanted) + free * (FREE_WIDTH + SPARE):
        assert all(w <= asked for w, asked in zip(widths, wanted, strict=True) if asked)
    if 0 in wanted and sum(widths) > room:
        assert {w for w, asked in zip(widths, wanted, strict=True) if not asked} <= {FREE_WIDTH}
        assert all(w == least_of(asked) for w, asked in zip(widths, wanted, strict=True) if asked)
    elif 0 in wanted:
        assert sum(widths) == room


SHARES = st.lists(st.tuples(st.one_of(st.just(0), st.integers(40, 420)), st.integers(20, 700)), min_size=1, max_size=9)


@given(SHARES, st.integers(200, 2600))
def test_columns_share_the_room_by_what_they_need(columns: list[tuple[int, int]], room: int) -> None:
    wanted, needed = [one for one, _ in columns], [need for _, need in columns]
    widths = shared_widths(wanted, room, needed)
    least = [min(asked or FREE_WIDTH, need) for asked, need in columns]
    for width, asked, small in zip(widths, wanted, least, strict=True):
        assert width >= (least_of(small) if asked else small)
    if room >= sum(needed):
        assert all(width >= need for width, need in zip(widths, needed, strict=True))
    if 0 in wanted and room >= sum(least):
        assert sum(widths) == room


def test_short_columns_stay_whole_where_long_ones_can_give() -> None:
    """Found in the pictures at 1024 px: "30…" for an amount of money beside a reference of 120 px and an empty half."""
    widths = shared_widths([60, 78, 0, 0, 70, 140], 531, [57, 79, 165, 100, 66, 126])
    assert widths[0] >= 57
    assert widths[4] >= 66
    assert widths[5] == 92


def test_a_wide_window_shows_all_and_widens_every_column() -> None:
    """Found in the pictures at 2560 px: an advice cut at 280 px beside 1,100 px of nothing."""
    widths = shared_widths([0, 90, 90, 280], 2200, [210, 75, 80, 560])
    assert widths[3] >= 560
    assert all(width > wanted for width, wanted in zip(widths[1:], [90, 90, 280], strict=True))
    assert max(widths) < 2200 * 2 // 3


def test_a_spare_column_is_left_out_where_it_would_cut_the_others(qtbot: Any) -> None:
    model = RowsModel(
        [Column("Work"), Column("CID", 190, spare=True), Column("State", 150)], lambda r: [Cell(t) for t in r]
    )
    table = DataTable(model, "t")
    qtbot.addWidget(table)
    table.resize(900, 300)
    table.show()
    model.set_rows([("A work with a long name of its own", "bafkreiauoty…qbjxvy", "Registered, published")])
    assert not table.isColumnHidden(1)
    table.resize(420, 300)
    assert table.isColumnHidden(1)
    assert table.columnWidth(2) >= cell_width(Cell("Registered, published"))
    table.resize(900, 300)
    assert not table.isColumnHidden(1)
    assert table.columnWidth(1) > 100


def test_a_field_that_is_cut_tells_the_whole_in_its_tooltip(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = RowsModel([Column("What to do", 200)], lambda row: [Cell(row)])
    table = DataTable(model, "t")
    qtbot.addWidget(table)
    table.resize(220, 200)
    table.show()
    said: list[str] = []
    monkeypatch.setattr("console.widgets.table.QToolTip.showText", lambda at, text, view: said.append(text))
    whole = "The channel has it, the ledger does not: record the payment, or let the channel return it"
    model.set_rows(["short", whole])
    for row in (0, 1):
        index = model.index(row, 0)
        at = table.visualRect(index).center()
        event = QHelpEvent(QEvent.Type.ToolTip, at, table.viewport().mapToGlobal(at))
        QApplication.sendEvent(table.viewport(), event)
    assert said[0] == ""
    assert "return it" in said[1]


def test_names_that_differ_at_their_end_are_shown_whole(qtbot: Any) -> None:
    """Found in the pictures: two parties of a pledge were both "copyright-creator → copyright-lic…"."""
    model = RowsModel(
        [Column("What"), Column("Parties", 232), Column("State", 184)], lambda row: [Cell(t) for t in row]
    )
    table = DataTable(model, "t")
    qtbot.addWidget(table)
    table.resize(800, 300)
    table.show()
    both = "copyright-creator → copyright-licensee-of-the-city"
    model.set_rows([("Pledge", both, "waits")])
    assert table.columnWidth(1) >= cell_width(Cell(both))
    assert sum(table.columnWidth(at) for at in range(3)) == table.viewport().width()
    model.set_rows([("Pledge", "a → b", "waits")])
    assert table.columnWidth(1) == 232
