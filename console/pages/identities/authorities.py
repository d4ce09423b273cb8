"""Organisations and their authorities as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.i18n import say, tr
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.theme import tokens
from console.titles import organization_icon
from console.widgets.basic import STATE_ICONS, vbox
from console.widgets.card import Card
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from console.pages.identities.page import IdentitiesPage, IdentitiesView


class AuthoritiesTab(QWidget):
    """Which organisations' authorities this workspace holds."""

    def __init__(self, page: IdentitiesPage) -> None:
        super().__init__()
        self._page = page
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("组织")),
                Column(tr("MSP 标识"), 200),
                Column(tr("域名"), 240),
                Column("CA", 150),
                Column(tr("成员"), 90, right=True),
                Column(tr("已吊销"), 90, right=True),
            ],
            self._cells,
        )
        self.table = DataTable(self.model, tr("组织与 CA"))
        self.table.row_opened.connect(self._open)
        card.add(self.table)
        column.addWidget(card)
        column.addStretch(1)

    def show_view(self, view: IdentitiesView) -> None:
        self.model.set_rows(view.organizations)
        self.table.fit(16)

    def _open(self, organization: Any) -> None:
        """Show only this organisation's certificates."""
        box = self._page.organization
        box.setCurrentIndex(max(0, box.findData(organization.msp_id)))
        self._page.choose_tab("certificates")

    def _cells(self, o: Any) -> list[Cell]:
        sign = "ok" if o.has_ca else "off"
        icon, tone = STATE_ICONS[sign]
        token = self._page.places.get((o.msp_id, "ca"))
        here = tr("令牌“{t}”").format(t=token) if token else tr("在本机")
        return [
            Cell(say(o.title), icon=organization_icon(o.msp_id), bold=True),
            Cell(o.msp_id, copy=o.msp_id),
            Cell(o.domain),
            Cell(here if o.has_ca else tr("不在本机"), icon=icon, tone=tone, word_tone="text2"),
            Cell(number(o.people)),
            Cell(number(o.revoked)),
        ]
