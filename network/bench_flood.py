"""What a flood costs the others: the node's processor time a call of theirs with a hostile client held to a share of a
core, against without it, and the node's memory under a thousand connections that never say who they are.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from fabric_sdk import encoding
from fabric_sdk.gateway import connect
from network import plan
from network.bench_ledger import deploy_contract, first_commit, pids, two_organizations
from network.bench_load import CHANNEL, CONTRACT, Load, LoadFigures, run
from network.drivers import make_driver
from network.drivers.base import Driver, Silent
from network.flooder import CROWD, KINDS, Flood
from network.handle import NetworkHandle
from network.processes import NO_WINDOW
from network.vault import FolderVault

CLIENTS = 64
PEOPLE = tuple(f"caller{number}" for number in range(8))
_ROUNDS = 5
_SETTLE_S = 2.0
"""A node lets a first burst pass."""


@dataclass(frozen=True)
class Cost:
    """Of one kind of flood: medians of rounds; the node's checks a call of the others, and their calls a second.

    `ratio` is that of the checks with the flood to those of the quiet seconds beside it. `sent` is the last round's.
    """

    kind: str
    ratio: float
    quiet_checks: float
    flood_checks: float
    quiet_per_second: float
    flood_per_second: float
    sent: dict[str, Any]


def measure(seconds: float = 5.0, share: float = 0.1, report: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Measure each kind of flood on an embedded network of its own; see the names for the units.

    `ratio` is the node's processor time a call of the others with the flood, in parts of that without it.
    """
    with flooded_network() as (handle, driver):
        found: dict[str, Any] = {"share": share}
        for kind in KINDS:
            report(kind)
            cost = measure_kind(handle, driver, kind, seconds, share)
            found[kind] = {
                "ratio": round(cost.ratio, 3),
                "quiet_node_checks": round(cost.quiet_checks, 2),
                "flood_node_checks": round(cost.flood_checks, 2),
                "quiet_per_s": round(cost.quiet_per_second, 1),
                "flood_per_s": round(cost.flood_per_second, 1),
                "sent": cost.sent,
            }
        report(CROWD)
        found["crowd_rss_mb"] = round(crowd_memory(handle, driver), 1)
        return found


@contextlib.contextmanager
def flooded_network() -> Iterator[tuple[NetworkHandle, Driver]]:
    """An embedded network in a temporary folder, with the benchmarks' contract."""
    with tempfile.TemporaryDirectory(prefix="flood-bench-", ignore_cleanup_errors=True) as folder:
        directory = Path(folder) / "n"
        directory.mkdir()
        vault = FolderVault(directory / "vault")
        driver = make_driver("embedded", directory, vault)
        try:
            plan.run(driver, two_organizations("embedded"), directory, Silent())
            handle = NetworkHandle(directory, vault)
            deploy_contract(handle, driver)
            first_commit(handle)
            for name in PEOPLE:
                handle.authority(handle.spec.peer_msp_ids[0]).persons.issue(name, "client")
            yield handle, driver
        finally:
            with contextlib.suppress(Exception):
                driver.stop()
            driver.destroy()


def measure_kind(handle: NetworkHandle, driver: Driver, kind: str, seconds: float, share: float = 0.1) -> Cost:
    """In turns with and without the flood, so that what the machine does besides falls on both."""
    quiet: list[LoadFigures] = []
    loud: list[LoadFigures] = []
    sent: dict[str, Any] = {}
    for _ in range(_ROUNDS):
        quiet.append(run(_others(handle, driver, seconds)))
        with flooding(handle, kind, share) as told:
            time.sleep(_SETTLE_S)
            loud.append(run(_others(handle, driver, seconds)))
        sent = told

    def median(figures: list[LoadFigures], name: str) -> float:
        return statistics.median(float(getattr(one, name)) for one in figures)

    return Cost(
        kind,
        statistics.median(b.node_checks / a.node_checks for a, b in zip(quiet, loud, strict=True)),
        median(quiet, "node_checks"),
        median(loud, "node_checks"),
        median(quiet, "per_second"),
        median(loud, "per_second"),
        sent,
    )


async def _others(handle: NetworkHandle, driver: Driver, seconds: float) -> LoadFigures:
    """Several people's clients, each with a connection of its own, as a city has them."""
    msp_id = handle.spec.peer_msp_ids[0]
    loads = [Load(handle, lambda: pids(driver), identity=handle.identity(f"{msp_id}/{name}")) for name in PEOPLE]
    turns = itertools.cycle(loads)
    try:
        return await loads[0].under_way(lambda: next(turns).submit(), CLIENTS, seconds)
    finally:
        for load in loads:
            await load.close()


@contextlib.contextmanager
def flooding(handle: NetworkHandle, kind: str, share: float = 0.1) -> Iterator[dict[str, Any]]:
    """Flood the node of the first organisation from a process of its own; what it sent stands there afterwards."""
    msp_id = handle.spec.peer_msp_ids[0]
    address = handle.endpoint(msp_id).address
    request = base64.b64encode(signed_question(handle)).decode() if kind in ("replay", "resets") else ""
    root = Path(__file__).resolve().parent.parent
    process = subprocess.Popen(
        [sys.executable, "-m", "network.flooder"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        creationflags=NO_WINDOW,
    )
    told: dict[str, Any] = {}
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(Flood(kind, address, request, share).to_json() + "\n")
        process.stdin.flush()
        if process.stdout.readline().strip() != "ready":
            raise ChildProcessError(f"the flood of {kind} did not begin")
        yield told
        process.stdin.close()
        told.update(json.loads(process.stdout.readline()))
        process.wait(20)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def signed_question(handle: NetworkHandle) -> bytes:
    """An Evaluate request of the second organisation's client, signed once."""
    msp_id = handle.spec.peer_msp_ids[1]
    with connect(handle.endpoint(msp_id), handle.admin(msp_id)) as gateway:
        proposal = gateway.get_network(CHANNEL).get_contract(CONTRACT).new_proposal("Read", "first")._signed()
        return encoding.signed_proposal_request(
            proposal.transaction_id, CHANNEL, proposal.proposal, proposal.signature, ()
        )


def crowd_memory(handle: NetworkHandle, driver: Driver) -> float:
    """Resident memory of the node, in MiB, while a thousand strangers are connected and another client is answered."""
    with flooding(handle, CROWD):
        time.sleep(1.0)
        msp_id = handle.spec.peer_msp_ids[0]
        with connect(handle.endpoint(msp_id), handle.admin(msp_id)) as gateway:
            gateway.get_network(CHANNEL).get_contract(CONTRACT).evaluate("Read", "first")
        resident: int = sum(psutil.Process(pid).memory_info().rss for pid in pids(driver))
        return resident / (1 << 20)
