"""What a Gateway remembers of a transaction is what reading it again would find, or it is not used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fabric_protos.common.common_pb2 import ChannelHeader, Envelope, Header
from fabric_protos.peer.chaincode_event_pb2 import ChaincodeEvent
from fabric_protos.peer.proposal_pb2 import Proposal
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_sdk.chaincode.ledger import Response
from fabric_sdk.encoding import proposal_response_payload
from fabric_sdk.envelope import new_proposal, transaction_payload
from fabric_sdk.transaction import ProposalView, read_proposal
from network.embedded.endorsed import Simulated
from network.embedded.interest import Interest
from network.embedded.prepared import MOST_BYTES, Prepared, prepare
from network.embedded.rwset import RwSetBuilder
from network.embedded.transactions import parse_envelope
from network.embedded.versions import Version


def simulated(view: ProposalView, key: str, value: bytes, event: bool) -> Simulated:
    builder = RwSetBuilder()
    sets = builder.namespace("ledger")
    sets.reads[key] = Version(3, 1)
    sets.reads["absent"] = None
    sets.writes[key] = value or None
    builder.namespace("_lifecycle").reads["namespaces/fields/ledger/Sequence"] = Version(1, 0)
    results = builder.public({})
    events = b""
    if event:
        events = ChaincodeEvent(
            chaincode_id="ledger", tx_id=view.transaction_id, event_name="e", payload=value
        ).SerializeToString()
    response = Response(200, "", value)
    payload = proposal_response_payload(
        view.hash,
        results,
        events,
        status=200,
        message="",
        payload=value,
        chaincode=view.chaincode,
        chaincode_version="1.0",
    )
    return Simulated(builder.namespaces, {}, response, "1.0", results, events, payload, Interest(()))


def proposed(key: str, value: bytes) -> ProposalView:
    return read_proposal(new_proposal("c", "ledger", [b"Put", key.encode(), value], b"creator").bytes)


SIGNED = [(b"peer0", b"signature0"), (b"peer1", b"signature1")]


def made(key: str = "k", value: bytes = b"v", event: bool = False) -> tuple[ProposalView, Simulated, bytes, Prepared]:
    view = proposed(key, value)
    outcome = simulated(view, key, value, event)
    payload, remembered = prepare(view, outcome.payload, SIGNED, outcome, 7)
    assert remembered is not None
    return view, outcome, payload, remembered


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=20), st.binary(max_size=200), st.booleans())
def test_remembered_is_what_reading_finds(key: str, value: bytes, event: bool) -> None:
    _, _, payload, remembered = made(key, value, event)
    envelope = Envelope(payload=payload, signature=b"s")
    known = remembered.signed(envelope, 7)
    assert known is not None
    read = parse_envelope(envelope)
    assert (read.flaw, read.flaw_text) == (0, "")
    assert known == read


def test_the_same_payload_as_protobuf_makes() -> None:
    from fabric_protos.peer.proposal_response_pb2 import Endorsement

    view, outcome, payload, _ = made()
    endorsements = [Endorsement(endorser=e, signature=s) for e, s in SIGNED]
    assert payload == transaction_payload(view.raw, outcome.payload, endorsements)


def test_anything_else_is_read_again() -> None:
    _, _, payload, remembered = made()
    assert remembered.signed(Envelope(payload=payload, signature=b"s"), 8) is None  # another configuration
    for place in (0, len(payload) // 2, len(payload) - 1):
        other = bytearray(payload)
        other[place] ^= 1
        assert remembered.signed(Envelope(payload=bytes(other), signature=b"s"), 7) is None
    assert remembered.signed(Envelope(payload=payload + b"\x18\x01", signature=b"s"), 7) is None
    assert remembered.signed(Envelope(), 7) is None


def test_headers_with_unknown_fields_keep_them() -> None:
    proposal = Proposal.FromString(new_proposal("c", "ledger", [b"Put", b"k"], b"creator").bytes)
    proposal.header += b"\x1a\x03abc"
    view = read_proposal(proposal.SerializeToString())
    outcome = simulated(view, "k", b"v", False)
    payload, remembered = prepare(view, outcome.payload, SIGNED, outcome, 7)
    assert remembered is None
    assert b"\x1a\x03abc" in payload
    assert Header.FromString(view.raw_header).SerializeToString() in payload


@pytest.mark.parametrize("kind", ["large", "private"])
def test_what_is_not_remembered(kind: str) -> None:
    view, outcome, _, _ = made()
    if kind == "large":
        outcome = replace(outcome, payload=bytes(MOST_BYTES))
        assert prepare(view, outcome.payload, SIGNED, outcome, 7)[1] is None
    else:
        assert prepare(view, outcome.payload, SIGNED, None, 7)[1] is None
    assert ChannelHeader.FromString(view.header.raw_channel_header).channel_id == "c"
