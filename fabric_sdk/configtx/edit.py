"""Changes to a channel configuration, each on a `common.Config` in place.

Copy first (`copy_config`), edit the copy, then `compute_update(original, copy)`. Every edit is idempotent: an edit that
is already in force leaves nothing to update.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fabric_protos.common import configtx_pb2, configuration_pb2
from fabric_protos.msp import msp_config_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as raft_pb2

from fabric_sdk.configtx.groups import (
    ConfigError,
    acls_value,
    anchors_value,
    batch_size_value,
    bft_block_validation,
    bft_consenter,
    capabilities_value,
    endpoints_value,
    organization_group,
    policy_from_rule,
    put_value,
    raft_consenter,
)
from fabric_sdk.configtx.profile import Batch, Consenter, HostPort, OrganizationProfile
from fabric_sdk.wire import decode, encode


def copy_config(config: Any) -> Any:
    """Return an independent copy of a `common.Config`."""
    copy = configtx_pb2.Config()
    copy.CopyFrom(config)
    return copy


def add_organization(config: Any, organization: OrganizationProfile) -> None:
    """Add an organisation to the groups it belongs to; one that is there keeps its place and is left alone."""
    for key, wanted in (("Orderer", organization.ordering), ("Application", organization.application)):
        group = _group(config, key)
        if wanted and organization.name not in group.groups:
            group.groups[organization.name].CopyFrom(organization_group(organization, ordering=key == "Orderer"))


def remove_organization(config: Any, name: str) -> None:
    """Remove an organisation from the Application and the Orderer group."""
    for key in ("Orderer", "Application"):
        group = _group(config, key)
        if name in group.groups:
            del group.groups[name]


def msp_of(config: Any, msp_id: str) -> tuple[str, bytes]:
    """Under which name an organisation stands in the channel, and its MSP definition; ConfigError when it does not."""
    for key in ("Application", "Orderer"):
        for name, group in _group(config, key).groups.items():
            definition = bytes(group.values["MSP"].value)
            message = decode(msp_config_pb2.MSPConfig, definition, "MSP")
            if decode(msp_config_pb2.FabricMSPConfig, message.config, "MSP configuration").name == msp_id:
                return name, definition
    raise ConfigError(f"the channel has no organisation {msp_id}")


def set_msp(config: Any, name: str, msp_config: bytes) -> None:
    """Replace an organisation's MSP definition everywhere (new CRL, roots, administrators)."""
    found = False
    for key in ("Orderer", "Application"):
        group = _group(config, key)
        if name in group.groups:
            group.groups[name].values["MSP"].value = msp_config
            found = True
    if not found:
        raise ConfigError(f"the channel has no organisation {name}")


def set_batch(config: Any, batch: Batch) -> None:
    """Set the batch size and timeout."""
    group = _group(config, "Orderer")
    put_value(group, "BatchSize", batch_size_value(batch))
    put_value(group, "BatchTimeout", orderer_pb2.BatchTimeout(timeout=batch.timeout))


def set_policy(config: Any, path: str, rule: str) -> None:
    """Set the policy at a path such as `/Channel/Application/Endorsement` or `/Channel/Application/ORG/Admins`."""
    parts = path.strip("/").split("/")
    if len(parts) < 2 or parts[0] != "Channel":
        raise ConfigError(f"a policy path starts with /Channel, not {path!r}")
    group = config.channel_group
    for part in parts[1:-1]:
        if part not in group.groups:
            raise ConfigError(f"the channel has no group {'/'.join(parts[:-1])}")
        group = group.groups[part]
    policy = group.policies[parts[-1]]
    policy.policy.CopyFrom(policy_from_rule(rule))
    policy.mod_policy = policy.mod_policy or "Admins"


def set_anchor_peers(config: Any, name: str, anchors: Iterable[HostPort]) -> None:
    """Set an organisation's anchor peers; none removes the value."""
    group = _organization(config, "Application", name)
    anchors = tuple(anchors)
    if anchors:
        put_value(group, "AnchorPeers", anchors_value(anchors))
    elif "AnchorPeers" in group.values:
        del group.values["AnchorPeers"]


