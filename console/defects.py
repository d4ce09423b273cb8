"""What nobody foresaw: unhandled exceptions and complaints of Qt go into a log file, and one sentence says so.

Nothing is sent anywhere. The file lies in the person's own log folder, because a defect may come before any workspace.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from network.errors import CityChainError
from network.logs import BoundedLog
from network.text import Text

_log = logging.getLogger("citychain.console")
LOG_BYTES = 1_000_000
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def default_path() -> Path:
    """The console's log file."""
    from platformdirs import user_log_path

    return user_log_path("citychain", appauthor=False) / "console.log"


class Defects(QObject):
    """Takes what nobody caught while `taking` is entered.

    Signals: `found(error)` with a `CityChainError` to show, in the thread of the object's owner.
    """

    found = Signal(object)

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._within = threading.local()

    @contextlib.contextmanager
    def taking(self) -> Iterator[None]:
        """Have the interpreter's and Qt's last words come here; as it was before, afterwards."""
        handler = self._file()
        root = logging.getLogger()
        before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._exception
        threading.excepthook = lambda told: self._exception(told.exc_type, told.exc_value, told.exc_traceback)
        qt_before: Callable[..., object] | None = qInstallMessageHandler(self._qt)
        if handler is not None:
            root.addHandler(handler)
        try:
            yield
        finally:
            qInstallMessageHandler(qt_before)
            sys.excepthook, threading.excepthook = before
            if handler is not None:
                root.removeHandler(handler)
                handler.close()

    def _file(self) -> logging.Handler | None:
        """The log file, or None where none can be written: that stops nobody from working."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            form = "%(asctime)s %(levelname)s %(name)s %(message)s"
            return BoundedLog(self.path, LOG_BYTES, 2, form, logging.WARNING)
        except OSError:
            return None

    def _exception(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit) or getattr(self._within, "busy", False):
            sys.__excepthook__(kind, error or kind(), trace)
            return
        self._within.busy = True  # a defect in telling of a defect is told by Python itself
        try:
            words = "".join(traceback.format_exception(kind, error, trace))
            _log.error("nobody caught this:\n%s", words)
            self.found.emit(self.sentence(words))
        finally:
            self._within.busy = False

    def sentence(self, words: str) -> CityChainError:
        """What the person is told; `words` are copied with "copy details"."""
        return CityChainError(
            Text(
                "程序遇到一处缺陷，刚才的操作可能没有完成。",
                "A defect of CityChain: what you just did may not be complete.",
            ),
            Text("可以继续使用；详情已写入 {f}。", "You can go on; the details are in {f}.", f=str(self.path)),
            code="defect",
            details={"traceback": words},
        )

    def _qt(self, kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
        _log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message or "")
