"""Workspaces of every published version are opened, verified and used by today's programs.

`packaging/archive_workspace.py` makes an archive; none is ever changed. A clock and a loopback of their own are given
to the processes where the machine allows it, since the archive's certificates end and its ports may be in use.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ARCHIVES = sorted(path.parent for path in HERE.glob("*/facts.json"))
LONG_ENOUGH_S = 110


def test_there_is_an_archive() -> None:
    assert ARCHIVES


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_an_old_workspace_opens_verifies_and_goes_on(archive: Path, tmp_path: Path) -> None:
    facts = json.loads((archive / "facts.json").read_text(encoding="utf-8"))
    found = _open(archive, tmp_path, _moment(facts))
    assert found["verified"]["verified"] and found["verified"]["damage"] == []
    assert found["verified"]["height"] >= facts["height"]
    assert {number: found["hashes"].get(number) for number in facts["hashes"]} == facts["hashes"]
    assert facts["works"].items() <= found["works"].items()
    assert len(found["appointments"]) >= facts["booked"]
    assert found["opened"] == facts["sealed"]["text"]
    assert found["deposited"]["state"] == "ACTIVE" and found["deposited"]["block"] >= facts["height"]
    assert found["evidence"] and found["old_evidence"]


def _moment(facts: dict[str, Any]) -> str:
    """A moment after the archive was made: the day in its works' numbers, three hours into it (UTC)."""
    day = facts["registered"][2:10]
    return f"{day[:4]}-{day[4:6]}-{day[6:]} 03:00:00"


def _open(archive: Path, folder: Path, moment: str) -> dict[str, Any]:
    command = [sys.executable, str(HERE / "open_archive.py"), str(archive), str(folder)]
    if shutil.which("faketime"):
        command = ["faketime", moment, *command]
    if _own_loopback():
        command = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]
    # The moment is an absolute one: where the tests themselves run at a shifted clock, that shift is none of its.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FAKETIME")}
    if "faketime" in environment.get("LD_PRELOAD", ""):
        del environment["LD_PRELOAD"]
    done = subprocess.run(command, capture_output=True, timeout=LONG_ENOUGH_S, check=False, env=environment)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _own_loopback() -> bool:
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    up = subprocess.run(["unshare", "--net", "ip", "link", "set", "lo", "up"], capture_output=True, check=False)
    return up.returncode == 0
