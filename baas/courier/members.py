"""Who is of the channel at all, by its MSPs: asked before a peer is, so that strangers cost nobody a turn."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from fabric_sdk.errors import MspError
from fabric_sdk.msp import MspManager

_log = logging.getLogger(__name__)
AGAIN_S = 60.0
"""How old the channel's MSPs are before they are read again, in seconds."""


class Members:
    """Says of a serialized identity whether the channel's MSPs accept it; thread-safe and never waits.

    `load` reads the MSPs, in a thread of its own. While they are not known everybody passes: a peer decides as ever.
    """

    def __init__(self, load: Callable[[], MspManager], clock: Callable[[], float] = time.monotonic) -> None:
        self._load, self._clock = load, clock
        self._known: MspManager | None = None
        self._lock = threading.Lock()
        self._due = clock()

    def __call__(self, creator: bytes) -> bool:
        with self._lock:
            due = self._clock() >= self._due
            if due:
                self._due = self._clock() + AGAIN_S
        if due:
            threading.Thread(target=self.refresh, name="members", daemon=True).start()
        known = self._known
        if known is None:
            return True
        try:
            known.validate(creator)
        except MspError:
            return False
        return True

    def refresh(self) -> None:
        """Read the MSPs now; those of before stay when that fails."""
        try:
            self._known = self._load()
        except Exception:
            _log.warning("the channel's members cannot be read", exc_info=True)
