"""A stored chain beside a peer's copy of it: what differs is found, by the short way and by the whole one."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fabric_protos.common.common_pb2 import Block, BlockMetadataIndex

from fabric_sdk.identity import load_msp_folder
from network.drivers.base import Silent
from network.promotion.comparison import Difference, _stretches, compare
from network.promotion.judge import _replay_here
from network.promotion.stored import StoredChannel, ledger_file
from network.topology import template
from tests.network.embedded.city import City
from tests.network.embedded.conftest import BOTH, collections

CHANNEL, OWN = "citychannel", "CopyrightMSP"
PRIVATE = ["DataBureauMSP", OWN]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with City(tmp_path_factory.mktemp("comparison") / "n", template("city")) as made:
        made.deploy("ledger", policy=BOTH, collections=collections())
        contract = made.contract()
        for number in range(3):
            contract.submit("Put", "key", str(number))
            contract.submit("PutPrivateValue", "open", f"k{number}", "said", endorsing_organizations=PRIVATE)
        contract.submit("Put", "last", "1")
        yield made


@contextlib.contextmanager
def copied(city: City, folder: Path, change: str = "", *values: object) -> Iterator[StoredChannel]:
    """The city's chain as it was stored, with one change; the city's own peer is what it is compared with."""
    source = ledger_file(city.directory, CHANNEL)
    with sqlite3.connect(source) as original, sqlite3.connect(folder / source.name) as copy:
        original.backup(copy)
        if change:
            assert copy.execute(change, values).rowcount
    with StoredChannel(folder / source.name, CHANNEL) as stored:
        yield stored
    shutil.rmtree(folder)


def compared(city: City, stored: StoredChannel, *, verified: bool) -> tuple[Difference | None, list[int]]:
    peer = city.handle.peers(OWN)[0]
    folder = city.handle.authority(OWN).nodes.directory(peer)
    told: list[int] = []
    identity = load_msp_folder(folder / "msp", OWN).creator
    endpoint, reader = city.handle.node_endpoint(peer), city.handle.admin(OWN)
    return compare(stored, peer.name, endpoint, reader, identity, told.append, verified=verified), told


@pytest.mark.parametrize("verified", [True, False])
def test_the_same_is_the_same(city: City, tmp_path: Path, verified: bool) -> None:
    (tmp_path / "c").mkdir()
    with copied(city, tmp_path / "c") as stored:
        different, told = compared(city, stored, verified=verified)
        assert different is None
        # The short way looks at no block but those with private data.
        assert (set(told) >= set(range(stored.height))) is not verified


@pytest.mark.parametrize("verified", [True, False])
def test_other_private_data_are_found_either_way(city: City, tmp_path: Path, verified: bool) -> None:
    (tmp_path / "c").mkdir()
    change = "UPDATE private_writes SET rwset = x'', pruned = 1 WHERE namespace = 'ledger' AND block ="
    change += " (SELECT max(block) FROM private_writes)"
    with copied(city, tmp_path / "c", change) as stored:
        different, _ = compared(city, stored, verified=verified)
    assert different is not None and different.what == "private" and "should not" in different.text.en


@pytest.mark.parametrize("which", ["newest", "earlier"])
def test_another_judgement_is_found(city: City, tmp_path: Path, which: str) -> None:
    """Of the newest block either way; of an earlier one by the whole way, which asks for no check before."""
    with StoredChannel(ledger_file(city.directory, CHANNEL), CHANNEL) as stored:
        number = stored.height - 1 if which == "newest" else stored.height - 3
        block = Block.FromString(stored.body(number))
    block.metadata.metadata[BlockMetadataIndex.TRANSACTIONS_FILTER] = bytes([11])
    if which == "newest":
        block.metadata.metadata[BlockMetadataIndex.COMMIT_HASH] = b"other"
    (tmp_path / "c").mkdir()
    change = "UPDATE blocks SET body = ? WHERE number = ?"
    with copied(city, tmp_path / "c", change, block.SerializeToString(), number) as stored:
        different, _ = compared(city, stored, verified=which == "newest")
    assert different is not None and (different.what, different.block) == ("code", number)


def test_the_embedded_ledger_replays_its_own_chain_alike(city: City, tmp_path: Path) -> None:
    with StoredChannel(ledger_file(city.directory, CHANNEL), CHANNEL) as stored:
        seconds, otherwise = _replay_here({CHANNEL: stored}, tmp_path / "own", Silent())
    assert seconds > 0 and otherwise == ()


def test_long_stretches_without_private_data_are_not_read() -> None:
    assert list(_stretches([])) == []
    assert list(_stretches([7])) == [(7, 7)]
    assert list(_stretches([1, 2, 40, 500, 501, 9000])) == [(1, 40), (500, 501), (9000, 9000)]
