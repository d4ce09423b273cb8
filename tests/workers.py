"""Decoding processes that serve one service after another.

A service of works starts a process that decodes (0.4 s of processor time for its libraries) and ends it when it is
closed. Tests open hundreds: here a worker that is idle when its pool closes waits for the next pool, as long as that
one would have been started with the same environment and in the same folder. What is killed stays killed.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from apps.copyright.fingerprints.pool import FingerprintPool

KEPT = 2
"""So many wait: files and views have a pool each."""


def _surroundings() -> tuple[Path, dict[str, str]]:
    return Path.cwd(), {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


@contextmanager
def handed_on() -> Iterator[None]:
    """While this is open, pools of this process hand their workers on; at the end those that wait are ended."""
    waiting: list[tuple[subprocess.Popen[str], queue.Queue[str], tuple[Path, dict[str, str]]]] = []
    begun: dict[int, tuple[Path, dict[str, str]]] = {}
    lock = threading.Lock()
    start, end = FingerprintPool._start, FingerprintPool._stop

    def take(pool: FingerprintPool) -> subprocess.Popen[str]:
        here = _surroundings()
        with lock:
            for place, (process, answers, where) in enumerate(waiting):
                if where == here and process.poll() is None:
                    del waiting[place]
                    pool._process, pool._answers = process, answers
                    return process
        process = start(pool)
        begun[process.pid] = here
        return process

    def close(pool: FingerprintPool) -> None:
        with pool._lock, lock:
            process = pool._process
            idle = process is not None and process.poll() is None and pool._answers.empty()
            if process is not None and idle and process.pid in begun and len(waiting) < KEPT:
                waiting.append((process, pool._answers, begun[process.pid]))
                pool._process = None
            else:
                end(pool)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FingerprintPool, "_start", take)
        patch.setattr(FingerprintPool, "close", close)
        yield
        for process, answers, _ in waiting:
            pool = FingerprintPool()
            pool._process, pool._answers = process, answers
            end(pool)
