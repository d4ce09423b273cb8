"""What waits for the person at a desk in 数字版权: records, seals to be issued, files to be handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.copyright import permissions
from apps.copyright.seal import waiting_seals
from apps.copyright.service import CopyrightService
from apps.kit.inbox import of_service
from baas.errors import Text
from baas.inbox import Waiting

if TYPE_CHECKING:
    from apps.kit.application import KitManifest
    from baas.platform import Platform

_SEAL = Text("签发印章：citychain copyright seal --issue", "Issue the seal: citychain copyright seal --issue")
_FILE = Text("等待上交：citychain copyright files", "Waits to be handed in: citychain copyright files")


def waiting(manifest: KitManifest, platform: Platform, network: str) -> list[Waiting]:
    """Everything of it."""
    if not platform.session.allows(permissions.READ):
        return []
    with CopyrightService(platform, network) as service:
        found = of_service(manifest, service.kit)
        if platform.session.allows("identity.issue", service.ledger.cast.office):
            found += [Waiting(manifest.id, one, "seal", one, _SEAL, "") for one in waiting_seals(service)]
        found += [
            Waiting(manifest.id, f"{one.record}/{one.cid}", "file", one.title, _FILE, "")
            for one in service.files.queue.waiting()
            if one.tries
        ]
    return found
