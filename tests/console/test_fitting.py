"""At 1024 × 700 no page cuts a word: labels, buttons and chips have the room that they take, dialogs fit upon it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from console.app import Console
from console.context import Context
from console.i18n import use_language
from console.screenshots import Camera
from tests.console.conftest import Desk, close_desk
from tests.console.fitting import cut, outside, sideways

NARROW = (1024, 700)
CLOSELY = ("contracts", "health_slots")
"""Pages whose views were cut once."""


@pytest.fixture(params=[pytest.param("zh", marks=pytest.mark.slow), "en"])
def narrow(request: pytest.FixtureRequest, desk: Desk, qapp: Any, qtbot: Any) -> Iterator[Desk]:
    """A second window upon the shared workspace, small and in one of the languages."""
    Context.asks_first = False
    console = Console(qapp, lang=request.param, mode="light")
    window = console.show()
    window.resize(*NARROW)
    console.platform = desk.platform
    window.use(desk.platform)
    small = Desk(console, window, qtbot)
    small.settle()
    yield small
    close_desk(small)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    use_language("zh")
    desk.window.activateWindow()  # who presses keys next presses them in the shared window
    desk.until(desk.window.isActiveWindow)


def wrong(root: QWidget, what: str) -> list[str]:
    return [f"{what}: {each}" for each in (*cut(root), *outside(root), *sideways(root))]


def test_pages(narrow: Desk) -> None:
    found: list[str] = []
    for spec in narrow.window.specs:
        views = [spec.id]
        if spec.id in CLOSELY:
            views += [one.address for one in spec.scenes(narrow.window.context) if one.prepare is None]
        for view in views:
            narrow.go(view)
            found += wrong(narrow.window, view)
    assert not found, "\n".join(dict.fromkeys(found))


@pytest.mark.slow
def test_scenes(narrow: Desk) -> None:
    """Every further view and dialog that the pages show pictures of."""
    found: list[str] = []
    for spec in narrow.window.specs:
        for scene in spec.scenes(narrow.window.context):
            narrow.go(scene.address)
            seen: list[str] = []

            def look(top: QWidget, name: str = scene.name, seen: list[str] = seen, said: list[str] = found) -> None:
                seen.append(name)
                said.extend(wrong(top, name))
                if isinstance(top, QDialog) and top.height() > NARROW[1]:
                    said.append(f"{name}: a dialog of {top.height()} px")

            camera = Camera(narrow.window, look)
            with suppress(Exception):  # a scene may need data that this network does not have
                if scene.prepare is not None:
                    scene.prepare(narrow.window)
            narrow.settle()
            camera.stop()
            if not seen:
                found += wrong(narrow.window, scene.name)
    assert not found, "\n".join(dict.fromkeys(found))


def test_what_is_cut_is_found(qtbot: Any) -> None:
    root = QWidget()
    qtbot.addWidget(root)
    column = QVBoxLayout(root)
    label, button = QLabel("a label of some length"), QPushButton("a button of some length")
    column.addWidget(label)
    column.addWidget(button)
    root.resize(400, 100)
    root.show()
    assert not cut(root)
    assert not outside(root)
    label.setFixedWidth(40)
    button.setFixedWidth(40)
    assert len(cut(root)) == 2
    label.setFixedWidth(300)
    button.setFixedWidth(300)
    root.setMinimumWidth(0)
    root.setFixedWidth(200)
    assert outside(root)
