"""Private collections of a contract: who may see them and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.i18n import tr
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.theme import tokens
from console.widgets.basic import vbox
from console.widgets.card import Card
from console.widgets.states import EmptyState, Note
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from console.pages.contracts.page import ContractLine, ContractsPage


class CollectionsTab(QWidget):
    """A table; the value itself never leaves the members' peers."""

    def __init__(self, page: ContractsPage) -> None:
        super().__init__()
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24), spacing=14)
        self.card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("集合"), 200),
                Column(tr("谁可以看到")),
                Column(tr("至少送达"), 110, right=True),
                Column(tr("保留"), 150, right=True),
                Column(tr("只限成员读"), 110),
                Column(tr("只限成员写"), 110),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("私有集合"))
        self.card.add(self.table)
        column.addWidget(self.card)
        self.note = Note(tr("账本上只有私有数据的散列。原文只存在成员组织的节点上，过期后清除。"))
        column.addWidget(self.note)
        self.empty = EmptyState("lock", tr("这个合约没有私有集合"), "")
        column.addWidget(self.empty)
        column.addStretch(1)

    def enter(self, line: ContractLine) -> None:
        rows = list(line.definition.collections) if line.definition is not None else []
        self.model.set_rows(rows)
        self.table.fit(12)
        self.card.setVisible(bool(rows))
        self.note.setVisible(bool(rows))
        self.empty.setVisible(not rows)


def _cells(c: Any) -> list[Cell]:
    yes, no = tr("是"), tr("否")
    kept = int(c.get("blockToLive", 0) or 0)
    return [
        Cell(str(c.get("name", "")), icon="lock", tone="violet", bold=True, mono=True),
        Cell(str(c.get("policy", "")), mono=True),
        Cell(number(int(c.get("requiredPeerCount", 0) or 0))),
        Cell(tr("{n} 个区块").format(n=number(kept)) if kept else tr("永久")),
        Cell(yes if c.get("memberOnlyRead") else no),
        Cell(yes if c.get("memberOnlyWrite") else no),
    ]
