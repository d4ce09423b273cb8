"""The same growth on the embedded runtime: organisations come and go, settings change, certificates are renewed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fabric_sdk.admin.lifecycle import ChaincodeDefinition, Lifecycle
from fabric_sdk.chaincode.package import build_package, package_id
from fabric_sdk.gateway import connect
from network import plan
from network.config_updates import ChannelUpdater, add_signatures, pending_path, sign_update
from network.drivers.base import ContractService, Silent
from network.drivers.embedded import EmbeddedDriver
from network.errors import Unavailable
from network.handle import NetworkHandle
from network.renewal import request_renewal
from network.topology import BatchSpec, ChannelPolicies, TopologySpec, template
from network.vault import MemoryVault

CITY = template("city")
CHANNEL = "citychannel"


def members(count: int, **channel: Any) -> TopologySpec:
    names = tuple(o.name for o in CITY.organizations[:count])
    return CITY.with_(
        organizations=CITY.organizations[:count], channels=(replace(CITY.channels[0], organizations=names, **channel),)
    )


class Network:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.vault = MemoryVault()
        self.driver = EmbeddedDriver(directory, self.vault)

    @property
    def handle(self) -> NetworkHandle:
        return NetworkHandle(self.directory, self.vault)

    def up(self, spec: TopologySpec) -> list[str]:
        return [s.id for s in plan.run(self.driver, spec, self.directory).steps]

    def put(self, msp_id: str, key: str) -> None:
        handle = self.handle
        with connect(handle.endpoint(msp_id), handle.admin(msp_id)) as gateway:
            gateway.get_network(CHANNEL).get_contract("notes").submit("Put", key, key)

    def deploy(self) -> None:
        package = build_package("notes_1.0.0", self.driver.contract_address("notes", "1.0.0"))
        definition = ChaincodeDefinition("notes", "1.0.0")
        service = ContractService(
            "notes", "1.0.0", "notes_1.0.0", package_id(package), "tests.e2e.notes_contract", CHANNEL
        )
        self.driver.serve_contract(service, Silent())
        peers = self.handle.peers()
        for node in peers:
            with self.handle.peer_connection(node) as peer:
                Lifecycle(peer).install(package)
                Lifecycle(peer).approve(CHANNEL, definition, service.package_id)
        with self.handle.peer_connection(peers[0]) as peer:
            Lifecycle(peer).commit(CHANNEL, definition)


@pytest.fixture
def network(tmp_path: Path) -> Any:
    made = Network(tmp_path / "city")
    made.up(members(2))
    yield made
    plan.remove(made.driver, made.directory)
    assert not made.directory.exists()


def test_organization_joins_with_contracts_renews_and_leaves(network: Network) -> None:
    network.deploy()
    steps = network.up(members(3, batch=BatchSpec(7)))
    assert "channel-config:citychannel" in steps
    assert "contracts:citychannel" in steps
    network.put("HealthMSP", "from the new member")
    assert ChannelUpdater(network.handle, CHANNEL).read().batch.max_messages == 7

    authority = network.handle.authority("HealthMSP")
    node = network.handle.peers("HealthMSP")[0]
    before = authority.nodes.certificate(node)
    request_renewal(network.directory, [node], ("tls", "identity"))
    assert network.up(members(3, batch=BatchSpec(7))) == [f"renew-node:{node.name}"]
    assert authority.nodes.certificate(node) != before
    network.put("HealthMSP", "with a new certificate")

    network.up(members(2, batch=BatchSpec(7)))
    organizations = [o.msp_id for o in ChannelUpdater(network.handle, CHANNEL).read().organizations]
    assert organizations == ["DataBureauMSP", "CopyrightMSP"]
    network.put("CopyrightMSP", "after the leave")
    assert plan.plan(network.driver, members(2, batch=BatchSpec(7)), network.directory) == []


def test_missing_signatures_are_collected_as_files(network: Network, tmp_path: Path) -> None:
    administrator = network.handle.admin("CopyrightMSP")
    network.vault.remove("city/CopyrightMSP/admin")
    changed = members(2, policies=ChannelPolicies(endorsement="ANY Endorsement"))
    with pytest.raises(Unavailable) as refused:
        network.up(changed)
    assert refused.value.code == "signatures_missing"
    sign_update(pending_path(network.directory, CHANNEL), tmp_path / "signed.update", administrator)
    add_signatures(network.directory, [tmp_path / "signed.update"])
    network.up(changed)
    policies = ChannelUpdater(network.handle, CHANNEL).read().policies
    assert policies["/Channel/Application/Endorsement"] == "ANY Endorsement"
