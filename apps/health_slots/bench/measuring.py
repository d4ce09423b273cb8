"""Every figure of the benchmark, each from what happened: the ledger is asked at the end who has which slot."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.health_slots.bench import city, search
from apps.health_slots.service import build_service
from baas.bench.city import NETWORK, bench_city
from baas.bench.memory import peak_bytes
from baas.errors import Text
from baas.jobs import JobContext

if TYPE_CHECKING:
    from network.topology import Runtime


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    slots: int = 312_000
    hospitals: int = 700
    bookings: int = 5_000
    busy: int = 25
    people: int = 10_000
    storm_slots: int = 500
    index_slots: int = 10_000_000
    searches: int = 400
    clients: int = 256


def measure(sizes: Sizes, runtime: Runtime = "embedded", *, ctx: JobContext) -> dict[str, Any]:
    """Run the benchmark on a network of its own in a temporary workspace, and remove it."""
    with tempfile.TemporaryDirectory(prefix="citychain-bench-") as folder:
        result: dict[str, Any] = {"runtime": runtime}
        if sizes.slots:
            result |= _on_network(sizes, runtime, ctx)
        if sizes.index_slots:
            ctx.step("search", Text("建立并搜索 {n} 个号的索引", "Search {n} slots", n=f"{sizes.index_slots:,}"))
            result |= search.measure(Path(folder) / "index.db", sizes.index_slots, sizes.searches, ctx)
        result["client_peak_mb"] = round(peak_bytes() / (1 << 20))
        return result


def _on_network(sizes: Sizes, runtime: Runtime, ctx: JobContext) -> dict[str, Any]:
    with bench_city("health_slots", runtime, ctx=ctx) as platform, closing(build_service(platform, NETWORK)) as service:
        return asyncio.run(city.measure(platform, service, sizes, ctx))
