"""What the panels of some records show besides their fields: evidence, the split of a royalty, changed entries."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from apps.copyright.case_words import EVIDENCE_KINDS
from apps.copyright.office_words import ENTRIES
from apps.copyright.ui.terms import label, tr
from apps.kit.formats import yuan
from chaincode.copyright.kinds import Change, Dispute
from console.appkit.acting import Host
from console.i18n import say
from console.i18n.formats import short_cid, when
from console.shell.inspector import Inspected
from console.widgets.basic import Button, HashLabel, Label, vbox
from console.widgets.facts import Facts, Section
from console.widgets.forms import save_file
from fabric_sdk.files import write_whole
from fabric_sdk.kinds import Record
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage


def evidence(page: Host, record: Record, panel: Inspected) -> None:
    """The pieces of evidence of a dispute or a case."""
    pieces = record.get("evidence")
    if not pieces:
        return
    section = Section(label(Dispute.evidence), tr("共 {n} 件").format(n=len(pieces)))
    names = {code: say(words) for code, words in EVIDENCE_KINDS.items()}
    names |= {
        "web_capture": tr("网页取证"),
        "web_source": tr("网页源代码（没有截图）"),
        "file": tr("文件"),
    }
    for one in pieces:
        column = vbox(spacing=2)
        taken = when(one["captured"]) if one.get("captured") else ""
        column.addWidget(Label(" · ".join(p for p in (names.get(one["kind"], one["kind"]), taken) if p), "body"))
        column.addWidget(HashLabel(one["cid"], short_cid(one["cid"]), what="CID"))
        save = partial(save_paper, page, str(record["id"]), str(one["cid"]))
        column.addWidget(Button(tr("取出文件…"), save, icon="download", small=True), 0, Qt.AlignmentFlag.AlignLeft)
        section.body.addLayout(column)
    if any(one["kind"] in ("web_capture", "web_source") for one in pieces):
        take = partial(_save_parts, page, str(record["id"]))
        section.add(panel.buttons(Button(tr("取出网页的各部分…"), take, icon="folder", small=True)))
    panel.add(section)


def _save_parts(page: Host, record: str) -> None:
    """Write every part of the captured pages into a folder: screenshot, pictures, source, headers, certificate."""
    folder = QFileDialog.getExistingDirectory(page, tr("取出到文件夹"))
    service = cast("CopyrightPage", page).service

    def write(*, ctx: Any) -> int:
        return len(service.captures.parts(record, Path(folder), ctx))

    if folder:
        page.context.job(
            write,
            title=Text("取出网页的各部分", "Write the parts of captured pages"),
            done=lambda count: page.context.notice(tr("已取出 {n} 个网页，逐部分核对过").format(n=count)),
        )


def save_paper(page: Host, record: str, cid: str) -> None:
    """Write a proof or a piece of evidence to a file, fetched where it is not here."""
    path = save_file(page, tr("取出文件"), f"{record}-{cid[-8:]}")
    service = cast("CopyrightPage", page).service

    def write(*, ctx: Any) -> int:
        return write_whole(Path(path), service.files.read(record, cid, ctx))

    if path:
        page.context.job(
            write,
            title=Text("取出附件", "Write the paper"),
            done=lambda _: page.context.notice(tr("已取出，逐块核对过")),
        )


def split(page: Host, record: Record, panel: Inspected) -> None:
    """Who gets what of a royalty."""
    if record.get("split"):
        facts = Facts(150)
        for one in record["split"]:
            facts.add(str(one["party"]), say(yuan(one["fen"])))
        panel.add(Section(tr("版税分配")).add(facts))


def changes(page: Host, record: Record, panel: Inspected) -> None:
    """The entries as a change would have them."""
    facts = Facts(84)
    for name, value in record["changes"].items():
        facts.add(say(ENTRIES.get(name, name)), _entry(value))
    panel.add(Section(label(Change.changes)).add(facts))


def _entry(value: Any) -> str:
    if isinstance(value, list):
        return tr("、").join(str(one.get("name", one)) if isinstance(one, dict) else str(one) for one in value)
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part)
    return str(value)
