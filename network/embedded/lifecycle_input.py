"""What a chaincode definition must look like before an organisation approves or commits it.

Source: core/chaincode/lifecycle/scc.go, validateInput. Error texts are Fabric's.
"""

from __future__ import annotations

import re
from typing import Any

from fabric_protos.common.policies_pb2 import SignaturePolicy
from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal

from fabric_sdk.errors import FabricError
from fabric_sdk.policy import principal_msp_id
from network.embedded.channel_config import ChannelConfig
from network.embedded.definitions import LIFECYCLE
from network.embedded.faults import Refusal
from network.embedded.simulator import Simulation

_CHAINCODE_NAME = re.compile(r"[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*")
_CHAINCODE_VERSION = re.compile(r"[A-Za-z0-9_.+-]+")
_COLLECTION_NAME = re.compile(r"[A-Za-z0-9-]+([A-Za-z0-9_-]+)*")
_SYSTEM_NAMES = frozenset({"cscc", "escc", "lscc", "qscc", "vscc"})


def check_input(simulation: Simulation, config: ChannelConfig, args: Any) -> None:
    """Refuse names, versions and collections that Fabric refuses, and changes to collections that it forbids."""
    prefix = "error validating chaincode definition: "
    if not _CHAINCODE_NAME.fullmatch(args.name):
        raise Refusal(
            f"{prefix}invalid chaincode name '{args.name}'. Names can only consist of alphanumerics, '_', and '-' and"
            " can only begin with alphanumerics"
        )
    if args.name in _SYSTEM_NAMES:
        raise Refusal(f"{prefix}chaincode name '{args.name}' is the name of a system chaincode")
    if not _CHAINCODE_VERSION.fullmatch(args.version):
        raise Refusal(
            f"{prefix}invalid chaincode version '{args.version}'. Versions can only consist of alphanumerics, '_',"
            " '-', '+', and '.'"
        )
    proposed: dict[str, Any] = {}
    for entry in args.collections.config:
        if entry.WhichOneof("payload") != "static_collection_config":
            raise Refusal(f"{prefix}collection configuration is empty")
        collection = entry.static_collection_config
        _check_collection(prefix, config, collection, proposed)
        proposed[collection.name] = collection
    definition = simulation.channel.definition(simulation.view, args.name)
    if definition is None:
        # Fabric then looks whether a contract of its first lifecycle has the name: part of what is read and signed.
        simulation.get_state("lscc", args.name)
        return
    for key, version in definition.reads:
        simulation.builder.namespace(LIFECYCLE).reads[key] = version
    if definition.explicit and not proposed:
        raise Refusal(f"{prefix}the proposed collection config does not contain previously defined collections")
    for name, old in definition.explicit.items():
        if name not in proposed:
            raise Refusal(f"{prefix}existing collection [{name}] missing in the proposed collection configuration")
        if proposed[name].block_to_live != old.block_to_live:
            raise Refusal(
                f"{prefix}the BlockToLive in an existing collection [{name}] modified. Existing value"
                f" [{old.block_to_live}]"
            )


def _check_collection(prefix: str, config: ChannelConfig, collection: Any, others: dict[str, Any]) -> None:
    name = collection.name
    if not _COLLECTION_NAME.fullmatch(name):
        raise Refusal(
            f"{prefix}invalid collection name '{name}'. Names can only consist of alphanumerics, '_', and '-' and"
            " cannot begin with '_'"
        )
    if name in others:
        raise Refusal(f"{prefix}collection-name: {name} -- found duplicate in collection configuration")
    if collection.maximum_peer_count < collection.required_peer_count:
        raise Refusal(
            f"{prefix}collection-name: {name} -- maximum peer count ({collection.maximum_peer_count}) cannot be less"
            f" than the required peer count ({collection.required_peer_count})"
        )
    if collection.required_peer_count < 0:
        raise Refusal(
            f"{prefix}collection-name: {name} -- requiredPeerCount ({collection.required_peer_count}) cannot be less"
            " than zero"
        )
    if collection.member_orgs_policy.WhichOneof("payload") != "signature_policy":
        raise Refusal(f"{prefix}collection member policy is not set for collection '{name}'")
    policy = collection.member_orgs_policy.signature_policy
    if not _is_or(policy.rule):
        raise Refusal(
            f"{prefix}collection-name: {name} -- error in member org policy: signature policy is not an OR"
            " concatenation"
        )
    for principal in policy.identities:
        try:
            msp_id = principal_msp_id(principal)
        except FabricError as e:
            raise Refusal(f"{prefix}collection-name: {name} -- cannot unmarshal identity bytes") from e
        if principal.principal_classification != MSPPrincipal.IDENTITY and msp_id not in config.msps.msps:
            raise Refusal(f"{prefix}collection-name: {name} -- collection member '{msp_id}' is not part of the channel")


def _is_or(rule: SignaturePolicy) -> bool:
    if rule.WhichOneof("Type") != "n_out_of":
        return True
    return rule.n_out_of.n == 1 and all(map(_is_or, rule.n_out_of.rules))
