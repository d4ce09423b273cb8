"""Wait until every peer can name those that endorse a contract: gossip tells them of it some moments after the commit.

Until then a Gateway that has to ask another organisation's peer answers "failed to find any endorsing peers": whoever
deployed a contract and used it at once from another organisation met that.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from baas.errors import DeadlineExceeded, Text, translate
from baas.services.peers import listens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baas.jobs import JobContext
    from baas.services.lifecycle_model import Definition
    from fabric_sdk.admin.discovery import DiscoveredPeer
    from network.handle import NetworkHandle
    from network.topology import NodeRef

GOSSIP_SECONDS = 60.0
PAUSE_SECONDS = 0.2


def unnamed(found: Iterable[DiscoveredPeer], wanted: Definition, expected: Iterable[str]) -> tuple[str, ...]:
    """MSP ids of which `found` names fewer peers with the definition in force than `expected` has, one entry a peer.

    A peer that still tells of an earlier sequence would endorse by the earlier version.
    """
    sequence = str(wanted.sequence)
    able = Counter(peer.msp_id for peer in found if peer.chaincodes.get(wanted.name) == sequence)
    return tuple(sorted(msp_id for msp_id, many in Counter(expected).items() if able[msp_id] < many))


def wait_for_endorsers(
    handle: NetworkHandle, channel: str, wanted: Definition, held: Iterable[str], ctx: JobContext
) -> None:
    """Wait until each running peer of the organisations `held` knows of the contract on all running peers of theirs.

    The nodes of the embedded ledger share what they know, and are not asked. `DeadlineExceeded` after a minute names
    the peer that did not hear of the others; the contract is in force all the same.
    """
    if handle.runtime == "embedded":
        return
    mine = set(held)
    nodes = [node for node in handle.channel_peers(channel) if node.organization.msp_id in mine]
    nodes = [node for node in nodes if listens(handle.addresses[node.name].address)]
    expected = [node.organization.msp_id for node in nodes]
    ctx.step(
        "gossip", Text("等待 {n} 个节点得知合约 {c}", "Wait until {n} peers know of {c}", n=len(nodes), c=wanted.name)
    )
    deadline = time.monotonic() + GOSSIP_SECONDS
    for number, node in enumerate(nodes, 1):
        while lacking := _lacking(handle, channel, node, wanted, expected):
            if time.monotonic() > deadline:
                raise _late(node, wanted.name, lacking)
            ctx.check_cancelled()
            time.sleep(PAUSE_SECONDS)
        ctx.progress(number, len(nodes), node.name)


def _lacking(
    handle: NetworkHandle, channel: str, node: NodeRef, wanted: Definition, expected: Iterable[str]
) -> tuple[str, ...]:
    """Of which organisations a peer does not know enough; nothing of one that was stopped meanwhile."""
    from fabric_sdk.admin import Discovery
    from fabric_sdk.errors import FabricError

    try:
        peer = handle.talk(node, handle.admin(node.organization.msp_id))
        return unnamed(Discovery(peer).peers(channel), wanted, expected)
    except FabricError as error:
        if not listens(handle.addresses[node.name].address):
            return ()
        return (str(translate(error).message),)


def _late(node: NodeRef, contract: str, lacking: tuple[str, ...]) -> DeadlineExceeded:
    return DeadlineExceeded(
        Text(
            "合约 {c} 已生效，但节点 {n} 还不知道这些组织的背书节点：{m}。",
            "{c} is in force, but the peer {n} does not know yet which peers endorse it of: {m}.",
            c=contract,
            n=node.name,
            m=", ".join(lacking),
        ),
        Text("请查看节点之间能否互相连接，再部署一次。", "See whether the peers reach each other, and deploy again."),
        code="endorsers_unknown",
        details={"node": node.name, "missing": ", ".join(lacking)},
    )
