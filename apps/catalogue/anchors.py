"""Seals of audit logs on the ledger, as the platform asks for them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from apps.catalogue.application import KEEPER
from apps.catalogue.kinds import Seal
from baas.audit_file import Anchor
from baas.services.audit import Seals
from baas.services.peers import desk_label

if TYPE_CHECKING:
    from apps.kit.service import Service
    from baas.platform import Platform

ALL = 10**9
"""More seals than a ledger has: that somebody makes many must not hide anybody's."""


def _service(platform: Platform, network: str) -> Service:
    found: Service = platform.applications.get("catalogue").build_service(platform, network)
    return found


def put(platform: Platform, network: str, log: str, line: int, head: str) -> Anchor:
    """Seal a log's line; returns when it is committed."""
    done = _service(platform, network).do(Seal.seal, {"chain": log, "line": line, "head": head})
    return Anchor(line, head, tx_id=done.tx_id)


def keepers(platform: Platform, network: str) -> frozenset[str]:
    """The parties who seal from here: on a network of one's own the owner's, on one of others whoever came in; and
    the acting person where the owner's organisation is theirs. Nobody is made by asking."""
    service = _service(platform, network)
    acting = platform.identities.acting(network)
    if desk_label(platform.networks.handle(network)):
        return frozenset({acting.party} - {""})
    own = {
        f"{one.msp_of(service.ledger.spec)}/{service.manifest.id}-{one.role}"
        for one in service.manifest.people
        if one.role == KEEPER
    }
    home = {party.partition("/")[0] for party in own}
    return frozenset(own | ({acting.party} if acting.msp_id in home else set()))


def sealer(platform: Platform, network: str) -> tuple[str, str]:
    """Who would sign a seal made from here now, as the ledger names them, and their role."""
    acting = platform.identities.acting(network)
    if acting.party:
        return acting.party, next(iter(sorted(acting.roles)), "")
    return next(iter(sorted(keepers(platform, network))), ""), str(KEEPER)


def known(platform: Platform, network: str) -> bool:
    """Whether somebody who seals from here has a certificate on a network already."""
    mine = keepers(platform, network)
    return any(one.party in mine for one in platform.identities.list(network, kind="person"))


def of(platform: Platform, network: str, log: str) -> Seals:
    """Every seal that has to do with a log, oldest first; `at` is when the ledger made it, by its peers' clocks."""
    service, mine = _service(platform, network), keepers(platform, network)
    homes = {party.partition("/")[0] for party in mine}
    found = service.pages(service.reader, "ListAll", Seal.id, most=ALL)
    found.sort(key=lambda one: (one["created"], one["line"]))
    at_home = [one for one in found if one["keeper"].partition("/")[0] in homes]
    return Seals(
        own=tuple(_anchor(one) for one in at_home if one["chain"] == log),
        astray=tuple(_anchor(one) for one in found if one["keeper"] in mine and one["chain"] != log),
        foreign=tuple(_anchor(one) for one in found if one not in at_home and one["chain"] == log),
    )


def _anchor(one: dict[str, Any]) -> Anchor:
    at = dt.datetime.fromisoformat(one["created"]).timestamp()
    return Anchor(one["line"], one["head"], at, one["id"], one["keeper"])
