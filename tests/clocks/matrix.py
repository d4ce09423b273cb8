"""The demonstration and the tests under other clocks, zones and encodings: `python3 dev.py test --clocks`.

Each row is a process tree of its own under Debian's `faketime`, shifted by what lies between now and the row's moment,
so that time goes on as it does. `faketime` shifts what asks the C library; Fabric's Go programs do not, so the rows run
on the embedded ledger. With the word `brief` those rows run that CI repeats at every landing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import dev

ROOT = Path(__file__).resolve().parents[2]
CHINA = dt.timezone(dt.timedelta(hours=8))
LIMIT_S = 300
LOCALE = ("PYTHONUTF8", "PYTHONIOENCODING", "LANG", "LC_ALL", "LC_CTYPE")


@dataclass(frozen=True)
class Row:
    """A moment (None: now), or shifts of node and client against the machine, and what the environment says."""

    name: str
    at: dt.datetime | None = None
    node_s: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    brief: bool = False


def china(year: int, month: int, day: int, hour: int = 10, minute: int = 0, second: int = 0) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, second, tzinfo=CHINA)


PLAIN = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}
DEMONSTRATIONS = (
    Row("Monday 10:00", china(2026, 11, 30)),
    Row("Friday 18:00", china(2026, 11, 27, 18), brief=True),
    Row("Saturday noon", china(2026, 11, 28, 12)),
    Row("Sunday 23:59:40", china(2026, 11, 29, 23, 59, 40), brief=True),
    Row("00:00:10 UTC", dt.datetime(2026, 12, 1, 0, 0, 10, tzinfo=dt.UTC)),
    Row("30 September", china(2026, 9, 30, 18)),
    Row("31 December", china(2026, 12, 31, 23, 30), brief=True),
    Row("28 February 2028", china(2028, 2, 28, 20)),
    Row("29 February 2028", china(2028, 2, 29, 20), brief=True),
    Row("2037", china(2037, 7, 1)),
    Row("February 2038", china(2038, 2, 10), brief=True),
    Row("Asia/Shanghai", environment={"TZ": "Asia/Shanghai"}),
    Row("America/New_York", environment={"TZ": "America/New_York"}),
    Row("Pacific/Kiritimati", environment={"TZ": "Pacific/Kiritimati"}, brief=True),
    Row("LANG=C without UTF-8 mode", environment=PLAIN, brief=True),
    Row("node 60 s ahead", node_s=60, brief=True),
    Row("node 60 s behind", node_s=-60),
)
TIERS = (
    Row("Saturday noon", china(2026, 11, 28, 12), brief=True),
    Row("Friday 18:00", china(2026, 11, 27, 18)),
    Row("31 December", china(2026, 12, 31, 18)),
)
CLOCK_BOUND = (
    *("tests/sdk/test_clock.py", "tests/apps/health_slots/test_on_network.py"),
    *("tests/apps/health_slots/test_commands.py", "tests/console/test_main_jobs.py"),
)
"""What depends on the hour and the day more than the rest."""


MONOTONIC = {
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    "PYTHONPATH": str(Path(__file__).parent / "shifted"),
}
"""For tests, which wait with time limits; see `shifted/sitecustomize.py`.

With its own mending of timed waits libfaketime 0.9.10 lets whoever waits for Python's interpreter lock beside a busy
thread have it 10 times a second, not 300 times: a node with a contract that never ends served nobody.
"""


def main(words: list[str]) -> int:
    """Run the rows, print the table, return 1 if any failed."""
    if not shutil.which("faketime"):
        print("The rows need Debian's `faketime`, which is not here.", file=sys.stderr)
        return 3
    brief = "brief" in words
    wanted = [word for word in words if word != "brief"]
    rows = [(row, "demonstration") for row in DEMONSTRATIONS if row.brief or not brief]
    rows += [(row, "clock-bound tests" if brief else "quick tier") for row in TIERS if row.brief or not brief]
    failed = 0
    for row, what in rows:
        if wanted and not any(word in f"{what} {row.name}" for word in wanted):
            continue
        sweep()
        began = time.monotonic()
        code = demonstrate(row) if what == "demonstration" else run_tests(row, CLOCK_BOUND if brief else ())
        failed += code != 0
        print(f"{what:18} {row.name:28} exit {code}  {time.monotonic() - began:5.0f} s", flush=True)
    return 1 if failed else 0


def sweep(folder: Path = Path("/dev/shm")) -> None:
    """Remove what killed programs under `faketime` left: it refuses to start where it gets the number of one."""
    for path in folder.glob("*faketime_s[eh]m_*"):
        number = path.name.rpartition("_")[2]
        if number.isdigit() and not Path("/proc", number).exists():
            with contextlib.suppress(OSError):
                path.unlink()


def shifted(seconds: float, command: list[str]) -> list[str]:
    return ["faketime", "-f", f"{seconds:+.0f}s", *command] if seconds else command


def shift_of(row: Row) -> float:
    return (row.at - dt.datetime.now(dt.UTC)).total_seconds() if row.at else 0.0


def environment_of(row: Row) -> dict[str, str]:
    """What the row says, without what this process says of its encoding."""
    kept = {name: value for name, value in os.environ.items() if name not in LOCALE or not row.environment}
    return {**kept, **row.environment}


def demonstrate(row: Row) -> int:
    """The demonstration in a workspace of its own; where the node's clock differs, a network that was there before."""
    program = [str(Path(sys.executable).with_name("citychain"))]
    with tempfile.TemporaryDirectory(prefix="citychain-clocks-") as folder:
        command = [*program, "--workspace", f"{folder}/workspace", "--lang", "en"]
        shift, environment = shift_of(row), environment_of(row)
        try:
            if row.node_s:
                code, said = _run(shifted(row.node_s, [*command, "network", "up", "--template", "city"]), environment)
                if code:
                    print(said, file=sys.stderr)
                    return code
            code, said = _run(shifted(shift, [*command, "demo"]), environment)
            if code:
                print(said, file=sys.stderr)
            return code
        finally:
            _run(shifted(shift, [*command, "network", "destroy", "city", "--yes"]), environment)


def run_tests(row: Row, paths: tuple[str, ...]) -> int:
    """The quick tier, or some files of it, at the row's moment, shared among workers as `dev.py test` does."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-n",
        str(dev.workers()),
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        *paths,
    ]
    environment = {**environment_of(row), **MONOTONIC, "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run(shifted(shift_of(row), command), cwd=ROOT, env=environment, check=False).returncode


def _run(command: list[str], environment: Mapping[str, str]) -> tuple[int, str]:
    with tempfile.TemporaryFile() as out:  # a pipe would wait for the nodes, which go on
        try:
            done = subprocess.run(
                command, env=environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL, timeout=LIMIT_S, check=False
            )
            code = done.returncode
        except subprocess.TimeoutExpired:
            code = 124
        out.seek(0)
        return code, out.read().decode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
