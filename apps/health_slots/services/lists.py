"""What pages list: appointments, queues, books, consents and hospitals under observation, from the index alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.health_slots import permissions
from apps.health_slots.index.search import SESSION_COLUMNS, SESSION_FROM, session_row
from apps.health_slots.model import SessionRow
from apps.health_slots.services.base import Theme
from chaincode.health_slots import calendar


@dataclass(frozen=True)
class VisitRow:
    """An appointment with where and when it is; the resident is a pseudonym, amounts are in fen."""

    id: str
    slot: str
    number: int
    hospital: str
    department: str
    doctor: str
    date: str
    begins_at: int
    ends_at: int
    resident: str
    state: str
    why: str
    created_at: int
    expires: int | None
    due: int
    paid: int
    refund_due: int
    refunded: int
    tx_id: str
    block: int
    campus: str = ""
    """Name of the campus; "" for a hospital with one."""
    booker: str = ""
    """Through whom it was made, `MSP/hospital or portal`: who else asks may not confirm it."""

    @property
    def owed(self) -> int:
        """Fen that the resident still has to pay."""
        return self.due - self.paid


@dataclass(frozen=True)
class QueueRow:
    """A session in which somebody waits or a slot was returned."""

    session: SessionRow
    waiting: int
    returned: int
    first_returned_at: int


@dataclass(frozen=True)
class ChangeRow:
    """A change of a session after its release (停诊, 改诊, 替诊), with reason and signer."""

    session: str
    department: str
    doctor: str
    date: str
    what: str
    reason: str
    signer: str
    at: int


@dataclass(frozen=True)
class PostingRow:
    """One posting of a day's book: lines are (account, fen), debit positive."""

    order: str
    number: int
    why: str
    lines: tuple[tuple[str, int], ...]
    reference: str
    at: int

    @property
    def cleared(self) -> tuple[str, int]:
        """Channel and fen that passed through it, ("", 0) if none."""
        for account, amount in self.lines:
            if account.startswith("clearing:") and self.why != "settlement":
                return account.removeprefix("clearing:"), amount
        return "", 0


@dataclass(frozen=True)
class ConsentRow:
    """A resident's consent that a hospital may see the record."""

    id: str
    resident: str
    hospital: str
    hospital_name: str
    state: str
    until: int
    at: int
    revoked_at: int | None
    tx_id: str
    block: int


@dataclass(frozen=True)
class Observation:
    """A hospital as the authority sees it: sessions by what became of them, slots added or withdrawn afterwards.

    `slots` are all that the hospital ever had, those added after the release included.

    `overdue` sessions were promised, their release has come, and they were not opened.
    """

    id: str
    name: str
    msp_id: str
    committed: int
    released: int
    overdue: int
    stopped: int
    late: int
    slots: int
    booked: int
    added: int
    withdrawn: int


