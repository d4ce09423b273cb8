"""Contract definitions between the SDK's form, the service's form and the policies that they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baas.errors import NotFound, Text, UserError, translating
from baas.services.lifecycle_model import Definition
from baas.services.peers import any_peer

if TYPE_CHECKING:
    from baas.services.networks import NetworkService
    from fabric_sdk.admin import ChaincodeDefinition
    from fabric_sdk.channel import ChannelAuthority

DEFAULT_POLICY = "/Channel/Application/Endorsement"
LIFECYCLE_POLICY = "/Channel/Application/LifecycleEndorsement"
LIFECYCLE = "_lifecycle"


def to_fabric(definition: Definition) -> ChaincodeDefinition:
    """The definition as Fabric's lifecycle takes it; `UserError` naming what is wrong with a policy or collection."""
    from fabric_sdk.admin import ChaincodeDefinition, CollectionError, read_collections
    from fabric_sdk.errors import PolicyError
    from fabric_sdk.policy import application_policy

    try:
        policy = definition.endorsement_policy
        if policy and policy != DEFAULT_POLICY:
            application_policy(policy)
        return ChaincodeDefinition(
            name=definition.name,
            version=definition.version,
            sequence=definition.sequence,
            endorsement_policy=policy if policy != DEFAULT_POLICY else None,
            collections=read_collections(list(definition.collections)),
            init_required=definition.init_required,
        )
    except PolicyError as error:
        raise UserError(
            Text("背书策略无法读懂：{t}", "The endorsement policy cannot be read: {t}", t=str(error)),
            Text(
                "例如 AND('CopyrightMSP.peer', 'DataBureauMSP.peer')",
                "For example AND('CopyrightMSP.peer', 'DataBureauMSP.peer')",
            ),
            code="bad_policy",
        ) from error
    except CollectionError as error:
        raise UserError(
            Text("私有集合的定义不正确：{t}", "A private collection's definition is wrong: {t}", t=str(error)),
            code="bad_collection",
        ) from error


def from_fabric(definition: ChaincodeDefinition) -> Definition:
    """A definition as Fabric's lifecycle returned it."""
    return Definition(
        name=definition.name,
        version=definition.version,
        sequence=definition.sequence,
        endorsement_policy=definition.endorsement_policy or DEFAULT_POLICY,
        collections=tuple(collection.to_json() for collection in definition.collections),
        init_required=definition.init_required,
    )


def canonical(definition: Definition) -> Definition:
    """The definition written as Fabric gives it back, so that equal meanings compare equal."""
    return from_fabric(to_fabric(definition))


def differences(one: Definition, other: Definition) -> tuple[str, ...]:
    """The names of the fields in which two definitions of one sequence differ."""
    return tuple(
        name
        for name in ("version", "endorsement_policy", "collections", "init_required")
        if getattr(one, name) != getattr(other, name)
    )


@dataclass(frozen=True)
class CommittedPolicies:
    """The signature policies (`SignaturePolicyEnvelope`) over a contract's writes."""

    contract: Any
    collections: Mapping[str, Any]


def policy_envelope(text: str, authority: ChannelAuthority) -> Any:
    """A policy text, or a channel policy's path, as a signature policy."""
    from fabric_sdk.policy import parse

    with translating():
        return authority.signature_policy(text) if text.startswith("/") else parse(text)


def committed_policies(
    networks: NetworkService, network: str, channel: str, contract: str, authority: ChannelAuthority
) -> CommittedPolicies:
    """The policies of a contract as committed on the channel now; `NotFound` when it is not."""
    if contract == LIFECYCLE:
        return CommittedPolicies(policy_envelope(LIFECYCLE_POLICY, authority), {})
    found = committed_definition(networks, network, channel, contract)
    if found is None:
        raise NotFound(Text("通道上没有合约 {c}。", "There is no contract {c} on the channel.", c=contract))
    collections = {
        str(collection["name"]): policy_envelope(own, authority)
        for collection in found.collections
        if (own := _own_policy(collection))
    }
    return CommittedPolicies(policy_envelope(found.endorsement_policy, authority), collections)


def committed_definition(networks: NetworkService, network: str, channel: str, contract: str) -> Definition | None:
    """The definition in force, read through the Gateway; None when there is none."""
    from fabric_sdk.admin import Lifecycle

    with any_peer(networks.handle(network), channel) as peer, translating():
        committed = Lifecycle(peer).query_committed(channel, contract)
    return from_fabric(committed.definition) if committed else None


def _own_policy(collection: Mapping[str, Any]) -> str:
    own = collection.get("endorsementPolicy") or {}
    return str(own.get("signaturePolicy") or own.get("channelConfigPolicy") or "")


def members(policies: Iterable[str]) -> frozenset[str]:
    """The MSP ids among principals such as "Org1MSP.peer"."""
    return frozenset(name.rpartition(".")[0] or name for name in policies)
