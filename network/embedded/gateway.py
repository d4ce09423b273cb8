"""The Gateway service of one peer: evaluate and endorse (the rest is in `gateway_commit`).

Source: internal/pkg/gateway. Codes, texts and details are Fabric's, since clients act upon them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from fabric_protos.gateway.gateway_pb2 import EndorseRequest, EvaluateRequest
from fabric_protos.peer.proposal_pb2 import SignedProposal

from fabric_sdk import encoding
from fabric_sdk.bounded import BoundedCache
from network.embedded.channel import Channel
from network.embedded.discovery import NoPlan, Planner, requirement
from network.embedded.endorsed import Endorsed, Simulated
from network.embedded.endorser import Endorser, Proposal, read_signed_proposal
from network.embedded.faults import NodeMessage, ProposalRefused, RpcError
from network.embedded.interest import Interest, InterestCall
from network.embedded.peer import Peer
from network.embedded.prepared import prepare
from network.embedded.quotas import CallQuota
from network.embedded.real_peer import AnyEndorser, AnyPeer, Patience

_CATCHING_UP = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between two questions to a real peer that comes to another result because it lacks the newest block."""
_AGAIN_SECONDS = 0.2
_NOT_THERE = "rpc error: code = Un"
"""How a peer's answer begins that did not look at the proposal: Unavailable, Unknown"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one endorser answered: `code` is OK or the gRPC code that the Gateway would pass on."""

    code: str
    message: str = ""
    retry: bool = False
    endorsed: Endorsed | None = None


@dataclass(slots=True)
class _Collected:
    """Endorsements that agree with each other, by peer name."""

    payload: bytes | None = None
    endorsements: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    simulated: Simulated | None = None
    details: list[NodeMessage] = field(default_factory=list)


