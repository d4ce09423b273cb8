"""The signature inbox: changes that wait for other organisations, carried as files; nobody needs a server for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from baas import roles
from baas.services.refusing import PendingUpdate, UpdateDescription
from console.i18n import say, tr
from console.pages.network.config import difference_rows
from console.theme import tokens
from console.widgets.basic import Button, Label, Status, clear, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.dialogs import Dialog
from console.widgets.forms import DropZone, Form, choice_field, save_file, text_field
from console.widgets.states import EmptyState
from network.errors import CityChainError
from network.text import Text

if TYPE_CHECKING:
    from console.pages.network.page import NetworkPage

SUFFIX = ".ccsig"
PATTERN = "CityChain (*.ccsig *.update);;* (*)"
Waiting = tuple[PendingUpdate, UpdateDescription | CityChainError]


class InboxTab(QWidget):
    """What this workspace waits for, and a place to sign what others ask for."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__()
        self._page = page
        self.waiting_updates: tuple[Waiting, ...] = ()
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self.waiting = vbox(spacing=tokens.CARD_GAP)
        scroll.column.addLayout(self.waiting)
        self.sign_card = Card(tr("为别人的更改签名"))
        words = tr("收到请求文件后，先看它要改什么，再用本机的管理员身份签名，把签好的文件交回。")
        self.sign_card.add(Label(words, "body", "text2", wrap=True))
        zone = DropZone(tr("拖入请求文件，或点此选择"), pattern=PATTERN)
        zone.dropped.connect(lambda paths: self.sign(Path(paths[0])))
        self.sign_card.add(zone)
        scroll.column.addWidget(self.sign_card)
        scroll.column.addStretch(1)

    def read(self) -> None:
        view = self._page.view
        if view is None:
            return
        changes, name = self._page.context.platform.changes, view.name

        def read() -> tuple[Waiting, ...]:
            found: list[Waiting] = []
            for update in changes.pending(name):
                try:
                    found.append((update, changes.describe(update.file, name)))
                except CityChainError as error:
                    found.append((update, error))
            return tuple(found)

        self._page.read(read, self._show)

    def _show(self, waiting: tuple[Waiting, ...]) -> None:
        self.waiting_updates = waiting
        clear(self.waiting)
        if not waiting:
            card = Card()
            words = tr("更改配置需要别的组织签名时，会出现在这里。")
            card.add(EmptyState("inbox", tr("没有等待签名的更改"), words))
            self.waiting.addWidget(card)
        for update, found in waiting:
            self.waiting.addWidget(self._card(update, found))

    def _card(self, update: PendingUpdate, found: UpdateDescription | CityChainError) -> QWidget:
        card = Card(tr("等待签名：{c}").format(c=update.channel), update.file.name)
        row = hbox(spacing=18)
        for msp in update.signers:
            row.addWidget(Status(tr("{m} 已签").format(m=msp), "ok"))
        for msp in update.others:
            row.addWidget(Status(tr("{m} 待签").format(m=msp), "wait"))
        row.addStretch(1)
        card.add(row)
        for words in update.refused:
            card.add(Status(tr("已拒绝：{w}").format(w=words), "bad"))
        show_changes(card.body, found)
        if self._page.context.platform.session.allows(roles.NETWORK_PROPOSE):
            zone = DropZone(tr("拖入签好的文件，可多个"), pattern=PATTERN, many=True)
            zone.dropped.connect(lambda paths: self.take([Path(p) for p in paths]))
            card.add(zone)
            buttons = hbox()
            buttons.addWidget(Button(tr("导出请求…"), lambda: self.export(update.channel), icon="upload"))
            buttons.addWidget(Button(tr("提交更改"), self.finish, icon="check", kind="primary"))
            buttons.addStretch(1)
            buttons.addWidget(Button(tr("放弃这项更改…"), lambda: self.withdraw(update), kind="danger"))
            card.add(buttons)
        return card

    def withdraw(self, update: PendingUpdate) -> None:
        """Ask, then forget the update and go back to the topology before it."""
        context = self._page.context
        dialog = Dialog(
            self._page,
            tr("放弃更改"),
            tr("已收集的签名会作废，网络回到更改之前的样子。通道配置没有变过，账本不受影响。"),
            accept=tr("放弃更改"),
        )
        dialog.accept_button.set_kind("danger")
        if dialog.exec():
            context.job(
                context.platform.changes.withdraw,
                update.network,
                update.channel,
                title=Text("放弃 {n} 的更改", "Withdraw the change of {n}", n=update.network),
                network=update.network,
                done=lambda _: self._withdrawn(),
                failed=lambda error: self._page.banner.show_error(error, self.read),
            )

    def _withdrawn(self) -> None:
        self._page.context.notice(tr("已放弃更改"))
        self._page.refresh()

    def export(self, channel: str) -> None:
        """Write the request for others to sign."""
        view = self._page.view
        path = save_file(self, tr("导出请求"), f"{channel}{SUFFIX}", PATTERN)
        if view is not None and path:
            changes, name = self._page.context.platform.changes, view.name
            self._page.read(
                lambda: changes.export(Path(path), name, channel),
                lambda _: self._page.context.notice(tr("请求已导出，可以交给其他组织签名")),
            )

    def take(self, files: list[Path]) -> None:
        """Bring signed copies and refusals back."""
        view = self._page.view
        if view is None:
            return
        changes, name = self._page.context.platform.changes, view.name

        def read() -> None:
            from network.refusals import is_refusal

            no = [path for path in files if is_refusal(path)]
            for path in no:
                changes.take_refusal(path, name)
            if len(no) < len(files):
                changes.take_in([path for path in files if path not in no], name)

        self._page.read(read, lambda _: self.read())

    def finish(self) -> None:
        """Try the change again with the signatures that are there now."""
        view = self._page.view
        if view is None:
            return
        name, platform = view.name, self._page.context.platform

        def finish(*, ctx: Any) -> tuple[Text, ...]:
            from baas.services.following import follow

            platform.changes.finish(name, ctx=ctx)
            return () if platform.networks.planned_elsewhere(name) else follow(platform, name, ctx=ctx)

        def done(followed: tuple[Text, ...]) -> None:
            self._page.context.notice(tr("更改已生效"))
            self._page.grown(followed)

        def failed(error: CityChainError) -> None:
            self.read()
            if error.code == "signatures_missing":
                self._page.context.notice(tr("签名还不够，请再收集其他组织的签名"), "wait")
            else:
                self._page.banner.show_error(error, self.finish)

        self._page.context.job(
            finish,
            title=Text("提交 {n} 的更改", "Submit the change of {n}", n=name),
            network=name,
            done=done,
            failed=failed,
        )

    def sign(self, source: Path) -> None:
        """Show what a request would change, then sign it as an administrator of this workspace."""
        view = self._page.view
        if view is None:
            return
        platform, name = self._page.context.platform, view.name

        def read() -> tuple[UpdateDescription, list[str]]:
            people = platform.identities.list(name, kind="person")
            held = [r.label for r in people if r.has_key and r.ou == "admin" and r.state != "revoked"]
            return platform.changes.describe(source, name), held

        self._page.read(read, lambda found: self._ask_sign(source, *found))

    def _ask_sign(self, source: Path, found: UpdateDescription, held: list[str]) -> None:
        view = self._page.view
        if view is None:
            return
        dialog = Dialog(
            self._page,
            tr("签名：{f}").format(f=source.name),
            tr("请确认您了解这项更改。签名表示所选组织同意它。"),
            accept=tr("签名并保存…"),
            width=640,
            signs=self._page.signs_with(),
        )
        show_changes(dialog.body, found)
        if found.signers:
            dialog.body.addWidget(Status(tr("已签：{all}").format(all=tr("、").join(found.signers)), "ok"))
        form = Form()
        titles = {o.msp_id: say(o.title) for o in view.spec.organizations}
        options = [(label, f"{titles.get(label.partition('/')[0], '')} · {label}") for label in held]
        options.sort(key=lambda option: option[0].partition("/")[0] in found.signers)
        form.add("label", choice_field(tr("以谁的身份"), options))
        form.add("why", text_field(tr("不同意的理由"), hint=tr("只在拒绝时填写，提出方会看到。")))
        dialog.body.addWidget(form)
        refusing: list[bool] = []

        def no() -> None:
            refusing.append(True)
            dialog.accept()

        refuse = Button(tr("拒绝并保存…"), no, kind="danger")
        row = hbox()
        row.addWidget(refuse)
        row.addStretch(1)
        dialog.body.addLayout(row)
        dialog.accept_button.setEnabled(bool(held))
        refuse.setEnabled(bool(held))
        dialog.reason.setText("" if held else tr("本机没有管理员的私钥"))
        if dialog.exec():
            self._answer(source, form["label"], form["why"], refused=bool(refusing))

    def _answer(self, source: Path, label: str, why: str, *, refused: bool) -> None:
        """Write the signed copy, or the refusal, to a file for whoever proposed the change."""
        view = self._page.view
        name = f"{source.stem}-{'refused' if refused else 'signed'}{SUFFIX}"
        target = save_file(self, tr("保存拒绝文件") if refused else tr("保存签好的文件"), name, PATTERN)
        if view is None or not target:
            return
        context, network = self._page.context, view.name
        changes = context.platform.changes
        if refused:
            self._page.read(
                lambda: changes.refuse(source, Path(target), label, why, network),
                lambda _: context.notice(tr("拒绝文件已保存，请交给提出方")),
            )
            return
        self._page.read(
            lambda: changes.sign(source, Path(target), label, network),
            lambda signers: context.notice(tr("已签名，共 {n} 个组织签过").format(n=len(signers))),
        )


def show_changes(column: QVBoxLayout, found: UpdateDescription | CityChainError) -> None:
    """Add the lines of an update, or why it cannot be read."""
    if isinstance(found, CityChainError):
        column.addWidget(Label(say(found.message), "caption", "warn", wrap=True))
        return
    if not found.changes:
        column.addWidget(Label(tr("与通道现在的配置没有差别。"), "caption", "text2"))
    for change in found.changes:
        for row in difference_rows(say(change.title), change.before, change.after):
            column.addWidget(row)
