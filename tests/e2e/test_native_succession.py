"""Real Fabric, whose organisations' authorities get new keys one after the other while the network works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fabric_sdk.gateway import connect
from network import plan
from network.config_updates import ChannelUpdater
from network.mending import request_successor
from tests.e2e.running import CHANNEL, RunningNetwork, require_fabric, retry
from tests.e2e.test_native_lapsed import four, lts, three

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


class Killed(BaseException):
    """The process was killed."""


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(three, id="raft of 3"),
        pytest.param(lts, id="raft of 3, 2.5", marks=pytest.mark.slow),
        pytest.param(four, id="bft of 4", marks=pytest.mark.slow),
    ],
)
def test_tls_authorities_get_new_keys_killed_at_each_step(
    made: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All organisations' at once. Whoever knows the old roots alone goes on; in the end the channel forgets them."""
    spec = made()  # type: ignore[operator]
    require_fabric(spec.fabric_version)
    network = RunningNetwork(tmp_path / spec.name, spec)
    try:
        network.up()
        network.deploy()
        network.put("before", "1")
        handle = network.handle
        known = {msp_id: handle.endpoint(msp_id) for msp_id in handle.spec.peer_msp_ids}
        old = {o.msp_id: handle.authority(o.msp_id).tls_certificate_pem for o in spec.organizations}
        for organization in spec.organizations:
            request_successor(network.directory, spec, network.vault, organization.msp_id, "tlsca")
        apply, done, both = network.driver.apply, [], []

        def dies(step: Any, ctx: Any) -> None:
            apply(step, ctx)
            done.append(step.id)
            if step.kind in ("switch-authority", "renew-node"):
                found = ChannelUpdater(network.handle, CHANNEL).read().organizations
                both.append(all(old[o.msp_id] in o.msp.tls_root_certs for o in found))
            raise Killed

        monkeypatch.setattr(network.driver, "apply", dies)
        for _ in range(60):
            try:
                network.up()
                break
            except Killed:
                continue
        monkeypatch.undo()
        nodes = {step.partition(":")[2] or step for step in done if "renew-node" in step}
        assert len(nodes) == len(list(spec.nodes())) and both and all(both[: len(spec.organizations)])
        assert plan.plan(network.driver, spec, network.directory) == []
        for found in ChannelUpdater(network.handle, CHANNEL).read().organizations:
            present = network.handle.authority(found.msp_id).tls_certificate_pem
            assert list(found.msp.tls_root_certs) == [present] and present != old[found.msp_id]
        retry(lambda: _is(network.get("before"), "1"), 60)
        for msp_id, endpoint in known.items():
            assert endpoint.tls_root_pem == old[msp_id]

            def through(endpoint: Any = endpoint, msp_id: str = msp_id) -> None:
                with connect(endpoint, network.handle.admin(msp_id)) as gateway:
                    gateway.get_network(CHANNEL).get_contract("notes").submit("Put", f"old-root-{msp_id}", "there")

            retry(through, 60)
            retry(lambda m=msp_id: _is(network.get(f"old-root-{m}", m), "there"), 60)
    finally:
        plan.remove(network.driver, network.directory)


def _is(found: str, wanted: str) -> None:
    from fabric_sdk.errors import FabricError

    if found != wanted:
        raise FabricError(f"{found!r} is not {wanted!r} yet")
