"""Ctrl+C in the terminal that the console was started from."""

from __future__ import annotations

import signal

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.app import ended_by_ctrl_c

pytestmark = pytest.mark.gui


def test_it_ends_the_console_and_is_as_before_afterwards(qtbot: QtBot, qapp: QApplication) -> None:
    """Python raised it in whatever slot ran just then; Qt printed that and went on."""
    before = signal.getsignal(signal.SIGINT)
    with ended_by_ctrl_c(qapp):
        QTimer.singleShot(0, lambda: signal.raise_signal(signal.SIGINT))
        # Not `singleShot`, which nobody can stop: it would end the event loops of a test twenty seconds later.
        late = QTimer(singleShot=True, interval=20_000)
        late.timeout.connect(lambda: qapp.exit(1))
        late.start()
        try:
            assert qapp.exec() == 130
        finally:
            late.stop()
    assert signal.getsignal(signal.SIGINT) is before
