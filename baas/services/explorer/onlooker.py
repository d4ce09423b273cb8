"""Looks on while another program keeps a channel's index, and takes over when that program ends.

Console, commands and services run side by side on one workspace; one of them writes the index, the others hear of new
blocks by looking at it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from baas.errors import CityChainError
from baas.services.explorer.follower import Follower

_log = logging.getLogger(__name__)
INTERVAL_S = 0.5


class Onlooker:
    """Behaves as a `Follower` does; `take` says whether the index is free now, and is this program's from then on.

    `indexed` is how many blocks the index has; `on_moved` hears the number of the newest one.
    """

    def __init__(
        self,
        path: Path,
        indexed: Callable[[], int],
        take: Callable[[], bool],
        make: Callable[[], Follower],
        on_moved: Callable[[int], None],
    ) -> None:
        self._indexed = indexed
        self._take = take
        self._make = make
        self._on_moved = on_moved
        self._stopping = threading.Event()
        self._moved = threading.Condition()
        self._seen = -1
        self._own: Follower | None = None
        self._thread = threading.Thread(target=self._run, name=f"look-{path.stem}", daemon=True)

    @property
    def state(self) -> str:
        """The follower's state once this program keeps the index; until then another one follows."""
        return self._own.state if self._own else "following"

    @property
    def failure(self) -> Exception | None:
        return self._own.failure if self._own else None

    @property
    def failures(self) -> int:
        return self._own.failures if self._own else 0

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End looking on, and following if it has come to that."""
        self._stopping.set()
        self._thread.join(timeout)

    def wait_for(self, block: int, timeout: float) -> bool:
        """Wait until block `block` is indexed, at most `timeout` seconds; say whether it is."""
        with self._moved:
            return self._moved.wait_for(lambda: self._seen >= block, timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._own is None and self._take():
                self._own = self._make()
                self._own.start()
            self._look()
            self._stopping.wait(INTERVAL_S)
        if self._own is not None:
            self._own.stop()

    def _look(self) -> None:
        try:
            newest = self._indexed() - 1
        except (CityChainError, OSError) as error:
            _log.debug("the index cannot be looked at: %s", error)
            return
        with self._moved:
            if newest == self._seen:
                return
            first = self._seen < 0
            self._seen = newest
            self._moved.notify_all()
        if not first and self._own is None:
            self._on_moved(newest)
