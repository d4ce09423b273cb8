"""What an embedded peer and a real one say to each other: only to whom it is meant for, and believed of nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fabric_protos.gossip.message_pb2 import GossipMessage
from fabric_protos.peer.collection_pb2 import StaticCollectionConfig

from fabric_sdk.errors import FabricError
from fabric_sdk.identity import SigningIdentity
from network.embedded import gossip_link, gossip_messages, neighbours, real_peer
from network.embedded.gossip_messages import Digest, NotGossip, Voice, opened, pki_id
from network.embedded.neighbours import Neighbours
from network.embedded.real_peer import Patience, RealPeer
from tests.network.embedded.city import City

CHANNEL = "citychannel"
BUREAU, COPYRIGHT, HEALTH = "peer0.databureau", "peer0.copyright", "peer0.health"
RWSET = b"a private write set"


def signer(city: City, name: str) -> SigningIdentity:
    from fabric_sdk.identity import load_msp_folder

    node = next(n for n in city.spec.peers() if n.name.startswith(name + "."))
    folder = city.handle.authority(node.organization.msp_id).nodes.directory(node)
    return load_msp_folder(folder / "msp", node.organization.msp_id)


class FakeChannel:
    """A channel with one collection of two members, and the channel's real certificates."""

    channel_id = CHANNEL
    height = 8

    def __init__(self, city: City, members: tuple[str, ...]) -> None:
        from network.promotion.stored import StoredChannel, ledger_file

        self.config = StoredChannel(ledger_file(city.directory, CHANNEL), CHANNEL).config
        self._members = {signer(city, name).creator for name in members}
        self.kept: list[tuple[str, dict[tuple[str, str], bytes]]] = []
        self.transient = SimpleNamespace(put=lambda tx, sets, _height: self.kept.append((tx, dict(sets))))
        rows = {"tx": SimpleNamespace(block=5)}
        self.view = SimpleNamespace(transaction=rows.get, private_writes=lambda _block: [(0, "ledger", "open", RWSET)])
        self.digest = sha256(RWSET).digest()
        self.neighbours: Any = None

    def collection_below(self, _number: int, _namespace: str, collection: str) -> StaticCollectionConfig | None:
        return StaticCollectionConfig(name="open") if collection == "open" else None

    def is_collection_member(self, _policy: bytes, identity: bytes) -> bool:
        return identity in self._members

    def block(self, _number: int) -> tuple[None, list[Any]]:
        return None, [SimpleNamespace(private_hash=lambda _n, _c: self.digest)]


class Line:
    """A link whose stream is a list."""

    def __init__(self, city: City, channel: FakeChannel, own: str, real: str) -> None:
        self.voice = Voice(signer(city, real).creator, signer(city, real).sign)
        joined: Any = {CHANNEL: channel}
        mine: Any = SimpleNamespace(name=own, identity=signer(city, own).creator, signer=signer(city, own))
        mine.joined, mine.running, mine.address = joined, True, "127.0.0.1:1"
        self.real = RealPeer(real, "CopyrightMSP", "127.0.0.1:2", signer(city, real).creator, Path("ca"), joined)
        self.link = gossip_link.Link(mine, self.real, Path("tls"))
        self.sent: list[bytes] = []
        self.link._stream = self  # type: ignore[assignment]

    def send(self, message: bytes) -> None:
        self.sent.append(message)

    def hear(self, message: bytes) -> GossipMessage | None:
        """Say something to the embedded peer; its answer, None if it has none."""
        before = len(self.sent)

        async def heard() -> None:
            self.link._hear(self, message)  # type: ignore[arg-type]

        asyncio.run(heard())
        return opened(self.sent[-1])[0] if len(self.sent) > before else None

    def greet(self, message: bytes) -> None:
        async def greeted() -> None:
            self.link._greeted(message)

        asyncio.run(greeted())


class FakeLink:
    """A line that is up."""

    up = True

    def __init__(self, ask: Any, own: bytes) -> None:
        self.ask = ask
        self.own = SimpleNamespace(identity=own)


