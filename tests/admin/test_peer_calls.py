"""What the administration asks a peer for, and how it takes the answers: a peer of canned answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.common.common_pb2 import Block, BlockHeader
from fabric_protos.common.ledger_pb2 import BlockchainInfo
from fabric_protos.discovery import protocol_pb2
from fabric_protos.gossip import message_pb2
from fabric_protos.peer.lifecycle import lifecycle_pb2
from fabric_protos.peer.proposal_pb2 import SignedProposal
from fabric_protos.peer.proposal_response_pb2 import ProposalResponse, Response
from fabric_protos.peer.query_pb2 import ChannelInfo, ChannelQueryResponse
from fabric_protos.peer.transaction_pb2 import ProcessedTransaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabric_sdk import policy
from fabric_sdk.admin import (
    ChaincodeDefinition,
    Channels,
    CollectionConfig,
    Discovery,
    LedgerQuery,
    Lifecycle,
    NotOnLedger,
    PeerConnection,
    Refused,
)
from fabric_sdk.admin.peer import METHOD_PROCESS_PROPOSAL
from fabric_sdk.chaincode.package import build_package, package_id
from fabric_sdk.errors import CommitError, FabricError, GatewayError
from fabric_sdk.gateway import Deadlines
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.signatures import verify
from fabric_sdk.transaction import read_proposal
from tests.ca.fake_ca import FakeCa


class CannedPeer:
    """A transport whose answers the test writes: function name → payload, or (status, message)."""

    client_certificate_der = None

    def __init__(self, key: Any) -> None:
        self.key = key
        self.answers: dict[str, Any] = {}
        self.calls: list[tuple[str, str, str, list[bytes]]] = []
        self.raw: bytes | None = None

    def unary(self, method: str, request: bytes, timeout: float) -> bytes:
        if self.raw is not None:
            return self.raw
        if method != METHOD_PROCESS_PROPOSAL:
            signed = protocol_pb2.SignedRequest.FromString(request)
            verify(self.key, signed.signature, signed.payload)
            return self.answers["Discover"](protocol_pb2.Request.FromString(signed.payload))
        signed = SignedProposal.FromString(request)
        verify(self.key, signed.signature, signed.proposal_bytes)
        view = read_proposal(signed.proposal_bytes)
        args = list(view.args)
        self.calls.append((view.header.channel_id, view.chaincode, args[0].decode(), args[1:]))
        answer = self.answers.get(args[0].decode(), (500, "no answer"))
        if isinstance(answer, Exception):
            raise answer
        status, message, payload = (*answer, b"") if isinstance(answer, tuple) else (200, "", answer)
        return ProposalResponse(response=Response(status=status, message=message, payload=payload)).SerializeToString()

    def close(self) -> None:
        raise AssertionError("a transport that was handed in is its owner's to close")


@pytest.fixture(scope="module")
def identity() -> SigningIdentity:
    import base64

    from fabric_sdk.ca.requests import certificate_request

    ca = FakeCa()
    key = ec.generate_private_key(ec.SECP256R1())
    pem = base64.b64decode(ca.issue(certificate_request("admin", key), {}))
    ca.close()
    return SigningIdentity.from_key("Org1MSP", pem, key)


@pytest.fixture
def peer(identity: SigningIdentity) -> CannedPeer:
    return CannedPeer(identity.certificate.public_key())


@pytest.fixture
def connection(peer: CannedPeer, identity: SigningIdentity) -> PeerConnection:
    return PeerConnection(peer, identity)  # type: ignore[arg-type]


def test_calls_are_signed_and_addressed(peer: CannedPeer, connection: PeerConnection) -> None:
    peer.answers["Fn"] = b"result"
    with connection:
        assert connection.call("cc", "Fn", ["text", b"\x00"], channel="ch") == b"result"
    assert peer.calls == [("ch", "cc", "Fn", [b"text", b"\x00"])]
    peer.answers["Fn"] = (500, "no such thing")
    with pytest.raises(Refused, match="no such thing") as caught:
        connection.call("cc", "Fn")
    assert (caught.value.status, caught.value.operation) == (500, "cc.Fn")


def test_reachable(peer: CannedPeer, connection: PeerConnection) -> None:
    assert connection.reachable()  # refusing is an answer
    for code, reachable in (("UNAVAILABLE", False), ("DEADLINE_EXCEEDED", False), ("PERMISSION_DENIED", True)):
        peer.answers["GetChannels"] = GatewayError(code, "x")
        assert connection.reachable() is reachable


def test_installing_twice_is_once(peer: CannedPeer, connection: PeerConnection) -> None:
    package = build_package("a_1", "h:1")
    result = lifecycle_pb2.InstallChaincodeResult(package_id=package_id(package), label="a_1")
    peer.answers["InstallChaincode"] = result.SerializeToString()
    first = Lifecycle(connection).install(package)
    text = f"... chaincode already successfully installed (package ID '{package_id(package)}')"
    peer.answers["InstallChaincode"] = (500, text)
    assert Lifecycle(connection).install(package) == first
    peer.answers["InstallChaincode"] = (500, "disk full")
    with pytest.raises(Refused, match="disk full"):
        Lifecycle(connection).install(package)


def test_definitions_travel_whole(peer: CannedPeer, connection: PeerConnection) -> None:
    collection = CollectionConfig("c", "OR('Org1MSP.member')")
    definition = ChaincodeDefinition("cc", "1.0", 2, "OR('Org1MSP.peer')", (collection,), True)
    answer = lifecycle_pb2.CheckCommitReadinessResult(approvals={"B": True, "A": False})
    answer.mismatches["A"].items.append("EndorsementInfo")
    peer.answers["CheckCommitReadiness"] = answer.SerializeToString()
    readiness = Lifecycle(connection).check_commit_readiness("ch", definition)
    assert (readiness.approvals, readiness.mismatches) == ({"A": False, "B": True}, {"A": ("EndorsementInfo",)})
    assert not readiness.majority
    sent = lifecycle_pb2.CheckCommitReadinessArgs.FromString(peer.calls[-1][3][0])
    assert (sent.name, sent.version, sent.sequence, sent.init_required) == ("cc", "1.0", 2, True)
    assert sent.validation_parameter == policy.application_policy("OR('Org1MSP.peer')")
    committed = lifecycle_pb2.QueryChaincodeDefinitionResult(approvals={"A": True})
    definition.fill(approved := lifecycle_pb2.ApproveChaincodeDefinitionForMyOrgArgs())
    for name in ("version", "sequence", "validation_parameter", "init_required"):
        setattr(committed, name, getattr(approved, name))
    committed.collections.CopyFrom(approved.collections)
    peer.answers["QueryChaincodeDefinition"] = committed.SerializeToString()
    found = Lifecycle(connection).query_committed("ch", "cc")
    assert found is not None
    assert found.definition == definition
    peer.answers["QueryChaincodeDefinition"] = (404, "namespace cc is not defined")
    assert Lifecycle(connection).query_committed("ch", "cc") is None
    peer.answers["QueryChaincodeDefinition"] = (500, "broken")
    with pytest.raises(Refused):
        Lifecycle(connection).query_committed("ch", "cc")


def test_channels(peer: CannedPeer, connection: PeerConnection) -> None:
    listed = ChannelQueryResponse(channels=[ChannelInfo(channel_id=c) for c in ("b", "a")])
    peer.answers["GetChannels"] = listed.SerializeToString()
    assert Channels(connection).names() == ("a", "b")
    info = BlockchainInfo(height=7, currentBlockHash=b"c", previousBlockHash=b"p")
    peer.answers["GetChainInfo"] = info.SerializeToString()
    assert Channels(connection).info("a").height == 7
    assert Channels(connection).info("a").from_snapshot is None
    peer.answers["JoinChain"] = (500, "cannot create ledger: ledger [a] already exists with state [ACTIVE]")
    Channels(connection).join(b"genesis")
    peer.answers["JoinChain"] = (500, "not a block")
    with pytest.raises(Refused):
        Channels(connection).join(b"genesis")


def test_ledger_queries(peer: CannedPeer, connection: PeerConnection) -> None:
    peer.answers["GetBlockByNumber"] = Block(header=BlockHeader(number=3)).SerializeToString()
    query = LedgerQuery(connection, "ch")
    assert query.block(3).header.number == 3
    assert peer.calls[-1] == ("ch", "qscc", "GetBlockByNumber", [b"ch", b"3"])
    for text in ("entry not found in index", "no such transaction ID [x] in index", "block not found"):
        peer.answers["GetTransactionByID"] = (500, f"Failed to get transaction with id x, error {text}")
        with pytest.raises(NotOnLedger):
            query.transaction("x")
    peer.answers["GetTransactionByID"] = (500, "access denied for [GetTransactionByID][ch]")
    with pytest.raises(Refused):
        query.transaction("x")


def test_discovered_peers(peer: CannedPeer, connection: PeerConnection) -> None:
    def answer(request: Any) -> bytes:
        assert request.authentication.client_identity == connection.identity.creator
        assert request.queries[0].channel == "ch"
        alive, state = message_pb2.GossipMessage(), message_pb2.GossipMessage()
        alive.alive_msg.membership.endpoint = "peer0:7051"
        state.state_info.properties.ledger_height = 9
        state.state_info.properties.chaincodes.add(name="cc", version="1")
        response = protocol_pb2.Response()
        entry = response.results.add().members.peers_by_org["Org1MSP"].peers.add()
        entry.membership_info.payload = alive.SerializeToString()
        entry.state_info.payload = state.SerializeToString()
        return response.SerializeToString()

    peer.answers["Discover"] = answer
    (found,) = Discovery(connection).peers("ch")
    assert (found.msp_id, found.endpoint, found.height, found.chaincodes) == ("Org1MSP", "peer0:7051", 9, {"cc": "1"})
    refused = protocol_pb2.Response()
    refused.results.add().error.content = "access denied"
    peer.answers["Discover"] = lambda _: refused.SerializeToString()
    with pytest.raises(Refused, match="access denied"):
        Discovery(connection).members("ch")
    peer.answers["Discover"] = lambda _: b""
    with pytest.raises(FabricError):
        Discovery(connection).members("ch")


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=80), st.booleans())
def test_hostile_answers_end_in_an_sdk_error(
    peer: CannedPeer, connection: PeerConnection, raw: bytes, inside: bool
) -> None:
    peer.raw = ProposalResponse(response=Response(status=200, payload=raw)).SerializeToString() if inside else raw
    asks: list[Callable[[], object]] = [
        Lifecycle(connection).installed,
        lambda: Lifecycle(connection).committed("ch"),
        lambda: Lifecycle(connection).query_approved("ch", "cc"),
        Channels(connection).names,
        lambda: Channels(connection).info("ch"),
        lambda: LedgerQuery(connection, "ch").block(1),
        lambda: Discovery(connection).peers("ch"),
    ]
    for ask in asks:
        try:
            ask()
        except FabricError:
            continue


def test_a_transaction_that_was_ordered_although_refused(peer: CannedPeer, connection: PeerConnection) -> None:
    """BFT orderers under load may refuse what they have already: then the ledger decides."""
    lifecycle = Lifecycle(connection)
    peer.answers["GetTransactionByID"] = ProcessedTransaction(validationCode=0).SerializeToString()
    assert lifecycle._await_ordered("ch", "tx") == "tx"
    peer.answers["GetTransactionByID"] = ProcessedTransaction(validationCode=10).SerializeToString()
    peer.answers["GetBlockByTxID"] = Block(header=BlockHeader(number=7)).SerializeToString()
    with pytest.raises(CommitError) as caught:
        lifecycle._await_ordered("ch", "tx")
    assert (caught.value.code_name, caught.value.block_number) == ("ENDORSEMENT_POLICY_FAILURE", 7)
    peer.answers["GetTransactionByID"] = (500, "no such transaction ID [tx] in index")
    impatient = Lifecycle(connection, deadlines=Deadlines(commit_status=0.0))
    with pytest.raises(NotOnLedger):
        impatient._await_ordered("ch", "tx")
