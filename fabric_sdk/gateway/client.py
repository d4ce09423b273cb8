"""The blocking Gateway client: Gateway -> Network -> Contract -> Proposal -> Transaction -> SubmittedTransaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Self

from fabric_protos.common.common_pb2 import Block

from fabric_sdk import clock
from fabric_sdk.errors import (
    CommitError,
    CommitStatusError,
    DecodeError,
    EndorseError,
    EvaluateError,
    FabricError,
    GatewayError,
    QuerySubmitted,
    SubmitError,
)
from fabric_sdk.gateway import requests
from fabric_sdk.gateway.checkpoint import Checkpoint
from fabric_sdk.gateway.endpoint import Deadlines, Endpoint
from fabric_sdk.gateway.events import EventsRequest, EventStream, OpenStreams
from fabric_sdk.gateway.messages import (
    Argument,
    Bytes,
    CommitDraft,
    CommitStatus,
    Party,
    ProposalDraft,
    TransactionDraft,
)
from fabric_sdk.gateway.status import raised_as
from fabric_sdk.gateway.transport import (
    METHOD_COMMIT_STATUS,
    METHOD_ENDORSE,
    METHOD_EVALUATE,
    METHOD_SUBMIT,
    Transport,
    open_transport,
)
from fabric_sdk.identity import Identity, SigningIdentity


class Session:
    """What all nouns of one gateway share."""

    def __init__(self, transport: Transport, party: Party, deadlines: Deadlines) -> None:
        self.transport = transport
        self.party = party
        self.deadlines = deadlines
        self.streams = OpenStreams()


class Commit:
    """A submitted transaction whose outcome can be asked for (and the question signed elsewhere)."""

    def __init__(self, session: Session, draft: CommitDraft) -> None:
        self._session = session
        self._draft = draft

    @property
    def transaction_id(self) -> str:
        return self._draft.transaction_id

    @property
    def bytes(self) -> Bytes:
        """The serialised question, for `Gateway.new_commit` or `new_signed_commit`."""
        return self._draft.to_bytes()

    @property
    def digest(self) -> Bytes:
        return self._session.party.digest(self._draft.request)

    def status(self, timeout: float | None = None) -> CommitStatus:
        """Wait until the transaction is in a block; CommitStatusError if that cannot be learnt in time (seconds)."""
        draft = self._draft
        if not draft.signature:
            draft.signature = self._session.party.sign(draft.request)
        try:
            answer = self._session.transport.unary(
                METHOD_COMMIT_STATUS, draft.to_bytes(), timeout or self._session.deadlines.commit_status
            )
            return draft.read_status(answer)
        except GatewayError as e:
            raise raised_as(CommitStatusError, e, draft.transaction_id) from e
        except DecodeError as e:
            raise CommitStatusError("INTERNAL", str(e), (), draft.transaction_id) from e


class SubmittedTransaction(Commit):
    """A transaction that the ordering service took; `result` is what the contract returned at endorsement."""

    def __init__(self, session: Session, draft: CommitDraft, transaction: TransactionDraft) -> None:
        super().__init__(session, draft)
        self._transaction = transaction

    @property
    def result(self) -> Bytes:
        return self._transaction.result


class Transaction:
    """An endorsed transaction, ready to be submitted."""

    def __init__(self, session: Session, draft: TransactionDraft) -> None:
        self._session = session
        self._draft = draft

    @property
    def transaction_id(self) -> str:
        return self._draft.transaction_id

    @property
    def result(self) -> Bytes:
        """What the contract returned."""
        return self._draft.result

    @property
    def bytes(self) -> Bytes:
        """The serialised transaction, for `Gateway.new_transaction` or `new_signed_transaction`."""
        return self._draft.to_bytes()

    @property
    def digest(self) -> Bytes:
        return self._session.party.digest(self._draft.payload)

    def submit(self, timeout: float | None = None) -> SubmittedTransaction:
        """Hand it to the ordering service; SubmitError if that does not take it. It is not committed yet."""
        draft, session = self._draft, self._session
        if not draft.signature:
            draft.signature = session.party.sign(draft.payload)
        try:
            session.transport.unary(METHOD_SUBMIT, draft.submit_request(), timeout or session.deadlines.submit)
        except GatewayError as e:
            raise raised_as(SubmitError, e, draft.transaction_id) from e
        commit = CommitDraft.create(session.party, draft.channel, draft.transaction_id)
        return SubmittedTransaction(session, commit, draft)


class Proposal:
    """A call of a contract that can be evaluated, or endorsed and then submitted."""

    def __init__(self, session: Session, draft: ProposalDraft) -> None:
        self._session = session
        self._draft = draft

    @property
    def transaction_id(self) -> str:
        return self._draft.transaction_id

    @property
    def bytes(self) -> Bytes:
        """The serialised proposal, for `Gateway.new_proposal` or `new_signed_proposal`."""
        return self._draft.to_bytes()

    @property
    def digest(self) -> Bytes:
        return self._session.party.digest(self._draft.proposal)

    @property
    def signed(self) -> tuple[Bytes, Bytes]:
        """The proposal itself and the signature over it, to be handed to somebody who lets a peer evaluate it."""
        draft = self._signed()
        return draft.proposal, draft.signature

    def evaluate(self, timeout: float | None = None) -> Bytes:
        """Ask one peer for the contract's answer, without changing anything; EvaluateError if there is none."""
        session, draft = self._session, self._signed()
        try:
            answer = session.transport.unary(
                METHOD_EVALUATE, draft.evaluate_request(), timeout or session.deadlines.evaluate
            )
            return draft.read_evaluated(answer)
        except GatewayError as e:
            raise raised_as(EvaluateError, e, draft.transaction_id) from e
        except DecodeError as e:
            raise EvaluateError("INTERNAL", str(e), (), draft.transaction_id) from e

    def endorse(self, timeout: float | None = None) -> Transaction:
        """Collect the endorsements that the contract's policy asks for; EndorseError names who refused and why."""
        session, draft = self._session, self._signed()
        try:
            answer = session.transport.unary(
                METHOD_ENDORSE, draft.endorse_request(), timeout or session.deadlines.endorse
            )
            return Transaction(session, draft.read_endorsed(answer))
        except GatewayError as e:
            raise raised_as(EndorseError, e, draft.transaction_id) from e
        except DecodeError as e:
            raise EndorseError("INTERNAL", str(e), (), draft.transaction_id) from e

    def _signed(self) -> ProposalDraft:
        draft = self._draft
        if not draft.signature:
            draft.signature = self._session.party.sign(draft.proposal)
        return draft


