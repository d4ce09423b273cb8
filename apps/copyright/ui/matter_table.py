"""The table of matters: used by the inbox, the lists of rights and of cases, and a work's own lists."""

from __future__ import annotations

from datetime import date
from typing import Any

from apps.copyright.inbox import Matter
from apps.copyright.ui.matter_words import ICONS, day_words, gist, kind_words, matter_state, parties_words, wanted_words
from apps.copyright.ui.words import tr
from console.i18n.formats import when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.widgets.basic import STATE_ICONS
from console.widgets.table import DataTable
from fabric_sdk import clock

NEAR_DAYS = 7


class MatterTable(DataTable):
    """Rows of `Matter`.

    `titled` names the work in every row, `wanted` says what to do instead of the state, `due` has deadlines' column.
    """

    def __init__(self, name: str, *, titled: bool = True, wanted: bool = False, due: bool = True) -> None:
        self.mine: frozenset[str] = frozenset()
        self._titled, self._wanted, self._due = titled, wanted, due
        columns = [Column(tr("事项")), Column(tr("各方"), 232), *([Column(tr("期限"), 116)] if due else [])]
        columns.append(Column(tr("要办的事") if wanted else tr("状态"), 184))
        self.rows = RowsModel(columns, self._cells)
        super().__init__(self.rows, name, two_lines=True)

    def show_rows(self, matters: Any, mine: frozenset[str] = frozenset()) -> None:
        """Show matters, keeping the chosen one chosen if it is still there."""
        chosen = self.current_row()
        self.mine = mine
        self.rows.set_rows(matters)
        if chosen is not None:
            same = [at for at, one in enumerate(matters) if one.id == chosen.id]
            if same:
                self.choose(same[0])

    def _cells(self, matter: Matter) -> list[Cell]:
        record = matter.record
        words, sign = matter_state(record)
        icon, tone = STATE_ICONS[sign]
        title = f"{kind_words(matter.kind)} · {matter.work.title}" if self._titled else kind_words(matter.kind)
        note, urgency = left_words(matter.due) if matter.state not in _ENDED else ("", "")
        what = words
        if self._wanted:
            what = wanted_words(matter, self.mine) or words
        cells = [
            Cell(
                title, sub=gist(matter), icon=ICONS.get(matter.kind, "file"), bold=True, copy=matter.id, tip=matter.id
            ),
            Cell(parties_words(record), sub=when(record["created"]), tip=parties_words(record, whole=True)),
        ]
        if self._due:
            cells.append(Cell(day_words(matter.due), sub=note, word_tone=urgency or "text"))
        loud = sign if sign in {"bad", "warn"} else "text2"
        return [*cells, Cell(what, icon=icon, tone=tone, word_tone=loud, tip=what)]


_ENDED = frozenset({"REJECTED", "WITHDRAWN", "TERMINATED", "DISCHARGED", "CLOSED", "DECIDED", "REFUSED", "COMPLETED"})


def left_words(due: str) -> tuple[str, str]:
    """How many days are left until an ISO date, and the tone of that."""
    if not due:
        return "", ""
    left = (date.fromisoformat(due) - clock.today()).days
    if left < 0:
        return tr("已超期"), "bad"
    words = tr("今天到期") if left == 0 else tr("还有 {n} 天").format(n=f"{left:,}")
    return words, "warn" if left <= NEAR_DAYS else ""
