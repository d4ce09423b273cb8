"""The supervisor: starts, restarts with back-off, stops, rotates, survives its own death."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from network.errors import Unavailable
from network.processes import birth_of, born_as
from network.supervisor import process
from network.supervisor.client import SupervisorClient
from network.supervisor.process import process_alive, rotate
from network.supervisor.spec import CONTROL_FILE, ProcessSpec

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses POSIX signals")


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[SupervisorClient]:
    made = SupervisorClient(tmp_path / "run")
    yield made
    made.shutdown()


def spec(client: SupervisorClient, name: str, code: str, **options: object) -> ProcessSpec:
    folder = client.directory.parent
    return ProcessSpec(name, (sys.executable, "-c", code), str(folder / f"{name}.log"), str(folder), **options)  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process's start stays what it was")
def test_a_process_is_the_same_whatever_the_clock_is_set_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, the hour of its start named it, which moves with the machine's clock: orphans were started twice."""
    here, boot = os.getpid(), psutil.boot_time()
    birth, before = birth_of(here), psutil.Process().create_time()
    assert birth and born_as(here, birth) and born_as(here, before)  # a number is what earlier versions noted
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: boot - 3600)
    assert birth_of(here) == birth and born_as(here, birth)
    assert birth_of(1) != birth and not born_as(1, birth) and not born_as(here, before) and not born_as(here, None)
    assert birth_of(2**22 + 1) is None


SLEEP = "import time; print('up', flush=True); time.sleep(600)"


def test_start_restart_stop(client: SupervisorClient) -> None:
    client.put([spec(client, "a", SLEEP, env={"MARK": "1"})])
    until(lambda: client.states()["a"].state == "running")
    first = client.states()["a"].pid
    client.put([spec(client, "a", SLEEP, env={"MARK": "1"})])
    assert client.states()["a"].pid == first
    client.put([spec(client, "a", SLEEP, env={"MARK": "2"})])
    until(lambda: client.states()["a"].state == "running")
    second = client.states()["a"].pid
    assert second != first
    client.restart(["a"])
    until(lambda: client.states()["a"].state == "running")
    assert client.states()["a"].pid not in (first, second, None)
    client.stop(["a"])
    assert client.states()["a"].state == "stopped"
    client.start(["a"])
    until(lambda: client.states()["a"].state == "running")
    client.remove(["a"])
    assert client.states() == {}


def test_a_program_that_ends_is_started_again_more_and_more_slowly(client: SupervisorClient) -> None:
    client.put([spec(client, "a", "print('x'); raise SystemExit(7)")])
    until(lambda: client.states()["a"].restarts >= 2)
    state = client.states()["a"]
    assert state.exit_code == 7
    assert list(process.BACK_OFF) == sorted(process.BACK_OFF)


def test_a_killed_program_comes_back(client: SupervisorClient) -> None:
    client.put([spec(client, "a", SLEEP)])
    until(lambda: client.states()["a"].state == "running")
    pid = client.states()["a"].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: client.states()["a"].restarts == 1 and client.states()["a"].state == "running")
    assert client.states()["a"].pid != pid


def test_a_program_that_will_not_end_is_killed(client: SupervisorClient) -> None:
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    client.put([spec(client, "a", stubborn, stop_seconds=0.3)])
    log = client.directory.parent / "a.log"
    until(lambda: log.exists() and b"up" in log.read_bytes())
    pid = client.states()["a"].pid
    assert pid is not None
    client.stop(["a"])
    assert not process_alive(pid)


def test_what_cannot_start_is_said_in_the_log(client: SupervisorClient) -> None:
    folder = client.directory.parent
    client.put([ProcessSpec("a", ("/nowhere/program",), str(folder / "a.log"), str(folder))])
    until(lambda: client.states()["a"].state == "failed")
    assert b"cannot start /nowhere/program" in (folder / "a.log").read_bytes()


def test_programs_outlive_the_supervisor_and_are_adopted(client: SupervisorClient) -> None:
    client.put([spec(client, "a", SLEEP), spec(client, "b", SLEEP, wanted=False)])
    until(lambda: client.states()["a"].state == "running")
    pid = client.states()["a"].pid
    control = json.loads((client.directory / CONTROL_FILE).read_bytes())
    os.kill(control["pid"], signal.SIGKILL)
    until(lambda: not client.running)
    assert client.states()["a"].pid == pid
    client.ensure()
    until(lambda: client.states()["a"].state == "running")
    assert client.states()["a"].pid == pid
    assert client.states()["b"].state == "stopped"
    client.shutdown()
    assert pid is not None
    until(lambda: not process_alive(pid))


def test_orphans_are_ended_without_a_supervisor(client: SupervisorClient) -> None:
    client.put([spec(client, "a", SLEEP)])
    until(lambda: client.states()["a"].state == "running")
    pid = client.states()["a"].pid
    control = json.loads((client.directory / CONTROL_FILE).read_bytes())
    os.kill(control["pid"], signal.SIGKILL)
    until(lambda: not client.running)
    client.shutdown()
    assert pid is not None
    until(lambda: not process_alive(pid))


