"""The walk can fail: each lie that a page may tell is told on purpose, and the walk names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from apps.health_slots.index import search
from apps.health_slots.index.store import SlotIndex
from apps.health_slots.model import HospitalRow
from apps.health_slots.services.lists import Lists
from baas.services.contracts import ContractService
from baas.services.explorer import ExplorerService
from baas.services.identities import IdentityService
from baas.session import OWNER_ACTOR
from console.appkit.page import AppPage
from console.appkit.views import ListView
from console.pages.overview.board import Figure
from console.shell.rail import NavItem
from console.shell.statusbar import StatusBar
from tests.console.conftest import Desk
from tests.console.walk.claims import differences
from tests.console.walk.ledger import followed

Patch = pytest.MonkeyPatch
Answer = Callable[[Any], Any]


def _answer(patch: Patch, owner: Any, name: str, lie: Answer) -> None:
    """Let a function tell something else than it found."""
    honest = getattr(owner, name)
    patch.setattr(owner, name, lambda *args, **kwargs: lie(honest(*args, **kwargs)))


def _ledger_counts(field: str) -> Callable[[Patch], None]:
    return lambda patch: _answer(
        patch,
        ExplorerService,
        "status",
        lambda found: tuple(replace(one, **{field: getattr(one, field) + 1}) for one in found),
    )


def _stale_contract(patch: Patch) -> None:
    _answer(patch, ContractService, "list", lambda found: [replace(one, sequence=one.sequence + 1) for one in found])


def _revoked_as_valid(patch: Patch) -> None:
    _answer(
        patch,
        IdentityService,
        "list",
        lambda found: [replace(one, state="valid") if one.state == "revoked" else one for one in found],
    )


def _badge_of_before(patch: Patch) -> None:
    shown = NavItem.set_badge
    patch.setattr(NavItem, "set_badge", lambda self, count: shown(self, count + 1))


def _height_of_before(patch: Patch) -> None:
    shown = StatusBar.set_block
    patch.setattr(StatusBar, "set_block", lambda self, height, at: shown(self, height and height - 1, at))


def _stopped_as_free(patch: Patch) -> None:
    def hospitals(self: SlotIndex) -> tuple[HospitalRow, ...]:
        rows = self.db.execute(
            "SELECT h.code, h.name, h.msp_id, COUNT(s.id), SUM(s.slots + s.added), SUM(s.slots - s.booked - s.held) "
            "FROM hospital h LEFT JOIN session s ON s.hospital = h.id GROUP BY h.id ORDER BY h.code"
        )
        return tuple(HospitalRow(*row) for row in rows)

    patch.setattr(SlotIndex, "hospitals", hospitals)


def _session(**changes: int) -> Callable[[Patch], None]:
    return lambda patch: _answer(
        patch,
        search,
        "session_row",
        lambda found: replace(found, **{name: getattr(found, name) + by for name, by in changes.items()}),
    )


def _added_forgotten(patch: Patch) -> None:
    _answer(patch, Lists, "observe", lambda found: tuple(replace(one, slots=one.slots - one.added) for one in found))


def _list_of_before(patch: Patch) -> None:
    fill = ListView.show_records
    patch.setattr(ListView, "show_records", lambda self, records: fill(self, records[1:]))


def _panel_of_before(patch: Patch) -> None:
    read = AppPage.dossier

    def dossier(self: AppPage, service: Any, record: Any) -> Any:
        states = [one["state"] for one in service.all(service.catalogue.kinds[record["type"]])]
        other = next((one for one in states if one != record["state"]), record["state"])
        return read(self, service, record | {"state": other})

    patch.setattr(AppPage, "dossier", dossier)


def _unknown_as_none(patch: Patch) -> None:
    show = Figure.show_figure

    def shown(self: Figure, title: str, note: str, value: str, *rest: Any) -> None:
        show(self, title, note, value.replace("—", "0"), *rest)

    patch.setattr(Figure, "show_figure", shown)


LIES: dict[str, tuple[Callable[[Patch], None], str]] = {
    "transactions": (_ledger_counts("transactions"), "overview: transactions"),
    "invalid transactions": (_ledger_counts("invalid"), "ledger: "),
    "a contract's sequence": (_stale_contract, "contracts: copyright "),
    "a revoked identity": (_revoked_as_valid, "identities: PublicMSP/leaver is valid"),
    "a badge": (_badge_of_before, "overview: needs doing"),
    "the height": (_height_of_before, "status bar: "),
    "a stopped session's slots": (_stopped_as_free, "slots H0001: "),
    "a session's free slots": (_session(free=1, booked=-1), "slots: the panel of"),
    "an added slot": (_added_forgotten, "oversight: "),
    "a record that is left out": (_list_of_before, "records, the ledger has"),
    "a panel of before": (_panel_of_before, "the panel of"),
    "what a role may not see": (_unknown_as_none, "overview: 0 contracts in force"),
}
SEEN_BY = {"what a role may not see": "PublicMSP/copyright-creator"}
"""Who looks, where that is not the owner."""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("lie", LIES)
def test_the_walk_names_every_lie(lie: str, walked: Desk, monkeypatch: Patch) -> None:
    platform, network = walked.platform, walked.window.context.network
    if not any(one.name == "leaver" for one in platform.identities.list(network, kind="person")):
        platform.identities.issue("PublicMSP", "leaver", "creator", network=network)
        platform.identities.revoke("PublicMSP/leaver", "left", network=network)
    ledger = followed(platform, network)
    who = SEEN_BY.get(lie)
    platform.session.act_as(platform.identities.actor(who, network) if who else OWNER_ACTOR)
    walked.settle()
    tell, wanted = LIES[lie]
    tell(monkeypatch)
    walked.window.counting.forget()
    walked.window.counting.count()
    walked.settle()
    found = differences(walked, ledger)
    platform.session.act_as(OWNER_ACTOR)
    assert any(wanted in line for line in found), found
