"""Administer peers and orderers: chaincode lifecycle, channels, ledger queries, participation, discovery.

with PeerConnection(endpoint, admin) as peer:
    installed = Lifecycle(peer).install(package)
    Channels(peer).join(genesis_block)
    LedgerQuery(peer, "citychannel").block(0)
"""

from fabric_sdk.admin.channels import ChannelInfo, Channels
from fabric_sdk.admin.collections import CollectionConfig, CollectionError, read_collections
from fabric_sdk.admin.discovery import ChannelMembers, DiscoveredPeer, Discovery
from fabric_sdk.admin.lifecycle import (
    ApprovedChaincode,
    ChaincodeDefinition,
    CommittedChaincode,
    InstalledChaincode,
    Lifecycle,
    Readiness,
)
from fabric_sdk.admin.participation import OrdererChannel, Participation, ParticipationError
from fabric_sdk.admin.peer import PeerConnection, Refused
from fabric_sdk.admin.query import LedgerQuery, NotOnLedger
from fabric_sdk.admin.snapshots import Snapshots

__all__ = [
    "ApprovedChaincode",
    "ChaincodeDefinition",
    "ChannelInfo",
    "ChannelMembers",
    "Channels",
    "CollectionConfig",
    "CollectionError",
    "CommittedChaincode",
    "DiscoveredPeer",
    "Discovery",
    "InstalledChaincode",
    "LedgerQuery",
    "Lifecycle",
    "NotOnLedger",
    "OrdererChannel",
    "Participation",
    "ParticipationError",
    "PeerConnection",
    "Readiness",
    "Refused",
    "Snapshots",
    "read_collections",
]
