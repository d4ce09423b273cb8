"""Alerts on the desktop: whatever program watches the network, its new alerts are told here within seconds."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QSystemTrayIcon

from console.context import Context
from console.i18n import say, tr

if TYPE_CHECKING:
    from baas.monitoring.alerts import Alert

LOOK_MS = 1_000
SHOWN_MS = 15_000
_log = logging.getLogger(__name__)


class AlertTeller(QObject):
    """Looks whether the book of the network on the screen has changed, and tells what is new in it."""

    def __init__(self, context: Context, parent: QObject, *, watch: bool = True) -> None:
        """With `watch` this program looks at the network itself where no other does."""
        super().__init__(parent)
        self._context = context
        self._watch = watch
        self._network = ""
        self._seen: set[tuple[str, float]] | None = None
        self._changed = 0
        self._reading = False
        self._tray: QSystemTrayIcon | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Read the book if it is another than at the last look."""
        context = self._context
        if self._reading or not context.ready or not context.network:
            return
        network, platform = context.network, context.platform
        if network != self._network:
            self._network, self._seen, self._changed = network, None, 0
        try:
            changed = (platform.monitor.folder / f"{network}.alerts.json").stat().st_mtime_ns
        except OSError:
            changed = 0
        if self._seen is not None and changed == self._changed:
            return
        first = self._seen is None
        self._changed, self._reading = changed, True

        def read() -> tuple[Alert, ...]:
            if self._watch and first and network in platform.networks.names():
                platform.monitor.watch(network)
            return platform.monitor.alerts(network)

        context.tasks.fetch(read, self._tell, self._missed, owner=self)

    def _missed(self, error: object) -> None:
        self._reading = False
        self._seen = self._seen or set()
        _log.info("alerts could not be read: %s", error)

    def _tell(self, alerts: tuple[Alert, ...]) -> None:
        from fabric_sdk import clock

        self._reading = False
        now = clock.seconds()
        lasting = {(one.key, one.since): one for one in alerts if not one.ended}
        known, self._seen = self._seen, set(lasting)
        self._context.counted.emit("monitor", sum(1 for one in lasting.values() if one.open))
        for mark, one in lasting.items():
            if known is not None and mark not in known and one.open and not one.silent(now):
                words = tr("{what}：{text}").format(what=say(one.title), text=say(one.text))
                self._context.notice(words, one.level)
                self._show(say(one.title), say(one.text), one.level)

    def _show(self, title: str, text: str, level: str) -> None:
        """The system's own notification, where there is a place for it."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            from PySide6.QtGui import QGuiApplication

            self._tray = QSystemTrayIcon(QGuiApplication.windowIcon(), self)
            self._tray.setToolTip(tr("城链"))
        self._tray.show()
        icon = QSystemTrayIcon.MessageIcon.Critical if level == "bad" else QSystemTrayIcon.MessageIcon.Warning
        self._tray.showMessage(title, text, icon, SHOWN_MS)
