"""Keys of a contract and each key through time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QSlider, QWidget

from console.i18n import say, tr
from console.i18n.formats import number, short_hash, when
from console.models.cells import Cell, Column
from console.models.tables import GrowingModel, RowsModel
from console.pages.ledger.raw_switch import RawSwitch
from console.pages.ledger.values import key_text, members_of, readable
from console.pages.ledger.words import value_words
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, Elided, Label, Status, hbox, vbox
from console.widgets.card import Card
from console.widgets.forms import filter_box
from console.widgets.states import Note
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from console.pages.ledger.page import LedgerPage


class KeysTab(QWidget):
    """Keys on the left; on the right one key's life: a slider over its versions and the value as it was."""

    def __init__(self, page: LedgerPage) -> None:  # noqa: PLR0915 - two columns of widgets, in order
        super().__init__()
        self._page = page
        self.wanted: tuple[str, str] | None = None
        self._loaded: tuple[str, str] | None = None
        self._prefix = ""
        self._versions: list[Any] = []
        row = hbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=tokens.CARD_GAP)
        left = vbox(spacing=12)
        bar = hbox(spacing=8)
        self.contract = QComboBox()
        self.contract.setFixedHeight(30)
        self.contract.setMinimumWidth(150)
        self.contract.setAccessibleName(tr("合约名"))
        self.contract.currentIndexChanged.connect(lambda i: self._read_collections())
        bar.addWidget(self.contract)
        self.collection = QComboBox()
        self.collection.setFixedHeight(30)
        self.collection.setMinimumWidth(160)
        self.collection.setAccessibleName(tr("公开状态或私有集合"))
        self.collection.currentIndexChanged.connect(lambda i: self._load())
        bar.addWidget(self.collection)
        bar.addWidget(filter_box(tr("键的开头"), self._on_prefix, 150))
        bar.addStretch(1)
        left.addLayout(bar)
        self.seen_by = Note("")
        self.seen_by.hide()
        left.addWidget(self.seen_by)
        card = Card(flush=True)
        self.model = GrowingModel(
            [Column(tr("键")), Column(tr("版本"), 100, right=True)], _key_cells, page.context.tasks
        )
        self.model.failed.connect(lambda error: page.banner.show_error(error, self._load))
        self.table = DataTable(self.model, tr("键"))
        self.table.row_chosen.connect(self._on_key)
        card.add(self.table, 1)
        left.addWidget(card, 1)
        row.addLayout(left, 5)
        self.card = Card(tr("键的一生"), " ")
        self.card.note.setText("")
        self.hint = Label(tr("选择一个键，查看它的每个版本。"), "body", "text2")
        self.card.add(self.hint)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("版本"))
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.valueChanged.connect(self._on_slider)
        self.card.add(self.slider)
        facts = hbox(spacing=12)
        self.state = Status("", "ok")
        facts.addWidget(self.state)
        self.facts = Elided("", "caption", "text2")
        facts.addWidget(self.facts, 1)
        self.open_button = Button(tr("打开这笔交易"), self._open, kind="link", small=True)
        facts.addWidget(self.open_button)
        self.card.add(facts)
        self.value = RawSwitch(tr("当时的值"))
        self.card.add(self.value, 3)
        self.history_model = RowsModel(
            [
                Column(tr("版本"), 110, right=True),
                Column(tr("时间"), 170),
                Column(tr("交易"), 120),
                Column(tr("值")),
            ],
            self._version_cells,
        )
        self.history = DataTable(self.history_model, tr("版本"))
        self.history.row_chosen.connect(self._on_version)
        self.card.add(self.history, 2)
        row.addWidget(self.card, 7)
        self._show_history([])

    def enter(self) -> None:
        platform, network = self._page.context.platform, self._page.context.network
        self._page.context.tasks.fetch(
            lambda: platform.explorer.contracts(network), self._show_contracts, None, owner=self
        )

    def _show_contracts(self, rows: Any) -> None:
        names = [row.name for row in rows]
        wanted = self.wanted[0] if self.wanted else self.contract.currentText()
        self.contract.blockSignals(True)
        self.contract.clear()
        self.contract.addItems(names)
        own = next((name for name in names if not name.startswith("_")), "")
        self.contract.setCurrentText(wanted if wanted in names else own)
        self.contract.blockSignals(False)
        self._read_collections()
        if self.wanted is not None:
            contract, key = self.wanted
            self.wanted = None
            self._read_history(contract, "", key)

    def _read_collections(self) -> None:
        """Read which private collections the contract has, and whose peers keep them."""
        context, name = self._page.context, self.contract.currentText()
        self._loaded = None
        self._show_collections(())
        if not name or not context.network:
            return
        platform, network = context.platform, context.network

        def read() -> tuple[tuple[str, str], ...]:
            definition = None if name.startswith("_") else platform.contracts.committed(network, name)
            titles = {o.msp_id: say(o.title) for o in platform.networks.spec(network).organizations}
            return tuple(
                (str(c["name"]), tr("、").join(titles.get(m, m) for m in members_of(c)))
                for c in (definition.collections if definition is not None else ())
            )

        def show(found: tuple[tuple[str, str], ...]) -> None:
            if self.contract.currentText() == name:
                self._show_collections(found)

        context.tasks.fetch(read, show, lambda error: None, owner=self)

    def _show_collections(self, found: tuple[tuple[str, str], ...]) -> None:
        chosen = self.collection.currentText()
        self.collection.blockSignals(True)
        self.collection.clear()
        self.collection.addItem(tr("公开状态"), "")
        for name, who in found:
            self.collection.addItem(name, who)
        self.collection.setCurrentIndex(max(0, self.collection.findText(chosen)))
        self.collection.setVisible(bool(found))
        self.collection.blockSignals(False)
        # What is shown already stays, and so does the key that was chosen meanwhile.
        if self._loaded != (self.contract.currentText(), self.collection.currentText()):
            self._load()

    def _on_prefix(self, prefix: str) -> None:
        self._prefix = prefix
        self._load()

    def _load(self) -> None:
        context = self._page.context
        contract, prefix = self.contract.currentText(), self._prefix
        self._loaded = contract, self.collection.currentText()
        private = self.collection.currentIndex() > 0
        collection = self.collection.currentText() if private else ""
        words = tr("账本上只有键和值的散列。原文只在这些组织的节点上：{who}。")
        self.seen_by.label.setText(words.format(who=self.collection.currentData() or "—"))
        self.seen_by.setVisible(private)
        if self.wanted is None:
            self.card.note.setText("")
            self._show_history([])
        if not contract or not context.network:
            return
        explorer, network = context.platform.explorer, context.network

        def read(last: Any | None, limit: int) -> Sequence[Any]:
            return explorer.keys(
                network,
                contract,
                prefix=prefix,
                after=last.key if last else "",
                collection=collection,
                limit=limit,
            )

        self.model.set_reader(read)

    def _on_key(self, row: Any) -> None:
        self._read_history(row.contract, row.collection, row.key)

    def _read_history(self, contract: str, collection: str, key: str) -> None:
        explorer, network = self._page.context.platform.explorer, self._page.context.network
        self.card.note.setText(key_text(key))
        self._page.read(lambda: explorer.history(network, contract, key, collection=collection), self._show_history)

    def _show_history(self, versions: Any) -> None:
        self._versions = list(reversed(versions))
        some = bool(self._versions)
        self.hint.setVisible(not some)
        for widget in (self.slider, self.state, self.facts, self.open_button, self.value, self.history):
            widget.setVisible(some)
        self.history_model.set_rows(versions)
        if some:
            self.slider.blockSignals(True)
            self.slider.setRange(0, len(self._versions) - 1)
            self.slider.setValue(len(self._versions) - 1)
            self.slider.setEnabled(len(self._versions) > 1)
            self.slider.blockSignals(False)
            self._on_slider(len(self._versions) - 1)

    def _on_version(self, row: Any) -> None:
        at = next((i for i, v in enumerate(self._versions) if (v.block, v.index) == (row.block, row.index)), None)
        if at is not None:
            self.slider.setValue(at)

    def _on_slider(self, at: int) -> None:
        if not self._versions:
            return
        version = self._versions[at]
        icon = "none" if version.deleted else "ok"
        words = tr("第 {n} 版，共 {all} 版").format(n=at + 1, all=len(self._versions))
        self.state.set(words, icon)
        self.facts.setText(
            tr("区块 {b} : {i} · {t} · 交易 {tx}").format(
                b=number(version.block),
                i=version.index,
                t=when(version.time, seconds=True),
                tx=short_hash(version.tx_id),
            )
        )
        raw = tr("（已删除）") if version.deleted else readable(version.value)
        self.value.show_value(raw if version.deleted else self._told(version), raw)

    def _told(self, version: Any) -> str:
        if version.collection:
            return tr("账本上只有值的散列，原文在集合成员的节点上。")
        return value_words(self._page.context, version.contract, version.value)

    def _open(self) -> None:
        if self._versions:
            self._page.context.go(f"ledger/tx/{self._versions[self.slider.value()].tx_id}")

    def _version_cells(self, row: Any) -> list[Cell]:
        return [
            Cell(f"{number(row.block)} : {row.index}", bold=True),
            Cell(when(row.time, seconds=True)),
            Cell(short_hash(row.tx_id), mono=True, copy=row.tx_id),
            Cell(tr("已删除") if row.deleted else _line(self._told(row)), word_tone="text2"),
        ]


def _line(words: str) -> str:
    """The beginning of a value's words on one line."""
    return tr("；").join(words.splitlines())[:160]


def _key_cells(row: Any) -> list[Cell]:
    gone = row.deleted
    return [
        Cell(
            key_text(row.key), icon="key" if not gone else STATE_ICONS["none"][0], mono=True, copy=row.key, struck=gone
        ),
        Cell(f"{number(row.block)} : {row.index}", word_tone="text2"),
    ]
