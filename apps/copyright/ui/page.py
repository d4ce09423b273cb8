"""The copyright page: tabs for lists, and views of single things, each under an address of its own."""

from __future__ import annotations

import importlib
from typing import Any

from PySide6.QtWidgets import QStackedWidget

from apps.copyright import manifest
from apps.copyright.acting import Desk, desk_of
from apps.copyright.inbox import Inbox
from apps.copyright.ledger import CONTRACT
from apps.copyright.service import CopyrightService, build_service
from apps.copyright.ui.fields import known_parties
from apps.copyright.ui.view import View
from apps.copyright.ui.words import tr
from baas.errors import LedgerError, NotFound, Text, contract_code
from baas.roles import CONTRACT_READ
from console.appkit.acting import Host
from console.context import Context
from console.i18n.formats import number
from console.page import Action
from console.tasks.runner import later
from console.widgets.basic import Button
from console.widgets.states import EmptyState

VIEWS = {
    "": "works:WorksView",
    "inbox": "inbox:InboxView",
    "rights": "rights:RightsView",
    "cases": "cases:CasesView",
    "queue": "queue:QueueTab",
    "search": "search:SearchView",
    "verify": "verify:VerifyView",
    "new": "deposit:DepositView",
    "batch": "batch:BatchView",
    "work": "work:WorkView",
}
"""First word of the address → where its view is made; a view is imported when it is first opened."""


