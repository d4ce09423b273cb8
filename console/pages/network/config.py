"""The channel's configuration in readable form, its changes as readable differences, and the signature inbox."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from baas import roles
from console.i18n import say, tr
from console.i18n.formats import number, size
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.pages.network.view import NetworkView
from console.theme import tokens
from console.widgets.basic import Button, Label, Mono, Status, clear, frame, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.dialogs import Dialog
from console.widgets.facts import Facts
from console.widgets.forms import DropZone, Form, choice_field, number_field, save_file
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from network.errors import CityChainError
from network.text import Text

if TYPE_CHECKING:
    from console.pages.network.page import NetworkPage
    from network.topology import TopologySpec


@dataclass(frozen=True)
class Change:
    """One difference of a proposed configuration: what, before, after."""

    title: str
    before: str
    after: str


class ConfigTab(QWidget):
    """What the channel's members agreed on, read from its ordering service."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__()
        self._page = page
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self.batch = Card(tr("出块与共识"), " ")
        self.edit = Button(tr("更改出块…"), self._ask_batch, icon="edit", small=True)
        self.batch.head.addWidget(self.edit)
        scroll.column.addWidget(self.batch)
        card = Card(tr("策略"), flush=True)
        self.policies = RowsModel([Column(tr("路径"), 430), Column(tr("规则"))], _policy_cells)
        self.table = DataTable(self.policies, tr("策略"))
        card.add(self.table)
        scroll.column.addWidget(card)
        self.members = Card(tr("成员与能力"))
        scroll.column.addWidget(self.members)
        scroll.column.addStretch(1)

    def read(self) -> None:
        view = self._page.view
        if view is None:
            return
        changes, name = self._page.context.platform.changes, view.name
        self._page.read(lambda: changes.configuration(name), self._show)

    def _show(self, config: Any) -> None:
        view = self._page.view
        body = self.batch.reset()
        self.batch.note.setText(tr("{c} · 配置第 {n} 版").format(c=config.channel_id, n=config.sequence))
        facts = Facts(130)
        facts.add(tr("共识"), str(config.consensus))
        facts.add(tr("每块最多"), tr("{n} 笔").format(n=number(config.batch.max_messages)))
        facts.add(tr("最长等待"), str(getattr(config.batch, "timeout", "")) or _wait(view))
        facts.add(tr("块的上限"), size(getattr(config.batch, "absolute_max_bytes", 0)))
        body.addWidget(facts)
        self.edit.setVisible(view is not None and self._page.may_grow(view))
        self.policies.set_rows(sorted(config.policies.items()))
        self.table.fit(10)
        body = self.members.reset()
        facts = Facts(130)
        facts.add(tr("组织"), "、".join(o.msp_id for o in config.organizations))
        facts.add(tr("共识节点"), "、".join(f"{c.host}:{c.port}" for c in config.consenters) or "—")
        for part, words in config.capabilities.items():
            facts.add(tr("能力 {p}").format(p=part), ", ".join(words))
        body.addWidget(facts)

    # -- changing ------------------------------------------------------------------------------------
    def _ask_batch(self) -> None:
        view = self._page.view
        if view is None:
            return
        channel = view.spec.channels[0]
        dialog = Dialog(
            self._page,
            tr("更改出块"),
            tr("更改会作为配置交易提交；需要其他组织签名时会停在签名收件箱。"),
            accept=tr("查看差异"),
        )
        form = Form(2)
        form.add("messages", number_field(tr("每块最多"), channel.batch.max_messages, 1, 100_000, unit=tr("笔")))
        form.add("wait", number_field(tr("最长等待"), channel.batch.timeout_ms, 1, 600_000, unit=tr("毫秒")))
        dialog.body.addWidget(form)
        if not dialog.exec():
            return
        from baas.services.growth import set_batch

        try:
            spec = set_batch(view.spec, channel.name, max_messages=form["messages"], timeout_ms=form["wait"])
        except CityChainError as error:
            self._page.banner.show_error(error)
            return
        self.review(spec)

    def review(self, spec: TopologySpec) -> None:
        """Show what would change and, when the person agrees, bring the network to it."""
        view = self._page.view
        if view is None:
            return
        found = changes_between(view.spec, spec)
        dialog = Dialog(
            self._page,
            tr("核对更改"),
            "" if found else tr("没有要更改的内容。"),
            accept=tr("提交更改"),
            width=620,
        )
        dialog.accept_button.setEnabled(bool(found))
        for change in found:
            dialog.body.addWidget(_difference("-", change.title, change.before, "bad"))
            dialog.body.addWidget(_difference("+", change.title, change.after, "ok"))
        if not dialog.exec():
            return
        self._page.context.job(
            self._page.context.platform.networks.bring_up,
            spec,
            title=Text("更改 {n} 的配置", "Change {n}", n=spec.name),
            network=spec.name,
            done=lambda result: self._done(),
            failed=lambda error: self._page.banner.show_error(error, self._page.refresh),
        )

    def _done(self) -> None:
        self._page.context.notice(tr("配置已更新"))
        self._page.refresh()
        self.read()


def changes_between(old: TopologySpec, new: TopologySpec) -> list[Change]:
    """Return what differs between two topologies, in words."""
    found: list[Change] = []
    before = {o.msp_id for o in old.organizations}
    for organization in new.organizations:
        if organization.msp_id not in before:
            found.append(Change(tr("组织"), "—", f"{say(organization.title)} ({organization.msp_id})"))
    for one in old.channels:
        other = next((c for c in new.channels if c.name == one.name), None)
        if other is None:
            continue
        for key, title in (
            ("max_messages", tr("每块最多笔数")),
            ("timeout_ms", tr("最长等待（毫秒）")),
        ):
            a, b = getattr(one.batch, key), getattr(other.batch, key)
            if a != b:
                found.append(Change(f"{one.name} · {title}", number(a), number(b)))
        for key, value in vars(other.policies).items():
            if getattr(one.policies, key) != value:
                found.append(Change(f"{one.name} · {key}", getattr(one.policies, key), value))
    return found


