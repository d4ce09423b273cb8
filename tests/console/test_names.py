"""Ids of the ledger stand there by name: people, organisations, policies; and what a picture leaves out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from apps.copyright.manifest import MANIFEST
from apps.health_slots.model import SlotRow
from apps.health_slots.ui.policy_words import describe, idle
from apps.health_slots.ui.session_panel import rest_words
from baas.validation import words_of
from chaincode.copyright.kinds import Dispute
from console.scenes import NothingToSee, ask
from console.signing import person
from console.titles import policy_words
from console.widgets.dialogs import Dialog
from console.widgets.topology import ContractBox, NodeBox, OrganizationBox, Topology, TopologyView
from fabric_sdk import clock
from network.text import Text

TITLES = {"HospitalMSP": Text("市第一人民医院", "First Hospital"), "DataMSP": Text("政务数据局", "Data Bureau")}


def test_a_party_is_read_by_its_name_and_organisation() -> None:
    assert person("HospitalMSP/slots-staff", TITLES) == "slots-staff（市第一人民医院）"
    assert person("StrangerMSP/somebody", TITLES) == "StrangerMSP/somebody", "who is not known stays as it stands"
    assert person("HospitalMSP", TITLES) == "HospitalMSP"
    assert person("", TITLES) == ""
    assert person("owner", TITLES) == "平台管理员（本机）", "the workspace's owner by the words of the rail"


def test_a_policy_is_read_in_words() -> None:
    both = "AND('HospitalMSP.peer', 'DataMSP.peer')"
    assert policy_words(both, TITLES) == "需要市第一人民医院的节点和政务数据局的节点签名。"
    assert policy_words(both, TITLES, brief=True) == "需要市第一人民医院和政务数据局签名。"
    assert policy_words("/Channel/Application/Endorsement", TITLES) == "按通道的策略 Endorsement"
    assert policy_words("AND(", TITLES) == "AND("


def _slot(number: int, state: str) -> SlotRow:
    return SlotRow(f"H.S.{number:03d}", "H.S", number, 480, 490, "online", state, 0, 0, 0, None, False, 1)


def test_what_is_not_listed_of_a_session_is_counted_as_it_is() -> None:
    """14 slots were once called free of which 10 were."""
    rest = [_slot(n, "free" if n > 4 else "booked") for n in range(1, 15)]
    assert rest_words(rest) == "另有 14 个，其中空闲 10 个"
    assert rest_words(rest[4:]) == "另有 10 个，都空闲"
    assert rest_words([_slot(1, "committed")]) == "另有 1 个"


def test_rules_that_say_nothing_are_left_out() -> None:
    assert idle({"release_mode": "daily", "prepay": False}) == {"release_delay_s", "pay_s"}
    later = {"release_mode": "after-commit", "release_delay_s": 600, "prepay": True}
    assert idle(later) == {"window_days", "release_minute"}
    assert idle({**later, "release_delay_s": 0}) == {"window_days", "release_minute", "release_delay_s"}
    assert describe("release_delay_s", 0) == "承诺后立即放号"


def test_a_taken_key_is_not_told_to_be_submitted_again() -> None:
    words = words_of(11).advice
    assert "另选" in words.zh
    assert "somebody else" in words.en


def test_a_freeze_is_not_offered_to_end_before_its_day() -> None:
    """The contract refuses until the day has passed; the button stood there from the first day on."""
    ripe = MANIFEST.catalogue.act(Dispute.lapse).ripe
    assert ripe is not None
    today = clock.today().isoformat()
    assert not ripe({"deadlines": {"admission": today}})
    assert ripe({"deadlines": {"admission": "2020-01-01"}})
    assert not ripe({"deadlines": {"admission": "9999-12-31"}})


def test_enter_does_nothing_dangerous(qtbot: Any) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = Dialog(parent, "停止流通", writes=False)
    dialog.beware()
    editor = QLineEdit()
    dialog.body.addWidget(editor)
    dialog.show()
    assert not dialog.accept_button.hasFocus()
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.result() == 0
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_contracts_policy_stands_whole_in_the_picture_of_a_network(qtbot: Any) -> None:
    long = "背书：" + "需要市第一人民医院的节点和（政务数据局的节点或卫生健康委员会的节点）签名。" * 2
    peers = (NodeBox("p0", "peer0", "", "ok"),)
    members = tuple(OrganizationBox(f"{n}MSP", f"组织{n}", f"{n}MSP", "building", peers) for n in range(5))
    contracts = tuple(ContractBox(f"c{n}", "合约", "1", long if n == 2 else "背书", "contract") for n in range(5))
    view = TopologyView()
    qtbot.addWidget(view)
    view.resize(800, 900)
    view.set_topology(Topology("city", "", "", "ok", "Raft", members, (), contracts))
    boxes: list[QRectF] = [spot.box for spot in view.spots if spot.id.startswith("contract/")]
    tall = boxes[2].height()
    assert tall > 60
    assert {box.height() for box in boxes} == {tall}
    rows = {round(box.top()) for box in boxes}
    assert len(rows) == 2, "five stand as three and two"


def test_a_scene_without_anything_to_show_is_left_out(qtbot: Any) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    window: Any = SimpleNamespace(page=page, context=SimpleNamespace(inspecting=None))
    with pytest.raises(NothingToSee):
        ask(0)(window)
