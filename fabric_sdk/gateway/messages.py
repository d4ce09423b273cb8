"""The Gateway's messages, without any input or output: shared by the blocking and the asyncio client.

Each draft has `bytes` (to be taken elsewhere for signing, and back), `digest` (what is signed) and takes a signature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fabric_protos.common.common_pb2 import ChannelHeader, Envelope, Header, Payload
from fabric_protos.gateway.gateway_pb2 import (
    CommitStatusRequest,
    CommitStatusResponse,
    EndorseResponse,
    EvaluateResponse,
    PreparedTransaction,
    ProposedTransaction,
    SignedCommitStatusRequest,
)
from fabric_protos.peer.proposal_pb2 import ChaincodeAction, ChaincodeProposalPayload, Proposal, SignedProposal
from fabric_protos.peer.proposal_response_pb2 import ProposalResponsePayload
from fabric_protos.peer.transaction_pb2 import ChaincodeActionPayload, Transaction

from fabric_sdk import clock, encoding
from fabric_sdk.blocks.model import validation_code_name
from fabric_sdk.envelope import new_proposal
from fabric_sdk.errors import DecodeError, FabricError
from fabric_sdk.identity import Identity, SigningIdentity
from fabric_sdk.wire import decode

Argument = str | bytes
Bytes = bytes
"""`bytes` under a name that stays visible in classes with a property of that name."""


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """What became of a transaction: Fabric's TxValidationCode and the block it is in."""

    transaction_id: str
    code: int
    block_number: int

    @property
    def successful(self) -> bool:
        return self.code == 0

    @property
    def code_name(self) -> str:
        return validation_code_name(self.code)


class Party:
    """On whose behalf messages are made; signs if it can."""

    def __init__(self, identity: SigningIdentity | Identity, time_ns: Callable[[], int] = clock.nanoseconds) -> None:
        self.time_ns = time_ns
        if isinstance(identity, SigningIdentity):
            self.identity = identity.identity
            self._signing: SigningIdentity | None = identity
        else:
            self.identity = identity
            self._signing = None
        self.creator = self.identity.serialize()

    @property
    def signs(self) -> bool:
        """Whether it signs here, without asking anybody."""
        return self._signing is not None

    def sign(self, message: bytes) -> bytes:
        """Sign, or FabricError if this party can only be signed for elsewhere (offline signing)."""
        if self._signing is None:
            raise FabricError("this gateway has no signer: sign the message's digest elsewhere and pass it back in")
        return self._signing.sign(message)

    def digest(self, message: bytes) -> bytes:
        return sha256(message).digest() if self._signing is None else self._signing.digest(message)


class ProposalDraft:
    """A proposal on its way to being evaluated or endorsed."""

    __slots__ = ("channel", "organizations", "proposal", "signature", "transaction_id")

    def __init__(
        self, proposal: bytes, transaction_id: str, channel: str, organizations: Sequence[str], signature: bytes = b""
    ) -> None:
        self.proposal = proposal
        self.transaction_id = transaction_id
        self.channel = channel
        self.organizations = organizations
        self.signature = signature

    @classmethod
    def create(
        cls,
        party: Party,
        channel: str,
        chaincode: str,
        function: str,
        args: Sequence[Argument],
        transient: Mapping[str, Argument] | None,
        organizations: Sequence[str],
    ) -> ProposalDraft:
        made = new_proposal(
            channel,
            chaincode,
            [function.encode(), *(a if isinstance(a, bytes) else a.encode() for a in args)],
            party.creator,
            transient={k: v if isinstance(v, bytes) else v.encode() for k, v in transient.items()}
            if transient
            else None,
            time_ns=party.time_ns(),
        )
        return cls(made.bytes, made.transaction_id, channel, tuple(organizations))

    @classmethod
    def from_bytes(cls, data: bytes, signature: bytes = b"") -> ProposalDraft:
        message = decode(ProposedTransaction, data, "proposed transaction")
        draft = cls.of_signed(message.proposal.proposal_bytes, signature or message.proposal.signature)
        draft.organizations = tuple(message.endorsing_organizations)
        return draft

    @classmethod
    def of_signed(cls, proposal: bytes, signature: bytes) -> ProposalDraft:
        """A proposal with its signature, for any organisation's peers."""
        header = decode(Header, decode(Proposal, proposal, "proposal").header, "header")
        channel = decode(ChannelHeader, header.channel_header, "channel header")
        return cls(proposal, channel.tx_id, channel.channel_id, (), signature)

    def to_bytes(self) -> bytes:
        data: bytes = ProposedTransaction(
            transaction_id=self.transaction_id,
            proposal=SignedProposal(proposal_bytes=self.proposal, signature=self.signature),
            endorsing_organizations=self.organizations,
        ).SerializeToString()
        return data

    def evaluate_request(self) -> bytes:
        return self.endorse_request()  # the same fields with the same numbers

    def endorse_request(self) -> bytes:
        return encoding.signed_proposal_request(
            self.transaction_id, self.channel, self.proposal, self.signature, self.organizations
        )

    def read_evaluated(self, answer: bytes) -> bytes:
        result: bytes = decode(EvaluateResponse, answer, "evaluate response").result.payload
        return result

    def read_endorsed(self, answer: bytes) -> TransactionDraft:
        """The transaction that the peer prepared; DecodeError unless it is the one that was proposed."""
        envelope = decode(EndorseResponse, answer, "endorse response").prepared_transaction
        draft = TransactionDraft(envelope.payload, self.transaction_id, self.channel)
        proposed = decode(Proposal, self.proposal, "proposal")
        header = decode(Header, proposed.header, "header")
        prepared = decode(Payload, envelope.payload, "payload")
        call = decode(ChaincodeProposalPayload, proposed.payload, "chaincode proposal payload").input
        if (
            prepared.header.channel_header != header.channel_header
            or prepared.header.signature_header != header.signature_header
            or draft.read(prepared) != call
        ):
            raise DecodeError("the peer prepared another transaction than the one that was proposed")
        return draft


