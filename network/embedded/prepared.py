"""Transactions that a Gateway prepared: written once, and not read again when they come back signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fabric_protos.common.common_pb2 import Envelope, Header, Payload
from fabric_protos.peer.proposal_response_pb2 import Endorsement
from fabric_protos.peer.transaction_pb2 import (
    ChaincodeActionPayload,
    ChaincodeEndorsedAction,
    Transaction,
    TransactionAction,
)

from fabric_sdk import encoding
from fabric_sdk.transaction import (
    ENDORSER_TRANSACTION,
    ActionView,
    EndorsementView,
    EnvelopeView,
    HeaderView,
    ProposalView,
)
from network.embedded import transactions
from network.embedded.endorsed import Simulated

MOST_BYTES = 64 * 1024
"""Larger ones are read again."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A transaction's payload and what stands in it; good while the channel's configuration is that of `sequence`."""

    payload: bytes = field(repr=False)
    sequence: int
    header: HeaderView
    data: bytes = field(repr=False)
    action: ActionView

    def signed(self, envelope: Envelope, sequence: int) -> transactions.Transaction | None:
        """The transaction in an envelope, None unless it carries this very payload under the same configuration."""
        if sequence != self.sequence or envelope.payload != self.payload:
            return None
        transaction = transactions.Transaction(envelope.SerializeToString())
        transaction.view = EnvelopeView(self.payload, envelope.signature, self.header, self.data)
        transaction.action = self.action
        try:
            transactions.read_results(transaction, self.action)
        except Exception:
            return None  # the long way finds out what is wrong
        return transaction


def prepare(
    view: ProposalView,
    response_payload: bytes,
    endorsements: Sequence[tuple[bytes, bytes]],
    simulated: Simulated | None,
    sequence: int,
) -> tuple[bytes, Prepared | None]:
    """The payload for the client to sign (transient data stay behind), and what to remember of it."""
    header = view.header
    raw_header = encoding.header(header.raw_channel_header, header.raw_signature_header)
    if raw_header != view.raw_header:
        return _by_protobuf(view, response_payload, endorsements), None  # fields that we do not know must survive
    payload, data = encoding.transaction_payload(
        raw_header, header.raw_signature_header, view.raw_public_payload, response_payload, endorsements
    )
    if simulated is None or len(payload) > MOST_BYTES or header.type != ENDORSER_TRANSACTION:
        return payload, None
    response = simulated.response
    action = ActionView(
        args=view.args,
        input_chaincode=view.input_chaincode,
        is_init=view.is_init,
        response_payload=response_payload,
        results=simulated.results,
        events=simulated.events,
        response_status=response.status,
        response_message=response.message,
        response_payload_data=response.payload,
        chaincode=view.chaincode,
        chaincode_version=simulated.version,
        endorsements=tuple(EndorsementView(*endorsement) for endorsement in endorsements),
    )
    return payload, Prepared(payload, sequence, header, data, action)


def _by_protobuf(view: ProposalView, response_payload: bytes, endorsements: Sequence[tuple[bytes, bytes]]) -> bytes:
    header = Header.FromString(view.raw_header)
    action = ChaincodeActionPayload(
        chaincode_proposal_payload=view.raw_public_payload,
        action=ChaincodeEndorsedAction(
            proposal_response_payload=response_payload,
            endorsements=[Endorsement(endorser=e, signature=s) for e, s in endorsements],
        ),
    )
    transaction = Transaction(
        actions=[TransactionAction(header=header.signature_header, payload=action.SerializeToString())]
    )
    payload: bytes = Payload(header=header, data=transaction.SerializeToString()).SerializeToString()
    return payload