class Lists(Theme):
    """Reads for lists. Whoever needs the newest state calls `service.refresh()` before."""

    def visits(
        self,
        hospital: str = "",
        *,
        appointment: str = "",
        date_from: str = "",
        date_to: str = "",
        state: str = "",
        resident: str = "",
        session: str = "",
        campus: str = "",
        limit: int = 500,
    ) -> tuple[VisitRow, ...]:
        """Appointments in order of their time; of a resident those that this desk may know of. `campus` is a name."""
        self._require(permissions.READ)
        where: list[str] = ["1"]
        values: list[str] = []
        if resident and hospital:
            known = self._tickets.appointments(hospital, resident, "staff")
            if known is not None:
                where.append(f"a.id IN ({', '.join('?' * len(known))})")
                values += [record["id"] for record in known]
                resident = ""
        for clause, value in (
            ("h.code = ?", hospital),
            ("a.id = ?", appointment),
            ("s.date >= ?", date_from),
            ("s.date <= ?", date_to),
            ("a.state = ?", state),
            ("a.resident = ?", resident),
            ("s.code = ?", session.partition(".")[2]),
            ("c.name = ?", campus),
        ):
            if value:
                where.append(clause)
                values.append(value)
        rows = self._index.rows(
            "SELECT a.id, h.code, s.code, a.number, j.name, "
            "COALESCE((SELECT d.name FROM doctor d WHERE d.hospital = s.hospital AND d.code = s.doctor), s.doctor), "
            "s.date, s.shift, h.utc_offset, "
            'COALESCE(t.start, 0), COALESCE(t."end", 0), a.resident, a.state, a.why, a.created_at, a.expires, '
            "a.due, a.paid, a.refund_due, a.refunded, a.tx_id, a.block, COALESCE(c.name, ''), a.booker "
            "FROM appointment a JOIN session s ON s.id = a.session JOIN hospital h ON h.id = a.hospital "
            "JOIN subject j ON j.id = s.subject LEFT JOIN campus c ON c.id = s.campus "
            "LEFT JOIN slot t ON t.session = a.session AND t.number = a.number "
            f"WHERE {' AND '.join(where)} ORDER BY s.date, COALESCE(t.start, 0), a.number, a.created_at LIMIT ?",
            (*values, limit),
        )
        return tuple(_visit(row) for row in rows)

    def campuses(self, hospital: str) -> tuple[str, ...]:
        """Names of a hospital's campuses; none for one with a single place."""
        self._require(permissions.READ)
        rows = self._index.rows(
            "SELECT c.name FROM campus c JOIN hospital h ON h.id = c.hospital WHERE h.code = ? ORDER BY c.name",
            (hospital,),
        )
        return tuple(str(name) for (name,) in rows)

    def visit(self, appointment: str) -> VisitRow | None:
        """One appointment, None if the index has none."""
        found = self.visits(appointment=appointment, limit=1)
        return found[0] if found else None

    def queues(self, hospital: str) -> tuple[QueueRow, ...]:
        """Sessions with somebody in the queue or a returned slot, by day."""
        self._require(permissions.READ)
        rows = self._index.rows(
            f"SELECT {SESSION_COLUMNS}, "
            "(SELECT COUNT(*) FROM waiting w WHERE w.session = s.id) AS waits, "
            "(SELECT COUNT(*) FROM slot t WHERE t.session = s.id AND t.state = 3) AS back, "
            "COALESCE((SELECT MIN(t.at) FROM slot t WHERE t.session = s.id AND t.state = 3), 0) AS since "
            f"{SESSION_FROM} WHERE h.code = ? AND s.state = 1 AND (waits > 0 OR back > 0) "
            "ORDER BY s.date, s.start, s.id",
            (hospital,),
        )
        return tuple(QueueRow(session_row(row), *row[-3:]) for row in rows)

    def changes(self, hospital: str = "", *, limit: int = 200) -> tuple[ChangeRow, ...]:
        """Stopped, moved and substituted sessions, the newest first."""
        self._require(permissions.READ)
        rows = self._index.rows(
            "SELECT h.code || '.' || s.code, j.name, s.doctor, s.date, s.changes "
            "FROM session s JOIN hospital h ON h.id = s.hospital JOIN subject j ON j.id = s.subject "
            "WHERE s.changes <> '[]' AND (? = '' OR h.code = ?)",
            (hospital, hospital),
        )
        found = [
            ChangeRow(row[0], row[1], row[2], row[3], change["what"], change["reason"], change["signer"], change["at"])
            for row in rows
            for change in json.loads(row[4])
        ]
        return tuple(sorted(found, key=lambda c: -c.at)[:limit])

    def postings(self, hospital: str, date: str) -> tuple[PostingRow, ...]:
        """Every posting of a hospital's day in the order of its times."""
        self._require(permissions.READ)
        rows = self._index.rows(
            "SELECT p.appointment, p.number, p.why, p.lines, p.reference, p.at FROM posting p "
            "JOIN hospital h ON h.id = p.hospital WHERE h.code = ? AND p.date = ? ORDER BY p.at, p.appointment, "
            "p.number",
            (hospital, date),
        )
        return tuple(map(_posting, rows))

    def postings_of(self, appointment: str) -> tuple[PostingRow, ...]:
        """Every posting of an appointment in the order of its times."""
        self._require(permissions.READ)
        rows = self._index.rows(
            "SELECT appointment, number, why, lines, reference, at FROM posting WHERE appointment = ? "
            "ORDER BY at, number",
            (appointment,),
        )
        return tuple(map(_posting, rows))

    def owing(self, hospital: str) -> tuple[VisitRow, ...]:
        """Appointments for which the resident still owes, or is owed back."""
        return tuple(v for v in self.visits(hospital, limit=5000) if v.owed > 0 or v.refund_due > 0)

    def consents(self, resident: str) -> tuple[ConsentRow, ...]:
        """A resident's consents, the newest first."""
        self._require(permissions.READ)
        rows = self._index.rows(
            "SELECT c.id, c.resident, c.hospital, COALESCE(h.name, c.hospital), c.state, c.until, c.at, c.revoked_at, "
            "c.tx_id, c.block FROM consent c LEFT JOIN hospital h ON h.code = c.hospital WHERE c.resident = ? "
            "ORDER BY c.at DESC, c.id",
            (resident,),
        )
        return tuple(ConsentRow(*row) for row in rows)

    def observe(self, now: int) -> tuple[Observation, ...]:
        """Every hospital with what it promised, opened, added and withdrew; `now` is in seconds since 1970 UTC."""
        self._require(permissions.READ)
        rows = self._index.rows(
            "SELECT h.code, h.name, h.msp_id, COUNT(s.id), COALESCE(SUM(s.published_at IS NOT NULL), 0), "
            "COALESCE(SUM(s.state = 0 AND s.release_at <= ?), 0), COALESCE(SUM(s.state = 2), 0), "
            "COALESCE(SUM(s.late), 0), COALESCE(SUM(s.slots + s.added), 0), COALESCE(SUM(s.booked), 0), "
            "COALESCE(SUM(s.added), 0), "
            "(SELECT COUNT(*) FROM slot t JOIN session x ON x.id = t.session WHERE x.hospital = h.id AND t.state = 5) "
            "FROM hospital h LEFT JOIN session s ON s.hospital = h.id GROUP BY h.id ORDER BY h.code",
            (now,),
        )
        return tuple(Observation(*row) for row in rows)

    def sessions_by_rules(self, hospital: str) -> Mapping[str, int]:
        """How many sessions of a hospital stand under each version of the rules ("owner/version")."""
        self._require(permissions.READ)
        rows = self._index.rows(
            "SELECT s.policy, COUNT(*) FROM session s JOIN hospital h ON h.id = s.hospital WHERE h.code = ? "
            "GROUP BY s.policy",
            (hospital,),
        )
        return {row[0]: row[1] for row in rows}

    def rules_of(self, session: str) -> str:
        """Under which version of the rules ("owner/version") a session stands."""
        hospital, _, code = session.partition(".")
        rows = self._index.rows(
            "SELECT s.policy FROM session s JOIN hospital h ON h.id = s.hospital WHERE h.code = ? AND s.code = ?",
            (hospital, code),
        )
        return rows[0][0] if rows else ""


def _posting(row: Any) -> PostingRow:
    return PostingRow(row[0], row[1], row[2], tuple((a, n) for a, n in json.loads(row[3])), row[4], row[5])


def _visit(row: Any) -> VisitRow:
    start, end = row[9], row[10]
    midnight = calendar.at(row[6], row[7], row[8])
    return VisitRow(
        id=row[0],
        slot=f"{row[1]}.{row[2]}.{row[3]:03d}",
        number=row[3],
        hospital=row[1],
        department=row[4],
        doctor=row[5],
        date=row[6],
        begins_at=midnight + start * 60,
        ends_at=midnight + end * 60,
        resident=row[11],
        state=row[12],
        why=row[13],
        created_at=row[14],
        expires=row[15],
        due=row[16],
        paid=row[17],
        refund_due=row[18],
        refunded=row[19],
        tx_id=row[20],
        block=row[21],
        campus=row[22],
        booker=row[23],
    )