def test_strangers_are_not_heard(client: SupervisorClient) -> None:
    client.put([spec(client, "a", SLEEP)])
    control = json.loads((client.directory / CONTROL_FILE).read_bytes())
    for message in (b'{"op": "shutdown", "token": "wrong"}\n', b"garbage\n", b"[]\n", b'{"token": null}\n'):
        with socket.create_connection(("127.0.0.1", control["port"]), timeout=5) as connection:
            connection.sendall(message)
            answer = connection.makefile("rb").readline()
        assert b'"ok": true' not in answer
    until(lambda: client.states()["a"].state == "running")
    assert (client.directory / CONTROL_FILE).stat().st_mode & 0o077 == 0


def test_a_second_supervisor_gives_way(client: SupervisorClient) -> None:
    import subprocess

    client.ensure()
    done = subprocess.run([sys.executable, "-m", "network.supervisor", str(client.directory)], timeout=20, check=False)
    assert done.returncode == 0
    assert client.running


def test_secrets_of_the_environment_do_not_reach_programs(
    client: SupervisorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "secret")
    client.put([spec(client, "a", "import os, time; print(sorted(os.environ), flush=True); time.sleep(600)")])
    log = client.directory.parent / "a.log"
    until(lambda: log.exists() and b"]" in log.read_bytes())
    assert b"PATH" in log.read_bytes()
    assert b"MY_TOKEN" not in log.read_bytes()


def test_logs_rotate_under_their_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LOG_BYTES", 1000)
    log = tmp_path / "node.log"
    with log.open("ab", buffering=0) as writer:
        for round_number in range(6):
            writer.write(b"%d" % round_number * 1200)
            rotate(log)
            assert log.stat().st_size == 0
    assert log.with_name("node.log.1").read_bytes() == b"5" * 1200
    assert log.with_name("node.log.3").read_bytes() == b"3" * 1200
    assert not log.with_name("node.log.4").exists()
    rotate(tmp_path / "absent.log")


COUNT = """
import itertools, pathlib, sys
for number in itertools.count():
    pathlib.Path("count").write_text(str(number))
"""


def counted(client: SupervisorClient) -> str:
    return (client.directory.parent / "count").read_text()


def goes_on(client: SupervisorClient) -> None:
    before = counted(client)
    until(lambda: counted(client) not in (before, ""))


def test_programs_are_held_still_and_go_on(client: SupervisorClient) -> None:
    client.put([spec(client, "a", COUNT)])
    until((client.directory.parent / "count").exists)
    goes_on(client)
    pid = client.states()["a"].pid
    with client.held(["a", "nobody"]) as still:
        assert still.names == ("a",)
        before = counted(client)
        time.sleep(0.1)
        assert counted(client) == before
    assert 0.1 <= still.seconds < 60
    goes_on(client)
    assert client.states()["a"].pid == pid and client.states()["a"].restarts == 0

    with pytest.raises(ZeroDivisionError), client.held(["a"]):
        raise ZeroDivisionError
    goes_on(client)

    # One that ended meanwhile wrote again: the copy is void.
    with pytest.raises(Unavailable) as void, client.held(["a"]):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda: client.states()["a"].pid not in (pid, None))
    assert void.value.code == "not_still"
    # Longer than was asked for.
    with pytest.raises(Unavailable) as void, client.held(["a"], seconds=0.05):
        goes_on(client)
    assert void.value.code == "not_still"


HOLDER = """
import pathlib, sys
from network.supervisor.client import SupervisorClient
with SupervisorClient(pathlib.Path(sys.argv[1])).held(["a"]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("victims", ["holder", "supervisor", "both"])
def test_nothing_stays_still_when_who_holds_it_is_killed(client: SupervisorClient, victims: str) -> None:
    client.put([spec(client, "a", COUNT)])
    until((client.directory.parent / "count").exists)
    pid = client.states()["a"].pid
    command = [sys.executable, "-c", HOLDER, str(client.directory)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert holder.stdin is not None and holder.stdout is not None and holder.stdout.readline().strip() == b"held"
    if victims != "holder":
        os.kill(json.loads((client.directory / CONTROL_FILE).read_bytes())["pid"], signal.SIGKILL)
    if victims == "supervisor":
        holder.stdin.close()
        assert holder.wait(30) != 0  # it says so, and lets them go on itself
    else:
        holder.kill()
        holder.wait(30)
    if victims == "both":
        client.ensure()
    goes_on(client)
    assert client.states()["a"].pid == pid


def test_a_supervisor_of_before_an_update_is_exchanged(client: SupervisorClient) -> None:
    client.put([spec(client, "a", COUNT)])
    until((client.directory.parent / "count").exists)
    control = client.directory / CONTROL_FILE
    before = json.loads(control.read_bytes())
    control.write_text(json.dumps(before | {"generation": 2}))
    pid = client.states()["a"].pid
    with client.held(["a"]) as still:
        assert still.names == ("a",)
    assert client.states()["a"].pid == pid
    assert json.loads(control.read_bytes())["pid"] != before["pid"]
