"""What waits for the person at a desk in 数字版权: records, seals to be issued, files to be handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.copyright import permissions
from apps.copyright.seal import refused_seal, waiting_seals
from apps.copyright.service import CopyrightService
from apps.kit.inbox import of_service
from baas.errors import Text
from baas.inbox import Waiting
from baas.roles import IDENTITY_ISSUE

if TYPE_CHECKING:
    from apps.kit.application import KitManifest
    from baas.platform import Platform

_SEAL = Text("签发印章：citychain copyright seal --issue", "Issue the seal: citychain copyright seal --issue")
_REFUSED = Text(
    "印章未签发：{r}。再次申请：citychain copyright seal --ask",
    "Your seal was refused: {r}. Ask again: citychain copyright seal --ask",
)
_FILE = Text("等待上交：citychain copyright files", "Waits to be handed in: citychain copyright files")


def waiting(manifest: KitManifest, platform: Platform, network: str) -> list[Waiting]:
    """Everything of it."""
    if not platform.session.allows(permissions.READ):
        return []
    with CopyrightService(platform, network) as service:
        found = of_service(manifest, service.kit)
        if platform.session.allows(IDENTITY_ISSUE, service.ledger.cast.office):
            found += [Waiting(manifest.id, one, "seal", one, _SEAL, "") for one in waiting_seals(service)]
        if platform.session.allows(permissions.REVIEW) and (why := refused_seal(service)):
            own = service.ledger.party("registrar")
            found.append(Waiting(manifest.id, own, "seal_refused", own, Text(_REFUSED.zh, _REFUSED.en, r=why), ""))
        found += [
            Waiting(manifest.id, f"{one.record}/{one.cid}", "file", one.title, _FILE, "")
            for one in service.files.queue.waiting()
            if one.tries
        ]
    return found
