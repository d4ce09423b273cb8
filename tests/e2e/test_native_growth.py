"""A running Raft network is changed while clients write to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from network import plan
from network.config_updates import ChannelUpdater, add_signatures, pending_path, sign_update
from network.errors import Unavailable
from network.renewal import pending_renewals, request_renewal
from network.topology import BatchSpec, ChannelPolicies, OrdererSpec, PeerSpec, TopologySpec, template
from tests.e2e.running import CHANNEL, Load, RunningNetwork, retry, running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def with_members(spec: TopologySpec, count: int) -> TopologySpec:
    organizations = template("ha", runtime="native").organizations[:count]
    first = spec.organizations[0]
    members = tuple(o.name for o in organizations)
    return spec.with_(
        organizations=(first, *organizations[1:]), channels=(replace(spec.channels[0], organizations=members),)
    )


def with_orderers(spec: TopologySpec, *names: str) -> TopologySpec:
    first = replace(spec.organizations[0], orderers=tuple(OrdererSpec(n) for n in names))
    return spec.with_(organizations=(first, *spec.organizations[1:]))


@pytest.fixture
def network(tmp_path: Path) -> Iterator[RunningNetwork]:
    with running(tmp_path, with_members(template("ha", runtime="native"), 2)) as made:
        yield made


def kinds(network: RunningNetwork, spec: TopologySpec) -> list[str]:
    return [step.kind for step in plan.plan(network.driver, spec, network.directory)]


def test_third_organization_orderers_and_certificates_under_load(network: RunningNetwork) -> None:
    with Load(network, 2, ("DataBureauMSP", "CopyrightMSP")) as load:
        grown = with_members(network.spec, 3)
        assert "channel-config" in kinds(network, grown)
        network.up(grown)
        retry(lambda: network.put("health", "joined", "HealthMSP"))
        assert network.get("health", "HealthMSP") == "joined"

        network.up(with_orderers(grown, "orderer0", "orderer1", "orderer2", "orderer3"))
        network.up(with_orderers(grown, "orderer1", "orderer2", "orderer3"))
        config = ChannelUpdater(network.handle, CHANNEL).read()
        assert len(config.consenters) == 3
        assert len(config.organization("DataBureauMSP").orderer_endpoints) == 3

        before = {c.address: c.server_tls_pem for c in config.consenters}
        request_renewal(network.directory, network.handle.orderers())
        network.up()
        after = {c.address: c.server_tls_pem for c in ChannelUpdater(network.handle, CHANNEL).read().consenters}
        assert before.keys() == after.keys()
        assert all(before[a] != after[a] for a in before)
        assert pending_renewals(network.directory) == {}
    assert load.given_up == []
    assert load.lost() == []
    assert len(load.acknowledged) > 10
    assert kinds(network, network.spec) == []


def test_settings_peer_channel_and_removal(network: RunningNetwork) -> None:
    spec = network.spec
    channel = replace(
        spec.channels[0],
        batch=BatchSpec(max_messages=20, timeout_ms=100),
        policies=ChannelPolicies(endorsement="ANY Endorsement"),
    )
    bureau = replace(spec.organizations[0], peers=(PeerSpec("peer0"), PeerSpec("peer1")))
    second = replace(spec.channels[0], name="audit", organizations=("data-bureau",))
    network.up(spec.with_(organizations=(bureau, *spec.organizations[1:]), channels=(channel, second)))
    config = ChannelUpdater(network.handle, CHANNEL).read()
    assert (config.batch.max_messages, config.batch.timeout) == (20, "100ms")
    assert config.policies["/Channel/Application/Endorsement"] == "ANY Endorsement"
    heights = {n.name: n.heights for n in network.driver.status().nodes if n.kind == "peer"}
    assert heights["peer1.databureau.city.internal"].keys() == {CHANNEL, "audit"}

    alone = replace(channel, organizations=("data-bureau",))
    network.up(spec.with_(organizations=(bureau,), channels=(alone, second)))
    assert [o.msp_id for o in ChannelUpdater(network.handle, CHANNEL).read().organizations] == ["DataBureauMSP"]
    assert not (network.directory / "nodes" / "peer0.copyright.city.internal").exists()
    retry(lambda: network.put("after", "removal"))


def test_missing_signatures_are_collected_as_files(network: RunningNetwork, tmp_path: Path) -> None:
    """Without the other organisation's administrator the change waits in a file until it is signed elsewhere."""
    spec = network.spec
    name = f"{spec.name}/CopyrightMSP/admin"
    administrator = network.handle.admin("CopyrightMSP")
    key = network.vault.get(name)
    changed = spec.with_(channels=(replace(spec.channels[0], policies=ChannelPolicies(endorsement="ANY Endorsement")),))
    network.vault.remove(name)
    try:
        with pytest.raises(Unavailable) as refused:
            network.up(changed)
        assert refused.value.code == "signatures_missing"
        sign_update(pending_path(network.directory, CHANNEL), tmp_path / "signed.update", administrator)
        add_signatures(network.directory, [tmp_path / "signed.update"])
        network.up(changed)
    finally:
        network.vault.put(name, key)
    config = ChannelUpdater(network.handle, CHANNEL).read()
    assert config.policies["/Channel/Application/Endorsement"] == "ANY Endorsement"
    assert not pending_path(network.directory, CHANNEL).exists()


def test_fabric_is_upgraded_node_by_node(tmp_path: Path) -> None:
    old = with_members(template("ha", runtime="native").with_(fabric_version="2.5.16"), 2)
    with running(tmp_path, old) as network:
        with Load(network, 2) as load:
            network.up(old.with_(fabric_version="3.1.5"))
        assert load.given_up == []
        assert load.lost() == []
        config = ChannelUpdater(network.handle, CHANNEL).read()
        assert config.capabilities["channel"] == ("V3_0",)
        retry(lambda: network.put("after", "upgrade"))


def test_every_certificate_is_renewed_with_a_single_orderer(tmp_path: Path) -> None:
    """A lone Raft leader cannot rotate its own entry; its TLS certificate is renewed for the same key."""
    with running(tmp_path, template("single", runtime="native")) as network:
        authority = network.handle.authority("DataBureauMSP")
        nodes = list(network.spec.nodes())
        before = {n.name: (authority.nodes.tls_certificate(n), authority.nodes.certificate(n)) for n in nodes}
        request_renewal(network.directory, nodes, ("tls", "identity"))
        network.up()
        after = {n.name: (authority.nodes.tls_certificate(n), authority.nodes.certificate(n)) for n in nodes}
        assert all(old != new for name in before for old, new in zip(before[name], after[name], strict=True))
        retry(lambda: network.put("after", "renewal"))
        assert plan.plan(network.driver, network.spec, network.directory) == []
