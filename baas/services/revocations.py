"""Revoked certificates, and whether the channels know of them: a revocation counts once the channel carries the CRL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baas.errors import CityChainError

if TYPE_CHECKING:
    from baas.services.networks import NetworkService
    from network.material import OrganizationCA
    from network.topology import NodeRef


@dataclass(frozen=True)
class RevokedCertificate:
    """One revoked certificate. `in_force`: its channels refuse it; None when no orderer answers."""

    msp_id: str
    name: str
    serial: str
    revoked_at: dt.datetime
    in_force: bool | None


def revoked_certificates(networks: NetworkService, network: str) -> tuple[RevokedCertificate, ...]:
    """Every revoked enrolment certificate of the network, the newest first."""
    handle = networks.handle(network)
    known = _serials_in_channels(networks, network)
    found = []
    for organization in handle.spec.organizations:
        authority = handle.authority(organization.msp_id)
        if not authority.exists:
            continue
        for record in authority.issued():
            if not record.revoked_at or record.kind != "enrolment":
                continue
            in_force = None if known is None else record.serial in known.get(organization.msp_id, frozenset())
            at = dt.datetime.fromisoformat(record.revoked_at)
            found.append(RevokedCertificate(organization.msp_id, record.name, record.serial, at, in_force))
    return tuple(sorted(found, key=lambda one: one.revoked_at, reverse=True))


def former_serials(authority: OrganizationCA, nodes: Iterable[NodeRef]) -> list[str]:
    """Serials of nodes' enrolment certificates that are not in use any more and not revoked."""
    from network.certificates import certificate_serial

    present = {node.name: certificate_serial(authority.nodes.certificate(node)) for node in nodes}
    return [
        record.serial
        for record in authority.issued()
        if record.name in present
        and record.kind == "enrolment"
        and not record.revoked_at
        and record.serial != present[record.name]
    ]


def _serials_in_channels(networks: NetworkService, network: str) -> dict[str, frozenset[str]] | None:
    """MSP id -> serials that every channel of that organisation revokes; None when no channel can be read."""
    from network.config_updates import ChannelUpdater

    handle = networks.handle(network)
    found: dict[str, frozenset[str]] = {}
    for channel in handle.spec.channels:
        try:
            config = ChannelUpdater(handle, channel.name).read()
        except CityChainError:
            return None
        for organization in config.organizations:
            serials = _revoked_in(organization.msp_config)
            before = found.get(organization.msp_id)
            found[organization.msp_id] = serials if before is None else before & serials
    return found


def _revoked_in(msp_config: bytes) -> frozenset[str]:
    from cryptography import x509
    from fabric_protos.msp import msp_config_pb2

    outer: Any = msp_config_pb2.MSPConfig.FromString(msp_config)
    config: Any = msp_config_pb2.FabricMSPConfig.FromString(outer.config)
    serials: set[str] = set()
    for pem in config.revocation_list:
        try:
            crl = x509.load_pem_x509_crl(bytes(pem))
        except ValueError:
            crl = x509.load_der_x509_crl(bytes(pem))
        serials |= {f"{entry.serial_number:x}" for entry in crl}
    return frozenset(serials)
