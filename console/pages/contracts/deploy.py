"""Deploying a contract that an application ships, and bringing one to another version, policy or collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QPlainTextEdit

from baas.services.lifecycle_model import Definition, PolicyExplanation
from console.i18n import say, tr
from console.pages.contracts.difference import definition_rows, diff_row
from console.tasks.runner import later
from console.theme import mono_font, tokens
from console.widgets.basic import Label, Status, clear, frame, vbox
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, area_field, text_field
from network.errors import CityChainError
from network.text import Text

if TYPE_CHECKING:
    from console.pages.contracts.page import ContractLine, ContractsPage

Collections = Sequence[Mapping[str, Any]]


class DefinitionDialog(Dialog):
    """Version and policy, what the policy means while it is typed, and what would change."""

    def __init__(
        self,
        page: ContractsPage,
        line: ContractLine,
        wanted: Definition,
        before: Definition | None,
    ) -> None:
        if before is None:
            title = tr("部署 {title}").format(title=line.title)
            words = tr("会打包合约，安装到每个节点，由各组织批准并提交到通道。")
        else:
            title = tr("升级 {title}").format(title=line.title)
            words = tr("会产生序号 {s} 的新定义，由各组织批准并提交。改版本会重新打包安装；只改策略不会。")
            words = words.format(s=before.sequence + 1)
        super().__init__(
            page, title, words, accept=tr("部署") if before is None else tr("升级"), width=680, signs=page.signs_with()
        )
        self._page, self._wanted, self._before = page, wanted, before
        self.form = Form()
        self.form.add("version", text_field(tr("版本"), required=True)).set_value(wanted.version)
        policy = area_field(tr("背书策略"), rows=3, required=True)
        if isinstance(policy.editor, QPlainTextEdit):
            policy.editor.setFont(mono_font(tokens.SIZE_CAPTION))
        self.form.add("policy", policy).set_value(wanted.endorsement_policy)
        self.body.addWidget(self.form)
        ground = self._ground = frame("note")
        ground.hide()  # until it has something to say
        self._meaning = vbox(ground, margins=(12, 9, 12, 9), spacing=4)
        self.body.addWidget(ground)
        self.body.addWidget(Label(tr("与生效中的定义相比") if before else tr("将要部署的定义"), "caption", "text2"))
        self._rows = vbox(spacing=0)
        self.body.addLayout(self._rows)
        self.body.addStretch(1)
        self._soon = later(250, self, self._explain)
        self.form.edited.connect(self._edited)
        self._readable = True
        self._edited()
        self._explain()

    def definition(self) -> Definition:
        """What is asked for now; its sequence is the next one."""
        sequence = self._before.sequence + 1 if self._before else 1
        return Definition(
            self._wanted.name, self.form["version"], sequence, self.form["policy"], self._wanted.collections
        )

    def _edited(self) -> None:
        clear(self._rows)
        wanted = self.definition()
        rows = definition_rows(self._before, wanted)
        for sign, title, value, tone in rows:
            self._rows.addWidget(diff_row(sign, title, value, tone))
        same = self._before is not None and not any(
            sign in "+-" and title != tr("序号") for sign, title, _, _ in rows if sign.strip()
        )
        missing = self.form.missing()
        self.reason.setText(
            tr("还需填写{what}").format(what=missing[0]) if missing else tr("与生效中的定义相同") if same else ""
        )
        self.accept_button.setEnabled(not missing and not same and self._readable)
        self._soon.start()

    def _explain(self) -> None:
        contracts, network, policy = (
            self._page.context.platform.contracts,
            self._page.context.network,
            self.form["policy"],
        )
        if policy:
            self._page.context.tasks.fetch(
                lambda: contracts.explain(network, policy), self._understood, self._unreadable, owner=self
            )

    def _understood(self, explanation: PolicyExplanation) -> None:
        clear(self._meaning)
        self._meaning.addWidget(Label(say(explanation.meaning), "body", "text", wrap=True))
        online = any(option.online for option in explanation.options)
        words = tr("在线的节点现在就能满足") if online else tr("在线的节点现在不能满足")
        self._meaning.addWidget(Status(words, "ok" if online else "warn"))
        for warning in explanation.warnings:
            self._meaning.addWidget(Status(say(warning), "warn"))
        self.form.fields["policy"].set_error("")
        self._set_readable(True)

    def _unreadable(self, error: CityChainError) -> None:
        clear(self._meaning)
        self._meaning.addWidget(
            Label(tr("写法例如 AND('A.peer', OR('B.peer', 'C.peer'))"), "caption", "text2", wrap=True)
        )
        self.form.fields["policy"].set_error(say(error.message))
        self._set_readable(False)

    def _set_readable(self, readable: bool) -> None:
        if self._ground.isHidden():
            self._ground.show()
        if readable != self._readable:
            self._readable = readable
            if not readable:
                self.accept_button.setEnabled(False)
            else:
                self._edited()


def ask_template(page: ContractsPage, line: ContractLine) -> None:
    """Deploy a contract with its application's policy and collections."""
    platform, network = page.context.platform, page.context.network
    template = platform.applications.contract(line.name)
    spec = platform.networks.spec(network)
    collections = tuple(dict(c) for c in template.collections(spec))
    wanted = Definition(line.name, template.version, 1, template.endorsement_policy(spec), collections)
    dialog = DefinitionDialog(page, line, wanted, None)
    if dialog.exec():
        deploy(page, line, dialog.definition())


def ask_deploy(
    page: ContractsPage, line: ContractLine, definition: Definition, policy: str, collections: Collections
) -> None:
    """Agree on the next sequence with another version, policy or collections."""
    wanted = Definition(
        line.name, definition.version, definition.sequence + 1, policy, tuple(dict(c) for c in collections)
    )
    dialog = DefinitionDialog(page, line, wanted, definition)
    if dialog.exec():
        deploy(page, line, dialog.definition())


def deploy(page: ContractsPage, line: ContractLine, wanted: Definition) -> None:
    """Bring the contract to `wanted` as a job."""
    context = page.context
    network = context.network

    def done(found: Any) -> None:
        words = tr("{title} {v}（序号 {s}）已生效") if found.changed else tr("{title} 已经是这个定义")
        context.notice(words.format(title=line.title, v=found.definition.version, s=found.definition.sequence))
        page.collections.forget(line.name)
        page.refresh()

    def failed(error: CityChainError) -> None:
        page.refresh()
        again = (lambda: deploy(page, line, wanted)) if error.code != "not_approved" else page.refresh
        page.banner.show_error(error, again)

    context.job(
        context.platform.contracts.deploy,
        network,
        line.name,
        version=wanted.version,
        policy=wanted.endorsement_policy,
        collections=list(wanted.collections),
        title=Text("部署 {c} {v}", "Deploy {c} {v}", c=line.name, v=wanted.version),
        network=network,
        done=done,
        failed=failed,
    )
