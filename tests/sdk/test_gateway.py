from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from fabric_sdk.blocks import decode_block
from fabric_sdk.errors import (
    CommitError,
    CommitStatusError,
    DecodeError,
    EndorseError,
    ErrorDetail,
    EvaluateError,
    FabricError,
    GatewayError,
    SubmitError,
)
from fabric_sdk.gateway import Deadlines, Endpoint, Gateway, GrpcTransport, MemoryCheckpointer, Network, connect
from fabric_sdk.gateway.client import Contract
from fabric_sdk.http2.details import read_details
from fabric_sdk.msp import MspManager
from tests.sdk.gateway_server import CHANNEL, FakePeer, certificate_hash_of, sha
from tests.sdk.material import Organization, key_pem, pem_of


@pytest.fixture
def peer(org1: Organization, msps: MspManager) -> Iterator[FakePeer]:
    fake = FakePeer(org1, msps)
    yield fake
    fake.stop()


@pytest.fixture
def gateway(peer: FakePeer, org1: Organization) -> Iterator[Gateway]:
    with connect(peer.endpoint, org1.client) as gateway:
        yield gateway


@pytest.fixture
def network(gateway: Gateway) -> Network:
    return gateway.get_network(CHANNEL)


@pytest.fixture
def contract(network: Network) -> Contract:
    return network.get_contract("basic")


def test_evaluate_and_submit(contract: Contract, peer: FakePeer) -> None:
    assert contract.evaluate("echo", "a", b"\x00\xff") == b"echo a \x00\xff"
    assert contract.submit("echo", "一", "b") == "echo 一 b".encode()
    assert len(peer.blocks) == 2


def test_the_contracts_name_goes_before_the_function(network: Network) -> None:
    assert network.get_contract("basic", "inner").evaluate("echo") == b"inner:echo"


def test_transient_data_and_organisations_reach_the_peer(contract: Contract, peer: FakePeer) -> None:
    contract.submit("echo", transient={"secret": "值", "raw": b"\x00"}, endorsing_organizations=["Org1MSP", "Org2MSP"])
    assert peer.seen_transient == {"secret": "值".encode(), "raw": b"\x00"}
    assert peer.seen_organizations == ["Org1MSP", "Org2MSP"]
    assert "值".encode() not in peer.blocks[1].SerializeToString()
    contract.evaluate("echo", endorsing_organizations=["Org2MSP"])
    assert peer.seen_organizations == ["Org2MSP"]


def test_submit_async_gives_the_result_before_the_commit(contract: Contract) -> None:
    submitted = contract.submit_async("echo", "x")
    assert submitted.result == b"echo x"
    status = submitted.status()
    assert (status.successful, status.code_name, status.block_number) == (True, "VALID", 1)
    assert status.transaction_id == submitted.transaction_id


def test_a_transaction_that_is_not_valid_is_a_commit_error(contract: Contract) -> None:
    with pytest.raises(CommitError) as caught:
        contract.submit("conflict")
    assert (caught.value.code, caught.value.code_name, caught.value.block_number) == (11, "MVCC_READ_CONFLICT", 1)
    status = contract.submit_async("conflict").status()
    assert (status.successful, status.code) == (False, 11)


@pytest.mark.parametrize(("call", "kind"), [("evaluate", EvaluateError), ("submit", EndorseError)])
def test_errors_name_step_transaction_and_peers(contract: Contract, call: str, kind: type[GatewayError]) -> None:
    with pytest.raises(kind) as caught:
        getattr(contract, call)("fail")
    error = caught.value
    assert error.code == "ABORTED"
    assert len(error.transaction_id) == 64
    assert error.details == (ErrorDetail("peer0.org1.example.com:7051", "Org1MSP", "chaincode response 500, no"),)
    assert "Org1MSP" in str(error)


def test_deadlines(peer: FakePeer, org1: Organization) -> None:
    with connect(peer.endpoint, org1.client, deadlines=Deadlines(0.1, 0.1, 0.1, 0.1)) as gateway:
        contract = gateway.get_network(CHANNEL).get_contract("basic")
        with pytest.raises(EvaluateError, match="DEADLINE_EXCEEDED"):
            contract.evaluate("hang")
        with pytest.raises(EndorseError, match="DEADLINE_EXCEEDED"):
            contract.submit("hang")
        assert contract.evaluate("echo", timeout=5.0) == b"echo"


