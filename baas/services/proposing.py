"""Changes of a channel that any member may propose from its own desk, and how a network's host takes them over.

A host that knew nothing of such a change would put the channel back at its next plan; it therefore looks first and
takes into its topology what the members have agreed on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas.errors import CityChainError, NotFound, Text, UserError

if TYPE_CHECKING:
    from fabric_sdk.configtx import ChannelConfig
    from network.handle import NetworkHandle
    from network.topology import ChannelSpec, TopologySpec

_POLICIES = {
    "endorsement": "Endorsement",
    "lifecycle_endorsement": "LifecycleEndorsement",
    "admins": "Admins",
    "readers": "Readers",
    "writers": "Writers",
}


@dataclass(frozen=True)
class Proposal:
    """What shall change in one channel (the first when none is named); whatever is left empty stays as it is.

    `definitions` are files of organisations that shall join, `leaving` are MSP ids, `policies` rules by the topology's
    names (`endorsement`, `admins`, …).
    """

    channel: str = ""
    max_messages: int | None = None
    timeout_ms: int | None = None
    policies: Mapping[str, str] = field(default_factory=dict)
    definitions: tuple[Path, ...] = ()
    leaving: tuple[str, ...] = ()


def edit_of(proposal: Proposal, spec: TopologySpec, channel: str) -> Callable[[Any], None]:
    """The proposal as an edit of the configuration in force; `UserError` for what cannot be."""
    from fabric_sdk.configtx import OrganizationProfile, read_config
    from fabric_sdk.configtx.edit import add_organization, remove_organization, set_batch, set_policy
    from fabric_sdk.wire import encode
    from network.founding import read_definition
    from network.msp_folder import verifying_msp

    joining = [read_definition(path) for path in proposal.definitions]
    unknown = [name for name in proposal.policies if name not in _POLICIES]
    if unknown:
        raise NotFound(
            Text("通道没有策略 {n}。", "The channel has no policy {n}.", n=unknown[0]),
            Text("可用：{a}", "There are: {a}", a=", ".join(_POLICIES)),
        )
    batched = bool(proposal.max_messages or proposal.timeout_ms)
    if not (batched or proposal.policies or joining or proposal.leaving):
        raise UserError(Text("没有说明要更改什么。", "Nothing to change was named."), code="nothing_to_change")

    def edit(config: Any) -> None:
        present = read_config(channel, config)
        for definition in joining:
            wanted = definition.organization
            if any(wanted.msp_id == o.msp_id or wanted.name == o.name for o in present.organizations):
                raise UserError(
                    Text("通道中已有组织 {m}。", "The channel already has {m}.", m=wanted.msp_id),
                    code="organization_exists",
                )
            msp = encode(verifying_msp(wanted.msp_id, [definition.ca_pem], [definition.tls_ca_pem]))
            add_organization(config, OrganizationProfile(wanted.name, wanted.msp_id, msp, False, True))
        for msp_id in proposal.leaving:
            remove_organization(config, present.organization(msp_id).name)
        if joining:
            _name_majorities(config, present, spec, channel)
        if batched:
            messages = proposal.max_messages or present.batch.max_messages
            timeout = f"{proposal.timeout_ms}ms" if proposal.timeout_ms else present.batch.timeout
            set_batch(config, replace(present.batch, max_messages=messages, timeout=timeout))
        for name, rule in proposal.policies.items():
            set_policy(config, f"/Channel/Application/{_POLICIES[name]}", rule)

    return edit


def _name_majorities(config: Any, present: ChannelConfig, spec: TopologySpec, channel: str) -> None:
    """Let majorities be those of the members with peers, before one without counts among them."""
    from fabric_sdk.configtx.edit import set_policy
    from network.groundwork import application_policies

    members = spec.channel(channel).organizations
    nobody = replace(spec.organizations[0], name="-", msp_id="-", peers=())
    named = replace(
        spec,
        organizations=(*spec.organizations, nobody),
        channels=tuple(replace(c, organizations=(*members, "-")) if c.name == channel else c for c in spec.channels),
    )
    for name, rule in application_policies(named, named.channel(channel)).items():
        path = f"/Channel/Application/{name}"
        if present.policies.get(path) in {"MAJORITY Endorsement", "MAJORITY Admins"}:
            set_policy(config, path, rule)


def adopted(handle: NetworkHandle, spec: TopologySpec) -> TopologySpec:
    """The topology with batches and members as the channels have them now; the same when no orderer answers."""
    from network.config_updates import ChannelUpdater, pending_path

    found = spec
    for channel in spec.channels:
        if pending_path(handle.directory, channel.name).exists():
            continue  # a change of ours is on its way, which must not be taken for somebody's
        try:
            config = ChannelUpdater(handle, channel.name).read_quickly()
        except CityChainError:
            continue
        found = _with_members(handle, found, channel.name, config)
        found = _with_batch(found, channel.name, config)
        found = _with_policies(found, channel.name, config)
    return found


def _with_batch(spec: TopologySpec, name: str, config: ChannelConfig) -> TopologySpec:
    from network.groundwork import batch_of
    from network.topology import BatchSpec

    channel, batch = spec.channel(name), config.batch
    if batch == batch_of(channel):
        return spec
    if not batch.timeout.endswith("ms") or not batch.timeout[:-2].isdigit():
        return spec
    changed = BatchSpec(
        batch.max_messages, batch.absolute_max_bytes, batch.preferred_max_bytes, int(batch.timeout[:-2])
    )
    return _with_channel(spec, replace(channel, batch=changed))


def _with_policies(spec: TopologySpec, name: str, config: ChannelConfig) -> TopologySpec:
    from fabric_sdk.configtx.groups import policy_from_rule
    from fabric_sdk.configtx.model import policy_rule
    from network.groundwork import application_policies

    channel = spec.channel(name)
    wanted = application_policies(spec, channel)
    others = {
        ours: config.policies[path]
        for ours, theirs in _POLICIES.items()
        if (path := f"/Channel/Application/{theirs}") in config.policies
        and config.policies[path] != policy_rule(policy_from_rule(wanted[theirs]))
    }
    return _with_channel(spec, replace(channel, policies=replace(channel.policies, **others))) if others else spec


def _with_members(handle: NetworkHandle, spec: TopologySpec, name: str, config: ChannelConfig) -> TopologySpec:
    """Members that came by others' agreement keep their own authority; members that went are no members."""
    from network.founding import organization_spec
    from network.material import DEFINITION
    from network.vault import write_public

    channel = spec.channel(name)
    present = {o.name: o for o in config.organizations if o.application}
    stay = tuple(o for o in channel.organizations if o in present or spec.organization(o).peers)
    for organization in present.values():
        if any(organization.name == o.name or organization.msp_id == o.msp_id for o in spec.organizations):
            continue
        title = Text("{m}", "{m}", m=organization.msp_id)
        made = organization_spec(organization.name, organization.msp_id, title, f"{organization.name}.member.internal")
        folder = handle.directory / "organizations" / made.name / "ca"
        root, tls_root = _roots(organization.msp_config)
        write_public(folder / "ca.crt", root)
        write_public(folder / "tlsca.crt", tls_root)
        write_public(folder / DEFINITION, json.dumps({"taken_from": name}).encode())
        spec = replace(spec, organizations=(*spec.organizations, made))
        stay = (*stay, made.name)
    return spec if stay == channel.organizations else _with_channel(spec, replace(channel, organizations=stay))


def _with_channel(spec: TopologySpec, changed: ChannelSpec) -> TopologySpec:
    return replace(spec, channels=tuple(changed if c.name == changed.name else c for c in spec.channels))


def _roots(msp_config: bytes) -> tuple[bytes, bytes]:
    from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig

    from fabric_sdk.wire import decode

    msp = decode(FabricMSPConfig, decode(MSPConfig, msp_config, "MSP").config, "MSP configuration")
    return b"".join(msp.root_certs), b"".join(msp.tls_root_certs)
