"""The slots page: which hospital, its tabs, its actions by role."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from apps.health_slots.model import HospitalRow
from apps.health_slots.service import HealthSlotsService, build_service
from apps.health_slots.ui.audit import AuditTab
from apps.health_slots.ui.board_tab import BoardTab
from apps.health_slots.ui.importing import ask_hospital, ask_import
from apps.health_slots.ui.search import SearchTab
from apps.health_slots.ui.words import tr
from baas.errors import NotFound
from console.context import Context
from console.i18n.formats import number
from console.page import Action, Page
from console.tasks.runner import later
from console.widgets.basic import Button
from console.widgets.states import EmptyState
from network.text import Text


class SlotsPage(Page):
    """Addresses: "" the board; search; audit."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.service: HealthSlotsService | None = None
        self._network = ""
        self.hospitals: tuple[HospitalRow, ...] = ()
        self.hospital = ""
        self.stack = QStackedWidget()
        self.outer.addWidget(self.stack, 1)
        self.missing = EmptyState(
            "slots",
            tr("号源合约还没有部署"),
            tr("部署后就可以导入排班、放号和预约。"),
            Button(tr("去部署…"), lambda: context.go("contracts"), kind="primary"),
        )
        self.first = EmptyState(
            "hospital",
            tr("还没有医院"),
            tr("先登记一家医院，再导入它的排班。"),
            Button(tr("登记医院…"), lambda: ask_hospital(self), kind="primary", icon="plus"),
        )
        self.board = BoardTab(self)
        self.search = SearchTab(self)
        self.audit = AuditTab(self)
        for widget in (self.missing, self.first, self.board, self.search, self.audit):
            self.stack.addWidget(widget)
        self._soon = later(600, self, self.refresh)
        self.set_header(tr("号源链"))

    # -- reading -------------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        if address in {"search", "audit", "board"}:
            self.tab = address
        self.refresh()

    def refresh(self) -> None:
        context = self.context
        if not context.ready:
            return
        platform, network = context.platform, context.network
        if not network:
            self.set_header(tr("号源链"), tr("还没有网络"), [], tabs=[])
            self.stack.setCurrentWidget(self.missing)
            return
        service = self.service if self._network == network else None

        def read() -> tuple[HealthSlotsService, tuple[HospitalRow, ...]]:
            found = service
            if found is None:
                names = {d.name for d in platform.contracts.list(network)}
                if "health_slots" not in names:
                    raise NotFound(Text("号源合约还没有部署。", "The slots contract is not deployed."))
                found = build_service(platform, network)
            found.refresh()
            return found, found.hospitals()

        self.read(read, self._show, self._failed)

    def _failed(self, error: Any) -> None:
        if isinstance(error, NotFound):
            self.set_header(tr("号源链"), "", [], tabs=[])
            self.stack.setCurrentWidget(self.missing)
        else:
            self.banner.show_error(error, self.refresh)

    def heard(self, event: Any) -> None:
        from baas.events import BlockIndexed, NetworkChanged

        if isinstance(event, NetworkChanged):
            self._network = ""
            self._soon.start()
        elif isinstance(event, BlockIndexed):
            self._soon.start()

    def _show(self, found: tuple[HealthSlotsService, tuple[HospitalRow, ...]]) -> None:
        self.service, self.hospitals = found
        self._network = self.context.network
        known = {h.id for h in self.hospitals}
        if self.hospital not in known:
            self.hospital = max(self.hospitals, key=lambda h: h.sessions).id if self.hospitals else ""
        session = self.context.platform.session
        if not self.hospitals:
            self.set_header(tr("号源链"), tr("还没有医院"), [], tabs=[])
            self.stack.setCurrentWidget(self.first)
            return
        row = next(h for h in self.hospitals if h.id == self.hospital)
        tabs = [("board", tr("看板"))]
        if session.allows("slots.book"):
            tabs.append(("search", tr("查号与预约")))
        if session.allows("slots.audit"):
            tabs.append(("audit", tr("从区块审计")))
        self.set_header(
            row.name,
            tr("号源链 · {id} · {s} 个出诊单元，{n} 个号，空闲 {f}").format(
                id=row.id, s=number(row.sessions), n=number(row.slots), f=number(row.free)
            ),
            self._actions(),
            tabs=tabs,
        )
        self._show_tab()

    def _actions(self) -> list[Action]:
        session = self.context.platform.session
        found = []
        if len(self.hospitals) > 1:
            menu = [(f"{h.name} ({h.id})", lambda h=h: self.choose_hospital(h.id)) for h in self.hospitals]
            found.append(Action("hospital", tr("医院"), icon="hospital", menu=list(menu)))
        if session.allows("slots.publish"):
            found.append(Action("import", tr("导入排班…"), lambda: ask_import(self), "upload"))
            found.append(Action("release", tr("放号"), self.release, "slots", "primary"))
        return found

    def choose_hospital(self, hospital: str) -> None:
        self.hospital = hospital
        self.refresh()

    def choose_tab(self, tab: str) -> None:
        super().choose_tab(tab)
        self.moved.emit(tab)
        self._show_tab()

    def _show_tab(self) -> None:
        tabs: dict[str, QWidget] = {"board": self.board, "search": self.search, "audit": self.audit}
        widget = tabs.get(self.tab, self.board)
        self.stack.setCurrentWidget(widget)
        if widget is self.board:
            self.board.enter()
        elif widget is self.search:
            self.search.enter()

    # -- doing ---------------------------------------------------------------------------------------
    def release(self) -> None:
        """Open every committed session whose release has come."""
        service = self.service
        if service is None:
            return

        def done(result: Any) -> None:
            words = tr("已放号 {n} 个；{w} 个单元还没到放号时间")
            self.context.notice(words.format(n=number(result.slots), w=result.not_due))
            self.refresh()

        self.context.job(
            service.schedules.release,
            self.hospital,
            title=Text("放号", "Open slots"),
            network=self.context.network,
            done=done,
            failed=lambda error: self.banner.show_error(error, self.refresh),
        )

    def change(self, act: Any, title: Text, said: str) -> None:
        """Do a change of the ledger as a job, tell of it, and read again."""

        def run(*, ctx: Any) -> Any:
            ctx.step("change", title)
            return act()

        def done(result: Any) -> None:
            self.context.notice(said)
            self.refresh()

        self.context.job(
            run,
            title=title,
            network=self.context.network,
            done=done,
            failed=self.banner.show_error,
        )
