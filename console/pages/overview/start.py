"""The first run: three ways to begin, and what this computer can do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import psutil
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout, QWidget

from console.i18n import say, tr
from console.i18n.formats import duration, number, size
from console.tasks import JobView
from console.theme import tokens
from console.widgets.basic import Button, Icon, Label, Status, clear, frame, hbox, line, vbox
from console.widgets.card import Scroll
from console.widgets.forms import DropZone

if TYPE_CHECKING:
    from baas.applications import ApplicationManifest
    from baas.platform import Platform


class StartView(QWidget):
    """Three cards, and a fourth for those who were invited; the first turns into live progress once it is started."""

    opened = Signal(str)
    asked = Signal()

    def __init__(self, demo: Callable[[], object], create: Callable[[], object], attach: Callable[[], object]) -> None:
        super().__init__()
        self._applications: Sequence[ApplicationManifest] = ()
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 32, tokens.PAGE_MARGIN, 24), 0)
        outer.addWidget(scroll)
        column = scroll.column
        column.addWidget(Label(tr("从这里开始"), "display"))
        column.addSpacing(4)
        column.addWidget(
            Label(
                tr(
                    "城链帮您用点选的方式建起一个区块链网络，并在上面运行城市应用。三种方式任选其一，以后都可以再添加。"
                ),
                "lead",
                "text2",
                wrap=True,
            )
        )
        column.addSpacing(20)
        cards = hbox(spacing=tokens.CARD_GAP)
        self.demo_card, self._demo_body = _card("bolt", tr("一键体验"), chosen=True)
        self._demo = demo
        self._fill_demo()
        cards.addWidget(self.demo_card, 1)
        card, body = _card("plus", tr("新建网络"))
        _words(
            body,
            tr("选模板、定组织、选运行方式，核对步骤后一次建成。"),
            [
                ("server", tr("内置账本、官方程序或 Docker")),
                ("check", tr("先检查本机条件，再动手")),
                ("undo", tr("中途失败可从失败的一步重试")),
            ],
        )
        body.addWidget(_left(Button(tr("新建网络…"), create)))
        body.addWidget(Label(tr("向导共六步"), "caption", "text3"))
        cards.addWidget(card, 1)
        card, body = _card("plug", tr("接入已有网络"))
        _words(
            body,
            tr("已有 Fabric 网络时，用连接配置和身份接入。"),
            [
                ("file", tr("连接配置（.json 或 .yaml）")),
                ("identity", tr("一张证书和它的私钥")),
                ("eye", tr("接入不会改动对方网络")),
            ],
        )
        body.addWidget(_left(Button(tr("选择连接配置…"), attach)))
        body.addWidget(Label(tr("支持 Fabric 2.5 与 3.x"), "caption", "text3"))
        cards.addWidget(card, 1)
        column.addWidget(self._invited())
        column.addSpacing(tokens.CARD_GAP)
        column.addLayout(cards)
        column.addSpacing(28)
        column.addWidget(line())
        column.addSpacing(14)
        self.checks = hbox(spacing=24)
        column.addLayout(self.checks)
        column.addStretch(1)

    def _invited(self) -> QFrame:
        """我收到了邀请: whoever was sent a file opens it here, or asks for one."""
        card = frame("card")
        card.setAccessibleName(tr("我收到了邀请"))
        row = hbox(card, margins=(24, 16, 24, 16), spacing=16)
        words = vbox(spacing=4)
        words.addWidget(Label(tr("我收到了邀请"), "section"))
        text = tr("您的组织已有网络：打开收到的邀请、准入文件或 .p12；还没有文件时，先生成一份申请发给它。")
        words.addWidget(Label(text, "body", "text2", wrap=True))
        row.addLayout(words, 2)
        zone = DropZone(tr("拖入收到的文件，或点此选择"), pattern="CityChain (*.citychain *.p12 *.pfx);;* (*)")
        zone.dropped.connect(lambda paths: self.opened.emit(paths[0]))
        row.addWidget(zone, 2)
        row.addWidget(Button(tr("申请身份…"), self.asked.emit))
        return card

    def _fill_demo(self) -> None:
        clear(self._demo_body)
        self.start_button = Button(tr("开始体验"), self._demo, kind="primary")
        _words(
            self._demo_body,
            tr("在本机建一个内置的城市网络，应用都装好，并带样例数据。"),
            [
                ("network", tr("5 个组织，1 条通道，{n} 个合约").format(n=len(self._applications))),
                *((one.icon, say(one.start)) for one in self._applications if one.start is not None),
            ],
        )
        self._demo_body.addWidget(_left(self.start_button))
        self._demo_body.addWidget(Label(tr("不联网，随时可删除"), "caption", "text3"))

    def show_progress(self, view: JobView) -> None:
        """Turn the first card into the job's live progress."""
        clear(self._demo_body)
        progress = DemoProgress(view)
        self._demo_body.addWidget(progress, 1)

    def reset(self) -> None:
        """Offer the start again, after a cancelled or failed run."""
        self._fill_demo()

    def show_checks(self, platform: Platform) -> None:
        """Show what this computer has, and what the installed applications demonstrate."""
        if not self._applications:
            self._applications = platform.applications.all()
            self._fill_demo()
        clear(self.checks)
        memory = psutil.virtual_memory()
        disk = shutil.disk_usage(platform.workspace.folder)
        self.checks.addWidget(Label(tr("本机"), "caption", "text2"))
        enough = memory.available > 500_000_000
        self.checks.addWidget(
            Status(
                tr("内存 {total}，可用 {free}").format(total=size(memory.total), free=size(memory.available)),
                "ok" if enough else "warn",
                role="body",
            )
        )
        self.checks.addWidget(
            Status(
                tr("磁盘可用 {free}").format(free=size(disk.free)),
                "ok" if disk.free > 1_000_000_000 else "warn",
                role="body",
            )
        )
        self.checks.addWidget(Status(tr("处理器 {n} 核").format(n=psutil.cpu_count() or 1), "ok", role="body"))
        self.checks.addStretch(1)


