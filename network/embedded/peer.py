"""One peer of the embedded node: an organisation's identity, its packages and the channels it has joined."""

from __future__ import annotations

from dataclasses import dataclass, field

from fabric_protos.peer.lifecycle import db_pb2 as lb

from fabric_sdk.chaincode.sealing import KeyFolder
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.msp import Msp
from network.embedded.channel import Channel
from network.embedded.definitions import (
    CHAINCODE_SOURCES,
    LIFECYCLE,
    NAMESPACES,
    Definition,
    field_key,
    implicit_collection,
)
from network.embedded.lifecycle_state import PARAMETERS, Parameters, StateData
from network.embedded.packages import PackageStore
from network.embedded.state_view import StateView

SYSTEM_CHAINCODES = frozenset({"_lifecycle", "cscc", "qscc", "lscc"})


@dataclass(eq=False)
class Peer:
    """A peer. `address` is what it is called by in error details; `running` is False while it is switched off."""

    name: str
    msp_id: str
    address: str
    signer: SigningIdentity
    msp: Msp
    packages: PackageStore
    joined: dict[str, Channel] = field(default_factory=dict)
    running: bool = True
    sealing: KeyFolder | None = None
    rich_queries: bool = False
    """whether its contracts may ask in JSON, as on Fabric with CouchDB"""
    _approved: dict[tuple[str, str, int], str | None] = field(default_factory=dict)

    @property
    def behind(self) -> bool:
        """Peers of one node have every block at the same moment."""
        return False

    @property
    def identity(self) -> bytes:
        return self.signer.creator

    def approved_package(self, channel: Channel, name: str, sequence: int) -> str | None:
        """The package that this organisation approved for a definition ("" for none); None if it did not approve."""
        key = (channel.channel_id, name, sequence)
        if key not in self._approved:
            definition = channel.definition(channel.view, name)
            self._approved[key] = approved_package(channel.view, definition, self.msp_id, name, sequence)
        return self._approved[key]

    def forget_approvals(self) -> None:
        """The `_lifecycle` state has changed."""
        self._approved.clear()

    def runs(self, channel: Channel, name: str) -> bool:
        """Whether this peer can simulate a chaincode: joined, defined, approved with a package that is installed."""
        if not self.running or channel.channel_id not in self.joined:
            return False
        if name in SYSTEM_CHAINCODES:
            return True
        definition = channel.definition(channel.view, name)
        if definition is None:
            return False
        package_id = self.approved_package(channel, name, definition.sequence)
        return package_id is not None and package_id in self.packages


def approved_package(
    view: StateView, definition: Definition | None, msp_id: str, name: str, sequence: int
) -> str | None:
    """The package with which an organisation approved a definition ("" for none); None if it did not approve it."""
    collection, private_name = implicit_collection(msp_id), f"{name}#{sequence}"
    metadata = view.get_private(LIFECYCLE, collection, f"{NAMESPACES}/metadata/{private_name}")
    if metadata is None or definition is None or lb.StateMetadata.FromString(metadata.value).datatype != PARAMETERS:
        return None
    for field_name in Parameters.FIELDS:
        approved = view.get_private(LIFECYCLE, collection, field_key(NAMESPACES, private_name, field_name))
        committed = view.get_state(LIFECYCLE, field_key(NAMESPACES, name, field_name))
        if approved is None or committed is None or approved.value != committed.value:
            return None
    source = view.get_private(LIFECYCLE, collection, field_key(CHAINCODE_SOURCES, private_name, "PackageID"))
    return "" if source is None else str(StateData.FromString(source.value).String)
