"""Renewal of nodes' certificates without losing the network: one node after the other.

A request is kept in `renewals.json`, so that an interrupted renewal is finished by the next `up`. A new certificate is
first laid beside the old one; for orderers it then goes into the channels' consenter entries, is put in place and the
node started again, and only when the ordering service is whole again does the next node follow.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from fabric_sdk.configtx.edit import add_consenter
from network.certificates import NODE_DAYS
from network.config_updates import ChannelUpdater
from network.drivers.base import Step
from network.errors import UserError
from network.groundwork import consenters
from network.handle import NetworkHandle
from network.material import OrganizationCA
from network.text import Text
from network.topology import NodeRef, TopologySpec
from network.vault import write_private, write_public

FILE_NAME = "renewals.json"
RENEW_NODE = "renew-node"
BEGUN = "begun"
"""An entry among the nodes' that stays until everything that follows from a renewal is done, the channels' too."""
What = Literal["tls", "identity"]


def request_renewal(directory: Path, nodes: Iterable[NodeRef], what: Iterable[What] = ("tls",)) -> None:
    """Ask for new certificates of these nodes; the next plan carries it out."""
    kinds = tuple(what)
    if not kinds or any(kind not in ("tls", "identity") for kind in kinds):
        raise UserError(Text("请说明要更新 tls 还是 identity 证书。", "Say whether to renew tls or identity."))
    request(directory, {node.name: kinds for node in nodes})


def request(directory: Path, wanted: Mapping[str, Iterable[str]]) -> None:
    """Add to what is to be renewed: node (or what else `network.mending` names) to kinds of certificates."""
    pending = pending_renewals(directory)
    for name, kinds in wanted.items():
        pending[name] = sorted({*pending.get(name, []), *kinds})
    _save(directory, pending)


def forget(directory: Path, name: str) -> None:
    """Take one entry out of what is to be renewed; harmless when it is not there."""
    pending = pending_renewals(directory)
    pending.pop(name, None)
    _save(directory, pending)


def pending_renewals(directory: Path) -> dict[str, list[str]]:
    """Return which certificates of which nodes are still to be renewed."""
    try:
        document = json.loads((directory / FILE_NAME).read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(name): [str(w) for w in what] for name, what in document.items()}


def renewal_steps(directory: Path, spec: TopologySpec) -> list[Step]:
    """Return one step for each node that waits for new certificates."""
    pending = pending_renewals(directory)
    return [
        Step(
            RENEW_NODE,
            node.name,
            Text("更新节点 {n} 的证书", "Renew the certificates of {n}", n=node.name),
            needs_restart=True,
        )
        for node in spec.nodes()
        if node.name in pending
    ]


class StagedCertificates:
    """New certificates of one node, laid beside those in use."""

    def __init__(self, ca: OrganizationCA, node: NodeRef, what: Iterable[str]) -> None:
        self._ca = ca
        self._node = node
        self._what = tuple(what)
        self._folder = ca.nodes.directory(node) / "next"

    def prepare(
        self, *, keep_tls_key: bool = False, keep_identity_key: bool = False, since: dt.datetime | None = None
    ) -> None:
        """Issue what is to be renewed, unless an earlier run has done so; a kept TLS key's certificate begins `since`.

        `keep_tls_key` and `keep_identity_key` certify the present key anew: Fabric recognises consenters by their
        public keys, and checks a BFT orderer's signatures against the key in its entry.
        """
        for what in self._what:
            if (self._folder / what / "complete").exists():
                continue
            if self._ca.foreign:
                raise UserError(
                    Text(
                        "节点 {n} 的证书由 {m} 自己的 CA 续期。",
                        "The certificates of {n} are renewed by {m}'s own authority.",
                        n=self._node.name,
                        m=self._ca.spec.msp_id,
                    ),
                    Text(
                        "请先导入它的答复：citychain network hosted。", "Take its answer in: citychain network hosted."
                    ),
                    code="certificates_missing",
                )
            if what == "tls":
                issued = (
                    self._ca.nodes.recertified_tls(self._node, since=since)
                    if keep_tls_key
                    else self._ca.nodes.new_tls(self._node)
                )
            elif keep_identity_key:
                issued = self._ca.nodes.recertified(self._node)
            else:
                issued = self._ca.issue(self._node.name, self._node.kind, sans=[self._node.name], days=NODE_DAYS)
            self.lay(what, issued.private_key_pem, issued.certificate_pem)

    def lay(self, what: str, key_pem: bytes, certificate_pem: bytes) -> None:
        """Lay a certificate and its key beside those in use, complete or not at all."""
        (self._folder / what).mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self._folder / what / "key.pem", key_pem)
        write_public(self._folder / what / "cert.pem", certificate_pem)
        write_public(self._folder / what / "complete", b"")

    def certificate(self, what: What) -> bytes:
        """Return the certificate that will be in use: the new one, or the present one when it is not renewed."""
        path = self._folder / what / "cert.pem"
        if what in self._what and path.exists():
            return path.read_bytes()
        return self._ca.nodes.tls_certificate(self._node) if what == "tls" else self._ca.nodes.certificate(self._node)

    def install(self) -> None:
        """Put the new certificates in place; the staged copies stay until `finish`."""
        base = self._ca.nodes.directory(self._node)
        places = {
            "tls": (base / "tls" / "server.key", base / "tls" / "server.crt"),
            "identity": (base / "msp" / "keystore" / "key.pem", base / "msp" / "signcerts" / "cert.pem"),
        }
        for what in self._what:
            key, certificate = places[what]
            write_private(key, (self._folder / what / "key.pem").read_bytes())
            made = (self._folder / what / "cert.pem").read_bytes()
            write_public(certificate, self._ca.tls_trust.shown(made) if what == "tls" else made)

    def finish(self, directory: Path) -> None:
        """Forget the request and the staged copies, and the roots of which this was the last certificate in use."""
        forget(directory, self._node.name)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._ca.nodes.refresh_all()


def announce(handle: NetworkHandle, spec: TopologySpec, node: NodeRef, staged: StagedCertificates) -> None:
    """Put an orderer's staged certificates into its consenter entry of every channel; harmless when they are there."""
    for channel in spec.channels:
        present = consenters(handle.directory, spec, [node], handle.vault, handle.addresses)[0]
        tls = staged.certificate("tls")
        renewed = replace(
            present,
            id=0,
            server_tls_pem=tls,
            client_tls_pem=tls,
            identity_pem=staged.certificate("identity") if present.identity_pem else b"",
        )
        updater = ChannelUpdater(handle, channel.name)
        if any(c.address == renewed.address for c in updater.read().consenters):
            updater.submit(lambda config, c=renewed: add_consenter(config, c))  # type: ignore[misc]


def _save(directory: Path, pending: dict[str, list[str]]) -> None:
    if pending:
        write_public(directory / FILE_NAME, json.dumps(pending, indent=1).encode())
    else:
        (directory / FILE_NAME).unlink(missing_ok=True)
