from __future__ import annotations

import json
from pathlib import Path

import pytest

from fabric_sdk.errors import FabricError
from fabric_sdk.gateway import ChaincodeEvent, FileCheckpointer, MemoryCheckpointer


@pytest.fixture(params=["memory", "file"])
def checkpointer(request: pytest.FixtureRequest, tmp_path: Path) -> MemoryCheckpointer:
    return MemoryCheckpointer() if request.param == "memory" else FileCheckpointer(tmp_path / "checkpoint.json")


def position(checkpointer: MemoryCheckpointer) -> tuple[int | None, str | None]:
    return checkpointer.block_number, checkpointer.transaction_id


def test_the_position_moves(checkpointer: MemoryCheckpointer) -> None:
    assert position(checkpointer) == (None, None)
    checkpointer.checkpoint_transaction(7, "tx")
    assert position(checkpointer) == (7, "tx")
    checkpointer.checkpoint_block(7)
    assert position(checkpointer) == (8, None)
    checkpointer.checkpoint_chaincode_event(ChaincodeEvent(9, "other", "basic", "happened", b""))
    assert position(checkpointer) == (9, "other")


def test_a_file_keeps_the_position(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.json"
    FileCheckpointer(path).checkpoint_transaction(7, "tx")
    again = FileCheckpointer(path)
    assert position(again) == (7, "tx")
    again.checkpoint_block(7)
    assert position(FileCheckpointer(path)) == (8, None)
    assert json.loads(path.read_text()) == {"blockNumber": 8}
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.json"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"blockNumber": "7"}', '{"blockNumber": -1}', '{"blockNumber": 1, "transactionId": 2}'],
)
def test_a_file_that_is_no_checkpoint_is_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "checkpoint.json"
    path.write_text(content)
    with pytest.raises(FabricError, match="not a checkpoint file"):
        FileCheckpointer(path)
    assert path.read_text() == content


def test_a_position_that_cannot_be_saved_does_not_count(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    checkpointer = FileCheckpointer(folder / "checkpoint.json")
    checkpointer.checkpoint_block(1)
    (folder / "checkpoint.json").unlink()
    folder.rmdir()
    with pytest.raises(OSError, match="checkpoint"):
        checkpointer.checkpoint_block(2)
    assert position(checkpointer) == (2, None)