class Contract:
    """A contract of a channel: `chaincode` is where it is deployed, `name` the contract inside, if it has several."""

    def __init__(
        self, session: Session, channel: str, chaincode: str, name: str | None, queries: Collection[str] = ()
    ) -> None:
        self._queries = queries
        self._session = session
        self.channel = channel
        self.chaincode = chaincode
        self.name = name
        self._prefix = f"{name}:" if name else ""

    def new_proposal(
        self,
        function: str,
        *args: Argument,
        transient: Mapping[str, Argument] | None = None,
        endorsing_organizations: Sequence[str] = (),
    ) -> Proposal:
        """A proposal to call `function`; `transient` data reaches the endorsers but never the ledger."""
        draft = ProposalDraft.create(
            self._session.party,
            self.channel,
            self.chaincode,
            self._prefix + function,
            args,
            transient,
            endorsing_organizations,
        )
        return Proposal(self._session, draft)

    def evaluate(
        self,
        function: str,
        *args: Argument,
        transient: Mapping[str, Argument] | None = None,
        endorsing_organizations: Sequence[str] = (),
        timeout: float | None = None,
    ) -> Bytes:
        """The contract's answer from one peer, without changing anything."""
        proposal = self.new_proposal(
            function, *args, transient=transient, endorsing_organizations=endorsing_organizations
        )
        return proposal.evaluate(timeout)

    def submit(
        self,
        function: str,
        *args: Argument,
        transient: Mapping[str, Argument] | None = None,
        endorsing_organizations: Sequence[str] = (),
    ) -> Bytes:
        """Endorse, submit and wait for the commit; returns what the contract returned.

        Raises EndorseError, SubmitError, CommitStatusError, or CommitError if the transaction did not become valid.
        """
        submitted = self.submit_async(
            function, *args, transient=transient, endorsing_organizations=endorsing_organizations
        )
        status = submitted.status()
        if not status.successful:
            raise CommitError(status.transaction_id, status.code, status.code_name, status.block_number)
        return submitted.result

    def submit_async(
        self,
        function: str,
        *args: Argument,
        transient: Mapping[str, Argument] | None = None,
        endorsing_organizations: Sequence[str] = (),
    ) -> SubmittedTransaction:
        """As `submit`, without waiting for the commit: ask the result for its `status()`.

        QuerySubmitted for a function that only answers: its answer would stand in a block for ever.
        """
        return self.endorse(
            function, *args, transient=transient, endorsing_organizations=endorsing_organizations
        ).submit()

    def endorse(
        self,
        function: str,
        *args: Argument,
        transient: Mapping[str, Argument] | None = None,
        endorsing_organizations: Sequence[str] = (),
    ) -> Transaction:
        """A call as peers endorsed it, not ordered yet: its `result` may say that it need not be."""
        if function in self._queries:
            raise QuerySubmitted(function)
        return self.new_proposal(
            function, *args, transient=transient, endorsing_organizations=endorsing_organizations
        ).endorse()


