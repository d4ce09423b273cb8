"""A finished file takes an older one's place, also where readers stand in the way for a moment."""

from __future__ import annotations

import ast
import os
import threading
from pathlib import Path

import pytest

from fabric_sdk import files

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("fabric_sdk", "network", "chaincode", "baas", "apps", "console")


class Reader:
    """Somebody who has the target open: Windows refuses its replacement meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.holds = threading.Event()
        self.refusals = 0
        real = os.replace

        def refused_while_read(source: Path, target: Path) -> None:
            if self.holds.is_set():
                self.refusals += 1
                raise PermissionError(13, "Access is denied", str(target))
            real(source, target)

        monkeypatch.setattr(os, "replace", refused_while_read)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    new, old = tmp_path / "new", tmp_path / "old"
    new.write_text("new", "utf-8")
    old.write_text("old", "utf-8")
    return new, old


def test_a_reader_who_holds_the_file_for_300_ms(monkeypatch: pytest.MonkeyPatch, pair: tuple[Path, Path]) -> None:
    monkeypatch.setattr(files, "_READERS_IN_THE_WAY", True)
    monkeypatch.setattr(files, "TRY_FOR_SECONDS", 30.0)  # this machine may be busy
    reader = Reader(monkeypatch)
    reader.holds.set()
    timer = threading.Timer(0.3, reader.holds.clear)
    timer.start()
    files.replace_file(*pair)
    timer.join()
    assert reader.refusals > 0
    assert pair[1].read_text("utf-8") == "new"
    assert not pair[0].exists()


def test_a_reader_who_does_not_let_go(monkeypatch: pytest.MonkeyPatch, pair: tuple[Path, Path]) -> None:
    monkeypatch.setattr(files, "_READERS_IN_THE_WAY", True)
    monkeypatch.setattr(files, "TRY_FOR_SECONDS", 0.1)
    Reader(monkeypatch).holds.set()
    with pytest.raises(PermissionError):
        files.replace_file(*pair)
    assert [path.read_text("utf-8") for path in pair] == ["new", "old"]


def test_elsewhere_the_first_refusal_counts(monkeypatch: pytest.MonkeyPatch, pair: tuple[Path, Path]) -> None:
    monkeypatch.setattr(files, "_READERS_IN_THE_WAY", False)
    reader = Reader(monkeypatch)
    reader.holds.set()
    with pytest.raises(PermissionError):
        files.replace_file(*pair)
    assert reader.refusals == 1


def test_nobody_renames_in_another_way() -> None:
    """`Path.replace` and `rename` take one argument; `str.replace` takes two, dates and dataclasses take names."""
    found = []
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            source = path.read_text("utf-8")
            if path == ROOT / "fabric_sdk" / "files.py" or not (".replace" in source or ".rename" in source):
                continue
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    owner = node.func.value
                    by_os = isinstance(owner, ast.Name) and owner.id == "os"
                    alone = len(node.args) == 1 and not node.keywords
                    if node.func.attr in ("replace", "rename", "renames") and (by_os or alone):
                        found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_a_folder_goes_with_all_in_it(tmp_path: Path) -> None:
    there = tmp_path / "there"
    (there / "a" / "b").mkdir(parents=True)
    (there / "a" / "b" / "c").write_bytes(b"x")
    files.remove_folder(there)
    assert not there.exists()
    files.remove_folder(there)


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own there")
def test_a_folder_that_somebody_keeps_on_another_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    (disk / "ledger").mkdir(parents=True)
    (tmp_path / "network").symlink_to(disk)
    files.remove_folder(tmp_path / "network")
    assert not disk.exists()
    assert not (tmp_path / "network").is_symlink()


@pytest.mark.parametrize("lets_go", [True, False])
def test_a_folder_in_which_a_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lets_go: bool) -> None:
    """All but that file goes; it too when its reader lets go within a second, else it is named."""
    monkeypatch.setattr(files, "_READERS_IN_THE_WAY", True)
    monkeypatch.setattr(files, "TRY_FOR_SECONDS", 0.2)
    there = tmp_path / "there"
    there.mkdir()
    for name in ("a", "read", "z"):
        (there / name).write_bytes(b"x")
    refusals, real = 0, os.unlink

    def unlink(path: str, *arguments: object, **options: object) -> None:
        nonlocal refusals
        if os.path.basename(path) == "read" and not (lets_go and refusals >= 3):  # noqa: PTH119 - what rmtree gives
            refusals += 1
            raise PermissionError(13, "in use", str(path))
        real(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "unlink", unlink)
    if lets_go:
        files.remove_folder(there)
        assert not there.exists()
    else:
        with pytest.raises(PermissionError, match="read"):
            files.remove_folder(there)
        assert [path.name for path in there.iterdir()] == ["read"]
    assert refusals


def test_a_file_is_written_whole_or_not_at_all(pair: tuple[Path, Path], tmp_path: Path) -> None:
    _, old = pair
    with pytest.raises(OSError, match="disk full"), files.whole_file(old) as file:
        file.write(b"half")
        assert old.read_bytes() == b"old", "whoever reads meanwhile has what was there"
        raise OSError(28, "disk full")
    assert old.read_bytes() == b"old"
    assert files.write_whole(old, b"whole") == 5 and old.read_bytes() == b"whole"
    assert {one.name for one in tmp_path.iterdir()} == {"new", "old"}
