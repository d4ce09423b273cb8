"""Identities of a network: who has which certificate, until when, and what they may do.

The truth is in the network's own folder (organisations' authorities, their journals and lists of revoked certificates)
and in the keystore; nothing is kept twice. A label is "MSP/name", as in "HospitalMSP/nurse".
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from baas import roles
from baas.errors import Conflict, NotFound, Text, UserError, translating
from baas.events import EventBus, IdentityChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.services.identity_exchange import (
    check_belongs,
    from_pkcs12,
    read_msp_folder,
    to_pkcs12,
    write_msp_folder,
)
from baas.services.identity_records import (
    EXPIRY_WARNING_DAYS,
    PERSON_DAYS,
    FabricRole,
    IdentityKind,
    IdentityRecord,
    OrganizationInfo,
    check_days,
    fabric_role,
    key_name,
    record_of,
    split_label,
)
from baas.services.peers import wait_for_config
from baas.session import Actor, Session

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.services.networks import NetworkService
    from fabric_sdk.identity import SigningIdentity
    from network.material import OrganizationCA
    from network.topology import NodeRef


class IdentityService:
    """Issues, renews, revokes, lists, exports and imports identities."""

    def __init__(self, networks: NetworkService, keystore: Keystore, session: Session, events: EventBus) -> None:
        self._networks = networks
        self._keystore = keystore
        self._session = session
        self._events = events
        # A key and its certificate are two files: whoever reads or writes the pair holds this.
        self._pairs = threading.RLock()

    @property
    def session(self) -> Session:
        return self._session

    # -- looking -----------------------------------------------------------------------------------
    @requires(roles.IDENTITY_READ)
    def organizations(self, network: str = "") -> tuple[OrganizationInfo, ...]:
        """Every organisation of the network."""
        network = self._networks.resolve(network)
        found = []
        for spec in self._networks.spec(network).organizations:
            authority = self._authority(network, spec.msp_id)
            issued = authority.issued()
            found.append(
                OrganizationInfo(
                    name=spec.name,
                    msp_id=spec.msp_id,
                    title=spec.title,
                    domain=spec.domain,
                    has_ca=authority.exists,
                    people=len(authority.people()),
                    revoked=sum(1 for record in issued if record.revoked_at),
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
        """What expires within `days` days or has expired, the most urgent first; revoked ones do not count."""
        limit = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
        found = [r for r in self.list(network) if r.state != "revoked" and r.not_after <= limit]
        return tuple(sorted(found, key=lambda record: record.not_after))

    def signing(self, label: str, network: str = "") -> SigningIdentity:
        """The person's identity with the means to sign; `NotFound` without a key, `Unavailable` when locked.

        Somebody who is not an administrator may sign only as themselves.
        """
        from fabric_sdk.identity import SigningIdentity

        network = self._networks.resolve(network)
        msp_id, name = split_label(label)
        if self._session.actor.label != label:
            self._session.require(roles.IDENTITY_ISSUE, msp_id)
        authority = self._authority(network, msp_id)
        with self._pairs:
            certificate = self._certificate_pem(authority, name)
            key = self._keystore.get(key_name(network, msp_id, name))
        with translating():
            return SigningIdentity.from_pem(msp_id, certificate, key)

    def actor(self, label: str, network: str = "") -> Actor:
        """Who `label` is to the platform: roles from the certificate's `role` attribute and its NodeOU.

        Refused when revoked, expired or without a key here, so that nobody acts on a name alone.
        """
        network = self._networks.resolve(network)
        record = self._person(network, *split_label(label))
        if record.state in {"revoked", "expired", "not_yet"}:
            raise UserError(
                Text(
                    "身份 {label} 的证书已吊销或不在有效期。",
                    "{label}'s certificate is revoked or not valid now.",
                    label=label,
                ),
                Text("请换用其他身份，或先续期。", "Act as somebody else, or renew it first."),
                code=f"identity_{record.state}",
            )
        self._keystore.get(key_name(network, record.msp_id, record.name))
        return Actor(label, record.msp_id, record.roles)

    # -- issuing -----------------------------------------------------------------------------------
    @requires(roles.IDENTITY_ISSUE)
    def issue(
        self,
        msp_id: str,
        name: str,
        role: str = "client",
        attributes: Mapping[str, str] | None = None,
        *,
        days: int = PERSON_DAYS,
        network: str = "",
    ) -> str:
        """Give a person a certificate and a key; return the label.

        `role` is one of the platform's roles (kept in the attribute `role`; organisation administrators also get
        Fabric's NodeOU admin) or Fabric's own `client` or `admin`. `Conflict` when the name is taken.
        """
        self._session.require(roles.IDENTITY_ISSUE, msp_id)
        network = self._networks.resolve(network)
        authority = self._authority(network, msp_id)
        ou, merged = fabric_role(role, attributes or {})
        check_days(days)
        with self._pairs:
            if authority.certificate_path(name).exists():
                raise _taken(msp_id, name)
            authority.issue_person(name, ou, merged, days=days)
        label = f"{msp_id}/{name}"
        self._events.publish(IdentityChanged(label, "issued"))
        return label

    @requires(roles.IDENTITY_ISSUE)
    def ensure(
        self,
        msp_id: str,
        name: str,
        role: str = "client",
        attributes: Mapping[str, str] | None = None,
        *,
        network: str = "",
    ) -> str:
        """Like `issue`, but an identity that exists, is valid and has these attributes is kept as it is."""
        network = self._networks.resolve(network)
        label = f"{msp_id}/{name}"
        with self._pairs:
            if not self._authority(network, msp_id).certificate_path(name).exists():
                return self.issue(msp_id, name, role, attributes, network=network)
        record = self._person(network, msp_id, name)
        _, merged = fabric_role(role, attributes or {})
        if record.state == "revoked" or any(record.attributes.get(k) != v for k, v in merged.items()):
            raise Conflict(
                Text(
                    "身份 {label} 已存在，但已吊销或属性不同。",
                    "{label} exists, but is revoked or has other attributes.",
                    label=label,
                ),
                code="identity_exists",
            )
        if record.state == "expired":
            self.renew(label, network=network)
        return label

    @requires(roles.IDENTITY_ISSUE)
    def renew(self, label: str, *, days: int = PERSON_DAYS, network: str = "") -> IdentityRecord:
        """Give the person a new key and certificate, same roles and attributes; the old one runs out by itself."""
        msp_id, name = split_label(label)
        self._session.require(roles.IDENTITY_ISSUE, msp_id)
        network = self._networks.resolve(network)
        record = self._person(network, msp_id, name)
        if record.imported:
            raise UserError(
                Text(
                    "{label} 由外部 CA 签发，不能在此续期。",
                    "{label} was issued elsewhere and cannot be renewed here.",
                    label=label,
                ),
                Text("请向签发方续期后重新导入。", "Have its issuer renew it, then import it again."),
            )
        if record.state == "revoked":
            raise Conflict(
                Text("{label} 已被吊销，不能续期。", "{label} is revoked and cannot be renewed.", label=label),
                Text("请签发一个新身份。", "Issue a new identity."),
            )
        check_days(days)
        kept = {k: v for k, v in record.attributes.items() if not k.startswith("hf.")}
        with self._pairs:
            authority = self._authority(network, msp_id)
            authority.issue_person(name, cast(FabricRole, record.ou or "client"), kept, days=days)
        self._networks.disconnect(network)
        self._events.publish(IdentityChanged(label, "renewed"))
        return self._person(network, msp_id, name)

    # -- revoking ----------------------------------------------------------------------------------
    @requires(roles.IDENTITY_REVOKE)
    def revoke(
        self, label: str, reason: str = "", *, network: str = "", ctx: JobContext = NULL_CONTEXT
    ) -> IdentityRecord:
        """Revoke a person's certificate and take the organisation's new CRL into every channel it belongs to.

        From the commit of that configuration on, every peer refuses the certificate. Interrupted between the two, a
        second call finishes it.
        """
        msp_id, name = split_label(label)
        self._session.require(roles.IDENTITY_REVOKE, msp_id)
        network = self._networks.resolve(network)
        authority = self._authority(network, msp_id)
        record = self._person(network, msp_id, name)
        if name == "admin":
            raise UserError(
                Text("不能吊销组织的首任管理员。", "An organisation's first administrator cannot be revoked."),
                Text(
                    "通道配置的更改由它签名；如密钥泄露请续期。",
                    "It signs the channel's changes; renew it if its key leaked.",
                ),
                code="last_admin",
            )
        ctx.step("crl", Text("签发 {msp} 的吊销列表", "Sign {msp}'s revocation list", msp=msp_id))
        if record.state != "revoked":
            authority.revoke(record.serial)
        if reason:
            ctx.log(Text("吊销原因：{reason}", "Reason: {reason}", reason=reason))
        self._publish_revocations(network, msp_id, ctx)
        self._networks.disconnect(network)
        self._events.publish(IdentityChanged(label, "revoked"))
        return self._person(network, msp_id, name)

    def _publish_revocations(self, network: str, msp_id: str, ctx: JobContext) -> None:
        from fabric_sdk.configtx.edit import set_msp
        from network.config_updates import ChannelUpdater

        handle = self._networks.handle(network)
        spec = self._networks.spec(network)
        organization = spec.organization(msp_id)
        for channel in spec.channels:
            member = organization.name in channel.organizations or organization.orderers
            if not member:
                continue
            ctx.check_cancelled()
            ctx.step(
                f"config-{channel.name}",
                Text("更新通道 {c} 的配置", "Update the configuration of channel {c}", c=channel.name),
            )
            definition = self._authority(network, msp_id).msp_config().SerializeToString(deterministic=True)

            def replace(config: Any, definition: bytes = definition) -> None:
                set_msp(config, organization.name, definition)

            with translating():
                updater = ChannelUpdater(handle, channel.name)
                updater.submit(replace)
                wait_for_config(handle, channel.name, int(updater.config().sequence))

    # -- carrying ----------------------------------------------------------------------------------
    @requires(roles.IDENTITY_EXPORT)
    def export_pkcs12(self, label: str, password: str, network: str = "") -> bytes:
        """The person's key, certificate and CA as a PKCS#12 file, encrypted under `password` (8 characters or more)."""
        authority, certificate, key = self._pair(label, network)
        return to_pkcs12(label, certificate, key, authority.ca_certificate_pem, password)

    @requires(roles.IDENTITY_EXPORT)
    def import_pkcs12(self, msp_id: str, name: str, data: bytes, password: str, network: str = "") -> str:
        """Take a person's key and certificate from a PKCS#12 file; return the label."""
        return self._take_in(msp_id, name, *from_pkcs12(data, password), network)

    @requires(roles.IDENTITY_EXPORT)
    def export_msp(self, label: str, folder: Path, network: str = "") -> Path:
        """Write the person's MSP folder into `folder`, which must be new or empty; the key in it is not encrypted."""
        write_msp_folder(*self._pair(label, network), folder)
        return folder

    @requires(roles.IDENTITY_EXPORT)
    def import_msp(self, msp_id: str, name: str, folder: Path, network: str = "") -> str:
        """Take a person's key and certificate from an MSP folder as cryptogen and Fabric CA write it."""
        return self._take_in(msp_id, name, *read_msp_folder(msp_id, folder), network)

    def _pair(self, label: str, network: str) -> tuple[OrganizationCA, bytes, bytes]:
        """Authority, certificate and key of somebody whom the acting person may export."""
        network = self._networks.resolve(network)
        msp_id, name = split_label(label)
        self._session.require(roles.IDENTITY_EXPORT, msp_id)
        authority = self._authority(network, msp_id)
        with self._pairs:
            certificate = self._certificate_pem(authority, name)
            return authority, certificate, self._keystore.get(key_name(network, msp_id, name))

    def _take_in(self, msp_id: str, name: str, certificate_pem: bytes, key_pem: bytes, network: str) -> str:
        from network.vault import write_public

        self._session.require(roles.IDENTITY_EXPORT, msp_id)
        network = self._networks.resolve(network)
        authority = self._authority(network, msp_id)
        path = authority.certificate_path(name)
        if path.exists():
            raise _taken(msp_id, name)
        check_belongs(authority, certificate_pem)
        with self._pairs:
            self._keystore.put(key_name(network, msp_id, name), key_pem)
            write_public(path, certificate_pem)
        label = f"{msp_id}/{name}"
        self._events.publish(IdentityChanged(label, "imported"))
        return label

    # -- inside ------------------------------------------------------------------------------------
    def _authority(self, network: str, msp_id: str) -> OrganizationCA:
        from network.material import OrganizationCA

        organization = self._networks.spec(network).organization(msp_id)
        return OrganizationCA(self._networks.folder(network), network, organization, self._keystore)

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
            if (authority.node_directory(node) / "msp" / "signcerts" / "cert.pem").exists():
                found.append(record(node.name, node.kind, authority.node_certificate(node), True))
                found.append(record(node.name, "tls", authority.node_tls_certificate(node), True))
        for name in authority.people():
            has_key = key_name(network, msp_id, name) in keys
            found.append(record(name, "person", authority.certificate_path(name).read_bytes(), has_key))
        return found


def _taken(msp_id: str, name: str) -> Conflict:
    return Conflict(
        Text("{msp} 已有身份“{name}”。", "{msp} already has an identity {name}.", msp=msp_id, name=name),
        Text("请换一个名称，或为它续期。", "Choose another name, or renew it."),
        code="identity_exists",
    )


__all__ = [
    "EXPIRY_WARNING_DAYS",
    "IdentityRecord",
    "IdentityService",
    "OrganizationInfo",
    "split_label",
]
