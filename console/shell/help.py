"""Help (F1) and the about box."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QWidget

from console.i18n import tr
from console.widgets.basic import Label
from console.widgets.dialogs import Message
from console.widgets.facts import Facts


def keyboard() -> list[tuple[str, str]]:
    """Return every key of the window and what it does."""
    return [
        ("Ctrl+K", tr("搜索或跳转")),
        ("Ctrl+1…9", tr("按顺序打开左侧页面")),
        ("Ctrl+N", tr("本页的主要操作")),
        ("Ctrl+F", tr("在本页筛选")),
        ("F6", tr("下一区域：导航、标题、内容、详情")),
        ("Alt+← →", tr("后退、前进")),
        ("↑ ↓ Enter", tr("选行、打开详情")),
        ("Ctrl+C", tr("复制所选行的完整哈希")),
        ("F5", tr("刷新")),
        ("Ctrl+L", tr("锁定或解锁密钥库")),
        ("Ctrl+J", tr("任务")),
        ("Ctrl+,", tr("设置")),
        ("Esc", tr("关闭详情，再取消")),
    ]


class HelpDialog(Message):
    """What this page is for, and the keys."""

    def __init__(self, parent: QWidget, title: str, text: str) -> None:
        super().__init__(parent, tr("帮助：{page}").format(page=title), text)
        self.body.addWidget(Label(tr("键盘"), "card"))
        facts = Facts(96)
        for keys, words in keyboard():
            facts.add(keys, words)
        self.body.addWidget(facts)


class AboutDialog(Message):
    """Name, version, licence, what it stands on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            parent,
            tr("关于城链"),
            tr("在本机或已有的 Hyperledger Fabric 网络上，建立城市区块链服务平台。"),
        )
        facts = Facts(96)
        facts.add(tr("版本"), _version("citychain"))
        facts.add("Qt", qVersion())
        facts.add("PySide6", _version("PySide6-Essentials"))
        facts.add(tr("许可证"), "Apache-2.0")
        facts.add(
            tr("字体与图标"),
            tr("系统字体；图标为本项目绘制"),
        )
        self.body.addWidget(facts)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return tr("源码运行")
