"""Talking to a network's supervisor, and starting one when none runs."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from network.errors import Unavailable
from network.processes import BACKGROUND, ask_to_end, born_as, still_running
from network.supervisor.freezing import LONGEST_S, go_on
from network.supervisor.process import process_alive
from network.supervisor.spec import (
    CONTROL_FILE,
    GENERATION,
    LOG_FILE,
    PIDS_FILE,
    ProcessSpec,
    ProcessState,
    load_processes,
    read_json,
    save_processes,
)
from network.text import Text

ENV_FILES, HOLDING = 2, 3
"""From which generation on a supervisor understands these."""
START_SECONDS = 15.0
CALL_SECONDS = 90.0


@dataclass
class Still:
    """Programs that are held still: which, and when it is over, for how many seconds."""

    names: tuple[str, ...] = ()
    seconds: float = 0.0


class SupervisorClient:
    """The supervisor of one run folder."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def running(self) -> bool:
        """Whether a supervisor answers."""
        try:
            self._call("status", timeout=3.0)
        except (OSError, ValueError):
            return False
        return True

    def ensure(self) -> None:
        """Start the supervisor unless one runs; it starts or adopts everything that is wanted."""
        if self.running:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / CONTROL_FILE).unlink(missing_ok=True)
        root = str(Path(__file__).resolve().parents[2])
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}
        with (self.directory / LOG_FILE).open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "network.supervisor", str(self.directory)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env=environment,
                creationflags=BACKGROUND,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if (self.directory / CONTROL_FILE).exists() and self.running:
                # Collects its exit code, so that it does not stay as a zombie of this process.
                threading.Thread(target=child.wait, daemon=True).start()
                return
            time.sleep(0.01)
        raise Unavailable(
            Text("进程监护程序没有启动。", "The process supervisor has not started."),
            Text("请查看日志 {f}。", "See the log {f}.", f=str(self.directory / LOG_FILE)),
        )

    def put(self, specs: Iterable[ProcessSpec]) -> None:
        """Add or replace programs and start them."""
        specs = list(specs)
        if any(s.env_files for s in specs) and self._generation() < ENV_FILES:
            self.shutdown()  # a supervisor of before an update: what it keeps running is started again by a new one
        self.ensure()
        self._ask("put", processes=[s.document() for s in specs])

    def start(self, names: Iterable[str] = ()) -> None:
        """Start programs (all when none is named)."""
        self.ensure()
        self._ask("start", names=list(names))

    def stop(self, names: Iterable[str] = ()) -> None:
        """Stop programs (all when none is named) and remember that they are not wanted."""
        self._ask("stop", names=list(names))

    def restart(self, names: Iterable[str]) -> None:
        """Stop and start programs."""
        self.ensure()
        self._ask("restart", names=list(names))

    def remove(self, names: Iterable[str]) -> None:
        """Stop programs and forget them."""
        self._ask("remove", names=list(names))

    @contextlib.contextmanager
    def held(self, names: Iterable[str], seconds: float = LONGEST_S) -> Iterator[Still]:
        """Hold programs still inside the block, so that their files can be copied as of one instant.

        None is stopped, connections stay; those of `names` that do not run are passed over. The supervisor lets them
        go on when this process dies. `Unavailable` at the end where they did not stay still all the time, because one
        ended meanwhile or `seconds` were over: what was copied is void then.
        """
        if self._generation() < HOLDING:
            self._exchange()
        elif not self.running and self._orphans():
            self.ensure()
        still = Still()
        if not self.running:
            yield still
            return
        control = read_json(self.directory / CONTROL_FILE)
        with socket.create_connection(("127.0.0.1", int(str(control["port"]))), timeout=seconds + 15) as connection:
            request = {"op": "hold", "token": control.get("token"), "names": list(names), "seconds": seconds}
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as stream:
                try:
                    answer = json.loads(stream.readline())
                    pids: dict[str, tuple[int, str]] = answer["result"]
                except (OSError, ValueError, KeyError) as e:
                    raise self._silent(e) from e
                still.names = tuple(sorted(pids))
                told: dict[str, Any] = {}
                try:
                    yield still
                    with contextlib.suppress(OSError, ValueError, KeyError):
                        connection.sendall(b"go on\n")
                        told = json.loads(stream.readline())["result"]
                finally:
                    for pid, created in () if told else pids.values():
                        if born_as(pid, created):
                            go_on(pid)  # where the supervisor was killed, nobody else does
            if not told.get("kept"):
                raise Unavailable(
                    Text("节点没有保持静止，这份副本作废。", "The nodes did not stay still: the copy is void."),
                    Text("请重试。", "Try again."),
                    code="not_still",
                )
            still.seconds = float(told["seconds"])

    def _exchange(self) -> None:
        """Put a new supervisor in the place of one of before an update, which ends by force: its programs go on."""
        import psutil

        pid = self._pid()
        with contextlib.suppress(psutil.Error):
            if pid is not None:
                process = psutil.Process(pid)
                process.kill()
                process.wait(10)
        self.ensure()

    def states(self) -> dict[str, ProcessState]:
        """Return every program's state by name; all `stopped` when no supervisor runs."""
        try:
            answer = self._call("status", timeout=10.0)
        except (OSError, ValueError):
            alive = self._orphans()
            return {
                name: ProcessState(name, "running" if name in alive else "stopped", alive.get(name), wanted=s.wanted)
                for name, s in load_processes(self.directory).items()
            }
        return {str(s["name"]): ProcessState(**s) for s in answer}

    def shutdown(self) -> None:
        """Stop all programs and the supervisor; also what an earlier supervisor left running."""
        pid = self._pid()
        try:
            self._call("shutdown", timeout=CALL_SECONDS)
        except (OSError, ValueError):
            self._end_orphans()
            return
        deadline = time.monotonic() + 10
        while pid is not None and process_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop_all(self) -> None:
        """Stop every program and the supervisor, remembering that nothing is wanted any more."""
        if self.running:
            self._ask("stop", names=[])
        else:
            specs = load_processes(self.directory)
            if specs:
                save_processes(
                    self.directory, {n: ProcessSpec.of({**asdict(s), "wanted": False}) for n, s in specs.items()}
                )
        self.shutdown()

    def _generation(self) -> int:
        """What the running supervisor understands; the newest when none runs."""
        generation = read_json(self.directory / CONTROL_FILE).get("generation", 1) if self.running else GENERATION
        return generation if isinstance(generation, int) else 1

    def _pid(self) -> int | None:
        pid = read_json(self.directory / CONTROL_FILE).get("pid")
        return pid if isinstance(pid, int) else None

    def _orphans(self) -> dict[str, int]:
        """Return programs that still run although no supervisor does."""
        result = {}
        for name, entry in read_json(self.directory / PIDS_FILE).items():
            if isinstance(entry, dict) and isinstance(entry.get("pid"), int):
                pid = entry["pid"]
                if born_as(pid, entry.get("created")) and process_alive(pid):
                    result[name] = pid
        return result

    def _end_orphans(self) -> None:
        import psutil

        processes = []
        for pid in self._orphans().values():
            try:
                process = psutil.Process(pid)
                if not ask_to_end(pid, same_console=False):
                    process.terminate()
                processes.append(process)
            except psutil.Error:
                continue
        alive = still_running(processes, 10)
        for process in alive:
            process.kill()
        still_running(alive, 5)

    def _ask(self, operation: str, **arguments: object) -> None:
        try:
            self._call(operation, timeout=CALL_SECONDS, **arguments)
        except (OSError, ValueError) as e:
            raise self._silent(e) from e

    def _silent(self, error: object) -> Unavailable:
        return Unavailable(
            Text("进程监护程序没有响应：{e}。", "The process supervisor does not answer: {e}.", e=str(error)),
            Text("请查看日志 {f}。", "See the log {f}.", f=str(self.directory / LOG_FILE)),
        )

    def _call(self, operation: str, *, timeout: float, **arguments: object) -> list[dict[str, Any]]:
        control = read_json(self.directory / CONTROL_FILE)
        port, token = control.get("port"), control.get("token")
        if not isinstance(port, int):
            raise ConnectionRefusedError("no supervisor is running")
        with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
            connection.sendall(json.dumps({"op": operation, "token": token, **arguments}).encode() + b"\n")
            with connection.makefile("rb") as stream:
                answer = json.loads(stream.readline())
        if not answer["ok"]:
            raise ValueError(answer["error"])
        result: list[dict[str, Any]] = answer["result"]
        return result
