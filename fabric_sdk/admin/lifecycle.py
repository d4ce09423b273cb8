"""The chaincode lifecycle of one organisation: install, approve, check, commit, and ask (`_lifecycle`).

Installing and its queries concern one peer. Approving and committing are transactions: they go through the peer's
Gateway, which collects the endorsements, and return once the transaction is committed as VALID.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fabric_protos.peer.lifecycle import lifecycle_pb2

from fabric_sdk import policy
from fabric_sdk.admin.collections import CollectionConfig, from_package, to_package
from fabric_sdk.admin.peer import PeerConnection, Refused
from fabric_sdk.admin.query import LedgerQuery, NotOnLedger
from fabric_sdk.blocks.model import validation_code_name
from fabric_sdk.errors import CommitError, EndorseError, GatewayError, SubmitError
from fabric_sdk.gateway import Deadlines, connect
from fabric_sdk.wire import decode, encode

LIFECYCLE = "_lifecycle"
_UNCHANGED = "with unchanged content"
_INSTALLED = "chaincode already successfully installed"
_ORDERED = "request already processed"


@dataclass(frozen=True, slots=True)
class InstalledChaincode:
    """A package on a peer; `channels` maps channel to the chaincodes (name, version) that use it there."""

    package_id: str
    label: str
    channels: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChaincodeDefinition:
    """What the channel's organisations agree upon for one chaincode.

    `endorsement_policy` is a signature policy, the path of a channel policy, or None for the channel's default
    (`/Channel/Application/Endorsement`). `sequence` counts definitions from 1.
    """

    name: str
    version: str
    sequence: int = 1
    endorsement_policy: str | None = None
    collections: tuple[CollectionConfig, ...] = ()
    init_required: bool = False
    endorsement_plugin: str = ""
    validation_plugin: str = ""

    def fill(self, message: Any) -> Any:
        """Set the fields that approving, checking and committing have in common; PolicyError if unreadable."""
        message.name = self.name
        message.version = self.version
        message.sequence = self.sequence
        message.endorsement_plugin = self.endorsement_plugin
        message.validation_plugin = self.validation_plugin
        message.init_required = self.init_required
        if self.endorsement_policy:
            message.validation_parameter = policy.application_policy(self.endorsement_policy)
        if self.collections:
            message.collections.CopyFrom(to_package(self.collections))
        return message


@dataclass(frozen=True, slots=True)
class CommittedChaincode:
    """A definition in force, and which organisations had approved it ({} where the peer does not say)."""

    definition: ChaincodeDefinition
    approvals: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApprovedChaincode:
    """What this organisation approved; `package_id` is "" if it approved without a package."""

    definition: ChaincodeDefinition
    package_id: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """Who has approved exactly this definition; `mismatches` names what differs, by organisation (Fabric 2.5.4+)."""

    approvals: Mapping[str, bool]
    mismatches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def majority(self) -> bool:
        """Whether more than half have approved: the default lifecycle policy."""
        return 2 * sum(self.approvals.values()) > len(self.approvals)


class Lifecycle:
    """The lifecycle as one organisation's administrator works it through one of its peers."""

    def __init__(self, peer: PeerConnection, *, deadlines: Deadlines | None = None) -> None:
        self._peer = peer
        self._deadlines = deadlines or Deadlines()

    # This peer's packages

    def install(self, package: bytes, *, timeout_s: float = 120.0) -> InstalledChaincode:
        """Install a package on this peer; returns it as well if it is there already. Refused if it is none."""
        from fabric_sdk.chaincode.package import read_package

        request = lifecycle_pb2.InstallChaincodeArgs(chaincode_install_package=package)
        try:
            answer = self._call("InstallChaincode", request, timeout_s=timeout_s)
        except Refused as error:
            if _INSTALLED not in error.reason:
                raise
            known = read_package(package)
            return InstalledChaincode(known.package_id, known.label)
        result = decode(lifecycle_pb2.InstallChaincodeResult, answer)
        return InstalledChaincode(result.package_id, result.label)

    def installed(self) -> tuple[InstalledChaincode, ...]:
        """Return every package on this peer, by package id."""
        answer = self._call("QueryInstalledChaincodes", lifecycle_pb2.QueryInstalledChaincodesArgs())
        result = decode(lifecycle_pb2.QueryInstalledChaincodesResult, answer)
        found = [
            InstalledChaincode(i.package_id, i.label, {c: _users(r) for c, r in sorted(i.references.items())})
            for i in result.installed_chaincodes
        ]
        return tuple(sorted(found, key=lambda i: i.package_id))

    def package(self, package_id: str, *, timeout_s: float = 120.0) -> bytes:
        """Return an installed package's bytes; Refused if this peer does not have it."""
        request = lifecycle_pb2.GetInstalledChaincodePackageArgs(package_id=package_id)
        answer = self._call("GetInstalledChaincodePackage", request, timeout_s=timeout_s)
        result = decode(lifecycle_pb2.GetInstalledChaincodePackageResult, answer)
        return bytes(result.chaincode_install_package)

    # Agreement of the channel

    def approve(self, channel: str, definition: ChaincodeDefinition, package_id: str = "") -> str:
        """Approve for this organisation and return the transaction's id ("" if it had approved just that).

        Without `package_id` the organisation agrees but its peers cannot run the chaincode.
        """
        request = definition.fill(lifecycle_pb2.ApproveChaincodeDefinitionForMyOrgArgs())
        if package_id:
            request.source.local_package.package_id = package_id
        else:
            request.source.unavailable.SetInParent()
        try:
            return self._submit(channel, "ApproveChaincodeDefinitionForMyOrg", request, (self._peer.identity.msp_id,))
        except EndorseError as error:
            if _UNCHANGED in _all_text(error):
                return ""
            raise

    def check_commit_readiness(self, channel: str, definition: ChaincodeDefinition) -> Readiness:
        """Ask who has approved exactly this definition; Refused if its sequence is not the next one."""
        request = definition.fill(lifecycle_pb2.CheckCommitReadinessArgs())
        answer = self._call("CheckCommitReadiness", request, channel=channel)
        result = decode(lifecycle_pb2.CheckCommitReadinessResult, answer)
        mismatches = {msp: tuple(m.items) for msp, m in sorted(result.mismatches.items())}
        return Readiness(dict(sorted(result.approvals.items())), mismatches)

    def commit(self, channel: str, definition: ChaincodeDefinition, organizations: Sequence[str] = ()) -> str:
        """Put the definition in force and return the transaction's id.

        `organizations` (MSP ids) endorse; without them the Gateway chooses by the channel's lifecycle policy.
        """
        request = definition.fill(lifecycle_pb2.CommitChaincodeDefinitionArgs())
        return self._submit(channel, "CommitChaincodeDefinition", request, tuple(organizations))

    def committed(self, channel: str) -> tuple[CommittedChaincode, ...]:
        """Return all definitions in force on the channel, by name."""
        answer = self._call("QueryChaincodeDefinitions", lifecycle_pb2.QueryChaincodeDefinitionsArgs(), channel=channel)
        result = decode(lifecycle_pb2.QueryChaincodeDefinitionsResult, answer)
        found = [CommittedChaincode(_definition(d.name, d)) for d in result.chaincode_definitions]
        return tuple(sorted(found, key=lambda c: c.definition.name))

    def query_committed(self, channel: str, name: str) -> CommittedChaincode | None:
        """Return the definition in force for `name` with its approvals, None if there is none."""
        request = lifecycle_pb2.QueryChaincodeDefinitionArgs(name=name)
        try:
            answer = self._call("QueryChaincodeDefinition", request, channel=channel)
        except Refused as error:
            if error.status == 404 or "is not defined" in error.reason:
                return None
            raise
        result = decode(lifecycle_pb2.QueryChaincodeDefinitionResult, answer)
        return CommittedChaincode(_definition(name, result), dict(sorted(result.approvals.items())))

    def query_approved(self, channel: str, name: str, sequence: int = 0) -> ApprovedChaincode | None:
        """Return what this organisation approved (`sequence` 0: the latest), None if nothing."""
        request = lifecycle_pb2.QueryApprovedChaincodeDefinitionArgs(name=name, sequence=sequence)
        try:
            answer = self._call("QueryApprovedChaincodeDefinition", request, channel=channel)
        except Refused as error:
            if error.status == 404 or "could not fetch approved chaincode definition" in error.reason:
                return None
            raise
        result = decode(lifecycle_pb2.QueryApprovedChaincodeDefinitionResult, answer)
        return ApprovedChaincode(_definition(name, result), result.source.local_package.package_id)

    def _call(self, function: str, request: Any, *, channel: str = "", timeout_s: float | None = None) -> bytes:
        return self._peer.call(LIFECYCLE, function, [encode(request)], channel=channel, timeout_s=timeout_s)

    def _submit(self, channel: str, function: str, request: Any, organizations: tuple[str, ...]) -> str:
        gateway = connect(self._peer.transport, self._peer.identity, deadlines=self._deadlines)
        contract = gateway.get_network(channel).get_contract(LIFECYCLE)
        proposal = contract.new_proposal(function, encode(request), endorsing_organizations=organizations)
        transaction = proposal.endorse()
        try:
            status = transaction.submit().status()
        except SubmitError as error:
            if _ORDERED not in _all_text(error):
                raise
            return self._await_ordered(channel, proposal.transaction_id)
        if not status.successful:
            raise CommitError(status.transaction_id, status.code, status.code_name, status.block_number)
        return status.transaction_id

    def _await_ordered(self, channel: str, tx_id: str) -> str:
        """Wait for a transaction that a BFT orderer has taken although it said no (it had it already)."""
        query = LedgerQuery(self._peer, channel)
        until = time.monotonic() + self._deadlines.commit_status
        while True:
            try:
                code = query.transaction(tx_id).validationCode
            except NotOnLedger:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
                continue
            if code:
                number = query.block_of_transaction(tx_id).header.number
                raise CommitError(tx_id, code, validation_code_name(code), number)
            return tx_id


def read_approval(argument: bytes) -> ChaincodeDefinition:
    """Return what an approval on the ledger approved, from its one argument: every member can read it there.

    `DecodeError` for something else. Source: peer/lifecycle/lifecycle.proto, ApproveChaincodeDefinitionForMyOrgArgs.
    """
    message = decode(lifecycle_pb2.ApproveChaincodeDefinitionForMyOrgArgs, argument)
    return _definition(message.name, message)


def read_commit(argument: bytes) -> ChaincodeDefinition:
    """Return what a commit on the ledger put in force, from its one argument; `DecodeError` for something else.

    Source: peer/lifecycle/lifecycle.proto, CommitChaincodeDefinitionArgs.
    """
    message = decode(lifecycle_pb2.CommitChaincodeDefinitionArgs, argument)
    return _definition(message.name, message)


def _users(references: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((c.name, c.version) for c in references.chaincodes))


def _definition(name: str, message: Any) -> ChaincodeDefinition:
    parameter = message.validation_parameter
    return ChaincodeDefinition(
        name=name,
        version=message.version,
        sequence=message.sequence,
        endorsement_policy=policy.format_application_policy(parameter) if parameter else None,
        collections=from_package(message.collections),
        init_required=message.init_required,
        endorsement_plugin=message.endorsement_plugin,
        validation_plugin=message.validation_plugin,
    )


def _all_text(error: GatewayError) -> str:
    return "\n".join([error.status_message, *(d.message for d in error.details)])
