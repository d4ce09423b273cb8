"""Real Fabric, whose organisations' authorities get new keys one after the other while the network works."""

from __future__ import annotations

from pathlib import Path

import pytest

from network import plan
from network.config_updates import ChannelUpdater
from network.mending import request_successor
from tests.e2e.running import CHANNEL, RunningNetwork, require_fabric, retry
from tests.e2e.test_native_lapsed import four, three

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(500)]


@pytest.mark.parametrize(
    "made", [pytest.param(three, id="raft of 3"), pytest.param(four, id="bft of 4", marks=pytest.mark.slow)]
)
def test_authorities_get_new_keys(made: object, tmp_path: Path) -> None:
    spec = made()  # type: ignore[operator]
    require_fabric(spec.fabric_version)
    network = RunningNetwork(tmp_path / spec.name, spec)
    try:
        network.up()
        network.deploy()
        network.put("before", "1")
        old = {}
        for organization in spec.organizations:
            ca = network.handle.authority(organization.msp_id)
            old[organization.msp_id] = ca.ca_certificate_pem
            request_successor(network.directory, spec, network.vault, organization.msp_id)
        network.up()
        assert plan.plan(network.driver, spec, network.directory) == []
        config = ChannelUpdater(network.handle, CHANNEL).read()
        for found in config.organizations:
            present = network.handle.authority(found.msp_id).ca_certificate_pem
            assert set(found.msp.root_certs) == {present, old[found.msp_id]} and present != old[found.msp_id]
        retry(lambda: _is(network.get("before"), "1"), 60)
        for msp_id in network.handle.spec.peer_msp_ids:
            retry(lambda m=msp_id: network.put(f"after-{m}", "there", m), 60)
            retry(lambda m=msp_id: _is(network.get(f"after-{m}", m), "there"), 60)
    finally:
        plan.remove(network.driver, network.directory)


def _is(found: str, wanted: str) -> None:
    from fabric_sdk.errors import FabricError

    if found != wanted:
        raise FabricError(f"{found!r} is not {wanted!r} yet")
