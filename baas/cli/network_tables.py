"""What `citychain network` shows people of networks, nodes and the room that a ledger takes, in their language.

Programs (`--json`) get the words of the types instead, which never change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from baas.cli.kit import Cli, columns
from baas.errors import Text

if TYPE_CHECKING:
    from baas.services.network_reading import NetworkSummary
    from baas.services.room import LedgerRoom
    from network.drivers.base import NetworkStatus, NodeState, StatusKind

KINDS: Mapping[StatusKind, Text] = {
    "peer": Text("记账节点", "peer"),
    "orderer": Text("排序节点", "orderer"),
    "contract": Text("合约", "contract"),
    "ledger": Text("账本", "ledger"),
    "ca": Text("证书服务", "certificate authority"),
    "database": Text("数据库", "database"),
}
STATES: Mapping[NodeState, Text] = {
    "running": Text("运行中", "running"),
    "starting": Text("启动中", "starting"),
    "stopped": Text("已停止", "stopped"),
    "failed": Text("失败", "failed"),
    "lapsed": Text("证书失效", "certificates have ended"),
    "unknown": Text("未知", "unknown"),
}
PHASES = {
    "absent": Text("未建立", "absent"),
    "building": Text("建立中", "building"),
    "ready": Text("就绪", "ready"),
    "removing": Text("删除中", "removing"),
}


def listed(networks: Sequence[NetworkSummary]) -> list[dict[str, Any]]:
    """Rows of a workspace's networks for people."""
    names = [field.name for field in fields(networks[0])] if networks else []
    return [{name: getattr(one, name) for name in names} | {"phase": PHASES[one.phase]} for one in networks]


def room_words(room: LedgerRoom) -> Text:
    """What a ledger takes, for each transaction, and how long the disk lasts at the pace of late."""
    taken = Text(
        "通道 {c} 的账本：{m} MB，{t} 笔交易，每笔 {e} kB。",
        "Ledger of {c}: {m} MB, {t} transactions, {e} kB each.",
        c=room.channel,
        m=f"{room.bytes / 1e6:,.1f}",
        t=f"{room.transactions:,}",
        e=f"{room.bytes_each / 1e3:.1f}",
    )
    if room.days_left is None:
        return taken
    years = room.days_left / 365
    when = (
        Text("{y} 年以上", "more than {y} years", y=50)
        if years > 50
        else Text("约 {d} 天", "about {d} days", d=f"{room.days_left:,.0f}")
    )
    rest = Text("照最近的速度，磁盘还够用{w}。", "At the pace of late the disk lasts {w}.", w=when)
    return Text("{a}{b}", "{a} {b}", a=taken, b=rest)


def show_status(cli: Cli, found: NetworkStatus) -> None:
    """A network's nodes for people, and what to do about those that do not run."""
    rows: Sequence[Any] = found.nodes
    if not cli.json:
        rows = [
            {
                "name": node.name,
                "kind": KINDS[node.kind],
                "msp_id": node.msp_id,
                "address": node.address,
                "state": STATES[node.state],
                "height": node.height,
            }
            for node in found.nodes
        ]
    cli.show(
        rows,
        columns(
            name=("节点", "Node"),
            kind=("类型", "Kind"),
            msp_id=("组织", "Organisation"),
            address=("地址", "Address"),
            state=("状态", "State"),
            height=("高度", "Height"),
        ),
    )
    said = {str(node.detail): node.detail for node in found.nodes if node.state != "running" and node.detail}
    for detail in said.values():
        cli.say(detail)
    real = [node.name for node in found.nodes if node.real]
    if real:
        cli.say(Text("由官方 Fabric 程序运行：{n}。", "Run by Fabric's own program: {n}.", n=", ".join(real)))
    if any(node.state == "lapsed" for node in found.nodes):
        from network.lapse import renew_hint

        cli.say(renew_hint(found.name))
