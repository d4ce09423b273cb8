"""Views of an application's page: lists of kinds, and what waits for whoever sits here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from apps.kit.service import MOST, Service
from baas.errors import LedgerError, contract_code
from console.appkit.acting import Host
from console.appkit.panel import day_words, gist, title_of
from console.i18n import say, tr
from console.i18n.formats import number, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.choice import Segmented
from console.widgets.forms import choice_field, filter_box
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from fabric_sdk import clock
from fabric_sdk.kinds import Record

if TYPE_CHECKING:
    from console.appkit.page import AppPage

NEAR_DAYS = 7


class AppView(QWidget):
    """Base of the views, for those made by hand too. `live` views are read again when the ledger grows."""

    live = True
    tab = ""

    def __init__(self, page: AppPage) -> None:
        super().__init__()
        self.page = page

    @property
    def shown(self) -> bool:
        """True while this is the view that the page shows."""
        return self.page.stack.currentWidget() is self

    @classmethod
    def tab_title(cls) -> str:
        """The tab's words, said before the view is made."""
        return cls.tab

    def enter(self, rest: str) -> None:
        """Show what the rest of the address names. Called at every visit, and for a live view when the ledger grew."""
        raise NotImplementedError

    def choose_tab(self, tab: str) -> None:
        """A person chose one of the view's own tabs."""


class RecordTable(DataTable):
    """Rows of records of any kinds.

    `wanted` says what to do instead of the state, `titled` names in every row what it hangs on, `due` has a column of
    deadlines.
    """

    def __init__(self, page: Host, name: str, *, wanted: bool = False, titled: bool = True, due: bool = True) -> None:
        self._page, self._wanted, self._titled, self._due = page, wanted, titled, due
        self.asks: dict[str, str] = {}
        columns = [Column(tr("事项")), Column(tr("各方"), 232), *([Column(tr("期限"), 116)] if due else [])]
        columns.append(Column(tr("要办的事") if wanted else tr("状态"), 184))
        self.rows = RowsModel(columns, self._cells)
        super().__init__(self.rows, name, two_lines=True)

    def show_rows(self, records: Sequence[Record]) -> None:
        """Show records, keeping the chosen one chosen if it is still there."""
        chosen = self.current_row()
        self.rows.set_rows(records)
        if chosen is not None:
            self.choose_id(chosen["id"])

    def choose_id(self, record_id: str) -> bool:
        """Choose the row of a record; False if it is not listed."""
        at = [number for number, one in enumerate(self.rows.rows) if one["id"] == record_id]
        if at:
            self.choose(at[0])
        return bool(at)

    def _cells(self, record: Record) -> list[Cell]:
        words = self._page.kit.catalogue.of(record)
        state, sign = words.state(record)
        icon, tone = STATE_ICONS[sign]
        title = title_of(self._page, record) if self._titled else say(words.title)
        what = (self._wanted and self.asks.get(record["id"])) or say(state)
        cells = [
            Cell(
                title,
                sub=gist(words, record),
                icon=words.icon,
                bold=True,
                copy=record["id"],
                tip=record["id"],
                picture=self._page.picture_of(record) if self._titled else None,
            ),
            Cell(words.parties(record), sub=when(record["created"]), tip=words.parties(record, whole=True)),
        ]
        if self._due:
            cells.append(due_cell("" if _ended(words.kind, record) else words.due_of(record)))
        loud = sign if sign in {"bad", "warn"} else "text2"
        return [*cells, Cell(what, icon=icon, tone=tone, word_tone=loud, tip=what)]


def _ended(kind: Any, record: Record) -> bool:
    return record["state"] in kind.states and bool(kind.states[record["state"]].final)


def due_cell(due: str) -> Cell:
    """A deadline with the days that are left."""
    note, urgency = left_words(due)
    return Cell(day_words(due), sub=note, word_tone=urgency or "text")


def left_words(due: str) -> tuple[str, str]:
    """How many days are left until an ISO date, and the tone of that."""
    if not due:
        return "", ""
    left = (date.fromisoformat(due) - clock.today()).days
    if left < 0:
        return tr("已超期"), "bad"
    words = tr("今天到期") if left == 0 else tr("还有 {n} 天").format(n=f"{left:,}")
    return words, "warn" if left <= NEAR_DAYS else ""


class Listing(AppView):
    """A bar, a table, an empty state; the chosen record in the inspector."""

    def __init__(
        self, page: AppPage, name: str, empty: EmptyState, *, wanted: bool = False, due: bool = True, box: str = ""
    ) -> None:
        super().__init__(page)
        self.records: tuple[Record, ...] = ()
        self._filter, self._wanted = "", ""
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        self.bar = hbox()
        self.box = filter_box(box or tr("名称、各方、编号"), self._on_filter, 200)
        self.bar.addWidget(self.box)
        self.note = Label("", "caption", "text2")
        self.bar.addStretch(1)
        self.bar.addWidget(self.note)
        column.addLayout(self.bar)
        self.card = Card(flush=True)
        self.table = RecordTable(page, name, wanted=wanted, due=due)
        self.table.row_chosen.connect(page.open_record)
        self.card.add(self.table, 1)
        column.addWidget(self.card, 1)
        self.empty = empty
        empty.hide()
        column.addWidget(empty, 1)

    def show_records(self, records: Sequence[Record]) -> None:
        self.records = tuple(records)
        if self.shown:
            self.header()
        self.fill()
        if self._wanted:
            self.table.choose_id(self._wanted)
            self._wanted = ""

    def header(self) -> None:
        """Set the page's header."""
        self.page.show_tab(self.tab, self.facts())

    def facts(self) -> str:
        """One line about the list."""
        return ""

    def wants(self, record: Record) -> bool:
        """Whether the bar's choices let a record be listed."""
        return True

    def _on_filter(self, text: str) -> None:
        self._filter = text.lower()
        self.fill()

    def _text(self, record: Record) -> str:
        words = self.page.kit.catalogue.of(record)
        return f"{title_of(self.page, record)} {gist(words, record)} {record['id']} {words.parties(record)}".lower()

    def fill(self) -> None:
        """List what the filter and the choices let through."""
        self.list_rows([one for one in self.records if self.wants(one) and self._filter in self._text(one)])
        self.card.setVisible(bool(self.records))
        self.empty.setVisible(not self.records)

    def list_rows(self, shown: Sequence[Record]) -> None:
        """Show rows; the inspector follows the chosen one."""
        before = self.table.current_row()
        self.table.show_rows(shown)
        if before is not None and self.shown:
            still = next((one for one in shown if one["id"] == before["id"]), None)
            if still is None:
                self.page.inspect(None)
            elif still != before:
                self.page.open_record(still)
        self.note.setText(tr("列出 {n} 件").format(n=number(len(shown))))


