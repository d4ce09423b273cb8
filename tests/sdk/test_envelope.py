from __future__ import annotations

from hashlib import sha256

import pytest
from fabric_protos.common.common_pb2 import ChannelHeader, Envelope, Header, HeaderType, Payload, SignatureHeader
from fabric_protos.common.configtx_pb2 import ConfigEnvelope
from fabric_protos.peer.proposal_pb2 import Proposal
from fabric_protos.peer.transaction_pb2 import Transaction, TransactionAction
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_sdk import envelope as env
from fabric_sdk.errors import DecodeError
from fabric_sdk.identity import Identity
from fabric_sdk.signatures import verify
from fabric_sdk.transaction import check_common_header
from tests.sdk.material import Organization

CREATOR = Identity("Org1MSP", b"certificate").serialize()


@given(
    st.lists(st.binary(max_size=50), max_size=5),
    st.dictionaries(st.text(max_size=10), st.binary(max_size=20), max_size=3),
    st.booleans(),
    st.integers(0, 4_000_000_000_000_000_000),
)
@settings(deadline=None)
def test_proposals_come_back(args: list[bytes], transient: dict[str, bytes], is_init: bool, time_ns: int) -> None:
    made = env.new_proposal("ch", "basic", args, CREATOR, transient=transient, is_init=is_init, time_ns=time_ns)
    view = env.read_proposal(made.bytes)
    assert (view.channel_id, view.chaincode, view.transaction_id) == ("ch", "basic", made.transaction_id)
    assert (list(view.args), dict(view.transient), view.is_init, view.creator) == (args, transient, is_init, CREATOR)
    assert (view.header.seconds, view.header.nanos) == divmod(time_ns, 1_000_000_000)
    assert made.transaction_id == sha256(made.nonce + CREATOR).hexdigest()


def test_transaction_ids_are_those_of_fabric() -> None:
    """Fabric documentation: SHA-256 over nonce and creator, in hexadecimal."""
    assert env.transaction_id(b"nonce", b"creator") == sha256(b"noncecreator").hexdigest()
    assert len(env.new_nonce()) == 24
    assert env.new_nonce() != env.new_nonce()


def test_the_proposal_hash_leaves_transient_data_out() -> None:
    public = env.new_proposal("ch", "basic", [b"f"], CREATOR, nonce=b"n", time_ns=1)
    secret = env.new_proposal("ch", "basic", [b"f"], CREATOR, nonce=b"n", time_ns=1, transient={"k": b"v"})
    assert public.bytes != secret.bytes
    assert env.read_proposal(public.bytes).hash == env.read_proposal(secret.bytes).hash


def transaction(org1: Organization, org2: Organization) -> tuple[env.UnsignedProposal, bytes]:
    made = env.new_proposal("ch", "basic", [b"f", b"x"], org1.client.creator, transient={"secret": b"hidden"})
    payload = env.proposal_response_payload(
        env.read_proposal(made.bytes).hash,
        b"results",
        b"",
        status=200,
        message="fine",
        payload=b"answer",
        chaincode="basic",
        chaincode_version="1.0",
    )
    endorsements = [env.endorse(payload, o.peer) for o in (org1, org2, org1)]
    signable = env.transaction_payload(made.bytes, payload, endorsements)
    return made, Envelope(payload=signable, signature=org1.client.sign(signable)).SerializeToString()


def test_transactions_come_back(org1: Organization, org2: Organization) -> None:
    made, data = transaction(org1, org2)
    assert b"hidden" not in data
    view = env.read_envelope(data)
    check_common_header(view.header)
    assert view.header.transaction_id == made.transaction_id
    assert view.header.creator == org1.client.creator
    verify(org1.client.certificate.public_key(), view.signature, view.payload)  # type: ignore[arg-type]
    action = env.read_action(view)
    assert (action.args, action.chaincode, action.chaincode_version) == ((b"f", b"x"), "basic", "1.0")
    assert (action.results, action.response_status, action.response_payload_data) == (b"results", 200, b"answer")
    assert [e.endorser for e in action.endorsements] == [org1.peer.creator, org2.peer.creator]
    for endorsement, organization in zip(action.endorsements, (org1, org2), strict=True):
        key = organization.peer.certificate.public_key()
        verify(key, endorsement.signature, action.response_payload + endorsement.endorser)  # type: ignore[arg-type]


def test_results_of_another_proposal_are_found_out(org1: Organization, org2: Organization) -> None:
    _, first = transaction(org1, org2)
    _, second = transaction(org1, org2)
    one, two = env.read_envelope(first), env.read_envelope(second)
    mixed = Payload(header=Payload.FromString(one.payload).header, data=two.data).SerializeToString()
    view = env.read_payload(mixed, one.signature)
    with pytest.raises(env.MalformedTransaction) as caught:
        env.read_action(view)
    assert caught.value.code_name == "INVALID_ENDORSER_TRANSACTION"


