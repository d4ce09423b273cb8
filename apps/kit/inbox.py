"""What waits for the person at a desk in an application of the kit."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from baas.inbox import Waiting

if TYPE_CHECKING:
    from apps.kit.application import KitManifest
    from apps.kit.service import Service
    from baas.platform import Platform


def waiting(manifest: KitManifest, platform: Platform, network: str) -> list[Waiting]:
    """The records that ask something of whoever acts."""
    if not platform.session.allows(manifest.read):
        return []
    service: Any = manifest.build_service(platform, network)
    with contextlib.closing(service) if hasattr(service, "close") else contextlib.nullcontext(service):
        return of_service(manifest, getattr(service, "kit", service))


def of_service(manifest: KitManifest, kit: Service) -> list[Waiting]:
    """The same of a service that is open."""
    found = kit.waiting()
    if hasattr(kit, "know"):
        kit.know(found)
    return [
        Waiting(
            manifest.id,
            str(one["id"]),
            str(one["type"]),
            kit.called(one),
            kit.asks(one) or "",
            kit.catalogue.of(one).due_of(one),
        )
        for one in found
    ]
