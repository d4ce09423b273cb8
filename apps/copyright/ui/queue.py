"""The registration office's queue: cases by state with their deadlines, and the registrar's next step."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import permissions
from apps.copyright.ui.matter_words import day_words, party_name
from apps.copyright.ui.review import Case, show_case
from apps.copyright.ui.serving import ContentServing
from apps.copyright.ui.terms import label, state_words, term, tr, work_icon
from apps.copyright.ui.view import View
from baas.errors import LedgerError, Text, contract_code
from baas.working_days import guessed, guessed_words, read_calendar
from chaincode.copyright.kinds import Registration
from console.i18n import say
from console.i18n.formats import number, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.choice import Segmented
from console.widgets.forms import pick_files
from console.widgets.table import DataTable
from fabric_sdk import clock

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService
    from apps.copyright.ui.page import CopyrightPage
    from baas.jobs import JobContext

IMPORT = Text("公布后点“导入年度日历…”", "once it is published: “Import a year's calendar…”")
OPEN = ("SUBMITTED", "VERIFYING", "CORRECTION", "ACCEPTED", "EXAMINING", "EXAMINED", "APPROVED")
CLOSED = ("CERTIFIED", "PUBLISHED", "REFUSED", "LAPSED", "WITHDRAWN", "CANCELLED")


class QueueTab(View):
    """Open or closed cases; the chosen one in the inspector."""

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__(page)
        self._cases: list[Case] = []
        self._serving = ContentServing(page)
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        bar = hbox()
        self.mode = Segmented(tr("显示"), [("open", tr("待办")), ("closed", tr("已办结"))])
        self.mode.chosen.connect(lambda mode: self.enter(""))
        bar.addWidget(self.mode)
        bar.addStretch(1)
        self.note = Label("", "caption", "text2")
        bar.addWidget(self.note)
        column.addLayout(bar)
        self.guess = Label("", "caption", "warn", wrap=True)
        self.guess.hide()
        column.addWidget(self.guess)
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("作品")),
                Column(tr("类别"), 120),
                Column(label(Registration.applicant), 160),
                Column(tr("期限"), 112),
                Column(tr("状态"), 170),
            ],
            lambda case: _cells(case, page.thumbnails.of(case.work)),
        )
        self.table = DataTable(self.model, tr("登记案件"), two_lines=True)
        self.table.row_chosen.connect(lambda case: show_case(page, case))
        card.add(self.table, 1)
        column.addWidget(card, 1)

    def enter(self, rest: str) -> None:
        service = self.service
        self._header()
        states = OPEN if self.mode.current == "open" else CLOSED

        def read() -> tuple[list[Case], Text | None]:
            try:
                found = [case for state in states for case in service.queue(state)]
            except LedgerError as error:
                if contract_code(error) != "NOT_CONFIGURED":
                    raise
                return [], None
            due = [date.fromisoformat(day) for case in found for day in case.deadlines.values() if day]
            guess = guessed_words(guessed(service.calendar(), due), IMPORT) if due else None
            return [Case(case, service.work(case.work_id)) for case in found], guess

        self.page.read(read, self._show)

    def _header(self) -> None:
        facts = ""
        if self.mode.current == "open" and self._cases:
            late = sum(case.due != "" and date.fromisoformat(case.due) < clock.today() for case in self._cases)
            facts = tr("{n} 件待办").format(n=number(len(self._cases)))
            facts += " · " + tr("{n} 件已超期").format(n=number(late)) if late else ""
        actions = []
        if self.page.context.platform.session.allows(permissions.REVIEW):
            signing = self.page.signs_for_office()
            actions.append(Action("calendar", tr("导入年度日历…"), self.import_calendar, "calendar", signs=signing))
        serve = self._serving.action(self._header)
        self.page.show_tab("queue", facts, [*actions, *([serve] if serve is not None else [])])

    def import_calendar(self) -> None:
        """Give the ledger a year's working days; deadlines that begin later are counted by it."""
        service = self.service
        for path in pick_files(self, tr("年度工作日历"), "JSON (*.json)"):
            self.page.context.job(
                _take_calendar,
                service,
                Path(path),
                title=Text("导入年度工作日历", "Import a year's working days"),
                done=lambda _: self.enter(""),
            )

    def _show(self, found: tuple[list[Case], Text | None]) -> None:
        cases, guess = found
        self.guess.setText(say(guess) if guess is not None else "")
        self.guess.setVisible(guess is not None)
        self._cases = cases
        if self.shown:
            self._header()
        chosen = self.table.current_row()
        cases.sort(key=lambda case: (case.due or "9999", case.registration.created))
        self.model.set_rows(cases)
        self.note.setText(tr("{n} 件").format(n=number(len(cases))))
        if chosen is not None:
            same = [i for i, case in enumerate(cases) if case.registration.id == chosen.registration.id]
            if same:
                self.table.choose(same[0])
            else:
                self.page.inspect(None)


def _take_calendar(service: CopyrightService, path: Path, *, ctx: JobContext) -> object:
    return service.import_calendar(read_calendar(path))


def _cells(case: Any, picture: Any = None) -> list[Cell]:
    words, sign = state_words(case.registration.state)
    icon, tone = STATE_ICONS[sign]
    due, applicant = case.due, case.registration.applicant
    left = (date.fromisoformat(due) - clock.today()).days if due else None
    late = left is not None and left < 0
    soon = left is not None and 0 <= left <= 2
    found = [one for one in (case.registration.record.get("comparison") or {}).get("found", ()) if not one["own"]]
    alike = tr("疑似相近 {n} 件").format(n=len(found)) if found else ""
    note = "" if left is None else tr("已超期") if late else tr("还有 {n} 天").format(n=left)
    return [
        Cell(
            case.work.title,
            sub=case.registration.number or case.registration.id,
            icon="lock" if case.work.encrypted else work_icon(case.work.media_type),
            bold=True,
            picture=picture,
        ),
        Cell(term("categories", case.work.category)),
        Cell(party_name(applicant), sub=when(case.registration.created), tip=applicant),
        Cell(day_words(due), sub=note, word_tone="bad" if late else "warn" if soon else "text"),
        Cell(words, sub=alike, icon=icon, tone=tone, word_tone=sign if sign in {"bad", "warn"} else "text2"),
    ]
