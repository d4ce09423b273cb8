"""The channel's configuration in readable form, its changes as readable differences, and the signature inbox."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.apart import bring_up
from console.i18n import say, tr
from console.i18n.formats import number, size
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.pages.network.joining import propose
from console.pages.network.view import NetworkView
from console.theme import tokens
from console.widgets.basic import Button, Label, Mono, frame, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.dialogs import Dialog
from console.widgets.facts import Facts
from console.widgets.forms import Form, number_field, text_field
from console.widgets.table import DataTable
from network.errors import CityChainError
from network.text import Text

if TYPE_CHECKING:
    from baas.services.proposing import Proposal
    from console.pages.network.page import NetworkPage
    from network.topology import TopologySpec

POLICIES = {
    "/Channel/Application/Endorsement": "endorsement",
    "/Channel/Application/LifecycleEndorsement": "lifecycle_endorsement",
    "/Channel/Application/Admins": "admins",
    "/Channel/Application/Readers": "readers",
    "/Channel/Application/Writers": "writers",
}


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
        self._config: Any = None
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self.batch = Card(tr("出块与共识"), " ")
        self.edit = Button(tr("更改出块…"), self.ask_batch, icon="edit", small=True)
        self.batch.head.addWidget(self.edit)
        scroll.column.addWidget(self.batch)
        card = Card(tr("策略"), flush=True)
        self.policies = RowsModel([Column(tr("路径"), 430), Column(tr("规则"))], _policy_cells)
        self.table = DataTable(self.policies, tr("策略"))
        self.table.row_chosen.connect(self._on_policy)
        self.table.row_opened.connect(lambda row: self.ask_policy(row[0]))
        self.change_policy = Button(tr("更改策略…"), self._ask_chosen, icon="edit", small=True)
        self.change_policy.setEnabled(False)
        card.head.addWidget(self.change_policy)
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
        self._config = config
        body = self.batch.reset()
        self.batch.note.setText(tr("{c} · 配置第 {n} 版").format(c=config.channel_id, n=config.sequence))
        facts = Facts(130)
        facts.add(tr("共识"), str(config.consensus))
        facts.add(tr("每块最多"), tr("{n} 笔").format(n=number(config.batch.max_messages)))
        facts.add(tr("最长等待"), str(getattr(config.batch, "timeout", "")) or _wait(view))
        facts.add(tr("块的上限"), size(getattr(config.batch, "absolute_max_bytes", 0)))
        body.addWidget(facts)
        self.edit.setVisible(view is not None and self._page.may_change_channel(view))
        self.policies.set_rows(sorted(config.policies.items()))
        self.table.fit(10)
        body = self.members.reset()
        facts = Facts(130)
        facts.add(tr("组织"), tr("、").join(o.msp_id for o in config.organizations))
        facts.add(tr("共识节点"), tr("、").join(f"{c.host}:{c.port}" for c in config.consenters) or "—")
        for part, words in config.capabilities.items():
            facts.add(tr("能力 {p}").format(p=part), ", ".join(words))
        body.addWidget(facts)

    # -- changing ------------------------------------------------------------------------------------
    def present(self) -> TopologySpec | None:
        """What a change starts from: the topology, or where others plan it the channel as it is configured."""
        view = self._page.view
        if view is None or not view.elsewhere:
            return view.spec if view is not None else None
        if self._config is None:
            return None
        channel, batch = view.spec.channels[0], self._config.batch
        wait, rules = batch.timeout.removesuffix("ms"), self._config.policies
        changed = replace(
            channel,
            batch=replace(
                channel.batch,
                max_messages=batch.max_messages,
                timeout_ms=int(wait) if wait.isdigit() else channel.batch.timeout_ms,
            ),
            policies=replace(
                channel.policies,
                **{name: rules[path] for path, name in POLICIES.items() if path in rules},
            ),
        )
        return replace(view.spec, channels=(changed, *view.spec.channels[1:]))

    def ask_batch(self) -> None:
        """Ask for other batches, then show the difference; the configuration is read first where it has not been."""
        view = self._page.view
        if view is None or self.present() is not None:
            self._ask_batch()
            return
        changes, name = self._page.context.platform.changes, view.name

        def shown(config: Any) -> None:
            self._show(config)
            self._ask_batch()

        self._page.read(lambda: changes.configuration(name), shown)

    def _ask_batch(self) -> None:
        present = self.present()
        if present is None:
            return
        channel = present.channels[0]
        dialog = Dialog(
            self._page,
            tr("更改出块"),
            tr("更改会作为配置交易提交；需要其他组织签名时会停在签名收件箱。"),
            accept=tr("查看差异"),
            writes=False,
        )
        form = Form(2)
        form.add("messages", number_field(tr("每块最多"), channel.batch.max_messages, 1, 100_000, unit=tr("笔")))
        form.add("wait", number_field(tr("最长等待"), channel.batch.timeout_ms, 1, 600_000, unit=tr("毫秒")))
        dialog.body.addWidget(form)
        if not dialog.exec():
            return
        from baas.services.growth import set_batch

        try:
            spec = set_batch(present, channel.name, max_messages=form["messages"], timeout_ms=form["wait"])
        except CityChainError as error:
            self._page.banner.show_error(error)
            return
        self.review(spec)

    def _on_policy(self, row: Any) -> None:
        view = self._page.view
        may = view is not None and self._page.may_change_channel(view)
        self.change_policy.setEnabled(may and row is not None and row[0] in POLICIES)
        self.change_policy.setToolTip("" if row is None or row[0] in POLICIES else tr("这条策略随组织与共识而定"))

    def _ask_chosen(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self.ask_policy(row[0])

    def ask_policy(self, path: str) -> None:
        """Ask for another rule of one of the application policies, then show the difference."""
        view, name, present = self._page.view, POLICIES.get(path), self.present()
        if view is None or name is None or present is None or not self._page.may_change_channel(view):
            return
        from baas.services.growth import set_policy

        channel = present.channels[0]
        dialog = Dialog(
            self._page,
            tr("更改策略 {p}").format(p=path.rpartition("/")[2]),
            tr("更改会作为配置交易提交；需要其他组织签名时会停在签名收件箱。"),
            accept=tr("查看差异"),
            writes=False,
        )
        form = Form()
        hint = tr("例如 MAJORITY Admins、ANY Writers，或 OR('A.admin', 'B.admin')")
        rule = text_field(tr("规则"), required=True, hint=hint)
        form.add("rule", rule).set_value(getattr(channel.policies, name))
        dialog.body.addWidget(form)
        dialog.watch(form)
        if not dialog.exec():
            return
        try:
            spec = set_policy(present, channel.name, name, form["rule"])
        except CityChainError as error:
            self._page.banner.show_error(error)
            return
        self.review(spec)

    def review(self, spec: TopologySpec) -> None:
        """Show what would change and, when the person agrees, bring the network to it."""
        view, present = self._page.view, self.present()
        if view is None or present is None:
            return
        found = changes_between(present, spec)
        dialog = Dialog(
            self._page,
            tr("核对更改"),
            "" if found else tr("没有要更改的内容。"),
            accept=tr("提交更改"),
            width=620,
            signs=self._page.signs_with(),
        )
        dialog.accept_button.setEnabled(bool(found))
        for change in found:
            for row in difference_rows(change.title, change.before, change.after):
                dialog.body.addWidget(row)
        if not dialog.exec():
            return
        title = Text("更改 {n} 的配置", "Change {n}", n=spec.name)
        if view.elsewhere:
            propose(self._page, view, _proposal(present, spec), title)
            return
        self._page.context.job(
            bring_up(self._page.context),
            spec,
            title=title,
            network=spec.name,
            done=lambda result: self._done(),
            failed=self._page.change_failed,
        )

    def _done(self) -> None:
        self._page.context.notice(tr("配置已更新"))
        self._page.refresh()
        self.read()


def _proposal(present: TopologySpec, wanted: TopologySpec) -> Proposal:
    """What differs, as a proposal: what stays is not named."""
    from baas.services.proposing import Proposal

    before, after = present.channels[0], wanted.channels[0]
    policies = {name: rule for name, rule in vars(after.policies).items() if getattr(before.policies, name) != rule}
    messages, wait = after.batch.max_messages, after.batch.timeout_ms
    return Proposal(
        after.name,
        messages if messages != before.batch.max_messages else None,
        wait if wait != before.batch.timeout_ms else None,
        policies,
    )


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


def difference_rows(title: str, before: str, after: str) -> list[QWidget]:
    """The lines of one change: what goes and what comes; what is empty has no line."""
    rows = []
    if before and before != "—":
        rows.append(difference_row("-", title, before, "bad"))
    if after and after != "—":
        rows.append(difference_row("+", title, after, "ok"))
    return rows


def difference_row(sign: str, title: str, value: str, tone: str) -> QWidget:
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
