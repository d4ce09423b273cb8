"""A stack whose parts are made when they are first wanted: a page opens with what it shows, not with all it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QStackedWidget, QWidget


class LazyStack(QStackedWidget):
    """Parts by name; `part(name)` makes one on its first use. What was made stays."""

    def __init__(self, makers: Mapping[str, Callable[[], QWidget]]) -> None:
        super().__init__()
        self._makers = dict(makers)
        self._made: dict[str, QWidget] = {}

    def part(self, name: str) -> QWidget:
        """Return the part `name`, making it if need be. Raises KeyError for a name that was not given."""
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = self._makers[name]()
            self.addWidget(found)
        return found

    def made(self, name: str) -> QWidget | None:
        """Return the part `name` if it has been made."""
        return self._made.get(name)

    def show_part(self, name: str) -> QWidget:
        """Make the part `name` the one that is seen, and return it."""
        part = self.part(name)
        self.setCurrentWidget(part)
        return part
