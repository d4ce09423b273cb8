"""What of 号源链 is on one desk only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baas.errors import Text
from baas.services.recovery import OnlyHere

if TYPE_CHECKING:
    from baas.platform import Platform


def only_here(platform: Platform, network: str, secrets: frozenset[str], saved: frozenset[str]) -> list[OnlyHere]:
    """The secrets of sessions, draws and pseudonyms, and the plans of sessions that are not open yet."""
    found = []
    names = {name for name in secrets if name.startswith(f"{network}/slots/")}
    if names:
        title = Text("号源的密钥（假名、承诺、抽签）", "Secrets of slots (pseudonyms, commitments, draws)")
        found.append(OnlyHere("slots-secrets", title, len(names), recoverable=True, saved=names <= saved))
    for name, id, title in (
        ("plans.db", "slots-plans", Text("尚未放出的排班", "Plans of sessions not open yet")),
        ("portals.db", "slots-portals", Text("门户登记", "Registered portals")),
    ):
        if platform.workspace.path("slots", network, name).is_file():
            hint = Text("备份工作区：citychain backup。", "Back the workspace up: citychain backup.")
            found.append(OnlyHere(id, title, 1, recoverable=False, hint=hint))
    return found
