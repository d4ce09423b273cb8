"""Admitting a hospital, and importing a schedule with a preview that names every bad line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.health_slots.ui.words import tr
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.widgets.basic import Status, clear, vbox
from console.widgets.dialogs import Dialog
from console.widgets.forms import DropZone, Form, text_field
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


def ask_hospital(page: SlotsPage) -> None:
    """Admit a hospital to the ledger."""
    dialog = Dialog(
        page,
        tr("登记医院"),
        tr("编号写入账本，之后不能更改。"),
        accept=tr("登记"),
    )
    form = Form(2)
    form.add("id", text_field(tr("编号"), placeholder="H0001", required=True))
    form.add("name", text_field(tr("名称"), required=True))
    dialog.body.addWidget(form)
    dialog.watch(form)
    service = page.service

    def attempt() -> None:
        hospital, name = form["id"], form["name"]
        if not re.fullmatch(r"[A-Za-z0-9]{1,12}", hospital):
            form.fields["id"].set_error(tr("只含字母和数字，最多 12 个"))
            return
        dialog.accept()
        if service is not None:
            page.change(
                lambda: service.set_up({hospital: name}),
                Text("登记医院 {h}", "Admit hospital {h}", h=hospital),
                tr("已登记 {name}").format(name=name),
            )

    dialog.accept_button.clicked.disconnect()
    dialog.accept_button.clicked.connect(attempt)
    dialog.exec()


class ImportDialog(Dialog):
    """Choose or drop a CSV or XLSX file, see what it would do and every bad line, then commit all or nothing."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(
            page,
            tr("导入排班"),
            tr(
                "CSV 或 XLSX，编码 UTF-8 或 GBK 均可。有一行不能导入，就整个不导入。"
                "写入的是放号前的承诺，放号之前号源内容不公开。"
            ),
            accept=tr("写入承诺"),
            width=760,
        )
        self._page = page
        self.path: Path | None = None
        zone = DropZone(
            tr("拖入排班文件，或点此选择"),
            pattern=tr("排班 (*.csv *.xlsx)"),
        )
        zone.dropped.connect(lambda paths: self.take(Path(paths[0])))
        self.body.addWidget(zone)
        self.findings = vbox(spacing=8)
        self.body.addLayout(self.findings)
        self.accept_button.setEnabled(False)
        self.reason.setText(tr("还没有选择文件"))

    def take(self, path: Path) -> None:
        """Preview a file."""
        self.path = path
        self.banner.hide()
        clear(self.findings)
        self.accept_button.setEnabled(False)
        service = self._page.service
        if service is not None:
            self._page.context.tasks.fetch(
                lambda: service.schedules.preview(path), self._show, self.show_error, owner=self
            )

    def _show(self, preview: Any) -> None:
        clear(self.findings)
        self.accept_button.setEnabled(preview.importable)
        self.reason.setText("" if preview.importable else tr("请先修正文件"))
        if preview.importable:
            words = tr("{rows} 行，{s} 个出诊单元，{n} 个号，全部可以导入")
            self.findings.addWidget(
                Status(
                    words.format(rows=number(preview.rows), s=number(len(preview.sessions)), n=number(preview.slots)),
                    "ok",
                    role="body",
                )
            )
            return
        words = tr("{bad} 行不能导入，共 {rows} 行")
        self.findings.addWidget(
            Status(words.format(bad=number(preview.bad_count), rows=number(preview.rows)), "bad", role="body")
        )
        model = RowsModel(
            [
                Column(tr("行"), 70, right=True),
                Column(tr("列"), 130),
                Column(tr("内容"), 150),
                Column(tr("原因")),
            ],
            _bad_cells,
        )
        table = DataTable(model, tr("不能导入的行"))
        model.set_rows(preview.bad[:200])
        table.fit(7)
        self.findings.addWidget(table)


def _bad_cells(bad: Any) -> list[Cell]:
    return [Cell(number(bad.line)), Cell(bad.column or "—"), Cell(bad.value[:60]), Cell(say(bad.why), word_tone="bad")]


def ask_import(page: SlotsPage) -> None:
    """Import a schedule for the page's hospital."""
    dialog = ImportDialog(page)
    if dialog.exec() and dialog.path is not None:
        run_import(page, dialog.path)


def run_import(page: SlotsPage, path: Path) -> None:
    """Commit the file's sessions as a job."""
    service = page.service
    if service is None:
        return

    def done(result: Any) -> None:
        words = tr("已写入 {s} 个出诊单元的承诺，{n} 个号")
        page.context.notice(words.format(s=number(len(result.sessions)), n=number(result.slots)))
        page.refresh()

    page.context.job(
        service.schedules.import_file,
        page.hospital,
        path,
        title=Text("导入排班 {f}", "Import {f}", f=path.name),
        network=page.context.network,
        done=done,
        failed=page.banner.show_error,
    )


def release(page: SlotsPage) -> None:
    """Open every committed session of the page's hospital whose release has come."""
    service = page.service
    if service is None:
        return

    def done(result: Any) -> None:
        words = tr("已放号 {n} 个；{w} 个单元还没到放号时间")
        page.context.notice(words.format(n=number(result.slots), w=result.not_due))
        page.refresh()

    page.context.job(
        service.schedules.release,
        page.hospital,
        title=Text("放号", "Open slots"),
        network=page.context.network,
        done=done,
        failed=lambda error: page.banner.show_error(error, page.refresh),
    )
