"""The window where certificates have ended; run by tests/clocks/test_lapsed.py under a shifted clock.

The folder of its workspace stands in CITYCHAIN_LAPSED. Nothing is done but what the pages offer.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from baas.platform import Platform

RETURN = Qt.Key.Key_Return
pytestmark = pytest.mark.gui


def accept(desk: Any) -> Any:
    def act(dialog: Any) -> None:
        desk.until(dialog.accept_button.isEnabled, 60_000)
        desk.bot.keyClick(dialog.accept_button, RETURN)

    return act


def test_recovered_by_clicks(make_desk: Any) -> None:
    with Platform.open(Path(os.environ["CITYCHAIN_LAPSED"]), create=False) as platform:
        desk = make_desk(platform)
        ended = [r for r in platform.identities.list("city") if r.state == "expired"]
        assert ended, "nothing has ended: this would show nothing"
        clicks = 0
        desk.go("networks/city")
        if all(record.kind == "person" for record in ended):
            desk.press_header("start")
            clicks += 1
            desk.settle(60_000)
        desk.go("identities")
        desk.answer(accept(desk))
        desk.press_header("renew")
        clicks += 2
        desk.settle(120_000)
        desk.no_error()
        assert clicks <= 3
        assert not [r for r in platform.identities.list("city") if r.state == "expired"]
        assert platform.networks.status("city").state == "running"
