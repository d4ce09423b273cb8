"""X.509 as Fabric wants it: a certificate authority, certificates with roles and attributes, revocation lists.

Keys are ECDSA P-256. Every signature is made low-S, as Fabric's MSP demands of identities (msp/cert.go re-encodes the
others, and then two byte strings name one identity). Roles are organisational units (NodeOUs); attributes use
Fabric CA's extension 1.2.3.4.5.6.7.8.1.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fabric_sdk import clock
from network.errors import Conflict
from network.keys import key_to_pem, open_key, public_half
from network.text import Text

Role = Literal["client", "peer", "admin", "orderer"]

ATTRIBUTES_OID = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")
CA_DAYS = 15 * 365
NODE_DAYS = 3 * 365
PERSON_DAYS = 365
_HALF_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551 // 2
_BACKDATE = dt.timedelta(minutes=5)
_WITHIN = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Issued:
    """A certificate and, when the authority made it, its private key (PKCS#8 PEM, never shown)."""

    certificate_pem: bytes
    private_key_pem: bytes

    def __repr__(self) -> str:
        return f"Issued(serial={certificate_serial(self.certificate_pem)})"

    @property
    def certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate_pem)


@dataclass(frozen=True)
class Revocation:
    """One revoked certificate: serial number and when."""

    serial: int
    at: dt.datetime


class CertificateAuthority:
    """One CA: its certificate and its key."""

    def __init__(self, certificate_pem: bytes, private_key_pem: bytes, known_until: dt.datetime | None = None) -> None:
        """`known_until`: the end of the certificate by which channels still know this authority, if it is another."""
        self._known_until = known_until
        self.certificate_pem = certificate_pem
        self.certificate = x509.load_pem_x509_certificate(certificate_pem)
        self._key = open_key(private_key_pem)

    def __repr__(self) -> str:
        return f"CertificateAuthority({self.certificate.subject.rfc4514_string()})"

    @classmethod
    def create(
        cls,
        common_name: str,
        organization: str,
        days: int = CA_DAYS,
        *,
        subject: x509.Name | None = None,
        kept: bytes = b"",
    ) -> tuple[CertificateAuthority, bytes]:
        """Make a self-signed CA; return it and its key for the vault: `kept`, else a new one as PKCS#8 PEM.

        `subject` replaces both names.
        """
        pem = kept or key_to_pem(ec.generate_private_key(ec.SECP256R1()))
        key = open_key(pem)
        now = clock.now()
        name = subject or _name(common_name, organization)
        made = _self_signed(key, name, now - _BACKDATE, now + dt.timedelta(days=days))
        return cls(made, pem), pem

    def renewed(self, days: int = CA_DAYS) -> bytes:
        """A new certificate (PEM) of the same authority: same name and key, from the present one's beginning on.

        The beginning stays, so that what was issued under the old certificate stays within the new one's dates.
        """
        end = clock.now() + dt.timedelta(days=days)
        return _self_signed(self._key, self.certificate.subject, self.certificate.not_valid_before_utc, end)

    def vouch(self, other: x509.Certificate) -> bytes:
        """Certify another authority's key (PEM): who trusts this one follows the other too; b"" when this has ended."""
        now = clock.now()
        end = min(self.certificate.not_valid_after_utc, other.not_valid_after_utc)
        begin = max(self.certificate.not_valid_before_utc, other.not_valid_before_utc)
        public_key = other.public_key()
        if end <= max(now, begin) or not isinstance(public_key, ec.EllipticCurvePublicKey):
            return b""
        return _authority(self._key, self.certificate.subject, other.subject, public_key, begin, end)

    def sign(self, message: bytes) -> bytes:
        """Sign a statement in the authority's own name (ECDSA over SHA-256)."""
        return self._key.sign(message, ec.ECDSA(hashes.SHA256()))

    def issue(
        self,
        common_name: str,
        *,
        role: Role | None = None,
        organization: str = "",
        attributes: Mapping[str, str] | None = None,
        sans: Sequence[str] = (),
        days: int = NODE_DAYS,
        tls: bool = False,
        units: Sequence[str] = (),
    ) -> Issued:
        """Make a key and a certificate for it; `sans` are host names or IP addresses, `days` its validity."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.certify(
            key.public_key(),
            common_name,
            role=role,
            organization=organization,
            attributes=attributes,
            sans=sans,
            days=days,
            tls=tls,
            units=units,
        )
        return Issued(certificate, key_to_pem(key))

    def certify(
        self,
        public_key: ec.EllipticCurvePublicKey,
        common_name: str,
        *,
        role: Role | None = None,
        organization: str = "",
        attributes: Mapping[str, str] | None = None,
        sans: Sequence[str] = (),
        days: int = NODE_DAYS,
        tls: bool = False,
        units: Sequence[str] = (),
        subject: x509.Name | None = None,
        since: dt.datetime | None = None,
    ) -> bytes:
        """Return the PEM certificate of somebody else's public key (for requests and renewals with the same key).

        `subject` is the whole subject where names, role and units are not to make it; `since` lets it begin earlier.
        """
        now = clock.now()
        end = min(now + dt.timedelta(days=days), self.certificate.not_valid_after_utc)
        begin = max(now - _BACKDATE, self.certificate.not_valid_before_utc)
        if self._known_until is not None:
            first = self.certificate.not_valid_before_utc
            begin = min(begin, max(self._known_until - _WITHIN, first))
        if since is not None:
            begin = min(begin, max(since, self.certificate.not_valid_before_utc))
        if self.certificate.not_valid_after_utc <= now:
            raise _ended(self.certificate)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject or _name(common_name, organization, (*([role] if role else []), *units)))
            .issuer_name(self.certificate.subject)
            .public_key(public_key)
            .serial_number(_serial())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(ca=False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if tls:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                critical=False,
            )
        if sans:
            builder = builder.add_extension(_alternative_names(sans), critical=False)
        if attributes:
            raw = json.dumps({"attrs": dict(attributes)}, ensure_ascii=False, separators=(",", ":")).encode()
            builder = builder.add_extension(x509.UnrecognizedExtension(ATTRIBUTES_OID, raw), critical=False)
        return _sign_low_s(builder, self._key).public_bytes(serialization.Encoding.PEM)

    def revocation_list(self, revoked: Iterable[Revocation], days: int = CA_DAYS) -> bytes:
        """Return a PEM CRL of `revoked`, signed by this CA."""
        now = clock.now()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - _BACKDATE)
            .next_update(now + dt.timedelta(days=days))
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
        )
        for entry in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(entry.serial).revocation_date(entry.at).build()
            )
        while True:
            crl = builder.sign(self._key, hashes.SHA256())
            if _is_low_s(crl.signature):
                return crl.public_bytes(serialization.Encoding.PEM)


def _ended(authority: x509.Certificate) -> Conflict:
    name = authority.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Conflict(
        Text(
            "证书机构 {n} 自己的证书已于 {d} 到期，不能再签发。",
            "The certificate of the authority {n} itself ended on {d}; it issues nothing any more.",
            n=str(name[0].value) if name else "CA",
            d=f"{authority.not_valid_after_utc:%Y-%m-%d}",
        ),
        Text("请先续期：citychain network renew", "Renew it first: citychain network renew"),
        code="authority_ended",
    )


def _self_signed(key: ec.EllipticCurvePrivateKey, subject: x509.Name, begin: dt.datetime, end: dt.datetime) -> bytes:
    return _authority(key, subject, subject, key.public_key(), begin, end)


def _authority(
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    subject: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    begin: dt.datetime,
    end: dt.datetime,
) -> bytes:
    """An authority's certificate, signed by `issuer` with `key`."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(_serial())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_key_usage(ca=True), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
    if issuer != subject:
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
        builder = builder.add_extension(own, critical=False)
    return _sign_low_s(builder, key).public_bytes(serialization.Encoding.PEM)


