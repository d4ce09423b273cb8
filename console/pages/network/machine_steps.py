"""The wizard's steps about machines: where the network runs, how its orderers agree."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QGridLayout, QVBoxLayout

from console.context import Context
from console.i18n import say, tr
from console.pages.network.draft import Draft
from console.pages.network.steps import Option, WizardStep
from console.theme import tokens
from console.titles import consensus_title, runtime_title
from console.widgets.basic import STATE_ICONS, Button, Icon, Label, clear, hbox, line, set_surface, vbox
from console.widgets.card import Card
from console.widgets.forms import Form, choice_field, number_field
from console.widgets.states import Note
from network.errors import CityChainError
from network.text import Text


class RuntimeStep(WizardStep):
    """Where the network runs; what this computer can do is checked, with the reason where it cannot."""

    ORDER = ("embedded", "native", "docker")

    def __init__(self, draft: Draft, context: Context) -> None:
        super().__init__(
            draft,
            tr("这个网络运行在哪里"),
            tr("应用与合约在各种方式下用法相同。"),
        )
        self._context = context
        self.options: dict[str, Option] = {}
        self._results: dict[str, QVBoxLayout] = {}
        self._available: dict[str, bool] = {}
        icons = {"embedded": "bolt", "native": "server", "docker": "cube"}
        texts = {
            "embedded": tr("一个本地进程，按 Fabric 规则背书、验证、出块。适合体验、教学与合约开发。"),
            "native": tr("以受管进程运行官方 peer 与 orderer，无需 Docker。适合单机上的真实网络。"),
            "docker": tr("用官方镜像运行，适合常见的测试网络与容器化环境。"),
        }
        grid = QGridLayout()
        grid.setSpacing(tokens.CARD_GAP)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        for number, which in enumerate(self.ORDER):
            option = Option(runtime_title(which), texts[which], icons[which])
            option.setMinimumHeight(190)
            inner = vbox(margins=(26, 4, 0, 0), spacing=6)
            inner.addWidget(line())
            result = vbox(spacing=5)
            inner.addLayout(result)
            inner.addStretch(1)
            option.column.addLayout(inner, 1)
            option.chosen.connect(partial(self.choose, which))
            self.options[which] = option
            self._results[which] = result
            grid.addWidget(option, number // 2, number % 2)
        grid.addWidget(self._elsewhere(), 1, 1)
        self.column.addLayout(grid)
        self.column.addStretch(1)

    def _elsewhere(self) -> Card:
        """Many hosts: write the network down for Compose or Kubernetes, run it there, attach it afterwards."""
        card = Card(tr("多台主机"), icon="cloud")
        card.add(
            Label(
                tr(
                    "在此定好组织与策略，导出 Compose 文件或 Kubernetes 清单，由各单位自行运行。"
                    "已有的 Fabric 网络可以直接接入。"
                ),
                "caption",
                "text2",
                wrap=True,
            )
        )
        for text, act in (
            (tr("导出 Docker Compose…"), partial(self._export, "compose")),
            (tr("导出 Kubernetes…"), partial(self._export, "kubernetes")),
            (tr("接入已有网络…"), partial(self._context.go, "networks/attach")),
        ):
            card.add(_left(Button(text, act, kind="link")))
        card.body.addStretch(1)
        return card

    def _export(self, form: Literal["compose", "kubernetes"]) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("导出到文件夹"))
        if not folder:
            return
        context = self._context
        try:
            spec = self.draft.spec().with_(runtime="docker")
        except CityChainError as error:
            context.problem.emit(error)
            return
        context.job(
            context.platform.exchange.export,
            spec,
            form,
            Path(folder),
            title=Text("导出 {n}", "Export {n}", n=spec.name),
            network=spec.name,
            done=lambda found: context.notice(
                tr("已导出 {n} 个文件，其中有节点私钥，请妥善保管").format(n=found.files)
            ),
        )

    def enter(self) -> None:
        self._paint()
        for which in self.ORDER:
            clear(self._results[which])
            self._results[which].addLayout(_finding(tr("正在检查本机…"), "busy"))
        try:
            spec = self.draft.spec()
        except CityChainError:
            return
        platform = self._context.platform
        self._context.tasks.fetch(lambda: platform.networks.capabilities(spec), self._show, self._failed, owner=self)

    def _show(self, capabilities: Any) -> None:
        for which in self.ORDER:
            column = self._results[which]
            clear(column)
            capability = capabilities.get(which)
            self._available[which] = capability is not None and capability.available
            if capability is None:
                column.addLayout(_finding(tr("这个版本没有这种方式"), "off"))
                continue
            if capability.available:
                word = tr("可以在本机运行")
                version = f" · {capability.version}" if capability.version else ""
                column.addLayout(_finding(word + version, "ok"))
                if which == "embedded":
                    column.addLayout(_finding(tr("无需下载任何东西"), "ok"))
                    column.addLayout(_finding(tr("单机单进程，不具备多机容错"), "info"))
            else:
                reason = say(capability.reason) if capability.reason else tr("本机不能运行")
                column.addLayout(_finding(reason, "bad"))
                if capability.hint:
                    column.addWidget(Label(say(capability.hint), "caption", "text2", wrap=True))
                column.addLayout(_left(Button(tr("重新检查"), self.enter, kind="link", small=True)))
        self._paint()

    def _failed(self, error: CityChainError) -> None:
        for which in self.ORDER:
            clear(self._results[which])
            self._results[which].addWidget(Label(say(error.message), "caption", "bad", wrap=True))

    def choose(self, which: str) -> None:
        if self._available.get(which, True) is False:
            return
        self.draft.runtime = which  # type: ignore[assignment]
        self._paint()
        self.changed.emit()

    def _paint(self) -> None:
        for which, option in self.options.items():
            option.set_chosen(which == self.draft.runtime)
            if self._available.get(which, True) is False:
                set_surface(option, "sunken")

    def note(self) -> str:
        return runtime_title(self.draft.runtime)


class ConsensusStep(WizardStep):
    """Raft or BFT, and how blocks are cut."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            draft,
            tr("排序节点怎样达成一致"),
            tr("之后不能从一种改为另一种。"),
        )
        self.options: dict[str, Option] = {}
        row = hbox(spacing=tokens.CARD_GAP)
        for which, text in (
            ("raft", tr("容许少数节点停机。三个节点容一个。")),
            ("bft", tr("容许少数节点作恶。四个节点容一个，需 Fabric 3.x。")),
        ):
            option = Option(consensus_title(which), text, "network" if which == "raft" else "shield")
            option.chosen.connect(partial(self.choose, which))
            self.options[which] = option
            row.addWidget(option, 1)
        self.column.addLayout(row)
        card = Card(tr("出块"))
        self.form = Form(2)
        self.form.add(
            "timeout",
            number_field(
                tr("最长等待"), draft.batch_timeout_ms, 10, 60000, unit=tr("毫秒"), hint=tr("从第一笔交易到出块的时间")
            ),
        )
        self.form.add(
            "version",
            choice_field(
                tr("Fabric 版本"), [("3.1.5", "3.1.5"), ("2.5.16", "2.5.16 LTS")], hint=tr("官方程序与 Docker 使用")
            ),
        )
        self.form.edited.connect(self._on_form)
        card.add(self.form)
        self.column.addWidget(card)
        self.advice = Note("")
        self.column.addWidget(self.advice)
        self.column.addStretch(1)

    def enter(self) -> None:
        self.form.fields["timeout"].set_value(self.draft.batch_timeout_ms)
        self.form.fields["version"].set_value(self.draft.version)
        self._paint()

    def choose(self, which: str) -> None:
        self.draft.consensus = which
        self._paint()
        self.changed.emit()

    def _on_form(self) -> None:
        self.draft.batch_timeout_ms = self.form["timeout"]
        self.draft.version = self.form["version"]
        self._paint()
        self.changed.emit()

    def _paint(self) -> None:
        for which, option in self.options.items():
            option.set_chosen(which == self.draft.consensus)
        n = self.draft.orderers
        faults = (n - 1) // 3 if self.draft.consensus == "bft" else (n - 1) // 2
        words = tr("现有 {n} 个排序节点，可容 {f} 个故障。")
        self.advice.label.setText(words.format(n=n, f=max(0, faults)))

    def check(self) -> None:
        self.draft.spec()

    def note(self) -> str:
        return consensus_title(self.draft.consensus)


def _finding(text: str, state: str) -> Any:
    """What the check of this machine found, on as many lines as it needs."""
    row = hbox(spacing=6)
    row.addWidget(Icon(*STATE_ICONS[state], 14), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Label(text, "caption", "bad" if state == "bad" else "text2", wrap=True), 1)
    return row


def _left(button: Button) -> Any:
    row = hbox()
    row.addWidget(button)
    row.addStretch(1)
    return row
