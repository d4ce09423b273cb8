"""Press every button of every page with a hand that stops just before anything is written.

What would have been written, and with whose key, is learnt from the same question that the audit log hears; what the
page said beforehand is the button's own description, or the line in the dialog that it opened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget

from baas.roles import PERMISSION_TITLES
from console.models.tables import ROW_ROLE
from console.widgets.dialogs import Dialog
from console.widgets.table import DataTable
from network.errors import Conflict
from network.text import Text

LOCAL = frozenset({"workspace.change", "workspace.backup", "keystore.change", "content.write", "content.change"})
"""Rights over this workspace's own files: nothing is signed by them."""
EXPORTS = frozenset({"ledger.export", "identity.export"})


AGAIN = "重试"
"""Reads again what this hand itself has stopped, such as the plan of a move, which only administrators may see."""


def stopped() -> Conflict:
    return Conflict(Text("到此为止。", "So far and no further."), code="stopped")


@dataclass
class Asked:
    """What somebody was about to do: the right or `contract:function`, and whose key would have signed."""

    what: str
    party: str


class Stop:
    """Hears every right that is asked for and lets nothing be changed."""

    def __init__(self, platform: Any) -> None:
        self._session = platform.session
        self.asked: list[Asked] = []
        self.others = platform.applications.permission_titles()

    def __enter__(self) -> Stop:
        self._before, self._session.watch = self._session.watch, self._heard
        return self

    def __exit__(self, *_: object) -> None:
        self._session.watch = self._before

    def _heard(self, what: str, who: Any, allowed: bool) -> None:
        if not allowed or what.endswith(".read") or what in EXPORTS or what in LOCAL:
            return
        if ":" in what:
            self.asked.append(Asked(what, who.get("signed") or who["party"]))
            raise stopped()
        if what in PERMISSION_TITLES and what != "contract.invoke":
            self.asked.append(Asked(what, who["party"]))
            raise stopped()

    def taken(self) -> list[Asked]:
        found, self.asked = self.asked, []
        return found


@dataclass
class Seen:
    """What one press led to: the lines that said who signs, and the dialogs that came without one."""

    lines: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


class Answering(QObject):
    """Looks at every dialog that comes, presses its main button and closes it."""

    def __init__(self, window: Any) -> None:
        super().__init__(window)
        self.window, self.seen = window, Seen()
        self._pressed: QWidget | None = None
        self._since = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(15)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _look(self) -> None:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
            return
        top = QApplication.activeModalWidget()
        if top is None:
            self._pressed = None
            return
        if not isinstance(top, QDialog):
            return
        if top is not self._pressed:
            self._pressed, self._since = top, time.monotonic()
            if isinstance(top, Dialog):
                if top.signing is not None:
                    self.seen.lines.append(top.sign_line.label.text())
                else:
                    self.seen.silent.append(top.windowTitle())
                if top.accept_button.isEnabled():
                    top.accept_button.click()
            return
        if (time.monotonic() - self._since > 0.05 and self.window.tasks.idle) or time.monotonic() - self._since > 3:
            top.reject()


def buttons(window: Any) -> list[QPushButton]:
    """Every button that can be pressed on the page, its header and its inspector."""
    found = []
    for region in (window.header, window.stack.currentWidget(), window.inspector):
        if region is not None and region.isVisible():
            found += [one for one in region.findChildren(QPushButton) if one.isVisible() and one.isEnabled()]
    return found


def name_of(button: QPushButton) -> str:
    return button.text() or button.accessibleName()


def says(line: str, party: str) -> bool:
    """Whether a line names the person and the organisation."""
    msp_id, _, name = party.partition("/")
    line = line.replace("\u200b", "")  # where a long name may break
    return msp_id in line and name in line


def rows(desk: Any) -> list[tuple[DataTable, Any]]:
    """What to open on a page beside itself: of each table's records one of every kind and state, else the first."""
    found: dict[tuple[str, ...], tuple[DataTable, Any]] = {}
    for place, table in enumerate(desk.window.stack.currentWidget().findChildren(DataTable)):
        model = table.model()
        for number in range(model.rowCount()) if table.isVisible() else ():
            row = model.index(number, 0).data(ROW_ROLE)
            state = (row["type"], row["state"]) if isinstance(row, dict) and "state" in row else ("",)
            found.setdefault((str(place), *state), (table, row))
    return list(found.values())


def press_everything(desk: Any, address: str, stop: Stop, done: set[str]) -> Iterator[str]:
    """Press each button of a page, and of what its tables open beside it."""
    yield from press_all(desk, address, stop, done, lambda: desk.go(address))
    desk.go(address)
    for at in range(len(rows(desk))):

        def arrive(at: int = at) -> None:
            desk.go(address)
            there = rows(desk)
            if at < len(there):
                table, row = there[at]
                table.row_chosen.emit(row)
                desk.settle(30_000)

        yield from press_all(desk, address, stop, done, arrive)


def press_all(desk: Any, address: str, stop: Stop, done: set[str], arrive: Callable[[], object]) -> Iterator[str]:
    """Press each button that is there after `arrive` and was not pressed before; yield what wrote without having said
    who signs, or said somebody else."""
    window = desk.window
    page = address.partition("/")[0]
    arrive()
    names = [name for name in map(name_of, buttons(window)) if f"{page} {name}" not in done and name != AGAIN]
    for name in names:
        done.add(f"{page} {name}")
        if not any(name_of(one) == name for one in buttons(window)):
            arrive()
        own, answering = "", Answering(window)
        stop.taken()
        try:
            at, entries = 0, 1
            while at < entries:
                if not any(name_of(one) == name for one in buttons(window)):
                    arrive()
                button = next((one for one in buttons(window) if name_of(one) == name), None)
                if button is None:
                    break
                own, menu = button.accessibleDescription() or own, button.menu()
                entries = len(menu.actions()) if menu is not None else 1
                if menu is None:
                    button.click()
                elif at < entries:
                    menu.actions()[at].trigger()
                desk.settle(30_000)
                at += 1
        finally:
            answering.stop()
        said = [own, *answering.seen.lines]
        for one in stop.taken():
            if one.party and not any(says(line, one.party) for line in said):
                yield f"{address} “{name}”: {one.what} signed by {one.party}, said {said}"
            elif not one.party and not any(said):
                yield f"{address} “{name}”: {one.what}, and nobody is named"
        if window.address.partition("/")[0] != page:
            arrive()
    window.context.inspect(None)
