"""Backups of networks of Fabric's own programs: taken while they work, brought back elsewhere, equal, and going on."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from baas.errors import Conflict
from baas.platform import Platform
from baas.services.backup import BackupReport, back_up
from baas.services.restoring import check, restore
from fabric_sdk.errors import FabricError
from fabric_sdk.gateway import Deadlines, connect
from network.native.frozen import FROZEN
from network.native.peer_facts import PeerFacts, peer_facts
from network.topology import FABRIC_CURRENT, FABRIC_LTS, Runtime, template
from tests.baas.test_backup_running import CHANNEL, NETWORK, WITH_LEDGER, killed, program, timed
from tests.e2e.running import require_fabric

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
MSP = "DataBureauMSP"


@contextlib.contextmanager
def working(folder: Path, name: str, version: str, runtime: Runtime = "native") -> Iterator[Platform]:
    """A workspace whose network runs a contract with a private collection of two organisations."""
    if runtime == "native":
        require_fabric(version)
    with Platform.open(folder, applications=WITH_LEDGER) as platform:
        spec = template(name, network_name=NETWORK, runtime=runtime).with_(fabric_version=version)
        try:
            platform.jobs.run(platform.networks.up, spec)
            platform.jobs.run(platform.contracts.deploy, NETWORK, "ledger")
            yield platform
        finally:
            if NETWORK in platform.networks.names():
                platform.networks.destroy(NETWORK)


class Clients:
    """People who write public and private values, one after the other each; what was acknowledged is remembered.

    A transaction of which the answer is late is another one the next time: nothing is counted that was not confirmed.
    """

    def __init__(self, platform: Platform, count: int = 6) -> None:
        self._handle = platform.networks.handle(NETWORK)
        self._stop = threading.Event()
        self.acknowledged: dict[str, tuple[str, float]] = {}
        self.tried_again: list[str] = []
        self.longest = 0.0
        self._threads = [threading.Thread(target=self._client, args=(n,), daemon=True) for n in range(count)]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        self.grow(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(90)

    def grow(self, count: int = 4, seconds: float = 60.0) -> None:
        """Wait until so many more are acknowledged."""
        wanted, until = len(self.acknowledged) + count, time.monotonic() + seconds
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < until, self.tried_again[-3:]
            time.sleep(0.02)

    def before(self, moment: float) -> dict[str, str]:
        return {key: value for key, (value, at) in list(self.acknowledged.items()) if at < moment}

    def _client(self, number: int) -> None:
        deadlines = Deadlines(20, 20, 20, 20)
        with connect(self._handle.endpoint(MSP), self._handle.admin(MSP), deadlines=deadlines) as gateway:
            contract = gateway.get_network(CHANNEL).get_contract("ledger")
            for turn in range(10**6):
                if self._stop.is_set():
                    return
                key, value = f"{'p' if turn % 3 == 0 else 'k'}{number}-{turn}", os.urandom(20).hex()
                begin = time.monotonic()
                try:
                    if key.startswith("p"):
                        contract.submit("PutPrivateValue", "open", key, value)
                    else:
                        contract.submit("Put", key, value)
                except FabricError as error:
                    self.tried_again.append(str(error))
                    time.sleep(0.1)
                else:
                    self.acknowledged[key] = (value, time.monotonic())
                    self.longest = max(self.longest, time.monotonic() - begin)


def facts(platform: Platform, height: int) -> dict[str, PeerFacts]:
    """Every peer's copy of the channel up to a height, once it has it."""
    until = time.monotonic() + 60
    while min(n.height or 0 for n in platform.networks.status(NETWORK).nodes if n.kind == "peer") < height:
        assert time.monotonic() < until
        time.sleep(0.1)
    handle = platform.networks.handle(NETWORK)
    return {node.name: peer_facts(handle, node, CHANNEL, height) for node in handle.channel_peers(CHANNEL)}


