"""Tables: Qt's own model tester on every model, a million rows by pages, growing lists, failing sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester

from console.models.cells import Cell, Column
from console.models.tables import CELL_ROLE, GrowingModel, PagedModel, RowsModel
from console.tasks import Tasks
from console.widgets.table import FREE_WIDTH, SHRINKS_TO, WIDENS_TO, DataTable, cell_width, shared_widths
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
    least = [FREE_WIDTH if asked == 0 else int(asked * SHRINKS_TO) for asked in wanted]
    assert all(w >= smallest for w, smallest in zip(widths, least, strict=True))
    assert all(w <= asked for w, asked in zip(widths, wanted, strict=True) if asked)
    if 0 in wanted and sum(widths) > room:
        assert {w for w, asked in zip(widths, wanted, strict=True) if not asked} <= {FREE_WIDTH}
        assert all(w == int(asked * SHRINKS_TO) for w, asked in zip(widths, wanted, strict=True) if asked)
    elif 0 in wanted:
        assert sum(widths) == room


SHARES = st.lists(st.tuples(st.one_of(st.just(0), st.integers(40, 420)), st.integers(20, 700)), min_size=1, max_size=9)


@given(SHARES, st.integers(200, 2600))
def test_columns_share_the_room_by_what_they_need(columns: list[tuple[int, int]], room: int) -> None:
    wanted, needed = [one for one, _ in columns], [need for _, need in columns]
    widths = shared_widths(wanted, room, needed)
    for width, asked, need in zip(widths, wanted, needed, strict=True):
        assert width >= (int(min(asked, need) * SHRINKS_TO) if asked else FREE_WIDTH)
        assert not asked or width <= max(asked, min(need, int(asked * WIDENS_TO)))
    if 0 in wanted and room >= sum(min(a, n) if a else FREE_WIDTH for a, n in columns):
        assert sum(widths) in (room, *range(room - len(wanted), room))


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
