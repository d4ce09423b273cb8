"""What can be known about Windows without one: imports, names, and calls that it does not have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from network.file_names import portable_file_name, reserved_on_windows

ROOT = Path(__file__).resolve().parents[2]


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, timeout=60)
    if done.returncode != 0:
        pytest.skip("this copy of the sources is no git checkout")
    return [name for name in done.stdout.decode().split("\0") if name]


def test_every_module_imports_without_posix() -> None:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("hidden_posix.py"))],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
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