@pytest.fixture
def line(city: City) -> Callable[..., Line]:
    def make(own: str = BUREAU, real: str = COPYRIGHT, members: tuple[str, ...] = (BUREAU, COPYRIGHT)) -> Line:
        return Line(city, FakeChannel(city, members), own, real)

    return make


def pushed(place: tuple[str, str] = ("ledger", "open")) -> bytes:
    config = StaticCollectionConfig(name=place[1])
    return gossip_messages.private_write(CHANNEL, "tx", place, RWSET, 7, config)


def test_only_the_peer_that_is_expected_is_talked_to(line: Callable[..., Line], city: City) -> None:
    one = line()
    one.greet(one.voice.greeting(b"hash"))
    assert one.real.number == pki_id(one.real.identity)
    other = Voice(signer(city, HEALTH).creator, signer(city, HEALTH).sign)
    with pytest.raises(NotGossip, match="somebody else"):
        one.greet(other.greeting(b"hash"))
    forged = Voice(one.real.identity, signer(city, HEALTH).sign)  # its name, another's key
    with pytest.raises(FabricError):
        one.greet(forged.greeting(b"hash"))


def test_a_members_private_data_are_kept_and_acknowledged(line: Callable[..., Line]) -> None:
    one, message = line(), pushed()
    answer = one.hear(message)
    assert answer is not None
    assert (answer.ack.error, answer.nonce) == ("", opened(message)[0].nonce)
    channel: Any = one.link.own.joined[CHANNEL]
    assert channel.kept == [("tx", {("ledger", "open"): RWSET})]


def test_private_data_of_others_are_not_kept(line: Callable[..., Line]) -> None:
    for one, message in (
        (line(own=HEALTH), pushed()),
        (line(), pushed(("ledger", "unknown"))),
        (line(), pushed().replace(CHANNEL.encode(), b"elsechannel")),
    ):
        answer = one.hear(message)
        assert answer is not None
        assert answer.ack.error
        channel: Any = one.link.own.joined[CHANNEL]
        assert channel.kept == []


def test_who_asks_gets_what_both_may_have(line: Callable[..., Line]) -> None:
    wanted = Digest("tx", "ledger", "open", 5, 0)
    answer = line().hear(gossip_messages.request(CHANNEL, [wanted]))
    assert answer is not None
    [element] = answer.privateRes.elements
    assert list(element.payload) == [RWSET]
    for one, asked in (
        (line(members=(BUREAU,)), wanted),  # who asks is no member
        (line(own=HEALTH, members=(BUREAU, COPYRIGHT)), wanted),  # who is asked is none
        (line(), Digest("tx", "ledger", "open", 4, 0)),  # another block
        (line(), Digest("other", "ledger", "open", 5, 0)),  # another transaction
        (line(), Digest("tx", "ledger", "unknown", 5, 0)),
    ):
        answer = one.hear(gossip_messages.request(CHANNEL, [asked]))
        assert answer is not None
        assert answer.WhichOneof("content") == "privateRes"
        assert not answer.privateRes.elements


def test_what_a_purge_has_trimmed_is_not_shown_as_whole(line: Callable[..., Line]) -> None:
    one = line()
    channel: Any = one.link.own.joined[CHANNEL]
    channel.digest = sha256(b"what was committed").digest()
    answer = one.hear(gossip_messages.request(CHANNEL, [Digest("tx", "ledger", "open", 5, 0)]))
    assert answer is not None
    assert not answer.privateRes.elements


