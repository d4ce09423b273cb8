"""Identities of a network: who has which certificate, until when, and what they may do.

The truth is in the network's own folder (organisations' authorities, their journals and lists of revoked certificates)
and in the keystore; nothing is kept twice. A label is "MSP/name", as in "HospitalMSP/nurse".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from baas import roles
from baas.errors import Conflict, Text, UserError, translating
from baas.events import IdentityChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import ROLE_ATTRIBUTE, Role, denied, parse_roles, requires
from baas.services.identity_exchange import (
    check_belongs,
    from_pkcs12,
    read_msp_folder,
    to_pkcs12,
    write_msp_folder,
)
from baas.services.identity_reading import IdentityReader
from baas.services.identity_records import (
    EXPIRY_WARNING_DAYS,
    PERSON_DAYS,
    FabricRole,
    IdentityRecord,
    OrganizationInfo,
    check_days,
    fabric_role,
    load_certificate,
    serials_of,
    split_label,
)
from baas.services.peers import wait_for_config
from baas.services.service_identities import check_service

if TYPE_CHECKING:
    from baas.services.revocations import RevokedCertificate
    from network.material import OrganizationCA


class IdentityService(IdentityReader):
    """Issues, renews, revokes, lists, exports and imports identities."""

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
        Fabric's NodeOU admin) or Fabric's own `client` or `admin`. Only a platform administrator makes another one.
        `Conflict` when the name is taken.
        """
        self._session.require(roles.IDENTITY_ISSUE, msp_id)
        network = self._networks.resolve(network)
        authority = self._authority(network, msp_id)
        ou, merged = fabric_role(role, attributes or {})
        self._check_grant(parse_roles(merged.get(ROLE_ATTRIBUTE, "")))
        check_days(days)
        with self._pairs:
            if authority.certificate_path(name).exists():
                raise _taken(msp_id, name)
            authority.persons.issue(name, ou, merged, days=days)
        label = f"{msp_id}/{name}"
        self._events.publish(IdentityChanged(label, "issued"))
        return label

    @requires(roles.IDENTITY_ISSUE)
    def issue_service(
        self,
        msp_id: str,
        name: str,
        key_file: Path,
        role: str = "client",
        attributes: Mapping[str, str] | None = None,
        *,
        days: int = PERSON_DAYS,
        network: str = "",
    ) -> str:
        """Give a program a certificate; its key goes into `key_file`, which its owner alone reads, and nowhere else.

        A program is no administrator. `Conflict` when the name is taken or the file exists.
        """
        from network.vault import write_private, write_public

        self._session.require(roles.IDENTITY_ISSUE, msp_id)
        authority = self._authority(self._networks.resolve(network), msp_id)
        unit, merged = fabric_role(role, attributes or {})
        check_service(unit, key_file)
        check_days(days)
        with self._pairs, translating():
            path = authority.certificate_path(name)
            if path.exists():
                raise _taken(msp_id, name)
            issued = authority.issue(name, unit, merged, days=days)
            write_private(key_file, issued.private_key_pem)
            write_public(path, issued.certificate_pem)
        label = f"{msp_id}/{name}"
        self._events.publish(IdentityChanged(label, "issued"))
        return label

    @requires(roles.IDENTITY_READ, quietly=True)
    def is_issued(self, msp_id: str, name: str, *, network: str = "") -> bool:
        """Whether the organisation's authority of this workspace has issued a certificate to `name`, valid or not."""
        return self._authority(self._networks.resolve(network), msp_id).certificate_path(name).exists()

    @requires(roles.IDENTITY_ISSUE, quietly=True)
    def ensure(
        self,
        msp_id: str,
        name: str,
        role: str = "client",
        attributes: Mapping[str, str] | None = None,
        *,
        network: str = "",
    ) -> str:
        """Like `issue`, but an identity that exists, is valid and has these attributes is kept as it is.

        Keeping one changes nothing and is not written down, as a page that is only looked at asks for it.
        """
        network = self._networks.resolve(network)
        label = f"{msp_id}/{name}"
        with self._pairs:
            if not self.is_issued(msp_id, name, network=network):
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
    def renew(
        self,
        label: str,
        *,
        days: int = PERSON_DAYS,
        network: str = "",
        revoke_old: bool = False,
        ctx: JobContext = NULL_CONTEXT,
    ) -> IdentityRecord:
        """Give the person a new key and certificate, same roles and attributes.

        The old certificate runs out by itself; with `revoke_old` (its key leaked) every older one is revoked in the
        channels at once.
        """
        msp_id, name = split_label(label)
        self._session.require(roles.IDENTITY_ISSUE, msp_id)
        if revoke_old:
            self._session.require(roles.IDENTITY_REVOKE, msp_id)
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
        self._check_grant(record.roles)
        with self._pairs:
            authority = self._authority(network, msp_id)
            authority.persons.issue(name, cast(FabricRole, record.ou or "client"), record.attributes, days=days)
        renewed = self._person(network, msp_id, name)
        if revoke_old:
            self._networks.forget(network)
            with self._pairs:  # a list lost by another one's would admit somebody again
                authority.revoke(*(s for s in serials_of(authority, name) if s != renewed.serial))
            self._publish_revocations(network, msp_id, ctx)
        self._networks.disconnect(network)
        self._events.publish(IdentityChanged(label, "renewed"))
        return renewed

    # -- revoking ----------------------------------------------------------------------------------
    @requires(roles.IDENTITY_REVOKE)
    def revoke(
        self, label: str, reason: str = "", *, network: str = "", ctx: JobContext = NULL_CONTEXT
    ) -> IdentityRecord:
        """Revoke a person's certificates and take the organisation's new CRL into every channel it belongs to.

        Those that a renewal left behind are revoked too. From the commit of that configuration on, every peer refuses
        them. Interrupted between the two, a second call finishes it.
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
                    "通道配置的更改由它签名；如密钥泄露，请续期并吊销旧证书（identity renew --revoke-old）。",
                    "It signs the channel's changes; if its key leaked, renew it with --revoke-old.",
                ),
                code="last_admin",
            )
        ctx.step("crl", Text("签发 {msp} 的吊销列表", "Sign {msp}'s revocation list", msp=msp_id))
        serials = {record.serial} if record.state != "revoked" else set()
        with self._pairs:
            if serials := serials | set(serials_of(authority, name)):
                authority.revoke(*sorted(serials))
        if reason:
            ctx.log(Text("吊销原因：{reason}", "Reason: {reason}", reason=reason))
        self._publish_revocations(network, msp_id, ctx)
        self._networks.disconnect(network)
        self._events.publish(IdentityChanged(label, "revoked"))
        return self._person(network, msp_id, name)

    @requires(roles.IDENTITY_READ)
    def revoked(self, network: str = "") -> tuple[RevokedCertificate, ...]:
        """Every revoked certificate, the newest first, and whether the channels refuse it."""
        from baas.services.revocations import revoked_certificates

        return revoked_certificates(self._networks, self._networks.resolve(network))

    @requires(roles.IDENTITY_REVOKE)
    def publish_revocations(self, msp_id: str, network: str = "", *, ctx: JobContext = NULL_CONTEXT) -> None:
        """Take an organisation's CRL into its channels again, after a revocation that was interrupted."""
        self._session.require(roles.IDENTITY_REVOKE, msp_id)
        network = self._networks.resolve(network)
        self._publish_revocations(network, msp_id, ctx)
        self._networks.disconnect(network)
        self._events.publish(IdentityChanged(msp_id, "revoked"))

    def _publish_revocations(self, network: str, msp_id: str, ctx: JobContext) -> None:
        from fabric_sdk.configtx.edit import msp_of, set_msp
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
            authority = self._authority(network, msp_id)

            def replace(config: Any, authority: OrganizationCA = authority) -> None:
                name, present = msp_of(config, msp_id)
                set_msp(config, name, authority.renewed_msp_config(present))

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
        self._session.require(roles.IDENTITY_EXPORT, msp_id)
        return self._take_in(msp_id, name, *from_pkcs12(data, password), network)

    @requires(roles.IDENTITY_EXPORT)
    def export_msp(self, label: str, folder: Path, network: str = "") -> Path:
        """Write the person's MSP folder into `folder`, which must be new or empty; the key in it is not encrypted."""
        write_msp_folder(*self._pair(label, network), folder)
        return folder

    @requires(roles.IDENTITY_EXPORT)
    def import_msp(self, msp_id: str, name: str, folder: Path, network: str = "") -> str:
        """Take a person's key and certificate from an MSP folder as cryptogen and Fabric CA write it."""
        self._session.require(roles.IDENTITY_EXPORT, msp_id)
        return self._take_in(msp_id, name, *read_msp_folder(msp_id, folder), network)

    def _pair(self, label: str, network: str) -> tuple[OrganizationCA, bytes, bytes]:
        """Authority, certificate and key of somebody whom the acting person may export."""
        from network.keys import require_here

        network = self._networks.resolve(network)
        msp_id, name = split_label(label)
        self._session.require(roles.IDENTITY_EXPORT, msp_id)
        authority = self._authority(network, msp_id)
        certificate, key = self._pair_of(authority, network, name)
        return authority, certificate, require_here(key, label)

    def _take_in(self, msp_id: str, name: str, certificate_pem: bytes, key_pem: bytes, network: str) -> str:
        from network.persons import kept_name, person_of

        network = self._networks.resolve(network)
        authority = self._authority(network, msp_id)
        path = authority.certificate_path(name)
        check_belongs(authority, certificate_pem)
        person = person_of(msp_id, certificate_pem)
        self._check_grant(parse_roles(person.attributes.get(ROLE_ATTRIBUTE, "")))
        if kept_name(person) != name:
            raise UserError(
                Text(
                    "证书属于 {own}，不能以 {msp}/{name} 的名称导入。",
                    "The certificate is {own}'s: it cannot be imported as {msp}/{name}.",
                    own=person.party,
                    msp=msp_id,
                    name=name,
                ),
                Text("请以证书上的名称导入：{own}", "Import it under its own name: {own}", own=person.party),
                code="not_their_name",
            )
        label = f"{msp_id}/{name}"
        with self._pairs:
            if path.exists() and _older(certificate_pem, path.read_bytes()):
                raise Conflict(
                    Text("这里已有 {l} 更新的证书。", "A newer certificate of {l} is here already.", l=label),
                    Text("请导入最近一次签发的文件。", "Import the file that was issued last."),
                    code="older_certificate",
                )
            authority.persons.keep(name, certificate_pem, key_pem)
        self._networks.disconnect(network)
        self._events.publish(IdentityChanged(label, "imported"))
        return label

    # -- inside ------------------------------------------------------------------------------------
    def _check_grant(self, granted: frozenset[Role]) -> None:
        """Nobody but a platform administrator brings another one into being, by issuing, renewing or importing."""
        if Role.PLATFORM_ADMIN in granted and Role.PLATFORM_ADMIN not in self._session.roles:
            raise denied(roles.GRANT_PLATFORM_ADMIN, self._session.actor.label, self._session.roles)


def _older(certificate_pem: bytes, kept_pem: bytes) -> bool:
    """Whether a certificate was issued before the one that is kept."""
    return load_certificate(certificate_pem).not_valid_before_utc < load_certificate(kept_pem).not_valid_before_utc


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
