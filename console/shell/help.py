"""Help (F1) and the about box."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from console.i18n import tr
from console.widgets.basic import Button, Label, hbox
from console.widgets.dialogs import Message
from console.widgets.facts import Facts


def keyboard() -> list[tuple[str, str]]:
    """Return every key of the window and what it does."""
    return [
        ("Ctrl+K", tr("搜索或跳转")),
        ("Ctrl+1…9", tr("按顺序打开左侧页面")),
        ("Ctrl+N", tr("本页的主要操作")),
        ("Ctrl+F", tr("在本页筛选")),
        ("F6 · Shift+F6", tr("下一区域：导航、标题、内容、详情")),
        ("Alt+← →", tr("后退、前进")),
        ("↑ ↓ Enter", tr("选行、打开详情")),
        ("Ctrl+C", tr("复制所选行的完整哈希")),
        ("F5", tr("刷新")),
        ("Ctrl+L", tr("锁定或解锁密钥库")),
        ("Ctrl+J", tr("任务")),
        ("Ctrl+,", tr("设置")),
        ("F1", tr("这一页的帮助")),
        ("Ctrl+/", tr("键盘快捷键")),
        ("Esc", tr("关闭详情，再取消")),
    ]


def keys_table() -> Facts:
    """Return every key and what it does, for a dialog or a page."""
    facts = Facts(112)
    for keys, words in keyboard():
        facts.add(keys, words)
    return facts


class HelpDialog(Message):
    """What this page is for, what can be done on it, and the keys."""

    def __init__(self, parent: QWidget, title: str, text: str, actions: Sequence[str] = ()) -> None:
        super().__init__(parent, tr("帮助：{page}").format(page=title), text)
        if actions:
            self.body.addWidget(Label(tr("这里可以做"), "card"))
            self.body.addWidget(Label(" · ".join(actions), "body", "text2", wrap=True))
        self.body.addWidget(Label(tr("键盘"), "card"))
        self.body.addWidget(keys_table())


class KeysDialog(Message):
    """The keys alone."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("键盘快捷键"), tr("每件事都可以只用键盘完成；图上的方块用方向键移动。"))
        self.body.addWidget(keys_table())


class AboutDialog(Message):
    """Name, version, licence, what it stands on, and all of it to copy for a report."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            parent,
            tr("关于城链"),
            tr("在本机或已有的 Hyperledger Fabric 网络上，建立城市区块链服务平台。"),
        )
        facts = Facts(112)
        for name, value in self.lines():
            facts.add(name, value)
        facts.add(tr("字体与图标"), tr("系统字体；图标为本项目绘制"))
        self.body.addWidget(facts)
        self.copy_button = Button(tr("复制版本信息"), self.copy, icon="copy")
        row = hbox()
        row.addWidget(self.copy_button)
        row.addStretch(1)
        self.body.addLayout(row)

    @staticmethod
    def lines() -> list[tuple[str, str]]:
        """What a report of a defect needs to say about the program and the machine."""
        return [
            (tr("版本"), _version("citychain")),
            ("Qt · PySide6", f"{qVersion()} · {_version('PySide6-Essentials')}"),
            ("Python", platform.python_version()),
            (tr("系统"), f"{platform.system()} {platform.release()} · {platform.machine()}"),
            (tr("许可证"), "Apache-2.0"),
        ]

    def copy(self) -> None:
        """Put the lines on the clipboard."""
        QGuiApplication.clipboard().setText("\n".join(f"{name}: {value}" for name, value in self.lines()))
        self.copy_button.set_icon("check")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return tr("源码运行")
