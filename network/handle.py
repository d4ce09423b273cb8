"""A network seen from above: what it consists of, where its nodes are and who may speak to them.

A handle reads the network's folder and nothing else; it works whether the nodes run or not and does not know the
runtime. Applications, contracts and the console reach every kind of network through it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from network.addresses import AddressBook, NodeAddress
from network.errors import CityChainError, NotFound, UserError
from network.material import OrganizationCA
from network.persons import person_of
from network.plan import NetworkState
from network.text import Text
from network.topology import NodeRef, Runtime, TopologySpec
from network.vault import KeyVault, SigningGuard, vault_name

if TYPE_CHECKING:
    from fabric_sdk.admin.participation import Participation
    from fabric_sdk.admin.peer import PeerConnection
    from fabric_sdk.gateway.endpoint import Endpoint
    from fabric_sdk.gateway.transport import Transport
    from fabric_sdk.identity import SigningIdentity


class NetworkHandle:
    """One network folder, opened for reading."""

    def __init__(self, directory: Path, vault: KeyVault, spec: TopologySpec | None = None) -> None:
        """`spec` overrides the topology of the state file while a network is being changed."""
        self.directory = directory
        self.vault = vault
        self._spec = spec
        self._transports: dict[Endpoint, Transport] = {}
        self._guard = threading.Lock()

    @cached_property
    def state(self) -> NetworkState:
        """The network's state file; NotFound when the folder holds no network."""
        state = NetworkState.load(self.directory)
        if state.wanted is None:
            raise NotFound(
                Text("{d} 中没有网络。", "There is no network in {d}.", d=str(self.directory)),
                Text("请先创建网络。", "Set a network up first."),
            )
        return state

    @property
    def spec(self) -> TopologySpec:
        """The topology: the one last reached, else the one being built."""
        spec = self._spec or self.state.reached or self.state.wanted
        assert spec is not None
        return spec

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def runtime(self) -> Runtime:
        return self.spec.runtime

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the network's channels."""
        return tuple(channel.name for channel in self.spec.channels)

    @property
    def msp_ids(self) -> tuple[str, ...]:
        """The MSP ids of all organisations."""
        return tuple(organization.msp_id for organization in self.spec.organizations)

    @cached_property
    def addresses(self) -> AddressBook:
        """Where the nodes listen."""
        return AddressBook.load(self.directory)

    def refresh(self) -> None:
        """Forget what has been read, after the network has been changed."""
        for name in ("state", "addresses"):
            self.__dict__.pop(name, None)

    def peers(self, msp_id: str | None = None) -> tuple[NodeRef, ...]:
        """Return the peers of one organisation, or of all."""
        if msp_id is not None:
            self.spec.organization(msp_id)
        return tuple(n for n in self.spec.peers() if msp_id in (None, n.organization.msp_id, n.organization.name))

    def channel_peers(self, channel: str) -> tuple[NodeRef, ...]:
        """Return the peers whose organisations are members of a channel."""
        members = self.spec.channel(channel).organizations
        return tuple(n for n in self.spec.peers() if n.organization.name in members)

    def orderers(self) -> tuple[NodeRef, ...]:
        """Return the ordering nodes."""
        return tuple(self.spec.orderers())

    def endpoint(self, msp_id: str | None = None, peer: str | None = None) -> Endpoint:
        """Return where to reach a peer: of this organisation and this (short or full) name, else the first one."""
        for node in self.peers(msp_id):
            if peer in (None, node.name, node.node.name):
                return self.node_endpoint(node)
        raise NotFound(
            Text(
                "网络“{n}”中没有机构 {m} 的 Peer 节点 {p}。",
                "Network {n} has no peer {p} of {m}.",
                n=self.name,
                m=msp_id or "*",
                p=peer or "",
            )
        )

    def node_endpoint(self, node: NodeRef) -> Endpoint:
        """Return where to reach a node, with the TLS root to trust."""
        from fabric_sdk.gateway.endpoint import Endpoint

        address: NodeAddress = self.addresses[node.name]
        return Endpoint(
            address.address,
            self.authority(node.organization.msp_id).tls_trust.pem,
            server_name=address.server_name or node.name,
        )

    def participation(self, node: NodeRef, timeout_s: float = 30.0) -> Participation:
        """Return an orderer's channel participation API; the node's own TLS certificate is the client."""
        from fabric_sdk.admin.participation import Participation

        ca = self.authority(node.organization.msp_id)
        tls = ca.nodes.directory(node) / "tls"
        address = self.addresses[node.name]
        return Participation(
            f"https://{address.host}:{address.admin_port}",
            tls_root_pem=ca.tls_trust.pem,
            client_certificate_file=tls / "server.crt",
            client_key_file=tls / "server.key",
            timeout_s=timeout_s,
        )

    def peer_connection(self, node: NodeRef, timeout_s: float = 30.0) -> PeerConnection:
        """Return a connection to one peer in the name of its organisation's administrator."""
        from fabric_sdk.admin.peer import PeerConnection

        return PeerConnection(self.node_endpoint(node), self.admin(node.organization.msp_id), timeout_s=timeout_s)

    def talk(self, node: NodeRef, identity: SigningIdentity, timeout_s: float = 30.0) -> PeerConnection:
        """As `peer_connection`, over a transport that is kept for the next question: a handshake costs more than one.

        Whoever drops the handle need not `close` it: its transports end with it.
        """
        from fabric_sdk.admin.peer import PeerConnection
        from fabric_sdk.gateway.transport import open_transport

        endpoint = self.node_endpoint(node)
        with self._guard:
            transport = self._transports.get(endpoint)
            if transport is None:
                transport = self._transports[endpoint] = open_transport(endpoint)
        return PeerConnection(transport, identity, timeout_s=timeout_s)

    def close(self) -> None:
        """End the transports of `talk`; the next question opens new ones."""
        with self._guard:
            kept, self._transports = list(self._transports.values()), {}
        for transport in kept:
            with suppress(Exception):
                transport.close()

    def authority(self, msp_id: str) -> OrganizationCA:
        """Return an organisation's certificate authorities (by MSP id or name)."""
        return OrganizationCA(self.directory, self.name, self.spec.organization(msp_id), self.vault)

    def administrators(self) -> Iterator[SigningIdentity]:
        """Yield every organisation's administrator whose key is at hand, also of organisations that are leaving."""
        from network.keys import signing_identity

        organizations = {o.msp_id: o for o in self.spec.organizations}
        for spec in (self.state.reached, self.state.wanted):
            for organization in spec.organizations if spec else ():
                organizations.setdefault(organization.msp_id, organization)
        for msp_id, organization in sorted(organizations.items(), key=lambda item: not item[1].orderers):
            ca = OrganizationCA(self.directory, self.name, organization, self.vault)
            name = self._administrator_of(ca)
            if name is None:
                continue
            try:
                person = ca.person(name)
            except NotFound:
                continue
            made = signing_identity(msp_id, person.certificate_pem, person.private_key_pem)
            yield guarded(made, self.vault, vault_name(self.name, msp_id, name))

    def administrator(self, msp_id: str) -> str | None:
        """The label of an administrator of the organisation whose key is here, as their certificate says; else None."""
        name = self._administrator_of(self.authority(msp_id))
        return f"{self.spec.organization(msp_id).msp_id}/{name}" if name else None

    def _administrator_of(self, ca: OrganizationCA) -> str | None:
        keys = frozenset(self.vault.names())
        for name in sorted(ca.people(), key=lambda one: one != "admin"):
            if vault_name(self.name, ca.spec.msp_id, name) not in keys:
                continue
            with suppress(CityChainError):
                if person_of(ca.spec.msp_id, ca.certificate_path(name).read_bytes()).administrator:
                    return name
        return None

    def admin(self, msp_id: str) -> SigningIdentity:
        """Return an organisation's administrator; `NotFound` when no administrator's key is here."""
        return self.identity(self.administrator(msp_id) or f"{msp_id}/admin")

    def identity(self, label: str) -> SigningIdentity:
        """Return the signing identity called `MSP/name`."""
        from network.keys import signing_identity

        msp_id, separator, name = label.partition("/")
        if not separator or not name:
            raise UserError(
                Text("身份应写作 MSP/名称，不是“{x}”。", "An identity is written MSP/name, not {x}.", x=label)
            )
        person = self.authority(msp_id).person(name)
        made = signing_identity(self.spec.organization(msp_id).msp_id, person.certificate_pem, person.private_key_pem)
        return guarded(made, self.vault, vault_name(self.name, made.msp_id, name))

    def identities(self) -> tuple[str, ...]:
        """Return the labels of all people with a certificate."""
        return tuple(
            f"{o.msp_id}/{name}" for o in self.spec.organizations for name in self.authority(o.msp_id).people()
        )


def guarded(identity: SigningIdentity, vault: KeyVault, name: str) -> SigningIdentity:
    """The identity with a signer that asks its vault each time: a locked keystore ends signatures everywhere."""
    if not isinstance(vault, SigningGuard):
        return identity
    signer, guard = identity.signer, vault

    def sign(digest: bytes) -> bytes:
        guard.allow_signing(name)
        return signer(digest)

    return replace(identity, signer=sign)
