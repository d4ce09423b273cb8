"""待我办理: everything that waits for this desk, the nearest deadline first; and what ends soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.copyright.ui.terms import tr
from console.appkit import views
from console.appkit.views import left_words
from console.i18n.formats import number
from console.widgets.basic import Button
from console.widgets.choice import Segmented
from console.widgets.states import EmptyState
from fabric_sdk.kinds import Record

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage

SOON_DAYS = 30
GROUPS = {
    "rights": ("licence", "usage", "transfer", "pledge"),
    "office": ("registration", "change"),
    "cases": ("dispute", "infringement"),
}


class InboxView(views.InboxView):
    """Address `inbox`."""

    page: CopyrightPage

    def __init__(self, page: CopyrightPage) -> None:
        words = tr("许可、转让、质押、补正和案件需要您时，会出现在这里。")
        all_works = Button(tr("看全部作品"), lambda: page.context.go("copyright/works"), icon="list")
        super().__init__(page, EmptyState("inbox", tr("没有等您办理的事"), words, all_works))
        self.group = Segmented(
            tr("显示"),
            [
                ("all", tr("全部")),
                ("rights", tr("许可、转让、质押")),
                ("office", tr("登记")),
                ("cases", tr("异议与侵权")),
                ("soon", tr("{n} 天内到期").format(n=SOON_DAYS)),
            ],
        )
        self.group.chosen.connect(lambda which: self.fill())
        self.box.hide()
        self.bar.insertWidget(0, self.group)

    def facts(self) -> str:
        late = sum(left_words(self.page.kit.catalogue.of(one).due_of(one))[1] == "bad" for one in self.records)
        facts = tr("{n} 件事等您办理").format(n=number(len(self.records)))
        if late:
            facts += " · " + tr("{n} 件已超期").format(n=number(late))
        return facts if self.records else ""

    def wants(self, record: Record) -> bool:
        chosen = GROUPS.get(self.group.current)
        return chosen is None or record["type"] in chosen

    def fill(self) -> None:
        """What ends soon is read when it is asked for."""
        if self.group.current != "soon":
            super().fill()
            return
        kit = self.page.kit

        def read() -> list[Record]:
            found = kit.expiring(SOON_DAYS)
            kit.know(found)
            return found

        def arrived(found: list[Record]) -> None:
            if self.group.current == "soon":
                self.list_rows(found)
                self.card.show()
                self.empty.hide()

        self.page.read(read, arrived)
