"""How quick the console is: time to its first paint, and the longest stall of the window under load.

`first_paint_s` is measured in a new process, from its start to the first painted frame of the whole window, with
everything that `citychain console` imports. `worst_stall_ms` is the longest time for which the window's event loop did
not answer while, all at once, networks are set up by jobs one after the other, another process commits 1,000
transactions a minute as blocks of their own on a running network whose index follows them, a table of 1,000,000 rows
scrolls, the window goes from page to page, first visits included, and look and language change there and back.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network.errors import Unavailable
from network.text import Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from baas.platform import Platform
    from console.app import Console
    from console.shell.window import MainWindow
    from console.tasks import Watchdog
    from console.widgets.table import DataTable

BLOCKS_A_MINUTE = 1000
ROWS = 1_000_000
_PAINT = "from console.bench import paint_once; paint_once()"


@dataclass(frozen=True)
class Figures:
    """What was measured; times in the unit of their name.

    `ticks` shows that the window really ran meanwhile, `blocks` how many blocks were indexed, `networks` how many were
    set up, `worst_at` where the window was at its worst. `worst_work_ms` is the most processor time that the window's
    thread took in one go: what a stall would be with a processor of its own.
    """

    first_paint_s: float
    worst_stall_ms: float
    worst_at: str
    worst_work_ms: float
    worst_work_at: str
    stalls_over_16_ms: int
    seconds: float
    blocks: int
    blocks_a_minute: int
    rows_scrolled: int
    networks: int
    pages_opened: int
    ticks: int


def paint_once() -> None:
    """Make and paint the window in this process, and say so on standard output."""
    from PySide6.QtCore import QEvent, QObject

    import baas.cli.root  # noqa: F401 - the command line is part of what starts
    from console.app import Console, make_application

    app = make_application()
    console = Console(app)
    window = console.show()
    window.context.asks_first = False
    painted: list[bool] = []

    class Painted(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and not painted:
                painted.append(True)
            return False

    watcher = Painted()
    window.rail.installEventFilter(watcher)
    deadline = time.monotonic() + 30
    while not painted and time.monotonic() < deadline:
        app.processEvents()
    window.repaint()
    print("painted" if painted else "nothing", flush=True)
    console.close()


def first_paint(runs: int = 3) -> float:
    """Return the median of `runs` cold starts, in seconds from before the process exists to its first painted frame.

    By this process's clock: the moment that the system notes for a process's start is wrong by up to a second.
    """
    environment = dict(os.environ, QT_QPA_PLATFORM=os.environ.get("QT_QPA_PLATFORM", "offscreen"))
    found = []
    for _ in range(runs):
        begin = time.monotonic()
        with subprocess.Popen(
            [sys.executable, "-c", _PAINT],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            said = process.stdout.readline().strip()
            found.append(time.monotonic() - begin)
            process.communicate(timeout=120)
        if said != "painted":
            raise Unavailable(Text("窗口没有绘制出来。", "The window did not paint itself."))
    return sorted(found)[len(found) // 2]


class _Rows:
    """A million transactions that are made up as they are asked for: the table is what is measured."""

    def count(self) -> int:
        return ROWS

    def page(self, offset: int, limit: int) -> Sequence[int]:
        return range(offset, min(offset + limit, ROWS))


def measure(seconds: float = 12.0, folder: Path | None = None, *, paint_runs: int = 3) -> Figures:
    """Measure both figures; the load lasts `seconds`."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    paint = first_paint(paint_runs)
    with tempfile.TemporaryDirectory(prefix="citychain-bench-") as temporary:
        return _under_load(seconds, folder or Path(temporary) / "workspace", paint)


def pages_of(applications: Sequence[str]) -> tuple[str, ...]:
    """Where the walk goes, over and over: the platform's pages, and those of the applications among them."""
    first = applications[:1]
    return (
        *("overview", "networks", "ledger", "identities", "contracts", "ledger/keys"),
        *(f"contracts/{one}" for one in first),
        *("ledger/events", *first, "ledger", *applications[1:]),
        *("networks", "settings", "doctor"),
    )


PAGE_SECONDS = 0.7


def feed(folder: str, network: str, seconds: float) -> None:
    """Commit transactions at the bench's rate from a process of its own, until `seconds` are over."""
    from baas.platform import Platform

    with Platform.open(Path(folder), read_only=True) as platform:
        member = platform.networks.spec(network).organizations[0].msp_id
        name = platform.contracts.templates()[0].name
        contract = platform.networks.connect(network, f"{member}/admin").get_contract(name)
        started, sent = time.monotonic(), 0
        while (now := time.monotonic() - started) < seconds:
            if sent > now * BLOCKS_A_MINUTE / 60:
                time.sleep(0.005)
                continue
            contract.submit_async("org.hyperledger.fabric:GetMetadata")
            sent += 1


def _base(platform: Platform) -> str:
    """A running network with the contracts deployed, one transaction to a block."""
    spec = platform.networks.template("city", name="base", runtime="embedded")
    channels = tuple(replace(c, batch=replace(c.batch, max_messages=1)) for c in spec.channels)
    platform.jobs.run(platform.networks.bring_up, replace(spec, channels=channels))
    for template in platform.contracts.templates():
        platform.jobs.run(platform.contracts.deploy, "base", template.name)
    platform.networks.set_default("base")
    return "base"


