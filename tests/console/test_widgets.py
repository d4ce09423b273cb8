"""Single widgets: forms, dialogs, hashes, pictures, the policy editor's two ways, arguments for the wire."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from console.i18n.formats import in_words, short_hash, when
from console.pages.contracts.metadata import functions_of, wire_arguments
from console.pages.contracts.policy_editor import Assembled, assembled
from console.pages.ledger.values import key_text, readable
from console.shell.inspector import Inspected, Inspector
from console.theme import tokens
from console.widgets.basic import HashLabel, Label, Link, breakable
from console.widgets.dialogs import ConfirmName, Dialog
from console.widgets.facts import Section
from console.widgets.forms import DropZone, Form, check_field, choice_field, number_field, text_field
from console.widgets.timeline import Certificate, CertificateTimeline, Group
from fabric_sdk import clock
from network.errors import UserError

MEMBERS = ["AMSP", "BMSP", "CMSP", "DMSP"]


def test_a_hash_copies_whole(qtbot: Any, qapp: Any) -> None:
    label = HashLabel("9f3c07be52d8416ab3e19c4f70d62581a1d4")
    qtbot.addWidget(label)
    qtbot.mouseClick(label.button, Qt.MouseButton.LeftButton)
    assert qapp.clipboard().text() == "9f3c07be52d8416ab3e19c4f70d62581a1d4"
    assert label.text.text() == "9f3c…a1d4"


def test_a_destructive_act_wants_the_name_typed(qtbot: Any) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ConfirmName(parent, "删除网络", "账本会丢失。", "city", "删除")
    assert not dialog.accept_button.isEnabled()
    qtbot.keyClicks(dialog.editor, "cit")
    assert not dialog.accept_button.isEnabled()
    qtbot.keyClicks(dialog.editor, "y")
    assert dialog.accept_button.isEnabled()


def test_a_form_says_what_is_missing(qtbot: Any) -> None:
    form = Form(2)
    qtbot.addWidget(form)
    form.add("name", text_field("名称", required=True))
    form.add("kind", choice_field("种类", [("a", "甲"), ("b", "乙")], empty="请选择", required=True))
    form.add("count", number_field("数量", 3))
    form.add("sealed", check_field("加密"))
    assert form.missing() == ["名称", "种类"]
    form.fields["name"].set_value("样例")
    form.fields["kind"].set_value("b")
    assert form.missing() == []
    assert form.values() == {"name": "样例", "kind": "b", "count": 3, "sealed": False}
    form.fields["name"].set_error("太短")
    assert form.fields["name"].error == "太短"


def test_dropped_files_arrive(qtbot: Any, tmp_path: Any) -> None:
    from PySide6.QtCore import QMimeData, QPointF, QUrl
    from PySide6.QtGui import QDropEvent

    zone = DropZone("拖入")
    qtbot.addWidget(zone)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png")), QUrl("https://example.org/b.png")])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(zone.dropped) as heard:
        zone.dropEvent(event)
    assert heard.args[0] == [str(tmp_path / "a.png")]


def test_the_timeline_speaks_and_moves_by_keys(qtbot: Any) -> None:
    now = clock.now()
    view = CertificateTimeline()
    qtbot.addWidget(view)
    view.set_certificates(
        [Group("AMSP", "甲", "AMSP", "building")],
        [
            Certificate("1", "AMSP", "ca", "CA", now + timedelta(days=5000)),
            Certificate("2", "AMSP", "peer0", "TLS", now + timedelta(days=12, hours=1)),
            Certificate("3", "AMSP", "li", "身份", now + timedelta(days=300), now - timedelta(days=2)),
        ],
    )
    view.resize(1000, 300)
    view.grab()
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.current == "2"
    assert "12 天" in view.accessibleName()
    assert [s.id for s in view.spots] == ["1", "2", "3"]


@given(
    st.lists(st.sampled_from(["required", "option", "out"]), min_size=4, max_size=4),
    st.integers(1, 4),
)
def test_an_assembled_policy_is_read_back(parts: list[str], count: int) -> None:
    required = tuple(m for m, p in zip(MEMBERS, parts, strict=True) if p == "required")
    options = tuple(m for m, p in zip(MEMBERS, parts, strict=True) if p == "option")
    if not required and not options:
        return
    count = min(count, len(options)) if options else 0
    found = assembled(Assembled(required, options, count).expression(), MEMBERS)
    assert found is not None
    if options and count == len(options):
        assert set(found.required) == set(required) | set(options)
    else:
        assert (found.required, found.options) == (required, options)
        if options:
            assert found.count == count


@pytest.mark.parametrize(
    "policy", ["OR(AND('AMSP.peer','BMSP.peer'),'CMSP.peer')", "nonsense(", "AND('XMSP.peer')", ""]
)
def test_what_cannot_be_assembled_is_left_to_text(policy: str) -> None:
    assert assembled(policy, MEMBERS) is None


METADATA = {
    "contracts": {
        "demo": {
            "name": "demo",
            "default": True,
            "transactions": [
                {
                    "name": "Put",
                    "tag": ["submit", "submitTx"],
                    "parameters": [
                        {"name": "key", "schema": {"type": "string"}},
                        {"name": "count", "schema": {"type": "integer"}},
                        {"name": "on", "schema": {"type": "boolean"}},
                        {"name": "form", "schema": {"$ref": "#/components/schemas/Form"}},
                    ],
                },
                {"name": "Get", "tag": ["evaluate"], "parameters": []},
            ],
        },
        "org.hyperledger.fabric": {"transactions": [{"name": "GetMetadata"}]},
    },
    "components": {"schemas": {"Form": {"properties": {"a": {"type": "string"}}, "required": ["a"]}}},
}


def test_a_java_contracts_queries_are_queries() -> None:
    """Its metadata says "tags"; every function was offered as a write, for good, into a block."""
    said = [("Read", {"tags": ["EVALUATE", "QUERY"]}), ("Put", {"tags": ["SUBMIT", "INVOKE"]}), ("Silent", {})]
    described = [{"name": name, "parameters": []} | tags for name, tags in said]
    found = functions_of({"contracts": {"C": {"transactions": described}}})
    assert {one.name: one.submit for one in found} == {"Read": False, "Put": True, "Silent": True}


def test_metadata_becomes_functions_and_wire_arguments() -> None:
    get, put = functions_of(METADATA)
    assert (get.name, get.submit, put.name, put.submit) == ("Get", False, "Put", True)
    assert [p.kind for p in put.parameters] == ["string", "integer", "boolean", "json"]
    values = {"key": "钥匙", "count": "7", "on": "true", "form": '{"a": "甲"}'}
    assert wire_arguments(put, values) == ["钥匙", "7", "true", '{"a": "甲"}']
    for bad in ({"count": "seven"}, {"count": "1.5"}, {"on": "1"}, {"form": "{"}):
        with pytest.raises(UserError):
            wire_arguments(put, values | bad)


@given(st.binary(max_size=400))
def test_any_bytes_can_be_shown(data: bytes) -> None:
    assert isinstance(readable(data), str)
    assert len(readable(data)) <= 20_000


@given(st.dictionaries(st.text(max_size=8), st.integers(), max_size=4))
def test_json_is_shown_whole(value: dict[str, int]) -> None:
    assert "\x00" not in readable(json.dumps(value).encode())


def test_composite_keys_are_readable() -> None:
    assert key_text("\x00slot\x00H0001\x00003\x00") == "slot/H0001/003"
    assert key_text("plain") == "plain"


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=200))
def test_breakable_text_loses_nothing(text: str) -> None:
    assert breakable(text).replace("\u200b", "") == text


def test_a_dialog_higher_than_the_screen_scrolls_and_keeps_its_buttons_in_sight(qtbot: Any) -> None:
    from console.widgets.basic import Label
    from console.widgets.dialogs import Message

    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = Message(parent, "长", "很长")
    for number in range(120):
        dialog.body.addWidget(Label(f"line {number}"))
    dialog.show()
    screen = dialog.screen().availableGeometry()
    assert dialog.height() <= screen.height()
    assert dialog.rect().contains(dialog.accept_button.geometry().center())
    short = Message(parent, "短", "短")
    short.show()
    assert short.height() < 400
    dialog.close()
    short.close()


def test_a_dialog_is_as_high_as_its_lines_need(qtbot: Any) -> None:
    """Found in the pictures: the fields of 添加组织 were cut through, because who signs took three lines."""
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = Dialog(parent, "Add an organisation", width=400, writes=False)
    form = Form()
    form.add("name", text_field("Name"))
    dialog.body.addWidget(form)
    dialog.body.addWidget(Label("signed with the administrators' keys of everybody " * 6, "caption", wrap=True))
    dialog.show()
    qtbot.waitExposed(dialog)
    assert dialog.height() >= dialog.layout().totalHeightForWidth(dialog.width())
    assert form.fields["name"].editor.height() == tokens.CONTROL_HEIGHT
    dialog.reject()


def test_a_long_word_does_not_push_the_inspector_over_its_edge(qtbot: Any) -> None:
    """Found in the pictures: beside a link of 500 pixels the close button and half of every line lay outside."""
    inspector = Inspector()
    qtbot.addWidget(inspector)
    panel = Inspected("T")
    panel.add(Section("Financing", "a note that is longer than the caption beside it leaves room for, by far"))
    panel.add(
        Section().add(Link("CNY 180,000.00 · PublicMSP/supplier-2 · DataBureauMSP/supply_finance-bank" * 2, list))
    )
    panel.add(
        Section().status("Passed once, to be reviewed by another registrar than the first · 30 Nov 2026, 03:28", "ok")
    )
    inspector.show_widget(panel)
    inspector.resize(inspector.width(), 500)
    inspector.show()
    qtbot.waitExposed(inspector)
    right = panel.close_button.mapTo(inspector, panel.close_button.rect().topRight()).x()
    assert panel.width() <= inspector.width()
    assert right <= inspector.width()


@pytest.mark.parametrize(
    ("text", "said"),
    [("2026-11-30T03:28:50.894Z", when("2026-11-30T03:28:50.894Z", seconds=True)), ("H-2611", "H-2611")],
)
def test_an_instant_of_a_record_is_told_by_the_local_clock(text: str, said: str) -> None:
    assert in_words(text) == said
    assert in_words("a" * 64) == short_hash("a" * 64, 8)