class TransactionDraft:
    """An endorsed transaction on its way to the orderer."""

    __slots__ = ("_result", "channel", "payload", "signature", "transaction_id")

    def __init__(self, payload: bytes, transaction_id: str, channel: str, signature: bytes = b"") -> None:
        self.payload = payload
        self.transaction_id = transaction_id
        self.channel = channel
        self.signature = signature
        self._result: bytes | None = None

    @classmethod
    def from_bytes(cls, data: bytes, signature: bytes = b"") -> TransactionDraft:
        message = decode(PreparedTransaction, data, "prepared transaction")
        payload = message.envelope.payload
        header = decode(Payload, payload, "payload").header
        channel = decode(ChannelHeader, header.channel_header, "channel header")
        return cls(payload, channel.tx_id, channel.channel_id, signature or message.envelope.signature)

    @property
    def result(self) -> bytes:
        """What the contract returned when it was endorsed."""
        if self._result is None:
            self.read(decode(Payload, self.payload, "payload"))
        return self._result or b""

    def read(self, payload: Any) -> bytes:
        """Take the result out of the prepared payload; returns the call (`ChaincodeInvocationSpec` bytes) it is for."""
        actions = decode(Transaction, payload.data, "transaction").actions
        if len(actions) != 1:
            raise DecodeError("a prepared transaction has exactly one action")
        action = decode(ChaincodeActionPayload, actions[0].payload, "chaincode action payload")
        response = decode(ProposalResponsePayload, action.action.proposal_response_payload, "proposal response payload")
        self._result = decode(ChaincodeAction, response.extension, "chaincode action").response.payload
        call: bytes = decode(
            ChaincodeProposalPayload, action.chaincode_proposal_payload, "chaincode proposal payload"
        ).input
        return call

    def to_bytes(self) -> bytes:
        data: bytes = PreparedTransaction(
            transaction_id=self.transaction_id,
            envelope=Envelope(payload=self.payload, signature=self.signature),
        ).SerializeToString()
        return data

    def submit_request(self) -> bytes:
        return encoding.submit_request(self.transaction_id, self.channel, self.payload, self.signature)


class CommitDraft:
    """A question for a transaction's commit status."""

    __slots__ = ("request", "signature", "transaction_id")

    def __init__(self, request: bytes, transaction_id: str, signature: bytes = b"") -> None:
        self.request = request
        self.transaction_id = transaction_id
        self.signature = signature

    @classmethod
    def create(cls, party: Party, channel: str, transaction_id: str) -> CommitDraft:
        return cls(encoding.commit_status_request(transaction_id, channel, party.creator), transaction_id)

    @classmethod
    def from_bytes(cls, data: bytes, signature: bytes = b"") -> CommitDraft:
        message = decode(SignedCommitStatusRequest, data, "signed commit status request")
        request = decode(CommitStatusRequest, message.request, "commit status request")
        if not request.transaction_id:
            raise DecodeError("a commit status request without a transaction id")
        return cls(message.request, request.transaction_id, signature or message.signature)

    def to_bytes(self) -> bytes:
        return encoding.signed_request(self.request, self.signature)

    def read_status(self, answer: bytes) -> CommitStatus:
        response = decode(CommitStatusResponse, answer, "commit status response")
        return CommitStatus(self.transaction_id, response.result, response.block_number)
