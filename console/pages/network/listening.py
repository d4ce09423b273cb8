"""What of a network other machines reach: said in words, its nodes' addresses, and the one choice there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from baas import roles
from console.i18n import say, tr
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.pages.network.export import export_profile
from console.theme import tokens
from console.widgets.basic import Button, Label, Status, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, choice_field, text_field
from console.widgets.table import DataTable
from network.errors import CityChainError
from network.text import Text

if TYPE_CHECKING:
    from baas.services.listening import Reachable
    from console.pages.network.page import NetworkPage


class ListeningTab(QWidget):
    """Who reaches the network from where. Nothing is reachable until somebody says so here."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__()
        self._page = page
        self.found: Reachable | None = None
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self.state = Card(tr("谁能连接"))
        scroll.column.addWidget(self.state)
        nodes = Card(tr("节点的地址"), flush=True)
        self.model = RowsModel([Column(tr("节点")), Column(tr("组织"), 190), Column(tr("地址"), 320)], self._cells)
        self.table = DataTable(self.model, tr("节点的地址"))
        nodes.add(self.table)
        scroll.column.addWidget(nodes)
        scroll.column.addStretch(1)

    def read(self) -> None:
        view = self._page.view
        if view is not None:
            operations, name = self._page.context.platform.operations, view.name
            self._page.read(lambda: (operations.listening(name), operations.why_not_listen(name)), self._show)

    def _show(self, read: tuple[Reachable, Text | None]) -> None:
        self.found, why_not = read
        column = self.state.reset()
        mark = tr("其他机器可以用 {n} 连接").format(n=self.found.name) if self.found.name else tr("只有本机能连接")
        column.addWidget(Status(mark, "ok" if self.found.name else "off"))
        column.addWidget(Label(say(self.found.words), "body", "text2", wrap=True))
        buttons = hbox()
        changes = self._page.context.platform.session.allows(roles.NETWORK_CHANGE)
        if why_not is not None:
            column.addWidget(Label(say(why_not), "caption", "text3", wrap=True))
        elif changes:
            words = tr("更改名称…") if self.found.name else tr("让其他机器连接…")
            buttons.addWidget(Button(words, self.ask, icon="network", kind="plain" if self.found.name else "primary"))
            if self.found.name:
                buttons.addWidget(Button(tr("只在本机监听…"), self.close_again))
        buttons.addWidget(Button(tr("导出连接配置…"), self.export, icon="download"))
        buttons.addStretch(1)
        column.addLayout(buttons)
        self.model.set_rows(self.found.nodes)
        self.table.fit(16)

    def _cells(self, node: Any) -> list[Cell]:
        titles = {one.msp_id: say(one.title) for one in self._page.view.spec.organizations} if self._page.view else {}
        title = titles.get(node.msp_id, node.msp_id)
        return [Cell(node.node, bold=True), Cell(title, tip=node.msp_id), Cell(node.address, copy=node.address)]

    def ask(self) -> None:
        """Ask for the name that others dial, then change certificates, addresses and channels as a job."""
        from network.listening import own_addresses

        dialog = Dialog(
            self._page,
            tr("让其他机器连接"),
            tr("节点会换上写明这个名称的证书并重新启动，通道配置随之更新。之后写的邀请和连接配置都用这个名称。"),
            accept=tr("开始监听"),
        )
        form = Form()
        # Link-local addresses mean something on their own line only; nobody dials one by hand.
        shown = [one for one in own_addresses() if not one.startswith(("fe80:", "169.254."))][:6]
        hint = tr("最好是主机名，地址会变。本机地址：{a}").format(a=tr("、").join(shown) or "—")
        form.add("name", text_field(tr("别人连接的名称"), placeholder="ledger.example.cn", hint=hint, required=True))
        if self.found is not None:
            form.fields["name"].set_value(self.found.name)
        dialog.body.addWidget(form)
        dialog.watch(form)
        if dialog.exec():
            self._listen(form["name"])

    def close_again(self) -> None:
        """Ask, then listen on loopback alone."""
        dialog = Dialog(
            self._page,
            tr("只在本机监听"),
            tr("其他机器上的人会立即断开，直到再次让它们连接。"),
            accept=tr("只在本机监听"),
        )
        dialog.accept_button.set_kind("danger")
        if dialog.exec():
            self._listen("")

    def _listen(self, name: str) -> None:
        view, context = self._page.view, self._page.context
        assert view is not None
        title = Text("让其他机器以 {n} 连接", "Let other machines connect as {n}", n=name)

        def failed(error: CityChainError) -> None:
            self.read()
            self._page.change_failed(error)

        context.job(
            context.platform.operations.listen,
            name,
            view.name,
            title=title if name else Text("只在本机监听", "Listen on this machine alone"),
            network=view.name,
            done=lambda _: self._page.refresh(),
            failed=failed,
        )

    def export(self) -> None:
        """Choose whose people the profile is for, and write it."""
        view = self._page.view
        assert view is not None
        dialog = Dialog(
            self._page, tr("导出连接配置"), tr("其中没有私钥。"), accept=tr("选择位置…"), width=480, writes=False
        )
        form = Form()
        options = [(o.msp_id, f"{say(o.title)} · {o.msp_id}") for o in view.spec.organizations]
        form.add("msp", choice_field(tr("给哪个组织的人"), options))
        dialog.body.addWidget(form)
        if dialog.exec():
            export_profile(self._page, view, form["msp"])
