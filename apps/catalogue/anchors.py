"""Seals of audit logs on the ledger, as the platform asks for them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from apps.catalogue.kinds import Seal
from baas.audit_file import Anchor

if TYPE_CHECKING:
    from apps.kit.service import Service
    from baas.platform import Platform


def _service(platform: Platform, network: str) -> Service:
    found: Service = platform.applications.get("catalogue").build_service(platform, network)
    return found


def put(platform: Platform, network: str, log: str, line: int, head: str) -> Anchor:
    """Seal a log's line; returns when it is committed."""
    done = _service(platform, network).do(Seal.seal, {"chain": log, "line": line, "head": head})
    return Anchor(line, head, tx_id=done.tx_id)


def of(platform: Platform, network: str, log: str) -> tuple[Anchor, ...]:
    """Every seal of a log, oldest first; `at` is when the ledger made it, by its peers' clocks."""
    found = [one for one in _service(platform, network).all(Seal) if one["chain"] == log]
    return tuple(
        Anchor(one["line"], one["head"], dt.datetime.fromisoformat(one["created"]).timestamp(), one["id"])
        for one in found
    )
