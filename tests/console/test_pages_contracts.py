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
from tests.console.test_accessibility import unnamed


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
    desk.go("contracts/copyright/record")
    page = desk.window.page
    if page.record.count("copyright"):  # what an earlier test recorded in this window
        desk.press("清空", page.record)
    desk.go("contracts/copyright/call")
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


def _bare_city(tmp_path: Path) -> Any:
    """A running embedded city without any contract."""
    from baas.platform import Platform

    platform = Platform.open(tmp_path / "bare")
    platform.networks.up(platform.networks.template("city", name="city", runtime="embedded"))
    return platform


@pytest.fixture
def bare(tmp_path: Path, make_desk: Any) -> Any:
    platform = _bare_city(tmp_path)
    yield make_desk(platform)
    platform.networks.destroy("city")
    platform.close()


def test_first_deployment_collections_and_upgrade_by_keyboard(bare: Any) -> None:
    """Deploy what was never deployed, draft a collection, take a change back, upgrade with version and policy."""
    desk, contracts = bare, bare.platform.contracts
    desk.go("contracts")
    page = desk.window.page
    assert all(line.definition is None for line in page.lines)
    row = next(i for i, line in enumerate(page.lines) if line.name == "copyright")
    page.table.choose(row)

    def deploy(dialog: Any) -> None:
        desk.until(lambda: dialog._meaning.count() > 1)
        desk.bot.keyClick(dialog.accept_button, Qt.Key.Key_Return)

    desk.answer(deploy)
    desk.bot.keyClick(page.table, Qt.Key.Key_Return)
    desk.settle(60000)
    desk.no_error()
    first = contracts.committed("city", "copyright")
    assert (first.sequence, first.version) == (1, "1.0.0")
    assert contracts.query("city", "copyright", "org.hyperledger.fabric:GetMetadata").payload

    desk.go("contracts/copyright/collections")
    tab = page.collections

    def add(dialog: Any) -> None:
        desk.bot.keyClicks(dialog.form.fields["name"].editor, "auditDocuments")
        desk.bot.keyClick(dialog.ticks["HealthMSP"], Qt.Key.Key_Space)
        desk.bot.keyClick(dialog.ticks["HospitalMSP"], Qt.Key.Key_Space)
        dialog.form.fields["keep"].set_value(500)
        desk.until(dialog.accept_button.isEnabled)
        desk.bot.keyClick(dialog.accept_button, Qt.Key.Key_Return)

    desk.answer(add)
    desk.bot.keyClick(tab.add_button, Qt.Key.Key_Space)
    line = page.line()
    assert tab.draft(line)[-1]["policy"] == "OR('HealthMSP.member', 'HospitalMSP.member')"
    tab.remove("ownerDocuments")
    assert [state for _, state in tab.model.rows] == ["removed", "new"]
    desk.window.activateWindow()
    desk.until(desk.window.isActiveWindow)
    desk.bot.keyClick(tab.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: [state for _, state in tab.model.rows] == ["", "new"])

    def upgrade(dialog: Any) -> None:
        dialog.form.fields["version"].set_value("1.1.0")
        dialog.form.fields["policy"].set_value("AND('CopyrightMSP.peer'")
        desk.until(lambda: dialog.form.fields["policy"].error)
        assert not dialog.accept_button.isEnabled()
        dialog.form.fields["policy"].set_value("OutOf(2, 'CopyrightMSP.peer', 'DataBureauMSP.peer', 'HealthMSP.peer')")
        desk.until(dialog.accept_button.isEnabled)
        desk.bot.keyClick(dialog.accept_button, Qt.Key.Key_Return)

    desk.answer(upgrade)
    desk.bot.keyClick(tab.submit_button, Qt.Key.Key_Space)
    desk.settle(60000)
    desk.no_error()
    second = contracts.committed("city", "copyright")
    assert (second.sequence, second.version) == (2, "1.1.0")
    assert "HealthMSP" in second.endorsement_policy
    assert [c["name"] for c in second.collections] == ["ownerDocuments", "auditDocuments"]
    assert second.collections[1]["blockToLive"] == 500
    assert not tab.undo_button.isVisible()


