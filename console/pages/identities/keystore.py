"""The keystore: how it is protected, when it locks itself, which keys it holds."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QWidget

from console.i18n import tr
from console.i18n.formats import number
from console.pages.identities.pin import ask_pin
from console.theme import tokens
from console.widgets.basic import Button, Label, Status, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.facts import Facts
from console.widgets.forms import Form, choice_field

if TYPE_CHECKING:
    from console.pages.identities.page import IdentitiesPage, IdentitiesView
    from console.shell.window import MainWindow

IDLE_CHOICES = (5, 15, 30, 60, 0)


class KeystoreTab(QWidget):
    """Protection, idle lock, contents."""

    def __init__(self, page: IdentitiesPage) -> None:
        super().__init__()
        self._page = page
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self._column = scroll.column
        self.card = Card(tr("保护"))
        self._column.addWidget(self.card)
        self.idle_card = Card(tr("空闲锁定"))
        self.form = Form()
        self.form.add(
            "minutes",
            choice_field(
                tr("空闲多久后自动锁定"),
                [(m, tr("{n} 分钟").format(n=m) if m else tr("从不")) for m in IDLE_CHOICES],
            ),
        )
        self.form.setMaximumWidth(280)
        self.idle_card.add(self.form)
        self._column.addWidget(self.idle_card)
        self.form.edited.connect(self._on_idle)
        self.token_card = Card(tr("令牌"))
        self._column.addWidget(self.token_card)
        self.facts_card = Card(tr("内容"))
        self._column.addWidget(self.facts_card)
        self._column.addStretch(1)

    def show_view(self, view: IdentitiesView) -> None:
        keystore = self._page.context.platform.keystore
        window = cast("MainWindow", self._page.context.dialog_parent)
        body = self.card.reset()
        if not view.protected:
            body.addWidget(Status(tr("没有口令：私钥由本机的设备密钥加密"), "warn"))
            words = tr("得到整个工作区文件夹的人可以使用其中的私钥。建议设置口令。")
        elif view.locked:
            body.addWidget(Status(tr("已锁定"), "wait"))
            words = tr("签名前需要解锁。浏览不受影响。")
        else:
            body.addWidget(Status(tr("已解锁，由口令保护"), "ok"))
            words = tr("按 Ctrl+L 可随时锁定。")
        body.addWidget(Label(words, "body", "text2", wrap=True))
        row = hbox()
        if view.protected and view.locked:
            row.addWidget(Button(tr("解锁…"), window.toggle_lock, icon="unlock"))
        elif view.protected:
            row.addWidget(Button(tr("立即锁定"), window.toggle_lock, icon="lock"))
            row.addWidget(Button(tr("更换口令…"), self._set))
        else:
            row.addWidget(Button(tr("设置口令…"), self._set, icon="lock"))
        row.addStretch(1)
        body.addLayout(row)
        self.form.blockSignals(True)
        self.form.fields["minutes"].set_value(view.idle_minutes)
        self.form.blockSignals(False)
        self._show_tokens(view)
        body = self.facts_card.reset()
        names = keystore.names()
        facts = Facts(110)
        facts.add(tr("私钥", "several"), number(len(names)))
        facts.add(tr("加密"), "AES-256-GCM")
        facts.add(tr("口令派生"), "scrypt (n = 2^15, r = 8, p = 1)")
        body.addWidget(facts)

    def _show_tokens(self, view: IdentitiesView) -> None:
        counts = Counter(view.places.values())
        waiting = {address.token: address for address in view.waiting}
        self.token_card.setVisible(bool(counts or waiting))
        body = self.token_card.reset()
        for name in sorted({*counts, *waiting}):
            row = hbox()
            words = tr("{t} · {n} 把私钥").format(t=name, n=number(counts[name]))
            row.addWidget(Status(words, "wait" if name in waiting else "ok"))
            row.addStretch(1)
            if name in waiting:
                row.addWidget(Button(tr("输入 PIN…"), partial(ask_pin, self._page, waiting[name]), icon="key"))
            body.addLayout(row)
        body.addWidget(Label(tr("令牌中的私钥只用于签名，不能取出，也不在备份里。"), "body", "text2", wrap=True))

    def _set(self) -> None:
        from console.shell.account import set_passphrase

        set_passphrase(cast("MainWindow", self._page.context.dialog_parent))

    def _on_idle(self) -> None:
        platform = self._page.context.platform
        minutes = int(self.form["minutes"])
        platform.keystore.idle_seconds = minutes * 60.0
        self._page.read(
            lambda: platform.workspace.set_setting("keystore.idle_seconds", str(minutes * 60)), lambda _: None
        )
