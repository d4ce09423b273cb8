"""What only Windows can show, as a program: run by test_windows.py there, and under Wine by packaging/check.py.

`python tests/packaging/windows_rules.py FOLDER`: a supervisor without a window; a program that it starts shares its
console, gets Ctrl+Break and ends gently, also when another supervisor adopted it; a log is emptied while it is written;
a file is replaced while a reader holds it for 300 ms, and not when he does not let go.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

STOP_SECONDS = 60.0
WINE = hasattr(ctypes, "windll") and hasattr(ctypes.windll.ntdll, "wine_get_version")
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import ctypes, json, signal, sys, time
def ended(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGBREAK, ended)
window = ctypes.windll.kernel32.GetConsoleWindow()
shown = bool(window) and bool(ctypes.windll.user32.IsWindowVisible(ctypes.c_void_p(window)))
try:
    with open(sys.argv[1] + ".facts", "w", encoding="utf-8") as facts:
        facts.write(json.dumps({"window": shown}))
    while True:
        print("x" * 2000, flush=True)
        time.sleep(0.02)
except KeyboardInterrupt:
    with open(sys.argv[1], "w", encoding="utf-8") as mark:
        mark.write("gently")
"""


def until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            raise AssertionError(f"did not happen in time: {what}")
        time.sleep(0.05)


def programs(folder: Path) -> None:
    import psutil

    from network.supervisor.client import SupervisorClient
    from network.supervisor.process import LOG_BYTES, rotate
    from network.supervisor.spec import PIDS_FILE, ProcessSpec

    for round_, orphaned in (("a", False), ("b", True)):
        client = SupervisorClient(folder / f"run {round_}")
        mark, log = folder / f"{round_} 结束", folder / f"{round_}.log"
        argv = (sys.executable, "-c", PROGRAM, str(mark))
        client.put([ProcessSpec("one", argv, str(log), str(folder), stop_seconds=STOP_SECONDS)])
        facts = Path(f"{mark}.facts")
        until(lambda facts=facts: facts.exists() and facts.stat().st_size > 0, "the program starts")
        assert json.loads(facts.read_text("utf-8")) == {"window": False}, "a console window is shown"
        if orphaned:  # its supervisor is killed, another adopts it: one with another console
            pid = json.loads((client.directory / "supervisor.json").read_text("utf-8"))["pid"]
            psutil.Process(pid).kill()
            until(lambda client=client: not client.running, "the supervisor is gone")
            client.ensure()
        else:
            from network.supervisor import process

            until(lambda log=log: log.stat().st_size > 50_000, "the log grows")
            process.LOG_BYTES = 50_000
            rotate(log)
            process.LOG_BYTES = LOG_BYTES
            until(lambda log=log: log.stat().st_size > 0, "it goes on writing")
            assert b"\0" not in log.read_bytes(), "the log went on at its old place"
            assert log.with_name(f"{log.name}.1").stat().st_size >= 50_000
        assert json.loads((client.directory / PIDS_FILE).read_text("utf-8"))["one"]["pid"]
        began = time.monotonic()
        client.stop(["one"])
        took = time.monotonic() - began
        assert took < STOP_SECONDS / 2, f"{round_}: it was killed after {took:.1f} s"
        # Wine delivers the event but calls no handler of the program: its own ends it, with the event's number
        assert WINE or mark.read_text("utf-8") == "gently"
        client.shutdown()
        print(f"ok: programs {'adopted' if orphaned else 'started'}")


def replacing(folder: Path) -> None:
    from fabric_sdk.files import replace_file

    new, old = folder / "新", folder / "旧"
    for seconds, replaced in ((0.3, True), (3.0, False)):
        new.write_text("new", "utf-8")
        old.write_text("old", "utf-8")
        ready = threading.Event()

        def hold(seconds: float = seconds, ready: threading.Event = ready) -> None:
            with old.open("rb"):
                ready.set()
                time.sleep(seconds)

        reader = threading.Thread(target=hold)
        reader.start()
        ready.wait()
        with contextlib.suppress(PermissionError):
            os.replace(new, old)  # noqa: PTH105 - what the operating system says
            raise AssertionError("this system lets readers be overtaken: the test shows nothing")
        if replaced:
            replace_file(new, old)
        else:
            with contextlib.suppress(PermissionError):
                replace_file(new, old)
                raise AssertionError("it was replaced under a reader")
        reader.join()
        assert old.read_text("utf-8") == ("new" if replaced else "old")
    print("ok: replace_file")


def main() -> int:
    sys.path.insert(0, str(ROOT))
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if not hasattr(ctypes, "windll"):
        print("this is no Windows")
        return 1
    programs(folder)
    replacing(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
