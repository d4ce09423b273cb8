"""What applications' benchmarks share: a city's network with one contract, many things at once, how long they took."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from baas.errors import Text

if TYPE_CHECKING:
    from baas.jobs import JobContext
    from baas.platform import Platform
    from network.topology import Runtime

T = TypeVar("T")
NETWORK = "bench"


@contextmanager
def bench_city(contract: str, runtime: Runtime = "embedded", *, ctx: JobContext) -> Iterator[Platform]:
    """A workspace of its own in a temporary folder, in it the network `NETWORK` with the contract; gone afterwards."""
    from baas.platform import Platform

    with (
        tempfile.TemporaryDirectory(prefix="citychain-bench-") as folder,
        Platform.open(Path(folder) / "workspace") as platform,
    ):
        ctx.step("network", Text("建立城市网络", "Set up the city's network"))
        spec = platform.networks.template("city", name=NETWORK, runtime=runtime)
        try:
            platform.networks.up(spec)
            platform.contracts.deploy(NETWORK, contract)
            yield platform
        finally:
            platform.networks.destroy(NETWORK)


async def each(items: Collection[T], work: Callable[[T], Awaitable[object]], at_once: int) -> list[float]:
    """Do `work` on every item, `at_once` of them at a time, the first failure ends it; how long each took, in seconds,
    the shortest first."""
    waiting, times = iter(items), list[float]()

    async def worker() -> None:
        for item in waiting:
            began = time.perf_counter()
            await work(item)
            times.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(max(1, min(at_once, len(items)))):
            group.create_task(worker())
    return sorted(times)


def at(times: Collection[float], part: float) -> float:
    """How long this part of them took at most, in milliseconds."""
    ordered = sorted(times) or [0.0]
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 1)
