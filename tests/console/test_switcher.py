"""Networks and workspaces at the top left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QMenu

from baas.platform import Platform
from console.pages.network.draft import Draft, own_title
from console.shell import recent
from console.shell.switcher import names_of, switcher_menu
from console.signing import Signing


def _action(menu: QMenu, word: str) -> Any:
    return next(one for one in menu.actions() if word in one.text())


def test_the_head_names_the_network_and_the_workspace(desk: Any) -> None:
    window = desk.window
    network = window.context.network
    title = desk.platform.networks.spec(network).title.zh
    desk.until(lambda: window.rail.network.accessibleName() == title)
    assert network in window.rail.workspace.accessibleName()
    assert desk.platform.workspace.folder.name in window.rail.workspace.accessibleName()


def test_another_network_is_chosen_and_stays_chosen(empty_desk: Any) -> None:
    desk, platform = empty_desk, empty_desk.platform
    for name in ("first", "second"):
        platform.jobs.run(platform.networks.up, platform.networks.template("single", name=name))
    window = desk.window
    window.context.choose_network("first")
    desk.settle()
    menu = switcher_menu(window, names_of(platform))
    assert _action(menu, "first").isChecked()
    _action(menu, "second").trigger()
    desk.until(lambda: window.context.network == "second")
    desk.settle()
    assert "second" in window.rail.workspace.accessibleName()
    assert platform.networks.default() == "second"
    desk.go("networks")
    assert window.page.view.name == "second"


def test_another_workspace_takes_the_windows_place(desk: Any, tmp_path: Path) -> None:
    """Nothing of the one before is shown; what cannot be opened leaves it as it is."""
    console, before = desk.console, desk.platform
    desk.go("contracts")
    signing = Signing("li", "创作者", party="PublicMSP/li", stands_in=True)
    desk.window.context.agreed[signing.party] = signing
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    console.change_workspace(blocked)
    desk.settle()
    assert console.platform is before
    assert desk.window.address == "contracts" and signing.party in desk.window.context.agreed
    assert desk.window.banner.isVisible()
    other = Platform.open(tmp_path / "other")
    other.close()
    closed: list[bool] = []
    before.close, kept = lambda: closed.append(True), before.close  # the shared platform serves other tests
    try:
        console.change_workspace(tmp_path / "other")
        desk.until(lambda: console.platform is not before and console.platform is not None)
        window = console.window
        window.settle()
        assert closed == [True]
        assert console.platform.workspace.folder == tmp_path / "other"
        assert window.rail.workspace.accessibleName() == "other"
        assert window.address == "overview"
        assert not window.context.agreed, "for whom one signed there, one signs for nobody here"
        assert window.page.facts == "工作区是空的"
    finally:
        before.close = kept
        opened, console.platform = console.platform, None
        console.show()
        console.use(before)
        desk.window = console.window
        desk.settle()
        if opened is not None and opened is not before:
            opened.close()


def test_recent_workspaces_are_those_still_there(tmp_path: Path) -> None:
    assert recent.read(tmp_path) == ()
    made = []
    for number in range(10):
        folder = tmp_path / f"w{number}"
        folder.mkdir()
        (folder / "citychain.db").touch()
        recent.add(tmp_path, folder)
        made.append(folder)
    assert recent.read(tmp_path) == tuple(reversed(made))[: recent.MOST]
    (made[-1] / "citychain.db").unlink()
    assert recent.read(tmp_path)[0] == made[-2]
    recent.add(tmp_path, made[-3])
    assert recent.read(tmp_path)[0] == made[-3]
    for wrong in ("[1, null", '{"a": 1}', '["relative", 3, "/no/such/place"]', "\\u0000"):
        (tmp_path / recent.FILE).write_text(wrong)
        assert recent.read(tmp_path) == ()


def test_a_second_network_is_called_otherwise(city: Any) -> None:
    draft = Draft(city.platform)
    first = city.platform.networks.spec(city.network).title
    assert draft.title == f"{first.zh} 2"
    spec = draft.spec()
    assert (spec.title.zh, spec.title.en) == (f"{first.zh} 2", f"{first.en} 2")
    draft.title = "医联体 2"
    assert draft.spec().title.zh == draft.spec().title.en == "医联体 2"
    assert own_title("x", frozenset({"x", "x 2"})) == "x 3"
