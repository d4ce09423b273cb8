"""What an administrator watches: health, metrics, gossip membership, ledger heights, certificates about to expire."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cryptography import x509

from fabric_sdk import clock
from network.errors import NotFound, Unavailable
from network.handle import NetworkHandle
from network.native.operations import metrics, operations
from network.text import Text
from network.topology import NodeRef

CertificateKind = Literal["ca", "tlsca", "identity", "tls", "person"]
WARN_DAYS, ALARM_DAYS = 60, 14


@dataclass(frozen=True)
class CertificateExpiry:
    """One certificate in use and when it ends; `urgency` is ok, soon (60 days), urgent (14 days) or expired."""

    owner: str
    kind: CertificateKind
    msp_id: str
    serial: str
    not_after: dt.datetime

    def days_left(self, now: dt.datetime | None = None) -> float:
        """Return the days until the certificate ends; negative when it has ended."""
        return (self.not_after - (now or clock.now())) / dt.timedelta(days=1)

    def urgency(self, now: dt.datetime | None = None) -> Literal["ok", "soon", "urgent", "expired"]:
        """Return how pressing the renewal is."""
        days = self.days_left(now)
        if days <= 0:
            return "expired"
        if days <= ALARM_DAYS:
            return "urgent"
        return "soon" if days <= WARN_DAYS else "ok"


@dataclass(frozen=True)
class Sample:
    """One Prometheus sample."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True)
class NodeHealth:
    """A node's own account of itself.

    `heights` are ledger heights by channel; `known_peers` how many other peers gossip knows, by channel (peers);
    `is_leader` whether the node leads the consensus of a channel (orderers). `failed_checks` maps component to reason.
    """

    name: str
    reachable: bool
    healthy: bool
    version: str = ""
    failed_checks: Mapping[str, str] = field(default_factory=dict)
    heights: Mapping[str, int] = field(default_factory=dict)
    known_peers: Mapping[str, int] = field(default_factory=dict)
    is_leader: Mapping[str, bool] = field(default_factory=dict)
    memory_bytes: int = 0
    cpu_seconds: float = 0.0


def certificate_expiries(handle: NetworkHandle) -> tuple[CertificateExpiry, ...]:
    """Return every certificate of the network that this workspace holds, the earliest end first."""
    found: list[CertificateExpiry] = []
    for organization in handle.spec.organizations:
        ca = handle.authority(organization.msp_id)
        msp_id = organization.msp_id
        places: list[tuple[str, CertificateKind, Path]] = [
            (f"ca.{organization.domain}", "ca", ca.directory / "ca" / "ca.crt"),
            (f"tlsca.{organization.domain}", "tlsca", ca.directory / "ca" / "tlsca.crt"),
        ]
        for node in handle.spec.nodes():
            if node.organization == organization:
                base = ca.nodes.directory(node)
                places.append((node.name, "identity", base / "msp" / "signcerts" / "cert.pem"))
                places.append((node.name, "tls", base / "tls" / "server.crt"))
        places += [(f"{msp_id}/{name}", "person", ca.certificate_path(name)) for name in ca.people()]
        for owner, kind, path in places:
            if path.exists():
                certificate = x509.load_pem_x509_certificate(path.read_bytes())
                serial = f"{certificate.serial_number:x}"
                found.append(CertificateExpiry(owner, kind, msp_id, serial, certificate.not_valid_after_utc))
    return tuple(sorted(found, key=lambda c: c.not_after))


def node_health(handle: NetworkHandle, node: NodeRef) -> NodeHealth:
    """Ask one node how it is; a node that does not answer is reported as not reachable."""
    address = handle.addresses[node.name]
    if not address.operations_port:
        raise NotFound(
            Text("节点 {n} 没有运维接口。", "Node {n} has no operations endpoint.", n=node.name),
        )
    try:
        status, body = operations(address.operations_host, address.operations_port, "/healthz")
        samples = parse_metrics(metrics(address.operations_host, address.operations_port))
    except Unavailable:
        return NodeHealth(node.name, reachable=False, healthy=False)
    failed: dict[str, str] = {}
    try:
        for check in json.loads(body).get("failed_checks") or []:
            failed[str(check["component"])] = str(check["reason"])
    except (ValueError, KeyError, TypeError, AttributeError):
        failed = {}
    version = ""
    known: dict[str, int] = {}
    leads: dict[str, bool] = {}
    memory, cpu = 0, 0.0
    for sample in samples:
        channel = sample.labels.get("channel", "")
        if sample.name == "fabric_version":
            version = sample.labels.get("version", "")
        elif sample.name == "gossip_membership_total_peers_known":
            known[channel] = int(sample.value)
        elif sample.name in ("consensus_etcdraft_is_leader", "consensus_BFT_is_leader"):
            leads[channel] = sample.value == 1
        elif sample.name == "process_resident_memory_bytes":
            memory = int(sample.value)
        elif sample.name == "process_cpu_seconds_total":
            cpu = sample.value
    return NodeHealth(
        node.name,
        reachable=True,
        healthy=status == http.client.OK,
        version=version,
        failed_checks=failed,
        heights=_heights(samples),
        known_peers=known,
        is_leader=leads,
        memory_bytes=memory,
        cpu_seconds=cpu,
    )


_SAMPLE = re.compile(r"^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$")
_LABEL = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def parse_metrics(text: str) -> tuple[Sample, ...]:
    """Read Prometheus' text format (version 0.0.4); lines that are not samples are passed over."""
    samples = []
    for line in text.splitlines():
        match = _SAMPLE.match(line)
        if match is None or line.startswith("#"):
            continue
        try:
            value = float(match.group(3))
        except ValueError:
            continue
        labels = {
            k: re.sub(r'\\[\\"n]', lambda m: _ESCAPES[m.group()], v) for k, v in _LABEL.findall(match.group(2) or "")
        }
        samples.append(Sample(match.group(1), labels, value))
    return tuple(samples)


def _heights(samples: Iterable[Sample]) -> dict[str, int]:
    return {s.labels["channel"]: int(s.value) for s in samples if s.name == "ledger_blockchain_height"}
