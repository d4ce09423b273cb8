"""Whether an embedded network can become one of Fabric's own programs, before anything is changed; and what will be."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVRWSet

from network.addresses import NodeAddress
from network.drivers.native import NativeDriver
from network.embedded import packing
from network.embedded.archive import archived
from network.handle import NetworkHandle
from network.hybrid.record import HybridRecord
from network.listening import load as load_listening
from network.native.programs import FabricPrograms, require_programs
from network.ports import port_is_free
from network.processes import NO_WINDOW
from network.promotion.contracts import InForce, contracts_in_force, served_elsewhere
from network.promotion.judge import transactions
from network.promotion.stored import StoredChannel, ledger_file
from network.renewal import pending_renewals
from network.text import Text
from network.topology import NodeRef, Runtime, TopologySpec

SPARE_BYTES = 512 * 1024 * 1024
_PEER_SHARE = 3.0
"""What a peer of Fabric needs of disk for a chain, as a multiple of its blocks: blocks, indexes, state and history."""
_RATE = 300.0
"""Transactions a second that two cores' peers replay, as measured; a plan says "about"."""
_START_SECONDS = 40.0


@dataclass(frozen=True)
class Obstacle:
    """Why a network cannot be promoted as it is, and what to do."""

    code: str
    text: Text
    hint: Text


@dataclass(frozen=True)
class LostKey:
    """A private key that is gone after the promotion: a purge has taken part of the write set that it came with."""

    channel: str
    contract: str
    collection: str
    key: str


@dataclass(frozen=True)
class PromotionPlan:
    """What a promotion will find and do. `seconds` is about how long, `disk_bytes` what it needs of disk."""

    network: str
    fabric_version: str
    heights: Mapping[str, int]
    transactions: int
    peers: int
    orderers: int
    consensus: str
    disk_bytes: int
    seconds: int
    contracts: tuple[InForce, ...]
    elsewhere: tuple[tuple[str, str], ...]
    """(contract, address) of contracts that other processes serve: they must be reachable there"""
    lost: tuple[LostKey, ...]
    obstacles: tuple[Obstacle, ...]


def target_spec(spec: TopologySpec, version: str = "", runtime: Runtime = "native") -> TopologySpec:
    """The topology that Fabric's own programs take over, as processes or in containers (`docker`)."""
    changes: dict[str, str] = {"runtime": runtime}
    if version:
        changes["fabric_version"] = version
    return spec.with_(**changes)


def make_plan(
    handle: NetworkHandle, driver: NativeDriver, wanted: TopologySpec, channels: Mapping[str, StoredChannel]
) -> PromotionPlan:
    """Look at everything that a promotion to `wanted` depends on; changes nothing."""
    blocks = sum(_bytes(channel) for channel in channels.values())
    peers, orderers = len(list(wanted.peers())), len(list(wanted.orderers()))
    need = int(blocks * (orderers + peers * _PEER_SHARE)) + SPARE_BYTES
    count = sum(transactions(channel) for channel in channels.values())
    contracts = contracts_in_force(handle, channels)
    elsewhere = tuple((one.name, address) for one, address in served_elsewhere(handle.directory, contracts))
    obstacles = (
        *_archives_away(handle.directory, channels),
        *_other_release(handle, wanted),
        *_other_addresses(handle, channels),
        *_obstacles(handle, driver, wanted, still_embedded(handle, wanted), need),
    )
    seconds = int(_START_SECONDS + count * max(1, peers / 2) / _RATE)
    return PromotionPlan(
        wanted.name,
        wanted.fabric_version,
        {name: channel.height for name, channel in channels.items()},
        count,
        peers,
        orderers,
        wanted.consensus,
        need,
        seconds,
        tuple(contracts),
        elsewhere,
        tuple(lost for channel in channels.values() for lost in _lost(channel)),
        obstacles,
    )


def obstacles_of(
    handle: NetworkHandle,
    driver: NativeDriver,
    wanted: TopologySpec,
    peers: Sequence[NodeRef],
    channels: Mapping[str, StoredChannel],
) -> Iterator[Obstacle]:
    """What stands in the way of making these peers of an embedded network real ones; changes nothing."""
    need = int(sum(_bytes(channel) for channel in channels.values()) * len(peers) * _PEER_SHARE) + SPARE_BYTES
    yield from _archives_away(handle.directory, channels)
    yield from _other_addresses(handle, channels)
    yield from _obstacles(handle, driver, wanted, peers, need)


