"""Old blocks in files of their own: read, proved and verified from there, brought back; damage is named, not spread."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fabric_protos.common.common_pb2 import Block

from fabric_sdk.errors import GatewayError
from network.embedded import archive, schema
from network.embedded.check import check_state
from network.embedded.faults import BlockAway
from network.embedded.state_view import StateView
from tests.network.embedded.city import City

CHANNEL = "citychannel"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with City(tmp_path_factory.mktemp("archive") / "n") as made:
        made.deploy("ledger", policy="OR('DataBureauMSP.peer')")
        contract = made.contract("ledger")
        for number in range(130):
            contract.submit("Put", "key", f"value {number}")
        yield made


@pytest.fixture
def ledger(city: City, tmp_path: Path) -> Iterator[Path]:
    path = city.directory / "embedded" / "channels" / CHANNEL / "ledger.db"
    yield path
    archive.bring_back(path)
    (path.parent / archive.FOLDERS).unlink(missing_ok=True)


def bodies(ledger: Path) -> list[bytes]:
    view = StateView(schema.open_reader(ledger))
    try:
        return [view.block_body(n) or b"" for n in range(view.height)]
    finally:
        view.close()


def block(city: City, number: int) -> bytes:
    return city.contract("qscc").evaluate("GetBlockByNumber", CHANNEL, str(number))


def test_blocks_move_out_while_the_network_runs_and_come_back(city: City, ledger: Path, tmp_path: Path) -> None:
    before = bodies(ledger)
    moved = archive.move_out(ledger, tmp_path / "old", 1 << 60)
    assert moved.blocks > 20 and archive.archived(ledger).blocks == moved.blocks
    assert bodies(ledger) == before and list(check_state(city.directory, CHANNEL)) == []
    assert Block.FromString(block(city, 7)).header.number == 7  # searched from the file, by the running node
    city.contract("ledger").submit("Put", "key", "after")
    history = city.contract("ledger").evaluate("History", "key")
    assert history.count(b"value") >= 130
    city.driver.stop()
    city.driver.start()
    assert block(city, 7) == before[7]
    assert archive.bring_back(ledger).blocks == moved.blocks
    assert archive.archived(ledger).blocks == 0 and bodies(ledger)[: len(before)] == before


def test_a_missing_or_changed_file_is_named_and_the_network_goes_on(city: City, ledger: Path, tmp_path: Path) -> None:
    before = bodies(ledger)
    archive.move_out(ledger, tmp_path / "old", 1 << 60)
    (file,) = (tmp_path / "old").glob("*.blocks")
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"value 3", b"value 8"))
    with pytest.raises(BlockAway, match="is not the one"):
        archive.bring_back(ledger)
    file.rename(tmp_path / "elsewhere")
    with pytest.raises(BlockAway, match="is not here"):
        archive.bring_back(ledger)
    with pytest.raises(GatewayError, match="is not here"):
        block(city, 7)
    city.contract("ledger").submit("Put", "key", "goes on")
    assert any("is not here" in str(damage) for damage in check_state(city.directory, CHANNEL))
    assert archive.archived(ledger).missing == (file.name,)
    city.driver.stop()
    city.driver.start()  # genesis and configuration never leave the ledger
    city.contract("ledger").submit("Put", "key", "started without the archive")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / file.name).write_bytes(whole)
    assert archive.locate(ledger, tmp_path / "new").missing == ()
    assert bodies(ledger)[: len(before)] == before


def test_a_full_disk_changes_nothing_and_the_next_call_goes_on(
    city: City, ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bodies(ledger)
    monkeypatch.setattr(archive, "BLOCKS_A_FILE", 10)
    replace_file, left = archive.replace_file, [2]

    def full(source: Path, target: Path) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        replace_file(source, target)

    monkeypatch.setattr(archive, "replace_file", full)
    with pytest.raises(OSError, match="No space"):
        archive.move_out(ledger, tmp_path / "old", 1 << 60)
    assert bodies(ledger) == before and not list((tmp_path / "old").glob(".*"))
    some = archive.archived(ledger).blocks
    assert 0 < some < 30
    monkeypatch.setattr(archive, "replace_file", replace_file)
    archive.move_out(ledger, tmp_path / "old", 1 << 60)
    assert archive.archived(ledger).blocks > some and bodies(ledger) == before


def test_a_file_of_another_network_is_not_taken_for_this_one(city: City, ledger: Path, tmp_path: Path) -> None:
    archive.move_out(ledger, tmp_path / "old", 1 << 60)
    other = tmp_path / "other.db"
    source = sqlite3.connect(ledger)
    target = sqlite3.connect(other)
    source.backup(target)
    source.close()
    # The same pointers, but the digests of other blocks.
    target.execute("UPDATE blocks SET digest = ? WHERE number = 7", (b"\0" * 32,))
    target.commit()
    target.close()
    shutil.copy(ledger.parent / archive.FOLDERS, tmp_path)
    with pytest.raises(BlockAway, match="is not the one that block 7"):
        bodies(other)
