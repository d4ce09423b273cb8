"""What was measured, in one file that has its whole size from the beginning.

Four rings: every second for two hours, every ten seconds for a day, every minute for a week, every hour for a year.
Each row carries the number of its step, so that what is read is known to be of that time and nothing has to be cleared;
each value is count, least, greatest and mean of its step. A killed program loses ten seconds of the coarser rings.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import struct
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from baas.errors import translating
from fabric_sdk.files import replace_file

SERIES = 80
"""How many series a file has room for; further ones are not kept."""
RINGS = ((1, 7_200), (10, 8_640), (60, 10_080), (3_600, 8_784))
"""Each ring's step in seconds and how many steps it keeps, the finest first."""
FLUSH_S = 10
_VALUE = struct.Struct("<Ifff")
_HEAD = struct.Struct("<Q")
ROW = _HEAD.size + SERIES * _VALUE.size
SIZE = sum(rows for _, rows in RINGS) * ROW
POINTS = 720


class Point(NamedTuple):
    """One step: when it began (seconds since the epoch), and least, mean and greatest of what was measured in it."""

    at: float
    low: float
    mean: float
    high: float


@dataclass
class _Step:
    """What was measured of one series in the step under way."""

    count: int = 0
    low: float = math.inf
    high: float = -math.inf
    mean: float = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self.low, self.high = min(self.low, value), max(self.high, value)
        self.mean += (value - self.mean) / self.count


class _Ring:
    def __init__(self, step: int, rows: int, offset: int) -> None:
        self.step, self.rows, self.offset = step, rows, offset
        self.number = -1
        self.values: dict[int, _Step] = {}

    def at(self, number: int) -> int:
        return self.offset + number % self.rows * ROW


class History:
    """The file of one network. One program writes (`add`); any number read."""

    def __init__(self, path: Path, *, writing: bool = False) -> None:
        """Open the file, made whole when `writing` and it is not there. `Unavailable` for a full disk."""
        self._path = path
        self._names_path = path.with_suffix(".json")
        self._lock = threading.Lock()
        self._rings: list[_Ring] = []
        offset = 0
        for step, rows in RINGS:
            self._rings.append(_Ring(step, rows, offset))
            offset += rows * ROW
        flags = (os.O_RDWR | os.O_CREAT if writing else os.O_RDONLY) | getattr(os, "O_BINARY", 0)
        with translating():
            if writing:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.fdopen(os.open(path, flags, 0o600), "r+b" if writing else "rb", buffering=0)
            if writing and path.stat().st_size != SIZE:
                self._file.truncate(SIZE)
        self._names = self._read_names()
        self._flushed = 0.0

    def close(self) -> None:
        """Write what is under way and close the file."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            if self._file.writable():
                self._flush()
            self._file.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The series that are kept."""
        self._names = self._read_names() or self._names
        return tuple(self._names)

    # -- writing -------------------------------------------------------------------------------------
    def add(self, at: float, values: Mapping[str, float]) -> None:
        """Keep what was measured at `at` (seconds since the epoch); what is no number is left out."""
        with self._lock, translating():
            columns = {self._column(name): value for name, value in values.items() if math.isfinite(value)}
            columns.pop(-1, None)
            for ring in self._rings:
                number = int(at) // ring.step
                if number != ring.number:
                    self._write(ring)
                    ring.number, ring.values = number, self._resumed(ring, number)
                for column, value in columns.items():
                    ring.values.setdefault(column, _Step()).add(value)
            self._write(self._rings[0])
            if not 0 <= at - self._flushed < FLUSH_S:
                self._flush()
                self._flushed = at

    def _column(self, name: str) -> int:
        found = self._names.get(name)
        if found is not None:
            return found
        if len(self._names) >= SERIES:
            return -1
        self._names[name] = column = len(self._names)
        temporary = self._names_path.with_suffix(".tmp")
        temporary.write_text(json.dumps(list(self._names)), "utf-8")
        replace_file(temporary, self._names_path)
        return column

    def _flush(self) -> None:
        for ring in self._rings:
            self._write(ring)

    def _write(self, ring: _Ring) -> None:
        if ring.number < 0 or not ring.values:
            return
        row = bytearray(ROW)
        _HEAD.pack_into(row, 0, ring.number)
        for column, step in ring.values.items():
            _VALUE.pack_into(row, _HEAD.size + column * _VALUE.size, step.count, step.low, step.high, step.mean)
        self._file.seek(ring.at(ring.number))
        self._file.write(row)

    def _resumed(self, ring: _Ring, number: int) -> dict[int, _Step]:
        """What an earlier program has measured of this step already."""
        self._file.seek(ring.at(number))
        row = self._file.read(ROW)
        if len(row) < ROW or _HEAD.unpack_from(row)[0] != number:
            return {}
        found = {}
        for column in range(len(self._names)):
            count, low, high, mean = _VALUE.unpack_from(row, _HEAD.size + column * _VALUE.size)
            if count:
                found[column] = _Step(count, low, high, mean)
        return found

    # -- reading -------------------------------------------------------------------------------------
    def read(self, name: str, start: float, end: float, points: int = POINTS) -> tuple[Point, ...]:
        """What is known of a series from `start` to `end`, at the finest step that needs no more than `points`."""
        column = self._names.get(name)
        if column is None:
            column = (self._read_names() or {}).get(name)
        if column is None:
            return ()
        return tuple(self._points(self._ring(start, end, points), column, start, end))

    def step(self, start: float, end: float, points: int = POINTS) -> int:
        """The step in seconds that `read` takes for this time."""
        return self._ring(start, end, points).step

    def _ring(self, start: float, end: float, points: int) -> _Ring:
        for ring in self._rings:
            if (end - start) / ring.step <= min(points, ring.rows):
                return ring
        return self._rings[-1]

    def _points(self, ring: _Ring, column: int, start: float, end: float) -> Iterator[Point]:
        last = int(end) // ring.step
        for number in range(max(int(start) // ring.step, last - ring.rows + 1), last + 1):
            with self._lock:
                self._file.seek(ring.at(number))
                head = self._file.read(_HEAD.size)
                if len(head) < _HEAD.size or _HEAD.unpack(head)[0] != number:
                    continue
                self._file.seek(column * _VALUE.size, os.SEEK_CUR)
                raw = self._file.read(_VALUE.size)
            if len(raw) < _VALUE.size:
                continue
            count, low, high, mean = _VALUE.unpack(raw)
            if count:
                yield Point(number * ring.step, low, mean, high)

    def _read_names(self) -> dict[str, int]:
        try:
            listed = json.loads(self._names_path.read_text("utf-8"))
            return {str(name): column for column, name in enumerate(listed[:SERIES])}
        except (OSError, ValueError, TypeError):
            return {}
