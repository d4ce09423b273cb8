"""Every work, the newest first, with the state of its registration; lists can be taken out as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import permissions
from apps.copyright.model import Work
from apps.copyright.service import CopyrightService
from apps.copyright.ui.gallery import Gallery
from apps.copyright.ui.terms import label, state_words, term, tr, work_icon
from apps.copyright.ui.view import View
from baas.errors import LedgerError, contract_code
from chaincode.copyright.kinds import Registration
from console.i18n.formats import number, short_cid, size, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.choice import Segmented
from console.widgets.forms import filter_box, save_file
from console.widgets.states import EmptyState
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage

MAX_WORKS = 2000


@dataclass(frozen=True)
class WorkLine:
    """A work of the list with the state of its registration."""

    work: Work
    state: str


def read_lines(service: CopyrightService) -> list[WorkLine]:
    """Every work, the newest first; none on a ledger where nothing has been deposited and the office is not set up."""
    lines = []
    try:
        for work in service.works(limit=MAX_WORKS):
            state = service.registration(work.registration).state if work.registration else ""
            lines.append(WorkLine(work, state))
    except LedgerError as error:
        if contract_code(error) != "NOT_CONFIGURED":
            raise
    lines.sort(key=lambda line: line.work.created, reverse=True)
    return lines


class WorksView(View):
    """Address "": all works, or those of this desk."""

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__(page)
        self.lines: list[WorkLine] = []
        self._filter = ""
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        self._bar = hbox()
        self.whose = Segmented(tr("显示"), [("all", tr("全部")), ("mine", tr("我的"))])
        self.whose.chosen.connect(lambda which: self._fill())
        self._bar.addWidget(filter_box(tr("作品名、登记号、CID"), self._on_filter, 260))
        self._bar.addWidget(self.whose)
        self.look = Segmented(tr("样式"), [("list", tr("列表")), ("gallery", tr("画廊"))])
        self.look.chosen.connect(self._turn)
        self._bar.addWidget(self.look)
        self._bar.addStretch(1)
        self.note = Label("", "caption", "text2")
        self._bar.addWidget(self.note)
        column.addLayout(self._bar)
        self.card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("作品")),
                Column(tr("类别"), 150),
                Column(tr("创作性质"), 100),
                Column(label(Registration.number), 210),
                Column("CID", 190, spare=True),
                Column(tr("大小"), 90, right=True),
                Column(tr("状态"), 176),
            ],
            lambda line: _cells(line, page.thumbnails.of(line.work)),
        )
        self.table = DataTable(self.model, tr("作品"), two_lines=True)
        self.table.row_opened.connect(lambda line: page.context.go(f"copyright/work/{line.work.id}"))
        self.table.clicked.connect(lambda index: self._open_current())
        self.card.add(self.table, 1)
        column.addWidget(self.card, 1)
        self.gallery = Gallery(self.model)
        self.gallery.row_opened.connect(lambda line: page.context.go(f"copyright/work/{line.work.id}"))
        self.gallery.hide()
        column.addWidget(self.gallery, 1)
        self.none_yet = EmptyState(
            "image",
            tr("还没有作品"),
            tr("拖入一个文件就可以存证，收据立即出具。"),
            Button(tr("存证作品…"), lambda: page.context.go("copyright/new"), kind="primary", icon="stamp")
            if page.allows(permissions.DEPOSIT)
            else None,
        )
        self.none_yet.hide()
        column.addWidget(self.none_yet, 1)

    def _open_current(self) -> None:
        line = self.table.current_row()
        if line is not None:
            self.page.context.go(f"copyright/work/{line.work.id}")

    def enter(self, rest: str) -> None:
        service = self.service
        self._header()
        self.page.read(lambda: read_lines(service), self._show)

    def _show(self, lines: list[WorkLine]) -> None:
        self.lines = lines
        if self.shown:
            self._header()
        self._fill()

    def _header(self) -> None:
        registered = sum(1 for line in self.lines if line.work.number)
        actions = []
        if self.lines:
            actions.append(Action("export", tr("导出清单…"), self.export, "download"))
        if self.page.allows(permissions.DEPOSIT):
            actions.append(Action("batch", tr("批量存证…"), lambda: self.page.context.go("copyright/batch"), "folder"))
            actions.append(
                Action("new", tr("存证作品…"), lambda: self.page.context.go("copyright/new"), "stamp", "primary")
            )
        facts = tr("{n} 件作品，{r} 件已登记").format(n=number(len(self.lines)), r=number(registered))
        self.page.show_tab("works", facts if self.lines else "", actions, {"works": number(len(self.lines))})

    def _on_filter(self, text: str) -> None:
        self._filter = text.lower()
        self._fill()

    def _fill(self) -> None:
        mine = self.page.kit.parties if self.lines else frozenset()
        shown = [
            line
            for line in self.lines
            if self._filter in f"{line.work.title} {line.work.number} {line.work.cid} {line.work.id}".lower()
            and (self.whose.current == "all" or any(party in mine for party, _ in line.work.owners))
        ]
        self.model.set_rows(shown)
        self.note.setText(tr("列出 {n} 件").format(n=number(len(shown))))
        self._turn()
        self.none_yet.setVisible(not self.lines)
        for at in range(self._bar.count()):
            item = self._bar.itemAt(at)
            if item is not None and (widget := item.widget()) is not None:
                widget.setVisible(bool(self.lines))

    def _turn(self) -> None:
        """Show the list or the gallery; both have the same rows."""
        gallery = self.look.current == "gallery"
        self.card.setVisible(bool(self.lines) and not gallery)
        self.gallery.setVisible(bool(self.lines) and gallery)

    def export(self) -> None:
        """Write the works shown as CSV."""
        from apps.copyright.table import write_works

        path = save_file(self, tr("导出作品清单"), "works.csv", "CSV (*.csv)")
        if not path:
            return
        works = [line.work for line in self.model.rows]
        self.page.read(
            lambda: write_works(works, Path(path)),
            lambda count: self.page.context.notice(tr("已导出 {n} 件作品").format(n=number(count))),
        )


def _cells(line: Any, picture: Any) -> list[Cell]:
    work: Work = line.work
    words, sign = state_words(line.state)
    if work.state == "REVOKED":
        words, sign = tr("存证已撤销"), "none"
    elif work.record.get("disputes"):
        words, sign = tr("有异议，已冻结"), "warn"
    elif work.cancelled and not work.registration:
        words, sign = tr("登记已撤销"), "bad"
    icon, tone = STATE_ICONS[sign]
    sealed = tr("已加密") + " · " if work.encrypted else ""
    void = tr("{n}（已撤销）").format(n=work.cancelled) if work.cancelled else "—"
    return [
        Cell(
            work.title,
            sub=f"{sealed}{when(work.created)}",
            tip=work.id,
            icon="lock" if work.encrypted else work_icon(work.media_type),
            bold=True,
            picture=picture,
        ),
        Cell(term("categories", work.category)),
        Cell(term("creation_kinds", work.creation_kind), tag=True),
        Cell(work.number or void, copy=work.number or work.cancelled),
        Cell(short_cid(work.cid), mono=True, copy=work.cid),
        Cell(size(work.size)),
        Cell(words, icon=icon, tone=tone, word_tone=sign if sign in {"bad", "warn"} else "text2"),
    ]
