"""A dictionary that forgets its oldest entries: caches keyed by bytes that others send must not grow."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """First in, first out, at most `limit` entries.

    Single dictionary operations are atomic in CPython, so readers need no lock; two threads that miss at once
    compute the same value twice, which is harmless.
    """

    __slots__ = ("_entries", "get", "limit")

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError("limit must be positive")
        self.limit = limit
        # Not a plain dict: finding its first key walks over every place that was emptied before.
        self._entries: OrderedDict[K, V] = OrderedDict()
        self.get = self._entries.get

    def put(self, key: K, value: V) -> None:
        entries = self._entries
        while len(entries) >= self.limit and key not in entries:
            try:
                entries.popitem(last=False)
            except KeyError:  # another thread emptied it meanwhile
                continue
        entries[key] = value

    def pop(self, key: K) -> V | None:
        """Take an entry out."""
        return self._entries.pop(key, None)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def clear(self) -> None:
        self._entries.clear()
