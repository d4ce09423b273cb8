"""Looking at identities: certificates of authorities, nodes and people as records, and who may sign or act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import CityChainError, NotFound, Text, UserError, translating
from baas.events import EventBus
from baas.roles import requires
from baas.services.identity_records import (
    EXPIRY_WARNING_DAYS,
    IdentityKind,
    IdentityRecord,
    OrganizationInfo,
    key_name,
    record_of,
    shown_fingerprint,
    split_label,
    warning_days,
)
from baas.services.peers import desk_label
from baas.session import Actor, Session
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.services.networks import NetworkService
    from fabric_sdk.identity import SigningIdentity
    from network.material import OrganizationCA
    from network.topology import NodeRef


class IdentityReader:
    """What there is, read from a network's folder and the keystore; changes nothing."""

    def __init__(self, networks: NetworkService, keystore: Keystore, session: Session, events: EventBus) -> None:
        self._networks = networks
        self._keystore = keystore
        self._session = session
        self._events = events
        # A key and its certificate are two files: whoever writes the pair holds this, in whatever program.
        self._pairs = keystore.moment

    @property
    def session(self) -> Session:
        return self._session

    # -- looking -----------------------------------------------------------------------------------
    @requires(roles.IDENTITY_READ)
    def organizations(self, network: str = "") -> tuple[OrganizationInfo, ...]:
        """Every organisation of the network."""
        network = self._networks.resolve(network)
        found = []
        keys = frozenset(self._keystore.names())
        for spec in self._networks.spec(network).organizations:
            authority = self._authority(network, spec.msp_id)
            issued = authority.issued()
            found.append(
                OrganizationInfo(
                    name=spec.name,
                    msp_id=spec.msp_id,
                    title=spec.title,
                    domain=spec.domain,
                    has_ca=authority.exists and key_name(network, spec.msp_id, "ca") in keys,
                    people=len(authority.people()),
                    revoked=sum(1 for record in issued if record.revoked_at),
                    fingerprint=shown_fingerprint(authority.ca_certificate_pem) if authority.exists else "",
                )
            )
        return tuple(found)

    @requires(roles.IDENTITY_READ)
    def list(self, network: str = "", msp_id: str = "", kind: str = "") -> tuple[IdentityRecord, ...]:
        """Every certificate of the network, or of one organisation or kind: authorities, nodes, people."""
        network = self._networks.resolve(network)
        spec = self._networks.spec(network)
        found: list[IdentityRecord] = []
        for organization in spec.organizations:
            if msp_id and organization.msp_id != msp_id:
                continue
            nodes = [node for node in spec.nodes() if node.organization.name == organization.name]
            found += self._of_organization(network, organization.msp_id, nodes)
        return tuple(record for record in found if not kind or record.kind == kind)

    @requires(roles.IDENTITY_READ)
    def get(self, label: str, network: str = "") -> IdentityRecord:
        """The person `label`; `NotFound` when there is none."""
        network = self._networks.resolve(network)
        return self._person(network, *split_label(label))

    @requires(roles.IDENTITY_READ)
    def certificate(self, label: str, network: str = "") -> bytes:
        """The person's certificate in PEM form."""
        network = self._networks.resolve(network)
        msp_id, name = split_label(label)
        return self._certificate_pem(self._authority(network, msp_id), name)

    @requires(roles.IDENTITY_READ)
    def expiring(self, network: str = "", days: int = EXPIRY_WARNING_DAYS) -> tuple[IdentityRecord, ...]:
        """What expires within `days` days (an authority's certificate within a year) or has expired, the first to end
        first; revoked ones do not count."""
        now = clock.now()
        found = [
            r
            for r in self.list(network)
            if r.state != "revoked" and r.not_after <= now + dt.timedelta(days=warning_days(r.kind, days))
        ]
        return tuple(sorted(found, key=lambda record: record.not_after))

    def signing(self, label: str, network: str = "") -> SigningIdentity:
        """The person's identity with the means to sign; `NotFound` without a key, `Unavailable` when locked.

        Somebody who is not an administrator may sign only as themselves.
        """
        from network.keys import signing_identity

        network = self._networks.resolve(network)
        msp_id, name = split_label(label)
        if not self._session.is_acting(label, network):
            self._session.require(roles.IDENTITY_ISSUE, msp_id)
        authority = self._authority(network, msp_id)
        certificate, key = self._pair_of(authority, network, name)
        with translating():
            return signing_identity(msp_id, certificate, key)

    def actor(self, label: str, network: str = "", *, signs: bool = True) -> Actor:
        """Who `label` is to the platform: roles from the certificate's `role` attribute and its NodeOU.

        Refused when revoked, expired or without a key here, so that nobody acts on a name alone. Where nothing is
        signed yet (`signs` False) the key need only be here: it may be locked.
        """
        network = self._networks.resolve(network)
        record = self._person(network, *split_label(label))
        if record.state == "expired":
            raise UserError(
                Text(
                    "身份 {label} 的证书已于 {d} 到期。",
                    "The certificate of {label} ended on {d}.",
                    label=label,
                    d=f"{record.not_after:%Y-%m-%d}",
                ),
                Text("续期：citychain identity renew {label}", "Renew: citychain identity renew {label}", label=label),
                code="identity_expired",
            )
        if record.state in {"revoked", "not_yet"}:
            raise UserError(
                Text(
                    "身份 {label} 的证书已吊销或不在有效期。",
                    "{label}'s certificate is revoked or not valid now.",
                    label=label,
                ),
                Text("请换用其他身份，或先续期。", "Act as somebody else, or renew it first."),
                code=f"identity_{record.state}",
            )
        if signs or not record.has_key:
            self._keystore.get(key_name(network, record.msp_id, record.name))
        return self._actor_of(record)

    def person_at(self, label: str, network: str) -> Actor | None:
        """Who keeps acting as `label` after a restart: also with a locked keystore or a certificate that ran out.

        None when the identity or its key is not here any more.
        """
        try:
            record = self._person(self._networks.resolve(network), *split_label(label))
        except CityChainError:
            return None
        return self._actor_of(record) if record.has_key else None

    def party(self, label: str, network: str = "") -> str:
        """How ledgers name the person whose key is kept as `label`: by their certificate."""
        from network.persons import person_of

        network = self._networks.resolve(network)
        msp_id, name = split_label(label)
        return person_of(msp_id, self._certificate_pem(self._authority(network, msp_id), name)).party

    def acting(self, network: str = "") -> Actor:
        """Who acts on a network: the acting person; for the workspace's owner, whoever came in there, if anybody."""
        network = self._networks.resolve(network)
        actor = self._session.actor
        if actor.msp_id and actor.network in ("", network):
            return actor
        desk = desk_label(self._networks.handle(network))
        return (self.person_at(desk, network) if desk else None) or actor

    def entered(self, network: str) -> Actor:
        """Who came into a network of others last."""
        label = desk_label(self._networks.handle(network))
        return self._actor_of(self._person(network, *split_label(label)))

    def _actor_of(self, record: IdentityRecord) -> Actor:
        return Actor(
            record.label,
            record.msp_id,
            record.roles,
            name=record.party.partition("/")[2],
            network=record.network,
            attributes=record.attributes,
            desk=self._networks.visiting(),
        )

    # -- inside ------------------------------------------------------------------------------------
    def _authority(self, network: str, msp_id: str) -> OrganizationCA:
        from network.material import OrganizationCA

        organization = self._networks.spec(network).organization(msp_id)
        return OrganizationCA(self._networks.folder(network), network, organization, self._keystore)

    def _pair_of(self, authority: OrganizationCA, network: str, name: str) -> tuple[bytes, bytes]:
        """Somebody's certificate and key; waits for a renewal that is between the two files."""
        from network.certificates import matches_key

        def read() -> tuple[bytes, bytes]:
            certificate = self._certificate_pem(authority, name)
            return certificate, self._keystore.get(key_name(network, authority.spec.msp_id, name))

        found = read()
        with translating():
            fits = matches_key(*found)
        if fits:
            return found
        with self._pairs:
            return read()

    def _certificate_pem(self, authority: OrganizationCA, name: str) -> bytes:
        path = authority.certificate_path(name)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            known = ", ".join(f"{authority.spec.msp_id}/{person}" for person in authority.people())
            raise NotFound(
                Text("{msp} 没有身份“{name}”。", "{msp} has no identity {name}.", msp=authority.spec.msp_id, name=name),
                Text("已有：{known}", "There are: {known}", known=known or "-"),
                code="no_identity",
            ) from None

    def _person(self, network: str, msp_id: str, name: str) -> IdentityRecord:
        authority = self._authority(network, msp_id)
        pem = self._certificate_pem(authority, name)
        journal = {record.serial: record for record in authority.issued()}
        keys = frozenset(self._keystore.names())
        return record_of(network, msp_id, name, "person", pem, journal, key_name(network, msp_id, name) in keys)

    def _of_organization(self, network: str, msp_id: str, nodes: Iterable[NodeRef]) -> Sequence[IdentityRecord]:
        authority = self._authority(network, msp_id)
        if not authority.exists:
            return []
        journal = {record.serial: record for record in authority.issued()}
        keys = frozenset(self._keystore.names())

        def record(name: str, kind: IdentityKind, pem: bytes, has_key: bool) -> IdentityRecord:
            return record_of(network, msp_id, name, kind, pem, journal, has_key)

        found = [
            record("ca", "ca", authority.ca_certificate_pem, key_name(network, msp_id, "ca") in keys),
            record("tlsca", "tlsca", authority.tls_certificate_pem, key_name(network, msp_id, "tlsca") in keys),
        ]
        for node in nodes:
            if (authority.nodes.directory(node) / "msp" / "signcerts" / "cert.pem").exists():
                found.append(record(node.name, node.kind, authority.nodes.certificate(node), True))
                found.append(record(node.name, "tls", authority.nodes.tls_certificate(node), True))
        for name in authority.people():
            has_key = key_name(network, msp_id, name) in keys
            found.append(record(name, "person", authority.certificate_path(name).read_bytes(), has_key))
        return found
