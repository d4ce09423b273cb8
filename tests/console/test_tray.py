"""The tray while the console is closed: tells once of what is new, lists it, opens the console by a click."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from PySide6.QtGui import QIcon

from baas.errors import Text, Unavailable
from baas.inbox import Waiting
from console import tray
from tests.conftest import City

ONE = Waiting("health_slots", "H1/release", "release", Text("样例医院：3 个", "H1: 3"), Text("放号", "Open them"), "")
TWO = dataclasses.replace(ONE, id="H1/returned", kind="returned")


@pytest.fixture
def made(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A tray whose inbox the test fills, and what it told."""
    answers: list[Any] = []
    opened: list[bool] = []
    one = tray.Tray(QIcon(), lambda: _answer(answers), lambda: opened.append(True))
    told: list[str] = []
    monkeypatch.setattr(one.icon, "showMessage", lambda title, text, *_: told.append(f"{title}|{text}"))
    yield one, answers, told, opened
    one.close()


def _answer(answers: list[Any]) -> list[Waiting]:
    if isinstance(answers[-1], Exception):
        raise answers[-1]
    return list(answers[-1])


def look(qapp: Any, one: Any, answers: list[Any], found: Any, until: str) -> None:
    answers.append(found)
    one.look()
    for _ in range(1000):
        qapp.processEvents()
        if until in one.icon.toolTip():
            return
        one.thread().msleep(5)
    raise AssertionError(one.icon.toolTip())


def test_what_is_new_is_told_once_and_listed(qapp: Any, made: Any) -> None:
    one, answers, told, opened = made
    look(qapp, one, answers, [], "没有等您办理的事")
    assert told == []
    look(qapp, one, answers, [ONE], "1 件事")
    look(qapp, one, answers, [ONE, TWO], "2 件事")
    look(qapp, one, answers, [TWO], "1 件事")
    assert [text.partition("|")[2] for text in told] == ["样例医院：3 个：放号"] * 2
    assert "样例医院：3 个：放号" in [action.text() for action in one.menu.actions()]
    one.menu.actions()[1].trigger()
    assert opened == [True]
    # A network that is stopped ends nothing; what is known stays known.
    look(qapp, one, answers, Unavailable(Text("网络没有运行。", "It does not run.")), "网络没有运行")
    look(qapp, one, answers, [TWO], "1 件事")
    assert len(told) == 2


def test_it_reads_this_workspaces_inbox(city: City) -> None:
    assert isinstance(tray.read_inbox(city.platform.workspace.folder), list)


def test_a_desktop_without_a_tray_is_said(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tray.QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: False))
    with pytest.raises(Unavailable) as refused:
        tray.run()
    assert refused.value.code == "no_tray"
