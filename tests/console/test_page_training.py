"""Labs by clicks: started, done in the lab's own window, answered, checked wrong and right, reset."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from apps.labs.lab import course
from apps.labs.service import Training
from baas.platform import Platform
from console.pages.contracts.own import OwnContractDialog
from console.widgets.basic import Status
from tests.console.test_accessibility import unnamed
from tests.console.test_pages_contracts import call


@pytest.fixture
def classroom(empty_desk: Any) -> Iterator[Any]:
    yield empty_desk
    training = Training(empty_desk.platform)
    for lab in course():
        training.reset(lab)


def words(widget: Any) -> str:
    shown = [one.text() for one in widget.findChildren(QLabel)]
    shown += [one.accessibleName() for one in widget.findChildren(Status)]
    return "\n".join(shown).replace("\u200b", "")


def begin(desk: Any, lab: str) -> Platform:
    """Start a lab by its button; its own platform."""
    desk.go(f"training/{lab}")
    page = desk.window.page
    desk.press_header("start")
    desk.settle(60_000)
    desk.until(lambda: page.shown is not None and page.shown.files is not None)
    desk.no_error()
    return Platform.open(Training(desk.platform).room(lab).desk)


def check(desk: Any) -> Any:
    page = desk.window.page
    page.checked = None
    desk.press_header("check")
    desk.settle(60_000)
    desk.until(lambda: page.checked is not None)
    return page.checked


@pytest.mark.slow
def test_reading_blocks_by_clicks(classroom: Any) -> None:
    """The answers are typed in; a wrong one is told, the right ones pass and stay passed."""
    desk = classroom
    with begin(desk, "reading-blocks") as inner:
        page = desk.window.page
        assert "步骤" in words(page.view) and unnamed(page) == []
        other = desk.open_other(inner)
        try:
            other.go("ledger")
            inner.explorer.sync("lab")
            (lost,) = inner.explorer.transactions("lab", valid=False)
            other.go(f"ledger/tx/{lost.tx_id}")
            (conflict,) = inner.explorer.autopsy("lab", lost.tx_id).conflicts
        finally:
            other.close()
        told = {"code": "VALID", "key": conflict.key, "winner": conflict.winner.creator, "block": str(lost.block)}
        for name, value in told.items():
            desk.bot.keyClicks(page.view.form.fields[name].editor, value)
        found = check(desk)
        assert [one.id for one in found.results if one.wrong] == ["read-code"]
        assert "“VALID”与账本不符" in words(page.view) and "3 / 4 项正确" in words(page.view)
        page.view.form.fields["code"].editor.clear()
        desk.bot.keyClicks(page.view.form.fields["code"].editor, lost.code_name)
        assert check(desk).passed
    assert "已通过 1 /" in desk.window.page.facts
    desk.no_error()

    def confirm(dialog: Any) -> None:
        desk.bot.keyClicks(dialog.editor, "reading-blocks")
        desk.press("重置", dialog)

    desk.answer(confirm)
    desk.press_header("reset")
    desk.settle(60_000)
    desk.until(lambda: page.shown.files is None)
    assert not Training(desk.platform).room("reading-blocks").folder.exists()
    assert page.shown.standings and "已通过 1 /" in page.facts, "what was passed stays"


@pytest.mark.slow
def test_the_first_contract_by_clicks(classroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = classroom
    with begin(desk, "first-contract") as inner:
        folder = Training(desk.platform).room("first-contract").files / "things"
        folder.mkdir()
        monkeypatch.setattr("console.pages.contracts.own.QFileDialog.getExistingDirectory", lambda *_: str(folder))
        other = desk.open_other(inner)
        try:
            other.go("contracts")

            def deploy(dialog: OwnContractDialog) -> None:
                other.press("从模板开始", dialog)
                other.until(dialog.accept_button.isEnabled)
                other.press("部署", dialog)

            other.answer(deploy)
            other.press_header("own")
            other.settle(60_000)
            call(other, "Create", thing_id="A-1", description="自行车", value="900")
            found = check(desk)
            assert {one.id: one.wrong.what.zh for one in found.results if one.wrong} == {
                "first-thing": "A-1 的价值是 900，不是 850。",
                "second-thing": "账本上没有物品 B-1；有：A-1。",
            }
            call(other, "Change", thing_id="A-1", value="850")
            call(other, "Create", thing_id="B-1", description="书架", value="120")
            other.no_error()
        finally:
            other.close()
        assert check(desk).passed
    desk.no_error()


def test_inside_a_lab_the_page_says_where_to_go(classroom: Any) -> None:
    with begin(classroom, "first-network") as inner:
        other = classroom.open_other(inner)
        try:
            other.go("training")
            page = other.window.page
            other.until(page.inside.isVisible)
            assert "原来的工作台" in words(page) and not page.list.isVisible() and not page.header_actions
        finally:
            other.close()


def test_the_labs_own_window_is_started_for_its_own_workspace(classroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[list[str]] = []

    class Started:
        def __init__(self, words: list[str], cwd: Path, creationflags: int) -> None:
            begun.append(words)
            assert (cwd / "baas" / "cli" / "__main__.py").is_file()

    begin(classroom, "first-network").close()
    monkeypatch.setattr("console.pages.training.page.subprocess.Popen", Started)
    classroom.press_header("desk")
    (line,) = begun
    room = Training(classroom.platform).room("first-network")
    assert line[line.index("--workspace") + 1] == str(room.desk) and line[-1] == "console"
