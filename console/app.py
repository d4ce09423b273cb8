"""Opening the console: application, look, language, window; the workspace is opened while the window already stands."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import pkgutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from console import theme
from console.apart import IndexKeeper
from console.i18n import system_language, use_language
from console.shell.presence import Presence
from console.tasks import Tasks
from network.encodings import start_in_utf8
from network.text import Lang

if TYPE_CHECKING:
    from baas.platform import Platform
    from console.shell.window import MainWindow
    from network.errors import CityChainError

_log = logging.getLogger(__name__)
SWITCH_INTERVAL_S = 0.0002
"""How long a working thread keeps the window waiting each time it needs the interpreter again: making a page asks for
it a hundred times and more."""
GONE_MS = 200
"""How long a window that another one has replaced is kept, out of sight: taking it apart costs a few turns."""
FONT_MS = 1_000
"""When the fonts are looked through: after the first page stands."""
LOOK_MS = 1_500
"""How often the console looks for what other programs have changed in the workspace."""


class Console:
    """The running console: one application, one workspace, one window that can be made anew for another language."""

    def __init__(
        self,
        app: QApplication,
        *,
        lang: Lang | None = None,
        mode: theme.Mode | None = None,
        memory: Path | None = None,
        apart: bool = False,
    ) -> None:
        """`memory` is the file that keeps where the window stood; without one nothing is kept.

        `apart` leaves heavy work to processes of its own, as a real window does.
        """
        from baas.applications import Applications

        self.app = app
        self.applications = Applications()
        self.applications.examine()
        self.platform: Platform | None = None
        self.window: MainWindow | None = None
        self.index = IndexKeeper() if apart else None
        self._asked_lang, self._asked_mode = lang, mode
        self._memory = memory
        self._look = QTimer(interval=LOOK_MS)
        self._look.timeout.connect(self._look_around)
        self.lang: Lang = lang or system_language()
        look = theme.install(app, mode or "light")
        if mode is None:
            look.apply(look.system_mode())
        app.setApplicationName("citychain")
        app.setApplicationDisplayName("CityChain")
        app.setWindowIcon(QIcon(look.pixmap("brand", "accent", 64, 1.0)))
        self._speak(self.lang)

    def _speak(self, lang: Lang) -> None:
        from console.catalogue import application_catalogues

        self.lang = lang
        use_language(lang, application_catalogues(self.applications))

    def show(self) -> MainWindow:
        """Make the window and show it; pages fill in once a workspace is there."""
        from console.catalogue import all_pages
        from console.shell.alerts import AlertTeller
        from console.shell.window import MainWindow

        old = self.window
        tasks = old.hand_over() if old is not None else Tasks()
        window = MainWindow(all_pages(self.applications), tasks)
        window.context.console = self
        window.context.index = self.index
        AlertTeller(window.context, window, watch=self._memory is not None)
        self.window = window
        if old is not None:
            window.setGeometry(old.geometry())
            window.left_off = old.address or old.left_off  # replaced before it went anywhere
            window.context.agreed |= old.context.agreed
        elif self._memory is not None:
            from console.shell import memory

            place = memory.read(self._memory)
            memory.take_up(window, place)
            window.left_off = place.page if place is not None else ""
        if old is not None and old.isMaximized():
            window.showMaximized()
        window.show()
        if self.platform is not None:
            # In a turn of its own: neither the frame nor the page keeps anybody waiting for both.
            window.use(self.platform, soon=old is not None)
            Presence(window, self.platform.keystore.touch)
        if old is not None:
            old.close()
            QTimer.singleShot(GONE_MS, old, old.deleteLater)
        return window

    def open(self, folder: Path | None, opened: Callable[[], object] | None = None) -> None:
        """Open the workspace in a worker; the window says what is wrong when it cannot be opened."""
        window = self.window
        if window is None:
            raise RuntimeError("show the window first")

        def read() -> Platform:
            from baas.platform import Platform

            return Platform.open(folder)

        def arrived(platform: Platform) -> None:
            self.use(platform)
            if opened is not None:
                opened()

        def refused(error: CityChainError) -> None:
            window.banner.show_error(error, lambda: self.open(folder, opened))

        window.tasks.fetch(read, arrived, refused, owner=window)

    def use(self, platform: Platform) -> None:
        """Take an opened platform: follow its choices of language and look unless the command line chose."""
        self.platform = platform
        if self._memory is not None:
            from console.shell import recent

            recent.add(self._memory.parent, platform.workspace.folder)
        chosen_lang = platform.workspace.setting("console.lang", "")
        chosen_mode = platform.workspace.setting("console.theme", "")
        if self._asked_mode is None and chosen_mode in {"light", "dark"}:
            theme.theme().apply("dark" if chosen_mode == "dark" else "light")
        if self._asked_lang is None and chosen_lang in {"zh", "en"} and chosen_lang != self.lang:
            self.change_language("en" if chosen_lang == "en" else "zh")
        elif self.window is not None:
            self.window.use(platform)
            Presence(self.window, platform.keystore.touch)
        self._look.start()
        if self.window is not None:
            from console.catalogue import page_packages

            packages = page_packages(self.applications)
            self.window.tasks.fetch(lambda: warm_up(packages))

    def _look_around(self) -> None:
        """Commands and services work on the same workspace: hear of the networks that they have changed."""
        platform, window = self.platform, self.window
        if platform is not None and window is not None:
            window.tasks.fetch(platform.networks.look_around, None, lambda error: None)

    @property
    def recent(self) -> tuple[Path, ...]:
        """Workspaces that this person opened lately, the newest first."""
        from console.shell import recent

        return recent.read(self._memory.parent) if self._memory is not None else ()

    def change_workspace(self, folder: Path) -> None:
        """Open another workspace in this window's place; what cannot be opened leaves this one as it is."""
        window, before = self.window, self.platform
        if window is None or before is None or folder == before.workspace.folder:
            return

        def read() -> Platform:
            from baas.platform import Platform

            return Platform.open(folder)

        def arrived(platform: Platform) -> None:
            if window.tasks.active or self.platform is not before:
                platform.close()
                self.tell(_busy())
                return
            self._look.stop()
            if self.index is not None:
                self.index.stop()
            self.platform = None
            # A page and an agreement to sign for somebody belong to the workspace that is left.
            window.context.end_standing_in()
            self.show().left_off = ""
            self.use(platform)
            before.close()

        window.tasks.fetch(read, arrived, self.tell, owner=window)

    def change_language(self, lang: Lang) -> None:
        """Speak another language: the window is made anew where it stood."""
        self._speak(lang)
        self.show()

    def tell(self, error: CityChainError) -> None:
        """Say an error that belongs to no page."""
        if self.window is not None:
            self.window.banner.show_error(error)

    def tell_of_missing_font(self) -> None:
        """Say it when Chinese cannot be drawn here: in English for everybody, which can be read even so."""
        if theme.shows_chinese():
            return
        from network.errors import Unavailable
        from network.text import Text

        told = "This machine has no font with Chinese characters; they are shown as empty boxes."
        way_out = "Install one and start again, on Debian and Ubuntu: apt install fonts-noto-cjk"
        _log.warning("%s %s", told, way_out)
        self.tell(Unavailable(Text(told, told), Text(way_out, way_out), code="no_chinese_font"))

    def show_file(self, file: Path) -> None:
        """Show what `file` asks for: coming into a network, else the page that checks it (a backup's is Settings)."""
        from baas.services.backup import SUFFIX

        if self.window is None:
            return
        if file.suffix.lower() in {".citychain", ".p12", ".pfx"}:
            self.window.open_file(str(file))
        else:
            checks = next((one.opens for one in self.applications.all() if one.opens), "overview")
            backup = file.suffix.lower() == SUFFIX
            self.window.go(f"settings/backup/{file}" if backup else checks.format(file=file))

    def close(self) -> None:
        """Close window and workspace; remember where the window stood."""
        self._look.stop()
        if self.index is not None:
            self.index.stop()
        if self.window is not None:
            self._remember(self.window)
            self.window.tasks.close()
            self.window.close()
        if self.platform is not None:
            self.platform.close()
            self.platform = None

    def _remember(self, window: MainWindow) -> None:
        if self._memory is not None:
            from console.shell import memory

            memory.write(self._memory, memory.place_of(window, window.address.partition("/")[0]))


