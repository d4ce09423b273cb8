"""The check itself: a script that broke off is no success, and none of them is broken shell."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "packaging"


@pytest.fixture
def check_windows(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("check_windows")


def steps_of(script: str) -> list[str]:
    return re.findall(r'step "([^"]+)"', (FOLDER / "wine" / f"{script}.sh").read_text(encoding="utf-8"))


def test_a_script_that_broke_off_has_failed(check_windows: ModuleType, tmp_path: Path) -> None:
    installer, people = steps_of("installer"), steps_of("people")
    assert check_windows.outcomes(tmp_path) == []  # neither was run
    (tmp_path / "installer.log").touch()
    assert check_windows.outcomes(tmp_path) == [("installer.sh: to its last step", 1, 0.0)]
    (tmp_path / "installer.steps").write_text("".join(f"0 5 {name}\n" for name in installer[:-1]), encoding="utf-8")
    assert check_windows.outcomes(tmp_path)[-1] == ("installer.sh: to its last step", 1, 0.0)
    (tmp_path / "installer.steps").write_text("".join(f"0 5 {name}\n" for name in installer), encoding="utf-8")
    assert {code for _name, code, _seconds in check_windows.outcomes(tmp_path)} == {0}
    (tmp_path / "people.log").touch()
    (tmp_path / "people.steps").write_text(f"1 7 {people[0]}\n0 5 {people[-1]}\n", encoding="utf-8")
    assert [code for _name, code, _seconds in check_windows.outcomes(tmp_path)[-2:]] == [1, 0]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is missing")
@pytest.mark.parametrize("script", ["common", "installer", "people"])
def test_the_scripts_are_shell(script: str) -> None:
    subprocess.run(["bash", "-n", str(FOLDER / "wine" / f"{script}.sh")], check=True)


def test_every_step_of_the_linux_check_is_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    check = importlib.import_module("check")
    for name, who, command in (*check.INSTALLED, *check.BEFORE, *check.AFTER, *check.UNPACKED):
        assert who in ("root", check.USER)
        done = subprocess.run(["sh", "-n", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr}"
