"""Certificates and channel blocks of a topology whose nodes will run in containers that this platform does not start.

The folder made is a network folder like any other (state `building`), so that `join_channels` and, later, handles and
services work on it; people's and authorities' keys are in the vault, only nodes' own keys are exported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from network.addresses import AddressBook
from network.drivers.base import Progress
from network.errors import Conflict
from network.groundwork import ADDRESSES, apply_groundwork, groundwork_steps
from network.handle import NetworkHandle
from network.native.membership import ChannelMembership
from network.native.nodes import NodeProcesses
from network.plan import NetworkState, locked
from network.supervisor.client import SupervisorClient
from network.text import Text
from network.topology import NodeRef, TopologySpec
from network.vault import KeyVault


def prepare(
    directory: Path, spec: TopologySpec, vault: KeyVault, ctx: Progress, *, name_of: Callable[[NodeRef], str]
) -> NetworkHandle:
    """Make what the nodes need; `name_of` gives the host by which they know each other. May be repeated."""
    directory.mkdir(parents=True, exist_ok=True)
    with locked(directory, ctx):
        state = NetworkState.load(directory)
        present = state.reached or state.wanted
        if present is not None and present != spec:
            raise Conflict(
                Text("此文件夹属于另一个网络。", "This folder belongs to another network."),
                Text("请另选名称。", "Choose another name."),
            )
        replace(state, phase="building", wanted=spec).save(directory)
        for step in groundwork_steps(directory, spec, vault):
            apply_groundwork(directory, spec, vault, step, ctx)
            if step.kind == ADDRESSES:
                book = AddressBook.load(directory)
                for node in spec.nodes():
                    book.update(node.name, node_host=name_of(node))
                book.save(directory)
    return NetworkHandle(directory, vault, spec=spec)


def join_channels(directory: Path, vault: KeyVault, ctx: Progress) -> TopologySpec:
    """Join the running nodes of a prepared network to their channels; harmless when done already."""
    state = NetworkState.load(directory)
    spec = state.wanted
    if spec is None:
        raise Conflict(Text("此文件夹中没有网络。", "There is no network in this folder."))
    handle = NetworkHandle(directory, vault, spec=spec)
    nodes = NodeProcesses(directory, SupervisorClient(directory / "run"), None)
    for channel in spec.channels:
        membership = ChannelMembership(handle, spec, channel, nodes)
        membership.join_orderers()
        membership.join_peers(ctx)
        membership.wait_for_leader(ctx)
    with locked(directory, ctx):
        replace(state, phase="ready", reached=spec).save(directory)
    return spec
