"""Views of an application's page: the list of a kind, and what waits for whoever sits here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from apps.kit.words import KindWords
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
from console.widgets.forms import filter_box
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from fabric_sdk import clock
from fabric_sdk.kinds import Kind, Record

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
        return self.page.stack.currentWidget() is self

    def title(self) -> str:
        """The tab's words."""
        return self.tab

    def enter(self, rest: str) -> None:
        """Show what the rest of the address names. Called at every visit, and for a live view when the ledger grew."""
        raise NotImplementedError


class RecordTable(DataTable):
    """Rows of records of any kinds. `wanted` says what to do instead of the state."""

    def __init__(self, page: AppPage, name: str, *, wanted: bool = False) -> None:
        self._page, self._wanted = page, wanted
        self.asks: dict[str, str] = {}
        columns = [Column(tr("事项")), Column(tr("各方"), 232), Column(tr("期限"), 116)]
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
        words = self._page.service.catalogue.of(record)
        state, sign = words.state(record)
        icon, tone = STATE_ICONS[sign]
        ended = words.kind.states[record["state"]].final if record["state"] in words.kind.states else False
        due = "" if ended else words.due_of(record)
        note, urgency = left_words(due)
        parties = sorted(words.kind.parties(record))
        what = (self._wanted and self.asks.get(record["id"])) or say(state)
        names = "、".join(party.partition("/")[2] or party for party in parties)
        return [
            Cell(title_of(words, record), sub=gist(words, record), icon=words.icon, bold=True, copy=record["id"]),
            Cell(names, sub=when(record["created"]), tip="\n".join(parties)),
            Cell(day_words(due), sub=note, word_tone=urgency or "text"),
            Cell(what, icon=icon, tone=tone, word_tone=sign if sign in {"bad", "warn"} else "text2", tip=what),
        ]


def left_words(due: str) -> tuple[str, str]:
    """How many days are left until an ISO date, and the tone of that."""
    if not due:
        return "", ""
    left = (date.fromisoformat(due) - clock.today()).days
    if left < 0:
        return tr("已超期"), "bad"
    words = tr("今天到期") if left == 0 else tr("还有 {n} 天").format(n=f"{left:,}")
    return words, "warn" if left <= NEAR_DAYS else ""


class _Listing(AppView):
    """A filter, a table, an empty state; the chosen record in the inspector."""

    def __init__(self, page: AppPage, name: str, empty: EmptyState, *, wanted: bool = False) -> None:
        super().__init__(page)
        self.records: tuple[Record, ...] = ()
        self._filter, self._wanted = "", ""
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        self.bar = hbox()
        self.bar.addWidget(filter_box(tr("名称、各方、编号"), self._on_filter, 200))
        self.note = Label("", "caption", "text2")
        self.bar.addStretch(1)
        self.bar.addWidget(self.note)
        column.addLayout(self.bar)
        self.card = Card(flush=True)
        self.table = RecordTable(page, name, wanted=wanted)
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
        self._fill()
        if self._wanted and self.table.choose_id(self._wanted):
            self._wanted = ""

    def header(self) -> None:
        self.page.show_tab(self.tab)

    def _on_filter(self, text: str) -> None:
        self._filter = text.lower()
        self._fill()

    def _text(self, record: Record) -> str:
        words = self.page.service.catalogue.of(record)
        return f"{title_of(words, record)} {gist(words, record)} {record['id']} {words.kind.parties(record)}".lower()

    def _fill(self) -> None:
        shown = [one for one in self.records if self._filter in self._text(one)]
        before = self.table.current_row()
        self.table.show_rows(shown)
        if before is not None and self.shown:
            still = next((one for one in shown if one["id"] == before["id"]), None)
            if still is None:
                self.page.inspect(None)
            elif still != before:
                self.page.open_record(still)
        self.note.setText(tr("列出 {n} 件").format(n=number(len(shown))))
        self.card.setVisible(bool(self.records))
        self.empty.setVisible(not self.records)


class ListView(_Listing):
    """All records of a kind, or those that name the people here. Addresses `KIND` and `KIND/ID`."""

    def __init__(self, page: AppPage, kind: type[Kind]) -> None:
        self.kind = kind
        self.tab = kind.id
        words: KindWords = page.service.catalogue.words[kind.id]
        empty = EmptyState(words.icon, tr("还没有{what}").format(what=say(words.title)), "")
        super().__init__(page, say(words.title), empty)
        self.whose = Segmented(tr("显示"), [("all", tr("全部")), ("mine", tr("与我有关"))])
        self.whose.chosen.connect(lambda which: self.enter(""))
        self.bar.insertWidget(1, self.whose)

    def title(self) -> str:
        return say(self.page.service.catalogue.words[self.kind.id].title)

    def enter(self, rest: str) -> None:
        service, kind, mine = self.page.service, self.kind, self.whose.current == "mine"
        self._wanted = rest
        self.header()

        def read() -> list[Record]:
            found = [one for one in service.mine() if one["type"] == kind.id] if mine else service.all(kind)
            return sorted(found, key=lambda one: str(one["created"]), reverse=True)

        self.page.read(read, self.show_records)

    def header(self) -> None:
        actions: list[Action] = self.page.begin_actions(self.kind)
        self.page.show_tab(self.tab, actions=actions)


class InboxView(_Listing):
    """Address `inbox`: what somebody here may do, the nearest due day first."""

    tab = "inbox"

    def __init__(self, page: AppPage) -> None:
        empty = EmptyState("inbox", tr("没有等您办理的事"), tr("需要您办理的事会出现在这里。"))
        super().__init__(page, tr("待我办理"), empty, wanted=True)

    def title(self) -> str:
        return tr("待我办理")

    def enter(self, rest: str) -> None:
        service = self.page.service
        self.header()

        def read() -> tuple[list[Record], dict[str, Any]]:
            found = service.waiting()
            return found, {one["id"]: service.asks(one) for one in found}

        def arrived(found: tuple[list[Record], dict[str, Any]]) -> None:
            records, asks = found
            self.table.asks = {key: say(text) for key, text in asks.items() if text is not None}
            self.page.count_waiting(len(records))
            self.show_records(records)

        self.page.read(read, arrived)
