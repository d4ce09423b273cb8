"""Making a branch: blocks from a peer of the origin, authorities of its own, its node, people, contracts.

Nothing is written to the origin; one of its peers is asked for blocks, as somebody who may read them. Until a branch is
ready its folder holds no network and is thrown away by whoever comes next.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from fabric_protos.common.common_pb2 import Block

from fabric_sdk import clock
from fabric_sdk.admin.channels import Channels
from fabric_sdk.admin.peer import PeerConnection
from fabric_sdk.errors import FabricError
from fabric_sdk.gateway import BlockWithPrivateData, connect
from fabric_sdk.identity import SigningIdentity
from network import plan
from network.branching.beginning import begin
from network.branching.committer import Committer, Otherwise, PrivateData, private_set
from network.branching.contracts import Supply, provide
from network.branching.people import copy_people, make_authorities
from network.branching.record import FILE_NAME, BranchRecord
from network.branching.topology import branch_topology
from network.drivers.base import Progress
from network.drivers.embedded import EmbeddedDriver
from network.errors import Conflict, Unavailable, UserError
from network.groundwork import GROUNDWORK_KINDS, apply_groundwork, genesis_path
from network.handle import NetworkHandle
from network.plan import NetworkState
from network.promotion.stored import ledger_file
from network.text import Text
from network.topology import NodeRef, TopologySpec
from network.vault import KeyVault, write_public

Told = Callable[[str, Text], None]


@dataclass(frozen=True)
class Branched:
    """A branch as it was made. `first_own` is its first own block; `without` are contracts that nothing here can run.

    `seconds` is how long taking the origin's blocks took, `rate` transactions a second of that.
    """

    record: BranchRecord
    spec: TopologySpec
    first_own: int
    people: tuple[str, ...]
    contracts: tuple[str, ...]
    without: tuple[str, ...]
    otherwise: tuple[Otherwise, ...]
    seconds: float

    @property
    def rate(self) -> float:
        """Transactions of the origin that were judged and written a second."""
        return self.record.transactions / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Source:
    """Whom a branch is taken from: a peer of the origin, asked as `reader`."""

    handle: NetworkHandle
    channel: str
    peer: NodeRef
    reader: SigningIdentity

    def height(self) -> int:
        """How many blocks the peer has; `Unavailable` where it does not answer."""
        try:
            with PeerConnection(self.handle.node_endpoint(self.peer), self.reader) as peer:
                return Channels(peer).info(self.channel).height
        except FabricError as e:
            raise self._away(e) from e

    def blocks(self, last: int, *, private: bool) -> Iterator[tuple[Block, PrivateData]]:
        """Blocks 0 to `last`; with the private data that the peer gives the reader, where they are asked for."""
        try:
            with ExitStack() as stack:
                gateway = stack.enter_context(connect(self.handle.node_endpoint(self.peer), self.reader))
                network = gateway.get_network(self.channel)
                if private:
                    both = stack.enter_context(network.block_and_private_data_events(start_block=0))
                    for number, found in zip(range(last + 1), both, strict=False):
                        del number
                        yield found.block, _by_place(found)
                else:
                    events = stack.enter_context(network.block_events(start_block=0))
                    for number, block in zip(range(last + 1), events, strict=False):
                        del number
                        yield block, {}
        except FabricError as e:
            raise self._away(e) from e

    def _away(self, error: FabricError) -> Unavailable:
        return Unavailable(
            Text("节点 {p} 没有给出区块：{e}", "{p} gives no blocks: {e}", p=self.peer.name, e=str(error)),
            Text("请确认网络在运行，且当前身份可以读取账本。", "See that the network runs and that you may read it."),
            code="branch_source",
        )


def _by_place(found: BlockWithPrivateData) -> PrivateData:
    return {
        position: {(one.namespace, one.collection): private_set(one) for one in sets}
        for position, sets in found.private_data.items()
    }


class Branching:
    """Makes the branch in `directory`, with keys in `vault`."""

    def __init__(self, directory: Path, vault: KeyVault, ctx: Progress, told: Told = lambda _id, _title: None) -> None:
        self._directory = directory
        self._vault = vault
        self._ctx = ctx
        self._told = told

    def make(
        self,
        name: str,
        source: Source,
        supply: Supply,
        *,
        last: int | None = None,
        private: bool = False,
        on_ready: Callable[[TopologySpec], None] = lambda _spec: None,
    ) -> Branched:
        """Branch off after block `last` (the newest when None), with the reader's organisation's private data or none.

        `supply` says what runs a contract here. `Conflict` where the folder holds a network already; `ForeignBlock`
        where a block does not hold. What was begun is thrown away then.
        """
        with plan.locked(self._directory, self._ctx):
            if NetworkState.load(self._directory).wanted is not None:
                raise Conflict(
                    Text("网络“{n}”已经存在。", "There is a network {n} already.", n=name),
                    Text("请用 --name 换一个名字，或先删除它。", "Choose another --name, or destroy it first."),
                    code="name_taken",
                )
            self._clear(name)
            record = BranchRecord("making", source.handle.name, source.channel, made=clock.seconds())
            record.save(self._directory)
            try:
                made = self._make(name, source, supply, record, last, private)
            except BaseException:
                EmbeddedDriver(self._directory, self._vault).stop()
                self._clear(name)
                raise
            on_ready(made.spec)
            return made

    def _clear(self, name: str) -> None:
        """Throw away what an interrupted branch left: files that are in no network's folder, and their keys."""
        for place in list(self._directory.iterdir()):
            if place.name in (plan.LOCK_NAME, "vault"):
                continue
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink()
        for key in [k for k in self._vault.names() if k.startswith(f"{name}/")]:
            self._vault.remove(key)

    def _make(
        self,
        name: str,
        source: Source,
        supply: Supply,
        record: BranchRecord,
        last: int | None,
        private: bool,
    ) -> Branched:
        height = source.height()
        last = height - 1 if last is None else last
        if not 0 <= last < height:
            raise UserError(
                Text("没有区块 {n}，最新的是 {m}。", "There is no block {n}; the newest is {m}.", n=last, m=height - 1),
                code="no_block",
            )
        self._told("blocks", Text("取得区块 0 到 {n}", "Take blocks 0 to {n}", n=last))
        channel_folder = ledger_file(self._directory, source.channel).parent
        started = time.monotonic()
        blocks = source.blocks(last, private=private)
        genesis, _ = next(blocks)
        known = genesis_path(source.handle.directory, source.channel)
        if known.exists() and Block.FromString(known.read_bytes()).header != genesis.header:
            raise UserError(
                Text("节点给出的创世块不是这个网络的。", "The peer's genesis block is not this network's."),
                code="branch_block",
            )
        write_public(genesis_path(self._directory, source.channel), genesis.SerializeToString())
        with Committer(channel_folder, genesis) as committer:
            for block, data in blocks:
                self._ctx.check_cancelled()
                committer.take(block, data)
                if block.header.number % 50 == 0:
                    title = Text("取得并判定区块", "Take and judge the blocks")
                    self._ctx.progress(block.header.number, last + 1, title)
            if committer.view.height != last + 1:
                raise Unavailable(Text("节点没有给出全部区块。", "The peer did not give all blocks."))
            seconds = time.monotonic() - started
            taken = committer.taken
            record = replace(
                record,
                last_block=last,
                block_hash=committer.last_hash.hex(),
                commit_hash=committer.commit_hash.hex(),
                transactions=taken.transactions,
                private_of=source.reader.msp_id if private else "",
                private_sets=taken.private_sets,
                otherwise=len(taken.otherwise),
            )
            self._told("authorities", Text("建立分支自己的证书机构", "Make the branch's own authorities"))
            spec = branch_topology(name, source.handle.spec, source.channel, committer.config, last)
            handle = self._groundwork(spec, committer)
            self._told("begin", Text("写入分支的起始区块", "Write the branch's first blocks"))
            first = begin(committer, handle)
        record.save(self._directory)
        NetworkState("building", spec, spec).save(self._directory)
        try:
            self._told("start", Text("启动分支", "Start the branch"))
            driver = EmbeddedDriver(self._directory, self._vault)
            plan.run_within(driver, spec, self._directory, self._ctx)
            people = copy_people(source.handle, handle)
            self._told("contracts", Text("为各机构批准合约", "Have the organisations approve the contracts"))
            ran, without = provide(handle, driver, source.channel, supply, self._ctx)
        except BaseException:
            (self._directory / plan.FILE_NAME).unlink(missing_ok=True)
            raise
        record = replace(record, phase="ready")
        record.save(self._directory)
        return Branched(record, spec, first, people, ran, without, tuple(taken.otherwise), seconds)

    def _groundwork(self, spec: TopologySpec, committer: Committer) -> NetworkHandle:
        make_authorities(self._directory, spec, self._vault, committer.config)
        driver = EmbeddedDriver(self._directory, self._vault)
        for step in driver.plan(spec, NetworkState()):
            if step.kind in GROUNDWORK_KINDS:
                apply_groundwork(self._directory, spec, self._vault, step, self._ctx)
        return NetworkHandle(self._directory, self._vault, spec=spec)


def unfinished(directory: Path) -> bool:
    """Whether a folder holds a branch that was begun and never became ready."""
    record = BranchRecord.load(directory) if (directory / FILE_NAME).exists() else None
    return record is not None and record.phase == "making"
