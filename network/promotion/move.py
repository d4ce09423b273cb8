"""The promotion itself: the same nodes, names, certificates, addresses and chains, run by Fabric's own programs.

What happens, in this order:
1. The embedded ledger is stopped and checked against its blocks.
2. Orderers get their chains, peers the private data that they hold; real peers replay every block apart from all
   clients, and are compared block by block.
3. **The move**: `state.json` says native. Until here everything can be thrown away, and is by whoever comes next.
4. The nodes start at their own addresses by the native driver's own steps.
5. Every organisation approves its contracts' new packages: the first blocks that the embedded ledger does not have.
Before step 5 has written a block, `go_back` returns to the embedded ledger without losing anything.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from fabric_sdk.files import replace_file
from network import plan
from network.drivers.base import Progress
from network.drivers.embedded import EmbeddedDriver
from network.drivers.native import NativeDriver
from network.embedded.check import check_state
from network.errors import Conflict, UserError
from network.handle import NetworkHandle
from network.hybrid.record import FILE_NAME as HYBRID
from network.native.configs import NodeFolders
from network.native.nodes import in_parallel
from network.native.operations import heights_of, metrics
from network.native.programs import require_programs
from network.plan import NetworkState
from network.promotion.block_files import chain_bytes, copy_chain, write_chain
from network.promotion.checks import make_plan, still_embedded, target_spec
from network.promotion.comparison import Differs
from network.promotion.contracts import approve, contracts_in_force, install, prepare
from network.promotion.judge import replay_on, stored_channels
from network.promotion.record import KEPT, WORK, PromotionRecord, recover
from network.promotion.replay import ReplayPeers
from network.promotion.stored import StoredChannel
from network.text import Text
from network.topology import NodeRef, TopologySpec
from network.vault import KeyVault

Told = Callable[[str, Text], None]
"""Is told each step: its name and its title."""


@dataclass(frozen=True)
class Promoted:
    """What a promotion did: blocks by channel, and how long the peers replayed them, in seconds."""

    heights: dict[str, int]
    replay_seconds: float


class Promotion:
    """The promotion of the embedded network in `directory` to Fabric's own programs."""

    def __init__(self, directory: Path, vault: KeyVault, ctx: Progress, told: Told = lambda _id, _title: None) -> None:
        self._directory = directory
        self._vault = vault
        self._ctx = ctx
        self._told = told
        self._native = NativeDriver(directory, vault)

    def run(self, version: str = "") -> Promoted:
        """Promote, or finish what an earlier run began. `version` is a Fabric release, the topology's when empty.

        UserError names the first obstacle, `Differs` the first block where Fabric disagrees: then the embedded network
        is as it was (and started again, if it ran).
        """
        with plan.locked(self._directory, self._ctx):
            record = PromotionRecord.load(self._directory)
            if record is None or self._spec().runtime == "embedded":
                recover(self._directory)
                record = self._move(version)
            return self._finish(record)

    def go_back(self) -> None:
        """Return to the embedded ledger; `Conflict` once Fabric has a block that it does not have."""
        with plan.locked(self._directory, self._ctx):
            record, spec = PromotionRecord.load(self._directory), self._spec()
            if record is None or spec.runtime == "embedded":
                recover(self._directory)
                return
            self._told("back", Text("回到嵌入式账本", "Go back to the embedded ledger"))
            self._native.stop()
            if any(self._grown(record)) or not self._embedded_kept():
                self._native.start()
                raise Conflict(
                    Text(
                        "Fabric 上已有新的区块，回到嵌入式账本会丢失它们。",
                        "There are new blocks on Fabric; going back to the embedded ledger would lose them.",
                    ),
                    code="new_blocks",
                )
            kept = self._directory / KEPT / "embedded"
            if kept.exists():
                replace_file(kept, self._directory / "embedded")
            before = spec.with_(runtime="embedded")
            NetworkState("ready", before, before).save(self._directory)
            recover(self._directory)
            EmbeddedDriver(self._directory, self._vault).start()

    # Before the move

    def _move(self, version: str) -> PromotionRecord:
        spec = self._spec()
        wanted = target_spec(spec, version)
        handle = NetworkHandle(self._directory, self._vault)
        embedded = EmbeddedDriver(self._directory, self._vault)
        names = [channel.name for channel in spec.channels]
        self._told("check", Text("检查能否迁移", "Check whether it can be moved"))
        with stored_channels(self._directory, names) as channels:
            found = make_plan(handle, self._native, wanted, channels)
        if found.obstacles:
            first = found.obstacles[0]
            raise UserError(first.text, first.hint, code=f"promotion_{first.code}")
        ran = embedded.status().state != "stopped"
        try:
            self._told("stop", Text("停止嵌入式账本", "Stop the embedded ledger"))
            embedded.stop()
            with stored_channels(self._directory, names) as channels:
                record = self._made(handle, wanted, channels)
            self._told("move", Text("交给 Fabric", "Hand over to Fabric"))
            record = replace(record, phase="moved")
            record.save(self._directory)
            NetworkState("building", wanted, wanted).save(self._directory)
        except BaseException:
            if self._spec().runtime == "embedded":
                recover(self._directory)
                if ran:
                    EmbeddedDriver(self._directory, self._vault).start()
            raise
        return record

    def _made(self, handle: NetworkHandle, wanted: TopologySpec, channels: dict[str, StoredChannel]) -> PromotionRecord:
        """Make all files of the native nodes beside the embedded ledger, which is only read."""
        heights = {name: channel.height for name, channel in channels.items()}
        record = PromotionRecord("moving", wanted.fabric_version, heights)
        record.save(self._directory)
        self._told("verify", Text("对照区块校验账本", "Check the ledger against its blocks"))
        for name in channels:
            self._ctx.check_cancelled()
            for damage in check_state(self._directory, name):
                raise UserError(
                    Text("账本已损坏：{d}", "The ledger is damaged: {d}", d=str(damage)),
                    Text("请先从备份恢复。", "Restore it from a backup first."),
                    code="ledger_damaged",
                )
        self._told("chains", Text("为排序节点写入区块", "Write the blocks for the orderers"))
        chains = self._write_chains(wanted, channels)
        contracts = contracts_in_force(handle, channels)
        services = prepare(handle, self._native, contracts)
        record = replace(record, chains=chains, contracts=services)
        record.save(self._directory)
        self._told("replay", Text("真实节点重放并对照", "Replay on real peers and compare"))
        peers = [node for node in still_embedded(handle, wanted) if node.kind == "peer"]
        data = {node.name: NodeFolders.of(self._directory, node).data for node in peers}

        def installing(running: ReplayPeers) -> None:
            self._told("install", Text("在真实节点上安装合约", "Install the contracts on real peers"))
            install(handle, self._native, running, contracts, self._ctx)

        judgement = replay_on(
            NetworkHandle(self._directory, self._vault, spec=wanted),
            require_programs(wanted.fabric_version),
            peers,
            channels,
            self._directory / WORK,
            data,
            self._ctx,
            meanwhile=installing,
            verified=True,
        )
        if judgement.difference is not None:
            raise Differs(judgement.difference)
        shutil.rmtree(self._directory / WORK, ignore_errors=True)
        return replace(record, replay_seconds=round(judgement.seconds, 2))

    def _write_chains(self, wanted: TopologySpec, channels: dict[str, StoredChannel]) -> dict[str, dict[str, int]]:
        chains: dict[str, dict[str, int]] = {}
        first: Path | None = None
        for node in wanted.orderers():
            data = NodeFolders.of(self._directory, node).data
            for name, channel in channels.items():
                self._ctx.check_cancelled()
                if first is None:
                    write_chain(channel, data)
                else:
                    copy_chain(first, data, name)
            first = first or data
            chains[node.name] = {name: chain_bytes(data, name) for name in channels}
        return chains

    # After the move

    def _finish(self, record: PromotionRecord) -> Promoted:
        kept = self._directory / KEPT / "embedded"
        if (self._directory / "embedded").exists():
            kept.parent.mkdir(exist_ok=True)
            replace_file(self._directory / "embedded", kept)
        spec = self._spec()
        self._told("start", Text("启动 Fabric 节点", "Start Fabric's nodes"))
        plan.run_within(self._native, spec, self._directory, self._ctx)
        handle = NetworkHandle(self._directory, self._vault)
        if record.phase != "done":
            self._told("serve", Text("启动合约服务", "Start the contracts' servers"))
            for service in record.contracts:
                self._native.serve_contract(service, self._ctx)
            self._check_heights(handle, record)
            self._told("approve", Text("各机构批准新的合约包", "Every organisation approves the new packages"))
            approve(handle, record.contracts, self._ctx)
            record = replace(record, phase="done")
            record.save(self._directory)
            (self._directory / HYBRID).unlink(missing_ok=True)
        return Promoted(dict(record.heights), record.replay_seconds)

    def _check_heights(self, handle: NetworkHandle, record: PromotionRecord) -> None:
        """Every real node has at least the blocks that the embedded ledger had."""

        def look(node: NodeRef) -> None:
            address = handle.addresses[node.name]
            found = heights_of(metrics(address.operations_host, address.operations_port))
            for channel, wanted in record.heights.items():
                if channel in found and found[channel] < wanted:
                    raise Conflict(
                        Text(
                            "节点 {n} 的通道 {c} 只有 {f} 个区块，应有 {h} 个。",
                            "{n} has {f} blocks of {c} instead of {h}.",
                            n=node.name,
                            c=channel,
                            f=found[channel],
                            h=wanted,
                        )
                    )

        in_parallel(look, list(handle.spec.peers()))

    def _grown(self, record: PromotionRecord) -> list[str]:
        """Orderers that have written a block since the move."""
        return [
            node.name
            for node in self._spec().orderers()
            for channel, size in record.chains.get(node.name, {}).items()
            if chain_bytes(NodeFolders.of(self._directory, node).data, channel) != size
        ]

    def _embedded_kept(self) -> bool:
        return any((self._directory / place).exists() for place in ("embedded", f"{KEPT}/embedded"))

    def _spec(self) -> TopologySpec:
        state = NetworkState.load(self._directory)
        spec = state.reached or state.wanted
        if spec is None:
            raise UserError(Text("{d} 中没有网络。", "There is no network in {d}.", d=str(self._directory)))
        return spec
