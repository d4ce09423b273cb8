"""The ledger page."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from console.context import Context
from console.i18n import tr
from console.i18n.formats import number, short_hash, when
from console.page import Action, Page
from console.pages.ledger.events import EventsTab
from console.pages.ledger.keys import KeysTab
from console.pages.ledger.transaction import TransactionView
from console.pages.ledger.transactions import TransactionsTab
from console.pages.ledger.verify import VerifyTab
from console.tasks.runner import later
from console.widgets.basic import Button
from console.widgets.states import EmptyState


class LedgerPage(Page):
    """Addresses: "" the newest transactions; block/N; tx/ID; key/CONTRACT/KEY; contract/NAME; creator/FINGERPRINT;
    or one of `TABS`."""

    TABS = ("transactions", "keys", "events", "verify")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.stack = QStackedWidget()
        self.outer.addWidget(self.stack, 1)
        self.empty = EmptyState(
            "ledger",
            tr("还没有账本"),
            tr("建立网络后，区块与交易会出现在这里。"),
            Button(tr("新建网络…"), lambda: context.go("networks/new"), icon="plus", kind="primary"),
        )
        self.transactions = TransactionsTab(self)
        self.keys = KeysTab(self)
        self.events = EventsTab(self)
        self.verify = VerifyTab(self)
        self.transaction = TransactionView(self)
        for widget in (self.empty, self.transactions, self.keys, self.events, self.verify, self.transaction):
            self.stack.addWidget(widget)
        self._soon = later(400, self, self._refresh_list)
        self._heights = ""
        self.set_header(tr("账本"))

    # -- where we are --------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        kind, _, rest = address.partition("/")
        if kind == "tx" and rest:
            self.show_transaction(rest)
            return
        if kind == "key" and rest:
            contract, _, key = rest.partition("/")
            self.tab = "keys"
            self.keys.wanted = (contract, key)
        elif kind in self.TABS:
            self.tab = kind
            self.transactions.show_all()
        elif kind == "block" and rest.isdigit():
            self.tab = "transactions"
            self.transactions.show_block(int(rest))
        elif kind == "contract":
            self.tab = "transactions"
            self.transactions.show_contract(rest)
        elif kind == "creator":
            self.tab = "transactions"
            self.transactions.show_creator(rest)
        else:
            self.tab = self.tab or "transactions"
            self.transactions.show_all()
        self.refresh()

    def refresh(self) -> None:
        if not self.context.ready:
            return
        network = self.context.network
        if not network:
            self.set_header(tr("账本"), tr("还没有网络"), [], tabs=[])
            self.stack.setCurrentWidget(self.empty)
            return
        self._follow(network)
        if self.stack.currentWidget() is self.transaction and self.transaction.tx_id:
            self.stack.setCurrentWidget(self._widget())
        self._header()
        self._show_tab()

    def _follow(self, network: str) -> None:
        """See that the index follows the chain; it is the source of everything shown here."""
        platform = self.context.platform

        def read() -> Any:
            platform.explorer.follow(network)
            return platform.explorer.status(network)

        self.context.tasks.fetch(read, self._show_status, self._not_followed, owner=self)

    def _not_followed(self, error: Any) -> None:
        self.banner.show_error(error, self.refresh)

    def _show_status(self, statuses: Any) -> None:
        parts = []
        for s in statuses:
            words = tr("{channel}：{n} 个区块，{t} 笔交易，作废 {bad}")
            parts.append(
                words.format(channel=s.channel, n=number(s.indexed), t=number(s.transactions), bad=number(s.invalid))
            )
            if s.ledger_height is not None and s.indexed < s.ledger_height:
                behind = tr("还有 {n} 个区块待索引")
                parts.append(behind.format(n=number(s.ledger_height - s.indexed)))
        self._heights = " · ".join(parts)
        if self.stack.currentWidget() is not self.transaction:
            self._header()

    def _header(self) -> None:
        self.set_header(
            tr("账本"),
            self._heights,
            [Action("verify", tr("校验整条链"), self._go_verify, "shield")],
            tabs=[
                ("transactions", tr("区块与交易")),
                ("keys", tr("键与历史")),
                ("events", tr("事件")),
                ("verify", tr("校验")),
            ],
        )

    def _go_verify(self) -> None:
        self.choose_tab("verify")
        self.verify.run()

    def choose_tab(self, tab: str) -> None:
        super().choose_tab(tab)
        self.inspect(None)
        self._header()
        self._show_tab()
        self.moved.emit(tab)

    def _widget(self) -> QWidget:
        tabs: dict[str, QWidget] = {
            "transactions": self.transactions,
            "keys": self.keys,
            "events": self.events,
            "verify": self.verify,
        }
        return tabs.get(self.tab, self.transactions)

    def _show_tab(self) -> None:
        widget = self._widget()
        self.stack.setCurrentWidget(widget)
        for tab in (self.transactions, self.keys, self.events, self.verify):
            if tab is widget:
                tab.enter()

    # -- transactions --------------------------------------------------------------------------------
    def show_transaction(self, tx_id: str) -> None:
        """Show one transaction with its autopsy."""
        self.stack.setCurrentWidget(self.transaction)
        self.transaction.show_id(tx_id)

    def transaction_header(self, tx_id: str, block: int, index: int, at: float, actions: list[Action]) -> None:
        self.set_header(
            tr("交易 {id}").format(id=short_hash(tx_id)),
            tr("区块 {b} · 序号 {i} · {when}").format(b=number(block), i=index, when=when(at, seconds=True)),
            actions,
        )

    def heard(self, event: Any) -> None:
        from baas.events import BlockIndexed, NetworkChanged

        if isinstance(event, BlockIndexed):
            self.events.hear(event)
            self._soon.start()
        elif isinstance(event, NetworkChanged):
            self._soon.start()

    def _refresh_list(self) -> None:
        if not self.context.ready or not self.context.network:
            return
        platform, network = self.context.platform, self.context.network
        self.context.tasks.fetch(lambda: platform.explorer.status(network), self._show_status, None, owner=self)
        if self.stack.currentWidget() is self.transactions:
            self.transactions.newest()
