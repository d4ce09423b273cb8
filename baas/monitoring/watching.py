"""The monitor of one network: a look every second, kept, judged and told; one program at a time does it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas.errors import CityChainError, Conflict
from baas.events import AlertChanged
from baas.monitoring.alerts import Alert, AlertBook, findings
from baas.monitoring.drills import Drills
from baas.monitoring.history import History
from baas.monitoring.loss_drill import LossDrills
from baas.monitoring.sampling import NodeSample, Sample, Sampler
from baas.monitoring.webhook import Sender
from fabric_sdk import clock
from fabric_sdk.files import replace_file
from network.lock import FileLock

if TYPE_CHECKING:
    from baas.platform import Platform

FOLDER = "monitor"
WEBHOOK = "webhook.json"
LOOK_S = 1.0
MEND_S = 15.0
"""How often is looked whether a drill that was killed has left a node stopped, in seconds."""
FRESH_S = 5.0
"""How old the last look may be, in seconds, to be called the present state."""
_log = logging.getLogger(__name__)


class Watch:
    """Looks at a network until it is closed."""

    def __init__(self, platform: Platform, network: str, told: Callable[[Alert, str], None] | None = None) -> None:
        """Begin; `Conflict` when another program watches this network already. `told` hears of alerts that begin
        (`began`) and end (`ended`), in the watching thread."""
        self.network = network
        self._platform = platform
        self._told = told
        self.folder = platform.workspace.path(FOLDER)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._lock = _taken(self.folder / f"{network}.watch.lock")
        try:
            self.history = History(self.folder / f"{network}.history", writing=True)
            self.book = AlertBook(self.folder, network)
            self._sampler = Sampler(platform, network)
            self._sender = Sender(self.folder / WEBHOOK)
        except BaseException:
            self._lock.release()
            raise
        self._drills = Drills(platform, network, self.folder)
        self._mended = 0.0
        self.last: Sample | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch {network}", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def close(self) -> None:
        """End; returns when the last look is kept."""
        self._ending.set()
        self._thread.join(30)
        self._sender.close()
        self.history.close()
        self._lock.release()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._ending.is_set():
            try:
                self.look()
            except CityChainError as error:
                _log.warning("a look at %s failed: %s", self.network, error)
            except Exception:
                _log.exception("a look at %s failed", self.network)
            # Looks that took long are not made up for.
            due = max(due + LOOK_S, time.monotonic())
            self._ending.wait(due - time.monotonic())

    def look(self) -> Sample:
        """Look now, keep it, and tell what began or ended."""
        sample = self._sampler.look()
        held = self._platform.networks.held(self.network)
        began, ended = self.book.update(findings(sample, held=held), sample.at)
        self.last = sample
        for alert in began:
            self._tell(alert, "began")
        for alert in ended:
            self._tell(alert, "ended")
        if sample.at - self._mended >= MEND_S or sample.at < self._mended:
            self._mended = sample.at
            self._drills.mend()
            LossDrills(self._platform, self.network, self.folder).mend()
        self._keep_now(sample)
        self.history.add(sample.at, sample.series())
        return sample

    def _tell(self, alert: Alert, what: str) -> None:
        if alert.silent(clock.seconds()):
            return
        self._sender.send(message(self.network, alert, what))
        self._platform.events.publish(AlertChanged(self.network, alert.key, what))
        if self._told is not None:
            self._told(alert, what)

    def _keep_now(self, sample: Sample) -> None:
        path = self.folder / f"{self.network}.now.json"
        temporary = path.with_suffix(".tmp")
        document = dataclasses.asdict(dataclasses.replace(sample, certificates=()))
        temporary.write_text(json.dumps(document), "utf-8")
        replace_file(temporary, path)


def _taken(path: Path) -> FileLock:
    """The lock, taken; somebody who only asks whether it is held keeps it for a moment."""
    lock = FileLock(path)
    for left in (5, 4, 3, 2, 1, 0):
        try:
            lock.acquire()
        except Conflict:
            if not left:
                raise
            time.sleep(0.05)
        else:
            return lock
    raise AssertionError("unreachable")


def message(network: str, alert: Alert, what: str) -> Mapping[str, Any]:
    """An alert as it is told to a web address."""
    return {
        "format": "citychain-alert/1",
        "network": network,
        "event": what,
        "rule": alert.rule,
        "subject": alert.subject,
        "level": alert.level,
        "title": {"zh": alert.title.zh, "en": alert.title.en},
        "text": {"zh": alert.zh, "en": alert.en},
        "since": alert.since,
        "ended": alert.ended or None,
        "sent": dt.datetime.fromtimestamp(clock.seconds(), dt.UTC).isoformat(timespec="milliseconds"),
    }


def watched(folder: Path, network: str) -> bool:
    """Whether some program watches the network now."""
    lock = FileLock(folder / f"{network}.watch.lock", reading=True)
    try:
        lock.acquire()
    except Conflict:
        return True
    lock.release()
    return False


def read_now(folder: Path, network: str) -> Sample | None:
    """The last look that any program took, None if there is none; it may be old (`Sample.at`)."""
    try:
        document = json.loads((folder / f"{network}.now.json").read_text("utf-8"))
        nodes = tuple(NodeSample(**one) for one in document.pop("nodes"))
        document.pop("certificates")
        return Sample(nodes=nodes, **document)
    except (OSError, ValueError, TypeError, KeyError):
        return None
