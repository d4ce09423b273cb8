"""Who may speak for an organisation: certificates, chains, NodeOU roles and revocations, as Fabric's MSP judges them.

Sources: msp/mspimpl.go, mspimplvalidate.go and mspimplsetup.go of Hyperledger Fabric; RFC 5280.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtensionOID, NameOID

from fabric_sdk.proof.wire import METER, Broken, Fields, elements, fields, inside, many, number, raw, string

ATTRIBUTES = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")
_MAX_CERTIFICATE = 64 << 10
_MAX_PATH = 6
_HALF = {
    "secp256r1": 0x7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8,
    "secp384r1": int(
        "7fffffffffffffffffffffffffffffffffffffffffffffffe3b1a6c0fa1b96efac0d06d9245853bd76760cb5666294b9", 16
    ),
    "secp521r1": int("ff" * 32 + "fd28c343c1df97cb35bfe600a47b84d2e81ddae4dc44ce23d75db7db8f489c3204", 16),
}
_UNREADABLE = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


class Certificate:
    """One X.509 certificate with what is asked of it here, read once."""

    def __init__(self, certificate: x509.Certificate) -> None:
        METER.spend("certificates")
        try:
            self.certificate = certificate
            self.der = certificate.public_bytes(serialization.Encoding.DER)
            self.key = certificate.public_key()
            self.subject = certificate.subject.public_bytes()
            self.issuer = certificate.issuer.public_bytes()
            self.begins, self.ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
            self.serial = certificate.serial_number
            extensions = certificate.extensions
            units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
            names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            self.units = [_word(one.value) for one in units]
            self.name = _word(names[-1].value) if names else ""
            # what is signed, without the signature: two encodings of one signature are one certificate
            self.body = hashlib.sha256(certificate.tbs_certificate_bytes).digest()
        except _UNREADABLE:
            raise Broken("certificate-unreadable") from None
        self.fingerprint = hashlib.sha256(self.der).hexdigest()
        self.is_authority = False
        self.path_length: int | None = None
        self.may_certify = True
        self.usages: list[str] = []
        self.usages_critical = False
        self.attributes: bytes = b""
        for extension in extensions:
            value = extension.value
            if isinstance(value, x509.BasicConstraints):
                self.is_authority, self.path_length = value.ca, value.path_length
            elif isinstance(value, x509.KeyUsage):
                self.may_certify = value.key_cert_sign
            elif isinstance(value, x509.ExtendedKeyUsage):
                self.usages, self.usages_critical = [one.dotted_string for one in value], extension.critical
            elif extension.oid == ATTRIBUTES and isinstance(value, x509.UnrecognizedExtension):
                self.attributes = value.value
            elif extension.oid == ExtensionOID.NAME_CONSTRAINTS:
                raise Broken("certificate-unreadable")

    @property
    def organization(self) -> str:
        """The O of the subject."""
        found = self.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        return _word(found[-1].value) if found else ""


def _word(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def read_pem(data: bytes) -> Certificate:
    """The one certificate of PEM bytes."""
    if len(data) > _MAX_CERTIFICATE:
        raise Broken("certificate-unreadable")
    try:
        return Certificate(x509.load_pem_x509_certificate(data))
    except _UNREADABLE:
        raise Broken("certificate-unreadable") from None


def read_der(data: bytes) -> Certificate:
    """A certificate of DER bytes."""
    if len(data) > _MAX_CERTIFICATE:
        raise Broken("certificate-unreadable")
    try:
        return Certificate(x509.load_der_x509_certificate(data))
    except _UNREADABLE:
        raise Broken("certificate-unreadable") from None


def signed_by(certificate: Certificate, signature: bytes, message: bytes, digest: str | None = None) -> bool:
    """Whether the certificate's key made this signature. Without `digest`: as Fabric signs (SHA-256, low S)."""
    METER.spend("signatures")
    key = certificate.key
    algorithm: hashes.HashAlgorithm = {
        "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
    }.get(digest or "", hashes.SHA256())  # fmt: skip
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            if digest is None and decode_dss_signature(signature)[1] > _HALF.get(key.curve.name, 0):
                return False
            key.verify(signature, message, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            if digest is None or key.key_size > 8192:
                return False
            key.verify(signature, message, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        else:
            return False
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


_SIGNATURE_DIGESTS = {
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.3.101.112": "sha256",
}


def issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether `issuer`, an authority that may sign certificates, signed this one and was in date when it began."""
    digest = _SIGNATURE_DIGESTS.get(certificate.certificate.signature_algorithm_oid.dotted_string)
    begins = certificate.begins + datetime.timedelta(seconds=1)
    return (
        digest is not None
        and certificate.issuer == issuer.subject
        and issuer.is_authority
        and issuer.may_certify
        and issuer.begins <= begins <= issuer.ends
        and signed_by(issuer, certificate.certificate.signature, certificate.certificate.tbs_certificate_bytes, digest)
    )


def path_to(certificate: Certificate, roots: list[Certificate], between: list[Certificate]) -> list[Certificate]:
    """The certificates from this one (first) to a root (last); empty if there is no way."""
    trusted = {root.body for root in roots}
    if certificate.body in trusted:
        return [certificate]
    path = [certificate]
    while len(path) < _MAX_PATH:
        for issuer in [*roots, *between]:
            limit = issuer.path_length
            if any(issuer.body == one.body for one in path) or (limit is not None and len(path) - 1 > limit):
                continue
            if issued_by(path[-1], issuer):
                path.append(issuer)
                break
        else:
            return []
        if path[-1].body in trusted:
            return path
    return []


class Member(NamedTuple):
    """An identity that its organisation vouches for. `role` is "" where the organisation does not tell roles apart."""

    msp: str
    role: str
    certificate: Certificate
    path_id: bytes
    is_admin: bool

    @property
    def key(self) -> tuple[str, bytes]:
        """Equal for two spellings of one certificate."""
        return self.msp, self.certificate.body


class Organization:
    """One MSP out of a channel's configuration (`FabricMSPConfig` bytes)."""

    def __init__(self, config: bytes) -> None:
        message = fields(config)
        self.msp = string(message, 1)
        self.roots = [read_pem(one) for one in many(message, 2)]
        self.between = [read_pem(one) for one in many(message, 3)]
        self._admins = {read_pem(one).body for one in many(message, 4)}
        if not self.msp or not self.roots or not all(one.is_authority for one in [*self.roots, *self.between]):
            raise Broken("organization-unreadable", msp=self.msp[:64])
        self._inner: set[bytes] = set()
        for one in self.between:
            self._inner.update(above.body for above in path_to(one, self.roots, self.between)[1:])
        self._revoked: list[tuple[bytes, set[int]]] = []
        for listed in many(message, 5):
            self._read_revocations(listed)
        self._units = self._read_units(message)
        self._roles = self._read_roles(message)
        self._known: dict[bytes, Member] = {}

    @property
    def tells_roles(self) -> bool:
        """Whether NodeOUs are on: without them any member's key could pass for a peer's."""
        return bool(self._roles)

    def member(self, identity: bytes) -> Member:
        """The member that a serialized identity is; Broken if this organisation does not vouch for it."""
        known = self._known.get(identity)
        if known is None:
            known = self._known[identity] = self._examine(identity)
        return known

    def _examine(self, identity: bytes) -> Member:
        message = fields(identity)
        if string(message, 1) != self.msp:
            raise Broken("identity-unknown", msp=string(message, 1)[:64])
        certificate = read_pem(raw(message, 2))
        path = path_to(certificate, self.roots, self.between)
        if certificate.is_authority or len(path) < 2 or path[1].body in self._inner:
            raise Broken("identity-unknown", msp=self.msp)
        for one, issuer in zip(path, path[1:]):
            if any(body == issuer.body and one.serial in serials for body, serials in self._revoked):
                raise Broken("identity-revoked", msp=self.msp, name=certificate.name)
        if self._units and not any(unit in certificate.units and body == path[1].body for unit, body in self._units):
            raise Broken("identity-unknown", msp=self.msp)
        role = self._role(certificate, path[1])
        path_id = hashlib.sha256(b"".join(one.der for one in path[1:])).digest()
        return Member(self.msp, role, certificate, path_id, role == "admin" or certificate.body in self._admins)

    def _role(self, certificate: Certificate, issuer: Certificate) -> str:
        if not self._roles:
            return ""
        found = [(role, by) for unit in certificate.units for name, role, by in self._roles if name == unit]
        if len(found) != 1 or (found[0][1] and found[0][1] != issuer.body):
            raise Broken("identity-role", msp=self.msp, name=certificate.name)
        return found[0][0]

    def _read_units(self, message: Fields) -> list[tuple[str, bytes]]:
        units = [fields(one) for one in many(message, 7)]
        return [(string(one, 2), read_pem(raw(one, 1)).body) for one in units]

    def _read_roles(self, message: Fields) -> list[tuple[str, str, bytes]]:
        units = fields(raw(message, 11))
        if not number(units, 1):
            return []
        roles = []
        for place, role in ((2, "client"), (3, "peer"), (4, "admin"), (5, "orderer")):
            if place in units:
                unit = fields(raw(units, place))
                pem = raw(unit, 1)
                roles.append((string(unit, 2), role, read_pem(pem).body if pem else b""))
        return roles

    def _read_revocations(self, data: bytes) -> None:
        """Note what a revocation list takes back, if one of this organisation's authorities signed it."""
        try:
            listed = x509.load_pem_x509_crl(data) if b"-----BEGIN" in data else x509.load_der_x509_crl(data)
            body, signature = listed.tbs_certlist_bytes, listed.signature
            digest = _SIGNATURE_DIGESTS.get(listed.signature_algorithm_oid.dotted_string)
        except _UNREADABLE:
            raise Broken("organization-unreadable", msp=self.msp) from None
        serials = set()
        for one in inside(body)[2:]:
            if one.tag == 0x30 and one.content[:1] == b"\x30":
                for entry in elements(one.content):
                    serials.add(int.from_bytes(inside(entry.whole)[0].content, "big"))
        for authority in [*self.roots, *self.between]:
            if digest and signed_by(authority, signature, body, digest):
                self._revoked.append((authority.body, serials))
