"""The ledger page."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtWidgets import QWidget

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
from console.widgets.lazy import LazyStack
from console.widgets.states import EmptyState


class LedgerPage(Page):
    """Addresses: "" the newest transactions; block/N; tx/ID; key/CONTRACT/KEY; contract/NAME; creator/FINGERPRINT;
    or one of `TABS`."""

    TABS = ("transactions", "keys", "events", "verify")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.stack = LazyStack(
            {
                "empty": self._empty,
                "transactions": lambda: TransactionsTab(self),
                "keys": lambda: KeysTab(self),
                "events": lambda: EventsTab(self),
                "verify": lambda: VerifyTab(self),
                "transaction": lambda: TransactionView(self),
            }
        )
        self.outer.addWidget(self.stack, 1)
        self._soon = later(400, self, self._refresh_list)
        self._heights = ""
        self._tx = ""
        self.set_header(tr("账本"))

    def _empty(self) -> QWidget:
        return EmptyState(
            "ledger",
            tr("还没有账本"),
            tr("建立网络后，区块与交易会出现在这里。"),
            Button(tr("新建网络…"), lambda: self.context.go("networks/new"), icon="plus", kind="primary"),
        )

    @property
    def transactions(self) -> TransactionsTab:
        return cast(TransactionsTab, self.stack.part("transactions"))

    @property
    def keys(self) -> KeysTab:
        return cast(KeysTab, self.stack.part("keys"))

    @property
    def events(self) -> EventsTab:
        return cast(EventsTab, self.stack.part("events"))

    @property
    def verify(self) -> VerifyTab:
        return cast(VerifyTab, self.stack.part("verify"))

    @property
    def transaction(self) -> TransactionView:
        return cast(TransactionView, self.stack.part("transaction"))

    @property
    def _dissecting(self) -> bool:
        """Whether one transaction is shown now."""
        seen = self.stack.made("transaction")
        return seen is not None and self.stack.currentWidget() is seen

    # -- where we are --------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        kind, _, rest = address.partition("/")
        self._tx = rest if kind == "tx" else ""
        if self._tx:
            self.show_transaction(self._tx)
            return
        if kind == "key" and rest:
            contract, _, key = rest.partition("/")
            self.tab = "keys"
            self.keys.wanted = (contract, key)
        elif kind in self.TABS:
            self.tab = kind
            if kind == "transactions":
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
            if self.tab == "transactions":
                self.transactions.show_all()
        self.refresh()

    def refresh(self) -> None:
        if not self.context.ready:
            return
        network = self.context.network
        if not network:
            self.set_header(tr("账本"), tr("还没有网络"), [], tabs=[])
            self.stack.show_part("empty")
            return
        self._follow(network)
        if self._tx:
            self.show_transaction(self._tx)
            return
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
        if not self._dissecting:
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
        self._tx = ""
        self.inspect(None)
        self._header()
        self._show_tab()
        self.moved.emit(tab)

    def _show_tab(self) -> None:
        tab = self.stack.show_part(self.tab if self.tab in self.TABS else "transactions")
        cast(TransactionsTab, tab).enter()  # every tab has it

    # -- transactions --------------------------------------------------------------------------------
    def show_transaction(self, tx_id: str) -> None:
        """Show one transaction with its autopsy."""
        self._tx = tx_id
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
            if self.stack.made("events") is not None:
                self.events.hear(event)
            self._soon.start()
        elif isinstance(event, NetworkChanged):
            self._soon.start()

    def _refresh_list(self) -> None:
        if not self.context.ready or not self.context.network:
            return
        platform, network = self.context.platform, self.context.network
        self.context.tasks.fetch(lambda: platform.explorer.status(network), self._show_status, None, owner=self)
        if self.stack.currentWidget() is self.stack.made("transactions"):
            self.transactions.newest()
