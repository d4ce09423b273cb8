"""The console over real services: a window on the shared city network, without a display."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget

from baas.platform import Platform
from console.app import Console
from console.context import Context
from console.shell.window import MainWindow
from tests.windows import SEATS

PATIENCE_MS = 90_000
IGNORED = "This plugin does not support propagateSizeHints|This plugin does not support raise"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives widgets; the offscreen platform's own remarks are no defects."""
    for item in items:
        if "tests/console" in Path(item.fspath).as_posix():
            item.add_marker(pytest.mark.gui)
            item.add_marker(pytest.mark.qt_log_ignore(IGNORED))


@pytest.fixture(autouse=True)
def look(qapp: QApplication, quick_scrypt: None) -> None:
    """Theme and Chinese for tests that make single widgets."""
    from console import theme
    from console.i18n import use_language

    theme.install(qapp, "light")
    use_language("zh")


class Desk:
    """A window and the hands of a person: open pages, press buttons, answer dialogs, wait for what follows."""

    def __init__(self, console: Console, window: MainWindow, qtbot: object) -> None:
        self.console, self.window, self.bot = console, window, qtbot
        self.answers: list[_Answer] = []
        self.waits_for_jobs = True
        """Whether a page is looked at only once no job runs any more"""

    @property
    def platform(self) -> Platform:
        assert self.console.platform is not None
        return self.console.platform

    def settle(self, milliseconds: int = 20000) -> None:
        """Work until nothing is read and no job runs; what is slow on a busy machine is waited for."""
        rests = self.window.settle(max(milliseconds, PATIENCE_MS), jobs=self.waits_for_jobs)
        assert rests, "the window did not come to rest"
        if any(one.wanted for one in self.answers):  # a dialog is there, whose answer looks for it every 20 ms
            self.until(lambda: not any(one.wanted for one in self.answers))
            self.settle(milliseconds)

    def go(self, address: str) -> None:
        self.window.go(address)
        self.settle()

    def until(self, true: Callable[[], object], milliseconds: int = PATIENCE_MS) -> None:
        self.bot.waitUntil(lambda: bool(true()), timeout=milliseconds)  # type: ignore[attr-defined]

    def button(self, text: str, within: QWidget | None = None) -> QPushButton:
        """The visible button whose words contain `text`, as soon as it is there."""

        def look() -> list[QPushButton]:
            return [
                b
                for b in (within or self.window).findChildren(QPushButton)
                if text in (b.text() or b.accessibleName()) and b.isVisible()
            ]

        self._soon(look)
        found = look()
        assert found, f"no button {text}: {[b.text() for b in (within or self.window).findChildren(QPushButton)]}"
        return found[0]

    def _soon(self, true: Callable[[], object]) -> None:
        """Give what is on its way the time a busy machine needs; what does not come is the caller's to say."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not true() and time.monotonic() < deadline:
            self.bot.wait(10)  # type: ignore[attr-defined]

    def press(self, text: str, within: QWidget | None = None) -> None:
        button = self.button(text, within)
        QApplication.processEvents()  # what was just shown or hidden above it moves it, and a click would miss
        self._soon(button.isEnabled)
        assert button.isEnabled(), f"{text} is not enabled: {button.toolTip()}"
        self.bot.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]

    def press_header(self, action: str) -> None:
        self._soon(lambda: action in self.window.header.buttons and self.window.header.buttons[action].isEnabled())
        button = self.window.header.buttons[action]
        assert button.isEnabled(), button.toolTip()
        self.bot.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]

    def answer(self, how: Callable[[QDialog], None]) -> None:
        """Use the dialog that the next press opens."""
        self.answers.append(_Answer(how, self.window))

    def answer_over(self, how: Callable[[QDialog], None], below: QDialog) -> None:
        """Use the dialog that comes up over the dialog `below`."""
        self.answers.append(_Answer(how, self.window, below))

    def stop_answering(self) -> None:
        """Forget the answers to dialogs that never came."""
        for one in self.answers:
            one.stop()
        self.answers.clear()

    def open_other(self, platform: Platform) -> Desk:
        """Another workspace's window beside this one; `close` it before its platform."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        return open_desk(app, self.bot, platform)

    def close(self) -> None:
        """Close the window; the platform belongs to whoever opened it."""
        close_desk(self)

    def no_error(self) -> None:
        page = self.window.page
        assert page is not None
        assert not page.banner.isVisible(), page.banner.message.text()
        assert not self.window.banner.isVisible(), self.window.banner.message.text()


