"""A channel's own rules, read from its configuration: who its members are and what its policies ask for.

`ChannelAuthority` answers what validators and verifiers ask of a configuration. Building and changing configurations is
the business of `fabric_sdk.configtx`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fabric_protos.common.common_pb2 import Block
from fabric_protos.common.configtx_pb2 import Config, ConfigEnvelope
from fabric_protos.common.configuration_pb2 import Capabilities, Consenter, Orderers
from fabric_protos.common.policies_pb2 import ImplicitMetaPolicy, Policy, SignaturePolicy, SignaturePolicyEnvelope
from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.orderer.configuration_pb2 import ConsensusType

from fabric_sdk import policy as policies
from fabric_sdk.envelope import read_config
from fabric_sdk.errors import DecodeError, MspError, PolicyError
from fabric_sdk.msp import Msp, MspManager, ValidatedIdentity
from fabric_sdk.signatures import SignatureCache
from fabric_sdk.wire import decode, encode

_MAX_GROUP_DEPTH = 8
BRANCH_CONSENSUS = "citychain-branch"
"""Consensus type of a channel that was branched off for trying out: no ordering service of Fabric knows it."""


@dataclass(frozen=True)
class _Group:
    """One level of the configuration with its policies by name."""

    name: str
    policies: Mapping[str, policies.CompiledPolicy | ImplicitMetaPolicy]
    groups: Mapping[str, _Group]


class ChannelAuthority:
    """MSPs, policies, consenters and capabilities of one channel at one configuration sequence."""

    def __init__(self, config: Config, *, signatures: SignatureCache | None = None) -> None:
        self.config = config
        self.sequence: int = config.sequence
        root = config.channel_group
        self.capabilities = _capabilities(root)
        ed25519 = "V3_0" in self.capabilities
        msps: dict[str, Msp] = {}
        self.organizations: dict[str, dict[str, str]] = {}
        for section in ("Application", "Orderer"):
            found: dict[str, str] = {}
            if section in root.groups:
                for name, group in root.groups[section].groups.items():
                    if "MSP" not in group.values:
                        raise MspError(f"organisation {name!r} has no MSP definition")
                    msp = Msp.from_config(bytes(group.values["MSP"].value), ed25519=ed25519)
                    msps.setdefault(msp.msp_id, msp)
                    found[name] = msp.msp_id
            self.organizations[section] = found
        self.msps = MspManager(msps, signatures)
        self.consenters: tuple[Consenter, ...] = ()
        self.consensus_type = ""
        self._read_orderer(root)
        self._tree = _group("Channel", root, 0)

    @classmethod
    def from_block(cls, block: Block | bytes, *, signatures: SignatureCache | None = None) -> ChannelAuthority:
        """From a configuration block (such as the genesis block); DecodeError if it carries no configuration."""
        if isinstance(block, bytes):
            block = decode(Block, block, "block")
        if len(block.data.data) != 1:
            raise DecodeError("a configuration block has exactly one envelope")
        _, envelope = read_config(block.data.data[0])
        return cls.from_config(envelope, signatures=signatures)

    @classmethod
    def from_config(
        cls, config: Config | ConfigEnvelope | bytes, *, signatures: SignatureCache | None = None
    ) -> ChannelAuthority:
        """From `Config` or `ConfigEnvelope` (bytes are taken as `Config`)."""
        if isinstance(config, bytes):
            config = decode(Config, config, "channel configuration")
        if isinstance(config, ConfigEnvelope):
            config = config.config
        return cls(config, signatures=signatures)

    @property
    def byzantine(self) -> bool:
        """Whether orderers may sign blocks by their consenter number (channel capability V3_0)."""
        return "V3_0" in self.capabilities

    def consenter_identity(self, identifier: int) -> bytes | None:
        """The serialized identity of the consenter with this number."""
        for consenter in self.consenters:
            if consenter.id == identifier:
                return encode(SerializedIdentity(mspid=consenter.msp_id, id_bytes=consenter.identity))
        return None

    def has_policy(self, path: str) -> bool:
        try:
            self._find(path)
        except PolicyError:
            return False
        return True

    def satisfies(self, path: str, identities: Sequence[ValidatedIdentity]) -> bool:
        """Whether identities (whose signatures were checked) satisfy the policy at `path` (`/Channel/Writers`)."""
        group, name = self._find(path)
        return self._satisfies(group, name, identities)

    def satisfied_by_signatures(self, path: str, signed: Sequence[tuple[bytes, bytes, bytes]]) -> bool:
        """As `satisfies`, for (serialized identity, message, signature) triples; what does not fit does not count."""
        return self.satisfies(path, self.msps.signers(signed))

    def signature_policy(self, path: str) -> SignaturePolicyEnvelope:
        """The policy at `path` written out as a signature policy (an implicit one over its sub-policies)."""
        group, name = self._find(path)
        principals: dict[bytes, int] = {}
        envelope = SignaturePolicyEnvelope()
        envelope.rule.CopyFrom(_written_out(group, name, principals, 0))
        for raw in principals:
            envelope.identities.add().ParseFromString(raw)
        return envelope

    def implicit_text(self, path: str) -> str:
        """The policy's text: `MAJORITY Endorsement`, or the signature policy in its language."""
        group, name = self._find(path)
        found = group.policies[name]
        if isinstance(found, ImplicitMetaPolicy):
            return policies.format_implicit_meta(found)
        return policies.format(found.envelope)

    def _find(self, path: str) -> tuple[_Group, str]:
        parts = path.split("/")
        if len(parts) < 3 or parts[0] or parts[1] != "Channel":
            raise PolicyError(f"{path!r} is not the path of a channel policy such as /Channel/Application/Writers")
        group = self._tree
        for part in parts[2:-1]:
            inner = group.groups.get(part)
            if inner is None:
                raise PolicyError(f"no group {part!r} in {path!r}")
            group = inner
        if parts[-1] not in group.policies:
            raise PolicyError(f"no policy at {path!r}")
        return group, parts[-1]

    def _satisfies(self, group: _Group, name: str, identities: Sequence[ValidatedIdentity]) -> bool:
        found = group.policies.get(name)
        if found is None:
            return False
        if isinstance(found, policies.CompiledPolicy):
            return found.evaluate(identities, self.msps)
        remaining = _threshold(found, len(group.groups))
        if remaining == 0:
            return True
        for inner in group.groups.values():
            if self._satisfies(inner, found.sub_policy, identities):
                remaining -= 1
                if remaining == 0:
                    return True
        return False

    def _read_orderer(self, root: Any) -> None:
        if "Orderer" not in root.groups:
            return
        values = root.groups["Orderer"].values
        if "ConsensusType" in values:
            self.consensus_type = decode(ConsensusType, values["ConsensusType"].value, "consensus type").type
        if "Orderers" in values:
            self.consenters = tuple(decode(Orderers, values["Orderers"].value, "consenters").consenter_mapping)


