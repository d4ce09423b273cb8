"""A peer's Endorser service: check a proposal, simulate it, sign what came out.

Sources: core/endorser/endorser.go and msgvalidation.go, core/handlers/auth/filter/expiration.go. Error texts are
Fabric's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.peer.chaincode_event_pb2 import ChaincodeEvent
from fabric_protos.peer.proposal_pb2 import SignedProposal

from fabric_sdk import clock
from fabric_sdk.chaincode.ledger import ERROR, ERROR_THRESHOLD, Invocation, Response
from fabric_sdk.envelope import proposal_response_payload
from fabric_sdk.errors import DecodeError, FabricError
from fabric_sdk.identity import Identity
from fabric_sdk.msp import ValidatedIdentity
from fabric_sdk.transaction import CONFIG, ENDORSER_TRANSACTION, ProposalView, read_proposal
from network.embedded import lifecycle, system_chaincodes
from network.embedded.apart import Lease, NotNeeded
from network.embedded.channel import Channel
from network.embedded.definitions import LIFECYCLE
from network.embedded.endorsed import Endorsed, Simulated
from network.embedded.execution import Executor, NeedsOwnSnapshot, Run, TookTooLong
from network.embedded.faults import AccessDenied, ProposalRefused, Refusal
from network.embedded.interest import Interest, interest_of
from network.embedded.peer import SYSTEM_CHAINCODES, Peer
from network.embedded.simulator import Simulation

SYSTEM_VERSION = "syscc"


@dataclass(slots=True)
class Proposal:
    """A proposal that was read once, for all the peers that are asked to endorse it."""

    signed: SignedProposal
    view: ProposalView
    checked: dict[tuple[str, int, int], ValidatedIdentity | ProposalRefused] = field(default_factory=dict)
    """creators found good, or why not, by channel, its height and configuration"""
    overran: str = ""
    """what was answered when a contract of this process had used up its time on this proposal"""
    simulated: Simulated | None = None
    """what the first peer's simulation came to"""
    _wire: bytes = b""

    @property
    def wire(self) -> bytes:
        """The signed proposal's bytes."""
        if not self._wire:
            self._wire = self.signed.SerializeToString()
        return self._wire

    @property
    def tx_id(self) -> str:
        return self.view.transaction_id


def read_signed_proposal(signed: SignedProposal) -> Proposal:
    """Parse a signed proposal; ProposalRefused says what is wrong with it."""
    try:
        view = read_proposal(signed.proposal_bytes)
    except DecodeError as e:
        raise ProposalRefused(f"error validating proposal: {e}") from e
    return Proposal(signed, view)


