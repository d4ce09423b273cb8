"""候补: who waits for which session, and returned slots handed on to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apps.health_slots.kinds import Beacon, Session
from apps.health_slots.model import PART_TITLES, SessionRow
from apps.health_slots.services.lists import QueueRow
from apps.health_slots.services.waiting import HandedOn
from apps.health_slots.ui.phrases import day_of, hospital_today, listed, short_name, stamp, tr
from apps.health_slots.ui.resident import ask_new, title_of
from apps.health_slots.ui.view import View
from console.appkit.acting import open_act
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.shell.inspector import Inspected
from console.theme import tokens
from console.widgets.basic import Button, Label, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts, Section
from console.widgets.signing import signs
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


class WaitlistView(View):
    """Sessions with a queue or a returned slot; handing on is the main action."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 16), spacing=12)
        self._top = Card(tr("退回的号怎样分"), tr("先给候补，再随机重开"))
        self._top.add(
            Label(
                tr(
                    "退回的号先按顺序给候补的人，为他保留一段时间；没有人候补时，在当天种子决定的随机时刻重新开放，"
                    "谁也算不准时刻。种子当天先承诺，两天后公开，任何人都能核对。"
                ),
                "body",
                "text2",
                wrap=True,
            )
        )
        self._beacon = hbox()
        self._top.add(self._beacon)
        self._result = vbox(spacing=6)
        self._top.add(self._result)
        column.addWidget(self._top)
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("日期"), 110),
                Column(tr("时段"), 70),
                Column(tr("科室与医生")),
                Column(tr("候补"), 90, right=True),
                Column(tr("退回的号"), 118, right=True),
                Column(tr("最早退回"), 130),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("候补"))
        self.details(self.table, lambda row: page.show_panel(row, lambda: queue_panel(page, row)))
        self.empty = EmptyState(
            "people", tr("没有人候补，也没有退回的号"), tr("约满的出诊单元可在看板的详情里加入候补。")
        )
        card.add_table(self.table, self.empty)
        column.addWidget(card, 1)

    def header_actions(self) -> list[Action]:
        returned = sum(row.returned for row in self.model.rows)
        return [
            Action(
                "hand_on",
                tr("分配退回的号"),
                self.hand_on,
                "people",
                "primary",
                enabled=returned > 0,
                reason="" if returned else tr("没有退回的号"),
                signs=self.page.signs_as("platform"),
            )
        ]

    def enter(self, rest: str = "") -> None:
        service, hospital = self.service, self.hospital
        today = hospital_today().isoformat()

        def read() -> tuple[tuple[QueueRow, ...], bool]:
            return service.lists.queues(hospital), service.waiting.has_beacon(today)

        self.read(read, self._show)

    def _show(self, found: tuple[tuple[QueueRow, ...], bool]) -> None:
        rows, beacon = found
        self.show_rows(self.table, rows)
        clear(self._beacon)
        if beacon:
            self._beacon.addWidget(Status(tr("今天的随机种子已承诺"), "ok"))
        else:
            self._beacon.addWidget(Status(tr("今天还没有承诺随机种子，今天退回的号要等到最长时限"), "warn"))
            if self.may(Beacon.commit):
                commit = Button(tr("承诺今天的种子"), self._commit_beacon, small=True)
                signs(commit, self.page.signs_as("platform"))
                self._beacon.addWidget(commit)
        self._beacon.addStretch(1)
        self.page.show_actions()

    def _commit_beacon(self) -> None:
        open_act(self.page, self.page.acts.open_act(Beacon.commit), {"id": hospital_today().isoformat()})

    def hand_on(self) -> None:
        """Offer every returned slot to who waits, or reopen it when its moment has come."""
        service, hospital = self.service, self.hospital

        def done(result: HandedOn) -> None:
            self._tell(result)
            self.page.refresh()

        self.page.context.job(
            service.waiting.hand_on,
            hospital,
            title=Text("分配退回的号", "Hand returned slots on"),
            network=self.page.context.network,
            done=done,
            failed=self.page.banner.show_error,
        )

    def _tell(self, result: HandedOn) -> None:
        clear(self._result)
        if result.offered:
            words = tr("{n} 个号已为候补的人保留：{s}")
            names = listed(slot for slot, _ in result.offered[:4])
            self._result.addWidget(Status(words.format(n=len(result.offered), s=names), "ok", role="body"))
        if result.reopened:
            words = tr("{n} 个号已重新开放")
            self._result.addWidget(Status(words.format(n=len(result.reopened)), "ok", role="body"))
        if result.waiting:
            words = tr("{n} 个号没有人候补，最早 {t} 重新开放")
            moment = min(at for _, at in result.waiting)
            self._result.addWidget(Status(words.format(n=len(result.waiting), t=stamp(moment)), "wait", role="body"))
        if not (result.offered or result.reopened or result.waiting):
            self._result.addWidget(Status(tr("按规则，这些号要摇号分配，请到“摇号”页。"), "info", role="body"))


