"""Hours of mixed load on one embedded node: does its process hold more memory or descriptors in the end than before?

Clients come, submit, evaluate, listen, and go: most in order, some in the middle of a stream, some without a word after
connecting. Samples of the node's process are taken all the while; the beginning (after a warm-up, in which caches fill)
is compared with the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from fabric_sdk import clock
from fabric_sdk.errors import FabricError
from fabric_sdk.gateway import Deadlines
from fabric_sdk.gateway import aio as gateway_aio
from network import plan
from network.bench_ledger import deploy_contract, first_commit, pids, two_organizations
from network.bench_load import CHANNEL, CONTRACT, VALUE, run
from network.drivers import make_driver
from network.drivers.base import Silent
from network.handle import NetworkHandle
from network.vault import FolderVault

CLIENTS = 12
_DEADLINES = Deadlines(30.0, 30.0, 30.0, 60.0)
_PAUSE_S = 0.02
_SAMPLES = 240


@dataclass(frozen=True)
class Sample:
    """The node's process after so many seconds: resident MiB, open descriptors (on Windows handles), transactions."""

    second: float
    resident_mb: float
    descriptors: int
    transactions: int


@dataclass(frozen=True)
class Soaked:
    """What was done, and the process at the beginning and at the end (medians of a fifth of the samples each).

    `memory_ratio` and `descriptors_ratio` are the end's multiples of the beginning's; `errors` counts refusals by name.
    """

    seconds: float
    transactions: int
    evaluations: int
    connections: int
    streams: int
    broken_off: int
    errors: dict[str, int]
    resident_mb_first: float
    resident_mb_last: float
    memory_ratio: float
    descriptors_first: float
    descriptors_last: float
    descriptors_ratio: float
    samples: tuple[Sample, ...]


def measure(
    seconds: float, folder: Path | None = None, report: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Load an embedded network of its own for so many seconds; its files lie in `folder` (else a temporary one)."""
    with tempfile.TemporaryDirectory(prefix="soak-bench-", dir=folder, ignore_cleanup_errors=True) as place:
        directory = Path(place) / "n"
        directory.mkdir()
        vault = FolderVault(directory / "vault")
        driver = make_driver("embedded", directory, vault)
        try:
            plan.run(driver, two_organizations("embedded"), directory, Silent())
            handle = NetworkHandle(directory, vault)
            deploy_contract(handle, driver)
            first_commit(handle)
            (pid,) = pids(driver)
            return asdict(run(_Soak(handle, psutil.Process(pid), report).soak(seconds)))
        finally:
            driver.stop()
            driver.destroy()


def compared(samples: Sequence[Sample]) -> tuple[Sequence[Sample], Sequence[Sample]]:
    """The samples of the beginning (the second fifth: in the first one caches fill) and of the end (the last one)."""
    fifth = max(1, len(samples) // 5)
    return samples[fifth : 2 * fifth] or samples, samples[-fifth:]


class _Soak:
    def __init__(self, handle: NetworkHandle, process: psutil.Process, report: Callable[[str], None]) -> None:
        self._handle = handle
        self._process = process
        self._report = report
        self._dice = random.Random(11)
        self._done: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._keys = itertools.count()
        self._run = f"{clock.nanoseconds():x}-"
        self._over = False

    async def soak(self, seconds: float) -> Soaked:
        began = time.monotonic()
        tasks = [asyncio.create_task(self._client()) for _ in range(CLIENTS)]
        samples: list[Sample] = []
        pause = seconds / _SAMPLES
        while (passed := time.monotonic() - began) < seconds:
            await asyncio.sleep(max(0.0, min(pause, seconds - passed)))
            samples.append(self._sample(time.monotonic() - began))
            if len(samples) % 24 == 0:
                last = samples[-1]
                self._report(
                    f"{last.second:,.0f} s: {last.resident_mb} MiB, {last.descriptors} open, {last.transactions:,} tx"
                )
        self._over = True
        await asyncio.gather(*tasks)
        return self._figures(samples)

    def _sample(self, second: float) -> Sample:
        with self._process.oneshot():
            resident = self._process.memory_info().rss / (1 << 20)
            count = self._process.num_fds if hasattr(self._process, "num_fds") else self._process.num_handles
            return Sample(round(second, 1), round(resident, 1), int(count()), self._done["transactions"])

    def _figures(self, samples: list[Sample]) -> Soaked:
        first, last = compared(samples)
        memory = [statistics.median(s.resident_mb for s in part) for part in (first, last)]
        open_ = [float(statistics.median(s.descriptors for s in part)) for part in (first, last)]
        return Soaked(
            samples[-1].second,
            self._done["transactions"],
            self._done["evaluations"],
            self._done["connections"],
            self._done["streams"],
            self._done["broken off"],
            dict(self._errors),
            memory[0],
            memory[1],
            round(memory[1] / memory[0], 3),
            open_[0],
            open_[1],
            round(open_[1] / open_[0], 3),
            tuple(samples),
        )

    async def _client(self) -> None:
        """One who comes and goes, again and again."""
        while not self._over:
            try:
                await self._dice.choices([self._visit, self._listen, self._break_off], [6, 3, 1])[0]()
            except (FabricError, OSError, TimeoutError) as e:
                self._errors[type(e).__name__] += 1
                await asyncio.sleep(_PAUSE_S)

    async def _visit(self) -> None:
        msp_id = self._dice.choice(self._handle.spec.peer_msp_ids)
        self._done["connections"] += 1
        async with gateway_aio.connect(
            self._handle.endpoint(msp_id), self._handle.admin(msp_id), deadlines=_DEADLINES
        ) as client:
            contract = client.get_network(CHANNEL).get_contract(CONTRACT)
            for _ in range(self._dice.randrange(2, 30)):
                if self._dice.random() < 0.3:
                    await contract.submit("Write", f"{self._run}{next(self._keys)}", VALUE)
                    self._done["transactions"] += 1
                else:
                    await contract.evaluate("Read", "first")
                    self._done["evaluations"] += 1
                await asyncio.sleep(_PAUSE_S)

    async def _listen(self) -> None:
        """Read some blocks as they come, then go: half of the times in the middle of the stream."""
        msp_id = self._dice.choice(self._handle.spec.peer_msp_ids)
        self._done["connections"] += 1
        self._done["streams"] += 1
        async with gateway_aio.connect(
            self._handle.endpoint(msp_id), self._handle.admin(msp_id), deadlines=_DEADLINES
        ) as client:
            channel = client.get_network(CHANNEL)
            streams = (channel.filtered_block_events, channel.block_events, channel.block_and_private_data_events)
            wanted = self._dice.randrange(1, 40)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2.0), self._dice.choice(streams)(1) as events:
                    async for _ in events:
                        wanted -= 1
                        if wanted <= 0:
                            break

    async def _break_off(self) -> None:
        """Connect, say nothing or nonsense, and vanish."""
        host, _, port = self._handle.endpoint(self._handle.spec.peer_msp_ids[0]).address.rpartition(":")
        self._done["broken off"] += 1
        _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        if self._dice.random() < 0.5:
            writer.write(self._dice.randbytes(200))
        await asyncio.sleep(_PAUSE_S)
        writer.transport.abort()
