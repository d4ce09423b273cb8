"""Calls recorded as a test: what was called and answered, kept as a file, made again and compared."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from baas.services.recordings import RecordedCall, Recording, Replay, ReplayedCall, begin, load, save
from console.i18n import tr
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.pages.contracts.call import signers
from console.pages.contracts.record_panel import call_panel
from console.pages.ledger.values import one_line
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, check_field, choice_field, pick_files, save_file
from console.widgets.states import EmptyState, Note
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from console.pages.contracts.page import ContractLine, ContractsPage

PATTERN = "CityChain (*.ccrec.json);;JSON (*.json)"
VERDICTS = {"same": "ok", "different": "bad", "skipped": "none"}


class RecordTab(QWidget):
    """One recording for each contract, as long as the window lives; files keep it longer."""

    def __init__(self, page: ContractsPage) -> None:
        super().__init__()
        self._page = page
        self._line: ContractLine | None = None
        self._recordings: dict[str, Recording] = {}
        self._undo: dict[str, Recording] = {}
        self.active: set[str] = set()
        self.replayed: Replay | None = None
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 20), spacing=12)
        bar = hbox()
        self.switch = Button(tr("开始录制"), self.toggle, icon="bolt")
        bar.addWidget(self.switch)
        bar.addWidget(Button(tr("打开录制…"), self.open_file, icon="folder"))
        self.save_button = Button(tr("保存录制…"), self.save_file, icon="download")
        bar.addWidget(self.save_button)
        self.clear_button = Button(tr("清空"), self.clear, icon="trash")
        bar.addWidget(self.clear_button)
        self.undo_button = Button(tr("撤销清空"), self.undo, icon="undo", kind="link")
        bar.addWidget(self.undo_button)
        bar.addStretch(1)
        self._counts = hbox(spacing=16)
        bar.addLayout(self._counts)
        self.replay_button = Button(tr("重放…"), self.replay, icon="play")
        bar.addWidget(self.replay_button)
        column.addLayout(bar)
        self.stack = QStackedWidget()
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("次序"), 70, right=True),
                Column(tr("方法"), 220),
                Column("", 72),
                Column(tr("身份", "one"), 190),
                Column(tr("录制时的返回")),
                Column(tr("重放"), 120),
            ],
            self._cells,
        )
        self.table = DataTable(self.model, tr("录制的调用"))
        self.table.row_chosen.connect(self._inspect)
        card.add(self.table, 1)
        self.stack.addWidget(card)
        self.empty = EmptyState(
            "history",
            tr("还没有录制"),
            tr(
                "开始录制后，在“方法与调用”里做的调用会连同返回记在这里。保存成文件，就能随时重放，核对升级前后的返回是否一致。"
            ),
        )
        self.stack.addWidget(self.empty)
        column.addWidget(self.stack, 1)
        self.note = Note(tr("交易号和时间每次都不同，重放时不比较；前面返回的编号会自动代入后面的调用。"))
        column.addWidget(self.note)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self).activated.connect(self.undo)

    # -- what is recorded ----------------------------------------------------------------------------
    def recording(self, name: str) -> Recording | None:
        return self._recordings.get(name)

    def count(self, name: str) -> int:
        found = self._recordings.get(name)
        return len(found.calls) if found else 0

    def enter(self, line: ContractLine) -> None:
        if self._line is None or self._line.name != line.name:
            self.replayed = None
        self._line = line
        self._show()

    def toggle(self) -> None:
        """Begin to record the contract's calls, or stop."""
        line = self._line
        if line is None:
            return
        if line.name in self.active:
            self.active.discard(line.name)
        else:
            self.start(line)
        self._show()
        self._page.recording_changed()

    def start(self, line: ContractLine) -> None:
        """Record from now on; what is there already is continued."""
        self.active.add(line.name)
        if line.name not in self._recordings:
            version = line.definition.version if line.definition else ""
            self._recordings[line.name] = begin(line.name, version, self._page.context.network)

    def heard(self, name: str, call: RecordedCall) -> None:
        """A call of the contract `name` was answered."""
        if name in self.active:
            self._recordings[name] = self._recordings[name].added(call)
            self._undo.pop(name, None)
            self.replayed = None
            self._show()
            self._page.recording_changed()

    def clear(self) -> None:
        """Forget the calls; `undo` brings them back."""
        line = self._line
        if line is not None and self.count(line.name):
            kept = self._recordings.pop(line.name)
            self._undo[line.name] = kept
            if line.name in self.active:
                self._recordings[line.name] = begin(kept.contract, kept.version, kept.network)
            self.replayed = None
            self._show()
            self._page.recording_changed()

    def undo(self) -> None:
        """Bring back what was cleared last."""
        line = self._line
        if line is not None and line.name in self._undo:
            self._recordings[line.name] = self._undo.pop(line.name)
            self._show()
            self._page.recording_changed()

    # -- files ---------------------------------------------------------------------------------------
    def open_file(self) -> None:
        line = self._line
        files = pick_files(self, tr("打开录制"), PATTERN)
        if files and line is not None:
            self.take(Path(files[0]))

    def take(self, path: Path) -> None:
        """Read a recording from a file; one of another contract goes to that contract's page."""

        def opened(found: Recording) -> None:
            self._recordings[found.contract] = found
            self._undo.pop(found.contract, None)
            self.replayed = None
            if self._line is not None and found.contract != self._line.name:
                self._page.context.go(f"contracts/{found.contract}/record")
            self._show()
            self._page.recording_changed()

        self._page.read(lambda: load(path), opened)

    def save_file(self) -> None:
        """Ask where to, and whether transient data goes along."""
        line = self._line
        found = self._recordings.get(line.name) if line else None
        if found is None:
            return
        personal = False
        if any(call.transient for call in found.calls):
            dialog = Dialog(
                self._page,
                tr("保存录制"),
                tr("有些调用带有瞬态数据，其中可能有个人信息。不保存时，重放会跳过这些调用。"),
                accept=tr("选择位置…"),
                writes=False,
            )
            form = Form()
            form.add("transient", check_field(tr("连同瞬态数据一起保存")))
            dialog.body.addWidget(form)
            if not dialog.exec():
                return
            personal = bool(form["transient"])
        path = save_file(self, tr("保存录制"), f"{found.contract}-{found.version}.ccrec.json", PATTERN)
        if path:
            self._page.read(
                lambda: save(found, Path(path), with_transient=personal),
                lambda _: self._page.context.notice(tr("录制已保存")),
            )

    # -- replay --------------------------------------------------------------------------------------
    def replay(self) -> None:
        """Ask for network and identity, then make the calls again as a job."""
        line = self._line
        found = self._recordings.get(line.name) if line else None
        if found is not None and found.calls:
            page = self._page
            page.read(lambda: signers(page.context.platform, page.context.network), partial(self._ask_replay, found))

    def _ask_replay(self, found: Recording, people: list[str]) -> None:
        page, platform = self._page, self._page.context.platform
        writes = sum(1 for call in found.calls if call.kind == "invoke")
        words = tr("会在所选网络上重新做 {n} 次调用，其中 {w} 次写入账本，不能撤回。")
        dialog = Dialog(page, tr("重放"), words.format(n=len(found.calls), w=writes), accept=tr("重放"))
        form = Form()
        form.add("network", choice_field(tr("网络", "one"), [(n, n) for n in platform.networks.names()]))
        form.fields["network"].set_value(page.context.network)
        who = [("", tr("与录制时相同")), *((label, label) for label in people)]
        form.add("identity", choice_field(tr("以谁的身份"), who))
        dialog.body.addWidget(form)
        if not dialog.exec():
            return

        def done(result: Replay) -> None:
            self.replayed = result
            self._show()
            first = next((i for i, r in enumerate(result.results) if r.verdict == "different"), None)
            if first is not None:
                self.table.choose(first)
            words = tr("重放完成：{same} 次一致，{other} 次不同，{skipped} 次跳过")
            page.context.notice(
                words.format(
                    same=result.count("same"), other=result.count("different"), skipped=result.count("skipped")
                ),
                "ok" if result.passed else "warn",
            )

        page.context.job(
            platform.contracts.replay,
            found,
            form["network"],
            identity=form["identity"],
            title=Text("重放 {c}", "Replay {c}", c=found.contract),
            network=form["network"],
            done=done,
            failed=page.banner.show_error,
        )

    # -- showing -------------------------------------------------------------------------------------
    def _show(self) -> None:
        line = self._line
        if line is None:
            return
        found = self._recordings.get(line.name)
        calls = found.calls if found else ()
        recording = line.name in self.active
        self.switch.setText(tr("停止录制") if recording else tr("开始录制"))
        self.switch.setAccessibleName(self.switch.text())
        self.switch.set_icon("stop" if recording else "bolt")
        for button in (self.save_button, self.clear_button, self.replay_button):
            button.setEnabled(bool(calls))
        self.undo_button.setVisible(line.name in self._undo)
        self.stack.setCurrentIndex(0 if calls else 1)
        self.note.setVisible(bool(calls))
        results: list[ReplayedCall | None] = list(self.replayed.results) if self.replayed else [None] * len(calls)
        self.model.set_rows([(n, c, r) for n, (c, r) in enumerate(zip(calls, results, strict=False), 1)])
        clear(self._counts)
        if recording:
            self._counts.addWidget(Status(tr("正在录制"), "busy"))
        if self.replayed is not None:
            for verdict, words in (
                ("same", tr("一致 {n}")),
                ("different", tr("不同 {n}")),
                ("skipped", tr("跳过 {n}")),
            ):
                if self.replayed.count(verdict):  # type: ignore[arg-type]
                    text = words.format(n=number(self.replayed.count(verdict)))  # type: ignore[arg-type]
                    self._counts.addWidget(Status(text, VERDICTS[verdict]))

    def _inspect(self, row: Any) -> None:
        self._page.inspect(call_panel(*row))

    def _cells(self, row: Any) -> list[Cell]:
        order, call, result = row
        word = tr("提交") if call.kind == "invoke" else tr("查询")
        answer = call.said if call.refusal else one_line(call.payload)
        cells = [
            Cell(str(order)),
            Cell(call.function, mono=True, copy=call.function),
            Cell(word, tag=True),
            Cell(call.identity or tr("当前身份"), word_tone="text2"),
            Cell(answer or tr("（没有返回内容）"), mono=bool(answer) and not call.refusal, word_tone="text2"),
        ]
        if result is None:
            return [*cells, Cell("—", word_tone="text3")]
        sign = VERDICTS[result.verdict]
        icon, tone = STATE_ICONS[sign]
        words = {"same": tr("一致"), "different": tr("不同"), "skipped": tr("跳过")}[result.verdict]
        return [*cells, Cell(words, icon=icon, tone=tone, word_tone="bad" if sign == "bad" else "text2")]
