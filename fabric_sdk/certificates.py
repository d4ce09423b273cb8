"""What an MSP needs to know of an X.509 certificate, read once.

Fabric's own fields: organisational units (roles), and attributes, a JSON object in the extension 1.2.3.4.5.6.7.8.1 that
Fabric CA writes.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature as _CryptographyInvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.oid import ExtensionOID, NameOID

from fabric_sdk.errors import FabricError, MspError
from fabric_sdk.signatures import CURVE_ORDERS, PublicKey

ATTRIBUTES_OID = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")
_MAX_PEM = 64 * 1024
E = TypeVar("E", bound=x509.ExtensionType)

UNREADABLE = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises for certificates and revocation lists that it cannot read."""

_HANDLED_CRITICAL = frozenset(
    {
        ExtensionOID.KEY_USAGE,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    }
)


@dataclass(frozen=True, eq=False)
class Certificate:
    """A parsed certificate with the derived values that an MSP asks for again and again (each computed once)."""

    certificate: x509.Certificate

    @cached_property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @cached_property
    def fingerprint(self) -> bytes:
        """SHA-256 over the DER form."""
        return sha256(self.der).digest()

    @cached_property
    def canonical(self) -> bytes:
        """The same for every encoding of one issued certificate: its signature is taken in low-S form.

        Fabric rewrites a certificate's own signature to low-S before it compares certificates.
        """
        signature = self.certificate.signature
        with_order = _issuer_order_candidates(signature)
        return sha256(self.certificate.tbs_certificate_bytes + with_order).digest()

    @cached_property
    def public_key(self) -> PublicKey:
        try:
            key = self.certificate.public_key()
        except UNREADABLE as e:
            raise MspError("the certificate's public key cannot be read") from e
        if not isinstance(key, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
            raise MspError("the certificate's key is neither ECDSA nor Ed25519")
        return key

    @cached_property
    def extensions(self) -> x509.Extensions:
        try:
            return self.certificate.extensions
        except UNREADABLE as e:
            raise MspError("the certificate's extensions cannot be read") from e

    @cached_property
    def organizational_units(self) -> tuple[str, ...]:
        values = (a.value for a in self.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME))
        return tuple(v if isinstance(v, str) else v.decode("utf-8", "replace") for v in values)

    @cached_property
    def common_name(self) -> str:
        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        value = names[-1].value if names else ""
        return value if isinstance(value, str) else value.decode("utf-8", "replace")

    @cached_property
    def attributes(self) -> Mapping[str, str]:
        """Fabric CA's attributes; empty if the certificate carries none; MspError if they are not readable."""
        try:
            extension = self.extensions.get_extension_for_oid(ATTRIBUTES_OID)
        except x509.ExtensionNotFound:
            return MappingProxyType({})
        raw = extension.value
        if not isinstance(raw, x509.UnrecognizedExtension):
            raise MspError("the certificate's attribute extension has an unexpected form")
        try:
            parsed = json.loads(raw.value)
        except (ValueError, RecursionError) as e:
            raise MspError("the certificate's attribute extension is not JSON") from e
        attributes = parsed.get("attrs") if isinstance(parsed, dict) else None
        if attributes is None:
            return MappingProxyType({})
        if not isinstance(attributes, dict) or not all(isinstance(v, str) for v in attributes.values()):
            raise MspError("the certificate's attributes are not an object of strings")
        return MappingProxyType(attributes)

    @cached_property
    def is_ca(self) -> bool:
        constraints = self._extension(x509.BasicConstraints)
        return constraints is not None and constraints.ca

    @cached_property
    def path_length(self) -> int | None:
        constraints = self._extension(x509.BasicConstraints)
        return constraints.path_length if constraints is not None else None

    @cached_property
    def may_sign_certificates(self) -> bool:
        """A CA whose key usage (if it states one) includes signing certificates (RFC 5280, 4.2.1.3)."""
        usage = self._extension(x509.KeyUsage)
        return self.is_ca and (usage is None or usage.key_cert_sign)

    @cached_property
    def subject_key_id(self) -> bytes | None:
        value = self._extension(x509.SubjectKeyIdentifier)
        return value.digest if value is not None else None

    @cached_property
    def authority_key_id(self) -> bytes | None:
        value = self._extension(x509.AuthorityKeyIdentifier)
        return value.key_identifier if value is not None else None

    @cached_property
    def subject_bytes(self) -> bytes:
        return self.certificate.subject.public_bytes()

    @cached_property
    def issuer_bytes(self) -> bytes:
        return self.certificate.issuer.public_bytes()

    @property
    def not_before(self) -> datetime.datetime:
        return self.certificate.not_valid_before_utc

    @property
    def not_after(self) -> datetime.datetime:
        return self.certificate.not_valid_after_utc

    def read_all(self) -> None:
        """Parse the parts that `cryptography` leaves until they are asked for; one of UNREADABLE if one is wrong."""
        _ = self.canonical, self.fingerprint, self.public_key, self.extensions, self.organizational_units
        _ = self.subject_bytes, self.issuer_bytes, self.common_name
        if self.certificate.serial_number <= 0 or self.not_before > self.not_after:
            raise MspError("the certificate's serial number or dates make no sense")

    def check_supported(self) -> None:
        """Refuse what this SDK cannot honour: unknown critical extensions, name constraints (RFC 5280, 4.2)."""
        for extension in self.extensions:
            if extension.oid == ExtensionOID.NAME_CONSTRAINTS:
                raise MspError("CA certificates with name constraints are not supported")
            if extension.critical and extension.oid not in _HANDLED_CRITICAL:
                raise MspError(f"unknown critical extension {extension.oid.dotted_string}")

    def is_signed_by(self, issuer: Certificate) -> bool:
        """Whether `issuer`'s key made this certificate's signature (names and dates are not looked at)."""
        key = issuer.public_key
        certificate = self.certificate
        try:
            if isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(certificate.signature, certificate.tbs_certificate_bytes)
                return True
            algorithm = certificate.signature_hash_algorithm
            if algorithm is None:
                return False
            key.verify(certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(algorithm))
        except (_CryptographyInvalidSignature, *UNREADABLE):
            return False
        return True

    def _extension(self, kind: type[E]) -> E | None:
        try:
            value: E = self.extensions.get_extension_for_class(kind).value
        except x509.ExtensionNotFound:
            return None
        return value


def _issuer_order_candidates(signature: bytes) -> bytes:
    """A form of an ECDSA signature that is the same for s and n-s, without knowing the issuer's curve.

    The curve is taken from the size of r and s; other signatures (Ed25519) pass unchanged.
    """
    try:
        r, s = decode_dss_signature(signature)
    except ValueError:
        return signature
    bits = max(r.bit_length(), s.bit_length())
    for order in sorted(CURVE_ORDERS.values()):
        if bits <= order.bit_length() and s < order:
            return encode_dss_signature(r, min(s, order - s))
    return signature


def parse_certificate(pem: bytes) -> Certificate:
    """Read the first certificate of PEM bytes; MspError if there is none, or any part of it cannot be read."""
    if len(pem) > _MAX_PEM:
        raise MspError(f"{len(pem)} bytes are too many for one certificate")
    try:
        certificate = Certificate(x509.load_pem_x509_certificate(pem))
        certificate.read_all()
    except MspError:
        raise
    except (*UNREADABLE, FabricError) as e:
        raise MspError("not a certificate in PEM form, or parts of it cannot be read") from e
    return certificate
