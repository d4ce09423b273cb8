"""Whose call is answered next: connections take turns, and the event loop gets its own in between."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Protocol

log = logging.getLogger(__name__)
A_TURN = 8
"""Calls answered before their answers leave: client and node then work at the same time."""


class Ready(Protocol):
    """A call that can be answered."""

    def run(self) -> None: ...


class Queue(Protocol):
    """A connection with calls that wait."""

    ready: deque[Ready]

    def flush(self) -> None: ...


class Turns:
    """Runs the waiting calls of all connections, one of each after the other."""

    def __init__(self) -> None:
        self._queues: deque[Queue] = deque()
        self._scheduled = False

    def add(self, queue: Queue, call: Ready) -> None:
        if not queue.ready:
            self._queues.append(queue)
        queue.ready.append(call)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        queues = self._queues
        served: dict[int, Queue] = {}
        for _ in range(A_TURN):
            if not queues:
                break
            queue = queues.popleft()
            call = queue.ready.popleft()
            if queue.ready:
                queues.append(queue)
            served[id(queue)] = queue
            try:
                call.run()
            except Exception:
                log.exception("a call could not be run")
        for queue in served.values():
            queue.flush()
        self._scheduled = bool(queues)
        if queues:
            asyncio.get_running_loop().call_soon(self._turn)
