"""The promotion itself: the same nodes, names, certificates, addresses and chains, run by Fabric's own programs, as
processes of this machine or in containers (`target`).

What happens, in this order:
1. The embedded ledger is stopped and checked against its blocks.
2. Orderers get their chains, peers the private data that they hold; real peers replay every block apart from all
   clients, and are compared block by block.
3. **The move**: `state.json` says native or docker. Until here everything can be thrown away, and is by whoever
   comes next.
4. The nodes start at their own addresses by their driver's own steps.
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
from network.embedded.check import check_state
from network.errors import Conflict, UserError
from network.handle import NetworkHandle
from network.hybrid.record import FILE_NAME as HYBRID
from network.native.nodes import in_parallel
from network.native.operations import heights_of, metrics
from network.plan import NetworkState
from network.promotion.checks import make_plan, still_embedded, target_spec
from network.promotion.comparison import Differs
from network.promotion.contracts import approve, contracts_in_force, install, prepare
from network.promotion.judge import replay_on, stored_channels
from network.promotion.record import KEPT, WORK, PromotionRecord, recover
from network.promotion.replay import ReplayPeers
from network.promotion.stored import StoredChannel
from network.promotion.target import Target, target_of
from network.text import Text
from network.topology import NodeRef, Runtime, TopologySpec
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

    def run(self, version: str = "", runtime: Runtime = "native") -> Promoted:
        """Promote, or finish what an earlier run began. `version` is a Fabric release, the topology's when empty;
        `runtime` is what runs the nodes from now on, `native` or `docker`.

        UserError names the first obstacle, `Differs` the first block where Fabric disagrees: then the embedded network
        is as it was (and started again, if it ran).
        """
        with plan.locked(self._directory, self._ctx):
            record = PromotionRecord.load(self._directory)
            if record is None or self._spec().runtime == "embedded":
                recover(self._directory)
                record = self._move(version, runtime)
            return self._finish(record)

    def go_back(self) -> None:
        """Return to the embedded ledger; `Conflict` once Fabric has a block that it does not have."""
        with plan.locked(self._directory, self._ctx):
            record, spec = PromotionRecord.load(self._directory), self._spec()
            if record is None or spec.runtime == "embedded":
                recover(self._directory)
                return
            self._told("back", Text("回到内置账本", "Go back to the embedded ledger"))
            target = self._target(spec.runtime)
            target.driver.stop()
            if any(self._grown(record, target)) or not self._embedded_kept():
                target.driver.start()
                raise Conflict(
                    Text(
                        "Fabric 上已有新的区块，回到内置账本会丢失它们。",
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
            target.again(before, self._ctx)

    # Before the move

    def _move(self, version: str, runtime: Runtime) -> PromotionRecord:
        spec = self._spec()
        wanted, target = target_spec(spec, version, runtime), self._target(runtime)
        handle = NetworkHandle(self._directory, self._vault)
        embedded = EmbeddedDriver(self._directory, self._vault)
        names = [channel.name for channel in spec.channels]
        self._told("check", Text("检查能否迁移", "Check whether it can be moved"))
        with stored_channels(self._directory, names) as channels:
            found = make_plan(handle, target.driver, wanted, channels)
        if found.obstacles:
            first = found.obstacles[0]
            raise UserError(first.text, first.hint, code=f"promotion_{first.code}")
        ran = embedded.status().state != "stopped"
        try:
            PromotionRecord("moving", wanted.fabric_version, {}, runtime=runtime).save(self._directory)
            target.begin(handle, wanted, self._ctx)
            self._told("stop", Text("停止内置账本", "Stop the embedded ledger"))
            embedded.stop()
            with stored_channels(self._directory, names) as channels:
                record = self._made(handle, target, wanted, channels)
            self._told("move", Text("交给 Fabric", "Hand over to Fabric"))
            record = replace(record, phase="moved")
            record.save(self._directory)
            NetworkState("building", wanted, wanted).save(self._directory)
        except BaseException:
            if self._spec().runtime == "embedded":
                recover(self._directory)
                if ran:
                    target.again(spec, self._ctx)
                else:
                    embedded.stop()
            raise
        return record

    def _made(
        self, handle: NetworkHandle, target: Target, wanted: TopologySpec, channels: dict[str, StoredChannel]
    ) -> PromotionRecord:
        """Make all files of the real nodes beside the embedded ledger, which is only read."""
        heights = {name: channel.height for name, channel in channels.items()}
        record = PromotionRecord("moving", wanted.fabric_version, heights, runtime=wanted.runtime)
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
        chains = target.write_chains(wanted, channels, self._ctx.check_cancelled)
        contracts = contracts_in_force(handle, channels)
        services = prepare(handle, target.driver, contracts)
        record = replace(record, chains=chains, contracts=services)
        record.save(self._directory)
        self._told("replay", Text("真实节点重放并对照", "Replay on real peers and compare"))
        peers = [node for node in still_embedded(handle, wanted) if node.kind == "peer"]

        def installing(running: ReplayPeers) -> None:
            self._told("install", Text("在真实节点上安装合约", "Install the contracts on real peers"))
            install(handle, target.driver, running, contracts, self._ctx)

        judgement = replay_on(
            NetworkHandle(self._directory, self._vault, spec=wanted),
            target.runs(wanted.fabric_version),
            peers,
            channels,
            self._directory / WORK,
            target.data(peers),
            self._ctx,
            meanwhile=installing,
            verified=True,
        )
        if judgement.difference is not None:
            raise Differs(judgement.difference)
        shutil.rmtree(self._directory / WORK, ignore_errors=True)
        return replace(record, replay_seconds=round(judgement.seconds, 2))

    # After the move

    def _finish(self, record: PromotionRecord) -> Promoted:
        kept = self._directory / KEPT / "embedded"
        if (self._directory / "embedded").exists():
            kept.parent.mkdir(exist_ok=True)
            replace_file(self._directory / "embedded", kept)
        spec = self._spec()
        driver = self._target(spec.runtime).driver
        self._told("start", Text("启动 Fabric 节点", "Start Fabric's nodes"))
        plan.run_within(driver, spec, self._directory, self._ctx)
        handle = NetworkHandle(self._directory, self._vault)
        if record.phase != "done":
            self._told("serve", Text("启动合约服务", "Start the contracts' servers"))
            for service in record.contracts:
                driver.serve_contract(service, self._ctx)
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

    def _target(self, runtime: Runtime) -> Target:
        return target_of(runtime, self._directory, self._vault)

    def _grown(self, record: PromotionRecord, target: Target) -> list[str]:
        """Orderers that have written a block since the move."""
        return [
            node.name
            for node in self._spec().orderers()
            for channel, size in record.chains.get(node.name, {}).items()
            if target.chain_bytes(node, channel) != size
        ]

    def _embedded_kept(self) -> bool:
        return any((self._directory / place).exists() for place in ("embedded", f"{KEPT}/embedded"))

    def _spec(self) -> TopologySpec:
        state = NetworkState.load(self._directory)
        spec = state.reached or state.wanted
        if spec is None:
            raise UserError(Text("{d} 中没有网络。", "There is no network in {d}.", d=str(self._directory)))
        return spec
