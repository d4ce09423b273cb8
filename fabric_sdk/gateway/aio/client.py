"""The asyncio Gateway client: the same nouns as the blocking one, with coroutines where a node is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Self

from fabric_protos.common.common_pb2 import Block

from fabric_sdk import clock
from fabric_sdk.errors import (
    CommitError,
    CommitStatusError,
    DecodeError,
    EndorseError,
    EvaluateError,
    GatewayError,
    QuerySubmitted,
    SubmitError,
)
from fabric_sdk.gateway import requests
from fabric_sdk.gateway.aio.commits import Commits, Told, within
from fabric_sdk.gateway.aio.events import EventsRequest, EventStream
from fabric_sdk.gateway.aio.transport import open_async_transport
from fabric_sdk.gateway.checkpoint import Checkpoint
from fabric_sdk.gateway.endpoint import Deadlines, Endpoint
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
    AsyncByteStream,
    AsyncTransport,
)
from fabric_sdk.identity import Identity, SigningIdentity


class Session:
    """What all nouns of one gateway share."""

    def __init__(self, transport: AsyncTransport, party: Party, deadlines: Deadlines) -> None:
        self.transport = transport
        self.party = party
        self.deadlines = deadlines
        self.streams: set[AsyncByteStream] = set()
        self._commits: dict[str, Commits] = {}

    def commits(self, channel: str) -> Commits:
        """The transactions on a channel that wait for their block."""
        found = self._commits.get(channel)
        if found is None:
            found = self._commits[channel] = Commits(self.transport, self.party, channel, self.streams)
        return found


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
        return self._draft.to_bytes()

    @property
    def digest(self) -> Bytes:
        return self._session.party.digest(self._draft.request)

    async def status(self, deadline: float | None = None) -> CommitStatus:
        """Wait until the transaction is in a block; CommitStatusError if that cannot be learnt in time (seconds)."""
        draft = self._draft
        if not draft.signature:
            draft.signature = self._session.party.sign(draft.request)
        try:
            answer = await self._session.transport.unary(
                METHOD_COMMIT_STATUS, draft.to_bytes(), deadline or self._session.deadlines.commit_status
            )
            return draft.read_status(answer)
        except GatewayError as e:
            raise raised_as(CommitStatusError, e, draft.transaction_id) from e
        except DecodeError as e:
            raise CommitStatusError("INTERNAL", str(e), (), draft.transaction_id) from e


class SubmittedTransaction(Commit):
    """A transaction that the ordering service took; `result` is what the contract returned at endorsement."""

    def __init__(
        self, session: Session, draft: CommitDraft, transaction: TransactionDraft, told: Told | None = None
    ) -> None:
        super().__init__(session, draft)
        self._transaction = transaction
        self._told = told

    @property
    def result(self) -> Bytes:
        return self._transaction.result

    async def status(self, deadline: float | None = None) -> CommitStatus:
        """As `Commit.status`; where many wait at the same time one stream of blocks tells all of them."""
        told, self._told = self._told, None
        if told is not None:
            try:
                status = await within(told, deadline or self._session.deadlines.commit_status)
            except GatewayError as e:
                raise raised_as(CommitStatusError, e, self._draft.transaction_id) from e
            if status is not None:
                return status
        status = await super().status(deadline)
        self._session.commits(self._transaction.channel).heard(status)
        return status


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
        return self._draft.result

    @property
    def bytes(self) -> Bytes:
        return self._draft.to_bytes()

    @property
    def digest(self) -> Bytes:
        return self._session.party.digest(self._draft.payload)

    async def submit(self, deadline: float | None = None) -> SubmittedTransaction:
        """Hand it to the ordering service; SubmitError if that does not take it. It is not committed yet."""
        draft, session = self._draft, self._session
        if not draft.signature:
            draft.signature = session.party.sign(draft.payload)
        commits = session.commits(draft.channel)
        told = commits.expect(draft.transaction_id)
        try:
            await session.transport.unary(METHOD_SUBMIT, draft.submit_request(), deadline or session.deadlines.submit)
        except BaseException as e:
            commits.forget(draft.transaction_id)
            if isinstance(e, GatewayError):
                raise raised_as(SubmitError, e, draft.transaction_id) from e
            raise
        commit = CommitDraft.create(session.party, draft.channel, draft.transaction_id)
        return SubmittedTransaction(session, commit, draft, told)


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
        return self._draft.to_bytes()

    @property
    def digest(self) -> Bytes:
        return self._session.party.digest(self._draft.proposal)

    async def evaluate(self, deadline: float | None = None) -> Bytes:
        """Ask one peer for the contract's answer, without changing anything; EvaluateError if there is none."""
        session, draft = self._session, self._signed()
        try:
            answer = await session.transport.unary(
                METHOD_EVALUATE, draft.evaluate_request(), deadline or session.deadlines.evaluate
            )
            return draft.read_evaluated(answer)
        except GatewayError as e:
            raise raised_as(EvaluateError, e, draft.transaction_id) from e
        except DecodeError as e:
            raise EvaluateError("INTERNAL", str(e), (), draft.transaction_id) from e

    async def endorse(self, deadline: float | None = None) -> Transaction:
        """Collect the endorsements that the contract's policy asks for; EndorseError names who refused and why."""
        session, draft = self._session, self._signed()
        try:
            answer = await session.transport.unary(
                METHOD_ENDORSE, draft.endorse_request(), deadline or session.deadlines.endorse
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

    async def evaluate(
        self,
        function: str,
        *args: Argument,
        transient: Mapping[str, Argument] | None = None,
        endorsing_organizations: Sequence[str] = (),
    ) -> bytes:
        """The contract's answer from one peer, without changing anything."""
        proposal = self.new_proposal(
            function, *args, transient=transient, endorsing_organizations=endorsing_organizations
        )
        return await proposal.evaluate()

    async def submit(
        self,
        function: str,
        *args: Argument,
        transient: Mapping[str, Argument] | None = None,
        endorsing_organizations: Sequence[str] = (),
    ) -> bytes:
        """Endorse, submit and wait for the commit; returns what the contract returned.

        Raises EndorseError, SubmitError, CommitStatusError, or CommitError if the transaction did not become valid.
        """
        submitted = await self.submit_async(
            function, *args, transient=transient, endorsing_organizations=endorsing_organizations
        )
        status = await submitted.status()
        if not status.successful:
            raise CommitError(status.transaction_id, status.code, status.code_name, status.block_number)
        return submitted.result

    async def submit_async(
        self,
        function: str,
        *args: Argument,
        transient: Mapping[str, Argument] | None = None,
        endorsing_organizations: Sequence[str] = (),
    ) -> SubmittedTransaction:
        """As `submit`, without waiting for the commit: ask the result for its `status()`.

        QuerySubmitted for a function that only answers: its answer would stand in a block for ever.
        """
        if function in self._queries:
            raise QuerySubmitted(function)
        proposal = self.new_proposal(
            function, *args, transient=transient, endorsing_organizations=endorsing_organizations
        )
        return await (await proposal.endorse()).submit()


class Network:
    """A channel: its contracts and its events."""

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self.name = name

    def get_contract(self, chaincode: str, name: str | None = None, queries: Collection[str] = ()) -> Contract:
        """A contract; `queries` are its functions that are evaluated only (`Contract.queries` of a Python contract)."""
        return Contract(self._session, self.name, chaincode, name, queries)

    def chaincode_events(
        self, chaincode: str, start_block: int | None = None, checkpoint: Checkpoint | None = None
    ) -> EventStream[requests.ChaincodeEvent]:
        """The events of a contract, from `start_block` (inclusive) or the next commit; a checkpoint goes first."""
        draft = requests.ChaincodeEventsDraft.create(self._session.party, self.name, chaincode, start_block, checkpoint)
        return self._request(draft).events()

    def block_events(self, start_block: int | None = None, checkpoint: Checkpoint | None = None) -> EventStream[Block]:
        """Whole blocks (`fabric_sdk.blocks.decode_block` reads them)."""
        return self._request(requests.BlockEventsDraft.create(*self._deliver(start_block, checkpoint))).events()

    def filtered_block_events(
        self, start_block: int | None = None, checkpoint: Checkpoint | None = None
    ) -> EventStream[requests.FilteredBlock]:
        """Blocks without contents: transaction ids, codes and event names."""
        return self._request(requests.FilteredBlockEventsDraft.create(*self._deliver(start_block, checkpoint))).events()

    def block_and_private_data_events(
        self, start_block: int | None = None, checkpoint: Checkpoint | None = None
    ) -> EventStream[requests.BlockWithPrivateData]:
        """Whole blocks with the private data that the caller's organisation may see."""
        return self._request(requests.PrivateBlockEventsDraft.create(*self._deliver(start_block, checkpoint))).events()

    def _deliver(
        self, start_block: int | None, checkpoint: Checkpoint | None
    ) -> tuple[Party, str, int | None, Checkpoint | None, bytes | None]:
        session = self._session
        return session.party, self.name, start_block, checkpoint, session.transport.client_certificate_der

    def _request(self, draft: requests.EventsDraft[requests.T]) -> EventsRequest[requests.T]:
        return EventsRequest(self._session.transport, self._session.party, self._session.streams, draft)


class Gateway:
    """A client's connection to one peer's Gateway, on one event loop; an asynchronous context manager."""

    def __init__(self, session: Session, owns_transport: bool) -> None:
        self._session = session
        self._owns_transport = owns_transport

    @property
    def identity(self) -> Identity:
        return self._session.party.identity

    def get_network(self, channel: str) -> Network:
        return Network(self._session, channel)

    def new_signed_proposal(self, data: bytes, signature: bytes = b"") -> Proposal:
        """A proposal from its `bytes` and the signature over its `digest` (without one it is signed here)."""
        return Proposal(self._session, ProposalDraft.from_bytes(data, signature))

    def new_signed_transaction(self, data: bytes, signature: bytes = b"") -> Transaction:
        return Transaction(self._session, TransactionDraft.from_bytes(data, signature))

    def new_signed_commit(self, data: bytes, signature: bytes = b"") -> Commit:
        return Commit(self._session, CommitDraft.from_bytes(data, signature))

    async def close(self) -> None:
        """End all event streams that were opened through this gateway, and the connection, if `connect` made it."""
        streams, self._session.streams = self._session.streams, set()
        for stream in streams:
            stream.close()
        if self._owns_transport:
            await self._session.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def connect(
    target: Endpoint | AsyncTransport,
    identity: SigningIdentity | Identity,
    *,
    deadlines: Deadlines | None = None,
    time_ns: Callable[[], int] = clock.nanoseconds,
) -> Gateway:
    """As the blocking `connect`; call it where an event loop runs."""
    owns = isinstance(target, Endpoint)
    transport = open_async_transport(target) if isinstance(target, Endpoint) else target
    return Gateway(Session(transport, Party(identity, time_ns), deadlines or Deadlines()), owns)
