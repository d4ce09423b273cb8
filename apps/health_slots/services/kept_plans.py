"""Plans and secrets of sessions that are not open yet, as a hospital's desks share them.

They lie sealed with the hospital's own peers (`chaincode.health_slots.kept`). What a desk of before kept in its own
folder still opens from there, and goes to the peers by `hand_over`.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from apps.health_slots.plans import ImportRun, KeptPlan, PlanStore
from apps.health_slots.services.base import Ports
from baas.errors import CityChainError, LedgerError
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.health_slots.kept import MAX_SESSIONS, late_name

_log = logging.getLogger(__name__)
MAX_RUNS = 20_000
"""Runs of one plan: what is sealed stays below two megabytes."""
REMEMBERED = 64


@dataclass(frozen=True)
class HandedOver:
    """What a desk gave to its hospital's peers; `left` are sessions of which the ledger knows nothing."""

    hospital: str
    sessions: int
    settings: int
    left: int


class SharedPlans:
    """Keeps, finds and forgets plans. Reading them needs a member of the hospital's staff."""

    def __init__(self, ports: Ports, local: PlanStore) -> None:
        self._ledger, self._index, self._vault = ports.ledger, ports.index, ports.vault
        self._local = local
        self._read: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._owners: dict[str, str] = {}

    def keep(self, hospital: str, plans: Sequence[KeptPlan], name: str = "") -> str:
        """Keep plans with the hospital's peers; returns under which name. Durable when it returns."""
        name = name or f"P{secrets.token_hex(12)}"
        content = {plan.session: {"secret": plan.secret, "runs": plan.runs} for plan in plans}
        transient = {"plan": json.dumps(content, separators=(",", ":")).encode()}
        self._ledger.submit("staff", "KeepPlan", hospital, name, transient=transient, only=self._owner(hospital))
        return name

    def waiting(self, hospital: str) -> dict[str, KeptPlan | None]:
        """Committed sessions of a hospital by id, in order of date; None where the plan is another desk's alone."""
        rows = self._index.rows(
            "SELECT s.code, s.date, s.plan FROM session s JOIN hospital h ON h.id = s.hospital "
            "WHERE h.code = ? AND s.state = 0 ORDER BY s.date, s.code",
            (hospital,),
        )
        old: dict[str, KeptPlan] | None = None
        found: dict[str, KeptPlan | None] = {}
        for code, date, name in rows:
            if name:
                kept = self._plan(hospital, name).get(code)
                found[code] = kept and KeptPlan(
                    hospital, code, date, tuple(tuple(run) for run in kept["runs"]), kept["secret"]
                )
                continue
            if old is None:
                old = {plan.session: self._own(plan) for plan in self._local.waiting(hospital)}
            found[code] = old.get(code)
        return found

    def known(self, hospital: str) -> Mapping[str, KeptPlan]:
        """The plans among `waiting` that this person may read; none for who is not the hospital's staff."""
        try:
            return {id: plan for id, plan in self.waiting(hospital).items() if plan is not None}
        except LedgerError as error:
            if error.code != "forbidden":
                raise
            return {}

    def forget(self, hospital: str, name: str) -> None:
        """Erase a plan that nothing needs any more; one that is needed stays, and so does one that is gone."""
        try:
            self._ledger.submit("staff", "ForgetPlan", hospital, name, only=self._owner(hospital))
        except LedgerError as error:
            if error.code not in ("plan_needed", "plan_missing"):
                raise

    def tidy(self, hospital: str) -> None:
        """Erase plans of which every session is open or stopped."""
        rows = self._index.rows(
            "SELECT s.plan FROM session s JOIN hospital h ON h.id = s.hospital WHERE h.code = ? AND s.plan <> '' "
            "GROUP BY s.plan HAVING MIN(s.state) > 0",
            (hospital,),
        )
        for (name,) in rows:
            if self._ledger.evaluate("staff", "HasPlan", hospital, name):
                with suppress(CityChainError):  # open they are all the same; the next release tries again
                    self.forget(hospital, name)
        self._local.mark_opened(hospital, [p.session for p in self._local.waiting(hospital) if self._is_open(p)])

    # What is not finished, and how the hospital writes

    def run_of(self, hospital: str) -> ImportRun | None:
        """The hospital's unfinished import, whichever desk began it."""
        found = self._note(hospital, "import")
        return ImportRun(**found) if found else self._local.run_of(hospital)

    def note_run(self, run: ImportRun) -> None:
        self._keep_note(run.hospital, "import", vars(run))

    def end_run(self, hospital: str) -> None:
        self._ledger.submit("staff", "DropNote", hospital, "import", only=self._owner(hospital))
        self._local.end_run(hospital)

    def habits(self, hospital: str) -> str:
        """How the hospital writes its schedules, as JSON; "{}" if nobody was asked yet or it is not this person's."""
        try:
            found = self._note(hospital, "habits")
        except LedgerError as error:
            if error.code not in ("forbidden", "not_found", "not_initialized"):
                raise
            found = {}
        return json.dumps(found, ensure_ascii=False) if found else self._local.habits(hospital)

    def keep_habits(self, hospital: str, habits: str) -> None:
        self._keep_note(hospital, "habits", json.loads(habits))

    # Desks of before

    def unshared(self) -> tuple[str, ...]:
        """Hospitals of which this desk alone holds something that colleagues need."""
        return self._local.hospitals()

    def hand_over(self, hospital: str, ctx: JobContext = NULL_CONTEXT) -> HandedOver:
        """Give the hospital's peers what this desk kept by itself; it is erased here once they have it."""
        own = {plan.session: self._own(plan) for plan in self._local.waiting(hospital)}
        there = self.waiting(hospital)
        wanted = [plan for id, plan in own.items() if id in there]
        for batch in plan_batches(wanted):
            ctx.check_cancelled()
            name = late_name(plan.session for plan in batch)
            if not self._ledger.evaluate("staff", "HasPlan", hospital, name):  # kept before, and stopped there
                self.keep(hospital, batch, name)
            self._ledger.submit("staff", "LinkPlan", hospital, name, [plan.session for plan in batch])
            self._local.mark_opened(hospital, [plan.session for plan in batch])
        settings = 0
        habits, run = self._local.habits(hospital), self._local.run_of(hospital)
        if habits != "{}" and not self._note(hospital, "habits"):
            self.keep_habits(hospital, habits)
            settings += 1
        if run is not None:
            self.note_run(run)
            settings += 1
        self._local.clear_settings(hospital)
        left = sum(1 for id in own if id not in there and not self._is_open(own[id]))
        return HandedOver(hospital, len(wanted), settings, left)

    def _own(self, plan: KeptPlan) -> KeptPlan:
        """A plan of before, whose secret this desk derives from its own."""
        secret = self._vault.session_secret(f"{plan.hospital}.{plan.session}").hex()
        return KeptPlan(plan.hospital, plan.session, plan.date, plan.runs, secret)

    def _is_open(self, plan: KeptPlan) -> bool:
        rows = self._index.rows(
            "SELECT 1 FROM session s JOIN hospital h ON h.id = s.hospital WHERE h.code = ? AND s.code = ? "
            "AND s.state > 0",
            (plan.hospital, plan.session),
        )
        return any(True for _ in rows)

    def _plan(self, hospital: str, name: str) -> Mapping[str, Any]:
        if (hospital, name) not in self._read:
            found = self._ledger.evaluate("staff", "ReadPlan", hospital, name, only=self._owner(hospital))
            while len(self._read) >= REMEMBERED:
                self._read.pop(next(iter(self._read)))
            self._read[hospital, name] = found
        return self._read[hospital, name]

    def _note(self, hospital: str, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = self._ledger.evaluate("staff", "ReadNote", hospital, kind, only=self._owner(hospital))
        return found

    def _keep_note(self, hospital: str, kind: str, note: Mapping[str, Any]) -> None:
        transient = {"note": json.dumps(note, ensure_ascii=False).encode()}
        self._ledger.submit("staff", "KeepNote", hospital, kind, transient=transient, only=self._owner(hospital))

    def _owner(self, hospital: str) -> str:
        if hospital not in self._owners:
            self._owners[hospital] = self._ledger.evaluate("platform", "GetHospital", hospital)["msp_id"]
        return self._owners[hospital]


def plan_batches(plans: Iterable[KeptPlan]) -> Iterator[list[KeptPlan]]:
    """Cut plans into what one transaction keeps."""
    batch: list[KeptPlan] = []
    runs = 0
    for plan in plans:
        if batch and (len(batch) >= MAX_SESSIONS or runs + len(plan.runs) > MAX_RUNS):
            yield batch
            batch, runs = [], 0
        batch.append(plan)
        runs += len(plan.runs)
    if batch:
        yield batch
