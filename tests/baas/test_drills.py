"""Drills: a node is stopped while the network is used, and all is whole afterwards, also when they are killed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from baas.errors import Cancelled, CityChainError, Conflict, NotFound
from baas.jobs import NullJobContext
from baas.monitoring.drills import Drills
from baas.monitoring.watching import FOLDER
from baas.platform import Platform
from tests.conftest import City

NETWORK = "city"


@pytest.fixture
def own(fresh_city: Callable[[], City]) -> Platform:
    """A city of its own, with the catalogue: nodes are stopped here."""
    return fresh_city().platform


def states(platform: Platform) -> set[str]:
    return {node.state for node in platform.networks.status(NETWORK).nodes}


def test_a_peer_and_the_orderer(own: Platform) -> None:
    """Without a peer that need not endorse business goes on; without the only orderer it does not."""
    peer = next(n.name for n in own.networks.status(NETWORK).nodes if n.msp_id == "CopyrightMSP" and n.kind == "peer")
    report = own.jobs.run(own.monitor.drill, peer, 2.0)
    assert report.whole and not report.interrupted and report.writes > 0
    assert report.during.answered > 2 and report.during.failed == 0 and report.back_s < 30
    assert report.stopped_s < report.seconds
    report = own.jobs.run(own.monitor.drill, "orderer0", 0.5)
    assert report.whole and report.interrupted and report.writes == 0 and report.during.said
    assert report.after.failed == 0
    assert states(own) == {"running"}
    assert [one.kind for one in own.monitor.drills()] == ["peer", "orderer"]
    own.audit.seal(NETWORK)  # it is written to again
    with pytest.raises(NotFound):
        own.monitor.drill("nobody", 1.0)
    other = next(n.name for n in own.networks.status(NETWORK).nodes if n.name != peer and n.kind == "peer")
    own.networks.stop(NETWORK, other)
    with pytest.raises(Conflict):
        own.monitor.drill(peer, 1.0)  # what is broken already is not broken further
    own.networks.start(NETWORK, other)

    class Impatient(NullJobContext):
        def __init__(self) -> None:
            self.asked = 0

        def check_cancelled(self) -> None:
            self.asked += 1
            if self.asked > 14:
                raise Cancelled

    with pytest.raises(Cancelled):
        Drills(own, NETWORK, own.workspace.path(FOLDER)).run(peer, 30.0, Impatient())
    assert states(own) == {"running"}


def test_killed_in_the_middle_the_node_comes_back(own: Platform) -> None:
    """By the next drill, and by whoever watches."""
    folder = own.workspace.path(FOLDER)
    for mend in ("drill", "watch"):
        node = next(n.name for n in own.networks.status(NETWORK).nodes if n.msp_id == "CopyrightMSP")
        words = ["-m", "baas.cli", "--workspace", str(own.workspace.folder), "monitor", "drill", node]
        program = subprocess.Popen(
            [sys.executable, *words, "--seconds", "60"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while "stopped" not in states(own):
            assert time.monotonic() < until and program.poll() is None
            time.sleep(0.05)
        with contextlib.suppress(CityChainError):
            assert not Drills(own, NETWORK, folder).mend()  # it is under way: nobody takes it away from it
        psutil.Process(program.pid).kill()
        program.wait()
        assert "stopped" in states(own)
        assert json.loads((folder / f"{NETWORK}.drill.json").read_text())["node"] == node
        if mend == "drill":
            assert Drills(own, NETWORK, folder).mend()
        else:
            assert own.monitor.watch(NETWORK)
            until = time.monotonic() + 30
            while "stopped" in states(own):
                assert time.monotonic() < until
                time.sleep(0.1)
            own.monitor.close()
        assert states(own) == {"running"}
