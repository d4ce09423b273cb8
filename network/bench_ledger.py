"""How fast a network's ledger is: the same measurements for every runtime, from a client on the same machine.

Two organisations with one peer each, one ordering node; every transaction reads and writes one key of about 90 bytes
and is endorsed by both organisations. The client is this process; blocks are durable before they are acknowledged.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from fabric_sdk.admin.lifecycle import ChaincodeDefinition, Lifecycle
from fabric_sdk.admin.peer import PeerConnection
from fabric_sdk.chaincode.package import build_package, package_id
from fabric_sdk.errors import GatewayError
from fabric_sdk.gateway import connect
from network import plan
from network.bench_load import CHANNEL, CONTRACT, VALUE, Load, LoadFigures, run
from network.drivers import make_driver
from network.drivers.base import ContractService, Driver, Silent
from network.handle import NetworkHandle
from network.topology import Runtime, TopologySpec, load_spec, spec_to_mapping, template
from network.vault import FolderVault

MODULE = "network.embedded.bench_contract"
_READY_SECONDS = 60.0


@dataclass(frozen=True)
class LedgerFigures:
    """Seconds from nothing to the first committed transaction, milliseconds, transactions a second, MiB.

    `…_checks` is the processor time of one operation, of the network's processes (node) and of the client's, divided
    by that of one ECDSA P-256 check (`check_us`, microseconds) measured in the same seconds; `grpcio_submit_checks` is
    both sides together with an unmodified grpcio as the client, None where that is not measured.
    """

    first_commit_s: float
    submit_p50_ms_c1: float
    submit_tps_c256: float
    evaluate_tps_c64: float
    idle_rss_mb: float
    check_us: float
    submit_node_checks: float
    submit_client_checks: float
    evaluate_node_checks: float
    evaluate_client_checks: float
    grpcio_submit_checks: float | None

    def as_mapping(self, prefix: str = "") -> dict[str, float | None]:
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
            alone, submits, evaluations = run(_load(handle, driver, seconds, report))
            grpcio = None
            if runtime == "embedded":
                by_grpcio = run(_load_by_grpcio(handle, driver, seconds, report))
                grpcio = round(by_grpcio.node_checks + by_grpcio.client_checks, 1)
            return LedgerFigures(
                first_commit_s=round(first, 3),
                submit_p50_ms_c1=round(alone * 1000, 2),
                submit_tps_c256=round(submits.per_second, 1),
                evaluate_tps_c64=round(evaluations.per_second, 1),
                idle_rss_mb=round(idle, 1),
                check_us=round(submits.check_us, 1),
                submit_node_checks=round(submits.node_checks, 2),
                submit_client_checks=round(submits.client_checks, 2),
                evaluate_node_checks=round(evaluations.node_checks, 2),
                evaluate_client_checks=round(evaluations.client_checks, 2),
                grpcio_submit_checks=grpcio,
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


def deploy_contract(handle: NetworkHandle, driver: Driver, policy: str = "") -> None:
    """Put the benchmark's contract in force; every organisation must endorse unless `policy` says who."""
    label = f"{CONTRACT}_1.0"
    address = driver.contract_address(CONTRACT, "1.0")
    package = build_package(label, address, tls=driver.contract_tls(CONTRACT, "1.0"))
    service = ContractService(CONTRACT, "1.0", label, package_id(package), MODULE, CHANNEL)
    policy = policy or f"AND({', '.join(repr(f'{m}.peer') for m in handle.spec.peer_msp_ids)})"
    definition = ChaincodeDefinition(CONTRACT, "1.0", 1, policy)
    connections = [PeerConnection(handle.endpoint(m), handle.admin(m)) for m in handle.spec.peer_msp_ids]
    try:
        for connection in connections:
            Lifecycle(connection).install(package)
        driver.serve_contract(service, Silent())
        for connection in connections:
            _patiently(lambda c=connection: Lifecycle(c).approve(CHANNEL, definition, service.package_id))  # type: ignore[misc]
        _patiently(lambda: Lifecycle(connections[0]).commit(CHANNEL, definition, handle.spec.peer_msp_ids))
    finally:
        for connection in connections:
            connection.close()


def first_commit(handle: NetworkHandle) -> None:
    """Wait until a transaction commits."""
    msp_id = handle.spec.peer_msp_ids[0]
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
    resident: int = sum(psutil.Process(pid).memory_info().rss for pid in pids(driver))
    return resident / (1 << 20)


def pids(driver: Driver) -> set[int]:
    """The network's processes."""
    return {node.pid for node in driver.status().nodes if node.pid}


async def _load(
    handle: NetworkHandle, driver: Driver, seconds: float, report: Callable[[str], None]
) -> tuple[float, LoadFigures, LoadFigures]:
    """Duration of a single submit; submits and evaluations under load."""
    load = Load(handle, lambda: pids(driver))
    try:
        report("submit, 1 client")
        alone = await load.one_by_one(load.submit, seconds * 2)
        report("submit, 256 clients")
        submits = await load.under_way(load.submit, 256, seconds)
        report("evaluate, 64 clients")
        return alone, submits, await load.under_way(load.evaluate, 64, seconds)
    finally:
        await load.close()


async def _load_by_grpcio(
    handle: NetworkHandle, driver: Driver, seconds: float, report: Callable[[str], None]
) -> LoadFigures:
    load = Load(handle, lambda: pids(driver), grpcio=True)
    try:
        report("submit, 256 clients on grpcio")
        return await load.under_way(load.submit, 256, seconds)
    finally:
        await load.close()


def table(figures: Iterable[tuple[str, float | None]]) -> str:
    return "\n".join(f"{name:24} {value:>10}" for name, value in figures)
