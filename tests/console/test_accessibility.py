"""Every page, tab, view and dialog: a name on every control, one way through it by Tab in reading order, a ring on what
has the keyboard, and nothing that only a colour says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QSlider,
    QTextEdit,
    QWidget,
)

from console.models.cells import Cell
from console.models.tables import CellModel
from console.screenshots import Camera
from console.widgets.basic import STATE_ICONS, Chip, Status
from console.widgets.choice import Segmented, Tabs
from console.widgets.focus import FocusRing, tab_stops
from console.widgets.picture import Picture
from console.widgets.table import DataTable

NAMED = (
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QAbstractSpinBox,
    QPlainTextEdit,
    QAbstractItemView,
    QSlider,
    QProgressBar,
    Picture,
    Segmented,
    Tabs,
)
pytestmark = pytest.mark.filterwarnings("ignore:.*setActiveWindow.*:DeprecationWarning")
SHOWS_ITSELF = (QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit)
PAGES = ("overview", "networks", "identities", "contracts", "ledger", "copyright", "health_slots", "doctor", "settings")
MOST_STOPS = 400


def _inner(widget: QWidget) -> bool:
    """Parts that Qt makes for itself inside a control."""
    return (
        widget.objectName().startswith("qt_")
        or isinstance(widget.parent(), QComboBox | QAbstractSpinBox | QLineEdit | QAbstractItemView)
        or type(widget).__name__ in {"QScrollBar", "QListView", "QTableCornerButton", "QHeaderView"}
    )


def unnamed(root: QWidget) -> list[str]:
    """Controls that a screen reader has no word for."""
    found = []
    for widget in root.findChildren(QWidget):
        if _inner(widget) or not widget.isVisibleTo(root):
            continue
        if not (isinstance(widget, NAMED) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus):
            continue
        name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        if not name.strip():
            found.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return found


def only_coloured(root: QWidget) -> list[str]:
    """Signs without a word beside them or in what is spoken."""
    worded = [*root.findChildren(Status), *root.findChildren(Chip)]
    found = [type(w).__name__ for w in worded if w.isVisible() and not w.accessibleName().strip()]
    signs = {icon for icon, _ in STATE_ICONS.values()}
    for table in root.findChildren(DataTable):
        model = table.model()
        if not table.isVisible() or not isinstance(model, CellModel):
            continue
        for row in range(min(model.rowCount(), 30)):
            cells = [model._cell(row, column) for column in range(model.columnCount())]
            bare = [c for c in cells if isinstance(c, Cell) and c.icon in signs and not (c.text or c.tip)]
            if bare:
                found.append(f"{table.accessibleName()} row {row}")
    return found


def walk(root: QWidget, bot: Any) -> list[QWidget]:
    """Press Tab until the keyboard is back where it began; return every stop on the way."""
    stops = [w for w in tab_stops(root) if not _inner(w)]
    if not stops:
        return []
    stops[0].setFocus(Qt.FocusReason.TabFocusReason)
    seen: list[QWidget] = []
    for _ in range(MOST_STOPS):
        now = QApplication.focusWidget()
        if now is None or now in seen:
            break
        seen.append(now)
        # A date is walked part by part, year, month and day, before Tab leaves it.
        for _ in range(now.sectionCount() if isinstance(now, QDateTimeEdit) else 1):
            if QApplication.focusWidget() is now:
                bot.keyClick(now, Qt.Key.Key_Tab)
    # The way is a circle: it begins at the upper left.
    places = [stop.mapTo(root, QPoint(0, 0)) for stop in seen]
    first = min(range(len(seen)), key=lambda n: (places[n].y() // 8, places[n].x()))
    return seen[first:] + seen[:first]


def out_of_order(stops: list[QWidget]) -> list[str]:
    """Neighbours with one parent that Tab reaches against the reading order."""
    found = []
    for one, two in pairwise(stops):
        if one.parent() is not two.parent() or one.parent() is None:
            continue
        a, b = one.geometry(), two.geometry()
        below, same_line = b.top() >= a.bottom() - 4, b.top() < a.bottom() and a.top() < b.bottom()
        if not below and not (same_line and b.left() >= a.left()):
            found.append(f"{one.accessibleName() or type(one).__name__} → {two.accessibleName() or type(two).__name__}")
    return found


def without_ring(stops: list[QWidget], window: QWidget) -> list[str]:
    """Stops that show nothing when they have the keyboard."""
    found = []
    for stop in stops:
        stop.setFocus(Qt.FocusReason.TabFocusReason)
        if isinstance(stop, SHOWS_ITSELF) or not stop.hasFocus():
            continue
        rings = [r for r in window.findChildren(FocusRing) if r.isVisible()]
        here = stop.mapTo(window, QPoint(stop.width() // 2, stop.height() // 2))
        if not any(r.geometry().contains(here) for r in rings):
            found.append(f"{type(stop).__name__} {stop.accessibleName()}")
    return found


def views(desk: Any, page: str) -> Iterator[tuple[str, str]]:
    """The page, its tabs, and its scenes without preparation: (name, address)."""
    spec = next(s for s in desk.window.specs if s.id == page)
    yield page, page
    for scene in spec.scenes(desk.window.context):
        if scene.prepare is None:
            yield scene.name, scene.address


def judge(root: QWidget, bot: Any, what: str) -> list[str]:
    """Everything that is wrong with what is seen now."""
    wrong = [f"{what}: no name: {each}" for each in unnamed(root)]
    wrong += [f"{what}: only a colour: {each}" for each in only_coloured(root)]
    stops = walk(root, bot)
    wrong += [f"{what}: order: {each}" for each in out_of_order(stops)]
    wrong += [f"{what}: no ring: {each}" for each in without_ring(stops, root)]
    missed = [w for w in tab_stops(root) if not _inner(w) and w not in stops and not isinstance(w, QAbstractScrollArea)]
    radio = [w for w in missed if type(w).__name__ == "QRadioButton"]  # of a group, Tab reaches the chosen one
    wrong += [f"{what}: not reached: {type(w).__name__} {w.accessibleName()}" for w in missed if w not in radio]
    return wrong


@pytest.mark.parametrize("page", (*PAGES, "training"))
def test_every_view_of_a_page(desk: Any, page: str) -> None:
    wrong: list[str] = []
    for name, address in views(desk, page):
        desk.go(address)
        wrong += judge(desk.window, desk.bot, name)
        for tab, _ in list(desk.window.page.tabs):
            desk.window.page.choose_tab(tab)
            desk.settle()
            wrong += [f"{name}/{tab}: {each}" for each in unnamed(desk.window) + only_coloured(desk.window)]
    assert not wrong, "\n".join(dict.fromkeys(wrong))


@pytest.mark.parametrize("page", PAGES)
def test_every_dialog_of_a_page(desk: Any, page: str) -> None:
    spec = next(s for s in desk.window.specs if s.id == page)
    wrong: list[str] = []
    for scene in spec.scenes(desk.window.context):
        if scene.prepare is None:
            continue
        desk.go(scene.address)
        seen: list[str] = []

        def look(top: QWidget, name: str = scene.name, seen: list[str] = seen, said: list[str] = wrong) -> None:
            seen.append(name)
            if isinstance(top, QDialog):
                said.extend(judge(top, desk.bot, name))

        camera = Camera(desk.window, look)
        with suppress(Exception):  # a scene may need data that this network does not have
            scene.prepare(desk.window)
        desk.settle()
        camera.stop()
        if not seen:
            wrong += [f"{scene.name}: {each}" for each in unnamed(desk.window) + only_coloured(desk.window)]
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def _pressed(desk: Any, *keys: tuple[Qt.Key, Qt.KeyboardModifier]) -> None:
    # Without a desktop nobody gives the keyboard back to the window when a dialog has closed.
    QApplication.setActiveWindow(desk.window)
    desk.until(desk.window.isActiveWindow)
    for key, modifier in keys:
        desk.bot.keyClick(QApplication.focusWidget() or desk.window, key, modifier)


NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def test_jobs_notices_and_help_by_keyboard(desk: Any) -> None:
    desk.go("overview")
    _pressed(desk, (Qt.Key.Key_J, CTRL))
    assert desk.window.inspector.isVisible()
    _pressed(desk, (Qt.Key.Key_Escape, NONE))
    assert not desk.window.inspector.isVisible()
    titles: list[str] = []
    for key, modifier in ((Qt.Key.Key_F1, NONE), (Qt.Key.Key_Slash, CTRL)):
        desk.answer(lambda dialog: (titles.append(dialog.windowTitle()), desk.bot.keyClick(dialog, Qt.Key.Key_Escape)))
        _pressed(desk, (key, modifier))
    assert titles == ["帮助：总览", "键盘快捷键"]


def test_the_keystore_is_locked_and_opened_by_keyboard(empty_desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = empty_desk
    keystore = desk.platform.keystore
    keystore.put("first", b"key")

    def type_into(dialog: QDialog, words: list[str]) -> None:
        """Into the fields in turn, then Enter: the keyboard has to be in the dialog, not in the window behind it."""
        QApplication.setActiveWindow(dialog)
        desk.bot.waitUntil(dialog.isActiveWindow, timeout=20000)
        fields = [field for field in dialog.findChildren(QLineEdit) if field.isVisible()]
        fields[0].setFocus()
        for word, field in zip(words, fields, strict=True):
            assert QApplication.focusWidget() is field
            desk.bot.keyClicks(field, word)
            desk.bot.keyClick(field, Qt.Key.Key_Return if field is fields[-1] else Qt.Key.Key_Tab)

    def protect(dialog: QDialog) -> None:
        type_into(dialog, ["correct-horse-battery"] * 2)

    desk.answer(protect)
    _pressed(desk, (Qt.Key.Key_L, CTRL))
    desk.until(lambda: keystore.has_passphrase)
    _pressed(desk, (Qt.Key.Key_L, CTRL))
    desk.until(lambda: keystore.locked)

    def unlock(dialog: QDialog) -> None:
        type_into(dialog, ["correct-horse-battery"])

    desk.answer(unlock)
    _pressed(desk, (Qt.Key.Key_L, CTRL))
    desk.until(lambda: not keystore.locked)


def test_the_ledger_is_searched_and_a_transaction_opened_by_keyboard(desk: Any) -> None:
    explorer, network = desk.platform.explorer, desk.window.context.network
    explorer.sync(network)
    row = next(r for r in explorer.transactions(network, limit=50) if r.contract)
    desk.go("ledger/transactions")  # the page keeps the tab of its last visit
    desk.window.activateWindow()
    desk.until(lambda: desk.window.isActiveWindow() and desk.window.page.filter_box() is not None)
    _pressed(desk, (Qt.Key.Key_F, CTRL))
    desk.until(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    editor = QApplication.focusWidget()
    desk.bot.keyClicks(editor, row.tx_id[:16])
    desk.settle()
    hits = desk.window.page.transactions.hits
    assert hits.isVisible()
    while QApplication.focusWidget() is not hits:
        _pressed(desk, (Qt.Key.Key_Tab, NONE))
    _pressed(desk, (Qt.Key.Key_Down, NONE), (Qt.Key.Key_Return, NONE))
    desk.settle()
    assert desk.window.address == f"ledger/tx/{row.tx_id}"
