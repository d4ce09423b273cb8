"""An organisation's nodes on disk: their certificates and keys in the folders that Fabric's programs read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from network.certificates import NODE_DAYS, Issued, Role, matches_key
from network.errors import Conflict
from network.listening import public_name
from network.text import Text
from network.tls_trust import leaf
from network.topology import NodeRef
from network.vault import write_private, write_public

if TYPE_CHECKING:
    from network.material import OrganizationCA


class NodeMaterial:
    """What an organisation's authorities issue to its nodes; `network` is the network's folder."""

    def __init__(self, authority: OrganizationCA, network: Path) -> None:
        self._authority = authority
        self._folder = network

    def directory(self, node: NodeRef) -> Path:
        """Return the folder with the node's `msp` and `tls`."""
        return self._authority.directory / "nodes" / node.name

    def create(self, node: NodeRef) -> None:
        """Make the node's enrolment and TLS certificates and its MSP folder unless they exist and fit."""
        directory = self.directory(node)
        msp, tls = directory / "msp", directory / "tls"
        if not _fits(msp / "signcerts" / "cert.pem", msp / "keystore" / "key.pem"):
            self.renew_identity(node)
        self._authority.export_msp_folder(msp)
        if not _fits(tls / "server.crt", tls / "server.key"):
            self.renew_tls(node)

    def renew_identity(self, node: NodeRef, days: int = NODE_DAYS) -> None:
        """Give the node a new enrolment key and certificate."""
        issued = self._authority.issue(node.name, node.kind, sans=[node.name], days=days)
        msp = self.directory(node) / "msp"
        _write_pair(msp / "signcerts" / "cert.pem", msp / "keystore" / "key.pem", issued)

    def renew_tls(self, node: NodeRef, days: int = NODE_DAYS) -> None:
        """Give the node a new TLS key and certificate for its names and loopback."""
        tls = self.directory(node) / "tls"
        issued = self.new_tls(node, days)
        shown = Issued(self._authority.tls_trust.shown(issued.certificate_pem), issued.private_key_pem)
        _write_pair(tls / "server.crt", tls / "server.key", shown)
        write_public(tls / "ca.crt", self._authority.tls_trust.pem)

    def new_tls(self, node: NodeRef, days: int = NODE_DAYS) -> Issued:
        """Issue a TLS certificate for the node without installing it."""
        return self._authority.issue_tls(node.name, self.tls_names(node), days)

    def recertified_tls(self, node: NodeRef, days: int = NODE_DAYS, since: dt.datetime | None = None) -> Issued:
        """Issue a TLS certificate for the node's present key: its lifetime (from `since` on) is new, its key is not."""
        key_pem = (self.directory(node) / "tls" / "server.key").read_bytes()
        key = serialization.load_pem_private_key(key_pem, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise Conflict(Text("节点 {n} 的 TLS 私钥不是 EC 密钥。", "The TLS key of {n} is no EC key.", n=node.name))
        certificate = self._authority.tls.certify(
            key.public_key(),
            node.name,
            organization=self._authority.spec.domain,
            sans=self.tls_names(node),
            days=days,
            tls=True,
            since=since,
        )
        self._authority.note(certificate, node.name, "", "tls")
        return Issued(certificate, key_pem)

    def recertified(self, node: NodeRef, days: int = NODE_DAYS) -> Issued:
        """Issue an enrolment certificate for the node's present key, otherwise as a new one."""
        key_pem = (self.directory(node) / "msp" / "keystore" / "key.pem").read_bytes()
        key = serialization.load_pem_private_key(key_pem, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise Conflict(Text("节点 {n} 的私钥不是 EC 密钥。", "The key of {n} is no EC key.", n=node.name))
        certificate = self._authority.signing.certify(
            key.public_key(),
            node.name,
            role=node.kind,
            organization=self._authority.spec.domain,
            attributes={"hf.EnrollmentID": node.name, "hf.Type": node.kind},
            sans=[node.name],
            days=days,
        )
        self._authority.note(certificate, node.name, node.kind, "enrolment")
        return Issued(certificate, key_pem)

    def refresh_all(self) -> None:
        """As `refresh`, for every node of the organisation that has folders here."""
        for directory in (self._authority.directory / "nodes").glob("*"):
            self._refresh(directory)

    def refresh(self, node: NodeRef) -> None:
        """Lay the authorities' present certificates and revocation list into the node's folders, where it has any."""
        self._refresh(self.directory(node))

    def _refresh(self, directory: Path) -> None:
        if (directory / "msp").is_dir():
            self._authority.export_msp_folder(directory / "msp")
        trusted, roots = directory / "tls" / "ca.crt", self._authority.tls_trust.pem
        if trusted.parent.is_dir() and (not trusted.exists() or trusted.read_bytes() != roots):
            write_public(trusted, roots)

    def tls_certificate(self, node: NodeRef) -> bytes:
        """Return the node's TLS certificate, without what it shows after it."""
        return leaf((self.directory(node) / "tls" / "server.crt").read_bytes())

    def certify(self, key: ec.EllipticCurvePublicKey, name: str, role: Role) -> bytes:
        """Return an enrolment certificate for the key of a node that others host; journalled as issued."""
        made = self._authority.signing.certify(
            key, name, role=role, organization=self._authority.spec.domain, sans=[name], days=NODE_DAYS
        )
        self._authority.note(made, name, role, "enrolment")
        return made

    def certify_tls(self, key: ec.EllipticCurvePublicKey, name: str, sans: Sequence[str]) -> bytes:
        """Return a TLS certificate for the key of a node that others host; journalled as issued."""
        made = self._authority.tls.certify(
            key, name, organization=self._authority.spec.domain, sans=sans, days=NODE_DAYS, tls=True
        )
        self._authority.note(made, name, "", "tls")
        return made

    def install(self, node: NodeRef, identity_pem: bytes, tls_pem: bytes) -> None:
        """Lay the certificates that its organisation has issued beside a hosted node's keys."""
        directory = self.directory(node)
        write_public(directory / "msp" / "signcerts" / "cert.pem", identity_pem)
        write_public(directory / "tls" / "server.crt", tls_pem)
        write_public(directory / "tls" / "ca.crt", self._authority.tls_trust.pem)
        self._authority.export_msp_folder(directory / "msp")

    def readdress_tls(self, node: NodeRef) -> None:
        """Give the node's present TLS key a certificate for the names by which it is reached now."""
        tls = self.directory(node) / "tls"
        write_public(tls / "server.crt", self._authority.tls_trust.shown(self.recertified_tls(node).certificate_pem))

    def certificate(self, node: NodeRef) -> bytes:
        """Return the node's enrolment certificate."""
        return (self.directory(node) / "msp" / "signcerts" / "cert.pem").read_bytes()

    def tls_names(self, node: NodeRef) -> list[str]:
        """Return the names by which a node is reached, as its TLS certificate has them."""
        names = [node.name, "localhost", "127.0.0.1", "::1", node.host, public_name(self._folder)]
        return list(dict.fromkeys(name for name in names if name))


def _fits(certificate: Path, key: Path) -> bool:
    return certificate.exists() and key.exists() and matches_key(certificate.read_bytes(), key.read_bytes())


def _write_pair(certificate: Path, key: Path, issued: Issued) -> None:
    key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(key, issued.private_key_pem)
    write_public(certificate, issued.certificate_pem)
