"""What a window remembers of where it stood, for this person on this computer.

A small file of its own, because the window stands before any workspace is open. A file that cannot be read or written
is no reason to say anything: the window then stands where it stands for the first time.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QGuiApplication

from fabric_sdk.files import replace_file

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_log = logging.getLogger(__name__)
VISIBLE = 120
"""At least so many pixels of the window's head must lie on a screen for its place to be taken up again."""


@dataclass(frozen=True)
class Place:
    """Where a window stood when it was not maximised, whether it was, and which page it showed."""

    x: int
    y: int
    width: int
    height: int
    maximised: bool = False
    page: str = ""


def default_path() -> Path:
    """The file in the person's own settings folder."""
    from platformdirs import user_config_path

    return user_config_path("citychain", appauthor=False) / "window.json"


def read(path: Path) -> Place | None:
    """Return what was remembered; None when there is nothing that makes sense."""
    try:
        found = json.loads(path.read_bytes()[:10_000])
        x, y, width, height = (int(found[name]) for name in ("x", "y", "width", "height"))
        place = Place(x, y, width, height, found.get("maximised") is True, str(found.get("page", ""))[:64])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    return place if 0 < place.width < 32_768 and 0 < place.height < 32_768 else None


def write(path: Path, place: Place) -> None:
    """Remember `place`, wholly or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(asdict(place)), "utf-8")
        replace_file(temporary, path)
    except OSError as error:
        _log.info("the window's place is not remembered: %s", error)
        with contextlib.suppress(OSError):
            temporary.unlink()


def place_of(window: QWidget, page: str) -> Place:
    """Return where `window` stands."""
    box = window.normalGeometry() if window.isMaximized() or window.isFullScreen() else window.geometry()
    return Place(box.x(), box.y(), box.width(), box.height(), window.isMaximized(), page)


def _area(size: QSize) -> int:
    return size.width() * size.height()


def take_up(window: QWidget, place: Place | None) -> None:
    """Put `window` where it stood, if the screen it stood on is still there; else in the middle of the first screen.

    It is never larger than the screen, so that its edges can be reached.
    """
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    if not screens:
        return
    window.setMinimumSize(window.minimumSize().boundedTo(min((s.size() for s in screens), key=_area)))
    if place is None:
        box = QRect(window.geometry())
        box.setSize(box.size().boundedTo(screens[0].size()))
        box.moveCenter(screens[0].center())
        window.setGeometry(box)
        return
    box = QRect(place.x, place.y, place.width, place.height)
    head = QRect(box.x(), box.y(), box.width(), 40)
    on = max(screens, key=lambda screen: screen.intersected(head).width() * screen.intersected(head).height())
    seen = on.intersected(head)
    box.setSize(box.size().boundedTo(on.size()).expandedTo(window.minimumSize()))
    if seen.width() < VISIBLE or seen.height() < 20:
        box.moveCenter(screens[0].center())
    window.setGeometry(box)
    if place.maximised:
        window.showMaximized()
