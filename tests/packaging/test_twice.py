"""A second build stands for somebody else's: in another folder, zone and language, a day later."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "packaging"
BUILDER = """
import argparse, datetime, os, pathlib, time
parser = argparse.ArgumentParser()
parser.add_argument("--output", type=pathlib.Path)
folder = parser.parse_args().output
folder.mkdir(parents=True, exist_ok=True)
(folder / "package").write_text(str({}))
"""


@pytest.fixture
def twice(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("twice")


@pytest.mark.parametrize(
    ("inside", "same"),
    [
        ("'nothing but its sources'", True),
        ("folder", False),
        ("time.strftime('%H')", False),
        ("os.environ.get('LC_ALL')", False),
        ("os.umask(0)", False),
        ("datetime.datetime.now(datetime.UTC).date()", False),
    ],
)
def test_what_a_package_may_not_hold(
    twice: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], inside: str, same: bool
) -> None:
    if "now" in inside and not shutil.which("faketime"):
        pytest.skip("faketime is missing")
    script, first = tmp_path / "build.py", tmp_path / "first"
    script.write_text(BUILDER.format(inside), encoding="utf-8")
    subprocess.run([sys.executable, str(script), "--output", str(first)], check=True)
    assert twice.compare([first / "package"], [str(script), "--check"]) == (0 if same else 1)
    told = capsys.readouterr().out
    assert ("package differs" in told) is not same


def test_a_second_build_that_fails_or_writes_less(
    twice: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "build.py"
    (tmp_path / "package").write_bytes(b"x")
    script.write_text("import sys; sys.exit(4)", encoding="utf-8")
    assert twice.compare([tmp_path / "package"], [str(script)]) == 1
    assert "ended with 4" in capsys.readouterr().out
    script.write_text("", encoding="utf-8")
    assert twice.compare([tmp_path / "package"], [str(script)]) == 1
    assert "did not write it" in capsys.readouterr().out
