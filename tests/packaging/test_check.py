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
@pytest.mark.parametrize("script", ["waiting", "wine/common", "wine/installer", "wine/people"])
def test_the_scripts_are_shell(script: str) -> None:
    path = FOLDER / f"{script}.sh"
    assert len(path.read_bytes()) > 500  # an empty one is shell, too
    subprocess.run(["bash", "-n", str(path)], check=True)


@pytest.mark.skipif(not Path("/proc/loadavg").exists() or shutil.which("bash") is None, reason="needs Linux and bash")
def test_waiting_ends_and_says_how() -> None:
    def code(line: str) -> int:
        script = f". '{FOLDER / 'waiting.sh'}'; {line}"
        return subprocess.run(["bash", "-c", script], check=False, timeout=60).returncode

    assert code("await 30 true") == 0
    assert code("await 0 false") == 1
    assert code("within 30 sh -c 'exit 7'") == 7
    assert code("GRACE=0; within 0 sleep 300") == 124
    assert code('GRACE=0; trap "" TERM; within 0 sleep 300') == 124  # a child that does not listen


def test_limits_count_the_share_of_the_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    check = importlib.import_module("check")
    assert [check.share(load, 2) for load in (0.0, 2.0, 4.0, 20.0)] == [1.0, 1.0, 0.5, 0.1]


def h2spec_report(path: Path, failures: dict[str, int], ran: int = 141) -> Path:
    head, *rest = [("generic/1", ran - 2 * len(failures), 0), *((name, 2, bad) for name, bad in failures.items())]
    rows = "".join(
        f'<testsuite package="{name}" tests="{tests}" skipped="0" failures="0" errors="{bad}">'
        '<testcase time="0.5"></testcase></testsuite>'
        for name, tests, bad in (head, *rest)
    )
    path.write_text(f"<testsuites>{rows}</testsuites>", encoding="utf-8")
    return path


def test_h2spec_may_fail_where_it_does_on_linux_and_nowhere_else(check_windows: ModuleType, tmp_path: Path) -> None:
    report = tmp_path / "h2spec.xml"
    known = {"generic/2": 2, "http2/6.3": 1}
    assert check_windows.judged(h2spec_report(report, known)) == (0, 1.5)
    assert check_windows.judged(h2spec_report(report, {}))[0] == 0
    assert check_windows.judged(h2spec_report(report, {"http2/6.3": 2}))[0] == 1
    assert check_windows.judged(h2spec_report(report, {"http2/4.2": 1}))[0] == 1
    assert check_windows.judged(h2spec_report(report, known, ran=100))[0] == 1  # it broke off


def test_every_step_of_the_linux_check_is_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    check = importlib.import_module("check")
    window = ("window.sh", check.USER, check.WINDOW)
    for name, who, command in (*check.INSTALLED, *check.BEFORE, *check.AFTER, *check.UNPACKED, window):
        assert who in ("root", check.USER)
        done = subprocess.run(["sh", "-n", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr}"
