"""The page of an application made of kinds: what waits, a tab a kind, views made by hand, each under its address."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QStackedWidget

from apps.kit.service import OpenAct, Service
from baas.errors import LedgerError, NotFound, Text, contract_code
from console.appkit.acting import Host, button_words, open_dialog
from console.appkit.panel import dossier_of, record_panel
from console.appkit.views import AppView, InboxView, ListView
from console.context import Context
from console.i18n import say, tr
from console.i18n.formats import number
from console.page import Action, PageSpec
from console.scenes import Scene
from console.tasks.runner import later
from console.widgets.basic import Button
from console.widgets.states import EmptyState
from fabric_sdk.kinds import Kind, Record

if TYPE_CHECKING:
    from apps.kit.application import KitManifest
    from baas.platform import Platform
    from console.shell.window import MainWindow


def specs_of(manifest: KitManifest) -> list[PageSpec]:
    """The application's page for the rail."""
    return [
        PageSpec(
            manifest.id,
            lambda: say(manifest.title),
            manifest.icon,
            lambda context: AppPage(context, manifest),
            section="apps",
            help=lambda: say(manifest.summary),
            allowed=lambda context: context.platform.session.allows(manifest.read),
            badge=lambda platform, network: count_waiting(platform, network, manifest),
            scenes=lambda context: scenes_of(manifest),
        )
    ]


def scenes_of(manifest: KitManifest) -> list[Scene]:
    """Pictures: what waits, and each kind with its first record chosen."""
    names = ["inbox", *manifest.catalogue.kinds, *manifest.views]
    return [Scene(f"{manifest.id}-{name}", f"{manifest.id}/{name}", _choose_first) for name in names]


def _choose_first(window: MainWindow) -> None:
    view: Any = window.page.stack.currentWidget() if isinstance(window.page, AppPage) else None
    if getattr(view, "records", ()):
        view.table.choose(0)


def count_waiting(platform: Platform, network: str, manifest: KitManifest) -> int:
    """How many matters wait for whoever acts; none where the contract is not there."""
    service: Service = manifest.build_service(platform, network)
    try:
        return service.count() if service.deployed() else 0
    except LedgerError as error:
        if contract_code(error) != "NOT_CONFIGURED":
            raise
        return 0


