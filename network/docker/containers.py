"""A node as a container: image, settings, certificates, ports, volume; the same for the engine and for exports.

Settings and certificates are copied into the container rather than mounted, so that any engine can run it whatever
folders it may see; only ledgers lie in volumes. The node's own files are found under `/etc/citychain`.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from network.addresses import AddressBook
from network.handshakes import handshake_shift, renewed_roots
from network.native.configs import LOGGING, orderer_config, peer_config
from network.topology import NodeRef, TopologySpec

SETTINGS = "/etc/citychain"
DATA = "/var/hyperledger/production"
BUILDER = "/opt/hyperledger/ccaas_builder"
ANY_HOST = "0.0.0.0"
IMAGES = {"peer": "hyperledger/fabric-peer", "orderer": "hyperledger/fabric-orderer"}
COUCHDB_IMAGE = "couchdb:3.4.2"
COUCHDB_PORT = 5984
COUCHDB_USER = "citychain"


@dataclass(frozen=True)
class Container:
    """One container; `files` are absolute paths with contents (private keys among them, never shown)."""

    name: str
    image: str
    command: tuple[str, ...]
    hostname: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    ports: tuple[int, ...] = ()
    volume_path: str = DATA
    health_port: int = 0
    needs: tuple[str, ...] = ()
    """Host names of containers that must run first."""
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Names that mean an address of this machine's in it, beside those that its network knows."""
    restarts: bool = True
    """Whether the engine starts it again by itself, also after the machine has started."""

    @property
    def digest(self) -> str:
        """A fingerprint of everything that makes it what it is; a running container with another one is outdated."""
        parts = [self.image, *self.command, self.hostname, *map(str, self.ports), self.volume_path]
        parts += [f"{k}={v}" for k, v in sorted(self.environment.items())]
        parts += [f"{p}:{hashlib.sha256(d).hexdigest()}" for p, d in sorted(self.files.items())]
        parts += [f"{h}>{a}" for h, a in sorted(self.hosts.items())]
        parts += [] if self.restarts else ["once"]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def image_of(kind: str, version: str, registry: str = "") -> str:
    """Return the official image of a node kind, from another registry if one is named."""
    name = f"{IMAGES[kind]}:{version}"
    return f"{registry.rstrip('/')}/{name}" if registry else name


def node_container(
    directory: Path,
    spec: TopologySpec,
    node: NodeRef,
    book: AddressBook,
    *,
    contract_host: str,
    registry: str = "",
    couchdb_password: str = "",
) -> Container:
    """Describe the container of a peer or orderer; `contract_host` is where its contract servers are found."""
    address = book[node.name]
    material = directory / "organizations" / node.organization.name / "nodes" / node.name
    files = _folder(material / "msp", f"{SETTINGS}/msp") | _folder(material / "tls", f"{SETTINGS}/tls")
    msp, tls = f"{SETTINGS}/msp", f"{SETTINGS}/tls"
    environment = {"FABRIC_CFG_PATH": SETTINGS, **LOGGING}
    needs: tuple[str, ...] = ()
    # Renewed roots that no channel carries yet; when every one does, the container is another again.
    roots = renewed_roots(directory, spec)
    renewed = {name: f"{SETTINGS}/renewed/{name}.crt" for name in roots}
    files |= {renewed[name]: path.read_bytes() for name, path in roots.items()}
    if node.kind == "orderer":
        document = orderer_config(node, address, msp=msp, tls=tls, data=DATA, listen_host=ANY_HOST)
        document["General"]["Cluster"]["RootCAs"] += list(renewed.values())
        if shift := handshake_shift(directory, spec):
            document["General"]["TLS"]["TLSHandshakeTimeShift"] = f"{shift}s"
        files[f"{SETTINGS}/orderer.yaml"] = _json(document)
        command: tuple[str, ...] = ("orderer",)
        ports: tuple[int, ...] = (address.port, address.operations_port, address.admin_port)
    else:
        bootstrap = [
            book[other.name].dialled
            for other in spec.peers()
            if other.organization == node.organization and other.name != node.name and other.name in book
        ]
        document = peer_config(
            node,
            address,
            bootstrap,
            msp=msp,
            tls=tls,
            data=DATA,
            builder=BUILDER,
            fabric_version=spec.fabric_version,
            listen_host=ANY_HOST,
        )
        if renewed:
            document["peer"]["deliveryclient"]["addressOverrides"] = [
                {"from": known, "to": known, "caCertsFile": renewed[other.organization.name]}
                for other in spec.orderers()
                if other.organization.name in renewed and other.name in book and (known := book[other.name].dialled)
            ]
        if uses_couchdb(node):
            document["ledger"]["state"] |= {
                "stateDatabase": "CouchDB",
                "couchDBConfig": {
                    "couchDBAddress": f"{couchdb_host(node)}:{COUCHDB_PORT}",
                    "username": COUCHDB_USER,
                    "password": couchdb_password,
                    "maxRetries": 3,
                    "maxRetriesOnStartup": 60,
                    "requestTimeout": "35s",
                    "internalQueryLimit": 1000,
                    "maxBatchUpdateSize": 1000,
                    "createGlobalChangesDB": False,
                    "cacheSize": 64,
                },
            }
            needs = (couchdb_host(node),)
        files[f"{SETTINGS}/core.yaml"] = _json(document)
        builder = {"contract_host": contract_host, "contract_prefix": address.contract_prefix}
        environment["CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG"] = json.dumps(builder)
        command = ("peer", "node", "start")
        ports = (address.port, address.operations_port)
    return Container(
        name=node.name,
        image=image_of(node.kind, spec.fabric_version, registry),
        command=command,
        hostname=node.name,
        environment=environment,
        files=files,
        ports=ports,
        health_port=address.operations_port,
        needs=needs,
    )


def couchdb_container(node: NodeRef, password: str, registry: str = "") -> Container:
    """Describe the state database of a peer."""
    image = f"{registry.rstrip('/')}/{COUCHDB_IMAGE}" if registry else COUCHDB_IMAGE
    return Container(
        name=couchdb_host(node),
        image=image,
        command=(),
        hostname=couchdb_host(node),
        environment={"COUCHDB_USER": COUCHDB_USER, "COUCHDB_PASSWORD": password},
        volume_path="/opt/couchdb/data",
    )


def uses_couchdb(node: NodeRef) -> bool:
    """Say whether a node is a peer that keeps its state in CouchDB."""
    return getattr(node.node, "state_database", "leveldb") == "couchdb"


def couchdb_host(node: NodeRef) -> str:
    """Return the host name of a peer's state database."""
    return f"couchdb.{node.name}"


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return a tar archive of absolute paths, private keys readable by their owner only."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(files):
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size = len(files[path])
            entry.mode = 0o600 if path.endswith(("key.pem", ".key")) else 0o644
            tar.addfile(entry, io.BytesIO(files[path]))
    return buffer.getvalue()


def _folder(source: Path, target: str) -> dict[str, bytes]:
    return {
        f"{target}/{path.relative_to(source).as_posix()}": path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file()
    }


def _json(document: object) -> bytes:
    return json.dumps(document, indent=1).encode()
