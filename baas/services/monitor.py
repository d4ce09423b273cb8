"""What was measured of a workspace's networks, their alerts, and what people do about them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import Conflict, NotFound, Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from baas.monitoring import webhook
from baas.monitoring.alerts import Alert, AlertBook
from baas.monitoring.cost import SPAN_S, Cost, cost_of
from baas.monitoring.drills import DrillReport, Drills
from baas.monitoring.history import History, Point
from baas.monitoring.load.figures import LoadReport
from baas.monitoring.load.running import LoadTests, Wanted
from baas.monitoring.loss_drill import LossDrills, LossReport
from baas.monitoring.sampling import SLOW_S, Sample, Sampler
from baas.monitoring.watching import FOLDER, FRESH_S, WEBHOOK, Watch, read_now, watched
from baas.roles import requires
from baas.session import Session
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.platform import Platform

PRODUCTION = "production."
"""The setting of a network that is in production."""
MOST_SILENT_S = 30 * 86_400.0


class MonitorService:
    """Reads what the monitor of any program has kept, and runs one where nobody does."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._watches: dict[str, Watch] = {}
        self._glances: dict[str, Sample] = {}
        self._lock = threading.Lock()

    @property
    def session(self) -> Session:
        return self._platform.session

    @property
    def folder(self) -> Path:
        return self._platform.workspace.path(FOLDER)

    @requires(roles.NETWORK_READ)
    def watch(self, network: str, told: Callable[[Alert, str], None] | None = None) -> bool:
        """Watch a network from here on, unless it is watched already (here or by another program); whether it is
        this program that does. Networks of others are not watched: their nodes answer for themselves."""
        network = self._platform.networks.resolve(network)
        if self._platform.workspace.read_only or network in self._platform.networks.attached():
            return False
        with self._lock:
            if network in self._watches and self._watches[network].running:
                return True
            try:
                self._watches[network] = Watch(self._platform, network, told)
            except Conflict:
                return False
        return True

    def close(self) -> None:
        """End every watch of this program."""
        with self._lock:
            watches, self._watches = list(self._watches.values()), {}
        for one in watches:
            one.close()

    @requires(roles.NETWORK_READ)
    def watched(self, network: str = "") -> bool:
        """Whether any program watches the network."""
        return watched(self.folder, self._platform.networks.resolve(network))

    @requires(roles.NETWORK_READ)
    def now(self, network: str = "") -> Sample | None:
        """The last look, if it is of the last seconds."""
        found = read_now(self.folder, self._platform.networks.resolve(network))
        return found if found is not None and abs(clock.seconds() - found.at) <= FRESH_S else None

    @requires(roles.NETWORK_READ)
    def cost(self, network: str = "") -> Cost | None:
        """What a network costs this machine; None for one that others run.

        From the last look where the network is watched, else from one look at most a minute old.
        """
        network = self._platform.networks.resolve(network)
        if network in self._platform.networks.attached():
            return None
        sample = self.now(network) or self._glance(network)
        series, _ = self.charted(("data",), SPAN_S, network)
        return cost_of(sample, series.get("data", ()))

    def _glance(self, network: str) -> Sample:
        with self._lock:
            found = self._glances.get(network)
        if found is None or not 0 <= clock.seconds() - found.at < SLOW_S:
            found = Sampler(self._platform, network).look()
            with self._lock:
                self._glances[network] = found
        return found

    def last(self, network: str) -> Sample | None:
        """The last look of this program's own watch, with everything; None if it watches nothing of this name."""
        found = self._watches.get(network)
        return found.last if found is not None else None

    @requires(roles.NETWORK_READ)
    def series(self, network: str = "") -> tuple[str, ...]:
        """The names of what is kept of a network."""
        with self._history(network) as history:
            return history.names

    @requires(roles.NETWORK_READ)
    def history(self, name: str, seconds: float, network: str = "", points: int = 720) -> tuple[Point, ...]:
        """What was measured of a series in the last `seconds`."""
        now = clock.seconds()
        with self._history(network) as history:
            return history.read(name, now - seconds, now, points)

    @requires(roles.NETWORK_READ)
    def charted(
        self, names: Iterable[str], seconds: float, network: str = "", points: int = 720
    ) -> tuple[dict[str, tuple[Point, ...]], int]:
        """Several series of the last `seconds`, and the step between their points in seconds; empty before any look."""
        now = clock.seconds()
        try:
            with self._history(network) as history:
                found = {name: history.read(name, now - seconds, now, points) for name in names}
                return found, history.step(now - seconds, now, points)
        except NotFound:
            return {}, 1

    @requires(roles.NETWORK_READ)
    def alerts(self, network: str = "") -> tuple[Alert, ...]:
        """All alerts that last, the worst first, then those of the last thirty days."""
        return self._book(network).alerts()

    @requires(roles.NETWORK_CHANGE)
    def take_up(self, key: str, network: str = "") -> None:
        """Say that somebody takes care of an alert."""
        self._book(network).take_up(key, self.session.actor.label)

    @requires(roles.NETWORK_CHANGE)
    def silence(self, key: str, seconds: float, network: str = "") -> None:
        """Tell nobody of an alert, or of a whole rule (`rule:`), for that long; at most thirty days."""
        if not 0 <= seconds <= MOST_SILENT_S:
            raise UserError(Text("静默最长 30 天。", "Silence lasts thirty days at most."), code="too_long")
        self._book(network).silence(key, clock.seconds() + seconds, self.session.actor.label)

    @requires(roles.NETWORK_CHANGE)
    def drill(
        self, node: str, seconds: float = 10.0, network: str = "", *, ctx: JobContext = NULL_CONTEXT
    ) -> DrillReport:
        """Stop a node for some seconds while the network is used, start it again, and say what that did."""
        return self._drills(network).run(node, seconds, ctx)

    @requires(roles.NETWORK_READ)
    def drills(self, network: str = "") -> tuple[DrillReport, ...]:
        """The reports of earlier drills, oldest first."""
        return self._drills(network).reports()

    @requires(roles.NETWORK_CHANGE)
    def lose(self, msp_id: str, backup: Path, network: str = "", *, ctx: JobContext = NULL_CONTEXT) -> LossReport:
        """Rehearse the loss of an organisation's machine: its peers come back from a backup, with new keys."""
        return self._losses(network).run(msp_id, backup, ctx)

    @requires(roles.NETWORK_READ)
    def losses(self, network: str = "") -> tuple[LossReport, ...]:
        """The reports of earlier rehearsals of a loss, oldest first."""
        return self._losses(network).reports()

    @requires(roles.NETWORK_CHANGE)
    def mend_loss(self, network: str = "") -> bool:
        """Lay back what a rehearsal that was killed has taken away; whether there was anything."""
        return self._losses(network).mend()

    def _losses(self, network: str) -> LossDrills:
        return LossDrills(self._platform, self._platform.networks.resolve(network), self.folder)

    @requires(roles.NETWORK_CHANGE)
    def load(
        self, wanted: Wanted | None = None, network: str = "", *, confirmed: str = "", ctx: JobContext = NULL_CONTEXT
    ) -> LoadReport:
        """Press the network with more and more calls, and say what limits it; see `baas.monitoring.load`.

        Refused (`production_network`) on a network marked as production unless its name is `confirmed`.
        """
        network = self._platform.networks.resolve(network)
        if self.production(network) and confirmed != network:
            raise Conflict(
                Text(
                    "{n} 是正式网络，压测会影响使用者。", "{n} is in production: a load test is felt there.", n=network
                ),
                Text("确认请加 --production {n}。", "Confirm with --production {n}.", n=network),
                code="production_network",
            )
        return self._loads(network).run(wanted or Wanted(), ctx)

    @requires(roles.NETWORK_READ)
    def loads(self, network: str = "") -> tuple[LoadReport, ...]:
        """The reports of earlier load tests, oldest first."""
        return self._loads(network).reports()

    @requires(roles.NETWORK_CHANGE)
    def mark_production(self, network: str = "", *, on: bool = True) -> None:
        """Say that a network is in production: load tests then ask twice."""
        network = self._platform.networks.resolve(network)
        self._platform.workspace.set_setting(f"{PRODUCTION}{network}", "1" if on else "")

    @requires(roles.NETWORK_READ)
    def production(self, network: str = "") -> bool:
        """Whether a network was marked as being in production."""
        return bool(self._platform.workspace.setting(f"{PRODUCTION}{self._platform.networks.resolve(network)}"))

    def _loads(self, network: str) -> LoadTests:
        return LoadTests(self._platform, self._platform.networks.resolve(network), self.folder)

    def _drills(self, network: str) -> Drills:
        return Drills(self._platform, self._platform.networks.resolve(network), self.folder)

    @requires(roles.NETWORK_CHANGE)
    def set_webhook(self, url: str) -> str:
        """Send alerts to a web address as well; returns the secret by which it knows them. "" ends that."""
        path = self.folder / WEBHOOK
        if not url:
            path.unlink(missing_ok=True)
            return ""
        return webhook.save(path, url).secret

    @requires(roles.NETWORK_READ)
    def webhook_url(self) -> str:
        """Where alerts are sent, "" if nowhere."""
        found = webhook.load(self.folder / WEBHOOK)
        return found.url if found else ""

    def _book(self, network: str) -> AlertBook:
        return AlertBook(self.folder, self._platform.networks.resolve(network))

    def _history(self, network: str) -> _Opened:
        network = self._platform.networks.resolve(network)
        path = self.folder / f"{network}.history"
        if not path.exists():
            raise NotFound(
                Text("还没有监控网络 {n}。", "Network {n} has not been watched yet.", n=network),
                Text("请运行 citychain serve monitor。", "Run citychain serve monitor."),
                code="not_watched",
            )
        return _Opened(path)


class _Opened:
    def __init__(self, path: Path) -> None:
        self._history = History(path)

    def __enter__(self) -> History:
        return self._history

    def __exit__(self, *_: object) -> None:
        self._history.close()
