"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.context import Context
from console.scenes import Scene, ask, press

if TYPE_CHECKING:
    from console.shell.window import MainWindow


def scenes(context: Context) -> list[Scene]:
    return [
        Scene("slots-session", "health_slots/board", _busiest_session),
        Scene("slots-desk", "health_slots/desk"),
        Scene("slots-search", "health_slots/search"),
        Scene("slots-waitlist", "health_slots/waitlist", _first_row),
        Scene("slots-draws", "health_slots/draws"),
        Scene("slots-draws-rerun", "health_slots/draws", _rerun),
        Scene("slots-bills", "health_slots/bills/day"),
        Scene("slots-balance", "health_slots/bills/balance"),
        Scene("slots-reconcile", "health_slots/bills/reconcile", _two_books),
        Scene("slots-points", "health_slots/bills/points", _resident),
        Scene("slots-policies", "health_slots/policies/own"),
        Scene("slots-policies-new", "health_slots/policies/own", press("new")),
        Scene("slots-residents", "health_slots/residents", _resident),
        Scene("slots-referrals", "health_slots/referrals"),
        Scene("slots-authority", "health_slots/authority/observe", _first_row),
        Scene("slots-serving", "health_slots/authority/serving", _serve_board),
        Scene("slots-audit", "health_slots/audit", _audited),
    ]


def _view(window: MainWindow) -> Any:
    page: Any = window.page
    return page.view(page.tab)


def _first_row(window: MainWindow) -> None:
    """Choose the first row, so that the details stand beside it."""
    _view(window).table.choose(0)


def _busiest_session(window: MainWindow) -> None:
    """Choose the session with the most bookings."""
    board = _view(window)
    found = sorted(board.sessions, key=lambda item: -(item.session.booked * 10 + item.session.added))
    if found:
        board.board.choose("")  # the same one again would say nothing
        board.board.choose(found[0].session.id)


def _settled(*acts: Callable[[MainWindow], None]) -> Callable[[MainWindow], None]:
    def prepare(window: MainWindow) -> None:
        for act in acts:
            act(window)
            window.settle()

    return prepare


def _done_draw(window: MainWindow) -> None:
    view = _view(window)
    at = next((i for i, (_, record) in enumerate(view.model.rows) if record["state"] == "done"), 0)
    view.table.choose(at)


_rerun = _settled(_done_draw, press("step"))


def _resident(window: MainWindow) -> None:
    """Let the resident with a record stand at the desk."""
    page: Any = window.page
    service, hospital = page.service, page.hospital
    if page.tab == "residents":
        found = [row[0] for row in service.index.rows("SELECT resident FROM consent LIMIT 1")]
    else:
        found = [visit.resident for visit in service.lists.visits(hospital, state="fulfilled", limit=1)]
    if found:
        view = page.view(page.tab)
        card = view.points.resident if page.tab == "bills" else view.resident
        card.number.set_value(found[0])
        card.look_up()


def _two_books(window: MainWindow) -> None:
    """Drop the books of a hospital that missed a payment and of a channel that has one too many."""
    view = _view(window)
    part, hospital = view.reconcile, view.hospital
    with tempfile.TemporaryDirectory() as folder:
        mine, theirs = Path(folder, "hospital.csv"), Path(folder, "channel.csv")
        view.service.bills.write_book(hospital, part.day.value, mine)
        head, *rows = mine.read_text("utf-8").splitlines()
        theirs.write_text("\n".join([head, *rows, "A0000000000000000,payment,3000"]), "utf-8")
        mine.write_text("\n".join([head, *rows[1:]]), "utf-8")
        part.take("hospital", mine)
        part.take("payment", theirs)
        window.settle()


def _serve_board(window: MainWindow) -> None:
    _view(window).serving.start("board")


def _run_audit(window: MainWindow) -> None:
    _view(window).run()


_audited = _settled(_run_audit, lambda window: _view(window).table.choose(0))


def _visit(window: MainWindow) -> None:
    """Choose a booked appointment at the desk."""
    view = _view(window)
    booked = next((i for i, row in enumerate(view.model.rows) if row.visit.state == "booked"), 0)
    view.table.choose(booked)


def dialogs(context: Context) -> list[Scene]:
    """What asks before it is done."""
    return [
        Scene("slots-import", "health_slots/board", press("import")),
        *(Scene(f"slots-session-ask-{n}", "health_slots/board", ask(n, _busiest_session)) for n in range(6)),
        Scene("slots-appointment", "health_slots/desk", _visit),
        *(Scene(f"slots-appointment-ask-{n}", "health_slots/desk", ask(n, _visit)) for n in range(6)),
        Scene("slots-register", "health_slots/desk", ask(0)),
        Scene("slots-found", "health_slots/search", _first_row),
        Scene("slots-draw-new", "health_slots/draws", press("new")),
        *(Scene(f"slots-residents-ask-{n}", "health_slots/residents", ask(n, _resident)) for n in range(7)),
        Scene("slots-consent-new", "health_slots/residents", _settled(_resident, press("consent"))),
        Scene("slots-hospital-new", "health_slots/authority/observe", press("admit")),
        Scene("slots-key-withdraw", "health_slots/authority/observe", press("key")),
        Scene("slots-portals", "health_slots/portals"),
        Scene("slots-portal-new", "health_slots/portals", press("portal")),
    ]
