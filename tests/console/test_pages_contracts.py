"""The contracts page, clicked through to the ledger: deploy, upgrade, call, record and replay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from console.pages.contracts.metadata import Parameter
from console.pages.contracts.parameters import ParameterForm
from console.pages.contracts.schema import problem
from network.errors import UserError


def call(desk: Any, function: str, **values: Any) -> Any:
    """Choose a function on the call tab, fill its form, press its button, wait for the answer."""
    tab = desk.window.page.call
    row = next(i for i, f in enumerate(tab.model.rows) if f.name == function)
    tab.table.choose(row)
    for name, value in values.items():
        tab.form.fields[name].set_value(value)
    desk.bot.mouseClick(tab.call_button, Qt.MouseButton.LeftButton)
    desk.settle(30000)
    return tab


def test_calls_are_recorded_saved_and_replayed(desk: Any, tmp_path: Path, monkeypatch: Any) -> None:
    desk.go("contracts/copyright/call")
    page = desk.window.page
    desk.press("开始录制", page.call)
    call(desk, "ReadSettings")
    call(desk, "Read", record_id="CZ20991231-nothing")
    assert page.record.count("copyright") == 2
    desk.press("停止录制", page.call)
    call(desk, "ReadSettings")
    assert page.record.count("copyright") == 2
    desk.go("contracts/copyright/record")
    target = tmp_path / "settings.ccrec.json"
    monkeypatch.setattr("console.pages.contracts.record.save_file", lambda *a: str(target))
    desk.press("保存录制", page.record)
    desk.settle()
    kept = json.loads(target.read_text("utf-8"))
    assert [c["function"] for c in kept["calls"]] == ["ReadSettings", "Read"]
    assert kept["calls"][1]["refusal"]

    desk.press("清空", page.record)
    assert page.record.count("copyright") == 0
    desk.bot.keyClick(page.record.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: page.record.count("copyright") == 2)

    desk.answer(lambda dialog: desk.bot.keyClick(dialog.accept_button, Qt.Key.Key_Return))
    desk.press("重放", page.record)
    desk.settle(30000)
    assert page.record.replayed is not None
    assert [r.verdict for r in page.record.replayed.results] == ["same", "same"]

    kept["calls"][0] = {**kept["calls"][0], "payload": '{"was_here": 1}', "refusal": "", "said": ""}
    target.write_text(json.dumps(kept), "utf-8")
    page.record.take(target)
    desk.settle()
    desk.answer(lambda dialog: desk.bot.keyClick(dialog.accept_button, Qt.Key.Key_Return))
    desk.press("重放", page.record)
    desk.settle(30000)
    first = page.record.replayed.results[0]
    assert first.verdict == "different"
    assert first.differences
    assert desk.window.inspector.isVisible()
    page.record.clear()


def test_a_file_that_is_no_recording_is_refused(desk: Any, tmp_path: Path) -> None:
    desk.go("contracts/copyright/record")
    other = tmp_path / "x.json"
    other.write_text('{"format": "something"}')
    desk.window.page.record.take(other)
    desk.settle()
    assert desk.window.page.banner.isVisible()
    assert "x.json" in desk.window.page.banner.message.text()


SCHEMAS: dict[str, Any] = {
    "name": {"type": "string", "maxLength": 5},
    "count": {"type": "integer", "minimum": 1, "maximum": 9},
    "day": {"type": "string", "format": "date"},
    "at": {"type": "string", "format": "date-time"},
    "kind": {"enum": ["a", "b"]},
    "open": {"type": "boolean"},
    "labels": {"type": "array", "items": {"type": "string"}},
    "pairs": {"type": "object", "additionalProperties": {"type": "string"}},
    "owner": {
        "type": "object",
        "properties": {"id": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["id"],
        "additionalProperties": False,
    },
    "free": {"type": "object", "additionalProperties": {}},
}


@pytest.fixture
def form(qtbot: Any) -> ParameterForm:
    made = ParameterForm([Parameter(name, schema) for name, schema in SCHEMAS.items()])
    qtbot.addWidget(made)
    good = {
        "name": "甲",
        "count": "7",
        "day": "2026-11-23",
        "at": "2026-11-23T10:24:00Z",
        "kind": "b",
        "open": True,
        "labels": "一\n二",
        "pairs": "city=东莞",
        "owner.id": "x",
        "owner.age": "",
        "free": '{"a": [1]}',
    }
    for key, value in good.items():
        made.fields[key].set_value(value)
    return made


def test_inputs_become_what_the_contract_reads(form: ParameterForm) -> None:
    values = form.values()
    assert values["name"] == "甲"
    assert values["kind"] == "b"
    assert json.loads(values["count"]) == 7
    assert json.loads(values["open"]) is True
    assert json.loads(values["labels"]) == ["一", "二"]
    assert json.loads(values["pairs"]) == {"city": "东莞"}
    assert json.loads(values["owner"]) == {"id": "x"}
    assert values["day"] == "2026-11-23"


@pytest.mark.parametrize(
    ("key", "bad"),
    [
        ("count", "10"),
        ("count", "seven"),
        ("at", "tomorrow"),
        ("pairs", "city"),
        ("owner.age", "old"),
        ("free", "{"),
        ("free", "[]"),
    ],
)
def test_wrong_inputs_are_marked_where_they_are(form: ParameterForm, key: str, bad: str) -> None:
    form.fields[key].set_value(bad)
    with pytest.raises(UserError):
        form.values()
    assert form.fields[key].editor.property("invalid")
    others = [k for k, f in form.fields.items() if f.editor.property("invalid")]
    assert others == [key]


def test_schema_rules_are_said_in_words() -> None:
    assert problem({"type": "string", "pattern": "^[0-9]+$"}, "12") == ""
    assert "格式" in problem({"type": "string", "pattern": "^[0-9]+$"}, "x")
    assert "缺少" in problem(SCHEMAS["owner"], {})
    assert "没有名为" in problem(SCHEMAS["owner"], {"id": "x", "more": 1})
    assert problem({"type": "array", "items": {"type": "integer"}}, [1, "b"]).startswith("第 2 项")
    deep: Any = {"type": "array"}
    deep["items"] = deep
    value: Any = []
    for _ in range(100):
        value = [value]
    assert problem(deep, value)
