"""Certificates as records: whose, what for, until when, in which state; and names of identities and roles.

A label is "MSP/name", as in "HospitalMSP/nurse".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from baas.errors import Text, UserError
from baas.roles import ROLE_ATTRIBUTE, ROLE_TITLES, Role, parse_roles
from fabric_sdk import clock

if TYPE_CHECKING:
    from cryptography import x509

    from network.issued import IssuedRecord
    from network.material import OrganizationCA

IdentityKind = Literal["ca", "tlsca", "person", "peer", "orderer", "tls"]
IdentityState = Literal["valid", "expiring", "expired", "revoked", "not_yet"]
FabricRole = Literal["client", "admin", "peer", "orderer"]
EXPIRY_WARNING_DAYS = 30
AUTHORITY_WARNING_DAYS = 365
PERSON_DAYS = 365


@dataclass(frozen=True)
class IdentityRecord:
    """One certificate that matters. Times are aware UTC; `fingerprint` is SHA-256 of the DER form in hex.

    `label` names the key in this workspace; `party` is who the certificate says (`MSP/common name`), as ledgers name
    them. `renewable` says whether this workspace holds the authority that could renew it; `imported` whether that
    authority is somebody else's.
    """

    label: str
    party: str
    network: str
    msp_id: str
    name: str
    kind: IdentityKind
    ou: str
    roles: frozenset[Role]
    attributes: Mapping[str, str]
    subject: str
    issuer: str
    serial: str
    fingerprint: str
    not_before: dt.datetime
    not_after: dt.datetime
    state: IdentityState
    revoked_at: dt.datetime | None
    has_key: bool
    renewable: bool
    imported: bool

    @property
    def days_left(self) -> int:
        """Whole days until it expires; negative afterwards."""
        return (self.not_after - clock.now()).days


@dataclass(frozen=True)
class OrganizationInfo:
    """An organisation and its authorities as this workspace holds them; `fingerprint` is its authority's."""

    name: str
    msp_id: str
    title: Text
    domain: str
    has_ca: bool
    people: int
    revoked: int
    fingerprint: str = ""


def shown_fingerprint(certificate_pem: bytes) -> str:
    """A certificate's SHA-256 in groups of eight, as it is read out on the telephone."""
    from cryptography.hazmat.primitives.hashes import SHA256

    from fabric_sdk.proof.cards import spaced

    return spaced(load_certificate(certificate_pem).fingerprint(SHA256()).hex())


def split_label(label: str) -> tuple[str, str]:
    """ "MSP/name" as its two parts; `UserError` when it is not of that form."""
    msp_id, slash, name = label.partition("/")
    if not (msp_id and slash and name):
        raise UserError(
            Text("身份应写作 MSP/名称：{label}", "An identity is written MSP/name: {label}", label=label[:80]),
            Text("例如 CopyrightMSP/admin", "For example CopyrightMSP/admin"),
            code="bad_label",
        )
    return msp_id, name


def key_name(network: str, msp_id: str, name: str) -> str:
    from network.vault import vault_name

    return vault_name(network, msp_id, name)


def fabric_role(role: str, attributes: Mapping[str, str]) -> tuple[FabricRole, dict[str, str]]:
    """Split a role word into Fabric's NodeOU and the certificate's attributes."""
    merged = dict(attributes)
    for name in merged:
        if name == ROLE_ATTRIBUTE or name.startswith("hf."):
            raise UserError(
                Text("属性“{name}”由平台填写。", "The attribute {name} is the platform's own.", name=name[:80]),
                Text(
                    "角色请用 --role 指定，其他属性请换一个名称。",
                    "Give roles as the role; name other attributes differently.",
                ),
                code="reserved_attribute",
            )
    if role in {"client", "admin"}:
        return cast(FabricRole, role), merged
    wanted = parse_roles(role)
    words = {part.strip() for part in role.split(",") if part.strip()}
    if not wanted or len(wanted) != len(words):
        known = ", ".join(["client", "admin", *sorted(ROLE_TITLES)])
        raise UserError(
            Text("没有这种角色：{role}", "There is no such role: {role}", role=role[:80]),
            Text("可用：{known}", "Roles: {known}", known=known),
            code="unknown_role",
        )
    merged[ROLE_ATTRIBUTE] = ",".join(sorted(wanted))
    return ("admin" if Role.ORGANIZATION_ADMIN in wanted else "client"), merged


