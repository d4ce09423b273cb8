"""What of 号源链 is on one desk only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.health_slots.plans import PlanStore
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
    folder = platform.workspace.path("slots", network)
    if PlanStore(folder / "plans.db").hospitals():
        found.append(
            OnlyHere(
                "slots-plans",
                Text("尚未放出的排班", "Plans of sessions not open yet"),
                1,
                recoverable=False,
                hint=Text("交给本院节点：citychain slots hand-over", "Give them to the hospital: slots hand-over"),
            )
        )
    if (folder / "portals.db").is_file():
        hint = Text("备份工作区：citychain backup。", "Back the workspace up: citychain backup.")
        found.append(OnlyHere("slots-portals", Text("门户登记", "Registered portals"), 1, recoverable=False, hint=hint))
    return found
