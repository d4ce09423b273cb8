"""Ports: a network that is stopped, or only being set up, keeps those that it has."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from network import addresses, claims, groundwork
from network.addresses import AddressBook
from network.bench_ledger import two_organizations
from network.drivers.base import Silent, Step
from network.text import Text
from network.vault import FolderVault


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own, on which everybody begins to look at the same port."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    monkeypatch.setattr(addresses.random.SystemRandom, "randrange", lambda self, first, *rest: first)
    monkeypatch.setattr(addresses, "port_is_free", lambda port: True)
    return place


def set_up(directory: Path) -> set[int]:
    """The ports of a network that is planned in `directory` and does not run."""
    directory.mkdir(exist_ok=True)
    spec = two_organizations("embedded")
    step = Step(groundwork.ADDRESSES, spec.name, Text("端口", "ports"))
    groundwork.apply_groundwork(directory, spec, FolderVault(directory / "vault"), step, Silent())
    return AddressBook.load(directory).ports()


def folder(alone: Path) -> Path:
    (found,) = alone.glob("citychain-ports*")
    return found


def test_a_network_takes_no_port_of_one_that_does_not_run(tmp_path: Path) -> None:
    first, second = set_up(tmp_path / "first"), set_up(tmp_path / "second")
    assert first and second and not first & second
    assert set_up(tmp_path / "first") == first, "its own ports are nobody else's"


def test_what_is_gone_gives_its_ports_back(tmp_path: Path, alone: Path) -> None:
    first = set_up(tmp_path / "first")
    (tmp_path / "first" / claims.BOOK).unlink()
    assert set_up(tmp_path / "second") == first
    assert len(list(folder(alone).glob("*.json"))) == 1


@pytest.mark.parametrize(
    "content", [b"", b"[", b"[]", b"{}", b'{"folder": 1, "ports": []}', b"[" * 60_000, b"x" * 70_000]
)
def test_a_claim_that_is_none_is_swept_away(tmp_path: Path, alone: Path, content: bytes) -> None:
    first = set_up(tmp_path / "first")
    (folder(alone) / "x.json").write_bytes(content)
    assert not set_up(tmp_path / "second") & first
    assert not (folder(alone) / "x.json").exists()


def test_a_folder_in_which_others_may_write_counts_for_nothing(tmp_path: Path, alone: Path) -> None:
    first = set_up(tmp_path / "first")
    place = folder(alone)
    everything = {
        "folder": str(tmp_path / "first"),
        "ports": list(range(addresses.FIRST_PORT, addresses.LAST_PORT + 1)),
    }
    (place / "x.json").write_text(json.dumps(everything))
    place.chmod(0o777)
    assert set_up(tmp_path / "second") == first, "as if it were alone"
    place.rename(alone / "moved")
    place.symlink_to(alone / "moved")
    assert set_up(tmp_path / "third") == first


def test_where_everything_is_claimed_what_is_free_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred networks that are stopped are no reason to refuse one more."""
    first = set_up(tmp_path / "first")
    monkeypatch.setattr(addresses, "LAST_PORT", max(first) + 1)
    assert set_up(tmp_path / "second") == first


def test_where_nothing_can_be_noted_networks_are_set_up(tmp_path: Path, alone: Path) -> None:
    (alone / f"citychain-ports-{claims.os.getuid()}").write_text("a file")
    assert set_up(tmp_path / "first")
