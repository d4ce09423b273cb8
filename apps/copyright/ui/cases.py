"""异议与侵权: disputes, which freeze a work, and suspected infringements with their evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.copyright.ui.matters_view import MattersView
from apps.copyright.ui.words import tr
from console.i18n.formats import number
from console.widgets.basic import Button
from console.widgets.states import EmptyState

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage


class CasesView(MattersView):
    """Addresses `cases` and `cases/ID`."""

    tab = "cases"
    kinds = ("dispute", "infringement")
    timed = False

    def __init__(self, page: CopyrightPage) -> None:
        empty = EmptyState(
            "flag",
            tr("没有异议或侵权线索"),
            tr("打开一件作品可以提出异议，或报告侵权线索并当场取证。"),
            Button(tr("看全部作品"), lambda: page.context.go("copyright"), icon="list"),
        )
        super().__init__(page, tr("异议与侵权"), empty)

    def facts(self) -> str:
        if not self.matters:
            return ""
        frozen = sum(one.kind == "dispute" and one.state == "OPEN" for one in self.matters)
        open_cases = sum(one.kind == "infringement" and one.state != "CLOSED" for one in self.matters)
        return tr("{d} 件异议处理中，{c} 件侵权线索未办结").format(d=number(frozen), c=number(open_cases))
