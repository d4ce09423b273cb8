"""Schedules as hospitals export them: each of `files/` gives the expected sessions, bad lines, notes and questions."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.health_slots.schedule import Habits, answer, preview_file

FILES = Path(__file__).parent / "files"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FILES / "expected.json").read_text(encoding="utf-8"))
TODAY, MINUTE = dt.date(2026, 11, 23), 600


def look(name: str, habits: Habits) -> Any:
    return preview_file(FILES / name, today=TODAY, minute=MINUTE, habits=habits)


def test_every_file_is_expected_and_there_are_enough() -> None:
    made = {path.name for path in FILES.iterdir() if path.suffix not in (".py", ".json")} - {"__pycache__"}
    assert made == set(EXPECTED) and len(made) >= 30


@pytest.mark.parametrize("name", EXPECTED)
def test_the_file_says_what_is_expected(name: str) -> None:
    wanted = EXPECTED[name]
    answers = {
        k: v if k != "hours" else {p: tuple(h) for p, h in v.items()} for k, v in wanted.get("answers", {}).items()
    }
    found = look(name, replace(Habits(), **answers))
    assert [[s.id, s.date, s.part, s.start, s.end, [*map(list, s.runs)], s.fee] for s in found.sessions] == wanted[
        "sessions"
    ]
    assert [[b.line, b.column, b.why.render("en")] for b in found.bad] == wanted["bad"]
    assert [[n.line, n.text.render("en")] for n in found.notes] == wanted["notes"]
    assert found.questions == ()
    assert found.importable == (not wanted["bad"] and bool(wanted["sessions"]))


@pytest.mark.parametrize("name", [name for name, wanted in EXPECTED.items() if wanted.get("asks")])
def test_what_only_the_hospital_knows_is_asked_and_stops_the_import(name: str) -> None:
    found = look(name, Habits())
    assert [[q.about, q.subject] for q in found.questions] == EXPECTED[name]["asks"]
    assert not found.importable
    for question in found.questions:
        assert question.text.render("zh") and question.text.render("en")


def test_answers_lead_to_the_same_as_kept_habits() -> None:
    habits = Habits()
    for question in look("07-halfday-codes.csv", habits).questions:
        habits = answer(habits, question, "pm")
    assert Habits.from_json(habits.to_json()) == habits
    assert look("07-halfday-codes.csv", habits).importable


def test_good_lines_can_be_imported_without_the_bad_ones() -> None:
    found = look("34-night-overlap.csv", Habits())
    assert [s.id for s in found.good()] == ["NEU-N1-261202NE"]
    assert [s.id for s in look("26-no-day.csv", Habits()).good()] == ["NEU-N2-261202AE"]


@pytest.mark.parametrize(
    "damage", ["", "[]", '{"columns": 3, "hours": {"am": [1, "x"]}, "dates": "ydm", "spread": 7}', "{"]
)
def test_damaged_habits_are_none(damage: str) -> None:
    assert Habits.from_json(damage) == Habits()
