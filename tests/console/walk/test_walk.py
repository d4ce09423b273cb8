"""Every page as every role: all shown numbers and states are the ledger's, after each act of the demonstration."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from baas.applications import DemoOptions
from baas.demo import run_demo
from baas.platform import Platform
from baas.session import OWNER_ACTOR
from console.shell.account import acting_choices
from tests.console.conftest import Desk, close_desk, open_desk
from tests.console.walk.claims import badges, differences
from tests.console.walk.ledger import Ledger, replay

pytestmark = pytest.mark.timeout(1800)


class Gate:
    """What a job passes at each of its steps; it stands still there until somebody has looked."""

    def __init__(self) -> None:
        self.standing, self._go_on = threading.Event(), threading.Event()
        self.at = ""
        self._open = False

    def before(self, ctx: Any) -> Any:
        """The job's context, with this gate at its steps."""
        return _Gated(ctx, self)

    def stop_at(self, id: str) -> None:
        """Called by the job: wait here."""
        if self._open:
            return
        self.at = id
        self._go_on.clear()
        self.standing.set()
        self._go_on.wait(600)

    def pass_on(self) -> None:
        """Let the job take its next step."""
        self.standing.clear()
        self._go_on.set()

    def leave_open(self) -> None:
        """Stop nobody from now on."""
        self._open = True
        self.pass_on()


class _Gated:
    """A job's context behind a gate."""

    def __init__(self, ctx: Any, gate: Gate) -> None:
        self._ctx, self._gate = ctx, gate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ctx, name)

    def step(self, id: str, title: Any) -> None:
        self._ctx.step(id, title)
        self._gate.stop_at(id)


def roles_of(platform: Platform, network: str) -> list[str]:
    """One identity for every set of roles, the owner first."""
    found: dict[frozenset[str], str] = {}
    for label, roles in acting_choices(platform, network):
        found.setdefault(frozenset(roles), label)
    return list(found.values())


def _followed(platform: Platform, network: str) -> Ledger:
    """The ledger as it is now, once the index has it too."""
    ledger = replay(platform, network)
    platform.explorer.follow(network)
    end = time.monotonic() + 60
    while platform.explorer.status(network)[0].indexed < ledger.height:
        assert time.monotonic() < end, "the index does not follow the chain"
        QApplication.processEvents()
        time.sleep(0.02)
    return ledger


def as_everybody(desk: Desk) -> list[str]:
    """Walk as the owner and as one person of every role; nobody else writes."""
    platform = desk.platform
    network = desk.window.context.network
    if not network:
        return []
    ledger = _followed(platform, network)
    found = differences(desk, ledger)
    people = roles_of(platform, network)
    for label in people:
        platform.session.act_as(platform.identities.actor(label, network))
        desk.settle(60_000)
        found += differences(desk, ledger)
    platform.session.act_as(OWNER_ACTOR)
    desk.settle(60_000)
    return found


def test_the_owner_of_a_new_city(desk: Desk) -> None:
    """The quick one, on the network that all tests share."""
    platform = desk.platform
    network = desk.window.context.network
    assert differences(desk, _followed(platform, network)) == []


@pytest.mark.slow
def test_every_page_says_what_the_ledger_says(walked: Desk) -> None:
    """After the demonstration as every role; then after a revocation, a stopped node and an issued identity."""
    desk, platform = walked, walked.platform
    assert as_everybody(desk) == []

    network = desk.window.context.network
    platform.identities.issue("PublicMSP", "leaver", "creator", network=network)
    platform.identities.revoke("PublicMSP/leaver", "left", network=network)
    node = next(n.name for n in platform.networks.status(network).nodes if n.kind == "peer" and "hospital" in n.name)
    platform.networks.stop(network, node)
    desk.settle(60_000)
    assert as_everybody(desk) == []
    desk.go("overview")
    assert badges(desk.window)["networks"] == 1
    platform.networks.start(network, node)
    desk.settle(60_000)
    assert as_everybody(desk) == []
    assert badges(desk.window)["networks"] == 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_after_every_act_of_the_demonstration(qapp: Any, tmp_path: Path) -> None:
    """The demonstration stands still at each of its steps; the owner and every role look while it is still a job.

    They look again once the ledger has more blocks than when they looked last; most steps only make ready. Nothing is
    painted, which was a third of the time: the walk above looks at it all.
    """
    with Platform.open(tmp_path / "workspace") as platform:
        desk = open_desk(qapp, None, platform)
        desk.waits_for_jobs = False
        desk.window.setUpdatesEnabled(False)
        gate = Gate()

        def run(*, ctx: Any) -> Any:
            return run_demo(platform, DemoOptions(), ctx=gate.before(ctx))

        found: dict[str, list[str]] = {}
        walked: dict[int, str] = {}
        view = desk.window.context.job(run, title="demonstration")
        try:
            while view.running:
                QApplication.processEvents()
                if not gate.standing.wait(0.01):
                    continue
                network, height = _running(platform)
                desk.window.context.choose_network(network)
                if network and height not in walked:
                    walked[height] = gate.at
                    if lines := as_everybody(desk):
                        found[f"before {gate.at}, at {height} blocks"] = lines
                gate.pass_on()
            assert view.state == "done", view.job and view.job.error
        finally:
            gate.leave_open()
            view.cancel()
            while view.running:
                QApplication.processEvents()
                time.sleep(0.01)
            close_desk(desk)
            for name in platform.networks.names():
                platform.networks.destroy(name)
        assert found == {}
        assert len(walked) > 30


def _running(platform: Platform) -> tuple[str, int]:
    """The demonstration's network and its height once it answers; "" and 0 before."""
    name = platform.networks.default()
    if not name or platform.networks.state(name).phase != "ready":
        return "", 0
    status = platform.networks.status(name)
    if status.state != "running":
        return "", 0
    return name, max(node.height or 0 for node in status.nodes)
