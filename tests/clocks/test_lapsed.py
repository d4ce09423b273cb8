"""An installation whose certificates have ended, under shifted clocks: mended by the commands that it prints, killed
at each step and gone on with; records and evidence of before stay what they were."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.clocks.matrix import MONOTONIC

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not shutil.which("faketime"), reason="Debian's faketime is not on this machine"),
]
PROGRAM = Path(sys.executable).with_name("citychain")
ROOT = Path(__file__).resolve().parents[2]
YEARS_15 = 15 * 365 + 1
AGES = {396: "13 months", 1127: "37 months", YEARS_15: "15 years"}
NAMES = {"city": "one orderer", "ha": "raft of 3", "bft": "bft of 4"}


class Installation:
    """A workspace, asked through its commands at a moment so many days ahead."""

    def __init__(self, folder: Path, days: float = 0) -> None:
        self.folder = folder
        self.days = days

    def argv(self, *words: str) -> list[str]:
        shifted = ["faketime", "-f", f"{self.days:+}d"] if self.days else []
        return [*shifted, str(PROGRAM), "--workspace", str(self.folder), "--lang", "en", *words]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **MONOTONIC}

    def run(self, *words: str, code: int = 0) -> str:
        log = self.folder.parent / "said.log"
        with log.open("wb") as out:  # a pipe would wait for the nodes, which go on
            done = subprocess.run(
                self.argv(*words),
                env=self.environment,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                timeout=200,
                check=False,
            )
        said = log.read_text("utf-8")
        assert done.returncode == code, said
        return said

    def json(self, *words: str) -> Any:
        said = self.run("--json", *words)
        return json.loads(said[min(i for i in (said.find("{"), said.find("[")) if i >= 0) :])

    def works(self) -> list[dict[str, Any]]:
        found = self.json("copyright", "list")
        return sorted(found if isinstance(found, list) else found["items"], key=lambda work: work["id"])

    def killed_renewals(self) -> int:
        """Kill `network renew` at each step that it tells of, until it ends by itself; return how often."""
        kills = 0
        while kills < 60:
            log = self.folder.parent / "renewal.log"
            with log.open("wb") as out:
                process = subprocess.Popen(
                    self.argv("network", "renew"), env=self.environment, stdout=out, stderr=out, start_new_session=True
                )
            while process.poll() is None:
                said = log.read_bytes()
                # The step before this one is done. Whoever is done with all would renew everything once more if killed.
                if said.count(b"\n") > 1 and b"\nseconds" not in said:
                    os.killpg(process.pid, signal.SIGKILL)
                    break
                time.sleep(0.01)
            if process.wait(100) >= 0:
                return kills
            kills += 1
        raise AssertionError(log.read_text("utf-8"))


def founded(base: Path, template: str) -> Path:
    """An embedded network with a deposited work and its evidence package, stopped."""
    made = Installation(base / "workspace")
    made.run("network", "up", "--template", template, "--name", "city")
    made.run("chaincode", "deploy", "copyright")
    made.run("identity", "issue", "PublicMSP/li", "--role", "creator")
    picture = base / "picture.txt"
    picture.write_text("a work of before", "utf-8")
    made.run("copyright", "deposit", str(picture), "--title", "Before", "--as", "PublicMSP/li")
    work = made.works()[0]["id"]
    made.run("copyright", "evidence", work, "-o", str(base / "evidence.zip"))
    made.run("network", "stop")
    return base


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`founded` of a template: one orderer (`city`), Raft of three (`ha`), BFT of four (`bft`); each made once."""
    made: dict[str, Path] = {}

    def original(template: str) -> Path:
        if template not in made:
            made[template] = founded(tmp_path_factory.mktemp(f"lapsed-{template}"), template)
        return made[template]

    return original


