"""The newest transactions, or the blocks, as a long list with filters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QStackedWidget, QWidget

from console.i18n import say, tr
from console.i18n.formats import ago, number, short_hash, size, when
from console.models.cells import Cell, Column
from console.models.tables import GrowingModel, PagedModel, RowsModel
from console.pages.ledger.configured import type_title
from console.pages.ledger.hits import HIT_ICONS, address_of, hit_kind
from console.pages.ledger.values import key_text
from console.tasks.runner import later
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Elided, hbox, vbox
from console.widgets.card import Card
from console.widgets.choice import Segmented
from console.widgets.forms import filter_box
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.explorer.model import Hit
    from console.context import Context
    from console.pages.ledger.page import LedgerPage


HINT_FROM = 1100
"""Pixels of width from which on there is room for the hint beside the filters."""


class BlockSource:
    """The blocks of the default channel, newest first, for the paging table."""

    def __init__(self, platform: Platform, network: str) -> None:
        self._platform, self._network = platform, network
        self._height = 0

    def count(self) -> int:
        statuses = self._platform.explorer.status(self._network)
        self._height = statuses[0].indexed if statuses else 0
        return self._height

    def page(self, offset: int, limit: int) -> Sequence[Any]:
        return self._platform.explorer.blocks(self._network, before=self._height - offset, limit=limit)


class TransactionsTab(QWidget):
    """Both lists; Enter or double click opens a row."""

    def __init__(self, page: LedgerPage) -> None:
        super().__init__()
        self._page = page
        self._block: int | None = None
        self._creator = ""
        self._entered = ""
        self._wanted_contract = ""
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        bar = hbox(spacing=8)
        self.mode = Segmented(tr("显示"), [("transactions", tr("按交易")), ("blocks", tr("按区块"))])
        self.mode.chosen.connect(self._on_mode)
        bar.addWidget(self.mode)
        self.contract = QComboBox()
        self.contract.setFixedHeight(30)
        self.contract.setMinimumWidth(140)
        self.contract.setAccessibleName(tr("合约名"))
        self.contract.currentIndexChanged.connect(lambda i: self._load())
        bar.addWidget(self.contract)
        self.validity = QComboBox()
        self.validity.setFixedHeight(30)
        self.validity.setAccessibleName(tr("有效性"))
        for text, data in ((tr("全部"), None), (tr("有效"), True), (tr("作废"), False)):
            self.validity.addItem(text, data)
        self.validity.currentIndexChanged.connect(lambda i: self._load())
        bar.addWidget(self.validity)
        self.search = filter_box(tr("交易号、键、CID、文字、证书"), self._on_search, 260)
        bar.addWidget(self.search)
        self.scope = Elided("", "caption", "accent")
        bar.addWidget(self.scope, 1)
        self.hint = Elided(tr("双击或按 Enter 解剖一笔交易"), "caption", "text3")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar.addWidget(self.hint, 1)
        column.addLayout(bar)
        self._search_soon = later(200, self, self._search)
        tasks = page.context.tasks
        self.model = GrowingModel(
            [
                Column(tr("交易"), 168),
                Column(tr("合约与方法")),
                Column(tr("发起"), 250),
                Column(tr("区块"), 92, right=True),
                Column(tr("时间"), 172),
                Column(tr("结果"), 196),
            ],
            partial(transaction_cells, page.context),
            tasks,
        )
        self.model.failed.connect(lambda error: page.banner.show_error(error, self._load))
        self.table = DataTable(self.model, tr("交易"))
        self.table.row_opened.connect(lambda row: page.context.go(f"ledger/tx/{row.tx_id}"))
        self.blocks_model = PagedModel(
            [
                Column(tr("区块"), 130, right=True),
                Column(tr("哈希"), 260),
                Column(tr("前一区块"), 260),
                Column(tr("交易数"), 110, right=True),
                Column(tr("作废"), 90, right=True),
                Column(tr("大小"), 110, right=True),
                Column(tr("时间")),
            ],
            block_cells,
            tasks,
        )
        self.blocks_model.failed.connect(lambda error: page.banner.show_error(error, self._load_blocks))
        self.blocks = DataTable(self.blocks_model, tr("区块"))
        self.blocks.row_opened.connect(lambda row: page.context.go(f"ledger/block/{row.number}"))
        self.stack = QStackedWidget()
        self.hits_model = RowsModel(
            [Column(tr("种类"), 120), Column(tr("找到")), Column(tr("说明"), 420), Column(tr("区块"), 92, right=True)],
            hit_cells,
        )
        self.hits = DataTable(self.hits_model, tr("搜索结果"))
        self.hits.row_opened.connect(lambda hit: page.context.go(address_of(hit)))
        for table in (self.table, self.blocks, self.hits):
            card = Card(flush=True)
            card.add(table, 1)
            self.stack.addWidget(card)
        column.addWidget(self.stack, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.hint.setVisible(self.width() >= HINT_FROM)

    # -- what is shown -------------------------------------------------------------------------------
    def enter(self) -> None:
        network = self._page.context.network
        if self._entered != network:
            self._entered = network
            self._read_contracts()
        self._load()
        if self.mode.current == "blocks":
            self._load_blocks()

    def show_all(self) -> None:
        """Every transaction again."""
        self._block, self._creator = None, ""
        self.scope.setText("")
        self.search.clear()

    def show_contract(self, name: str) -> None:
        """Only what calls one contract."""
        self.show_all()
        self.mode.choose("transactions")
        self._wanted_contract = name
        self._entered = ""

    def show_block(self, block: int) -> None:
        """Only the transactions of one block, in its order."""
        self._block, self._creator = block, ""
        self.mode.choose("transactions")
        self.scope.setText(tr("只看区块 {n}").format(n=number(block)))

    def show_creator(self, fingerprint: str) -> None:
        """Only what one certificate created."""
        self._block, self._creator = None, fingerprint
        self.mode.choose("transactions")
        self.scope.setText(tr("只看发起人 {f}").format(f=short_hash(fingerprint, 6)))

    def newest(self) -> None:
        """New blocks arrived: show them unless the person is looking further down."""
        if self.mode.current == "blocks":
            if self.blocks.verticalScrollBar().value() == 0:
                self._load_blocks()
        elif self.table.verticalScrollBar().value() == 0 and self._block is None:
            self._load()

    def _on_search(self, text: str) -> None:
        if text:
            self._search_soon.start()
        else:
            self._search_soon.stop()
            self._show_mode()

    def _search(self) -> None:
        """Look for what was typed or pasted: an id, a key, a CID, words, a certificate as PEM or by its fingerprint."""
        text, context = self.search.text().strip(), self._page.context
        if not text or not context.ready or not context.network:
            return
        explorer, network = context.platform.explorer, context.network

        def show(hits: Sequence[Hit]) -> None:
            if self.search.text().strip() != text:
                return
            self.hits_model.set_rows(hits)
            self.stack.setCurrentIndex(2)
            none = tr("没有找到。可输入交易号、键、CID、文字，或粘贴证书。")
            self.scope.setText(tr("找到 {n} 项").format(n=number(len(hits))) if hits else none)

        self._page.read(lambda: explorer.search(network, text, limit=200), show)

    def _show_mode(self) -> None:
        self.stack.setCurrentIndex(0 if self.mode.current == "transactions" else 1)
        if self._block is None and not self._creator:
            self.scope.setText("")

    def _on_mode(self, mode: str) -> None:
        self.search.clear()
        self._show_mode()
        if mode == "blocks":
            self._block, self._creator = None, ""
            self.scope.setText("")
            self._load_blocks()

    def _read_contracts(self) -> None:
        platform, network = self._page.context.platform, self._page.context.network
        self._page.context.tasks.fetch(
            lambda: platform.explorer.contracts(network), self._show_contracts, None, owner=self
        )

    def _show_contracts(self, rows: Any) -> None:
        self.contract.blockSignals(True)
        current = self._wanted_contract or self.contract.currentData()
        wanted, self._wanted_contract = self._wanted_contract, ""
        self.contract.clear()
        self.contract.addItem(tr("全部合约"), "")
        for row in rows:
            self.contract.addItem(self._page.context.contract(row.name), row.name)
        self.contract.setCurrentIndex(max(0, self.contract.findData(current)))
        self.contract.blockSignals(False)
        if wanted:
            self._load()

    def _load(self) -> None:
        context = self._page.context
        if not context.ready or not context.network:
            return
        explorer, network = context.platform.explorer, context.network
        block, creator = self._block, self._creator
        contract, valid = self.contract.currentData() or "", self.validity.currentData()

        def read(last: Any | None, limit: int) -> Sequence[Any]:
            if block is not None and last is not None:
                return ()
            before = (last.block, last.index) if last is not None else None
            return explorer.transactions(
                network,
                block=block,
                contract=contract,
                fingerprint=creator,
                valid=valid,
                before=before,
                limit=1000 if block is not None else limit,
            )

        self.model.set_reader(read)

    def _load_blocks(self) -> None:
        context = self._page.context
        if context.ready and context.network:
            self.blocks_model.set_source(BlockSource(context.platform, context.network))


def hit_cells(hit: Any) -> list[Cell]:
    return [
        Cell(hit_kind(hit.kind), icon=HIT_ICONS[hit.kind], tone="text2", word_tone="text2"),
        Cell(key_text(hit.title), bold=True, mono=hit.kind == "key", copy=hit.key or hit.tx_id or hit.fingerprint),
        Cell(hit.subtitle, word_tone="text2", mono=hit.kind in {"transaction", "block"}),
        Cell(number(hit.block) if hit.block is not None else ""),
    ]


def transaction_cells(context: Context, row: Any) -> list[Cell]:
    sign = "ok" if row.valid else "bad"
    icon, tone = STATE_ICONS[sign]
    name = f"{context.contract(row.contract)} · {row.function}" if row.contract else type_title(row.type)
    return [
        Cell(short_hash(row.tx_id, 6), icon=icon, tone=tone, mono=True, word_tone="text", copy=row.tx_id),
        Cell(name, bold=True, tip=row.contract),
        Cell(context.person(row.creator), tip=row.creator),
        Cell(f"{number(row.block)} : {row.index}"),
        Cell(when(row.time, seconds=True), tip=ago(row.time)),
        Cell(
            tr("有效") if row.valid else say(row.meaning),
            word_tone="text2" if row.valid else "bad",
            tip=f"{row.code} {row.code_name}",
        ),
    ]


def block_cells(row: Any) -> list[Cell]:
    return [
        Cell(number(row.number), bold=True),
        Cell(short_hash(row.hash, 10), mono=True, copy=row.hash),
        Cell(short_hash(row.previous_hash, 10) if row.previous_hash else "—", mono=True),
        Cell(number(row.transactions)),
        Cell(number(row.invalid), word_tone="bad" if row.invalid else "text3"),
        Cell(size(row.size)),
        Cell(when(row.time, seconds=True), tip=ago(row.time)),
    ]
