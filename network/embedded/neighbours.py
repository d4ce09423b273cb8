"""The real peers beside a node's own: lines to them, private data from and to them, and what they endorse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from network.embedded.channel import Channel
from network.embedded.gossip_link import Link, holds
from network.embedded.gossip_messages import Digest, private_write
from network.embedded.peer import Peer
from network.embedded.real_peer import AnyPeer, Patience, RealEndorser, RealPeer, read_real_peer
from network.embedded.settings import NodeSettings, Settings
from network.embedded.transactions import VALID, Transaction

AWAY_SECONDS = 12.0
"""How long calls wait for a real peer that was there: to come to be, or to start again after a crash."""
FETCH_SECONDS = 0.5
"""How long a block waits for private data that a real peer has and should have told before."""


class Neighbours:
    """All real peers of a node's network. `peers` and `channels` are the node's own."""

    def __init__(self, home: Path, peers: Mapping[str, Peer], channels: Mapping[str, Channel]) -> None:
        self.real: dict[str, RealPeer] = {}
        self.endorsers: dict[str, RealEndorser] = {}
        self.patience = Patience(AWAY_SECONDS)
        self._home = home
        self._peers = peers
        self._channels = channels
        self._links: dict[tuple[str, str], Link] = {}

    async def bring_to(self, settings: Settings) -> None:
        """Have lines to exactly the real peers of the settings, from every own peer that shares a channel."""
        wanted = {entry.name: entry for entry in settings.real}
        for name in [n for n in self.real if n not in wanted]:
            await self._drop(name)
            self.patience.came([name])
        for name, entry in wanted.items():
            if name not in self.real:
                self._add(entry)
            joined = {c for c, channel in settings.channels.items() if name in channel.peers}
            self.real[name].joined = {c: self._channels[c] for c in joined if c in self._channels}
        tls = {entry.name: self._home / entry.tls for entry in settings.peers}
        for own in self._peers.values():
            for real in self.real.values():
                if (own.name, real.name) not in self._links and own.joined.keys() & real.joined.keys():
                    link = Link(own, real, tls[own.name])
                    link.on_change = self._looker(real)
                    self._links[own.name, real.name] = link
                    link.start()
        for key in [k for k in self._links if k[0] not in self._peers]:
            await self._links.pop(key).close()
        for channel in self._channels.values():
            channel.neighbours = self if self.real else None

    async def close(self) -> None:
        for name in list(self.real):
            await self._drop(name)

    def _add(self, entry: NodeSettings) -> None:
        real = read_real_peer(self._home, entry)
        real.heard = lambda: any(link.up for (_, name), link in self._links.items() if name == real.name)
        self.real[real.name] = real
        self.endorsers[real.name] = RealEndorser(real)
        self.patience.went(real.name)

    async def _drop(self, name: str) -> None:
        del self.real[name]
        await asyncio.gather(*(self._links.pop(key).close() for key in [k for k in self._links if k[1] == name]))
        await self.endorsers.pop(name).close()

    def _looker(self, real: RealPeer) -> Callable[[], None]:
        def look() -> None:
            if real.running and all(c in real.contracts for c in real.joined):
                self.patience.came([real.name])
            else:
                self.patience.went(real.name)

        return look

    def all_peers(self) -> list[AnyPeer]:
        """The node's own peers and the real ones."""
        return [*self._peers.values(), *self.real.values()]

    def status(self) -> dict[str, dict[str, object]]:
        """By name: whether a line to it is up, whether it has told what it runs, its heights by channel as it says."""
        return {
            real.name: {
                "running": real.running,
                "told": real.joined.keys() <= real.contracts.keys(),
                "heights": dict(real.heights),
                "contracts": {c: sorted(map(list, found)) for c, found in real.contracts.items()},
            }
            for real in self.real.values()
        }

    # Private data

    def told(self, channel: Channel, tx_id: str, private: Mapping[tuple[str, str], bytes]) -> None:
        """Tell the real members of collections what a peer of this node has just simulated."""
        for real in self.real.values():
            if channel.channel_id not in real.joined:
                continue
            for place, rwset in private.items():
                config = channel.collection_below(channel.height, *place)
                link = self._link(channel, real, channel.height, *place)
                if config is not None and link is not None:
                    link.tell(private_write(channel.channel_id, tx_id, place, rwset, channel.height, config))

    async def fetch(self, channel: Channel, number: int, transactions: Sequence[Transaction]) -> bool:
        """Ask real peers for what belongs to a block's valid transactions, is held here and has not come.

        Whether anything was got.
        """
        asked: dict[Link, list[Digest]] = {}
        for position, transaction in enumerate(transactions):
            for place in _missing(transaction):
                for real in self.real.values():
                    link = self._link(channel, real, number, *place)
                    if link is not None:
                        digest = Digest(transaction.tx_id, *place, number, position)
                        asked.setdefault(link, []).append(digest)
        if not asked:
            return False
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                answers = await asyncio.gather(*(link.ask(channel.channel_id, d) for link, d in asked.items()))
        except TimeoutError:
            return False
        got = False
        for found in answers:
            for digest, rwset in found.items():
                if digest.block != number or digest.position >= len(transactions):
                    continue
                transaction = transactions[digest.position]
                wanted = transaction.private_hash(digest.namespace, digest.collection)
                if wanted and sha256(rwset).digest() == wanted:
                    transaction.private[digest.namespace, digest.collection] = rwset
                    got = True
        return got

    def _link(self, channel: Channel, real: RealPeer, block: int, namespace: str, collection: str) -> Link | None:
        """A line between members of a collection, if there is one that is up."""
        if not holds(channel, block, namespace, collection, real.identity):
            return None
        for (_, name), link in self._links.items():
            if name == real.name and link.up and holds(channel, block, namespace, collection, link.own.identity):
                return link
        return None


def _missing(transaction: Transaction) -> Iterator[tuple[str, str]]:
    if transaction.code != VALID:
        return
    for sets in transaction.namespaces:
        for collection in sets.collections:
            place = (sets.name, collection.name)
            if collection.private_hash and place not in transaction.private:
                yield place
