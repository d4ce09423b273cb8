"""What the command palette offers: pages, actions of this page, things found on the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.context import Context
from console.i18n import tr
from console.shell.navigation import allowed_pages
from console.shell.palette import Command, Finder

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
        Command(tr("关于城链"), lambda: AboutDialog(window).exec(), "info"),
    ]
    return found


def _goer(window: MainWindow, page: str) -> Callable[[], None]:
    return lambda: window.go(page)


def finder(context: Context) -> Finder | None:
    """Return what looks on the ledger, or None while there is no network."""
    if not context.ready or not context.network:
        return None

    def find(text: str, tell: Callable[[list[Command]], None]) -> None:
        platform, network = context.platform, context.network

        def show(hits: tuple[Hit, ...]) -> None:
            tell([_command(context, hit) for hit in hits])

        context.tasks.fetch(
            lambda: platform.explorer.search(network, text, limit=12), show, lambda error: tell([]), owner=context
        )

    return find


_ICONS = {"transaction": "arrow", "block": "ledger", "key": "key", "contract": "contract", "identity": "identity"}


def _command(context: Context, hit: Hit) -> Command:
    address = {
        "transaction": f"ledger/tx/{hit.tx_id}",
        "block": f"ledger/block/{hit.block}",
        "key": f"ledger/key/{hit.contract}/{hit.key}",
        "contract": f"contracts/{hit.contract}",
        "identity": f"ledger/creator/{hit.fingerprint}",
    }[hit.kind]
    return Command(hit.title, lambda: context.go(address), _ICONS[hit.kind], hit.subtitle)
