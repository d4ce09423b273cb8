"""A schedule file before its import: what it would do, what is asked, how lines were understood, every bad line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QLineEdit

from apps.health_slots.schedule import Habits, Preview, Question, answer
from apps.health_slots.ui.words import tr
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.widgets.basic import Status, clear, vbox
from console.widgets.dialogs import Dialog
from console.widgets.forms import DropZone, Field, Form, check_field, choice_field, text_field
from console.widgets.table import DataTable
from network.errors import CityChainError

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

SHOWN_LINES = 200
MOST_QUESTIONS = 8
"""Asked at once; answering some often answers the others."""


class ImportDialog(Dialog):
    """Choose or drop a file, answer what only the hospital knows, see every bad line, then commit.

    `habits` are the hospital's, with what was answered here; `skips_bad` says that bad lines are left out on purpose.
    """

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(
            page,
            tr("导入排班"),
            tr(
                "CSV、XLSX、XLS 或 ODS，编码不限。表头上方的标题、合并单元格、合计行会自动识别；"
                "医院自己的代码只问一次。写入的是放号前的承诺，放号之前号源内容不公开。"
            ),
            accept=tr("写入承诺"),
            width=760,
        )
        self._page = page
        self.path: Path | None = None
        self.habits: Habits | None = None
        self.skips_bad = False
        self.form: Form | None = None
        zone = DropZone(
            tr("拖入排班文件，或点此选择"),
            pattern=tr("排班 (*.csv *.tsv *.txt *.xlsx *.xls *.ods)"),
        )
        zone.dropped.connect(lambda paths: self.begin(Path(paths[0])))
        self.body.addWidget(zone)
        self.findings = vbox(spacing=8)
        self.body.addLayout(self.findings)
        self.accept_button.setEnabled(False)
        self.reason.setText(tr("还没有选择文件"))

    def begin(self, path: Path) -> None:
        """Preview a file as the page's hospital is known to write."""
        service = self._page.service
        if service is not None:
            self.habits = service.schedules.habits(self._page.hospital)
        self.take(path)

    def take(self, path: Path) -> None:
        """Preview a file with what was answered so far."""
        self.path, self.skips_bad = path, False
        self.banner.hide()
        clear(self.findings)
        self.accept_button.setEnabled(False)
        service, hospital, habits = self._page.service, self._page.hospital, self.habits
        if service is not None:
            self._page.context.tasks.fetch(
                lambda: service.schedules.preview(path, hospital, habits=habits),
                self._show,
                self.show_error,
                owner=self,
            )

    def _show(self, preview: Preview) -> None:
        clear(self.findings)
        self.form = None
        self.accept_button.setEnabled(preview.importable)
        self._say_result(preview)
        if preview.questions:
            self._ask(preview.questions[:MOST_QUESTIONS])
        elif preview.bad_count and preview.sessions:
            self._offer_the_rest(preview)
        if preview.bad:
            self.findings.addWidget(_bad_table(preview))
        elif preview.notes:
            self.findings.addWidget(_note_table(preview))

    def _say_result(self, preview: Preview) -> None:
        counts = {
            "rows": number(preview.rows),
            "s": number(len(preview.sessions)),
            "n": number(preview.slots),
            "bad": number(preview.bad_count),
            "q": number(len(preview.questions)),
        }
        if preview.importable:
            words, tone, reason = tr("{rows} 行，{s} 个出诊单元，{n} 个号，全部可以导入"), "ok", ""
        elif preview.questions:
            words, tone, reason = tr("有 {q} 个问题只有医院能回答；答案会记住"), "warn", tr("请先回答问题")
        elif preview.bad_count:
            words, tone, reason = tr("{bad} 行不能导入，共 {rows} 行"), "bad", tr("请先修正文件")
        else:
            words, tone, reason = tr("文件里没有排班"), "bad", tr("请先修正文件")
        self.reason.setText(reason)
        self.findings.addWidget(Status(words.format(**counts), tone, role="body"))

    def _ask(self, questions: tuple[Question, ...]) -> None:
        form = Form(2)
        for index, question in enumerate(questions):
            form.add(str(index), self._field(question))
        self.form = form
        self.findings.addWidget(form)

    def _field(self, question: Question) -> Field:
        label = say(question.text)
        if not question.choices:
            field = text_field(label, placeholder="08:00-12:00")
            if isinstance(field.editor, QLineEdit):
                field.editor.editingFinished.connect(lambda: self._answer(question, field))
            return field
        options = [(value, say(words)) for value, words in question.choices]
        field = choice_field(label, options, empty=tr("请选择"))
        field.edited.connect(lambda: self._answer(question, field))
        return field

    def _answer(self, question: Question, field: Field) -> None:
        if not field.value or self.path is None:
            return
        try:
            self.habits = answer(self.habits or Habits(), question, field.value)
        except CityChainError as error:
            field.set_error(say(error.message))
            return
        self.take(self.path)

    def _offer_the_rest(self, preview: Preview) -> None:
        good = preview.good()
        if not good:
            return
        words = tr("跳过有错误的行，只导入其余 {s} 个出诊单元（{n} 个号）")
        slots = sum(draft.count for draft in good)
        field = check_field(words.format(s=number(len(good)), n=number(slots)))

        def chosen() -> None:
            self.skips_bad = bool(field.value)
            self.accept_button.setEnabled(self.skips_bad)
            self.reason.setText("" if self.skips_bad else tr("请先修正文件"))

        field.edited.connect(chosen)
        self.findings.addWidget(field)


def _bad_table(preview: Preview) -> DataTable:
    columns = [Column(tr("行"), 110, right=True), Column(tr("列"), 120), Column(tr("内容"), 150), Column(tr("原因"))]
    model = RowsModel(columns, _bad_cells)
    table = DataTable(model, tr("不能导入的行"))
    model.set_rows(preview.bad[:SHOWN_LINES])
    table.fit(7)
    return table


def _bad_cells(bad: Any) -> list[Cell]:
    reason = Cell(say(bad.why), word_tone="bad")
    return [Cell(_place(bad)), Cell(bad.column or "—"), Cell(bad.value[:60]), reason]


def _note_table(preview: Preview) -> DataTable:
    model = RowsModel([Column(tr("行"), 110, right=True), Column(tr("按此理解"))], _note_cells)
    table = DataTable(model, tr("文件没有明说、按常理理解的行"))
    model.set_rows(preview.notes[:SHOWN_LINES])
    table.fit(5)
    return table


def _note_cells(note: Any) -> list[Cell]:
    return [Cell(_place(note)), Cell(say(note.text))]


def _place(line: Any) -> str:
    return f"{line.sheet} {number(line.line)}".strip()
