"""The two blocks with which a branch begins: authorities of its own, and no approvals that nobody here can read.

1. A configuration in which every organisation keeps its MSP id and policies but has another authority, the branch's
   own, and in which the ordering service is the branch's. The origin's orderers have not signed it and never would:
   nothing after this block is part of the origin, for whoever checks signatures. No key of the origin signs on the
   branch, no key of the branch on the origin.
2. A `_lifecycle` transaction, endorsed by every organisation's peer on the branch, that takes away the hashes of
   approvals whose contents are not here: each organisation approves its contracts anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fabric_protos.common.common_pb2 import Envelope
from fabric_protos.common.configtx_pb2 import Config, ConfigEnvelope
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import HashedRWSet, KVRWSet
from fabric_protos.ledger.rwset.rwset_pb2 import TxReadWriteSet
from fabric_protos.orderer.configuration_pb2 import ConsensusType

from fabric_sdk.channel import BRANCH_CONSENSUS
from fabric_sdk.configtx.groups import anchors_value, endpoints_value, policy_from_rule, put_value
from fabric_sdk.configtx.profile import HostPort
from fabric_sdk.envelope import (
    config_envelope,
    endorse,
    new_proposal,
    proposal_response_payload,
    transaction_payload,
)
from fabric_sdk.identity import SigningIdentity, load_msp_folder
from fabric_sdk.transaction import read_proposal
from fabric_sdk.wire import encode
from network.branching.committer import Committer
from network.embedded.channel_config import ChannelConfig
from network.embedded.definitions import IMPLICIT_PREFIX, LIFECYCLE
from network.embedded.ordering import OrdererIdentity
from network.embedded.state_view import StateView
from network.embedded.transactions import VALID, Transaction, parse_envelope
from network.handle import NetworkHandle
from network.topology import NodeRef

FUNCTION = b"BeginBranch"


def begin(committer: Committer, handle: NetworkHandle) -> int:
    """Write both blocks; return the number of the first. `handle` is the branch's network, its material made."""
    orderer = handle.orderers()[0]
    identity = OrdererIdentity(orderer.name, handle.addresses[orderer.name].address, _signer(handle, orderer))
    number = committer.view.height
    config = _config(committer.config, handle)
    committer.append([_valid(config_envelope(committer.channel_id, config, identity.signer))], identity)
    results = _forgetting(committer.view)
    if results:
        peers = [_signer(handle, peer) for peer in _one_each(handle)]
        committer.append([_valid(_endorsed(committer.channel_id, results, identity.signer, peers))], identity)
    return number


def _signer(handle: NetworkHandle, node: NodeRef) -> SigningIdentity:
    folder = handle.authority(node.organization.msp_id).nodes.directory(node)
    return load_msp_folder(folder / "msp", node.organization.msp_id)


def _one_each(handle: NetworkHandle) -> Iterator[NodeRef]:
    for organization in handle.spec.organizations:
        yield from handle.peers(organization.msp_id)[:1]


def _valid(envelope: Envelope) -> Transaction:
    transaction = parse_envelope(envelope)
    transaction.code = VALID
    return transaction


def _config(before: ChannelConfig, handle: NetworkHandle) -> ConfigEnvelope:
    """The configuration in force, with the branch's authorities and ordering service."""
    config: Any = Config()
    config.CopyFrom(before.proto)
    config.sequence = before.sequence + 1
    root = config.channel_group
    ordering, application = root.groups["Orderer"], root.groups["Application"]
    places: dict[str, list[HostPort]] = {}
    for node in handle.spec.nodes():
        address = handle.addresses[node.name]
        places.setdefault(f"{node.kind}/{node.organization.msp_id}", []).append(HostPort(address.host, address.port))
    for groups, known, key in (
        (application.groups, before.application_orgs, "AnchorPeers"),
        (ordering.groups, before.orderer_orgs, "Endpoints"),
    ):
        kind = "peer" if key == "AnchorPeers" else "orderer"
        for name, msp in known.items():
            group = groups[name]
            group.values["MSP"].value = encode(handle.authority(msp.msp_id).msp_config())
            found = places.get(f"{kind}/{msp.msp_id}", [])
            if found:
                put_value(group, key, anchors_value(found[:1]) if kind == "peer" else endpoints_value(found))
            elif key in group.values:
                del group.values[key]
    if "OrdererAddresses" in root.values:
        ours = (place for key, found in places.items() if key.startswith("orderer/") for place in found)
        put_value(root, "OrdererAddresses", endpoints_value(ours))
    if "Orderers" in ordering.values:
        del ordering.values["Orderers"]
    ordering.policies["BlockValidation"].policy.CopyFrom(policy_from_rule("ANY Writers"))
    put_value(ordering, "ConsensusType", ConsensusType(type=BRANCH_CONSENSUS))
    return ConfigEnvelope(config=config)


def _forgetting(view: StateView) -> bytes:
    """The results of a transaction that takes away the hashes of unreadable approvals; b"" where all can be read."""
    found: dict[str, list[bytes]] = {}
    sql = "SELECT collection, key_hash FROM hashed_state WHERE namespace = ? ORDER BY collection, key_hash"
    for collection, digest in list(view.query(sql, (LIFECYCLE,))):
        assert isinstance(collection, str) and isinstance(digest, bytes)
        if collection.startswith(IMPLICIT_PREFIX) and view.get_private_by_hash(LIFECYCLE, collection, digest) is None:
            found.setdefault(collection, []).append(digest)
    if not found:
        return b""
    sets: Any = TxReadWriteSet(data_model=TxReadWriteSet.KV)
    entry = sets.ns_rwset.add(namespace=LIFECYCLE, rwset=KVRWSet().SerializeToString())
    for name, digests in found.items():
        hashed = HashedRWSet()
        for digest in digests:
            hashed.hashed_writes.add(key_hash=digest, is_delete=True)
        entry.collection_hashed_rwset.add(collection_name=name, hashed_rwset=hashed.SerializeToString())
    return encode(sets)


def _endorsed(channel: str, results: bytes, creator: SigningIdentity, peers: Sequence[SigningIdentity]) -> Envelope:
    proposal = new_proposal(channel, LIFECYCLE, [FUNCTION], creator.creator)
    payload = proposal_response_payload(
        read_proposal(proposal.bytes).hash, results, b"", status=200, message="", payload=b"",
        chaincode=LIFECYCLE, chaincode_version="syscc",
    )  # fmt: skip
    body = transaction_payload(proposal.bytes, payload, [endorse(payload, peer) for peer in peers])
    return Envelope(payload=body, signature=creator.sign(body))
