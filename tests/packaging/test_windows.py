"""What can be known about Windows without one: imports, names, and calls that it does not have."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from network.file_names import portable_file_name, reserved_on_windows

ROOT = Path(__file__).resolve().parents[2]
STARTERS = ("Popen", "run", "call", "check_call", "check_output")


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, timeout=60)
    if done.returncode != 0:
        pytest.skip("this copy of the sources is no git checkout")
    return [name for name in done.stdout.decode().split("\0") if name]


@pytest.mark.timeout(700)  # a second on an idle machine, minutes on a loaded one: it imports everything
def test_every_module_imports_without_posix() -> None:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("hidden_posix.py"))],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert int(done.stdout.split()[0]) > 400


def test_every_tracked_file_can_be_checked_out_on_windows() -> None:
    names = tracked()
    for name in names:
        for part in name.split("/"):
            assert portable_file_name(part) == part, name
        assert len(name) < 150, name  # a folder of ordinary depth before it, and still under 260
    folded = [name.lower() for name in names]
    assert len(set(folded)) == len(folded)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("城链登字-2026-G-1.pdf", "城链登字-2026-G-1.pdf"),
        ("a/b\\c:d", "a_b_c_d"),
        ("con", "_con"),
        ("Nul.txt", "_Nul.txt"),
        ("com1 .log", "_com1 .log"),
        ("console", "console"),
        ("trailing. .", "trailing"),
        ("...", "_"),
        ("tab\tnewline\n", "tab_newline_"),
    ],
)
def test_names_that_windows_takes(text: str, name: str) -> None:
    assert portable_file_name(text) == name
    assert not reserved_on_windows(name)


@pytest.mark.skipif(sys.platform != "win32", reason="needs Windows; packaging/check.py runs it under Wine")
def test_what_only_windows_can_show(tmp_path: Path) -> None:
    program = Path(__file__).with_name("windows_rules.py")
    subprocess.run([sys.executable, str(program), str(tmp_path)], check=True, timeout=110)


def test_background_programs_have_a_hidden_console_and_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """CREATE_NO_WINDOW gives a console that nobody sees; with DETACHED_PROCESS each child would open a window."""
    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 0x08000000, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x00000200, raising=False)
    # by another name: as network.processes it would stay for all that is tested later in this process
    spec = importlib.util.spec_from_file_location("processes_on_windows", ROOT / "network" / "processes.py")
    assert spec is not None and spec.loader is not None
    processes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(processes)
    monkeypatch.undo()
    assert processes.BACKGROUND == 0x08000200
    assert processes.SHARES_CONSOLE == 0x00000200
    assert processes.NO_WINDOW == 0x08000000


def test_nothing_is_started_without_saying_whether_a_window_opens() -> None:
    """Each program that the product starts names its flags; what developers run (benchmarks, catalogues) may not."""
    bare = []
    for name in tracked():
        path = ROOT / name
        ours = name.split("/")[0] in ("fabric_sdk", "network", "chaincode", "baas", "apps", "console")
        if not ours or path.suffix != ".py" or "bench" in path.stem or path.stem == "catalogue":
            continue
        source = path.read_text("utf-8")
        for node in ast.walk(ast.parse(source)) if "subprocess" in source else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in STARTERS:
                owner = node.func.value
                by_subprocess = isinstance(owner, ast.Name) and owner.id == "subprocess"
                if by_subprocess and not any(word.arg == "creationflags" for word in node.keywords):
                    bare.append(f"{name}:{node.lineno}")
    assert bare == []
