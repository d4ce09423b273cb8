"""One transaction: its block on the left, the verdict, its way, the race and the read and write sets in the middle."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from baas.services.explorer.configuration import CONFIG, Configured, configured
from baas.services.explorer.model import Autopsy, KeyConflict, PolicyGap, TransactionDetail, TransactionRow
from console.i18n import say, tr
from console.i18n.formats import clock, number, short_hash, version
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.pages.ledger.configured import configured_card, type_title
from console.pages.ledger.transaction_panel import transaction_panel
from console.pages.ledger.values import key_text, readable
from console.pages.ledger.words import value_line
from console.widgets.autopsy import Race, RaceView, StageBox, StagesView
from console.widgets.basic import (
    STATE_ICONS,
    Button,
    Chip,
    Elided,
    ElidedMono,
    Icon,
    IconButton,
    KeyLink,
    Label,
    Mono,
    Status,
    clear,
    frame,
    hbox,
    line,
    vbox,
)
from console.widgets.card import Card, Scroll
from console.widgets.forms import save_file
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from console.context import Context
    from console.pages.ledger.page import LedgerPage


class TransactionView(QWidget):
    """Shown for `ledger/tx/ID`."""

    def __init__(self, page: LedgerPage) -> None:
        super().__init__()
        self._page = page
        self.tx_id = ""
        self.autopsy: Autopsy | None = None
        self._block = 0
        row = hbox(self, spacing=0)
        side = frame("cardflat")
        side.setFixedWidth(246)
        left = vbox(side, spacing=0)
        head = hbox(margins=(14, 10, 8, 10), spacing=2)
        words = vbox(spacing=0)
        self.block_title = Label("", "strong")
        self.block_facts = Elided("", "badge", "text2")
        words.addWidget(self.block_title)
        words.addWidget(self.block_facts)
        head.addLayout(words, 1)
        head.addWidget(IconButton("left", tr("前一区块"), lambda: self._step(-1)))
        head.addWidget(IconButton("right", tr("后一区块"), lambda: self._step(1)))
        left.addLayout(head)
        left.addWidget(line())
        self.model = RowsModel([Column("")], partial(_list_cells, page.context))
        self.table = DataTable(self.model, tr("区块中的交易"), two_lines=True)
        self.table.horizontalHeader().hide()
        self.table.row_chosen.connect(self._on_row)
        left.addWidget(self.table, 1)
        row.addWidget(side)
        row.addWidget(line(vertical=True))
        self._scroll = Scroll((16, 14, 16, 24), 14)
        row.addWidget(self._scroll, 1)

    def show_id(self, tx_id: str) -> None:
        """Read the transaction and its block."""
        self.tx_id = tx_id
        explorer, network = self._page.context.platform.explorer, self._page.context.network

        platform = self._page.context.platform

        def read() -> tuple[Autopsy, tuple[TransactionRow, ...], Configured | None]:
            autopsy = explorer.autopsy(network, tx_id)
            row = autopsy.transaction.row if autopsy.transaction else None
            changed = configured(platform, network, row) if row is not None and row.type == CONFIG else None
            return autopsy, explorer.transactions(network, block=row.block if row else 0, limit=1000), changed

        self._page.read(read, self._show)

    def _show(self, found: tuple[Autopsy, tuple[TransactionRow, ...], Configured | None]) -> None:
        autopsy, rows, changed = found
        detail = autopsy.transaction
        if detail is None or detail.row.tx_id != self.tx_id.strip().lower():
            return  # the person has gone on to another one meanwhile
        self.autopsy = autopsy
        row = detail.row
        self._block = row.block
        self.block_title.setText(tr("区块 {n}").format(n=number(row.block)))
        valid = sum(r.valid for r in rows)
        self.block_facts.setText(tr("{n} 笔 · 有效 {v} · {t}").format(n=len(rows), v=valid, t=clock(row.time)))
        self.table.blockSignals(True)
        self.model.set_rows(rows)
        self.table.choose(next((i for i, r in enumerate(rows) if r.tx_id == row.tx_id), 0))
        self.table.blockSignals(False)
        self._page.transaction_header(row.tx_id, row.block, row.index, row.time, self._actions(detail))
        column = self._scroll.column
        clear(column)
        column.addWidget(self._verdict(autopsy))
        for conflict in autopsy.conflicts[:3]:
            column.addWidget(self._conflict(conflict, row))
        for gap in autopsy.gaps:
            column.addWidget(_gap(gap))
        if changed is not None:
            column.addWidget(configured_card(self._page.context, changed))
        else:
            column.addWidget(self._sets(detail, autopsy.conflicts))
        column.addStretch(1)
        self._page.inspect(transaction_panel(self._page, autopsy, detail), asked=False)

    def _actions(self, detail: TransactionDetail) -> list[Action]:
        return [
            Action("raw", tr("保存原始交易…"), lambda: self._save(detail), "download"),
            Action("back", tr("返回列表"), lambda: self._page.context.go("ledger/transactions"), "left"),
        ]

    def _save(self, detail: TransactionDetail) -> None:
        path = save_file(self, tr("保存原始交易"), f"{detail.row.tx_id}.pb")
        if path:
            self._page.read(
                lambda: Path(path).write_bytes(detail.raw),
                lambda _: self._page.context.notice(tr("原始交易已保存")),
            )

    def _on_row(self, row: Any) -> None:
        if row.tx_id != self.tx_id:
            self._page.moved.emit(f"tx/{row.tx_id}")
            self._page.show_transaction(row.tx_id)

    def _step(self, by: int) -> None:
        """The first transaction of the block before or after."""
        explorer, network, block = self._page.context.platform.explorer, self._page.context.network, self._block + by

        def arrived(rows: Any) -> None:
            if rows:
                self._on_row(rows[0])

        if block >= 0:
            self._page.read(lambda: explorer.transactions(network, block=block, limit=1), arrived)

    # -- parts ---------------------------------------------------------------------------------------
    def _verdict(self, autopsy: Autopsy) -> QWidget:
        bad = autopsy.code != 0
        card = frame("bad" if bad else "card")
        column = vbox(card, spacing=0)
        top = hbox(margins=(16, 14, 16, 14), spacing=12)
        sign = STATE_ICONS["bad" if bad else "ok"]
        top.addWidget(Icon(*sign, 20))
        words = vbox(spacing=4)
        head = hbox()
        head.addWidget(Label(say(autopsy.verdict), "section", wrap=True), 1)
        head.addWidget(Mono(f"{autopsy.code} {autopsy.code_name}", "bad" if bad else "text2"))
        words.addLayout(head)
        advice = say(autopsy.advice)
        if advice:
            words.addWidget(Label(advice, "body", "text", wrap=True))
        context = self._page.context
        ways = [(text, address) for text, address in autopsy.ways if context.may_go(address)]
        if ways:
            buttons = hbox(spacing=8)
            for text, address in ways:
                buttons.addWidget(Button(say(text), partial(context.go, address), small=True))
            buttons.addStretch(1)
            words.addLayout(buttons)
        top.addLayout(words, 1)
        column.addLayout(top)
        way = frame("cardfoot")
        inner = vbox(way, margins=(8, 4, 8, 8))
        stages = StagesView()
        stages.set_stages(
            [StageBox(say(s.title), s.state, self._page.context.named(say(s.detail))) for s in autopsy.stages]
        )
        inner.addWidget(stages)
        column.addWidget(line())
        column.addWidget(way)
        return card

    def _conflict(self, conflict: KeyConflict, row: TransactionRow) -> QWidget:
        shown = key_text(conflict.key)
        card = Card(tr("冲突的键"), shown)
        history = Button(
            tr("查看这个键的全部历史"),
            lambda: self._page.context.go(f"ledger/key/{conflict.contract}/{conflict.key}"),
            kind="link",
            small=True,
        )
        card.head.addWidget(history)
        winner = conflict.winner
        if winner is None:
            words = tr("读到的版本 {a}，验证时为 {b}。")
            card.add(Label(words.format(a=_version(conflict.read), b=_version(conflict.found)), "body", wrap=True))
            return card
        card.add(
            RaceView(
                Race(
                    shown,
                    _version(conflict.read),
                    _version(conflict.found),
                    short_hash(winner.tx_id),
                    f"{number(winner.block)} : {winner.index}",
                    winner.time,
                    short_hash(row.tx_id),
                    f"{number(row.block)} : {row.index}",
                    row.time,
                    tr("区块 {n} 验证").format(n=number(row.block)),
                )
            )
        )
        go = Button(
            tr("打开胜出的交易 {id}").format(id=short_hash(winner.tx_id)),
            lambda: self._page.context.go(f"ledger/tx/{winner.tx_id}"),
            small=True,
        )
        foot = hbox()
        foot.addWidget(go)
        foot.addStretch(1)
        card.add(foot)
        return card

    def _sets(self, detail: TransactionDetail, conflicts: tuple[KeyConflict, ...]) -> QWidget:
        stale = {(c.contract, c.collection, c.key) for c in conflicts}
        card = Card(
            tr("读集与写集"),
            tr("读 {r} · 写 {w}").format(r=len(detail.reads), w=len(detail.writes)),
        )
        column = vbox(spacing=7)
        go = self._page.context.go
        if not detail.reads and not detail.writes:
            column.addWidget(Label(tr("这笔交易没有读写键。"), "body", "text2"))
        for read in detail.reads[:40]:
            old = (read.contract, read.collection, read.key) in stale
            seen: QWidget = Status(tr("已过时"), "bad") if old else Mono(_version(read.version), "text2")
            column.addLayout(_set_row(go, tr("读"), read.contract, read.collection, read.key, seen, bold=old))
        valid = detail.row.valid
        for write in detail.writes[:40]:
            mark = not write.value.strip(b"\x00")
            told = value_line(self._page.context, write.contract, write.value, 120)
            if write.collection:
                told = tr("值的散列")
            word = tr("已删除") if write.deleted else tr("空值，只作索引") if mark else told
            right = Elided(word if valid else tr("未写入"), "caption", "text" if valid else "text3")
            right.tell(readable(write.value)[:4000])
            column.addLayout(_set_row(go, tr("写"), write.contract, write.collection, write.key, right, bold=False))
        more = max(0, len(detail.reads) - 40) + max(0, len(detail.writes) - 40)
        if more:
            column.addWidget(Label(tr("另有 {n} 项未列出").format(n=number(more)), "caption", "text3"))
        card.add(column)
        return card


def _set_row(
    go: Callable[[str], object], word: str, contract: str, collection: str, key: str, right: QWidget, *, bold: bool
) -> Any:
    row = hbox(spacing=8)
    kind = Label(word, "caption", "text2")
    kind.setFixedWidth(38)
    row.addWidget(kind)
    row.addWidget(Label(contract, "caption", "text2"))
    if collection:
        row.addWidget(Chip(collection, "violet"))
    if collection:
        name: QWidget = ElidedMono(key_text(key), "text", bold=bold)
    else:
        name = KeyLink(key_text(key), lambda: go(f"ledger/key/{contract}/{key}"), bold=bold)
    row.addWidget(name, 3)
    row.addWidget(right, 2 if isinstance(right, Elided) else 0)
    return row


def _gap(gap: PolicyGap) -> QWidget:
    card = Card(tr("缺少的背书"), say(gap.scope))
    card.add(Label(say(gap.meaning), "body", wrap=True))
    card.add(Mono(gap.policy, "text2", wrap=True))
    row = hbox(spacing=16)
    for msp in dict.fromkeys(gap.endorsed):
        row.addWidget(Status(msp, "ok"))
    for option in gap.missing[:4]:
        row.addWidget(Status(tr("缺 {who}").format(who=" + ".join(option)), "bad"))
    row.addStretch(1)
    card.add(row)
    return card


def _version(place: tuple[int, int] | None) -> str:
    return version(*place) if place is not None else tr("不存在")


def _list_cells(context: Context, row: Any) -> list[Cell]:
    icon, tone = STATE_ICONS["ok" if row.valid else "bad"]
    title = (
        f"{row.index}  {context.contract(row.contract)} {row.function}"
        if row.contract
        else f"{row.index}  {type_title(row.type)}"
    )
    return [Cell(title, sub=short_hash(row.tx_id), icon=icon, tone=tone, word_tone="text", copy=row.tx_id)]
