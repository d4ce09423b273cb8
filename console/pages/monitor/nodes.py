"""The nodes by how much they need somebody."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.i18n import tr
from console.i18n.formats import number, size
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.widgets.basic import STATE_ICONS, vbox
from console.widgets.card import Card
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from baas.monitoring.sampling import NodeSample
    from console.context import Context


class NodesTab(QWidget):
    """One row for each node; what does not run stands first."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        column = vbox(self)
        self.card = Card(tr("节点", "several"), flush=True)
        self.model = RowsModel(
            [
                Column(tr("节点")),
                Column(tr("CPU"), 110),
                Column(tr("内存"), 90, right=True),
                Column(tr("区块高度"), 100, right=True),
                Column(tr("状态"), 150),
            ],
            partial(_cells, context),
        )
        self.table = DataTable(self.model, tr("节点"))
        self.card.add(self.table, 1)
        column.addWidget(self.card, 1)

    def show_nodes(self, nodes: Sequence[NodeSample]) -> None:
        """Show these nodes."""
        self.card.note.setText(tr("{n} 个，按留意程度排列").format(n=len(nodes)) if nodes else "")
        order = {"failed": 0, "stopped": 1}
        rows = sorted(nodes, key=lambda one: (order.get(one.state, 2), -one.behind, -(one.cpu or 0), one.name))
        if list(self.model.rows) != rows:
            self.model.set_rows(rows)


def _cells(context: Context, node: Any) -> list[Cell]:
    words, state = _state(node)
    icon, tone = STATE_ICONS[state]
    short, _, rest = node.name.partition(".")
    organization = context.organization(node.msp_id)
    cpu = Cell("—") if node.cpu is None else Cell(f"{round(100 * node.cpu)}%", bar=min(1.0, node.cpu))
    return [
        Cell(f"{short} · {organization}", bold=True, tip=node.name if rest else "", copy=node.name),
        cpu,
        Cell("—" if node.memory is None else size(node.memory)),
        Cell("—" if node.height is None else number(node.height)),
        Cell(words, icon=icon, tone=tone, word_tone=state if state in {"warn", "bad"} else "text2"),
    ]


def _state(node: NodeSample) -> tuple[str, str]:
    if node.state == "failed":
        return tr("不能写入"), "bad"
    if node.state != "running":
        return tr("已停止"), "bad"
    if node.behind:
        return tr("落后 {n}").format(n=number(node.behind)), "warn"
    return tr("正常"), "ok"
