"""Searching slots and booking for a resident: find, take down the resident, hold or book, hand out the code."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QDateEdit

from apps.health_slots.model import KIND_TITLES, PART_TITLES, POOL_TITLES, STATE_TITLES, SlotPage, SlotQuery
from apps.health_slots.ui.booking import booking_panel
from apps.health_slots.ui.phrases import hospital_today, stamp, tr
from apps.health_slots.ui.view import View
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.tasks.runner import later
from console.theme import tokens
from console.widgets.basic import Button, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.forms import Field, check_field, choice_field, text_field
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

PAGE = 200


class SearchTab(View):
    """Filters above, slots below; the chosen slot can be booked in the inspector."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        self._page = page
        self._found = SlotPage((), (), "")
        self._sessions: dict[str, Any] = {}
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        card = Card()
        row = hbox(spacing=12)
        self.text = text_field(tr("医院、科室"), placeholder=tr("例如 心血管"))
        self.text.editor.setObjectName("pageFilter")
        row.addWidget(self.text, 3)
        self.day_from = _day(tr("从"), hospital_today())
        self.day_to = _day(tr("至"), hospital_today() + timedelta(days=7))
        row.addWidget(self.day_from, 2)
        row.addWidget(self.day_to, 2)
        self.kind = choice_field(tr("号别"), [(k, say(t)) for k, t in KIND_TITLES.items()], empty=tr("全部"))
        row.addWidget(self.kind, 2)
        self.part = choice_field(tr("时段"), [(k, say(t)) for k, t in PART_TITLES.items()], empty=tr("全部"))
        row.addWidget(self.part, 2)
        self.free = check_field(tr("只看空闲"), checked=True)
        row.addWidget(self.free, 1)
        card.add(row)
        column.addWidget(card)
        self._soon = later(250, self, self.search)
        for field in (self.text, self.day_from, self.day_to, self.kind, self.part, self.free):
            field.edited.connect(self._soon.start)
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("号"), 92),
                Column(tr("医院与科室")),
                Column(tr("医生"), 120),
                Column(tr("时间"), 170),
                Column(tr("号别"), 80),
                Column(tr("号源"), 80),
                Column(tr("费用"), 90, right=True),
                Column(tr("状态"), 120),
            ],
            self._cells,
        )
        self.table = DataTable(self.model, tr("号源"))
        self.details(self.table, self._inspect)
        card.add(self.table, 1)
        column.addWidget(card, 1)
        foot = hbox()
        self.note = Label("", "caption", "text2")
        foot.addWidget(self.note)
        foot.addStretch(1)
        self.more = Button(tr("更多"), self._more, small=True)
        foot.addWidget(self.more)
        column.addLayout(foot)

    def enter(self, rest: str = "") -> None:
        self.search()

    def _query(self, cursor: str = "") -> SlotQuery:
        return SlotQuery(
            date_from=self.day_from.value,
            date_to=self.day_to.value,
            text=self.text.value,
            kind=self.kind.value,
            part=self.part.value,
            free_only=self.free.value,
            limit=PAGE,
            cursor=cursor,
        )

    def search(self) -> None:
        """Look again with the filters as they are."""
        service = self._page.service
        if service is not None:
            query = self._query()
            self._page.read(lambda: service.search(query), self._show)

    def _show(self, found: SlotPage) -> None:
        self._found = found
        self._sessions = {s.id: s for s in found.sessions}
        self.show_rows(self.table, found.slots)
        self._count()

    def _more(self) -> None:
        service = self._page.service
        if service is None or not self._found.cursor:
            return
        query = self._query(self._found.cursor)

        def arrived(found: SlotPage) -> None:
            self._sessions |= {s.id: s for s in found.sessions}
            self._found = SlotPage((*self._found.slots, *found.slots), (), found.cursor)
            self.model.set_rows(self._found.slots)
            self._count()

        self._page.read(lambda: service.search(query), arrived)

    def _count(self) -> None:
        more = bool(self._found.cursor)
        words = tr("{n} 个号，还有更多") if more else tr("{n} 个号")
        self.note.setText(words.format(n=number(len(self._found.slots))))
        self.more.setVisible(more)

    def _inspect(self, slot: Any) -> None:
        session = self._sessions.get(slot.session)
        if session is not None:
            self._page.show_panel(slot, lambda: booking_panel(self._page, session, slot))

    def _cells(self, slot: Any) -> list[Cell]:
        s = self._sessions.get(slot.session)
        free = slot.state == "free"
        return [
            Cell(f"{slot.number:03d}", mono=True, bold=True, copy=slot.id, tip=slot.id),
            Cell(f"{s.house} · {s.department_name}" if s else slot.session),
            Cell(s.doctor_name if s else ""),
            Cell(stamp(slot.begins_at)),
            Cell(say(KIND_TITLES.get(s.kind, Text(s.kind, s.kind))) if s else ""),
            Cell(say(POOL_TITLES.get(slot.pool, Text(slot.pool, slot.pool)))),
            Cell(f"{s.fee / 100:.2f}" if s else ""),
            Cell(
                say(STATE_TITLES.get(slot.state, Text(slot.state, slot.state))),
                icon="ok" if free else "clock",
                tone="ok" if free else "text2",
                word_tone="text2",
            ),
        ]


def _day(label: str, at: date) -> Field:
    editor = QDateEdit(QDate(at.year, at.month, at.day))
    editor.setCalendarPopup(True)
    editor.setDisplayFormat("yyyy-MM-dd")
    return Field(label, editor)
