"""The supervisor's process: `python -m network.supervisor RUN_DIRECTORY`."""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import signal
import socketserver
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from network.processes import birth_of, born_as
from network.supervisor.freezing import LONGEST_S, go_on, held_still
from network.supervisor.process import Running, process_alive, rotate
from network.supervisor.spec import (
    CONTROL_FILE,
    GENERATION,
    LOG_FILE,
    MAX_MESSAGE,
    PIDS_FILE,
    ProcessSpec,
    load_processes,
    read_json,
    save_processes,
    write_json,
)


class Supervisor:
    """All programs of one run folder."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ended = threading.Event()
        self._lock = threading.RLock()
        self._specs = load_processes(directory)
        self._running: dict[str, Running] = {}
        self._pids_lock = threading.Lock()

    def begin(self) -> None:
        """Adopt what still runs from before and start the rest that is wanted."""
        before = read_json(self.directory / PIDS_FILE)
        with self._lock:
            for name, spec in self._specs.items():
                pid = _living(before.get(name))
                if pid is not None:
                    go_on(pid)  # whoever held it still was killed
                if spec.wanted:
                    self._launch(spec, pid)
                elif pid is not None:
                    runner = self._launch(spec, pid)
                    runner.stop()
                    self._running.pop(name)
        self._save_pids()

    def put(self, documents: list[dict[str, Any]]) -> None:
        """Add or replace programs; one that runs unchanged is left alone, a changed one is started again."""
        specs = [ProcessSpec.of(d) for d in documents]
        with self._lock:
            for spec in specs:
                self._specs[spec.name] = spec
            save_processes(self.directory, self._specs)
            stale = [s.name for s in specs if s.name in self._running and self._running[s.name].spec != s]
        self._halt(stale)
        with self._lock:
            for spec in specs:
                if spec.wanted and spec.name not in self._running:
                    self._launch(spec, None)

    def start(self, names: list[str]) -> None:
        """Start programs (all when none is named)."""
        with self._lock:
            for name in names or list(self._specs):
                if name not in self._specs:
                    continue
                self._specs[name] = replace(self._specs[name], wanted=True)
                if name not in self._running:
                    self._launch(self._specs[name], None)
            save_processes(self.directory, self._specs)

    def stop(self, names: list[str], *, remove: bool = False) -> None:
        """Stop programs (all when none is named); with `remove` they are forgotten too."""
        with self._lock:
            names = [n for n in (names or list(self._specs)) if n in self._specs]
            for name in names:
                self._specs[name] = replace(self._specs[name], wanted=False)
            save_processes(self.directory, self._specs)
        self._halt(names)
        if remove:
            with self._lock:
                for name in names:
                    self._specs.pop(name, None)
                save_processes(self.directory, self._specs)

    def restart(self, names: list[str]) -> None:
        """Stop and start programs."""
        self._halt(names)
        self.start(names)

    def states(self) -> list[dict[str, Any]]:
        """Return every program's state."""
        with self._lock:
            result = []
            for name, spec in self._specs.items():
                runner = self._running.get(name)
                if runner is not None:
                    result.append(asdict(runner.snapshot()))
                else:
                    result.append({"name": name, "state": "stopped", "wanted": spec.wanted})
            return result

    def pids(self, names: list[str]) -> dict[str, tuple[int, str | None]]:
        """Return the process (id, and what tells it apart) of each named program that runs."""
        with self._lock:
            found = {name: self._running[name].pid for name in names if name in self._running}
        return {name: (pid, birth_of(pid)) for name, pid in found.items() if pid is not None}

    def shutdown(self) -> None:
        """Stop everything, keeping what is wanted for the next start, and end."""
        self._halt(list(self._running))
        self.ended.set()

    def rotate_logs(self) -> None:
        """Rotate logs that have grown large, this program's own among them."""
        with self._lock:
            logs = [self.directory / LOG_FILE, *(Path(spec.log) for spec in self._specs.values())]
        for log in logs:
            rotate(log)

    def _launch(self, spec: ProcessSpec, adopted: int | None) -> Running:
        runner = Running(spec, adopted, self._save_pids)
        self._running[spec.name] = runner
        runner.start()
        return runner

    def _halt(self, names: list[str]) -> None:
        with self._lock:
            runners = [self._running[name] for name in names if name in self._running]
        for runner in runners:
            if (pid := runner.pid) is not None:
                go_on(pid)  # one that is held still could not end cleanly
        threads = [threading.Thread(target=runner.stop) for runner in runners]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with self._lock:
            for runner in runners:
                if self._running.get(runner.spec.name) is runner:
                    del self._running[runner.spec.name]
        self._save_pids()

    def _save_pids(self) -> None:
        with self._pids_lock:
            document = {}
            for name, runner in list(self._running.items()):
                if (pid := runner.pid) is not None:
                    document[name] = {"pid": pid, "created": birth_of(pid)}
            write_json(self.directory / PIDS_FILE, document)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    timeout = 120

    def handle(self) -> None:
        line = self.rfile.readline(MAX_MESSAGE)
        try:
            request = json.loads(line)
            if not hmac.compare_digest(str(request.get("token", "")), self.server.token):
                return
            if request["op"] == "hold":
                self._hold([str(n) for n in request["names"]], float(request["seconds"]))
                return
            answer = {"ok": True, "result": self._do(request)}
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            answer = {"ok": False, "error": f"{type(e).__name__}: {e}"}
        except OSError as e:
            answer = {"ok": False, "error": f"{e.strerror or e}"}
        self._say(answer)

    def _say(self, answer: dict[str, Any]) -> None:
        self.wfile.write(json.dumps(answer).encode() + b"\n")

    def _hold(self, names: list[str], seconds: float) -> None:
        """Hold programs still until the client says so, goes away, or `seconds` are over."""
        supervisor = self.server.supervisor
        held = supervisor.pids(names)
        begun = time.monotonic()
        line = b""
        with held_still(pid for pid, _ in held.values()):
            self._say({"ok": True, "result": held})
            self.connection.settimeout(min(seconds, LONGEST_S))
            with contextlib.suppress(OSError):
                line = self.rfile.readline(MAX_MESSAGE)
        kept = bool(line) and supervisor.pids(names) == held
        with contextlib.suppress(OSError):
            self._say({"ok": True, "result": {"seconds": time.monotonic() - begun, "kept": kept}})

    def _do(self, request: dict[str, Any]) -> object:
        supervisor, operation = self.server.supervisor, request["op"]
        names = [str(n) for n in request.get("names", [])]
        if operation == "put":
            supervisor.put(request["processes"])
        elif operation == "start":
            supervisor.start(names)
        elif operation == "stop":
            supervisor.stop(names)
        elif operation == "remove":
            supervisor.stop(names, remove=True)
        elif operation == "restart":
            supervisor.restart(names)
        elif operation == "shutdown":
            supervisor.shutdown()
        elif operation != "status":
            raise ValueError(f"unknown operation {operation}")
        return supervisor.states()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, supervisor: Supervisor, token: str) -> None:
        self.supervisor = supervisor
        self.token = token
        super().__init__(("127.0.0.1", 0), _Handler)


def main(argv: list[str]) -> int:
    """Run until told to shut down; a second supervisor of the same folder ends at once."""
    directory = Path(argv[0])
    directory.mkdir(parents=True, exist_ok=True)
    lock = _lock(directory / "supervisor.lock")
    if lock is None:
        return 0
    supervisor = Supervisor(directory)
    token = secrets.token_hex(24)
    with _Server(supervisor, token) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        write_json(
            directory / CONTROL_FILE,
            {"pid": os.getpid(), "port": server.server_address[1], "token": token, "generation": GENERATION},
        )
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: supervisor.ended.set())
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        supervisor.begin()
        while not supervisor.ended.wait(2.0):
            supervisor.rotate_logs()
            if not directory.is_dir():
                break
        supervisor.shutdown()
        (directory / CONTROL_FILE).unlink(missing_ok=True)
    os.close(lock)
    return 0


def _lock(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _living(entry: object) -> int | None:
    """Return the pid of a record in `pids.json` if exactly that process still runs."""
    if not isinstance(entry, dict) or not isinstance(entry.get("pid"), int):
        return None
    pid = entry["pid"]
    if not born_as(pid, entry.get("created")) or not process_alive(pid):
        return None
    return int(pid)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
