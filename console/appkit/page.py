"""The page of an application made of kinds: what waits, a tab a kind, views made by hand, each under its address."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from apps.kit.service import OpenAct, Service
from baas.errors import NotFound, Text
from console.appkit.acting import button_words, open_act
from console.appkit.panel import Dossier, dossier_of, record_panel
from console.appkit.service_page import NOT_DEPLOYED, ServicePage
from console.appkit.setting_up import NOT_SET_UP, Unset, not_set_up
from console.appkit.views import AppView, InboxView, ListView, when_configured
from console.context import Context
from console.i18n import say, tr
from console.i18n.formats import number
from console.page import Action
from console.widgets.states import EmptyState
from fabric_sdk.kinds import Record

if TYPE_CHECKING:
    from apps.kit.application import KitManifest
    from baas.platform import Platform
    from console.signing import Signing


def count_waiting(service: Service) -> int:
    """How many matters wait for whoever acts; none where the contract is not there or not set up."""
    count: int = when_configured(lambda: service.count() if service.deployed() else 0, 0)
    return count


class AppPage(ServicePage):
    """Addresses: "" (the first tab), inbox, KIND[/ID], and the names of the application's own views.

    `first` is the view of an address that names none, None for the first tab. Pages of applications with views of
    their own say what those are (`tab_choices`, `make_view`), what is read when a network opens (`read_service`), and
    which service does the kinds' acts (`kit`).
    """

    first: ClassVar[str | None] = None

    def __init__(
        self, context: Context, manifest: KitManifest, *, title: str = "", missing: tuple[str, str] | None = None
    ) -> None:
        super().__init__(context, title or say(manifest.title), manifest.icon, missing=missing)
        self.manifest = manifest
        self._views: dict[str, Any] = {}
        self._parties: list[str] = []
        self._begins: Mapping[str, tuple[OpenAct, ...]] = {}
        self._notes: dict[str, str] = {}
        self._unset: Unset | None = None
        self.waiting = 0

    @property
    def kit(self) -> Service:
        found: Service = self.service
        return found

    def signs(self, party: str = "", roles: Iterable[str] = ()) -> Signing | None:
        """Where the workspace's owner sits and nobody is named: the first of the application's people."""
        found = super().signs(party, roles)
        if party or found is None or found.party or self._service is None or not self.manifest.people:
            return found
        first = self.manifest.people[0]
        kit = self.kit
        name = f"{first.msp_of(kit.ledger.spec)}/{self.manifest.id}-{first.role}"
        return super().signs(name, [first.role])

    def others(self, mine: str) -> list[str]:
        return [party for party in self._parties if party != mine]

    # -- going about ---------------------------------------------------------------------------------
    def read_service(self, platform: Platform, network: str) -> tuple[Any, list[str], dict[str, tuple[OpenAct, ...]]]:
        """The service, parties to choose from, what may be begun, by kind; in a worker. `NotFound` without contract."""
        found: Any = self.manifest.build_service(platform, network)
        kit = self.kit_of(found)
        if not kit.deployed():
            found.close()
            raise NotFound(Text("合约还没有部署。", "The contract is not deployed."), code=NOT_DEPLOYED)
        if (call := kit.ledger.to_set_up(kit.reader)) is not None:
            found.close()
            raise not_set_up(kit, call)
        kinds = kit.catalogue.kinds.values()

        def people() -> tuple[list[str], dict[str, tuple[OpenAct, ...]]]:
            for signer in kit.signers:
                kit.who(signer)  # asked of the ledger once: here, not in the window's thread
            return kit.people(), {kind.id: kit.begins(kind) for kind in kinds}

        return found, *people()

    def _failed(self, error: Any) -> None:
        if error.code != NOT_SET_UP or self._service is not None:
            super()._failed(error)
            return
        self.set_header(self.name, "", [], tabs=[])
        if self._unset is not None:
            self.stack.removeWidget(self._unset)
            self._unset.deleteLater()
        self._unset = Unset(self, error.details["msp_id"], mine=error.details["mine"])
        self.stack.addWidget(self._unset)
        self.stack.setCurrentWidget(self._unset)

    def kit_of(self, service: Any) -> Service:
        """The service of the kinds' acts."""
        found: Service = service
        return found

    def took(self, found: Any) -> Any:
        service, self._parties, self._begins = found
        return service

    def enter(self) -> None:
        """Show the view of the address, and count what waits."""
        name, _, rest = self._address.partition("/")
        if not self.open_to(name):
            name, rest = self.tab_choices()[0][0] if self.first is None else self.first, ""
        view = self.view(name)
        self.stack.setCurrentWidget(view)
        view.enter(rest)
        if not isinstance(view, InboxView):
            self._count()

    def open_to(self, name: str) -> bool:
        """Whether an address' first word names a view that the acting person may see."""
        return name in dict(self.tab_choices())

    def view(self, name: str) -> Any:
        """The view of an address' first word, made when it is first wanted."""
        if name not in self._views:
            self._views[name] = self.make_view(name)
            self.stack.addWidget(self._views[name])
        return self._views[name]

    def make_view(self, name: str) -> Any:
        """Make a view: what waits, one of the application's own, the list of a kind."""
        if name == "inbox":
            return InboxView(self)
        if name in self.manifest.views:
            made = self._by_hand(name)(self)
            made.tab = name
            return made
        words = self.manifest.catalogue.words[name]
        title = say(words.heading)
        nothing = tr("还没有{what}").format(what=title[:1].lower() + title[1:])
        begins = self._begins.get(name, ())
        hint = tr("从右上角“{act}”开始。").format(act=button_words(self.kit.words_of(begins[0]))) if begins else ""
        hint = hint or tr("由担任相应角色的人写入账本，写入后会列在这里。")
        return ListView(self, name, title, [name], EmptyState(words.icon, nothing, hint))

    def _by_hand(self, name: str) -> type[AppView]:
        module, _, attribute = self.manifest.views[name].partition(":")
        found: type[AppView] = getattr(importlib.import_module(module), attribute)
        return found

    def people_changed(self) -> None:
        if self._service is None:
            return
        kit = self.kit

        def take(parties: list[str]) -> None:
            self._parties = parties

        self.looked_up(lambda: when_configured(kit.people, []), take)

    def _again(self) -> None:
        view = self.stack.currentWidget()
        if self._network and isinstance(view, AppView) and not view.live:
            self._count()
        else:
            self.refresh()

    # -- the header ----------------------------------------------------------------------------------
    def tab_choices(self) -> list[tuple[str, str]]:
        """The tabs: what waits, the application's own views, each kind."""
        kinds = [(one.kind.id, say(one.heading)) for one in self.manifest.catalogue.words.values()]
        own = [(name, self._by_hand(name).tab_title()) for name in self.manifest.views]
        return [("inbox", tr("待我办理")), *own, *kinds]

    def show_tab(
        self,
        tab: str,
        facts: str = "",
        actions: list[Action] | None = None,
        notes: Mapping[str, str] | None = None,
    ) -> None:
        """Set the header of a tab's view; `notes` are figures beside tabs."""
        self.tab = tab
        self._notes |= notes or {}
        self.set_header(
            self.name, facts or self._about(), actions or [], tabs=self.tab_choices(), notes=self._tab_notes()
        )

    def _about(self) -> str:
        """What the application is for, under its name where a tab has nothing else to say."""
        words = say(self.manifest.summary).removeprefix(f"{self.name}：").removeprefix(f"{self.name}: ")
        return words[:1].upper() + words[1:]

    def _tab_notes(self) -> dict[str, str]:
        return self._notes | ({"inbox": number(self.waiting)} if self.waiting else {})

    def begin_actions(self, kind: str) -> list[Action]:
        """Header buttons of what may be begun anew; the first is filled."""
        found: list[Action] = []
        for one in self._begins.get(kind, ()):
            words = self.kit.words_of(one)
            run: Callable[[], object] = partial(open_act, self, one, {})
            look = "plain" if found else "primary"
            signing = self.signed_by(one.signer) if words.at_once else None
            icon = words.icon or "plus"
            found.append(Action(one.act.id, button_words(words), run, icon=icon, kind=look, signs=signing))
        return found

    def choose_tab(self, tab: str) -> None:
        view = self.stack.currentWidget()
        if tab in dict(self.tab_choices()):
            self._address = self.address_of(tab)
            self.inspect(None)
            self.moved.emit(self._address)
            self.banner.hide()
            if self._service is not None:
                self.enter()
        elif isinstance(view, AppView):
            super().choose_tab(tab)
            view.choose_tab(tab)

    def address_of(self, tab: str) -> str:
        """Where a tab of the page leads."""
        return tab

    def went(self, address: str) -> None:
        """A view moved to another of its own addresses, such as another of its own tabs."""
        self._address = address
        self.moved.emit(address)

    def _count(self) -> None:
        """Read how many matters wait here, for the tab's note and the rail."""
        if self._service is None or "inbox" not in dict(self.tab_choices()):
            return
        kit = self.kit
        self.looked_up(lambda: when_configured(kit.count, 0), self.count_waiting)

    def count_waiting(self, count: int) -> None:
        """Tell the rail how many matters wait."""
        self.context.counted.emit(self.manifest.id, count)
        if count != self.waiting:
            self.waiting = count
            if "inbox" in dict(self.tabs):
                self.tab_notes = self._tab_notes()
                self.header_changed.emit()

    # -- one record ----------------------------------------------------------------------------------
    def open_record(self, record: Record) -> None:
        """Show a record in the inspector, read anew."""
        service = self.kit
        self.read(
            lambda: self.dossier(service, service.read(record["id"])),
            lambda dossier: self.inspect(record_panel(self, dossier)),
        )

    def dossier(self, service: Service, record: Record) -> Dossier:
        """Everything that the panel of a record shows; in a worker."""
        return dossier_of(service, record)

    def place_of(self, record: Record) -> str:
        return f"{self.manifest.id}/{record['type']}/{record['id']}"
