"""Whose call is answered next: clients take turns by the processor time that they cost, the event loop in between.

A client is whoever a connection's calls were signed by, however many connections it has. Who has cost least is served
next (start-time fair queueing: Goyal, Vin and Cheng, 1996), so that one client's flood leaves the others their share.
All who never said who they are together are one client, that has a tenth of what the others cost while these are
served. A new connection is nobody's until its first call was looked at, and waits for no strangers.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections import deque
from typing import Protocol

log = logging.getLogger(__name__)
A_TURN = 8
"""Calls answered before their answers leave: client and node then work at the same time."""
NEW, STRANGER = b"", b"?"
"""Owners of connections that said nothing yet, and of those whose calls nobody known has signed."""
STRANGERS_SHARE = 0.1
_STRANGERS_LEAST = 0.01
_STRANGERS_BURST_S = 0.05
_STRANGERS_AGAIN_S = 0.01
_BUSY_S = 1.0
_OWNERS = 4_096
_LEAST_S = 1e-6


class Ready(Protocol):
    """A call that can be answered."""

    def run(self) -> None: ...


class Queue(Protocol):
    """A connection with calls that wait."""

    ready: deque[Ready]
    owner: bytes

    def flush(self) -> None: ...


class _Owner:
    """One client's connections that have calls waiting; `spent` is what it cost so far, against the others'."""

    __slots__ = ("name", "queues", "spent")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.queues: deque[Queue] = deque()
        self.spent = 0.0


class Turns:
    """Runs the waiting calls of all clients."""

    def __init__(self) -> None:
        self._owners: dict[bytes, _Owner] = {}
        self._waiting: list[tuple[float, int, _Owner]] = []
        self._number = 0
        self._spent = 0.0
        self._scheduled = False
        self._serving: Queue | None = None
        self._known_at = -_BUSY_S
        self._allowance, self._allowed_at = _STRANGERS_BURST_S, 0.0

    @property
    def busy(self) -> bool:
        """Whether somebody known was served within the last second."""
        return time.monotonic() - self._known_at < _BUSY_S

    def add(self, queue: Queue, call: Ready) -> None:
        if not queue.ready:
            self._enlist(queue)
        queue.ready.append(call)
        self._schedule()

    def charge(self, seconds: float) -> None:
        """What strangers cost besides their calls' turns: bytes of theirs that were read."""
        self._allowance -= seconds

    def identified(self, certificate: bytes) -> None:
        """The call that runs now was signed by the owner of this certificate; the first one's is the connection's."""
        queue = self._serving
        if queue is not None:
            self._known_at = time.monotonic()
            if queue.owner in (NEW, STRANGER):
                queue.owner = certificate

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _enlist(self, queue: Queue) -> None:
        owner = self._owners.get(queue.owner)
        if owner is None:
            if len(self._owners) >= _OWNERS:
                self._forget()
            owner = self._owners[queue.owner] = _Owner(queue.owner)
        owner.queues.append(queue)
        if len(owner.queues) == 1:
            owner.spent = max(owner.spent, self._spent)
            self._push(owner)

    def _push(self, owner: _Owner) -> None:
        self._number += 1
        heapq.heappush(self._waiting, (owner.spent, self._number, owner))

    def _forget(self) -> None:
        """Forget those who wait for nothing and have cost no more than the others."""
        self._owners = {n: o for n, o in self._owners.items() if o.queues or o.spent > self._spent}

    def _turn(self) -> None:
        served: dict[int, Queue] = {}
        for _ in range(A_TURN):
            if not self._waiting:
                break
            _, _, owner = heapq.heappop(self._waiting)
            if owner.name == STRANGER and self._too_many():
                continue
            self._spent = owner.spent
            queue = owner.queues.popleft()
            served[id(queue)] = queue
            cost = self._run(queue)
            owner.spent += cost
            self._allowance -= cost if owner.name == STRANGER else -STRANGERS_SHARE * cost
            if queue.ready:
                if queue.owner == owner.name:
                    owner.queues.append(queue)
                else:
                    self._enlist(queue)
            if owner.queues:
                self._push(owner)
        for queue in served.values():
            queue.flush()
        self._scheduled = bool(self._waiting)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._turn)

    def _run(self, queue: Queue) -> float:
        """Answer a connection's next call; the processor time that it took in seconds."""
        call = queue.ready.popleft()
        self._serving = queue
        began = time.thread_time()
        try:
            call.run()
        except Exception:
            log.exception("a call could not be run")
        self._serving = None
        if queue.owner == NEW:
            queue.owner = STRANGER
        return max(_LEAST_S, time.thread_time() - began)

    def _too_many(self) -> bool:
        """Whether strangers have had their share for now; then they are called again when there is more of it."""
        now = time.monotonic()
        if not self.busy:
            return False
        self._allowance += (now - self._allowed_at) * _STRANGERS_LEAST
        self._allowance, self._allowed_at = min(self._allowance, _STRANGERS_BURST_S), now
        if self._allowance > 0:
            return False
        asyncio.get_running_loop().call_later(_STRANGERS_AGAIN_S, self._call_strangers)
        return True

    def _call_strangers(self) -> None:
        owner = self._owners.get(STRANGER)
        if owner is not None and owner.queues:
            self._push(owner)
            self._schedule()
