"""The list of revoked certificates, and whether the channel refuses them already."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from baas import roles
from console.i18n import tr
from console.i18n.formats import fingerprint, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, Label, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from console.pages.identities.page import IdentitiesPage


class RevokedTab(QWidget):
    """Read from the organisations' journals and from the channel's configuration in force."""

    def __init__(self, page: IdentitiesPage) -> None:
        super().__init__()
        self._page = page
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24), spacing=12)
        self._notes = vbox(spacing=8)
        column.addLayout(self._notes)
        self.stack = QStackedWidget()
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("名称")),
                Column(tr("组织"), 190),
                Column(tr("吊销时间"), 180),
                Column(tr("通道"), 190),
                Column(tr("序列号"), 190),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("吊销列表"))
        card.add(self.table, 1)
        self.stack.addWidget(card)
        self.stack.addWidget(
            EmptyState("shield", tr("没有吊销过证书"), tr("在“全部证书”里选中一个人，即可吊销。吊销会写入通道配置。"))
        )
        column.addWidget(self.stack, 1)

    def enter(self) -> None:
        """Read the list; asks the ordering service, so only when the tab is shown."""
        identities, network = self._page.context.platform.identities, self._page.context.network
        self._page.read(lambda: identities.revoked(network), self._show)

    def _show(self, rows: Any) -> None:
        self.model.set_rows(rows)
        self.stack.setCurrentIndex(0 if rows else 1)
        clear(self._notes)
        session = self._page.context.platform.session
        for msp in dict.fromkeys(row.msp_id for row in rows if row.in_force is False):
            count = sum(1 for row in rows if row.msp_id == msp and row.in_force is False)
            line = hbox()
            words = tr("{msp} 有 {n} 张吊销的证书还没有写入通道，各节点仍会接受。")
            line.addWidget(Status(words.format(msp=msp, n=count), "bad"))
            if session.allows(roles.IDENTITY_REVOKE, msp):
                line.addWidget(Button(tr("写入通道"), partial(self.publish, msp), icon="upload", small=True))
            line.addStretch(1)
            self._notes.addLayout(line)
        if any(row.in_force is None for row in rows):
            words = tr("排序节点没有应答，暂时不知道通道里的吊销列表。")
            self._notes.addWidget(Label(words, "caption", "warn", wrap=True))

    def publish(self, msp_id: str) -> None:
        """Take the organisation's list into the channel."""
        page = self._page
        page.context.job(
            partial(page.context.platform.identities.publish_revocations, network=page.context.network),
            msp_id,
            title=Text("写入 {m} 的吊销列表", "Publish {m}'s revocations", m=msp_id),
            network=page.context.network,
            done=lambda _: self.enter(),
            failed=lambda error: page.banner.show_error(error, self.enter),
        )


def _cells(row: Any) -> list[Cell]:
    words, sign = {
        True: (tr("已拒绝"), "ok"),
        False: (tr("还没有写入"), "bad"),
        None: (tr("未知"), "warn"),
    }[row.in_force]
    icon, tone = STATE_ICONS[sign]
    return [
        Cell(row.name, icon="identity", bold=True, struck=True),
        Cell(row.msp_id),
        Cell(when(row.revoked_at)),
        Cell(words, icon=icon, tone=tone, word_tone=sign if sign in {"bad", "warn"} else "text2"),
        Cell(fingerprint(row.serial), mono=True, copy=row.serial),
    ]
