"""Blocks are stored packed: nothing of them is lost, no changed bit goes unnoticed, older ledgers go on."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from network.embedded import archive, packing, schema
from network.embedded.check import check_ledger
from network.embedded.faults import LedgerDamaged
from network.embedded.packing import HEAD_BYTES, MARK, pack, plain_bytes, unpack
from network.embedded.state_view import StateView
from tests.network.embedded.city import City

BODY = b"a certificate that each transaction repeats " * 60 + os.urandom(40)


@pytest.mark.parametrize("body", [b"", b"\x0a" * 100, BODY, os.urandom(2000), os.urandom(100) + BODY])
def test_what_is_unpacked_is_what_was_packed(body: bytes) -> None:
    stored = pack(body)
    assert len(stored) <= len(body) and unpack(stored, 1) == body
    assert plain_bytes(stored[:HEAD_BYTES], len(stored)) == len(body)


def test_no_changed_bit_of_a_packed_block_goes_unnoticed() -> None:
    stored = pack(BODY)
    assert stored.startswith(MARK)
    for place in range(len(MARK) * 8, len(stored) * 8):
        changed = bytearray(stored)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(LedgerDamaged, match="block 7"):
            unpack(bytes(changed), 7)
    for cut in (stored[:-1], stored[: HEAD_BYTES - 1], stored + b"\0", MARK):
        with pytest.raises(LedgerDamaged):
            unpack(cut, 7)


def test_what_claims_to_be_larger_than_it_is_takes_no_more_memory() -> None:
    bomb = pack(b"\0" * 50_000_000)
    lying = MARK + packing._HEAD.pack(100, packing._check(100, bomb[HEAD_BYTES:])) + bomb[HEAD_BYTES:]
    assert unpack(lying, 7) == b"\0" * 100  # its digest tells


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with City(tmp_path_factory.mktemp("packing") / "n") as made:
        made.deploy("ledger", policy="OR('DataBureauMSP.peer')")
        for number in range(120):
            made.contract("ledger").submit("Put", "key", f"value {number}")
        yield made


def path_of(city: City) -> Path:
    return city.directory / "embedded" / "channels" / "citychannel" / "ledger.db"


def bodies(path: Path) -> list[bytes]:
    view = StateView(schema.open_reader(path))
    try:
        return [view.block_body(n) or b"" for n in range(view.height)]
    finally:
        view.close()


def test_a_ledger_of_before_goes_on_and_is_read_as_before(city: City) -> None:
    """Layout 1 had blocks as they are."""
    city.driver.stop()
    path = path_of(city)
    before = bodies(path)
    with sqlite3.connect(path) as connection:
        connection.executemany("UPDATE blocks SET body = ? WHERE number = ?", [(b, n) for n, b in enumerate(before)])
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    city.driver.start()
    city.forget_connections()
    city.contract("ledger").submit("Put", "key", "after")
    assert city.contract("ledger").evaluate("History", "key").count(b"value") >= 120
    assert bodies(path)[: len(before)] == before and list(check_ledger(path)) == []
    stored = dict(sqlite3.connect(path).execute("SELECT number, body FROM blocks"))
    assert stored[3] == before[3] and stored[len(before)].startswith(MARK)


def test_archive_files_hold_blocks_as_they_are_and_bring_them_back_packed(city: City, tmp_path: Path) -> None:
    path = path_of(city)
    before = bodies(path)
    moved = archive.move_out(path, tmp_path / "old", 1 << 60)
    (file,) = (tmp_path / "old").glob("*.blocks")
    assert before[5] in file.read_bytes() and moved.blocks > 5 and bodies(path) == before
    archive.bring_back(path)
    stored = dict(sqlite3.connect(path).execute("SELECT number, body FROM blocks"))
    assert stored[5].startswith(MARK) and bodies(path) == before and list(check_ledger(path)) == []
    (path.parent / archive.FOLDERS).unlink()


def test_a_changed_bit_in_the_file_is_found_and_its_block_named(city: City, tmp_path: Path) -> None:
    city.driver.stop()
    copy = tmp_path / "ledger.db"
    shutil.copy(path_of(city), copy)
    chance = random.Random(3)
    connection = sqlite3.connect(copy, isolation_level=None)
    height = len(bodies(copy))
    for _ in range(12):
        number = chance.randrange(1, height)
        (body,) = connection.execute("SELECT body FROM blocks WHERE number = ?", (number,)).fetchone()
        changed = bytearray(body)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        connection.execute("UPDATE blocks SET body = ? WHERE number = ?", (bytes(changed), number))
        assert number in {damage.block for damage in check_ledger(copy)}
        connection.execute("UPDATE blocks SET body = ? WHERE number = ?", (body, number))
    assert list(check_ledger(copy)) == []
    connection.close()