def _cells(row: QueueRow) -> list[Cell]:
    s = row.session
    return [
        Cell(day_of(s.date), bold=True),
        Cell(say(PART_TITLES.get(s.part, Text(s.part, s.part)))),
        Cell(f"{s.department_name} · {s.doctor_name}", copy=s.id),
        Cell(number(row.waiting)),
        Cell(number(row.returned), word_tone="warn" if row.returned else ""),
        Cell(stamp(row.first_returned_at) if row.returned else "—"),
    ]


def queue_panel(page: SlotsPage, row: QueueRow) -> Inspected:
    """Who waits for a session, in order."""
    s = row.session
    panel = Inspected(f"{s.department_name} {s.doctor_name}", f"{day_of(s.date)} · {s.id}")
    panel.setProperty("inspectorWidth", 344)
    facts = Facts(72)
    facts.add(tr("空闲"), number(s.free))
    facts.add(tr("退回的号"), number(row.returned))
    panel.add(Section(first=True).add(facts))
    section = Section(tr("排队顺序"), tr("按加入时间"))
    panel.add(section)
    service = page.service
    if service is None:
        return panel

    def show(queue: Sequence[dict[str, Any]]) -> None:
        if not queue:
            section.text(tr("没有人候补"), tone="text2")
        for place, entry in enumerate(queue[:30], 1):
            section.add(_place(page, s, place, entry))
        if len(queue) > 30:
            section.text(tr("另有 {n} 人").format(n=number(len(queue) - 30)), tone="text2")

    page.context.tasks.fetch(lambda: service.waiting.queue(s.id), show, page.banner.show_error, owner=section)
    panel.add(Section().add(panel.buttons(Button(tr("加入候补…"), lambda: ask_join(page, s), icon="plus", small=True))))
    return panel


def _place(page: SlotsPage, session: SessionRow, place: int, entry: dict[str, Any]) -> Label | Any:
    from PySide6.QtWidgets import QWidget

    holder = QWidget()
    line = hbox(holder)
    line.addWidget(Label(f"{place}", "strong"))
    line.addWidget(Label(short_name(entry["resident"]), "caption"))
    line.addWidget(Label(stamp(entry["at"]), "caption", "text2"))
    line.addStretch(1)
    service = page.service

    def leave() -> None:
        if service is not None:
            page.change(
                lambda: service.waiting.leave(session.id, entry["resident"], part="staff"),
                Text("退出候补 {s}", "Leave the waitlist of {s}", s=session.id),
                tr("已退出候补"),
            )

    name = tr("第 {n} 位退出候补").format(n=place)
    button = Button(tr("退出"), leave, kind="link", small=True, name=name)
    signs(button, page.signs_as("staff"))
    line.addWidget(button)
    return holder


def ask_join(page: SlotsPage, session: SessionRow) -> None:
    """Queue for a session for the resident at the desk; without one, ask who it is."""
    resident = page.resident
    if resident is None:
        resident = ask_new(page)
        if resident is None:
            return
        page.set_resident(resident)
    record = {
        "id": session.id,
        "who": title_of(resident),
        "date": session.date,
        "department": session.department_name,
        "doctor": session.doctor_name,
    }
    page.act(Session.join, record, also={"resident": resident.id}).exec()
