"""Attaching an existing Fabric network: its connection profile, a certificate and its key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from console.context import Context
from console.i18n import tr
from console.page import Action
from console.theme import tokens
from console.widgets.basic import Label, Status, clear, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.forms import DropZone, Form, text_field
from console.widgets.states import ErrorBanner, Note
from network.text import Text

MAX_BYTES = 4_000_000


class AttachView(QWidget):
    """Signals: `finished(network name)`; `left` when the person cancelled; `header_changed`."""

    finished = Signal(str)
    left = Signal()
    header_changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.files: dict[str, Path] = {}
        self._busy = False
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 6, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self.banner = ErrorBanner()
        scroll.column.addWidget(self.banner)
        row = hbox(spacing=tokens.CARD_GAP)
        self._states: dict[str, Any] = {}
        for key, title, text, pattern in (
            ("profile", tr("连接配置"), tr("拖入 .json 或 .yaml，或点此选择"), "*.json *.yaml *.yml"),
            ("certificate", tr("证书"), tr("拖入证书 PEM，或点此选择"), "*.pem *.crt"),
            ("key", tr("私钥"), tr("拖入私钥 PEM，或点此选择"), "*.pem *_sk *.key"),
        ):
            card = Card(title)
            zone = DropZone(text, pattern=f"{title} ({pattern});;* (*)")
            zone.dropped.connect(lambda paths, k=key: self.take(k, Path(paths[0])))
            card.add(zone)
            state = vbox()
            self._states[key] = state
            card.add(state)
            row.addWidget(card, 1)
        scroll.column.addLayout(row)
        card = Card(tr("名称"))
        self.form = Form(3)
        self.form.add("name", text_field(tr("网络名"), hint=tr("小写字母、数字和短横，之后不能更改"), required=True))
        self.form.add("msp", text_field(tr("MSP 标识"), hint=tr("配置里没有写明客户端组织时才需要")))
        self.form.add("host", text_field(tr("本机对外名称"), hint=tr("要在对方节点上部署合约时填写")))
        self.form.edited.connect(self.header_changed)
        card.add(self.form)
        scroll.column.addWidget(card)
        scroll.column.addWidget(Note(tr("私钥加密存入本机密钥库。没有节点应答时什么都不会保留；接入不改动对方网络。")))
        scroll.column.addStretch(1)
        for key in self._states:
            self._show(key)

    def take(self, key: str, path: Path) -> None:
        """Use a file as the profile, the certificate or the key."""
        self.files[key] = path
        self.banner.hide()
        if key == "profile" and not self.form["name"]:
            name = "".join(c for c in path.stem.lower().replace("_", "-") if c.isascii() and (c.isalnum() or c == "-"))
            self.form.fields["name"].set_value(name.strip("-")[:31])
        self._show(key)
        self.header_changed.emit()

    def _show(self, key: str) -> None:
        column = self._states[key]
        clear(column)
        path = self.files.get(key)
        if path is None:
            column.addWidget(Label(tr("还没有选择文件"), "caption", "text3"))
        else:
            column.addWidget(Status(path.name, "ok"))

    def missing(self) -> str:
        """Why it cannot be attached yet, "" when it can."""
        for key, title in (("profile", tr("连接配置")), ("certificate", tr("证书")), ("key", tr("私钥"))):
            if key not in self.files:
                return tr("还需填写{what}").format(what=title)
        return tr("还需填写{what}").format(what=tr("网络名")) if not self.form["name"] else ""

    def header_actions(self) -> list[Action]:
        reason = self.missing()
        return [
            Action("cancel", tr("取消"), self.left.emit),
            Action(
                "attach",
                tr("接入"),
                self.attach,
                "plug",
                "primary",
                enabled=not reason and not self._busy,
                reason=reason,
            ),
        ]

    def attach(self) -> None:
        """Read the files and attach, as a job."""
        exchange, files = self.context.platform.exchange, dict(self.files)
        name: str = self.form["name"]
        msp, host = self.form["msp"], self.form["host"]

        def run(*, ctx: Any) -> str:
            certificate = files["certificate"].read_bytes()[:MAX_BYTES]
            key = files["key"].read_bytes()[:MAX_BYTES]
            exchange.attach(files["profile"], name, certificate, key, msp_id=msp, contract_host=host, ctx=ctx)
            return name

        self._busy = True
        self.header_changed.emit()
        view = self.context.job(
            run,
            title=Text("接入网络 {n}", "Attach network {n}", n=name),
            network=name,
            done=lambda found: self._done(found),  # noqa: PLW0108 - told also when this form has gone meanwhile
            failed=self.banner.show_error,
        )
        view.finished.connect(self._over)

    def _over(self) -> None:
        self._busy = False
        self.header_changed.emit()

    def _done(self, name: str) -> None:
        self.context.platform.networks.set_default(name)
        self.context.notice(tr("网络 {n} 已接入").format(n=name))
        if isValid(self):
            self.finished.emit(name)
        else:  # the new network was seen before its job ended, and the page made anew around it
            self.context.choose_network(name)
            self.context.go(f"networks/{name}")
