"""How programs are started and asked to end, where Windows differs from POSIX.

A program that runs on in the background gets a console of its own that nobody sees (`BACKGROUND`); programs which it
starts in turn share that console (`SHARES_CONSOLE`), since Windows delivers Ctrl+Break only within one
(GenerateConsoleCtrlEvent, "the process group must share the console"). Whatever is started for a moment opens no
window (`NO_WINDOW`). On POSIX all three are 0.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import psutil

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
# A group of its own keeps Ctrl+C in the starter's console away from the program, and takes Ctrl+Break by itself.
SHARES_CONSOLE: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
BACKGROUND: int = NO_WINDOW | SHARES_CONSOLE
_BREAK_SECONDS = 10
_BEFORE_SECONDS = 2.0


def birth_of(pid: int) -> str | None:
    """What names a process for good together with its number; None when there is no such process.

    On Linux the boot's id and the ticks since then. The hour of its start would not do: it is reckoned from the
    machine's clock, and whoever sets that an hour back makes every process one that began an hour earlier.
    """
    if sys.platform == "linux":
        with suppress(OSError, IndexError):
            boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").replace("-", "")[:12]
            ticks = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19]
            return f"b{boot}.{int(ticks)}"
    created = _created(pid)
    return None if created is None else f"t{created:.2f}"


def born_as(pid: int, birth: object) -> bool:
    """Whether a process is the one whose `birth_of` was noted.

    A number is what versions before noted: the start in seconds since the epoch.
    """
    if isinstance(birth, str):
        return birth_of(pid) == birth
    created = _created(pid)
    return created is not None and isinstance(birth, int | float) and abs(created - birth) <= _BEFORE_SECONDS


def _created(pid: int) -> float | None:
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def ask_to_end(pid: int, *, same_console: bool) -> bool:
    """Ask a program that was started with `SHARES_CONSOLE` or `BACKGROUND` to end; False when it cannot be asked.

    On Windows it gets Ctrl+Break; `same_console` says that this very process started it with `SHARES_CONSOLE`. (Where
    it is not so, the call may succeed and reach nobody.) Elsewhere it gets SIGTERM.
    """
    try:
        if sys.platform != "win32":
            os.kill(pid, signal.SIGTERM)
            return True
        if not same_console:
            return _break_from_its_console(pid)
        os.kill(pid, signal.CTRL_BREAK_EVENT)
    except OSError:
        return False
    return True


def _break_from_its_console(pid: int) -> bool:
    """Send Ctrl+Break from a helper that joins the program's console: one process can be in one console only."""
    code = (
        "import ctypes, sys\n"
        "kernel, pid = ctypes.windll.kernel32, int(sys.argv[1])\n"
        "kernel.FreeConsole()\n"
        "sys.exit(0 if kernel.AttachConsole(pid) and kernel.SetConsoleCtrlHandler(None, True)\n"
        "         and kernel.GenerateConsoleCtrlEvent(1, pid) else 1)\n"
    )
    command = [sys.executable, "-S", "-c", code, str(pid)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_BREAK_SECONDS, creationflags=NO_WINDOW,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def open_log(path: Path) -> BinaryIO:
    """Open a log that a program inherits and that is emptied while it writes.

    POSIX's O_APPEND belongs to the open file; Windows' append mode is the C library's and not inherited: a program
    would go on at its old place after the log was emptied. A handle that may only append has no such place.
    """
    if sys.platform != "win32":
        return path.open("ab")
    import _winapi
    import msvcrt

    append_and_wait, share_all, open_always, normal = 0x00000004 | 0x00100000, 0x7, 4, 0x80
    handle = _winapi.CreateFile(str(path), append_and_wait, share_all, 0, open_always, normal, 0)
    return os.fdopen(msvcrt.open_osfhandle(handle, os.O_WRONLY | os.O_APPEND), "ab")


def still_running(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until `processes` have ended, `seconds` at most; those that go on.

    One that only waits for its parent to take note has ended. psutil's own `wait` asks for more: it would wait out its
    time for a node that another program of this workspace had started and that has long gone.
    """
    deadline = time.monotonic() + seconds
    while running := [one for one in processes if _runs(one)]:
        if time.monotonic() > deadline:
            return running
        time.sleep(0.02)
    return []


def _runs(process: psutil.Process) -> bool:
    import psutil

    try:
        if not process.is_running():
            return False
        if process.status() != psutil.STATUS_ZOMBIE:
            return True
    except psutil.NoSuchProcess:
        return False
    with suppress(psutil.Error):
        process.wait(0)  # one of our own is taken note of
    return False
