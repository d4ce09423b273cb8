"""Edits of a topology: what a running network should look like next. `networks.bring_up` then makes it so.

Every function returns a checked new `TopologySpec`; nothing is done to any network here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from baas.errors import Conflict, NotFound, Text, UserError

if TYPE_CHECKING:
    from network.topology import TopologySpec

Kind = Literal["peer", "orderer"]


def add_organization(
    spec: TopologySpec,
    name: str,
    msp_id: str,
    title: Text,
    *,
    peers: int = 1,
    channels: tuple[str, ...] = (),
    domain: str = "",
) -> TopologySpec:
    """Another organisation with `peers` peers, a member of `channels` (of every channel when none is named)."""
    mapping = _mapping(spec)
    if any(msp_id == o["msp_id"] or name == o["name"] for o in mapping["organizations"]):
        raise Conflict(
            Text("网络中已有组织 {m}。", "The network already has {m}.", m=msp_id), code="organization_exists"
        )
    base = spec.organizations[0].domain.partition(".")[2] or spec.organizations[0].domain
    mapping["organizations"].append(
        {
            "name": name,
            "msp_id": msp_id,
            "title": {"zh": title.zh, "en": title.en},
            "domain": domain or f"{name}.{base}",
            "peers": [{"name": f"peer{number}"} for number in range(peers)],
        }
    )
    for channel in mapping["channels"]:
        if not channels or channel["name"] in channels:
            channel["organizations"].append(name)
    return _checked(mapping)


def remove_organization(spec: TopologySpec, msp_id: str) -> TopologySpec:
    """The network without an organisation."""
    gone = spec.organization(msp_id)
    mapping = _mapping(spec)
    mapping["organizations"] = [o for o in mapping["organizations"] if o["name"] != gone.name]
    for channel in mapping["channels"]:
        channel["organizations"] = [name for name in channel["organizations"] if name != gone.name]
    return _checked(mapping)


def add_node(spec: TopologySpec, kind: Kind, msp_id: str, host: str = "") -> TopologySpec:
    """Another peer or ordering node for an organisation, with the next free name, on `host` (else on this machine)."""
    wanted = spec.organization(msp_id)
    mapping = _mapping(spec)
    for organization in mapping["organizations"]:
        if organization["name"] == wanted.name:
            nodes = organization.setdefault(f"{kind}s", [])
            names = {node["name"] for node in nodes}
            number = next(i for i in range(1000) if f"{kind}{i}" not in names)
            nodes.append({"name": f"{kind}{number}", "host": host})
    return _checked(mapping)


def remove_node(spec: TopologySpec, name: str) -> TopologySpec:
    """The network without one node, by full name (or a short name that only one node has)."""
    gone = spec.node(name)
    mapping = _mapping(spec)
    for organization in mapping["organizations"]:
        if organization["name"] == gone.organization.name:
            nodes = organization[f"{gone.kind}s"]
            organization[f"{gone.kind}s"] = [node for node in nodes if node["name"] != gone.node.name]
    return _checked(mapping)


def set_batch(
    spec: TopologySpec, channel: str, *, max_messages: int | None = None, timeout_ms: int | None = None
) -> TopologySpec:
    """When the ordering service cuts a block: so many messages, or so many milliseconds after the first."""
    wanted = spec.channel(channel).name
    mapping = _mapping(spec)
    for one in mapping["channels"]:
        if one["name"] == wanted:
            one["batch"] |= {
                key: value
                for key, value in (("max_messages", max_messages), ("timeout_ms", timeout_ms))
                if value is not None
            }
    return _checked(mapping)


def set_policy(spec: TopologySpec, channel: str, name: str, rule: str) -> TopologySpec:
    """One of the channel's application policies (`endorsement`, `lifecycle_endorsement`, `admins`, …)."""
    wanted = spec.channel(channel)
    if name not in vars(wanted.policies):
        raise NotFound(
            Text("通道没有策略 {n}。", "The channel has no policy {n}.", n=name),
            Text("可用：{a}", "There are: {a}", a=", ".join(vars(wanted.policies))),
        )
    mapping = _mapping(spec)
    for one in mapping["channels"]:
        if one["name"] == wanted.name:
            one["policies"][name] = rule
    return _checked(mapping)


def add_channel(spec: TopologySpec, name: str, organizations: tuple[str, ...]) -> TopologySpec:
    """Another channel of these organisations (MSP ids or names)."""
    mapping = _mapping(spec)
    if not organizations:
        raise UserError(Text("请说明通道的组织。", "Say which organisations join the channel."), code="usage")
    mapping["channels"].append({"name": name, "organizations": list(organizations)})
    return _checked(mapping)


def _mapping(spec: TopologySpec) -> dict[str, Any]:
    from network.topology import spec_to_mapping

    return spec_to_mapping(spec)


def _checked(mapping: dict[str, Any]) -> TopologySpec:
    from network.topology import load_spec

    return load_spec(mapping)
