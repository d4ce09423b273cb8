"""Chaincode definitions as they are committed in the `_lifecycle` namespace.

Each definition lies in several keys (core/chaincode/lifecycle/serializer.go): `namespaces/metadata/NAME` says which
fields there are, `namespaces/fields/NAME/FIELD` holds each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from fabric_protos.peer.collection_pb2 import CollectionConfigPackage, StaticCollectionConfig
from fabric_protos.peer.lifecycle import db_pb2 as lb
from fabric_protos.peer.lifecycle.chaincode_definition_pb2 import ChaincodeEndorsementInfo, ChaincodeValidationInfo

from fabric_sdk import policy
from fabric_sdk.bounded import BoundedCache
from network.embedded.block_reading import height_below, value_at
from network.embedded.state_view import StateView
from network.embedded.versions import Version

LIFECYCLE = "_lifecycle"
NAMESPACES = "namespaces"
CHAINCODE_SOURCES = "chaincode-sources"
DEFINITION_FIELDS = ("Sequence", "EndorsementInfo", "ValidationInfo", "Collections")
IMPLICIT_PREFIX = "_implicit_org_"


def metadata_key(namespace: str, name: str) -> str:
    return f"{namespace}/metadata/{name}"


def field_key(namespace: str, name: str, field: str) -> str:
    return f"{namespace}/fields/{name}/{field}"


def implicit_collection(msp_id: str) -> str:
    """The collection that every organisation has in every chaincode without defining it."""
    return IMPLICIT_PREFIX + msp_id


def implicit_owner(collection: str) -> str | None:
    return collection[len(IMPLICIT_PREFIX) :] if collection.startswith(IMPLICIT_PREFIX) else None


@dataclass(frozen=True)
class Definition:
    """A committed chaincode definition. `reads` are the keys it was read from, with their versions."""

    name: str
    sequence: int
    version: str
    endorsement_plugin: str
    validation_plugin: str
    validation_parameter: bytes
    init_required: bool
    collections: CollectionConfigPackage
    reads: tuple[tuple[str, Version | None], ...]
    sequence_version: Version | None

    @cached_property
    def explicit(self) -> dict[str, StaticCollectionConfig]:
        """The collections that the definition states, by name."""
        return explicit_collections(self.collections)

    def collection(self, name: str) -> StaticCollectionConfig | None:
        """The collection's configuration; implicit ones are made up as Fabric does."""
        owner = implicit_owner(name)
        return implicit_config(owner) if owner is not None else self.explicit.get(name)


_implicit: dict[str, StaticCollectionConfig] = {}


def implicit_config(msp_id: str) -> StaticCollectionConfig:
    """What Fabric generates for an organisation's implicit collection: its members hold it and endorse it."""
    config = _implicit.get(msp_id)
    if config is None:
        member = policy.signed_by_any([msp_id])
        config = StaticCollectionConfig(name=implicit_collection(msp_id))
        config.member_orgs_policy.signature_policy.CopyFrom(member)
        config.endorsement_policy.signature_policy.CopyFrom(member)
        if len(_implicit) < 1000:
            _implicit[msp_id] = config
    return config


def lifecycle_definition() -> Definition:
    """`_lifecycle` itself counts as defined, with implicit collections only."""
    return Definition(LIFECYCLE, 0, "syscc", "escc", "", b"", False, CollectionConfigPackage(), (), None)


def read_definition(view: StateView, name: str) -> Definition | None:
    """Read one chaincode's committed definition, None if there is none."""
    if name == LIFECYCLE:
        return lifecycle_definition()
    stored = view.get_state(LIFECYCLE, metadata_key(NAMESPACES, name))
    if stored is None or lb.StateMetadata.FromString(stored.value).datatype != "ChaincodeDefinition":
        return None
    reads: list[tuple[str, Version | None]] = [(metadata_key(NAMESPACES, name), stored.version)]
    fields: dict[str, lb.StateData] = {}
    for field in DEFINITION_FIELDS:
        key = field_key(NAMESPACES, name, field)
        value = view.get_state(LIFECYCLE, key)
        reads.append((key, None if value is None else value.version))
        fields[field] = lb.StateData() if value is None else lb.StateData.FromString(value.value)
    endorsement = ChaincodeEndorsementInfo.FromString(fields["EndorsementInfo"].Bytes)
    validation = ChaincodeValidationInfo.FromString(fields["ValidationInfo"].Bytes)
    return Definition(
        name=name,
        sequence=fields["Sequence"].Int64,
        version=endorsement.version,
        endorsement_plugin=endorsement.endorsement_plugin,
        validation_plugin=validation.validation_plugin,
        validation_parameter=validation.validation_parameter,
        init_required=endorsement.init_required,
        collections=CollectionConfigPackage.FromString(fields["Collections"].Bytes),
        reads=tuple(reads),
        sequence_version=reads[1][1],
    )


def defined_names(view: StateView) -> Iterator[str]:
    """Names of all committed chaincodes."""
    prefix = metadata_key(NAMESPACES, "")
    for item in view.range(LIFECYCLE, prefix, prefix[:-1] + "0"):
        if lb.StateMetadata.FromString(item.value).datatype == "ChaincodeDefinition":
            yield item.key[len(prefix) :]


class CollectionHistory:
    """Which collections a chaincode had below a block (confighistory's MostRecentCollectionConfigBelow)."""

    def __init__(self) -> None:
        self._known: BoundedCache[tuple[str, Version], dict[str, StaticCollectionConfig]] = BoundedCache(256)

    def below(self, view: StateView, number: int, namespace: str, collection: str) -> StaticCollectionConfig | None:
        """The collection's configuration before block `number`, None if there was none."""
        owner = implicit_owner(collection)
        if owner is not None:
            return implicit_config(owner)
        key = field_key(NAMESPACES, namespace, "Collections")
        version = height_below(view, LIFECYCLE, key, number)
        if version is None:
            return None
        known = self._known.get((namespace, version))
        if known is None:
            data = lb.StateData.FromString(value_at(view, LIFECYCLE, key, version)).Bytes
            known = explicit_collections(CollectionConfigPackage.FromString(data))
            self._known.put((namespace, version), known)
        return known.get(collection)


def explicit_collections(package: CollectionConfigPackage) -> dict[str, StaticCollectionConfig]:
    """The collections that a definition states, by name."""
    return {
        c.static_collection_config.name: c.static_collection_config
        for c in package.config
        if c.WhichOneof("payload") == "static_collection_config"
    }


class DefinitionCache:
    """Definitions as of the newest visible block; forgets when a block writes to `_lifecycle`."""

    def __init__(self) -> None:
        self._known: dict[str, Definition | None] = {}

    def get(self, view: StateView, name: str) -> Definition | None:
        try:
            return self._known[name]
        except KeyError:
            found = read_definition(view, name)
            if len(self._known) > 1000:
                self._known.clear()
            self._known[name] = found
            return found

    def forget(self) -> None:
        self._known.clear()
