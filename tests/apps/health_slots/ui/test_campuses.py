"""Campuses where people choose: the file's own column is read as one by a click, board and desk narrow to one."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt

from apps.health_slots.ui.import_dialog import ImportDialog
from fabric_sdk import clock
from tests.apps.health_slots.ui.conftest import HEADINGS

PLACES = "就诊地点"
"""A heading that no table of ours knows."""


def test_a_column_is_read_as_the_campus_and_lists_narrow_to_one(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital()
    tomorrow = (clock.today() + dt.timedelta(days=1)).isoformat()
    row = ["CARD", "心血管内科", "D1", "专家甲", "主任医师", tomorrow, "上午"]
    more = [2, "专家", "线上", 0]
    path = here.folder / f"{here.id}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(
            [
                [*HEADINGS, PLACES],
                [*row, "08:00", "09:00", *more, "东院区"],
                [*row, "10:00", "11:00", *more, "西院区"],
            ]
        )
    window.at(here.id, "board")
    assert not window.view.campus.isVisible(), "a hospital with one place has nothing to choose"

    def answer(dialog: ImportDialog) -> None:
        dialog.begin(path)
        window.until(lambda: dialog.columns is not None)
        first = dialog.columns
        assert list(first.fields) == [PLACES]
        first.fields[PLACES].set_value("campus")
        window.until(lambda: dialog.columns is not None and dialog.columns is not first)
        window.settle()
        assert dialog.columns.fields[PLACES].value == "campus" and dialog.accept_button.isEnabled()
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    window.head("import", answer)
    here.service.schedules.release(here.id)
    sessions = {s.campus_name: s.id for s in here.service.sessions(hospital=here.id)}
    assert set(sessions) == {"东院区", "西院区"}
    assert here.service.schedules.habits(here.id).columns == {PLACES: "campus"}, "kept for the hospital's next file"

    board = window.at(here.id, "board")
    window.until(board.campus.isVisible)
    assert [board.campus.itemText(n) for n in range(board.campus.count())] == ["全部院区", "东院区", "西院区"]
    assert {spot.id for spot in board.board.spots} == set(sessions.values())
    board.campus.setCurrentIndex(2)
    window.settle()
    assert {spot.id for spot in board.board.spots} == {sessions["西院区"]}

    for session in sessions.values():
        here.book(f"{session}.001")
    desk = window.at(here.id, "desk")
    window.until(lambda: len(desk.model.rows) == 2)
    desk.campus.setCurrentIndex(1)
    window.until(lambda: len(desk.model.rows) == 1)
    assert desk.model.rows[0].visit.campus == "东院区"
    other = hospital()
    desk = window.at(other.id, "desk")
    assert not desk.campus.isVisible() and desk.campus.name == ""
