"""Who sits at the window: one identity for every set of roles."""

from __future__ import annotations

from baas.platform import Platform
from console.shell.account import acting_choices


def people_of(platform: Platform, network: str) -> dict[str, str]:
    """The first label of every set of roles ("auditor+creator") that somebody has who may act at this workspace."""
    found: dict[str, str] = {}
    for label, roles in acting_choices(platform, network):
        found.setdefault("+".join(sorted(roles)), label)
    return found
