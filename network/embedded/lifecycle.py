"""The system chaincode `_lifecycle`: install, approve, check readiness, commit and query chaincode definitions.

Source: core/chaincode/lifecycle (scc.go, lifecycle.go). Error texts are Fabric's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from fabric_protos.peer.collection_pb2 import CollectionConfigPackage
from fabric_protos.peer.lifecycle import lifecycle_pb2 as lp
from fabric_protos.peer.lifecycle.chaincode_definition_pb2 import ChaincodeEndorsementInfo, ChaincodeValidationInfo
from fabric_protos.peer.policy_pb2 import ApplicationPolicy

from fabric_sdk.chaincode.ledger import Response
from network.embedded import lifecycle_state as state
from network.embedded.channel_config import ChannelConfig
from network.embedded.definitions import (
    CHAINCODE_SOURCES,
    LIFECYCLE,
    NAMESPACES,
    defined_names,
    implicit_collection,
    metadata_key,
)
from network.embedded.faults import EmbeddedFault, Refusal
from network.embedded.lifecycle_input import check_input
from network.embedded.lifecycle_state import Parameters, PrivateKeys, PublicKeys
from network.embedded.simulator import Simulation

DEFAULT_POLICY_PATH = "/Channel/Application/Endorsement"


class NotDefined(EmbeddedFault):
    """Answered with status 404."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A package on a peer, and where its definitions are committed: channel -> (name, version) pairs."""

    package_id: str
    label: str
    references: dict[str, list[tuple[str, str]]]


