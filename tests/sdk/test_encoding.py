"""Messages written by hand beside protobuf's own bytes."""

from __future__ import annotations

from fabric_protos.common import common_pb2 as common
from fabric_protos.gateway import gateway_pb2 as gw
from fabric_protos.peer import chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_sdk import encoding

DATA = st.binary(max_size=300)
TEXT = st.text(max_size=40)
MANY = settings(max_examples=60, deadline=None)


@MANY
@given(st.integers(0, (1 << 63) - 1), DATA, TEXT)
def test_responses(status: int, data: bytes, text: str) -> None:
    status %= 1 << 31
    expected = proposal_response_pb2.Response(status=status, message=text, payload=data)
    assert encoding.response(status, text, data) == expected.SerializeToString()


@MANY
@given(DATA, DATA, DATA, st.integers(0, 600), TEXT, DATA, TEXT, TEXT)
def test_response_payloads(
    digest: bytes, results: bytes, events: bytes, status: int, text: str, payload: bytes, name: str, version: str
) -> None:
    action = proposal_pb2.ChaincodeAction(
        results=results,
        events=events,
        response=proposal_response_pb2.Response(status=status, message=text, payload=payload),
        chaincode_id=chaincode_pb2.ChaincodeID(name=name, version=version),
    )
    expected = proposal_response_pb2.ProposalResponsePayload(
        proposal_hash=digest, extension=action.SerializeToString()
    ).SerializeToString()
    assert expected == encoding.proposal_response_payload(
        digest, results, events, status=status, message=text, payload=payload, chaincode=name, chaincode_version=version
    )


@MANY
@given(DATA, DATA, DATA, DATA, st.lists(st.tuples(DATA, DATA), max_size=3))
def test_transactions(
    channel_header: bytes, signature_header: bytes, public: bytes, answer: bytes, signed: list[tuple[bytes, bytes]]
) -> None:
    action = transaction_pb2.ChaincodeActionPayload(
        chaincode_proposal_payload=public,
        action=transaction_pb2.ChaincodeEndorsedAction(
            proposal_response_payload=answer,
            endorsements=[proposal_response_pb2.Endorsement(endorser=e, signature=s) for e, s in signed],
        ),
    )
    transaction = transaction_pb2.Transaction(
        actions=[transaction_pb2.TransactionAction(header=signature_header, payload=action.SerializeToString())]
    ).SerializeToString()
    header = common.Header(channel_header=channel_header, signature_header=signature_header)
    payload = common.Payload(header=header, data=transaction).SerializeToString()
    raw_header = encoding.header(channel_header, signature_header)
    assert raw_header == header.SerializeToString()
    found = encoding.transaction_payload(raw_header, signature_header, public, answer, signed)
    assert found == (payload, transaction)
    expected = common.Envelope(payload=payload, signature=answer).SerializeToString()
    assert encoding.envelope(payload, answer) == expected


@MANY
@given(st.integers(0, 9), st.integers(0, 1 << 40), st.integers(0, 999_999_999), TEXT, TEXT, DATA, DATA)
def test_channel_headers(
    kind: int, seconds: int, nanos: int, channel: str, tx_id: str, extension: bytes, digest: bytes
) -> None:
    expected = common.ChannelHeader(
        type=kind,
        channel_id=channel,
        tx_id=tx_id,
        extension=extension,
        tls_cert_hash=digest,
        timestamp={"seconds": seconds, "nanos": nanos},
    ).SerializeToString()
    assert encoding.channel_header(kind, seconds, nanos, channel, tx_id, extension, digest) == expected


@MANY
@given(TEXT, st.lists(DATA, max_size=4), st.booleans())
def test_calls(name: str, args: list[bytes], is_init: bool) -> None:
    spec = chaincode_pb2.ChaincodeSpec(
        chaincode_id=chaincode_pb2.ChaincodeID(name=name),
        input=chaincode_pb2.ChaincodeInput(args=args, is_init=is_init),
    )
    expected = chaincode_pb2.ChaincodeInvocationSpec(chaincode_spec=spec).SerializeToString()
    assert encoding.call(name, args, is_init=is_init) == expected


@MANY
@given(TEXT, TEXT, DATA, DATA, st.lists(TEXT, max_size=3))
def test_gateway_requests(tx_id: str, channel: str, data: bytes, signature: bytes, names: list[str]) -> None:
    signed = proposal_pb2.SignedProposal(proposal_bytes=data, signature=signature)
    found = encoding.signed_proposal_request(tx_id, channel, data, signature, names)
    evaluate = gw.EvaluateRequest(
        transaction_id=tx_id, channel_id=channel, proposed_transaction=signed, target_organizations=names
    )
    endorse = gw.EndorseRequest(
        transaction_id=tx_id, channel_id=channel, proposed_transaction=signed, endorsing_organizations=names
    )
    assert evaluate.SerializeToString() == endorse.SerializeToString() == found
    submit = gw.SubmitRequest(
        transaction_id=tx_id,
        channel_id=channel,
        prepared_transaction=common.Envelope(payload=data, signature=signature),
    )
    assert encoding.submit_request(tx_id, channel, data, signature) == submit.SerializeToString()
    status = gw.CommitStatusRequest(transaction_id=tx_id, channel_id=channel, identity=data)
    assert encoding.commit_status_request(tx_id, channel, data) == status.SerializeToString()
    expected = gw.SignedCommitStatusRequest(request=data, signature=signature).SerializeToString()
    assert encoding.signed_request(data, signature) == expected
