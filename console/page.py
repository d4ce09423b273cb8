"""What a page is to the window: a title, facts, actions, tabs, content, and a view to open inside it.

An application's pages are `PageSpec`s named by its manifest; the window makes a page the first time it is opened.
Pages are addressed like files: `ledger/tx/9f3c…`. Going somewhere is `context.go("ledger/tx/9f3c…")`, which the
back and forward keys remember.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from console.finding import Find
from console.scenes import Scenes
from console.theme import tokens
from console.widgets.basic import hbox, vbox
from console.widgets.states import BusyBar, ErrorBanner
from network.errors import CityChainError

if TYPE_CHECKING:
    from baas.platform import Platform
    from console.context import Context
    from console.home import Home
    from console.signing import Signing


@dataclass
class Action:
    """A button of the header. A disabled one says why beside it; `menu` opens choices (text, what to do).

    One that writes at once, without a dialog, names who `signs`.
    """

    id: str
    text: str
    run: Callable[[], object] | None = None
    icon: str = ""
    kind: str = "plain"
    enabled: bool = True
    reason: str = ""
    menu: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    signs: Signing | None = None
    signed: Callable[[], object] | None = None
    """What runs once it is clear who signs; set by the page."""


@dataclass(frozen=True)
class PageSpec:
    """A page in the rail: where it stands, who may use it, how it is made.

    `section` is "", "apps", "platform" or "foot"; `roles` empty means everybody; `badge` counts things to
    handle on a network, read outside the window's thread (a shown page tells by `context.counted` when it changed).
    `title` and `help` are functions because the language may change while the program runs. `scenes` names views
    worth a picture, see `console.scenes`, `dialogs` those of what asks something before it is done; `home` are its
    sections on the overview, see `console.home`; `find` finds the page's things for the command palette, see
    `console.finding`.
    """

    id: str
    title: Callable[[], str]
    icon: str
    make: Callable[[Context], Page]
    section: str = ""
    help: Callable[[], str] = lambda: ""
    allowed: Callable[[Context], bool] = lambda context: True
    scenes: Scenes = lambda context: ()
    dialogs: Scenes = lambda context: ()
    find: Find | None = None
    badge: Callable[[Platform, str], int] | None = None
    home: Home | None = None


class Page(QWidget):
    """Base of all pages.

    Signals: `header_changed` after title, facts, actions or tabs changed; `moved(address)` when the page itself went
    to another of its views, without the page's own id.
    """

    header_changed = Signal()
    moved = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.title = ""
        self.facts = ""
        self.header_actions: list[Action] = []
        self.tabs: list[tuple[str, str]] = []
        self.tab_notes: dict[str, str] = {}
        self.tab = ""
        self.reason = ""
        self._reads = 0
        self._inspected: QWidget | None = None
        self.outer = vbox(self, spacing=0)
        self.busy = BusyBar()
        self.outer.addWidget(self.busy)
        self.banner = ErrorBanner()
        row = hbox(margins=(tokens.PAGE_MARGIN, 0, tokens.PAGE_MARGIN, 0))
        row.addWidget(self.banner)
        self.outer.addLayout(row)

    def signs(self, party: str = "", roles: Iterable[str] = ()) -> Signing | None:
        """Who signs what is done on this page: whoever acts, or the `party` whose key does."""
        return self.context.signs(party, roles)

    def signs_with(self, msp_ids: Iterable[str] | None = None) -> Signing | None:
        """Who signs what needs administrators' keys: where the workspace's owner acts, those of these organisations
        (of all whose administrator's key is here where none are named)."""
        return self.context.signs_with(msp_ids)

    def open(self, address: str) -> None:
        """Show the view `address` of this page ("" is its first). Called on every visit."""
        self.refresh()

    def refresh(self) -> None:
        """Read again what the page shows (F5, and when the platform tells of a change)."""

    def choose_tab(self, tab: str) -> None:
        """A person chose a tab of the header."""
        self.tab = tab
        self.header_changed.emit()

    def heard(self, event: Any) -> None:
        """An event of the platform arrived while this page is shown."""

    def inspect(self, widget: QWidget | None, *, asked: bool = True) -> None:
        """Show `widget` in the inspector, or with None close what this page showed there.

        `asked` is False for what nobody chose, such as the facts that come with a view: where the inspector would lie
        upon the page it then waits behind its handle.

        Pages read in the background: what arrives after the person has gone elsewhere leaves the inspector alone, and
        so does a page that closes its own while the jobs or the notices are shown.
        """
        if self.isHidden() or (widget is None and not self.inspecting):
            return
        self._inspected = widget
        self.context.inspect(widget, asked=asked)

    @property
    def inspected(self) -> QWidget | None:
        """What this page shows in the inspector now, None where that is nothing or somebody else's."""
        return self._inspected if self.inspecting else None

    @property
    def inspecting(self) -> bool:
        """Whether the inspector shows what this page put there."""
        return self._inspected is not None and self._inspected is self.context.inspecting

    def filter_box(self) -> QLineEdit | None:
        """Return the field that Ctrl+F goes to."""
        found = [box for box in self.findChildren(QLineEdit, "pageFilter") if box.isVisible()]
        return found[0] if found else None

    def read(
        self,
        fn: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[CityChainError], None] | None = None,
    ) -> None:
        """Read in a worker with the busy bar; an error appears in the page's banner with a retry."""

        def begin() -> None:
            self._reads += 1
            self.busy.setVisible(self._reads > 0)
            self.context.tasks.fetch(fn, arrived, refused, owner=self)

        def end() -> None:
            self._reads -= 1
            self.busy.setVisible(self._reads > 0)

        def arrived(value: Any) -> None:
            end()
            done(value)

        def refused(error: CityChainError) -> None:
            end()
            if failed is not None:
                failed(error)
            else:
                self.banner.show_error(error, begin)

        begin()

    def _signed(self, action: Action) -> Action:
        """An action that writes at once asks first where it would be signed for somebody else, from wherever it is
        begun."""
        signing, run = action.signs, action.run
        if signing is not None and run is not None:
            from console.widgets.signing import deliberate

            action.run = lambda: run() if deliberate(self, signing) else None
            action.signed = run
        return action

    def set_header(
        self,
        title: str,
        facts: str = "",
        actions: list[Action] | None = None,
        *,
        tabs: list[tuple[str, str]] | None = None,
        notes: dict[str, str] | None = None,
        reason: str = "",
    ) -> None:
        """Set what the window's header shows for this page."""
        self.title, self.facts, self.reason = title, facts, reason
        self.header_actions = [self._signed(one) for one in actions or ()]
        if tabs is not None:
            self.tabs = tabs
            if self.tab not in dict(tabs):
                self.tab = tabs[0][0] if tabs else ""
        if notes is not None:
            self.tab_notes = notes
        self.header_changed.emit()
