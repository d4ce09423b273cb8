"""许可与转让, 异议与侵权: what hangs on works, across all works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.copyright import permissions
from apps.copyright.ui.terms import tr
from console.appkit.views import ListView
from console.i18n.formats import number
from console.widgets.basic import Button
from console.widgets.states import EmptyState

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage

RIGHTS = ("licence", "usage", "transfer", "pledge", "change", "cancellation")
CASES = ("dispute", "infringement")


class OnWorks(ListView):
    """A list of what hangs on works."""

    page: CopyrightPage

    def __init__(
        self,
        page: CopyrightPage,
        tab: str,
        title: str,
        kinds: tuple[str, ...],
        words: tuple[str, str, str],
        *,
        due: bool,
    ) -> None:
        all_works = Button(tr("看全部作品"), lambda: page.context.go("copyright/works"), icon="list")
        super().__init__(
            page,
            tab,
            title,
            kinds,
            EmptyState(*words, all_works),
            mine_first=True,
            everybody=not page.allows(permissions.LICENSE),
            due=due,
            box=tr("作品、各方、编号"),
        )

    def count(self, kind: str, *states: str) -> str:
        """How many listed records of a kind are in one of some states."""
        return number(sum(one["type"] == kind and one["state"] in states for one in self.records))


class RightsView(OnWorks):
    """Addresses `rights` and `rights/ID`."""

    def __init__(self, page: CopyrightPage) -> None:
        begin = tr("打开一件您的作品，在“权利”页签提出许可、转让或质押；对方接受后生效。")
        words = ("key", tr("还没有许可、转让或质押"), begin)
        super().__init__(page, "rights", tr("许可与转让"), RIGHTS, words, due=True)

    def facts(self) -> str:
        if not self.records:
            return ""
        active, pledged = self.count("licence", "ACTIVE"), self.count("pledge", "REGISTERED")
        return tr("{a} 份有效许可，{p} 件质押中").format(a=active, p=pledged)


class CasesView(OnWorks):
    """Addresses `cases` and `cases/ID`."""

    def __init__(self, page: CopyrightPage) -> None:
        words = ("flag", tr("没有异议或侵权线索"), tr("打开一件作品可以提出异议，或报告侵权线索并当场取证。"))
        super().__init__(page, "cases", tr("异议与侵权"), CASES, words, due=False)

    def facts(self) -> str:
        if not self.records:
            return ""
        frozen, running = self.count("dispute", "OPEN"), self.count("infringement", "REPORTED", "EVIDENCED")
        return tr("{d} 件异议处理中，{c} 件侵权线索未办结").format(d=frozen, c=running)
