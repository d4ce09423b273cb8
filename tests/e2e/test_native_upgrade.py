"""A native network taken to another Fabric release by the command's own service, under the load of twenty clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from baas.errors import CityChainError
from baas.platform import Platform
from network import plan
from network.config_updates import ChannelUpdater
from network.topology import TopologySpec, template
from tests.e2e.running import CHANNEL, Load, RunningNetwork, require_fabric, retry
from tests.e2e.test_native_growth import with_members

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(580)]
OLD, NEW = "2.5.16", "3.1.5"


class Served(RunningNetwork):
    """A network of a workspace."""

    def __init__(self, platform: Platform, spec: TopologySpec) -> None:
        self.platform = platform
        platform.networks.up(spec)
        self.spec = spec
        self.directory = platform.networks.folder(spec.name)
        self.vault = platform.keystore  # type: ignore[assignment]
        self.driver = platform.networks.driver(spec.name)  # type: ignore[assignment]


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Served]:
    for version in (OLD, NEW):
        require_fabric(version)
    spec = with_members(template("ha", runtime="native").with_(fabric_version=OLD), 2)
    with Platform.open(tmp_path / "workspace") as platform:
        try:
            made = Served(platform, spec)
            made.deploy()
            yield made
        finally:
            for name in platform.networks.names():
                platform.networks.destroy(name)


def capabilities(network: Served) -> tuple[str, ...]:
    return ChannelUpdater(network.handle, CHANNEL).read().capabilities["channel"]


def hashes(network: Served, height: int) -> dict[str, str]:
    """By peer: the commit hash of the block below `height`."""
    from fabric_sdk.blocks import decode_block
    from fabric_sdk.gateway import connect

    found = {}
    handle = network.handle
    for node in handle.peers():
        msp_id = node.organization.msp_id
        with connect(handle.endpoint(msp_id, node.name), handle.admin(msp_id)) as gateway:
            contract = gateway.get_network(CHANNEL).get_contract("qscc")
            block = contract.evaluate("GetBlockByNumber", CHANNEL, str(height - 1))
            found[node.name] = decode_block(block).commit_hash.hex()
    return found


def test_upgraded_under_load_and_back_and_up_again(network: Served) -> None:
    versions = network.platform.fabric_versions
    assert [s.kind for s in versions.plan(NEW)] == ["node"] * 5 + ["capabilities"]
    with Load(network, 20) as load:
        done = versions.upgrade(NEW)
        assert done.back == OLD and capabilities(network) == ("V2_0",)
        assert [s for s in done.steps if s.startswith("restart:orderer")] == list(done.steps)[:3]
        versions.upgrade(OLD)  # until the capabilities change there is a way back
        assert {p.argv[0].split("/")[-3] for p in _processes(network)} == {OLD}
        versions.upgrade(NEW)
        assert versions.raise_capabilities().back == ""
    assert load.given_up == [] and load.lost() == []
    assert len(load.acknowledged) > 20
    assert capabilities(network) == ("V3_0",)
    assert {p.argv[0].split("/")[-3] for p in _processes(network)} == {NEW}
    _level(network)
    for refused, code in (
        (OLD, "version_older"),
        ("9.9.9", "version_far"),
        ("3.99.0", "fabric_missing"),
        (NEW, "nothing_to_change"),
    ):
        with pytest.raises(CityChainError) as error:
            versions.upgrade(refused)
        assert error.value.code == code, refused
    with pytest.raises(CityChainError):
        versions.raise_capabilities()
    assert plan.plan(network.driver, network.platform.networks.spec(network.spec.name), network.directory) == []


def _processes(network: Served) -> list:  # type: ignore[type-arg]
    from network.supervisor.spec import load_processes

    return [p for name, p in load_processes(network.directory / "run").items() if not name.startswith("contract")]


def _level(network: Served) -> None:
    """Every node has the same height, every peer the same commit hash there."""

    def same() -> None:
        from fabric_sdk.errors import FabricError

        heights = {n.name: n.height for n in network.driver.status().nodes if n.kind in ("peer", "orderer")}
        if len(set(heights.values())) != 1:
            raise FabricError(str(heights))
        found = hashes(network, next(iter(heights.values())) or 0)
        if len(set(found.values())) != 1 or not all(found.values()):
            raise FabricError(str(found))

    retry(same, 60)
