"""Private data collections: Fabric's JSON file form, typed values and the message that a definition carries.

The JSON is that of Fabric's documentation ("Private data", collection definition) and of the official command line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fabric_protos.peer import collection_pb2

from fabric_sdk import policy
from fabric_sdk.errors import FabricError, PolicyError
from fabric_sdk.wire import decode, encode

_KEYS = {
    "name",
    "policy",
    "requiredPeerCount",
    "maxPeerCount",
    "blockToLive",
    "memberOnlyRead",
    "memberOnlyWrite",
    "endorsementPolicy",
}


class CollectionError(FabricError):
    """A collection's definition cannot be used; the message names collection and member."""


@dataclass(frozen=True, slots=True)
class CollectionConfig:
    """One private data collection.

    `policy` says whose peers keep the data (a signature policy over members), `block_to_live` after how many blocks
    they erase it (0 never), `endorsement_policy` replaces the chaincode's for writes to the collection (a signature
    policy or the path of a channel policy).
    """

    name: str
    policy: str
    required_peer_count: int = 0
    max_peer_count: int = 1
    block_to_live: int = 0
    member_only_read: bool = True
    member_only_write: bool = True
    endorsement_policy: str | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> CollectionConfig:
        """Read one entry of a collections file; CollectionError names what is wrong."""
        name = value.get("name")
        if not isinstance(name, str) or not name:
            raise CollectionError("a collection needs a name")
        unknown = set(value) - _KEYS
        if unknown:
            raise CollectionError(f"{name}: unknown members {', '.join(sorted(unknown))}")
        if not isinstance(value.get("policy"), str):
            raise CollectionError(f"{name}: policy must be a signature policy")
        return cls(
            name=name,
            policy=value["policy"],
            required_peer_count=_count(value, name, "requiredPeerCount"),
            max_peer_count=_count(value, name, "maxPeerCount"),
            block_to_live=_count(value, name, "blockToLive"),
            member_only_read=_flag(value, name, "memberOnlyRead"),
            member_only_write=_flag(value, name, "memberOnlyWrite"),
            endorsement_policy=_endorsement(value.get("endorsementPolicy"), name),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the collection in the file form."""
        value: dict[str, Any] = {
            "name": self.name,
            "policy": self.policy,
            "requiredPeerCount": self.required_peer_count,
            "maxPeerCount": self.max_peer_count,
            "blockToLive": self.block_to_live,
            "memberOnlyRead": self.member_only_read,
            "memberOnlyWrite": self.member_only_write,
        }
        if self.endorsement_policy:
            kind = "channelConfigPolicy" if self.endorsement_policy.startswith("/") else "signaturePolicy"
            value["endorsementPolicy"] = {kind: self.endorsement_policy}
        return value

    def to_proto(self) -> Any:
        """Return the CollectionConfig message; CollectionError if a policy cannot be read."""
        if self.max_peer_count < self.required_peer_count:
            raise CollectionError(f"{self.name}: maxPeerCount must not be less than requiredPeerCount")
        message = collection_pb2.CollectionConfig()
        static = message.static_collection_config
        static.name = self.name
        static.required_peer_count = self.required_peer_count
        static.maximum_peer_count = self.max_peer_count
        static.block_to_live = self.block_to_live
        static.member_only_read = self.member_only_read
        static.member_only_write = self.member_only_write
        try:
            static.member_orgs_policy.signature_policy.CopyFrom(policy.parse(self.policy))
            if self.endorsement_policy:
                static.endorsement_policy.ParseFromString(policy.application_policy(self.endorsement_policy))
        except PolicyError as error:
            raise CollectionError(f"{self.name}: {error}") from error
        return message

    @classmethod
    def from_proto(cls, message: Any) -> CollectionConfig:
        static = message.static_collection_config
        endorsement = static.endorsement_policy if static.HasField("endorsement_policy") else None
        return cls(
            name=static.name,
            policy=policy.format(static.member_orgs_policy.signature_policy),
            required_peer_count=static.required_peer_count,
            max_peer_count=static.maximum_peer_count,
            block_to_live=static.block_to_live,
            member_only_read=static.member_only_read,
            member_only_write=static.member_only_write,
            endorsement_policy=policy.format_application_policy(encode(endorsement)) if endorsement else None,
        )


def read_collections(value: object) -> tuple[CollectionConfig, ...]:
    """Read a parsed collections file (a list of objects); CollectionError otherwise or for equal names."""
    if not isinstance(value, list) or not all(isinstance(v, Mapping) for v in value):
        raise CollectionError("a collections file is a list of objects")
    found = tuple(CollectionConfig.from_json(v) for v in value)
    if len({c.name for c in found}) != len(found):
        raise CollectionError("collections need different names")
    return found


def to_package(collections: Sequence[CollectionConfig]) -> Any:
    """Return the CollectionConfigPackage message."""
    return collection_pb2.CollectionConfigPackage(config=[c.to_proto() for c in collections])


def from_package(data: bytes | Any) -> tuple[CollectionConfig, ...]:
    """Read a CollectionConfigPackage (message or bytes)."""
    package = decode(collection_pb2.CollectionConfigPackage, data) if isinstance(data, bytes) else data
    return tuple(CollectionConfig.from_proto(c) for c in package.config)


def _count(value: Mapping[str, Any], name: str, member: str) -> int:
    number = value.get(member, 0)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**31:
        raise CollectionError(f"{name}: {member} must be a whole number, 0 or more")
    return number


def _flag(value: Mapping[str, Any], name: str, member: str) -> bool:
    flag = value.get(member, False)
    if not isinstance(flag, bool):
        raise CollectionError(f"{name}: {member} must be true or false")
    return flag


def _endorsement(value: object, name: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, Mapping) and len(value) == 1:
        kind, text = next(iter(value.items()))
        if kind in ("signaturePolicy", "channelConfigPolicy") and isinstance(text, str) and text:
            return text
    raise CollectionError(f"{name}: endorsementPolicy must hold signaturePolicy or channelConfigPolicy")
