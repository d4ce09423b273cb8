"""The issuing side of coming in: invitations out, requests answered, by whoever holds an organisation's CA.

A request is the usual way: the person's key never travels. An invitation carries a key that lives three days, has no
role, and only signs the request for the real certificate; the first such request uses it up.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from baas import roles
from baas.errors import CityChainError, Conflict, Text, UserError
from baas.events import EventBus, IdentityChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.letters import ENTRY, INVITATION, REQUEST, read_letter, write_letter
from baas.roles import ROLE_ATTRIBUTE, Role, denied, parse_roles, requires
from baas.services.identity_records import (
    PERSON_DAYS,
    check_days,
    fabric_role,
    load_certificate,
    serials_of,
    split_label,
)
from baas.services.identity_requests import IdentityRequest, grant_of, key_digest, read_request
from baas.session import Session
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.services.identities import IdentityService
    from baas.services.networks import NetworkService
    from network.issued import IssuedRecord
    from network.material import OrganizationCA

INVITATION_DAYS = 3
RENEWAL_DAYS = 60
"""How long before its end a certificate is renewed at its holder's request."""


@dataclass(frozen=True)
class Answered:
    """A request that was answered: for whom, as what, and the file to send back.

    `revoked` counts older certificates; `in_force` says whether the channels refuse them already.
    """

    label: str
    roles: frozenset[Role]
    file: Path
    renewal: bool
    revoked: int
    in_force: bool = True