class _Answer(QObject):
    """Waits for a modal dialog and uses it inside the dialog's own event loop."""

    def __init__(self, how: Callable[[QDialog], None], parent: QObject, below: QDialog | None = None) -> None:
        super().__init__(parent)
        self._how, self._tries, self._below = how, 0, below
        self._timer = QTimer(self)
        self._timer.setInterval(20)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @property
    def wanted(self) -> bool:
        """Whether the dialog that it waits for is shown, and not answered yet."""
        dialog = QApplication.activeModalWidget()
        return (
            self._timer.isActive() and isinstance(dialog, QDialog) and dialog.isVisible() and dialog is not self._below
        )

    def stop(self) -> None:
        self._timer.stop()

    def _look(self) -> None:
        self._tries += 1
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and dialog.isVisible() and dialog is not self._below:
            self._timer.stop()
            QApplication.processEvents()  # it grows to what its words need when it is shown, and its buttons move
            try:
                self._how(dialog)
            except BaseException:
                dialog.reject()
                raise
        elif self._tries > PATIENCE_MS / 20:
            self._timer.stop()


def open_desk(qapp: QApplication, qtbot: object, platform: Platform) -> Desk:
    """A shown window on `platform`."""
    # Whoever sits at these windows has said already that they sign for others; tests/console/test_signing.py asks.
    Context.asks_first = False
    console = Console(qapp, lang="zh", mode="light")
    window = console.show()
    console.platform = platform
    window.use(platform)
    desk = Desk(console, window, qtbot)
    window.activateWindow()
    desk.settle()
    return desk


def close_desk(desk: Desk) -> None:
    """Close the window; the platform belongs to whoever opened it."""
    window = desk.console.window or desk.window
    window.tasks.close()
    window.close()
    window.deleteLater()
    desk.console.platform = None
    QApplication.processEvents()


D = TypeVar("D", bound=Desk)


class Seat:
    """One window on a platform at a time, since every open window reads each block and draws each change anew."""

    def __init__(self, qapp: QApplication, platform: Platform) -> None:
        self._app, self._platform = qapp, platform
        self._desk: Desk | None = None
        SEATS.add(self)

    @property
    def window(self) -> MainWindow | None:
        """The window that is open now: another language makes it anew."""
        return None if self._desk is None else self._desk.console.window

    def take(self, kind: type[D], qtbot: object) -> D:
        """The window in the hands of `kind`, speaking Chinese and active; a window of another kind is closed first."""
        from console import theme
        from console.i18n import use_language

        theme.install(self._app, "light")
        use_language("zh")
        if self._desk is None or type(self._desk) is not kind:
            self.leave()
            self._desk = open_desk(self._app, None, self._platform)
            self._desk.__class__ = kind
        desk = self._desk
        assert isinstance(desk, kind)
        desk.bot = qtbot
        window = desk.window

        def active() -> bool:
            """What another window's end still does may take the keyboard once more: it is asked for until then."""
            if not window.isActiveWindow():
                window.raise_()
                window.activateWindow()
            return bool(window.isActiveWindow())

        qtbot.waitUntil(active, timeout=PATIENCE_MS)  # type: ignore[attr-defined]
        window.banner.hide()
        return desk

    def leave(self) -> None:
        """Close the window."""
        if self._desk is not None:
            close_desk(self._desk)
            self._desk = None


@pytest.fixture
def desk(seat: Seat, qtbot: object) -> Iterator[Desk]:
    """The shared window as a person finds it who has just sat down: owner, nothing open, no banner."""
    shared_desk = seat.take(Desk, qtbot)
    platform, window = shared_desk.platform, shared_desk.window
    networks = window.pages.get("networks")
    if networks is not None and networks.wizard_open:  # type: ignore[attr-defined]
        networks._leave_wizard()  # type: ignore[attr-defined]
        shared_desk.settle()
    window.context.inspect(None)
    for page in window.pages.values():
        page.banner.hide()
    yield shared_desk
    shared_desk.stop_answering()
    if platform.session.actor.label != "owner":
        platform.session.act_as(_owner())
        shared_desk.settle()


@pytest.fixture
def empty_desk(qapp: QApplication, qtbot: object, tmp_path: Path) -> Iterator[Desk]:
    """A window on an empty workspace of its own; whatever network it makes is removed afterwards."""
    platform = Platform.open(tmp_path / "workspace")
    made = open_desk(qapp, qtbot, platform)
    yield made
    close_desk(made)
    for name in platform.networks.names():
        platform.networks.destroy(name)
    platform.close()


@pytest.fixture
def make_desk(qapp: QApplication, qtbot: object) -> Iterator[Callable[[Platform], Desk]]:
    """Opens windows on platforms that the test made itself."""
    made: list[Desk] = []

    def make(platform: Platform) -> Desk:
        made.append(open_desk(qapp, qtbot, platform))
        return made[-1]

    yield make
    for one in made:
        close_desk(one)


def _owner() -> object:
    from baas.session import OWNER_ACTOR

    return OWNER_ACTOR