def check_days(days: int) -> None:
    if not 1 <= days <= 3650:
        raise UserError(Text("有效期应为 1 到 3650 天。", "Validity is 1 to 3650 days."))


def serials_of(authority: OrganizationCA, name: str) -> tuple[str, ...]:
    """Serials of every certificate of the person that is neither revoked nor expired, renewed ones included."""
    now = clock.now()
    return tuple(
        record.serial
        for record in authority.issued()
        if record.name == name
        and record.kind == "enrolment"
        and record.role in {"client", "admin"}
        and not record.revoked_at
        and dt.datetime.fromisoformat(record.not_after) > now
    )


def load_certificate(pem: bytes) -> x509.Certificate:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise UserError(
            Text("证书文件已损坏。", "A certificate file is damaged."), code="certificate_damaged"
        ) from error


class _Written(NamedTuple):
    """What a certificate says, whoever asks."""

    serial: str
    subject: str
    issuer: str
    fingerprint: str
    not_before: dt.datetime
    not_after: dt.datetime


@lru_cache(1024)
def _read(pem: bytes) -> _Written:
    from cryptography.hazmat.primitives.hashes import SHA256

    certificate = load_certificate(pem)
    return _Written(
        f"{certificate.serial_number:x}",
        certificate.subject.rfc4514_string(),
        certificate.issuer.rfc4514_string(),
        certificate.fingerprint(SHA256()).hex(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def record_of(
    network: str,
    msp_id: str,
    name: str,
    kind: IdentityKind,
    pem: bytes,
    journal: Mapping[str, IssuedRecord],
    has_key: bool,
) -> IdentityRecord:
    from network.persons import person_of

    written = _read(pem)
    entry = journal.get(written.serial)
    revoked = dt.datetime.fromisoformat(entry.revoked_at) if entry and entry.revoked_at else None
    person = person_of(msp_id, pem)
    attributes, ou = person.attributes, person.unit
    granted = parse_roles(attributes.get(ROLE_ATTRIBUTE, ""))
    if kind == "person" and ou == "admin":
        granted |= {Role.ORGANIZATION_ADMIN}
    authority = kind in {"ca", "tlsca"}
    return IdentityRecord(
        label=f"{msp_id}/{name}",
        party=person.party,
        network=network,
        msp_id=msp_id,
        name=name,
        kind=kind,
        ou=ou,
        roles=granted,
        attributes={k: v for k, v in attributes.items() if not k.startswith("hf.")},
        subject=written.subject,
        issuer=written.issuer,
        serial=written.serial,
        fingerprint=written.fingerprint,
        not_before=written.not_before,
        not_after=written.not_after,
        state=_state(written, revoked, warning_days(kind)),
        revoked_at=revoked,
        has_key=has_key,
        renewable=kind == "person" and entry is not None and revoked is None,
        imported=not authority and entry is None,
    )


def warning_days(kind: str, days: int = EXPIRY_WARNING_DAYS) -> int:
    """How many days before its end a certificate is told of: an authority's a year, for every channel has to follow."""
    return max(days, AUTHORITY_WARNING_DAYS) if kind in {"ca", "tlsca"} else days


def _state(certificate: _Written, revoked: dt.datetime | None, days: int) -> IdentityState:
    now = clock.now()
    if revoked is not None:
        return "revoked"
    if now > certificate.not_after:
        return "expired"
    if now < certificate.not_before:
        return "not_yet"
    if certificate.not_after - now < dt.timedelta(days=days):
        return "expiring"
    return "valid"
