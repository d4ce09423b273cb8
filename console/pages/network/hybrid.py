"""One organisation at a time: whose peers run Fabric's own program in an embedded network, there and back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from console.i18n import say, tr
from console.widgets.basic import Button, Label, Status, hbox
from console.widgets.card import Card
from console.widgets.dialogs import ConfirmName, Dialog
from network.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baas.services.promotion import OrganizationMove
    from console.pages.network.page import NetworkPage


class OrganizationsCard(Card):
    """Organisations with peers, who runs them, and a button for each."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__(tr("先迁移一个组织"))
        self._page = page

    def show_moves(self, found: Sequence[OrganizationMove]) -> None:
        """Show organisations; nothing at all where none can be moved alone."""
        self.setVisible(bool(found))
        column = self.reset()
        words = tr(
            "网络照常工作时，可以只把一个组织的节点换成官方 Fabric 程序，地址、证书和私有数据都不变；"
            "其余组织仍在内置账本里。中断只有几秒。只要还没有仅由真实节点持有的私有数据，就可以退回。"
        )
        column.addWidget(Label(words, "body", "text2", wrap=True))
        for one in found:
            row = hbox()
            row.addWidget(Label(say(one.title), "body"), 1)
            if one.version:
                row.addWidget(Status(tr("由 Fabric {v} 运行").format(v=one.version), "ok"))
                back = Button(tr("回到内置账本…"), partial(self.back, one))
                back.setAccessibleName(tr("{o}：回到内置账本").format(o=say(one.title)))
                row.addWidget(back)
            else:
                row.addWidget(Status(tr("在内置账本里"), "off"))
                over = Button(tr("换成真实节点…"), partial(self.over, one))
                over.setAccessibleName(tr("{o}：换成真实节点").format(o=say(one.title)))
                row.addWidget(over)
            column.addLayout(row)

    def over(self, one: OrganizationMove) -> None:
        """Ask for the network's name, then hand the organisation's peers over."""
        view = self._page.view
        assert view is not None
        words = tr("真实节点先重放全部区块并逐块对照，然后接手{o}的地址。请先备份。").format(o=say(one.title))
        if ConfirmName(self._page, tr("换成真实节点"), words, view.name, tr("换成真实节点")).exec():
            self._job("hand_over", one, Text("交接给真实节点", "Hand over to real peers"))

    def back(self, one: OrganizationMove) -> None:
        """Ask, then let the embedded peers take over again."""
        words = tr("{o}的真实节点会停止并删除，内置账本里的节点接着工作。").format(o=say(one.title))
        if Dialog(self._page, tr("回到内置账本"), words, accept=tr("回到内置账本")).exec():
            self._job("hand_back", one, Text("回到内置账本", "Go back to embedded peers"))

    def _job(self, act: str, one: OrganizationMove, title: Text) -> None:
        view, context = self._page.view, self._page.context
        assert view is not None

        def failed(error: Any) -> None:
            self._page.refresh()
            self._page.change_failed(error)

        context.job(
            getattr(context.platform.promotion, act),
            view.name,
            one.msp_id,
            title=title,
            network=view.name,
            done=lambda _: self._page.refresh(),
            failed=failed,
        )
