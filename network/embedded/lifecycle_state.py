"""How `_lifecycle` lays structures out over keys (core/chaincode/lifecycle/serializer.go)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar, Protocol

from fabric_protos.peer.collection_pb2 import CollectionConfigPackage
from fabric_protos.peer.lifecycle import db_pb2 as lb
from fabric_protos.peer.lifecycle.chaincode_definition_pb2 import ChaincodeEndorsementInfo, ChaincodeValidationInfo

from network.embedded.definitions import LIFECYCLE, field_key, metadata_key
from network.embedded.simulator import Simulation

StateData = lb.StateData


class Keys(Protocol):
    """Where a structure is kept: the public state, or an organisation's implicit collection."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, value: bytes | None) -> None: ...


@dataclass(frozen=True, slots=True)
class PublicKeys:
    simulation: Simulation

    def get(self, key: str) -> bytes | None:
        return self.simulation.get_state(LIFECYCLE, key)

    def put(self, key: str, value: bytes | None) -> None:
        self.simulation.put_state(LIFECYCLE, key, value)


@dataclass(frozen=True, slots=True)
class PrivateKeys:
    simulation: Simulation
    collection: str

    def get(self, key: str) -> bytes | None:
        return self.simulation.get_private(LIFECYCLE, self.collection, key)

    def put(self, key: str, value: bytes | None) -> None:
        self.simulation.put_private(LIFECYCLE, self.collection, key, value)

    def digest(self, key: str) -> bytes | None:
        return self.simulation.get_private_hash(LIFECYCLE, self.collection, key)


@dataclass(frozen=True)
class Parameters:
    """What organisations agree on, apart from the sequence (ChaincodeParameters)."""

    FIELDS: ClassVar[tuple[str, ...]] = ("EndorsementInfo", "ValidationInfo", "Collections")

    endorsement: Any
    validation: Any
    collections: CollectionConfigPackage

    def fields(self) -> dict[str, bytes]:
        return {
            "EndorsementInfo": _bytes(self.endorsement.SerializeToString()),
            "ValidationInfo": _bytes(self.validation.SerializeToString()),
            "Collections": _bytes(self.collections.SerializeToString()),
        }

    def difference(self, other: Parameters) -> str | None:
        """The first difference, in Fabric's words; None if they are equal."""
        mine, theirs = self.endorsement, other.endorsement
        for name, a, b in (
            ("Version", mine.version, theirs.version),
            ("EndorsementPlugin", mine.endorsement_plugin, theirs.endorsement_plugin),
            ("InitRequired", str(mine.init_required).lower(), str(theirs.init_required).lower()),
            ("ValidationPlugin", self.validation.validation_plugin, other.validation.validation_plugin),
            (
                "ValidationParameter",
                self.validation.validation_parameter.hex(),
                other.validation.validation_parameter.hex(),
            ),
        ):
            if a != b:
                return f"expected {name} '{a}' does not match passed {name} '{b}'"
        return None if self.collections == other.collections else "Collections do not match"


PARAMETERS = "ChaincodeParameters"
DEFINITION = "ChaincodeDefinition"
LOCAL_PACKAGE = "ChaincodeLocalPackage"


def definition_fields(sequence: int, parameters: Parameters) -> dict[str, bytes]:
    return {"Sequence": StateData(Int64=sequence).SerializeToString(), **parameters.fields()}


def package_fields(package_id: str) -> dict[str, bytes]:
    return {"PackageID": StateData(String=package_id).SerializeToString()}


def read_metadata(keys: Keys, namespace: str, name: str) -> Any | None:
    """The StateMetadata of a structure, None if there is none."""
    stored = keys.get(metadata_key(namespace, name))
    return None if stored is None else lb.StateMetadata.FromString(stored)


def read_field(keys: Keys, namespace: str, name: str, field: str) -> Any:
    """One field as StateData; an absent field is empty."""
    stored = keys.get(field_key(namespace, name, field))
    return StateData() if stored is None else StateData.FromString(stored)


def read_parameters(keys: Keys, namespace: str, name: str) -> Parameters:
    data = {f: read_field(keys, namespace, name, f).Bytes for f in Parameters.FIELDS}
    return Parameters(
        ChaincodeEndorsementInfo.FromString(data["EndorsementInfo"]),
        ChaincodeValidationInfo.FromString(data["ValidationInfo"]),
        CollectionConfigPackage.FromString(data["Collections"]),
    )


def write(keys: Keys, namespace: str, name: str, datatype: str, fields: Mapping[str, bytes]) -> None:
    """Write a structure; keys that hold the right bytes already are left alone."""
    metadata = read_metadata(keys, namespace, name)
    existing = {}
    for field in metadata.fields if metadata is not None else ():
        key = field_key(namespace, name, field)
        existing[key] = keys.get(key)
    for field, value in fields.items():
        key = field_key(namespace, name, field)
        if existing.get(key) != value:
            keys.put(key, value)
        existing.pop(key, None)
    if existing or metadata is None or metadata.datatype != datatype or len(metadata.fields) != len(fields):
        fresh = lb.StateMetadata(datatype=datatype, fields=list(fields))
        keys.put(metadata_key(namespace, name), fresh.SerializeToString())
    for key in existing:
        keys.put(key, None)


def mismatches(keys: PrivateKeys, namespace: str, name: str, datatype: str, fields: Mapping[str, bytes]) -> list[str]:
    """Compare a structure with another organisation's by hashes; what differs, [] if nothing does."""
    found = {f: keys.digest(field_key(namespace, name, f)) for f in fields}
    metadata = lb.StateMetadata(datatype=datatype, fields=list(fields)).SerializeToString()
    if keys.digest(metadata_key(namespace, name)) != sha256(metadata).digest():
        return [datatype]
    return [f for f, value in fields.items() if found[f] != sha256(value).digest()]


def _bytes(value: bytes) -> bytes:
    data: bytes = StateData(Bytes=value).SerializeToString()
    return data
