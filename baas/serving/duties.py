"""One clock of what recurs while `citychain serve` runs; the doctor lists when each was last done, and how it went."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from baas.audit import operation
from baas.errors import CityChainError, Text, translate
from baas.jobs import NULL_CONTEXT
from baas.serving.parts import Duty
from fabric_sdk.clock import seconds

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.workspace import Workspace

_log = logging.getLogger(__name__)
SETTING = "duty."
_TICK_S = 1.0


@dataclass(frozen=True)
class DutyRecord:
    """How a duty went last: times in seconds since the epoch; `zh` and `en` are what it said, or why it failed."""

    name: str
    title_zh: str
    title_en: str
    seconds: float
    at: float
    failed: bool
    zh: str = ""
    en: str = ""


class DutyClock:
    """Does each duty when its time has come, one after the other, in a thread of its own.

    A duty that fails is tried again at its next turn; a slow one makes the others wait, never run twice.
    """

    def __init__(
        self, duties: Sequence[tuple[Duty, Platform]], network: str, clock: Callable[[], float] = seconds
    ) -> None:
        """Each duty with the platform on which it is done: it acts as whoever acts there."""
        self._network = network
        self._platforms = {duty.name: platform for duty, platform in duties}
        self._duties = tuple(duty for duty, _ in duties)
        self._clock = clock
        self._next = {duty.name: 0.0 for duty in self._duties}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="duties", daemon=True)

    def __enter__(self) -> DutyClock:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.turn()
            self._stopping.wait(_TICK_S)

    def turn(self) -> None:
        """Do what is due now."""
        for duty in self._duties:
            now = self._clock()
            if now < self._next[duty.name] or self._stopping.is_set():
                continue
            # From its beginning, so that a clock put back by an hour delays it by one turn and not by an hour.
            self._next[duty.name] = now + duty.seconds
            self._do(duty, now)
        for name, at in self._next.items():
            due = next(d.seconds for d in self._duties if d.name == name)
            self._next[name] = min(at, self._clock() + due)

    def _do(self, duty: Duty, now: float) -> None:
        failed = False
        try:
            with operation(duty.name, duty.title, door="duty"):
                said = duty.run(self._platforms[duty.name], self._network, NULL_CONTEXT)
        except Exception as error:
            failed, translated = True, translate(error)
            if translated.exit_code == 70:
                _log.exception("the duty %s failed", duty.name)
            said = translated.message if isinstance(translated.message, Text) else Text("{t}", "{t}", t=str(error))
        record = DutyRecord(
            duty.name,
            duty.title.zh,
            duty.title.en,
            duty.seconds,
            now,
            failed,
            said.zh if said else "",
            said.en if said else "",
        )
        try:
            keep(self._platforms[duty.name].workspace, record)
        except (CityChainError, OSError) as error:
            _log.warning("the duty %s could not be noted: %s", duty.name, error)


def keep(workspace: Workspace, record: DutyRecord) -> None:
    """Note how a duty went, for every program that has this workspace open."""
    workspace.set_setting(SETTING + record.name, json.dumps(asdict(record), ensure_ascii=False))


def records(workspace: Workspace) -> tuple[DutyRecord, ...]:
    """How every duty went that was ever done here, by name."""
    rows = workspace.db.execute("SELECT value FROM setting WHERE name LIKE ? ORDER BY name", [SETTING + "%"])
    found = []
    for (value,) in rows.fetchall():
        try:
            found.append(DutyRecord(**json.loads(value)))
        except (ValueError, TypeError):
            _log.warning("a duty's record cannot be read")
    return tuple(found)
