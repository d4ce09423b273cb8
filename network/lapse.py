"""Certificates outside their dates: which of a network's have ended or have not begun, and what that means.

Nodes whose TLS certificate (or whose organisation's TLS authority) is outside its dates run, but nobody can connect to
them; an administrator or a person whose certificate has ended is refused. Everything is read from files: no node is
asked, for none could answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cryptography import x509

from fabric_sdk import clock
from network.drivers.base import NetworkStatus
from network.errors import Unavailable, UserError
from network.material import OrganizationCA
from network.text import Text
from network.topology import TopologySpec
from network.vault import KeyVault

LapseKind = Literal["ca", "tlsca", "tls", "identity", "contract", "person"]


@dataclass(frozen=True)
class Lapse:
    """A certificate outside its dates (aware, UTC). `name` is a node's full name, a person's, or `ca` and `tlsca`.

    `contract` is what a peer and its contract servers show each other.
    """

    kind: LapseKind
    msp_id: str
    name: str
    not_before: dt.datetime
    not_after: dt.datetime

    @property
    def early(self) -> bool:
        """Whether it has not begun yet: the machine's clock is behind."""
        return clock.now() < self.not_before


def lapses(directory: Path, spec: TopologySpec, vault: KeyVault) -> tuple[Lapse, ...]:
    """Every certificate of the network in this folder that is outside its dates now, authorities first."""
    now = clock.now()
    found = []
    for organization in spec.organizations:
        ca = OrganizationCA(directory, spec.name, organization, vault)
        places: list[tuple[LapseKind, str, Path]] = [
            ("ca", "ca", ca.directory / "ca" / "ca.crt"),
            ("tlsca", "tlsca", ca.directory / "ca" / "tlsca.crt"),
        ]
        for node in spec.nodes():
            if node.organization == organization:
                base = ca.nodes.directory(node)
                places.append(("tls", node.name, base / "tls" / "server.crt"))
                places.append(("identity", node.name, base / "msp" / "signcerts" / "cert.pem"))
                places.append(("contract", node.name, base / "contract-tls" / "server.crt"))
        places += [("person", name, ca.certificate_path(name)) for name in ca.people()]
        for kind, name, path in places:
            begins, ends = _dates(path)
            if not begins <= now <= ends:
                found.append(Lapse(kind, organization.msp_id, name, begins, ends))
    return tuple(found)


def unreachable(found: Iterable[Lapse], spec: TopologySpec) -> dict[str, Lapse]:
    """The nodes (by full name) to which nobody can connect, each with the certificate that is the cause."""
    lapsed = tuple(found)
    cause: dict[str, Lapse] = {}
    for node in spec.nodes():
        for lapse in lapsed:
            own = lapse.kind == "tls" and lapse.name == node.name
            if own or (lapse.kind == "tlsca" and lapse.msp_id == node.organization.msp_id):
                cause.setdefault(node.name, lapse)
    return cause


def judged(status: NetworkStatus, cause: dict[str, Lapse]) -> NetworkStatus:
    """The status with those nodes as `lapsed` that run without anybody being able to connect to them."""
    if not cause:
        return status
    nodes = tuple(
        replace(node, state="lapsed", detail=words(cause[node.name]))
        if node.name in cause and node.state in ("running", "starting")
        else node
        for node in status.nodes
    )
    return replace(status, nodes=nodes)


def words(lapse: Lapse) -> Text:
    """What it means for a node that runs when its certificate is outside its dates."""
    if lapse.early:
        return Text(
            "在运行，但无法连接：证书自 {d} 起才有效，请核对本机时钟",
            "runs, but nobody can connect: certificates are valid only from {d}; check this machine's clock",
            d=f"{lapse.not_before:%Y-%m-%d}",
        )
    return Text(
        "在运行，但无法连接：证书已于 {d} 到期",
        "runs, but nobody can connect: certificates ended on {d}",
        d=f"{lapse.not_after:%Y-%m-%d}",
    )


def require_connectable(found: Sequence[Lapse], spec: TopologySpec) -> None:
    """Raise where starting would end in a network that nobody can connect to: `clock_behind`, `certificates_ended`."""
    cause = unreachable(found, spec)
    if not cause:
        return
    require_clock(list(cause.values()))
    first = min(cause.values(), key=lambda one: one.not_after)
    raise Unavailable(
        Text(
            "网络 {n} 的节点证书已于 {d} 到期，启动后也无法连接。",
            "The certificates of {n}'s nodes ended on {d}; nobody could connect to them.",
            n=spec.name,
            d=f"{first.not_after:%Y-%m-%d}",
        ),
        renew_hint(spec.name),
        code="certificates_ended",
    )


def renew_hint(name: str) -> Text:
    """The command that mends a network whose certificates have ended."""
    return Text("续期：citychain network renew --network {n}", "Renew: citychain network renew --network {n}", n=name)


def require_clock(found: Sequence[Lapse]) -> None:
    """Raise `clock_behind` where the clock stands before a certificate's beginning: nothing right is issued then."""
    early = [one for one in found if one.early]
    if not early:
        return
    raise UserError(
        Text(
            "本机时钟是 {t}，早于证书生效日 {d}。",
            "This machine's clock says {t}; the certificates are valid only from {d}.",
            t=f"{clock.now():%Y-%m-%d}",
            d=f"{max(one.not_before for one in early):%Y-%m-%d}",
        ),
        Text("请先校正本机时钟，不要续期。", "Set this machine's clock right first, and renew nothing."),
        code="clock_behind",
    )


def _dates(path: Path) -> tuple[dt.datetime, dt.datetime]:
    """When a certificate begins and ends; one that is not here or cannot be read is nobody's lapse."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc
