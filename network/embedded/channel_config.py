"""A channel's configuration in force: its organisations, policies and batch rules (Fabric's channelconfig bundle)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from fabric_protos.common import configtx_pb2, configuration_pb2
from fabric_protos.common.common_pb2 import ChannelHeader, HeaderType, Payload
from fabric_protos.common.policies_pb2 import ImplicitMetaPolicy, Policy, SignaturePolicyEnvelope
from fabric_protos.msp.msp_config_pb2 import MSPConfig
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2
from fabric_protos.peer.policy_pb2 import ApplicationPolicy

from fabric_sdk import policy as policies
from fabric_sdk.bounded import BoundedCache
from fabric_sdk.errors import FabricError
from fabric_sdk.msp import Msp, MspManager, ValidatedIdentity
from fabric_sdk.signatures import SignatureCache
from network.embedded.faults import AccessDenied, EmbeddedFault

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}

# core/aclmgmt/defaultaclprovider.go: what Fabric asks for where a channel has no rule of its own.
DEFAULT_ACLS = {
    "_lifecycle/CommitChaincodeDefinition": "/Channel/Application/Writers",
    "_lifecycle/QueryChaincodeDefinition": "/Channel/Application/Writers",
    "_lifecycle/QueryChaincodeDefinitions": "/Channel/Application/Writers",
    "_lifecycle/CheckCommitReadiness": "/Channel/Application/Writers",
    "qscc/GetChainInfo": "/Channel/Application/Readers",
    "qscc/GetBlockByNumber": "/Channel/Application/Readers",
    "qscc/GetBlockByHash": "/Channel/Application/Readers",
    "qscc/GetTransactionByID": "/Channel/Application/Readers",
    "qscc/GetBlockByTxID": "/Channel/Application/Readers",
    "cscc/GetConfigBlock": "/Channel/Application/Readers",
    "cscc/GetChannelConfig": "/Channel/Application/Readers",
    "peer/Propose": "/Channel/Application/Writers",
    "peer/ChaincodeToChaincode": "/Channel/Application/Writers",
    "event/Block": "/Channel/Application/Readers",
    "event/FilteredBlock": "/Channel/Application/Readers",
    "gateway/CommitStatus": "/Channel/Application/Readers",
    "gateway/ChaincodeEvents": "/Channel/Application/Readers",
}


_MOST_REMEMBERED = 32 * 1024


class ConfigInvalid(EmbeddedFault):
    """A configuration that no channel can run with."""


class ChannelConfig:
    """One configuration, read once. Policies are asked by path (`/Channel/Application/Writers`)."""

    def __init__(self, channel_id: str, config: Any, signatures: SignatureCache | None = None) -> None:
        self.channel_id = channel_id
        self.proto = config
        self.sequence: int = config.sequence
        root = config.channel_group
        if "Orderer" not in root.groups:
            raise ConfigInvalid("the configuration has no Orderer group")
        if "Application" not in root.groups:
            raise ConfigInvalid("the configuration has no Application group")
        self._root = root
        orderer, application = root.groups["Orderer"], root.groups["Application"]
        try:
            self.application_orgs = {name: _msp(group) for name, group in sorted(application.groups.items())}
            self.orderer_orgs = {name: _msp(group) for name, group in sorted(orderer.groups.items())}
        except FabricError as e:
            raise ConfigInvalid(str(e)) from e
        msps = {msp.msp_id: msp for msp in (*self.orderer_orgs.values(), *self.application_orgs.values())}
        self.msps = MspManager(msps, signatures)
        self.application_msp_ids = frozenset(msp.msp_id for msp in self.application_orgs.values())
        batch = _value(orderer, "BatchSize", orderer_pb2.BatchSize)
        self.max_messages: int = batch.max_message_count
        self.absolute_max_bytes: int = batch.absolute_max_bytes
        self.preferred_max_bytes: int = batch.preferred_max_bytes
        self.batch_timeout = _seconds(_value(orderer, "BatchTimeout", orderer_pb2.BatchTimeout).timeout)
        if not self.max_messages or not self.absolute_max_bytes or not self.preferred_max_bytes:
            raise ConfigInvalid("the batch size must not be zero")
        if self.preferred_max_bytes > self.absolute_max_bytes:
            raise ConfigInvalid("the preferred batch size is larger than the absolute one")
        consensus = _value(orderer, "ConsensusType", orderer_pb2.ConsensusType)
        self.consensus: str = consensus.type
        self.maintenance = consensus.state == orderer_pb2.ConsensusType.STATE_MAINTENANCE
        self.consenters: tuple[Any, ...] = tuple(
            _value(orderer, "Orderers", configuration_pb2.Orderers).consenter_mapping
        )
        self.capabilities = frozenset(_value(application, "Capabilities", configuration_pb2.Capabilities).capabilities)
        self._acls = {k: v.policy_ref for k, v in _value(application, "ACLs", peer_pb2.ACLs).acls.items()}
        self._verdicts: BoundedCache[tuple[str, bytes], bool] = BoundedCache(4096)
        self._endorsed: BoundedCache[tuple[bytes, tuple[bytes, ...]], bool] = BoundedCache(1024)
        self._signature_policies: dict[str, SignaturePolicyEnvelope] = {}

    # Policies

    def satisfied(self, path: str, identities: Sequence[ValidatedIdentity]) -> bool:
        """Whether identities whose signatures were checked satisfy the policy; a policy that is not there never is."""
        found = self._find(path)
        return found is not None and self._evaluate(*found, identities)

    def check_creator(self, path: str, identity: ValidatedIdentity) -> bool:
        """As `satisfied` for one identity, remembered."""
        key = (path, identity.serialized)
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self.satisfied(path, [identity])
            self._verdicts.put(key, verdict)
        return verdict

    def check_acl(self, resource: str, creator: bytes, message: bytes, signature: bytes) -> ValidatedIdentity:
        """Check signature and right of a request's creator; AccessDenied in Fabric's words."""
        path = self.acl(resource)
        identity = self.signer(creator, message, signature)
        if identity is None or not self.check_creator(path, identity):
            sub = path.rsplit("/", 1)[-1]
            raise AccessDenied(
                f"failed evaluating policy on signed data during check policy on channel [{self.channel_id}] with"
                f" policy [{path}]: [implicit policy evaluation failed - 0 sub-policies were satisfied, but this"
                f" policy requires 1 of the '{sub}' sub-policies to be satisfied]"
            )
        return identity

    def acl(self, resource: str) -> str:
        """The policy that governs a resource, as a path."""
        path = self._acls.get(resource) or DEFAULT_ACLS[resource]
        return path if path.startswith("/") else f"/Channel/Application/{path}"

    def signer(self, creator: bytes, message: bytes, signature: bytes) -> ValidatedIdentity | None:
        """The identity, if it is one of this channel's and signed `message`."""
        try:
            identity = self.msps.validate(creator)
            self.msps.verify(identity, signature, message)
        except FabricError:
            return None
        return identity

    def has_policy(self, path: str) -> bool:
        return self._find(path) is not None

    def signature_policy(self, path: str) -> SignaturePolicyEnvelope | None:
        """The policy written out as a signature policy, None if there is none or it cannot be."""
        known = self._signature_policies.get(path)
        if known is None:
            found = self._find(path)
            known = None if found is None else self._convert(*found, 0)
            if known is not None:
                self._signature_policies[path] = known
        return known

    def application_policy(self, data: bytes) -> SignaturePolicyEnvelope | None:
        """A chaincode's or collection's endorsement policy as a signature policy; None if it cannot be resolved."""
        policy = ApplicationPolicy()
        try:
            policy.ParseFromString(data)
        except Exception:
            return None
        kind = policy.WhichOneof("Type")
        if kind == "signature_policy":
            return policy.signature_policy
        if kind == "channel_config_policy_reference":
            return self.signature_policy(policy.channel_config_policy_reference)
        return None

    def endorsed(self, data: bytes, identities: Sequence[ValidatedIdentity]) -> bool:
        """Whether endorsers satisfy an ApplicationPolicy (bytes); one that makes no sense is never satisfied."""
        key = (data, tuple(identity.serialized for identity in identities))
        verdict = self._endorsed.get(key)
        if verdict is None:
            verdict = self._judge(data, identities)
            if len(data) + sum(map(len, key[1])) <= _MOST_REMEMBERED:  # policies of keys come from clients
                self._endorsed.put(key, verdict)
        return verdict

    def _judge(self, data: bytes, identities: Sequence[ValidatedIdentity]) -> bool:
        policy = ApplicationPolicy()
        try:
            policy.ParseFromString(data)
            kind = policy.WhichOneof("Type")
            if kind == "signature_policy":
                return policies.compile(policy.signature_policy.SerializeToString()).evaluate(identities, self.msps)
        except Exception:
            return False
        return kind == "channel_config_policy_reference" and self.satisfied(
            policy.channel_config_policy_reference, identities
        )

    def _find(self, path: str) -> tuple[Any, Any] | None:
        """(group, policy) at a path; a path without a leading slash is taken from the root."""
        parts = [part for part in path.split("/") if part]
        if parts and parts[0] == "Channel":
            parts = parts[1:]
        group = self._root
        for part in parts[:-1]:
            if part not in group.groups:
                return None
            group = group.groups[part]
        if not parts or parts[-1] not in group.policies:
            return None
        return group, group.policies[parts[-1]].policy

    def _evaluate(self, group: Any, policy: Any, identities: Sequence[ValidatedIdentity]) -> bool:
        if policy.type == Policy.SIGNATURE:
            try:
                return policies.compile(policy.value).evaluate(identities, self.msps)
            except FabricError:
                return False
        if policy.type != Policy.IMPLICIT_META:
            return False
        meta = ImplicitMetaPolicy.FromString(policy.value)
        children = list(group.groups.values())
        remaining = _threshold(meta.rule, len(children))
        for child in children:
            if remaining == 0:
                return True
            if meta.sub_policy in child.policies and self._evaluate(
                child, child.policies[meta.sub_policy].policy, identities
            ):
                remaining -= 1
        return remaining == 0

    def _convert(self, group: Any, policy: Any, depth: int) -> SignaturePolicyEnvelope | None:
        if policy.type == Policy.SIGNATURE:
            return SignaturePolicyEnvelope.FromString(policy.value)
        if policy.type != Policy.IMPLICIT_META or depth > 10:
            return None
        meta = ImplicitMetaPolicy.FromString(policy.value)
        result = SignaturePolicyEnvelope()
        children = list(group.groups.values())
        result.rule.n_out_of.n = _threshold(meta.rule, len(children))
        for child in children:
            if meta.sub_policy not in child.policies:
                continue
            part = self._convert(child, child.policies[meta.sub_policy].policy, depth + 1)
            if part is None:
                return None
            offset = len(result.identities)
            result.identities.extend(part.identities)
            _shift(part.rule, offset)
            result.rule.n_out_of.rules.append(part.rule)
        return result