def test_what_a_peer_runs_is_believed_of_itself_alone(line: Callable[..., Line], city: City) -> None:
    one = line()
    one.greet(one.voice.greeting(b"hash"))
    one.hear(one.voice.state(CHANNEL, 8, [("ledger", "1")]))
    assert one.real.contracts == {CHANNEL: frozenset({("ledger", "1")})}
    other = Voice(signer(city, HEALTH).creator, signer(city, HEALTH).sign)
    one.hear(other.state(CHANNEL, 9, [("ledger", "1"), ("notes", "1")]))  # passed on: of another peer
    forged = Voice(one.real.identity, signer(city, HEALTH).sign)
    with pytest.raises(FabricError):
        one.hear(forged.state(CHANNEL, 9, [("notes", "1")]))
    one.hear(one.voice.state("elsewhere", 9, [("notes", "1")]))
    snapshot = GossipMessage()
    for envelope in (other.state(CHANNEL, 9, [("notes", "1")]), one.voice.state(CHANNEL, 9, [("ledger", "1")])):
        snapshot.state_snapshot.elements.add().ParseFromString(envelope)
    one.hear(gossip_messages.sealed(snapshot))
    assert one.real.contracts == {CHANNEL: frozenset({("ledger", "1")})}
    assert one.real.heights == {CHANNEL: 9}


def test_what_is_no_message_ends_the_line(line: Callable[..., Line]) -> None:
    with pytest.raises(NotGossip):
        line().hear(b"\xff\xff\xff")


def test_a_block_takes_only_what_its_hash_names(city: City, tmp_path: Path) -> None:
    """A real peer that answers with something else, or for another transaction, changes nothing."""
    channel: Any = FakeChannel(city, (BUREAU, COPYRIGHT))
    beside = Neighbours(tmp_path, {}, {CHANNEL: channel})
    real = RealPeer("r", "CopyrightMSP", "127.0.0.1:2", signer(city, COPYRIGHT).creator, Path("ca"), {CHANNEL: channel})
    digest = Digest("tx", "ledger", "open", 8, 0)
    answers: dict[Digest, bytes] = {}

    async def ask(_channel: str, _wanted: list[Digest]) -> dict[Digest, bytes]:
        return answers

    link: Any = FakeLink(ask, signer(city, BUREAU).creator)
    beside.real["r"], beside._links["o", "r"] = real, link

    def fetched() -> dict[tuple[str, str], bytes]:
        sets = SimpleNamespace(name="ledger", collections=[SimpleNamespace(name="open", private_hash=b"h")])
        transaction: Any = SimpleNamespace(tx_id="tx", code=0, namespaces=[sets], private={})
        transaction.private_hash = lambda _n, _c: sha256(RWSET).digest()
        asyncio.run(beside.fetch(channel, 8, [transaction]))
        found: dict[tuple[str, str], bytes] = transaction.private
        return found

    for wrong in ({digest: b"else"}, {Digest("tx", "ledger", "open", 9, 0): RWSET}, {}):
        answers = wrong
        assert fetched() == {}
    answers = {digest: RWSET}
    assert fetched() == {("ledger", "open"): RWSET}


def test_a_silent_real_peer_holds_a_block_up_for_a_moment_only(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "FETCH_SECONDS", 0.05)
    channel: Any = FakeChannel(city, (BUREAU, COPYRIGHT))
    beside = Neighbours(tmp_path, {}, {CHANNEL: channel})
    beside.real["r"] = RealPeer(
        "r", "CopyrightMSP", "127.0.0.1:2", signer(city, COPYRIGHT).creator, Path("ca"), {CHANNEL: channel}
    )

    async def ask(_channel: str, _wanted: list[Digest]) -> dict[Digest, bytes]:
        await asyncio.Event().wait()
        return {}

    link: Any = FakeLink(ask, signer(city, BUREAU).creator)
    beside._links["o", "r"] = link
    sets = SimpleNamespace(name="ledger", collections=[SimpleNamespace(name="open", private_hash=b"h")])
    transaction: Any = SimpleNamespace(tx_id="tx", code=0, namespaces=[sets], private={})
    asyncio.run(asyncio.wait_for(beside.fetch(channel, 8, [transaction]), 30))
    assert transaction.private == {}


def test_calls_wait_for_a_peer_that_may_come_back_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(real_peer.time, "monotonic", lambda: now[0])
    patience = Patience(10.0)
    assert not patience.worthwhile
    patience.went("a")
    now[0] += 9
    patience.went("a")  # still away: no new patience
    assert patience.worthwhile
    now[0] += 2
    assert not patience.worthwhile
    patience.came(["a"])
    patience.went("a")
    assert patience.worthwhile
