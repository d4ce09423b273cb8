"""The slots pages in a window on the shared city: hospitals of their own, residents who do not exist, hands."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fabric_sdk import clock

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt

from apps.health_slots.model import Identity
from apps.health_slots.service import HealthSlotsService, build_service
from tests.console.conftest import IGNORED, Desk, Seat
from tests.people import card

HERE = "tests/apps/health_slots/ui"
HEADINGS = [
    "科室编号",
    "科室",
    "医生编号",
    "医生",
    "职称",
    "日期",
    "时段",
    "开始",
    "结束",
    "号源数",
    "号别",
    "号源池",
    "挂号费",
]
ADDRESSES = (
    "board",
    "desk",
    "search",
    "waitlist",
    "draws",
    "bills/day",
    "bills/balance",
    "bills/reconcile",
    "bills/points",
    "policies/own",
    "residents",
    "referrals",
    "authority/observe",
    "authority/serving",
    "audit",
)
"""Every view that a role may see; the owner has `portals` besides."""
NUMBERS = itertools.count(1)
AT_ONCE = {
    "release_mode": "after-commit",
    "release_delay_s": 0,
    "check_in_before_minutes": 1440,
    "cancel_working_days": 0,
    "cancel_minute": 1439,
}
"""Rules under which a test need not wait: released at once, checked in a day before, cancelled until midnight."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These drive widgets of one window on one network."""
    for item in items:
        if HERE in Path(item.fspath).as_posix():
            item.add_marker(pytest.mark.gui)
            item.add_marker(pytest.mark.qt_log_ignore(IGNORED))


class Window(Desk):
    """A desk with what people do at the slots pages again and again."""

    @property
    def page(self) -> Any:
        return self.window.page

    @property
    def view(self) -> Any:
        """The tab that is shown."""
        return self.page.view(self.page.tab)

    @property
    def panel(self) -> Any:
        return self.window.inspector

    def at(self, hospital: str, address: str) -> Any:
        """Go to a tab at a hospital; returns its view."""
        self.go(f"health_slots/{address}")
        if self.page.hospital != hospital:
            self.page.choose_hospital(hospital)
            self.settle()
        self.go(f"health_slots/{address}")
        return self.view

    def act_as(self, label: str, roles: str = "", **attributes: str) -> None:
        """Somebody else sits down; `roles` makes the identity if need be. "" is the workspace's owner."""
        from baas.session import OWNER_ACTOR

        platform = self.platform
        platform.session.act_as(OWNER_ACTOR)
        if label:
            msp_id, _, name = label.partition("/")
            platform.identities.ensure(msp_id, name, roles, attributes, network=self.window.context.network)
            platform.act_as(label)
        self.settle()

    def fill(self, **values: Any) -> Callable[[Any], None]:
        """An answer to a dialog: fill in the fields named, press its button."""

        def answer(dialog: Any) -> None:
            from console.widgets.forms import Form

            self.settle()
            form = getattr(dialog, "form", None) or dialog.findChild(Form)
            for key, value in values.items():
                form.fields[key].set_value(value)
            assert dialog.accept_button.isEnabled(), dialog.reason.text()
            self.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
            wrong = lambda: [one.error for one in form.fields.values() if one.error] if form else []  # noqa: E731
            self.until(lambda: not dialog.isVisible() or dialog.banner.isVisible() or wrong())
            assert not dialog.banner.isVisible(), dialog.banner.message.text()
            assert not wrong()

        return answer

    def do(self, words: str, how: Callable[[Any], None] | None = None, within: Any = None) -> None:
        """Press a button (of the inspector, unless said otherwise) and answer its dialog if it has one."""
        if how is not None:
            self.answer(how)
        self.press(words, within or self.panel)
        self.settle(30000)
        self.no_error()

    def head(self, action: str, how: Callable[[Any], None] | None = None) -> None:
        """Press a button of the header and answer its dialog if it has one."""
        if how is not None:
            self.answer(how)
        self.press_header(action)
        self.settle(30000)
        self.no_error()

    def told(self) -> Any:
        """The dialog that says whom to tell, once it is there."""
        from apps.health_slots.ui.changes import ToldDialog

        def shown() -> list[Any]:
            return [one for one in self.window.findChildren(ToldDialog) if one.isVisible()]

        self.until(shown)
        return shown()[0]

    def chips(self) -> list[str]:
        """The words on the inspector's chips."""
        from console.widgets.basic import Chip

        return [chip.accessibleName() for chip in self.panel.findChildren(Chip) if chip.isVisible()]

    def confirm(self) -> Callable[[Any], None]:
        """An answer to a dialog without fields: press its button."""
        return self.fill()

    def said(self, within: Any = None) -> str:
        """Everything that the inspector (or another part) says."""
        from console.widgets.basic import Label

        return " ".join(label.text() for label in (within or self.panel).findChildren(Label) if label.isVisible())


