"""The window of a hospital: check residents in, find a resident, see the day's appointments."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox

from apps.health_slots.model import APPOINTMENT_TITLES
from apps.health_slots.services.lists import VisitRow
from apps.health_slots.ui.appointment import appointment_panel
from apps.health_slots.ui.check_in import CheckInCard
from apps.health_slots.ui.phrases import (
    APPOINTMENT_SIGNS,
    appointment_word,
    hospital_today,
    money,
    short_name,
    stamp,
    tr,
)
from apps.health_slots.ui.resident import IdentityDialog, ResidentCard, title_of
from apps.health_slots.ui.view import View
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.states import EmptyState
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

LIMIT = 500


class DeskView(View):
    """Address: an appointment's id chooses it."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        self._wanted = ""
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 16), spacing=12)
        top = hbox(spacing=tokens.CARD_GAP)
        self.check_in = CheckInCard(page)
        self.resident = ResidentCard(page)
        top.addWidget(self.check_in, 4)
        top.addWidget(self.resident, 6)
        column.addLayout(top)
        bar = hbox(spacing=8)
        self.heading = Label("", "card")
        bar.addWidget(self.heading)
        self.days = _combo(
            tr("日期"),
            [("today", tr("今天")), ("tomorrow", tr("明天")), ("week", tr("7 天内")), ("all", tr("全部日期"))],
        )
        self.days.setCurrentIndex(2)
        states = [("", tr("全部状态")), *((key, say(title)) for key, title in APPOINTMENT_TITLES.items())]
        self.state = _combo(tr("状态"), states)
        bar.addWidget(self.days)
        bar.addWidget(self.state)
        bar.addStretch(1)
        self.note = Label("", "caption", "text2")
        bar.addWidget(self.note)
        self.identity_button = Button(tr("身份信息…"), self._identity, small=True, icon="eye")
        bar.addWidget(self.identity_button)
        column.addLayout(bar)
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("号"), 74),
                Column(tr("时间"), 120),
                Column(tr("科室与医生")),
                Column(tr("居民假名"), 150),
                Column(tr("应付"), 84, right=True),
                Column(tr("已付"), 84, right=True),
                Column(tr("状态"), 120),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("预约"))
        self.details(self.table, self._inspect)
        card.add(self.table, 1)
        self.empty = EmptyState("people", tr("没有符合的预约"), tr("换个日期或状态，或到“查号与预约”为居民约一个号。"))
        card.add(self.empty, 1)
        column.addWidget(card, 1)
        for box in (self.days, self.state):
            box.currentIndexChanged.connect(lambda index: self._load())
        page.resident_changed.connect(self._on_resident)

    def header_actions(self) -> list[Action]:
        return [Action("book", tr("预约新号"), lambda: self.page.choose_tab("search"), "plus", "primary")]

    def enter(self, rest: str = "") -> None:
        self._wanted = rest or self._wanted
        if rest:
            self.days.setCurrentIndex(3)
        self.resident.show_resident()
        self._load()

    def _on_resident(self) -> None:
        if self.isVisible():
            self._load()

    def _load(self) -> None:
        service, hospital, resident = self.page.service, self.hospital, self.page.resident
        if service is None:
            return
        today = hospital_today()
        first, last = {
            "today": (today, today),
            "tomorrow": (today + timedelta(days=1), today + timedelta(days=1)),
            "week": (today, today + timedelta(days=6)),
        }.get(self.days.currentData(), (None, None))
        state = self.state.currentData() or ""
        self.heading.setText(title_of(resident) if resident else tr("本院预约"))
        self.identity_button.setVisible(resident is not None and bool(resident.masked))
        self.read(
            lambda: service.lists.visits(
                hospital,
                date_from=first.isoformat() if first and not resident else "",
                date_to=last.isoformat() if last and not resident else "",
                state=state,
                resident=resident.id if resident else "",
                limit=LIMIT,
            ),
            self._show,
        )

    def _show(self, visits: tuple[VisitRow, ...]) -> None:
        wanted, self._wanted = self._wanted, ""
        self.show_rows(self.table, visits, wanted)
        self.table.setVisible(bool(visits))
        self.empty.setVisible(not visits)
        words = tr("{n} 个预约，还有更多") if len(visits) >= LIMIT else tr("{n} 个预约")
        self.note.setText(words.format(n=number(len(visits))))

    def _inspect(self, visit: VisitRow) -> None:
        self.page.show_panel(visit, lambda: appointment_panel(self.page, visit))

    def _identity(self) -> None:
        if self.page.resident is not None:
            IdentityDialog(self.page, self.page.resident.id).exec()


def _combo(name: str, options: list[tuple[str, str]]) -> QComboBox:
    box = QComboBox()
    for data, text in options:
        box.addItem(text, data)
    box.setFixedHeight(28)
    box.setMinimumWidth(104)
    box.setAccessibleName(name)
    return box


def _cells(visit: VisitRow) -> list[Cell]:
    icon, tone = STATE_ICONS[APPOINTMENT_SIGNS.get(visit.state, "none")]
    return [
        Cell(f"{visit.number:03d}", mono=True, bold=True, copy=visit.id, tip=visit.slot),
        Cell(stamp(visit.begins_at)),
        Cell(f"{visit.department} · {visit.doctor}"),
        Cell(short_name(visit.resident), mono=True, tip=visit.resident),
        Cell(money(visit.due)),
        Cell(money(visit.paid), word_tone="warn" if visit.owed > 0 and visit.state != "pending" else ""),
        Cell(
            appointment_word(visit.state),
            icon=icon,
            tone=tone,
            word_tone="warn" if visit.state == "noshow" else "text2",
        ),
    ]
