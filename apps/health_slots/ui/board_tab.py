"""The board with its week, legend and the chosen session in the inspector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QWidget

from apps.health_slots import permissions
from apps.health_slots.model import KIND_TITLES, STATE_TITLES
from apps.health_slots.ui.board import BoardSession, WeekBoard, draw_slot
from apps.health_slots.ui.campus import CampusBox
from apps.health_slots.ui.importing import ask_import, release
from apps.health_slots.ui.phrases import LEGEND, hospital_today, tr
from apps.health_slots.ui.session_panel import session_panel
from apps.health_slots.ui.view import View
from console.i18n import say
from console.i18n.formats import day_short, number
from console.page import Action
from console.theme import tokens
from console.widgets.basic import Button, IconButton, Label, hbox, vbox
from console.widgets.card import Card, Scroll

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.ui.page import SlotsPage

MAX_SESSIONS = 400


class BoardTab(View):
    """One hospital, one week. Address: a session's id chooses it.

    Until somebody turns the page it opens on the first week from today on that has sessions, else on the last one
    that had any: on a Sunday evening the week that begins tomorrow is the one to see.
    """

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        self._page = page
        self.first = _monday(hospital_today())
        self._sessions: dict[str, BoardSession] = {}
        self._turned = False
        self._wanted = ""
        self.board = WeekBoard()
        self.facts = Label("", "caption", "text2")
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 14), spacing=10)
        bar = hbox(spacing=8)
        bar.addWidget(IconButton("left", tr("前一周"), lambda: self._go(-7)))
        self.range = Label("", "card")
        bar.addWidget(self.range)
        bar.addWidget(IconButton("right", tr("后一周"), lambda: self._go(7)))
        bar.addWidget(Button(tr("本周"), self._this_week, small=True))
        self.department = _combo(tr("科室"), self._draw)
        self.campus = CampusBox(self._draw)
        bar.addWidget(self.campus)
        bar.addWidget(self.department)
        kinds = [("", tr("全部号别")), *((key, say(title)) for key, title in KIND_TITLES.items())]
        self.kind = _combo(tr("号别"), self._draw, kinds)
        bar.addWidget(self.kind)
        bar.addStretch(1)
        bar.addWidget(self.facts)
        column.addLayout(bar)
        card = Card(flush=True)
        scroll = Scroll(spacing=0)
        self.board.chosen.connect(self._inspect)
        scroll.column.addWidget(self.board)
        scroll.column.addStretch(1)
        card.add(scroll, 1)
        column.addWidget(card, 1)
        foot = hbox(spacing=18)
        for state in LEGEND:
            foot.addWidget(_Key(state))
        foot.addStretch(1)
        column.addLayout(foot)

    def header_actions(self) -> list[Action]:
        found = []
        if self.may(permissions.PUBLISH):
            found.append(Action("import", tr("导入排班…"), lambda: ask_import(self._page), "upload"))
            found.append(
                Action(
                    "release",
                    tr("放号"),
                    lambda: release(self._page),
                    "slots",
                    "primary",
                    signs=self._page.signs_as("staff"),
                )
            )
        return found

    def enter(self, rest: str = "") -> None:
        service, hospital, shown, turned = self.service, self._page.hospital, self.first, self._turned
        if rest:
            self._wanted = rest
            self.board.choose(rest, tell=False)

        def read() -> tuple[date, list[BoardSession]]:
            first = shown if turned else _opening_week(service, hospital)
            last = first + timedelta(days=6)
            rows = service.sessions(
                hospital=hospital, date_from=first.isoformat(), date_to=last.isoformat(), limit=MAX_SESSIONS
            )
            return first, [BoardSession(row, service.slots(row.id)) for row in rows]

        self.read(read, self._show)

    def _show(self, found: tuple[date, list[BoardSession]]) -> None:
        self.first, sessions = found
        self._sessions = {item.session.id: item for item in sessions}
        names = sorted({item.session.department_name for item in sessions})
        current = self.department.currentData() or ""
        self.department.blockSignals(True)
        self.department.clear()
        self.department.addItem(tr("全部科室"), "")
        for name in names:
            self.department.addItem(name, name)
        self.department.setCurrentIndex(max(0, self.department.findData(current)))
        self.department.blockSignals(False)
        self.campus.offer(item.session.campus_name for item in sessions)
        last = self.first + timedelta(days=6)
        self.range.setText(tr("{a} 至 {b}").format(a=day_short(self.first), b=day_short(last)))
        self._draw()
        if self.board.current in self._sessions and (self._wanted or self._page.inspecting):
            self._inspect(self.board.current)
        self._wanted = ""

    @property
    def sessions(self) -> tuple[BoardSession, ...]:
        """The sessions of the week that is shown."""
        return tuple(self._sessions.values())

    def _draw(self) -> None:
        department, kind = self.department.currentData() or "", self.kind.currentData() or ""
        campus = self.campus.name
        shown = [
            item
            for item in self._sessions.values()
            if (not department or item.session.department_name == department)
            and (not kind or item.session.kind == kind)
            and (not campus or item.session.campus_name == campus)
        ]
        self.board.set_week(self.first, shown)
        slots = sum(item.session.all_slots for item in shown)
        booked = sum(item.session.booked for item in shown)
        free = sum(item.session.free for item in shown)
        words = tr("{n} 个号 · 已约 {b} · 空闲 {f}")
        self.facts.setText(words.format(n=number(slots), b=number(booked), f=number(free)))

    def show_week(self, first: date) -> None:
        """Show the seven days from `first`, and stay there."""
        self.first, self._turned = first, True
        self.enter()

    def _go(self, days: int) -> None:
        self.board.choose("", tell=False)
        self._page.inspect(None)
        self.show_week(self.first + timedelta(days=days))

    def _this_week(self) -> None:
        self.show_week(_monday(hospital_today()))

    def _inspect(self, which: str) -> None:
        item = self._sessions.get(which)
        if item is not None:
            self._page.show_panel(item, lambda: session_panel(self._page, item))


def _opening_week(service: HealthSlotsService, hospital: str) -> date:
    today = hospital_today()
    coming = service.sessions(hospital=hospital, date_from=today.isoformat(), limit=1)
    found = coming or service.sessions(hospital=hospital, date_to=today.isoformat(), limit=100_000)[-1:]
    return _monday(date.fromisoformat(found[0].date) if found else today)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _combo(name: str, changed: Callable[[], None], options: Sequence[tuple[str, str]] = ()) -> QComboBox:
    box = QComboBox()
    for data, text in options:
        box.addItem(text, data)
    box.setFixedHeight(28)
    box.setMinimumWidth(110)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.setAccessibleName(name)
    box.currentIndexChanged.connect(lambda index: changed())
    return box


class _Key(QWidget):
    """One entry of the legend."""

    def __init__(self, state: str) -> None:
        super().__init__()
        self._state = state
        row = hbox(self, margins=(15, 0, 0, 0))
        title = tr("加的号", "legend") if state == "added" else say(STATE_TITLES[state])
        row.addWidget(Label(title, "caption", "text2"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = QPointF(1, self.height() / 2 - 4)
        draw_slot(
            painter, at, "free" if self._state == "added" else self._state, added=self._state == "added", size=8.4
        )
