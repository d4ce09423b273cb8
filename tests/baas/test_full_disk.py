"""A full disk: what needs space says so, what gives space back works, and nothing waits for ever."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from baas.applications import ApplicationManifest, Applications, ContractTemplate
from baas.cli.kit import log_to
from baas.cli.root import run
from baas.errors import Text, Unavailable
from baas.platform import Platform
from baas.services.explorer.writer import IndexWriter
from baas.workspace import Workspace
from network.vault import write_public
from tests.baas.test_explorer import service  # noqa: F401 - a fixture

NOTES = ApplicationManifest(
    id="notes",
    title=Text("笔记", "Notes"),
    summary=Text("笔记", "Notes"),
    contract=ContractTemplate("notes", "tests", "1", Text("笔记", "Notes"), lambda _spec: ""),
    service="builtins:object",
    command="notes",
    commands="builtins:object",
    files=("notes/{network}.db*", "notes/{network}-extra"),
)


@pytest.fixture
def full(paper: Platform, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a closed workspace on a disk that is full."""
    paper.close()
    usage = shutil.disk_usage("/")
    monkeypatch.setattr("baas.workspace.shutil.disk_usage", lambda _path: usage._replace(free=0))
    return paper.workspace.folder


def test_what_needs_space_is_refused_and_what_frees_it_is_not(full: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unavailable) as refused:
        Platform.open(full)
    assert refused.value.code == "disk_full"
    base = ["--workspace", str(full), "--lang", "en"]
    assert run([*base, "identity", "issue", "CopyrightMSP/x"]) == 3
    assert run([*base, "network", "list"]) == 0
    assert run([*base, "network", "destroy", "city", "--yes"]) == 0
    assert not (full / "networks" / "city").exists()
    assert "Traceback" not in capsys.readouterr().err


def test_a_network_destroyed_on_a_full_disk_leaves_no_token_to_the_next_of_its_name(
    paper: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, others = "keys.city/CopyrightMSP", "keys.city2/CopyrightMSP"
    for name in (ours, others):
        paper.workspace.set_setting(name, "pkcs11:token=x")
    paper.close()
    folder, usage = paper.workspace.folder, shutil.disk_usage("/")
    with monkeypatch.context() as patch:
        patch.setattr("baas.workspace.shutil.disk_usage", lambda _path: usage._replace(free=0))
        assert run(["--workspace", str(folder), "--lang", "en", "network", "destroy", "city", "--yes"]) == 0
    with Platform.open(folder, applications=Applications({})) as platform:
        assert [platform.workspace.setting(name) for name in (ours, others)] == ["", "pkcs11:token=x"]


def test_a_network_is_destroyed_where_its_settings_cannot_be_forgotten(
    paper: Platform, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_self: Workspace, _prefix: str) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Workspace, "forget_settings", fails)
    paper.networks.destroy("city")
    assert paper.networks.names() == () and "city" in caplog.text


def test_a_destroyed_network_leaves_nothing_anywhere(paper: Platform) -> None:
    folder = paper.workspace.folder
    gone = ("index/city~citychannel.db", "index/city~citychannel.db-wal", "notes/city.db", "notes/city-extra/deep/x")
    kept = ("index/city2~citychannel.db", "notes/city2.db", "notes/saved.pdf")
    for name in (*gone, *kept):
        write_public(folder / name, b"x")
    paper.close()
    with Platform.open(folder, applications=Applications({"notes": NOTES})) as platform:
        platform.networks.destroy("city")
    assert [name for name in gone if (folder / name).exists()] == []
    assert all((folder / name).exists() for name in kept)


def test_an_index_that_cannot_be_written_is_said_at_once(
    service: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def add(_writer: IndexWriter, _blocks: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(IndexWriter, "add", add)
    with pytest.raises(Unavailable) as refused:
        service.sync("city")
    assert refused.value.code == "disk_full"
    service.close()


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full_device = Path("/dev/full")
    if not full_device.exists():
        pytest.skip("this system has no device that is always full")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "citychain.log").symlink_to(full_device)
    with log_to(tmp_path):
        logging.getLogger("citychain").error("not to be lost, but lost")
    assert capsys.readouterr().err == ""


def test_a_failed_write_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_public(tmp_path / "state.json", b"before")

    def fails(_source: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fails)
    with pytest.raises(OSError, match="No space"):
        write_public(tmp_path / "state.json", b"after")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("state.json", b"before")]
