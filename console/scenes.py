"""Scenes: the views of a page that are worth a picture, kept beside the page.

A page `ID` has its own picture without further ado. Every further view is one line in the list that `scenes(context)`
of the page's module `scenes.py` returns (`console/pages/ID/scenes.py`, `apps/APP/ui/scenes.py`):

    Scene("networks-config", f"networks/{context.network}/config")

Addresses may be looked up in the workspace, so that the picture shows real data. `prepare` does what a person would do
there first: press a button, type into a field. A modal dialog that comes up by it stands in the picture and is closed
afterwards.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from console.context import Context
    from console.shell.window import MainWindow


class NothingToSee(Exception):
    """Raised by a `prepare` where the workspace has nothing to show: the picture is left out."""


@dataclass(frozen=True)
class Scene:
    """One picture: `name` makes the file's name, `address` is where it is taken, `prepare` what is done before."""

    name: str
    address: str
    prepare: Callable[[MainWindow], Any] | None = None


Scenes = Callable[["Context"], Sequence[Scene]]


def scenes_of(module: str, name: str = "scenes") -> Scenes:
    """Return the function `name` of `module`, imported when it is first called."""

    def scenes(context: Context) -> Sequence[Scene]:
        found: Sequence[Scene] = getattr(importlib.import_module(module), name)(context)
        return found

    return scenes


def press(action: str, entry: int | None = None) -> Callable[[MainWindow], Any]:
    """Return a `prepare` that presses a header action of the page by its id, or the entry of its menu by number."""

    def prepare(window: MainWindow) -> None:
        page = window.page
        found = next((one for one in page.header_actions if one.id == action), None) if page is not None else None
        run = found.menu[entry][1] if found is not None and entry is not None else (found.run if found else None)
        if run is None:
            raise LookupError(f"no action {action}")
        run()

    return prepare


def ask(number: int, *before: Callable[[MainWindow], Any]) -> Callable[[MainWindow], Any]:
    """Return a `prepare` that does what comes `before`, then presses a button that asks first (its words end with …).

    `number` counts such buttons of the inspector from 0, or of the page's body while the inspector is closed, as they
    are read; `NothingToSee` where there are fewer.
    """

    def prepare(window: MainWindow) -> None:
        from PySide6.QtCore import QPoint
        from PySide6.QtWidgets import QPushButton

        for act in before:
            act(window)
            window.settle()
        page: Any = window.page
        root = window.context.inspecting or getattr(page, "stack", page)
        found = [
            one
            for one in root.findChildren(QPushButton)
            if one.isVisibleTo(window) and one.isEnabled() and one.text().endswith("…")
        ]
        found.sort(key=lambda one: ((at := one.mapTo(window, QPoint(0, 0))).y(), at.x()))
        if number >= len(found):
            raise NothingToSee(str(number))
        found[number].click()

    return prepare