class InvitationService:
    """Invites people into a network of this workspace and answers their requests."""

    def __init__(
        self,
        networks: NetworkService,
        identities: IdentityService,
        keystore: Keystore,
        session: Session,
        events: EventBus,
    ) -> None:
        self._networks = networks
        self._identities = identities
        self._keystore = keystore
        self._session = session
        self._events = events

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.IDENTITY_ISSUE)
    def invite(
        self,
        label: str,
        target: Path,
        passphrase: str,
        role: str = "client",
        attributes: Mapping[str, str] | None = None,
        *,
        network: str = "",
    ) -> Path:
        """Write an invitation for somebody who shall become `label`; returns the file.

        It is sealed under `passphrase` and used up by the first request made with it, or by its end in three days.
        """
        msp_id, name = split_label(label)
        self._session.require(roles.IDENTITY_ISSUE, msp_id)
        network = self._networks.resolve(network)
        self._networks.require_origin(network, Text("不能邀请他人加入", "nobody is invited to it"))
        authority = self._authority(network, msp_id)
        _, merged = fabric_role(role, attributes or {})
        self._check_grant(parse_roles(merged.get(ROLE_ATTRIBUTE, "")))
        note = json.dumps({"role": role, "attributes": dict(attributes or {})}, ensure_ascii=False)
        with self._keystore.moment:
            self._check_free(authority, name)
            issued = authority.persons.invite(name, INVITATION_DAYS, note)
        body = self._entry(network, msp_id, issued.certificate_pem) | {"key": issued.private_key_pem.decode()}
        return write_letter(target, INVITATION, body, passphrase)

    def read(self, source: Path) -> IdentityRequest:
        """Look at a request before it is answered; `UserError` unless it is whole."""
        letter = read_letter(source)
        if letter.kind != REQUEST:
            raise UserError(
                Text("{f} 不是身份申请。", "{f} is no request for an identity.", f=source.name), code="not_a_request"
            )
        return read_request(letter)

    @requires(roles.IDENTITY_ISSUE)
    def answer(
        self,
        source: Path,
        target: Path,
        label: str = "",
        role: str = "",
        attributes: Mapping[str, str] | None = None,
        *,
        days: int = PERSON_DAYS,
        network: str = "",
        replace: bool = False,
        ctx: JobContext = NULL_CONTEXT,
    ) -> Answered:
        """Certify the key of a request and write the entry that its sender goes in with.

        By an invitation or the person's present certificate the request says who sends it; `role` and attributes are
        then those of the invitation or certificate. Otherwise the office knows who asked, and names the role. A name
        that was ever given is refused; with `replace` (a lost key) the same person gets a new certificate and every
        older one is revoked first. The same request answered again gives the same certificate.
        """
        request = self.read(source)
        network = self._networks.resolve(network)
        msp_id = self._msp_of(network, label, request)
        self._session.require(roles.IDENTITY_ISSUE, msp_id)
        check_days(days)
        authority = self._authority(network, msp_id)
        _check_name(request.name, label)
        with self._keystore.moment:
            again = self._answered_before(authority, request)
            if again is not None:
                file = write_letter(target, ENTRY, self._entry(network, msp_id, again))
                return Answered(f"{msp_id}/{request.name}", self._roles(network, msp_id, request.name), file, False, 0)
            shown = self._shown(authority, request)
            old: tuple[str, ...] = ()
            renewal = False
            if shown is not None and shown.invitation:
                self._check_invitation(authority, shown)
                role, given = grant_of(shown.invitation)
                old = (shown.serial,)
            elif shown is not None:
                renewal = True
                role, given = self._check_renewal(network, msp_id, shown)
            else:
                given = dict(attributes or {})
                if not replace:
                    self._check_free(authority, request.name)
                elif authority.certificate_path(request.name).exists():
                    record = self._identities.get(f"{msp_id}/{request.name}", network)
                    if not role:
                        role, given = _role_words(record.ou, record.attributes)
                    old = serials_of(authority, request.name)
            if not role:
                raise UserError(
                    Text("请指定角色。", "Name the role."),
                    Text("例如 --role creator", "For example --role creator"),
                    code="no_role",
                )
            ou, merged = fabric_role(role, given)
            self._check_grant(parse_roles(merged.get(ROLE_ATTRIBUTE, "")))
            if old:
                authority.revoke(*old)
            certificate = authority.persons.certify(request.name, ou, request.public_key, merged, days=days)
            file = write_letter(target, ENTRY, self._entry(network, msp_id, certificate))
        in_force = not old or self._publish(network, msp_id, ctx)
        granted = parse_roles(merged.get(ROLE_ATTRIBUTE, ""))
        self._networks.disconnect(network)
        self._events.publish(IdentityChanged(f"{msp_id}/{request.name}", "renewed" if renewal else "issued"))
        return Answered(f"{msp_id}/{request.name}", granted, file, renewal, len(old), in_force)

    @requires(roles.IDENTITY_READ)
    def organization_of(self, network: str, request: IdentityRequest) -> str:
        """The organisation of a network that a request is for; `UserError` when it does not say."""
        return self._msp_of(network, "", request)

    @requires(roles.IDENTITY_READ)
    def answered(self, network: str, msp_id: str, request: IdentityRequest) -> bool:
        """Whether a request's key has a certificate of the organisation that is in force."""
        return self._answered_before(self._networks.handle(network).authority(msp_id), request) is not None

    @requires(roles.IDENTITY_READ)
    def open_for(self, label: str, network: str = "") -> bool:
        """Whether nobody came in under a name yet and an invitation for it is out."""
        msp_id, name = split_label(label)
        network = self._networks.resolve(network)
        if all(o.msp_id != msp_id for o in self._networks.spec(network).organizations):
            return False
        authority = self._networks.handle(network).authority(msp_id)
        return not authority.certificate_path(name).exists() and any(
            r.name == name and r.invitation and not r.revoked_at for r in authority.issued()
        )

    @requires(roles.IDENTITY_REVOKE)
    def withdraw(self, label: str, *, network: str = "", ctx: JobContext = NULL_CONTEXT) -> int:
        """Revoke the open invitations of a name; returns how many there were."""
        msp_id, name = split_label(label)
        self._session.require(roles.IDENTITY_REVOKE, msp_id)
        network = self._networks.resolve(network)
        authority = self._authority(network, msp_id)
        with self._keystore.moment:
            serials = [r.serial for r in authority.issued() if r.name == name and r.invitation and not r.revoked_at]
            if serials:
                authority.revoke(*serials)
        if serials:
            self._publish(network, msp_id, ctx)
        return len(serials)

    # -- inside ------------------------------------------------------------------------------------
    def _publish(self, network: str, msp_id: str, ctx: JobContext) -> bool:
        """Take the list of revoked certificates into the channels; a network at rest is no obstacle to an answer."""
        try:
            self._identities.publish_revocations(msp_id, network, ctx=ctx)
        except CityChainError as error:
            ctx.log(Text("吊销尚未写入通道：{e}", "The revocation is not in force yet: {e}", e=error.message))
            return False
        return True

    def _authority(self, network: str, msp_id: str) -> OrganizationCA:
        authority = self._networks.handle(network).authority(msp_id)
        authority.signing  # noqa: B018 - raises when this workspace does not hold the organisation's CA
        return authority

    def _msp_of(self, network: str, label: str, request: IdentityRequest) -> str:
        if label:
            return split_label(label)[0]
        known = [o.msp_id for o in self._networks.spec(network).organizations]
        if request.msp_id in known:
            return request.msp_id
        here = [o.msp_id for o in self._identities.organizations(network) if o.has_ca]
        if len(here) == 1 and not request.msp_id:
            return here[0]
        example = f"{(here or known)[0]}/{request.name}"
        raise UserError(
            Text("申请没有写明本网络的组织。", "The request names no organisation of this network."),
            Text(
                "请写明 MSP/名称，例如 {l}",
                "Name it as MSP/name, for example {l}",
                l=example,
            ),
            code="no_organization",
        )

    def _answered_before(self, authority: OrganizationCA, request: IdentityRequest) -> bytes | None:
        path = authority.certificate_path(request.name)
        if not path.exists():
            return None
        pem = path.read_bytes()
        same = key_digest(cast(Any, load_certificate(pem).public_key())) == request.digest
        revoked = {r.serial for r in authority.issued() if r.revoked_at}
        return pem if same and f"{load_certificate(pem).serial_number:x}" not in revoked else None

    def _shown(self, authority: OrganizationCA, request: IdentityRequest) -> IssuedRecord | None:
        """The journal's entry of the certificate that a request shows; `UserError` when it is not ours or another's."""
        if not request.certificate_pem:
            return None
        serial = f"{load_certificate(request.certificate_pem).serial_number:x}"
        found = next((r for r in authority.issued() if r.serial == serial and r.kind == "enrolment"), None)
        certificate = load_certificate(request.certificate_pem)
        try:
            certificate.verify_directly_issued_by(load_certificate(authority.ca_certificate_pem))
        except Exception as error:
            raise _foreign(authority) from error
        if found is None or found.name != request.name:
            raise _foreign(authority)
        if found.revoked_at:
            used = found.invitation and authority.certificate_path(found.name).exists()
            raise Conflict(
                Text("这份邀请已经用过了。", "This invitation has been used already.")
                if used
                else Text("申请所用的证书已被吊销。", "The certificate that signed the request is revoked."),
                Text("请确认是谁用的；需要时重新邀请。", "Find out who used it; invite the person anew if need be."),
                code="invitation_used" if used else "certificate_revoked",
            )
        if dt.datetime.fromisoformat(found.not_after) < clock.now():
            raise Conflict(
                Text(
                    "申请所用的邀请或证书已过期。",
                    "The invitation or certificate of the request has expired.",
                ),
                Text("请重新邀请，或以新的申请换发。", "Invite the person anew, or answer a new request."),
                code="certificate_expired",
            )
        return found

    def _check_invitation(self, authority: OrganizationCA, shown: IssuedRecord) -> None:
        if authority.certificate_path(shown.name).exists():
            raise Conflict(
                Text("这份邀请已经用过了。", "This invitation has been used already."),
                Text("请确认是谁用的；需要时重新邀请。", "Find out who used it; invite the person anew if need be."),
                code="invitation_used",
            )

    def _check_renewal(self, network: str, msp_id: str, shown: IssuedRecord) -> tuple[str, dict[str, str]]:
        record = self._identities.get(f"{msp_id}/{shown.name}", network)
        if record.serial != shown.serial:
            raise Conflict(
                Text("申请是用较早的证书签名的。", "The request is signed with an earlier certificate."),
                Text("请用现在的证书申请续期。", "Renew with the present certificate."),
                code="older_certificate",
            )
        if record.days_left > RENEWAL_DAYS:
            raise Conflict(
                Text(
                    "证书还有 {n} 天到期，到期前 {d} 天内才能续期。",
                    "The certificate has {n} days left; it is renewed within {d} days of its end.",
                    n=record.days_left,
                    d=RENEWAL_DAYS,
                ),
                Text("如密钥已丢失，请以新的申请换发。", "If the key is lost, answer a new request by replacing."),
                code="renewal_early",
            )
        return _role_words(record.ou, record.attributes)

    def _check_free(self, authority: OrganizationCA, name: str) -> None:
        """Names are given once: also those of the organisation's nodes and of people who have left."""
        now = clock.now()
        taken = authority.certificate_path(name).exists() or any(
            r.name == name and not (r.invitation and (r.revoked_at or dt.datetime.fromisoformat(r.not_after) < now))
            for r in authority.issued()
        )
        if taken:
            raise Conflict(
                Text("{m} 已有身份“{n}”。", "{m} already has an identity {n}.", m=authority.spec.msp_id, n=name),
                Text(
                    "请换一个名称；同一人丢失密钥时，换发并吊销旧证书。",
                    "Choose another name; for the same person's lost key, replace it and revoke the old one.",
                ),
                code="identity_exists",
            )

    def _check_grant(self, granted: frozenset[Role]) -> None:
        if Role.PLATFORM_ADMIN in granted and Role.PLATFORM_ADMIN not in self._session.roles:
            raise denied(roles.GRANT_PLATFORM_ADMIN, self._session.actor.label, self._session.roles)

    def _roles(self, network: str, msp_id: str, name: str) -> frozenset[Role]:
        return self._identities.get(f"{msp_id}/{name}", network).roles

    def _entry(self, network: str, msp_id: str, certificate_pem: bytes) -> dict[str, Any]:
        from network.profile import connection_profile

        return {
            "network": network,
            "msp_id": msp_id,
            "certificate": certificate_pem.decode(),
            "profile": connection_profile(self._networks.handle(network), msp_id),
        }


def _role_words(ou: str, attributes: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The role word and the other attributes of a certificate, as `fabric_role` takes them."""
    rest = {k: v for k, v in attributes.items() if k != ROLE_ATTRIBUTE}
    return attributes.get(ROLE_ATTRIBUTE, "") or (ou if ou in {"client", "admin"} else "client"), rest


def _check_name(name: str, label: str) -> None:
    from network.persons import fit_name

    if not fit_name(name):
        raise UserError(
            Text("申请的名称“{n}”不可用。", "The request's name {n} cannot be used.", n=name[:70]),
            Text("请申请人换一个名称。", "Have the person choose another name."),
            code="bad_name",
        )
    if label and split_label(label)[1] != name:
        raise UserError(
            Text("申请是“{n}”的，不是 {l} 的。", "The request is for {n}, not for {l}.", n=name, l=label),
            code="not_their_name",
        )


def _foreign(authority: OrganizationCA) -> UserError:
    return UserError(
        Text(
            "申请出示的证书不是 {m} 签发给此人的。",
            "The certificate that the request shows was not issued to this person by {m}.",
            m=authority.spec.msp_id,
        ),
        code="foreign_certificate",
    )
