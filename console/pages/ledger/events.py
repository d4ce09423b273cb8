"""Contract events as they happen, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.i18n import tr
from console.i18n.formats import number, short_hash, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.pages.ledger.raw_switch import RawSwitch
from console.pages.ledger.values import readable
from console.pages.ledger.words import event_words, value_line, value_words
from console.shell.inspector import Inspected
from console.tasks.runner import later
from console.theme import tokens
from console.widgets.basic import Button, Label, Status, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts, Section
from console.widgets.forms import filter_box
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from baas.events import BlockIndexed
    from baas.platform import Platform
    from console.context import Context
    from console.pages.ledger.page import LedgerPage

RECENT = 60
KEPT = 2000
NEWEST_BLOCKS = 50
"""Blocks that came since the last look and are still read; of a burst only the newest are shown."""


@dataclass(frozen=True)
class ChainEvent:
    """A contract's event with the transaction that raised it."""

    name: str
    payload: bytes
    contract: str
    block: int
    index: int
    tx_id: str
    time: float


class EventsTab(QWidget):
    """The events of the newest transactions, and every one that comes while this page is open."""

    def __init__(self, page: LedgerPage) -> None:
        super().__init__()
        self._page = page
        self._events: list[ChainEvent] = []
        self._filter = ""
        self._entered = ""
        self._blocks: list[int] = []
        self._soon = later(250, self, self._read_blocks)
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        bar = hbox()
        bar.addWidget(filter_box(tr("筛选事件"), self._on_filter))
        bar.addStretch(1)
        self.live = Status(tr("随区块实时更新"), "busy")
        bar.addWidget(self.live)
        self.note = Label("", "caption", "text2")
        bar.addWidget(self.note)
        column.addLayout(bar)
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("事件"), 210),
                Column(tr("合约名"), 130),
                Column(tr("区块"), 110, right=True),
                Column(tr("时间"), 180),
                Column(tr("交易"), 120),
                Column(tr("内容")),
            ],
            partial(_cells, page.context),
        )
        self.table = DataTable(self.model, tr("事件"))
        self.table.row_chosen.connect(self._inspect)
        card.add(self.table, 1)
        column.addWidget(card, 1)

    def enter(self) -> None:
        context = self._page.context
        if self._entered == context.network:
            self._read_blocks()
            return
        self._entered = context.network
        self._events = []
        platform, network = context.platform, context.network
        self._page.read(lambda: _recent(platform, network, None), self._take)

    def hear(self, event: BlockIndexed) -> None:
        """A block was indexed: read its events."""
        if event.network != self._entered:
            return
        self._blocks = [*self._blocks, event.number][-NEWEST_BLOCKS:]
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def _read_blocks(self) -> None:
        context = self._page.context
        blocks, self._blocks = self._blocks, []
        if not context.ready or not blocks:
            return
        platform, network = context.platform, context.network

        def read() -> list[ChainEvent]:
            return [event for block in blocks for event in _recent(platform, network, block)]

        context.tasks.fetch(read, self._take, None, owner=self)

    def _take(self, events: list[ChainEvent]) -> None:
        known = {(e.tx_id, e.name) for e in self._events}
        new = [e for e in events if (e.tx_id, e.name) not in known]
        if new or not self._events:
            self._events = sorted([*new, *self._events], key=lambda e: (-e.block, -e.index))[:KEPT]
            self._show()

    def _on_filter(self, text: str) -> None:
        self._filter = text.lower()
        self._show()

    def _show(self) -> None:
        shown = [e for e in self._events if self._filter in self._hay(e)]
        self.model.set_rows(shown)
        self.note.setText(tr("{n} 条").format(n=number(len(shown))))

    def _hay(self, event: ChainEvent) -> str:
        words = event_words(self._page.context, event.contract, event.name)
        return f"{words} {event.name} {event.contract} {event.tx_id}".lower()

    def _inspect(self, event: ChainEvent) -> None:
        context = self._page.context
        panel = Inspected(event_words(context, event.contract, event.name), context.contract(event.contract))
        facts = Facts(64)
        facts.add(tr("区块"), f"{number(event.block)} : {event.index}")
        facts.add(tr("时间"), when(event.time, seconds=True))
        facts.add_hash(tr("交易"), event.tx_id)
        panel.add(Section(tr("事件")).add(facts))
        text = RawSwitch(tr("内容"))
        text.show_value(value_words(context, event.contract, event.payload), readable(event.payload))
        text.setMinimumHeight(300)
        go = Button(tr("打开这笔交易"), lambda: self._page.context.go(f"ledger/tx/{event.tx_id}"))
        panel.add(Section(tr("内容")).add(text).add(panel.buttons(go)))
        self._page.inspect(panel)


def _recent(platform: Platform, network: str, block: int | None) -> list[ChainEvent]:
    """Read the events of one block, or of the newest transactions."""
    found: list[ChainEvent] = []
    rows: Any = platform.explorer.transactions(
        network, block=block, valid=True, limit=RECENT if block is None else 1000
    )
    for row in rows[:200]:
        if not row.contract or row.contract.startswith("_"):
            continue
        detail = platform.explorer.transaction(network, row.tx_id)
        for name, payload in detail.events:
            found.append(ChainEvent(name, payload, row.contract, row.block, row.index, row.tx_id, row.time))
    return found


def _cells(context: Context, event: Any) -> list[Cell]:
    return [
        Cell(event_words(context, event.contract, event.name), icon="bolt", bold=True, tip=event.name),
        Cell(context.contract(event.contract), tip=event.contract),
        Cell(f"{number(event.block)} : {event.index}"),
        Cell(when(event.time, seconds=True)),
        Cell(short_hash(event.tx_id), mono=True, copy=event.tx_id),
        Cell(value_line(context, event.contract, event.payload), word_tone="text2"),
    ]
