"""What the command palette offers: pages, actions of this page, things found on the ledger."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from console import theme
from console.context import Context
from console.finding import Found
from console.i18n import language, tr
from console.pages.ledger.hits import HIT_ICONS, address_of, hit_note
from console.pages.ledger.values import key_text
from console.shell.navigation import allowed_pages
from console.shell.palette import Command, Finder
from network.errors import CityChainError
from network.text import Lang

if TYPE_CHECKING:
    from baas.services.explorer.model import Hit
    from console.shell.window import MainWindow


def commands(window: MainWindow) -> list[Command]:
    """Return every page, the actions of the current one, and the window's own commands."""
    from console.shell.help import AboutDialog

    found = [
        Command(spec.title(), _goer(window, spec.id), spec.icon, tr("页面"), spec.id)
        for spec in allowed_pages(window.specs, window.context)
    ]
    page = window.page
    if page is not None:
        for action in page.header_actions:
            if action.run is not None and action.enabled:
                found.append(Command(action.text, action.run, action.icon or "arrow", page.title))
            for text, run in action.menu:
                found.append(Command(f"{action.text} › {text}", run, action.icon or "arrow", page.title))
    found += [
        Command(tr("锁定或解锁密钥库"), window.toggle_lock, "lock", "Ctrl+L"),
        Command(tr("任务"), window.show_jobs, "clock", "Ctrl+J"),
        Command(tr("通知"), window.show_notices, "bell"),
        Command(tr("本页帮助"), window.show_help, "help", "F1"),
        Command(tr("键盘快捷键"), window.show_keys, "terminal", "Ctrl+/"),
        _look(window),
        *_speech(window),
        Command(tr("关于城链"), lambda: AboutDialog(window).exec(), "info"),
    ]
    return found


def _look(window: MainWindow) -> Command:
    look = theme.theme()
    other: theme.Mode = "light" if look.mode == "dark" else "dark"
    words = tr("换成浅色外观") if other == "light" else tr("换成深色外观")

    def switch() -> None:
        look.apply(other)
        _keep(window, "console.theme", other)

    return Command(words, switch, "sun" if other == "light" else "moon", words="theme light dark")


def _speech(window: MainWindow) -> list[Command]:
    console = window.context.console
    if console is None:
        return []
    other: Lang = "en" if language() == "zh" else "zh"

    def switch() -> None:
        _keep(window, "console.lang", other)
        console.change_language(other)

    title = "English" if other == "en" else "简体中文"
    return [Command(title, switch, "chat", tr("界面语言"), "language")]


def _keep(window: MainWindow, setting: str, value: str) -> None:
    if window.context.ready:
        workspace = window.context.platform.workspace
        window.tasks.fetch(lambda: workspace.set_setting(setting, value), None, lambda error: None)


def _goer(window: MainWindow, page: str) -> Callable[[], None]:
    return lambda: window.go(page)


def finder(window: MainWindow) -> Finder | None:
    """Return what finds the pages' things and what looks on the ledger, or None before the workspace is open."""
    context = window.context
    if not context.ready:
        return None

    def find(text: str, tell: Callable[[str, list[Command]], None]) -> None:
        platform, network = context.platform, context.network
        sources = [spec for spec in allowed_pages(window.specs, context) if spec.find is not None]

        def look() -> list[Found]:
            found: list[Found] = []
            for spec in sources:
                with suppress(CityChainError):
                    found += spec.find(platform, network, text) if spec.find is not None else ()
            return found

        def show(found: list[Found]) -> None:
            tell("things", [Command(f.title, _goer(window, f.address), f.icon, f.note) for f in found])

        def show_hits(hits: tuple[Hit, ...]) -> None:
            tell("ledger", [_command(context, hit) for hit in hits])

        context.tasks.fetch(look, show, lambda error: tell("things", []), owner=context)
        if network and long_enough(text):
            context.tasks.fetch(
                lambda: platform.explorer.search(network, text, limit=12),
                show_hits,
                lambda error: tell("ledger", []),
                owner=context,
            )

    return find


def long_enough(text: str) -> bool:
    """Whether the ledger is worth asking: four characters, or two of a script that says more with each."""
    return len(text) >= 4 or (len(text) >= 2 and not text.isascii())


def _command(context: Context, hit: Hit) -> Command:
    address = address_of(hit)
    return Command(key_text(hit.title), lambda: context.go(address), HIT_ICONS[hit.kind], hit_note(hit))