class Packages(Protocol):
    """A peer's installed chaincode packages."""

    def install(self, package: bytes) -> tuple[str, str]:
        """Keep a package; return (package id, label). Refusal if it is none, or is there already."""

    def installed(self) -> Iterable[Installed]: ...

    def find(self, package_id: str) -> Installed | None: ...

    def content(self, package_id: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Call:
    """One invocation of `_lifecycle` on a peer; `simulation` and `config` are None for calls without a channel."""

    msp_id: str
    packages: Packages
    simulation: Simulation | None
    config: ChannelConfig | None


def invoke(call: Call, args: list[bytes]) -> Response:
    """Run one function; access rights were checked before."""
    if not args:
        return Response(500, "lifecycle scc must be invoked with arguments")
    if len(args) != 2:
        return Response(500, f"lifecycle scc operations require exactly two arguments but received {len(args)}")
    name = args[0].decode("utf-8", "replace")
    function = _FUNCTIONS.get(name)
    if function is None:
        return Response(
            500, f"failed to invoke backing implementation of '{name}': receiver does not have method '{name}'"
        )
    argument_type, run = function
    try:
        try:
            argument = argument_type.FromString(args[1])
        except Exception as e:
            raise Refusal(f"could not decode input arg for {name}") from e
        return Response(200, "", run(call, argument).SerializeToString())
    except NotDefined as e:
        return Response(404, str(e))
    except Refusal as e:
        return Response(500, f"failed to invoke backing implementation of '{name}': {e}")


# Packages --------------------------------------------------------------------------------------------------------


def _install(call: Call, args: Any) -> Any:
    package_id, label = call.packages.install(args.chaincode_install_package)
    return lp.InstallChaincodeResult(package_id=package_id, label=label)


def _query_installed(call: Call, args: Any) -> Any:
    found = call.packages.find(args.package_id)
    if found is None:
        raise NotDefined(f"chaincode install package '{args.package_id}' not found")
    result = lp.QueryInstalledChaincodeResult(package_id=found.package_id, label=found.label)
    _references(result, found)
    return result


def _query_all_installed(call: Call, _: Any) -> Any:
    result = lp.QueryInstalledChaincodesResult()
    for found in call.packages.installed():
        entry = result.installed_chaincodes.add(package_id=found.package_id, label=found.label)
        _references(entry, found)
    return result


def _get_package(call: Call, args: Any) -> Any:
    content = call.packages.content(args.package_id)
    if content is None:
        raise NotDefined(f"chaincode install package '{args.package_id}' not found")
    return lp.GetInstalledChaincodePackageResult(chaincode_install_package=content)


def _references(message: Any, found: Installed) -> None:
    for channel, chaincodes in found.references.items():
        for name, version in chaincodes:
            message.references[channel].chaincodes.add(name=name, version=version)


# Definitions -----------------------------------------------------------------------------------------------------


def _approve(call: Call, args: Any) -> Any:
    simulation, config = _on_channel(call)
    check_input(simulation, config, args)
    package_id = args.source.local_package.package_id if args.source.WhichOneof("Type") == "local_package" else ""
    parameters = _with_defaults(config, args)
    public, private = PublicKeys(simulation), PrivateKeys(simulation, implicit_collection(call.msp_id))
    current = _sequence(public, args.name)
    wanted = args.sequence
    if current == wanted == 0:
        raise Refusal("requested sequence is 0, but first definable sequence number is 1")
    if wanted < current:
        raise Refusal(f"currently defined sequence {current} is larger than requested sequence {wanted}")
    if wanted > current + 1:
        raise Refusal(f"requested sequence {wanted} is larger than the next available sequence number {current + 1}")
    private_name = f"{args.name}#{wanted}"
    if wanted == current:
        _check_same(public, args.name, current, parameters)
        if _is_repeated(private, private_name, package_id, parameters):
            raise Refusal(f"attempted to redefine the current committed sequence ({current}) for namespace {args.name}")
    elif _is_repeated(private, private_name, package_id, parameters):
        raise Refusal(
            f"attempted to redefine uncommitted sequence ({wanted}) for namespace {args.name} with unchanged content"
        )
    state.write(private, NAMESPACES, private_name, state.PARAMETERS, parameters.fields())
    state.write(private, CHAINCODE_SOURCES, private_name, state.LOCAL_PACKAGE, state.package_fields(package_id))
    return lp.ApproveChaincodeDefinitionForMyOrgResult()


def _check_same(public: PublicKeys, name: str, current: int, parameters: Parameters) -> None:
    difference = state.read_parameters(public, NAMESPACES, name).difference(parameters)
    if difference is not None:
        raise Refusal(
            f"attempted to redefine the current committed sequence ({current}) for namespace {name} with different"
            f" parameters: {difference}"
        )


def _is_repeated(private: PrivateKeys, name: str, package_id: str, parameters: Parameters) -> bool:
    metadata = state.read_metadata(private, NAMESPACES, name)
    if metadata is None or state.read_parameters(private, NAMESPACES, name).difference(parameters) is not None:
        return False
    if state.read_metadata(private, CHAINCODE_SOURCES, name) is None:
        return False
    return bool(state.read_field(private, CHAINCODE_SOURCES, name, "PackageID").String == package_id)


def _readiness(call: Call, args: Any) -> tuple[dict[str, bool], dict[str, list[str]], Parameters]:
    simulation, config = _on_channel(call)
    current = _sequence(PublicKeys(simulation), args.name)
    if args.sequence != current + 1:
        raise Refusal(f"requested sequence is {args.sequence}, but new definition must be sequence {current + 1}")
    parameters = _with_defaults(config, args)
    approvals, differences = _approvals(simulation, config, args.name, args.sequence, parameters)
    return approvals, differences, parameters


def _check_readiness(call: Call, args: Any) -> Any:
    approvals, differences, _ = _readiness(call, args)
    result = lp.CheckCommitReadinessResult(approvals=approvals)
    for msp_id, items in differences.items():
        result.mismatches[msp_id].items.extend(items)
    return result


def _commit(call: Call, args: Any) -> Any:
    simulation, config = _on_channel(call)
    check_input(simulation, config, args)
    if call.msp_id not in config.application_msp_ids:
        raise Refusal("impossibly, this peer's org is processing requests for a channel it is not a member of")
    approvals, _, parameters = _readiness(call, args)
    fields = state.definition_fields(args.sequence, parameters)
    state.write(PublicKeys(simulation), NAMESPACES, args.name, state.DEFINITION, fields)
    if not approvals[call.msp_id]:
        raise Refusal(f"chaincode definition not agreed to by this org ({call.msp_id})")
    return lp.CommitChaincodeDefinitionResult()


def _query_approved(call: Call, args: Any) -> Any:
    simulation, config = _on_channel(call)
    private = PrivateKeys(simulation, implicit_collection(call.msp_id))
    sequence = args.sequence
    if sequence == 0:
        sequence = _sequence(PublicKeys(simulation), args.name)
        if state.read_metadata(private, NAMESPACES, f"{args.name}#{sequence + 1}") is not None:
            sequence += 1
    if state.read_metadata(private, NAMESPACES, f"{args.name}#{sequence}") is None:
        raise Refusal(
            f"could not fetch approved chaincode definition (name: '{args.name}', sequence: '{sequence}') on channel"
            f" '{config.channel_id}'"
        )
    result = lp.QueryApprovedChaincodeDefinitionResult(sequence=sequence)
    _fill_approved(result, private, f"{args.name}#{sequence}")
    return result


def _query_all_approved(call: Call, _: Any) -> Any:
    simulation, _config = _on_channel(call)
    collection = implicit_collection(call.msp_id)
    private = PrivateKeys(simulation, collection)
    prefix = metadata_key(NAMESPACES, "")
    names = [
        item.key[len(prefix) :] for item in simulation.private_range(LIFECYCLE, collection, prefix, prefix[:-1] + "0")
    ]
    result = lp.QueryApprovedChaincodeDefinitionsResult()
    for private_name in names:
        name, _, sequence = private_name.rpartition("#")
        entry = result.approved_chaincode_definitions.add(name=name, sequence=int(sequence))
        _fill_approved(entry, private, private_name)
    return result


def _query_definition(call: Call, args: Any) -> Any:
    simulation, config = _on_channel(call)
    public = PublicKeys(simulation)
    if state.read_metadata(public, NAMESPACES, args.name) is None:
        raise NotDefined(f"namespace {args.name} is not defined")
    sequence = _sequence(public, args.name)
    parameters = state.read_parameters(public, NAMESPACES, args.name)
    approvals, _ = _approvals(simulation, config, args.name, sequence, parameters)
    result = lp.QueryChaincodeDefinitionResult(sequence=sequence, approvals=approvals)
    _fill(result, parameters)
    return result


def _query_all_definitions(call: Call, _: Any) -> Any:
    simulation, _config = _on_channel(call)
    public = PublicKeys(simulation)
    result = lp.QueryChaincodeDefinitionsResult()
    for name in list(defined_names(simulation.view)):
        entry = result.chaincode_definitions.add(name=name, sequence=_sequence(public, name))
        _fill(entry, state.read_parameters(public, NAMESPACES, name))
    return result


def _fill(message: Any, parameters: Parameters) -> None:
    message.version = parameters.endorsement.version
    message.endorsement_plugin = parameters.endorsement.endorsement_plugin
    message.init_required = parameters.endorsement.init_required
    message.validation_plugin = parameters.validation.validation_plugin
    message.validation_parameter = parameters.validation.validation_parameter
    message.collections.CopyFrom(parameters.collections)


def _fill_approved(message: Any, private: PrivateKeys, private_name: str) -> None:
    _fill(message, state.read_parameters(private, NAMESPACES, private_name))
    package_id = state.read_field(private, CHAINCODE_SOURCES, private_name, "PackageID").String
    if package_id:
        message.source.local_package.package_id = package_id
    else:
        message.source.unavailable.SetInParent()


def _sequence(public: PublicKeys, name: str) -> int:
    return int(state.read_field(public, NAMESPACES, name, "Sequence").Int64)


def _approvals(
    simulation: Simulation, config: ChannelConfig, name: str, sequence: int, parameters: Parameters
) -> tuple[dict[str, bool], dict[str, list[str]]]:
    approvals: dict[str, bool] = {}
    differences: dict[str, list[str]] = {}
    fields = parameters.fields()
    for msp_id in sorted(config.application_msp_ids):
        keys = PrivateKeys(simulation, implicit_collection(msp_id))
        found = state.mismatches(keys, NAMESPACES, f"{name}#{sequence}", state.PARAMETERS, fields)
        approvals[msp_id] = not found
        if found:
            differences[msp_id] = found
    return approvals, differences


def _with_defaults(config: ChannelConfig, args: Any) -> Parameters:
    parameter = args.validation_parameter
    if not parameter:
        if not config.has_policy(DEFAULT_POLICY_PATH):
            raise Refusal(
                f"could not set defaults for chaincode definition in channel {config.channel_id}: policy"
                f" '{DEFAULT_POLICY_PATH}' must be defined for channel '{config.channel_id}' before chaincode"
                " operations can be attempted"
            )
        parameter = ApplicationPolicy(channel_config_policy_reference=DEFAULT_POLICY_PATH).SerializeToString()
    collections = CollectionConfigPackage(config=args.collections.config)
    return Parameters(
        ChaincodeEndorsementInfo(
            version=args.version,
            init_required=args.init_required,
            endorsement_plugin=args.endorsement_plugin or "escc",
        ),
        ChaincodeValidationInfo(validation_plugin=args.validation_plugin or "vscc", validation_parameter=parameter),
        collections,
    )


def _on_channel(call: Call) -> tuple[Simulation, ChannelConfig]:
    if call.simulation is None or call.config is None:
        raise Refusal("no application config for channel ''")
    return call.simulation, call.config


_FUNCTIONS: dict[str, tuple[Any, Callable[[Call, Any], Any]]] = {
    "InstallChaincode": (lp.InstallChaincodeArgs, _install),
    "QueryInstalledChaincode": (lp.QueryInstalledChaincodeArgs, _query_installed),
    "GetInstalledChaincodePackage": (lp.GetInstalledChaincodePackageArgs, _get_package),
    "QueryInstalledChaincodes": (lp.QueryInstalledChaincodesArgs, _query_all_installed),
    "ApproveChaincodeDefinitionForMyOrg": (lp.ApproveChaincodeDefinitionForMyOrgArgs, _approve),
    "QueryApprovedChaincodeDefinition": (lp.QueryApprovedChaincodeDefinitionArgs, _query_approved),
    "QueryApprovedChaincodeDefinitions": (lp.QueryApprovedChaincodeDefinitionsArgs, _query_all_approved),
    "CheckCommitReadiness": (lp.CheckCommitReadinessArgs, _check_readiness),
    "CommitChaincodeDefinition": (lp.CommitChaincodeDefinitionArgs, _commit),
    "QueryChaincodeDefinition": (lp.QueryChaincodeDefinitionArgs, _query_definition),
    "QueryChaincodeDefinitions": (lp.QueryChaincodeDefinitionsArgs, _query_all_definitions),
}
LOCAL_ADMIN_FUNCTIONS = frozenset(
    {
        "InstallChaincode",
        "QueryInstalledChaincode",
        "GetInstalledChaincodePackage",
        "QueryInstalledChaincodes",
        "ApproveChaincodeDefinitionForMyOrg",
        "QueryApprovedChaincodeDefinition",
        "QueryApprovedChaincodeDefinitions",
    }
)
