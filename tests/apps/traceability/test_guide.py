"""Every line of the guide, in both languages alike, run as a person at a terminal runs it."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.traceability.epcis import document
from baas.cli.root import run
from baas.platform import Platform
from fabric_sdk import clock
from tests.apps.traceability.conftest import make
from tests.conftest import City, close_city

ROOT = Path(__file__).parents[3]
LOT = "https://id.gs1.org/01/06912345001012/10/L1"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("guide") / "workspace"
    city = make(folder, "embedded")
    city.platform.close()
    yield folder
    close_city(City(Platform.open(folder), city.network))


def lines() -> list[str]:
    text = (ROOT / "docs" / "traceability.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(.*?)^```", text, re.S | re.M)
    return [line for block in blocks for line in block.splitlines()]


def citychain(workspace: Path, line: str) -> Any:
    """What a line answers, as JSON."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["--workspace", str(workspace), *shlex.split(line)[1:], "--json"])
    assert code == 0, f"{line}\n{err.getvalue()}"
    return json.loads(out.getvalue())


def test_every_line_of_the_guide(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    now = clock.now().isoformat(timespec="milliseconds")
    amounts = [{"epcClass": LOT, "quantity": 500, "uom": "EA"}]
    event = {"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "eventTime": now,
             "eventTimeZoneOffset": "+08:00", "quantityList": amounts}  # fmt: skip
    Path("events.json").write_text(json.dumps(document([event])), encoding="utf-8")
    Path("readings.csv").write_text(f"time,value\n{now},4.5\n{now},9\n", encoding="utf-8")
    answers: dict[str, Any] = {}
    for line in lines():
        if line.endswith("events.json"):
            waiting = citychain(workspace, "citychain trace waiting")[0]["id"]
            citychain(workspace, f"citychain trace enterprise admit {waiting} --part trace_authority")
        answers[" ".join(line.split()[2:4])] = citychain(workspace, line)
    assert answers["capture events.json"]["recorded"] == 1
    assert answers["goods " + LOT][0]["uri"] == LOT
    assert [one["name"] for one in answers["affected " + LOT]] == ["L1"]
    found = answers["query EQ_bizStep=commissioning"]["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert found == [event]
    assert answers["machine readings.csv"]["result"] == "failed" and answers["machine readings.csv"]["highest"] == "9"
    recall = answers["recall list"][0]["id"]
    assert citychain(workspace, f"citychain trace stop {recall}")["stopped"] == 1
    notice = citychain(workspace, "citychain trace notice list")[0]
    citychain(workspace, f"citychain trace notice report {notice['id']} --recovered 1")
    closed = citychain(workspace, f"citychain trace recall close {recall} --reason 已追回 --part trace_authority")
    assert closed["state"] == "CLOSED"
    assert citychain(workspace, "citychain trace capture events.json")["known"] == 1


def test_both_guides_have_the_same_lines() -> None:
    text = (ROOT / "docs" / "traceability.zh-CN.md").read_text(encoding="utf-8")
    assert [
        line for block in re.findall(r"^```\n(.*?)^```", text, re.S | re.M) for line in block.splitlines()
    ] == lines()
