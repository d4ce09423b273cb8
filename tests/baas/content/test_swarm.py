"""Two organisations' Kubo nodes on loopback exchange blocks; a node with another key, or none of ours, does not."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from baas.content import Cid, KuboDaemon, KuboStore, LocalStore
from baas.content.engines import ManagedKubo
from baas.content.kubo_daemon import RECORD, free_port, running
from baas.content.swarm import Membership, Swarm, join, key_of, leave, membership, new_key
from network.errors import CityChainError

MIB = 1 << 20


class Desk:
    """A workspace's folder and settings, which is all that a swarm asks of one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._settings: dict[str, str] = {}

    def path(self, *parts: str) -> Path:
        return self.folder.joinpath(*parts)

    def setting(self, name: str, default: str = "") -> str:
        return self._settings.get(name, default)

    def set_setting(self, name: str, value: str) -> None:
        self._settings[name] = value


def refused(code: str, act: object, *args: object) -> None:
    with pytest.raises(CityChainError) as error:
        act(*args)  # type: ignore[operator]
    assert error.value.code == code


def test_what_is_no_swarm_is_refused_and_a_key_is_its_owners_alone(tmp_path: Path) -> None:
    desk, key = Desk(tmp_path), new_key()
    for wrong in ((key[:-2], "127.0.0.1", 4001), (key, "a b", 4001), (key, "/ip4", 4001), (key, "127.0.0.1", 0)):
        refused("bad_swarm", join, desk, *wrong)
    assert membership(desk) is None and not tmp_path.joinpath("kubo").exists()
    join(desk, key, "127.0.0.1", 4001, "node.example")
    assert key_of(desk) == key and tmp_path.joinpath("kubo/repo/swarm.key").stat().st_mode & 0o077 == 0
    assert membership(desk) == Membership("127.0.0.1", 4001, "node.example")
    for name, kind in (("node.example", "dns4"), ("198.51.100.7", "ip4"), ("2001:db8::7", "ip6"), ("face::", "ip6")):
        assert Membership(name, 1, name).address("Q") == f"/{kind}/{name}/tcp/1/p2p/Q"
    leave(desk)
    assert key_of(desk) != key and membership(desk) is None


class Node:
    """An organisation's daemon in a swarm."""

    def __init__(self, program: Path, folder: Path, key: str) -> None:
        self.desk = Desk(folder)
        self.member = join(self.desk, key, "127.0.0.1", free_port())
        self.daemon = KuboDaemon(program, folder / "kubo", self.member)
        self.store: KuboStore = self.daemon.start()

    @property
    def swarm(self) -> Swarm:
        assert self.store.swarm is not None
        return self.store.swarm

    def has(self, cid: Cid) -> bool:
        try:
            return self.store.stat(cid).pinned
        except CityChainError:
            return False

    def close(self) -> None:
        self.store.close()
        self.daemon.stop()


@pytest.fixture(scope="module")
def nodes(kubo_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """The office's and the bureau's node in one swarm, and a stranger's in a swarm of the stranger's own."""
    key, made = new_key(), []
    try:
        for name, swarm in (("office", key), ("bureau", key), ("stranger", new_key())):
            made.append(Node(kubo_program, tmp_path_factory.mktemp(name), swarm))
        yield made
    finally:
        for one in made:
            one.close()


@pytest.mark.e2e
@pytest.mark.timeout(180)
class TestReal:
    def test_a_member_fetches_and_a_stranger_does_not(self, nodes: list[Node], tmp_path: Path) -> None:
        office, bureau, stranger = nodes
        data = random.Random(7).randbytes(5 * MIB + 1)
        cid = office.store.add(io.BytesIO(data), name="work")
        refused("content_missing", lambda: b"".join(bureau.store.cat(cid)))  # what is read is the own store alone
        assert bureau.swarm.neighbours() == []  # nobody is met by himself
        bureau.swarm.connect(office.swarm.address())
        assert bureau.swarm.neighbours() == [office.swarm.address()]
        assert not bureau.has(cid)
        assert bureau.swarm.fetch(cid, 6 * MIB, "CZ1") >= len(data)
        assert b"".join(bureau.store.cat(cid)) == data and bureau.has(cid)
        assert [pin.name for pin in bureau.store.pins() if pin.cid == cid] == ["CZ1"]
        # The same bytes have the same CID in the local store: what is moved needs no new registration.
        assert LocalStore(tmp_path / "local").add(io.BytesIO(data)) == cid
        # Who knows address and CID but has another key gets no connection, and nothing by waiting.
        with pytest.raises(CityChainError):
            stranger.swarm.connect(office.swarm.address())
        assert stranger.swarm.neighbours() == []
        with pytest.raises(CityChainError):
            stranger.swarm.fetch(cid, 6 * MIB)
        assert not stranger.has(cid)

    def test_what_is_larger_than_the_ledger_says_is_not_kept(self, nodes: list[Node]) -> None:
        office, bureau, _ = nodes
        bureau.swarm.connect(office.swarm.address())
        cid = office.store.add(io.BytesIO(random.Random(8).randbytes(2 * MIB)))
        refused("content_too_large", bureau.swarm.fetch, cid, MIB)
        assert not bureau.has(cid)
        absent = LocalStore(bureau.desk.path("elsewhere")).add(io.BytesIO(random.Random(9).randbytes(MIB)))
        with pytest.raises(CityChainError):
            bureau.swarm.fetch(absent, 2 * MIB)

    def test_another_id_at_the_address_is_no_member(self, nodes: list[Node]) -> None:
        office, bureau, stranger = nodes
        own = stranger.swarm.address().rpartition("/")[2]
        with pytest.raises(CityChainError):
            bureau.swarm.connect(f"{office.swarm.address().rpartition('/')[0]}/{own}")

    def test_a_command_beside_the_service_leaves_its_node_running(self, kubo_program: Path, tmp_path: Path) -> None:
        """Before, the first `store ls` beside a content service ended the service's node."""
        folder = tmp_path / "kubo"
        service = KuboDaemon(kubo_program, folder)
        service.start().close()
        try:
            record = folder / RECORD
            said = json.loads(record.read_text())
            assert said["owner"] == os.getpid()
            record.write_text(json.dumps(said | {"owner": os.getppid()}))  # as another program at work sees it
            beside = ManagedKubo(KuboDaemon(kubo_program, folder))
            assert beside.daemon.status().pid == service.status().pid
            beside.close()
            assert service.status().running and record.exists()
            gone = subprocess.Popen([sys.executable, "-c", ""])  # whose program has ended ends with the next one
            gone.wait()
            record.write_text(json.dumps(said | {"owner": gone.pid}))
            last = ManagedKubo(KuboDaemon(kubo_program, folder))
            last.close()
            assert not psutil.pid_exists(said["pid"]) or not running(folder)
        finally:
            service.stop()

    def test_it_keeps_to_its_swarm(self, nodes: list[Node]) -> None:
        office = nodes[0]
        said = office.store.capabilities()
        assert (said.private_swarm, said.public) == (True, False)
        config = json.loads(office.desk.path("kubo", "repo", "config").read_text())
        assert (config["Bootstrap"], config["Routing"]["Type"]) == ([], "none")
        assert config["Addresses"]["Swarm"] == [f"/ip4/127.0.0.1/tcp/{office.member.port}"]
        refused("kubo_running", join, office.desk, new_key(), "127.0.0.1", free_port())
        refused("kubo_running", leave, office.desk)