class CopyrightPage(Host):
    """Addresses: "" works; inbox; rights[/ID]; cases[/ID]; queue; search[/work/ID]; verify[/FILE]; new; batch[/FOLDER];
    work/ID[/rights|cases|history] (ID may be `first`: the newest registered work)."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.service: CopyrightService | None = None
        self.desk = Desk({}, frozenset())
        self.waiting = 0
        self.visited = False
        self._parties: list[str] = []
        self._notes: dict[str, str] = {}
        self._network = ""
        self._address = ""
        self._views: dict[str, View] = {}
        self.stack = QStackedWidget()
        self.outer.addWidget(self.stack, 1)
        self.missing = EmptyState(
            "copyright",
            tr("版权合约还没有部署"),
            tr("部署后就可以存证和登记作品。"),
            Button(tr("去部署…"), lambda: context.go("contracts"), kind="primary"),
        )
        self.stack.addWidget(self.missing)
        self._soon = later(600, self, self._again)
        self.set_header(tr("数字版权"))

    # -- views ---------------------------------------------------------------------------------------
    def view(self, name: str) -> Any:
        """The view of an address' first word, made when it is first wanted."""
        if name not in self._views:
            module, _, made = VIEWS[name].partition(":")
            view = getattr(importlib.import_module(f"apps.copyright.ui.{module}"), made)(self)
            self._views[name] = view
            self.stack.addWidget(view)
        return self._views[name]

    @property
    def works(self) -> Any:
        return self.view("")

    @property
    def model(self) -> Any:
        """The rows of the list of works."""
        return self.view("").model

    @property
    def deposit(self) -> Any:
        return self.view("new")

    @property
    def queue(self) -> Any:
        return self.view("queue")

    @property
    def work(self) -> Any:
        return self.view("work")

    def allows(self, permission: str) -> bool:
        """True if the acting person has a permission."""
        return bool(self.context.ready and self.context.platform.session.allows(permission))

    def others(self, mine: str) -> list[str]:
        """Parties to choose from in a form, oneself left out."""
        return [party for party in self._parties if party != mine]

    # -- going about ---------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        self._address = address
        self.visited = True
        self.refresh()

    def refresh(self) -> None:
        context = self.context
        if not context.ready:
            return
        platform, network = context.platform, context.network
        if not network:
            self._show_missing()
            return
        if self.service is not None and self._network == network:
            self._enter()
            self._count()
            return
        old, self.service = self.service, None
        if self.context.tasks.active:
            old = None  # a job may still work with it; it ends with the page

        def read() -> tuple[CopyrightService, Desk, list[str]]:
            from chaincode.copyright.policy import load

            load()  # its modules take long to import: here, not in the window's thread
            if old is not None:
                old.close()
            found = build_service(platform, network)
            if not deployed(found):
                raise NotFound(Text("版权合约还没有部署。", "The copyright contract is not deployed."))
            return found, desk_of(found), _parties_of(found)

        self.read(read, self._opened, self._failed)

    def _opened(self, found: tuple[CopyrightService, Desk, list[str]]) -> None:
        self.service, self.desk, self._parties = found
        self._network = self.context.network
        # The service owns a process; it goes with the page (another role acts, the window closes).
        self.destroyed.connect(found[0].close)
        self._enter()
        self._count()

    def _failed(self, error: Any) -> None:
        if isinstance(error, NotFound) and self.service is None:
            self._show_missing()
        else:
            self.banner.show_error(error, self.refresh)

    def _show_missing(self) -> None:
        self.set_header(tr("数字版权"), "", [], tabs=[])
        self.stack.setCurrentWidget(self.missing)

    def _enter(self) -> None:
        """Show the view of the address."""
        name, _, rest = self._address.partition("/")
        if name == "first":
            name, rest = "work", "first"
        if name not in VIEWS or not self._open_to(name):
            name, rest = "", ""
        view = self.view(name)
        self.stack.setCurrentWidget(view)
        view.enter(rest)

    def _open_to(self, name: str) -> bool:
        if name == "inbox":
            return name in dict(self.tab_choices())
        needed = {"new": manifest.DEPOSIT, "batch": manifest.DEPOSIT, "queue": manifest.REVIEW}.get(name)
        return needed is None or self.allows(needed)

    def heard(self, event: Any) -> None:
        from baas.events import BlockIndexed, IdentityChanged, NetworkChanged

        if isinstance(event, NetworkChanged):
            self._network = ""
            self._soon.start()
        elif isinstance(event, IdentityChanged):
            self._read_parties()
        elif isinstance(event, BlockIndexed):
            self._soon.start()

    def _read_parties(self) -> None:
        """People may have come or gone."""
        service = self.service

        def take(parties: list[str]) -> None:
            self._parties = parties

        if service is not None:
            self.context.tasks.fetch(lambda: _parties_of(service), take, lambda error: None, owner=self)

    def _again(self) -> None:
        view = self.stack.currentWidget()
        if not isinstance(view, View) or view.live:
            self.refresh()
        else:
            self._count()

    # -- tabs ----------------------------------------------------------------------------------------
    def tab_choices(self) -> list[tuple[str, str]]:
        """The tabs of the acting role."""
        found = []
        if self.allows(manifest.LICENSE) or self.allows(manifest.REVIEW):
            found.append(("inbox", tr("待我办理")))
        found.append(("works", tr("全部作品")))
        if self.allows(manifest.REVIEW):
            found.append(("queue", tr("登记审查")))
        found += [("rights", tr("许可与转让")), ("cases", tr("异议与侵权")), ("search", tr("查重"))]
        if self.allows(manifest.EVIDENCE):
            found.append(("verify", tr("核验")))
        return found

    def show_tabs(
        self, tab: str, facts: str, actions: list[Action] | None = None, notes: dict[str, str] | None = None
    ) -> None:
        """Set the header of a tab's view."""
        self.tab = tab
        self._notes |= notes or {}
        self.set_header(tr("数字版权"), facts, actions, tabs=self.tab_choices(), notes=self._list_notes())

    def _list_notes(self) -> dict[str, str]:
        """The figures beside the tabs of the lists."""
        return self._notes | ({"inbox": number(self.waiting)} if self.waiting else {})

    def choose_tab(self, tab: str) -> None:
        view = self.stack.currentWidget()
        if tab in dict(self.tab_choices()):
            self._address = "" if tab == "works" else tab
            self.inspect(None)
            self.moved.emit(self._address)
            self.banner.hide()
            if self.service is not None:
                self._enter()
        elif isinstance(view, View):
            super().choose_tab(tab)
            view.choose_tab(tab)

    def went(self, address: str) -> None:
        """A view moved to another of its own addresses, such as another of a work's tabs."""
        self._address = address
        self.moved.emit(address)

    def _count(self) -> None:
        """Read how many matters wait for this desk, for the tab's note."""
        service = self.service
        if service is None or not any(tab == "inbox" for tab, _ in self.tab_choices()):
            return

        def counted(count: int) -> None:
            self.context.counted.emit("copyright", count)
            if count != self.waiting:
                self.waiting = count
                if "inbox" in dict(self.tabs):
                    self.tab_notes = self._list_notes()
                    self.header_changed.emit()

        self.context.tasks.fetch(lambda: count_waiting(service), counted, lambda error: None, owner=self)


def deployed(service: CopyrightService) -> bool:
    """Say whether the contract is there: from the network's list, or by asking it, for not every role may list."""
    platform = service.platform
    if platform.session.allows(CONTRACT_READ):
        return CONTRACT in {one.name for one in platform.contracts.list(service.network)}
    try:
        service.ledger.evaluate("auditor", "ReadSettings")
    except LedgerError as error:
        if contract_code(error) == "NOT_CONFIGURED":
            return True
        said = " ".join([str(error.details.get("text", "")), *(one["message"] for one in error.endpoints)])
        if f"chaincode {CONTRACT} not found" in said:
            return False
        raise
    return True


def count_waiting(service: CopyrightService) -> int:
    """How many matters wait for this desk; none where the office is not set up."""
    try:
        return Inbox(service).count()
    except LedgerError as error:
        if contract_code(error) != "NOT_CONFIGURED":
            raise
        return 0


def _parties_of(service: CopyrightService) -> list[str]:
    try:
        return known_parties(service)
    except LedgerError as error:
        if contract_code(error) != "NOT_CONFIGURED":
            raise
        return []
