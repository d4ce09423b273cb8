"""Whether Fabric itself comes to the same ledger: real peers replay an embedded network's chains and are compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fabric_protos.common.common_pb2 import Block

from fabric_sdk.identity import load_msp_folder
from network.branching.committer import Committer, Otherwise
from network.drivers.base import Progress
from network.errors import NotFound
from network.handle import NetworkHandle
from network.native.programs import FabricPrograms
from network.promotion.comparison import Difference, compare
from network.promotion.private_data import write_transient
from network.promotion.processes import Processes
from network.promotion.replay import ReplayPeers, Runs, forget
from network.promotion.stored import StoredChannel, ledger_file
from network.text import Text
from network.topology import NodeRef


@dataclass(frozen=True)
class Judged:
    """One channel on one real peer: `blocks` and `transactions` compared, private write sets handed over (`private`),
    sets that a purge had trimmed before and that are therefore gone (`broken`), and the first difference or None."""

    channel: str
    peer: str
    blocks: int
    transactions: int
    private: int
    broken: int
    difference: Difference | None


@dataclass(frozen=True)
class Judgement:
    """All of them; `seconds` is how long the peers took to replay, `version` the Fabric release.

    `own_seconds` is how long the embedded ledger took to judge and write the same blocks anew, after the peers, and
    `otherwise` what it then judges otherwise than it did; 0 and () where it was not asked to.
    """

    version: str
    seconds: float
    judged: tuple[Judged, ...]
    own_seconds: float = 0.0
    otherwise: tuple[Otherwise, ...] = ()

    @property
    def difference(self) -> Difference | None:
        """The first difference, None where Fabric agrees."""
        return next((one.difference for one in self.judged if one.difference is not None), None)

    @property
    def rate(self) -> float:
        """Transactions a second, counted once however many peers replayed them at the same time."""
        return self._count / self.seconds if self.seconds else 0.0

    @property
    def own_rate(self) -> float:
        """Transactions a second that the embedded ledger itself replays; 0.0 where it was not asked to."""
        return self._count / self.own_seconds if self.own_seconds else 0.0

    @property
    def _count(self) -> int:
        return sum({one.channel: one.transactions for one in self.judged}.values())


@contextmanager
def stored_channels(directory: Path, names: Sequence[str]) -> Iterator[dict[str, StoredChannel]]:
    """The channels of an embedded network as they are now; NotFound for one that has no ledger here."""
    with ExitStack() as stack:
        found: dict[str, StoredChannel] = {}
        for name in names:
            try:
                found[name] = stack.enter_context(StoredChannel(ledger_file(directory, name), name))
            except FileNotFoundError as e:
                raise NotFound(
                    Text("通道 {c} 在本机没有内置账本。", "Channel {c} has no embedded ledger here.", c=name)
                ) from e
        yield found


def replay_on(
    handle: NetworkHandle,
    runs: Runs,
    peers: Sequence[NodeRef],
    channels: Mapping[str, StoredChannel],
    work: Path,
    data: Mapping[str, Path],
    ctx: Progress,
    *,
    meanwhile: Callable[[ReplayPeers], None] | None = None,
    verified: bool = False,
) -> Judgement:
    """Let real peers replay channels into their folders `data` and compare them with what is stored.

    Each peer replays the channels of which its organisation is a member. `meanwhile` is called with the peers when they
    have all blocks and still run. `verified`: see `compare`. Nothing runs any more when this returns or raises.
    """
    of_peer = {p.name: [n for n in channels if p in handle.channel_peers(n)] for p in peers}
    identities = {p.name: identity_of(handle, p) for p in peers}
    shares = {
        p.name: write_transient([channels[n] for n in of_peer[p.name]], data[p.name], identities[p.name]) for p in peers
    }
    heights = {name: channel.height for name, channel in channels.items()}
    orderers = frozenset().union(*(channel.orderer_addresses() for channel in channels.values()))
    judged: list[Judged] = []
    with (
        ReplayPeers(handle, runs, peers, work, data, installs=meanwhile is not None) as running,
        running.source(heights),
    ):
        running.start(orderers, ctx)
        for name in channels:
            running.join(name)
        replayed, stopped = running.run(heights, ctx)
        for peer in peers:
            for name in of_peer[peer.name]:
                share, channel = shares[peer.name][name], channels[name]
                difference = stopped if stopped is not None and stopped.peer == peer.name else None
                if stopped is None:
                    difference = _compared(running, handle, peer, channel, identities[peer.name], ctx, verified)
                judged.append(
                    Judged(
                        name,
                        peer.name,
                        channel.height,
                        transactions(channel),
                        share.given,
                        len(share.broken),
                        difference,
                    )
                )
        if meanwhile is not None and not any(one.difference for one in judged):
            meanwhile(running)
    return Judgement(runs.version, replayed.seconds, tuple(judged))


def judge(
    handle: NetworkHandle,
    programs: FabricPrograms,
    peers: Sequence[NodeRef],
    names: Sequence[str],
    work: Path,
    ctx: Progress,
) -> Judgement:
    """Replay channels on throw-away peers in the folder `work`, which is removed; the network may run meanwhile."""
    data = {peer.name: work / "data" / peer.name for peer in peers}
    try:
        with stored_channels(handle.directory, names) as channels:
            found = replay_on(handle, Processes(programs), peers, channels, work, data, ctx)
            if found.difference is not None:
                return found
            seconds, otherwise = _replay_here(channels, work / "own", ctx)
            return replace(found, own_seconds=seconds, otherwise=otherwise)
    finally:
        forget(work)


def _replay_here(
    channels: Mapping[str, StoredChannel], work: Path, ctx: Progress
) -> tuple[float, tuple[Otherwise, ...]]:
    """Let the embedded ledger judge the blocks anew, signatures and all, into throw-away files."""
    otherwise: list[Otherwise] = []
    started = time.monotonic()
    for name, channel in channels.items():
        with Committer(work / name, Block.FromString(channel.body(0))) as committer:
            for number in range(1, channel.height):
                ctx.check_cancelled()
                committer.take(Block.FromString(channel.body(number)))
                if number % 50 == 0:
                    ctx.progress(number, channel.height, Text("内置账本重放区块", "The embedded ledger replays"))
            otherwise += committer.taken.otherwise
    return time.monotonic() - started, tuple(otherwise)


def transactions(channel: StoredChannel) -> int:
    """How many transactions a channel has, the first occurrence of each id."""
    row = next(channel.view.query("SELECT count(*) FROM transactions", ()))
    return int(str(row[0]))


def identity_of(handle: NetworkHandle, peer: NodeRef) -> bytes:
    """A peer's identity as collections decide by it."""
    ca = handle.authority(peer.organization.msp_id)
    return load_msp_folder(ca.nodes.directory(peer) / "msp", peer.organization.msp_id).creator


def _compared(
    running: ReplayPeers,
    handle: NetworkHandle,
    peer: NodeRef,
    channel: StoredChannel,
    identity: bytes,
    ctx: Progress,
    verified: bool,
) -> Difference | None:
    last = time.monotonic()

    def told(number: int) -> None:
        nonlocal last
        if time.monotonic() - last > 0.2:
            last = time.monotonic()
            ctx.check_cancelled()
            title = Text("逐块对照 {p}", "Compare {p} block by block", p=peer.name)
            ctx.progress(number + 1, channel.height, title)

    reader = handle.admin(peer.organization.msp_id)
    return compare(channel, peer.name, running.endpoint(peer), reader, identity, told, verified=verified)
