"""Letting other machines reach a network: the name they dial, and the address on which its nodes then listen.

Nodes listen on loopback alone until somebody says otherwise. `choose` checks the name; `listening.json` of the
network's folder keeps the choice; a step of the plan gives the nodes certificates for the name and lets them listen;
the channels' configurations follow (anchor peers, orderers, consenters). Whatever controls a node, and its figures,
stays on loopback.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from network.addresses import LOOPBACK, AddressBook
from network.drivers.base import Step
from network.errors import UserError
from network.text import Text
from network.topology import NodeRef, TopologySpec
from network.vault import write_public

FILE_NAME = "listening.json"
CLOSING = "listening.closing"
LISTEN, CLOSE = "listen", "close-listening"
_NAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)


@dataclass(frozen=True)
class Listening:
    """`name` is what other machines dial (a host name or an address), `address` this machine's own behind it."""

    name: str
    address: str

    def bound(self, port: int) -> str:
        """Where a node with this port listens beside loopback."""
        return f"[{self.address}]:{port}" if ":" in self.address else f"{self.address}:{port}"


def choose(name: str) -> Listening:
    """Check that other machines can reach this one by `name`: it resolves, and to an address that is this machine's."""
    name = name.strip()
    try:
        own = str(ipaddress.ip_address(name))
    except ValueError:
        if not _NAME.fullmatch(name):
            raise UserError(
                Text("“{n}”不是主机名或地址。", "{n} is no host name and no address.", n=name[:80]),
                Text("例如 ledger.example.cn 或 192.168.1.5", "For example ledger.example.cn or 192.168.1.5"),
                code="bad_address",
            ) from None
        return Listening(name.lower(), _own(name, _resolved(name)))
    if ipaddress.ip_address(own).is_unspecified:
        raise UserError(
            Text("{a} 不是别人能拨的地址。", "{a} is no address that others could dial.", a=name),
            Text("请写出本机的一个地址，或更好：它的主机名。", "Name one of this machine's, or better its host name."),
            code="bad_address",
        )
    return Listening(own, _own(name, [own]))


def load(directory: Path) -> Listening | None:
    """What was chosen for the network of this folder; None as long as it listens on loopback alone."""
    try:
        document = json.loads((directory / FILE_NAME).read_bytes())
        return Listening(str(document["name"]), str(document["address"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as e:
        path = str(directory / FILE_NAME)
        raise UserError(
            Text("文件 {p} 已损坏。", "File {p} is damaged.", p=path),
            Text("请再次执行 network listen。", "Say network listen once more."),
        ) from e


def keep(directory: Path, listening: Listening | None) -> None:
    """Remember a choice; None is loopback alone."""
    if listening is None:
        (directory / FILE_NAME).unlink(missing_ok=True)
    else:
        write_public(directory / FILE_NAME, json.dumps(asdict(listening), indent=1).encode())


def public_name(directory: Path) -> str:
    """The name in certificates and in the channels; empty for loopback alone."""
    found = load(directory)
    return found.name if found else ""


def listening_steps(directory: Path, spec: TopologySpec, nodes: list[NodeRef]) -> list[Step]:
    """The step that brings `nodes` (this machine's) to what was chosen; none when they are there."""
    wanted = public_name(directory)
    book = AddressBook.load(directory)
    if all(node.name not in book or book[node.name].public_host == wanted for node in nodes):
        return []
    title = (
        Text("让其他机器以 {n} 连接节点", "Let other machines reach the nodes as {n}", n=wanted)
        if wanted
        else Text("节点只在本机监听", "Let the nodes listen on this machine alone")
    )
    return [Step(LISTEN, spec.name, title, needs_restart=True)]


def write_addresses(directory: Path, nodes: list[NodeRef]) -> None:
    """Put the chosen name into the address book."""
    book = AddressBook.load(directory)
    wanted = public_name(directory)
    for node in nodes:
        if node.name in book and book[node.name].public_host != wanted:
            book.update(node.name, public_host=wanted)
    book.save(directory)


def closing(directory: Path) -> str:
    """How far nodes that talk to each other have come on their way back to loopback: "moving", "closing", "" for no.

    While the channels still know them by the public name they must go on listening there, or they lose each other.
    """
    try:
        return (directory / CLOSING).read_text("ascii")
    except OSError:
        return ""


def note_closing(directory: Path, stage: str) -> None:
    """Remember that; "" when they have arrived."""
    if stage:
        write_public(directory / CLOSING, stage.encode())
    else:
        (directory / CLOSING).unlink(missing_ok=True)


def _resolved(name: str) -> list[str]:
    if name == "localhost" or name.endswith(".localhost"):
        return [LOOPBACK]  # RFC 6761, 6.3; a bare system's resolver may not know it
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as e:
        raise UserError(
            Text("找不到主机名 {n}。", "The name {n} does not resolve.", n=name),
            Text(
                "请先在 DNS 或 hosts 文件中登记它，其他机器也要能解析。",
                "Enter it in the DNS or the hosts file first; other machines must find it too.",
            ),
            code="name_unknown",
        ) from e
    # Fabric's programs and people's firewalls see IPv4 first.
    return sorted({str(entry[4][0]) for entry in found}, key=lambda a: (":" in a, a))


def _own(name: str, addresses: list[str]) -> str:
    """The first of `addresses` that is this machine's and not loopback."""
    reachable = [a for a in addresses if not ipaddress.ip_address(a.partition("%")[0]).is_loopback]
    if not reachable:
        raise UserError(
            Text("{n} 只是本机回环地址（{a}）。", "{n} is this machine's loopback only ({a}).", n=name, a=LOOPBACK),
            Text(
                "其他机器连不上它，请写出局域网的主机名或地址。",
                "Others cannot reach it; name it as the network knows it.",
            ),
            code="address_is_loopback",
        )
    for address in reachable:
        if _is_here(address):
            return address
    raise UserError(
        Text("本机没有地址 {a}（{n}）。", "This machine has no address {a} ({n}).", n=name, a=", ".join(reachable)),
        Text("本机地址：{own}", "Its addresses are: {own}", own=", ".join(own_addresses()) or "-"),
        code="address_not_here",
    )


def _is_here(address: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def own_addresses() -> tuple[str, ...]:
    """This machine's addresses beside loopback."""
    import psutil

    found = [
        entry.address.partition("%")[0]
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    ]
    return tuple(a for a in dict.fromkeys(found) if not ipaddress.ip_address(a).is_loopback)
