"""One work: head, registration's progress, provenance, its whole history; certificate in the inspector."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QWidget

from apps.copyright.model import Registration, Work
from apps.copyright.ui.apply import ask_apply
from apps.copyright.ui.certificate_picture import CertificatePicture
from apps.copyright.ui.preview import Preview, read_work
from apps.copyright.ui.words import state_words, term, tr
from console.i18n.formats import short_cid, short_hash, size, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.shell.inspector import Inspected
from console.theme import tokens
from console.widgets.autopsy import StageBox, StagesView
from console.widgets.basic import STATE_ICONS, Button, Chip, HashLabel, Icon, Label, clear, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.facts import Facts, Section
from console.widgets.forms import save_file
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage

STEPS = ("SUBMITTED", "VERIFYING", "ACCEPTED", "EXAMINING", "APPROVED", "CERTIFIED", "PUBLISHED")


@dataclass(frozen=True)
class WorkFacts:
    """Everything the view shows of a work."""

    work: Work
    registration: Registration | None
    history: tuple[dict[str, Any], ...]
    tree: dict[str, Any]
    image: QImage
    certificate: Path | None


class WorkView(QWidget):
    """Shown for `copyright/work/ID`."""

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__()
        self._page = page
        self.facts: WorkFacts | None = None
        outer = vbox(self)
        self._scroll = Scroll((tokens.PAGE_MARGIN, 6, tokens.PAGE_MARGIN, 24))
        outer.addWidget(self._scroll)

    def show_id(self, work_id: str) -> None:
        service = self._page.service
        if service is None:
            return
        folder = self._page.context.platform.workspace.path("copyright", "certificates")

        def read() -> WorkFacts:
            work = service.work(work_id)
            registration = service.registration(work.registration) if work.registration else None
            path = folder / f"{registration.number}.pdf" if registration and registration.number else None
            history = service.history(work.id)
            if registration is not None:
                history = [*service.history(registration.id), *history]
            history.sort(key=lambda entry: str(entry.get("timestamp") or entry.get("at") or ""), reverse=True)
            return WorkFacts(
                work,
                registration,
                tuple(history),
                service.family_tree(work.id),
                read_work(service, work),
                path if path is not None and path.exists() else None,
            )

        self._page.read(read, self._show)

    def _show(self, facts: WorkFacts) -> None:
        self.facts = facts
        work = facts.work
        self._page.set_header(
            work.title,
            tr("数字版权 / 作品 / {id}").format(id=work.number or work.id),
            self._actions(facts),
            tabs=[],
        )
        column = self._scroll.column
        clear(column)
        column.addWidget(self._head(facts))
        if facts.registration is not None:
            column.addWidget(self._progress(facts.registration))
        related = _related(facts)
        if related:
            column.addWidget(self._tree(related))
        column.addWidget(self._history(facts))
        column.addStretch(1)
        self._page.inspect(self._panel(facts))

    def _actions(self, facts: WorkFacts) -> list[Action]:
        session = self._page.context.platform.session
        found = [Action("back", tr("全部作品"), lambda: self._page.context.go("copyright"), "list")]
        if facts.certificate is not None:
            found.append(Action("certificate", tr("打开证书"), self.open_certificate, "award"))
        registration = facts.registration
        if registration is None and session.allows("copyright.deposit"):
            found.append(
                Action("apply", tr("申请登记…"), lambda: ask_apply(self._page, facts.work), "stamp", "primary")
            )
        elif registration is not None and registration.state in STEPS[:-1] and session.allows("copyright.review"):
            found.append(
                Action("review", tr("去审查"), lambda: self._page.context.go("copyright/queue"), "arrow", "primary")
            )
        return found

    def open_certificate(self) -> None:
        if self.facts is not None and self.facts.certificate is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.facts.certificate)))

    # -- parts ---------------------------------------------------------------------------------------
    def _head(self, facts: WorkFacts) -> QWidget:
        from apps.copyright.ui.page import work_icon

        work = facts.work
        card = Card()
        row = hbox(spacing=18)
        preview = Preview(work_icon(work.media_type), work.title, height=128)
        preview.setFixedWidth(184)
        preview.set_image(facts.image)
        row.addWidget(preview)
        words = vbox(spacing=6)
        head = hbox(spacing=8)
        head.addWidget(Label(work.title, "section"))
        head.addWidget(Chip(term("categories", work.category), "text2", outline=True))
        head.addWidget(Chip(term("creation_kinds", work.creation_kind), "accent", outline=True))
        state, sign = state_words(facts.registration.state if facts.registration else "")
        tone = sign if sign in {"ok", "warn", "bad"} else "text2"
        head.addWidget(Chip(state, tone, STATE_ICONS[sign][0]))
        if work.encrypted:
            head.addWidget(Chip(tr("已加密"), "violet", "lock"))
        head.addStretch(1)
        words.addLayout(head)
        authors = "、".join(str(a.get("signature") or a.get("name", "")) for a in work.record.get("authors", ()))
        parts = [p for p in (work.number, authors, size(work.size), work.media_type) if p]
        words.addWidget(Label(" · ".join(parts), "body", "text2", wrap=True))
        facts_grid = Facts(64)
        facts_grid.add("CID", HashLabel(work.cid, short_cid(work.cid), what="CID"))
        if work.sha256:
            facts_grid.add("SHA-256", HashLabel(work.sha256, short_hash(work.sha256, 8), what="SHA-256"))
        facts_grid.add(tr("存证于"), when(work.created))
        words.addWidget(facts_grid)
        words.addStretch(1)
        row.addLayout(words, 1)
        card.add(row)
        return card

    def _progress(self, registration: Registration) -> QWidget:
        card = Card(tr("登记进度"), registration.id)
        view = StagesView()
        state = registration.state
        log = {str(entry.get("to")): entry for entry in registration.record.get("log", ())}
        boxes = []
        at = STEPS.index(state) if state in STEPS else max((STEPS.index(s) for s in log if s in STEPS), default=0)
        titles = (
            tr("提交"),
            tr("核查"),
            tr("受理"),
            tr("审查"),
            tr("通过"),
            tr("发证"),
            tr("公告"),
        )
        due = registration.deadlines
        for index, step in enumerate(STEPS):
            entry = log.get(step)
            if entry is not None:
                boxes.append(StageBox(titles[index], "ok", when(entry.get("at"))))
            elif state in {"REFUSED", "LAPSED", "CANCELLED"} and index == at + 1:
                boxes.append(StageBox(titles[index], "failed", state_words(state)[0]))
            else:
                wanted = {1: "verification", 3: "examination"}.get(index, "")
                words = tr("期限 {d}").format(d=due[wanted]) if wanted and due.get(wanted) else ""
                boxes.append(StageBox(titles[index], "skipped", words))
        view.set_stages(boxes)
        card.add(view)
        return card

    def _tree(self, related: list[tuple[str, str, str]]) -> QWidget:
        card = Card(tr("作品谱系"), tr("上溯与下行"))
        for way, work_id, title in related[:12]:
            row = hbox(spacing=8)
            row.addWidget(Icon("up" if way == "up" else "down", "text2", 14))
            words = tr("在先") if way == "up" else tr("由此而来")
            row.addWidget(Label(words, "caption", "text2"))
            if work_id:
                name = Button(title, partial(self._page.context.go, f"copyright/work/{work_id}"), kind="link")
                row.addWidget(name)
            else:
                row.addWidget(Label(title, "body"))
            row.addStretch(1)
            card.add(row)
        return card

    def _history(self, facts: WorkFacts) -> QWidget:
        card = Card(
            tr("全部历史"),
            tr("每一条都是账本上的一笔交易，双击打开"),
            flush=True,
        )
        model = RowsModel(
            [
                Column(tr("时间"), 180),
                Column(tr("事项")),
                Column(tr("交易"), 170),
            ],
            _history_cells,
        )
        table = DataTable(model, tr("全部历史"))
        model.set_rows(facts.history)
        table.fit(8)
        table.row_opened.connect(lambda entry: self._page.context.go(f"ledger/tx/{entry.get('tx_id', '')}"))
        card.add(table)
        return card

    def _panel(self, facts: WorkFacts) -> Inspected:
        work, registration = facts.work, facts.registration
        panel = Inspected(tr("证书与证据"), work.number or work.id)
        panel.setProperty("inspectorWidth", 344)
        noted = registration.record.get("certificate") if registration is not None else None
        if registration is not None and noted:
            section = Section(tr("登记证书"), tr("PDF/A · 已由登记机构签名"))
            section.add(CertificatePicture(work, registration))
            details = Facts(64)
            details.add_hash("SHA-256", str(noted["sha256"]), short_hash(str(noted["sha256"]), 8))
            details.add("CID", HashLabel(str(noted["cid"]), short_cid(str(noted["cid"])), what="CID"))
            section.add(details)
            if facts.certificate is not None:
                path = facts.certificate
                section.add(
                    panel.buttons(
                        Button(tr("打开"), self.open_certificate, icon="open"),
                        Button(tr("另存…"), lambda: self._save_as(path), icon="download"),
                    )
                )
            panel.add(section)
        else:
            panel.add(Section(tr("登记证书")).text(tr("登记通过并发证后，证书会出现在这里。"), tone="text2"))
        proof = Section(tr("存证能证明什么"))
        proof.status(tr("存在：这份内容的标识写在账本上"), "ok")
        proof.status(tr("时间：{t}").format(t=when(work.created)), "ok")
        proof.status(tr("存证人：签名随交易保存"), "ok")
        proof.status(tr("不证明独创性"), "info")
        panel.add(proof)
        content = Section(tr("内容"))
        content.add(
            panel.buttons(Button(tr("取出文件…"), lambda: self._export(work), icon="download"))
        ) if not work.encrypted else content.text(tr("内容已加密，用权利人的密钥才能解开。"), tone="text2")
        panel.add(content)
        return panel

    def _save_as(self, source: Path) -> None:
        path = save_file(self, tr("保存证书"), source.name, "PDF (*.pdf)")
        if path:
            self._page.read(
                lambda: Path(path).write_bytes(source.read_bytes()),
                lambda _: self._page.context.notice(tr("证书已保存")),
            )

    def _export(self, work: Work) -> None:
        service = self._page.service
        path = save_file(self, tr("取出文件"), work.title)
        if not path or service is None:
            return

        def write() -> int:
            done = 0
            with Path(path).open("wb") as file:
                for piece in service.read_content(work):
                    done += file.write(piece)
            return done

        self._page.read(
            write,
            lambda done: self._page.context.notice(tr("已取出 {s}，逐块核对过").format(s=size(done))),
        )


def _related(facts: WorkFacts) -> list[tuple[str, str, str]]:
    """Return (way, id, title) of the works around this one in the family tree."""
    found: list[tuple[str, str, str]] = []
    for source in facts.work.record.get("sources", ()):
        found.append(("up", str(source.get("work_id", "")), str(source.get("title") or source.get("work_id", ""))))
    titles = {str(node["id"]): str(node.get("title", node["id"])) for node in facts.tree.get("works", ())}
    for link in facts.tree.get("links", ()):
        if link.get("from") == facts.work.id and link.get("to") in titles:
            found.append(("down", str(link["to"]), titles[str(link["to"])]))
    return found


def _history_cells(entry: Any) -> list[Cell]:
    value = entry.get("value") or entry.get("record") or {}
    state = str(value.get("state", "")) if isinstance(value, dict) else ""
    title = (
        state_words(state)[0] if state in {*STEPS, "REFUSED", "CORRECTION", "WITHDRAWN", "CANCELLED", "LAPSED"} else ""
    )
    what = title or tr("作品记录更新")
    if isinstance(value, dict) and "content" in value and not value.get("registration"):
        what = tr("存证")
    return [
        Cell(when(entry.get("timestamp") or entry.get("at"), seconds=True)),
        Cell(what, icon="history"),
        Cell(short_hash(str(entry.get("tx_id", "")), 6), mono=True, copy=str(entry.get("tx_id", ""))),
    ]
