"""The window of a hospital: check residents in, find a resident, see the day's appointments."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox

from apps.health_slots.model import APPOINTMENT_TITLES
from apps.health_slots.papers import day_list
from apps.health_slots.services.desk_day import DayRow, find
from apps.health_slots.services.lists import VisitRow
from apps.health_slots.ui.appointment import appointment_panel
from apps.health_slots.ui.campus import CampusBox
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
from apps.health_slots.ui.printing import print_paper
from apps.health_slots.ui.resident import IdentityDialog, ResidentCard, title_of
from apps.health_slots.ui.view import View
from console.i18n import say
from console.i18n.formats import day_long, number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.dialogs import Dialog
from console.widgets.forms import filter_box
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
        self.day: tuple[DayRow, ...] = ()
        """Today's list with names, once somebody asked for it; it is nowhere kept."""
        self._names: dict[str, DayRow] = {}
        self._named = ("", "")
        """The hospital and the choice of days for which names are shown."""
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 16), spacing=12)
        top = hbox(spacing=tokens.CARD_GAP)
        self.check_in = CheckInCard(page)
        self.resident = ResidentCard(page)
        top.addWidget(self.check_in, 4)
        top.addWidget(self.resident, 7)
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
        self.campus = CampusBox(self._load)
        bar.addWidget(self.days)
        bar.addWidget(self.campus)
        bar.addWidget(self.state)
        bar.addStretch(1)
        self.note = Label("", "caption", "text2")
        bar.addWidget(self.note)
        self.finder = filter_box(tr("姓名、证件、手机或号"), lambda text: self._narrow())
        self.finder.hide()
        bar.addWidget(self.finder)
        self.names_button = Button(tr("姓名名单…"), self.show_names, small=True, icon="people")
        self.print_button = Button(tr("打印名单"), self._print, small=True)
        self.print_button.hide()
        bar.addWidget(self.names_button)
        bar.addWidget(self.print_button)
        self.identity_button = Button(tr("身份信息…"), self._identity, small=True, icon="eye")
        bar.addWidget(self.identity_button)
        column.addLayout(bar)
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("号"), 74),
                Column(tr("时间"), 120),
                Column(tr("科室与医生")),
                Column(tr("居民"), 150),
                Column(tr("应付"), 84, right=True),
                Column(tr("已付"), 84, right=True),
                Column(tr("状态"), 120),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("预约"))
        self.details(self.table, self._inspect)
        self.empty = EmptyState("people", tr("没有符合的预约"), tr("换个日期或状态，或到“查号与预约”为居民约一个号。"))
        card.add_table(self.table, self.empty)
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

    def show_names(self) -> None:
        """Show who comes today (or tomorrow, where that is chosen) by name; one trace for the whole list."""
        service, hospital = self.page.service, self.hospital
        if service is None:
            return
        tomorrow = self.days.currentData() == "tomorrow"
        day = hospital_today() + timedelta(days=1 if tomorrow else 0)
        dialog = Dialog(
            self.page,
            tr("{day} 名单").format(day=day_long(day)),
            tr("显示这一天全部预约的姓名和手机。本次查看会留痕：查看人、时间和目的写入账本，名单上的人都能查到。"),
            accept=tr("显示姓名"),
        )
        if not dialog.exec():
            return

        def show(rows: tuple[DayRow, ...]) -> None:
            self._named = (hospital, "tomorrow" if tomorrow else "today")
            self._names = {row.visit.id: row for row in rows}
            self.days.setCurrentIndex(1 if tomorrow else 0)
            self.day = rows
            self.finder.show()
            self.print_button.show()
            self.finder.setFocus()
            self._show(rows)

        self.page.context.tasks.fetch(
            lambda: service.day.rows(hospital, day.isoformat()), show, self.page.banner.show_error, owner=self
        )

    def _narrow(self) -> None:
        """Show those of today's list that the finder means."""
        if self.day:
            self._show(find(self.day, self.finder.text()))

    def _print(self) -> None:
        service, page = self.page.service, self.page
        if service is not None:
            name = next((row.name for row in page.hospitals if row.id == self.hospital), self.hospital)
            rows = find(self.day, self.finder.text())
            date = rows[0].visit.date if rows else hospital_today().isoformat()
            print_paper(page, tr("名单"), lambda lang: day_list(rows, name, date, lang), small=False)

    def _keep_names(self) -> None:
        """Keep the names while the same hospital's day is shown; let them go with it."""
        shown = (self.hospital, self.days.currentData())
        if shown != self._named:
            self.day, self._names = (), {}
        self.finder.setVisible(bool(self._names))
        self.print_button.setVisible(bool(self._names))

    def _load(self) -> None:
        self._keep_names()
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
        campus = self.campus.name

        def visits() -> tuple[tuple[VisitRow, ...], tuple[str, ...]]:
            campuses = service.lists.campuses(hospital)
            found = service.lists.visits(
                hospital,
                date_from=first.isoformat() if first and not resident else "",
                date_to=last.isoformat() if last and not resident else "",
                state=state,
                resident=resident.id if resident else "",
                campus=campus if campus in campuses else "",
                limit=LIMIT,
            )
            return found, campuses

        self.read(visits, self._take)

    def _take(self, found: tuple[tuple[VisitRow, ...], tuple[str, ...]]) -> None:
        """Show what was read; names that are known stay with their appointments."""
        visits, campuses = found
        self.campus.offer(campuses)
        rows = tuple(replace(self._names.get(v.id, DayRow(v)), visit=v) for v in visits)
        if self._names:
            self.day, rows = rows, find(rows, self.finder.text())
        self._show(rows)

    def _show(self, rows: tuple[DayRow, ...]) -> None:
        wanted, self._wanted = self._wanted, ""
        self.show_rows(self.table, rows, wanted)
        words = tr("{n} 个预约，还有更多") if len(rows) >= LIMIT else tr("{n} 个预约")
        self.note.setText(words.format(n=number(len(rows))))

    def _inspect(self, row: DayRow) -> None:
        self.page.show_panel(row.visit, lambda: appointment_panel(self.page, row.visit))

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


def _cells(row: DayRow) -> list[Cell]:
    visit = row.visit
    icon, tone = STATE_ICONS[APPOINTMENT_SIGNS.get(visit.state, "none")]
    who = Cell(short_name(visit.resident), mono=True, tip=visit.resident)
    if row.name:
        who = Cell(row.name, bold=True, tip=row.phone)
    return [
        Cell(f"{visit.number:03d}", mono=True, bold=True, copy=visit.id, tip=visit.slot),
        Cell(stamp(visit.begins_at)),
        Cell(" · ".join(word for word in (visit.campus, visit.department, visit.doctor) if word)),
        who,
        Cell(money(visit.due)),
        Cell(money(visit.paid), word_tone="warn" if visit.owed > 0 and visit.state != "pending" else ""),
        Cell(
            appointment_word(visit.state),
            icon=icon,
            tone=tone,
            word_tone="warn" if visit.state == "noshow" else "text2",
        ),
    ]
