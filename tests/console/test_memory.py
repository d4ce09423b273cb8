"""Where the window stood: remembered, taken up again only where it can be reached."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QKeyEvent

from baas.platform import Platform
from console.app import Console
from console.i18n import system_language
from console.shell import memory
from console.shell.memory import Place


def test_the_window_comes_back_where_it_stood(qapp: Any, tmp_path: Path) -> None:
    path = tmp_path / "settings" / "window.json"
    console = Console(qapp, lang="zh", mode="light", memory=path)
    first = console.show()
    screen = first.screen().availableGeometry()
    wanted = QRect(screen.x() + 20, screen.y() + 30, 940, 580)
    first.setGeometry(wanted)
    console.close()
    assert json.loads(path.read_text("utf-8"))["width"] == 940
    again = Console(qapp, lang="zh", mode="light", memory=path)
    window = again.show()
    assert window.size() == wanted.size().boundedTo(screen.size())
    again.close()


def _press(qapp: Any, console: Console) -> None:
    key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier)
    qapp.sendEvent(console.window.windowHandle(), key)


def test_a_workspace_in_another_language_opens_where_the_person_left_off(
    qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its language makes the window anew before it went anywhere: the page stays, and so does who looks whether
    somebody is at it, without whom the keystore locks under people's hands."""
    path = tmp_path / "window.json"
    memory.write(path, Place(0, 0, 1000, 700, page="settings"))
    other = "en" if system_language() == "zh" else "zh"
    with Platform.open(tmp_path / "workspace") as platform:
        platform.workspace.set_setting("console.lang", other)
        touched: list[str] = []
        monkeypatch.setattr(platform.keystore, "touch", lambda: touched.append(console.lang))
        console = Console(qapp, mode="light", memory=path)
        console.show()
        console.use(platform)
        assert console.lang == other
        assert console.window.settle()
        assert console.window.address == "settings"
        _press(qapp, console)
        assert touched == [other], "one press, once"
        console.change_language("zh" if other == "en" else "en")
        assert console.window.settle()
        assert console.window.address == "settings"
        _press(qapp, console)
        assert len(touched) == 2
        console.close()


@pytest.mark.parametrize(
    "place", [Place(-9000, 50, 1000, 700), Place(40_000, 40_000, 1000, 700), Place(0, -900, 1000, 700)]
)
def test_a_screen_that_is_gone_does_not_take_the_window_along(qtbot: Any, qapp: Any, place: Place) -> None:
    console = Console(qapp, lang="zh", mode="light")
    window = console.show()
    memory.take_up(window, place)
    screen = qapp.primaryScreen().availableGeometry()
    assert screen.intersected(QRect(window.pos(), window.size())).width() >= memory.VISIBLE
    assert window.y() >= screen.y() - window.height() // 2
    console.close()


def test_the_window_is_never_larger_than_its_screen(qapp: Any) -> None:
    console = Console(qapp, lang="zh", mode="light")
    window = console.show()
    memory.take_up(window, Place(0, 0, 9000, 9000))
    screen = qapp.primaryScreen().availableGeometry()
    assert window.width() <= screen.width() and window.height() <= screen.height()
    console.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.one_of(st.binary(max_size=80), st.text(max_size=60).map(str.encode)))
def test_a_damaged_file_is_no_place(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "window.json"
    path.write_bytes(data)
    found = memory.read(path)
    assert found is None or found.width > 0


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        '{"x": 1}',
        '{"x":1,"y":1,"width":1e999,"height":3}',
        '{"x":"a","y":1,"width":2,"height":3}',
        '{"x":1,"y":1,"width":-5,"height":3}',
    ],
)
def test_nonsense_is_no_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "window.json"
    path.write_text(text, "utf-8")
    assert memory.read(path) is None


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    memory.write(tmp_path / "file" / "window.json", Place(0, 0, 100, 100))