def lacking(platform: Platform, wanted: dict[str, str]) -> list[str]:
    """Which of these values a network does not have."""
    handle = platform.networks.handle(NETWORK)
    with connect(handle.endpoint(MSP), handle.admin(MSP)) as gateway:
        contract = gateway.get_network(CHANNEL).get_contract("ledger")
        until, missing, told = time.monotonic() + 60, list(wanted), list[str]()
        while missing and time.monotonic() < until:
            left = []
            for key in missing:
                asked = ("GetPrivate", "open", key) if key.startswith("p") else ("Get", key)
                try:
                    if contract.evaluate(*asked).decode() != wanted[key]:
                        left.append(key)
                except FabricError as error:
                    left.append(f"{key}: {error}")
            missing = [one.partition(":")[0] for one in left]
            told = left
        return told if missing else []


def pids(platform: Platform) -> dict[str, int | None]:
    return {node.name: node.pid for node in platform.networks.status(NETWORK).nodes}


def newest(report: BackupReport) -> int:
    """The height of the peer that was furthest."""
    return max(chain.height for chain in report.chains if chain.commit_hash)


def goes_on(platform: Platform) -> None:
    with Clients(platform, 2) as clients:
        clients.grow(10)
    assert lacking(platform, clients.before(time.monotonic())) == []


@pytest.mark.parametrize(("name", "version"), [("ha", FABRIC_CURRENT), ("city", FABRIC_LTS), ("bft", FABRIC_CURRENT)])
def test_under_load_and_restored_elsewhere(tmp_path: Path, name: str, version: str) -> None:
    file = tmp_path / "b.ccb"
    with working(tmp_path / "workspace", name, version) as platform:
        before = pids(platform)
        with Clients(platform) as clients:
            begin = time.monotonic()
            report = platform.jobs.run(back_up, platform, file)
            took, grown = time.monotonic() - begin, len(clients.acknowledged) - len(clients.before(begin))
            clients.grow()
        print(
            f"{name} {version}: {took:.2f} s, still {report.still_s:.3f} s, {grown} acknowledged meanwhile, "
            f"longest answer {clients.longest:.2f} s, {len(clients.tried_again)} failed"
        )
        assert pids(platform) == before and platform.networks.status(NETWORK).state == "running"
        assert clients.tried_again == []  # nobody noticed
        assert 0 < report.still_s < took
        assert not (platform.networks.folder(NETWORK) / FROZEN).exists()
        nodes = [n for n in platform.networks.status(NETWORK).nodes if n.kind != "contract"]
        assert len(report.chains) == len(nodes)
        height = newest(report)
        original = facts(platform, height)
        assert {f.commit_hash for f in original.values()} >= {
            chain.commit_hash for chain in report.chains if chain.height == height and chain.commit_hash
        }
        assert check(file).chains == report.chains

        restore(file, tmp_path / "elsewhere")
        with Platform.open(tmp_path / "elsewhere", create=False, applications=WITH_LEDGER) as again:
            # It leads to nothing of the original's, and does not start beside it on the same ports.
            assert again.networks.status(NETWORK).state == "stopped" and not again.networks.held(NETWORK)
            again.networks.stop(NETWORK)
            with pytest.raises(Conflict):
                again.jobs.run(again.networks.start, NETWORK)
            again.networks.stop(NETWORK)
            assert pids(platform) == before and platform.networks.status(NETWORK).state == "running"

            platform.networks.stop(NETWORK)
            shutil.move(tmp_path / "workspace" / "networks", tmp_path / "away")  # nothing of it may be needed
            try:
                again.jobs.run(again.networks.start, NETWORK)
                assert again.networks.status(NETWORK).state == "running"
                assert facts(again, height) == original
                assert sum(one.held for one in original.values()) > 0
                assert lacking(again, clients.before(begin)) == []
                goes_on(again)
                ends = facts(
                    again, min(n.height or 0 for n in again.networks.status(NETWORK).nodes if n.kind == "peer")
                )
                assert len({one.commit_hash for one in ends.values()}) == 1
            finally:
                again.networks.destroy(NETWORK)
                shutil.move(tmp_path / "away", tmp_path / "workspace" / "networks")


