"""The embedded ledger empty and grown: start, memory, latency, throughput, verification, archiving, in one run.

The same network is measured at a few sizes up to the one wanted, so that the ratios do not hang on the machine.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from network import plan
from network.bench_fill import Filler
from network.bench_growth import first_answer
from network.bench_ledger import deploy_contract, first_commit, pids, two_organizations
from network.bench_load import CHANNEL, Load, run
from network.drivers import make_driver
from network.drivers.base import Driver, Silent
from network.embedded import archive, schema
from network.embedded.check import check_state
from network.embedded.state_view import StateView
from network.handle import NetworkHandle
from network.vault import FolderVault

EMPTY = 1_000
_VERIFIED_BLOCKS = 400
_FIRST_SIZE, _STEP = 10_000, 10


@dataclass(frozen=True)
class Grown:
    """A ledger of so many transactions: seconds, MiB, milliseconds, transactions a second, bytes a transaction.

    `verify_per_s` is measured on the first blocks (hashes, signatures, commit hashes of each), `verify_again_per_s` on
    the same ones when their signatures are known; `check_s` is the whole check of the state against all blocks, None
    where it was left out.
    """

    transactions: int
    start_s: float
    resident_mb: float
    submit_p50_ms: float
    submits_per_s: float
    evaluates_per_s: float
    verify_per_s: float
    verify_again_per_s: float
    disk_mb: float
    bytes_each: float
    check_s: float | None = None


Verify = Callable[[Callable[[], Iterator[bytes]]], tuple[float, float]]
"""Verifies the blocks it can read, twice; transactions a second of the first and of the second time."""


def measure(
    transactions: int,
    seconds: float,
    folder: Path | None,
    verify: Verify,
    report: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Grow a ledger to `transactions`, measuring on the way; its files lie in `folder` (else a temporary one).

    Returns `sizes` (a mapping of `Grown` each), `empty_again` (another network, measured right after the grown one),
    the `ratios` of the last size to that, since the machine's load may have changed, and what archiving did.
    """
    with tempfile.TemporaryDirectory(prefix="grown-bench-", dir=folder, ignore_cleanup_errors=True) as place:
        found, held = [], 0
        with _network(Path(place) / "n") as (driver, handle, directory):
            for size in sizes(transactions):
                driver.stop()
                held += run(_fill(directory, handle, size - held, report))
                report(f"{held:,} transactions: measuring")
                grown, more = _measured(driver, handle, directory, held, seconds, verify, whole=size <= 1_000_000)
                found.append(grown)
                held += more
            driver.stop()
            with _network(Path(place) / "empty") as (other, others, there):
                other.stop()
                made = run(_fill(there, others, EMPTY, report))
                report("an empty one again: measuring")
                again, _ = _measured(other, others, there, made, seconds, verify, whole=False)
            driver.start()
            moved = _archived(driver, directory, report)
        return {
            "sizes": [asdict(g) for g in found],
            "empty_again": asdict(again),
            "ratios": ratios(again, found[-1]),
            "archive": moved,
        }


@contextlib.contextmanager
def _network(directory: Path) -> Iterator[tuple[Driver, NetworkHandle, Path]]:
    """An embedded network with the benchmarks' contract, destroyed afterwards."""
    directory.mkdir()
    vault = FolderVault(directory / "vault")
    driver = make_driver("embedded", directory, vault)
    try:
        plan.run(driver, two_organizations("embedded"), directory, Silent())
        handle = NetworkHandle(directory, vault)
        deploy_contract(handle, driver)
        first_commit(handle)
        yield driver, handle, directory
    finally:
        driver.stop()
        driver.destroy()


def sizes(transactions: int) -> list[int]:
    """How large the ledger is made: nearly empty, then tenfold each time up to what is wanted."""
    found, size = [EMPTY], _FIRST_SIZE
    while size < transactions:
        found.append(size)
        size *= _STEP
    return [*found, transactions] if transactions > EMPTY else [transactions]


