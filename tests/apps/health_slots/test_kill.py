"""kill -9 in the middle: an import goes on or starts clean, the index is the same afterwards. On a running network."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.health_slots.index import SlotIndex
from apps.health_slots.samples import write_schedule
from apps.health_slots.schedule import preview_file
from apps.health_slots.service import HealthSlotsService, build_service
from baas.errors import Conflict
from baas.platform import Platform
from fabric_sdk import clock
from tests.conftest import City, close_city, make_city

PER_TRANSACTION = 2
IMPORT = """
import sys, datetime as dt
from pathlib import Path
from baas.platform import Platform
from apps.health_slots import service
from apps.health_slots.services import schedules
schedules.MAX_SESSIONS = int(sys.argv[3])
with Platform.open(Path(sys.argv[1])) as platform:
    made = service.build_service(platform, "city")
    made.schedules.import_file("H1", Path(sys.argv[2]))
"""
FOLLOW = """
import sys
from pathlib import Path
from baas.platform import Platform
from apps.health_slots import service
from apps.health_slots.index import store
store.BATCH = 1
with Platform.open(Path(sys.argv[1])) as platform:
    made = service.build_service(platform, "city")
    print("ready", flush=True)
    while True:
        made.rebuild()
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A closed workspace whose city network runs and has the hospital H1."""
    folder = tmp_path_factory.mktemp("kill") / "workspace"
    city = make_city(folder)
    service = build_service(city.platform, "city")
    service.set_up({"H1": "市第一人民医院"})
    service.rules.set_policy("H1", {"release_mode": "after-commit", "release_delay_s": 0})
    service.close()
    city.platform.close()
    yield folder
    close_city(City(Platform.open(folder), "city"))


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


def kill_when(process: subprocess.Popen[str], seen: Callable[[], bool]) -> None:
    """kill -9 as soon as `seen`; the process must not have ended by itself."""
    deadline = time.monotonic() + 60
    try:
        while not seen():
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.wait(timeout=10)
    assert process.returncode == -signal.SIGKILL


def with_service(workspace: Path, use: Callable[[HealthSlotsService], None]) -> None:
    with Platform.open(workspace) as platform:
        service = build_service(platform, "city")
        try:
            use(service)
        finally:
            service.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_a_killed_import_opens_nothing_and_goes_on(workspace: Path, tmp_path: Path) -> None:
    tomorrow = clock.today() + dt.timedelta(days=1)
    file = write_schedule(tmp_path / "schedule.csv", tomorrow)
    other = write_schedule(tmp_path / "other.csv", tomorrow + dt.timedelta(days=30))
    sessions = preview_file(file).sessions
    assert len(sessions) > 4 * PER_TRANSACTION

    def committed(service: HealthSlotsService) -> int:
        service.refresh()
        return len(service.sessions(hospital="H1"))

    for round in (1, 2):
        # A transaction's plan is kept before it is sent: killed around a commitment, sent or not.
        with Platform.open(workspace) as platform:
            service = build_service(platform, "city")
            before = committed(service)
            process = start(IMPORT, str(workspace), str(file), str(PER_TRANSACTION))
            kill_when(process, lambda n=before, service=service: committed(service) > n)
            service.close()

        def half_way(service: HealthSlotsService, round: int = round) -> None:
            service.refresh()
            there = service.sessions(hospital="H1")
            assert len(there) < len(sessions) and len(there) % PER_TRANSACTION == 0
            assert {s.state for s in there} <= {"committed"}
            run = service.schedules.unfinished("H1")
            assert run is not None and run.sessions == len(sessions)
            with pytest.raises(Conflict) as refusal:
                service.schedules.release("H1")
            assert refusal.value.code == "import_unfinished"
            with pytest.raises(Conflict) as refusal:
                service.schedules.import_file("H1", other)
            assert refusal.value.code == "import_unfinished"

        with_service(workspace, half_way)

    def finish(service: HealthSlotsService) -> None:
        done = service.schedules.import_file("H1", file)
        assert 0 < done.skipped < len(sessions) and len(done.sessions) + done.skipped == len(sessions)
        assert service.schedules.unfinished("H1") is None
        released = service.schedules.release("H1")
        assert len(released.sessions) == len(sessions)
        report = service.audit(hospital="H1", schedule=file)
        assert report.clean and report.hidden == 0 and report.sessions == len(sessions)

    with_service(workspace, finish)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_an_index_killed_while_it_follows_is_the_same_afterwards(workspace: Path, tmp_path: Path) -> None:
    for round in range(3):
        process = start(FOLLOW, str(workspace))
        assert process.stdout is not None and process.stdout.readline().strip() == "ready"
        deadline = time.monotonic() + 0.05 * (round + 1)
        kill_when(process, lambda end=deadline: time.monotonic() > end)

        def same(service: HealthSlotsService, round: int = round) -> None:
            service.refresh()
            other = SlotIndex(tmp_path / f"other{round}.db")
            other.sync(service.ledger)
            files = (service.index.export(tmp_path / f"a{round}.db"), other.export(tmp_path / f"b{round}.db"))
            other.close()
            assert len({hashlib.sha256(f.read_bytes()).digest() for f in files}) == 1
            assert service.index.height == service.ledger.height()

        with_service(workspace, same)
