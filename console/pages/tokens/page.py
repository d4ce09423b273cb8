"""The tokens page: which tokens there are, a new one, the end of one, and what the public page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from baas.api.scopes import SCOPES
from console.context import Context
from console.i18n import say, tr
from console.i18n.formats import when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action, Page
from console.pages.tokens.create import ask_new
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts, Section
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.api.tokens import Token


class TokensPage(Page):
    """Tokens, newest first."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._published: tuple[str, ...] = ()
        column = vbox(margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24), spacing=12)
        self.stack = QStackedWidget()
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("名称"), 220),
                Column(tr("范围")),
                Column(tr("身份", "one"), 220),
                Column(tr("有效至"), 150),
                Column(tr("最近使用"), 150),
                Column(tr("状态"), 110),
            ],
            self._cells,
        )
        self.table = DataTable(self.model, tr("令牌"), two_lines=True)
        self.table.row_chosen.connect(self._inspect)
        card.add(self.table, 1)
        self.stack.addWidget(card)
        self.stack.addWidget(
            EmptyState("key", tr("还没有令牌"), tr("程序凭令牌调用服务接口。运行 citychain serve api 提供接口。"))
        )
        column.addWidget(self.stack, 1)
        self.outer.addLayout(column, 1)
        self.set_header(tr("API 令牌"))

    def refresh(self) -> None:
        if not self.context.ready:
            return
        service = self.context.platform.tokens
        self.read(lambda: (service.list(), service.published()), lambda found: self._show(*found))

    def _show(self, found: tuple[Token, ...], published: tuple[str, ...]) -> None:
        self._published = published
        self.model.set_rows(list(found))
        self.stack.setCurrentIndex(0 if found else 1)
        now = clock.seconds()
        valid = sum(one.state(now) == "valid" for one in found)
        facts = tr("{n} 个有效").format(n=f"{valid:,}")
        actions = []
        network = self.context.network
        if network:
            shown = network in published
            facts += tr(" · {n} 已公示").format(n=network) if shown else tr(" · {n} 未公示").format(n=network)
            title = tr("停止公示") if shown else tr("公示网络")
            actions.append(Action("publish", title, self.publish, "eye", signs=self.signs()))
        actions.append(Action("new", tr("新建令牌…"), self.new, "plus", "primary"))
        self.set_header(tr("API 令牌"), facts, actions)

    def _cells(self, one: Token) -> list[Cell]:
        words, state = _state(one)
        icon, tone = STATE_ICONS[state]
        return [
            Cell(one.name, sub=one.id, bold=True),
            Cell(tr("、").join(say(SCOPES[name].title) for name in one.scopes if name in SCOPES)),
            Cell(self.context.person(one.identity), sub=one.network, icon="identity", tip=one.identity),
            Cell(when(one.expires)),
            Cell(when(one.used) if one.used else "—"),
            Cell(words, icon=icon, tone=tone),
        ]

    def _inspect(self, one: Any) -> None:
        if one is not None:
            self.inspect(self._panel(one))

    def _panel(self, one: Token) -> QWidget:
        panel = QWidget()
        column = vbox(panel, spacing=0)
        head = Section(one.name, first=True)
        head.status(*_state(one))
        column.addWidget(head)
        facts = Facts()
        facts.add(tr("编号"), one.id, mono=True)
        facts.add(tr("身份", "one"), self.context.person(one.identity), tip=one.identity)
        facts.add(tr("网络", "one"), one.network or tr("全部"))
        facts.add(tr("合约"), tr("、").join(one.contracts) or tr("全部"))
        facts.add(tr("速率"), tr("每秒 {n} 个请求").format(n=f"{one.per_second:g}"))
        facts.add(tr("建立"), when(one.created))
        section = Section(tr("详情"))
        section.add(facts)
        column.addWidget(section)
        scopes = Section(tr("范围"))
        for name in one.scopes:
            scopes.text(f"{name}  {say(SCOPES[name].title) if name in SCOPES else ''}")
        column.addWidget(scopes)
        if one.revoked is None:
            end = Section()
            button = Button(tr("吊销令牌"), lambda: self.revoke(one.id), kind="danger", icon="close")
            end.add(button)
            column.addWidget(end)
        column.addStretch(1)
        return panel

    def new(self) -> None:
        """Ask what a new token is for, and show it once."""
        ask_new(self)

    def revoke(self, id: str) -> None:
        """End a token at once."""
        service = self.context.platform.tokens

        def done(_token: Token) -> None:
            self.context.notice(tr("已吊销 {i}").format(i=id))
            self.refresh()

        self.read(lambda: service.revoke(id), done)

    def publish(self) -> None:
        """Show the network on the public page, or no more."""
        service, network = self.context.platform.tokens, self.context.network
        on = network not in self._published

        def done(name: str) -> None:
            words = tr("公示页现在显示 {n}") if on else tr("公示页不再显示 {n}")
            self.context.notice(words.format(n=name))
            self.refresh()

        self.read(lambda: service.publish(network, on=on), done)


def _state(one: Token) -> tuple[str, str]:
    known = {"valid": (tr("有效"), "ok"), "expired": (tr("已到期"), "none"), "revoked": (tr("已吊销"), "none")}
    return known[one.state(clock.seconds())]