def certificate_serial(pem: bytes) -> str:
    """Return a certificate's serial number in lower-case hexadecimal."""
    return f"{x509.load_pem_x509_certificate(pem).serial_number:x}"


def certificate_attributes(certificate: x509.Certificate) -> dict[str, str]:
    """Return the Fabric CA attributes of a certificate; empty when it has none."""
    try:
        extension = certificate.extensions.get_extension_for_oid(ATTRIBUTES_OID).value
    except x509.ExtensionNotFound:
        return {}
    if not isinstance(extension, x509.UnrecognizedExtension):
        return {}
    try:
        attributes = json.loads(extension.value)["attrs"]
    except (ValueError, KeyError, TypeError):
        return {}
    return {str(k): str(v) for k, v in attributes.items()} if isinstance(attributes, dict) else {}


def matches_key(certificate_pem: bytes, private_key_pem: bytes) -> bool:
    """Say whether a certificate is for this private key, as a vault keeps it; False for anything unreadable."""
    try:
        return public_half(private_key_pem) == x509.load_pem_x509_certificate(certificate_pem).public_key()
    except (ValueError, TypeError):
        return False


def same_public_key(left_pem: bytes, right_pem: bytes) -> bool:
    """Say whether two certificates are for one key; False for anything unreadable."""
    try:
        left, right = (x509.load_pem_x509_certificate(pem).public_key() for pem in (left_pem, right_pem))
    except ValueError:
        return False
    return left == right


def _sign_low_s(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    while True:
        certificate = builder.sign(key, hashes.SHA256())
        if _is_low_s(certificate.signature):
            return certificate


def _is_low_s(signature: bytes) -> bool:
    return decode_dss_signature(signature)[1] <= _HALF_ORDER


def _serial() -> int:
    return int.from_bytes(os.urandom(16)) >> 1


def _name(common_name: str, organization: str, units: Sequence[str] = ()) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "CN")]
    if organization:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    attributes += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
    attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    return x509.Name(attributes)


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative_names(sans: Sequence[str]) -> x509.SubjectAlternativeName:
    names: list[x509.GeneralName] = []
    for san in dict.fromkeys(sans):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(san)))
        except ValueError:
            names.append(x509.DNSName(san))
    return x509.SubjectAlternativeName(names)