def _busy() -> CityChainError:
    """Why another workspace is not opened now."""
    from network.errors import Conflict
    from network.text import Text

    return Conflict(
        Text("还有任务在进行，没有更换工作区。", "Work is still going on; the workspace was not changed."),
        Text("请等任务结束，或先取消它。", "Wait until it has ended, or cancel it first."),
        code="busy",
    )


WARM = (
    "network.drivers.embedded",
    "network.material",
    "network.plan",
    "network.handle",
    "fabric_sdk.gateway",
    "fabric_sdk.admin",
    "fabric_sdk.policy",
    "fabric_sdk.blocks",
    "baas.demo",
    "baas.services.contracts",
    "baas.services.explorer.service",
    "baas.services.ledger",
    "baas.services.changes",
    "console.pages.overview.page",
    "console.pages.network.page",
    "console.pages.identities.page",
    "console.pages.contracts.page",
    "console.pages.ledger.page",
    "console.pages.doctor.page",
    "console.pages.settings.page",
    "console.pages.monitor.page",
    "console.pages.audit.page",
    "console.shell.commands",
    "console.appkit.page",
)


def warm_up(packages: tuple[str, ...] = ()) -> None:
    """Import what the first click would import, a little at a time: an import holds the interpreter for itself.

    `packages` are those of the applications' pages and views; all their modules are imported.

    What is imported stays for good, so the garbage collector need not look at it again: with some 400,000 objects a
    full collection would stop the window for longer than anything else here.
    """
    for name in (*WARM, *(name for package in packages for name in _modules(package))):
        with suppress(ImportError):
            importlib.import_module(name)
        time.sleep(0.01)
    gc.freeze()


