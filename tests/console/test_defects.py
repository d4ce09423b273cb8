"""What nobody caught lands in the log and in one sentence."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.defects import Defects
from network.errors import CityChainError

pytestmark = pytest.mark.gui


def test_an_exception_that_nobody_caught(qtbot: QtBot, tmp_path: Path) -> None:
    defects = Defects(tmp_path / "日志" / "console.log")
    told: list[CityChainError] = []
    defects.found.connect(told.append)
    before = sys.excepthook
    with defects.taking():
        for name in ("here", "there"):
            error = ZeroDivisionError(name)
            if name == "here":
                sys.excepthook(type(error), error, None)
            else:
                thread = threading.Thread(target=lambda error=error: (_ for _ in ()).throw(error))
                thread.start()
                thread.join()
        qWarning("a complaint of Qt")
        qtbot.waitUntil(lambda: len(told) == 2)
    assert sys.excepthook is before
    text = defects.path.read_text("utf-8")
    assert "ZeroDivisionError: here" in text
    assert "ZeroDivisionError: there" in text
    assert "Qt: a complaint of Qt" in text
    assert told[0].code == "defect"
    assert "ZeroDivisionError: here" in told[0].details["traceback"]
    assert str(defects.path) in str(told[0].hint)


def test_a_log_that_cannot_be_written_stops_nobody(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    defects = Defects(tmp_path / "file" / "console.log")
    told: list[CityChainError] = []
    defects.found.connect(told.append)
    with defects.taking():
        sys.excepthook(ValueError, ValueError("x"), None)
    assert [error.code for error in told] == ["defect"]


def test_ctrl_c_is_no_defect(qapp: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    defects = Defects(tmp_path / "console.log")
    told: list[CityChainError] = []
    defects.found.connect(told.append)
    with defects.taking():
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert told == []
    assert "KeyboardInterrupt" in capsys.readouterr().err
