"""The settings page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from baas import roles
from console.context import Context
from console.i18n import language, tr
from console.i18n.formats import size
from console.page import Action, Page
from console.shell.help import AboutDialog, keyboard
from console.theme import theme, tokens
from console.widgets.basic import Button, HashLabel, Label, Status, hbox
from console.widgets.card import Card, Scroll
from console.widgets.choice import Segmented
from console.widgets.facts import Facts
from console.widgets.forms import save_file
from fabric_sdk import clock
from network.text import Text

if TYPE_CHECKING:
    from baas.services.backup import BackupReport


class SettingsPage(Page):
    """Choices that take effect at once."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._scroll = Scroll((tokens.PAGE_MARGIN, 4, tokens.PAGE_MARGIN, 24))
        self.outer.addWidget(self._scroll, 1)
        column = self._scroll.column
        card = Card(tr("显示"))
        self.language = Segmented(tr("语言"), [("zh", "简体中文"), ("en", "English")], language())
        self.language.chosen.connect(self._on_language)
        self.look = Segmented(
            tr("外观"),
            [("light", tr("浅色")), ("dark", tr("深色")), ("system", tr("跟随系统"))],
        )
        self.look.chosen.connect(self._on_look)
        for title, widget in ((tr("语言"), self.language), (tr("外观"), self.look)):
            row = hbox(spacing=12)
            label = Label(title, "body", "text2")
            label.setFixedWidth(110)
            row.addWidget(label)
            row.addWidget(widget)
            row.addStretch(1)
            card.add(row)
        column.addWidget(card)
        self.workspace = Card(tr("工作区"))
        column.addWidget(self.workspace)
        self.checked = Card(tr("备份"))
        self.checked.hide()
        column.addWidget(self.checked)
        keys = Card(tr("键盘"))
        facts = Facts(110)
        for shortcut, words in keyboard():
            facts.add(shortcut, words)
        keys.add(facts)
        column.addWidget(keys)
        column.addStretch(1)
        self.set_header(
            tr("设置"),
            tr("更改立即生效"),
            [Action("about", tr("关于城链"), lambda: AboutDialog(self).exec(), "info")],
        )

    def open(self, address: str) -> None:
        """`backup/FILE` checks a backup, as when a file manager opens one."""
        super().open(address)
        kind, _, file = address.partition("/")
        if kind == "backup" and file:
            self.check_backup(Path(file))

    def check_backup(self, path: Path) -> None:
        """Compare every file of a backup with its manifest, as a job, and say what came of it."""
        from baas.services.restoring import check

        self.checked.reset()
        self.checked.hide()
        self.context.job(
            check,
            path,
            title=Text("校验备份 {f}", "Check the backup {f}", f=path.name),
            done=self._show_checked,
            failed=self.banner.show_error,
        )

    def _show_checked(self, found: BackupReport) -> None:
        body = self.checked.reset()
        body.addWidget(Status(tr("备份完好，每个文件都与清单一致"), "ok", role="body"))
        facts = Facts(110)
        facts.add(tr("文件"), HashLabel(found.path.name, str(found.path), what=tr("位置")))
        facts.add(tr("内容"), tr("{s}，{n} 个文件").format(s=size(found.bytes), n=f"{found.files:,}"))
        facts.add(tr("网络"), tr("、").join(found.networks) or "—")
        if ledgers := len(found.ledgers) + len(found.chains):
            facts.add(tr("账本"), tr("{n} 个，逐块核对").format(n=ledgers))
        body.addWidget(facts)
        words = tr("恢复到一个空文件夹：citychain --workspace 文件夹 restore 文件。")
        body.addWidget(Label(words, "caption", "text2", wrap=True))
        self.checked.show()

    def refresh(self) -> None:
        if not self.context.ready:
            return
        workspace = self.context.platform.workspace
        chosen = workspace.setting("console.theme", "") or "system"
        self.look.choose(chosen if chosen in {"light", "dark"} else "system", tell=False)
        folder = workspace.folder

        def read() -> tuple[int, int]:
            files = [p for p in folder.rglob("*") if p.is_file()]
            total = 0
            for path in files:
                try:
                    total += path.stat().st_size
                except OSError:
                    continue
            return len(files), total

        self.read(read, self._show_workspace)

    def _show_workspace(self, found: tuple[int, int]) -> None:
        folder = self.context.platform.workspace.folder
        body = self.workspace.reset()
        facts = Facts(110)
        facts.add(tr("位置"), HashLabel(str(folder), str(folder), what=tr("位置")))
        facts.add(tr("占用"), tr("{s}，{n} 个文件").format(s=size(found[1]), n=f"{found[0]:,}"))
        body.addWidget(facts)
        row = hbox()
        row.addWidget(Button(tr("打开文件夹"), self._open_folder, icon="folder"))
        if self.context.platform.session.allows(roles.WORKSPACE_BACKUP):
            row.addWidget(Button(tr("备份…"), self.back_up, icon="download"))
        row.addStretch(1)
        body.addLayout(row)
        if self.context.platform.session.allows(roles.WORKSPACE_BACKUP):
            words = tr(
                "备份含账本、证书、加密的私钥和内容；网络照常运行，仅容器节点会暂停。恢复：citychain restore 文件。"
            )
            body.addWidget(Label(words, "caption", "text2", wrap=True))

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.context.platform.workspace.folder)))

    def back_up(self) -> None:
        """Back up the whole workspace to one file, as a job."""
        from baas.services.backup import SUFFIX, back_up

        name = f"citychain-{clock.local():%Y%m%d-%H%M}{SUFFIX}"
        path = save_file(self, tr("备份工作区"), name)
        if path:
            self.context.job(
                back_up,
                self.context.platform,
                Path(path),
                title=Text("备份工作区", "Back up the workspace"),
                done=self._backed_up,
                failed=self.banner.show_error,
            )

    def _backed_up(self, result: Any) -> None:
        words = (
            tr("备份已完成，节点静止了 {s} 秒").format(s=f"{result.still_s:.1f}")
            if result.still_s
            else tr("备份已完成")
        )
        self.context.notice(words)

    def _on_language(self, lang: str) -> None:
        console = self.context.console
        workspace = self.context.platform.workspace
        if console is None:
            return
        self.read(
            lambda: workspace.set_setting("console.lang", lang),
            lambda _: console.change_language("en" if lang == "en" else "zh"),
        )

    def _on_look(self, mode: str) -> None:
        look = theme()
        workspace = self.context.platform.workspace
        look.apply(look.system_mode() if mode == "system" else ("dark" if mode == "dark" else "light"))
        self.read(lambda: workspace.set_setting("console.theme", "" if mode == "system" else mode), lambda _: None)
