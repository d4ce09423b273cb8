"""Ctrl+C in the terminal that the console was started from."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.app import ended_by_ctrl_c

pytestmark = pytest.mark.gui


@contextmanager
def at_most(app: QApplication, seconds: float) -> Iterator[None]:
    """End `app` with 1 where nothing else does. Not by `singleShot`, which nobody can stop: it would end the event
    loops of whatever test runs then."""
    late = QTimer(singleShot=True, interval=round(seconds * 1000))
    late.timeout.connect(lambda: app.exit(1))
    late.start()
    try:
        yield
    finally:
        late.stop()


def test_it_ends_the_console_and_is_as_before_afterwards(qtbot: QtBot, qapp: QApplication) -> None:
    """Python raised it in whatever slot ran just then; Qt printed that and went on."""
    before = signal.getsignal(signal.SIGINT)
    with ended_by_ctrl_c(qapp), at_most(qapp, 20):
        QTimer.singleShot(0, lambda: signal.raise_signal(signal.SIGINT))
        assert qapp.exec() == 130
    assert signal.getsignal(signal.SIGINT) is before


def test_it_ends_a_console_that_is_still_starting(qtbot: QtBot, qapp: QApplication) -> None:
    """Before the event loop turned it was forgotten, and had to be pressed again."""
    with ended_by_ctrl_c(qapp), at_most(qapp, 20):
        signal.raise_signal(signal.SIGINT)
        assert qapp.exec() == 130
