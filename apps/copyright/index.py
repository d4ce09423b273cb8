"""Every work of a network, searchable: read from the blocks, so that all desks find the same.

Whoever deposited what, from whichever desk, is in it with the prints that its record carries (`likeness`). It holds
nothing of its own and can be thrown away: read again from the blocks it gives the same answers. What a desk alone knows
(what it sealed) is `local`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import likeness
from apps.copyright.model import Similar
from apps.kit.block_index import BlockIndex
from baas.errors import translating

if TYPE_CHECKING:
    from apps.copyright.fingerprints.pool import Fingerprints

_PRINTS = "\x00prints\x00"


@dataclass(frozen=True)
class Thresholds:
    """When two works are shown as suspected copies; calibrated by `calibrate` on held-out material."""

    image_bits: int
    text_resemblance: float
    text_containment: float
    audio_marks: int
    source: str

    @classmethod
    def load(cls) -> Thresholds:
        """The calibrated values shipped with the package."""
        data = json.loads((resources.files("apps.copyright") / "thresholds.json").read_text(encoding="utf-8"))
        return cls(**data)


@dataclass(frozen=True)
class KnownDeposit:
    """A deposit as the ledger has it."""

    work_id: str
    cid: str
    tx_id: str
    block: int


class WorkIndex(BlockIndex):
    """The works of one network; safe to use from several threads."""

    version = 1
    tables = """
    INSERT INTO meta VALUES ('born', hex(randomblob(8)));
    CREATE TABLE work (serial INTEGER PRIMARY KEY, work_id TEXT NOT NULL UNIQUE, title TEXT NOT NULL DEFAULT '',
        party TEXT NOT NULL DEFAULT '', owners TEXT NOT NULL DEFAULT '', sha256 TEXT NOT NULL DEFAULT '',
        cid TEXT NOT NULL DEFAULT '', iscc TEXT NOT NULL DEFAULT '', tx_id TEXT NOT NULL DEFAULT '',
        block INTEGER NOT NULL DEFAULT 0, created TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT '',
        number TEXT NOT NULL DEFAULT '', printed INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX work_sha256 ON work(sha256, party);
    CREATE INDEX work_cid ON work(cid, party);
    """ + "".join(kind.tables for kind in likeness.kinds())

    def __init__(self, path: Path, thresholds: Thresholds | None = None) -> None:
        self.thresholds = thresholds or Thresholds.load()
        self._kinds = likeness.kinds()
        super().__init__(path)

    def __len__(self) -> int:
        return int(self.rows("SELECT COUNT(*) FROM work")[0][0])

    # -- out of the blocks ---------------------------------------------------------------------------
    def apply(self, db: sqlite3.Connection, key: str, value: bytes | None, at: tuple[int, int]) -> None:
        if value is None:
            return
        if key.startswith(_PRINTS):
            work_id = key[len(_PRINTS) :].rstrip("\x00")
            self._add_prints(db, work_id, json.loads(value))
        elif key.startswith("CZ"):
            self._put(db, json.loads(value), at[0])

    def _put(self, db: sqlite3.Connection, work: Mapping[str, Any], block: int) -> None:
        """A new work, or what has become of a known one: the deposit's own transaction and block stay."""
        serial, first = self._serial(db, work["id"])
        owners = "\n".join(sorted(str(one["party"]) for one in work["owners"]))
        if first:
            content, prints = work["content"], work["fingerprints"]
            row = {"party": work["depositor"], "sha256": content.get("sha256", ""), "cid": content["cid"]}
            row |= {"iscc": prints.get("iscc", ""), "tx_id": work["tx_id"], "created": work["created"]}
            names = ", ".join(f"{name} = ?" for name in row)
            db.execute(f"UPDATE work SET {names}, block = ? WHERE serial = ?", (*row.values(), block, serial))
            if "prints" not in work and prints.get("pdq"):  # a deposit of before prints travelled with it
                likeness.add_prints(db, self._kinds, serial, {"image/1": _base64_of(str(prints["pdq"]))})
        known = (work["title"], owners, work["state"], work["number"], serial)
        db.execute("UPDATE work SET title = ?, owners = ?, state = ?, number = ? WHERE serial = ?", known)

    def _serial(self, db: sqlite3.Connection, work_id: str) -> tuple[int, bool]:
        """A work's number in the index, and whether its record has not been seen yet."""
        db.execute("INSERT OR IGNORE INTO work (work_id) VALUES (?)", (work_id,))
        row = db.execute("SELECT serial, tx_id FROM work WHERE work_id = ?", (work_id,)).fetchone()
        return int(row[0]), not row[1]

    def _printed(self, db: sqlite3.Connection, serial: int) -> bool:
        return bool(db.execute("SELECT printed FROM work WHERE serial = ?", (serial,)).fetchone()[0])

    def _add_prints(self, db: sqlite3.Connection, work_id: str, prints: Mapping[str, Any]) -> None:
        serial, _ = self._serial(db, work_id)
        if not self._printed(db, serial):
            likeness.add_prints(db, self._kinds, serial, prints)
            db.execute("UPDATE work SET printed = 1 WHERE serial = ?", (serial,))

    def learn(self, prints: Iterable[tuple[str, Mapping[str, str]]]) -> None:
        """Prints that this desk alone has, of works that it sealed: by the work's id; those that are known stay."""
        with self._writer, translating():
            db = self.db
            for work_id, found in prints:
                row = db.execute("SELECT printed FROM work WHERE work_id = ?", (work_id,)).fetchone()
                if row is None or row[0]:
                    continue
                db.execute("BEGIN IMMEDIATE")
                try:
                    self._add_prints(db, work_id, found)
                    db.execute("COMMIT")
                except BaseException:
                    db.execute("ROLLBACK")
                    raise

    # -- asking --------------------------------------------------------------------------------------
    def known(self, sha256: str, party: str) -> KnownDeposit | None:
        """The deposit in force that `party` made of the bytes with this SHA-256; none of a sealed one."""
        found = self.rows(
            "SELECT work_id, cid, tx_id, block FROM work WHERE sha256=? AND party=? AND state='ACTIVE' ORDER BY serial",
            sha256,
            party,
        )
        return KnownDeposit(*found[0]) if found and sha256 else None

    def where(self, work_id: str) -> KnownDeposit | None:
        """Where a work's deposit lies."""
        found = self.rows("SELECT work_id, cid, tx_id, block FROM work WHERE work_id=?", work_id)
        return KnownDeposit(*found[0]) if found else None

    def similar(self, prints: Fingerprints, limit: int | None = 20) -> tuple[Similar, ...]:
        """Works that look like a file (疑似), best first; one entry a work and method, all of them without a limit."""
        return self._alike(((kind, kind.asked(prints)) for kind in self._kinds), limit)

    def similar_to(self, prints: Mapping[str, str], media_type: str, limit: int | None = 20) -> tuple[Similar, ...]:
        """Works that look like another one of which only the public prints are here; finds less than its file would."""
        return self._alike(((kind, likeness.asked_of(kind, prints, media_type)) for kind in self._kinds), limit)

    def _alike(self, asked: Iterable[tuple[likeness.PrintKind, Any]], limit: int | None) -> tuple[Similar, ...]:
        with translating():
            db = self.db
            hits = [hit for kind, what in asked if what is not None for hit in kind.alike(db, what, self.thresholds)]
            found = [one for hit in hits if (one := self._described(hit)) is not None]
        return tuple(sorted(found, key=lambda one: (-one.score, one.created, one.work_id))[:limit])

    def _described(self, hit: likeness.Hit) -> Similar | None:
        found = self.rows(
            "SELECT work_id, title, number, party, created, owners, state FROM work WHERE serial=?", hit.number
        )
        if not found or not found[0][4]:
            return None
        work_id, title, number, party, created, owners, state = found[0]
        return Similar(
            work_id,
            title,
            hit.method,
            round(hit.score, 4),
            hit.detail,
            number,
            party,
            created,
            tuple(owners.split("\n")),
            state,
        )


def _base64_of(digits: str) -> str:
    import base64

    try:
        return base64.b64encode(bytes.fromhex(digits)).decode()
    except ValueError:
        return ""
