"""A topology as a Docker Compose project: `compose.yaml` and one folder of files for each node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from network.addresses import AddressBook
from network.docker.containers import SETTINGS, Container, couchdb_container, node_container, uses_couchdb
from network.docker.nodes import DESKTOP_HOST
from network.errors import Conflict
from network.text import Text
from network.topology import TopologySpec
from network.vault import write_private, write_public

FILE_NAME = "compose.yaml"
_HEAD = """# {name}: Fabric {version}, written by CityChain. Start: docker compose up -d
# Folders under nodes/ hold private keys; keep them readable by their owner only.
# Ports are published on loopback; set CITYCHAIN_BIND to another address to let others in.
"""


def export_compose(directory: Path, spec: TopologySpec, target: Path, *, couchdb_password: str = "") -> list[Path]:
    """Write the project into `target` (a new or empty folder) and return the files, `compose.yaml` first.

    `directory` is a network folder whose nodes know each other by name: one of the docker runtime, or one made by
    `prepare`. Contract servers are looked for on the machine that runs the engine.
    """
    if target.exists() and any(target.iterdir()):
        raise Conflict(Text("文件夹 {d} 不为空。", "Folder {d} is not empty.", d=str(target)))
    book = AddressBook.load(directory)
    containers = []
    for node in spec.nodes():
        if book[node.name].dialled_host != node.name:
            raise Conflict(
                Text("此网络的节点不以名称互访，不能导出。", "This network's nodes do not know each other by name."),
                Text(
                    "请以 docker 运行方式创建，或导出新的网络。",
                    "Make it with the docker runtime, or export a new one.",
                ),
            )
        if uses_couchdb(node):
            containers.append(couchdb_container(node, couchdb_password))
        containers.append(
            node_container(directory, spec, node, book, contract_host=DESKTOP_HOST, couchdb_password=couchdb_password)
        )
    document = compose_document(spec, containers)
    written = [target / FILE_NAME]
    target.mkdir(parents=True, exist_ok=True)
    for container in containers:
        for path, data in container.files.items():
            file = target / "nodes" / container.name / Path(path).relative_to(SETTINGS)
            file.parent.mkdir(parents=True, exist_ok=True)
            write = write_private if path.endswith(("key.pem", ".key")) else write_public
            write(file, data)
            written.append(file)
    head = _HEAD.format(name=spec.name, version=spec.fabric_version)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    (write_private if couchdb_password else write_public)(target / FILE_NAME, (head + text).encode())
    return written


def compose_document(spec: TopologySpec, containers: list[Container]) -> dict[str, Any]:
    """Return `compose.yaml` as data (Compose specification)."""
    return {
        "name": f"citychain-{spec.name}",
        "services": {_service_name(c): _service(c) for c in containers},
        "networks": {"fabric": {"driver": "bridge"}},
        "volumes": {_service_name(c): {} for c in containers},
    }


def _service(container: Container) -> dict[str, Any]:
    volumes = [f"{_service_name(container)}:{container.volume_path}"]
    if container.files:
        volumes.append(f"./nodes/{container.name}:{SETTINGS}:ro")
    service: dict[str, Any] = {"image": container.image, "hostname": container.hostname[:63]}
    if container.command:
        service["command"] = list(container.command)
    if container.environment:
        # Compose replaces $NAME in values; the logging format has none, JSON settings may.
        service["environment"] = {k: v.replace("$", "$$") for k, v in container.environment.items()}
    service["volumes"] = volumes
    if container.ports:
        service["ports"] = [f"${{CITYCHAIN_BIND:-127.0.0.1}}:{p}:{p}" for p in container.ports]
    service["networks"] = {"fabric": {"aliases": [container.hostname]}}
    service["extra_hosts"] = [f"{DESKTOP_HOST}:host-gateway"]
    if container.needs:
        service["depends_on"] = [_label(name) for name in container.needs]
    service["security_opt"] = ["no-new-privileges:true"]
    service["restart"] = "unless-stopped"
    return service


def _service_name(container: Container) -> str:
    return _label(container.name)


def _label(name: str) -> str:
    return name.replace(".", "-")
