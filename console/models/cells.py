"""What one field of a table shows; the same for every table of the console."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Cell:
    """A field: text, a second line, an icon, a tone; `copy` is what Ctrl+C takes, `tag` draws an outlined tag.

    `picture` is asked each time that the field is painted: a `QImage`, or None for the icon in its place.
    """

    text: str = ""
    sub: str = ""
    icon: str = ""
    tone: str = ""
    word_tone: str = ""
    mono: bool = False
    bold: bool = False
    copy: str = ""
    tag: bool = False
    tip: str = ""
    bar: float | None = None
    struck: bool = False
    picture: Callable[[], Any] | None = None

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return f"{self.text} {self.sub}".strip()


@dataclass(frozen=True)
class Column:
    """A column: heading, width in pixels (0 takes what is left), numbers right-aligned.

    A `spare` one is left out where the others' texts would be cut for it; the inspector tells what it holds.
    """

    title: str
    width: int = 0
    right: bool = False
    spare: bool = False


Cells = Callable[[Any], Sequence[Cell]]


class RowSource(Protocol):
    """Rows that live elsewhere, read a page at a time in a worker thread."""

    def count(self) -> int:
        """Return how many rows there are now."""

    def page(self, offset: int, limit: int) -> Sequence[Any]:
        """Return at most `limit` rows from `offset` on."""
