"""The difference between a topology and the channels of a running network, as steps.

Channel configurations are read live, so the plan is right after any interruption. Order matters: organisations and
settings first, then new orderers join as followers and become consenters one at a time, leaving consenters go one at a
time, peers join, contracts follow them; organisations that have left are removed last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fabric_sdk.configtx import ChannelConfig, Consenter, HostPort, capabilities_for, read_config
from fabric_sdk.configtx.edit import (
    add_consenter,
    add_organization,
    move_consenter,
    remove_consenter,
    remove_organization,
    set_anchor_peers,
    set_batch,
    set_capabilities,
    set_msp,
    set_orderer_endpoints,
    set_policy,
)
from fabric_sdk.configtx.groups import policy_from_rule
from fabric_sdk.configtx.model import policy_rule
from fabric_sdk.wire import encode
from network.addresses import AddressBook
from network.certificates import same_public_key
from network.config_updates import ChannelUpdater
from network.drivers.base import Progress, Step
from network.errors import UserError
from network.groundwork import application_policies, batch_of, consenters, organization_profile
from network.handle import NetworkHandle
from network.text import Text
from network.topology import ChannelSpec, NodeRef, OrganizationSpec, TopologySpec
from network.vault import KeyVault

CHANNEL_CONFIG = "channel-config"
ADD_CONSENTER, RENEW_CONSENTER, REMOVE_CONSENTER = "add-consenter", "renew-consenter", "remove-consenter"
MOVE_CONSENTER = "move-consenter"
REMOVE_ORGANIZATION = "remove-organization"
BEFORE_JOINING = (CHANNEL_CONFIG,)
AFTER_ORDERERS = (MOVE_CONSENTER, ADD_CONSENTER, RENEW_CONSENTER, REMOVE_CONSENTER)
AFTER_ALL = (REMOVE_ORGANIZATION,)
GROWTH_KINDS = (*BEFORE_JOINING, *AFTER_ORDERERS, *AFTER_ALL)


class ChannelGrowth:
    """One channel of `spec`, compared with its configuration in force."""

    def __init__(
        self,
        handle: NetworkHandle,
        spec: TopologySpec,
        channel: ChannelSpec,
        vault: KeyVault,
        renewing: frozenset[str] = frozenset(),
    ) -> None:
        """`renewing` are nodes whose certificates are being renewed and whose consenter entries are left alone."""
        self._handle = handle
        self._spec = spec
        self._channel = channel
        self._vault = vault
        self._renewing = renewing
        self._updater = ChannelUpdater(handle, channel.name)

    def steps(self) -> list[Step]:
        """Return the missing changes in order."""
        config = self._updater.read()
        name = self._channel.name
        steps = []
        if changes := self._settings(config):
            steps.append(
                Step(
                    CHANNEL_CONFIG,
                    name,
                    Text("更新通道 {c} 的配置：{x}", "Update the configuration of {c}: {x}", c=name, x=_join(changes)),
                )
            )
        steps += self._consenter_steps(config)
        for organization in self._leaving(config):
            steps.append(
                Step(
                    REMOVE_ORGANIZATION,
                    f"{name}/{organization}",
                    Text("从通道 {c} 移除机构 {o}", "Remove {o} from {c}", c=name, o=organization),
                    destructive=True,
                )
            )
        return steps

    def apply(self, step: Step, ctx: Progress, settled: Callable[[], None]) -> None:
        """Do one step; `settled` returns when the ordering service is whole again after a change of consenters."""
        ctx.check_cancelled()
        target = step.target.partition("/")[2]
        if step.kind == CHANNEL_CONFIG:
            self._updater.submit(self._edit_settings)
        elif step.kind in (ADD_CONSENTER, RENEW_CONSENTER):
            node = self._spec.node(target)
            consenter = self._consenter(node)
            self._updater.submit(lambda c: self._edit_add(c, consenter))
            settled()
        elif step.kind == MOVE_CONSENTER:
            node = self._spec.node(target)
            place = HostPort(self._book[node.name].dialled_host, self._book[node.name].port)
            before = self._elsewhere(node, {c.address: c for c in self._updater.read().consenters})
            if before is not None:
                self._updater.submit(lambda c: self._edit_move(c, before, place))
                settled()
        elif step.kind == REMOVE_CONSENTER:
            address = HostPort.parse(target)
            self._updater.submit(lambda c: self._edit_remove(c, address))
            settled()
        elif step.kind == REMOVE_ORGANIZATION:
            self._updater.submit(lambda c: remove_organization(c, target))

    # Settings: organisations, endpoints, anchors, MSPs, batch, policies, capabilities

    def _settings(self, config: ChannelConfig) -> list[Text]:
        changes: list[Text] = []
        present = {o.name: o for o in config.organizations}
        for organization in self._spec.organizations:
            member = organization.name in self._channel.organizations
            known = present.get(organization.name)
            ordering = bool(organization.orderers)
            if not (member or ordering):
                continue
            if known is None or (member and not known.application) or (ordering and not known.ordering):
                changes.append(Text("加入{o}", "add {o}", o=organization.title))
                continue
            if not all(n.name in self._book for n in self._spec.nodes() if n.organization == organization):
                continue
            wanted = self._profile(organization.name)
            if not self._foreign(organization) and _differs(known.msp_config, wanted.msp_config):
                changes.append(Text("更新{o}的 MSP", "update the MSP of {o}", o=organization.title))
            if member and known.anchor_peers != wanted.anchor_peers:
                changes.append(Text("更新{o}的锚节点", "update the anchor peers of {o}", o=organization.title))
        if config.batch != batch_of(self._channel):
            changes.append(Text("出块参数", "batch size and timeout"))
        for path, rule in self._policies().items():
            if config.policies.get(path) != policy_rule(policy_from_rule(rule)):
                changes.append(Text("策略 {p}", "policy {p}", p=path.rpartition("/")[2]))
        wanted_capabilities = {k: (v,) for k, v in capabilities_for(self._spec.capabilities_of).items()}
        if dict(config.capabilities) != wanted_capabilities:
            if config.capabilities["channel"] > wanted_capabilities["channel"]:
                raise UserError(
                    Text(
                        "通道 {c} 的能力级别不能降低。",
                        "The capabilities of channel {c} cannot be lowered.",
                        c=config.channel_id,
                    ),
                    Text("请保留原来的 Fabric 版本。", "Keep the Fabric version as it was."),
                )
            changes.append(Text("能力级别", "capabilities"))
        return changes

    def _edit_settings(self, config: Any) -> None:
        groups = config.channel_group.groups
        for organization in self._spec.organizations:
            member = organization.name in self._channel.organizations
            if not member and not organization.orderers:
                continue
            profile = self._profile(organization.name)
            add_organization(config, profile)
            if not self._foreign(organization):
                set_msp(config, organization.name, profile.msp_config)
            if organization.name in groups["Application"].groups:
                set_anchor_peers(config, organization.name, profile.anchor_peers)
        set_batch(config, batch_of(self._channel))
        for path, rule in self._policies().items():
            set_policy(config, path, rule)
        set_capabilities(config, capabilities_for(self._spec.capabilities_of))

    def _foreign(self, organization: OrganizationSpec) -> bool:
        """Whether its MSP is its own affair: roots and revocations come from its own desk."""
        return self._handle.authority(organization.msp_id).foreign

    def _policies(self) -> dict[str, str]:
        rules = application_policies(self._spec, self._channel)
        return {f"/Channel/Application/{name}": rule for name, rule in rules.items()}

    def _profile(self, name: str) -> Any:
        organization = self._spec.organization(name)
        return organization_profile(
            self._handle.directory,
            self._spec,
            organization,
            self._vault,
            self._book,
            application=name in self._channel.organizations,
        )

    @property
    def _book(self) -> AddressBook:
        return AddressBook.load(self._handle.directory)

    # Consenters

    def _consenter_steps(self, config: ChannelConfig) -> list[Step]:
        name = self._channel.name
        present = {c.address: c for c in config.consenters}
        book = self._book
        steps = []
        wanted = set()
        for node in self._spec.orderers():
            address = book[node.name].dialled if node.name in book else ""
            wanted.add(address)
            moved = self._elsewhere(node, present) if address and address not in present else None
            if moved is not None:
                wanted.add(str(moved))
                title = Text(
                    "通道 {c} 改用 {a} 称呼 {n}", "Let channel {c} know {n} as {a}", n=node.name, c=name, a=address
                )
                steps.append(Step(MOVE_CONSENTER, f"{name}/{node.name}", title))
            elif address not in present:
                title = Text("{n} 成为通道 {c} 的共识节点", "Make {n} a consenter of {c}", n=node.name, c=name)
                steps.append(Step(ADD_CONSENTER, f"{name}/{node.name}", title))
            elif node.name not in self._renewing and self._outdated(present[address], self._consenter(node)):
                title = Text(
                    "更新 {n} 在通道 {c} 中的证书", "Renew the certificates of {n} in {c}", n=node.name, c=name
                )
                steps.append(Step(RENEW_CONSENTER, f"{name}/{node.name}", title))
        steps += [
            Step(
                REMOVE_CONSENTER,
                f"{name}/{address}",
                Text("从通道 {c} 移除共识节点 {a}", "Remove the consenter {a} from {c}", c=name, a=address),
                destructive=True,
            )
            for address in present
            if address not in wanted
        ]
        return steps

    def _elsewhere(self, node: NodeRef, present: Mapping[str, Consenter]) -> HostPort | None:
        """Where a channel knows this very node, by its key, when that is another place than where it is dialled."""
        own = self._consenter(node)
        for known in present.values():
            if known.address != own.address and same_public_key(known.server_tls_pem, own.server_tls_pem):
                return HostPort(known.host, known.port)
        return None

    def _consenter(self, node: NodeRef) -> Consenter:
        made = consenters(self._handle.directory, self._spec, [node], self._vault, self._book)[0]
        return Consenter(**{**vars(made), "id": 0})

    @staticmethod
    def _outdated(present: Consenter, wanted: Consenter) -> bool:
        """Fabric recognises TLS certificates of consenters by their public keys, BFT identities by their bytes."""
        if not same_public_key(present.server_tls_pem, wanted.server_tls_pem):
            return True
        if not same_public_key(present.client_tls_pem, wanted.client_tls_pem):
            return True
        return bool(wanted.identity_pem) and present.identity_pem != wanted.identity_pem

    def _edit_add(self, config: Any, consenter: Consenter) -> None:
        add_consenter(config, consenter)
        self._edit_endpoints(config, {HostPort(consenter.host, consenter.port)}, set())

    def _edit_move(self, config: Any, before: HostPort, place: HostPort) -> None:
        move_consenter(config, before, place)
        self._edit_endpoints(config, {place}, {before})

    def _edit_remove(self, config: Any, address: HostPort) -> None:
        remove_consenter(config, address)
        self._edit_endpoints(config, set(), {address})

    def _edit_endpoints(self, config: Any, come: set[HostPort], go: set[HostPort]) -> None:
        """Let the organisations' orderer endpoints follow the consenters."""
        book = self._book
        present = {o.name: o for o in read_config(self._channel.name, config).organizations if o.ordering}
        for organization in self._spec.organizations:
            if organization.name not in config.channel_group.groups["Orderer"].groups:
                continue
            own = {
                HostPort(book[n.name].dialled_host, book[n.name].port)
                for n in self._spec.orderers()
                if n.organization == organization
            }
            known = present[organization.name].orderer_endpoints if organization.name in present else ()
            kept = [e for e in known if e not in go]
            kept += [e for e in sorted(come & own, key=str) if e not in kept]
            if kept:
                set_orderer_endpoints(config, organization.name, kept)

    def _leaving(self, config: ChannelConfig) -> list[str]:
        """Who goes: members that this network had and no longer wants, never those that others have taken in."""
        keep = set(self._channel.organizations) | {o.name for o in self._spec.organizations if o.orderers}
        known = self._handle.directory / "organizations"
        return [o.name for o in config.organizations if o.name not in keep and (known / o.name).is_dir()]


def _differs(left: bytes, right: bytes) -> bool:
    """Compare two MSP definitions by content: the order of a map's bytes is nobody's change."""
    from fabric_protos.msp import msp_config_pb2

    def parsed(data: bytes) -> bytes:
        outer = msp_config_pb2.MSPConfig.FromString(data)
        return encode(msp_config_pb2.FabricMSPConfig.FromString(outer.config))

    return parsed(left) != parsed(right)


def _join(parts: list[Text]) -> Text:
    return Text("、".join(p.zh for p in parts), ", ".join(p.en for p in parts))