def ratios(empty: Grown, grown: Grown) -> Mapping[str, float]:
    """Memory, latency and throughput of the grown ledger as multiples of the empty one's."""
    return {
        name: round(getattr(grown, name) / max(1e-9, getattr(empty, name)), 3)
        for name in ("resident_mb", "submit_p50_ms", "submits_per_s", "evaluates_per_s", "verify_per_s")
    }


async def _fill(directory: Path, handle: NetworkHandle, count: int, report: Callable[[str], None]) -> int:
    if count <= 0:
        return 0
    filler = Filler(directory, handle.admin(handle.spec.peer_msp_ids[0]))
    try:
        await filler.fill(count, lambda done: report(f"+{done:,}") if done % 100_000 == 0 else None)
    finally:
        await filler.close()
    return count


def _measured(
    driver: Driver, handle: NetworkHandle, directory: Path, held: int, seconds: float, verify: Verify, *, whole: bool
) -> tuple[Grown, int]:
    began = time.perf_counter()
    driver.start()
    first_answer(handle)
    start = time.perf_counter() - began
    alone, submits, evaluations, made = run(_load(handle, driver, seconds))
    resident = sum(psutil.Process(pid).memory_info().rss for pid in pids(driver)) / (1 << 20)
    size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
    check = None
    if whole:
        began = time.perf_counter()
        damage = next(check_state(directory, CHANNEL), None)
        if damage is not None:
            raise RuntimeError(str(damage))
        check = round(time.perf_counter() - began, 1)
    verified, again = verify(lambda: _blocks(directory))
    grown = Grown(
        transactions=held,
        start_s=round(start, 2),
        resident_mb=round(resident, 1),
        submit_p50_ms=round(alone * 1000, 2),
        submits_per_s=round(submits, 1),
        evaluates_per_s=round(evaluations, 1),
        verify_per_s=round(verified, 1),
        verify_again_per_s=round(again, 1),
        disk_mb=round(size / (1 << 20), 1),
        bytes_each=round(size / (held + made), 1),
        check_s=check,
    )
    return grown, made


async def _load(handle: NetworkHandle, driver: Driver, seconds: float) -> tuple[float, float, float, int]:
    load = Load(handle, lambda: pids(driver))
    try:
        alone = await load.one_by_one(load.submit, seconds)
        submits = await load.under_way(load.submit, 256, seconds)
        evaluations = await load.under_way(load.evaluate, 64, seconds)
        return alone, submits.per_second, evaluations.per_second, load.made
    finally:
        await load.close()


def _blocks(directory: Path) -> Iterator[bytes]:
    """The first blocks of the ledger."""
    view = StateView(schema.open_reader(directory / "embedded" / "channels" / CHANNEL / "ledger.db"))
    try:
        for number in range(min(view.height, _VERIFIED_BLOCKS)):
            yield view.block_body(number) or b""
    finally:
        view.close()


def _archived(driver: Driver, directory: Path, report: Callable[[str], None]) -> dict[str, Any]:
    """Move all but the newest blocks to files and back while the network runs; the hashes must be the same."""
    path = directory / "embedded" / "channels" / CHANNEL / "ledger.db"
    before = _digests(path)
    report("archive: out")
    began = time.perf_counter()
    moved = archive.move_out(path, directory / "archive", max(1, len(before) - 100))
    out = time.perf_counter() - began
    within = _digests(path)
    report("archive: back")
    began = time.perf_counter()
    archive.bring_back(path)
    back = time.perf_counter() - began
    same = before == within == _digests(path)
    return {
        "blocks": moved.blocks,
        "mb": round(moved.bytes / (1 << 20), 1),
        "out_s": round(out, 1),
        "back_s": round(back, 1),
        "same": same,
    }


def _digests(path: Path) -> list[bytes]:
    from hashlib import sha256

    view = StateView(schema.open_reader(path))
    try:
        return [sha256(view.block_body(number) or b"").digest() for number in range(view.height)]
    finally:
        view.close()
