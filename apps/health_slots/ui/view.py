"""What a tab of the slots page is: content, an address of its own, and the header's actions while it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtWidgets import QWidget

from apps.health_slots.service import HealthSlotsService
from console.models.tables import ROW_ROLE, RowsModel
from console.page import Action
from console.widgets.table import DataTable
from fabric_sdk.kinds import Act

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


def identity(row: Any) -> str:
    """What tells a row of a list from the others."""
    found = getattr(row, "id", None) or (row[0] if isinstance(row, tuple) else "")
    return str(found or getattr(getattr(row, "session", None), "id", ""))


class View(QWidget):
    """Base of the tabs. `page.service` is there whenever a view is entered."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__()
        self.page = page

    @property
    def service(self) -> HealthSlotsService:
        """The page's service; a view is shown only when there is one."""
        found = self.page.service
        assert found is not None
        return found

    @property
    def hospital(self) -> str:
        return self.page.hospital

    def enter(self, rest: str = "") -> None:
        """Show the view as things are now; `rest` is what follows the tab in the address."""

    def header_actions(self) -> list[Action]:
        """The header's actions while this view is shown, the main one with `kind="primary"`."""
        return []

    def may(self, what: str | Act) -> bool:
        """Say whether the acting person has a permission, or may do an act."""
        if isinstance(what, Act):
            return self.page.may(what)
        return self.page.context.platform.session.allows(what)

    def show_rows(self, table: DataTable, rows: Sequence[Any], wanted: str = "") -> None:
        """Show rows in a table. What is the same stays untouched; the chosen row stays chosen, by its `id`.

        The details follow only while they are open: a new block must not open what a person closed. `wanted` is the id
        of a row to be chosen and shown whatever was chosen before.
        """
        model = cast(RowsModel, table.model())
        if tuple(rows) == model.rows and not wanted:
            return
        current = table.current_row()
        chosen = wanted or (identity(current) if current is not None else "")
        if tuple(rows) != model.rows:
            model.set_rows(rows)
        at = next((i for i, row in enumerate(rows) if chosen and identity(row) == chosen), -1)
        if at < 0:
            return
        quiet = not wanted and not self.page.inspecting
        table.blockSignals(quiet)
        table.choose(at)
        table.blockSignals(False)
        if wanted:
            table.row_chosen.emit(rows[at])

    def details(self, table: DataTable, show: Callable[[Any], object]) -> None:
        """Show details of the row that is chosen, pressed with Enter, or clicked again after they were closed."""
        table.row_chosen.connect(show)
        table.row_opened.connect(show)
        table.clicked.connect(lambda index: None if self.page.inspecting else show(index.data(ROW_ROLE)))

    def read(self, fn: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Read in a worker; nothing arrives when another hospital or view was chosen in the meantime."""
        hospital = self.hospital

        def arrived(value: Any) -> None:
            if self.page.hospital == hospital:
                done(value)

        self.page.read(fn, arrived)
