"""What waits, told in the system's tray while the console is closed: `citychain console --tray`.

The workspace is opened for each look and closed again, so that nothing else has to wait for it. What is told are
numbers and what is asked, as the inbox has them; a click opens the console.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from console import theme
from console.i18n import say, system_language, tr, use_language
from console.tasks import Tasks
from fabric_sdk import clock
from network.errors import CityChainError, Unavailable
from network.processes import NO_WINDOW
from network.text import Lang, Text

if TYPE_CHECKING:
    from baas.inbox import Waiting

LOOK_MS = 60_000
SHOWN_MS = 15_000
LISTED = 8
"""Matters that the menu lists; how many there are stands above them."""


def read_inbox(folder: Path | None) -> list[Waiting]:
    """What waits for whoever acts in this workspace now."""
    from baas import inbox
    from baas.platform import Platform

    with Platform.open(folder, create=False, read_only=True) as platform:
        return inbox.waiting(platform)


class Tray(QObject):
    """The icon with its menu; tells once of each matter that is new."""

    def __init__(
        self,
        icon: QIcon,
        read: Callable[[], list[Waiting]],
        opened: Callable[[], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._read, self._opened = read, opened
        self._known: set[tuple[str, str, str]] = set()
        self.tasks = Tasks()
        self.menu = QMenu()
        self.icon = QSystemTrayIcon(icon, self)
        self.icon.setContextMenu(self.menu)
        self.icon.messageClicked.connect(opened)
        self.icon.activated.connect(self._activated)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._list(tr("正在查看…"), ())

    def start(self) -> None:
        """Show the icon and look from now on."""
        self.icon.show()
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Ask what waits."""
        self.tasks.fetch(self._read, self._tell, self._missed, owner=self)

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()
        self.icon.hide()
        self.tasks.close()

    def _activated(self, why: QSystemTrayIcon.ActivationReason) -> None:
        if why == QSystemTrayIcon.ActivationReason.Trigger:
            self._opened()

    def _tell(self, found: list[Waiting]) -> None:
        from baas import inbox

        summary = inbox.summary(found, clock.today().isoformat())
        words = say(summary) if summary is not None else tr("没有等您办理的事")
        self._list(words, found)
        marks = {(one.application, one.kind, one.id): one for one in found}
        new = [one for mark, one in marks.items() if mark not in self._known]
        self._known = set(marks)
        if new:
            text = tr("{title}：{asks}").format(title=say(new[0].title), asks=say(new[0].asks))
            self.icon.showMessage(words, text, QSystemTrayIcon.MessageIcon.Information, SHOWN_MS)

    def _missed(self, error: CityChainError) -> None:
        """Nothing is told of a network that is stopped, or a keystore that is locked: the next look may find it."""
        self._list(say(error.message), ())

    def _list(self, words: str, found: Sequence[Waiting]) -> None:
        self.icon.setToolTip(words)
        self.menu.clear()
        self.menu.addAction(words).setEnabled(False)
        for one in found[:LISTED]:
            self.menu.addAction(tr("{title}：{asks}").format(title=say(one.title), asks=say(one.asks)), self._opened)
        self.menu.addSeparator()
        self.menu.addAction(tr("打开控制台"), self._opened)
        self.menu.addAction(tr("退出"), QApplication.quit)


def open_console(folder: Path | None) -> None:
    """Start the console as a program of its own."""
    place = ["--workspace", str(folder)] if folder is not None else []
    subprocess.Popen(
        [sys.executable, "-m", "baas.cli", *place, "console"], creationflags=NO_WINDOW, start_new_session=True
    )


def run(folder: Path | None = None, lang: Lang | None = None) -> int:
    """Stand in the tray until somebody ends it; Unavailable where the desktop has no tray."""
    from baas.applications import Applications
    from console.app import make_application
    from console.catalogue import application_catalogues

    app = make_application()
    if not QSystemTrayIcon.isSystemTrayAvailable():
        raise Unavailable(
            Text("这个桌面没有系统托盘。", "This desktop has no tray."),
            Text(
                "可在登录脚本里写 citychain inbox --line。",
                "A login script can say it: citychain inbox --line.",
            ),
            code="no_tray",
        )
    app.setQuitOnLastWindowClosed(False)
    use_language(lang or system_language(), application_catalogues(Applications()))
    look = theme.install(app, "light")
    tray = Tray(
        QIcon(look.pixmap("brand", "accent", 64, 1.0)), lambda: read_inbox(folder), lambda: open_console(folder)
    )
    tray.start()
    try:
        return app.exec()
    finally:
        tray.close()