def header(**changes: object) -> Header:
    channel = ChannelHeader(type=HeaderType.ENDORSER_TRANSACTION, channel_id="ch", tx_id=env.transaction_id(b"n", b"c"))
    signature = SignatureHeader(creator=b"c", nonce=b"n")
    for name, value in changes.items():
        setattr(signature if name in ("creator", "nonce") else channel, name, value)
    return Header(channel_header=channel.SerializeToString(), signature_header=signature.SerializeToString())


def code_of(payload: Payload | bytes) -> str:
    raw = payload if isinstance(payload, bytes) else payload.SerializeToString()
    with pytest.raises(env.MalformedTransaction) as caught:
        view = env.read_envelope(Envelope(payload=raw, signature=b"s").SerializeToString())
        check_common_header(view.header)
        env.read_action(view)
    return caught.value.code_name


def test_every_fault_has_fabrics_code() -> None:
    with pytest.raises(env.MalformedTransaction) as caught:
        env.read_envelope(b"")
    assert caught.value.code_name == "NIL_ENVELOPE"
    assert code_of(b"\xff") == "BAD_PAYLOAD"
    assert code_of(b"") == "NIL_ENVELOPE" or code_of(Payload(data=b"x")) == "BAD_COMMON_HEADER"
    assert code_of(Payload(header=Header(channel_header=b"\xff"))) == "BAD_COMMON_HEADER"
    for changes in ({"epoch": 1}, {"type": 77}, {"creator": b""}, {"nonce": b""}, {"type": HeaderType.MESSAGE}):
        assert code_of(Payload(header=header(**changes))) == "BAD_COMMON_HEADER", changes
    assert code_of(Payload(header=header(tx_id="1234"))) == "BAD_PROPOSAL_TXID"
    two = Transaction(actions=[TransactionAction(), TransactionAction()]).SerializeToString()
    for data in (b"", b"\xff", two, Transaction(actions=[TransactionAction()]).SerializeToString()):
        assert code_of(Payload(header=header(), data=data)) == "INVALID_ENDORSER_TRANSACTION", data


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": HeaderType.DELIVER_SEEK_INFO}, "header type DELIVER_SEEK_INFO"),
        ({"type": 99}, "HEADER_TYPE_99"),
        ({"epoch": 1}, "epoch"),
        ({"nonce": b""}, "nonce"),
        ({"creator": b""}, "creator"),
        ({"tx_id": "x"}, "incorrectly computed txid 'x'"),
        ({}, "chaincode's name"),
        ({"extension": b"\xff"}, "chaincode header extension"),
        ({"extension": b"\x12\x07\x12\x05basic"}, "no input"),
    ],
)
def test_incomplete_proposals_are_refused(changes: dict[str, object], reason: str) -> None:
    proposal = Proposal(header=header(**changes).SerializeToString()).SerializeToString()
    with pytest.raises(DecodeError, match=reason):
        env.read_proposal(proposal)


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_hostile_bytes_are_one_clear_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        env.read_proposal(data)
    with pytest.raises(DecodeError):
        env.read_action(env.read_envelope(data))
    with pytest.raises(DecodeError):
        env.read_config(data)
    with pytest.raises(DecodeError):
        env.transaction_payload(data, b"", [])


def test_configuration_envelopes(org1: Organization) -> None:
    config = ConfigEnvelope()
    config.config.sequence = 7
    header_view, found = env.read_config(env.config_envelope("ch", config, org1.orderer).SerializeToString())
    assert (header_view.type_name, header_view.channel_id, found.config.sequence) == ("CONFIG", "ch", 7)
    unsigned = env.config_envelope("ch", config, None)
    assert unsigned.signature == b""
    assert env.read_config(unsigned.SerializeToString())[1] == config


def test_consents_to_a_configuration_update(org1: Organization) -> None:
    signature = env.config_signature(b"update", org1.admin)
    verify(org1.admin.certificate.public_key(), signature.signature, signature.signature_header + b"update")  # type: ignore[arg-type]
    sent = env.config_update_envelope("ch", b"update", [signature], org1.admin)
    view = env.read_envelope(sent.SerializeToString())
    assert view.header.type_name == "CONFIG_UPDATE"
    with pytest.raises(env.MalformedTransaction, match="no configuration"):
        env.read_config(sent.SerializeToString())


def test_a_transaction_without_endorsements_is_not_made() -> None:
    made = env.new_proposal("ch", "basic", [b"f"], CREATOR)
    with pytest.raises(DecodeError, match="at least one"):
        env.transaction_payload(made.bytes, b"payload", [])
