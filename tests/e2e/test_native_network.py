"""Real Fabric from nothing to a committed transaction, its faults, and a bring-up that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from network import plan
from network.drivers.native import NativeDriver
from network.errors import Conflict
from network.plan import NetworkState
from network.topology import FABRIC_CURRENT, FABRIC_LTS, template
from network.vault import FolderVault
from tests.e2e.running import Load, RunningNetwork, require_fabric, retry, running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


@pytest.mark.parametrize("version", [FABRIC_CURRENT, FABRIC_LTS])
def test_city_from_nothing_to_a_transaction(tmp_path: Path, version: str, record_property: object) -> None:
    started = time.monotonic()
    spec = template("city", runtime="native").with_(fabric_version=version)
    with running(tmp_path, spec) as network:
        record_property("seconds", round(time.monotonic() - started, 2))  # type: ignore[operator]
        for msp_id in network.handle.spec.peer_msp_ids:
            retry(lambda m=msp_id: network.put(f"from-{m}", m, m))
            assert network.get(f"from-{msp_id}", msp_id) == msp_id
        status = network.driver.status()
        assert status.state == "running"
        assert {n.kind for n in status.nodes} == {"orderer", "peer", "contract"}
        assert all(n.height for n in status.nodes if n.kind != "contract")
        assert plan.plan(network.driver, spec, network.directory) == []
    assert not network.directory.exists()
    assert list(network.vault.names()) == []


def test_bft_with_four_orderers_loses_one(tmp_path: Path) -> None:
    with running(tmp_path, template("bft", runtime="native")) as network:
        victim = network.handle.orderers()[3].name
        with Load(network) as load:
            time.sleep(1)
            network.driver.stop(victim)
            before = len(load.acknowledged)
            time.sleep(4)
            assert len(load.acknowledged) > before
            network.driver.start(victim)
            time.sleep(1)
        assert load.given_up == []
        assert load.lost() == []


def test_stopped_network_starts_again_with_its_data(tmp_path: Path) -> None:
    with running(tmp_path, template("single", runtime="native")) as network:
        retry(lambda: network.put("kept", "value"))
        network.driver.stop()
        assert network.driver.status().state == "stopped"
        network.driver.start()
        retry(lambda: network.put("after", "restart"))
        assert network.get("kept") == "value"


def test_network_moved_to_another_folder_comes_up_with_its_contracts(tmp_path: Path) -> None:
    with running(tmp_path, template("single", runtime="native")) as network:
        network.put("kept", "value")
        network.driver.stop()
        moved = tmp_path / "elsewhere" / "single"
        moved.parent.mkdir()
        network.directory.rename(moved)
        network.directory, network.driver = moved, NativeDriver(moved, network.vault)
        network.up()
        retry(lambda: network.put("after", "the move"))
        assert network.get("kept") == "value"


def _kill(network: RunningNetwork, name: str) -> None:
    pid = next(n.pid for n in network.driver.status().nodes if n.name == name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_faults_lose_nothing_acknowledged(tmp_path: Path) -> None:
    """One of three orderers, one peer and a contract server are killed under load; the supervisor starts them again."""
    with running(tmp_path, template("ha", runtime="native")) as network:
        handle = network.handle
        contract = next(n.name for n in network.driver.status().nodes if n.kind == "contract")
        victims = [handle.orderers()[0].name, handle.peers("HospitalMSP")[0].name, contract]
        with Load(network, 2, ("CopyrightMSP", "HealthMSP")) as load:
            time.sleep(1)
            for victim in victims:
                before = len(load.acknowledged)
                _kill(network, victim)
                until = time.monotonic() + 45
                while len(load.acknowledged) < before + 4 and time.monotonic() < until:
                    time.sleep(0.1)
                assert len(load.acknowledged) >= before + 4, f"no recovery after {victim}"
        assert load.given_up == []
        assert load.lost() == []

        def everything_runs() -> None:
            nodes = {n.name: n for n in network.driver.status().nodes}
            for victim in victims:
                assert nodes[victim].state == "running"
                assert nodes[victim].restarts >= 1

        until = time.monotonic() + 30
        while True:
            try:
                everything_runs()
                break
            except AssertionError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
        retry(lambda: network.put("hospital", "recovered", "HospitalMSP"))


def test_network_survives_its_supervisor(tmp_path: Path) -> None:
    with running(tmp_path, template("single", runtime="native")) as network:
        pids = {n.name: n.pid for n in network.driver.status().nodes}
        import json

        control = json.loads((network.directory / "run" / "supervisor.json").read_bytes())
        os.kill(control["pid"], signal.SIGKILL)
        retry(lambda: network.put("alone", "still works"))
        network.driver.start()
        assert {n.name: n.pid for n in network.driver.status().nodes} == pids


BRING_UP = """
import os, signal, sys
from pathlib import Path
from network import plan
from network.drivers.native import NativeDriver
from network.topology import template
from network.vault import FolderVault
directory, keys, last, when = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
def on_step(step, result):
    if step.id == last and result == when:
        os.kill(os.getpid(), signal.SIGKILL)
