"""Giving and taking back a consent with the resident's key, and looking at a record elsewhere, which leaves a trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apps.health_slots.kinds import Consent
from apps.health_slots.model import LOOK_PURPOSES
from apps.health_slots.services.lists import ConsentRow
from apps.health_slots.ui.page import ChosenResident
from apps.health_slots.ui.phrases import appointment_word, short_name, stamp, tr
from apps.health_slots.ui.resident import title_of
from apps.health_slots.ui.resident_key import signing
from console.i18n import say
from console.shell.inspector import Inspected
from console.widgets.facts import Facts, Section
from console.widgets.forms import choice_field, number_field

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


def purpose_word(purpose: str) -> str:
    return say(LOOK_PURPOSES.get(purpose, purpose))


def ask_consent(page: SlotsPage, resident: ChosenResident) -> None:
    """Let the resident sign a consent and write it."""
    where = choice_field(tr("给哪家医院"), [(h.id, f"{h.name} ({h.id})") for h in page.hospitals])
    where.set_value(page.hospital)
    asked = {"hospital": where, "days": number_field(tr("有效期"), 30, 1, 3650, unit=tr("天"))}
    page.act(Consent.give, {"id": resident.id, "who": title_of(resident)}, beside=signing(asked)).exec()


def ask_revoke(page: SlotsPage, row: ConsentRow) -> None:
    """Let the resident sign the revocation and write it."""
    page.act(Consent.revoke, {"id": row.id, "hospital": row.hospital_name}, beside=signing()).exec()


def ask_look(page: SlotsPage, row: ConsentRow) -> None:
    """Leave a trace with its purpose, then show the resident's appointments everywhere."""
    show = lambda found: page.inspect(record_panel(page, row.resident, found))  # noqa: E731
    page.act(Consent.look, {"id": row.id}, done=show).exec()


def record_panel(page: SlotsPage, resident: str, found: Sequence[dict[str, Any]]) -> Inspected:
    """A resident's appointments at all hospitals."""
    panel = Inspected(tr("跨院记录"), short_name(resident))
    panel.setProperty("inspectorWidth", 344)
    names = {h.id: h.name for h in page.hospitals}
    if not found:
        panel.add(Section(first=True).text(tr("没有预约"), tone="text2"))
    for at, entry in enumerate(sorted(found, key=lambda e: -e["created_at"])[:40]):
        section = Section(first=at == 0)
        facts = Facts(64)
        facts.add(tr("医院"), names.get(entry["hospital"], entry["hospital"]))
        facts.add(tr("科室"), entry["department"])
        facts.add_hash(tr("号源"), entry["slot"], entry["slot"])
        facts.add(tr("申请"), stamp(entry["created_at"], "%Y-%m-%d %H:%M"))
        facts.add(tr("状态"), appointment_word(entry["state"]))
        panel.add(section.add(facts))
    return panel
