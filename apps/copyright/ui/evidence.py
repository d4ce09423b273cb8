"""Exporting a work's evidence package: with or without the file, then straight to its check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright.model import Work
from apps.copyright.ui.terms import tr
from console.i18n.formats import size
from console.widgets.basic import Label
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, check_field, save_file
from console.widgets.states import Note
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage


class ExportDialog(Dialog):
    """What goes into the package."""

    def __init__(self, page: CopyrightPage, work: Work) -> None:
        super().__init__(
            page,
            tr("导出证据包：{title}").format(title=work.title),
            tr("证据包可以交给法院或任何人，不需要城链也能核验。"),
            accept=tr("选择保存位置…"),
            writes=False,
        )
        for text in (
            tr("作品和相关权利的全部交易，由行为人签名"),
            tr("通道从第 0 区块起的配置、区块和排序节点的签名"),
            tr("各组织节点签名的证实：交易有效、没有遗漏"),
            tr("登记证书、网页取证、时间戳（如有）"),
            tr("目录页、离线核验程序和核验网页"),
        ):
            self.body.addWidget(Label("·  " + text, "body"))
        self.form = Form(1)
        sealed = tr("（密文）") if work.encrypted else ""
        words = tr("带上作品文件{sealed}，{s}").format(sealed=sealed, s=size(work.size))
        self.form.add("content", check_field(words, checked=True))
        self.body.addWidget(self.form)
        self.body.addWidget(Note(tr("不带文件时，包里只有内容标识（CID）；核验时另外出示文件即可比对。")))


def ask_export(page: CopyrightPage, work: Work) -> None:
    """Ask, then write the package as a job and check it."""
    dialog = ExportDialog(page, work)
    if not dialog.exec():
        return
    path = save_file(page, tr("保存证据包"), f"{work.title}-{tr('证据包')}.zip", "ZIP (*.zip)")
    if path:
        export(page, work, Path(path), with_content=bool(dialog.form["content"]))


def export(page: CopyrightPage, work: Work, target: Path, *, with_content: bool) -> None:
    """Write the package to `target`, then show its check."""
    from apps.copyright.proof import export_evidence

    service = page.service
    assert service is not None

    def write(*, ctx: Any) -> Any:
        target.unlink(missing_ok=True)  # the file dialog has asked whether to replace it
        return export_evidence(service, work.id, target, with_content=with_content, ctx=ctx)

    def done(package: Any) -> None:
        page.context.notice(tr("证据包已导出，{s}").format(s=size(package.size)))
        if package.missing:
            silent = tr("没有签名证实的机构：{m}").format(m=", ".join(package.missing))
            page.context.notice(silent)
        page.context.go(f"copyright/verify/{package.path}")

    page.context.job(
        write,
        title=Text("导出证据包 {t}", "Export the evidence of {t}", t=work.title),
        done=done,
        failed=page.banner.show_error,
    )