class Network:
    """A channel: its contracts and its events."""

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self.name = name

    def get_contract(self, chaincode: str, name: str | None = None, queries: Collection[str] = ()) -> Contract:
        """A contract; `queries` are its functions that are evaluated only (`Contract.queries` of a Python contract)."""
        return Contract(self._session, self.name, chaincode, name, queries)

    def signed_proposal(self, proposal: Bytes, signature: Bytes) -> Proposal:
        """What somebody else proposed and signed, to be evaluated or endorsed as it is; FabricError if not signed.

        Without a signature this gateway would sign it, and so lend its own name to whoever sent it.
        """
        if not signature:
            raise FabricError("the proposal is not signed")
        draft = ProposalDraft.of_signed(proposal, signature)
        if draft.channel != self.name:
            raise FabricError(f"the proposal is for the channel {draft.channel[:100]}")
        return Proposal(self._session, draft)

    def chaincode_events(
        self, chaincode: str, start_block: int | None = None, checkpoint: Checkpoint | None = None
    ) -> EventStream[requests.ChaincodeEvent]:
        """The events of a contract, from `start_block` (inclusive) or the next commit; a checkpoint goes first."""
        return self.new_chaincode_events_request(chaincode, start_block, checkpoint).events()

    def block_events(self, start_block: int | None = None, checkpoint: Checkpoint | None = None) -> EventStream[Block]:
        """Whole blocks (`fabric_sdk.blocks.decode_block` reads them)."""
        return self.new_block_events_request(start_block, checkpoint).events()

    def filtered_block_events(
        self, start_block: int | None = None, checkpoint: Checkpoint | None = None
    ) -> EventStream[requests.FilteredBlock]:
        """Blocks without contents: transaction ids, codes and event names."""
        return self.new_filtered_block_events_request(start_block, checkpoint).events()

    def block_and_private_data_events(
        self, start_block: int | None = None, checkpoint: Checkpoint | None = None
    ) -> EventStream[requests.BlockWithPrivateData]:
        """Whole blocks with the private data that the caller's organisation may see."""
        return self.new_block_and_private_data_events_request(start_block, checkpoint).events()

    def new_chaincode_events_request(
        self, chaincode: str, start_block: int | None = None, checkpoint: Checkpoint | None = None
    ) -> EventsRequest[requests.ChaincodeEvent]:
        draft = requests.ChaincodeEventsDraft.create(self._session.party, self.name, chaincode, start_block, checkpoint)
        return self._request(draft)

    def new_block_events_request(
        self, start_block: int | None = None, checkpoint: Checkpoint | None = None
    ) -> EventsRequest[Block]:
        return self._request(requests.BlockEventsDraft.create(*self._deliver(start_block, checkpoint)))

    def new_filtered_block_events_request(
        self, start_block: int | None = None, checkpoint: Checkpoint | None = None
    ) -> EventsRequest[requests.FilteredBlock]:
        return self._request(requests.FilteredBlockEventsDraft.create(*self._deliver(start_block, checkpoint)))

    def new_block_and_private_data_events_request(
        self, start_block: int | None = None, checkpoint: Checkpoint | None = None
    ) -> EventsRequest[requests.BlockWithPrivateData]:
        return self._request(requests.PrivateBlockEventsDraft.create(*self._deliver(start_block, checkpoint)))

    def _deliver(
        self, start_block: int | None, checkpoint: Checkpoint | None
    ) -> tuple[Party, str, int | None, Checkpoint | None, Bytes | None]:
        session = self._session
        return session.party, self.name, start_block, checkpoint, session.transport.client_certificate_der

    def _request(self, draft: requests.EventsDraft[requests.T]) -> EventsRequest[requests.T]:
        return EventsRequest(self._session.transport, self._session.party, self._session.streams, draft)


