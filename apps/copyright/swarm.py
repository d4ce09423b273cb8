"""Files of 数字版权 from the organisations' swarm, and where their nodes are, as the ledger names them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from baas.content import Cid, KuboStore
from baas.errors import Cancelled, CityChainError, Text

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService
    from baas.content.swarm import Swarm
    from baas.jobs import JobContext

HERE = "here"
"""The service named in a question about a file of this desk: no organisation's, so that no door takes it."""


def meet(swarm: Swarm, peers: Mapping[str, str], own: str) -> list[str]:
    """Connect to the other organisations' nodes; returns the MSP ids of those that answered."""
    met = []
    for msp_id, address in peers.items():
        if msp_id != own:
            with suppress(CityChainError):
                swarm.connect(address)
                met.append(msp_id)
    return met


def fetch_by_swarm(service: CopyrightService, record: str, cid: str, most: int, ctx: JobContext) -> bool:
    """Fetch a file from the organisations' nodes, where this desk's store is one of them; False: ask the services.

    The nodes give each other everything; so whoever acts is asked for the right first, of a peer, as at a door. But no
    node knows for which record a file was handed in, as a door does, and anybody can write a record that names
    another's file: so only whoever has this node to themselves fetches here, not one of several in a workspace.
    """
    store, ledger = service.content, service.ledger
    swarm = store.swarm if isinstance(store, KuboStore) else None
    if swarm is None or not _alone(service):
        return False
    try:
        ledger.evaluate("registrar", "MayFetch", record, cid, HERE)
    except CityChainError:
        return False  # the services say what there is to say
    ctx.step("swarm", Text("从机构专网取回", "Fetch it from the organisations' swarm"))
    try:
        meet(swarm, peers_of(service), ledger.label("registrar").partition("/")[0])
        if not swarm.neighbours():
            return False

        def watch(count: int) -> None:
            ctx.check_cancelled()
            ctx.progress(count, most)

        swarm.fetch(Cid(cid), most, record, watch)
    except Cancelled:
        raise
    except CityChainError as error:
        ctx.log(Text("专网没有给出：{e}", "The swarm did not give it: {e}", e=error.message))
        return False
    service.files.queue.received(cid, ledger.party("registrar"))
    return True


def peers_of(service: CopyrightService) -> dict[str, str]:
    """The organisations' nodes in the swarm by MSP id, as the ledger names them."""
    found = service.ledger.evaluate("auditor", "ListSwarmPeers")
    return {str(one["msp_id"]): str(one["address"]) for one in found}


def _alone(service: CopyrightService) -> bool:
    """Whether whoever acts owns the workspace, or is its only person."""
    identities, network = service.platform.identities, service.network
    return not identities.acting(network).msp_id or len(identities.list(network, kind="person")) == 1
