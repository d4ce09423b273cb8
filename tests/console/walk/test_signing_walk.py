"""Every button of every page as every role: whatever writes has said beforehand whose signature that is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from apps.labs.service import Training
from baas.session import OWNER_ACTOR
from console.pages.training import page as training_page
from tests.console.walk.people import people_of
from tests.console.walk.presses import Stop, press_everything, stopped

SKIPPED = {"settings", "doctor"}
"""Pages of this workspace alone: language, look, this machine."""


@pytest.fixture
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody chooses a file, and nothing is opened in other programs."""
    for name, empty in (
        ("getExistingDirectory", ""),
        ("getSaveFileName", ("", "")),
        ("getOpenFileName", ("", "")),
        ("getOpenFileNames", ([], "")),
    ):
        monkeypatch.setattr(QFileDialog, name, lambda *a, _empty=empty, **k: _empty)
    monkeypatch.setattr(QFileDialog, "exec", lambda self: 0)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: True)


@pytest.fixture
def no_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labs stand in workspaces of their own, where nobody signs here: none is started, checked or opened."""

    def stop(self: Training, *_: Any, **__: Any) -> None:
        raise stopped()

    for act in ("start", "check", "reset"):
        monkeypatch.setattr(Training, act, stop)
    monkeypatch.setattr(training_page, "subprocess", SimpleNamespace(Popen=lambda *_, **__: None))


def addresses(desk: Any) -> list[str]:
    """Every page, its tabs and the views that are worth a picture."""
    window = desk.window
    found: dict[str, None] = {}
    for spec in window.specs:
        if spec.id in SKIPPED or spec.id not in window.rail.items:
            continue
        found[spec.id] = None
        found |= dict.fromkeys(scene.address for scene in spec.scenes(window.context))
    return list(found)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_who_signs_is_said_before(walked: Any, no_files: None, no_rooms: None) -> None:
    desk, platform = walked, walked.platform
    network = desk.window.context.network
    found: list[str] = []
    pressed = 0
    # The owner's own list has them all, the owner among them: everybody once.
    for label in dict.fromkeys(["owner", *people_of(platform, network).values()]):
        actor = OWNER_ACTOR if label == "owner" else platform.identities.actor(label, network)
        platform.session.act_as(actor)
        desk.settle(60_000)
        done: set[str] = set()
        with Stop(platform) as stop:
            for address in addresses(desk):
                found += [f"{label}: {line}" for line in press_everything(desk, address, stop, done)]
        pressed += len(done)
    platform.session.act_as(OWNER_ACTOR)
    assert found == []
    assert pressed > 200