def _capabilities(group: Any) -> frozenset[str]:
    if "Capabilities" not in group.values:
        return frozenset()
    return frozenset(decode(Capabilities, group.values["Capabilities"].value, "capabilities").capabilities)


def _group(name: str, group: Any, depth: int) -> _Group:
    if depth > _MAX_GROUP_DEPTH:
        raise DecodeError("the configuration is nested too deeply")
    found: dict[str, policies.CompiledPolicy | ImplicitMetaPolicy] = {}
    for policy_name, entry in group.policies.items():
        if entry.policy.type == Policy.SIGNATURE:
            found[policy_name] = policies.compile(bytes(entry.policy.value))
        elif entry.policy.type == Policy.IMPLICIT_META:
            found[policy_name] = decode(ImplicitMetaPolicy, entry.policy.value, "implicit meta policy")
        else:
            raise PolicyError(f"policy {policy_name!r} of {name!r} has the unknown type {entry.policy.type}")
    return _Group(name, found, {n: _group(n, g, depth + 1) for n, g in sorted(group.groups.items())})


def _threshold(policy: Any, count: int) -> int:
    if count == 0:
        return 0
    if policy.rule == ImplicitMetaPolicy.ANY:
        return 1
    return count if policy.rule == ImplicitMetaPolicy.ALL else count // 2 + 1


def _written_out(group: _Group, name: str, principals: dict[bytes, int], depth: int) -> SignaturePolicy:
    found = group.policies.get(name)
    if found is None:  # counts as a policy that nobody satisfies
        return policies.n_out_of(1, [])
    if isinstance(found, policies.CompiledPolicy):
        places = [principals.setdefault(encode(p), len(principals)) for p in found.envelope.identities]
        return _renumbered(found.envelope.rule, places)
    inner = [_written_out(g, found.sub_policy, principals, depth + 1) for g in group.groups.values()]
    return policies.n_out_of(_threshold(found, len(inner)), inner)


def _renumbered(rule: Any, places: list[int]) -> SignaturePolicy:
    if rule.WhichOneof("Type") == "signed_by":
        return SignaturePolicy(signed_by=places[rule.signed_by])
    return policies.n_out_of(rule.n_out_of.n, [_renumbered(r, places) for r in rule.n_out_of.rules])