def test_a_definition_travels_to_an_organisation_elsewhere_and_back(
    bare: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    """Two organisations' administrators leave; the other workspace attaches, reviews the file, approves; we commit."""
    from baas.platform import Platform
    from network.errors import LedgerError
    from network.profile import export_profile

    desk, platform = bare, bare.platform
    handle = platform.networks.handle("city")
    theirs = handle.authority("HospitalMSP").person("admin")
    export_profile(handle, "HospitalMSP", tmp_path / "hospital.json")
    for msp in ("HealthMSP", "HospitalMSP"):
        platform.keystore.remove(f"city/{msp}/admin")
    with pytest.raises(LedgerError) as few:
        platform.contracts.deploy("city", "copyright")
    assert few.value.code == "not_approved"
    board = platform.contracts.board("city", "copyright")
    assert [row.held for row in board.rows] == [True, True, False, False]
    assert (board.approvals, board.needed, board.can_commit) == (2, 3, False)
    request = tmp_path / "copyright.ccapprove.json"
    monkeypatch.setattr("console.pages.contracts.agreement.save_file", lambda *a: str(request))
    desk.go("contracts")
    desk.window.page.lifecycle.agreement.export(board)
    desk.settle()
    desk.no_error()
    assert request.exists()

    with Platform.open(tmp_path / "elsewhere") as elsewhere:
        elsewhere.exchange.attach(
            tmp_path / "hospital.json", "city-net", theirs.certificate_pem, theirs.private_key_pem
        )
        other = desk.open_other(elsewhere)
        other.go("contracts")

        def agree(dialog: Any) -> None:
            assert dialog.accept_button.isEnabled()
            other.bot.keyClick(dialog.accept_button, Qt.Key.Key_Return)

        other.answer(agree)
        other.window.page.lifecycle.agreement.review(request)
        other.settle(30000)
        other.no_error()
        other.close()

    board = platform.contracts.board("city", "copyright")
    assert board.can_commit
    desk.window.page.lifecycle.agreement.commit(board)
    desk.settle(30000)
    desk.no_error()
    assert platform.contracts.committed("city", "copyright").sequence == 1


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


def test_edited_sources_are_reloaded_while_somebody_calls(desk: Any, tmp_path: Path, monkeypatch: Any) -> None:
    source = tmp_path / "contract.py"
    source.write_text("a = 1\n")
    monkeypatch.setattr("baas.services.contract_sources.sources_of", lambda module: (source,))
    desk.go("contracts/copyright/call")
    tab = desk.window.page.call
    desk.press("随源码重载", tab)
    seen: list[str] = []
    tab.watch.reloaded.connect(seen.append)
    tab.watch.look()
    desk.settle()
    assert not seen
    source.write_text("a = 1  # edited\n")
    tab.watch.look()
    desk.until(lambda: seen == ["copyright"])
    desk.settle()
    desk.no_error()
    assert tab.model.rowCount() > 5
    desk.press("停止重载", tab)
    assert tab.watch.contract == ""


def test_every_kind_of_generated_form_names_its_inputs(desk: Any) -> None:
    """One generated form for every combination of kinds of parameters, of both contracts."""
    seen = set()
    for contract in ("copyright", "health_slots"):
        desk.go(f"contracts/{contract}/call")
        tab = desk.window.page.call
        for row, function in enumerate(tab.model.rows):
            kinds = (function.submit, *sorted({parameter.kind for parameter in function.parameters}))
            if kinds not in seen:
                seen.add(kinds)
                tab.table.choose(row)
                assert unnamed(tab) == [], function.name
    assert len(seen) > 3
