"""One look at a network: what its nodes say, what the machine gives them, how much they did since the last look."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from baas.errors import CityChainError
from fabric_sdk import clock
from network.embedded.counting import BOUNDS_S

if TYPE_CHECKING:
    from baas.platform import Platform
    from network.drivers.base import NetworkStatus
    from network.monitor import CertificateExpiry

SLOW_S = 60.0
"""How often what costs more is looked at: certificates, folder sizes."""
METRICS_S = 10.0
"""How often nodes of Fabric's own programs are asked for their metrics, in seconds."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NodeSample:
    """A node as it was seen. `cpu` is in shares of one core (0.4 is 40 %), memory in bytes; None where nobody knows."""

    name: str
    kind: str
    msp_id: str
    state: str
    height: int | None
    behind: int = 0
    cpu: float | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Sample:
    """What was seen at `at` (seconds since the epoch). Rates are per second, latencies in milliseconds.

    `process_cpu` and `process_memory` are of all the network's processes together; `disk_free` and `disk_total` of the
    disk that holds the workspace, `data_bytes` what the network's folder takes.
    """

    network: str
    at: float
    nodes: tuple[NodeSample, ...]
    valid_rate: float | None = None
    invalid_rate: float | None = None
    block_rate: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    height: int = 0
    process_cpu: float | None = None
    process_memory: int | None = None
    disk_free: int = 0
    disk_total: int = 1
    data_bytes: int = 0
    totals: Mapping[str, float] = field(default_factory=dict)
    certificates: tuple[CertificateExpiry, ...] = ()
    answers: bool = True

    def series(self) -> dict[str, float]:
        """What of it is kept, by series name."""
        found: dict[str, float | None] = {
            "tx.valid": self.valid_rate,
            "tx.invalid": self.invalid_rate,
            "blocks": self.block_rate,
            "latency.p50": self.p50_ms,
            "latency.p95": self.p95_ms,
            "height": self.height,
            "cpu": self.process_cpu,
            "memory": self.process_memory,
            "disk.free": self.disk_free,
            "data": self.data_bytes,
        }
        for node in self.nodes:
            found[f"up.{node.name}"] = float(node.state == "running")
            found[f"behind.{node.name}"] = node.behind
        return {name: float(value) for name, value in found.items() if value is not None}


@dataclass
class _Totals:
    valid: float = 0.0
    invalid: float = 0.0
    blocks: float = 0.0
    buckets: list[float] = field(default_factory=lambda: [0.0] * (len(BOUNDS_S) + 1))