def when_configured(read: Any, nothing: Any) -> Any:
    """What `read` says, `nothing` where the application is not set up yet."""
    try:
        return read()
    except LedgerError as error:
        if contract_code(error) != "NOT_CONFIGURED":
            raise
        return nothing


class ListView(Listing):
    """All records of some kinds, or those that name the people here, newest first. Addresses `TAB` and `TAB/ID`.

    `mine_first` begins with the latter; `everybody` has no such choice.
    """

    def __init__(
        self,
        page: AppPage,
        tab: str,
        title: str,
        kinds: Sequence[str],
        empty: EmptyState,
        *,
        mine_first: bool = False,
        everybody: bool = False,
        due: bool = True,
        box: str = "",
    ) -> None:
        self.tab, self.kinds = tab, tuple(kinds)
        super().__init__(page, title, empty, due=due, box=box)
        choices = [("all", tr("全部")), ("mine", tr("与我有关"))]
        self.whose = Segmented(tr("显示"), choices[::-1] if mine_first else choices)
        if everybody:
            self.whose.choose("all", tell=False)
            self.whose.hide()
        self.whose.chosen.connect(lambda which: self.enter(""))
        self.bar.insertWidget(1, self.whose)
        titles = [(kind, say(page.manifest.catalogue.words[kind].title)) for kind in self.kinds]
        self.kind = choice_field(tr("种类"), titles, empty=tr("所有种类"))
        self.kind.label.hide()
        self.kind.setFixedWidth(150)
        self.kind.edited.connect(self.fill)
        self.bar.insertWidget(2, self.kind)
        self.kind.setVisible(len(self.kinds) > 1)
        self._tools = [self.box, self.note, *([] if everybody else [self.whose])]
        self._tools += [self.kind] if len(self.kinds) > 1 else []

    def enter(self, rest: str) -> None:
        service, mine, kinds = self.page.kit, self.whose.current == "mine", self.kinds
        self._wanted = rest
        self.header()

        def read() -> tuple[list[Record], bool]:
            """The records, and whether those that name the people here were enough."""
            found = [one for one in service.mine() if one["type"] in kinds] if mine else _all(service, kinds)
            own = mine and (not rest or any(one["id"] == rest for one in found))
            found = found if own or not mine else _all(service, kinds)
            service.know(found)
            return sorted(found, key=lambda one: str(one["created"]), reverse=True), own

        self.page.read(lambda: when_configured(read, ([], mine)), self._arrived)

    def _arrived(self, found: tuple[list[Record], bool]) -> None:
        records, own = found
        if not own and self.whose.current == "mine":
            self.whose.choose("all", tell=False)
        self.show_records(records)

    def header(self) -> None:
        actions: list[Action] = [one for kind in self.kinds for one in self.page.begin_actions(kind)]
        self.page.show_tab(self.tab, self.facts(), actions)

    def wants(self, record: Record) -> bool:
        return not self.kind.value or bool(record["type"] == self.kind.value)

    def fill(self) -> None:
        super().fill()
        nothing = not self.records and self.whose.current == "all"
        for tool in self._tools:
            tool.setVisible(not nothing)


def _all(service: Service, kinds: Sequence[str]) -> list[Record]:
    return [one for kind in kinds for one in service.all(service.catalogue.kinds[kind])][:MOST]


class InboxView(Listing):
    """Address `inbox`: what somebody here may do, the nearest due day first."""

    tab = "inbox"

    def __init__(self, page: AppPage, empty: EmptyState | None = None) -> None:
        empty = empty or EmptyState("inbox", tr("没有等您办理的事"), tr("需要您办理的事会出现在这里。"))
        super().__init__(page, tr("待我办理"), empty, wanted=True)

    def enter(self, rest: str) -> None:
        service = self.page.kit
        self._wanted = rest
        self.header()

        def read() -> tuple[list[Record], dict[str, Any]]:
            found = service.waiting()
            service.know(found)
            return found, {one["id"]: service.asks(one) for one in found}

        def arrived(found: tuple[list[Record], dict[str, Any]]) -> None:
            records, asks = found
            self.table.asks = {key: say(text) for key, text in asks.items() if text is not None}
            self.page.count_waiting(len(records))
            self.show_records(records)

        self.page.read(lambda: when_configured(read, ([], {})), arrived)
