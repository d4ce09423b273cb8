"""Certificates of the office's seals: a root, a seal for each registrar under it, and the office's own stamp.

The stamp says what the office's clock says, no more; it stands in while no time-stamp authority is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fabric_sdk import clock

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

ROOT_DAYS = 20 * 365
SEAL_DAYS = 3 * 365
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"
"""id-kp-documentSigning, RFC 9336."""


@dataclass(frozen=True)
class Sealed:
    """A private key with its certificate (PEM)."""

    key: Any
    certificate_pem: bytes

    def __repr__(self) -> str:
        return "Sealed()"


def make_root(name: str, organization: str, key: EllipticCurvePrivateKey) -> Sealed:
    """A seal root: self-signed, for certificates only."""
    from cryptography import x509

    subject = _name(name, organization)
    builder = _builder(subject, subject, key.public_key(), ROOT_DAYS)
    usage = _usage(key_cert_sign=True, crl_sign=True)
    builder = builder.add_extension(usage, critical=True)
    return Sealed(key, _signed(builder, key.public_key(), key, x509.BasicConstraints(True, 0)))


def new_stamp_key() -> RSAPrivateKey:
    """The key of the stamp beside a seal: RSA, because pyHanko's stamper without a server knows nothing else."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def requests_of(officer: str, name: str, own: EllipticCurvePrivateKey, stamp: RSAPrivateKey) -> dict[str, str]:
    """What a registrar asks the office's administrator: two certificate requests (PEM); the keys stay here."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    builder = x509.CertificateSigningRequestBuilder().subject_name(_name(officer, name))
    keys: dict[str, EllipticCurvePrivateKey | RSAPrivateKey] = {"seal": own, "stamp": stamp}
    return {n: builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode() for n, key in keys.items()}


def answer_requests(name: str, officer: str, requests: Mapping[str, str], root: Sealed) -> dict[str, str]:
    """The certificates for a registrar's requests under the root, PEM: `root`, `seal`, `stamp`."""
    from cryptography import x509

    seal, stamp = (x509.load_pem_x509_csr(requests[part].encode()).public_key() for part in ("seal", "stamp"))
    return {
        "root": root.certificate_pem.decode(),
        "seal": _seal_for(name, officer, seal, root).decode(),
        "stamp": _stamp_for(name, stamp, root).decode(),
    }


def issue(name: str, officer: str, root: Sealed, key: EllipticCurvePrivateKey) -> Sealed:
    """A registrar's seal under the root: the office as organisation, the officer as common name."""
    return Sealed(key, _seal_for(name, officer, key.public_key(), root))


def _seal_for(name: str, officer: str, public: Any, root: Sealed) -> bytes:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    above = x509.load_pem_x509_certificate(root.certificate_pem)
    builder = _builder(_name(officer, name), above.subject, public, SEAL_DAYS, above=above)
    extended = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, x509.ObjectIdentifier(DOCUMENT_SIGNING)])
    builder = builder.add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
    builder = builder.add_extension(extended, critical=False)
    return _signed(builder, public, root.key, x509.BasicConstraints(False, None))


def issue_stamp(name: str, root: Sealed) -> Sealed:
    """The office's own time-stamp under the root: it says what the office's clock says, no more."""
    key = new_stamp_key()
    return Sealed(key, _stamp_for(name, key.public_key(), root))


def _stamp_for(name: str, public: Any, root: Sealed) -> bytes:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    above = x509.load_pem_x509_certificate(root.certificate_pem)
    builder = _builder(_name(f"{name} 自有时间戳"[:64], name), above.subject, public, SEAL_DAYS, above=above)
    builder = builder.add_extension(_usage(digital_signature=True), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return _signed(builder, public, root.key, x509.BasicConstraints(False, None))


def _name(common: str, organization: str) -> x509.Name:
    from cryptography import x509

    attributes = ((x509.NameOID.COMMON_NAME, common), (x509.NameOID.ORGANIZATION_NAME, organization))
    return x509.Name([x509.NameAttribute(kind, value[:64]) for kind, value in attributes])


def _usage(**wanted: bool) -> x509.KeyUsage:
    from cryptography import x509

    names = "digital_signature content_commitment key_encipherment data_encipherment key_agreement"
    names += " key_cert_sign crl_sign encipher_only decipher_only"
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names.split()})


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: Any,
    days: int,
    *,
    above: x509.Certificate | None = None,
) -> x509.CertificateBuilder:
    from cryptography import x509

    begins = clock.now() - timedelta(minutes=5)
    ends = begins + timedelta(days=days)
    if above is not None:
        begins, ends = max(begins, above.not_valid_before_utc), min(ends, above.not_valid_after_utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _signed(
    builder: x509.CertificateBuilder,
    public: Any,
    issuer: EllipticCurvePrivateKey,
    constraints: x509.BasicConstraints,
) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    certificate = (
        builder.add_extension(constraints, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
        .sign(issuer, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM)
