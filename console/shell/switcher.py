"""The switcher at the top left: which network the pages speak of, and which workspace is open."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from baas import roles
from console.i18n import say, tr
from console.i18n.plain import label
from console.theme import theme
from network.errors import CityChainError

if TYPE_CHECKING:
    from baas.platform import Platform
    from console.shell.window import MainWindow

Names = list[tuple[str, str]]


def names_of(platform: Platform) -> Names:
    """Every network by name, with what people call it."""
    found = []
    for name in platform.networks.names():
        try:
            found.append((name, say(platform.networks.spec(name).title)))
        except CityChainError:
            found.append((name, name))
    return found


def open_switcher(window: MainWindow) -> None:
    """Show the menu below the rail's head, once the networks' names are read."""
    context = window.context
    if not context.ready:
        return
    platform = context.platform

    def show(names: Names) -> None:
        corner = window.rail.mapToGlobal(window.rail.rect().topLeft())
        switcher_menu(window, names).popup(QPoint(corner.x() + 12, corner.y() + 56))

    window.tasks.fetch(lambda: names_of(platform), show, context.problem.emit, owner=window)


def say_network(window: MainWindow, name: str) -> None:
    """Let the rail's head name the network `name` as people call it, and the workspace."""
    context = window.context
    if not context.ready:
        return
    platform, folder = context.platform, context.platform.workspace.folder.name

    def show(title: str) -> None:
        if name == context.network:
            window.rail.set_place(title, f"{name} · {folder}")

    if name:
        window.tasks.fetch(lambda: say(platform.networks.spec(name).title), show, lambda error: None, owner=window)
    else:
        window.rail.set_place("", folder)


def switcher_menu(window: MainWindow, names: Names) -> QMenu:
    """Networks of this workspace, what makes another, and workspaces opened lately."""
    context, console = window.context, window.context.console
    platform = context.platform
    menu = QMenu(window)
    theme().dress(menu)
    for name, title in names:
        action = menu.addAction(label(f"{title}  ·  {name}" if title != name else name))
        action.setCheckable(True)
        action.setChecked(name == context.network)
        action.triggered.connect(partial(_choose, window, name))
    if names:
        menu.addSeparator()
    if platform.session.allows(roles.NETWORK_CHANGE):
        menu.addAction(tr("新建网络…")).triggered.connect(partial(window.go, "networks/new"))
    if platform.session.allows(roles.NETWORK_ATTACH):
        menu.addAction(tr("接入已有网络…")).triggered.connect(partial(window.go, "networks/attach"))
    menu.addSeparator()
    here = platform.workspace.folder
    for folder in (here, *(one for one in (console.recent if console is not None else ()) if one != here)):
        action = menu.addAction(label(tr("工作区 {name}").format(name=folder.name)))
        action.setToolTip(str(folder))
        action.setCheckable(True)
        action.setChecked(folder == here)
        if folder != here:
            action.triggered.connect(partial(_open_workspace, window, folder))
    menu.setToolTipsVisible(True)
    if console is not None:
        menu.addAction(tr("打开其他工作区…")).triggered.connect(partial(_ask_workspace, window))
    menu.addAction(tr("工作区与备份…")).triggered.connect(partial(window.go, "settings/workspace"))
    return menu


def _choose(window: MainWindow, name: str, _checked: bool = False) -> None:
    """Let the pages speak of another network, also after a restart."""
    context = window.context
    if name != context.network:
        context.visit(name, window.show_network)


def _open_workspace(window: MainWindow, folder: Path, _checked: bool = False) -> None:
    if window.context.console is not None:
        window.context.console.change_workspace(folder)


def _ask_workspace(window: MainWindow, _checked: bool = False) -> None:
    from PySide6.QtWidgets import QFileDialog

    chosen = QFileDialog.getExistingDirectory(window, tr("打开工作区，或选一个空文件夹建立新的"))
    if chosen:
        _open_workspace(window, Path(chosen))