class AppPage(Host):
    """Addresses: "" (the first tab), inbox, KIND[/ID], and the names of the application's own views."""

    def __init__(self, context: Context, manifest: KitManifest) -> None:
        super().__init__(context)
        self.manifest = manifest
        self._service: Service | None = None
        self._network, self._address = "", ""
        self._views: dict[str, AppView] = {}
        self._parties: list[str] = []
        self._begins: dict[str, tuple[OpenAct, ...]] = {}
        self.waiting = 0
        self.stack = QStackedWidget()
        self.outer.addWidget(self.stack, 1)
        self.missing = EmptyState(
            manifest.icon,
            tr("合约还没有部署"),
            tr("部署后就可以使用这个应用。"),
            Button(tr("去部署…"), lambda: context.go("contracts"), kind="primary"),
        )
        self.stack.addWidget(self.missing)
        self._soon = later(600, self, self.refresh)
        self.set_header(say(manifest.title))

    @property
    def service(self) -> Service:
        """The service; views are only shown when there is one."""
        if self._service is None:
            raise RuntimeError("no network is open")
        return self._service

    def others(self, mine: str) -> list[str]:
        """Parties to choose from in a form, oneself left out."""
        return [party for party in self._parties if party != mine]

    # -- going about ---------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        self._address = address
        self.refresh()

    def refresh(self) -> None:
        context, manifest = self.context, self.manifest
        if not context.ready:
            return
        platform, network = context.platform, context.network
        if not network:
            self._show_missing()
            return
        if self._service is not None and self._network == network:
            self._enter()
            return

        def read() -> tuple[Service, list[str], dict[str, tuple[OpenAct, ...]]]:
            found: Service = manifest.build_service(platform, network)
            if not found.deployed():
                raise NotFound(Text("合约还没有部署。", "The contract is not deployed."))
            kinds = found.catalogue.kinds.values()
            return found, found.people(), {kind.id: found.begins(kind) for kind in kinds}

        self.read(read, self._opened, self._failed)

    def _opened(self, found: tuple[Service, list[str], dict[str, tuple[OpenAct, ...]]]) -> None:
        self._service, self._parties, self._begins = found
        self._network = self.context.network
        self._enter()

    def _failed(self, error: Any) -> None:
        if isinstance(error, NotFound) and self._service is None:
            self._show_missing()
        else:
            self.banner.show_error(error, self.refresh)

    def _show_missing(self) -> None:
        self.set_header(say(self.manifest.title), "", [], tabs=[])
        self.stack.setCurrentWidget(self.missing)

    def _enter(self) -> None:
        name, _, rest = self._address.partition("/")
        known = [tab for tab, _ in self.tab_choices()]
        if name not in known:
            name, rest = known[0], ""
        view = self.view(name)
        self.stack.setCurrentWidget(view)
        view.enter(rest)

    def view(self, name: str) -> Any:
        """The view of an address' first word, made when it is first wanted."""
        if name not in self._views:
            if name == "inbox":
                made: AppView = InboxView(self)
            elif name in self.manifest.views:
                module, _, attribute = self.manifest.views[name].partition(":")
                made = getattr(importlib.import_module(module), attribute)(self)
                made.tab = name
            else:
                made = ListView(self, self.service.catalogue.kinds[name])
            self._views[name] = made
            self.stack.addWidget(made)
        return self._views[name]

    def heard(self, event: Any) -> None:
        from baas.events import BlockIndexed, IdentityChanged, NetworkChanged

        if isinstance(event, NetworkChanged | IdentityChanged):
            self._network = ""
            self._soon.start()
        elif isinstance(event, BlockIndexed):
            self._soon.start()

    # -- the header ----------------------------------------------------------------------------------
    def tab_choices(self) -> list[tuple[str, str]]:
        """The tabs: what waits, each kind, the application's own views."""
        kinds = [(one.kind.id, say(one.title)) for one in self.manifest.catalogue.words.values()]
        own = [(name, self.view(name).title()) for name in self.manifest.views]
        return [("inbox", tr("待我办理")), *own, *kinds]

    def show_tab(self, tab: str, facts: str = "", actions: list[Action] | None = None) -> None:
        """Set the header of a tab's view."""
        self.tab = tab
        notes = {"inbox": number(self.waiting)} if self.waiting else {}
        self.set_header(say(self.manifest.title), facts, actions or [], tabs=self.tab_choices(), notes=notes)

    def begin_actions(self, kind: type[Kind]) -> list[Action]:
        """Header buttons of what may be begun anew; the first is filled."""
        found: list[Action] = []
        for one in self._begins.get(kind.id, ()):
            words = self.service.catalogue.act(one.act)
            run: Callable[[], object] = partial(open_dialog, self, one, {})
            look = "plain" if found else "primary"
            found.append(Action(one.act.id, button_words(words), run, icon=words.icon or "plus", kind=look))
        return found

    def choose_tab(self, tab: str) -> None:
        self._address = tab
        self.inspect(None)
        self.moved.emit(tab)
        self.banner.hide()
        if self._service is not None:
            self._enter()

    def count_waiting(self, count: int) -> None:
        """Tell the rail how many matters wait."""
        self.waiting = count
        self.context.counted.emit(self.manifest.id, count)

    # -- one record ----------------------------------------------------------------------------------
    def open_record(self, record: Record) -> None:
        """Show a record in the inspector, read anew."""
        service = self.service
        self.read(
            lambda: dossier_of(service, service.read(record["id"])),
            lambda dossier: self.inspect(record_panel(self, dossier)),
        )
