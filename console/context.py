"""What every page may use: the platform, the task runner, navigation, notices, the inspector."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from baas import roles
from console.i18n import say, tr
from console.signing import Signing, acting, keepers, of_party, person, with_keys
from console.tasks import JobView, Tasks
from console.todo import Todo
from network.errors import CityChainError, Unavailable
from network.text import Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from baas.platform import Platform
    from console.apart import IndexKeeper
    from console.app import Console
    from console.page import PageSpec


class Context(QObject):
    """One opened window's ways.

    Signals: `platform_opened`, `event_heard(event)` (in the window's thread), `network_chosen(name)`,
    `wanted(address)` to go somewhere, `inspected(widget, asked)`, `noticed(text, state)`, `problem(error)`.
    """

    platform_opened = Signal()
    event_heard = Signal(object)
    network_chosen = Signal(str)
    wanted = Signal(str)
    inspected = Signal(object, bool)
    noticed = Signal(str, str)
    problem = Signal(object)
    asks_first = True
    """Whether signing for somebody else is asked about; pictures and measurements have nobody to answer."""
    header_wanted = Signal()
    signing_changed = Signal()
    counted = Signal(str, int)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tasks = tasks
        self._platform: Platform | None = None
        self._network = ""
        self._closed = False
        self._unsubscribe: Callable[[], None] | None = None
        self.dialog_parent: QWidget | None = None
        self.console: Console | None = None
        self.inspecting: QWidget | None = None
        self.allowed: Callable[[str], bool] = lambda page: True
        self.index: IndexKeeper | None = None
        """who keeps the index in another process; None where heavy work is done in this one (`console.apart`)"""
        self.page_titles: Callable[[], dict[str, str]] = dict
        self.page_specs: Callable[[], Sequence[PageSpec]] = tuple
        """The pages that the acting person may use; the window's to say."""
        self.todo = Todo()
        self._titles: tuple[str, Mapping[str, Text]] | None = None
        self.agreed: dict[str, Signing] = {}
        """In whose names, by party, the acting person has agreed to sign though they are somebody else."""
        self.waiting: dict[str, int] = {}
        """How many things wait on each application's page, as its badge shows it."""

    @property
    def platform(self) -> Platform:
        """The opened platform. `Unavailable` while the workspace is still being opened."""
        if self._platform is None:
            raise Unavailable(
                Text("工作区还没有打开。", "The workspace is not open yet."),
                Text("请稍候片刻。", "Please wait a moment."),
            )
        return self._platform

    @property
    def ready(self) -> bool:
        return self._platform is not None and not self._closed

    def use(self, platform: Platform | None) -> None:
        """Take the opened platform and tell the pages."""
        self._platform = platform
        self._titles = None
        self.tasks.use(platform.jobs if platform is not None else None)
        if platform is not None:
            from baas.events import Event

            self._unsubscribe = platform.events.subscribe(Event, self._hear)
            self.platform_opened.emit()

    def _hear(self, event: object) -> None:
        """Called in whichever thread published; the signal carries the event into the window's."""
        from baas.events import NetworkChanged

        if isinstance(event, NetworkChanged):
            self._titles = None
        if not self._closed:
            self.event_heard.emit(event)

    def close(self) -> None:
        """Hear no more events: the window is going."""
        self._closed = True
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    @property
    def network(self) -> str:
        """The network the pages speak of, "" when there is none."""
        return self._network

    def choose_network(self, name: str) -> None:
        if name != self._network:
            self._network = name
            self.end_standing_in()  # the same name on another network is somebody else
            self.network_chosen.emit(name)

    def signs(self, party: str = "", roles: Iterable[str] = ()) -> Signing | None:
        """Who signs what is done now: the acting person, or the `party` of the ledger whose key does (its `roles`)."""
        if not self.ready:
            return None
        if party:
            return of_party(self.platform, self._network, party, roles)
        return acting(self.platform, self._network)

    def signs_with(self, msp_ids: Iterable[str] | None = None) -> Signing | None:
        """Who signs what needs administrators' keys, see `Page.signs_with`."""
        found = self.signs()
        if found is None or found.party or not self._network:
            return found
        return with_keys(found, keepers(self.platform, self._network, msp_ids))

    def person(self, party: str) -> str:
        """A party of the ledger (`MSP/common name`) as people read it, with the organisation by its title."""
        return person(party, self.organizations())

    def named(self, text: str) -> str:
        """A sentence of the ledger's with the parties and organisations that it names as people read them."""
        for msp_id, title in self.organizations().items():
            text = re.sub(rf"\b{re.escape(msp_id)}/([\w.@-]+)", lambda found: self.person(found.group()), text)
            text = re.sub(rf"\b{re.escape(msp_id)}\b", lambda _, title=title: say(title), text)  # type: ignore[misc]
        return text

    def organization(self, msp_id: str) -> str:
        """What an organisation is called; its MSP id where it is none of the network's."""
        found = self.organizations().get(msp_id)
        return say(found) if found is not None else msp_id

    def organizations(self) -> Mapping[str, Text]:
        """What the network's organisations are called, by MSP id; kept until a network changes."""
        if self._titles is None or self._titles[0] != self._network:
            found: dict[str, Text] = {}
            if self.ready and self._network:
                try:
                    spec = self.platform.networks.spec(self._network)
                    found = {one.msp_id: one.title for one in spec.organizations}
                except CityChainError:
                    return {}
            self._titles = self._network, found
        return self._titles[1]

    def contract(self, name: str) -> str:
        """What a contract is called: the title that its application gives it, else its name on the channel."""
        try:
            return say(self.platform.applications.contract(name).title)
        except CityChainError:
            return name

    def may_stand_in(self, party: str) -> bool:
        """Whether the acting person has said that they sign for `party`."""
        return party in self.agreed or not self.asks_first

    def stand_in(self, signing: Signing) -> None:
        """The acting person has said that they sign for somebody else, until they end it or another one acts."""
        self.agreed[signing.party] = signing
        self.signing_changed.emit()

    def end_standing_in(self) -> None:
        """Sign for nobody else any more without being asked again."""
        if self.agreed:
            self.agreed.clear()
            self.signing_changed.emit()

    def go(self, address: str) -> None:
        """Go to a page or a view inside one, for example `ledger/tx/9f3c…`."""
        self.wanted.emit(address)

    def visit(self, network: str, then: Callable[[], object]) -> None:
        """Let the pages speak of `network`, also after a restart where the acting person may say so; do `then`."""
        if network == self._network:
            then()
            return
        platform = self.platform

        def keep() -> None:
            if platform.session.allows(roles.NETWORK_ATTACH):
                platform.networks.set_default(network)

        def chosen(_: object) -> None:
            self.choose_network(network)
            then()

        self.tasks.fetch(keep, chosen, self.problem.emit, owner=self)

    def may_go(self, address: str) -> bool:
        """Whether the acting person has the page of `address`; a way that leads nowhere is not offered."""
        return self.allowed(address.partition("/")[0])

    def inspect(self, widget: QWidget | None, *, asked: bool = True) -> None:
        """Show `widget` in the inspector, or close it. For the window; pages use `Page.inspect`."""
        self.inspecting = widget
        self.inspected.emit(widget, asked)

    def notice(self, text: str, state: str = "ok") -> None:
        """Tell of something that happened, for a few seconds and in the list of notices."""
        self.noticed.emit(text, state)

    def job(
        self,
        fn: Callable[..., Any],
        *args: Any,
        title: Text | str,
        network: str | None = None,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[CityChainError], object] | None = None,
        **kwargs: Any,
    ) -> JobView:
        """Start long work; without `failed` its error is shown in the window."""
        view = self.tasks.job(fn, *args, title=title, network=network, **kwargs)
        if done is not None:
            view.succeeded.connect(self._while_open(done))
        view.failed.connect(self._while_open(failed if failed is not None else self.problem.emit))
        words = tr("已取消：{what}").format(what=say(title))
        view.cancelled.connect(self._while_open(lambda: self.notice(words, "none")))
        return view

    def _while_open(self, act: Callable[..., object]) -> Callable[..., None]:
        """A job may outlive its window, when another language is chosen meanwhile, or its page, when somebody else sits
        down: then nobody is told."""
        part = getattr(act, "__self__", None)

        def tell(*values: Any) -> None:
            if not self._closed and (not isinstance(part, QObject) or shiboken6.isValid(part)):
                act(*values)

        return tell
