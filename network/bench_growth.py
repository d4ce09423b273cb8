"""How the embedded ledger behaves as it grows: the same measurements on 1, 10 and 100 times as many transactions."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from network import plan
from network.bench_ledger import deploy_contract, first_commit, pids, two_organizations
from network.bench_load import Load, LoadFigures, run
from network.drivers import make_driver
from network.drivers.base import Driver, Silent
from network.handle import NetworkHandle
from network.vault import FolderVault

FACTORS = (1, 10, 100)
_AT_ONCE = 256


@dataclass(frozen=True)
class Growth:
    """A ledger of so many transactions: rates, processor time in ECDSA checks, seconds, MiB."""

    transactions: int
    submits_per_s: float
    submit_node_checks: float
    evaluates_per_s: float
    evaluate_node_checks: float
    restart_s: float
    disk_mb: float


def measure(base: int, seconds: float, report: Callable[[str], None] = lambda _: None) -> list[dict[str, Any]]:
    """Fill a network of its own in a temporary folder up to `base` times each of FACTORS, and measure at each."""
    with tempfile.TemporaryDirectory(prefix="growth-bench-", ignore_cleanup_errors=True) as folder:
        directory = Path(folder) / "n"
        directory.mkdir()
        vault = FolderVault(directory / "vault")
        driver = make_driver("embedded", directory, vault)
        try:
            plan.run(driver, two_organizations("embedded"), directory, Silent())
            handle = NetworkHandle(directory, vault)
            deploy_contract(handle, driver)
            first_commit(handle)
            found, held = [], 0
            for factor in FACTORS:
                report(f"{base * factor:,} transactions")
                held += run(_fill(handle, base * factor - held))
                submits, evaluations, more = run(_load(handle, driver, seconds))
                began = time.perf_counter()
                driver.stop()
                driver.start()
                first_answer(handle)
                restart = time.perf_counter() - began
                found.append(_figures(held, submits, evaluations, restart, directory))
                held += more
            return found
        finally:
            driver.stop()
            driver.destroy()


def _figures(held: int, submits: LoadFigures, evaluations: LoadFigures, restart: float, folder: Path) -> dict[str, Any]:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return asdict(
        Growth(
            transactions=held,
            submits_per_s=round(submits.per_second, 1),
            submit_node_checks=round(submits.node_checks, 2),
            evaluates_per_s=round(evaluations.per_second, 1),
            evaluate_node_checks=round(evaluations.node_checks, 2),
            restart_s=round(restart, 2),
            disk_mb=round(size / (1 << 20), 1),
        )
    )


async def _fill(handle: NetworkHandle, count: int) -> int:
    load, left = Load(handle, set), max(0, count)

    async def client() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await load.submit()

    try:
        await asyncio.gather(*(client() for _ in range(_AT_ONCE)))
    finally:
        await load.close()
    return max(0, count)


async def _load(handle: NetworkHandle, driver: Driver, seconds: float) -> tuple[LoadFigures, LoadFigures, int]:
    """Submits and evaluations under load, and how many transactions that added, about."""
    load = Load(handle, lambda: pids(driver))
    try:
        submits = await load.under_way(load.submit, _AT_ONCE, seconds)
        evaluations = await load.under_way(load.evaluate, 64, seconds)
    finally:
        await load.close()
    return submits, evaluations, load.made


def first_answer(handle: NetworkHandle) -> None:
    """Wait until the ledger answers."""
    run(_ask(handle))


async def _ask(handle: NetworkHandle) -> None:
    load = Load(handle, set)
    try:
        await load.evaluate()
    finally:
        await load.close()
