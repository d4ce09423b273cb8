"""Workspaces of before: what they kept by themselves opens as ever, and goes to the hospital's peers once asked."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from apps.health_slots import plans
from apps.health_slots.index import SlotIndex
from apps.health_slots.plans import PlanStore
from apps.health_slots.schedule import preview_file
from apps.health_slots.service import HealthSlotsService
from apps.health_slots.services.base import Ports
from apps.health_slots.services.batches import units_of
from apps.health_slots.services.schedules import _plan
from apps.health_slots.vault import SlotVault
from baas.errors import Conflict, LedgerError, PermissionDenied, Text
from tests.apps.health_slots.conftest import CAST, MemoryKeys, Town


def as_before(town: Town) -> list[str]:
    """Commit as a desk did before: the secret derived from its own key, the plan in its own file."""
    drafts = preview_file(town.schedule([town.row()]), today=town.ledger.tester.now.date()).sessions
    secret = {d.id: town.ports.vault.session_secret(f"H1.{d.id}").hex() for d in drafts}
    promised = [_plan("H1", d, secret[d.id]) for d in drafts]
    town.ledger.submit("staff", "CommitSessions", "H1", promised, units_of(drafts))
    with sqlite3.connect(town.folder / "plans.db") as db:
        db.executescript(f"{plans._TABLE};{plans._RUNS};{plans._HABITS}")
        db.executemany(
            "INSERT INTO plan VALUES ('H1', ?, ?, ?, 0)", [(d.id, d.date, json.dumps(d.runs)) for d in drafts]
        )
        db.execute("INSERT INTO habit VALUES ('H1', '{\"dates\": \"dmy\"}')")
    db.close()
    return [f"H1.{d.id}" for d in drafts]


def colleague(town: Town, folder: Path) -> HealthSlotsService:
    """Another desk of the hospital: keys, index and files of its own."""
    ports = Ports(town.ledger, SlotIndex(folder / "theirs.db"), SlotVault(MemoryKeys(), "city"))
    ports.clock = lambda: town.ledger.now
    return HealthSlotsService(ports, PlanStore(folder / "their-plans.db"), CAST)


def test_what_was_kept_before_opens_at_its_own_desk(town: Town) -> None:
    sessions = as_before(town)
    town.ledger.pass_time(seconds=61)
    assert list(town.service.schedules.release("H1").sessions) == sessions
    assert PlanStore(town.folder / "plans.db").waiting("H1") == ()


def test_what_was_handed_over_opens_at_another_desk(town: Town, tmp_path: Path) -> None:
    """Before, the colleague read "slots 0, not_due 0", and that it had succeeded."""
    sessions = as_before(town)
    town.ledger.pass_time(seconds=61)
    other = colleague(town, tmp_path)
    with pytest.raises(Conflict) as told:
        other.schedules.release("H1")
    assert told.value.code == "plans_elsewhere"
    assert town.service.schedules.unshared() == ("H1",)
    (handed,) = town.service.schedules.hand_over()
    assert (handed.sessions, handed.settings, handed.left) == (len(sessions), 1, 0)
    assert town.service.schedules.unshared() == () and town.service.schedules.hand_over() == ()
    # Nothing of it is left in the file, deleted rows included.
    assert b"CARD-D1" not in (town.folder / "plans.db").read_bytes()
    assert other.schedules.habits("H1").dates == "dmy"
    assert list(other.schedules.release("H1").sessions) == sessions
    other.close()


def test_a_hand_over_that_stopped_half_way_goes_on(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the peers keep already is linked, not kept once more under another name."""
    sessions = as_before(town)
    submit, calls = town.ledger.submit, []

    def stop(part: Any, function: str, *args: Any, **more: Any) -> Any:
        calls.append(function)
        if calls == ["KeepPlan", "LinkPlan"]:
            raise LedgerError(message="stopped", code="unavailable")
        return submit(part, function, *args, **more)

    monkeypatch.setattr(town.ledger, "submit", stop)
    with pytest.raises(LedgerError):
        town.service.schedules.hand_over()
    (handed,) = town.service.schedules.hand_over()
    assert handed.sessions == len(sessions)
    assert calls[:3] == ["KeepPlan", "LinkPlan", "LinkPlan"] and calls.count("KeepPlan") == 1


def test_a_desk_whose_key_is_another_hands_nothing_over(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that would not open the promise is refused by the ledger, and stays where it is."""
    as_before(town)
    honest = town.ports.vault.session_secret
    monkeypatch.setattr(SlotVault, "session_secret", lambda self, name: bytes(32))
    with pytest.raises(LedgerError) as refused:
        town.service.schedules.hand_over()
    assert refused.value.code == "commitment_mismatch"
    monkeypatch.undo()
    assert honest and town.service.schedules.unshared() == ("H1",)


def test_a_commitment_that_was_refused_leaves_no_plan_behind(town: Town) -> None:
    def refuse(part: Any, function: str, *args: Any, **more: Any) -> Any:
        if function == "CommitSessions":
            kept.append(args[3])
        return submit(part, function, *args, **more)

    kept: list[str] = []
    submit = town.ledger.submit
    town.ledger.submit = refuse  # type: ignore[method-assign]
    drafts = preview_file(town.schedule([town.row()]), today=town.ledger.tester.now.date()).sessions
    town.ledger.pass_time(days=60)
    with pytest.raises(LedgerError):
        town.service.schedules._commit_batch("H1", list(drafts))
    assert kept and not town.ledger.evaluate("staff", "HasPlan", "H1", kept[0])


def test_looking_for_what_waits_is_no_act(town: Town) -> None:
    """A window's badge asks every time something happens; each time the audit log had said that somebody published."""
    asked: list[str] = []

    class Watched:
        def require(self, permission: str, msp_id: str = "") -> None:
            asked.append(permission)
            if not self.allows(permission):
                raise PermissionDenied(Text("不可以。", "No."))

        def allows(self, permission: str, msp_id: str = "") -> bool:
            return may

    may = True
    town.ports.guard = Watched()
    assert town.service.schedules.unshared() == () and town.service.schedules.unfinished("H1") is None
    assert asked == []
    may = False
    for look in (town.service.schedules.unshared, lambda: town.service.schedules.unfinished("H1")):
        with pytest.raises(PermissionDenied):
            look()
    assert asked == ["slots.publish"] * 2