def test_an_endorsement_of_another_call_is_not_signed(contract: Contract, peer: FakePeer) -> None:
    """A Gateway must not get the client's signature under something that the client did not ask for."""
    other = contract.new_proposal("echo", "send all my money")
    peer.substitute = other._draft.proposal
    with pytest.raises(EndorseError, match="another transaction"):
        contract.new_proposal("echo", "x").endorse()


def test_nobody_listening_is_unavailable(org1: Organization) -> None:
    deadlines = Deadlines(3, 3, 3, 3)
    with (
        connect(Endpoint("127.0.0.1:1"), org1.client, deadlines=deadlines) as gateway,
        pytest.raises(EvaluateError) as caught,
    ):
        gateway.get_network(CHANNEL).get_contract("basic").evaluate("echo")
    assert caught.value.code in ("UNAVAILABLE", "DEADLINE_EXCEEDED")


def test_every_message_can_be_signed_elsewhere(peer: FakePeer, org1: Organization) -> None:
    signer = org1.client.signer
    with connect(peer.endpoint, org1.client.identity) as gateway:
        contract = gateway.get_network(CHANNEL).get_contract("basic")
        unsigned = contract.new_proposal("event", "x")
        with pytest.raises(FabricError, match="no signer"):
            unsigned.evaluate()
        proposal = gateway.new_signed_proposal(unsigned.bytes, signer(unsigned.digest))
        assert proposal.transaction_id == unsigned.transaction_id
        assert proposal.evaluate() == b"event x"
        endorsed = proposal.endorse()
        transaction = gateway.new_signed_transaction(endorsed.bytes, signer(endorsed.digest))
        assert transaction.result == b"event x"
        submitted = transaction.submit()
        commit = gateway.new_signed_commit(submitted.bytes, signer(submitted.digest))
        assert commit.status().successful
        network = gateway.get_network(CHANNEL)
        asked = network.new_chaincode_events_request("basic", start_block=0)
        with gateway.new_chaincode_events_request(asked.bytes, signer(asked.digest)).events() as events:
            assert next(events).payload == b"x"
        wanted = network.new_block_events_request(start_block=0)
        with gateway.new_block_events_request(wanted.bytes, signer(wanted.digest)).events() as blocks:
            assert next(blocks).header.number == 1
        filtered = network.new_filtered_block_events_request(start_block=0)
        with gateway.new_filtered_block_events_request(filtered.bytes, signer(filtered.digest)).events() as found:
            assert next(found).number == 1
        private = network.new_block_and_private_data_events_request(start_block=0)
        request = gateway.new_block_and_private_data_events_request(private.bytes, signer(private.digest))
        with request.events() as full:
            assert next(full).block.header.number == 1


def test_messages_can_travel_unsigned_and_be_signed_by_another_gateway(
    gateway: Gateway, peer: FakePeer, org1: Organization
) -> None:
    with connect(peer.endpoint, org1.client.identity) as unsigned:
        proposal = unsigned.get_network(CHANNEL).get_contract("basic").new_proposal("echo", "x")
    transaction = gateway.new_transaction(gateway.new_proposal(proposal.bytes).endorse().bytes)
    assert gateway.new_commit(transaction.submit().bytes).status().successful


def test_a_wrong_signature_is_refused_by_the_peer(gateway: Gateway, contract: Contract) -> None:
    proposal = contract.new_proposal("echo")
    forged = gateway.new_signed_proposal(proposal.bytes, b"forged")
    with pytest.raises(EvaluateError, match="PERMISSION_DENIED"):
        forged.evaluate()
    submitted = contract.submit_async("echo")
    with pytest.raises(CommitStatusError, match="PERMISSION_DENIED"):
        gateway.new_signed_commit(submitted.bytes, b"forged").status()
    endorsed = contract.new_proposal("echo").endorse()
    with pytest.raises(SubmitError, match="PERMISSION_DENIED"):
        gateway.new_signed_transaction(endorsed.bytes, b"forged").submit()


@pytest.mark.parametrize("junk", [b"\xff", b"\x12\x05\x0a\x03\xff\xff\xff", b"\x0a\x01\xff"])
def test_bytes_that_are_no_message_are_refused(gateway: Gateway, junk: bytes) -> None:
    for read in (gateway.new_proposal, gateway.new_transaction, gateway.new_commit):
        with pytest.raises(DecodeError):
            read(junk)
    for request in (gateway.new_block_events_request, gateway.new_chaincode_events_request):
        with pytest.raises(DecodeError):
            request(b"\xff")


