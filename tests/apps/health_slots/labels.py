"""Every panel and dialog of the slots pages as text, in both languages: for comparing before and after.

    python -m tests.apps.health_slots.labels before.json          # in a checkout of before
    python -m tests.apps.health_slots.labels after.json
    python -m tests.kit.labels --diff before.json after.json

A hospital of its own has appointments in every state, money owed both ways, a draw, a queue, points and a clinic that
refers; on every tab each row of each table is chosen and every button that asks (…) is pressed.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QAbstractButton, QFileDialog, QWidget

from apps.health_slots.kinds import Booking, Points
from apps.health_slots.service import HealthSlotsService, build_service
from apps.health_slots.ui.page import ChosenResident
from baas.platform import Platform
from console.widgets.table import DataTable
from fabric_sdk import clock
from tests.apps.health_slots.ui.conftest import ADDRESSES, Hospital
from tests.console.conftest import Desk, close_desk, open_desk
from tests.kit.labels import marked, opened_by, texts

ROWS = 9
PSEUDONYM = re.compile(r"\b(A[0-9a-f]{8,}|A[0-9a-f]*CID|R[0-9A-Z]{5,}(…[0-9A-Z]{4})?|[0-9a-f]{4}…[0-9a-f]{4}\b)")


def scenario(service: HealthSlotsService, folder: Path) -> tuple[Hospital, str, str]:
    """The hospital, a session of it, and a resident whom it knows."""
    here = Hospital(service, folder, {"prepay": False})
    session, other = here.publish(), here.publish(doctor="D2", start="04:00", slots=2)
    resident = here.resident()
    service.bookings.hold(f"{session}.001", here.resident(), part="staff")
    here.book(f"{session}.002")
    paid = here.book(f"{session}.003", paid=True)
    seen = here.book(f"{session}.004", paid=True, resident=resident)
    comes = here.book(f"{session}.005")
    service.bookings.cancel(paid.id, part="staff")
    for one in (seen, comes):
        service.bookings.check_in(one.id, service.bookings.issue_code(one.id))
    service.acts.do(Booking.fulfil, on=seen.id)
    here.settle()
    time.sleep(1.1)  # entries stand in the order of their seconds
    service.acts.do(Points.spend, {"amount": 4, "purpose": "parking"}, on=resident)
    for number in (1, 2):
        here.book(f"{other}.00{number}")
    service.waiting.join(other, here.resident(), part="staff")
    scarce = here.publish(doctor="D3", start="20:00")
    service.draws.open(f"D-{here.id}", here.id, [f"{scarce}.001"], apply_s=86_400)
    clinic = Hospital(service, folder, {})
    clinic.publish()
    service.referrals.admit(clinic.id, "demand")
    service.referrals.admit(here.id, "demand")
    tomorrow = (clock.today() + dt.timedelta(days=1)).isoformat()
    service.referrals.refer(here.id, here.person(), clinic.id, "CARD", tomorrow)
    service.refresh()
    return here, session, resident


def asking(within: QWidget) -> list[QAbstractButton]:
    """The buttons below a widget that open a dialog."""
    found = within.findChildren(QAbstractButton)
    return [one for one in found if one.text().endswith("…") and one.isVisible() and one.isEnabled()]


def pressed(desk: Desk, found: dict[str, list[str]], place: str, within: QWidget) -> None:
    """What every button below `within` opens."""
    for words in [one.text() for one in asking(within)]:
        button = next((one for one in asking(within) if one.text() == words), None)
        if button is not None and f"{place} · {words}" not in found:
            found[f"{place} · {words}"] = opened_by(button.click)
            desk.settle()


def looked_at(desk: Desk, found: dict[str, list[str]], place: str) -> None:
    """The inspector and what its buttons open."""
    panel: Any = desk.window.inspector
    said = texts(panel)
    place = f"{place}: {' / '.join(said[:4])}"
    if place not in found:
        found[place] = said
        pressed(desk, found, place, panel)


def collect(desk: Desk, lang: str, made: tuple[Hospital, str, str]) -> dict[str, list[str]]:
    """Tabs, panels and dialogs, by where they are."""
    here, session, resident = made
    found: dict[str, list[str]] = {}
    for address in (*ADDRESSES, "portals"):
        desk.go(f"health_slots/{address}")
        page: Any = desk.window.page
        page.choose_hospital(here.id)
        page.set_resident(ChosenResident(resident, "样＊＊＊"))
        desk.settle()
        desk.go(f"health_slots/{address}")
        view, place = page.stack.currentWidget(), f"{lang} {address}"
        found[place] = texts(view)
        for action in page.header_actions:
            if action.run is not None and action.text.endswith("…") and action.enabled:
                found[f"{place} · {action.text}"] = opened_by(action.run)
                desk.settle()
        pressed(desk, found, place, view)
        if address == "board":
            view.board.choose(session)
            desk.settle()
            looked_at(desk, found, place)
        for table in [one for one in view.findChildren(DataTable) if one.isVisible()]:
            for row in range(min(ROWS, table.model().rowCount())):
                table.choose(row)
                desk.settle()
                looked_at(desk, found, f"{place} {table.accessibleName()} {row}")
            pressed(desk, found, f"{place} {table.accessibleName()}", view)
    return {unnamed(marked(place)): [unnamed(one) for one in said] for place, said in found.items() if said}


def unnamed(text: str) -> str:
    """A text without the ids that one run made."""
    return PSEUDONYM.sub("PSEUDONYM", text)


def main() -> None:
    from console import theme
    from console.app import make_application
    from console.i18n import use_language

    app = make_application([])
    theme.install(app, "light")
    QFileDialog.getOpenFileName = QFileDialog.getSaveFileName = lambda *_, **__: ("", "")  # type: ignore[method-assign]
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder, Platform.open(Path(folder) / "workspace") as platform:
        try:
            platform.jobs.run(platform.networks.up, platform.networks.template("city", name="city", runtime="embedded"))
            platform.jobs.run(platform.contracts.deploy, "city", "health_slots")
            with closing(build_service(platform)) as service:
                made = scenario(service, Path(folder))
            for lang in ("zh", "en"):
                desk = open_desk(app, None, platform)
                if lang == "en":
                    desk.console.change_language("en")
                    assert desk.console.window is not None
                    desk.window = desk.console.window
                    desk.settle()
                found |= collect(desk, lang, made)
                close_desk(desk)
                use_language("zh")
        finally:
            for name in platform.networks.names():
                platform.networks.destroy(name)
    Path(sys.argv[1]).write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