def _modules(package: str) -> list[str]:
    with suppress(ImportError):
        paths = importlib.import_module(package).__path__
        return [f"{package}.{module.name}" for module in pkgutil.iter_modules(paths)]
    return []


def make_application(arguments: list[str] | None = None) -> QApplication:
    """Return the QApplication, made on the first call."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.set_threshold(20_000, 20, 50)
    found = QApplication.instance()
    return found if isinstance(found, QApplication) else QApplication(arguments or ["citychain"])


@contextmanager
def ended_by_ctrl_c(app: QApplication) -> Iterator[None]:
    """Ctrl+C in the terminal ends `app` (130), also before it has begun; as an exception in whatever slot runs just
    then, Qt would go on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # In a turn of the event loop: told before the loop begins, or beside it, Qt would forget it or let no loop turn.
    before = signal.signal(signal.SIGINT, lambda *_: QTimer.singleShot(0, app, lambda: app.exit(130)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def run(
    folder: Path | None = None,
    lang: Lang | None = None,
    mode: theme.Mode | None = None,
    file: Path | None = None,
) -> int:
    """Open the console on the workspace in `folder` (the user's own when None) and return the exit code.

    `file` is what a file manager was told to open: the page that checks it is shown.
    """
    started = time.monotonic()
    app = make_application()
    from baas.audit import each_by_itself
    from console import defects
    from console.shell.memory import default_path

    taken = defects.Defects(defects.default_path())
    console = Console(app, lang=lang, mode=mode, memory=default_path(), apart=True)
    taken.found.connect(console.tell)
    with taken.taking(), each_by_itself("console"), ended_by_ctrl_c(app):
        console.show()
        QTimer.singleShot(0, lambda: _log.info("first paint after %.2f s", time.monotonic() - started))
        QTimer.singleShot(0, lambda: console.open(folder, (lambda: console.show_file(file)) if file else None))
        QTimer.singleShot(FONT_MS, console.tell_of_missing_font)
        try:
            return app.exec()
        finally:
            console.close()


def main() -> int:
    """The program `citychain-console [FILE]`."""
    start_in_utf8()
    # Wayland finds the icon by the menu entry's name, which is the publisher's; a package's launcher tells it
    QApplication.setDesktopFileName(os.environ.get("CITYCHAIN_MENU_ENTRY", "citychain"))
    return run(file=Path(sys.argv[1]).absolute() if sys.argv[1:] else None)