def test_chaincode_events_from_a_block_and_from_now_on(network: Network, contract: Contract) -> None:
    contract.submit("event", "1")
    contract.submit("echo")
    contract.submit("event", "3")
    with network.chaincode_events("basic", start_block=1) as events:
        found = [next(events), next(events)]
    assert [(e.block_number, e.event_name, e.payload) for e in found] == [(1, "happened", b"1"), (3, "happened", b"3")]
    with network.chaincode_events("basic", start_block=3) as events:
        assert next(events).block_number == 3


def test_a_checkpoint_goes_on_where_the_listener_stopped(network: Network, contract: Contract) -> None:
    for i in range(3):
        contract.submit("event", str(i))
    checkpoint = MemoryCheckpointer()
    with network.chaincode_events("basic", start_block=1, checkpoint=checkpoint) as events:
        checkpoint.checkpoint_chaincode_event(next(events))
    with network.chaincode_events("basic", start_block=1, checkpoint=checkpoint) as events:
        event = next(events)
        assert event.payload == b"1"
        checkpoint.checkpoint_block(event.block_number)
    with network.chaincode_events("basic", checkpoint=checkpoint) as events:
        assert next(events).payload == b"2"
    with network.block_events(checkpoint=checkpoint) as blocks:
        assert next(blocks).header.number == 3


def test_the_three_kinds_of_block_events(network: Network, contract: Contract) -> None:
    contract.submit("event", "x")
    with network.block_events(start_block=1) as blocks:
        block = decode_block(next(blocks))
    assert (block.number, block.transactions[0].events[0].payload) == (1, b"x")
    with network.filtered_block_events(start_block=1) as filtered:
        found = next(filtered)
    assert (found.number, found.channel_id, found.transactions[0].type) == (1, CHANNEL, "ENDORSER_TRANSACTION")
    assert found.transactions[0].validation_code_name == "VALID"
    assert found.transactions[0].events[0].event_name == "happened"
    with network.block_and_private_data_events(start_block=1) as private:
        full = next(private)
    assert full.block.header.number == 1
    assert [(w.namespace, w.collection, w.writes[0].key, w.writes[0].value) for w in full.private_data[0]] == [
        ("basic", "secret", "k", b"abc")
    ]


def test_closing_ends_a_waiting_listener(gateway: Gateway, network: Network) -> None:
    for opened in (network.chaincode_events("basic"), network.block_events()):
        seen: list[object] = []
        listener = threading.Thread(target=lambda stream=opened, into=seen: into.extend(stream))
        listener.start()
        opened.close()
        listener.join(10)
        assert not listener.is_alive()
        assert seen == []
    left_open = network.block_events()
    listener = threading.Thread(target=lambda: list(left_open))
    listener.start()
    gateway.close()
    listener.join(10)
    assert not listener.is_alive()
    with pytest.raises(GatewayError):
        network.get_contract("basic").evaluate("echo")


def test_a_refused_stream_is_an_error(gateway: Gateway) -> None:
    with (
        gateway.get_network("otherchannel").block_events(start_block=0) as blocks,
        pytest.raises(GatewayError) as caught,
    ):
        next(blocks)
    assert caught.value.code == "NOT_FOUND"


def test_a_passed_transport_stays_open(peer: FakePeer, org1: Organization) -> None:
    with GrpcTransport(peer.endpoint) as transport:
        for _ in range(2):
            with connect(transport, org1.client) as gateway:
                assert gateway.get_network(CHANNEL).get_contract("basic").evaluate("echo") == b"echo"


def test_many_threads_share_one_gateway(contract: Contract, peer: FakePeer) -> None:
    failures: list[BaseException] = []

    def work(i: int) -> None:
        try:
            for j in range(5):
                assert contract.submit("echo", f"{i}-{j}") == f"echo {i}-{j}".encode()
        except BaseException as e:
            failures.append(e)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert len(peer.blocks) == 41


def test_mutual_tls_binds_deliver_requests_to_the_certificate(org1: Organization) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    certificate, key = org1.ca.issue("tls", [])
    endpoint = Endpoint("127.0.0.1:1", org1.ca.pem, None, pem_of(certificate), key_pem(key))
    with connect(endpoint, org1.client) as gateway:
        request = gateway.get_network(CHANNEL).new_block_events_request()
        assert certificate_hash_of(request.bytes) == sha(certificate.public_bytes(Encoding.DER))
    with pytest.raises(FabricError, match="both"):
        Endpoint("127.0.0.1:1", org1.ca.pem, None, pem_of(certificate))


@pytest.mark.parametrize("junk", [b"", b"\xff\xff", b"\x1a\x05\x0a\x03abc"])
def test_error_details_that_cannot_be_read_are_left_out(junk: bytes) -> None:
    assert read_details(junk) == ()
