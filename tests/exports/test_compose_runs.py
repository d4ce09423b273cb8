"""An exported Compose project really runs: started by a small reader of compose.yaml, joined, asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fabric_sdk.admin import Channels
from network.docker.engine import Engine
from network.drivers.base import Silent
from network.drivers.docker import DockerDriver
from network.exports.compose import export_compose
from network.exports.prepare import join_channels, prepare
from network.topology import TopologySpec, template
from network.vault import MemoryVault
from tests.e2e.running import retry

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture
def spec(tmp_path: Path) -> TopologySpec:
    found = template("city").with_(runtime="docker", name="exported")
    capability = DockerDriver(tmp_path / "check", MemoryVault()).check(found)
    if not capability.available or "to_pull" in capability.details:
        pytest.skip(f"no Docker engine with the images: {capability.reason or capability.details['to_pull']}")
    return found


@pytest.fixture
def started(spec: TopologySpec) -> Iterator[Any]:
    client = Engine().client
    made: list[Any] = []

    def start(file: Path) -> None:
        """What `docker compose up` does, as far as our files use it."""
        document = yaml.safe_load(file.read_text())
        network = client.networks.create(f"{document['name']}-test")
        made.append(network.remove)
        for name, service in document["services"].items():
            volume = client.volumes.create(f"{document['name']}-test-{name}")
            made.append(lambda v=volume: v.remove(force=True))
            binds = {}
            for entry in service["volumes"]:
                source, target, *mode = entry.split(":")
                source = volume.name if source == name else str((file.parent / source).resolve())
                binds[source] = {"bind": target, "mode": mode[0] if mode else "rw"}
            ports = [int(p.rsplit(":", 1)[1]) for p in service.get("ports", ())]
            aliases = service["networks"]["fabric"]["aliases"]
            api = client.api
            created = api.create_container(
                service["image"],
                command=service.get("command"),
                hostname=service["hostname"],
                environment=service["environment"],
                ports=[(p, "tcp") for p in ports],
                host_config=api.create_host_config(
                    binds=binds,
                    port_bindings={f"{p}/tcp": ("127.0.0.1", p) for p in ports},
                    extra_hosts=dict(e.split(":") for e in service["extra_hosts"]),
                    security_opt=service["security_opt"],
                ),
                networking_config=api.create_networking_config(
                    {network.name: api.create_endpoint_config(aliases=aliases)}
                ),
            )
            container = client.containers.get(created["Id"])
            made.append(lambda c=container: c.remove(force=True))
            container.start()

    yield start
    for undo in reversed(made):
        undo()


def test_an_exported_project_becomes_a_network(tmp_path: Path, spec: TopologySpec, started: Any) -> None:
    vault = MemoryVault()
    handle = prepare(tmp_path / "net", spec, vault, Silent(), name_of=lambda n: n.name)
    files = export_compose(tmp_path / "net", spec, tmp_path / "out")
    started(files[0])
    retry(lambda: join_channels(tmp_path / "net", vault, Silent()))
    end = time.monotonic() + 20
    for node in handle.peers():
        with handle.peer_connection(node) as peer:
            while Channels(peer).info("citychannel").height < 1:
                assert time.monotonic() < end
                time.sleep(0.1)
