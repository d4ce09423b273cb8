"""Every log stays small, however much is written into it: floods of each, and what strangers may send in one line."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from network.logs import LINE, BoundedLog
from network.supervisor import process
from network.supervisor.__main__ import Supervisor
from network.supervisor.spec import LOG_FILE, ProcessSpec

FORM = "%(levelname)s %(message)s"


def size(log: Path) -> int:
    """Of a log with all its older files, in bytes."""
    return sum(path.stat().st_size for path in log.parent.glob(f"{log.name}*"))


def flood(handler: logging.Handler, records: int) -> None:
    for number in range(records):
        handler.handle(logging.LogRecord("x", logging.ERROR, "", 0, f"{number:08d} {'x' * 200}", (), None))


def test_a_flood_fills_so_many_files_and_the_newest_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "node.log"
    handler = BoundedLog(log, 20_000, 3, FORM)
    flood(handler, 1_000)  # 220 kB
    handler.close()
    assert size(log) <= 4 * 20_000 and "00000999" in log.read_text("utf-8")


def test_what_a_stranger_sends_cannot_fill_the_disk_in_one_line(tmp_path: Path) -> None:
    """Before, a record went into the file whole: 50 MB sent in a header were 50 MB on the disk."""
    log = tmp_path / "node.log"
    handler = BoundedLog(log, 100_000, 1, FORM)
    for _ in range(5):
        handler.handle(logging.LogRecord("x", logging.ERROR, "", 0, "y" * 5_000_000, (), None))
    handler.handle(logging.LogRecord("x", logging.ERROR, "", 0, "lone \ud800 half", (), None))
    handler.close()
    assert size(log) <= 2 * (100_000 + LINE) and "(+49836" in log.read_text("utf-8")
    assert "lone \\ud800 half" in log.read_text("utf-8")


def test_a_full_disk_takes_the_log_and_not_the_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handler = BoundedLog(tmp_path / "node.log", 1_000, 1, FORM)

    class Full:
        def write(self, _text: str) -> None:
            raise OSError(28, "No space left on device")

        def __getattr__(self, name: str) -> Callable[..., Any]:
            return lambda *_: 0

    handler.stream = Full()  # type: ignore[assignment]
    flood(handler, 3)
    assert capsys.readouterr().err == ""


def test_the_supervisors_own_log_is_kept_small_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was opened for appending at each start, and nothing ever emptied it."""
    monkeypatch.setattr(process, "LOG_BYTES", 5_000)
    child = tmp_path / "child.log"
    supervisor = Supervisor(tmp_path)
    supervisor._specs = {"a": ProcessSpec("a", ("true",), str(child), str(tmp_path))}
    with (tmp_path / LOG_FILE).open("ab", buffering=0) as own, child.open("ab", buffering=0) as its:
        for _ in range(40):
            own.write(b"o" * 999)
            its.write(b"c" * 999)
            supervisor.rotate_logs()
    for log in (tmp_path / LOG_FILE, child):
        assert 0 < size(log) <= 4 * 6_000


def test_kubos_log_is_kept_small_while_it_runs_and_at_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from baas.content import kubo_daemon

    monkeypatch.setattr(process, "LOG_BYTES", 5_000)
    daemon = kubo_daemon.KuboDaemon(tmp_path / "ipfs", tmp_path)
    log = tmp_path / kubo_daemon.LOG

    class Alive:
        def is_running(self) -> bool:
            return True

        def status(self) -> str:
            return "running"

    daemon._process = Alive()  # type: ignore[assignment]

    class Turns:
        """The daemon's waiting, as a number of turns in each of which it floods its log."""

        left = 40

        def wait(self, _seconds: float) -> bool:
            with log.open("ab") as out:
                out.write(b"k" * 999)
            self.left -= 1
            return self.left < 0

    daemon._stopping = Turns()  # type: ignore[assignment]
    daemon._watch(lambda _n: None)
    assert 0 < size(log) <= 4 * 6_000


COMMAND = """
import logging, sys
from pathlib import Path
from baas.cli.kit import log_to
with log_to(Path(sys.argv[1])):
    for number in range(12_000):
        logging.getLogger("door").error("%s %08d %s", sys.argv[2], number, "x" * 200)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows renames no file that another program has open")
def test_commands_and_doors_share_one_log_of_a_workspace_and_flood_it_at_once(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    running = [subprocess.Popen([sys.executable, "-c", COMMAND, str(tmp_path), name]) for name in ("a", "b", "c")]
    log, most = tmp_path / "logs" / "citychain.log", 0
    while any(one.poll() is None for one in running):
        most = max(most, size(log))
        time.sleep(0.02)
    assert [one.wait(60) for one in running] == [0, 0, 0]
    # 8 MB were written; each of the three may hold one file more than the log has, for a moment.
    assert max(most, size(log)) <= 7 * 1_000_000 and size(log) > 1_000_000


def test_the_windows_log_is_of_the_same_kind(tmp_path: Path) -> None:
    pytest.importorskip("PySide6.QtCore")
    from console.defects import LOG_BYTES, Defects

    watched = Defects(tmp_path / "console.log")
    handler = watched._file()
    assert isinstance(handler, BoundedLog) and handler.maxBytes == LOG_BYTES
    handler.close()