def test_a_stopped_network_and_a_node_that_is_down(tmp_path: Path) -> None:
    with working(tmp_path / "workspace", "city", FABRIC_CURRENT) as platform:
        with Clients(platform, 2) as clients:
            clients.grow()
        down = platform.networks.handle(NETWORK).peers("HospitalMSP")[0].name
        platform.networks.stop(NETWORK, down)
        report = back_up(platform, tmp_path / "one.ccb")
        assert report.still_s > 0 and any(down in chain.folder for chain in report.chains)
        assert {n.name: n.state for n in platform.networks.status(NETWORK).nodes}[down] == "stopped"
        platform.networks.stop(NETWORK)
        cold = back_up(platform, tmp_path / "two.ccb")
        assert cold.still_s == 0 and cold.chains == check(tmp_path / "two.ccb").chains
        shutil.move(tmp_path / "workspace" / "networks", tmp_path / "away")
        restore(tmp_path / "two.ccb", tmp_path / "elsewhere")
        with Platform.open(tmp_path / "elsewhere", create=False, applications=WITH_LEDGER) as again:
            try:
                again.jobs.run(again.networks.start, NETWORK)
                assert lacking(again, clients.before(time.monotonic())) == []
                goes_on(again)
            finally:
                again.networks.destroy(NETWORK)
                shutil.move(tmp_path / "away", tmp_path / "workspace" / "networks")


def campaign(folder: Path, rounds: int, seed: int) -> tuple[int, int]:
    """`rounds` kills in backup under load and as many in restoration; how many met a program at work."""
    chance = random.Random(seed)
    target, places = folder / "out" / "city.ccb", folder / "places"
    target.parent.mkdir()
    places.mkdir()
    met = [0, 0]
    workspace = folder / "workspace"
    with working(workspace, "ha", FABRIC_CURRENT) as platform:
        before = pids(platform)
        with Clients(platform, 3) as clients:
            whole = timed(workspace, "backup", str(target))
            for turn in range(rounds * 3):
                met[0] += killed(program(workspace, "backup", str(target)), chance.uniform(0.2, 1) * whole)
                check(target)  # the one of before, or the new one, whole
                clients.grow(3)  # no node stays still
                if met[0] >= rounds:
                    break
                assert turn < rounds * 3 - 1
            moment = time.monotonic()
            timed(workspace, "backup", str(target))
        assert [path.name for path in target.parent.iterdir()] == ["city.ccb"]
        assert not (platform.networks.folder(NETWORK) / FROZEN).exists()
        assert pids(platform) == before
        assert all(psutil.Process(pid).status() != psutil.STATUS_STOPPED for pid in before.values() if pid)
        report = check(target)
        original = facts(platform, newest(report))
        platform.networks.stop(NETWORK)
        home = places / "home"
        whole = timed(home, "restore", str(target))
        shutil.rmtree(home)
        for number in range(rounds * 4):
            home = places / f"home{number}"
            at_work = killed(program(home, "restore", str(target)), chance.uniform(0.2, 1) * whole)
            whole *= 1.05 if at_work else 0.8  # the machine may be less busy by now
            met[1] += at_work
            if not home.exists():
                timed(home, "restore", str(target))
            assert [p.name for p in places.iterdir() if p.name.startswith(f".home{number}.")] in (
                [],
                [p.name for p in places.glob(f".home{number}.*.lock")],
            )
            if met[1] >= rounds:
                break
            shutil.rmtree(home)
        with Platform.open(home, create=False, applications=WITH_LEDGER) as again:
            try:
                again.jobs.run(again.networks.start, NETWORK)
                assert facts(again, newest(report)) == original
                assert lacking(again, clients.before(moment)) == []
                goes_on(again)
            finally:
                again.networks.destroy(NETWORK)
    return met[0], met[1]


def test_killed_in_backup_and_restore(tmp_path: Path) -> None:
    in_backup, in_restore = campaign(tmp_path, 3, random.randrange(1 << 30))
    assert in_backup + in_restore > 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_killed_fifty_times_in_each(tmp_path: Path) -> None:
    """`CITYCHAIN_KILLS`: how often in each."""
    rounds = int(os.environ.get("CITYCHAIN_KILLS", "50"))
    in_backup, in_restore = campaign(tmp_path, rounds, random.randrange(1 << 30))
    print(f"killed at work: {in_backup} in backup, {in_restore} in restore")
    assert in_backup >= rounds and in_restore >= rounds
