"""What the machine did during a step of a load test: processors, by whom, and how long a durable write takes."""

from __future__ import annotations

import os
import secrets
import statistics
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from network.yardstick import processor_seconds

PROBE_S = 0.1


class Machine:
    """Measures from `begin` to `end`; the disk is tried ten times a second by a thread of its own meanwhile."""

    def __init__(self, pids: Callable[[], Iterable[int]], folder: Path) -> None:
        self._pids, self._folder = pids, folder
        self._stop = threading.Event()
        self._writes: list[float] = []
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin to measure."""
        self._stop.clear()
        self._writes = []
        self._thread = threading.Thread(target=self._probe, name="load-disk", daemon=True)
        self._began = time.perf_counter()
        self._node = processor_seconds(self._pids())
        self._client = time.process_time()
        self._whole = _busy()
        self._thread.start()

    def end(self) -> dict[str, float]:
        """Figures since `begin`: `node_cpu`, `client_cpu` in cores, `machine_cpu` as a share, `disk_ms`."""
        seconds = max(1e-6, time.perf_counter() - self._began)
        node = processor_seconds(self._pids()) - self._node
        client = time.process_time() - self._client
        busy, idle = (now - was for now, was in zip(_busy(), self._whole, strict=True))
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)
        return {
            "node_cpu": round(max(0.0, node) / seconds, 3),
            "client_cpu": round(client / seconds, 3),
            "machine_cpu": round(busy / (busy + idle), 3) if busy + idle > 0 else 0.0,
            "disk_ms": round(statistics.median(self._writes) * 1000, 3) if self._writes else 0.0,
        }

    def _probe(self) -> None:
        path = self._folder / f".load-{secrets.token_hex(4)}"
        try:
            while not self._stop.wait(PROBE_S):
                began = time.perf_counter()
                with suppress(OSError), path.open("wb") as stream:
                    stream.write(b"x" * 512)
                    stream.flush()
                    os.fsync(stream.fileno())
                    self._writes.append(time.perf_counter() - began)
        finally:
            path.unlink(missing_ok=True)


def _busy() -> tuple[float, float]:
    """Seconds that all cores together have worked, and have had nothing to do, since the machine started."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    return sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0) - idle, idle
