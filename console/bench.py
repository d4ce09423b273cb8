"""How quick the console is: time to its first paint, and the longest stall of the window under load.

`first_paint_s` is measured in a new process, from its start to the first painted frame of the whole window.
`worst_stall_ms` is the longest time for which the window's event loop did not answer while, all at once, a network is
set up by a job, blocks arrive at 1,000 a minute as events of the platform, and a table of 1,000,000 rows scrolls.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from network.text import Text

BLOCKS_A_MINUTE = 1000
ROWS = 1_000_000
_PAINT = """
import sys, time
from console.bench import paint_once
print(paint_once())
"""


@dataclass(frozen=True)
class Figures:
    """What was measured; times in the unit of their name. `ticks` shows that the window really ran meanwhile."""

    first_paint_s: float
    worst_stall_ms: float
    stalls_over_16_ms: int
    seconds: float
    blocks: int
    rows_scrolled: int
    networks: int
    ticks: int


def paint_once() -> float:
    """Make and paint the window in this process; return seconds since the process was started."""
    import psutil
    from PySide6.QtCore import QEvent, QObject

    from console.app import Console, make_application

    app = make_application()
    console = Console(app)
    window = console.show()
    painted: list[float] = []

    class Painted(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and not painted:
                painted.append(time.time())
            return False

    watcher = Painted()
    window.rail.installEventFilter(watcher)
    deadline = time.monotonic() + 30
    while not painted and time.monotonic() < deadline:
        app.processEvents()
    window.repaint()
    seconds: float = time.time() - psutil.Process().create_time()
    console.close()
    return seconds


def first_paint(runs: int = 3) -> float:
    """Return the median of `runs` cold starts, in seconds."""
    environment = dict(os.environ, QT_QPA_PLATFORM=os.environ.get("QT_QPA_PLATFORM", "offscreen"))
    found = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", _PAINT], env=environment, capture_output=True, text=True, timeout=120, check=True
        )
        found.append(float(done.stdout.split()[-1]))
    return sorted(found)[len(found) // 2]


class _Rows:
    """A million transactions that are made up as they are asked for: the table is what is measured."""

    def count(self) -> int:
        return ROWS

    def page(self, offset: int, limit: int) -> Sequence[int]:
        return range(offset, min(offset + limit, ROWS))


def measure(seconds: float = 12.0, folder: Path | None = None, *, paint_runs: int = 3) -> Figures:
    """Measure both figures; the load lasts at least `seconds` and until the network is up."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    paint = first_paint(paint_runs)
    with tempfile.TemporaryDirectory(prefix="citychain-bench-") as temporary:
        return _under_load(seconds, folder or Path(temporary) / "workspace", paint)


def _under_load(seconds: float, folder: Path, paint: float) -> Figures:  # noqa: PLR0915 - one scene
    from baas.events import BlockIndexed
    from baas.platform import Platform
    from console.app import Console, make_application
    from console.i18n import tr
    from console.models.cells import Cell, Column
    from console.models.tables import PagedModel
    from console.tasks import Watchdog
    from console.widgets.table import DataTable

    app = make_application()
    console = Console(app, lang="zh", mode="light")
    window = console.show()
    with Platform.open(folder) as platform:
        console.use(platform)
        window.settle()
        model = PagedModel(
            [Column("#", 120, right=True), Column("id"), Column("state", 160)],
            lambda row: [
                Cell(f"{row:,}"),
                Cell(f"{row * 2654435761 % 2**64:016x}", mono=True),
                Cell(tr("有效"), icon="ok", tone="ok"),
            ],
            window.tasks,
        )
        table = DataTable(model, "rows")
        table.resize(1100, 700)
        table.show()
        model.set_source(_Rows())
        window.go("overview")
        window.settle()
        stop = threading.Event()
        sent = [0]

        def blocks() -> None:
            while not stop.wait(60 / BLOCKS_A_MINUTE):
                sent[0] += 1
                platform.events.publish(BlockIndexed("bench", "citychannel", sent[0], 3, 0))

        feeder = threading.Thread(target=blocks, name="bench-blocks", daemon=True)
        watchdog = Watchdog(window)
        spec = platform.networks.template("city", name="bench", runtime="embedded")
        view = window.context.job(platform.networks.bring_up, spec, title=Text("建立网络", "Set up"), network="bench")
        feeder.start()
        watchdog.start()
        started = time.monotonic()
        bar, scrolled, step = table.verticalScrollBar(), 0, 0
        while time.monotonic() - started < seconds or view.running:
            app.processEvents()
            step += 1
            if step % 4 == 0:
                bar.setValue((bar.value() + 7919 * 36) % max(1, bar.maximum()))
                scrolled += 1
            time.sleep(0.001)
            if time.monotonic() - started > seconds + 120:
                break
        watchdog.stop()
        stop.set()
        feeder.join(2)
        took = time.monotonic() - started
        window.settle()
        networks = len(platform.networks.names())
        for name in platform.networks.names():
            platform.networks.destroy(name)
        table.close()
        console.platform = None
        window.tasks.close()
        window.close()
        figures = Figures(
            round(paint, 3),
            round(watchdog.worst_ms, 1),
            len(watchdog.stalls),
            round(took, 1),
            sent[0],
            scrolled,
            networks,
            watchdog.ticks,
        )
    window.deleteLater()
    app.processEvents()
    return figures


def run(report: Callable[[Text | str], object] | None = None, seconds: float = 12.0) -> dict[str, Any]:
    """Measure and return the figures by name; `report` hears what is being done."""
    tell = report or (lambda text: None)
    tell(Text("测量首屏和负载下的停顿", "Measure first paint, then stalls under load"))
    return asdict(measure(seconds))
