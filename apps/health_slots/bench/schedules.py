"""How long a hospital's schedule file takes, and how much memory: looked through alone, and imported into a network.

Each file is read in a process of its own, so that its memory is seen: what that process had at most, less what it had
before it opened the file.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from baas.errors import CityChainError, Text
from baas.jobs import JobContext
from fabric_sdk import clock
from network.processes import NO_WINDOW

HEADINGS = (
    "科室编号",
    "科室",
    "医生编号",
    "医生",
    "日期",
    "午别",
    "开始",
    "结束",
    "号源数",
    "号别",
    "号源池",
    "挂号费",
)
DAYS = 5
HOSPITAL = "H1"
PATIENCE_S = 3600


def measure(rows: int, *, imported: bool, ctx: JobContext) -> dict[str, Any]:
    """Read `rows` rows as CSV and as XLSX; with `imported` also commit the CSV's sessions on an embedded network."""
    found: dict[str, Any] = {"rows": rows}
    with tempfile.TemporaryDirectory(prefix="citychain-bench-") as name:
        folder = Path(name)
        for kind, write in (("csv", _csv), ("xlsx", _xlsx)):
            ctx.step(kind, Text("读取 {k} 文件", "Read the {k} file", k=kind.upper()))
            file = folder / f"schedule.{kind}"
            write(file, rows)
            found[kind] = {"mb": round(file.stat().st_size / 1e6, 1), **_apart(file, "")}
        if imported:
            ctx.step("import", Text("导入网络", "Import into a network"))
            found["import"] = _imported(folder, folder / "schedule.csv")
    return found


def _imported(folder: Path, file: Path) -> dict[str, Any]:
    from apps.health_slots.service import build_service
    from baas.platform import Platform

    with Platform.open(folder / "w") as platform:
        try:
            platform.networks.up(platform.networks.template("city", name="bench"))
            platform.contracts.deploy("bench", "health_slots")
            service = build_service(platform, "bench")
            service.set_up({HOSPITAL: "市第一人民医院"})
            service.close()
            return _apart(file, str(folder / "w"))
        finally:
            platform.networks.destroy("bench")


def _apart(file: Path, workspace: str) -> dict[str, Any]:
    """What a process of its own tells of a file."""
    command = [sys.executable, "-m", "apps.health_slots.bench.schedules", str(file), workspace]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_S, check=False, creationflags=NO_WINDOW
    )
    if done.returncode != 0:
        raise CityChainError(
            Text("排班文件没有读完。", "The schedule file was not read to its end."),
            code="bench_failed",
            details={"text": done.stderr[-500:]},
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def lines(rows: int) -> Iterator[tuple[Any, ...]]:
    """Rows of a large hospital: mornings and afternoons of the coming days, twenty doctors a department."""
    first = clock.today() + dt.timedelta(days=1)
    for number in range(rows):
        doctor, turn = divmod(number, DAYS * 2)
        day = first + dt.timedelta(days=turn // 2)
        part, begins, ends = (("上午", "08:00", "12:00"), ("下午", "13:30", "17:30"))[turn % 2]
        place = (f"D{doctor // 20:04d}", f"科室{doctor // 20}", f"P{doctor:05d}", f"医生{doctor}")
        yield (*place, day.isoformat(), part, begins, ends, 24, "普通", "线上", 25)


def _csv(file: Path, rows: int) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(HEADINGS)
        table.writerows(lines(rows))


def _xlsx(file: Path, rows: int) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("排班")
    sheet.append(HEADINGS)
    for line in lines(rows):
        sheet.append(line)
    book.save(file)


def _most_mb() -> float:
    """The most memory that this process ever had, in MB."""
    import psutil

    here = psutil.Process().memory_info()
    if sys.platform == "win32":
        return float(here.peak_wset) / 1e6
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def read(file: Path, workspace: str) -> dict[str, Any]:
    """Look through a file, or import it; time, processor time and memory of that."""
    from apps.health_slots.schedule.checking import preview_file

    before = _most_mb()
    began, spent = time.perf_counter(), time.process_time()
    if workspace:
        from apps.health_slots.service import build_service
        from baas.platform import Platform

        with Platform.open(Path(workspace), create=False) as platform:
            service = build_service(platform, "bench")
            before = _most_mb()
            began, spent = time.perf_counter(), time.process_time()
            done = service.schedules.import_file(HOSPITAL, file)
            figures: dict[str, Any] = {"sessions": len(done.sessions), "slots": done.slots}
            service.close()
    else:
        preview = preview_file(file, today=clock.today())
        figures = {"sessions": len(preview.sessions), "slots": preview.slots, "bad": preview.bad_count}
    return figures | {
        "seconds": round(time.perf_counter() - began, 1),
        "processor_s": round(time.process_time() - spent, 1),
        "memory_mb": round(_most_mb() - before),
    }


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]), sys.argv[2])))