class Sampler:
    """Looks at one network again and again."""

    def __init__(self, platform: Platform, network: str) -> None:
        self._platform, self._network = platform, network
        self._before: tuple[float, Any, _Totals] | None = None
        self._processes: dict[int, tuple[psutil.Process, float, float]] = {}
        self._slow_at = -SLOW_S
        self._metrics_at = -METRICS_S
        self._slow: tuple[int, tuple[CertificateExpiry, ...]] = (0, ())
        self._metrics: tuple[float, _Totals] | None = None
        self._driver = platform.networks.driver(network)

    def look(self) -> Sample:
        """Look once; a network that does not answer is a sample that says so."""
        at = clock.seconds()
        folder = self._platform.networks.folder(self._network)
        if not 0 <= at - self._slow_at < SLOW_S:
            self._slow_at, self._slow = at, (_size(folder), self._certificates())
            self._driver = self._platform.networks.driver(self._network)  # it may have grown
        disk = shutil.disk_usage(folder)
        status = self._status()
        tops = [node.height for node in status.nodes if node.height] if status else []
        height = max(tops, default=0)
        totals, key = self._counted(at, status)
        rates = self._rates(at, totals, key)
        nodes, cpu, memory = self._nodes(status, height)
        return Sample(
            self._network,
            at,
            nodes,
            height=height,
            process_cpu=cpu,
            process_memory=memory,
            disk_free=disk.free,
            disk_total=disk.total,
            data_bytes=self._slow[0],
            certificates=self._slow[1],
            totals={"valid": totals.valid, "invalid": totals.invalid, "blocks": totals.blocks} if totals else {},
            answers=bool(tops),
            **rates,
        )

    def _status(self) -> NetworkStatus | None:
        try:
            return self._driver.status()
        except (CityChainError, OSError) as error:
            _log.warning("the nodes of %s cannot be looked at: %s", self._network, error)
            return None

    def _certificates(self) -> tuple[CertificateExpiry, ...]:
        from network.monitor import certificate_expiries

        try:
            return certificate_expiries(self._platform.networks.handle(self._network))
        except (CityChainError, OSError, ValueError) as error:
            _log.warning("the certificates of %s cannot be read: %s", self._network, error)
            return ()

    # -- counted -------------------------------------------------------------------------------------
    def _counted(self, at: float, status: NetworkStatus | None) -> tuple[_Totals | None, Any]:
        """Totals since the nodes began, and what tells one beginning from the next."""
        counters = getattr(self._driver, "counters", None)
        if counters is not None:
            found = counters()
            return (_embedded(found["channels"]), found["pid"]) if found else (None, None)
        if not 0 <= at - self._metrics_at < METRICS_S:
            self._metrics_at = at
            self._metrics = self._fabric_totals(status)
        return (self._metrics[1], self._metrics[0]) if self._metrics else (None, None)

    def _fabric_totals(self, status: NetworkStatus | None) -> tuple[float, _Totals] | None:
        """From the metrics of the first peer that answers."""
        from network.monitor import parse_metrics
        from network.native.operations import metrics

        handle = self._platform.networks.handle(self._network)
        for node in status.nodes if status else ():
            if node.kind != "peer" or node.state != "running":
                continue
            address = handle.addresses[node.name]
            if not address.operations_port:
                continue
            with contextlib.suppress(CityChainError, OSError, KeyError, ValueError):
                totals, began = _Totals(), 0.0
                for sample in parse_metrics(metrics(address.operations_host, address.operations_port)):
                    if sample.name == "ledger_transaction_count":
                        if sample.labels.get("validation_code") == "VALID":
                            totals.valid += sample.value
                        else:
                            totals.invalid += sample.value
                    elif sample.name == "ledger_blockchain_height":
                        totals.blocks += sample.value
                    elif sample.name == "process_start_time_seconds":
                        began = sample.value
                return began, totals
        return None

    def _rates(self, at: float, totals: _Totals | None, key: Any) -> dict[str, float | None]:
        before = self._before
        if totals is None:
            self._before = None
            return {}
        if before is not None and before[1] == key and before[2] is totals:
            return {}  # the same figures as at the last look: nothing new is known
        self._before = (at, key, totals)
        if before is None or before[1] != key or at <= before[0]:
            return {}
        seconds, old = at - before[0], before[2]
        buckets = [max(0.0, new - was) for new, was in zip(totals.buckets, old.buckets, strict=True)]
        return {
            "valid_rate": max(0.0, totals.valid - old.valid) / seconds,
            "invalid_rate": max(0.0, totals.invalid - old.invalid) / seconds,
            "block_rate": max(0.0, totals.blocks - old.blocks) / seconds,
            "p50_ms": quantile(buckets, 0.5),
            "p95_ms": quantile(buckets, 0.95),
        }

    # -- nodes ---------------------------------------------------------------------------------------
    def _nodes(
        self, status: NetworkStatus | None, height: int
    ) -> tuple[tuple[NodeSample, ...], float | None, int | None]:
        if status is None:
            return (), None, None
        counters = getattr(self._driver, "counters", None)
        one = counters is not None
        pids = {node.pid for node in status.nodes if node.pid}
        used = {pid: found for pid in pids if (found := self._usage(pid)) is not None}
        self._processes = {pid: kept for pid, kept in self._processes.items() if pid in pids}
        nodes = []
        for node in status.nodes:
            cpu, memory = used.get(node.pid or -1, (None, None)) if not one else (None, None)
            behind = max(0, height - node.height) if node.height is not None else 0
            nodes.append(NodeSample(node.name, node.kind, node.msp_id, node.state, node.height, behind, cpu, memory))
        shares = [share for share, _ in used.values() if share is not None]
        return tuple(nodes), (sum(shares) if shares else None), (sum(m for _, m in used.values()) if used else None)

    def _usage(self, pid: int) -> tuple[float | None, int] | None:
        """A process's share of a core since the last look, and its memory."""
        at = clock.seconds()
        try:
            known = self._processes.get(pid)
            process = known[0] if known and known[0].is_running() else psutil.Process(pid)
            times = process.cpu_times()
            spent, memory = times.user + times.system, int(process.memory_info().rss)
        except psutil.Error:
            return None
        self._processes[pid] = (process, at, spent)
        if known is None or known[0] is not process or at <= known[1]:
            return None, memory
        return max(0.0, spent - known[2]) / (at - known[1]), memory


def quantile(buckets: list[float], share: float) -> float | None:
    """The latency in milliseconds below which `share` of the counted transactions lie; None where there were none.

    Within a bucket values are taken as evenly spread; beyond the last bound that bound is told.
    """
    total = sum(buckets)
    if not total:
        return None
    wanted, seen, low = share * total, 0.0, 0.0
    for count, bound in zip(buckets, (*BOUNDS_S, BOUNDS_S[-1]), strict=True):
        if count and seen + count >= wanted:
            return 1000 * (low + (bound - low) * (wanted - seen) / count)
        seen, low = seen + count, bound
    return 1000 * BOUNDS_S[-1]


def _embedded(channels: Mapping[str, Mapping[str, Any]]) -> _Totals:
    totals = _Totals()
    for one in channels.values():
        totals.valid += one["valid"]
        totals.invalid += one["invalid"]
        totals.blocks += one["blocks"]
        totals.buckets = [a + b for a, b in zip(totals.buckets, one["buckets"], strict=True)]
    return totals


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total