class DemoProgress(QWidget):
    """Live steps of the demonstration with a cancel button."""

    SHOWN = 7

    def __init__(self, view: JobView) -> None:
        super().__init__()
        self._view = view
        column = vbox(self, spacing=8)
        self._now = Label("", "body", "text", wrap=True)
        column.addWidget(self._now)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("一键体验的进度"))
        column.addWidget(self.bar)
        self._steps = vbox(spacing=6)
        column.addLayout(self._steps)
        column.addStretch(1)
        self.cancel = Button(tr("取消"), view.cancel)
        column.addWidget(_left(self.cancel))
        view.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        job = self._view.job
        if job is None:
            return
        steps = job.steps
        current = job.current
        self.cancel.setEnabled(not job.cancelling)
        if current is not None:
            self._now.setText(say(current.text or current.title))
            self.bar.setRange(0, 1000 if current.total else 0)
            self.bar.setValue(int(1000 * current.done / current.total) if current.total else 0)
        clear(self._steps)
        states = {"running": "busy", "done": "ok", "failed": "bad", "cancelled": "none"}
        for step in steps[-self.SHOWN :]:
            row = hbox(spacing=8)
            row.addWidget(Status(say(step.title), states[step.state]), 1)
            if step.finished is not None:
                row.addWidget(Label(duration(step.finished - step.started), "badge", "text3"))
            elif step.total:
                row.addWidget(Label(f"{number(step.done)} / {number(step.total)}", "badge", "text3"))
            self._steps.addLayout(row)


def _card(icon: str, title: str, *, chosen: bool = False) -> tuple[QFrame, QVBoxLayout]:
    card = frame("start" if chosen else "card")
    card.setMinimumHeight(372)
    column = vbox(card, margins=(24, 24, 24, 20), spacing=8)
    plate = frame("soft" if chosen else "note")
    plate.setFixedSize(44, 44)
    inside = hbox(plate, margins=(12, 12, 12, 12))
    inside.addWidget(Icon(icon, "accent" if chosen else "text2", 20))
    column.addWidget(plate)
    column.addSpacing(8)
    column.addWidget(Label(title, "section"))
    body = vbox(spacing=8)
    column.addLayout(body, 1)
    card.setAccessibleName(title)
    return card, body


def _words(body: QVBoxLayout, text: str, points: list[tuple[str, str]]) -> None:
    words = Label(text, "body", "text2", wrap=True)
    words.setMinimumHeight(42)
    body.addWidget(words)
    body.addWidget(line())
    body.addSpacing(2)
    for icon, point in points:
        row = hbox(spacing=9)
        row.addWidget(Icon(icon, "text2", 14))
        row.addWidget(Label(point, "body", "text2"), 1)
        body.addLayout(row)
    body.addStretch(1)


def _left(button: Button) -> QWidget:
    holder = QWidget()
    row = hbox(holder)
    row.addWidget(button)
    row.addStretch(1)
    return holder
