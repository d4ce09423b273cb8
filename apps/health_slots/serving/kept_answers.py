"""Answers that many ask for and that hang on nothing but the index: made once for a block height and second.

A hundred clients who look for a free slot of the same hospital within a second get the same bytes; what one of them
sees is no older than what a search of its own would have found.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from apps.health_slots.index import SlotIndex

MOST_BYTES = 16 * 1024 * 1024


class KeptAnswers:
    """The latest answers by whole address, within `most_bytes`; the least recently used goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, index: SlotIndex, now: int, address: str, make: Callable[[], bytes]) -> bytes:
        """The answer at an address as the index stands and at this second; `make` is asked where there is none yet.

        The height is read first: what is found then may be newer, never older.
        """
        key = address, index.height, now
        with self._turn:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return found
        made = make()
        with self._turn:
            if key not in self._kept:
                self._kept[key] = made
                self._size += len(made)
            while self._size > self._most:
                self._size -= len(self._kept.popitem(last=False)[1])
        return made
