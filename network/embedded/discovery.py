"""Who must endorse: sets of peers that satisfy every policy a transaction falls under.

Fabric's discovery service computes layouts of principals and the Gateway picks peers for them; here the peers are
picked directly. The first endorser is kept whenever some smallest set contains it.
Sources: discovery/endorsement/endorsement.go, core/chaincode/lifecycle/metadata_provider.go.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from fabric_protos.common.policies_pb2 import SignaturePolicyEnvelope

from fabric_sdk import policy as policies
from fabric_sdk.errors import FabricError
from fabric_sdk.msp import ValidatedIdentity
from fabric_sdk.policy import Combination, combinations, principal_name
from network.embedded.channel import Channel
from network.embedded.channel_config import ChannelConfig
from network.embedded.definitions import LIFECYCLE, Definition, implicit_owner
from network.embedded.faults import EmbeddedFault
from network.embedded.interest import Interest, InterestCall
from network.embedded.real_peer import AnyPeer
from network.embedded.validator import implicit_policy, lifecycle_policy

NO_COMBINATION = "no combination of peers can be derived which satisfy the endorsement policy: "
_MAX_LAYOUTS = 512


class NoPlan(EmbeddedFault):
    """No set of running peers can satisfy the policies."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a transaction needs: policies that must all hold, and collections whose members alone may endorse."""

    policies: tuple[SignaturePolicyEnvelope, ...]
    member_policies: tuple[bytes, ...]
    chaincodes: tuple[str, ...]


def requirement(channel: Channel, interest: Interest) -> Requirement:
    """Collect the policies of an interest; NoPlan if a chaincode is not defined."""
    needed: list[SignaturePolicyEnvelope] = []
    members: list[bytes] = []
    for call in interest.calls:
        definition = channel.definition(channel.view, call.chaincode)
        chaincode_policy = None if definition is None else _chaincode_policy(channel.config, definition)
        if definition is None or chaincode_policy is None:
            raise NoPlan(
                f"{NO_COMBINATION}No metadata was found for chaincode {call.chaincode} in channel {channel.channel_id}"
            )
        needed += _policies_of(channel.config, definition, call, chaincode_policy)
        if call.collection and not call.no_private_reads:
            config = definition.collection(call.collection)
            if config is not None:
                members.append(config.member_orgs_policy.signature_policy.SerializeToString())
    unique = {p.SerializeToString(deterministic=True): p for p in needed}
    names = tuple(dict.fromkeys(call.chaincode for call in interest.calls))
    return Requirement(tuple(unique.values()), tuple(dict.fromkeys(members)), names)


def _chaincode_policy(config: ChannelConfig, definition: Definition) -> SignaturePolicyEnvelope | None:
    if definition.name == LIFECYCLE:
        parameter = lifecycle_policy(config)
        return None if parameter is None else config.application_policy(parameter)
    return config.application_policy(definition.validation_parameter)


def _policies_of(
    config: ChannelConfig, definition: Definition, call: InterestCall, chaincode_policy: SignaturePolicyEnvelope
) -> list[SignaturePolicyEnvelope]:
    found: list[SignaturePolicyEnvelope] = []
    for policy in call.key_policies:
        try:
            found.append(SignaturePolicyEnvelope.FromString(policy))
        except Exception as e:
            raise NoPlan(f"{NO_COMBINATION}a key-level policy cannot be read") from e
    if call.collection:
        own = _collection_policy(config, definition, call.collection)
        return [*found, chaincode_policy if own is None else own]
    return found if call.disregard_chaincode_policy else [*found, chaincode_policy]


def _collection_policy(config: ChannelConfig, definition: Definition, name: str) -> SignaturePolicyEnvelope | None:
    """A collection's own endorsement policy, None if it leaves it to the chaincode."""
    owner = implicit_owner(name)
    if owner is not None:
        data = implicit_policy(config, owner)
        return None if data is None else config.application_policy(data)
    collection = definition.explicit.get(name)
    if collection is None or not collection.HasField("endorsement_policy"):
        return None
    return config.application_policy(collection.endorsement_policy.SerializeToString())


