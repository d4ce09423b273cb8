"""What the command palette finds besides the ledger: things of pages, by what a person would call them.

A page names a function of its module `finding.py` in `PageSpec.find`; it runs outside the window's thread and answers
with a few `Found`s, the best first.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baas.platform import Platform


@dataclass(frozen=True)
class Found:
    """Something found: what it is called, a remark, where it is shown, its icon."""

    title: str
    note: str
    address: str
    icon: str


Find = Callable[["Platform", str, str], Sequence[Found]]
"""(platform, network, text) → what was found. Errors of the services mean that there is nothing to find."""


def finder_of(module: str) -> Find:
    """Return the function `find` of `module`, imported when it is first called."""

    def find(platform: Platform, network: str, text: str) -> Sequence[Found]:
        found: Sequence[Found] = importlib.import_module(module).find(platform, network, text)
        return found

    return find


def fits(text: str, *words: str) -> bool:
    """Whether every part of `text` is in one of `words`, whatever its case."""
    hay = " ".join(words).lower()
    return all(part in hay for part in text.lower().split())
