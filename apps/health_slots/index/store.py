"""The index file: opened, brought up to the ledger, rebuilt, exported.

The file is the kit's. `export` writes a copy whose bytes depend on the blocks alone, so that two offices can compare
what they see.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from apps.health_slots.index import search as searching
from apps.health_slots.index.apply import Applier
from apps.health_slots.index.schema import SESSION_STATES, STATISTICS, TABLES, VERSION
from apps.health_slots.ledger import LedgerBlock, SlotLedger
from apps.health_slots.model import Appointment, HospitalRow, SessionRow, SlotPage, SlotQuery, SlotRow
from apps.kit.block_index import IndexFile
from baas.errors import NotFound, Text, Unavailable, translating
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk.files import replace_file


class SlotIndex(IndexFile[LedgerBlock]):
    """Searchable view of the slots ledger in one SQLite file."""

    tables, version, cache_kib = TABLES + STATISTICS, VERSION, 16_384
    _applier: Applier | None = None
    _next = 0

    # Following the ledger

    def newest(self) -> int:
        """The chain's clock as far as the index knows it: no row is of later (seconds since 1970, 0 for none)."""
        return int(self.meta("clock", "0"))

    def sync(self, ledger: SlotLedger, *, ctx: JobContext = NULL_CONTEXT) -> int:
        """Read every block that is missing; returns how many."""
        with self._writer:
            target = ledger.height()
            start = self.height
            if start > target:
                self.rebuild(ledger, ctx=ctx)
                return target
            return self.follow(ledger.blocks(start, target), total=target - start, ctx=ctx) if start < target else 0

    def rebuild(self, ledger: SlotLedger, *, ctx: JobContext = NULL_CONTEXT) -> int:
        """Throw everything away and read the ledger from its first block."""
        with self._writer:
            self.clear()
            target = ledger.height()
            return self.follow(ledger.blocks(0, target), total=target, ctx=ctx) if target else 0

    def take(self, db: sqlite3.Connection, block: LedgerBlock) -> None:
        if self._applier is None:
            self._applier = Applier(db)
        self._applier.apply(block)
        self._next = block.number + 1

    def begun(self, db: sqlite3.Connection, number: int) -> None:
        """If another writer moved the file, what is kept in memory is stale."""
        if number != self._next:
            self._applier = None

    def failed(self) -> None:
        self._applier, self._next = None, 0

    def torn(self, block: LedgerBlock) -> Exception:
        return Unavailable(
            Text("区块 {n} 接不上索引。", "Block {n} does not follow the index.", n=block.number),
            Text("请重建：citychain slots index --rebuild", "Rebuild it: citychain slots index --rebuild"),
            code="index_gap",
        )

    # Reading

    def search(self, query: SlotQuery) -> SlotPage:
        """Return a page of slots, see `SlotQuery`."""
        with translating():
            return searching.search(self.db, query)

    def session(self, name: str) -> SessionRow:
        """One session (`hospital.session`); NotFound otherwise."""
        return searching.session_row(self._session(name))

    def slots(self, session: str) -> tuple[SlotRow, ...]:
        """Every slot of a session in order."""
        return tuple(searching.slots_of(self.db, self._session(session)))

    def slot(self, name: str) -> SlotRow:
        """One slot by its name."""
        session, _, number = name.rpartition(".")
        found = None
        if session and number.isascii() and number.isdigit() and int(number[:6]) > 0:
            found = searching.slot_of(self.db, self._session(session), int(number))
        if found is None or found.id != name:
            raise _unknown(name)
        return found

    def sessions(
        self, *, hospital: str = "", date_from: str = "", date_to: str = "", state: str = "", limit: int = 500
    ) -> tuple[SessionRow, ...]:
        """Sessions in order of day and hour, committed and stopped ones included."""
        where, values = ["1"], []
        for clause, value in (
            ("h.code = ?", hospital),
            ("s.date >= ?", date_from),
            ("s.date <= ?", date_to),
            ("s.state = ?", SESSION_STATES.index(state) if state else ""),
        ):
            if value != "":
                where.append(clause)
                values.append(value)
        sql = (
            f"SELECT {searching.SESSION_COLUMNS} {searching.SESSION_FROM} WHERE {' AND '.join(where)} "
            "ORDER BY s.date, s.start, s.id LIMIT ?"
        )
        return tuple(searching.session_row(r) for r in self.db.execute(sql, (*values, limit)))

    def hospitals(self) -> tuple[HospitalRow, ...]:
        """Every hospital with what is open now."""
        rows = self.db.execute(
            "SELECT h.code, h.name, h.msp_id, COUNT(s.id), COALESCE(SUM(s.slots + s.added), 0), "
            "COALESCE(SUM(CASE WHEN s.state = 1 THEN s.free ELSE 0 END), 0) "
            "FROM hospital h LEFT JOIN session s ON s.hospital = h.id GROUP BY h.id ORDER BY h.code"
        )
        return tuple(HospitalRow(*row) for row in rows)

    def appointment(self, id: str) -> Appointment:
        """One appointment; NotFound otherwise."""
        found = self.appointments(id=id, limit=1)
        if not found:
            raise _unknown(id)
        return found[0]

    def appointments(
        self, *, id: str = "", resident: str = "", slot: str = "", hospital: str = "", state: str = "", limit: int = 200
    ) -> tuple[Appointment, ...]:
        """Appointments, the newest first."""
        where, values = ["1"], []
        if slot:
            name, _, number = slot.rpartition(".")
            where.append("a.session = ? AND a.number = ?")
            values += [self._session(name)[0], int(number)]
        for clause, value in (
            ("a.id = ?", id),
            ("a.resident = ?", resident),
            ("h.code = ?", hospital),
            ("a.state = ?", state),
        ):
            if value:
                where.append(clause)
                values.append(value)
        sql = (
            f"SELECT {searching.APPOINTMENT_COLUMNS} {searching.APPOINTMENT_FROM} "
            f"WHERE {' AND '.join(where)} ORDER BY a.created_at DESC, a.id LIMIT ?"
        )
        return tuple(searching.appointment_row(row) for row in self.db.execute(sql, (*values, limit)))

    def sessions_since(self, low: int, high: int | None = None) -> Iterator[SessionRow]:
        """Sessions of which anything, a slot of theirs included, was written from `low` on (and before `high`)."""
        until = 1 << 62 if high is None else high
        sql = (
            f"SELECT {searching.SESSION_COLUMNS} {searching.SESSION_FROM} WHERE s.id IN "
            "(SELECT id FROM session WHERE updated >= ? AND updated < ? "
            "UNION SELECT session FROM slot WHERE updated >= ? AND updated < ?) ORDER BY s.date, s.start, s.id"
        )
        for row in self.db.execute(sql, (low, until, low, until)):
            yield searching.session_row(row)

    def returned(self, hospital: str = "") -> tuple[str, ...]:
        """Slots that were returned and wait for the waitlist, a draw or their reopening."""
        sql = (
            "SELECT h.code || '.' || s.code || '.' || printf('%03d', t.number) FROM slot t "
            "JOIN session s ON s.id = t.session JOIN hospital h ON h.id = s.hospital "
            "WHERE t.state = 3 AND s.state = 1 AND (? = '' OR h.code = ?) ORDER BY t.at, 1"
        )
        return tuple(r[0] for r in self.db.execute(sql, (hospital, hospital)))

    def counts(self) -> dict[str, int]:
        """Totals over the whole index: hospitals, sessions, slots, free, held, booked, appointments."""
        row = self.db.execute(
            "SELECT COUNT(*), COALESCE(SUM(slots + added), 0), "
            "COALESCE(SUM(CASE WHEN state = 1 THEN free END), 0), "
            "COALESCE(SUM(held), 0), COALESCE(SUM(booked), 0), "
            "COALESCE(SUM(CASE WHEN state = 1 THEN slots END), 0) FROM session"
        ).fetchone()
        others = [self.db.execute(f"SELECT COUNT(*) FROM {t}").fetchone()[0] for t in ("hospital", "appointment")]
        names = ("sessions", "slots", "free", "held", "booked", "published")
        return dict(zip(names, row, strict=True)) | {"hospitals": others[0], "appointments": others[1]}

    def draws(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """Every draw as (id, record)."""
        rows = self.db.execute("SELECT id, record FROM draw ORDER BY id")
        return tuple((r[0], json.loads(r[1])) for r in rows)

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """Run a reading statement of this package (signals, books)."""
        return self.db.execute(sql, values).fetchall()

    # The file

    def export(self, target: Path) -> Path:
        """Write a compact copy whose bytes depend on the ledger's blocks alone."""
        with translating():
            part = target.with_suffix(".part")
            part.unlink(missing_ok=True)
            with self._writer:
                self.writing().execute("VACUUM INTO ?", (str(part),))
            with contextlib.closing(sqlite3.connect(part)) as copy:
                copy.execute("PRAGMA schema_version = 1")  # which counts how often the index was made anew
            replace_file(part, target)
        return target

    @property
    def size(self) -> int:
        """Bytes of the database."""
        db = self.db
        pages, size = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return int(pages * size)

    def _session(self, name: str) -> Any:
        hospital, _, code = name.partition(".")
        row = self.db.execute(
            f"SELECT {searching.SESSION_COLUMNS} {searching.SESSION_FROM} WHERE h.code = ? AND s.code = ?",
            (hospital, code),
        ).fetchone()
        if row is None:
            raise _unknown(name)
        return row


def follow(
    index: SlotIndex, ledger: SlotLedger, stopped: Callable[[], bool], pause: Callable[[], None]
) -> Iterator[int]:
    """Keep the index up to the ledger until `stopped`; yields how many blocks each round brought."""
    while not stopped():
        yield index.sync(ledger)
        pause()


def _unknown(name: str) -> NotFound:
    return NotFound(
        Text("账本上没有 {name}。", "The ledger has no {name}.", name=name[:80]),
        Text("请先用 citychain slots search 查找。", "Look for it with `citychain slots search`."),
    )