def set_orderer_endpoints(config: Any, name: str, endpoints: Iterable[HostPort]) -> None:
    """Set where an ordering organisation's nodes can be reached."""
    put_value(_organization(config, "Orderer", name), "Endpoints", endpoints_value(endpoints))


def set_acls(config: Any, acls: Mapping[str, str]) -> None:
    """Set the access rules by resource."""
    put_value(_group(config, "Application"), "ACLs", acls_value(acls))


def set_capabilities(config: Any, capabilities: Mapping[str, str]) -> None:
    """Require capabilities, by `channel`, `orderer` and `application`."""
    for key, group in (
        ("channel", config.channel_group),
        ("orderer", _group(config, "Orderer")),
        ("application", _group(config, "Application")),
    ):
        put_value(group, "Capabilities", capabilities_value(capabilities[key]))


def add_consenter(config: Any, consenter: Consenter) -> None:
    """Add a consenter, or replace the certificates of the one with the same host and port.

    Raft accepts one change of its consenters per update (orderer/consensus/etcdraft/util.go); callers add or remove
    one at a time.
    """

    def edit(consenters: list[Any], make: Any) -> None:
        for existing in consenters:
            if (existing.host, existing.port) == (consenter.host, consenter.port):
                identifier = getattr(existing, "id", 0)
                existing.CopyFrom(make)
                if identifier:
                    existing.id = identifier
                return
        consenters.append(make)

    _edit_consenters(config, edit, consenter)


def move_consenter(config: Any, address: HostPort, to: HostPort) -> None:
    """Let the consenter at `address` be known at `to`; its certificates and its id stay to the byte.

    Raft then counts no change of members, and a leader need not hand over first, which one that is alone cannot
    (orderer/consensus/etcdraft/util.go, `MembershipByCert`). Nothing happens when there is none at `address`.
    """

    def edit(consenters: list[Any], _: Any) -> None:
        for existing in consenters:
            if (existing.host, existing.port) == (address.host, address.port):
                existing.host, existing.port = to.host, to.port

    _edit_consenters(config, edit, None)


def remove_consenter(config: Any, address: HostPort) -> None:
    """Remove the consenter at an address; the last one cannot go."""

    def edit(consenters: list[Any], _: Any) -> None:
        kept = [c for c in consenters if (c.host, c.port) != (address.host, address.port)]
        if not kept:
            raise ConfigError("the last consenter of a channel cannot be removed")
        del consenters[:]
        consenters.extend(kept)

    _edit_consenters(config, edit, None)


def _edit_consenters(config: Any, edit: Any, consenter: Consenter | None) -> None:
    group = _group(config, "Orderer")
    value = group.values["ConsensusType"]
    consensus = decode(orderer_pb2.ConsensusType, value.value, "consensus type")
    if consensus.type == "BFT":
        orderers = decode(configuration_pb2.Orderers, group.values["Orderers"].value, "orderers")
        used = {c.id for c in orderers.consenter_mapping}
        made = None
        if consenter is not None:
            made = bft_consenter(consenter)
            made.id = made.id or max(used, default=0) + 1
        edit(orderers.consenter_mapping, made)
        put_value(group, "Orderers", orderers)
        group.policies["BlockValidation"].policy.CopyFrom(bft_block_validation(orderers.consenter_mapping))
    elif consensus.type == "etcdraft":
        metadata = decode(raft_pb2.ConfigMetadata, consensus.metadata, "Raft metadata")
        edit(metadata.consenters, raft_consenter(consenter) if consenter else None)
        consensus.metadata = encode(metadata)
        put_value(group, "ConsensusType", consensus)
    else:
        raise ConfigError(f"consenters of {consensus.type} cannot be changed")


def _group(config: Any, key: str) -> Any:
    if key not in config.channel_group.groups:
        raise ConfigError(f"the configuration has no {key} group")
    return config.channel_group.groups[key]


def _organization(config: Any, key: str, name: str) -> Any:
    group = _group(config, key)
    if name not in group.groups:
        raise ConfigError(f"the channel has no organisation {name} in {key}")
    return group.groups[name]
