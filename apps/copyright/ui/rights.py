"""许可与转让: licences, their use, transfers, pledges and changes, across all works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.copyright.ui.matters_view import MattersView
from apps.copyright.ui.words import tr
from console.i18n.formats import number
from console.widgets.basic import Button
from console.widgets.states import EmptyState

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage


class RightsView(MattersView):
    """Addresses `rights` and `rights/ID`."""

    tab = "rights"
    kinds = ("licence", "usage", "transfer", "pledge", "change")

    def __init__(self, page: CopyrightPage) -> None:
        empty = EmptyState(
            "key",
            tr("还没有许可、转让或质押"),
            tr("打开一件您的作品，在“权利”页签提出许可、转让或质押；对方接受后生效。"),
            Button(tr("看全部作品"), lambda: page.context.go("copyright"), icon="list"),
        )
        super().__init__(page, tr("许可与转让"), empty)

    def facts(self) -> str:
        if not self.matters:
            return ""
        active = sum(one.kind == "licence" and one.state == "ACTIVE" for one in self.matters)
        pledged = sum(one.kind == "pledge" and one.state == "REGISTERED" for one in self.matters)
        return tr("{a} 份有效许可，{p} 件质押中").format(a=number(active), p=number(pledged))
