"""待我办理: everything that waits for this desk, the nearest deadline first; the chosen one in the inspector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.copyright.inbox import Inbox, Matter
from apps.copyright.ui.matter_table import MatterTable, left_words
from apps.copyright.ui.matters_view import open_panel
from apps.copyright.ui.view import View
from apps.copyright.ui.words import tr
from baas.errors import LedgerError, contract_code
from console.i18n.formats import number
from console.theme import tokens
from console.widgets.basic import Button, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.choice import Segmented
from console.widgets.states import EmptyState

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage

SOON_DAYS = 30
GROUPS = {
    "rights": ("licence", "usage", "transfer", "pledge"),
    "office": ("registration", "change"),
    "cases": ("dispute", "infringement"),
}


class InboxView(View):
    """Address `inbox`."""

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__(page)
        self.matters: tuple[Matter, ...] = ()
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        self._bar = hbox()
        self.group = Segmented(
            tr("显示"),
            [
                ("all", tr("全部")),
                ("rights", tr("许可、转让、质押")),
                ("office", tr("登记")),
                ("cases", tr("异议与侵权")),
                ("soon", tr("{n} 天内到期").format(n=SOON_DAYS)),
            ],
        )
        self.group.chosen.connect(self._choose)
        self._bar.addWidget(self.group)
        self._bar.addStretch(1)
        self.note = Label("", "caption", "text2")
        self._bar.addWidget(self.note)
        column.addLayout(self._bar)
        self.card = Card(flush=True)
        self.table = MatterTable(tr("待我办理"), wanted=True)
        self.table.row_chosen.connect(lambda matter: open_panel(page, matter))
        self.card.add(self.table, 1)
        column.addWidget(self.card, 1)
        self.nothing = EmptyState(
            "inbox",
            tr("没有等您办理的事"),
            tr("许可、转让、质押、补正和案件需要您时，会出现在这里。"),
            Button(tr("看全部作品"), lambda: page.context.go("copyright"), icon="list"),
        )
        self.nothing.hide()
        column.addWidget(self.nothing, 1)

    def enter(self, rest: str) -> None:
        service = self.service
        self._header()

        def read() -> tuple[Matter, ...]:
            try:
                return Inbox(service).waiting()
            except LedgerError as error:
                if contract_code(error) != "NOT_CONFIGURED":
                    raise
                return ()

        self.page.read(read, self._show)

    def _choose(self, which: str) -> None:
        """Another group; what ends soon is read when it is asked for."""
        if which != "soon":
            self._fill()
            return
        service = self.service
        self.page.read(lambda: Inbox(service).expiring(SOON_DAYS), self._show_soon)

    def _show_soon(self, matters: tuple[Matter, ...]) -> None:
        if self.group.current == "soon":
            self._list(list(matters))

    def _show(self, matters: tuple[Matter, ...]) -> None:
        self.matters = matters
        self.page.waiting = len(matters)
        self.page.context.counted.emit("copyright", len(matters))
        if self.shown:
            self._header()
        self._choose(self.group.current)

    def _header(self) -> None:
        late = sum(left_words(one.due)[1] == "bad" for one in self.matters)
        facts = tr("{n} 件事等您办理").format(n=number(len(self.matters)))
        if late:
            facts += " · " + tr("{n} 件已超期").format(n=number(late))
        self.page.show_tabs("inbox", facts if self.matters else "")

    def _fill(self) -> None:
        chosen = GROUPS.get(self.group.current)
        self._list([one for one in self.matters if chosen is None or one.kind in chosen])

    def _list(self, shown: list[Any]) -> None:
        before = self.table.current_row()
        self.table.show_rows(shown, frozenset(self.page.desk.parties))
        if before is not None and all(one.id != before.id for one in shown):
            self.page.inspect(None)
        self.note.setText(tr("列出 {n} 件").format(n=number(len(shown))))
        soon = self.group.current == "soon"
        self.card.setVisible(bool(self.matters) or soon)
        self.nothing.setVisible(not self.matters and not soon)
