"""Put load on a network and measure: N calls under way at a time, for a number of seconds, after a short warm-up."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fabric_sdk.errors import FabricError
from fabric_sdk.gateway import Endpoint, aio
from fabric_sdk.identity import SigningIdentity

Call = Callable[[int], Awaitable[object]]
"""Makes one call; the number is different each time."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """`per_second` counts successful calls; the percentiles are of their durations in milliseconds.

    `cpu_ms` is this process's own processor time for one call: it tells clients apart on a busy machine too.
    """

    clients: int
    count: int
    seconds: float
    per_second: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    failures: int
    last_failure: str


async def measure(call: Call, clients: int, seconds: float, *, warm_up_s: float = 2.0) -> LoadResult:
    """Keep `clients` calls under way for `seconds`, and count. A call that fails with FabricError is a failure."""
    numbers = itertools.count()
    durations: list[float] = []
    failures = 0
    last_failure = ""

    async def client(until: float, counted: bool) -> None:
        nonlocal failures, last_failure
        while time.perf_counter() < until:
            begin = time.perf_counter()
            try:
                await call(next(numbers))
            except FabricError as e:
                if counted:
                    failures += 1
                    last_failure = str(e)
            else:
                if counted:
                    durations.append(time.perf_counter() - begin)

    async def load(duration_s: float, counted: bool) -> float:
        begin = time.perf_counter()
        await asyncio.gather(*(client(begin + duration_s, counted) for _ in range(clients)))
        return time.perf_counter() - begin

    if warm_up_s > 0:
        await load(warm_up_s, False)
    cpu = time.process_time()
    took = await load(seconds, True)
    cpu_ms = (time.process_time() - cpu) * 1000 / max(len(durations) + failures, 1)
    durations.sort()

    def at(share: float) -> float:
        return durations[min(len(durations) - 1, int(len(durations) * share))] * 1000 if durations else 0.0

    return LoadResult(
        clients, len(durations), took, len(durations) / took, at(0.5), at(0.95), cpu_ms, failures, last_failure
    )


async def load_gateway(connection: dict[str, Any], what: str, clients: int, seconds: float) -> LoadResult:
    """Load one peer's Gateway with the benchmark contract's `Write` (what = submit) or `Read` (evaluate)."""
    identity = SigningIdentity.from_pem(
        connection["mspId"], connection["certificate"].encode(), connection["key"].encode()
    )
    endpoint = Endpoint(connection["address"], connection["tlsRoot"].encode(), connection.get("serverName"))
    value = "v" * 80
    run = secrets.token_hex(4)
    async with aio.connect(endpoint, identity) as gateway:
        contract = gateway.get_network(connection["channel"]).get_contract(connection["chaincode"])
        await contract.submit("Write", "bench", value)
        if what == "evaluate":
            return await measure(lambda _: contract.evaluate("Read", "bench"), clients, seconds)
        return await measure(lambda i: contract.submit("Write", f"python-{run}-{i}", value), clients, seconds)


def main(arguments: list[str]) -> None:
    """`python -m fabric_sdk.gateway.load CONNECTION.json submit|evaluate CLIENTS SECONDS`: prints one JSON document."""
    path, what, clients, seconds = arguments
    connection = json.loads(Path(path).read_text("utf-8"))
    work = load_gateway(connection, what, int(clients), float(seconds))
    try:
        import uvloop
    except ImportError:
        result = asyncio.run(work)
    else:
        result = uvloop.run(work)
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main(sys.argv[1:])
