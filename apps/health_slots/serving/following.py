"""Keeps the index of a server up to the ledger, in a thread of its own."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable

from apps.health_slots.index import SlotIndex
from apps.health_slots.ledger import SlotLedger
from baas.errors import CityChainError

_log = logging.getLogger(__name__)
DUTY_S = 60.0


class Follower:
    """Looks for new blocks every `seconds`; a network that is down is looked for again. `duty` comes every minute."""

    def __init__(
        self,
        index: SlotIndex,
        ledger: SlotLedger,
        *,
        seconds: float = 0.5,
        duty: Callable[[], object] = lambda: None,
    ) -> None:
        self._duty = duty
        self._next_duty = time.monotonic()
        self._index = index
        self._ledger = ledger
        self._seconds = seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slots-follower", daemon=True)

    def __enter__(self) -> Follower:
        self._index.sync(self._ledger)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            try:
                self._index.sync(self._ledger)
            except CityChainError as error:
                _log.warning("the index could not follow: %s", error)
                self._stopped.wait(5)
            if time.monotonic() >= self._next_duty:
                self._next_duty = time.monotonic() + DUTY_S
                with contextlib.suppress(CityChainError):  # who may not sign leaves it to the others
                    self._duty()
