"""What the e2e tests share: a native network in a folder, a deployed contract, and load on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from fabric_sdk.admin import Discovery
from fabric_sdk.admin.lifecycle import ChaincodeDefinition, Lifecycle
from fabric_sdk.chaincode.package import build_package, package_id
from fabric_sdk.errors import FabricError
from fabric_sdk.gateway import Deadlines, connect
from network import plan
from network.drivers.base import ContractService, Silent
from network.drivers.docker import DockerDriver
from network.drivers.native import NativeDriver
from network.handle import NetworkHandle
from network.native.programs import find_programs
from network.topology import TopologySpec
from network.vault import MemoryVault

CHANNEL = "citychannel"
MODULE = "tests.e2e.notes_contract"


def require_fabric(version: str) -> None:
    """Skip, with the reason, where this Fabric release is not installed."""
    if find_programs(version) is None:
        pytest.skip(f"Fabric {version} is not on this machine (see `citychain network fetch {version}`)")


def require_containers(spec: TopologySpec) -> None:
    """Skip, with the reason, where no Docker engine runs or the official images are missing."""
    capability = DockerDriver(Path("/nonexistent"), MemoryVault()).check(spec)
    if not capability.available:
        pytest.skip(f"no Docker engine: {capability.reason}")
    if "to_pull" in capability.details:
        pytest.skip(f"images are not on this machine: {capability.details['to_pull']}")


class RunningNetwork:
    """A native network under test."""

    def __init__(self, directory: Path, spec: TopologySpec) -> None:
        self.directory = directory
        self.vault = MemoryVault()
        self.spec = spec
        self.driver = NativeDriver(directory, self.vault)

    @property
    def handle(self) -> NetworkHandle:
        return NetworkHandle(self.directory, self.vault)

    def up(self, spec: TopologySpec | None = None) -> plan.PlanResult:
        self.spec = spec or self.spec
        return plan.run(self.driver, self.spec, self.directory)

    def deploy(self, name: str = "notes", version: str = "1.0.0", sequence: int = 1) -> str:
        label = f"{name}_{version}"
        address = self.driver.contract_address(name, version)
        package = build_package(label, address, tls=self.driver.contract_tls(name, version))
        identifier = package_id(package)
        handle = self.handle
        peers = handle.channel_peers(CHANNEL)
        definition = ChaincodeDefinition(name, version, sequence)

        def prepare(node: object) -> None:
            with handle.peer_connection(node) as peer:  # type: ignore[arg-type]
                Lifecycle(peer).install(package)
                # BFT under load: the Gateway reports "request already processed" of orderers that were quicker.
                retry(lambda: Lifecycle(peer).approve(CHANNEL, definition, identifier))

        with ThreadPoolExecutor(8) as pool:
            service = ContractService(name, version, label, identifier, MODULE, CHANNEL)
            serving = pool.submit(self.driver.serve_contract, service, Silent())
            list(pool.map(prepare, peers))
            serving.result()

        def commit() -> None:
            with handle.peer_connection(peers[0]) as peer:
                Lifecycle(peer).commit(CHANNEL, definition)

        retry(commit)
        retry(lambda: self.put("first", "transaction"))
        self._everybody_knows(name)
        return identifier

    def _everybody_knows(self, contract: str, seconds: float = 60.0) -> None:
        """Wait for gossip: until then a peer cannot name the endorsers of other organisations, and reads lag behind."""
        peers = self.handle.channel_peers(CHANNEL)
        until = time.monotonic() + seconds
        for node in peers:
            with self.handle.peer_connection(node) as peer:
                discovery = Discovery(peer)
                while True:
                    found = discovery.peers(CHANNEL)
                    if len(found) == len(peers) and all(contract in one.chaincodes for one in found):
                        break
                    assert time.monotonic() < until, f"{node.name} knows only {found}"
                    time.sleep(0.1)

    def put(self, key: str, value: str, msp_id: str | None = None) -> None:
        handle = self.handle
        msp_id = msp_id or handle.spec.peer_msp_ids[0]
        with connect(handle.endpoint(msp_id), handle.admin(msp_id)) as gateway:
            gateway.get_network(CHANNEL).get_contract("notes").submit("Put", key, value)

    def get(self, key: str, msp_id: str | None = None) -> str:
        handle = self.handle
        msp_id = msp_id or handle.spec.peer_msp_ids[0]
        with connect(handle.endpoint(msp_id), handle.admin(msp_id)) as gateway:
            return gateway.get_network(CHANNEL).get_contract("notes").evaluate("Get", key).decode()


def retry(action: object, seconds: float = 30.0) -> None:
    """Do it again until it works; the last error is raised."""
    assert callable(action)
    until = time.monotonic() + seconds
    while True:
        try:
            action()
        except FabricError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


class Load:
    """Clients that write one note after the other, trying each again until it is acknowledged."""

    def __init__(self, network: RunningNetwork, clients: int = 2, msp_ids: tuple[str, ...] = ()) -> None:
        self._network = network
        self._stop = threading.Event()
        self._clients = clients
        self._msp_ids = msp_ids or network.handle.spec.peer_msp_ids
        self.acknowledged: list[str] = []
        self.tries = 0
        self.given_up: list[str] = []

    def _client(self, number: int) -> None:
        handle = self._network.handle
        msp_id = self._msp_ids[number % len(self._msp_ids)]
        count = 0
        # A transaction that dies with an orderer never gets a status: ask for a few seconds, then send it again.
        deadlines = Deadlines(commit_status=5.0)
        with connect(handle.endpoint(msp_id), handle.admin(msp_id), deadlines=deadlines) as gateway:
            contract = gateway.get_network(CHANNEL).get_contract("notes")
            while not self._stop.is_set():
                key = f"load-{number}-{count}"
                count += 1
                until = time.monotonic() + 60.0
                while True:
                    self.tries += 1
                    try:
                        contract.submit("Put", key, key)
                    except FabricError as e:
                        if time.monotonic() > until:
                            self.given_up.append(f"{key}: {e}")
                            break
                        time.sleep(0.2)
                    else:
                        self.acknowledged.append(key)
                        break

    def __enter__(self) -> Load:
        self._threads = [threading.Thread(target=self._client, args=(n,)) for n in range(self._clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)

    def lost(self) -> list[str]:
        """Return the acknowledged notes that the ledger does not have."""
        handle = self._network.handle
        msp_id = self._msp_ids[0]
        with connect(handle.endpoint(msp_id), handle.admin(msp_id)) as gateway:
            contract = gateway.get_network(CHANNEL).get_contract("notes")
            return [key for key in self.acknowledged if contract.evaluate("Get", key).decode() != key]


@contextmanager
def running(directory: Path, spec: TopologySpec, *, deployed: bool = True) -> Iterator[RunningNetwork]:
    """Bring a network up, and remove every trace of it afterwards."""
    require_fabric(spec.fabric_version)
    network = RunningNetwork(directory / spec.name, spec)
    try:
        network.up()
        if deployed:
            network.deploy()
        yield network
    finally:
        plan.remove(network.driver, network.directory)
