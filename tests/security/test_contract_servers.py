"""Somebody on the machine speaks to a contract server: it decrypts for whoever it takes for its peer.

A program that connects to the port is believed to be the peer: it hands the server ciphertext of another's as the
ledger's state and any certificate as the caller's. So each peer and its servers know each other by certificates.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
import pytest

from fabric_sdk.chaincode.package import ClientTls, build_package, package_id, read_package
from fabric_sdk.chaincode.testing import MemoryLedger
from network.addresses import AddressBook
from network.drivers.base import ContractService
from network.drivers.native import NativeDriver
from network.native.contract_tls import BUILDER_VARIABLE, ensure_contract_tls
from network.native.contracts import ContractSlots, server_process
from network.native.nodes import NodeProcesses
from network.plan import NetworkState
from network.supervisor.client import SupervisorClient
from network.supervisor.spec import CONTROL_FILE, ProcessSpec, read_json, write_json
from network.topology import NodeRef, TopologySpec, template
from network.vault import MemoryVault
from tests.chaincode_runtime.fake_peer import FakePeer, response_of
from tests.network.test_supervisor import until

MODULE = "tests.chaincode_runtime.sample_contract"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of files are POSIX's")


@dataclass
class House:
    """A native network's folder as the driver keeps it, without Fabric's programs."""

    directory: Path
    spec: TopologySpec
    driver: NativeDriver
    book: AddressBook

    @property
    def peers(self) -> list[NodeRef]:
        return list(self.spec.peers())


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    programs = tmp_path / "fabric"
    for name in ("bin/peer", "bin/orderer", "builders/ccaas/bin/detect"):
        (programs / name).parent.mkdir(parents=True, exist_ok=True)
        (programs / name).write_text("#!/bin/sh\n")
    spec = template("city", runtime="native")
    monkeypatch.setattr("network.native.programs._version_of", lambda _peer: spec.fabric_version)
    directory = tmp_path / "net"
    directory.mkdir()
    book = AddressBook()
    book.allocate(spec.nodes())
    book.save(directory)
    replace(NetworkState.load(directory), wanted=spec, reached=spec).save(directory)
    made = House(directory, spec, NativeDriver(directory, MemoryVault(), programs / "bin"), book)
    yield made
    SupervisorClient(directory / "run").shutdown()


def described(house: House, peer: NodeRef) -> ProcessSpec:
    nodes = NodeProcesses(house.directory, house.driver._supervisor, house.driver._programs)
    return nodes.describe(house.spec, peer, house.book)


def completed(package: bytes, settings: dict[str, str]) -> dict[str, object]:
    """What Fabric's CCaaS builder makes of a connection.json: each text a template over the peer's settings."""

    def fill(value: object) -> object:
        return re.sub(r"\{\{\.(\w+)\}\}", lambda m: settings[m.group(1)], value) if isinstance(value, str) else value

    return {name: fill(value) for name, value in read_package(package).connection.items()}


def credentials(tls: ClientTls) -> grpc.ChannelCredentials:
    key = tls.client_key.encode() or None
    return grpc.ssl_channel_credentials(tls.root_cert.encode(), key, tls.client_cert.encode() or None)


def test_a_server_serves_its_own_peer_and_nobody_else(house: House) -> None:
    peer, neighbour = house.peers[:2]
    address = house.driver.contract_address("assets", "1")
    package = build_package("assets_1", address, tls=house.driver.contract_tls("assets", "1"))
    service = ContractService("assets", "1", "assets_1", package_id(package), MODULE, "citychannel")
    slots = ContractSlots(house.directory)
    slot = slots.assign(service)
    assert slots.services() == [(slot, replace(service, tls=True))]
    process = house.driver._server_process(slots.services()[0][1], slot, peer, house.book)
    root = str(Path(__file__).parents[2])
    # Supervised programs get their own environment alone; the server shares a shifted clock of these tests.
    shift = {name: value for name, value in os.environ.items() if name.startswith("FAKETIME") or name == "LD_PRELOAD"}
    process = replace(process, env={**process.env, **shift, "PYTHONPATH": root})
    client = SupervisorClient(house.directory / "run")
    client.put([process])
    log = Path(process.log)
    until(lambda: log.exists() and "package_id" in log.read_text(), 30)

    settings = json.loads(Path(described(house, peer).env_files[BUILDER_VARIABLE]).read_text())
    connection = completed(package, settings)
    assert connection["tls_required"] is True
    assert connection["client_auth_required"] is True
    mine = ClientTls(*(str(connection[n]) for n in ("root_cert", "client_cert", "client_key")))
    where = str(connection["address"])

    own = FakePeer(where, MemoryLedger(), credentials=credentials(mine))
    assert response_of(own.execute("Put", "k", "v")).status == 200
    own.close()

    theirs = ensure_contract_tls(house.directory, neighbour).client
    for attempt in (
        None,  # a program that just connects
        credentials(ClientTls(mine.root_cert)),  # knows the public root
        credentials(replace(theirs, root_cert=mine.root_cert)),  # another organisation's peer on this machine
    ):
        with pytest.raises(grpc.RpcError):
            FakePeer(where, MemoryLedger(), credentials=attempt)
    with pytest.raises(grpc.RpcError):  # the peer does not believe a server that is another's
        FakePeer(where, MemoryLedger(), credentials=credentials(replace(mine, root_cert=theirs.root_cert)))


def test_keys_lie_in_private_files_alone(house: House) -> None:
    peer = house.peers[0]
    process = described(house, peer)
    client = SupervisorClient(house.directory / "run")
    client.put([replace(process, argv=(sys.executable, "-c", ""), wanted=False)])
    secret = ensure_contract_tls(house.directory, peer).client.client_key
    line = secret.splitlines()[1]
    holding = [p for p in house.directory.rglob("*") if p.is_file() and line in p.read_text("utf-8", "replace")]
    assert {p.name for p in holding} == {"client.key", "builder.json"}
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in holding)
    assert line not in repr(process)
    package = build_package("a_1", house.driver.contract_address("a", "1"), tls=house.driver.contract_tls("a", "1"))
    assert b"PRIVATE" not in package


def test_the_certificates_stay_when_asked_again(house: House) -> None:
    peer = house.peers[0]
    before = ensure_contract_tls(house.directory, peer).client
    assert ensure_contract_tls(house.directory, peer).client == before
    assert described(house, peer) == described(house, peer)
    assert not (ensure_contract_tls(house.directory, peer).folder / "ca.key").exists()
    assert not list(ensure_contract_tls(house.directory, peer).folder.parent.glob(".contract-tls*"))


def test_versions_of_before_go_on_as_they_are(house: House) -> None:
    slots = ContractSlots(house.directory)
    slot = slots.allocate("old", "1", house.book, house.peers)
    service = ContractService("old", "1", "old_1", "old_1:00", MODULE)
    slots.assign(service)
    document = json.loads((house.directory / "contracts.json").read_text())
    for entry in document["slots"]:
        del entry["tls"], entry["service"]["tls"]
    (house.directory / "contracts.json").write_text(json.dumps(document))
    assert house.driver.contract_address("old", "1").endswith(slot)
    assert house.driver.contract_tls("old", "1") is None
    assert "--tls-key" not in server_process(house.directory, service, slot, house.peers[0], house.book, None).argv


def test_peers_that_run_since_before_get_no_package_that_they_cannot_read(house: House) -> None:
    peer = house.peers[0]
    client = SupervisorClient(house.directory / "run")
    old = replace(described(house, peer), argv=(sys.executable, "-c", "import time; time.sleep(60)"), env_files={})
    client.put([old])
    house.driver.contract_address("new", "1")
    assert house.driver.contract_tls("new", "1") is None
    client.put([replace(old, env_files=described(house, peer).env_files)])
    house.driver.contract_address("newer", "1")
    assert house.driver.contract_tls("newer", "1") is not None


def test_a_supervisor_of_before_an_update_is_replaced(house: House) -> None:
    client = SupervisorClient(house.directory / "run")
    wait = (sys.executable, "-c", "import time; time.sleep(60)")
    plain = ProcessSpec("a", wait, str(house.directory / "a.log"), str(house.directory))
    client.put([plain])
    control = client.directory / CONTROL_FILE
    before = read_json(control)
    write_json(control, {name: value for name, value in before.items() if name != "generation"})
    client.put([replace(plain, name="b")])
    assert read_json(control)["pid"] == before["pid"]  # nothing in it that the old one does not understand
    value = house.directory / "value"
    value.write_text("seen")
    code = f"import os,time; open({str(house.directory / 'out')!r}, 'w').write(os.environ['V']); time.sleep(60)"
    private = replace(plain, name="c", argv=(sys.executable, "-c", code), env_files={"V": str(value)})
    client.put([private])
    assert read_json(control)["pid"] != before["pid"]
    until(lambda: {s.state for s in client.states().values()} == {"running"}, 20)
    until(lambda: (house.directory / "out").exists() and (house.directory / "out").read_text() == "seen", 20)
