"""From a block's writes to rows. The same blocks in the same order give the same rows, whenever they are read."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from apps.health_slots.index.schema import KINDS, PARTS, POOLS, SESSION_STATES, STATES
from apps.health_slots.ledger import LedgerBlock
from chaincode.health_slots.context import BY_FHIR

_log = logging.getLogger(__name__)
Attributes = tuple[str, ...]
_FREE = [f"free_{pool}" for pool in POOLS]
_STATE = {name: number for number, name in enumerate(STATES)}
_POOL = {name: number for number, name in enumerate(POOLS)}


class Applier:
    """Applies blocks to an open connection; keeps small tables of ids in memory."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._hospitals: dict[str, int] = dict(db.execute("SELECT code, id FROM hospital"))
        self._subjects: dict[str, int] = dict(db.execute("SELECT name, id FROM subject"))
        self._block = 0
        self._tx_id = ""
        row = db.execute("SELECT value FROM meta WHERE name = 'clock'").fetchone()
        self._clock = int(row[0]) if row else 0
        self._handlers: Mapping[str, Callable[[Attributes, Any], None]] = {
            "hospital": self._hospital,
            "unit": self._unit,
            "campus": self._campus,
            "doctor": self._doctor,
            "session": self._session,
            "slot": self._slot,
            "appointment": self._appointment,
            "waiting": self._waiting,
            "referral": self._referral,
            "consent": self._consent,
            "draw": self._draw,
            "posting": self._posting,
        }

    def apply(self, block: LedgerBlock) -> None:
        """Apply one block's valid transactions."""
        self._block = block.number
        latest = max((t.time for t in block.transactions if t.valid), default=0)
        if latest > self._clock:
            self._clock = latest
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('clock', ?)", (str(latest),))
        for transaction in block.transactions:
            if not transaction.valid:
                continue
            self._tx_id = transaction.tx_id
            # Sessions first: a slot's row leans on its session's.
            writes = sorted(
                transaction.writes, key=lambda w: (w[0] not in ("hospital", "unit", "campus"), w[0] != "session")
            )
            for kind, attributes, record in writes:
                handler = self._handlers.get(kind)
                if handler is None:
                    continue
                try:
                    handler(attributes, record)
                except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
                    # No write of this contract looks so; the index goes on, the audit tells who signed it.
                    _log.warning("block %d, %s: unreadable %s (%s)", block.number, self._tx_id[:12], kind, error)

    def _hospital_id(self, code: str) -> int:
        found = self._hospitals.get(code)
        if found is None:
            found = self._hospitals[code] = len(self._hospitals) + 1
            self._db.execute("INSERT INTO hospital VALUES (?, ?, ?, '', 480, '')", (found, code, code))
        return found

    def _subject_id(self, name: str) -> int:
        found = self._subjects.get(name)
        if found is None:
            found = self._subjects[name] = len(self._subjects) + 1
            self._db.execute("INSERT INTO subject VALUES (?, ?)", (found, name))
        return found

    def _hospital(self, key: Attributes, record: Any) -> None:
        self._db.execute(
            "UPDATE hospital SET name = ?, msp_id = ?, utc_offset = ?, collection = ? WHERE id = ?",
            (
                record["name"],
                record["msp_id"],
                record["utc_offset_minutes"],
                record["collection"],
                self._hospital_id(key[0]),
            ),
        )

    def _unit(self, key: Attributes, record: Any) -> None:
        hospital, subject = self._hospital_id(key[0]), self._subject_id(record["name"])
        self._db.execute("INSERT OR REPLACE INTO department VALUES (?, ?, ?)", (hospital, key[1], subject))
        self._db.execute(
            "UPDATE session SET subject = ? WHERE hospital = ? AND department = ?", (subject, hospital, key[1])
        )

    def _campus(self, key: Attributes, record: Any) -> None:
        self._db.execute(
            "UPDATE campus SET name = ? WHERE id = ?",
            (record["name"], self._campus_id(self._hospital_id(key[0]), key[1])),
        )

    def _campus_id(self, hospital: int, code: str) -> int:
        """A campus's number, 0 for sessions without one."""
        if not code:
            return 0
        self._db.execute("INSERT OR IGNORE INTO campus VALUES (NULL, ?, ?, ?)", (hospital, code, code))
        found = self._db.execute("SELECT id FROM campus WHERE hospital = ? AND code = ?", (hospital, code)).fetchone()
        return int(found[0])

    def _doctor(self, key: Attributes, record: Any) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO doctor VALUES (?, ?, ?, ?, ?)",
            (self._hospital_id(key[0]), key[1], record["department"], record["name"], record["title"]),
        )

    def _session(self, key: Attributes, record: Any) -> None:
        hospital = self._hospital_id(key[0])
        row = self._db.execute(
            "SELECT id, state FROM session WHERE hospital = ? AND code = ?", (hospital, key[1])
        ).fetchone()
        if row is None:
            self._insert_session(hospital, key[1], record)
            return
        number, state = row
        wanted = SESSION_STATES.index(record["state"])
        self._db.execute(
            "UPDATE session SET state = ?, doctor = ?, date = ?, shift = ?, changes = ?, updated = ?, plan = ? "
            "WHERE id = ?",
            (
                wanted,
                record["doctor"],
                record["date"],
                record.get("shift", 0),
                json.dumps(record.get("changes", []), ensure_ascii=False, sort_keys=True),
                self._clock,
                record.get("plan", ""),
                number,
            ),
        )
        if state == 0 and "runs" in record:
            free = [sum(run[2] for run in record["runs"] if run[3] == pool) for pool in POOLS]
            self._db.execute(
                f"UPDATE session SET runs = ?, published_at = ?, published_block = ?, free = ?, "
                f"{', '.join(f'{c} = ?' for c in _FREE)} WHERE id = ?",
                (json.dumps(record["runs"]), record["published_at"], self._block, sum(free), *free, number),
            )

    def _insert_session(self, hospital: int, code: str, record: Any) -> None:
        found = self._db.execute(
            "SELECT subject FROM department WHERE hospital = ? AND code = ?", (hospital, record["department"])
        ).fetchone()
        subject = found[0] if found else self._subject_id(record["department"])
        self._db.execute(
            f"INSERT INTO session VALUES (NULL{', ?' * 37})",
            (
                hospital,
                code,
                subject,
                record["department"],
                record["doctor"],
                record["date"],
                record.get("shift", 0),
                PARTS.index(record["part"]),
                KINDS.index(record["kind"]),
                record["start"],
                record["end"],
                record["fee"],
                SESSION_STATES.index(record["state"]),
                record["count"],
                *(0, 0, 0, 0, 0, 0, 0, 0),
                record["release_at"],
                int(record["late"]),
                None,
                self._block,
                None,
                "[]",
                record["root"],
                record["committed_at"],
                record["committed_by"],
                "[]",
                "/".join(str(part) for part in record.get("policy", ())),
                self._clock,
                record.get("plan", ""),
                self._campus_id(hospital, record.get("campus", "")),
                record.get("referral_hours", 0),
            ),
        )

    def _slot(self, key: Attributes, record: Any) -> None:
        hospital = self._hospital_id(key[0])
        session = self._db.execute(
            "SELECT id, runs FROM session WHERE hospital = ? AND code = ?", (hospital, key[1])
        ).fetchone()
        if session is None:
            return
        number = int(key[2])
        before = self._db.execute(
            'SELECT state, pool, start, "end", added, created_at FROM slot WHERE session = ? AND number = ?',
            (session[0], number),
        ).fetchone()
        state = _STATE[record["state"]]
        if before is not None:
            was, pool, start, end, added, created = before
        elif "added" in record:
            new = record["added"]
            was, pool, start, end, added, created = -1, _POOL[new["pool"]], new["start"], new["end"], 1, new["at"]
        else:
            promised = _promised(json.loads(session[1]), number)
            if promised is None:
                return
            start, end, name = promised
            was, pool, added, created = 0, _POOL[name], 0, None
        self._db.execute(
            "INSERT OR REPLACE INTO slot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                session[0],
                number,
                state,
                pool,
                start,
                end,
                added,
                record["at"],
                self._block,
                record.get("expires"),
                record.get("appointment"),
                created,
                self._clock,
            ),
        )
        self._count(session[0], pool, was, state)

    def _count(self, session: int, pool: int, was: int, state: int) -> None:
        free = (state == 0) - (was == 0)
        changes = {
            "free": free,
            _FREE[pool]: free,
            "held": (state == 1) - (was == 1),
            "booked": (state == 2) - (was == 2),
            "added": int(was == -1),
        }
        sets = ", ".join(f"{name} = {name} + {int(change)}" for name, change in changes.items() if change)
        if sets:
            self._db.execute(f"UPDATE session SET {sets} WHERE id = ?", (session,))

    def _appointment(self, key: Attributes, record: Any) -> None:
        hospital, session, number = record["slot"].split(".")
        row = self._db.execute(
            "SELECT id FROM session WHERE hospital = ? AND code = ?", (self._hospital_id(hospital), session)
        ).fetchone()
        old = self._db.execute("SELECT tx_id, block FROM appointment WHERE id = ?", key).fetchone()
        bill = record["bill"]
        ended = record.get("cancelled", ["", 0])
        changed = ended[1] or record.get("fulfilled_at") or record.get("checked_in_at") or record["created_at"]
        self._db.execute(
            "INSERT OR REPLACE INTO appointment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key[0],
                self._hospital_id(hospital),
                row[0] if row else 0,
                int(number),
                record["resident"],
                record.get("payer", ""),
                record["state"],
                record["booker"],
                record["created_at"],
                changed,
                ended[0],
                bill["due"],
                bill["paid"],
                bill["refund_due"],
                bill["refunded"],
                record.get("expires"),
                *(old or (self._tx_id, self._block)),
                self._clock,
                "" if f"/{BY_FHIR}" in record["booker"] else record.get("by", ""),
            ),
        )

    def _waiting(self, key: Attributes, record: Any) -> None:
        row = self._db.execute(
            "SELECT id FROM session WHERE hospital = ? AND code = ?", (self._hospital_id(key[0]), key[1])
        ).fetchone()
        if row is None:
            return
        if record is None:
            self._db.execute("DELETE FROM waiting WHERE session = ? AND place = ? AND tx_id = ?", (row[0], *key[2:]))
        else:
            self._db.execute(
                "INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?)", (row[0], key[2], key[3], record["resident"])
            )

    def _referral(self, key: Attributes, record: Any) -> None:
        place = (self._hospital_id(key[0]), *key[1:4])
        if record is None:
            self._db.execute(
                "DELETE FROM referral WHERE hospital = ? AND department = ? AND date = ? AND resident = ?", place
            )
            return
        self._db.execute(
            "INSERT OR REPLACE INTO referral VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*place, record["clinic"], record["signer"], record["at"], self._block),
        )

    def _consent(self, key: Attributes, record: Any) -> None:
        self._db.execute(
            "INSERT INTO consent VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET state = excluded.state, revoked_at = excluded.revoked_at",
            (
                key[0],
                record["resident"],
                record["hospital"],
                record["state"],
                record["until"],
                record["at"],
                record.get("revoked_at"),
                self._tx_id,
                self._block,
            ),
        )

    def _draw(self, key: Attributes, record: Any) -> None:
        text = json.dumps(record, ensure_ascii=False, sort_keys=True)
        self._db.execute(
            "INSERT OR REPLACE INTO draw VALUES (?, ?, ?, ?)", (key[0], record["state"], text, self._block)
        )

    def _posting(self, key: Attributes, record: Any) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO posting VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._hospital_id(key[0]),
                key[1],
                key[2],
                int(key[3]),
                record["why"],
                json.dumps(record["lines"]),
                record["reference"],
                record["at"],
            ),
        )


def _promised(runs: list[list[Any]], number: int) -> tuple[int, int, str] | None:
    """Hours and pool of a promised slot; None for one that was never promised (the audit tells of it)."""
    before = 0
    for first, minutes, count, pool in runs:
        if number <= before + count:
            start = first + (number - before - 1) * minutes
            return start, start + minutes, pool
        before += count
    return None
