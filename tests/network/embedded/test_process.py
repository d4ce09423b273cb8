"""The node's process: begun while its keys are still made, and never left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from network.drivers.embedded_process import NodeProcess


def waiting_for(home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "network.embedded" in command and str(home) in command:
            found.append(process)
    return found


def end_of(home: Path, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while waiting_for(home):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_begun_process_waits_and_leaves_nothing(tmp_path: Path) -> None:
    process = NodeProcess(tmp_path / "home")
    process.begin()
    process.begin()
    assert len(waiting_for(tmp_path / "home")) == 1
    assert list((tmp_path / "home").iterdir()) == []
    process.stop()
    end_of(tmp_path / "home", 0.0)


def test_a_begun_process_ends_with_whoever_began_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    program = (
        "import os, pathlib; from network.drivers.embedded_process import NodeProcess;"
        f"NodeProcess(pathlib.Path({str(home)!r})).begin(); os._exit(1)"
    )
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", program], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=False)
    end_of(home)
