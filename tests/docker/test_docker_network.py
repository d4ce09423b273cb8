"""The docker driver on a real engine: skipped where there is none, or where the official images are missing."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from network import plan
from network.docker.engine import Engine
from network.docker.removal import FOLDER_LABEL
from network.drivers.docker import DockerDriver
from network.errors import CityChainError, Unavailable
from network.renewal import request_renewal
from network.topology import TopologySpec, template
from tests.e2e.running import Load, RunningNetwork, require_containers, retry

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
VERSIONS = ("3.1.5", "2.5.16")


class DockerNetwork(RunningNetwork):
    """A docker network under test."""

    def __init__(self, directory: Path, spec: TopologySpec) -> None:
        super().__init__(directory, spec)
        self.driver = DockerDriver(directory, self.vault)  # type: ignore[assignment]

    def left(self) -> dict[str, list[str]]:
        """What the engine still has of this network's folder."""
        folder = hashlib.sha256(str(self.directory.resolve()).encode()).hexdigest()[:12]
        mine = {"label": f"{FOLDER_LABEL}={folder}"}
        client = Engine().client
        return {
            "containers": [c.name for c in client.containers.list(all=True, filters=mine)],
            "volumes": [v.name for v in client.volumes.list(filters=mine)],
            "networks": [n.name for n in client.networks.list(filters=mine)],
        }


def spec_for(name: str, version: str = "3.1.5") -> TopologySpec:
    spec = template(name).with_(runtime="docker", name=f"test-{name}", fabric_version=version)
    require_containers(spec)
    return spec


@pytest.fixture
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DockerNetwork]:
    found = DockerNetwork(tmp_path / "net", spec_for(*request.param))
    try:
        yield found
    finally:
        plan.remove(found.driver, found.directory)
        assert found.left() == {"containers": [], "volumes": [], "networks": []}


@pytest.mark.parametrize("network", [("city", v) for v in VERSIONS] + [("bft", "3.1.5")], indirect=True)
def test_from_nothing_to_a_transaction(network: DockerNetwork) -> None:
    started = time.monotonic()
    network.up()
    network.deploy()
    print(f"{network.spec.name} {network.spec.fabric_version}: {time.monotonic() - started:.1f} s to first transaction")
    network.put("k", "v")
    assert network.get("k") == "v"
    status = network.driver.status()
    assert status.state == "running"
    assert {n.kind for n in status.nodes} == {"peer", "orderer", "contract"}
    assert plan.plan(network.driver, network.spec, network.directory) == []
    assert network.driver.logs(next(network.spec.peers()).name, 5)


@pytest.mark.parametrize("network", [("single",)], indirect=True)
def test_stopping_keeps_the_ledger(network: DockerNetwork) -> None:
    network.up()
    network.deploy()
    network.put("kept", "yes")
    network.driver.stop()
    assert network.driver.status().state == "stopped"
    assert plan.plan(network.driver, network.spec, network.directory) != []
    network.driver.start()
    retry(lambda: network.put("again", "yes"))
    assert network.get("kept") == "yes"


@pytest.mark.parametrize("network", [("single",)], indirect=True)
def test_what_others_made_is_left_alone(network: DockerNetwork, tmp_path: Path) -> None:
    client = Engine().client
    other = client.networks.create("somebody-elses", labels={"io.citychain.network": network.spec.name})
    volume = client.volumes.create("somebody-elses", labels={FOLDER_LABEL: "another"})
    try:
        network.up()
        plan.remove(network.driver, network.directory)
        assert other.id in {n.id for n in client.networks.list()}
        assert volume.id in {v.id for v in client.volumes.list()}
    finally:
        other.remove()
        volume.remove()


@pytest.mark.parametrize("network", [("single",)], indirect=True)
def test_interrupted_at_every_step(network: DockerNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    applied: list[str] = []
    real = DockerDriver.apply

    class Interrupted(Exception):
        pass

    def once(self: DockerDriver, step: Any, ctx: Any) -> None:
        real(self, step, ctx)
        if step.id not in applied:
            applied.append(step.id)
            raise Interrupted(step.id)

    monkeypatch.setattr(DockerDriver, "apply", once)
    for _ in range(20):
        try:
            network.up()
            break
        except Interrupted:
            continue
    else:
        pytest.fail("never finished")
    assert len(applied) >= 6
    network.deploy()
    assert network.get("first") == "transaction"


@pytest.mark.parametrize("network", [("single",)], indirect=True)
def test_a_killed_peer_comes_back(network: DockerNetwork) -> None:
    network.up()
    network.deploy()
    peer = next(network.spec.peers())
    network.driver.containers.containers()[peer.name].kill()  # type: ignore[attr-defined]
    network.up()  # finds it missing and starts it
    retry(lambda: network.put("after", "kill"))
    assert network.get("first") == "transaction"


@pytest.mark.parametrize("network", [("ha",)], indirect=True)
def test_certificates_are_renewed_under_load(network: DockerNetwork) -> None:
    network.up()
    network.deploy()

    def certificates() -> dict[str, bytes]:
        handle = network.handle
        return {n.name: handle.authority(n.organization.msp_id).nodes.tls_certificate(n) for n in handle.orderers()}

    before = certificates()
    with Load(network) as load:
        request_renewal(network.directory, network.spec.orderers())
        network.up()
    assert all(certificate != before[name] for name, certificate in certificates().items())
    assert load.acknowledged
    assert load.given_up == []
    assert load.lost() == []
    assert plan.plan(network.driver, network.spec, network.directory) == []


@pytest.mark.parametrize("network", [("city",)], indirect=True)
def test_an_organisation_joins_a_running_network(network: DockerNetwork) -> None:
    whole = network.spec
    members = whole.organizations[:3]
    channel = replace(whole.channels[0], organizations=tuple(o.name for o in members))
    network.up(replace(whole, organizations=members, channels=(channel,)))
    network.deploy()
    network.up(whole)
    joined = whole.organizations[3].msp_id
    retry(lambda: network.put("from", "the new one", joined))
    assert network.get("first", joined) == "transaction"


def test_a_wrong_image_is_one_clear_error(tmp_path: Path) -> None:
    spec = spec_for("single")
    driver = DockerDriver(tmp_path / "net", None, registry="127.0.0.1:1")  # type: ignore[arg-type]
    assert "to_pull" in driver.check(spec).details
    with pytest.raises(Unavailable) as caught:
        driver.engine.pull("127.0.0.1:1/hyperledger/fabric-peer:3.1.5", _Quiet())
    assert caught.value.code == "docker_image_missing"
    assert isinstance(caught.value, CityChainError)


class _Quiet:
    def progress(self, *_: object) -> None: ...
    def check_cancelled(self) -> None: ...
    def log(self, *_: object) -> None: ...
