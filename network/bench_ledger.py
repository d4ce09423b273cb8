"""How fast a network's ledger is: the same measurements for every runtime, from a client on the same machine.

Two organisations with one peer each, one ordering node; every transaction reads and writes one key of about 90 bytes
and is endorsed by both organisations. The client is this process; blocks are durable before they are acknowledged.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from fabric_sdk.admin.lifecycle import ChaincodeDefinition, Lifecycle
from fabric_sdk.admin.peer import PeerConnection
from fabric_sdk.chaincode.package import build_package, package_id
from fabric_sdk.errors import GatewayError
from fabric_sdk.gateway import Deadlines, connect
from fabric_sdk.gateway import aio as gateway_aio
from network import plan
from network.drivers import make_driver
from network.drivers.base import ContractService, Driver, Silent
from network.handle import NetworkHandle
from network.topology import Runtime, TopologySpec, load_spec, spec_to_mapping, template
from network.vault import FolderVault

CONTRACT = "bench"
MODULE = "network.embedded.bench_contract"
CHANNEL = "citychannel"
VALUE = "x" * 80
_READY_SECONDS = 60.0


@dataclass(frozen=True)
class LedgerFigures:
    """Seconds from nothing to the first committed transaction, milliseconds, transactions a second, MiB."""

    first_commit_s: float
    submit_p50_ms_c1: float
    submit_tps_c256: float
    evaluate_tps_c64: float
    idle_rss_mb: float

    def as_mapping(self, prefix: str = "") -> dict[str, float]:
        return {f"{prefix}{name}": value for name, value in vars(self).items()}


def measure(runtime: Runtime, seconds: float = 5.0, report: Callable[[str], None] = lambda _: None) -> LedgerFigures:
    """Bring a network of this runtime up in a temporary folder, measure it, and take it down again."""
    with tempfile.TemporaryDirectory(prefix="ledger-bench-", ignore_cleanup_errors=True) as folder:
        directory = Path(folder) / "n"
        directory.mkdir()
        vault = FolderVault(directory / "vault")
        driver = make_driver(runtime, directory, vault)
        try:
            report(f"{runtime}: first commit")
            begin = time.perf_counter()
            plan.run(driver, two_organizations(runtime), directory, Silent())
            handle = NetworkHandle(directory, vault)
            deploy_contract(handle, driver)
            first_commit(handle)
            first = time.perf_counter() - begin
            time.sleep(1.0)
            idle = _memory(driver)
            figures = _run(_load(handle, seconds, report))
            return LedgerFigures(
                round(first, 3),
                round(figures["p50"] * 1000, 2),
                round(figures["submit"], 1),
                round(figures["evaluate"], 1),
                round(idle, 1),
            )
        finally:
            with contextlib.suppress(Exception):
                driver.stop()
            driver.destroy()


def two_organizations(runtime: Runtime) -> TopologySpec:
    """The network that is measured: two organisations with one peer each, one orderer."""
    mapping = spec_to_mapping(template("city", runtime=runtime))
    mapping["organizations"] = mapping["organizations"][:2]
    mapping["channels"][0]["organizations"] = [o["name"] for o in mapping["organizations"]]
    return load_spec(mapping)


def deploy_contract(handle: NetworkHandle, driver: Driver) -> None:
    """Put the benchmark's contract in force; both organisations must endorse."""
    label = f"{CONTRACT}_1.0"
    package = build_package(label, driver.contract_address(CONTRACT, "1.0"))
    service = ContractService(CONTRACT, "1.0", label, package_id(package), MODULE, CHANNEL)
    policy = f"AND({', '.join(repr(f'{m}.peer') for m in handle.msp_ids)})"
    definition = ChaincodeDefinition(CONTRACT, "1.0", 1, policy)
    connections = [PeerConnection(handle.endpoint(m), handle.admin(m)) for m in handle.msp_ids]
    try:
        for connection in connections:
            Lifecycle(connection).install(package)
        driver.serve_contract(service, Silent())
        for connection in connections:
            _patiently(lambda c=connection: Lifecycle(c).approve(CHANNEL, definition, service.package_id))  # type: ignore[misc]
        _patiently(lambda: Lifecycle(connections[0]).commit(CHANNEL, definition, handle.msp_ids))
    finally:
        for connection in connections:
            connection.close()


def first_commit(handle: NetworkHandle) -> None:
    """Wait until a transaction commits."""
    msp_id = handle.msp_ids[0]
    with connect(handle.endpoint(msp_id), handle.admin(msp_id)) as gateway:
        contract = gateway.get_network(CHANNEL).get_contract(CONTRACT)
        _patiently(lambda: contract.submit("Write", "first", VALUE))


def _patiently(action: Callable[[], Any]) -> Any:
    """A Fabric network needs a while until its nodes know each other; ours answers at once."""
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            return action()
        except GatewayError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _memory(driver: Driver) -> float:
    """Resident memory of all the network's processes, in MiB."""
    pids = {node.pid for node in driver.status().nodes if node.pid}
    resident: int = sum(psutil.Process(pid).memory_info().rss for pid in pids)
    return resident / (1 << 20)


def _run(main: Any) -> dict[str, float]:
    with contextlib.suppress(ImportError):
        import uvloop

        return uvloop.run(main)
    return asyncio.run(main)


async def _load(handle: NetworkHandle, seconds: float, report: Callable[[str], None]) -> dict[str, float]:
    msp_id = handle.msp_ids[0]
    deadlines = Deadlines(30.0, 30.0, 30.0, 60.0)
    async with gateway_aio.connect(handle.endpoint(msp_id), handle.admin(msp_id), deadlines=deadlines) as gateway:
        contract = gateway.get_network(CHANNEL).get_contract(CONTRACT)
        numbers = itertools.count()

        async def submit() -> None:
            await contract.submit("Write", f"key{next(numbers)}", VALUE)

        async def evaluate() -> None:
            await contract.evaluate("Read", "first")

        report("submit, 1 client")
        times = await _one_by_one(submit, 200, seconds * 2)
        report("submit, 256 clients")
        submitted = await _throughput(submit, 256, seconds)
        report("evaluate, 64 clients")
        evaluated = await _throughput(evaluate, 64, seconds)
    return {"p50": statistics.median(times), "submit": submitted, "evaluate": evaluated}


async def _one_by_one(action: Callable[[], Awaitable[None]], count: int, seconds: float) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < count and (time.perf_counter() < end or len(times) < 10):
        begin = time.perf_counter()
        await action()
        times.append(time.perf_counter() - begin)
    return times


async def _throughput(action: Callable[[], Awaitable[None]], clients: int, seconds: float) -> float:
    """Completed actions a second, after a short warm-up."""
    done = 0
    stop = False

    async def client() -> None:
        nonlocal done
        while not stop:
            await action()
            done += 1

    tasks = [asyncio.create_task(client()) for _ in range(clients)]
    await asyncio.sleep(min(1.0, seconds / 4))
    before, begin = done, time.perf_counter()
    await asyncio.sleep(seconds)
    counted, elapsed = done - before, time.perf_counter() - begin
    stop = True
    await asyncio.gather(*tasks)
    return counted / elapsed


def table(figures: Iterable[tuple[str, float]]) -> str:
    return "\n".join(f"{name:24} {value:>10}" for name, value in figures)
