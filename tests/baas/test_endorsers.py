"""After a deployment on real Fabric: waited until each peer has heard who endorses, for a while and with words."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from baas.errors import DeadlineExceeded, Text
from baas.jobs import NULL_CONTEXT
from baas.services import endorsers
from baas.services.endorsers import unnamed, wait_for_endorsers
from baas.services.lifecycle_model import Definition
from fabric_sdk.admin.discovery import DiscoveredPeer
from fabric_sdk.errors import GatewayError
from tests.conftest import City

WANTED = Definition("notes", "1.1", 2, "")
MEMBERS = ("AMSP", "BMSP")


def peer(msp_id: str, sequence: str | None = "2") -> DiscoveredPeer:
    return DiscoveredPeer(msp_id, f"{msp_id}:7051", 5, {} if sequence is None else {"notes": sequence})


@pytest.mark.parametrize(
    ("found", "expected", "lacking"),
    [
        ([peer("AMSP"), peer("BMSP")], MEMBERS, ()),
        ([peer("AMSP")], MEMBERS, ("BMSP",)),
        ([peer("AMSP"), peer("BMSP", None)], MEMBERS, ("BMSP",)),
        ([peer("AMSP"), peer("BMSP", "1")], MEMBERS, ("BMSP",)),  # would endorse by the version of before
        ([peer("AMSP"), peer("BMSP")], (*MEMBERS, "BMSP"), ("BMSP",)),  # one of two peers
        ([peer("AMSP"), peer("CMSP", None)], ("AMSP",), ()),  # of others nothing is expected
    ],
)
def test_who_is_not_named(found: list[DiscoveredPeer], expected: tuple[str, ...], lacking: tuple[str, ...]) -> None:
    assert unnamed(found, WANTED, expected) == lacking


class Peers:
    """A network of two peers, each of which hears of the other at its `hears`-th question."""

    runtime = "native"

    def __init__(self, hears: dict[str, int]) -> None:
        self._hears, self.asked = hears, dict.fromkeys(MEMBERS, 0)
        self.addresses = {one: SimpleNamespace(address=one) for one in MEMBERS}

    def channel_peers(self, _channel: str) -> list[Any]:
        return [SimpleNamespace(name=one, organization=SimpleNamespace(msp_id=one)) for one in MEMBERS]

    def admin(self, msp_id: str) -> str:
        return msp_id

    def talk(self, node: Any, _identity: str) -> str:
        return str(node.name)

    def peers(self, name: str) -> list[DiscoveredPeer]:
        self.asked[name] += 1
        if not self._hears[name]:
            raise GatewayError("UNAVAILABLE", "connection refused")
        return [peer(one, "2" if one == name or self.asked[name] >= self._hears[name] else None) for one in MEMBERS]


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Which peers accept connections; all, until a test takes one away."""
    found = list(MEMBERS)
    monkeypatch.setattr(endorsers, "listens", lambda address: address in found)
    monkeypatch.setattr(endorsers, "PAUSE_SECONDS", 0.0)
    yield found


def awaited(network: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "fabric_sdk.admin.Discovery", lambda name: SimpleNamespace(peers=lambda _channel: network.peers(name))
    )
    wait_for_endorsers(network, "c", WANTED, MEMBERS, NULL_CONTEXT)  # type: ignore[arg-type]


def test_each_peer_is_asked_until_it_knows(listening: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    network = Peers({"AMSP": 1, "BMSP": 4})
    awaited(network, monkeypatch)
    assert network.asked == {"AMSP": 1, "BMSP": 4}


def test_a_stopped_peer_is_not_waited_for(listening: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    listening.remove("BMSP")
    network = Peers({"AMSP": 1, "BMSP": 0})
    awaited(network, monkeypatch)
    assert network.asked == {"AMSP": 1, "BMSP": 0}


def test_what_is_waited_for_in_vain_is_said(listening: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endorsers, "GOSSIP_SECONDS", 0.0)
    with pytest.raises(DeadlineExceeded) as late:
        awaited(Peers({"AMSP": 1, "BMSP": 10**9}), monkeypatch)
    assert late.value.code == "endorsers_unknown" and late.value.details == {"node": "BMSP", "missing": "AMSP"}


def test_the_embedded_ledgers_nodes_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Peers({"AMSP": 0, "BMSP": 0})
    network.runtime = "embedded"
    awaited(network, monkeypatch)
    assert not any(network.asked.values())


def test_what_peers_do_not_hear_ends_a_deployment_and_does_not_undo_it(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract is in force: it is told first what it waits for, and listeners hear of it; then it is said."""
    from baas.services import deploying

    def late(*_: object) -> None:
        raise DeadlineExceeded(Text("还不知道。", "Not known yet."), code="endorsers_unknown")

    told: list[str] = []
    monkeypatch.setattr(deploying, "wait_for_endorsers", late)
    monkeypatch.setattr(deploying.Deploying, "_tell_first", lambda *_: told.append("first"))
    with pytest.raises(DeadlineExceeded) as said:
        city.platform.contracts.deploy(city.network, "copyright")
    assert said.value.code == "endorsers_unknown" and told == ["first"]