def _bytes(channel: StoredChannel) -> int:
    """How large the blocks are as Fabric will keep them."""
    rows = channel.view.query("SELECT substr(body, 1, ?), length(body) FROM blocks", (packing.HEAD_BYTES,))
    return sum(packing.plain_bytes(head, size) for head, size in rows)  # type: ignore[arg-type, misc]


def _obstacles(
    handle: NetworkHandle, driver: NativeDriver, wanted: TopologySpec, nodes: Iterable[NodeRef], need: int
) -> Iterator[Obstacle]:
    nodes = list(nodes)
    if wanted.runtime == "docker":
        from network.promotion import containers

        yield from containers.obstacles(driver, wanted, need)
    elif not (capability := driver.check(wanted)).available:
        hint = capability.hint or Text("请先准备好 Fabric 程序。", "Get Fabric's programs first.")
        yield Obstacle("programs", capability.reason or Text("本机不能运行。", "This machine cannot run it."), hint)
    else:
        yield from _wrong_version(require_programs(wanted.fabric_version))
    yield from _unready(handle)
    yield from _absent_administrators(handle, nodes, wanted.runtime)
    yield from _taken_ports(handle, nodes)
    free = shutil.disk_usage(handle.directory).free
    if free < need:
        yield Obstacle(
            "disk",
            Text(
                "磁盘空间不足：需要约 {n} MB，可用 {f} MB。",
                "The disk is too full: about {n} MB are needed, {f} MB are free.",
                n=need // 1_000_000,
                f=free // 1_000_000,
            ),
            Text("请腾出空间后重试。", "Free some space and try again."),
        )


def _archives_away(directory: Path, channels: Iterable[str]) -> Iterator[Obstacle]:
    """Every block is replayed, those in archive files too."""
    for channel in channels:
        missing = archived(ledger_file(directory, channel)).missing
        if missing:
            text = Text("归档文件 {f} 不在这里。", "The archive file {f} is not here.", f=missing[0])
            hint = Text(
                "请接上归档所在的磁盘，或用 ledger archive 指明位置。",
                "Connect its disk, or say where it is (ledger archive).",
            )
            yield Obstacle("archive", text, hint)


def _wrong_version(programs: FabricPrograms) -> Iterator[Obstacle]:
    """What the programs say of themselves: a folder's name is no proof."""
    for program in (programs.peer, programs.orderer):
        found = said_version(program)
        if found != programs.version:
            text = Text(
                "{p} 是版本 {f}，不是 {w}。",
                "{p} is version {f}, not {w}.",
                p=str(program),
                f=found or "?",
                w=programs.version,
            )
            yield Obstacle("version", text, Text("请重新下载该版本的程序。", "Download that version's programs again."))


def said_version(program: Path) -> str:
    """The version that a program says it is, "" where it says none."""
    try:
        said = subprocess.run(
            [str(program), "version"], capture_output=True, encoding="utf-8", errors="replace", timeout=30,
            creationflags=NO_WINDOW, check=False,
        ).stdout  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return version_in(said)


def version_in(said: str) -> str:
    """The version in what a program says of itself, "" where there is none."""
    match = re.search(r"Version:\s*v?([0-9.]+)", said)
    return match[1].rstrip(".") if match else ""


def _unready(handle: NetworkHandle) -> Iterator[Obstacle]:
    if handle.state.phase != "ready":
        yield Obstacle(
            "building",
            Text("网络尚未建完。", "The network is not finished."),
            Text("请先运行 citychain network up。", "Run citychain network up first."),
        )
    if pending_renewals(handle.directory):
        yield Obstacle(
            "renewal",
            Text("有证书正在更换。", "Certificates are being renewed."),
            Text("请先完成：citychain network up。", "Finish it first: citychain network up."),
        )
    if load_listening(handle.directory) is not None:
        yield Obstacle(
            "listening",
            Text("网络正对其他机器开放。", "The network is reachable from other machines."),
            Text(
                "请先关闭：citychain network listen --off；迁移后可再打开。",
                "Close it first: citychain network listen --off; open it again afterwards.",
            ),
        )


