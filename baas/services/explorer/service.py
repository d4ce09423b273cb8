"""The explorer's door: which channels are followed, and every question about them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas import roles
from baas.errors import CityChainError, Conflict, LedgerError, NotFound, Text, translate, translating
from baas.events import BlockIndexed, EventBus, FollowerChanged, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.services.explorer.autopsy import Coroner, examine_error
from baas.services.explorer.detail import detail_of
from baas.services.explorer.follower import Follower
from baas.services.explorer.model import (
    Advice,
    Autopsy,
    BlockRow,
    ContractRow,
    Hit,
    IdentityRow,
    IndexStatus,
    KeyConflict,
    KeyVersion,
    Traffic,
    TransactionDetail,
    TransactionRow,
)
from baas.services.explorer.onlooker import Onlooker
from baas.services.explorer.reader import IndexReader
from baas.services.explorer.schema import remove_index
from baas.services.explorer.source import ChainSource
from baas.services.explorer.writer import IndexWriter
from baas.session import Session
from network.lock import FileLock

if TYPE_CHECKING:
    from baas.services.chain import ChainReader
    from baas.services.explorer.people import Signer
    from baas.services.networks import NetworkService
    from baas.workspace import Workspace

_TRIES = 4
MAX_PAGE = 1_000


MOST_PEOPLE = 20_000
"""People that a directory holds at most, the busiest first."""


Advise = Callable[[str, TransactionRow, tuple[KeyConflict, ...]], Advice | None]


class ExplorerService:
    """Indexes and explains the channels of a workspace's networks."""

    def __init__(
        self,
        workspace: Workspace,
        networks: NetworkService,
        chain: ChainReader,
        session: Session,
        events: EventBus,
        advise: Advise = lambda network, row, conflicts: None,
    ) -> None:
        """`advise` says what helps against a conflict of an application's contract; None where it knows nothing."""
        self._workspace = workspace
        self._networks = networks
        self._chain = chain
        self._session = session
        self._events = events
        self._advise = advise
        self._guard = threading.RLock()
        self._followers: dict[tuple[str, str], Follower | Onlooker] = {}
        self._readers: dict[tuple[str, str], IndexReader] = {}
        self._locks: dict[tuple[str, str], FileLock] = {}
        self._coroner = Coroner(networks, chain)
        self._unsubscribe = events.subscribe(NetworkChanged, self._on_network)

    @property
    def session(self) -> Session:
        return self._session

    # -- keeping the index -------------------------------------------------------------------------
    @requires(roles.LEDGER_READ)
    def follow(self, network: str = "", channel: str = "") -> None:
        """Keep the index of a channel (all channels when none is named) at the head of the chain from now on.

        What another program indexes is looked at while it does, and followed from its end on.
        """
        network = self._networks.resolve(network)
        for name in self._channels(network, channel):
            with self._guard:
                if (network, name) in self._followers:
                    continue
                free = self._take(network, name)
                follower = self._make_follower(network, name) if free else self._make_onlooker(network, name)
                self._followers[network, name] = follower
            follower.start()

    def unfollow(self, network: str = "", channel: str = "") -> None:
        """Stop following; the index stays."""
        with self._guard:
            ending = [k for k in self._followers if network in ("", k[0]) and channel in ("", k[1])]
            followers = [self._followers.pop(key) for key in ending]
        for follower in followers:
            follower.stop()
        for key in ending:
            self._release(*key)

    @requires(roles.LEDGER_READ)
    def sync(self, network: str = "", channel: str = "", *, ctx: JobContext = NULL_CONTEXT) -> None:
        """Index everything up to the head of the chain as it is now, then return."""
        network = self._networks.resolve(network)
        for name in self._channels(network, channel):
            follower = self._followers.get((network, name))
            height = self._chain.info(network, name).height
            if follower is not None:
                if not follower.wait_for(height - 1, 60.0):
                    raise _not_caught_up(name)
                continue
            if not self._take(network, name):
                self._watch(network, name, height, ctx)
                continue
            try:
                self._catch_up(network, name, height, ctx)
            finally:
                self._release(network, name)

    @requires(roles.LEDGER_READ)
    def rebuild(self, network: str = "", channel: str = "", *, ctx: JobContext = NULL_CONTEXT) -> None:
        """Make the index anew from the blocks."""
        network = self._networks.resolve(network)
        for name in self._channels(network, channel):
            followed = (network, name) in self._followers
            self.unfollow(network, name)
            if not self._take(network, name):
                if followed:
                    self.follow(network, name)
                raise Conflict(
                    Text("另一个程序正在维护索引。", "Another program keeps the index."),
                    Text("请先关闭它。", "Close it first."),
                    code="index_in_use",
                )
            try:
                writer = IndexWriter(self._path(network, name))
                try:
                    writer.clear()
                finally:
                    writer.close()
                self._catch_up(network, name, self._chain.info(network, name).height, ctx)
            finally:
                self._release(network, name)
            if followed:
                self.follow(network, name)

    def wait_for(self, network: str, block: int, *, channel: str = "", timeout: float = 30.0) -> bool:
        """Wait until a followed channel's block `block` is indexed; say whether it is."""
        network = self._networks.resolve(network)
        follower = self._followers.get((network, self._chain.channel(network, channel)))
        return follower.wait_for(block, timeout) if follower else self.status(network)[0].indexed > block

    @requires(roles.LEDGER_READ)
    def status(self, network: str = "", channel: str = "") -> tuple[IndexStatus, ...]:
        """How far each channel's index is, beside the chain's height if a peer answers."""
        network = self._networks.resolve(network)
        found = []
        for name in self._channels(network, channel):
            indexed, transactions, invalid = self._reader(network, name).position()
            try:
                height: int | None = self._chain.info(network, name).height
            except CityChainError:
                height = None
            follower = self._followers.get((network, name))
            state = follower.state if follower else "stopped"
            found.append(IndexStatus(network, name, indexed, height, transactions, invalid, state))
        return tuple(found)

    # -- asking ------------------------------------------------------------------------------------
    @requires(roles.LEDGER_READ)
    def blocks(
        self, network: str = "", channel: str = "", before: int | None = None, limit: int = 50
    ) -> tuple[BlockRow, ...]:
        """Blocks from the newest down, those under number `before`."""
        return self._of(network, channel).blocks(before, _page(limit))

    @requires(roles.LEDGER_READ)
    def traffic(
        self, network: str = "", *, since: float, step: float, count: int, channel: str = ""
    ) -> tuple[Traffic, ...]:
        """What was written in `count` stretches of `step` seconds from `since` (seconds since the epoch) on."""
        if not 0 < count <= MAX_PAGE or step <= 0:
            raise ValueError("a traffic chart has 1 to 1,000 stretches of some length")
        return self._of(network, channel).traffic(since, step, count)

    @requires(roles.LEDGER_READ)
    def block(self, network: str, number: int, channel: str = "") -> BlockRow:
        """Block `number`; `NotFound` when it is not indexed."""
        found = self._of(network, channel).block(number)
        if found is None:
            raise NotFound(Text("没有区块 {n}。", "There is no block {n}.", n=number), code="no_block")
        return found

    @requires(roles.LEDGER_READ)
    def transactions(
        self,
        network: str = "",
        *,
        channel: str = "",
        block: int | None = None,
        contract: str = "",
        fingerprint: str = "",
        valid: bool | None = None,
        before: tuple[int, int] | None = None,
        limit: int = 50,
    ) -> tuple[TransactionRow, ...]:
        """Transactions from the newest down (those of one block in its order).

        `before` is the (block, index) of the last row of the page before; `fingerprint` is a creator's certificate.
        """
        return self._of(network, channel).transactions(
            block=block, contract=contract, fingerprint=fingerprint, valid=valid, before=before, limit=_page(limit)
        )

    @requires(roles.LEDGER_READ)
    def transaction(self, network: str, tx_id: str, channel: str = "") -> TransactionDetail:
        """A transaction with its arguments, read and write sets and endorsements, read from its block."""
        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        row = self._row(network, channel, tx_id)
        block = self._chain.block(network, channel, row.block)
        with translating():
            return detail_of(row, block.transactions[row.index])

    @requires(roles.LEDGER_READ)
    def contracts(self, network: str = "", channel: str = "") -> tuple[ContractRow, ...]:
        """Every contract that transactions have called or written to."""
        return self._of(network, channel).contracts()

    @requires(roles.LEDGER_READ)
    def identities(self, network: str = "", channel: str = "", limit: int = 200) -> tuple[IdentityRow, ...]:
        """Who has created transactions, the busiest first."""
        return self._of(network, channel).identities(_page(limit))

    @requires(roles.LEDGER_READ)
    def people(self, network: str = "", channel: str = "") -> tuple[Signer, ...]:
        """Everybody who has signed, as far as the index has followed: to choose from, by role and organisation."""
        from baas.services.explorer.people import signers

        return signers(self._of(network, channel).identities(MOST_PEOPLE))

    @requires(roles.LEDGER_READ)
    def keys(
        self,
        network: str,
        contract: str,
        *,
        prefix: str = "",
        after: str = "",
        collection: str = "",
        channel: str = "",
        limit: int = 50,
    ) -> tuple[KeyVersion, ...]:
        """Keys of a contract in order, with their latest version; the page after the key `after`."""
        return self._of(network, channel).keys(contract, collection, prefix, after, _page(limit))

    @requires(roles.LEDGER_READ)
    def history(
        self, network: str, contract: str, key: str, *, collection: str = "", channel: str = "", limit: int = 200
    ) -> tuple[KeyVersion, ...]:
        """Every valid write of a key, the newest first (for private data: hashes)."""
        return self._of(network, channel).history(contract, collection, key, _page(limit))

    @requires(roles.LEDGER_READ)
    def state_at(
        self, network: str, contract: str, key: str, block: int, *, collection: str = "", channel: str = ""
    ) -> KeyVersion | None:
        """A key as it stood after block `block`; None when it had not been written yet."""
        return self._of(network, channel).key_at(contract, collection, key, block)

    @requires(roles.LEDGER_READ)
    def search(self, network: str, text: str, *, channel: str = "", limit: int = 20) -> tuple[Hit, ...]:
        """Everything that `text` may mean: block number, id, hash, key, CID, fingerprint, name, words."""
        return self._of(network, channel).search(text, _page(limit))

    @requires(roles.LEDGER_READ)
    def autopsy(self, network: str, tx_id: str, channel: str = "") -> Autopsy:
        """Why a transaction of the ledger is valid or not: stages, conflicting keys, missing endorsements."""
        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        row = self._row(network, channel, tx_id)
        with translating():
            found = self._coroner.examine(network, channel, row, self._reader(network, channel))
        advice = self._advise(network, row, found.conflicts) if found.conflicts else None
        return found if advice is None else replace(found, advice=advice.text, ways=advice.ways)

    def autopsy_of_error(self, error: LedgerError) -> Autopsy:
        """Why a transaction never reached the ledger: the stage and the peers that refused, in words."""
        return examine_error(error)

    # -- inside ------------------------------------------------------------------------------------
    def _catch_up(self, network: str, channel: str, height: int, ctx: JobContext) -> None:
        path = self._path(network, channel)
        follower = Follower(path, ChainSource(self._chain, self._networks, network, channel), lambda _b: None, _ignore)
        ctx.step("index", Text("为通道 {c} 建立索引", "Index {c}", c=channel))
        follower.start()
        try:
            while not follower.wait_for(height - 1, 0.2):
                ctx.check_cancelled()
                ctx.progress(self._reader(network, channel).position()[0], height, "")
                if follower.state == "waiting":
                    self._chain.info(network, channel)  # raises the reason when the network does not answer
                    _raise_failure(follower)
        finally:
            follower.stop()

    def _watch(self, network: str, channel: str, height: int, ctx: JobContext) -> None:
        """Wait until the program that keeps the index has come to `height`, or do it when that program has ended."""
        until = time.monotonic() + 60.0
        while self._reader(network, channel).position()[0] < height:
            ctx.check_cancelled()
            if self._take(network, channel):
                try:
                    self._catch_up(network, channel, height, ctx)
                finally:
                    self._release(network, channel)
                return
            if time.monotonic() > until:
                raise _not_caught_up(channel)
            time.sleep(0.05)

    def _make_follower(self, network: str, channel: str) -> Follower:
        def on_blocks(blocks: list[Any]) -> None:
            for block in blocks:
                invalid = sum(1 for t in block.transactions if not t.valid)
                self._events.publish(BlockIndexed(network, channel, block.number, len(block.transactions), invalid))

        def on_state(state: str) -> None:
            self._events.publish(FollowerChanged(network, channel, state))

        source = ChainSource(self._chain, self._networks, network, channel)
        return Follower(self._path(network, channel), source, on_blocks, on_state)

    def _make_onlooker(self, network: str, channel: str) -> Onlooker:
        def on_moved(newest: int) -> None:
            row = self._reader(network, channel).block(newest)
            if row is not None:
                self._events.publish(BlockIndexed(network, channel, newest, row.transactions, row.invalid))

        return Onlooker(
            self._path(network, channel),
            lambda: self._reader(network, channel).position()[0],
            lambda: self._take(network, channel),
            lambda: self._make_follower(network, channel),
            on_moved,
        )

    def _on_network(self, event: NetworkChanged) -> None:
        if event.what == "removing":
            self.unfollow(event.network)
        elif event.what == "destroyed":
            with self._guard:
                for key in [k for k in self._readers if k[0] == event.network]:
                    self._readers.pop(key).close()
            for path in self._workspace.path("index").glob(f"{event.network}~*.db"):
                remove_index(path)

    def _of(self, network: str, channel: str) -> IndexReader:
        network = self._networks.resolve(network)
        return self._reader(network, self._chain.channel(network, channel))

    def _row(self, network: str, channel: str, tx_id: str) -> TransactionRow:
        row = self._reader(network, channel).transaction(tx_id.strip().lower())
        if row is None:
            raise NotFound(
                Text("账本上没有交易 {t}。", "There is no transaction {t} on the ledger.", t=tx_id[:80]),
                Text(
                    "它可能在背书时就被拒绝，或者索引还没有跟上。",
                    "It may have been refused at endorsement, or the index has not caught up yet.",
                ),
                code="no_transaction",
            )
        return row

    def _channels(self, network: str, channel: str) -> tuple[str, ...]:
        if channel:
            return (self._chain.channel(network, channel),)
        return tuple(c.name for c in self._networks.spec(network).channels)

    def _reader(self, network: str, channel: str) -> IndexReader:
        with self._guard:
            found = self._readers.get((network, channel))
            if found is None:
                found = self._readers[network, channel] = IndexReader(self._path(network, channel), channel)
            return found

    def _path(self, network: str, channel: str) -> Path:
        # "~" is in no network's and no channel's name.
        return self._workspace.path("index", f"{network}~{channel}.db")

    def _take(self, network: str, channel: str) -> bool:
        """Become the one program that writes this index; False when another one is."""
        path = self._path(network, channel)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(path.with_suffix(".lock"))
        try:
            lock.acquire()
        except Conflict:
            return False
        self._locks[network, channel] = lock
        return True

    def _release(self, network: str, channel: str) -> None:
        lock = self._locks.pop((network, channel), None)
        if lock is not None:
            lock.release()

    def close(self) -> None:
        """Stop every follower and close every index."""
        self._unsubscribe()
        self.unfollow()
        with self._guard:
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()


def _raise_failure(follower: Follower) -> None:
    """Raise what waiting does not mend: a full disk at once, anything else when it comes again and again."""
    failure, failures = follower.failure, follower.failures
    if failure is None:
        return
    translated = translate(failure)
    if failures >= _TRIES or translated.code in {"disk_full", "not_writable", "storage_damaged", "system_refused"}:
        raise translated from failure


def _ignore(_state: str) -> None:
    return None


def _page(limit: int) -> int:
    return max(1, min(limit, MAX_PAGE))


def _not_caught_up(channel: str) -> CityChainError:
    from baas.errors import DeadlineExceeded

    return DeadlineExceeded(
        Text("通道 {c} 的索引没有及时跟上。", "The index of {c} did not catch up in time.", c=channel),
        Text("请稍后重试。", "Try again in a moment."),
    )
