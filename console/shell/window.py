"""The main window: rail, header, page, inspector, status bar; where keys, events and errors meet."""

from __future__ import annotations

from functools import partial
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QWidget

from console.context import Context
from console.i18n import say, tr
from console.page import Page, PageSpec
from console.shell.acting import ActingStrip
from console.shell.activity import JobList, NoticeList, Notices, Toast
from console.shell.counting import Counting
from console.shell.header import Header
from console.shell.inspector import Inspector, Middle
from console.shell.navigation import allowed_pages, sections
from console.shell.palette import Palette
from console.shell.rail import Rail
from console.shell.statusbar import StatusBar
from console.shell.switcher import open_switcher, say_network
from console.tasks import Tasks
from console.tasks.runner import end_pauses, later, postponed
from console.theme import theme, tokens
from console.widgets.basic import hbox, vbox
from console.widgets.focus import FocusRing
from console.widgets.states import ErrorBanner
from network.errors import CityChainError

if TYPE_CHECKING:
    from baas.platform import Platform


class MainWindow(QMainWindow):
    """One window on one workspace. It is shown before the workspace is open; pages appear when it is."""

    def __init__(self, pages: list[PageSpec], tasks: Tasks) -> None:
        super().__init__()
        self.tasks = tasks
        self.context = Context(tasks, self)
        self.context.dialog_parent = self
        self.specs = pages
        self.pages: dict[str, Page] = {}
        self._history: list[str] = []
        self._at = -1
        self._current = ""
        self.left_off = ""
        self.notices = Notices()
        self._tasks_go_on = False
        self.setWindowTitle(tr("城链"))
        self.setAcceptDrops(True)
        self.setMinimumSize(*tokens.WINDOW_MINIMUM)
        self.resize(*tokens.WINDOW_SIZE)
        self._refresh_soon: QTimer = later(250, self, self._refresh_page)
        self._build()
        self._connect()
        self._keys()
        self._take_over()

    # -- parts ---------------------------------------------------------------------------------------
    def _build(self) -> None:
        root = QWidget()
        row = hbox(root, spacing=0)
        self.rail = Rail()
        row.addWidget(self.rail)
        right = vbox(spacing=0)
        content_holder = QWidget()
        content = vbox(content_holder, spacing=0)
        self.acting = ActingStrip(self)
        right.addWidget(self.acting)
        self.header = Header()
        right.addWidget(self.header)
        banner_row = hbox(margins=(tokens.PAGE_MARGIN, 0, tokens.PAGE_MARGIN, 0))
        self.banner = ErrorBanner()
        banner_row.addWidget(self.banner)
        content.addLayout(banner_row)
        self.stack = QStackedWidget()
        content.addWidget(self.stack, 1)
        self.inspector = Inspector()
        middle = Middle(content_holder, self.inspector)
        right.addWidget(middle, 1)
        self.status = StatusBar(self.tasks)
        right.addWidget(self.status)
        row.addLayout(right, 1)
        self.setCentralWidget(root)
        self.toast = Toast(self)
        self.ring = FocusRing(self)
        for part in (
            self.rail,
            self.acting,
            self.header,
            self.banner,
            self.inspector,
            self.status,
            self.toast,
            middle.handle,
        ):
            theme().dress(part)
        self.rail.fill(sections(self.specs, self.context))

    def _connect(self) -> None:
        context = self.context
        self.rail.went.connect(self.go)
        self.rail.search_pressed.connect(self.open_palette)
        self.rail.lock_pressed.connect(self.toggle_lock)
        self.rail.account_pressed.connect(self._account_menu)
        self.rail.workspace_pressed.connect(lambda: open_switcher(self))
        self.header.tab_chosen.connect(self._on_tab)
        self.inspector.closed.connect(lambda: context.inspect(None))
        self.status.jobs_pressed.connect(self.show_jobs)
        self.status.notices_pressed.connect(self.show_notices)
        context.wanted.connect(self.go)
        context.allowed = self._allowed
        context.page_specs = lambda: allowed_pages(self.specs, context)
        context.inspected.connect(self.inspector.show_widget)
        context.noticed.connect(self._on_notice)
        context.problem.connect(self._on_problem)
        context.event_heard.connect(self._on_event, Qt.ConnectionType.QueuedConnection)
        context.network_chosen.connect(self._on_network)
        context.header_wanted.connect(self.refresh_status)
        context.signing_changed.connect(self.acting.show_acting)
        self.counting = Counting(context, self.specs, self.rail, self.status)

    def _keys(self) -> None:
        def key(keys: str, run: Any) -> None:
            QShortcut(QKeySequence(keys), self, run)

        key("Ctrl+K", self.open_palette)
        key("Ctrl+N", self._primary)
        key("Ctrl+F", self._filter)
        key("Ctrl+L", self.toggle_lock)
        key("Ctrl+J", self.show_jobs)
        key("Ctrl+,", lambda: self.go("settings"))
        key("F1", self.show_help)
        key("Ctrl+/", self.show_keys)
        key("F5", self._refresh_page)
        key("F6", lambda: self._region(1))
        key("Shift+F6", lambda: self._region(-1))
        key("Alt+Left", lambda: self.step(-1))
        key("Alt+Right", lambda: self.step(1))
        key("Esc", self._escape)
        for number in range(1, 10):
            key(f"Ctrl+{number}", lambda n=number: self._nth(n))

    # -- files of others -----------------------------------------------------------------------------
    def open_file(self, path: str) -> None:
        """Open a file that somebody sent: dropped on the window, or double-clicked on the desktop."""
        from pathlib import Path

        from console.pages.identities.letters import open_letter

        if self.context.ready:
            open_letter(self.context, Path(path))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._letters_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in self._letters_of(event.mimeData())[:1]:
            event.acceptProposedAction()
            # The dialog comes once the other program has its pointer back.
            QTimer.singleShot(0, partial(self.open_file, path))

    @staticmethod
    def _letters_of(data: QMimeData) -> list[str]:
        from console.pages.identities.letters import is_ours

        return [u.toLocalFile() for u in data.urls() if u.isLocalFile() and is_ours(u.toLocalFile())]

    # -- going places --------------------------------------------------------------------------------
    @property
    def address(self) -> str:
        return self._current

    @property
    def page(self) -> Page | None:
        widget = self.stack.currentWidget()
        return widget if isinstance(widget, Page) else None

    def go(self, address: str) -> None:
        """Show `page` or `page/view`; a page this role may not use is not gone to."""
        if self._visit(address):
            del self._history[self._at + 1 :]
            if not self._history or self._history[-1] != address:
                self._history.append(address)
            self._at = len(self._history) - 1

    def _allowed(self, page: str) -> bool:
        return any(spec.id == page for spec in allowed_pages(self.specs, self.context))

    def step(self, by: int) -> None:
        """Back or forward."""
        if 0 <= self._at + by < len(self._history):
            self._at += by
            self._visit(self._history[self._at])

    def _visit(self, address: str) -> bool:
        which, _, view = address.partition("/")
        spec = next((s for s in allowed_pages(self.specs, self.context) if s.id == which), None)
        if spec is None:
            return False
        page = self.pages.get(which)
        if page is None:
            page = self.pages[which] = spec.make(self.context)
            page.header_changed.connect(lambda p=page: self._on_header(p))
            page.moved.connect(lambda v, w=which: self._on_moved(w, v))
            self.stack.addWidget(page)
        theme().dress(page)
        self._current = address
        self.banner.hide()
        self.context.inspect(None)
        self.stack.setCurrentWidget(page)
        page.setFocus(Qt.FocusReason.OtherFocusReason)
        self.rail.set_current(which)
        page.open(view)
        self._on_header(page)
        return True

    def _on_moved(self, which: str, view: str) -> None:
        """A page went to another of its views by itself: remember the place."""
        address = f"{which}/{view}" if view else which
        if self._current == address:
            return
        self._current = address
        del self._history[self._at + 1 :]
        self._history.append(address)
        self._at = len(self._history) - 1

    def _on_header(self, page: Page) -> None:
        if page is self.page:
            self.header.show_page(page)

    def _on_tab(self, tab: str) -> None:
        if self.page is not None:
            self.page.choose_tab(tab)

    # -- the platform --------------------------------------------------------------------------------
    def use(self, platform: Platform, *, soon: bool = False) -> None:
        """Take the opened platform; show where the person left off, `soon` in the next turn of the event loop."""
        self.context.use(platform)
        self.rail.set_place("", platform.workspace.folder.name)
        self.refresh_rail()
        self.context.choose_network(platform.networks.default())
        self.refresh_status()
        if soon:
            QTimer.singleShot(0, self, self._take_seat)
        else:
            self._take_seat()

    def _take_seat(self) -> None:
        allowed = self._allowed(self.left_off.partition("/")[0])
        self.go(self._current or (self.left_off if allowed else "overview"))

    def _on_network(self, name: str) -> None:
        """Another network: let its index follow the chain from now on, and show it."""
        self._refresh_soon.start()
        self.counting.forget()
        say_network(self, name)
        if name and self.context.ready:
            self.counting.count()
            self._index(name)

    def show_network(self) -> None:
        """Show this page's first view of the network that was chosen; what is open of another network closes."""
        self.context.inspect(None)
        page = self._current.partition("/")[0]
        self.go(f"networks/{self.context.network}" if page == "networks" else page)
        self.refresh_status()

    def _index(self, network: str) -> None:
        """Let the network's index follow its chain: in another process where this is a real window."""
        platform = self.context.platform
        if self.context.index is not None and not platform.workspace.read_only:
            self.context.index.keep(platform, network)
        else:
            self.tasks.fetch(partial(platform.explorer.follow, network), failed=lambda error: None, owner=self)

    def refresh_rail(self) -> None:
        """Show the pages that the acting role may use, and who acts."""
        from console.shell.account import describe_actor

        self.rail.fill(sections(self.specs, self.context))
        self.rail.set_current(self._current.partition("/")[0])
        if self.context.ready:
            platform = self.context.platform
            name, note = describe_actor(platform)
            self.rail.set_account(name, note, locked=platform.keystore.locked)
            self.acting.show_acting()
            self.counting.count()

    def refresh_status(self) -> None:
        """Read what the status bar and the rail's badges show."""
        self.counting.refresh()

    def _on_event(self, event: Any) -> None:
        from baas.events import JobChanged, KeystoreChanged, NetworkChanged, SessionChanged

        if isinstance(event, JobChanged):
            return
        if not self.context.ready:
            return
        if isinstance(event, NetworkChanged):
            if self.context.index is not None:
                self.context.index.changed(self.context.platform, event.network, event.what)
            networks = self.context.platform.networks
            self.tasks.fetch(networks.default, self.context.choose_network, lambda error: None, owner=self)
        if isinstance(event, SessionChanged | KeystoreChanged):
            self.refresh_rail()
        if isinstance(event, SessionChanged):
            self.context.end_standing_in()
            self._drop_pages()
        self.counting.heard(event)
        if self.page is not None:
            self.page.heard(event)

    def _drop_pages(self) -> None:
        """Another role acts: pages are made anew, so that nothing of the old role stays."""
        self.counting.forget()
        here = self._current
        for page in self.pages.values():
            self.stack.removeWidget(page)
            page.deleteLater()
        self.pages.clear()
        self.refresh_rail()
        if not self._visit(here.partition("/")[0]):
            self.go("overview")

    # -- telling -------------------------------------------------------------------------------------
    def _on_notice(self, text: str, state: str) -> None:
        self.notices.add(text, state)
        self.status.set_notices(self.notices.unread)
        self.toast.tell(text, state)

    def _on_problem(self, error: CityChainError) -> None:
        self.notices.add(say(error.message), "bad")
        self.status.set_notices(self.notices.unread)
        self.banner.show_error(error)
        if error.code in {"keystore_locked"}:
            self.toggle_lock()

    def show_jobs(self) -> None:
        self.context.inspect(JobList(self.tasks))

    def show_notices(self) -> None:
        self.notices.unread = 0
        self.status.set_notices(0)
        self.context.inspect(NoticeList(self.notices))

    def show_help(self) -> None:
        """What this page is for."""
        from console.shell.help import HelpDialog

        which = self._current.partition("/")[0]
        spec = next((s for s in self.specs if s.id == which), None)
        if spec is not None:
            actions = [action.text.rstrip("…") for action in (self.page.header_actions if self.page else ())]
            HelpDialog(self, spec.title(), spec.help(), actions).exec()

    def show_keys(self) -> None:
        """Every key of the window."""
        from console.shell.help import KeysDialog

        KeysDialog(self).exec()

    # -- keys ----------------------------------------------------------------------------------------
    def open_palette(self) -> None:
        from console.shell.commands import commands, finder

        palette = Palette(self, commands(self), finder(self))
        palette.resize(min(palette.width(), self.width() - 48), min(palette.height(), self.height() - 48))
        palette.move(self.mapToGlobal(self.rect().center()) - palette.rect().center())
        palette.editor.setFocus()
        palette.exec()

    def toggle_lock(self) -> None:
        from console.shell.account import toggle_lock

        if self.context.ready:
            toggle_lock(self)

    def _account_menu(self) -> None:
        from console.shell.account import open_account_menu

        open_account_menu(self)

    def _primary(self) -> None:
        button = self.header.primary
        if button is not None and button.isEnabled():
            button.click()

    def _filter(self) -> None:
        box = self.page.filter_box() if self.page is not None else None
        if box is not None:
            box.setFocus(Qt.FocusReason.ShortcutFocusReason)
            box.selectAll()

    def _refresh_page(self) -> None:
        if self.page is not None and self.context.ready:
            self.page.refresh()

    def _region(self, by: int) -> None:
        """Move the focus to the next of rail, content, inspector."""
        regions: list[QWidget] = [self.rail, self.header, self.stack, self.inspector]
        regions = [region for region in regions if region.isVisible() and _first_focusable(region) is not None]
        now = QApplication.focusWidget()
        here = next((i for i, region in enumerate(regions) if now is not None and region.isAncestorOf(now)), -1)
        target = _first_focusable(regions[(here + by) % len(regions)]) if regions else None
        if target is not None:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _nth(self, number: int) -> None:
        pages = list(self.rail.items)
        if number <= len(pages):
            self.go(pages[number - 1])

    def _escape(self) -> None:
        if self.inspector.isVisible():
            self.context.inspect(None)  # what waits behind its handle goes too

    # -- window --------------------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rail.set_narrow(self.width() < tokens.RAIL_NARROW_BELOW)
        self.toast.place(self.rail.width())

    def closeEvent(self, event: QCloseEvent) -> None:
        """End reads and events; jobs are asked to stop by the platform's `close`."""
        self.context.close()
        if not self._tasks_go_on:
            self.tasks.close()
        super().closeEvent(event)

    def hand_over(self) -> Tasks:
        """Give the task runner with its jobs to the window that takes this one's place."""
        self._tasks_go_on = True
        return self.tasks

    def _take_over(self) -> None:
        """Jobs that another window began end here: what they changed is read again, what went wrong is said."""
        for view in self.tasks.active:
            view.failed.connect(self.context.problem)
            view.finished.connect(self._refresh_soon.start)

    def settle(self, milliseconds: int = 15000, *, jobs: bool = True) -> bool:
        """Work through events until nothing is being read or put off for six turns; for screenshots and tests.

        What waits for its pause to end is done once nothing else goes on for twelve turns. Jobs are waited for too
        unless `jobs` is False: what a page says while one runs.
        """
        quiet, deadline = 0, monotonic() + milliseconds / 1000
        while monotonic() < deadline:
            QApplication.processEvents()
            rests = self.tasks.idle if jobs else not self.tasks.reading
            quiet = quiet + 1 if rests else 0
            if quiet >= 6 and not postponed():
                return True
            if quiet >= 12:
                end_pauses()
                quiet = 0
            sleep(0.001 if quiet else 0.003)  # what runs elsewhere needs the time more than one more look does
        return False


def _first_focusable(region: QWidget) -> QWidget | None:
    for widget in region.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled():
            return widget
    return None
