"""One work: its tabs (the work, rights, cases, history), what may be begun on it, its certificate beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QStackedWidget, QWidget

from apps.copyright import permissions
from apps.copyright.model import Registration, Work
from apps.copyright.service import CopyrightService
from apps.copyright.ui.apply import ask_apply
from apps.copyright.ui.case_dialogs import revoke
from apps.copyright.ui.history import meaning
from apps.copyright.ui.lists import CASES, RIGHTS
from apps.copyright.ui.player import media_card
from apps.copyright.ui.preview import read_work
from apps.copyright.ui.terms import tr
from apps.copyright.ui.view import View
from apps.copyright.ui.work_panel import work_panel
from apps.copyright.ui.work_parts import STEPS, family_card, frozen_note, head_card, life_card, progress_card
from apps.kit.service import OpenAct
from chaincode.copyright import kinds
from chaincode.copyright.kinds import Dispute, Infringement, Licence
from chaincode.copyright.roles import APPLICANT
from console.appkit.acting import button_words, open_act
from console.appkit.history import HistoryTable, Version, versions
from console.appkit.views import RecordTable
from console.i18n.formats import number
from console.page import Action
from console.tasks.runner import later
from console.theme import tokens
from console.widgets.basic import Button, clear, vbox
from console.widgets.card import Card, Scroll
from console.widgets.states import EmptyState
from fabric_sdk.kinds import Record

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage

HELD = (*RIGHTS, "payment")
"""What a work's own tab of rights lists."""


