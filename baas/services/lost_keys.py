"""New keys for nodes whose machine was lost, and the former ones refused in every channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from baas import roles
from baas.jobs import NULL_CONTEXT, JobContext

if TYPE_CHECKING:
    from baas.platform import Platform


def revoke_lost(
    platform: Platform, network: str, nodes: Sequence[str], *, ctx: JobContext = NULL_CONTEXT
) -> tuple[str, ...]:
    """Give nodes new keys, then revoke the enrolment certificates of their former ones; the serial numbers.

    Interrupted, a second call revokes what is left and gives new keys once more. TLS certificates are no part of
    Fabric's revocation lists: the lost machine's stay good until they end, but let nobody sign or endorse.
    """
    from baas.services.revocations import former_serials

    network = platform.networks.resolve(network)
    spec = platform.networks.spec(network)
    chosen = [spec.node(name) for name in nodes]
    organizations = tuple(dict.fromkeys(node.organization.msp_id for node in chosen))
    for msp_id in organizations:
        platform.session.require(roles.IDENTITY_REVOKE, msp_id)
    platform.changes.renew_nodes(network, [node.name for node in chosen], ctx=ctx)
    handle = platform.networks.handle(network)
    revoked: list[str] = []
    for msp_id in organizations:
        authority = handle.authority(msp_id)
        serials = former_serials(authority, [node for node in chosen if node.organization.msp_id == msp_id])
        if serials:
            authority.revoke(*serials)
        revoked += serials
        platform.identities.publish_revocations(msp_id, network, ctx=ctx)
    return tuple(revoked)