class Gateway:
    """The Gateway of one peer. `peers` gives every peer of the node, and the real ones beside it, for which `elsewhere`
    endorses; `patience` says whether those are worth waiting for."""

    def __init__(
        self,
        peer: Peer,
        endorsers: dict[str, Endorser],
        peers: Callable[[], Sequence[AnyPeer]],
        quota: CallQuota,
        elsewhere: Mapping[str, AnyEndorser] = MappingProxyType({}),
        patience: Patience | None = None,
    ) -> None:
        self.peer = peer
        self._endorsers = endorsers
        self._peers = peers
        self._quota = quota
        self._elsewhere = elsewhere
        self._patience = patience
        self.plans: BoundedCache[tuple[object, ...], list[AnyPeer]] = BoundedCache(1024)

    # Evaluate

    async def evaluate(self, request: EvaluateRequest) -> bytes:
        """Run a call on one peer, of this organisation if possible; nothing is ordered. An `EvaluateResponse`."""
        proposal = self._proposal(request.proposed_transaction, "failed to unpack transaction proposal: ")
        with self._quota.call(
            self._endorsers[self.peer.name].creator_of(proposal), len(proposal.signed.proposal_bytes)
        ):
            return await self._patiently(lambda: self._evaluate(request, proposal))

    async def _evaluate(self, request: EvaluateRequest, proposal: Proposal) -> bytes:
        view = proposal.view
        if not view.channel_id:
            raise RpcError("INVALID_ARGUMENT", "failed to unpack transaction proposal: no channel id provided")
        if view.channel_id not in self.peer.joined:
            raise RpcError(
                "UNAVAILABLE",
                f"failed to get config for channel [{view.channel_id}]: could not get last config for channel"
                f" {view.channel_id}",
            )
        targets = list(request.target_organizations)
        protected = bool(view.transient) and not targets
        if protected:
            targets = [self.peer.msp_id]
        peers = self._evaluators(view.channel_id, view.chaincode, targets)
        if not peers:
            text = f"no peers available to evaluate chaincode {view.chaincode} in channel {view.channel_id}"
            if protected:
                text = (
                    "no endorsers found in the gateway's organization; retry specifying target organization(s) to"
                    f" protect transient data: {text}"
                )
            raise RpcError("FAILED_PRECONDITION", text)
        details: list[NodeMessage] = []
        code = "ABORTED"
        for peer in peers:
            outcome = await self._ask(peer, proposal, endorse=False)
            if outcome.endorsed is not None:
                response = outcome.endorsed.response
                result = encoding.response(response.status, response.message, outcome.endorsed.result)
                return encoding.field(1, result)
            code = outcome.code
            details.append(NodeMessage(peer.address, peer.msp_id, outcome.message))
            if not outcome.retry:
                raise RpcError(code, f"evaluate call to endorser returned error: {outcome.message}", tuple(details))
        raise RpcError(code, "failed to evaluate transaction, see attached details for more info", tuple(details))

    def _evaluators(self, channel_id: str, chaincode: str, targets: Sequence[str]) -> list[AnyPeer]:
        able = self._able(channel_id, chaincode)
        own = [p for p in able if p.msp_id == self.peer.msp_id]
        own.sort(key=lambda p: p is not self.peer)
        others = [p for p in able if p.msp_id != self.peer.msp_id]
        found = [*own, *others]
        return [p for p in found if p.msp_id in targets] if targets else found

    def _able(self, channel_id: str, chaincode: str) -> list[AnyPeer]:
        found = []
        for peer in self._peers():
            channel = peer.joined.get(channel_id)
            if channel is not None and peer.runs(channel, chaincode):
                found.append(peer)
        return found

    # Endorse

    async def endorse(self, request: EndorseRequest) -> bytes:
        """Collect the endorsements that the policies (or the client) ask for. An `EndorseResponse`, to be signed."""
        if not request.proposed_transaction.proposal_bytes:
            raise RpcError("INVALID_ARGUMENT", "the proposed transaction must contain a signed proposal")
        proposal = self._proposal(request.proposed_transaction, "")
        with self._quota.call(
            self._endorsers[self.peer.name].creator_of(proposal), len(proposal.signed.proposal_bytes)
        ):
            return await self._patiently(lambda: self._endorse(request, proposal))

    async def _endorse(self, request: EndorseRequest, proposal: Proposal) -> bytes:
        if request.endorsing_organizations:
            collected, endorsements = await self._endorse_by(proposal, list(request.endorsing_organizations))
        else:
            collected, endorsements = await self._endorse_by_policy(proposal)
        channel = self.peer.joined.get(proposal.view.channel_id)
        assert collected.payload is not None
        sequence = channel.config.sequence if channel is not None else 0
        payload, remembered = prepare(proposal.view, collected.payload, endorsements, collected.simulated, sequence)
        if channel is not None and remembered is not None:
            channel.prepared.put(proposal.tx_id, remembered)
        return encoding.field(1, encoding.field(1, payload))

    async def _endorse_by(
        self, proposal: Proposal, organizations: list[str]
    ) -> tuple[_Collected, list[tuple[bytes, bytes]]]:
        """One peer of each organisation that the client names."""
        able = self._able(proposal.view.channel_id, proposal.view.chaincode)
        groups = {
            org: sorted((p for p in able if p.msp_id == org), key=lambda p: p is not self.peer)
            for org in dict.fromkeys(organizations)
        }
        missing = [org for org, peers in groups.items() if not peers]
        if missing:
            raise RpcError("UNAVAILABLE", f"failed to find any endorsing peers for org(s): {', '.join(missing)}")
        collected = _Collected()
        complete = await asyncio.gather(*(self._first_of(peers, proposal, collected) for peers in groups.values()))
        if not all(complete) or collected.payload is None:
            raise _not_enough(collected)
        return collected, list(collected.endorsements.values())

    async def _first_of(self, peers: list[AnyPeer], proposal: Proposal, collected: _Collected) -> bool:
        for peer in peers:
            if await self._collect(peer, proposal, collected):
                return True
        return False

    async def _endorse_by_policy(self, proposal: Proposal) -> tuple[_Collected, list[tuple[bytes, bytes]]]:
        view = proposal.view
        channel = self.peer.joined.get(view.channel_id)
        if channel is None:
            raise RpcError(
                "FAILED_PRECONDITION",
                "no combination of peers can be derived which satisfy the endorsement policy: No metadata was found"
                f" for chaincode {view.chaincode} in channel {view.channel_id}",
            )
        first, endorsed = await self._first_endorsement(proposal, channel)
        interest = endorsed.interest
        if interest is None or not interest.calls:
            interest = Interest((InterestCall(view.chaincode),))
        collected = _Collected(
            endorsed.payload, {first.name: (endorsed.endorser, endorsed.signature)}, simulated=endorsed.simulated
        )
        endorsing = _Endorsing(self, channel, interest, first, bool(view.transient))
        while True:
            wanted = endorsing.wanted(collected)
            if wanted is None or collected.payload is None:
                raise _not_enough(collected)
            asked = [p for p in wanted if p.name not in collected.endorsements]
            if not asked:
                return collected, [collected.endorsements[p.name] for p in wanted]
            tried = {p.name for p in wanted}
            asking = [self._collect_of(peer, proposal, collected, endorsing, tried) for peer in asked]
            await (asking[0] if len(asking) == 1 else asyncio.gather(*asking))

    async def _collect_of(
        self, peer: AnyPeer, proposal: Proposal, collected: _Collected, endorsing: _Endorsing, tried: set[str]
    ) -> None:
        """Ask a peer and, while these refuse or disagree, others of its organisation: all in vain are named."""
        asked: AnyPeer | None = peer
        while asked is not None:
            tried.add(asked.name)
            if await self._collect(asked, proposal, collected):
                return
            asked = endorsing.instead(asked, tried)

    def situation(self, channel: Channel) -> tuple[object, ...]:
        """All that a plan depends on besides the transaction: configuration, definitions, running peers."""
        running = tuple(p.running and channel.channel_id in p.joined for p in self._peers())
        return (channel.config.sequence, channel.lifecycle_version, running)

    async def _first_endorsement(self, proposal: Proposal, channel: Channel) -> tuple[AnyPeer, Endorsed]:
        view = proposal.view
        able = self._able(view.channel_id, view.chaincode)
        own = sorted((p for p in able if p.msp_id == self.peer.msp_id), key=lambda p: p is not self.peer)
        if not own:
            if view.transient:
                raise RpcError(
                    "FAILED_PRECONDITION",
                    "no endorsers found in the gateway's organization; retry specifying endorsing organization(s) to"
                    " protect transient data",
                )
            default = Interest((InterestCall(view.chaincode),))
            own = self.plan(channel, default, None, False).next_set(()) or []
        details: list[NodeMessage] = []
        for peer in own:
            outcome = await self._ask(peer, proposal)
            if outcome.endorsed is not None:
                return peer, outcome.endorsed
            details.append(NodeMessage(peer.address, peer.msp_id, outcome.message))
        raise RpcError("ABORTED", "failed to endorse transaction, see attached details for more info", tuple(details))

    def plan(self, channel: Channel, interest: Interest, first: AnyPeer | None, transient: bool) -> Planner:
        """A plan; with transient data only members of the collections involved may see the proposal."""
        peers = [p for p in self._peers() if p.running and channel.channel_id in p.joined]
        cautious = interest
        hidden: list[str] = []
        if transient:
            hidden = [c.collection for c in interest.calls if c.no_private_reads]
            cautious = Interest(
                tuple(
                    InterestCall(c.chaincode, c.collection, False, c.key_policies, c.disregard_chaincode_policy)
                    for c in interest.calls
                )
            )
        try:
            return Planner(channel, requirement(channel, cautious), peers, first)
        except NoPlan as e:
            if hidden:
                try:
                    Planner(channel, requirement(channel, interest), peers, first)
                except NoPlan:
                    pass
                else:
                    raise RpcError(
                        "FAILED_PRECONDITION",
                        "requires endorsement from organisation(s) that are not in the distribution policy of the"
                        f" private data collection(s): [{' '.join(hidden)}]; retry specifying trusted endorsing"
                        " organizations to protect transient data",
                    ) from e
            raise RpcError("FAILED_PRECONDITION", str(e)) from e

    async def _collect(self, peer: AnyPeer, proposal: Proposal, collected: _Collected) -> bool:
        outcome = await self._ask(peer, proposal)
        for pause in _CATCHING_UP if peer.behind else ():
            # What a real peer does not know yet, it knows a moment later: it gets its blocks after this node.
            if outcome.endorsed is None or collected.payload in (None, outcome.endorsed.payload):
                break
            await asyncio.sleep(pause)
            outcome = await self._ask(peer, proposal)
        if outcome.endorsed is None:
            collected.details.append(NodeMessage(peer.address, peer.msp_id, outcome.message))
            return False
        endorsed = outcome.endorsed
        if collected.payload is None:
            collected.payload, collected.simulated = endorsed.payload, endorsed.simulated
        elif collected.payload != endorsed.payload:
            collected.details.append(NodeMessage(peer.address, peer.msp_id, "ProposalResponsePayloads do not match"))
            return False
        collected.endorsements[peer.name] = (endorsed.endorser, endorsed.signature)
        return True

    async def _ask(self, peer: AnyPeer, proposal: Proposal, *, endorse: bool = True) -> Outcome:
        """Send a proposal to a peer, and read its answer as Fabric's Gateway does."""
        if not peer.running:
            return Outcome("UNAVAILABLE", f"rpc error: code = Unavailable desc = {peer.address} is stopped", True)
        try:
            endorser: AnyEndorser | None = self._endorsers.get(peer.name)
            endorsed = await (endorser or self._elsewhere[peer.name]).process(proposal, endorse=endorse)
        except ProposalRefused as e:
            if peer is self.peer:
                return Outcome("FAILED_PRECONDITION", str(e))
            return Outcome("UNAVAILABLE", f"rpc error: code = Unknown desc = {e}", True)
        return _outcome(endorsed)

    async def _patiently(self, attempt: Callable[[], Awaitable[bytes]]) -> bytes:
        """Try again while what failed may only lack a real peer that will be back in a moment."""
        while True:
            try:
                return await attempt()
            except RpcError as e:
                if self._patience is None or not self._patience.worthwhile or not _for_want_of_peers(e):
                    raise
            await asyncio.sleep(_AGAIN_SECONDS)

    @staticmethod
    def _proposal(signed: SignedProposal, prefix: str) -> Proposal:
        if not signed.proposal_bytes:
            raise RpcError("INVALID_ARGUMENT", f"{prefix}a signed proposal is required")
        try:
            return read_signed_proposal(signed)
        except ProposalRefused as e:
            raise RpcError("INVALID_ARGUMENT", f"{prefix}{e}") from e


