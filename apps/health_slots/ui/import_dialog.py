"""A schedule file before its import: what it would do, what is asked, how lines were understood, every bad line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit

from apps.health_slots.model import REASON_TITLES
from apps.health_slots.schedule import Habits, Preview, Question, answer
from apps.health_slots.schedule.fields import FREE_FIELDS
from apps.health_slots.ui.import_calendar import MOST_WEEKS, ImportCalendar, PlannedDay, planned_days
from apps.health_slots.ui.import_tables import SessionTable, bad_table, change_table, first_of, note_table
from apps.health_slots.ui.phrases import tr
from console.i18n import say
from console.i18n.formats import number
from console.widgets.basic import Button, Label, Status, clear, hbox, vbox
from console.widgets.dialogs import Dialog
from console.widgets.forms import DropZone, Field, Form, check_field, choice_field, text_field
from network.errors import CityChainError

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

MOST_QUESTIONS = 8
"""Asked at once; answering some often answers the others."""


class ImportDialog(Dialog):
    """Choose or drop a file, answer what only the hospital knows, see every bad line, then commit.

    `habits` are the hospital's, with what was answered here; `skips_bad` says that bad lines are left out on purpose.
    Where the file differs from the ledger, `reason` is what is written with the changes and `stops_missing` says that
    sessions which it no longer names stop.
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
        self.reason_code = ""
        self.stops_missing = False
        self.form: Form | None = None
        self.columns: Form | None = None
        """How headings are read that only the hospital can explain."""
        self._pasted: TemporaryDirectory[str] | None = None
        zone = DropZone(
            tr("拖入排班文件，或点此选择"),
            pattern=tr("排班 (*.csv *.tsv *.txt *.xlsx *.xls *.ods)"),
        )
        zone.dropped.connect(lambda paths: self.begin(Path(paths[0])))
        self.body.addWidget(zone)
        row = hbox(spacing=8)
        row.addStretch(1)
        row.addWidget(Button(tr("粘贴表格"), self.paste, icon="copy", small=True))
        self.body.addLayout(row)
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

    def paste(self) -> None:
        """Preview what was copied in a spreadsheet, its heading included."""
        text = QGuiApplication.clipboard().text()
        if "\t" not in text.strip():
            self.reason.setText(tr("剪贴板里没有表格：请在表格软件里连同表头一起选中并复制"))
            return
        self._pasted = TemporaryDirectory(prefix="citychain-")
        file = Path(self._pasted.name) / "{}.tsv".format(tr("粘贴的表格"))
        file.write_text(text, encoding="utf-8", newline="")
        self.begin(file)

    def done(self, result: int) -> None:
        """Close; what was pasted stays until the import has read it."""
        self._page.pasted = self._pasted if result else None
        super().done(result)

    def take(self, path: Path) -> None:
        """Preview a file with what was answered so far."""
        self.path, self.skips_bad, self.reason_code = path, False, ""
        self.banner.hide()
        clear(self.findings)
        self.accept_button.setEnabled(False)
        service, hospital, habits = self._page.service, self._page.hospital, self.habits
        stops = self.stops_missing
        if service is not None:

            def read() -> tuple[Preview, tuple[PlannedDay, ...]]:
                found = service.schedules.preview(path, hospital, habits=habits, stop_missing=stops)
                return found, planned_days(found.sessions)

            self._page.context.tasks.fetch(read, lambda found: self._show(*found), self.show_error, owner=self)

    def _show(self, preview: Preview, days: tuple[PlannedDay, ...]) -> None:
        clear(self.findings)
        self.form = self.columns = None
        self.accept_button.setEnabled(preview.importable)
        self._say_result(preview)
        if preview.columns:
            self._show_columns(preview)
        if preview.questions:
            self._ask(preview.questions[:MOST_QUESTIONS])
        elif preview.bad_count and preview.sessions:
            self._offer_the_rest(preview)
        if preview.bad:
            self.findings.addWidget(bad_table(preview))
            return
        if preview.differences is not None and (preview.differences.changes or preview.differences.missing):
            self._show_differences(preview)
        elif preview.notes:
            self.findings.addWidget(note_table(preview))
        if preview.importable:
            self._show_calendar(preview, days)

    def _show_calendar(self, preview: Preview, days: tuple[PlannedDay, ...]) -> None:
        """The file's days as a calendar, and the sessions of the day that is chosen there, else of the whole file."""
        calendar, table = ImportCalendar(days), SessionTable(preview)
        self.findings.addWidget(calendar)
        if calendar.left_out:
            words = tr("日历只画前 {w} 周，还有 {n} 周")
            shown = words.format(w=number(MOST_WEEKS), n=number(calendar.left_out))
            self.findings.addWidget(Label(shown, "caption", "text2"))
        self.findings.addWidget(table.heading)
        self.findings.addWidget(table)

        def chosen(day: str) -> None:
            self._page.context.tasks.fetch(
                lambda: first_of(preview.sessions, day), lambda rows: table.show_day(day, rows), owner=table
            )

        calendar.chosen.connect(chosen)

    def _show_differences(self, preview: Preview) -> None:
        """What differs from the ledger, and for which reason it is to change."""
        compared = preview.differences
        words = tr("与账本相比：{same} 个单元相同，{n} 处改动，{gone} 个文件里没有了")
        counts = {"same": compared.same, "n": len(compared.changes), "gone": len(compared.missing)}
        self.findings.addWidget(Status(words.format(**{k: number(v) for k, v in counts.items()}), "warn", role="body"))
        self.findings.addWidget(change_table(compared))
        form = Form(2)
        form.add("reason", choice_field(tr("理由，写入账本"), _reasons(), empty=tr("请选择")))
        if compared.missing:
            form.add(
                "missing", check_field(tr("文件是完整的：没有列出的单元改诊、替诊或停诊"), checked=self.stops_missing)
            )
        self.form = form
        self.findings.addWidget(form)

        def chosen() -> None:
            stops = bool(compared.missing and form["missing"])
            if stops != self.stops_missing:
                self.stops_missing = stops
                if self.path is not None:
                    self.take(self.path)
                return
            self.reason_code = form["reason"] or ""
            needed = bool(compared.changes) or stops
            self.accept_button.setEnabled(preview.importable and bool(self.reason_code or not needed))
            self.reason.setText("" if self.accept_button.isEnabled() else tr("请先选择改动的理由"))

        form.edited.connect(chosen)
        chosen()

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

    def _show_columns(self, preview: Preview) -> None:
        """The file's own headings, each with what it is read as: campus, title and so on, or nothing."""
        form = Form(2)
        for heading, meant in list(preview.columns.items())[:MOST_QUESTIONS]:
            if meant and meant not in FREE_FIELDS:
                continue  # answered as a question
            field = choice_field(heading, [(f, say(t)) for f, t in FREE_FIELDS.items()], empty=tr("不导入"))
            field.set_value(meant)
            field.edited.connect(lambda heading=heading, field=field: self._read_as(heading, field.value))
            form.add(heading, field)
        if not form.fields:
            return
        self.columns = form
        self.findings.addWidget(Label(tr("文件自己的列：读作哪一项，本院下次照此"), "caption", "text2"))
        self.findings.addWidget(form)

    def _read_as(self, heading: str, meant: str) -> None:
        habits = self.habits or Habits()
        self.habits = replace(habits, columns={**habits.columns, heading: meant})
        if self.path is not None:
            self.take(self.path)

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


def _reasons() -> list[tuple[str, str]]:
    return [(key, say(title)) for key, title in REASON_TITLES.items()]