plan.run(NativeDriver(directory, FolderVault(keys)), template("single", runtime="native"), directory, on_step=on_step)
"""

STEPS = [
    "addresses:single",
    "authority:data-bureau",
    "material:data-bureau",
    "genesis:citychannel",
    "start:single",
    "join-orderers:citychannel",
    "join-peers:citychannel",
    "leader:citychannel",
]


@pytest.mark.parametrize("step", STEPS)
def test_bring_up_killed_at_a_step_is_finished_by_the_next(tmp_path: Path, step: str) -> None:
    require_fabric(FABRIC_CURRENT)
    directory, keys = tmp_path / "single", tmp_path / "keys"
    network = RunningNetwork(directory, template("single", runtime="native"))
    network.vault = FolderVault(keys)  # type: ignore[assignment]
    network.driver = NativeDriver(directory, FolderVault(keys))
    try:
        for when in ("running", "done"):
            arguments = [sys.executable, "-c", BRING_UP, str(directory), str(keys), step, when]
            done = subprocess.run(arguments, capture_output=True, timeout=60, check=False)
            if when == "running":
                assert done.returncode == -signal.SIGKILL, done.stderr.decode()
                assert NetworkState.load(directory).phase == "building"
        network.up()
        assert NetworkState.load(directory).phase == "ready"
        network.deploy()
    finally:
        plan.remove(network.driver, directory)
    assert not directory.exists()
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(directory) in " ".join(p.info["cmdline"] or [])]


@pytest.mark.parametrize("step", ["genesis:citychannel", "start:single", "join-peers:citychannel"])
def test_bring_up_killed_at_a_step_can_be_removed(tmp_path: Path, step: str) -> None:
    require_fabric(FABRIC_CURRENT)
    directory, keys = tmp_path / "single", tmp_path / "keys"
    arguments = [sys.executable, "-c", BRING_UP, str(directory), str(keys), step, "done"]
    subprocess.run(arguments, capture_output=True, timeout=60, check=False)
    vault = FolderVault(keys)
    plan.remove(NativeDriver(directory, vault), directory)
    assert not directory.exists()
    assert vault.names() == ()


def test_port_taken_by_another_program_is_one_clear_sentence(tmp_path: Path) -> None:
    require_fabric(FABRIC_CURRENT)
    import socket

    network = RunningNetwork(tmp_path / "single", template("single", runtime="native"))
    try:
        network.up()
        peer = network.handle.peers()[0]
        port = network.handle.addresses[peer.name].port
        network.driver.stop()
        with socket.socket() as other:
            other.bind(("127.0.0.1", port))
            other.listen()
            with pytest.raises(Conflict, match=str(port)):
                network.driver.start()
        network.driver.start()
    finally:
        plan.remove(network.driver, network.directory)
