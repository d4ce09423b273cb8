"""Organisations of one's own: founded here, their authority and administrator on this machine alone."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas import roles
from console.i18n import say, tr
from console.widgets.basic import Button, Label, Mono, Status, hbox, line, vbox
from console.widgets.card import Card
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, pick_files, save_file, text_field
from network.errors import CityChainError, UserError
from network.text import Text

if TYPE_CHECKING:
    from baas.services.organizations import FoundedOrganization
    from console.pages.network.page import NetworkPage
    from network.hosting import NodesRequest

JSON = "JSON (*.json);;* (*)"
REQUESTS = "CityChain (*.request *.json);;* (*)"
PROFILES = "JSON, YAML (*.json *.yaml *.yml);;* (*)"


class OwnOrganizations(Card):
    """What was founded here, and what its administrator does: found, define, come in, certify, look after members."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__(tr("本机建立的组织"), tr("CA 和管理员的私钥不离开这台机器"))
        self._page = page
        self.founded: tuple[FoundedOrganization, ...] = ()

    def read(self) -> None:
        """Read what was founded here; hidden from those who may not change anything of it."""
        platform = self._page.context.platform
        self.setVisible(platform.session.allows(roles.NETWORK_ATTACH))
        if self.isVisibleTo(self._page):
            self._page.read(platform.organizations.list, self._show)

    def _show(self, founded: tuple[FoundedOrganization, ...]) -> None:
        self.founded = founded
        column = self.reset()
        if not founded:
            words = tr("在这里建立自己的组织，把它的定义交给网络的管理方；加入之后，成员由您在本机签发和吊销。")
            column.addWidget(Label(words, "body", "text2", wrap=True))
        for organization in founded:
            column.addLayout(self._row(organization))
            column.addWidget(line())
        row = hbox()
        row.addWidget(Button(tr("建立组织…"), self.found, icon="plus"))
        row.addStretch(1)
        column.addLayout(row)

    def _row(self, one: FoundedOrganization) -> Any:
        row = hbox(spacing=10)
        words = vbox(spacing=2)
        head = hbox(spacing=10)
        head.addWidget(Label(f"{say(one.title)} · {one.msp_id}", "strong"))
        state = tr("已加入 {n}").format(n=tr("、").join(one.networks)) if one.networks else tr("还没有加入网络")
        head.addWidget(Status(state, "ok" if one.networks else "off"))
        head.addStretch(1)
        words.addLayout(head)
        print_ = hbox(spacing=6)
        print_.addWidget(Label(tr("指纹"), "caption", "text2"))
        print_.addWidget(Mono(one.fingerprint))
        print_.addStretch(1)
        words.addLayout(print_)
        row.addLayout(words, 1)
        if one.networks:
            row.addWidget(Button(tr("成员…"), partial(self._members, one), icon="people"))
        else:
            row.addWidget(Button(tr("进入网络…"), partial(self.join, one), icon="plug"))
        row.addWidget(Button(tr("导出定义…"), partial(self.export, one), icon="download"))
        row.addWidget(Button(tr("签发节点证书…"), partial(self.certify, one)))
        return row

    # -- acts ----------------------------------------------------------------------------------------
    def found(self) -> None:
        """Ask for names, then make authority and administrator."""
        from console.pages.network.draft import short_name

        dialog = Dialog(
            self._page,
            tr("建立组织"),
            tr("会在本机生成它的 CA 和管理员。请尽快备份工作区：丢失 CA 的私钥就不能再签发和吊销成员。"),
            accept=tr("建立"),
        )
        form = Form(2)
        form.add("title", text_field(tr("名称"), required=True))
        form.add("msp", text_field(tr("MSP 标识"), placeholder="WritersMSP", required=True))
        form.add("domain", text_field(tr("域名"), placeholder="writers.internal", hint=tr("可以不填")), wide=True)
        dialog.body.addWidget(form)
        dialog.watch(form)
        organizations = self._page.context.platform.organizations

        def accept() -> None:
            title = Text("{t}", "{t}", t=form["title"])
            msp, domain = form["msp"], form["domain"]

            def made(_: Any) -> None:
                dialog.accept()
                self.read()

            try:
                name = short_name(msp)
            except CityChainError as error:
                form.fields["msp"].set_error(say(error.message))
                return
            self._page.read(lambda: organizations.new(name, msp, title, domain), made, dialog.show_error)

        dialog.accept_button.clicked.disconnect()
        dialog.accept_button.clicked.connect(accept)
        dialog.exec()

    def export(self, one: FoundedOrganization) -> None:
        """Write the definition for a network's host."""
        path = save_file(self, tr("导出定义"), f"{one.name}.json", JSON)
        if path:
            organizations = self._page.context.platform.organizations
            self._page.read(
                lambda: organizations.export(Path(path), one.msp_id),
                lambda _: self._page.context.notice(tr("定义已导出，请一并告知指纹，让对方核对")),
            )

    def join(self, one: FoundedOrganization) -> None:
        """Come into a network that has taken the organisation in, by its connection profile."""
        paths = pick_files(self, tr("网络的连接配置"), PROFILES)
        if not paths:
            return
        context = self._page.context
        name = Path(paths[0]).stem.partition(".")[0].lower()
        dialog = Dialog(
            self._page, tr("进入网络"), tr("以 {o} 的管理员进入。").format(o=say(one.title)), accept=tr("进入")
        )
        form = Form()
        form.add("name", text_field(tr("网络在本机的名称"), hint=tr("小写字母、数字和短横"), required=True))
        form.fields["name"].set_value("".join(c for c in name if c.isascii() and (c.isalnum() or c == "-"))[:31])
        dialog.body.addWidget(form)
        dialog.watch(form)
        if not dialog.exec():
            return
        chosen: str = form["name"]

        def joined(_: Any) -> None:
            context.platform.networks.make_default(chosen)
            context.choose_network(chosen)
            context.go(f"networks/{chosen}/organizations")

        context.job(
            context.platform.organizations.join,
            Path(paths[0]),
            chosen,
            one.msp_id,
            title=Text("进入网络 {n}", "Come into network {n}", n=chosen),
            done=joined,
            failed=lambda error: self._page.banner.show_error(error, None),
        )

    def certify(self, one: FoundedOrganization) -> None:
        """Show what nodes a host asks certificates for, then certify them with this organisation's authority."""
        from network.hosting import read_nodes_request

        paths = pick_files(self, tr("管理方发来的申请"), REQUESTS)
        if paths:
            source = Path(paths[0])
            self._page.read(lambda: read_nodes_request(source), lambda asked: self._ask_certify(one, source, asked))

    def _ask_certify(self, one: FoundedOrganization, source: Path, asked: NodesRequest) -> None:
        if asked.msp_id != one.msp_id:
            refused = Text("这份申请是给 {m} 的。", "The request is for {m}.", m=asked.msp_id[:80])
            self._page.banner.show_error(UserError(refused, code="other_organization"), None)
            return
        dialog = Dialog(
            self._page,
            tr("签发节点证书"),
            tr("管理方替您的组织运行这些节点，节点的私钥在它那里。请确认下列名称是它的机器。"),
            accept=tr("签发并保存…"),
            width=600,
        )
        for node in asked.nodes:
            dialog.body.addWidget(Label(f"{node.name} · {'、'.join(node.names)}"[:300], "caption", "text", wrap=True))
        if not dialog.exec():
            return
        target = save_file(self, tr("保存答复"), f"{source.stem}-answer.json", JSON)
        if target:
            organizations = self._page.context.platform.organizations
            names = tuple(dict.fromkeys(name for node in asked.nodes for name in node.names if name != node.name))
            self._page.read(
                lambda: organizations.certify(source, Path(target), names, one.msp_id),
                lambda nodes: self._page.context.notice(tr("已签发 {n} 个节点，请把答复交回").format(n=len(nodes))),
            )

    def _members(self, one: FoundedOrganization) -> None:
        self._page.context.choose_network(one.networks[0])
        self._page.context.go("identities")
