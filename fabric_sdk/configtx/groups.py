"""The pieces a channel configuration is made of: values, policies and groups (common/channelconfig)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fabric_protos.common import configtx_pb2, configuration_pb2, policies_pb2
from fabric_protos.msp import identities_pb2, msp_principal_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as raft_pb2
from fabric_protos.orderer.smartbft import configuration_pb2 as bft_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2

from fabric_sdk.configtx.profile import (
    Batch,
    BftOptions,
    Consenter,
    HostPort,
    OrganizationProfile,
    RaftOptions,
    default_organization_policies,
)
from fabric_sdk.errors import FabricError, PolicyError
from fabric_sdk.policy import n_out_of, parse, parse_implicit_meta
from fabric_sdk.wire import encode

ADMINS = "Admins"
IMPLICIT_META_WORDS = ("ANY ", "ALL ", "MAJORITY ")
DATA_HASHING_WIDTH = 0xFFFFFFFF


class ConfigError(FabricError):
    """A channel configuration or an update to it that cannot be."""


def policy_from_rule(rule: str) -> policies_pb2.Policy:
    """Compile `MAJORITY Admins` or `OR('AMSP.admin', …)` to a `common.Policy`; PolicyError when it is neither."""
    if rule.startswith(IMPLICIT_META_WORDS):
        return policies_pb2.Policy(type=policies_pb2.Policy.IMPLICIT_META, value=encode(parse_implicit_meta(rule)))
    return policies_pb2.Policy(type=policies_pb2.Policy.SIGNATURE, value=encode(parse(rule)))


def put_policies(group: Any, rules: Mapping[str, str], required: Iterable[str]) -> None:
    """Set policies on a group, each changeable by the group's Admins."""
    for name in required:
        if name not in rules:
            raise PolicyError(f"the policy {name} is missing")
    for name, rule in rules.items():
        group.policies[name].CopyFrom(configtx_pb2.ConfigPolicy(mod_policy=ADMINS, policy=policy_from_rule(rule)))


def put_value(group: Any, key: str, message: Any, mod_policy: str = ADMINS) -> None:
    """Set a configuration value on a group, keeping the version of one that is there."""
    value = group.values[key]
    value.value = encode(message)
    value.mod_policy = mod_policy


def capabilities_value(*names: str) -> configuration_pb2.Capabilities:
    """Return a capabilities value that requires `names`."""
    value = configuration_pb2.Capabilities()
    for name in names:
        value.capabilities[name].SetInParent()
    return value


def batch_size_value(batch: Batch) -> orderer_pb2.BatchSize:
    """Return the `BatchSize` of a batch."""
    return orderer_pb2.BatchSize(
        max_message_count=batch.max_messages,
        absolute_max_bytes=batch.absolute_max_bytes,
        preferred_max_bytes=batch.preferred_max_bytes,
    )


def endpoints_value(endpoints: Iterable[HostPort]) -> configuration_pb2.OrdererAddresses:
    """Return an organisation's orderer endpoints."""
    return configuration_pb2.OrdererAddresses(addresses=[str(e) for e in endpoints])


def anchors_value(anchors: Iterable[HostPort]) -> peer_pb2.AnchorPeers:
    """Return an organisation's anchor peers."""
    return peer_pb2.AnchorPeers(anchor_peers=[peer_pb2.AnchorPeer(host=a.host, port=a.port) for a in anchors])


def acls_value(acls: Mapping[str, str]) -> peer_pb2.ACLs:
    """Return access rules by resource; values are policy paths."""
    value = peer_pb2.ACLs()
    for resource, policy in acls.items():
        value.acls[resource].policy_ref = policy
    return value


def raft_metadata(consenters: Iterable[Consenter], options: RaftOptions) -> raft_pb2.ConfigMetadata:
    """Return the consensus metadata of `etcdraft`."""
    return raft_pb2.ConfigMetadata(
        consenters=[raft_consenter(c) for c in consenters],
        options=raft_pb2.Options(
            tick_interval=options.tick_interval,
            election_tick=options.election_tick,
            heartbeat_tick=options.heartbeat_tick,
            max_inflight_blocks=options.max_inflight_blocks,
            snapshot_interval_size=options.snapshot_interval_size,
        ),
    )


def raft_consenter(consenter: Consenter) -> raft_pb2.Consenter:
    """Return a consenter as `etcdraft` lists it."""
    return raft_pb2.Consenter(
        host=consenter.host,
        port=consenter.port,
        client_tls_cert=consenter.client_tls_pem,
        server_tls_cert=consenter.server_tls_pem,
    )


def bft_metadata(options: BftOptions, batch: Batch) -> bft_pb2.Options:
    """Return the consensus metadata of `BFT`."""
    return bft_pb2.Options(
        request_batch_max_count=batch.max_messages,
        request_batch_max_bytes=batch.absolute_max_bytes,
        **vars(options),
    )


def bft_consenter(consenter: Consenter) -> configuration_pb2.Consenter:
    """Return a consenter as `BFT` maps it."""
    return configuration_pb2.Consenter(
        id=consenter.id,
        host=consenter.host,
        port=consenter.port,
        msp_id=consenter.msp_id,
        identity=consenter.identity_pem,
        client_tls_cert=consenter.client_tls_pem,
        server_tls_cert=consenter.server_tls_pem,
    )


def bft_block_validation(consenters: Iterable[Any]) -> policies_pb2.Policy:
    """Return the policy that a BFT block's signatures satisfy: a Byzantine quorum of the consenters' identities.

    `consenters` are `common.Consenter`. Quorum and form are those of common/policies/bft.go: ceil((n + f + 1) / 2)
    with f = (n - 1) // 3.
    """
    mapping = list(consenters)
    quorum = bft_quorum(len(mapping))
    envelope = policies_pb2.SignaturePolicyEnvelope(
        rule=n_out_of(quorum, [policies_pb2.SignaturePolicy(signed_by=i) for i in range(len(mapping))]),
        identities=[
            msp_principal_pb2.MSPPrincipal(
                principal_classification=msp_principal_pb2.MSPPrincipal.IDENTITY,
                principal=encode(identities_pb2.SerializedIdentity(mspid=c.msp_id, id_bytes=c.identity)),
            )
            for c in mapping
        ],
    )
    return policies_pb2.Policy(type=policies_pb2.Policy.SIGNATURE, value=encode(envelope))


def bft_quorum(consenters: int) -> int:
    """Return how many of `consenters` must sign a block."""
    faulty = (consenters - 1) // 3
    return (consenters + faulty + 2) // 2


def organization_group(organization: OrganizationProfile, *, ordering: bool) -> configtx_pb2.ConfigGroup:
    """Return an organisation's group in the Orderer (`ordering`) or the Application group."""
    group = configtx_pb2.ConfigGroup(mod_policy=ADMINS)
    rules = {**default_organization_policies(organization.msp_id), **organization.policies}
    put_policies(group, rules, ("Readers", "Writers", ADMINS))
    value = group.values["MSP"]
    value.value, value.mod_policy = organization.msp_config, ADMINS
    if ordering and organization.orderer_endpoints:
        put_value(group, "Endpoints", endpoints_value(organization.orderer_endpoints))
    if not ordering and organization.anchor_peers:
        put_value(group, "AnchorPeers", anchors_value(organization.anchor_peers))
    return group
