"""A dictionary that forgets its oldest entries: caches keyed by bytes that others send must not grow."""

from __future__ import annotations

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
        self._entries: dict[K, V] = {}
        self.get = self._entries.get

    def put(self, key: K, value: V) -> None:
        entries = self._entries
        while len(entries) >= self.limit and key not in entries:
            try:
                entries.pop(next(iter(entries)), None)
            except (StopIteration, RuntimeError):  # another thread emptied or changed it meanwhile
                continue
        entries[key] = value

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def clear(self) -> None:
        self._entries.clear()
