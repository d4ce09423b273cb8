"""Loads on a network's ledger, each with its rate and with the processor time of an operation in ECDSA checks."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fabric_sdk import clock
from fabric_sdk.gateway import Deadlines
from fabric_sdk.gateway import aio as gateway_aio
from fabric_sdk.identity import SigningIdentity
from network.bench_grpcio import GrpcioTransport
from network.handle import NetworkHandle
from network.yardstick import Yardstick, processor_seconds

CONTRACT = "bench"
CHANNEL = "citychannel"
VALUE = "x" * 80
_DEADLINES = Deadlines(30.0, 30.0, 30.0, 60.0)
_SINGLE_CALLS = 200
Action = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """Operations a second; processor time of one on either side, in checks; a check in microseconds."""

    per_second: float
    node_checks: float
    client_checks: float
    check_us: float


class Load:
    """One client (this process) with many calls under way on one network whose processes are `pids`."""

    def __init__(
        self,
        handle: NetworkHandle,
        pids: Callable[[], set[int]],
        *,
        grpcio: bool = False,
        identity: SigningIdentity | None = None,
    ) -> None:
        msp_id = handle.spec.peer_msp_ids[0]
        endpoint = handle.endpoint(msp_id)
        target: Any = GrpcioTransport(endpoint) if grpcio else endpoint
        self._gateway = gateway_aio.connect(target, identity or handle.admin(msp_id), deadlines=_DEADLINES)
        self._contract = self._gateway.get_network(CHANNEL).get_contract(CONTRACT)
        self._pids = pids
        self._numbers = itertools.count()
        self._run = f"{clock.nanoseconds():x}-"
        self._close = target.close if grpcio else None
        self.yardstick = Yardstick()
        self.made = 0
        """Transactions submitted."""

    async def submit(self) -> None:
        self.made += 1
        await self._contract.submit("Write", f"{self._run}{next(self._numbers)}", VALUE)

    async def evaluate(self) -> None:
        await self._contract.evaluate("Read", "first")

    async def close(self) -> None:
        await self._gateway.close()
        if self._close is not None:
            await self._close()

    async def one_by_one(self, action: Action, seconds: float) -> float:
        """The median duration of single calls, in seconds."""
        times: list[float] = []
        end = time.perf_counter() + seconds
        while len(times) < _SINGLE_CALLS and (time.perf_counter() < end or len(times) < 10):
            begin = time.perf_counter()
            await action()
            times.append(time.perf_counter() - begin)
        return statistics.median(times)

    async def under_way(self, action: Action, clients: int, seconds: float) -> LoadFigures:
        """Keep `clients` calls under way, and count those that complete after a short warm-up."""
        done = 0
        stop = False

        async def client() -> None:
            nonlocal done
            while not stop:
                await action()
                done += 1

        async with self.yardstick as yardstick:
            tasks = [asyncio.create_task(client()) for _ in range(clients)]
            await asyncio.sleep(min(1.0, seconds / 4))
            pids = self._pids()
            before, begin = done, time.perf_counter()
            node, own = processor_seconds(pids), time.process_time() - yardstick.spent
            await asyncio.sleep(seconds)
            counted, elapsed = done - before, time.perf_counter() - begin
            node = processor_seconds(pids) - node
            own = time.process_time() - yardstick.spent - own
            stop = True
            await asyncio.gather(*tasks)
        check = yardstick.seconds
        per = check * max(1, counted)
        return LoadFigures(counted / elapsed, node / per, own / per, check * 1e6)


def run(main: Any) -> Any:
    """Run a coroutine on the fastest event loop there is."""
    with contextlib.suppress(ImportError):
        import uvloop

        return uvloop.run(main)
    return asyncio.run(main)