@dataclass(frozen=True)
class WorkFacts:
    """Everything the view shows of a work: what hangs on it, what may be begun on it and done with its registration."""

    work: Work
    registration: Registration | None
    records: tuple[Record, ...]
    begins: tuple[OpenAct, ...]
    case: tuple[OpenAct, ...]
    history: tuple[Version, ...]
    tree: dict[str, Any]
    image: QImage
    certificate: Path | None

    @property
    def owners(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """(time, owners) of every change of owners, oldest first."""
        found: list[tuple[str, list[tuple[str, int]]]] = []
        for version in reversed(self.history):
            listed = version.record.get("owners") if version.record_id == self.work.id else None
            if listed:
                owners = [(one["party"], int(one["share"])) for one in listed]
                if not found or found[-1][1] != owners:
                    found.append((version.at, owners))
        return found

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this state of the work from another."""
        stamp = self.registration.record["tx_id"] if self.registration else ""
        return (self.work.id, self.work.record["tx_id"], stamp, len(self.history), len(self.tree.get("works", ())))


def read_facts(service: CopyrightService, work_id: str, folder: Path) -> WorkFacts:
    """Read a work with all that hangs on it; certificates lie in `folder`."""
    if work_id == "first":
        newest = max(service.works(), key=lambda one: (bool(one.number), one.created), default=None)
        work_id = newest.id if newest is not None else ""
    work = service.work(work_id)
    registration = service.registration(work.registration) if work.registration else None
    path = folder / f"{registration.number}.pdf" if registration and registration.number else None
    found, kit = service.hanging_on(work.id), service.kit
    kit.know(found)
    ids = dict.fromkeys([work.id, *(one["id"] for one in found)])
    history = [version for one in ids for version in versions(service.history(one), one)]
    history.sort(key=lambda version: (version.at, version.record_id != work.id), reverse=True)
    record = dict(work.record)
    return WorkFacts(
        work,
        registration,
        tuple(one for one in found if one["type"] != "registration"),
        kit.begins_on(record, found),
        kit.open_acts(dict(registration.record), record) if registration is not None else (),
        tuple(history),
        service.family_tree(work.id),
        read_work(service, work),
        path if path is not None and path.exists() else None,
    )


class WorkView(View):
    """Addresses `work/ID` and `work/ID/TAB`."""

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__(page)
        self.facts: WorkFacts | None = None
        self._tab, self._shown_key = "work", ()
        self._filled: set[str] = set()
        self._panel_soon = later(0, self, self._show_panel)
        outer = vbox(self)
        self._stack = QStackedWidget()
        outer.addWidget(self._stack)
        self._scroll = Scroll((tokens.PAGE_MARGIN, 6, tokens.PAGE_MARGIN, 24))
        self._stack.addWidget(self._scroll)
        self.rights = self._list(tr("权利"), due=True)
        self.cases = self._list(tr("异议与侵权"), due=False)
        self._history = QWidget()
        self._history_column = vbox(self._history, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20))
        self._stack.addWidget(self._history)
        self.history: HistoryTable | None = None

    def _list(self, name: str, *, due: bool) -> RecordTable:
        holder = QWidget()
        column = vbox(holder, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20))
        card = Card(flush=True)
        table = RecordTable(self.page, name, titled=False, due=due)
        table.row_chosen.connect(self.page.open_record)
        card.add(table, 1)
        column.addWidget(card, 1)
        empty = QWidget()
        vbox(empty)
        column.addWidget(empty, 1)
        table.setProperty("holder", holder)
        table.setProperty("empty", empty)
        table.setProperty("card", card)
        self._stack.addWidget(holder)
        return table

    def enter(self, rest: str) -> None:
        which, _, tab = rest.partition("/")
        self._tab = tab or "work"
        service = self.service
        folder = self.page.context.platform.workspace.path("copyright", "certificates")
        if self.facts is not None and self.facts.work.id != which:
            self._shown_key = ()
        self.page.read(lambda: read_facts(service, which, folder), self._show)

    def choose_tab(self, tab: str) -> None:
        """Another tab of the same work."""
        self._tab = tab
        if self.facts is not None:
            self.page.went(f"work/{self.facts.work.id}" + ("" if tab == "work" else f"/{tab}"))
            self._show_tab(self.facts)

    def _show(self, facts: WorkFacts) -> None:
        if not self.shown:
            return
        same = self._shown_key == facts.key
        self.facts, self._shown_key = facts, facts.key
        self._header(facts)
        visited, self.page.visited = self.page.visited, False
        if not same:
            self._filled.clear()
        if visited or not same:
            self._show_tab(facts)

    def _header(self, facts: WorkFacts) -> None:
        work = facts.work
        counted = {
            "rights": sum(one["type"] in HELD for one in facts.records),
            "cases": sum(one["type"] in CASES for one in facts.records),
            "history": len(facts.history),
        }
        self.page.tab = self._tab
        self.page.set_header(
            work.title,
            tr("数字版权 / 作品 / {id}").format(id=work.number or work.id),
            self._actions(facts),
            tabs=[
                ("work", tr("作品")),
                ("rights", tr("权利")),
                ("cases", tr("异议与侵权")),
                ("history", tr("全部历史")),
            ],
            notes={key: number(count) for key, count in counted.items() if count},
        )

    def _actions(self, facts: WorkFacts) -> list[Action]:
        page, registration, record = self.page, facts.registration, dict(facts.work.record)
        acts = list(facts.begins)
        owner = page.kit.owner_of(record)
        found = [Action("back", tr("全部作品"), lambda: page.context.go("copyright/works"), "list")]
        first: Action | None = None
        if registration is None and owner and page.allows(permissions.DEPOSIT) and facts.work.state == "ACTIVE":
            first = Action("apply", tr("申请登记…"), lambda: ask_apply(page, facts.work), "stamp", "primary")
        elif registration is not None and registration.state in STEPS[:-1] and page.allows(permissions.REVIEW):
            first = Action("review", tr("去审查"), lambda: page.context.go("copyright/queue"), "arrow", "primary")
        if page.allows(permissions.EVIDENCE):
            found.append(Action("evidence", tr("导出证据包…"), self.export_evidence, "zip"))
        if first is None and acts and acts[0].act is Licence.offer:
            offer = acts.pop(0)
            first = Action(offer.act.id, *self._entry(offer, record), "key", "primary")
        menu = [self._entry(one, record) for one in acts]
        if registration is not None:
            case = dict(registration.record)
            own = [one for one in facts.case if one.act.role is APPLICANT or one.act is kinds.Registration.cancel]
            menu += [self._entry(one, case) for one in own]
        if page.kit.may_revoke(record):
            menu.append((tr("撤销存证…"), lambda: revoke(page, record).exec()))
        if menu:
            found.append(Action("more", tr("办理"), None, "edit", menu=menu))
        return [*found, first] if first is not None else found

    def _entry(self, one: OpenAct, record: Record) -> tuple[str, Callable[[], object]]:
        """An act's words and what opens it."""
        return button_words(self.page.kit.words_of(one)), lambda: open_act(self.page, one, record)

    # -- tabs ----------------------------------------------------------------------------------------
    def _fill(self, facts: WorkFacts) -> None:
        """Fill the tab that is shown with these facts, unless it is."""
        if self._tab in self._filled:
            return
        self._filled.add(self._tab)
        if self._tab == "rights":
            self._fill_list(self.rights, [one for one in facts.records if one["type"] in HELD])
        elif self._tab == "cases":
            self._fill_list(self.cases, [one for one in facts.records if one["type"] in CASES])
        elif self._tab == "history":
            layout = self._history_column
            clear(layout)
            self.history = HistoryTable(self.page, facts.history, partial(meaning, self.page), "copyright")
            card = Card(flush=True)
            card.add(self.history, 1)
            layout.addWidget(card)
        else:
            self._fill_work(facts)

    def _fill_work(self, facts: WorkFacts) -> None:
        column = self._scroll.column
        clear(column)
        if facts.work.record.get("disputes"):
            column.addWidget(frozen_note(self.page, facts))
        column.addWidget(head_card(self.page, facts))
        if (media := media_card(self.page, facts.work)) is not None:
            column.addWidget(media)
        if facts.registration is not None:
            column.addWidget(progress_card(facts.registration))
        family = family_card(self.page, facts)
        if family is not None:
            column.addWidget(family)
        column.addWidget(life_card(self.page, facts))
        column.addStretch(1)

    def _fill_list(self, table: RecordTable, records: list[Record]) -> None:
        before = table.current_row()
        table.show_rows(records)
        empty, card = table.property("empty"), table.property("card")
        clear(empty.layout())
        card.setVisible(bool(records))
        empty.setVisible(not records)
        if not records:
            empty.layout().addWidget(self._nothing(table is self.rights))
        elif before is not None and (after := table.current_row()) is not None and after != before:
            self.page.open_record(after)

    def _nothing(self, rights: bool) -> EmptyState:
        wanted = (Licence.offer,) if rights else (Infringement.report, Dispute.open)
        open_ones = self.facts.begins if self.facts is not None else ()
        found = [one for act in wanted for one in open_ones if one.act is act]
        button = None
        if found and self.facts is not None:
            button = Button(*self._entry(found[0], dict(self.facts.work.record)))
        if rights:
            words = tr("许可、转让、质押和变更都会列在这里，每一件都由双方签名。")
            return EmptyState("key", tr("还没有许可、转让或质押"), words, button)
        return EmptyState(
            "flag", tr("没有异议或侵权线索"), tr("有人提出异议时作品会冻结；侵权线索可以当场取证。"), button
        )

    def _show_tab(self, facts: WorkFacts) -> None:
        self._fill(facts)
        holders = {
            "rights": self.rights.property("holder"),
            "cases": self.cases.property("holder"),
            "history": self._history,
        }
        self._stack.setCurrentWidget(holders.get(self._tab, self._scroll))
        table = {"rights": self.rights, "cases": self.cases}.get(self._tab)
        if self._tab == "work":
            self._panel_soon.start()
        elif table is not None and (record := table.current_row()) is not None:
            self.page.open_record(record)
        else:
            self.page.inspect(None)

    def _show_panel(self) -> None:
        """The certificate beside the work, after the work itself stands."""
        if self.facts is not None and self._tab == "work" and self.shown:
            self.page.inspect(work_panel(self, self.facts), asked=False)

    # -- what is done with a work --------------------------------------------------------------------
    def open_certificate(self) -> None:
        """Open the certificate with the system's program for PDF files."""
        if self.facts is not None and self.facts.certificate is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.facts.certificate)))

    def export_evidence(self) -> None:
        """Ask where to and write the evidence package."""
        from apps.copyright.ui.evidence import ask_export

        if self.facts is not None:
            ask_export(self.page, self.facts.work)
