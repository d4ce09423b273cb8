"""Each command of the administrators' calendar, run in its order on a network like the guide's."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).with_name("citychain")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]


def calendar() -> list[str]:
    text = (ROOT / "docs" / "administrators.md").read_text(encoding="utf-8")
    part = text[text.index("## Calendar") :].partition("\n## ")[0]
    lines = [line for block in re.findall(r"```\n(.*?)```", part, re.S) for line in block.splitlines()]
    assert len(lines) > 15 and all(line.startswith("citychain ") for line in lines)
    return lines


def run(folder: Path, line: str) -> str:
    """One line as an operator types it, with the folders of the guide inside `folder`."""
    words = [word.replace("/srv/", f"{folder}/srv/") for word in shlex.split(line)[1:]]
    if words[0] != "--workspace":
        words = ["--workspace", str(folder / "workspace"), *words]
    log = folder / "said.log"
    with log.open("wb") as out:  # a pipe would wait for the nodes, which go on
        done = subprocess.run(
            [str(PROGRAM), *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            timeout=200,
            check=False,
        )
    said = log.read_text("utf-8")
    assert done.returncode == 0, f"{line}\n{said}"
    return said


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "srv").mkdir()
    run(tmp_path, "citychain network up --template city --name city")
    run(tmp_path, "citychain chaincode deploy copyright")
    yield tmp_path
    for words in ("", " --workspace /srv/drill"):
        if not words or (tmp_path / "srv" / "drill").exists():
            run(tmp_path, f"citychain{words} network destroy city --yes")


def test_every_command_of_the_calendar(folder: Path) -> None:
    elsewhere = False
    for line in calendar():
        if "/srv/drill" in line and not elsewhere:
            # The drill is another machine's; here its network takes the ports of this one.
            elsewhere = True
            run(folder, "citychain network stop")
        run(folder, line)
    assert elsewhere and (folder / "srv" / "drill" / "citychain.db").exists()
