"""Table models: rows in memory, and a paging model for a million rows kept elsewhere."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from console.i18n.plain import tip
from console.models.cells import Cell, Cells, Column, RowSource
from console.tasks import Tasks
from network.errors import CityChainError

CELL_ROLE = int(Qt.ItemDataRole.UserRole) + 1
ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 2
Index = QModelIndex | QPersistentModelIndex
_PLACEHOLDER = Cell("…", tone="text3")
_ROOT = QModelIndex()


class CellModel(QAbstractTableModel):
    """Base: columns, cells, roles. Subclasses say how many rows and which row is where."""

    def __init__(self, columns: Sequence[Column], cells: Cells, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._cells = cells
        self._made: OrderedDict[int, Sequence[Cell]] = OrderedDict()

    def row_at(self, row: int) -> Any | None:
        """Return the row object, or None when it is not here yet."""
        raise NotImplementedError

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: PLR0911 - one per role
        if not index.isValid() or not 0 <= index.row() < self.rowCount():
            return None
        if role == ROW_ROLE:
            return self.row_at(index.row())
        if role not in (
            CELL_ROLE,
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        cell = self._cell(index.row(), index.column())
        if role == CELL_ROLE:
            return cell
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(cell.tip or cell.copy or "") or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return cell.spoken
        return cell.text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(self.columns):
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].title
            if role == Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if self.columns[section].right else Qt.AlignmentFlag.AlignLeft
                return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _cell(self, row: int, column: int) -> Cell:
        made = self._made.get(row)
        if made is None:
            value = self.row_at(row)
            if value is None:
                return _PLACEHOLDER if column == 0 else Cell()
            made = self._cells(value)
            self._made[row] = made
            if len(self._made) > 2000:
                self._made.popitem(last=False)
        return made[column] if column < len(made) else Cell()


class RowsModel(CellModel):
    """Rows in memory, replaced as a whole."""

    def __init__(self, columns: Sequence[Column], cells: Cells, parent: QObject | None = None) -> None:
        super().__init__(columns, cells, parent)
        self._rows: list[Any] = []

    def set_rows(self, rows: Sequence[Any]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self._made.clear()
        self.endResetModel()

    @property
    def rows(self) -> tuple[Any, ...]:
        return tuple(self._rows)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def row_at(self, row: int) -> Any | None:
        return self._rows[row]


class PagedModel(CellModel):
    """A model over a `RowSource`: it knows how many rows there are and fetches the pages that are looked at.

    Signals: `failed(CityChainError)` when a page could not be read; `loaded` when the count is known.
    At most `KEEP` pages of `PAGE` rows are kept; pages are read one at a time, the one looked at last first.
    """

    PAGE = 100
    KEEP = 40
    failed = Signal(object)
    loaded = Signal()

    def __init__(self, columns: Sequence[Column], cells: Cells, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(columns, cells, parent)
        self._tasks = tasks
        self._source: RowSource | None = None
        self._count = 0
        self._pages: OrderedDict[int, Sequence[Any]] = OrderedDict()
        self._wanted: list[int] = []
        self._reading: int | None = None
        self._generation = 0

    def set_source(self, source: RowSource | None) -> None:
        """Show another source; its count is read in a worker, then the rows appear."""
        self._source = source
        self.refresh()

    def refresh(self) -> None:
        """Read the count again and forget the pages."""
        self._generation += 1
        source = self._source
        if source is None:
            self._reset(0)
            return
        self._fetch(source.count, self._reset)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._count

    def row_at(self, row: int) -> Any | None:
        page = row // self.PAGE
        rows = self._pages.get(page)
        if rows is not None:
            offset = row - page * self.PAGE
            return rows[offset] if offset < len(rows) else None
        self._want(page)
        return None

    def _reset(self, count: int) -> None:
        self.beginResetModel()
        self._count = count
        self._pages.clear()
        self._made.clear()
        self._wanted.clear()
        self._reading = None
        self.endResetModel()
        self.loaded.emit()

    def _want(self, page: int) -> None:
        if page == self._reading:
            return
        if page in self._wanted:
            self._wanted.remove(page)
        self._wanted.append(page)
        del self._wanted[:-3]
        self._read_next()

    def _read_next(self) -> None:
        if self._reading is not None or not self._wanted or self._source is None:
            return
        page = self._reading = self._wanted.pop()
        source = self._source
        self._fetch(lambda: source.page(page * self.PAGE, self.PAGE), lambda rows: self._take(page, rows))

    def _take(self, page: int, rows: Sequence[Any]) -> None:
        self._reading = None
        self._pages[page] = rows
        if len(self._pages) > self.KEEP:
            self._pages.popitem(last=False)
        first = page * self.PAGE
        last = min(first + self.PAGE, self._count) - 1
        for row in range(first, last + 1):
            self._made.pop(row, None)
        if last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))
        self._read_next()

    def _fetch(self, read: Callable[[], Any], take: Callable[[Any], None]) -> None:
        generation = self._generation

        def arrived(value: Any) -> None:
            if generation == self._generation:
                take(value)

        def failed(error: CityChainError) -> None:
            if generation == self._generation:
                self._reading = None
                self.failed.emit(error)

        self._tasks.fetch(read, arrived, failed, owner=self)


class GrowingModel(CellModel):
    """Rows read page after page as the person scrolls down, for sources that know only "what comes after this row".

    Signals: `failed(CityChainError)`; `grown` after rows arrived.
    """

    PAGE = 100
    failed = Signal(object)
    grown = Signal()

    def __init__(self, columns: Sequence[Column], cells: Cells, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(columns, cells, parent)
        self._tasks = tasks
        self._read: Callable[[Any | None, int], Sequence[Any]] | None = None
        self._rows: list[Any] = []
        self._more = False
        self._reading = False
        self._generation = 0

    def set_reader(self, read: Callable[[Any | None, int], Sequence[Any]]) -> None:
        """Show what `read(last row or None, limit)` gives, from its beginning."""
        self._read = read
        self._generation += 1
        self._reading = False
        self._load(None)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def row_at(self, row: int) -> Any | None:
        return self._rows[row]

    @property
    def rows(self) -> tuple[Any, ...]:
        return tuple(self._rows)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._more and not self._reading

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._load(self._rows[-1] if self._rows else None)

    def _load(self, after: Any | None) -> None:
        read = self._read
        if read is None:
            return
        self._reading = True
        generation = self._generation

        def arrived(rows: Sequence[Any]) -> None:
            if generation == self._generation:
                self._take(after, rows)

        def refused(error: CityChainError) -> None:
            if generation == self._generation:
                self._reading = False
                self.failed.emit(error)

        self._tasks.fetch(lambda: read(after, self.PAGE), arrived, refused, owner=self)

    def _take(self, after: Any | None, rows: Sequence[Any]) -> None:
        """Show what arrived. Listeners may ask for more at once, so the flags change with the rows, not before."""
        more = len(rows) >= self.PAGE
        if after is None:
            self.beginResetModel()
            self._rows = list(rows)
            self._made.clear()
            self._reading, self._more = False, more
            self.endResetModel()
        elif rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._rows.extend(rows)
            self._reading, self._more = False, more
            self.endInsertRows()
        else:
            self._reading, self._more = False, False
        self.grown.emit()
