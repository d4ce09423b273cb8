"""What a network costs the machine that runs it: memory, room on the disk, how much more of it every day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baas.monitoring.history import Point
    from baas.monitoring.sampling import Sample

LEAST_S = 3_600.0
"""Less measured time than this says nothing about a day."""
SPAN_S = 7 * 86_400.0
"""How far back the growth is measured, in seconds."""
DAY_S = 86_400.0


@dataclass(frozen=True)
class Cost:
    """Bytes of memory (None where nobody knows), of the network's folder, and free on its disk.

    `growth` is in bytes a day, measured over the last `measured_s` seconds; None while these are less than an hour.
    """

    memory: int | None
    data: int
    disk_free: int
    growth: float | None = None
    measured_s: float = 0.0

    @property
    def days_left(self) -> float | None:
        """After how many days the disk is full at this growth; None where nothing grows or nobody knows."""
        return days_left(self.disk_free, self.growth)


def days_left(free: int, growth: float | None) -> float | None:
    """After how many days `free` bytes are used up by `growth` bytes a day; None where nothing grows."""
    return free / growth if growth is not None and growth > 0 else None


def cost_of(sample: Sample, data: Sequence[Point]) -> Cost:
    """The cost at the moment of `sample`, with the growth that the points of the folder's size show."""
    growth, span = None, 0.0
    if len(data) > 1 and data[-1].at - data[0].at >= LEAST_S:
        span = data[-1].at - data[0].at
        growth = (data[-1].mean - data[0].mean) / span * DAY_S
    return Cost(sample.process_memory, sample.data_bytes, sample.disk_free, growth, span)
