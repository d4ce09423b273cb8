"""批量存证: a folder at once, with forms from a CSV; it may be stopped and goes on where it was; then a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QProgressBar

from apps.copyright.batch import BatchLine, BatchReport, deposit_folder, files_in
from apps.copyright.model import WorkForm
from apps.copyright.table import read_forms
from apps.copyright.ui.terms import terms, tr
from apps.copyright.ui.view import View
from console.appkit.editors import file_field
from console.i18n import language, say
from console.i18n.formats import number, short_cid, size
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.tasks import JobView
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.choice import Segmented
from console.widgets.forms import Form, choice_field, save_file, text_field
from console.widgets.states import EmptyState, Note
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage

MOST_SHOWN = 20_000


class BatchView(View):
    """Addresses `batch` and `batch/FOLDER`."""

    live = False

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__(page)
        self.folder: Path | None = None
        self.files: list[Path] = []
        self.report: BatchReport | None = None
        self.job: JobView | None = None
        self.stopped = False
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=tokens.CARD_GAP)
        row = hbox(spacing=tokens.CARD_GAP)
        self.card = Card(tr("文件夹"))
        self._chosen = vbox(spacing=6)
        self.card.add(self._chosen)
        self.form = Form(2)
        self.form.add("category", choice_field(tr("作品类别"), terms("categories"), empty=tr("按文件类型判断")))
        self.form.add("author", text_field(tr("作者")))
        table = file_field(
            tr("作品信息表（CSV，可不选）"),
            hint=tr("列名：文件、作品名称、作品类别、作者、创作完成日期……"),
            pattern="CSV (*.csv)",
        )
        self.form.add("table", table, wide=True)
        self.card.add(self.form)
        row.addWidget(self.card, 3)
        self.progress_card = Card(tr("进度"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("批量存证的进度"))
        self.at = Label("", "body", "text2", wrap=True)
        self.counted = Label("", "section")
        self.progress_card.add(self.counted)
        self.progress_card.add(self.bar)
        self.progress_card.add(self.at)
        note = tr("可以随时停止或关机。再开始时，已存证的文件会认出来，不会重复，也不会遗漏。")
        self.progress_card.add(Note(note))
        self.progress_card.body.addStretch(1)
        row.addWidget(self.progress_card, 2)
        column.addLayout(row)
        self.result = Card(tr("结果"), " ", flush=True)
        self.which = Segmented(
            tr("显示"),
            [("all", tr("全部")), ("deposited", tr("已存证")), ("known", tr("以前已存证")), ("refused", tr("未存证"))],
        )
        self.which.chosen.connect(lambda which: self._fill())
        self.result.head.addWidget(self.which)
        self.rows = RowsModel(
            [
                Column(tr("文件")),
                Column(tr("结果"), 150),
                Column(tr("作品编号"), 210),
                Column("CID", 190),
                Column(tr("区块"), 80, right=True),
                Column(tr("原因"), 300),
            ],
            self._cells,
        )
        self.table = DataTable(self.rows, tr("结果"))
        self.table.row_opened.connect(self._open)
        self.result.add(self.table, 1)
        column.addWidget(self.result, 1)
        self.nothing = EmptyState("list", tr("还没有结果"), tr("开始后，每个文件的结果都会列在这里，可保存为报告。"))
        column.addWidget(self.nothing, 1)
        self._show_folder()
        self._show_progress()
        self._fill()

    def enter(self, rest: str) -> None:
        self._header()
        if rest and self.folder != Path(rest):
            self.take(Path(rest))

    # -- header --------------------------------------------------------------------------------------
    @property
    def running(self) -> bool:
        return self.job is not None and self.job.running

    def _header(self) -> None:
        if not self.shown:
            return
        actions = [Action("back", tr("全部作品"), lambda: self.page.context.go("copyright/works"), "list")]
        if self.report is not None and not self.running:
            actions.append(Action("report", tr("保存报告…"), self.save_report, "download"))
        if self.running:
            actions.append(Action("stop", tr("停止"), self.stop, "stop"))
        else:
            words = tr("继续") if self.stopped else tr("开始存证")
            reason = "" if self.files else tr("还没有选择文件夹")
            signing = self.page.signs_as("creator")
            actions.append(
                Action("start", words, self.start, "stamp", "primary", not reason, reason=reason, signs=signing)
            )
        facts = self.folder.name if self.folder is not None else tr("数字版权 · 存证")
        self.page.set_header(tr("批量存证"), facts, actions, tabs=[])

    # -- folder --------------------------------------------------------------------------------------
    def _show_folder(self) -> None:
        from console.widgets.basic import clear

        clear(self._chosen)
        if self.folder is None:
            self._chosen.addWidget(
                Label(tr("选择一个文件夹，其中每个文件存证为一件作品。"), "body", "text2", wrap=True)
            )
        else:
            self._chosen.addWidget(Label(self.folder.name, "card", wrap=True))
            octets = sum(path.stat().st_size for path in self.files[:MOST_SHOWN])
            words = tr("{n} 个文件，{s}").format(n=number(len(self.files)), s=size(octets))
            self._chosen.addWidget(Label(words, "body", "text2"))
        self.pick = Button(tr("选择文件夹…"), self.ask, icon="folder")
        row = hbox()
        row.addWidget(self.pick)
        row.addStretch(1)
        self._chosen.addLayout(row)

    def ask(self) -> None:
        """Ask for a folder."""
        name = QFileDialog.getExistingDirectory(self, tr("选择文件夹"))
        if name:
            self.take(Path(name))

    def take(self, folder: Path) -> None:
        """Look at a folder; nothing is deposited yet."""
        if self.running:
            return

        def show(files: list[Path]) -> None:
            self.folder, self.files = folder, files
            self.report, self.stopped = None, False
            self._show_folder()
            self._show_progress()
            self._fill()
            self._header()

        self.page.banner.hide()
        self.page.read(lambda: list(files_in(folder)), show)

    # -- running -------------------------------------------------------------------------------------
    def start(self) -> None:
        """Deposit the folder as a job; again after a stop."""
        folder, service = self.folder, self.service
        if folder is None or self.running:
            return
        author, table = self.form["author"], self.form["table"]
        defaults = WorkForm(title="", category=self.form["category"], authors=({"name": author},) if author else ())

        def run(*, ctx: Any) -> BatchReport:
            forms = read_forms(Path(table)) if table else None
            return deposit_folder(service, folder, forms=forms, defaults=defaults, ctx=ctx)

        self.stopped = False
        self.page.banner.hide()
        self.job = self.page.context.job(
            run,
            title=Text("批量存证 {f}", "Deposit the folder {f}", f=folder.name),
            network=self.page.context.network,
            done=self._done,
            failed=self.page.banner.show_error,
        )
        self.job.changed.connect(self._show_progress)
        self.job.cancelled.connect(self._on_stopped)
        self.job.finished.connect(self._header)
        self._header()

    def stop(self) -> None:
        """Stop after the file at hand."""
        if self.job is not None:
            self.job.cancel()

    def _on_stopped(self) -> None:
        self.stopped = True
        self._show_progress()
        self._header()

    def _done(self, report: BatchReport) -> None:
        self.report = report
        self._show_progress()
        self._fill()
        words = tr("批量存证完成：新存证 {n} 件").format(n=number(report.count("deposited")))
        self.page.context.notice(words)
        self._header()

    def _show_progress(self) -> None:
        step = self.job.job.current if self.job is not None and self.job.job is not None else None
        if self.report is not None:
            counts = tr("新存证 {d} 件，以前已存证 {k} 件，未存证 {r} 件").format(
                d=number(self.report.count("deposited")),
                k=number(self.report.count("known")),
                r=number(self.report.count("refused")),
            )
            self.counted.setText(tr("完成"))
            self.at.setText(counts)
            self.bar.setRange(0, 1)
            self.bar.setValue(1)
        elif step is not None:
            self.counted.setText(f"{number(step.done)} / {number(step.total or len(self.files))}")
            self.bar.setRange(0, int(step.total) or 1)
            self.bar.setValue(int(step.done))
            stopping = self.stopped or (self.job is not None and not self.job.running)
            self.at.setText(tr("已停止，可以继续") if stopping else say(step.text) if step.text else say(step.title))
        else:
            self.counted.setText(f"0 / {number(len(self.files))}")
            self.bar.setRange(0, 1)
            self.bar.setValue(0)
            self.at.setText(tr("还没有开始"))

    # -- result --------------------------------------------------------------------------------------
    def _fill(self) -> None:
        lines = self.report.lines if self.report is not None else []
        shown = [one for one in lines if self.which.current in ("all", one.state)]
        self.rows.set_rows(shown[:MOST_SHOWN])
        self.result.setVisible(self.report is not None)
        self.nothing.setVisible(self.report is None)

    def _cells(self, line: BatchLine) -> list[Cell]:
        words, sign = {
            "deposited": (tr("已存证"), "ok"),
            "known": (tr("以前已存证"), "info"),
            "refused": (tr("未存证"), "bad"),
        }[line.state]
        icon, tone = STATE_ICONS[sign]
        folder = self.folder or line.path.parent
        name = line.path.relative_to(folder).as_posix() if line.path.is_relative_to(folder) else line.path.name
        reason = say(line.reason) if line.reason else ""
        return [
            Cell(name, icon="file", bold=True, tip=str(line.path)),
            Cell(words, icon=icon, tone=tone, word_tone="bad" if sign == "bad" else "text2"),
            Cell(line.work_id or "—", mono=True, copy=line.work_id),
            Cell(short_cid(line.cid) if line.cid else "—", mono=True, copy=line.cid),
            Cell(number(line.block) if line.block else "—"),
            Cell(reason, tip=reason),
        ]

    def _open(self, line: BatchLine) -> None:
        if line.work_id:
            self.page.context.go(f"copyright/work/{line.work_id}")

    def save_report(self) -> None:
        """Write the report as CSV."""
        report = self.report
        path = save_file(self, tr("保存报告"), "report.csv", "CSV (*.csv)")
        if path and report is not None:
            self.page.read(
                lambda: report.write_csv(Path(path), language()),
                lambda _: self.page.context.notice(tr("报告已保存")),
            )
