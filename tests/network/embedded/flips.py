"""Flip single bits in what is stored and see that each is found: `python -m tests.network.embedded.flips --flips 1000`.

Every flip is made in a copy of a real ledger, in one value of one row (blocks, state, hashed and private state, private
write sets, indexes, history), found by the check with a name for the place, and taken back.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from network.embedded.check import Damage, check_ledger
from tests.network.embedded.city import City
from tests.network.embedded.conftest import collections

POLICY = "AND('DataBureauMSP.peer', 'CopyrightMSP.peer')"
TABLES = {
    "blocks": ("number", ("hash", "body", "digest")),
    "state": ("namespace, key", ("namespace", "key", "value", "block", "tx", "metadata")),
    "hashed_state": (
        "namespace, collection, key_hash",
        ("namespace", "collection", "key_hash", "value_hash", "block", "tx"),
    ),
    "private_state": (
        "namespace, collection, key",
        ("namespace", "collection", "key", "value", "block", "tx", "key_hash"),
    ),
    "private_writes": ("block, tx, namespace, collection", ("block", "tx", "rwset", "pruned")),
    "transactions": ("id", ("id", "block", "position", "code")),
    "history": ("namespace, key, block, tx", ("namespace", "key", "block", "tx")),
    "meta": ("name", ("value",)),
}


@dataclass
class FlipReport:
    """Flips made and found, by table; what was missed or not named."""

    flips: int = 0
    found: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)


def make_ledger(directory: Path) -> Path:
    """A ledger with a bit of everything, from a network that is stopped again; returns its file."""
    with City(directory / "n") as city:
        city.deploy("ledger", policy=POLICY, collections=collections())
        contract = city.contract()
        for i in range(6):
            contract.submit("Put", f"key{i}", json.dumps({"n": i}))
            contract.submit("PutPrivateValue", "open", f"private{i}", f"secret{i}")
        contract.submit("Delete", "key0")
        contract.submit("SetPolicy", "key1", "HealthMSP")
        contract.submit("PurgePrivate", "open", "private1")
        contract.submit("PutPrivateValue", "short", "brief", "1")
    return directory / "n" / "embedded" / "channels" / "citychannel" / "ledger.db"


def run(ledger: Path, flips: int, seed: int) -> FlipReport:
    """Flip bits one after another in a copy of `ledger`."""
    chance = random.Random(seed)
    report = FlipReport()
    with tempfile.TemporaryDirectory(prefix="flips-") as folder:
        copy = Path(folder) / "ledger.db"
        shutil.copyfile(ledger, copy)
        assert not list(check_ledger(copy)), "the ledger must be sound to begin with"
        connection = sqlite3.connect(copy, isolation_level=None)
        rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
        tables = [table for table in TABLES if rows[table]]
        while report.flips < flips:
            _flip_once(connection, copy, chance, chance.choice(tables), report)
        connection.close()
    return report


def _flip_once(
    connection: sqlite3.Connection, path: Path, chance: random.Random, table: str, report: FlipReport
) -> None:
    key, columns = TABLES[table]
    column = chance.choice(columns)
    row = connection.execute(
        f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY random() LIMIT 1"
    ).fetchone()
    if row is None:
        return
    flipped = _flipped(row[-1], chance)
    if flipped is None:
        return
    where = " AND ".join(f"{name} = ?" for name in key.split(", "))
    keys = list(row[:-1])
    before = connection.execute(f"SELECT * FROM {table} WHERE {where}", keys).fetchone()
    try:
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", [flipped, *keys])
    except sqlite3.IntegrityError:
        return  # another row has that key: no single bit could have made this
    report.flips += 1
    damage = list(check_ledger(path))
    place = f"{table}.{column} of {keys!r}"
    if not damage:
        report.missed.append(place)
    elif not any(_names(d, table) for d in damage):
        report.missed.append(f"{place}: found but not named: {damage[0]}")
    else:
        report.found[table] += 1
    names = key.split(", ")
    current = [flipped if name == column else value for name, value in zip(names, keys, strict=True)]
    connection.execute(f"DELETE FROM {table} WHERE {where}", current)
    marks = ", ".join("?" * len(before))
    connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", before)


def _names(damage: Damage, table: str) -> bool:
    """Whether a finding says where: the block, or the key, or the transaction."""
    return damage.block >= 0 or bool(damage.key) or bool(damage.transaction) or table == "meta"


def _flipped(value: Any, chance: random.Random) -> Any:
    """The value with one bit changed; None where there is no bit, or the result is no text any more."""
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(16))
    data = bytearray(value.encode() if isinstance(value, str) else value)
    if not data:
        return None
    bit = chance.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << (bit % 8)
    if isinstance(value, str):
        try:
            return bytes(data).decode()
        except UnicodeDecodeError:
            return None
    return bytes(data)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Flip stored bits and see that each is found.")
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="flips-") as folder:
        report = run(make_ledger(Path(folder)), options.flips, options.seed)
    result = {"flips": report.flips, "found": dict(report.found), "missed": report.missed, "seed": options.seed}
    print(json.dumps(result, indent=1))
    return 1 if report.missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
