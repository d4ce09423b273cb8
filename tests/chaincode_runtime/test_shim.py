"""The chaincode stream: every message type, concurrency, endings, TLS."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import grpc
import pytest
from fabric_protos.peer import chaincode_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_sdk.chaincode import Context, Contract, ContractChaincode, query, transaction
from fabric_sdk.chaincode.loading import LoadError, load_chaincode
from fabric_sdk.chaincode.server import main, parse_serve
from fabric_sdk.chaincode.service import BackgroundServer, ServerTls, Service
from fabric_sdk.chaincode.shim import ProtocolError, Session
from fabric_sdk.chaincode.testing import Collection, MemoryLedger, client
from tests.chaincode_runtime.fake_peer import FakePeer, M, response_of
from tests.chaincode_runtime.sample_contract import CONTRACTS
from tests.chaincode_runtime.tls_material import Authority

BATCHES = chaincode_pb2.ChaincodeAdditionalParams(
    use_write_batch=True, max_size_write_batch=1, use_get_multiple_keys=True, max_size_get_multiple_keys=100
)
SECRETS = Collection("secrets", frozenset({"Org1MSP"}), member_only_read=True, member_only_write=True)

Dial = Callable[..., FakePeer]


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    service = Service(ContractChaincode(CONTRACTS), "assets_1:abc", peer_msp_id="Org1MSP")
    with BackgroundServer(service) as running:
        yield running


@pytest.fixture(params=["plain", "batches"])
def dial(server: BackgroundServer, request: pytest.FixtureRequest) -> Iterator[Dial]:
    with ExitStack() as stack:

        def connect(name: str = "assets", ledger: MemoryLedger | None = None) -> FakePeer:
            ledger = ledger or MemoryLedger()
            ledger.deploy(name, ContractChaincode(CONTRACTS), [SECRETS])
            offers = BATCHES if request.param == "batches" else None
            peer = FakePeer(server.addresses[0], ledger, name, offers=offers)
            stack.callback(peer.close)
            return peer

        yield connect


def result(peer: FakePeer, *args: str, **more: Any) -> Any:
    response = response_of(peer.execute(*args, **more))
    assert response.status == 200, response.message
    text = response.payload.decode()
    return json.loads(text) if text.startswith(("[", "{")) else text


def test_every_operation_crosses_the_stream(dial: Dial) -> None:
    peer = dial()
    assert peer.package_id == "assets_1:abc"
    for n in range(5):
        result(peer, "Put", f"k{n}", str(n))
    assert result(peer, "Read", "k3") == "3"
    assert result(peer, "Range", "k1", "k4") == ["k1=1", "k2=2", "k3=3"]
    assert result(peer, "FirstOf", "", "") == "k0"
    page = result(peer, "Page", "2", "")
    assert page == {"keys": ["k0", "k1"], "bookmark": "k2", "count": 2}
    assert result(peer, "Many", '["k4","none","k0"]') == ["4", "", "0"]
    result(peer, "Delete", "k3")
    history = result(peer, "History", "k3")
    assert [h["deleted"] for h in history] == [True, False]
    assert history[0]["at"] == "2026-01-02T03:04:05.678901Z"
    assert result(peer, "Protect", "k1", '["Org2MSP"]') == ["Org2MSP"]
    assert result(peer, "Protectors", "k1") == ["Org2MSP"]
    assert result(peer, "Hide", "p", transient={"value": b"secret"}) == ""
    assert result(peer, "Reveal", "p") == "secret"
    assert len(result(peer, "Digest", "p")) == 64
    assert result(peer, "Secrets") == ["p"]
    result(peer, "Purge", "p")
    assert result(peer, "Reveal", "p") == ""
    assert result(peer, "WhoAmI", as_=client("Org2MSP", "ann", role="r"))["peer"] == "Org1MSP"
    assert result(peer, "ReadOwnWrite", "fresh") == ""


def test_batches_are_used_only_when_offered(dial: Dial, request: pytest.FixtureRequest) -> None:
    peer = dial()
    result(peer, "Create", '{"id":"a","colour":"red","size":1,"owners":[]}')
    result(peer, "Many", '["a","b"]')
    offered = "[batches" in request.node.name
    assert (M.WRITE_BATCH_STATE in peer.kinds, M.PUT_STATE in peer.kinds) == (offered, not offered)
    assert (M.GET_STATE_MULTIPLE in peer.kinds) == offered
    assert peer.kinds.count(M.WRITE_BATCH_STATE) <= 1


def test_more_writes_than_one_batch_takes(server: BackgroundServer) -> None:
    class Many(Contract):
        @transaction
        def Fill(self, ctx: Context, count: int) -> None:
            for n in range(count):
                ctx.stub.put_state(f"k{n:04}", b"v")

    with BackgroundServer(Service(ContractChaincode(Many()), "many:1")) as running:
        peer = FakePeer(running.addresses[0], MemoryLedger(), "many", offers=BATCHES)
        result(peer, "Fill", "250")
        assert peer.kinds.count(M.WRITE_BATCH_STATE) == 3
        assert len(peer.ledger.state("many")) == 250
        peer.close()


def test_events_and_refusals(dial: Dial) -> None:
    peer = dial()
    asset = '{"id":"a","colour":"red","size":1,"owners":[]}'
    event = peer.execute("Create", asset).chaincode_event
    assert (event.event_name, event.payload) == ("created", b"a")
    again = peer.execute("Create", asset, commit=False)
    assert not again.HasField("chaincode_event")
    assert (response_of(again).status, response_of(again).message) == (409, "EXISTS: asset a exists")


def test_the_peers_errors_reach_the_contract(dial: Dial) -> None:
    peer = dial()
    stranger = client("Org3MSP")
    assert result(peer, "HideQuietly", "k", as_=stranger) == "refused"
    refused = response_of(peer.execute("Reveal", "k", as_=stranger))
    assert refused.status == 500
    assert refused.message.startswith("GET_STATE failed: transaction ID: ")
    for write_first in ("true", "false"):
        failed = response_of(peer.execute("PageThenWrite", write_first))
        assert failed.status == 500
        assert "aginated quer" in failed.message


def test_init_runs_only_what_is_named(dial: Dial) -> None:
    peer = dial()
    assert response_of(peer.execute(kind=M.INIT)).status == 200
    failed = peer.execute("Nothing", kind=M.INIT)
    assert failed.type == M.ERROR
    assert failed.payload.startswith(b"UNKNOWN_FUNCTION")


def test_chaincode_calls_chaincode_over_two_streams(dial: Dial) -> None:
    ledger = MemoryLedger()
    first, second = dial("assets", ledger), dial("second", ledger)
    first.peers["second"] = second
    assert result(first, "Call", "second", '["Put","k","7"]') == ""
    assert ledger.state("second") == {"k": b"7"}
    failed = response_of(first.execute("Call", "nobody", '["Read","k"]'))
    assert failed.message.startswith("CALL_FAILED: INVOKE_CHAINCODE failed")


def test_calls_between_contracts_cannot_starve_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fabric_sdk.chaincode.service.MAX_THREADS", 2)
    services = [Service(ContractChaincode(CONTRACTS), f"{n}:1") for n in ("assets", "second")]
    with BackgroundServer(*services) as running:
        ledger = MemoryLedger()
        first = FakePeer(running.addresses[0], ledger, "assets")
        second = FakePeer(running.addresses[1], ledger, "second")
        first.peers["second"] = second
        with ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(first.execute, "Call", "second", '["Hello"]', commit=False) for _ in range(8)]
            assert {response_of(c.result(30)).status for c in calls} == {500}  # second has no Hello: it was asked
        first.close()
        second.close()


def test_many_transactions_at_once(dial: Dial) -> None:
    peer = dial()
    with ThreadPoolExecutor(24) as pool:
        calls = [pool.submit(peer.execute, "Put", f"k{n}", f"v{n}") for n in range(300)]
        assert all(response_of(c.result(30)).status == 200 for c in calls)
    assert peer.ledger.state("assets") == {f"k{n}": f"v{n}".encode() for n in range(300)}


def test_large_values(dial: Dial) -> None:
    peer = dial()
    value = "x" * (6 * 1024 * 1024)
    result(peer, "Put", "big", value)
    assert peer.ledger.state("assets")["big"] == value.encode()


def test_keepalive_is_answered(dial: Dial) -> None:
    peer = dial()
    peer.send(M(type=M.KEEPALIVE))
    result(peer, "Read", "k")
    assert M.KEEPALIVE in peer.kinds


def test_a_waiting_transaction_ends_with_its_stream() -> None:
    entered, left = threading.Event(), threading.Event()

    class Waits(Contract):
        @query
        def Wait(self, ctx: Context) -> None:
            entered.set()
            try:
                ctx.stub.get_state("never answered")
            finally:
                left.set()

    with BackgroundServer(Service(ContractChaincode(Waits()), "waits:1")) as running:
        peer = FakePeer(running.addresses[0], MemoryLedger(), "waits")
        peer._answer = lambda message: None  # type: ignore[method-assign]
        caller = threading.Thread(target=lambda: peer.execute("Wait", commit=False), daemon=True)
        caller.start()
        assert entered.wait(10)
        peer.close()
        assert left.wait(10)


def test_stopping_lets_running_transactions_finish() -> None:
    entered = threading.Event()

    class Slow(Contract):
        @transaction
        def Work(self, ctx: Context) -> str:
            entered.set()
            time.sleep(0.3)
            ctx.stub.put_state("k", b"done")
            return "finished"

    running = BackgroundServer(Service(ContractChaincode(Slow()), "slow:1")).start()
    peer = FakePeer(running.addresses[0], MemoryLedger(), "slow")
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(peer.execute, "Work")
        assert entered.wait(10)
        running.stop()
        assert response_of(call.result(10)).payload == b"finished"
    assert peer.ended.wait(10)
    peer.close()


@pytest.mark.parametrize(
    "messages",
    [
        [M(type=M.READY)],
        [M(type=M.TRANSACTION, txid="t")],
        [M(type=M.REGISTERED), M(type=M.REGISTERED)],
        [M(type=M.ERROR, payload=b"refused")],
        [M(type=M.REGISTERED), M(type=M.READY), M(type=M.PUT_STATE, txid="t")],
    ],
)
def test_a_peer_that_breaks_the_protocol_ends_its_stream_only(server: BackgroundServer, messages: list[Any]) -> None:
    sent = iter([m.SerializeToString() for m in messages])
    with grpc.insecure_channel(server.addresses[0]) as channel:
        stream = channel.stream_stream("/protos.Chaincode/Connect")(sent)
        with pytest.raises(grpc.RpcError) as caught:
            list(stream)
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    peer = FakePeer(server.addresses[0], MemoryLedger())
    assert response_of(peer.execute("Put", "k", "v")).status == 200
    peer.close()


@settings(max_examples=200)
@given(
    st.binary(max_size=64)
    | st.builds(
        lambda t, p: M(type=t, payload=p, txid="t").SerializeToString(),
        st.sampled_from(list(M.Type.values())),
        st.binary(max_size=32),
    )
)
def test_hostile_messages_end_in_a_protocol_error_or_an_answer(raw: bytes) -> None:
    sent: list[bytes] = []
    with ThreadPoolExecutor(1) as pool:
        session = Session(ContractChaincode(CONTRACTS), "id:1", sent.append, pool)
        session.start()
        session.receive(M(type=M.REGISTERED).SerializeToString())
        session.receive(M(type=M.READY).SerializeToString())
        with suppress(ProtocolError):
            session.receive(raw)
        session.close()
    assert len(sent) <= 2


@pytest.mark.parametrize("mutual", [False, True])
def test_tls(mutual: bool) -> None:
    authority = Authority("ca")
    key, certificate = authority.issue("localhost")
    tls = ServerTls(key, certificate, authority.pem if mutual else None)
    assert "PRIVATE" not in repr(tls)
    with BackgroundServer(Service(ContractChaincode(CONTRACTS), "tls:1", "localhost:0", tls)) as running:
        own_key, own_certificate = authority.issue("peer")
        trusted = grpc.ssl_channel_credentials(authority.pem, own_key, own_certificate)
        peer = FakePeer(running.addresses[0], MemoryLedger(), credentials=trusted)
        assert response_of(peer.execute("Put", "k", "v")).status == 200
        peer.close()
        stranger_key, stranger_certificate = Authority("other").issue("peer")
        strange = grpc.ssl_channel_credentials(authority.pem, stranger_key, stranger_certificate)
        if mutual:
            with pytest.raises(grpc.RpcError):
                FakePeer(running.addresses[0], MemoryLedger(), credentials=strange)
        with pytest.raises(grpc.RpcError):
            FakePeer(running.addresses[0], MemoryLedger())


def test_the_server_command(tmp_path: Path) -> None:
    module = "tests.chaincode_runtime.sample_contract"
    command = [sys.executable, "-m", "fabric_sdk.chaincode.server", module, "--package-id", "assets_1:abc"]
    command += ["--serve", f"{module}=second:2@127.0.0.1:0", "--msp-id", "Org9MSP"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    try:
        assert process.stdout is not None
        lines = [json.loads(process.stdout.readline()) for _ in range(2)]
        assert {line["package_id"] for line in lines} == {"assets_1:abc", "second:2"}
        peer = FakePeer(lines[0]["address"], MemoryLedger())
        assert result(peer, "WhoAmI")["peer"] == "Org9MSP"
        process.terminate()
        assert process.wait(15) == 0
        peer.close()
    finally:
        process.kill()
        process.wait()


def test_wrong_use_of_the_server_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no.such.module", "--package-id", "x:1"]) == 2
    assert "cannot import no.such.module" in capsys.readouterr().err
    assert main(["json", "--package-id", "x:1"]) == 2
    assert main(["json", "--package-id", "x:1", "--tls-key", "x"]) == 2
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    with pytest.raises(ValueError):
        parse_serve("module@127.0.0.1:1")
    with pytest.raises(LoadError):
        load_chaincode("json")


def test_a_taken_address_is_said(server: BackgroundServer) -> None:
    taken = Service(ContractChaincode(CONTRACTS), "x:1", server.addresses[0])
    with pytest.raises(OSError, match="cannot listen on"):
        BackgroundServer(taken).start()
