"""Keeps the index of a server up to the ledger, in a thread of its own."""

from __future__ import annotations

import logging
import threading

from apps.health_slots.index import SlotIndex
from apps.health_slots.ledger import SlotLedger
from baas.errors import CityChainError

_log = logging.getLogger(__name__)


class Follower:
    """Looks for new blocks every `seconds`; a network that is down is looked for again."""

    def __init__(self, index: SlotIndex, ledger: SlotLedger, *, seconds: float = 0.5) -> None:
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
