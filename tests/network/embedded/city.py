"""An embedded network for tests: brought up, with contracts deployed through the real lifecycle."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

import psutil

from fabric_sdk.admin.collections import CollectionConfig
from fabric_sdk.admin.lifecycle import ChaincodeDefinition, Lifecycle
from fabric_sdk.admin.peer import PeerConnection
from fabric_sdk.chaincode.package import build_package, package_id
from fabric_sdk.errors import FabricError
from fabric_sdk.gateway import Contract, Gateway, Network, connect
from network import plan
from network.drivers import make_driver
from network.drivers.base import ContractService, Silent
from network.handle import NetworkHandle
from network.topology import TopologySpec, load_spec, spec_to_mapping, template
from network.vault import FolderVault

CONTRACT = "tests.network.embedded.ledger_contract"


def patiently(action: Callable[[], object], seconds: float = 60.0) -> None:
    """Do it until it works: Fabric's own nodes need a while until they know each other."""
    end = time.monotonic() + seconds
    while True:
        try:
            action()
        except FabricError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def on_couchdb(spec: TopologySpec) -> TopologySpec:
    """The same topology with peers whose state database answers rich queries."""
    mapping = spec_to_mapping(spec)
    for organization in mapping["organizations"]:
        for peer in organization["peers"]:
            peer["state_database"] = "couchdb"
    return load_spec(mapping)


class City:
    """A running network and everything needed to use it."""

    def __init__(self, directory: Path, spec: TopologySpec | None = None) -> None:
        self.directory = directory
        self.spec = spec or template("city")
        self.vault = FolderVault(directory / "vault")
        self.driver = make_driver(self.spec.runtime, directory, self.vault)
        self._gateways = ExitStack()
        self._known: dict[tuple[str, str, str], Gateway] = {}

    def up(self) -> City:
        self.directory.mkdir(parents=True, exist_ok=True)
        plan.run(self.driver, self.spec, self.directory, Silent())
        self.handle = NetworkHandle(self.directory, self.vault)
        return self

    def down(self) -> None:
        self.forget_connections()
        self.driver.stop()

    def kill(self) -> None:
        """End the node's process as a power cut would."""
        process = psutil.Process(json.loads((self.directory / "embedded" / "ready.json").read_bytes())["pid"])
        process.kill()
        process.wait(10)

    def forget_connections(self) -> None:
        self._gateways.close()
        self._known.clear()

    def __enter__(self) -> City:
        return self.up()

    def __exit__(self, *_: object) -> None:
        self.down()

    @property
    def msp_ids(self) -> tuple[str, ...]:
        """Of the organisations that run peers."""
        return self.handle.spec.peer_msp_ids

    def deploy(
        self,
        name: str = "ledger",
        *,
        module: str = CONTRACT,
        policy: str | None = None,
        collections: Iterable[CollectionConfig] = (),
        sequence: int = 1,
        version: str = "1.0",
        channel: str = "citychannel",
        files: dict[str, bytes] | None = None,
        address: str | None = None,
        init_required: bool = False,
        approving: Iterable[str] | None = None,
    ) -> str:
        """Package, install on every peer, approve for every organisation, commit; return the package id."""
        label = f"{name}_{version}"
        there = address or self.driver.contract_address(name, version)
        tls = self.driver.contract_tls(name, version) if address is None else None
        package = build_package(label, there, tls=tls, files=files)
        identifier = package_id(package)
        definition = ChaincodeDefinition(name, version, sequence, policy, tuple(collections), init_required)
        if address is None:
            service = ContractService(name, version, label, identifier, module, channel)
            self.driver.serve_contract(service, Silent())
        orgs = list(approving or self.msp_ids)
        for msp_id in orgs:
            for peer in self.handle.peers(msp_id):
                with PeerConnection(self.handle.node_endpoint(peer), self.handle.admin(msp_id)) as connection:
                    lifecycle = Lifecycle(connection)
                    lifecycle.install(package)
            with PeerConnection(self.handle.endpoint(msp_id), self.handle.admin(msp_id)) as connection:
                patiently(lambda c=connection: Lifecycle(c).approve(channel, definition, identifier))
        first = orgs[0]
        with PeerConnection(self.handle.endpoint(first), self.handle.admin(first)) as connection:
            patiently(lambda: Lifecycle(connection).commit(channel, definition, orgs))
        return identifier

    def gateway(self, msp_id: str | None = None, peer: str | None = None) -> Gateway:
        msp_id = msp_id or self.msp_ids[0]
        key = (msp_id, peer or "", "")
        if key not in self._known:
            endpoint = self.handle.endpoint(msp_id, peer)
            self._known[key] = self._gateways.enter_context(connect(endpoint, self.handle.admin(msp_id)))
        return self._known[key]

    def network(self, msp_id: str | None = None, channel: str = "citychannel", peer: str | None = None) -> Network:
        return self.gateway(msp_id, peer).get_network(channel)

    def contract(self, name: str = "ledger", msp_id: str | None = None, channel: str = "citychannel") -> Contract:
        return self.network(msp_id, channel).get_contract(name)
