"""One place asks the machine what time it is; everything else asks that place."""

from __future__ import annotations

import ast
import datetime as dt
import os
from pathlib import Path

import pytest

from fabric_sdk import clock
from tests.clocks.matrix import sweep
from tests.moments import shift, stand_at

ROOT = Path(__file__).parents[2]
SPOKEN_OF = {Path(__file__).name, "test_twice.py"}
"""Tests in which these calls are words."""
SOURCES = ("fabric_sdk", "network", "chaincode", "baas", "apps", "console")
# The catalogue's check travels alone, without the port, and is given a moment by whoever has one.
ALONE = {"fabric_sdk/clock.py", "apps/catalogue/evidence/check.py"}
ASKING = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"),
    "timestamp.GetCurrentTime",
    *("QDate.currentDate", "QDateTime.currentDateTime", "QDateTime.currentDateTimeUtc", "QTime.currentTime"),
    *("QDateTime.currentSecsSinceEpoch", "QDateTime.currentMSecsSinceEpoch"),
}
CONVERTING = {"time.localtime": 0, "time.gmtime": 0, "time.ctime": 0, "time.strftime": 1}
"""These take a moment; with no more than so many arguments they ask for the present."""
WORDS = {name.rpartition(".")[2] for name in ASKING | set(CONVERTING)} - {"time"} | {"time.time", "from time import"}
"""A source without any of these is not looked into any further."""


def asks(source: str) -> list[int]:
    """The lines of a source that ask the machine for the present, called or handed on."""
    found: list[int] = []
    if not any(word in source for word in WORDS):
        return found
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and len(node.args) <= CONVERTING.get(ast.unparse(node.func), -1):
            found.append(node.lineno)
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if f"{owner}.{node.attr}" in ASKING:
                found.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found += [node.lineno for name in node.names if f"time.{name.name}" in ASKING]
    return found


@pytest.mark.parametrize(
    "line",
    ["dt.datetime.now(dt.UTC)", "x = time.time", "from time import time", "QDate.currentDate()", "time.gmtime()"],
)
def test_the_search_finds_what_it_looks_for(line: str) -> None:
    assert asks(line) == [1]


def test_nothing_asks_the_machine_past_the_port() -> None:
    seen, found = 0, []
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*.py"):
            seen += 1
            name = path.relative_to(ROOT).as_posix()
            if name not in ALONE:
                found += [f"{name}:{line}" for line in asks(path.read_text(encoding="utf-8"))]
    assert seen > 300
    assert found == []


def test_tests_take_days_from_the_port() -> None:
    """A test that asks for the day itself is green on one day and red on another."""
    days = {"date.today", "datetime.now", "datetime.today", "time.localtime"}
    found = []
    for path in (ROOT / "tests").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if path.name not in SPOKEN_OF and path.parent.name != "clocks" and any(f"{day}(" in source for day in days):
            found.append(path.relative_to(ROOT).as_posix())
    assert found == []


def test_a_day_is_that_of_the_zone_and_not_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_at(monkeypatch, dt.datetime(2026, 12, 31, 16, 30, tzinfo=dt.UTC))
    for zone in ("Pacific/Kiritimati", "America/New_York"):
        monkeypatch.setenv("TZ", zone)
        assert clock.today() == dt.date(2027, 1, 1)
        assert clock.today(dt.UTC) == dt.date(2026, 12, 31)


def test_the_port_is_one_for_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    before = clock.seconds()
    shift(monkeypatch, 3600)
    assert 3590 < clock.seconds() - before < 3700
    assert abs(clock.now().timestamp() - clock.seconds()) < 5
    assert abs(clock.nanoseconds() / 1e9 - clock.seconds()) < 5
    assert abs(clock.local().timestamp() - clock.seconds()) < 5


def test_nobody_takes_the_hour_of_a_start_for_a_processes_name() -> None:
    """It moves with the machine's clock: `network.processes.birth_of` does not."""
    asking = [
        path.relative_to(ROOT).as_posix()
        for root in SOURCES
        for path in (ROOT / root).rglob("*.py")
        if "create_time(" in path.read_text("utf-8")
    ]
    assert asking == ["network/processes.py"]


def test_what_killed_shifts_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    """`faketime: sem_open: File exists`: a number of a process comes again."""
    names = [f"{kind}faketime_{kind[:3] or 'shm'}_{pid}" for kind in ("", "sem.") for pid in (os.getpid(), 2**22 + 7)]
    for name in (*names, "other_7"):
        (tmp_path / name).touch()
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([names[0], names[2], "other_7"])
