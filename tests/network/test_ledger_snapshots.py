"""A snapshot that somebody hands over: what is in it beside what its hash covers, and where it really lies."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from baas.errors import UserError
from baas.services.snapshots import SnapshotService
from network.native.ledger_snapshots import ADDITIONAL, SIGNABLE, check, read


def snapshot(folder: Path, listed: Any = None) -> Path:
    """A folder as a peer writes it, with two files of state."""
    folder.mkdir(parents=True)
    files = {name: name.encode() * 10 for name in ("public_state.data", "public_state.metadata")}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    signable = {
        "channel_name": "city",
        "last_block_number": 7,
        "last_block_hash": "aa",
        "previous_block_hash": "bb",
        "snapshot_files_raw_hashes": {name: sha256(data).hexdigest() for name, data in files.items()}
        if listed is None
        else listed,
        "state_db_type": "goleveldb",
    }
    (folder / SIGNABLE).write_text(json.dumps(signable))
    told = {"snapshot_hash": sha256((folder / SIGNABLE).read_bytes()).hexdigest(), "last_block_commit_hash": "cc"}
    (folder / ADDITIONAL).write_text(json.dumps(told))
    return folder


def test_a_whole_one_is_taken(tmp_path: Path) -> None:
    check(read(snapshot(tmp_path / "7")))


@pytest.mark.parametrize("name", ["private_state_hashes.data", "txids.data", ".hidden", "more/public_state.data"])
def test_a_file_that_no_hash_covers_is_refused(tmp_path: Path, name: str) -> None:
    """The hash that others tell stays the same, and a peer would open the file: before, it passed."""
    folder = snapshot(tmp_path / "7")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"state that nobody agreed to")
    with pytest.raises(UserError) as refused:
        check(read(folder))
    assert refused.value.code == "snapshot_damaged"


@pytest.mark.parametrize("listed", [["public_state.data"], "public_state.data", {"../7/public_state.data": "0"}])
def test_a_list_of_files_that_is_none_is_refused(tmp_path: Path, listed: Any) -> None:
    with pytest.raises(UserError) as refused:
        check(read(snapshot(tmp_path / "7", listed)))
    assert refused.value.code in ("snapshot_damaged", "not_a_snapshot")


def test_one_from_elsewhere_needs_its_hash_whatever_its_path_looks_like(tmp_path: Path) -> None:
    """A path with `..`, or a link in the network's folder, made it look like one of this machine's peers: before, no
    hash was asked for."""
    theirs, network = snapshot(tmp_path / "stick" / "7"), tmp_path / "networks" / "city"
    own = snapshot(network / "nodes" / "peer0" / "data" / "snapshots" / "completed" / "city" / "7")
    (network / "linked").symlink_to(theirs)
    confirmed = SnapshotService._confirmed
    handle = cast(Any, SimpleNamespace(directory=network))
    confirmed(cast(Any, None), handle, read(own), "")
    for path in (theirs, network / ".." / ".." / "stick" / "7", network / "linked"):
        with pytest.raises(UserError) as refused:
            confirmed(cast(Any, None), handle, read(path), "")
        assert refused.value.code == "hash_wanted"
        confirmed(cast(Any, None), handle, read(path), read(theirs).snapshot_hash)
