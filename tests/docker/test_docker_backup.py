"""A backup of a network of containers: their volumes as of one instant, brought back into volumes of another folder."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from baas.platform import Platform
from baas.services.backup import back_up
from baas.services.restoring import check, restore
from network.docker.engine import Engine
from network.drivers.docker import DockerDriver
from network.native.frozen import FROZEN, node_data
from network.topology import FABRIC_CURRENT
from tests.baas.test_backup_running import NETWORK, WITH_LEDGER, killed, program, timed
from tests.docker.test_docker_network import spec_for
from tests.e2e.test_native_backup import Clients, facts, goes_on, lacking, newest, working

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def started(platform: Platform) -> dict[str, float | None]:
    return {node.name: node.since for node in platform.networks.status(NETWORK).nodes if node.kind != "contract"}


def test_under_load_killed_and_restored_elsewhere(tmp_path: Path) -> None:
    spec_for("city", FABRIC_CURRENT)
    file = tmp_path / "b.ccb"
    with working(tmp_path / "workspace", "city", FABRIC_CURRENT, "docker") as platform:
        before = started(platform)
        with Clients(platform, 3) as clients:
            whole = timed(platform.workspace.folder, "backup", str(file))
            for part in (0.5, 0.7, 0.9):
                killed(program(platform.workspace.folder, "backup", str(file)), part * whole)
                check(file)
                clients.grow(3)  # whoever was paused goes on
            begin = time.monotonic()
            report = platform.jobs.run(back_up, platform, file)
            clients.grow()
        print(f"still {report.still_s:.2f} s, longest answer {clients.longest:.2f} s, failed {clients.tried_again}")
        assert started(platform) == before and 0 < report.still_s < 30
        assert not (platform.networks.folder(NETWORK) / FROZEN).exists()
        assert len(report.chains) == len(before)
        height = newest(report)
        original = facts(platform, height)
        assert check(file).chains == report.chains
        platform.networks.stop(NETWORK)
        assert len(back_up(platform, tmp_path / "stopped.ccb").chains) == len(before)  # stopped ones have volumes, too

        restore(file, tmp_path / "elsewhere")
        with Platform.open(tmp_path / "elsewhere", create=False, applications=WITH_LEDGER) as again:
            try:
                assert again.networks.status(NETWORK).state == "stopped"
                again.jobs.run(again.networks.start, NETWORK)
                assert facts(again, height) == original
                assert lacking(again, clients.before(begin)) == []
                assert not any(node_data(again.networks.folder(NETWORK), name).exists() for name in before)
                # Containers that are made anew keep what is in their volumes now.
                driver = again.networks.driver(NETWORK)
                assert isinstance(driver, DockerDriver)
                for container in driver.containers.containers().values():
                    container.remove(force=True)
                again.jobs.run(again.networks.start, NETWORK)
                assert lacking(again, clients.before(begin)) == []
                goes_on(again)
            finally:
                again.networks.destroy(NETWORK)


HOLDER = """
import sys
from network.docker.engine import Engine
from network.docker.frozen import paused
engine = Engine()
with paused(engine, [engine.client.containers.get(sys.argv[1])]):
    print("paused", flush=True)
    sys.stdin.read()
"""


def test_no_container_stays_paused_when_who_paused_it_is_killed() -> None:
    spec_for("single", FABRIC_CURRENT)
    engine = Engine()
    made = engine.client.containers.run(
        f"hyperledger/fabric-peer:{FABRIC_CURRENT}", ["sleep", "300"], entrypoint="", detach=True, network_disabled=True
    )
    try:
        command = [sys.executable, "-c", HOLDER, made.id]
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert holder.stdin is not None and holder.stdout is not None
        assert holder.stdout.readline().strip() == b"paused"
        made.reload()
        assert made.status == "paused"
        holder.kill()
        holder.wait(30)
        until = time.monotonic() + 30
        while made.status != "running":
            assert time.monotonic() < until
            time.sleep(0.05)
            made.reload()
    finally:
        made.remove(force=True)
