"""The newest transactions, or the blocks, as a long list with filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QComboBox, QStackedWidget, QWidget

from console.i18n import say, tr
from console.i18n.formats import ago, number, short_hash, size, when
from console.models.cells import Cell, Column
from console.models.tables import GrowingModel, PagedModel
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.choice import Segmented
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from baas.platform import Platform
    from console.pages.ledger.page import LedgerPage


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
        self.scope = Label("", "caption", "accent")
        bar.addWidget(self.scope)
        bar.addStretch(1)
        bar.addWidget(Label(tr("双击或按 Enter 解剖一笔交易"), "caption", "text3"))
        column.addLayout(bar)
        tasks = page.context.tasks
        self.model = GrowingModel(
            [
                Column(tr("交易"), 190),
                Column(tr("合约与方法")),
                Column(tr("发起"), 210),
                Column(tr("区块"), 110, right=True),
                Column(tr("时间"), 190),
                Column(tr("结果"), 250),
            ],
            transaction_cells,
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
        for table in (self.table, self.blocks):
            card = Card(flush=True)
            card.add(table, 1)
            self.stack.addWidget(card)
        column.addWidget(self.stack, 1)

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

    def _on_mode(self, mode: str) -> None:
        self.stack.setCurrentIndex(0 if mode == "transactions" else 1)
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
        current = self.contract.currentData()
        self.contract.clear()
        self.contract.addItem(tr("全部合约"), "")
        for row in rows:
            self.contract.addItem(row.name, row.name)
        self.contract.setCurrentIndex(max(0, self.contract.findData(current)))
        self.contract.blockSignals(False)

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


def transaction_cells(row: Any) -> list[Cell]:
    sign = "ok" if row.valid else "bad"
    icon, tone = STATE_ICONS[sign]
    name = f"{row.contract} · {row.function}" if row.contract else row.type
    return [
        Cell(short_hash(row.tx_id, 6), icon=icon, tone=tone, mono=True, word_tone="text", copy=row.tx_id),
        Cell(name, bold=True),
        Cell(row.creator),
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
