"""The dialog for one private collection: members ticked or written, how many peers, how long, who reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QCheckBox, QGridLayout, QPlainTextEdit, QWidget

from console.i18n import say, tr
from console.tasks.runner import later
from console.theme import mono_font, tokens
from console.widgets.basic import Label, vbox
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, area_field, check_field, number_field, text_field

if TYPE_CHECKING:
    from console.pages.contracts.page import ContractsPage
    from network.errors import CityChainError


def members_of(policy: str) -> list[str]:
    """The organisations that a collection's policy names, in its order; empty when it cannot be read."""
    from fabric_sdk.errors import PolicyError
    from fabric_sdk.policy import minimal_sets, parse

    try:
        sets = minimal_sets(parse(policy))
    except PolicyError:
        return []
    named = {principal.rpartition(".")[0] or principal for one in sets for principal in one}
    return sorted(named, key=lambda msp: policy.find(f"'{msp}."))


def policy_of(members: list[str]) -> str:
    """The policy under which any member of these organisations holds the data."""
    principals = [f"'{m}.member'" for m in members]
    return f"OR({', '.join(principals)})" if members else ""


class CollectionDialog(Dialog):
    """Asks for a collection; `collection()` is it in Fabric's JSON form."""

    def __init__(self, page: ContractsPage, collection: Mapping[str, Any] | None, taken: set[str]) -> None:
        old = dict(collection or {})
        super().__init__(
            page,
            tr("编辑集合 {name}").format(name=old["name"]) if collection else tr("添加集合"),
            tr("成员组织的节点保存原文，其他组织只有散列。提交升级后才生效。"),
            accept=tr("记入草稿"),
            width=620,
            writes=False,
        )
        self._page, self._old, self._taken = page, old, taken
        self.form = Form(2)
        head = Form()
        name = text_field(tr("集合名"), hint=tr("字母、数字、短横和下划线"), required=True)
        self.form.fields["name"] = head.add("name", name)
        name.set_value(old.get("name", ""))
        name.setEnabled(collection is None)
        ticks = QWidget()
        grid = QGridLayout(ticks)
        grid.setContentsMargins(0, 0, 0, 0)
        self.ticks: dict[str, QCheckBox] = {}
        for position, (msp, title) in enumerate(page.titles.items()):
            box = QCheckBox(title)
            box.setAccessibleName(tr("{who} 是成员").format(who=title))
            box.toggled.connect(self._on_ticked)
            self.ticks[msp] = box
            grid.addWidget(box, position // 2, position % 2)
        holder = QWidget()
        column = vbox(holder, spacing=6)
        column.addWidget(Label(tr("成员组织"), "caption", "text2"))
        column.addWidget(ticks)
        self.policy = area_field(tr("成员表达式"), rows=2, required=True)
        if isinstance(self.policy.editor, QPlainTextEdit):
            self.policy.editor.setFont(mono_font(tokens.SIZE_CAPTION))
        self.form.add("policy", self.policy, wide=True).set_value(old.get("policy", ""))
        self.form.add(
            "required",
            number_field(
                tr("背书前至少送达"),
                int(old.get("requiredPeerCount", 0) or 0),
                0,
                100,
                unit=tr("个节点"),
                hint=tr("0 表示不等送达；其他成员稍后同步"),
            ),
        )
        self.form.add(
            "maximum",
            number_field(tr("最多发送"), int(old.get("maxPeerCount", 1) or 0), 0, 100, unit=tr("个节点")),
        )
        self.form.add(
            "keep",
            number_field(
                tr("保留区块数"),
                int(old.get("blockToLive", 0) or 0),
                0,
                1_000_000_000,
                hint=tr("0 表示永久；过期后原文从节点清除"),
            ),
            wide=True,
        )
        self.form.add("read", check_field(tr("只有成员组织的身份可以读"), checked=bool(old.get("memberOnlyRead"))))
        self.form.add("write", check_field(tr("只有成员组织的身份可以写"), checked=bool(old.get("memberOnlyWrite"))))
        own = old.get("endorsementPolicy") or {}
        self.form.add(
            "endorse", text_field(tr("集合自己的背书策略"), hint=tr("留空则与合约相同")), wide=True
        ).set_value(own.get("signaturePolicy") or own.get("channelConfigPolicy") or "")
        for part in (head, holder, self.form):
            self.body.addWidget(part)
        self._soon = later(200, self, self._check)
        for form in (head, self.form):
            form.edited.connect(self._soon.start)
        self._show_ticks()
        self._check()

    def collection(self) -> dict[str, Any]:
        """The collection as asked for."""
        form = self.form
        made: dict[str, Any] = {
            **self._old,
            "name": form["name"],
            "policy": form["policy"],
            "requiredPeerCount": form["required"],
            "maxPeerCount": form["maximum"],
            "blockToLive": form["keep"],
            "memberOnlyRead": form["read"],
            "memberOnlyWrite": form["write"],
        }
        made.pop("endorsementPolicy", None)
        own = form["endorse"]
        if own:
            made["endorsementPolicy"] = {"channelConfigPolicy" if own.startswith("/") else "signaturePolicy": own}
        return made

    def _on_ticked(self) -> None:
        self.policy.set_value(policy_of([msp for msp, box in self.ticks.items() if box.isChecked()]))
        self._soon.start()

    def _show_ticks(self) -> None:
        members = members_of(self.form["policy"])
        for msp, box in self.ticks.items():
            box.blockSignals(True)
            box.setChecked(msp in members)
            box.blockSignals(False)

    def _check(self) -> None:
        from baas.services.definitions import canonical
        from baas.services.lifecycle_model import Definition
        from network.errors import CityChainError

        self._show_ticks()
        missing = self.form.missing()
        problem = tr("还需填写{what}").format(what=missing[0]) if missing else ""
        if not problem and self.form["name"] in self._taken:
            self.form.fields["name"].set_error(tr("已有同名的集合"))
            problem = tr("已有同名的集合")
        if not problem and self.form["maximum"] < self.form["required"]:
            self.form.fields["maximum"].set_error(tr("不能少于至少送达的节点数"))
            problem = tr("最多发送少于至少送达")
        if not problem:
            try:
                canonical(Definition("x", "1", 1, "", (self.collection(),)))
                self.banner.hide()
            except CityChainError as error:
                self._say(error)
                problem = say(error.message)
        self.reason.setText(problem[:60])
        self.accept_button.setEnabled(not problem)

    def _say(self, error: CityChainError) -> None:
        self.policy.set_error(say(error.message))
