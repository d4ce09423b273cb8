"""Which host and ports each node of a network has got, kept in `addresses.json` of the network's folder.

Ports end up in the channel configuration and in certificates' endpoints, so they are chosen once, when a node first
appears, below the range that operating systems hand out to outgoing connections, and kept for the network's life.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from network.errors import Unavailable, UserError
from network.ports import port_is_free
from network.text import Text
from network.topology import NodeRef
from network.vault import write_public

FILE_NAME = "addresses.json"
LOOPBACK = "127.0.0.1"
FIRST_PORT, LAST_PORT = 11_000, 31_999
CONTRACT_PORTS, LOOKED_AT = 100, 10
"""Ports that a peer's contract servers may take, and those of them that are looked at when they are chosen."""


@dataclass(frozen=True)
class NodeAddress:
    """Where one node listens.

    `host` is what this machine dials, `node_host` what the network's other nodes dial where that differs (containers
    know each other by name), `public_host` what other machines dial (`network.listening`), `server_name` the name in
    its TLS certificate where that is not the node's own.
    `admin_port` (orderer) serves channel participation; `chaincode_port` and
    `contract_prefix` belong to peers: contract servers of a peer listen on `contract_prefix` followed by two digits.
    A port of 0 means none.
    """

    host: str
    port: int
    operations_port: int = 0
    admin_port: int = 0
    chaincode_port: int = 0
    contract_prefix: str = ""
    node_host: str = ""
    server_name: str = ""
    public_host: str = ""

    @property
    def public(self) -> str:
        """`host:port` as other machines' programs dial it."""
        return f"{_bracketed(self.public_host or self.host)}:{self.port}"

    @property
    def address(self) -> str:
        """`host:port` as this machine dials it."""
        return f"{self.host}:{self.port}"

    @property
    def control_host(self) -> str:
        """Where what controls a node listens although others reach the node itself; empty for where the node does."""
        return LOOPBACK if self.public_host else ""

    @property
    def operations_host(self) -> str:
        """Where a node's operations endpoint is asked: always this machine, because it is not protected."""
        return LOOPBACK

    @property
    def dialled_host(self) -> str:
        """The host by which other nodes know this one; it stands in the channel configuration."""
        return self.node_host or self.public_host or self.host

    @property
    def dialled(self) -> str:
        """`host:port` as other nodes dial it."""
        return f"{_bracketed(self.dialled_host)}:{self.port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class AddressBook:
    """The addresses of a network's nodes by full node name."""

    def __init__(self, nodes: Mapping[str, NodeAddress] | None = None) -> None:
        self._nodes = dict(nodes or {})

    @classmethod
    def load(cls, directory: Path) -> AddressBook:
        """Read the book of a network folder; empty when there is none yet."""
        path = directory / FILE_NAME
        if not path.exists():
            return cls()
        try:
            document = json.loads(path.read_bytes())
            return cls({name: _read_address(value) for name, value in document["nodes"].items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
            raise UserError(
                Text("地址簿 {p} 已损坏。", "The address book {p} is damaged.", p=str(path)),
                Text(
                    "请从备份恢复此文件，或删除网络后重建。", "Restore the file from a backup, or destroy the network."
                ),
            ) from e

    def save(self, directory: Path) -> None:
        """Write the book, whole or not at all."""
        document = {"version": 1, "nodes": {name: asdict(self._nodes[name]) for name in sorted(self._nodes)}}
        write_public(directory / FILE_NAME, json.dumps(document, indent=1).encode())

    def __contains__(self, name: str) -> bool:
        return name in self._nodes

    def __getitem__(self, name: str) -> NodeAddress:
        if name not in self._nodes:
            raise Unavailable(Text("节点“{n}”还没有地址。", "Node {n} has no address yet.", n=name))
        return self._nodes[name]

    def names(self) -> tuple[str, ...]:
        """Return the names of all nodes that have an address."""
        return tuple(self._nodes)

    def assign(self, name: str, address: NodeAddress) -> None:
        """Record the address of a node."""
        self._nodes[name] = address

    def remove(self, name: str) -> None:
        """Forget a node."""
        self._nodes.pop(name, None)

    def update(self, name: str, **changes: str | int) -> None:
        """Change some fields of a node's address."""
        self._nodes[name] = replace(self._nodes[name], **changes)  # type: ignore[arg-type]

    def ports(self, each: int = CONTRACT_PORTS) -> set[int]:
        """Every port that the nodes have or may use later; of those for contract servers the first `each`."""
        taken: set[int] = set()
        for a in self._nodes.values():
            taken |= {a.port, a.operations_port, a.admin_port, a.chaincode_port} - {0}
            if a.contract_prefix:
                first = int(a.contract_prefix) * CONTRACT_PORTS
                taken |= set(range(first, first + each))
        return taken

    def claims(self) -> set[int]:
        """What other networks leave alone: the nodes' ports, and those that contract servers take first."""
        return self.ports(LOOKED_AT)

    def allocate(
        self, nodes: Iterable[NodeRef], *, contract_ports: bool = True, others: Iterable[int] = frozenset()
    ) -> bool:
        """Give every node without an address free ports of this machine; return whether anything changed.

        `others` are ports that other networks have, whether they run or not (`network.claims`); where nothing else is
        left, those that nobody listens on are taken all the same.
        """
        nodes, known = list(nodes), dict(self._nodes)
        try:
            return self._allocate(nodes, contract_ports, _FreePorts(self.ports(), set(others)))
        except Unavailable:
            if not others:
                raise
            self._nodes = known
            return self._allocate(nodes, contract_ports, _FreePorts(self.ports(), set()))

    def _allocate(self, nodes: Iterable[NodeRef], contract_ports: bool, ports: _FreePorts) -> bool:
        changed = False
        public_host = next((a.public_host for a in self._nodes.values()), "")
        for node in nodes:
            if node.name in self._nodes:
                continue
            host = node.host or LOOPBACK
            if node.kind == "orderer":
                address = NodeAddress(host, ports.one(), operations_port=ports.one(), admin_port=ports.one())
            else:
                address = NodeAddress(
                    host,
                    ports.one(),
                    operations_port=ports.one(),
                    chaincode_port=ports.one(),
                    contract_prefix=ports.block() if contract_ports else "",
                )
            self._nodes[node.name] = replace(address, public_host=public_host)
            changed = True
        return changed


def _read_address(value: dict[str, Any]) -> NodeAddress:
    value.pop("local_stream", None)  # what embedded ledgers were reached by before they spoke gRPC alone
    return NodeAddress(**value)


class _FreePorts:
    """Free ports from a random start, so that two networks made at once rarely ask for the same ones."""

    def __init__(self, taken: set[int], others: set[int]) -> None:
        self._taken, self._others = taken, others
        first = random.SystemRandom().randrange(FIRST_PORT, LAST_PORT - 1000, CONTRACT_PORTS)
        count = LAST_PORT + 1 - FIRST_PORT
        self._order = [FIRST_PORT + (first - FIRST_PORT + i) % count for i in range(count)]
        self._next = 0

    def one(self) -> int:
        while self._next < len(self._order):
            port = self._order[self._next]
            self._next += 1
            if port not in self._taken and port not in self._others and port_is_free(port):
                self._taken.add(port)
                return port
        raise _no_ports()

    def block(self) -> str:
        """Return the leading digits of a hundred ports of which the first ten are free now and nobody else's."""
        for port in self._order:
            if port % CONTRACT_PORTS or port + CONTRACT_PORTS > LAST_PORT:
                continue
            wanted = range(port, port + CONTRACT_PORTS)
            first = wanted[:LOOKED_AT]
            if (
                self._taken.isdisjoint(wanted)
                and self._others.isdisjoint(first)
                and all(port_is_free(p) for p in first)
            ):
                self._taken.update(wanted)
                return str(port // CONTRACT_PORTS)
        raise _no_ports()


def _no_ports() -> Unavailable:
    return Unavailable(
        Text(
            "{a} 到 {b} 之间没有足够的空闲端口。",
            "There are not enough free ports between {a} and {b}.",
            a=FIRST_PORT,
            b=LAST_PORT,
        ),
        Text("请停止不用的网络或程序后重试。", "Stop networks or programs that are not needed and try again."),
    )
