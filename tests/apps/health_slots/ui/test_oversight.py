"""The authority and the auditor: what was hidden, withdrawn or added is found, with block and signer; services."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from apps.health_slots.ui.serving import TokenDialog
from fabric_sdk import clock

AUDITOR = ("DataBureauMSP/slots-watcher", "auditor")


def test_the_auditor_finds_hidden_withdrawn_and_added_slots(
    window: Any, hospital: Callable[..., Any], tmp_path: Path, monkeypatch: Any
) -> None:
    here = hospital()
    session = here.publish()
    withdrawn = here.service.schedules.withdraw(session, [5], "equipment")
    added = here.service.schedules.add(session, 100, 10, "window", "revisit")
    public = here.schedule(doctor="D7", start="06:00")
    hidden = here.service.schedules.import_file(here.id, public)  # promised, due, and never opened
    while here.service.index.session(hidden.sessions[0]).release_at >= int(clock.seconds()):
        time.sleep(0.1)
    hospital().publish()  # a later block, so that the release is past by the ledger's time

    window.act_as(*AUDITOR)
    view = window.at(here.id, "audit")
    assert {tab for tab, _ in window.page.tabs} == {"board", "draws", "bills", "policies", "audit"}
    window.head("audit")
    found = {f.kind: f for f in view.model.rows}
    assert (found["hidden"].where, found["hidden"].block) == (hidden.sessions[0], hidden.block)
    assert (found["withdrawn"].where, found["withdrawn"].block) == (f"{session}.005", withdrawn.block)
    assert (found["added"].block, found["added"].reason) == (added.block, "revisit")
    assert {f.signer for f in found.values()} == {"HospitalMSP/slots-staff"}
    assert "有与承诺不一致的地方" in window.said(view)
    at = [f.kind for f in view.model.rows].index("hidden")
    view.table.choose(at)
    window.settle()
    said = window.said()
    assert "slots-staff（市第一人民医院）" in said
    assert f"{hidden.block:,}" in said

    report = tmp_path / "report.json"
    monkeypatch.setattr("apps.health_slots.ui.audit.save_file", lambda *_: str(report))
    window.head("export")
    written = json.loads(report.read_text("utf-8"))
    assert written["clean"] is False
    assert {f["kind"] for f in written["findings"]} >= {"hidden", "withdrawn", "added"}

    view.proof.field.set_value(f"{session}.002")
    window.bot.keyClick(view.proof.field.editor, Qt.Key.Key_Return)
    window.settle()
    assert "与承诺相符" in window.said(view.proof)
    proof = tmp_path / "proof.json"
    monkeypatch.setattr("apps.health_slots.ui.proof_card.save_file", lambda *_: str(proof))
    window.do("导出证明", None, view.proof)
    assert json.loads(proof.read_text("utf-8"))["slot"] == f"{session}.002"

    view.take(here.schedule(doctor="D9", start="10:00"))
    window.head("audit")
    assert any(f.where.startswith(f"{here.id}.CARD-D9") for f in view.model.rows)


def test_slots_are_counted_before_they_are_opened(window: Any, hospital: Callable[..., Any]) -> None:
    """Promised slots are slots: the panel and the line over the week count them as the header does."""
    here = hospital()
    session = here.service.schedules.import_file(here.id, here.schedule(slots=8)).sessions[0]
    view = window.at(here.id, f"board/{session}")
    assert "8 个，已约 0，空闲 0，加号 0" in window.said()
    assert view.facts.text() == "8 个号 · 已约 0 · 空闲 0"
    assert "1 个出诊单元，8 个号，空闲 0" in window.page.facts


def test_the_authority_sees_hospitals_and_signs_of_resale(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital()
    session = here.publish()
    for number in range(1, 5):
        booked = here.service.bookings.book(f"{session}.{number:03d}", here.resident(), part="staff")
        here.service.bills.pay(booked.id, "alipay", f"AL-{booked.id[:20]}", booked.due, account=f"tout-{here.id}")
    here.service.schedules.stop(here.publish(doctor="D3", start="04:00"), "doctor-ill")
    here.service.schedules.add(session, 100, 10, "window", "revisit")
    view = window.at(here.id, "authority/observe")
    rows = {row.id: row for row in view.model.rows}
    seen = rows[here.id]
    assert (seen.committed, seen.released, seen.stopped, seen.booked, seen.overdue) == (2, 2, 1, 4, 0)
    header = next(one for one in here.service.index.hospitals() if one.id == here.id)
    assert (seen.slots, seen.added) == (header.slots, 1)
    view.table.choose(list(rows).index(here.id))
    window.settle()
    assert "已停诊 · 心血管内科" in window.said()
    assert f"{header.slots} 个，已约 4" in window.said()
    signals = [s for s in view.signals.rows if s.count == 4 and s.kind == "one-payer"]
    assert signals
    view.signal_table.choose(view.signals.rows.index(signals[0]))
    window.settle()
    assert "迹象不是结论" in window.said()
    assert len(signals[0].appointments) >= 4


def test_board_and_fhir_are_served_here_and_a_token_is_shown_once(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital()
    here.publish()
    view = window.at(here.id, "authority/serving")
    serving = view.serving
    serving.start("board")
    serving.start("fhir")
    window.until(lambda: len(serving.servers) == 2)
    window.settle()
    board, fhir = (serving.servers[which].address for which in ("board", "fhir"))
    assert board.startswith("http://127.0.0.1:")
    assert board in window.said(serving)
    with urllib.request.urlopen(f"{board}h/{here.id}", timeout=10) as page:
        assert f"样例医院{here.number}" in page.read().decode()

    name, tokens = f"p{here.number}", []

    def add(dialog: Any) -> None:
        from console.widgets.forms import Form

        field = dialog.findChild(Form).fields["name"]
        field.set_value("Too Long A Name For It")
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        window.until(lambda: field.error)
        assert dialog.isVisible() and not dialog.banner.isVisible()
        field.set_value(name)
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        window.until(lambda: not dialog.isVisible())
        window.answer(see)

    def see(dialog: Any) -> None:
        assert isinstance(dialog, TokenDialog)
        tokens.append(dialog.token.text())
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    window.head("portal", add)
    window.until(lambda: tokens)
    window.settle()
    assert tokens[0].startswith("ccp_")
    assert tokens[0] not in window.said(view)

    def ask(token: str) -> int:
        request = urllib.request.Request(f"{fhir}/Slot?_count=1", headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    assert ask(tokens[0]) == 200
    assert ask("ccp_forged") == 401
    at = [p.name for p in view.portals.model.rows].index(name)
    view.portals.table.choose(at)

    def revoke(dialog: Any) -> None:
        assert not dialog.accept_button.isEnabled()
        window.bot.keyClicks(dialog.editor, name)
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    window.do("吊销", revoke, view.portals)
    window.until(lambda: ask(tokens[0]) == 401)  # the service believes what it read for a second
    serving.stop("board")
    serving.stop("fhir")
    window.settle()
    assert not serving.servers
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(board, timeout=5)
