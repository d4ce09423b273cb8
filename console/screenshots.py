"""Pictures of every page, rendered without a display from a real workspace.

`render(folder, target)` opens the workspace in `folder` and writes `PAGE-LANG-THEME.png` at 1440 × 900. Which views
there are say the pages themselves, see `console.scenes`. The look is switched once for each language and theme, not for
each picture: that is what takes the time.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from baas.platform import Platform
from console import theme
from console.app import Console, make_application
from console.scenes import NothingToSee, Scene
from console.tasks.runner import postponed
from console.theme import tokens
from network.text import Lang

if TYPE_CHECKING:
    from console.shell.window import MainWindow

_log = logging.getLogger(__name__)


def render(
    folder: Path | None,
    target: Path,
    langs: Sequence[Lang] = ("zh", "en"),
    modes: Sequence[theme.Mode] = ("light", "dark"),
    only: Sequence[str] = (),
    size: tuple[int, int] = tokens.WINDOW_SIZE,
) -> list[Path]:
    """Write the pictures into `target` (made if need be) and return their paths.

    `only` limits them by page id or by the name of the scene.
    """
    target.mkdir(parents=True, exist_ok=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = make_application()
    if os.name == "nt":
        theme.load_system_fonts()
    written: list[Path] = []
    # Compressing the pictures is a third of the work and needs neither window nor interpreter.
    with Platform.open(folder) as platform, ThreadPoolExecutor(2, thread_name_prefix="png") as writers:
        saved = []
        for lang in langs:
            for mode in modes:
                window = _open(app, platform, lang, mode, size)
                for scene in _scenes(window, only):
                    try:
                        picture = photograph(window, scene)
                    except NothingToSee:
                        continue
                    path = target / f"{scene.name}-{lang}-{mode}.png"
                    saved.append(writers.submit(picture.save, str(path)))
                    written.append(path)
                _close(window)
        if not all(one.result() for one in saved):
            raise OSError(f"a picture could not be written into {target}")
    return written


def _open(app: QApplication, platform: Platform, lang: Lang, mode: theme.Mode, size: tuple[int, int]) -> MainWindow:
    console = Console(app, lang=lang, mode=mode)
    window = console.show()
    window.context.asks_first = False
    window.setMinimumSize(1, 1)
    window.resize(*size)
    window.use(platform)
    window.settle()
    return window


def _close(window: MainWindow) -> None:
    window.tasks.close()
    window.close()
    window.deleteLater()
    QApplication.processEvents()


def _scenes(window: MainWindow, only: Sequence[str]) -> list[Scene]:
    found = []
    for spec in window.specs:
        mine = [Scene(spec.id, spec.id), *spec.scenes(window.context), *spec.dialogs(window.context)]
        found += [scene for scene in mine if not only or spec.id in only or scene.name in only]
    return found


def photograph(window: MainWindow, scene: Scene) -> QImage:
    """Go to the scene, do what it prepares, and return the picture of the window with any dialog upon it.

    `NothingToSee` where the scene says so.
    """
    window.toast.hide()  # it tells of the scene before
    window.go(scene.address)
    window.settle()
    if scene.prepare is None:
        return window.grab().toImage()
    pictures: list[QImage] = []
    camera = Camera(window, lambda top: pictures.append(_upon(window, top)))
    try:
        scene.prepare(window)
    except NothingToSee:
        camera.stop()
        raise
    except Exception:
        _log.exception("the scene %s could not be prepared", scene.name)
    window.settle()
    camera.stop()
    top = QApplication.activeModalWidget()
    if not pictures and isinstance(top, QDialog):  # opened without waiting for it
        pictures.append(_upon(window, top))
        top.reject()
    return pictures[0] if pictures else window.grab().toImage()


class Camera(QObject):
    """Waits for a modal dialog or a menu, calls `look` when it has come to rest, and closes it."""

    def __init__(self, window: MainWindow, look: Callable[[QWidget], object]) -> None:
        super().__init__(window)
        self._window = window
        self._show = look
        self._seen: float | None = None
        self._rested = False
        self._timer = QTimer(self)
        self._timer.setInterval(10)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _look(self) -> None:
        top: QWidget | None = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if top is None or not top.isVisible():
            self._seen, self._rested = None, False
            return
        if self._seen is None:
            self._seen = time.monotonic()
        elif self._window.tasks.idle and not postponed() and time.monotonic() - self._seen > 0.06:
            if not self._rested:  # what was read last is shown with the next turn
                self._rested = True
                return
            self._timer.stop()
            close: Callable[[], object] = top.reject if isinstance(top, QDialog) else top.close
            try:
                self._show(top)
            finally:
                close()


def _upon(window: MainWindow, top: QWidget) -> QImage:
    """Return the picture of the window with `top` upon it, a dialog in the middle as the desktop would put it."""
    result, above = window.grab(), top.grab()
    at = top.mapToGlobal(QPoint(0, 0)) - window.mapToGlobal(QPoint(0, 0))
    if isinstance(top, QDialog):
        at = window.rect().center() - top.rect().center()
    painter = QPainter(result)
    painter.drawPixmap(at, above)
    painter.setPen(QPen(theme.theme().colour("btn"), 1))
    painter.drawRect(at.x() - 1, at.y() - 1, top.width() + 1, top.height() + 1)
    painter.end()
    return result.toImage()
