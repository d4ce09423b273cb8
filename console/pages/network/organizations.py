"""The organisations of a network as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.i18n import say, tr
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.pages.network.own import OwnOrganizations
from console.pages.network.view import NetworkView
from console.theme import tokens
from console.titles import organization_icon
from console.widgets.basic import vbox
from console.widgets.card import Card, Scroll
from console.widgets.states import Note
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from console.pages.network.page import NetworkPage


class OrganizationsTab(QWidget):
    """Every organisation with its nodes and channels."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__()
        self._page = page
        self._view: NetworkView | None = None
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        column = scroll.column
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("组织")),
                Column(tr("MSP 标识"), 190),
                Column(tr("域名"), 230),
                Column(tr("记账节点数"), 100, right=True),
                Column(tr("排序节点数"), 100, right=True),
                Column(tr("通道"), 190),
            ],
            self._cells,
        )
        self.table = DataTable(self.model, tr("组织"))
        self.table.row_chosen.connect(lambda o: page.inspect(page.topology._organization(o.msp_id)))
        card.add(self.table)
        column.addWidget(card)
        self.trustee = Note("")
        column.addWidget(self.trustee)
        self.own = OwnOrganizations(page)
        column.addWidget(self.own)
        column.addStretch(1)

    def show_view(self, view: NetworkView) -> None:
        self._view = view
        self.model.set_rows(view.spec.organizations)
        self.table.fit(16)
        held = view.authorities
        self.trustee.setVisible(held > 1)
        self.trustee.label.setText(
            tr("这台机器持有 {n} 个组织的 CA，适合试用；正式使用时，组织在自己的机器上建立，凭定义加入。").format(
                n=held
            )
        )
        self.own.read()

    def _cells(self, o: Any) -> list[Cell]:
        channels = [c.name for c in self._view.spec.channels if o.name in c.organizations] if self._view else []
        return [
            Cell(say(o.title), icon=organization_icon(o.msp_id), bold=True),
            Cell(o.msp_id, copy=o.msp_id),
            Cell(o.domain),
            Cell(str(len(o.peers))),
            Cell(str(len(o.orderers))),
            Cell(", ".join(channels) or "—"),
        ]