def _shift(rule: Any, offset: int) -> None:
    if rule.WhichOneof("Type") == "signed_by":
        rule.signed_by += offset
    else:
        for inner in rule.n_out_of.rules:
            _shift(inner, offset)


def _threshold(rule: int, children: int) -> int:
    if rule == ImplicitMetaPolicy.ANY:
        return min(1, children)
    if rule == ImplicitMetaPolicy.ALL:
        return children
    return children // 2 + 1 if children else 0


def _msp(group: Any) -> Msp:
    return Msp.from_config(_value(group, "MSP", MSPConfig))


def _value(group: Any, name: str, kind: Any) -> Any:
    if name not in group.values:
        return kind()
    try:
        return kind.FromString(group.values[name].value)
    except Exception as e:
        raise ConfigInvalid(f"the value {name} cannot be read") from e


def _seconds(text: str) -> float:
    """A Go duration such as `2s` or `1m30s`."""
    parts = _DURATION.findall(text)
    if not parts or "".join(n + u for n, u in parts) != text:
        raise ConfigInvalid(f"the batch timeout {text[:40]!r} is not a duration")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def policy_references(group: Any, path: str = "/Channel") -> Iterator[tuple[str, Any]]:
    """Every policy of a configuration group and its children, with its path."""
    for name, item in group.policies.items():
        yield f"{path}/{name}", item.policy
    for name, child in group.groups.items():
        yield from policy_references(child, f"{path}/{name}")


def config_of_envelope(envelope: Any) -> tuple[str, Any]:
    """(channel id, ConfigEnvelope) of a CONFIG envelope; ConfigInvalid if it is not one."""
    try:
        payload = Payload.FromString(envelope.payload)
        header = ChannelHeader.FromString(payload.header.channel_header)
        if header.type != HeaderType.CONFIG:
            raise ConfigInvalid("the envelope carries no configuration")
        return header.channel_id, configtx_pb2.ConfigEnvelope.FromString(payload.data)
    except ConfigInvalid:
        raise
    except Exception as e:
        raise ConfigInvalid("the configuration envelope cannot be read") from e
