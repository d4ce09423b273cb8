"""Finds works for the command palette: by title, number, CID or SHA-256."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apps.copyright import permissions
from apps.copyright.service import build_service
from apps.copyright.ui.terms import tr, work_icon
from console.finding import Found, fits

if TYPE_CHECKING:
    from baas.platform import Platform

MOST, LOOKED_AT = 6, 1000


def find(platform: Platform, network: str, text: str) -> Sequence[Found]:
    """Works whose title, numbers or fingerprints hold `text`."""
    if not platform.session.allows(permissions.READ):
        return ()
    found = []
    for work in build_service(platform, network).works(limit=LOOKED_AT):
        if fits(text, work.title, work.id, work.number, work.registration, work.cid, work.sha256):
            note = f"{tr('作品')} · {work.number or work.id}"
            found.append(Found(work.title, note, f"copyright/work/{work.id}", work_icon(work.media_type)))
            if len(found) == MOST:
                break
    return found
