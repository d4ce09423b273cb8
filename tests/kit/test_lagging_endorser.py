"""On real Fabric another organisation's peer may lack the block that the last call made, and refuses what is right."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from apps.kit.ledger import LedgerClient
from baas.errors import CityChainError, LedgerError, Text
from fabric_sdk.errors import EndorseError, ErrorDetail, EvaluateError

REFUSED = "chaincode response 500, NOT_FOUND: no such record"


class Peers:
    """The signer's own peer, which answers `evaluate`, and another's, which refuses the first `late` endorsements."""

    name = "citychannel"

    def __init__(self, late: int, own_refuses: bool = False) -> None:
        self.late, self.own_refuses, self.asked = late, own_refuses, 0

    def get_contract(self, _name: str, queries: Any = ()) -> Peers:
        return self

    def endorse(self, *_args: Any, **_more: Any) -> Any:
        self.asked += 1
        if self.asked <= self.late:
            raise EndorseError("ABORTED", "no endorsements", [ErrorDetail("peer:7051", "HealthMSP", REFUSED)])
        status = SimpleNamespace(successful=True, block_number=9)
        return SimpleNamespace(result=b"{}", submit=lambda: SimpleNamespace(transaction_id="t", status=lambda: status))

    def evaluate(self, *_args: Any, **_more: Any) -> bytes:
        if self.own_refuses:
            raise EvaluateError("UNKNOWN", REFUSED, [ErrorDetail("own:7051", "BankMSP", REFUSED)])
        return b"{}"


def client(peers: Peers, monkeypatch: pytest.MonkeyPatch, runtime: str = "native") -> LedgerClient:
    platform: Any = SimpleNamespace(
        networks=SimpleNamespace(
            resolve=lambda name: name, spec=lambda _name: SimpleNamespace(runtime=runtime), connect=lambda *_: peers
        ),
        identities=SimpleNamespace(party=lambda label, _network: label),
        session=SimpleNamespace(note=lambda *_: None, actor=SimpleNamespace(msp_id="BankMSP")),
    )
    monkeypatch.setattr("apps.kit.ledger.time.sleep", lambda _seconds: None)
    made = LedgerClient(platform, "city", "notes", words={"NOT_FOUND": Text("没有。", "None.")})
    monkeypatch.setattr(made, "height", lambda _signer, wanted=0: wanted)
    made._committed = 8
    return made


def test_a_refusal_of_a_peer_that_lags_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    peers = Peers(late=2)
    assert client(peers, monkeypatch).submit("BankMSP/one", "Take", "c1").block == 9
    assert peers.asked == 3


@pytest.mark.parametrize(("own_refuses", "runtime", "asked"), [(True, "native", 1), (False, "embedded", 1)])
def test_a_refusal_that_the_own_peer_shares_is_one(
    own_refuses: bool, runtime: str, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    peers = Peers(late=99, own_refuses=own_refuses)
    with pytest.raises(LedgerError) as refused:
        client(peers, monkeypatch, runtime).submit("BankMSP/one", "Take", "c1")
    assert refused.value.details["contract_code"] == "NOT_FOUND" and peers.asked == asked


def test_a_peer_that_refuses_for_good_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    peers = Peers(late=99)
    with pytest.raises(LedgerError):
        client(peers, monkeypatch).submit("BankMSP/one", "Take", "c1")
    assert 1 < peers.asked < 10


@pytest.mark.parametrize(("runtime", "asked"), [("native", 3), ("embedded", 1)])
def test_a_peer_that_has_not_heard_who_endorses_hears_it_in_a_moment(
    runtime: str, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the contract came a moment ago gossip is under way; the embedded ledger's nodes know all at once."""
    peers = Peers(late=2)
    unheard = EndorseError("UNAVAILABLE", "failed to find any endorsing peers for org(s): HealthMSP", [])

    def endorse(*args: Any, **more: Any) -> Any:
        try:
            return Peers.endorse(peers, *args, **more)
        except EndorseError:
            raise unheard from None

    monkeypatch.setattr(peers, "endorse", endorse)
    if runtime == "native":
        assert client(peers, monkeypatch).submit("BankMSP/one", "Take", "c1").block == 9
    else:
        with pytest.raises(CityChainError):
            client(peers, monkeypatch, runtime).submit("BankMSP/one", "Take", "c1")
    assert peers.asked == asked
