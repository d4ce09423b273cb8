"""Renews the certificates of one node of a running native network."""

from __future__ import annotations

from network.drivers.base import Progress
from network.handle import NetworkHandle
from network.native.membership import ChannelMembership
from network.native.nodes import NodeProcesses
from network.renewal import StagedCertificates, announce, pending_renewals
from network.topology import NodeRef, TopologySpec


def renew_node(handle: NetworkHandle, spec: TopologySpec, node: NodeRef, nodes: NodeProcesses, ctx: Progress) -> None:
    """Issue, announce (orderers), install, restart, and wait until the network is whole again; may be repeated."""
    what = pending_renewals(handle.directory).get(node.name)
    if not what:
        return
    staged = StagedCertificates(handle.authority(node.organization.msp_id), node, what)
    # A Raft leader never rotates its own entry but hands over first; a single orderer cannot, and keeps its key.
    alone = node.kind == "orderer" and len(list(spec.orderers())) == 1
    staged.prepare(keep_tls_key=alone)
    if node.kind == "orderer" and not alone:
        announce(handle, spec, node, staged)
    staged.install()
    nodes.restart(spec, node, ctx)
    if node.kind == "orderer":
        for channel in spec.channels:
            ChannelMembership(handle, spec, channel, nodes).wait_until_whole(ctx)
    staged.finish(handle.directory)