class Planner:
    """Chooses endorsers for one transaction, again whenever a peer has failed."""

    def __init__(
        self, channel: Channel, need: Requirement, peers: Sequence[AnyPeer], preferred: AnyPeer | None
    ) -> None:
        self._channel = channel
        self._need = need
        self._preferred = preferred
        self._failed: set[str] = set()
        config = channel.config
        members = [p for p in peers if all(channel.is_collection_member(m, p.identity) for m in need.member_policies)]
        self._identities: dict[str, ValidatedIdentity] = {}
        self._peers: dict[str, AnyPeer] = {}
        for peer in members:
            try:
                self._identities[peer.name] = config.msps.validate(peer.identity)
                self._peers[peer.name] = peer
            except FabricError:
                continue  # its certificate was revoked
        able = {n for n, p in self._peers.items() if all(p.runs(channel, c) for c in need.chaincodes)}
        self._layouts = list(self._combined())
        if not any(self._choose(layout, set(self._peers)) is not None for layout in self._layouts):
            raise NoPlan(f"{NO_COMBINATION}no peer combination can satisfy the endorsement policy")
        self._able = able
        if self.next_set(()) is None:
            raise NoPlan(f"{NO_COMBINATION}required chaincodes are not installed on sufficient peers")

    def fail(self, peer: AnyPeer) -> None:
        """Do not count on a peer any more."""
        self._failed.add(peer.name)

    def next_of(self, peer: AnyPeer, tried: Collection[str]) -> AnyPeer | None:
        """Another peer of the same organisation, not tried yet (nextPeerInGroup of internal/pkg/gateway)."""
        left = sorted(self._able - self._failed - set(tried))
        return next((self._peers[name] for name in left if self._peers[name].msp_id == peer.msp_id), None)

    def next_set(self, endorsed: Sequence[str]) -> list[AnyPeer] | None:
        """The smallest set of peers that would do, as many as possible of them in `endorsed`; None if there is none."""
        usable = self._able - self._failed
        favoured = set(endorsed) | ({self._preferred.name} if self._preferred is not None else set())
        best: list[str] | None = None
        best_score = (0, 0)
        for layout in self._layouts:
            chosen = self._choose(layout, usable, favoured)
            if chosen is None:
                continue
            score = (-sum(n in favoured for n in chosen) if favoured else 0, len(chosen))
            if best is None or score < best_score:
                best, best_score = chosen, score
        return None if best is None else [self._peers[name] for name in best]

    def satisfied(self, names: Sequence[str]) -> bool:
        """Whether these peers' endorsements satisfy every policy."""
        identities = [self._identities[n] for n in names if n in self._identities]
        return all(policies.evaluate(p, identities, self._channel.config.msps) for p in self._need.policies)

    def _combined(self) -> Iterator[tuple[Combination, ...]]:
        """Ways to satisfy all policies: one combination of principals for each."""
        try:
            options = [combinations(p) for p in self._need.policies]
        except FabricError as e:
            raise NoPlan(f"{NO_COMBINATION}endorsement policy cannot be satisfied: {e}") from e
        if not all(options):
            raise NoPlan(f"{NO_COMBINATION}endorsement policy cannot be satisfied")
        ways = list(itertools.islice(itertools.product(*options), _MAX_LAYOUTS))
        random.shuffle(ways)
        ways.sort(key=lambda way: max(c.total() for c in way) if way else 0)
        return iter(ways)

    def _choose(
        self, layout: tuple[Combination, ...], usable: set[str], favoured: set[str] | None = None
    ) -> list[str] | None:
        """Peers for one layout, None if there are not enough."""
        order = sorted(usable, key=lambda n: (n not in (favoured or ()), n))
        chosen: list[str] = []
        principals = {principal_name(p): p for policy in self._need.policies for p in policy.identities}
        satisfies = self._channel.config.msps.satisfies
        for combination in layout:
            taken: set[str] = set()
            for name, count in combination.items():
                fitting = [n for n in order if satisfies(self._identities[n], principals[name]) and n not in taken]
                fitting.sort(key=lambda n: n not in chosen)
                if len(fitting) < count:
                    return None
                taken.update(fitting[:count])
                chosen += [n for n in fitting[:count] if n not in chosen]
        return chosen if self.satisfied(chosen) else None