class Endorser:
    """Endorses for one peer. `join` makes a channel of a genesis block and joins the peer to it."""

    def __init__(self, peer: Peer, executor: Executor, join: Callable[[Peer, bytes], None]) -> None:
        self.peer = peer
        self._executor = executor
        self._join = join

    async def process(self, proposal: Proposal, *, endorse: bool = True) -> Endorsed:
        """Answer a proposal. ProposalRefused for those that Fabric refuses with a gRPC error.

        Without `endorse` nothing is signed: for evaluations, whose results go no further.
        """
        view = proposal.view
        channel: Channel | None = None
        if view.channel_id:
            channel = self.peer.joined.get(view.channel_id)
            if channel is None:
                return _refused(f"channel '{view.channel_id}' not found")
        creator = self._checked(proposal, channel)
        try:
            if view.chaincode in SYSTEM_CHAINCODES and view.chaincode != LIFECYCLE:
                return self._answer_system(proposal, channel, creator)
            if channel is None:
                return self._answer_local_lifecycle(proposal, creator)
            return await self._endorse(proposal, channel, creator, endorse)
        except Refusal as e:
            return _refused(str(e))

    # Checks

    def creator_of(self, proposal: Proposal) -> ValidatedIdentity | None:
        """Who signed a proposal for a channel; None where `process` will refuse it for who did, or for its channel."""
        channel = self.peer.joined.get(proposal.view.channel_id)
        if channel is None:
            return None
        try:
            return self._checked(proposal, channel)
        except ProposalRefused:
            return None

    def _checked(self, proposal: Proposal, channel: Channel | None) -> ValidatedIdentity:
        """As `_check`, once for all peers that share a channel."""
        if channel is None:
            return self._check(proposal, None)
        key = (channel.channel_id, channel.height, channel.config.sequence)
        found = proposal.checked.get(key)
        if found is None:
            try:
                found = self._check(proposal, channel)
            except ProposalRefused as e:
                found = e
            proposal.checked[key] = found
        if isinstance(found, ProposalRefused):
            raise found
        return found

    def _check(self, proposal: Proposal, channel: Channel | None) -> ValidatedIdentity:
        view, signed = proposal.view, proposal.signed
        if view.header.type not in (ENDORSER_TRANSACTION, CONFIG):
            raise ProposalRefused(f"error validating proposal: invalid header type {view.header.type_name}")
        if not signed.signature:
            raise ProposalRefused("error validating proposal: empty signature bytes")
        creator = self._creator(view, channel)
        try:
            if channel is None:
                creator.verify(signed.signature, signed.proposal_bytes)
            else:
                channel.config.msps.verify(creator, signed.signature, signed.proposal_bytes)
        except FabricError as e:
            raise ProposalRefused(
                f"error validating proposal: access denied: channel [{view.channel_id}] creator org [{creator.msp_id}]"
            ) from e
        if creator.expires < clock.now():
            raise ProposalRefused("proposal client identity expired")
        if channel is None:
            return creator
        if channel.view.transaction(view.transaction_id) is not None:
            raise ProposalRefused(
                f"duplicate transaction found [{view.transaction_id}]. Creator [{view.creator.hex()}]"
            )
        if view.chaincode not in SYSTEM_CHAINCODES and not channel.config.check_creator(
            channel.config.acl("peer/Propose"), creator
        ):
            self._denied(channel, "peer/Propose")
        return creator

    def _creator(self, view: ProposalView, channel: Channel | None) -> ValidatedIdentity:
        try:
            if channel is not None:
                return channel.config.msps.validate(view.creator)
            return self.peer.msp.validate(view.creator)
        except FabricError as e:
            msp_id = _stated_msp(view.creator)
            known = channel.config.msps.msps if channel is not None else {self.peer.msp_id}
            if msp_id in known and _is_certificate(view.creator):
                raise ProposalRefused(
                    f"error validating proposal: access denied: channel [{view.channel_id}] creator org [{msp_id}]"
                ) from e
            raise ProposalRefused(
                f"error validating proposal: access denied: channel [{view.channel_id}] creator org unknown, creator"
                " is malformed"
            ) from e

    @staticmethod
    def _denied(channel: Channel, resource: str) -> None:
        path = channel.config.acl(resource)
        raise ProposalRefused(
            f"failed evaluating policy on signed data during check policy on channel [{channel.channel_id}] with"
            f" policy [{path}]: [implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy"
            f" requires 1 of the '{path.rsplit('/', 1)[-1]}' sub-policies to be satisfied]"
        )

    def _check_local(self, creator: ValidatedIdentity, policy: str) -> None:
        """The peer's own policies: Admins or Members of its organisation."""
        if creator.msp_id != self.peer.msp_id or (policy == "Admins" and not creator.is_admin):
            raise AccessDenied(
                "Failed verifying that proposal's creator satisfies local MSP principal during channelless check"
                f" policy with policy [{policy}]: [This identity is not an admin]"
            )

    # Calls without endorsement

    def _answer_system(self, proposal: Proposal, channel: Channel | None, creator: ValidatedIdentity) -> Endorsed:
        def check(wanted: Channel, resource: str) -> None:
            wanted.config.check_acl(
                resource, proposal.view.creator, proposal.signed.proposal_bytes, proposal.signed.signature
            )

        request = system_chaincodes.Request(
            self.peer.joined,
            check,
            lambda policy: self._check_local(creator, policy),
            lambda block: self._join(self.peer, block),
        )
        run = {"qscc": system_chaincodes.qscc, "cscc": system_chaincodes.cscc}.get(proposal.view.chaincode)
        if run is None:
            return _refused(f"chaincode {proposal.view.chaincode} is not supported with the v2 lifecycle")
        response = run(request, list(proposal.view.args))
        if channel is None:
            return Endorsed(response, result=response.payload)
        return self._sign(proposal, channel, response, b"", SYSTEM_VERSION, None)

    def _answer_local_lifecycle(self, proposal: Proposal, creator: ValidatedIdentity) -> Endorsed:
        if proposal.view.chaincode != LIFECYCLE:
            name = proposal.view.chaincode
            return _refused(
                f"make sure the chaincode {name} has been successfully defined on channel  and try again:"
                f" chaincode {name} not found"
            )
        response = self._run_lifecycle(proposal, None, None, creator)
        return Endorsed(response, result=response.payload)

    # Calls with endorsement

    async def _endorse(
        self, proposal: Proposal, channel: Channel, creator: ValidatedIdentity, endorse: bool
    ) -> Endorsed:
        if proposal.overran:
            raise Refusal(proposal.overran)
        try:
            return await self._endorse_in_time(proposal, channel, creator, endorse)
        except TookTooLong as e:
            proposal.overran = str(e)
            raise

    async def _endorse_in_time(
        self, proposal: Proposal, channel: Channel, creator: ValidatedIdentity, endorse: bool
    ) -> Endorsed:
        name = proposal.view.chaincode
        detached = name != LIFECYCLE and self._executor.is_remote(self.peer, channel, name)
        if not detached:
            try:
                return await self._simulate(proposal, channel, creator, endorse, detached=False)
            except NeedsOwnSnapshot:
                pass
            try:
                return await self._simulate(proposal, channel, creator, endorse, detached=True)
            except NotNeeded:
                pass
            try:
                return await self._simulate(proposal, channel, creator, endorse, detached=False)
            except NeedsOwnSnapshot:
                pass
        return await self._simulate(proposal, channel, creator, endorse, detached=True, retried=True)

    async def _simulate(
        self,
        proposal: Proposal,
        channel: Channel,
        creator: ValidatedIdentity,
        endorse: bool,
        *,
        detached: bool,
        retried: bool = False,
    ) -> Endorsed:
        view = proposal.view
        snapshot = channel.store.snapshot() if detached else channel.view
        lease = Lease(partial(channel.store.done, snapshot)) if detached else None
        simulation = Simulation(
            channel,
            snapshot,
            view.transaction_id,
            view.creator,
            self.peer.msp_id,
            self.peer.identity,
            self.peer.rich_queries,
        )
        try:
            if view.chaincode == LIFECYCLE:
                response = self._run_lifecycle(proposal, channel, simulation, creator)
                version = SYSTEM_VERSION
            else:
                invocation = self._invocation(proposal)
                run = Run(self.peer, channel, simulation, view.chaincode, invocation, detached, 0, lease, retried)
                response = await self._executor.execute(run, view.is_init)
                definition = channel.definition(snapshot, view.chaincode)
                version = definition.version if definition is not None else ""
            if not endorse and response.status < ERROR_THRESHOLD:
                return Endorsed(response, result=response.payload)
            return self._finish(proposal, channel, simulation, response, version)
        finally:
            if lease is not None:
                lease.release()

    def _run_lifecycle(
        self, proposal: Proposal, channel: Channel | None, simulation: Simulation | None, creator: ValidatedIdentity
    ) -> Response:
        args = list(proposal.view.args)
        name = args[0].decode("utf-8", "replace") if args else ""
        try:
            if name in lifecycle.LOCAL_ADMIN_FUNCTIONS:
                self._check_local(creator, "Admins")
            elif channel is not None and not channel.config.check_creator(
                channel.config.acl(f"{LIFECYCLE}/CheckCommitReadiness"), creator
            ):
                raise AccessDenied(f"the creator does not satisfy the policy for {name}")
        except AccessDenied as e:
            return Response(ERROR, f"Failed to authorize invocation due to failed ACL check: {e}")
        config = channel.config if channel is not None else None
        return lifecycle.invoke(lifecycle.Call(self.peer.msp_id, self.peer.packages, simulation, config), args)

    def _invocation(self, proposal: Proposal) -> Invocation:
        view = proposal.view
        timestamp = view.header.timestamp
        if timestamp is None:
            raise Refusal("error in simulation: the proposal has no timestamp")
        return Invocation(
            view.channel_id,
            view.transaction_id,
            timestamp,
            view.creator,
            view.args,
            view.transient,
            proposal.wire,
            self.peer.msp_id,
            view.decorations,
            self.peer.sealing,
        )

    def _finish(
        self, proposal: Proposal, channel: Channel, simulation: Simulation, response: Response, version: str
    ) -> Endorsed:
        if response.status >= ERROR_THRESHOLD:
            # Nobody endorses an error; its payload tells the Gateway that the contract, not the peer, refused.
            payload = self._response_payload(proposal, response, b"", version) if response.status >= ERROR else b""
            return Endorsed(response, payload)
        simulation.close_ranges()
        builder = simulation.builder
        shared = proposal.simulated
        if shared is not None and shared.is_same(simulation, response, version):
            return self._signed(channel, response, shared.payload, shared.interest, shared)
        private = builder.private_write_sets()
        if private:
            channel.keep_private(simulation.tx_id, private)
        results = builder.public(private)
        interest = interest_of(simulation)
        events = self._events(proposal, response)
        payload = self._payload(proposal, response, results, events, version)
        if simulation.private_reads or any(sets.collections for sets in builder.namespaces.values()):
            return self._signed(channel, response, payload, interest, None)
        simulated = Simulated(
            builder.namespaces, simulation.written_policies, response, version, results, events, payload, interest
        )
        if shared is None:
            proposal.simulated = simulated
        return self._signed(channel, response, payload, interest, simulated)

    def _sign(
        self,
        proposal: Proposal,
        channel: Channel,
        response: Response,
        results: bytes,
        version: str,
        interest: Interest | None,
    ) -> Endorsed:
        if response.status >= ERROR_THRESHOLD:
            return Endorsed(response, self._response_payload(proposal, response, results, version))
        payload = self._response_payload(proposal, response, results, version)
        return self._signed(channel, response, payload, interest, None)

    def _signed(
        self,
        channel: Channel,
        response: Response,
        payload: bytes,
        interest: Interest | None,
        simulated: Simulated | None,
    ) -> Endorsed:
        identity = self.peer.identity
        message = payload + identity
        signature = self.peer.signer.sign(message)
        try:
            own = channel.config.msps.validate(identity)
            channel.signatures.remember(own.parsed.fingerprint, message, signature)
        except FabricError:
            pass  # the peer's certificate was revoked: others will find out
        return Endorsed(response, payload, interest, response.payload, identity, signature, simulated)

    def _response_payload(self, proposal: Proposal, response: Response, results: bytes, version: str) -> bytes:
        return self._payload(proposal, response, results, self._events(proposal, response), version)

    @staticmethod
    def _events(proposal: Proposal, response: Response) -> bytes:
        if response.event is None:
            return b""
        events: bytes = ChaincodeEvent(
            chaincode_id=proposal.view.chaincode,
            tx_id=proposal.tx_id,
            event_name=response.event.name,
            payload=response.event.payload,
        ).SerializeToString()
        return events

    @staticmethod
    def _payload(proposal: Proposal, response: Response, results: bytes, events: bytes, version: str) -> bytes:
        return proposal_response_payload(
            proposal.view.hash,
            results,
            events,
            status=response.status,
            message=response.message,
            payload=response.payload,
            chaincode=proposal.view.chaincode,
            chaincode_version=version,
        )


def _refused(message: str) -> Endorsed:
    return Endorsed(Response(ERROR, message))


def _stated_msp(creator: bytes) -> str:
    try:
        return str(SerializedIdentity.FromString(creator).mspid)
    except Exception:
        return ""


def _is_certificate(creator: bytes) -> bool:
    try:
        return Identity.deserialize(creator).certificate is not None
    except FabricError:
        return False
