"""After every act of the demonstration: every page as every role says what the ledger says.

The demonstration runs in a job of the window. It stands still after the first act of every kind (beside its owner after
the first two) and at each of its steps, and whoever sits at the window opens every page. Their pages stay open from
look to look, so what is not read anew is found too. A role takes 2 to 12 minutes, as busy as the machine is.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from baas.applications import DemoOptions
from baas.demo import run_demo
from baas.platform import Platform
from baas.session import OWNER_ACTOR
from tests.console.conftest import Desk, close_desk, open_desk
from tests.console.walk.claims import differences
from tests.console.walk.gate import Context, Gate, guard, owner_demonstrates
from tests.console.walk.ledger import Ledger, followed, replay
from tests.console.walk.people import people_of

OWNER = "platform_admin"
WHO = (
    *(OWNER, "organization_admin", "auditor", "registrar", "creator", "licensee", "hospital_staff", "authority"),
    *("core_enterprise", "supplier", "bank", "trace_authority", "trace_inspector", "trace_enterprise"),
)
"""The roles of those whom the demonstration makes, each in an organisation that may give it."""
MADE = {"catalogue_keeper", "catalogue_owner", "catalogue_witness", "portal_admin"}
"""Those whom the owner may have made on the way, beside the demonstration's own."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("who", WHO)
def test_after_every_act_of_the_demonstration(
    who: str, qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is painted, which was a third of the time: the walk after the demonstration looks at it all."""
    with Platform.open(tmp_path / "workspace") as platform:
        desk = open_desk(qapp, None, platform)
        desk.waits_for_jobs = False
        desk.window.setUpdatesEnabled(False)
        walk = Walk(desk, who)
        guard(monkeypatch, walk.gate)
        owner_demonstrates(monkeypatch)
        try:
            walk.through()
        finally:
            close_desk(desk)
            platform.session.act_as(OWNER_ACTOR)
            for name in platform.networks.names():
                platform.networks.destroy(name)
        assert walk.found == {}
        assert walk.looks >= 5
        if who == OWNER:  # others are shown the people of their own organisation alone
            assert walk.people - MADE == set(WHO)


class Walk:
    """One person's walk beside the demonstration."""

    def __init__(self, desk: Desk, who: str) -> None:
        self.desk, self.platform, self.who = desk, desk.platform, who
        self.gate = Gate(2 if who == OWNER else 1)
        self.found: dict[str, list[str]] = {}
        self.people: set[str] = set()
        self.looks = 0
        self._ledger: Ledger | None = None
        self._sits = who == OWNER

    def through(self) -> None:
        """From the empty workspace to the end of the demonstration."""

        def run(*, ctx: Any) -> Any:
            return run_demo(self.platform, DemoOptions(), ctx=Context(ctx, self.gate))

        view = self.desk.window.context.job(run, title="demonstration")
        try:
            while view.running:
                QApplication.processEvents()
                if not self.gate.standing:
                    time.sleep(0.002)
                    continue
                self._look()
                self.gate.pass_on()
            assert view.state == "done", view.job and view.job.error
            self._look()
        finally:
            self.gate.leave_open()
            view.cancel()
            while view.running:
                QApplication.processEvents()
                time.sleep(0.01)

    def _look(self) -> None:
        network = _running(self.platform)
        self.desk.window.context.choose_network(network)
        if not network:
            return
        height = self._ledger.height if self._ledger else 0
        self._ledger = followed(self.platform, network, self._ledger)
        if self._ledger.height == height or not self._sit_down(network):
            return
        self.looks += 1
        height = self._ledger.height
        lines = differences(self.desk, self._ledger)
        if replay(self.platform, network, self._ledger).height != height:
            lines.append("somebody wrote while this was read")
        if lines:
            self.found[f"{self.gate.at}, {height} blocks"] = lines

    def _sit_down(self, network: str) -> bool:
        """Whether the person is there; they sit down as soon as they have a key."""
        people = people_of(self.platform, network)
        self.people = {OWNER, *people}
        if not self._sits and self.who in people:
            self._sits = True
            self.platform.session.act_as(self.platform.identities.actor(people[self.who], network))
            self.desk.settle()
        return self._sits


def _running(platform: Platform) -> str:
    """The demonstration's network once it answers; "" before."""
    name = platform.networks.default()
    if not name or platform.networks.state(name).phase != "ready":
        return ""
    return name if platform.networks.status(name).state == "running" else ""
