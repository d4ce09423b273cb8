"""What the network page shows, read from the services, and turned into the picture's boxes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from console.i18n import say, tr
from console.i18n.formats import number
from console.titles import consensus_title, node_state, organization_icon, policy_words
from console.widgets.topology import ContractBox, NodeBox, OrganizationBox, Topology
from network.errors import CityChainError

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.lifecycle_model import Definition
    from baas.services.network_reading import NetworkSummary
    from network.drivers.base import NetworkStatus, NodeStatus
    from network.topology import ChannelSpec, TopologySpec


@dataclass(frozen=True)
class NetworkView:
    """One network as the page knows it; `names` are all networks of the workspace."""

    name: str
    names: tuple[NetworkSummary, ...]
    phase: str
    spec: TopologySpec
    status: NetworkStatus
    definitions: tuple[Definition, ...]
    reached: bool = True
    elsewhere: bool = False
    """Others plan it: what changes of it can be proposed from here, not made."""
    branch: bool = False
    """It is a branch, for trying out: nothing of it goes to other machines or people."""
    authorities: int = 0
    """Of how many organisations the authority's key is here."""
    titles: dict[str, str] = field(default_factory=dict)
    icons: dict[str, str] = field(default_factory=dict)

    def node(self, name: str) -> NodeStatus | None:
        return next((node for node in self.status.nodes if node.name == name), None)

    def nodes(self, kind: str) -> list[NodeStatus]:
        return [node for node in self.status.nodes if node.kind == kind]


def read_view(platform: Platform, name: str) -> NetworkView:
    """Read everything about `name`."""
    spec = platform.networks.spec(name)
    status = platform.networks.status(name)
    definitions: tuple[Definition, ...] = ()
    if status.state not in {"stopped", "lapsed"}:
        with contextlib.suppress(CityChainError):
            definitions = tuple(platform.contracts.list(name))
    manifests = platform.applications.all()
    state = platform.networks.state(name)
    networks = tuple(platform.networks.list())
    return NetworkView(
        name,
        networks,
        state.phase,
        spec,
        status,
        definitions,
        state.reached is not None,
        platform.networks.planned_elsewhere(name),
        any(one.branch for one in networks if one.name == name),
        len(platform.networks.authorities(name)),
        {m.contract.name: say(m.contract.title) for m in manifests},
        {m.contract.name: m.icon or "contract" for m in manifests},
    )


def topology(view: NetworkView, channel_name: str) -> Topology:
    """Return the picture of one channel."""
    from network.topology import quorum_of

    spec = view.spec
    channel = spec.channel(channel_name)
    top = max((node.heights.get(channel_name, 0) for node in view.status.nodes), default=0)
    states = {node.name: node for node in view.status.nodes}

    def box(full: str, short: str, *, orderer_of: str = "") -> NodeBox:
        node = states.get(full)
        if node is None:
            return NodeBox(full, short, tr("未启用"), "off")
        word, sign = node_state(node.state)
        if node.state != "running":
            return NodeBox(full, short, word, sign)
        height = node.heights.get(channel_name)
        port = node.address.rpartition(":")[2]
        if orderer_of:
            return NodeBox(full, short, orderer_of, sign)
        note = tr("{port} · 区块 {n}").format(port=port, n=number(height or 0))
        if node.real:
            note = tr("Fabric 程序 · 区块 {n}").format(n=number(height or 0))
        if height is not None and top - height > 3:
            return NodeBox(full, short, tr("落后 {n} 个区块").format(n=number(top - height)), "warn")
        return NodeBox(full, short, note, sign)

    organizations = _members(spec, channel, box)
    refs = list(spec.orderers())
    orderers = tuple(box(ref.name, ref.node.name, orderer_of=say(ref.organization.title)) for ref in refs)
    online = sum(1 for o in orderers if o.state == "ok")
    need = quorum_of(spec.consensus, len(refs))
    faults = len(refs) - need
    return Topology(
        channel_name,
        tr("{n} 个组织 · 可容 {f} 个排序节点故障").format(n=len(organizations), f=faults),
        tr("法定人数 {need}，在线 {up}").format(need=need, up=online),
        "ok" if online >= need else "bad",
        consensus_title(spec.consensus),
        organizations,
        orderers,
        tuple(
            ContractBox(
                d.name,
                view.titles.get(d.name, d.name),
                d.version,
                policy_line(policy_words(d.endorsement_policy, {o.msp_id: o.title for o in view.spec.organizations})),
                view.icons.get(d.name, "contract"),
            )
            for d in view.definitions
        ),
    )


def planned(spec: TopologySpec, channel_name: str) -> Topology:
    """The picture of one channel as it will be: drawn as on the network's page, with nothing running yet."""
    from network.topology import quorum_of

    def box(full: str, short: str) -> NodeBox:
        return NodeBox(full, short, tr("将新建"), "none")

    organizations = _members(spec, spec.channel(channel_name), box)
    refs = list(spec.orderers())
    need = quorum_of(spec.consensus, len(refs))
    return Topology(
        channel_name,
        tr("{n} 个组织 · 可容 {f} 个排序节点故障").format(n=len(organizations), f=len(refs) - need),
        tr("法定人数 {need}，共 {all} 个排序节点").format(need=need, all=len(refs)),
        "none",
        consensus_title(spec.consensus),
        organizations,
        tuple(NodeBox(ref.name, ref.node.name, say(ref.organization.title), "none") for ref in refs),
        (),
    )


def _members(
    spec: TopologySpec, channel: ChannelSpec, box: Callable[[str, str], NodeBox]
) -> tuple[OrganizationBox, ...]:
    """The channel's organisations with their peers, each as `box` (full name, short name) draws it."""
    return tuple(
        OrganizationBox(
            o.msp_id,
            say(o.title),
            o.msp_id,
            organization_icon(o.msp_id),
            tuple(box(o.node_name(peer), peer.name) for peer in o.peers),
        )
        for o in spec.organizations
        if o.name in channel.organizations
    )


def policy_line(policy: str) -> str:
    """A short line about an endorsement policy."""
    return tr("背书：{policy}").format(policy=policy)
