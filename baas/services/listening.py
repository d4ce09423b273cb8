"""What of a network other machines can reach, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baas.errors import Text, UserError

if TYPE_CHECKING:
    from network.handle import NetworkHandle
    from network.topology import TopologySpec


@dataclass(frozen=True)
class ReachableNode:
    """One node: `address` is what other machines dial (host:port), of loopback when they cannot."""

    node: str
    kind: str
    msp_id: str
    address: str


@dataclass(frozen=True)
class Reachable:
    """`name` is what other machines dial, empty when they cannot; `listens` is this machine's address behind it."""

    network: str
    name: str
    listens: str
    nodes: tuple[ReachableNode, ...]

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that a firewall must let through."""
        return tuple(sorted(int(n.address.rpartition(":")[2]) for n in self.nodes))

    @property
    def words(self) -> Text:
        """What that means, for whoever says it."""
        if not self.name:
            return Text(
                "所有节点只在本机监听，其他机器连不上。",
                "All nodes listen on this machine alone; no other machine reaches them.",
            )
        return Text(
            "其他机器可以用 {n} 连接这个网络的 {k} 个节点（TLS，端口 {p}）：凡持有通道成员机构证书的人"
            "可读账本、提交交易，没有证书的人只能建立连接。控制、运行状况和合约的端口仍只在本机。"
            "防火墙须放行这些端口。",
            "Other machines reach this network's {k} nodes as {n} (TLS, ports {p}): whoever has a certificate of "
            "a member of the channel can read the ledger and send transactions, whoever has none can only connect. "
            "Control, figures and contracts stay on this machine. The firewall must let these ports through.",
            n=self.name,
            k=len(self.nodes),
            p=", ".join(map(str, self.ports)),
        )


def reachable(handle: NetworkHandle) -> Reachable:
    """Where the network's nodes are reached, from its address book."""
    from network.listening import load

    found = load(handle.directory)
    nodes = tuple(
        ReachableNode(n.name, n.kind, n.organization.msp_id, handle.addresses[n.name].public)
        for n in handle.spec.nodes()
        if n.name in handle.addresses
    )
    return Reachable(handle.name, found.name if found else "", found.address if found else "", nodes)


def check_may_listen(spec: TopologySpec) -> None:
    """`UserError` for networks whose nodes are reached otherwise."""
    if spec.runtime in {"embedded", "native"} and not any(node.host for node in spec.nodes()):
        return
    why = {
        "attached": Text("接入的网络由其管理方决定地址。", "An attached network's addresses are its owner's."),
        "docker": Text("Docker 网络的端口由引擎发布在本机。", "Docker publishes a network's ports on this machine."),
    }.get(spec.runtime, Text("这个网络的节点已写明各自的主机。", "This network's nodes have hosts of their own."))
    raise UserError(
        Text("这个网络不能用 network listen 更改监听。", "network listen is not for this network."),
        why,
        code="not_for_listening",
    )
