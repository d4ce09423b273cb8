"""Identities that leave the workspace: an encrypted PKCS#12 file, or an MSP folder as Fabric's programs read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from baas.services.identities import IdentityRecord
from console.i18n import tr
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, choice_field, save_file, text_field
from console.widgets.states import Note

if TYPE_CHECKING:
    from console.pages.identities.page import IdentitiesPage

MINIMUM = 8


class ExportDialog(Dialog):
    """Which form, and for a file the password, typed twice."""

    def __init__(self, page: IdentitiesPage, record: IdentityRecord) -> None:
        super().__init__(
            page,
            tr("导出 {label}").format(label=page.context.person(record.label)),
            tr("私钥、证书和 CA 一起导出。"),
            accept=tr("选择位置…"),
        )
        self.form = Form()
        options = [("p12", tr("PKCS#12 文件，用口令加密")), ("msp", tr("MSP 文件夹，私钥不加密"))]
        self.form.add("form", choice_field(tr("形式"), options))
        self.form.add("password", text_field(tr("口令，至少 8 个字符"), secret=True))
        self.form.add("again", text_field(tr("再输入一次"), secret=True))
        self.body.addWidget(self.form)
        self.advice = Note("")
        self.body.addWidget(self.advice)
        self.form.edited.connect(self._check)
        self._check()

    def _check(self) -> None:
        file = self.form["form"] == "p12"
        for key in ("password", "again"):
            self.form.fields[key].setVisible(file)
        words = (
            tr("请把口令与文件分开交付。") if file else tr("文件夹里的私钥没有加密，只应放在受控的机器上，用完即删。")
        )
        self.advice.label.setText(words)
        problem = ""
        if file and len(self.form["password"]) < MINIMUM:
            problem = tr("口令至少 {n} 个字符").format(n=MINIMUM)
        elif file and self.form["password"] != self.form["again"]:
            problem = tr("两次输入不同")
        self.reason.setText(problem)
        self.accept_button.setEnabled(not problem)


def ask_export(page: IdentitiesPage, record: IdentityRecord) -> None:
    """Ask how and where to, then write."""
    dialog = ExportDialog(page, record)
    if not dialog.exec():
        return
    identities, network = page.context.platform.identities, page.context.network
    done = tr("{label} 已导出").format(label=record.label)
    if dialog.form["form"] == "msp":
        chosen = QFileDialog.getExistingDirectory(page, tr("导出到文件夹"))
        if chosen:
            folder = Path(chosen) / f"{record.msp_id}-{record.name}"
            page.read(lambda: identities.export_msp(record.label, folder, network), lambda _: page.context.notice(done))
        return
    path = save_file(page, tr("导出身份"), f"{record.msp_id}-{record.name}.p12", "PKCS#12 (*.p12 *.pfx)")
    if not path:
        return
    password: str = dialog.form["password"]

    def write() -> None:
        from network.vault import write_private

        write_private(Path(path), identities.export_pkcs12(record.label, password, network))

    page.read(write, lambda _: page.context.notice(done))