@pytest.fixture
def aged(originals: Callable[[str], Path], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """A copy of such an installation, as a template's name and its age in days say."""
    template, days = request.param
    original = originals(template)
    shutil.copytree(original / "workspace", tmp_path / "workspace", ignore=shutil.ignore_patterns("*.sock"))
    shutil.copy(original / "evidence.zip", tmp_path)
    made = Installation(tmp_path / "workspace", days)
    yield made
    made.run("network", "destroy", "city", "--yes")


def ages(*templates: str, days: Sequence[int] = tuple(AGES)) -> pytest.MarkDecorator:
    """Run once for each of these templates at each of these ages."""
    made = [pytest.param((t, d), id=f"{NAMES[t]}, {AGES[d]}") for t in templates for d in days]
    return pytest.mark.parametrize("aged", made, indirect=True)


def goes_on(made: Installation) -> None:
    """Everything of before is there and good, and something new is registered."""
    assert {node["state"] for node in made.json("network", "status")["nodes"]} == {"running"}
    assert made.json("ledger", "verify")["damage"] == []
    assert [work["title"] for work in made.works()] == ["Before"]
    package = made.folder.parent / "evidence.zip"
    verdicts = [
        subprocess.run(one.argv("copyright", "verify", str(package)), env=one.environment, capture_output=True)  # noqa: PLW1510
        for one in (made, Installation(made.folder))
    ]
    assert verdicts[0].returncode == verdicts[1].returncode, verdicts[0].stdout.decode() + verdicts[0].stderr.decode()
    later = made.folder.parent / "later.txt"
    later.write_text("a work of later", "utf-8")
    made.run("copyright", "deposit", str(later), "--title", "Later", "--as", "PublicMSP/li")
    assert {work["title"] for work in made.works()} == {"Before", "Later"}
    assert made.run("doctor").count("expires within 30 days") == 1


@ages("city", "ha", "bft")
def test_recovered_by_the_printed_commands(aged: Installation) -> None:
    """At most three commands, each of which the one before has printed; no line of a library on the way."""
    if aged.days > 1000:
        said = aged.run("network", "start", code=3)
        assert "ended on" in said and "citychain network renew --network city" in said
        assert '"phase": "ready"' in (aged.folder / "networks/city/state.json").read_text("utf-8")
        assert len(said.strip().splitlines()) == 2, said
    else:
        aged.run("network", "start")
        said = aged.run("copyright", "list", "--as", "PublicMSP/li", code=2)
        assert "citychain identity renew PublicMSP/li" in said
        assert "citychain network renew --network city" in aged.run("doctor", code=3)
    aged.run("network", "renew", "--network", "city")
    goes_on(aged)


@ages("city", "ha", "bft", days=[YEARS_15])
def test_killed_at_each_step_and_resumed(aged: Installation) -> None:
    assert aged.killed_renewals() >= 15
    goes_on(aged)


@ages("ha", "bft")
def test_recovered_by_clicks(aged: Installation) -> None:
    """As by the commands, by what the pages offer: at most three clicks (tests/console/lapsed_by_clicks.py)."""
    shifted = aged.argv()[: aged.argv().index(str(PROGRAM))]
    script = Path(__file__).parents[1] / "console" / "lapsed_by_clicks.py"
    said = aged.folder.parent / "clicks.log"
    environment = {**aged.environment, "CITYCHAIN_LAPSED": str(aged.folder), "QT_QPA_PLATFORM": "offscreen"}
    with said.open("wb") as out:
        done = subprocess.run(
            [*shifted, sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", str(script)],
            env=environment,
            cwd=ROOT,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, said.read_text("utf-8")[-6000:]
    goes_on(aged)


def test_running_while_they_end(originals: Callable[[str], Path], tmp_path: Path) -> None:
    """Nodes that ran on past the end: said everywhere as what it is, never as running."""
    original = originals("city")
    shutil.copytree(original / "workspace", tmp_path / "workspace", ignore=shutil.ignore_patterns("*.sock"))
    now = Installation(tmp_path / "workspace")
    now.run("network", "start")
    later = Installation(tmp_path / "workspace", 1127)
    try:
        status = later.json("network", "status")
        assert status["state"] == "lapsed" and {n["state"] for n in status["nodes"]} == {"lapsed"}
        assert "runs, but nobody can connect: certificates ended on" in later.run("network", "status")
        assert "nobody can connect" in later.run("doctor", code=3)
        early = Installation(tmp_path / "workspace", -300)
        assert "valid only from" in early.run("network", "status")
        assert "Set this machine's clock right" in early.run("doctor", code=3)
        assert "Set this machine's clock right" in early.run("network", "renew", code=2)
        later.run("network", "renew")
        assert later.json("network", "status")["state"] == "running"
    finally:
        later.run("network", "destroy", "city", "--yes")
