"""The page 服务目录: one click checks the network, the clauses and the inspector show it, a report is exported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from apps.catalogue import measuring
from apps.catalogue.ui import standards
from tests.apps.catalogue.conftest import World
from tests.console.conftest import IGNORED, Desk, close_desk, open_desk

pytestmark = [
    pytest.mark.gui,
    pytest.mark.xdist_group("catalogue"),
    pytest.mark.qt_log_ignore(IGNORED),
]


@pytest.fixture
def desk(qapp: Any, qtbot: Any, world: World) -> Iterator[Desk]:
    from console import theme
    from console.i18n import use_language

    theme.install(qapp, "light")
    use_language("zh")
    world.platform.networks.set_default("city")
    found = open_desk(qapp, qtbot, world.platform)
    yield found
    found.stop_answering()
    close_desk(found)


def words(widget: Any) -> list[str]:
    return [label.text().replace("\u200b", "") for label in widget.findChildren(QLabel)]


def test_one_click_checks_all_and_says_what_was_seen(
    desk: Desk, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.go("catalogue/standards/CS-03")
    page: Any = desk.window.page
    view = page.stack.currentWidget()
    desk.until(lambda: len(view.found) == 4)
    before = len(measuring.history(world.service()))
    desk.press("运行全部检查")
    desk.settle(90_000)
    desk.until(lambda: len(measuring.history(world.service())) == before + 4)
    desk.until(lambda: view.found[2].newest is not None)
    assert view.heading.text().replace("\u200b", "").startswith("个人信息 CS-03")
    row = next(at for at, one in enumerate(view.clauses.rows) if one["clause"] == "2.6")
    assert view.clauses.data(view.clauses.index(row, 3)) == "达到"
    assert "5 个节点" in view.clauses.data(view.clauses.index(row, 4))
    row = next(at for at, one in enumerate(view.clauses.rows) if one["clause"] == "3.1")
    view.table.choose(row)
    desk.settle()
    told = words(desk.window.inspector)
    assert "待查" in " ".join(told) and "个人信息保护法第五十五条、第五十六条" in told
    target = tmp_path / "r.pdf"
    monkeypatch.setattr(standards, "save_file", lambda *_: str(target))
    desk.press("导出报告…")
    desk.settle(30_000)
    desk.until(target.exists)
    assert target.read_bytes().startswith(b"%PDF")
    desk.no_error()
