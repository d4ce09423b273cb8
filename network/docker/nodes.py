"""The containers of one network: made, started, watched, made anew when their description changes, removed.

Everything made carries two labels, the network's name and the folder it belongs to; nothing without both is touched.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import socket
import ssl
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from network.addresses import AddressBook
from network.docker.containers import (
    DATA,
    Container,
    archive,
    couchdb_container,
    image_of,
    node_container,
    uses_couchdb,
)
from network.docker.engine import Engine, NotFound, engine_errors
from network.docker.removal import FOLDER_LABEL, NODE_LABEL, folder_label, remove_all
from network.docker.volumes import put_folder
from network.drivers.base import NodeState, Progress
from network.errors import Conflict, DeadlineExceeded, Unavailable
from network.native.contracts import PROCESS_PREFIX
from network.native.frozen import node_data
from network.native.nodes import NodeProcesses, in_parallel
from network.native.operations import healthy
from network.ports import port_is_free
from network.text import Text
from network.topology import NodeRef, TopologySpec
from network.vault import write_private

NETWORK_LABEL = "io.citychain.network"
DIGEST_LABEL = "io.citychain.digest"
START_SECONDS = 90.0
STOP_SECONDS = 10
MANY_RESTARTS = 3
LOOPBACK = "127.0.0.1"
DESKTOP_HOST = "host.docker.internal"


class ContainerNodes:
    """The nodes of one network folder as containers."""

    def __init__(self, directory: Path, engine: Engine, processes: NodeProcesses, registry: str = "") -> None:
        self.directory = directory
        self.engine = engine
        self._processes = processes
        self._registry = registry
        self._folder = folder_label(directory)

    # What there is

    def absent(self, spec: TopologySpec) -> list[NodeRef]:
        """Return the nodes whose containers do not run."""
        found = self.containers()
        return [n for n in spec.nodes() if n.name not in found or found[n.name].status != "running"]

    def outdated(self, spec: TopologySpec) -> list[NodeRef]:
        """Return the nodes that run with another image, settings or certificates than they should."""
        book = AddressBook.load(self.directory)
        found = self.containers()
        return [
            node
            for node in spec.nodes()
            if node.name in found
            and found[node.name].status == "running"
            and found[node.name].labels.get(DIGEST_LABEL) != self.describe(spec, node, book).digest
        ]

    def retired(self, spec: TopologySpec) -> list[str]:
        """Return the names of nodes that have a container but no place in `spec` any more."""
        wanted = {node.name for node in spec.nodes()}
        databases = {f"couchdb.{name}" for name in wanted}
        return sorted(name for name in self.containers() if name not in wanted | databases)

    def missing_images(self, spec: TopologySpec) -> list[str]:
        """Return the images that `spec` needs and the engine does not have."""
        kinds = sorted({n.kind for n in spec.nodes()})
        wanted = [image_of(kind, spec.fabric_version, self._registry) for kind in kinds]
        if any(uses_couchdb(n) for n in spec.nodes()):
            wanted.append(couchdb_container(next(iter(spec.peers())), "", self._registry).image)
        return [image for image in wanted if not self.engine.has_image(image)]

    def state(self, name: str) -> tuple[NodeState, int, str]:
        """Return a node's state, how often it has restarted by itself, and when it was started (RFC 3339)."""
        container = self.containers().get(name)
        if container is None:
            return "stopped", 0, ""
        inner = container.attrs.get("State", {})
        restarts = int(container.attrs.get("RestartCount", 0))
        states: dict[str, NodeState] = {
            "running": "running",
            "restarting": "failed",
            "created": "stopped",
            "exited": "stopped" if inner.get("ExitCode") in (0, 2, 137, 143) else "failed",
            "paused": "stopped",
            "dead": "failed",
        }
        return states.get(container.status, "unknown"), restarts, str(inner.get("StartedAt", ""))

    def log(self, name: str, lines: int) -> list[str] | None:
        """Return the end of a container's output, None if there is no such container."""
        container = self.containers().get(name)
        if container is None:
            return None
        with engine_errors():
            raw: bytes = container.logs(tail=lines, timestamps=False)
        return raw.decode("utf-8", "replace").splitlines()

    # What is done

    def describe(self, spec: TopologySpec, node: NodeRef, book: AddressBook) -> Container:
        """Return the container that a node should be."""
        contract_host, _ = self.contract_hosts(spec)
        password = self._couchdb_password() if uses_couchdb(node) else ""
        return node_container(
            self.directory,
            spec,
            node,
            book,
            contract_host=contract_host,
            registry=self._registry,
            couchdb_password=password,
        )

    def describe_database(self, node: NodeRef) -> Container:
        """Return the container of a peer's state database."""
        return couchdb_container(node, self._couchdb_password(), self._registry)

    def contract_hosts(self, spec: TopologySpec) -> tuple[str, str]:
        """Return by which name containers reach contract servers, and on which address of this machine those listen."""
        if sys.platform != "linux" or self.engine.info().desktop:
            return DESKTOP_HOST, LOOPBACK
        network = self._find_network(spec)
        if network is None:
            return "", LOOPBACK  # not made yet, so that nothing runs either
        with engine_errors():
            network.reload()
            gateway = str(network.attrs["IPAM"]["Config"][0]["Gateway"]).partition("/")[0]
        return gateway, gateway

    def start(self, spec: TopologySpec, nodes: Sequence[NodeRef], ctx: Progress) -> None:
        """Make and start containers (anew where the description has changed) and wait until the nodes are healthy."""
        book = AddressBook.load(self.directory)
        self.ensure_network(spec)
        found = self.containers()
        for node in nodes:
            if node.name not in found or found[node.name].status != "running":
                self._require_ports(node, book)
        databases = [n for n in nodes if uses_couchdb(n)]
        for node in databases:
            self.run(spec, self.describe_database(node))
        in_parallel(lambda n: self.run(spec, self.describe(spec, n, book)), nodes)
        self.wait_until_listening(nodes, book, ctx)

    def restart(self, spec: TopologySpec, node: NodeRef, ctx: Progress) -> None:
        """Stop a node and start it with its present description."""
        with engine_errors():
            container = self.containers().get(node.name)
            if container is not None:
                container.stop(timeout=STOP_SECONDS)
        self.start(spec, [node], ctx)

    def stop(self, names: Iterable[str]) -> None:
        """Stop containers cleanly; those that do not exist are passed over."""
        found = self.containers()
        with engine_errors():
            for name in names:
                for one in (name, f"couchdb.{name}"):
                    if one in found:
                        found[one].stop(timeout=STOP_SECONDS)

    def retire(self, name: str) -> None:
        """Remove the container, ledger and address of a node that has left the network."""
        self._remove(name, with_volume=True)
        self._remove(f"couchdb.{name}", with_volume=True)
        book = AddressBook.load(self.directory)
        book.remove(name)
        book.save(self.directory)

    def remove_all(self) -> None:
        """Remove every container, volume and network that this folder's networks have made, and nothing else."""
        remove_all(self.engine, self.directory)

    def wait_until_listening(self, nodes: Iterable[NodeRef], book: AddressBook, ctx: Progress) -> None:
        """Wait until the nodes say that they are healthy and their TLS ports answer."""
        until = time.monotonic() + START_SECONDS

        def wait(node: NodeRef) -> None:
            address = book[node.name]
            ports = [p for p in (address.port, address.admin_port) if p]
            while True:
                try:
                    if healthy(LOOPBACK, address.operations_port, 2.0) and all(map(_speaks_tls, ports)):
                        return
                except Unavailable:
                    pass
                self.check_alive(node.name, ctx)
                if time.monotonic() > until:
                    raise DeadlineExceeded(
                        Text("节点 {n} 没有在规定时间内就绪。", "Node {n} is not ready in time.", n=node.name),
                        Text("请查看它的日志。", "See its log."),
                    )
                time.sleep(0.05)

        in_parallel(wait, nodes)

    def check_alive(self, name: str, ctx: Progress) -> None:
        """Raise when a container (or contract server) keeps ending by itself, or when the person has cancelled."""
        if name.startswith(PROCESS_PREFIX):
            self._processes.check_alive(name, ctx)
            return
        ctx.check_cancelled()
        state, restarts, _ = self.state(name)
        if state == "failed" and restarts >= MANY_RESTARTS:
            raise Unavailable(
                Text("节点 {n} 启动后反复退出。", "Node {n} keeps ending after it starts.", n=name),
                Text("请查看它的日志。", "See its log."),
                code="node_failed",
                details={"log": "\n".join(self.log(name, 5) or [])},
            )

    # Inside

    def containers(self) -> dict[str, Any]:
        """The engine's containers of this folder by node name."""
        with engine_errors():
            listed = self.engine.client.containers.list(
                all=True, filters={"label": [f"{FOLDER_LABEL}={self._folder}", NODE_LABEL]}, ignore_removed=True
            )
        return {c.labels[NODE_LABEL]: c for c in listed}

    def _labels(self, spec: TopologySpec) -> dict[str, str]:
        return {NETWORK_LABEL: spec.name, FOLDER_LABEL: self._folder}

    def _project(self, spec: TopologySpec) -> str:
        return f"citychain-{spec.name}-{self._folder}"

    def _find_network(self, spec: TopologySpec) -> Any:
        name = self._project(spec)
        with engine_errors():
            for network in self.engine.client.networks.list(names=[name]):
                if network.name == name and (network.attrs.get("Labels") or {}).get(FOLDER_LABEL) == self._folder:
                    return network
        return None

    def ensure_network(self, spec: TopologySpec) -> Any:
        """Return the network that the containers share, made where there is none."""
        found = self._find_network(spec)
        if found is not None:
            return found
        with engine_errors():
            return self.engine.client.networks.create(self._project(spec), driver="bridge", labels=self._labels(spec))

    def run(self, spec: TopologySpec, described: Container) -> None:
        """Start a container as described: made anew, on the same volume, where it was described otherwise."""
        present = self.containers().get(described.name)
        with engine_errors():
            if present is not None and present.status == "paused":
                present.unpause()  # whoever paused it was killed, and who should have helped, too
                present.reload()
            if present is not None and present.labels.get(DIGEST_LABEL) == described.digest:
                if present.status == "created" and described.files:
                    # Whoever made it may have been killed before its settings lay in it.
                    present.put_archive("/", archive(described.files))
                self._bring(present, described.name)
                if present.status != "running":
                    present.start()
                return
            if present is not None:
                present.stop(timeout=STOP_SECONDS)
                present.remove(force=True)
            made = self.create(spec, described)
            self._bring(made, described.name)
            made.start()

    def _bring(self, container: Any, name: str) -> None:
        """Lay a ledger that came out of a backup into the volume of a container that was never started."""
        data = node_data(self.directory, name)
        if container.status == "created" and data.is_dir():
            put_folder(container, data, DATA, self.directory / "run" / f"{name}.tar")
            shutil.rmtree(data)  # from now on the volume has it; killed before, it is laid there once more

    def create(self, spec: TopologySpec, described: Container) -> Any:
        """Make a container and its volume, without starting it; return the engine's."""
        api = self.engine.client.api
        project = self._project(spec)
        labels = {**self._labels(spec), NODE_LABEL: described.name, DIGEST_LABEL: described.digest}
        volume = f"{project}-{described.name}"
        self.engine.client.volumes.create(volume, labels=self._labels(spec) | {NODE_LABEL: described.name})
        extra = {DESKTOP_HOST: "host-gateway", **described.hosts}
        host = api.create_host_config(
            binds={volume: {"bind": described.volume_path, "mode": "rw"}},
            port_bindings={f"{p}/tcp": (LOOPBACK, p) for p in described.ports},
            restart_policy={"Name": "unless-stopped" if described.restarts else "no"},
            extra_hosts=extra,
            security_opt=["no-new-privileges"],
            log_config={"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}},
        )
        endpoint = api.create_endpoint_config(aliases=[described.hostname])
        created = api.create_container(
            described.image,
            command=list(described.command) or None,
            name=f"{project}-{described.name}",
            hostname=described.hostname[:63],
            environment=dict(described.environment),
            ports=[(p, "tcp") for p in described.ports],
            host_config=host,
            networking_config=api.create_networking_config({project: endpoint}),
            labels=labels,
        )
        container = self.engine.client.containers.get(created["Id"])
        if described.files:
            container.put_archive("/", archive(described.files))
        return container

    def _remove(self, name: str, *, with_volume: bool) -> None:
        container = self.containers().get(name)
        with engine_errors():
            if container is not None:
                container.stop(timeout=STOP_SECONDS)
                _ignore_absent(container.remove, force=True)
            if with_volume:
                mine = {"label": [f"{FOLDER_LABEL}={self._folder}", f"{NODE_LABEL}={name}"]}
                for volume in self.engine.client.volumes.list(filters=mine):
                    _ignore_absent(volume.remove, force=True)

    def _couchdb_password(self) -> str:
        path = self.directory / "run" / "couchdb.secret"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_private(path, secrets.token_urlsafe(24).encode())
        return path.read_text()

    def _require_ports(self, node: NodeRef, book: AddressBook) -> None:
        address = book[node.name]
        for port in filter(None, (address.port, address.operations_port, address.admin_port)):
            if not port_is_free(port):
                raise Conflict(
                    Text(
                        "节点 {n} 的端口 {p} 已被其他程序占用。",
                        "Port {p} of node {n} is used by another program.",
                        n=node.name,
                        p=port,
                    ),
                    Text("请停止该程序后重试。", "Stop that program and try again."),
                    code="port_taken",
                )


def _speaks_tls(port: int) -> bool:
    """Say whether a TLS server answers on a published port (the engine itself accepts connections earlier)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # only to see that it is up; nothing is sent
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2.0) as plain, context.wrap_socket(plain):
            return True
    except OSError:
        return False


def _ignore_absent(action: Any, **options: Any) -> None:
    with contextlib.suppress(NotFound):
        action(**options)
