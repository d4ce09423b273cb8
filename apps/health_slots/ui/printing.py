"""Paper from a desk: saved as a PDF that opens in the system's reader, whose print button everybody knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSaveFile, QUrl
from PySide6.QtGui import QDesktopServices, QPageSize, QPdfWriter, QTextDocument

from apps.health_slots.ui.phrases import tr
from console.i18n import language
from console.widgets.forms import save_file
from network.errors import UserError
from network.text import Lang, Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


def print_paper(page: SlotsPage, title: str, make: Callable[[Lang], str], *, small: bool = True) -> Path | None:
    """Ask where the paper goes, write it and open it; `make` gives its HTML in a language. None if nobody chose."""
    chosen = save_file(page, title, f"{title}.pdf", tr("PDF 文件 (*.pdf)"))
    if not chosen:
        return None
    target = Path(chosen)
    try:
        write_pdf(target, make(language()), small=small)
    except OSError as error:
        page.banner.show_error(UserError(Text("没有写成：{e}", "It was not written: {e}", e=str(error))))
        return None
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(target)))
    page.context.notice(tr("已存为 {file}").format(file=target.name))
    return target


def write_pdf(target: Path, html: str, *, small: bool = True) -> None:
    """Write HTML as a PDF of A5 (`small`) or A4, whole or not at all; OSError if it cannot be written."""
    file = QSaveFile(str(target))
    if not file.open(QSaveFile.OpenModeFlag.WriteOnly):
        raise OSError(file.errorString())
    writer = QPdfWriter(file)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A5 if small else QPageSize.PageSizeId.A4))
    document = QTextDocument()
    document.setHtml(html)
    document.print_(writer)
    del writer
    if not file.commit():
        raise OSError(file.errorString())