class _Endorsing:
    """Which peers one transaction still needs: a plan that served before in the same situation, or a new one."""

    def __init__(self, gateway: Gateway, channel: Channel, interest: Interest, first: AnyPeer, transient: bool) -> None:
        self._make: Callable[[], Planner] = lambda: gateway.plan(channel, interest, first, transient)
        self._plans = gateway.plans
        self._key = (channel.channel_id, interest, first.name, transient, gateway.situation(channel))
        self._planner: Planner | None = None
        self._wanted = gateway.plans.get(self._key)

    def wanted(self, collected: _Collected) -> list[AnyPeer] | None:
        """All peers of the plan, None if there is none (any more)."""
        if self._wanted is None:
            fresh = self._planner is None
            if self._planner is None:
                self._planner = self._make()
            self._wanted = self._planner.next_set(list(collected.endorsements))
            if fresh and self._wanted is not None:
                self._plans.put(self._key, self._wanted)
        return self._wanted

    def instead(self, peer: AnyPeer, tried: set[str]) -> AnyPeer | None:
        """This peer refused or disagreed: do without it. Another one of its organisation, None if all were tried."""
        if self._planner is None:
            self._planner = self._make()
        self._planner.fail(peer)
        self._wanted = None
        return self._planner.next_of(peer, tried)


def _for_want_of_peers(error: RpcError) -> bool:
    """Whether a call failed because peers are not there, not because any of them refused."""
    if error.code == "ABORTED":
        return bool(error.details) and all(d.message.startswith(_NOT_THERE) for d in error.details)
    return error.code in ("FAILED_PRECONDITION", "UNAVAILABLE")


def _outcome(endorsed: Endorsed) -> Outcome:
    response = endorsed.response
    if 200 <= response.status < 400:
        return Outcome("OK", endorsed=endorsed)
    if not endorsed.payload and response.status == 500:
        return Outcome("ABORTED", response.message, True)  # the peer's own error, another may do better
    return Outcome("UNKNOWN", f"chaincode response {response.status}, {response.message}")


def _not_enough(collected: _Collected) -> RpcError:
    return RpcError(
        "ABORTED",
        "failed to collect enough transaction endorsements, see attached details for more info",
        tuple(collected.details),
    )