def _wait(view: NetworkView | None) -> str:
    return tr("{n} 毫秒").format(n=view.spec.channels[0].batch.timeout_ms) if view is not None else "—"


def _difference(sign: str, title: str, value: str, tone: str) -> QWidget:
    row = frame("removed" if tone == "bad" else "added")
    layout = hbox(row, margins=(6, 5, 6, 5), spacing=10)
    layout.addWidget(Mono(sign, tone))
    name = Label(title, "caption", "text2")
    name.setFixedWidth(230)
    layout.addWidget(name)
    layout.addWidget(Mono(value, tone, wrap=True), 1)
    return row


def _policy_cells(entry: Any) -> list[Cell]:
    path, rule = entry
    return [Cell(path, mono=True, copy=path), Cell(rule, mono=True, copy=rule)]


class InboxTab(QWidget):
    """Updates that wait for other organisations, carried as files; nobody needs a server for it."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__()
        self._page = page
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self.waiting = vbox(spacing=tokens.CARD_GAP)
        scroll.column.addLayout(self.waiting)
        self.sign_card = Card(tr("为别人的更改签名"))
        words = tr("收到请求文件后，用本机的管理员身份签名，再把签好的文件交回。")
        self.sign_card.add(Label(words, "body", "text2", wrap=True))
        zone = DropZone(tr("拖入请求文件，或点此选择"))
        zone.dropped.connect(lambda paths: self._sign(Path(paths[0])))
        self.sign_card.add(zone)
        scroll.column.addWidget(self.sign_card)
        scroll.column.addStretch(1)

    def read(self) -> None:
        view = self._page.view
        if view is None:
            return
        changes, name = self._page.context.platform.changes, view.name
        self._page.read(lambda: changes.pending(name), self._show)

    def _show(self, pending: Any) -> None:
        clear(self.waiting)
        if not pending:
            card = Card()
            card.add(
                EmptyState(
                    "inbox",
                    tr("没有等待签名的更改"),
                    tr("更改配置需要别的组织签名时，会出现在这里。"),
                )
            )
            self.waiting.addWidget(card)
        for update in pending:
            self.waiting.addWidget(self._card(update))

    def _card(self, update: Any) -> QWidget:
        card = Card(tr("等待签名：{c}").format(c=update.channel), update.file.name)
        row = hbox(spacing=18)
        for msp in update.signers:
            row.addWidget(Status(tr("{m} 已签").format(m=msp), "ok"))
        for msp in update.others:
            row.addWidget(Status(tr("{m} 待签").format(m=msp), "wait"))
        row.addStretch(1)
        card.add(row)
        if self._page.context.platform.session.allows(roles.NETWORK_CHANGE):
            zone = DropZone(tr("拖入签好的文件，可多个"), many=True)
            zone.dropped.connect(lambda paths: self._take([Path(p) for p in paths]))
            card.add(zone)
            buttons = hbox()
            buttons.addWidget(Button(tr("导出请求…"), lambda: self._export(update.channel), icon="upload"))
            buttons.addWidget(Button(tr("提交更改"), self._finish, icon="check", kind="primary"))
            buttons.addStretch(1)
            card.add(buttons)
        return card

    def _export(self, channel: str) -> None:
        view = self._page.view
        path = save_file(self, tr("导出请求"), f"{channel}.ccsig")
        if view is not None and path:
            changes, name = self._page.context.platform.changes, view.name
            self._page.read(
                lambda: changes.export(Path(path), name, channel),
                lambda _: self._page.context.notice(tr("请求已导出，可以交给其他组织签名")),
            )

    def _take(self, files: list[Path]) -> None:
        view = self._page.view
        if view is not None:
            changes, name = self._page.context.platform.changes, view.name
            self._page.read(lambda: changes.take_in(files, name), lambda _: self.read())

    def _finish(self) -> None:
        """Try the change again with the signatures that are there now."""
        view = self._page.view
        if view is None:
            return
        networks, name = self._page.context.platform.networks, view.name
        wanted = networks.state(name).wanted
        if wanted is None:
            return
        self._page.context.job(
            networks.bring_up,
            wanted,
            title=Text("提交 {n} 的更改", "Submit the change of {n}", n=name),
            network=name,
            done=lambda result: self._page.refresh(),
            failed=lambda error: self._page.banner.show_error(error, self.read),
        )

    def _sign(self, source: Path) -> None:
        view = self._page.view
        if view is None:
            return
        dialog = Dialog(
            self._page,
            tr("签名：{f}").format(f=source.name),
            tr("请确认您了解这项更改。签名表示所选组织同意它。"),
            accept=tr("签名并保存…"),
        )
        form = Form()
        options = [(f"{o.msp_id}/admin", f"{say(o.title)} · {o.msp_id}/admin") for o in view.spec.organizations]
        form.add("label", choice_field(tr("以谁的身份"), options))
        dialog.body.addWidget(form)
        if not dialog.exec():
            return
        target = save_file(self, tr("保存签好的文件"), f"{source.stem}-signed.ccsig")
        if target:
            changes, name, label = self._page.context.platform.changes, view.name, form["label"]
            self._page.read(
                lambda: changes.sign(source, Path(target), label, name),
                lambda signers: self._page.context.notice(tr("已签名，共 {n} 个组织签过").format(n=len(signers))),
            )