class _SetUps:
    """One network after the other, each by a job of the window."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.done = 0
        self.going = True
        self._next()

    def _next(self, *_: object) -> None:
        if not self.going:
            return
        window = self._console.window
        assert window is not None
        from console.apart import bring_up

        networks = window.context.platform.networks
        name = f"bench{self.done}"
        spec = networks.template("city", name=name, runtime="embedded")
        view = window.context.job(bring_up(window.context), spec, title=Text("建立网络", "Set up"), network=name)
        view.succeeded.connect(self._count)
        view.finished.connect(self._next)

    def _count(self, _: object) -> None:
        self.done += 1


def _table(window: MainWindow) -> DataTable:
    from console.i18n import tr
    from console.models.cells import Cell, Column
    from console.models.tables import PagedModel
    from console.widgets.table import DataTable

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
    return table


def _under_load(seconds: float, folder: Path, paint: float) -> Figures:
    from baas.platform import Platform
    from console.app import Console, make_application
    from console.tasks import Watchdog

    app = make_application()
    with Platform.open(folder) as platform:
        network = _base(platform)
        console = Console(app, lang="zh", mode="light", apart=True)
        window = console.show()
        console.use(platform)
        window.settle()
        table = _table(window)
        window.settle()
        feeder = _start_feeder(folder, network, seconds)
        watchdog = Watchdog(app)
        before = platform.explorer.status(network)[0].indexed
        setups = _SetUps(console)
        started = time.monotonic()
        watchdog.start()
        scrolled, opened, worst_at, work_at = _walk(app, console, table, watchdog, seconds)
        watchdog.stop()
        assert console.window is not None
        window = console.window
        took = time.monotonic() - started
        setups.going = False
        blocks = platform.explorer.status(network)[0].indexed - before
        feeder.wait(60)
        window.settle(60_000)
        for name in platform.networks.names():
            platform.networks.destroy(name)
        table.close()
        console.platform = None
        if console.index is not None:
            console.index.stop()
        window.tasks.close()
        window.close()
    window.deleteLater()
    app.processEvents()
    return Figures(
        first_paint_s=round(paint, 3),
        worst_stall_ms=round(watchdog.worst_ms, 1),
        worst_at=worst_at,
        worst_work_ms=round(watchdog.worst_work_ms, 1),
        worst_work_at=work_at,
        stalls_over_16_ms=len(watchdog.stalls),
        seconds=round(took, 1),
        blocks=blocks,
        blocks_a_minute=round(blocks * 60 / took),
        rows_scrolled=scrolled,
        networks=setups.done,
        pages_opened=opened,
        ticks=watchdog.ticks,
    )


def _start_feeder(folder: Path, network: str, seconds: float) -> subprocess.Popen[bytes]:
    """Start the other process and return once it has connected: what it imports is none of the window's load."""
    program = f"from console.bench import feed; feed({str(folder)!r}, {network!r}, {seconds + 2})"
    return subprocess.Popen([sys.executable, "-c", program])


def _walk(
    app: QApplication, console: Console, table: DataTable, watchdog: Watchdog, seconds: float
) -> tuple[int, int, str, str]:
    """Scroll and open pages for `seconds`; return rows scrolled, pages opened, and where both were at their worst."""
    from console.theme import theme

    bar, step, scrolled, opened, worst, worst_at = table.verticalScrollBar(), 0, 0, 0, 0.0, ""
    work, work_at = 0.0, ""
    changes: list[tuple[str, Callable[[], object]]] = [
        ("dark", lambda: theme().apply("dark")),
        ("light", lambda: theme().apply("light")),
        ("English", lambda: console.change_language("en")),
        ("Chinese", lambda: console.change_language("zh")),
    ]
    assert console.platform is not None
    pages = pages_of([one.id for one in console.platform.applications.all()])
    doing, changed = "", 0
    started = time.monotonic()
    while (now := time.monotonic() - started) < seconds:
        app.processEvents()
        window = console.window
        assert window is not None
        if watchdog.worst_ms > worst:
            worst, worst_at = watchdog.worst_ms, doing or window.address
        if watchdog.worst_work_ms > work:
            work, work_at = watchdog.worst_work_ms, doing or window.address
        doing = ""
        step += 1
        if changed < len(changes) and now > seconds * (changed + 2) / (len(changes) + 2):
            doing, change = changes[changed]
            change()
            changed += 1
        if step % 4 == 0:
            bar.setValue((bar.value() + 7919 * 36) % max(1, bar.maximum()))
            scrolled += 1
        if now > opened * PAGE_SECONDS:
            window.go(pages[opened % len(pages)])
            opened += 1
        time.sleep(0.001)
    return scrolled, opened, worst_at, work_at


def run(report: Callable[[Text | str], object] | None = None, seconds: float = 12.0) -> dict[str, Any]:
    """Measure and return the figures by name; `report` hears what is being done."""
    tell = report or (lambda text: None)
    tell(Text("测量首屏和负载下的停顿", "Measure first paint, then stalls under load"))
    return asdict(measure(seconds))
