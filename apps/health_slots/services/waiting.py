"""Waitlists, and returned slots on their way to somebody else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.health_slots import permissions
from apps.health_slots.cast import Part
from apps.health_slots.model import Receipt
from apps.health_slots.services.base import Ports, Theme
from apps.health_slots.services.tickets import NEEDED, look_first
from baas.errors import LedgerError, Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.health_slots import calendar
from chaincode.health_slots.deadlines import cancel_limit
from chaincode.health_slots.policy import Policy
from chaincode.health_slots.waiting import reopening

BOOK, DRAW = permissions.BOOK, permissions.DRAW
CLOSE_AT_ONCE = 100
"""Sessions whose rules are asked for in one round; whoever follows the ledger has other things to do."""
CLOSE_DAYS = 40
"""How many days ahead sessions may have a time to cancel that is over already."""


@dataclass(frozen=True)
class HandedOn:
    """What became of returned slots: offered to waiters, reopened, or still waiting for their moment."""

    offered: tuple[tuple[str, str], ...]
    """(slot, appointment) pairs."""
    reopened: tuple[str, ...]
    waiting: tuple[tuple[str, int], ...]
    """(slot, when it reopens) pairs."""


class Waiting(Theme):
    """Queueing, handing returned slots on, and closing deadlines."""

    def __init__(self, ports: Ports) -> None:
        super().__init__(ports)
        self._limits: dict[str, int] = {}
        """When the time to cancel of a session ends, or for a closed one when it is asked for again."""

    def join(self, session: str, resident: str, *, part: Part = "portal") -> Receipt:
        """Queue for any returned slot of a session."""
        self._require(BOOK)
        hospital, date = session.partition(".")[0], self._date(session)
        visit = self._tickets.visit(hospital, date, resident, part)
        try:
            try:
                return self._ledger.submit(part, "JoinWaitlist", session, visit.id, *visit.tickets)
            except LedgerError as error:
                if error.code != NEEDED or part != "staff" or not self._tickets.recall(hospital, resident):
                    raise
            visit = self._tickets.visit(hospital, date, resident, part)
            return self._ledger.submit(part, "JoinWaitlist", session, visit.id, *visit.tickets)
        except LedgerError as error:
            if error.code == NEEDED:
                raise look_first() from error
            raise

    def leave(self, session: str, resident: str, *, part: Part = "portal") -> Receipt:
        """Give up the place in the queue."""
        self._require(BOOK)
        visit = self._tickets.visit(session.partition(".")[0], self._date(session), resident, part)
        return self._ledger.submit(part, "LeaveWaitlist", session, visit.id)

    def queue(self, session: str) -> Sequence[dict[str, Any]]:
        """Who waits for a session, in order."""
        found: Sequence[dict[str, Any]] = self._ledger.evaluate("platform", "ListWaiting", session)
        return found

    def commit_beacon(self, date: str) -> Receipt | None:
        """Commit to the secret that times the reopenings of a day; None if that is done already."""
        self._require(DRAW)
        digest = hashlib.sha256(self._vault.beacon(date)).hexdigest()
        try:
            return self._ledger.submit("platform", "CommitBeacon", date, digest)
        except LedgerError as error:
            if error.code == "beacon_exists":
                return None
            raise

    def has_beacon(self, date: str) -> bool:
        """Say whether a day's secret was committed to."""
        return self._beacon(date) is not None

    def reveal_beacon(self, date: str) -> Receipt:
        """Reveal a past day's secret, so that everybody can check its reopenings."""
        self._require(DRAW)
        known = self._beacon(date) or {}
        for secret in self._vault.beacons(date):
            if hashlib.sha256(secret).hexdigest() == known.get("digest"):
                return self._ledger.submit("platform", "RevealBeacon", date, secret.hex())
        raise UserError(
            Text("本工作区没有当天的随机种子。", "This workspace does not hold that day's beacon."),
            Text("请由承诺它的一方公开。", "Let the desk reveal it that committed."),
        )

    def hand_on(self, hospital: str = "", *, ctx: JobContext = NULL_CONTEXT) -> HandedOn:
        """Let go of holds that ran out, offer returned slots to who waits, reopen those whose moment has come.

        Also commits to today's beacon if nobody did, so that slots returned from now on reopen at a moment that
        nobody can time. To be run every few minutes; what only the platform may do is left to its officer.
        """
        self._require(DRAW)
        self._commit_todays_beacon()
        self._sync()
        self.close_due(hospital)
        self._let_go(hospital, ctx)
        offered: list[tuple[str, str]] = []
        reopened: list[str] = []
        waiting: list[tuple[str, int]] = []
        slots = self._index.returned(hospital)
        for number, slot in enumerate(slots):
            ctx.check_cancelled()
            ctx.progress(number, len(slots), Text("处理退号 {slot}", "Returned slot {slot}", slot=slot))
            try:
                receipt = self._ledger.submit("platform", "OfferReturned", slot)
            except LedgerError as error:
                if error.code != "nobody_waits":
                    continue
            else:
                offered.append((slot, receipt.result["id"]))
                continue
            moment = self._reopens(slot)
            if moment is None:
                continue
            if moment > self._now() or not self._ports.plays("platform"):
                waiting.append((slot, moment))
                continue
            self._ledger.submit("platform", "ReopenReturned", slot)
            reopened.append(slot)
        self._sync()
        return HandedOn(tuple(offered), tuple(reopened), tuple(waiting))

    def close_due(self, hospital: str = "") -> int:
        """Close the time to cancel of booked sessions where it is over; anybody may. Returns how many were closed.

        What was endorsed before and is kept back then commits no more. Board and FHIR services do it every minute.
        """
        now, done = self._now(), 0
        first = calendar.add_days(calendar.local_date(now, 0), -2)
        rows = self._index.rows(
            "SELECT h.code || '.' || s.code FROM session s JOIN hospital h ON h.id = s.hospital "
            "WHERE s.state = 1 AND s.booked > 0 AND s.date BETWEEN ? AND ? AND (? = '' OR h.code = ?) "
            "ORDER BY s.date, s.id",
            (first, calendar.add_days(first, CLOSE_DAYS), hospital, hospital),
        )
        unknown = 0
        for (session,) in rows:
            limit = self._limits.get(session)
            if limit is None:
                unknown += 1
                if unknown > CLOSE_AT_ONCE:
                    break  # a city's sessions are learned over some rounds, the nearest first
                record = self._ledger.evaluate("platform", "GetSession", session)
                rules = self._ledger.evaluate("platform", "GetPolicy", *record["policy"])["rules"]
                limit = self._limits[session] = cancel_limit(Policy.trusted(rules), record)
            if limit >= now:
                continue
            try:
                self._ledger.submit("platform", "Close", session)
                done += 1
            except LedgerError as error:
                if error.code == "too_early":  # the session was changed meanwhile
                    self._limits.pop(session, None)
                    continue
                if error.code != "closed_already":
                    raise
            self._limits[session] = now + CLOSE_DAYS * calendar.DAY
        return done

    def _commit_todays_beacon(self) -> None:
        try:
            self.commit_beacon(calendar.local_date(self._now(), 480))
        except LedgerError as error:
            if error.code != "forbidden":
                raise

    def _let_go(self, hospital: str, ctx: JobContext) -> None:
        """Release holds and offers that ran out by the ledger's rules."""
        rows = self._index.rows(
            "SELECT h.code || '.' || s.code || '.' || printf('%03d', t.number) FROM slot t "
            "JOIN session s ON s.id = t.session JOIN hospital h ON h.id = s.hospital "
            "WHERE t.state = 1 AND t.expires < ? AND s.state = 1 AND (? = '' OR h.code = ?) ORDER BY t.expires, 1",
            (self._now(), hospital, hospital),
        )
        for (slot,) in rows:
            ctx.check_cancelled()
            try:
                self._ledger.submit("platform", "ReleaseLapsed", slot)
            except LedgerError as error:
                if error.code != "not_lapsed":
                    raise
        if rows:
            self._sync()

    def _reopens(self, slot: str) -> int | None:
        """The moment at which a slot reopens, None where the rules want a draw."""
        session = self._ledger.evaluate("platform", "GetSession", slot.rpartition(".")[0])
        owner, version = session["policy"]
        rules = self._ledger.evaluate("platform", "GetPolicy", owner, version)["rules"]
        if rules["returned"] == "draw":
            return None
        returned_at = self._ledger.evaluate("platform", "GetSlot", slot)["record"]["returned_at"]
        day = self._local_day(slot)
        beacon = self._beacon(day)
        if beacon is None or beacon["at"] > returned_at:
            return int(returned_at + rules["reopen_max_s"])
        secret = self._vault.beacon(day)
        return reopening(secret, slot, returned_at, rules["reopen_min_s"], rules["reopen_max_s"])

    def _beacon(self, date: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._ledger.evaluate("platform", "GetBeacon", date)
        except LedgerError as error:
            if error.code == "not_found":
                return None
            raise
        return found

    def _local_day(self, slot: str) -> str:
        hospital = self._ledger.evaluate("platform", "GetHospital", slot.partition(".")[0])
        returned_at = self._ledger.evaluate("platform", "GetSlot", slot)["record"]["returned_at"]
        return calendar.local_date(returned_at, hospital["utc_offset_minutes"])
