"""The dialog of a split: parts with amounts and whom they go to; what is left is said while one types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from apps.kit.service import OpenAct
from apps.kit.words import said
from apps.supply_finance.ui import tr
from chaincode.supply_finance.kinds import MOST_PARTS, Certificate
from console.appkit.act_dialog import ActDialog
from console.appkit.acting import plain
from console.appkit.editors import Invalid, fen_of, money_field, party_field, party_of
from console.i18n import say
from console.widgets.basic import Button, Status, hbox, vbox
from console.widgets.forms import Field
from fabric_sdk.kinds import Record
from network.text import Text

if TYPE_CHECKING:
    from console.appkit.page import AppPage


class PartsBox(QWidget):
    """Rows of amount and receiver, "" for oneself.

    Signals: `edited`.
    """

    edited = Signal()

    def __init__(self, whole_fen: int, parties: Sequence[str]) -> None:
        super().__init__()
        self._whole, self._parties = whole_fen, list(parties)
        self.rows: list[tuple[Field, Field]] = []
        column = vbox(self, spacing=8)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        below = hbox()
        self.more = Button(tr("再加一份"), self.add, icon="plus", small=True)
        below.addWidget(self.more)
        below.addStretch(1)
        self.left = Status("", "wait")
        below.addWidget(self.left)
        column.addLayout(below)
        self.add()
        self.add()

    def add(self) -> None:
        """One more part; the first rows are two."""
        amount = money_field(tr("第 {n} 份（元）").format(n=len(self.rows) + 1), required=not self.rows)
        to = party_field(tr("转让给（不填则自己持有）"), self._parties, hint=" ")
        if isinstance(to.editor, QComboBox):
            to.editor.setEditText("")
        at = len(self.rows)
        self._grid.addWidget(amount, at, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(to, at, 1, Qt.AlignmentFlag.AlignTop)
        self.rows.append((amount, to))
        self.more.setVisible(len(self.rows) < MOST_PARTS)
        for field in (amount, to):
            field.edited.connect(self._on_edited)
        self._on_edited()

    def _on_edited(self) -> None:
        left = self._whole - self.total()
        words = tr("正好分完") if left == 0 else tr("还剩 {n} 元") if left > 0 else tr("超出 {n} 元")
        self.left.set(words.format(n=f"{abs(left) / 100:,.2f}"), "ok" if left == 0 else "wait" if left > 0 else "bad")
        self.edited.emit()

    def total(self) -> int:
        """What is given out so far, in fen; what is no amount yet counts nothing."""
        found = 0
        for amount, _ in self.rows:
            try:
                found += fen_of(amount)
            except Invalid:
                amount.set_error("")
        return found

    def field_at(self, place: str) -> Field | None:
        """The editor of a part's amount or receiver as the ledger calls it: `parts[1].to`."""
        found = re.fullmatch(r"parts(?:\[(\d+)\])?(?:\.(\w+))?", place)
        rows = [row for row in self.rows if row[0].value or row[1].value] or self.rows
        return rows[min(int(found[1] or MOST_PARTS), len(rows) - 1)][found[2] == "to"] if found else None

    def parts(self) -> list[dict[str, Any]]:
        """The parts; `Invalid` for a row that is none, or if they are not the whole."""
        found: list[dict[str, Any]] = []
        for amount, to in self.rows:
            fen = fen_of(amount)
            named = to.editor.currentText().strip() if isinstance(to.editor, QComboBox) else ""
            if fen or named:
                found.append({"amount_fen": fen, **({"to": party_of(to)} if named else {})})
            if named and not fen:
                raise Invalid(amount, tr("请填写金额"))
        if len(found) < 2 or sum(one["amount_fen"] for one in found) != self._whole:
            raise Invalid(self.rows[-1][0], tr("至少两份，合计须等于凭证金额"))
        return found


def dialog(page: AppPage, one: OpenAct, record: Record) -> ActDialog:
    """The dialog of splitting a certificate."""
    service, act = page.service, Certificate.split
    words, who = service.catalogue.act(act), service.who(one.signer)
    box = PartsBox(record["amount_fen"], page.others(who.party))
    title = plain(words)

    def run(parts: list[dict[str, Any]], *, ctx: Any) -> Any:
        ctx.step(act.id, words.button)
        return service.do(act, {"parts": parts}, on=record["id"], signer=one.signer)

    text = tr("凭证金额 {n} 元。{f}").format(
        n=f"{record['amount_fen'] / 100:,.2f}", f=say(said(words.follows, record, who))
    )
    return ActDialog(
        page,
        title,
        text,
        accept=title,
        run=run,
        said=tr("已拆分"),
        collect=box.parts,
        signs=page.signed_by(one.signer),
        extra=box,
        job=Text(words.button.zh, words.button.en),
    )
