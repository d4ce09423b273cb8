"""One supervised program: started, watched, started again with back-off, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from fabric_sdk import clock
from fabric_sdk.files import replace_file
from network.processes import SHARES_CONSOLE, ask_to_end, open_log
from network.supervisor.spec import ProcessSpec, ProcessState

BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_SECONDS = 30.0
LOG_BYTES = 10 * 1024 * 1024
LOG_FILES = 3
INHERITED = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "WINDIR", "USERPROFILE",
    "APPDATA", "LOCALAPPDATA", "PATHEXT", "COMSPEC", "PYTHONPATH", "LD_LIBRARY_PATH", "GODEBUG",
)  # fmt: skip


class Running(threading.Thread):
    """The life of one program under its spec; `stop` ends both."""

    def __init__(self, spec: ProcessSpec, adopted_pid: int | None, changed: Callable[[], None]) -> None:
        super().__init__(name=f"watch {spec.name}", daemon=True)
        self.spec = spec
        self._changed = changed
        self._adopted = adopted_pid
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.restarts = 0
        self.since: float | None = None
        self.exit_code: int | None = None
        self._state = "starting"

    @property
    def pid(self) -> int | None:
        """The program's process id, while it runs."""
        process = self._process
        if process is not None and process.poll() is None:
            return process.pid
        return self._adopted

    def snapshot(self) -> ProcessState:
        """Return the program's state now."""
        return ProcessState(
            self.spec.name, self._state, self.pid, self.restarts, self.since, self.exit_code, not self._ending.is_set()
        )

    def run(self) -> None:
        """Start the program, wait for its end, start it again; until `stop`."""
        quick_ends = 0
        while not self._ending.is_set():
            began = time.monotonic()
            if self._adopted is not None:
                self._watch_adopted()
            else:
                self._start_and_wait()
            if self._ending.is_set():
                break
            quick_ends = 0 if time.monotonic() - began > STEADY_SECONDS else quick_ends + 1
            self._state = "failed"
            self.restarts += 1
            self._changed()
            self._ending.wait(BACK_OFF[min(quick_ends, len(BACK_OFF) - 1)])
        self._state = "stopped"
        self._changed()

    def stop(self) -> None:
        """Ask the program to end, wait, kill it when it does not; returns when it is gone."""
        self._ending.set()
        deadline = time.monotonic() + self.spec.stop_seconds
        pid = self.pid
        self._signal(pid, terminate=True)
        while self.is_alive() and time.monotonic() < deadline:
            self.join(0.02)
        if self.is_alive():
            self._signal(self.pid, terminate=False)
            self.join(5)

    def _start_and_wait(self) -> None:
        spec = self.spec
        log = Path(spec.log)
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            with open_log(log) as output, self._lock:
                if self._ending.is_set():
                    return
                self._process = subprocess.Popen(
                    spec.argv,
                    cwd=spec.cwd,
                    env=_environment(spec),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    creationflags=SHARES_CONSOLE,
                    start_new_session=True,
                )
        except OSError as e:
            self.exit_code = e.errno or -1
            with log.open("ab") as output:
                output.write(f"cannot start {spec.argv[0]}: {e.strerror}\n".encode())
            return
        # Its pid is on disk before anybody is told that it runs, so that a successor can find it.
        self._changed()
        self._state, self.since = "running", clock.seconds()
        self.exit_code = self._process.wait()

    def _watch_adopted(self) -> None:
        self._state = "running"
        self.since = clock.seconds()
        pid = self._adopted
        while pid is not None and process_alive(pid):
            if self._ending.wait(0.1) and not process_alive(pid):
                break
        self._adopted = None

    def _signal(self, pid: int | None, *, terminate: bool) -> None:
        with self._lock:
            if pid is None:
                return
            try:
                if terminate and ask_to_end(pid, same_console=self._process is not None):
                    return
                if sys.platform == "win32":
                    os.kill(pid, signal.SIGTERM)  # Windows ends it at once
                else:
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                return


def rotate(log: Path) -> None:
    """Copy a large log aside and empty it in place: its writer has it open for appending and goes on."""
    try:
        if log.stat().st_size < LOG_BYTES:
            return
        with log.open("r+b"):
            pass  # a log that may not be emptied is not copied either
        for number in range(LOG_FILES - 1, 0, -1):
            older = log.with_name(f"{log.name}.{number}")
            if older.exists():
                replace_file(older, log.with_name(f"{log.name}.{number + 1}"))
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        os.truncate(log, 0)
    except OSError:
        return


def process_alive(pid: int) -> bool:
    """Say whether a process that need not be our child is alive (and not just waiting to be reaped)."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _environment(spec: ProcessSpec) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if k.upper() in INHERITED}
    return inherited | dict(spec.env) | {k: Path(f).read_text("utf-8") for k, f in spec.env_files.items()}