@pytest.fixture
def window(seat: Seat, qtbot: Any) -> Iterator[Window]:
    """The shared window, with the workspace's owner at it and nobody at the desk."""
    slots_window = seat.take(Window, qtbot)
    main = slots_window.window
    if slots_window.platform.session.actor.label != "owner":
        slots_window.act_as("")
    page = main.pages.get("health_slots")
    if page is not None:
        page.set_resident(None)  # type: ignore[attr-defined]
        page.banner.hide()
    yield slots_window
    slots_window.stop_answering()
    slots_window.act_as("")


@pytest.fixture(scope="session")
def service(city: Any) -> Iterator[HealthSlotsService]:
    """The service beside the window, for what is not under test and for looking at the ledger."""
    made = build_service(city.platform, city.network)
    yield made
    made.close()


class Hospital:
    """A hospital of a test's own, with a schedule of tomorrow."""

    def __init__(self, service: HealthSlotsService, folder: Path, rules: dict[str, Any]) -> None:
        self.service = service
        self.folder = folder
        self.number = next(NUMBERS)
        self.id = f"U{self.number:04d}"
        service.set_up({self.id: f"样例医院{self.number}"})
        service.rules.set_policy(self.id, {**AT_ONCE, **rules}, "demand")

    def schedule(self, *, slots: int = 8, fee: int = 30, doctor: str = "D1", start: str = "00:00") -> Path:
        """A schedule file of one session tomorrow, two hours long."""
        tomorrow = clock.today() + dt.timedelta(days=1)
        hour = int(start[:2])
        row = ["CARD", "心血管内科", doctor, f"专家{doctor}", "主任医师", tomorrow, "上午", start, f"{hour + 2:02d}:00"]
        path = self.folder / f"{self.id}-{doctor}-{hour}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([HEADINGS, [*row, slots, "专家", "线上", fee]])
        return path

    def publish(self, **how: Any) -> str:
        """Commit and open a session; returns its name."""
        done = self.service.schedules.import_file(self.id, self.schedule(**how))
        self.service.schedules.release(self.id)
        return done.sessions[0]

    def person(self) -> Identity:
        """A resident who does not exist."""
        number = next(NUMBERS)
        return Identity(f"样例居民{number}", "01", card(self.number * 100 + number), f"000{number:08d}")

    def resident(self) -> str:
        """A resident whose identity this hospital holds."""
        return self.service.bookings.deposit(self.id, self.person(), part="staff")

    def visit(self, resident: str, session: str) -> str:
        """How the ledger names a resident on a session's day."""
        date = self.service.index.session(session).date
        return self.service.bookings._tickets.visit(self.id, date, resident, "staff").id

    def settle(self) -> None:
        """What the authority writes when the days of the test are over: points of those who were seen."""
        self.service.residents.settle_visits(through=(clock.today() + dt.timedelta(days=1)).isoformat())

    def book(self, slot: str, *, paid: bool = False, resident: str = "") -> Any:
        """Book a slot, and pay for it."""
        made = self.service.bookings.book(slot, resident or self.resident(), part="staff")
        if paid:
            self.service.bills.pay(made.id, "wechat", f"W{made.id[:20]}", made.due)
        return made


@pytest.fixture
def hospital(service: HealthSlotsService, tmp_path: Path) -> Callable[..., Hospital]:
    """Makes a hospital with these rules."""
    return lambda **rules: Hospital(service, tmp_path, rules)
