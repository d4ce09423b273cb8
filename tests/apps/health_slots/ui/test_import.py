"""A hospital's own file at its desk: questions are answered by clicks and kept, bad lines left out on purpose."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from apps.health_slots.schedule import Habits
from apps.health_slots.ui.import_calendar import MOST_WEEKS, ImportCalendar, PlannedDay
from apps.health_slots.ui.import_dialog import ImportDialog
from apps.health_slots.ui.import_tables import SessionTable
from fabric_sdk import clock

HEADINGS = ["就诊日期", "科室名称", "医生工号", "医生姓名", "午别", "限号数", "出诊时间", "诊查费", "挂号类别"]


def write(path: Path, rows: list[list[Any]]) -> Path:
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([["某医院门诊排班"], HEADINGS, *rows, ["合计", "", "", "", "", 30]])
    return path


def day(number: int) -> str:
    date = clock.today() + dt.timedelta(days=number)
    return f"{date.month}月{date.day}日"


def test_a_his_export_is_asked_about_once_and_imported(
    window: Any, hospital: Callable[..., Any], tmp_path: Path
) -> None:
    here = hospital()
    file = write(
        tmp_path / "his.csv",
        [
            [day(3), "内科", "内-01", "专家甲", "S1", 24, "８：００—１２：００", "50", "专家号"],
            [day(3), "内科", "内-02", "专家乙", "S1", 6, "08:00-09:00", "五十", "专家号"],
        ],
    )
    window.at(here.id, "board")
    asked: list[str] = []

    def answer(dialog: ImportDialog) -> None:
        dialog.begin(file)
        window.until(lambda: dialog.form is not None)
        assert not dialog.accept_button.isEnabled()
        while dialog.form is not None:
            form = dialog.form
            field = next(iter(form.fields.values()))
            asked.append(field.label.text())
            field.set_value("yes" if field.editor.findData("yes") >= 0 else "am")
            window.until(lambda form=form: dialog.form is not form)
            window.settle()
        assert dialog.accept_button.isEnabled(), dialog.reason.text()
        calendar, table = dialog.findChild(ImportCalendar), dialog.findChild(SessionTable)
        assert [one.spoken.rpartition("：")[2] for one in calendar.spots] == ["2 个出诊单元，30 个号"]
        table.show_day(calendar.spots[0].id, [])
        calendar.choose(calendar.spots[0].id)
        window.until(lambda: table.model().rowCount() == 2)
        assert table.heading.text().endswith("：2 个出诊单元")
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    window.head("import", answer)
    assert len(asked) == 2 and "科室编号" in asked[0] and "S1" in asked[1]
    sessions = here.service.sessions(hospital=here.id)
    assert sorted(s.slots for s in sessions) == [6, 24]
    codes = {doctor["code"] for doctor in here.service.rules.units(here.id)["doctors"].values()}
    assert codes == {"内-01", "内-02"}
    again = write(tmp_path / "next.csv", [[day(4), "内科", "内-01", "专家甲", "S1", 30, "8:00-13:00", "50", "专家号"]])
    assert here.service.schedules.preview(again, here.id).importable, "asked once, kept for the hospital"


def test_bad_lines_are_left_out_only_on_purpose(window: Any, hospital: Callable[..., Any], tmp_path: Path) -> None:
    here = hospital()
    here.service.schedules.keep_habits(here.id, Habits(names_as_ids=True))
    file = write(
        tmp_path / "his.csv",
        [
            [day(3), "内科", "D1", "专家甲", "上午", 24, "8:00-12:00", "50", "专家号"],
            ["2月30日", "内科", "D2", "专家乙", "上午", 6, "8:00-9:00", "50", "专家号"],
        ],
    )
    window.at(here.id, "board")

    def answer(dialog: ImportDialog) -> None:
        from PySide6.QtWidgets import QCheckBox

        dialog.begin(file)
        window.until(lambda: dialog.findChild(QCheckBox) is not None)
        assert not dialog.accept_button.isEnabled()
        dialog.findChild(QCheckBox).click()
        assert dialog.skips_bad and dialog.accept_button.isEnabled()
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    window.head("import", answer)
    assert [s.slots for s in here.service.sessions(hospital=here.id)] == [24]


def test_the_next_file_shows_what_differs_and_changes_it_with_a_reason(
    window: Any, hospital: Callable[..., Any], tmp_path: Path
) -> None:
    """The second file was pasted from a spreadsheet: one session later, one gone."""
    here = hospital()
    here.service.schedules.keep_habits(here.id, Habits(names_as_ids=True))
    rows = [
        [day(3), "内科", "D1", "专家甲", "上午", 24, "8:00-12:00", "50", "专家号"],
        [day(3), "内科", "D2", "专家乙", "上午", 6, "8:00-9:00", "50", "专家号"],
    ]
    here.service.schedules.import_file(here.id, write(tmp_path / "his.csv", rows))
    here.service.schedules.release(here.id)
    later = [[*rows[0][:6], "8:30-12:30", *rows[0][7:]]]
    QGuiApplication.clipboard().setText("\n".join("\t".join(map(str, row)) for row in [HEADINGS, *later]))
    window.at(here.id, "board")

    def answer(dialog: ImportDialog) -> None:
        dialog.paste()
        window.until(lambda: dialog.form is not None)
        assert not dialog.accept_button.isEnabled() and dialog.reason.text()
        first = dialog.form
        dialog.form.fields["missing"].set_value(True)
        window.until(lambda: dialog.form is not None and dialog.form is not first)
        assert dialog.stops_missing and not dialog.accept_button.isEnabled()
        dialog.form.fields["reason"].set_value("meeting")
        window.settle()
        assert dialog.accept_button.isEnabled(), dialog.reason.text()
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    window.head("import", answer)
    assert {s.doctor_name: (s.state, s.start) for s in here.service.sessions(hospital=here.id)} == {
        "专家甲": ("published", 510),
        "专家乙": ("stopped", 480),
    }
    assert {change.reason for change in here.service.lists.changes(here.id)} == {"meeting"}


def test_a_calendar_marks_holidays_and_says_how_many_weeks_are_left_out(qapp: object) -> None:
    first = dt.date(2026, 9, 28)
    days = [PlannedDay(first + dt.timedelta(days=7 * week), 1, 10) for week in range(MOST_WEEKS + 3)]
    calendar = ImportCalendar(days)
    calendar.resize(700, 300)
    calendar.grab()
    assert calendar.left_out == 3
    assert len(calendar.spots) == MOST_WEEKS
    national, weekend = PlannedDay(dt.date(2026, 10, 1), 1, 10), PlannedDay(dt.date(2026, 10, 3), 1, 10)
    assert (days[0].holiday, national.holiday, weekend.holiday) == (False, True, False)
    calendar = ImportCalendar([national])
    calendar.resize(700, 100)
    calendar.grab()
    assert calendar.spots[0].spoken.endswith("1 个出诊单元，10 个号（节假日）")
