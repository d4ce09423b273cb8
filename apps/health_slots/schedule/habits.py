"""How one hospital writes its schedules: its headings, its codes, its dates; asked once and kept.

A hospital's system has its own words. What the general tables of `fields` do not know becomes a question of the
preview; the answers are `Habits`, which the next file of the hospital is read with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from baas.errors import Text, UserError

DateOrder = Literal["", "mdy", "dmy"]
Spread = Literal["minutes", "half-hours"]
DATE_ORDERS: tuple[DateOrder, ...] = ("", "mdy", "dmy")
SPREADS: tuple[Spread, ...] = ("minutes", "half-hours")
_MAX_WORDS = 500


@dataclass(frozen=True)
class Habits:
    """One hospital's way of writing; empty where the general tables are enough."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """heading -> field ("" for a column that does not matter)"""
    parts: Mapping[str, str] = field(default_factory=dict)
    """the hospital's code -> am, pm, night"""
    kinds: Mapping[str, str] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """part -> first and last minute of the day, for files without times"""
    dates: DateOrder = ""
    """how 12/02/2026 is meant; empty while nobody was asked"""
    spread: Spread = "minutes"
    """how numbers that do not divide the time are spread"""
    names_as_ids: bool = False
    """a department or doctor without an id gets one from its name"""
    fill_down: bool = False
    """an empty cell means the one above it, as a CSV export of merged cells leaves it"""

    def with_answers(self, other: Habits) -> Habits:
        """These habits and what `other` says on top of them."""
        changed: dict[str, Any] = {}
        for one in fields(self):
            mine, its = getattr(self, one.name), getattr(other, one.name)
            changed[one.name] = {**mine, **its} if isinstance(mine, dict) else (its or mine)
        if other.spread == "minutes":
            changed["spread"] = self.spread
        return replace(self, **changed)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> Habits:
        """Read kept habits; what is not understood (from a newer version, say) is left out."""
        try:
            data = json.loads(text)
        except ValueError:
            return Habits()
        if not isinstance(data, dict):
            return Habits()
        words = {name: _words(data.get(name)) for name in ("columns", "parts", "kinds", "pools")}
        hours = data.get("hours")
        return Habits(
            **words,
            hours={str(k): (v[0], v[1]) for k, v in hours.items() if _is_span(v)} if isinstance(hours, dict) else {},
            dates=data["dates"] if data.get("dates") in DATE_ORDERS else "",
            spread=data["spread"] if data.get("spread") in SPREADS else "minutes",
            names_as_ids=data.get("names_as_ids") is True,
            fill_down=data.get("fill_down") is True,
        )


def _words(found: Any) -> dict[str, str]:
    if not isinstance(found, dict):
        return {}
    return {str(k): str(v) for k, v in list(found.items())[:_MAX_WORDS]}


def _is_span(found: Any) -> bool:
    return isinstance(found, list) and len(found) == 2 and all(type(v) is int and 0 <= v <= 2880 for v in found)


About = Literal["columns", "parts", "kinds", "pools", "hours", "dates", "names_as_ids", "fill_down"]
COLUMN = "column:"
"""What precedes a heading in an answer that names a column."""


@dataclass(frozen=True)
class Question:
    """What a file leaves open: `about` names the part of `Habits` that answers it, `subject` the word in the file.

    `choices` are (value, sentence); the answer is one of the values.
    """

    about: About
    subject: str
    text: Text
    choices: tuple[tuple[str, Text], ...]
    line: int = 0
    """where the file first leaves it open, as `Preview.place` reads it; 0 for the heading"""


def answer(habits: Habits, question: Question, value: str) -> Habits:
    """These habits with one question answered; UserError for a value that is no answer to it."""
    if question.choices and value not in {choice for choice, _ in question.choices}:
        raise UserError(Text("这不是可选的答案：{v}", "That is no answer: {v}", v=value[:40]))
    if value.startswith(COLUMN):
        return replace(habits, columns={**habits.columns, value.removeprefix(COLUMN): question.subject})
    changed: dict[str, Any]
    match question.about:
        case "columns":
            raise UserError(Text("请选择一列。", "Choose a column."))
        case "dates":
            changed = {"dates": value}
        case "names_as_ids" | "fill_down":
            changed = {question.about: True}
        case "hours":
            changed = {"hours": {**habits.hours, question.subject: read_span(value)}}
        case about:
            changed = {about: {**getattr(habits, about), question.subject: value}}
    return replace(habits, **changed)


def read_span(text: str) -> tuple[int, int]:
    """Read `08:00-12:00` as minutes; the end may be on the next day (`20:00-02:00`)."""
    from apps.health_slots.schedule.fields import FieldProblem, read_hours

    try:
        return read_hours(text)
    except FieldProblem as problem:
        raise UserError(problem.text) from problem