def still_embedded(handle: NetworkHandle, wanted: TopologySpec) -> list[NodeRef]:
    """The nodes that Fabric's own program does not run yet: all but the peers of organisations that went first."""
    real = {node.name for node in HybridRecord.load(handle.directory).real(wanted)}
    return [node for node in wanted.nodes() if node.name not in real]


def _other_release(handle: NetworkHandle, wanted: TopologySpec) -> Iterator[Obstacle]:
    for entry in HybridRecord.load(handle.directory).organizations.values():
        if wanted.runtime == "docker":
            yield Obstacle(
                "hybrid",
                Text("有机构的节点已由本机的 Fabric 程序运行。", "An organisation has real peers on this machine."),
                Text(
                    "请先让它们回到内置账本（--organization … --back），或迁移到本机程序（--to native）。",
                    "Take them back first (--organization … --back), or promote to this machine's programs"
                    " (--to native).",
                ),
            )
        elif entry.version != wanted.fabric_version:
            yield Obstacle(
                "hybrid",
                Text("有机构的节点运行 Fabric {v}。", "An organisation has real peers of Fabric {v}.", v=entry.version),
                Text("请迁移到同一版本：--fabric {v}。", "Promote to the same release: --fabric {v}.", v=entry.version),
            )


def _other_addresses(handle: NetworkHandle, channels: Mapping[str, StoredChannel]) -> Iterator[Obstacle]:
    """What went back from containers knows the nodes by their addresses again once the network is brought up."""
    known = {handle.addresses[node.name].dialled for node in handle.orderers()}
    for name, channel in channels.items():
        named = channel.orderer_addresses(newest=True)
        if not named & known:
            yield Obstacle(
                "addresses",
                Text("通道 {c} 记着节点的其他地址。", "Channel {c} knows the nodes by other addresses.", c=name),
                Text("请先运行 citychain network up。", "Run citychain network up first."),
            )


def _absent_administrators(handle: NetworkHandle, nodes: Iterable[NodeRef], runtime: Runtime) -> Iterator[Obstacle]:
    """Joining peers, installing and approving is each organisation's administrator's own; so is naming its orderers."""
    kinds = ("peer", "orderer") if runtime == "docker" else ("peer",)
    for organization in {n.organization.name: n.organization for n in nodes if n.kind in kinds}.values():
        if handle.administrator(organization.msp_id) is None or handle.authority(organization.msp_id).foreign:
            yield Obstacle(
                "administrator",
                Text(
                    "{o}的管理员不在本工作区，它的节点不能从这里迁移。",
                    "The administrator of {o} is not in this workspace: its peers cannot be moved from here.",
                    o=organization.title,
                ),
                Text(
                    "请先移除为该组织托管的节点（network grow），迁移后再加入。",
                    "Take the peers hosted for it away first (network grow), and add them again afterwards.",
                ),
            )


def _ports(node: NodeRef, address: NodeAddress) -> list[int]:
    """The ports that a node has on Fabric only; its own is the embedded ledger's at the moment."""
    ports = [address.operations_port, address.admin_port, address.chaincode_port]
    if address.contract_prefix and node.kind == "peer":
        ports += [int(f"{address.contract_prefix}{slot:02d}") for slot in range(4)]
    return [port for port in ports if port]


def _taken_ports(handle: NetworkHandle, nodes: Iterable[NodeRef]) -> Iterator[Obstacle]:
    for node in nodes:
        for port in _ports(node, handle.addresses[node.name]):
            if not port_is_free(port):
                yield Obstacle(
                    "port",
                    Text(
                        "节点 {n} 需要的端口 {p} 已被其他程序占用。",
                        "Port {p}, which node {n} needs, is used by another program.",
                        n=node.name,
                        p=port,
                    ),
                    Text("请停止该程序后重试。", "Stop that program and try again."),
                )


def _lost(channel: StoredChannel) -> Iterator[LostKey]:
    """Keys that are there now, in write sets of which a purge has taken something."""
    for one in channel.private_sets():
        if one.whole or not one.rwset:
            continue
        for write in KVRWSet.FromString(one.rwset).writes:
            held = channel.view.get_private(one.namespace, one.collection, write.key)
            if held is not None and (held.version.block, held.version.tx) == (one.block, one.transaction):
                yield LostKey(channel.channel_id, one.namespace, one.collection, write.key)
