"""A tab that lists matters of some kinds: mine or all, filtered by kind; the chosen one in the inspector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.copyright.inbox import Inbox, Matter
from apps.copyright.model import Registration
from apps.copyright.ui.matter_panel import matter_panel
from apps.copyright.ui.matter_table import MatterTable
from apps.copyright.ui.matter_words import gist, kind_words, parties_words
from apps.copyright.ui.view import View
from apps.copyright.ui.words import tr
from baas.errors import LedgerError, contract_code
from console.i18n.formats import number
from console.theme import tokens
from console.widgets.basic import Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.choice import Segmented
from console.widgets.forms import choice_field, filter_box
from console.widgets.states import EmptyState

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage


def open_panel(page: CopyrightPage, matter: Matter) -> None:
    """Show a matter in the inspector; a licence with its reported uses, a registration as the office sees it."""
    if matter.kind == "registration":
        from apps.copyright.ui.queue import Case
        from apps.copyright.ui.review import show_case

        show_case(page, Case(Registration.of(matter.record), matter.work))
        return
    service = page.service
    if matter.kind != "licence" or service is None or matter.state == "OFFERED":
        page.inspect(matter_panel(page, matter))
        return
    page.read(lambda: Inbox(service).usage(matter.id), lambda usage: page.inspect(matter_panel(page, matter, usage)))


class MattersView(View):
    """Base of the tabs; subclasses give kinds and words."""

    tab = ""
    kinds: tuple[str, ...] = ()
    timed = True

    def __init__(self, page: CopyrightPage, name: str, empty: EmptyState) -> None:
        super().__init__(page)
        self.matters: tuple[Matter, ...] = ()
        self._filter, self._wanted = "", ""
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        self._tools: list[Any] = []
        bar = hbox()
        everybody = not page.allows("copyright.license")
        self.whose = Segmented(tr("显示"), [("mine", tr("与我有关")), ("all", tr("全部"))])
        self.whose.chosen.connect(lambda which: self.enter(""))
        if everybody:
            self.whose.choose("all", tell=False)
            self.whose.hide()
        else:
            self._tools.append(self.whose)
        self.kind = choice_field(tr("种类"), [(kind, kind_words(kind)) for kind in self.kinds], empty=tr("所有种类"))
        self.kind.label.hide()
        self.kind.setFixedWidth(150)
        self.kind.edited.connect(self._fill)
        self.note = Label("", "caption", "text2")
        box = filter_box(tr("作品、各方、编号"), self._on_filter, 200)
        for widget in (box, self.whose, self.kind):
            bar.addWidget(widget)
        self._tools += [box, self.kind, self.note]
        bar.addStretch(1)
        bar.addWidget(self.note)
        column.addLayout(bar)
        self.card = Card(flush=True)
        self.table = MatterTable(name, due=self.timed)
        self.table.row_chosen.connect(lambda matter: open_panel(page, matter))
        self.card.add(self.table, 1)
        column.addWidget(self.card, 1)
        self.empty = empty
        empty.hide()
        column.addWidget(empty, 1)

    def enter(self, rest: str) -> None:
        service, everybody = self.service, self.whose.current == "all"
        self._wanted = rest
        kinds = self.kinds
        self._header()

        def read() -> tuple[Matter, ...]:
            inbox = Inbox(service)
            try:
                if rest and not everybody:
                    found = inbox.concerned(kinds)
                    return found if any(one.id == rest for one in found) else inbox.all(kinds)
                return inbox.all(kinds) if everybody or rest else inbox.concerned(kinds)
            except LedgerError as error:
                if contract_code(error) != "NOT_CONFIGURED":
                    raise
                return ()

        self.page.read(read, self._show)

    def _show(self, matters: tuple[Matter, ...]) -> None:
        self.matters = matters
        if self._wanted and self.whose.current == "mine":
            mine = self.page.desk.parties
            if not any(one.id == self._wanted and _names(one, mine) for one in matters):
                self.whose.choose("all", tell=False)
        if self.shown:
            self._header()
        self._fill()
        if self._wanted:
            at = [number for number, one in enumerate(self.table.rows.rows) if one.id == self._wanted]
            if at:
                self.table.choose(at[0])
            self._wanted = ""

    def _header(self) -> None:
        self.page.show_tabs(self.tab, self.facts())

    def facts(self) -> str:
        """One line about the list."""
        return ""

    def _on_filter(self, text: str) -> None:
        self._filter = text.lower()
        self._fill()

    def _fill(self) -> None:
        shown = [
            one
            for one in self.matters
            if (not self.kind.value or one.kind == self.kind.value)
            and self._filter in f"{one.work.title} {parties_words(one.record)} {one.id} {gist(one)}".lower()
        ]
        before = self.table.current_row()
        self.table.show_rows(shown, frozenset(self.page.desk.parties))
        if before is not None and self.shown:
            still = next((one for one in shown if one.id == before.id), None)
            if still is None:
                self.page.inspect(None)
            elif still.record != before.record:
                open_panel(self.page, still)
        self.note.setText(tr("列出 {n} 件").format(n=number(len(shown))))
        nothing = not self.matters and self.whose.current == "all"
        self.card.setVisible(bool(self.matters))
        self.empty.setVisible(not self.matters)
        for tool in self._tools:
            tool.setVisible(not nothing)


def _names(matter: Matter, parties: Any) -> bool:
    return any(str(value) in parties for value in matter.record.values()) or any(
        party in parties for party, _ in matter.work.owners
    )
