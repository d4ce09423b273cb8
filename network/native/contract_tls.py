"""TLS between a peer and its contract servers: only the peer itself is let in, and only its own servers are believed.

    organizations/ORG/nodes/PEER/contract-tls/{ca.crt, server.crt, server.key, client.crt, client.key}

A contract server decrypts what its organisation keeps privately for whoever speaks a peer's protocol to it, so a port
on loopback that asks nobody would hand that to every program of the machine. Each peer has a small authority of its
own, whose key is thrown away once it has certified both sides. Fabric's builder keeps what it filled into
`connection.json` at a package's installation, so these certificates last as long as an authority's.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fabric_sdk.chaincode.package import ClientTls
from fabric_sdk.files import replace_file
from network.addresses import LOOPBACK
from network.certificates import CA_DAYS, CertificateAuthority
from network.topology import NodeRef
from network.vault import write_private

FOLDER = "contract-tls"
BUILDER_VARIABLE = "CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG"
PER_PEER_TLS = ClientTls("{{.contract_root}}", "{{.contract_client_cert}}", "{{.contract_client_key}}")
"""What a package says that every peer's builder completes with the peer's own certificates and key."""


@dataclass(frozen=True, slots=True)
class ContractTls:
    """One peer's files. `client` is what the peer needs of them."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "ca.crt"

    @property
    def server_certificate(self) -> Path:
        return self.folder / "server.crt"

    @property
    def server_key(self) -> Path:
        return self.folder / "server.key"

    @property
    def client(self) -> ClientTls:
        names = ("ca.crt", "client.crt", "client.key")
        return ClientTls(*((self.folder / name).read_text("ascii") for name in names))


def ensure_contract_tls(directory: Path, peer: NodeRef, hosts: Iterable[str] = ()) -> ContractTls:
    """Return a peer's files, made whole or not at all when missing; `hosts` are further names of the server."""
    base = directory / "organizations" / peer.organization.name / "nodes" / peer.name
    folder = base / FOLDER
    if folder.is_dir():
        return ContractTls(folder)
    made = base / f".{FOLDER}.{secrets.token_hex(4)}"
    authority, _ = CertificateAuthority.create(f"contracts of {peer.name}", peer.organization.name)
    names = tuple(dict.fromkeys((LOOPBACK, "localhost", *hosts)))
    server = authority.issue("contract server", sans=names, days=CA_DAYS, tls=True)
    client = authority.issue(peer.name, days=CA_DAYS, tls=True)
    write_private(made / "ca.crt", authority.certificate_pem)
    for name, issued in (("server", server), ("client", client)):
        write_private(made / f"{name}.crt", issued.certificate_pem)
        write_private(made / f"{name}.key", issued.private_key_pem)
    try:
        replace_file(made, folder)
    except OSError:  # another process was quicker
        shutil.rmtree(made, ignore_errors=True)
        if not folder.is_dir():
            raise
    return ContractTls(folder)


def write_builder_settings(target: Path, contract_prefix: str, tls: ContractTls) -> None:
    """Write what Fabric's CCaaS builder fills into a package's `connection.json` for one peer; nobody else reads it."""
    client = tls.client
    document = {
        "contract_host": LOOPBACK,
        "contract_prefix": contract_prefix,
        "contract_root": client.root_cert,
        "contract_client_cert": client.client_cert,
        "contract_client_key": client.client_key,
    }
    data = json.dumps(document).encode()
    if not target.exists() or target.read_bytes() != data:
        write_private(target, data)
