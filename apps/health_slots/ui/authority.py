"""监管: every hospital's promises against what was opened, signs of resale, and the services for the public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QWidget

from apps.health_slots import permissions
from apps.health_slots.kinds import Key
from apps.health_slots.services.lists import ChangeRow, Observation
from apps.health_slots.services.signals import Signal as ResaleSignal
from apps.health_slots.ui.importing import ask_hospital
from apps.health_slots.ui.phrases import day_of, reason_word, short_name, stamp, tr
from apps.health_slots.ui.serving import PortalsCard, ServingCard
from apps.health_slots.ui.view import View
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.shell.inspector import Inspected
from console.theme import tokens
from console.widgets.basic import Button, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.choice import Segmented
from console.widgets.facts import Facts, Section
from console.widgets.states import EmptyState, Note
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

Seen = tuple[tuple[Observation, ...], tuple[ResaleSignal, ...], tuple[ChangeRow, ...]]


def change_word(what: str) -> str:
    return {"stopped": tr("已停诊"), "moved": tr("已改诊"), "substituted": tr("已换医生")}.get(what, what)


class AuthorityView(View):
    """Address: observe or serving."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        self._changes: tuple[ChangeRow, ...] = ()
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 12, tokens.PAGE_MARGIN, 16), spacing=12)
        self.chooser = Segmented(tr("监管的部分"), [("observe", tr("观察")), ("serving", tr("对外服务"))])
        self.chooser.chosen.connect(self._on_chosen)
        bar = hbox()
        bar.addWidget(self.chooser)
        bar.addStretch(1)
        column.addLayout(bar)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._observing())
        self.serving = ServingCard(page)
        self.portals = PortalsCard(page)
        self.stack.addWidget(self._serving())
        column.addWidget(self.stack, 1)

    def _observing(self) -> QWidget:
        holder = QWidget()
        column = vbox(holder, spacing=tokens.CARD_GAP)
        card = Card(tr("各医院"), tr("承诺、放号与事后增减"), flush=True)
        self.model = RowsModel(
            [
                Column(tr("医院")),
                Column(tr("承诺"), 76, right=True),
                Column(tr("已放号"), 66, right=True),
                Column(tr("逾期未放"), 80, right=True),
                Column(tr("加的号"), 66, right=True),
                Column(tr("撤下"), 84, right=True),
                Column(tr("停诊数"), 74, right=True),
                Column(tr("迟到"), 56, right=True),
                Column(tr("已约"), 70, right=True),
            ],
            _hospital_cells,
        )
        self.table = DataTable(self.model, tr("各医院"))
        self.details(self.table, self._inspect_hospital)
        card.add(self.table, 1)
        column.addWidget(card, 1)
        signals = Card(tr("疑似倒号"), tr("只是迹象，须人工核实"), flush=True)
        self.signals = RowsModel(
            [Column(tr("迹象")), Column(tr("对象"), 150), Column(tr("次数"), 72, right=True)], _signal_cells
        )
        self.signal_table = DataTable(self.signals, tr("疑似倒号"))
        self.details(self.signal_table, self._inspect_signal)
        words = tr("一人代多人付款、反复占号不付、退号后立刻被约走，会列在这里。")
        self.no_signals = EmptyState("shield", tr("没有疑似迹象"), words)
        signals.add_table(self.signal_table, self.no_signals)
        column.addWidget(signals, 1)
        return holder

    def _serving(self) -> QWidget:
        holder = QWidget()
        row = hbox(holder, spacing=tokens.CARD_GAP)
        left = vbox()
        left.addWidget(self.serving)
        left.addStretch(1)
        row.addLayout(left, 1)
        row.addWidget(self.portals, 1)
        self.portals.setVisible(self.may(permissions.PORTALS))
        return holder

    def _on_chosen(self, which: str) -> None:
        self.page.inspect(None)
        self.page.moved.emit(f"authority/{which}")
        self.enter(which)
        self.page.show_actions()

    def header_actions(self) -> list[Action]:
        if self.chooser.current == "serving" and not self.may(permissions.PORTALS):
            return []
        if self.chooser.current == "serving":
            return [Action("portal", tr("登记门户…"), self.portals.ask_add, "plus", "primary")]
        if not self.may(Key.withdraw):
            return []
        return [
            Action("key", tr("作废居民公钥…"), lambda: self.page.act(Key.withdraw, {}).exec(), "key"),
            Action("admit", tr("登记医院…"), lambda: ask_hospital(self.page), "plus", "primary"),
        ]

    def enter(self, rest: str = "") -> None:
        if rest in {"observe", "serving"}:
            self.chooser.choose(rest, tell=False)
        self.stack.setCurrentIndex(int(self.chooser.current == "serving"))
        service = self.service
        self.serving.show_servers()
        if self.may(permissions.PORTALS):
            self.portals.load()

        def look() -> Seen:
            return service.lists.observe(service.now()), service.signals.all(), service.lists.changes()

        self.read(look, self._show)

    def _show(self, seen: Seen) -> None:
        hospitals, signals, self._changes = seen
        self.show_rows(self.table, hospitals)
        self.show_rows(self.signal_table, signals)

    def _inspect_hospital(self, row: Observation) -> None:
        self.page.show_panel(row, lambda: self._hospital_panel(row))

    def _hospital_panel(self, row: Observation) -> Inspected:
        panel = Inspected(row.name, f"{row.id} · {row.msp_id}")
        panel.setProperty("inspectorWidth", 344)
        facts = Facts(84)
        facts.add(tr("出诊单元"), tr("承诺 {c}，已放号 {r}").format(c=number(row.committed), r=number(row.released)))
        facts.add(tr("号源"), tr("{n} 个，已约 {b}").format(n=number(row.slots), b=number(row.booked)))
        facts.add(tr("事后变化"), tr("加号 {a}，撤下 {w}").format(a=number(row.added), w=number(row.withdrawn)))
        section = Section(first=True).add(facts)
        if row.overdue:
            section.status(tr("{n} 个单元到时间没有放号").format(n=row.overdue), "bad")
        if row.late:
            section.status(tr("{n} 个单元在应放号之后才承诺").format(n=row.late), "warn")
        panel.add(section)
        changes = [c for c in self._changes if c.session.startswith(f"{row.id}.")]
        listed = Section(tr("停诊、改诊、替诊"), tr("最近 {n} 次").format(n=min(8, len(changes))) if changes else "")
        for change in changes[:8]:
            words = (
                f"{change_word(change.what)} · {change.department} {day_of(change.date)} · {reason_word(change.reason)}"
            )
            listed.text(words)
            listed.add(
                Label(f"{stamp(change.at)} · {self.page.context.person(change.signer)}", "caption", "text2", wrap=True)
            )
        if not changes:
            listed.text(tr("没有"), tone="text2")
        panel.add(listed)
        page = self.page

        def go(tab: str) -> None:
            page.hospital = row.id
            page.choose_tab(tab)
            page.refresh()

        buttons = [Button(tr("看板"), lambda: go("board"), icon="slots", small=True)]
        if self.may(permissions.AUDIT):
            buttons.append(Button(tr("从区块审计"), lambda: go("audit"), icon="shield", small=True))
        panel.add(Section().add(panel.buttons(*buttons)))
        return panel

    def _inspect_signal(self, row: ResaleSignal) -> None:
        self.page.show_panel(row, lambda: self._signal_panel(row))

    def _signal_panel(self, row: ResaleSignal) -> Inspected:
        panel = Inspected(say(row.text), short_name(row.subject))
        panel.setProperty("inspectorWidth", 344)
        facts = Facts(64)
        facts.add_hash(tr("对象"), row.subject, short_name(row.subject))
        facts.add(tr("次数"), number(row.count))
        panel.add(Section(first=True).add(facts).add(Note(tr("迹象不是结论。请看预约经过，必要时联系医院核实。"))))
        section = Section(tr("有关的预约"))
        for appointment in row.appointments[:12]:
            section.add(self._opener(appointment))
        panel.add(section)
        return panel

    def _opener(self, appointment: str) -> Button:
        name = f"{appointment[:10]}…{appointment[-6:]}"
        return Button(name, lambda: self._open_appointment(appointment), kind="link", small=True)

    def _open_appointment(self, appointment: str) -> None:
        from apps.health_slots.ui.appointment import appointment_panel

        service = self.service

        def show(visit: object) -> None:
            from apps.health_slots.services.lists import VisitRow

            if isinstance(visit, VisitRow):
                self.page.inspect(appointment_panel(self.page, visit))

        self.page.read(lambda: service.lists.visit(appointment), show)


def _hospital_cells(row: Observation) -> list[Cell]:
    def warn(count: int, tone: str = "warn") -> Cell:
        return Cell(number(count), word_tone=tone if count else "text3", bold=bool(count) and tone == "bad")

    return [
        Cell(f"{row.name} ({row.id})", bold=True, copy=row.id),
        Cell(number(row.committed)),
        Cell(number(row.released)),
        warn(row.overdue, "bad"),
        warn(row.added),
        warn(row.withdrawn),
        warn(row.stopped),
        warn(row.late),
        Cell(number(row.booked)),
    ]


def _signal_cells(row: ResaleSignal) -> list[Cell]:
    return [
        Cell(say(row.text), icon="flag", tone="warn", word_tone="text"),
        Cell(short_name(row.subject), mono=True, copy=row.subject),
        Cell(number(row.count)),
    ]