class Gateway:
    """A client's connection to one peer's Gateway. Thread-safe; a context manager.

    `close` ends all event streams that were opened through it, and the connection, if `connect` made it.
    """

    def __init__(self, session: Session, owns_transport: bool) -> None:
        self._session = session
        self._owns_transport = owns_transport
        self._networks: dict[str, Network] = {}
        self._lock = threading.Lock()

    @property
    def identity(self) -> Identity:
        return self._session.party.identity

    @property
    def transport(self) -> Transport:
        return self._session.transport

    def get_network(self, channel: str) -> Network:
        with self._lock:
            return self._networks.setdefault(channel, Network(self._session, channel))

    def new_proposal(self, data: Bytes) -> Proposal:
        """A proposal from its `bytes`, signed when it is used."""
        return Proposal(self._session, ProposalDraft.from_bytes(data))

    def new_signed_proposal(self, data: Bytes, signature: Bytes) -> Proposal:
        """A proposal from its `bytes` and the signature over its `digest`."""
        return Proposal(self._session, ProposalDraft.from_bytes(data, signature))

    def new_transaction(self, data: Bytes) -> Transaction:
        return Transaction(self._session, TransactionDraft.from_bytes(data))

    def new_signed_transaction(self, data: Bytes, signature: Bytes) -> Transaction:
        return Transaction(self._session, TransactionDraft.from_bytes(data, signature))

    def new_commit(self, data: Bytes) -> Commit:
        return Commit(self._session, CommitDraft.from_bytes(data))

    def new_signed_commit(self, data: Bytes, signature: Bytes) -> Commit:
        return Commit(self._session, CommitDraft.from_bytes(data, signature))

    def new_chaincode_events_request(
        self, data: Bytes, signature: Bytes = b""
    ) -> EventsRequest[requests.ChaincodeEvent]:
        """A request from its `bytes`; without a signature it is signed when it is used."""
        return self._request(requests.ChaincodeEventsDraft.from_bytes(data, signature))

    def new_block_events_request(self, data: Bytes, signature: Bytes = b"") -> EventsRequest[Block]:
        return self._request(requests.BlockEventsDraft.from_bytes(data, signature))

    def new_filtered_block_events_request(
        self, data: Bytes, signature: Bytes = b""
    ) -> EventsRequest[requests.FilteredBlock]:
        return self._request(requests.FilteredBlockEventsDraft.from_bytes(data, signature))

    def new_block_and_private_data_events_request(
        self, data: Bytes, signature: Bytes = b""
    ) -> EventsRequest[requests.BlockWithPrivateData]:
        return self._request(requests.PrivateBlockEventsDraft.from_bytes(data, signature))

    def _request(self, draft: requests.EventsDraft[requests.T]) -> EventsRequest[requests.T]:
        return EventsRequest(self._session.transport, self._session.party, self._session.streams, draft)

    def close(self) -> None:
        self._session.streams.close()
        if self._owns_transport:
            self._session.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(
    target: Endpoint | Transport,
    identity: SigningIdentity | Identity,
    *,
    deadlines: Deadlines | None = None,
    time_ns: Callable[[], int] = clock.nanoseconds,
) -> Gateway:
    """Open a gateway at an endpoint (or over a transport that the caller keeps open and closes).

    With an `Identity` alone nothing can be signed here: sign the `digest` of each message elsewhere. `time_ns` is the
    clock by which proposals are written, in nanoseconds since 1970 UTC.
    """
    owns = isinstance(target, Endpoint)
    transport = open_transport(target) if isinstance(target, Endpoint) else target
    return Gateway(Session(transport, Party(identity, time_ns), deadlines or Deadlines()), owns)
