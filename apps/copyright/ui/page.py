"""The copyright page: works, a new deposit, the office's queue, one work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from apps.copyright.model import Work
from apps.copyright.service import CopyrightService, build_service
from apps.copyright.ui.deposit import DepositView
from apps.copyright.ui.queue import QueueTab
from apps.copyright.ui.words import state_words, term, tr
from apps.copyright.ui.work import WorkView
from baas.errors import LedgerError, NotFound, contract_code
from console.context import Context
from console.i18n.formats import number, short_cid, size, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action, Page
from console.tasks.runner import later
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.forms import filter_box
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from network.text import Text

MAX_WORKS = 2000


@dataclass(frozen=True)
class WorkLine:
    """A work of the list with the state of its registration."""

    work: Work
    state: str


def read_lines(service: CopyrightService) -> list[WorkLine]:
    """Every work, the newest first; none on a ledger where nothing has been deposited and the office is not set up."""
    lines = []
    try:
        for work in service.works(limit=MAX_WORKS):
            state = service.registration(work.registration).state if work.registration else ""
            lines.append(WorkLine(work, state))
    except LedgerError as error:
        if contract_code(error) != "NOT_CONFIGURED":
            raise
    lines.sort(key=lambda line: line.work.created, reverse=True)
    return lines


class CopyrightPage(Page):
    """Addresses: "" works; new; queue; work/ID; first (the newest registered work)."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.service: CopyrightService | None = None
        self._network = ""
        self._view = ""
        self._filter = ""
        self.lines: list[WorkLine] = []
        self.stack = QStackedWidget()
        self.outer.addWidget(self.stack, 1)
        self.missing = EmptyState(
            "copyright",
            tr("版权合约还没有部署"),
            tr("部署后就可以存证和登记作品。"),
            Button(tr("去部署…"), lambda: context.go("contracts"), kind="primary"),
        )
        self.none_yet = EmptyState(
            "image",
            tr("还没有作品"),
            tr("拖入一个文件就可以存证，收据立即出具。"),
            Button(tr("存证作品…"), lambda: context.go("copyright/new"), kind="primary", icon="stamp"),
        )
        self.list = self._list()
        self.deposit = DepositView(self)
        self.queue = QueueTab(self)
        self.work = WorkView(self)
        for widget in (self.missing, self.none_yet, self.list, self.deposit, self.queue, self.work):
            self.stack.addWidget(widget)
        self._soon = later(600, self, self._again)
        self.set_header(tr("数字版权"))

    def _list(self) -> QWidget:
        holder = QWidget()
        column = vbox(holder, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        bar = hbox()
        bar.addWidget(filter_box(tr("作品名、登记号、CID"), self._on_filter, 260))
        bar.addStretch(1)
        self.note = Label("", "caption", "text2")
        bar.addWidget(self.note)
        column.addLayout(bar)
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("作品")),
                Column(tr("类别"), 150),
                Column(tr("创作性质"), 100),
                Column(tr("登记号"), 210),
                Column("CID", 190),
                Column(tr("大小"), 90, right=True),
                Column(tr("状态"), 176),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("作品"), two_lines=True)
        self.table.row_opened.connect(lambda line: self.context.go(f"copyright/work/{line.work.id}"))
        self.table.clicked.connect(lambda index: self._open_current())
        card.add(self.table, 1)
        column.addWidget(card, 1)
        return holder

    def _open_current(self) -> None:
        line = self.table.current_row()
        if line is not None:
            self.context.go(f"copyright/work/{line.work.id}")

    # -- reading -------------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        self._view = address
        self.tab = {"queue": "queue"}.get(address, "works")
        self.refresh()

    def refresh(self) -> None:
        context = self.context
        if not context.ready:
            return
        platform, network = context.platform, context.network
        if not network:
            self._show_missing()
            return
        service = self.service if self._network == network else None

        def read() -> tuple[CopyrightService, list[WorkLine]]:
            found = service
            if found is None:
                if "copyright" not in {d.name for d in platform.contracts.list(network)}:
                    raise NotFound(Text("版权合约还没有部署。", "The copyright contract is not deployed."))
                found = build_service(platform, network)
            return found, read_lines(found)

        self.read(read, self._show, self._failed)

    def _failed(self, error: Any) -> None:
        if isinstance(error, NotFound) and self.service is None:
            self._show_missing()
        else:
            self.banner.show_error(error, self.refresh)

    def _show_missing(self) -> None:
        self.set_header(tr("数字版权"), "", [], tabs=[])
        self.stack.setCurrentWidget(self.missing)

    def heard(self, event: Any) -> None:
        from baas.events import BlockIndexed, NetworkChanged

        if isinstance(event, NetworkChanged):
            self._network = ""
            self._soon.start()
        elif isinstance(event, BlockIndexed):
            self._soon.start()

    def _again(self) -> None:
        if self.stack.currentWidget() is not self.deposit:
            self.refresh()

    def _show(self, found: tuple[CopyrightService, list[WorkLine]]) -> None:
        self.service, self.lines = found
        self._network = self.context.network
        view, _, which = self._view.partition("/")
        if view == "first":
            registered = [line for line in self.lines if line.work.number] or self.lines
            view, which = ("work", registered[0].work.id) if registered else ("", "")
        if view == "new":
            self._show_deposit()
        elif view == "work" and which:
            self.stack.setCurrentWidget(self.work)
            self.work.show_id(which)
        else:
            self._show_tabs()

    def _show_deposit(self) -> None:
        self.stack.setCurrentWidget(self.deposit)
        self.deposit.enter()

    def _show_tabs(self) -> None:
        session = self.context.platform.session
        actions = []
        if session.allows("copyright.deposit"):
            actions.append(Action("new", tr("存证作品…"), lambda: self.context.go("copyright/new"), "stamp", "primary"))
        tabs = [("works", tr("全部作品"))]
        if session.allows("copyright.review"):
            tabs.append(("queue", tr("登记审查")))
        registered = sum(1 for line in self.lines if line.work.number)
        self.set_header(
            tr("数字版权"),
            tr("{n} 件作品，{r} 件已登记").format(n=number(len(self.lines)), r=number(registered)),
            actions,
            tabs=tabs if len(tabs) > 1 else [],
            notes={"works": number(len(self.lines))},
        )
        if self.tab == "queue":
            self.stack.setCurrentWidget(self.queue)
            self.queue.enter()
            return
        self._fill()
        self.stack.setCurrentWidget(self.list if self.lines else self.none_yet)

    def choose_tab(self, tab: str) -> None:
        super().choose_tab(tab)
        self._view = tab if tab == "queue" else ""
        self.inspect(None)
        self.moved.emit(self._view)
        self._show_tabs()

    def _on_filter(self, text: str) -> None:
        self._filter = text.lower()
        self._fill()

    def _fill(self) -> None:
        shown = [
            line
            for line in self.lines
            if self._filter in f"{line.work.title} {line.work.number} {line.work.cid} {line.work.id}".lower()
        ]
        self.model.set_rows(shown)
        self.note.setText(tr("列出 {n} 件").format(n=number(len(shown))))


def work_icon(media_type: str) -> str:
    """The drawing for a kind of media."""
    kind = media_type.partition("/")[0]
    return {"image": "image", "audio": "sound", "video": "video", "text": "text"}.get(kind, "file")


def _cells(line: Any) -> list[Cell]:
    work: Work = line.work
    words, sign = state_words(line.state)
    icon, tone = STATE_ICONS[sign]
    sealed = tr("已加密") + " · " if work.encrypted else ""
    return [
        Cell(work.title, sub=f"{sealed}{when(work.created)}", tip=work.id, icon=work_icon(work.media_type), bold=True),
        Cell(term("categories", work.category)),
        Cell(term("creation_kinds", work.creation_kind), tag=True),
        Cell(work.number or "—", copy=work.number),
        Cell(short_cid(work.cid), mono=True, copy=work.cid),
        Cell(size(work.size)),
        Cell(words, icon=icon, tone=tone, word_tone=sign if sign in {"bad", "warn"} else "text2"),
    ]
