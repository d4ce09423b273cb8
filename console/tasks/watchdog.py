"""Measures how long the window's event loop was kept from answering."""

from __future__ import annotations

import time

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer

from fabric_sdk import clock

_INTERVAL_MS = 5


class Watchdog(QObject):
    """A timer that should fire every 5 ms; how much later it fires is how long the window stood still.

    Beside it stands what the window's own thread worked between two ticks, in processor time: on a machine with more to
    do than processors it tells the window's doing from its waiting for one.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._tick)
        self._clock = QElapsedTimer()
        self._stalls: list[tuple[float, float]] = []
        self._ticks = 0
        self._worst = 0.0
        self._worked = self._worst_work = 0.0

    def start(self) -> None:
        self._stalls.clear()
        self._worst = self._worst_work = 0.0
        self._worked = time.thread_time()
        self._ticks = 0
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    @property
    def worst_ms(self) -> float:
        """The longest stall since `start`, in milliseconds."""
        return self._worst

    @property
    def worst_work_ms(self) -> float:
        """The most processor time that the window's thread took between two ticks since `start`, in milliseconds."""
        return self._worst_work

    @property
    def ticks(self) -> int:
        return self._ticks

    @property
    def stalls(self) -> tuple[tuple[float, float], ...]:
        """Stalls over 16 ms: (seconds since the epoch, milliseconds)."""
        return tuple(self._stalls)

    def _tick(self) -> None:
        elapsed = self._clock.nsecsElapsed() / 1e6
        self._clock.start()
        self._ticks += 1
        worked = time.thread_time()
        self._worst_work = max(self._worst_work, (worked - self._worked) * 1e3)
        self._worked = worked
        late = elapsed - _INTERVAL_MS
        self._worst = max(self._worst, late)
        if late > 16:
            self._stalls.append((clock.seconds(), late))
