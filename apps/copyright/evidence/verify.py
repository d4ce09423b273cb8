#!/usr/bin/env python3
"""Check a CityChain evidence package without CityChain: Python 3.9+ and `cryptography` are enough.

    python verify.py PACKAGE.zip --card CARD.json [--tsa-roots ROOTS.pem] [--lang zh|en] [--json]

The channel card must come from the institution itself, not from whoever gave you the package. Exit code 0: agrees
with the card. 5: consistent in itself only (a forger can make such a package). 4: does not hold. 2: cannot be checked.

This file is bundled from fabric_sdk/proof and apps/copyright/evidence by
`python -m fabric_sdk.proof.bundle apps.copyright.evidence`.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import hashlib
import io
import json
import locale
import os
import re
import struct
import sys
import threading
import unicodedata
import zlib
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtensionOID
from cryptography.x509.oid import NameOID
from typing import Any
from typing import BinaryIO
from typing import NamedTuple

# ---- wire

Fields = dict[int, list[Any]]
LARGEST = 1 << 53
"""Numbers beyond are refused: a browser could not tell them apart."""
_JSON_DEPTH = 24


class Broken(ValueError):
    """Bytes that are not what they should be: `code` names the finding, `values` fill its sentence."""

    def __init__(self, code: str, part: str = "", **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.part = part
        self.values = values

    def __str__(self) -> str:
        said = ", ".join(f"{key}={value}" for key, value in self.values.items())
        return f"{self.code} ({said})" if said else self.code


class TooMuch(Exception):
    """More work than one proof may ask for."""


class Meter(threading.local):
    """What a check has spent already. Each thread counts for itself; `begin` starts anew."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A new check begins."""
        self.left = {"fields": 600_000, "signatures": 6_000, "certificates": 2_000, "elements": 200_000}

    def spend(self, what: str, count: int = 1) -> None:
        """Note work; TooMuch when the check has had its share."""
        self.left[what] -= count
        if self.left[what] < 0:
            raise TooMuch(what)


METER = Meter()


# ---- protobuf


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and the place behind it."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Broken("bytes-damaged")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data: bytes) -> Fields:
    """The fields of a message: {number: [values in order]}; numbers as int, everything else as bytes."""
    if not isinstance(data, bytes):
        raise Broken("bytes-damaged")
    found: Fields = {}
    at = 0
    while at < len(data):
        METER.spend("fields")
        tag, at = varint(data, at)
        if tag >= LARGEST:
            raise Broken("bytes-damaged")
        kind = tag & 7
        value: Any
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            if length > len(data) - at:
                raise Broken("bytes-damaged")
            value, at = data[at : at + length], at + length
        elif kind in (1, 5):
            width = 8 if kind == 1 else 4
            if width > len(data) - at:
                raise Broken("bytes-damaged")
            value, at = data[at : at + width], at + width
        else:
            raise Broken("bytes-damaged")
        found.setdefault(tag >> 3, []).append(value)
    return found


def raw(message: Fields, number: int) -> bytes:
    """The bytes of a field that may stand once, empty if absent."""
    values = message.get(number)
    if values is None:
        return b""
    if len(values) != 1 or not isinstance(values[0], bytes):
        raise Broken("bytes-damaged")
    return values[0]


def number(message: Fields, field: int, default: int = 0) -> int:
    """The number of a field that may stand once."""
    values = message.get(field)
    if values is None:
        return default
    if len(values) != 1 or not isinstance(values[0], int) or values[0] >= LARGEST:
        raise Broken("bytes-damaged")
    return values[0]


def many(message: Fields, field: int) -> list[bytes]:
    """All values of a repeated field of bytes or messages."""
    values = message.get(field, [])
    if not all(isinstance(value, bytes) for value in values):
        raise Broken("bytes-damaged")
    return values


def text(data: bytes) -> str:
    """UTF-8, or Broken."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Broken("bytes-damaged") from None


def string(message: Fields, field: int) -> str:
    """The text of a field that may stand once."""
    return text(raw(message, field))


def entries(message: Fields, field: int) -> dict[str, bytes]:
    """A map of messages; a key stands once."""
    found: dict[str, bytes] = {}
    for one in many(message, field):
        entry = fields(one)
        key = string(entry, 1)
        if key in found:
            raise Broken("bytes-damaged")
        found[key] = raw(entry, 2)
    return found


# ---- DER


class Element(NamedTuple):
    """One DER element: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes


def element(data: bytes, at: int = 0) -> tuple[Element, int]:
    """The element at a place, and the place behind it."""
    METER.spend("elements")
    if at + 2 > len(data):
        raise Broken("bytes-damaged")
    tag, length, body = data[at], data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or body + count > len(data):
            raise Broken("bytes-damaged")
        length, body = int.from_bytes(data[body : body + count], "big"), body + count
    if length > len(data) - body:
        raise Broken("bytes-damaged")
    return Element(tag, data[body : body + length], data[at : body + length]), body + length


def elements(data: bytes) -> list[Element]:
    """The elements that lie one behind the other in `data`."""
    at, found = 0, []
    while at < len(data):
        one, at = element(data, at)
        found.append(one)
    return found


def inside(data: bytes, *tags: int) -> list[Element]:
    """The elements inside the one element that `data` is; its tag must be one of `tags` (a sequence if none given)."""
    one, end = element(data)
    if end != len(data) or one.tag not in (tags or (0x30,)):
        raise Broken("bytes-damaged")
    return elements(one.content)


def der(tag: int, content: bytes) -> bytes:
    """One DER element."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


# ---- JSON


def _integer(digits: str) -> Any:
    return int(digits) if len(digits) < 17 else float(digits)


def _refused(word: str) -> float:
    raise Broken("bytes-damaged")


def parse_json(data: bytes, limit: int = 1 << 20) -> Any:
    """JSON of at most `limit` bytes, nested at most 24 deep."""
    if len(data) > limit:
        raise Broken("part-too-large")
    try:
        parsed = json.loads(text(data), parse_int=_integer, parse_constant=_refused)
    except Broken:
        raise
    except (ValueError, RecursionError):
        raise Broken("bytes-damaged") from None
    level = [parsed]
    for _ in range(_JSON_DEPTH):
        level = [inner for one in level if isinstance(one, (dict, list)) for inner in _inside(one)]
        if not level:
            return parsed
    raise Broken("bytes-damaged")


def _inside(one: Any) -> list[Any]:
    return list(one.values()) if isinstance(one, dict) else one

# ---- members

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

# ---- policies

Known = Callable[[bytes], Member]
"""Finds the member that a serialized identity is; Broken if nobody vouches for it."""
_RULES = 1_000
_RULE_DEPTH = 12
_ROLES = ("member", "admin", "client", "peer", "orderer")


def satisfied(policy: bytes, signers: Sequence[Member], known: Known) -> bool:
    """Whether `signers` (whose signatures were checked) satisfy a `SignaturePolicyEnvelope`."""
    envelope = fields(policy)
    if number(envelope, 1) != 0:
        raise Broken("policy-unreadable")
    distinct = list({signer.key: signer for signer in reversed(signers)}.values())[::-1]
    evaluation = _Evaluation(many(envelope, 3), distinct, known)
    return evaluation.rule(raw(envelope, 2), [False] * len(distinct), 0)


class _Evaluation:
    def __init__(self, principals: list[bytes], signers: list[Member], known: Known) -> None:
        self._principals, self._signers, self._known = principals, signers, known
        self._left = _RULES

    def rule(self, data: bytes, used: list[bool], depth: int) -> bool:
        """Evaluate one rule; `used` is changed only where it holds."""
        self._left -= 1
        message = fields(data)
        if depth > _RULE_DEPTH or self._left < 0 or (1 in message) == (2 in message):
            raise Broken("policy-unreadable")
        if 1 in message:
            place = number(message, 1)
            if place >= len(self._principals):
                raise Broken("policy-unreadable")
            for position, signer in enumerate(self._signers):
                if not used[position] and self._fits(signer, self._principals[place]):
                    used[position] = True
                    return True
            return False
        gate = fields(raw(message, 2))
        held, tried = 0, list(used)
        for inner in many(gate, 2):
            attempt = list(tried)
            if self.rule(inner, attempt, depth + 1):
                held, tried = held + 1, attempt
        if held < number(gate, 1):
            return False
        used[:] = tried
        return True

    def _fits(self, signer: Member, principal: bytes) -> bool:
        message = fields(principal)
        kind, data = number(message, 1), raw(message, 2)
        if kind == 0:
            role = fields(data)
            wanted = number(role, 2)
            return string(role, 1) == signer.msp and wanted < len(_ROLES) and _has_role(signer, _ROLES[wanted])
        if kind == 1:
            unit = fields(data)
            return (
                string(unit, 1) == signer.msp
                and string(unit, 2) in signer.certificate.units
                and raw(unit, 3) == signer.path_id
            )
        if kind == 2:
            try:
                return self._known(data).key == signer.key
            except Broken:
                return False
        return False


def _has_role(signer: Member, role: str) -> bool:
    if role == "member":
        return True
    return signer.is_admin if role == "admin" else signer.role == role

# ---- configuration

SIGNATURE, IMPLICIT = 1, 3
_GROUP_DEPTH = 6


class Signed(NamedTuple):
    """Something that an identity is said to have signed."""

    identity: bytes
    message: bytes
    signature: bytes


class _Group:
    """One level of the configuration: its policies as (kind, bytes) and its groups."""

    def __init__(self, data: bytes, depth: int = 0) -> None:
        if depth > _GROUP_DEPTH:
            raise Broken("configuration-unreadable")
        message = fields(data)
        self.values = {name: raw(fields(one), 2) for name, one in entries(message, 3).items()}
        self.policies: dict[str, tuple[int, bytes]] = {}
        for name, one in entries(message, 4).items():
            policy = fields(raw(fields(one), 2))
            self.policies[name] = (number(policy, 1), raw(policy, 2))
        self.groups = {name: _Group(one, depth + 1) for name, one in entries(message, 2).items()}


class Configuration:
    """What one configuration block puts in force: `known` remembers organisations that did not change."""

    def __init__(self, config: bytes, block: int, known: dict[bytes, Organization]) -> None:
        message = fields(config)
        self.block = block
        self.sequence = number(message, 1)
        self._root = _Group(raw(message, 2))
        self.organizations: dict[str, Organization] = {}
        self.orderers: list[str] = []
        for section in ("Application", "Orderer"):
            group = self._root.groups.get(section)
            for name in sorted(group.groups) if group else ():
                assert group is not None
                organization = self._organization(group.groups[name], known)
                self.organizations.setdefault(organization.msp, organization)
                if section == "Orderer":
                    self.orderers.append(organization.msp)
        self.consenters: dict[int, bytes] = {}
        orderer = self._root.groups.get("Orderer")
        for one in many(fields(orderer.values.get("Orderers", b"")), 1) if orderer else ():
            consenter = fields(one)
            self.consenters[number(consenter, 1)] = _identity(consenter)

    @staticmethod
    def _organization(group: _Group, known: dict[bytes, Organization]) -> Organization:
        config = fields(group.values.get("MSP", b""))
        if number(config, 1) != 0:
            raise Broken("configuration-unreadable")
        definition = raw(config, 2)
        found = known.get(definition)
        if found is None:
            found = known[definition] = Organization(definition)
        return found

    def member(self, identity: bytes) -> Member:
        """The member that a serialized identity is; Broken if no organisation of the channel vouches for it."""
        msp = string(fields(identity), 1)
        organization = self.organizations.get(msp)
        if organization is None:
            raise Broken("identity-unknown", msp=msp[:64])
        return organization.member(identity)

    def signers(self, signed: Sequence[Signed], role: str = "") -> list[Member]:
        """The distinct members whose signatures fit; with `role` only those who have it where roles are told apart.

        What does not fit is left out, as Fabric does before it asks a policy.
        """
        found: dict[tuple[str, bytes], Member] = {}
        for one in signed[:200]:
            try:
                member = self.member(one.identity)
            except Broken:
                continue
            if member.key in found or (role and member.role and member.role != role):
                continue
            if signed_by(member.certificate, one.signature, one.message):
                found[member.key] = member
        return list(found.values())

    def satisfies(self, path: str, signers: Sequence[Member]) -> bool:
        """Whether the signers satisfy the policy at a path such as /Channel/Application/Endorsement."""
        parts = path.split("/")
        if len(parts) < 3 or parts[:2] != ["", "Channel"]:
            raise Broken("policy-unreadable")
        group = self._root
        for name in parts[2:-1]:
            if name not in group.groups:
                raise Broken("policy-unreadable")
            group = group.groups[name]
        return bool(signers) and self._holds(group, parts[-1], signers)

    def _holds(self, group: _Group, name: str, signers: Sequence[Member]) -> bool:
        kind, data = group.policies.get(name, (0, b""))
        if kind == SIGNATURE:
            return satisfied(data, signers, self.member)
        if kind != IMPLICIT:
            return False
        message = fields(data)
        rule, inner = number(message, 2), group.groups.values()
        held = sum(self._holds(one, string(message, 1), signers) for one in inner)
        return held >= (1 if rule == 0 else len(inner) if rule == 1 else len(inner) // 2 + 1) and held > 0

    def check_orderers(self, header: bytes, metadata: bytes) -> list[Member]:
        """The ordering nodes that signed a block's header; Broken when they are not as many as the policy asks for.

        A signature counts only if its certificate says "orderer": most channels' policies would take any member's.
        """
        message = fields(metadata)
        signed = []
        for one in many(message, 2)[:200]:
            entry = fields(one)
            signature_header, identifier = raw(entry, 1), raw(entry, 3)
            if signature_header:
                identity: bytes | None = raw(fields(signature_header), 1)
            else:
                identity = self.consenters.get(number(fields(identifier), 1))
            if identity is not None:
                body = raw(message, 1) + (signature_header or identifier) + header
                signed.append(Signed(identity, body, raw(entry, 2)))
        signers = [one for one in self.signers(signed, "orderer") if one.msp in self.orderers]
        if not self.satisfies("/Channel/Orderer/BlockValidation", signers):
            raise Broken("block-not-signed")
        return signers

    @property
    def without_roles(self) -> list[str]:
        """Organisations whose certificates do not tell peers and ordering nodes from other members."""
        return sorted(msp for msp, one in self.organizations.items() if not one.tells_roles)


def _identity(consenter: Fields) -> bytes:
    """A consenter's serialized identity."""
    msp, certificate = raw(consenter, 4), raw(consenter, 5)
    return b"".join(bytes((tag,)) + _length(len(one)) + one for tag, one in ((0x0A, msp), (0x12, certificate)))


def _length(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes((value,)))


class Chain:
    """The configurations of a channel in order, each checked against the one before."""

    def __init__(self) -> None:
        self.configurations: list[Configuration] = []
        self.hashes: dict[int, str] = {}
        self.channel = ""
        self._known: dict[bytes, Organization] = {}

    def add(self, block: int, digest: str, channel: str, config: bytes, header: bytes, metadata: bytes) -> None:
        """Take the next configuration block; Broken if it does not follow from the one before."""
        found = Configuration(config, block, self._known)
        if not self.configurations:
            if block != 0 or found.sequence != 0:
                raise Broken("configuration-begins-late", block=block)
            self.channel = channel
        else:
            before = self.configurations[-1]
            if block <= before.block or found.sequence != before.sequence + 1 or channel != self.channel:
                raise Broken("configuration-gap", block=block)
            before.check_orderers(header, metadata)
        self.configurations.append(found)
        self.hashes[block] = digest

    def at(self, block: int, last_config: int | None = None) -> Configuration:
        """The configuration under which a block was made; Broken if its orderers named another (`last_config`)."""
        for found in reversed(self.configurations):
            if found.block < block:
                if last_config is not None and last_config not in (found.block, block):
                    raise Broken("configuration-other", block=block)
                return found
        return self.configurations[0]

    @property
    def newest(self) -> Configuration:
        return self.configurations[-1]

# ---- blocks

CONFIG, ENDORSER = 1, 3
VALIDATION_PARAMETER = "VALIDATION_PARAMETER"


def header_bytes(block: int, previous: bytes, data_hash: bytes) -> bytes:
    """A block's header as it is hashed and signed."""
    integer = der(0x02, block.to_bytes(block.bit_length() // 8 + 1, "big"))
    return der(0x30, integer + der(0x04, previous) + der(0x04, data_hash))


class Block:
    """A block, or its header and metadata alone (`whole` is then False). Its data fits its header, or Broken."""

    def __init__(self, data: bytes) -> None:
        message = fields(data)
        header = fields(raw(message, 1))
        self.number = number(header, 1)
        self.previous = raw(header, 2)
        self.data_hash = raw(header, 3)
        self.header = header_bytes(self.number, self.previous, self.data_hash)
        self.hash = hashlib.sha256(self.header).hexdigest()
        self.whole = 2 in message
        self.envelopes = many(fields(raw(message, 2)), 1)
        if self.whole and hashlib.sha256(b"".join(self.envelopes)).digest() != self.data_hash:
            raise Broken("block-changed", block=self.number)
        metadata = many(fields(raw(message, 3)), 1)
        self.signatures = metadata[0] if metadata else b""
        self.codes = metadata[2] if len(metadata) > 2 else b""

    @property
    def last_config(self) -> int:
        """The configuration block in force, as the ordering nodes signed it."""
        value = raw(fields(self.signatures), 1)
        return number(fields(raw(fields(value), 1)), 1)

    def configuration(self) -> tuple[str, bytes]:
        """Channel and `Config` bytes of a configuration block."""
        if len(self.envelopes) != 1:
            raise Broken("configuration-unreadable")
        payload = fields(raw(fields(self.envelopes[0]), 1))
        channel = fields(raw(fields(raw(payload, 1)), 1))
        if number(channel, 1) != CONFIG:
            raise Broken("configuration-unreadable")
        return string(channel, 4), raw(fields(raw(payload, 2)), 1)


class Call(NamedTuple):
    """A call of a contract and what endorsers signed of it: everything is out of signed bytes."""

    channel: str
    tx_id: str
    seconds: int
    creator: bytes
    contract: str
    arguments: list[bytes]
    status: int
    answer: bytes
    results: bytes
    version: str
    endorsements: list[Signed]

    @property
    def function(self) -> str:
        """The function called, without the contract's prefix."""
        name = self.arguments[0].decode("utf-8", "replace") if self.arguments else ""
        return name.rpartition(":")[2]


def read_call(payload: bytes) -> Call:
    """Read the `Payload` of a transaction or of a signed answer; Broken unless its parts belong together."""
    body = fields(payload)
    header = fields(raw(body, 1))
    channel, signed = fields(raw(header, 1)), fields(raw(header, 2))
    creator = raw(signed, 1)
    tx_id = string(channel, 5)
    if number(channel, 1) != ENDORSER or hashlib.sha256(raw(signed, 2) + creator).hexdigest() != tx_id:
        raise Broken("transaction-id")
    actions = many(fields(raw(body, 2)), 1)
    if len(actions) != 1:
        raise Broken("transaction-unreadable")
    action = fields(raw(fields(actions[0]), 2))
    proposal, endorsed = raw(action, 1), fields(raw(action, 2))
    response = raw(endorsed, 1)
    answer = fields(response)
    wanted = hashlib.sha256(raw(header, 1) + raw(header, 2) + proposal).digest()
    if raw(answer, 1) != wanted or raw(fields(actions[0]), 1) != raw(header, 2):
        raise Broken("proposal-other")
    result = fields(raw(answer, 2))
    said, contract = fields(raw(result, 3)), fields(raw(result, 4))
    spec = fields(raw(fields(raw(fields(proposal), 1)), 1))
    name = string(contract, 2)
    if string(fields(raw(spec, 2)), 2) != name:
        raise Broken("proposal-other")
    endorsements = []
    for one in many(endorsed, 2)[:100]:
        entry = fields(one)
        endorsements.append(Signed(raw(entry, 1), response + raw(entry, 1), raw(entry, 2)))
    return Call(
        string(channel, 4),
        tx_id,
        number(fields(raw(channel, 3)), 1),
        creator,
        name,
        many(fields(raw(spec, 3)), 1),
        number(said, 1),
        raw(said, 3),
        raw(result, 1),
        string(contract, 3),
        endorsements,
    )


class Transaction(NamedTuple):
    """A transaction whose signatures were checked: what was called, by whom, and who endorsed it."""

    call: Call
    author: Member
    endorsers: list[Member]
    block: int
    place: int
    envelope: bytes


def transaction_id(envelope: bytes) -> str:
    """The id that an envelope states, "" where it cannot be read."""
    try:
        payload = fields(raw(fields(envelope), 1))
        return string(fields(raw(fields(raw(payload, 1)), 1)), 5)
    except Broken:
        return ""


def check_transaction(block: Block, index: int, config: Configuration) -> Transaction:
    """Check one transaction of a block: its author's signature, and which peers endorsed it."""
    envelope = block.envelopes[index]
    message = fields(envelope)
    payload = raw(message, 1)
    call = read_call(payload)
    author = config.member(call.creator)
    if not signed_by(author.certificate, raw(message, 2), payload):
        raise Broken("author-signature")
    begins, ends = author.certificate.begins.timestamp(), author.certificate.ends.timestamp()
    if not begins - 600 <= call.seconds <= ends:
        raise Broken("author-expired", name=author.certificate.name)
    endorsers = config.signers(call.endorsements, "peer")
    if not endorsers:
        raise Broken("endorsement-none")
    return Transaction(call, author, endorsers, block.number, index, envelope)


class Writes(NamedTuple):
    """What a transaction wrote and read of one namespace: values (None: deleted), key policies, versions read.

    `ranges` are the `RangeQueryInfo` of what it read by ranges.
    """

    values: dict[str, bytes | None]
    policies: dict[str, bytes]
    reads: dict[str, tuple[int, int] | None]
    collections: list[str]
    ranges: list[bytes]


def writes(results: bytes) -> dict[str, Writes]:
    """The public read-write sets of a `TxReadWriteSet` by namespace."""
    found: dict[str, Writes] = {}
    for one in many(fields(results), 2):
        space = fields(one)
        name = string(space, 1)
        if name in found:
            raise Broken("transaction-unreadable")
        found[name] = _writes(fields(raw(space, 2)), [string(fields(part), 1) for part in many(space, 3)])
    return found


def _writes(sets: Fields, collections: list[str]) -> Writes:
    values: dict[str, bytes | None] = {}
    for one in many(sets, 3):
        pair = fields(one)
        values[string(pair, 1)] = None if number(pair, 2) else raw(pair, 3)
    policies: dict[str, bytes] = {}
    for one in many(sets, 4):
        entry = fields(one)
        for part in many(entry, 2):
            item = fields(part)
            if string(item, 1) == VALIDATION_PARAMETER:
                policies[string(entry, 1)] = raw(item, 2)
    reads: dict[str, tuple[int, int] | None] = {}
    for one in many(sets, 1):
        pair = fields(one)
        version = fields(raw(pair, 2)) if 2 in pair else None
        reads[string(pair, 1)] = None if version is None else (number(version, 1), number(version, 2))
    return Writes(values, policies, reads, collections, many(sets, 2))

# ---- definitions

LIFECYCLE = "_lifecycle"
DEFAULT_POLICY = "/Channel/Application/Endorsement"


class Definition(NamedTuple):
    """A committed definition: whose signatures its transactions need (`ApplicationPolicy` bytes)."""

    name: str
    sequence: int
    policy: bytes
    collections: dict[str, bytes]


def definition_read(contract: str, sets: dict[str, Writes]) -> tuple[int, int] | None:
    """Block and place of the transaction that committed the definition that endorsers read; None if not recorded."""
    found = sets.get(LIFECYCLE)
    return found.reads.get(f"namespaces/fields/{contract}/Sequence") if found else None


def read_definition(transaction: Transaction, config: Configuration) -> Definition:
    """The definition that a transaction commits; Broken unless the channel's lifecycle policy holds for it."""
    call = transaction.call
    if call.contract != LIFECYCLE or call.function != "CommitChaincodeDefinition" or len(call.arguments) != 2:
        raise Broken("definition-other")
    arguments = fields(call.arguments[1])
    name, sequence = string(arguments, 2), number(arguments, 1)
    value = writes(call.results)[LIFECYCLE].values.get(f"namespaces/fields/{name}/Sequence")
    if value is None or number(fields(value), 1) != sequence:
        raise Broken("definition-other")
    if not config.satisfies("/Channel/Application/LifecycleEndorsement", transaction.endorsers):
        raise Broken("definition-policy", contract=name)
    collections = {}
    for one in many(fields(raw(arguments, 7)), 1):
        static = fields(raw(fields(one), 1))
        collections[string(static, 1)] = raw(static, 8)
    return Definition(name, sequence, raw(arguments, 6), collections)


def check_policies(
    transaction: Transaction, definition: Definition, key_policies: dict[str, bytes], config: Configuration
) -> None:
    """Broken unless the endorsers satisfy every policy that the transaction's writes fall under.

    A key's own policy (`key_policies`, by key) replaces the contract's for that key, a collection's for its writes.
    """
    signers = transaction.endorsers
    sets = writes(transaction.call.results)
    own = sets.get(definition.name, Writes({}, {}, {}, [], []))
    keys = {*own.values, *own.policies}
    needed: list[bytes] = [policy for key, policy in key_policies.items() if key in keys and policy]
    general = any(not key_policies.get(key) for key in keys) or not (keys or own.collections)
    for name in own.collections:
        policy = definition.collections.get(name, b"")
        if policy:
            needed.append(policy)
        elif name.startswith("_implicit_org_"):
            general = general or not any(one.msp == name[len("_implicit_org_") :] for one in signers)
        else:
            general = True
    if general:
        needed.append(definition.policy)
    if not all(_holds(policy, signers, config) for policy in needed):
        raise Broken("policy-not-satisfied", contract=definition.name)


def _holds(policy: bytes, signers: list[Member], config: Configuration) -> bool:
    message = fields(policy)
    if 1 in message:
        return satisfied(raw(message, 1), signers, config.member)
    return config.satisfies(string(message, 2) or DEFAULT_POLICY, signers)


def foreign_writes(transaction: Transaction) -> list[str]:
    """Other contracts' names that the transaction wrote under, whose policies are not known here."""
    own = (transaction.call.contract, LIFECYCLE)
    found = writes(transaction.call.results).items()
    return sorted(name for name, sets in found if name not in own and (sets.values or sets.collections))

# ---- views

LEDGER = "qscc"
_MOST_ANSWERS = 2_000


class Verdict(NamedTuple):
    """A transaction as a peer has it: its validation code (0: accepted), its envelope."""

    code: int
    envelope: bytes


class View(NamedTuple):
    """What a peer of one organisation said: the chain as of `block` and all answers to one question."""

    msp: str
    peer: str
    block: int
    block_hash: str
    answer: bytes
    transactions: dict[str, Verdict]


class Question(NamedTuple):
    """The contract's query that lists what belongs to a subject, as of a block whose number and hash it names."""

    contract: str
    function: str
    subject: str

    def arguments(self, block: int, block_hash: str) -> list[str]:
        """The arguments of the query."""
        return [self.subject, str(block), block_hash]


def read_view(data: bytes, channel: str, config: Configuration, question: Question) -> View:
    """Read one organisation's answers (a message with one payload in each field 1); Broken unless all are of one peer,
    about this channel and question, and belong together."""
    signer = height = None
    block_hash, answer = "", b""
    listed: Call | None = None
    found: dict[str, Verdict] = {}
    for payload in many(fields(data), 1)[:_MOST_ANSWERS]:
        call = read_call(payload)
        peers = config.signers(call.endorsements, "peer")
        if call.channel != channel or call.status != 200 or len(peers) != 1:
            raise Broken("view-signature")
        if signer is not None and peers[0].msp != signer.msp:
            raise Broken("view-mixed")
        signer = peers[0]
        arguments = [text(one) for one in call.arguments]
        if call.contract == LEDGER and arguments == ["GetChainInfo", channel]:
            info = fields(call.answer)
            height, block_hash = number(info, 1), raw(info, 2).hex()
        elif call.contract == LEDGER and len(arguments) == 3 and arguments[:2] == ["GetTransactionByID", channel]:
            processed = fields(call.answer)
            found[arguments[2]] = Verdict(number(processed, 2), raw(processed, 1))
        elif call.contract == question.contract and call.function == question.function:
            listed, answer = call, call.answer
        else:
            raise Broken("view-other")
    if signer is None or not height or listed is None:
        raise Broken("view-incomplete-part")
    if [text(one) for one in listed.arguments[1:]] != question.arguments(height - 1, block_hash):
        raise Broken("view-other")
    return View(signer.msp, signer.certificate.name, height - 1, block_hash, answer, found)


def contradiction(views: Sequence[View]) -> str:
    """The id of a transaction of which two organisations say different things; "" if there is none."""
    said: dict[str, Verdict] = {}
    for view in views:
        for tx_id, verdict in view.transactions.items():
            other = said.setdefault(tx_id, verdict)
            same = hashlib.sha256(other.envelope).digest() == hashlib.sha256(verdict.envelope).digest()
            if other.code != verdict.code or not same:
                return tx_id
    return ""

# ---- cards

KIND = "citychain-channel-card"
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
MAX_CARD = 32 << 10
_FIELDS = {
    "kind", "version", "channel", "genesis", "config", "made", "organizations", "seals", "timestamps",
}  # fmt: skip


class Institution(NamedTuple):
    """An organisation of the channel: its legal name, contracts that it is the office of, whether it is a witness."""

    msp: str
    name: str
    office: tuple[str, ...]
    witness: bool


class Card(NamedTuple):
    """A channel card. Hashes are SHA-256 in hexadecimal: of block headers, and of certificates (DER)."""

    channel: str
    genesis: str
    config_block: int
    config_hash: str
    made: str
    organizations: tuple[Institution, ...]
    seals: tuple[str, ...]
    timestamps: tuple[str, ...]

    @property
    def names(self) -> dict[str, str]:
        """Legal names by MSP id."""
        return {one.msp: one.name for one in self.organizations}

    def speakers(self, contract: str) -> tuple[list[str], list[str]]:
        """MSP ids of the contract's office, and of the witnesses besides it."""
        office = [one.msp for one in self.organizations if contract in one.office]
        return office, [one.msp for one in self.organizations if one.witness and one.msp not in office]

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON has it."""
        return {
            "kind": KIND,
            "version": 1,
            "channel": self.channel,
            "genesis": self.genesis,
            "config": {"block": self.config_block, "hash": self.config_hash},
            "made": self.made,
            "organizations": [
                {"msp": one.msp, "name": one.name, "office": list(one.office), "witness": one.witness}
                for one in self.organizations
            ],
            "seals": list(self.seals),
            "timestamps": list(self.timestamps),
        }

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the card in canonical form (sorted names, no spaces): the same however its file is laid out."""
        canonical = json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def spaced(fingerprint: str) -> str:
    """A fingerprint in groups of eight, for comparing by eye."""
    return " ".join(fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8))


def read_card(data: bytes) -> Card:
    """Read a card; Broken `card-unreadable` for anything else, whatever it resembles."""
    try:
        value = parse_json(data.strip(), MAX_CARD)
        if not isinstance(value, dict) or set(value) != _FIELDS or value["kind"] != KIND or value["version"] != 1:
            raise Broken("card-unreadable")
        config = value["config"]
        organizations = tuple(_institution(one) for one in _list(value["organizations"], 100))
        if set(config) != {"block", "hash"} or not organizations or not _DAY.match(_text(value["made"])):
            raise Broken("card-unreadable")
        if len({one.msp for one in organizations}) != len(organizations):
            raise Broken("card-unreadable")
        if not isinstance(config["block"], int) or isinstance(config["block"], bool) or config["block"] < 0:
            raise Broken("card-unreadable")
        return Card(
            _text(value["channel"]),
            _hash(value["genesis"]),
            config["block"],
            _hash(config["hash"]),
            value["made"],
            organizations,
            tuple(_hash(one) for one in _list(value["seals"], 20)),
            tuple(_hash(one) for one in _list(value["timestamps"], 20)),
        )
    except (KeyError, TypeError, AttributeError, Broken):
        raise Broken("card-unreadable") from None


def _institution(value: Any) -> Institution:
    if set(value) != {"msp", "name", "office", "witness"} or not isinstance(value["witness"], bool):
        raise Broken("card-unreadable")
    office = tuple(_text(one) for one in _list(value["office"], 20))
    return Institution(_text(value["msp"]), _text(value["name"]), office, value["witness"])


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 200 or not value.isprintable():
        raise Broken("card-unreadable")
    return value


def _hash(value: Any) -> str:
    if not isinstance(value, str) or not _HASH.match(value):
        raise Broken("card-unreadable")
    return value


def _list(value: Any, limit: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > limit:
        raise Broken("card-unreadable")
    return value

# ---- container

MAX_PARTS = 10_000
MAX_PART_IN_MEMORY = 16 << 20
STEP = 1 << 20
DOS_TIME, DOS_DATE = 0, 0x21  # 1980-01-01 00:00:00, the same in every package


class NoPackage(Exception):
    """Not a package at all."""


class Package:
    """The parts of a package by name: (offset, size, CRC). Nothing is unpacked and nothing is kept in memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        stream.seek(0, 2)
        self.size = stream.tell()
        self.parts: dict[str, tuple[int, int, int]] = {}
        self._directory()

    def _directory(self) -> None:
        self.stream.seek(max(0, self.size - 22))
        tail = self.stream.read(22)
        if len(tail) < 22 or tail[:4] != b"PK\x05\x06":
            raise NoPackage("no zip")
        _, disk, cd_disk, here, total, cd_size, cd_start, comment = struct.unpack("<IHHHHIIH", tail)
        if disk or cd_disk or comment or here != total or total > MAX_PARTS or cd_start + cd_size + 22 != self.size:
            raise Broken("container-damaged", "container")
        self.stream.seek(cd_start)
        directory = self.stream.read(cd_size)
        at = expected = 0
        for _ in range(total):
            head = directory[at : at + 46]
            if len(head) != 46 or head[:4] != b"PK\x01\x02":
                raise Broken("container-damaged", "container")
            crc, _, size, length = struct.unpack("<IIIH", head[16:30])
            offset = struct.unpack("<I", head[42:46])[0]
            name_bytes = directory[at + 46 : at + 46 + length]
            if head != directory_head(len(name_bytes), crc, size, offset) or offset != expected:
                raise Broken("container-damaged", "container")
            try:
                name = name_bytes.decode("utf-8")
            except UnicodeDecodeError:
                raise Broken("container-damaged", "container") from None
            if not name or name in self.parts or name[0] == "/" or ".." in name.split("/") or "\\" in name:
                raise Broken("container-damaged", "container")
            start = offset + 30 + length
            self.stream.seek(offset)
            if self.stream.read(30 + length) != local_head(name_bytes, crc, size) or start + size > cd_start:
                raise Broken("container-damaged", name)
            self.parts[name] = (start, size, crc)
            expected = start + size
            at += 46 + length
        if at != cd_size or expected != cd_start:
            raise Broken("container-damaged", "container")

    def chunks(self, name: str, step: int = STEP) -> Iterator[bytes]:
        """A part's bytes piece by piece."""
        start, size, _ = self.parts[name]
        done = 0
        while done < size:
            self.stream.seek(start + done)
            piece = self.stream.read(min(step, size - done))
            if not piece:
                raise Broken("container-damaged", name)
            done += len(piece)
            yield piece

    def read(self, name: str, limit: int = MAX_PART_IN_MEMORY) -> bytes:
        """A part's bytes."""
        if name not in self.parts:
            raise Broken("part-missing", name)
        if self.parts[name][1] > limit:
            raise Broken("part-too-large", name)
        return b"".join(self.chunks(name))

    def digest(self, name: str) -> str:
        """A part's SHA-256; Broken if its bytes do not have their checksum."""
        digest, crc = hashlib.sha256(), 0
        for piece in self.chunks(name):
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
        if crc != self.parts[name][2]:
            raise Broken("part-changed", name)
        return digest.hexdigest()

    def named(self, folder: str) -> Iterator[tuple[str, str]]:
        """Parts of a folder as (name within it, whole name), in order."""
        for name in sorted(self.parts):
            if name.startswith(folder):
                yield name[len(folder) :], name


def local_head(name: bytes, crc: int, size: int) -> bytes:
    """The canonical header before a part: stored, UTF-8 name, fixed time."""
    values = (0x04034B50, 20, 0x800, 0, DOS_TIME, DOS_DATE, crc, size, size, len(name), 0)
    return struct.pack("<IHHHHHIIIHH", *values) + name


def directory_head(name_length: int, crc: int, size: int, offset: int) -> bytes:
    """The canonical directory entry of a part, without its name."""
    values = (0x02014B50, 20, 20, 0x800, 0, DOS_TIME, DOS_DATE, crc, size, size, name_length, 0, 0, 0, 0, 0, offset)
    return struct.pack("<IHHHHHHIIIHHHHHII", *values)

# ---- content

LEAF_BYTES, LINKS = 262_144, 174


def put_varint(value: int) -> bytes:
    """A number as protobuf and CIDs write it."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes((value,)))


def content_cid(pieces: Iterable[bytes], size: int) -> str:
    """The CID of a stream of `size` bytes."""
    level = [
        (b"\x01\x55\x12\x20" + hashlib.sha256(leaf).digest(), len(leaf), len(leaf)) for leaf in _leaves(pieces, size)
    ]
    while len(level) > 1:
        level = [_node(level[at : at + LINKS]) for at in range(0, len(level), LINKS)]
    return "b" + base64.b32encode(level[0][0]).decode().lower().rstrip("=")


def _leaves(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    buffer = b""
    for piece in pieces:
        buffer += piece
        while len(buffer) >= LEAF_BYTES:
            yield buffer[:LEAF_BYTES]
            buffer = buffer[LEAF_BYTES:]
    if buffer or size == 0:
        yield buffer


def _node(children: list[tuple[bytes, int, int]]) -> tuple[bytes, int, int]:
    unixfs = b"\x08\x02\x18" + put_varint(sum(child[1] for child in children))
    out = b""
    for cid, length, total in children:
        unixfs += b"\x20" + put_varint(length)
        link = b"\x0a" + put_varint(len(cid)) + cid + b"\x12\x00\x18" + put_varint(total)
        out += b"\x12" + put_varint(len(link)) + link
    block = out + b"\x0a" + put_varint(len(unixfs)) + unixfs
    total = len(block) + sum(child[2] for child in children)
    return b"\x01\x70\x12\x20" + hashlib.sha256(block).digest(), sum(child[1] for child in children), total

# ---- timestamps

MAX_TOKEN = 64 << 10
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_SIGNED_DATA = "2a864886f70d010702"
_TST_INFO = "2a864886f70d0109100104"
_MESSAGE_DIGEST = "2a864886f70d010904"
_CONTENT_TYPE = "2a864886f70d010903"
_SIGNING_CERTIFICATE = "2a864886f70d010910020c"
_SIGNING_CERTIFICATE_V2 = "2a864886f70d010910022f"
_DIGESTS = {"608648016503040201": "sha256", "608648016503040202": "sha384", "608648016503040203": "sha512"}
_SIGNATURES = {
    "2a864886f70d010101": "",
    "2a864886f70d01010b": "sha256", "2a864886f70d01010c": "sha384", "2a864886f70d01010d": "sha512",
    "2a8648ce3d040302": "sha256", "2a8648ce3d040303": "sha384", "2a8648ce3d040304": "sha512",
}  # fmt: skip


class Stamp(NamedTuple):
    """A token that holds in itself: its time, who made it, and the root that it leads to ("" if to none known)."""

    seconds: int
    authority: str
    root: str
    root_name: str


def check_token(token: bytes, digest: bytes, roots: list[Certificate]) -> Stamp:
    """Check a token (or a whole response) over a SHA-256 digest; Broken `stamp-…` where it does not hold in itself."""
    if len(token) > MAX_TOKEN:
        raise Broken("stamp-unreadable")
    try:
        return _check_inside(token, digest, roots)
    except Broken as error:
        raise error if error.code.startswith("stamp-") else Broken("stamp-unreadable") from None
    except (IndexError, ValueError):
        raise Broken("stamp-unreadable") from None


def _check_inside(token: bytes, digest: bytes, roots: list[Certificate]) -> Stamp:
    outer = inside(token)
    if outer[0].tag == 0x30:  # a response: status, token
        outer = inside(outer[1].whole)
    if outer[0].content.hex() != _SIGNED_DATA:
        raise Broken("stamp-unreadable")
    signed = inside(inside(outer[1].whole, 0xA0)[0].whole)
    holder = inside(signed[2].whole)
    info_bytes = inside(holder[1].whole, 0xA0)[0].content
    info = inside(info_bytes)
    imprint = inside(info[2].whole)
    if holder[0].content.hex() != _TST_INFO or imprint[1].content != digest:
        raise Broken("stamp-other")
    if _DIGESTS.get(inside(imprint[0].whole)[0].content.hex()) != "sha256":
        raise Broken("stamp-other")
    certificates = [read_der(one.whole) for one in elements(signed[3].content)[:20]] if signed[3].tag == 0xA0 else []
    signers = elements(signed[-1].content)
    if len(signers) != 1:
        raise Broken("stamp-unreadable")
    signer = _signer(inside(signers[0].whole), info_bytes, certificates)
    if signer.usages != [TIME_STAMPING] or not signer.usages_critical:
        raise Broken("stamp-usage", authority=signer.name)
    seconds = _seconds(next(one.content for one in info if one.tag == 0x18))
    path = path_to(signer, roots, certificates)
    for one in path or [signer]:
        if not one.begins.timestamp() <= seconds <= one.ends.timestamp():
            raise Broken("stamp-expired", authority=one.name)
    root = path[-1] if len(path) > 1 else None
    named = signer.name or signer.organization
    return Stamp(seconds, named, root.fingerprint if root else "", root.name if root else "")


def _signer(parts: list[Element], info: bytes, certificates: list[Certificate]) -> Certificate:
    """The certificate that signed; Broken unless signature and signed attributes hold."""
    issuer, serial = inside(parts[1].whole)
    digest = _DIGESTS.get(inside(parts[2].whole)[0].content.hex())
    attributes = parts[3]
    algorithm = _SIGNATURES.get(inside(parts[4].whole)[0].content.hex())
    if digest is None or algorithm is None or attributes.tag != 0xA0:
        raise Broken("stamp-unreadable")
    wanted = int.from_bytes(serial.content, "big")
    found = [one for one in certificates if one.serial == wanted and one.issuer == issuer.whole]
    if not found:
        raise Broken("stamp-certificate")
    signer = found[0]
    values = {}
    for attribute in elements(attributes.content):
        name, value = inside(attribute.whole)
        values[name.content.hex()] = inside(value.whole, 0x31)[0]
    if hashlib.new(digest, info).digest() != _content(values.get(_MESSAGE_DIGEST)):
        raise Broken("stamp-other")
    if _content(values.get(_CONTENT_TYPE)).hex() != _TST_INFO or not _names_signer(values, signer):
        raise Broken("stamp-certificate")
    if not signed_by(signer, parts[5].content, der(0x31, attributes.content), algorithm or digest):
        raise Broken("stamp-signature")
    return signer


def _content(value: Element | None) -> bytes:
    return value.content if value is not None else b""


def _names_signer(values: dict[str, Element], signer: Certificate) -> bool:
    """Whether the signed attributes name the signer's certificate (RFC 5035), so that no other can be put in."""
    for name, default in ((_SIGNING_CERTIFICATE_V2, "sha256"), (_SIGNING_CERTIFICATE, "sha1")):
        if name in values:
            first = inside(inside(inside(values[name].whole)[0].whole)[0].whole)
            digest = default
            if name == _SIGNING_CERTIFICATE_V2 and first[0].tag == 0x30:
                digest = _DIGESTS.get(inside(first[0].whole)[0].content.hex(), "")
                first = first[1:]
            return bool(digest) and hashlib.new(digest, signer.der).digest() == first[0].content
    return False


def _seconds(stamp: bytes) -> int:
    try:
        moment = datetime.datetime.strptime(stamp[:14].decode("ascii"), "%Y%m%d%H%M%S")
    except ValueError:
        raise Broken("stamp-unreadable") from None
    return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())


def trusted(stamp: Stamp, fingerprints: Collection[str]) -> bool:
    """Whether a token leads to one of the roots that were given from outside."""
    return stamp.root in fingerprints

# ---- report

AGREES, CONSISTENT, INVALID, UNREADABLE = "agrees", "consistent", "invalid", "unreadable"
EXIT_CODES = {AGREES: 0, UNREADABLE: 2, INVALID: 4, CONSISTENT: 5}
OK, NOTE, LOW, CAP, BAD = "ok", "note", "low", "cap", "bad"


class Finding(NamedTuple):
    """One finding. `state`: ok; note; low (the sentence says less); cap (no more than consistent); bad."""

    state: str
    code: str
    part: str
    values: dict[str, Any]


class Report:
    """The findings in order, and the facts that the proof shows (all out of signed bytes)."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.facts: dict[str, Any] = {}
        self._unreadable = False

    def add(self, state: str, code: str, part: str = "", **values: Any) -> None:
        """Note a finding."""
        self.findings.append(Finding(state, code, part, values))

    def broken(self, error: Broken, part: str = "") -> None:
        """Note what did not hold."""
        self.add(BAD, error.code, error.part or part, **error.values)

    def give_up(self, code: str, part: str = "", **values: Any) -> None:
        """This is not a proof at all, or more than can be checked."""
        self._unreadable = True
        self.add(BAD, code, part, **values)

    def has(self, *states: str) -> bool:
        """Whether there is a finding of one of these states."""
        return any(one.state in states for one in self.findings)

    @property
    def verdict(self) -> str:
        if self._unreadable:
            return UNREADABLE
        return INVALID if self.has(BAD) else CONSISTENT if self.has(CAP) else AGREES

    @property
    def complete(self) -> bool:
        """Whether nothing lowers the sentence."""
        return self.verdict == AGREES and not self.has(LOW)

    @property
    def first_bad(self) -> Finding | None:
        return next((one for one in self.findings if one.state == BAD), None)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: verdict, findings, facts."""
        findings = [{"state": o.state, "code": o.code, "part": o.part, "values": o.values} for o in self.findings]
        return {"verdict": self.verdict, "complete": self.complete, "findings": findings, "facts": self.facts}

# ---- sentences

WORDS: dict[str, tuple[str, str]] = {
    # verdicts
    "agrees": ("与通道名片一致", "Agrees with the channel card"),
    "agrees-low": ("与通道名片一致，但有保留", "Agrees with the channel card, with reservations"),
    "consistent": ("仅自身一致，未证实来自所称机构", "Consistent in itself only; its origin is NOT confirmed"),
    "invalid": ("不成立", "Does not hold"),
    "unreadable": ("无法核验", "Cannot be checked"),
    "agrees-text": (
        "{speakers}的节点签名确认：截至第 {block} 区块，账本接受的、与这件作品有关的交易全部列在下面，没有遗漏。前提是名片为真：请先对照名片指纹（见“还要对照什么”）。",
        "Peers of {speakers} signed that, as of block {block}, the transactions below are all that the ledger accepted about this work. This stands on the card being genuine: compare its fingerprint first (see What to compare).",
    ),
    "agrees-low-text": (
        "{speakers}的节点签名确认了截至第 {block} 区块的交易；保留之处见下文“!”各项。",
        "Peers of {speakers} signed for the transactions as of block {block}; the reservations are marked ! below.",
    ),
    "consistent-text": (
        "包内各部分互相吻合，但凭它自己不能知道是谁做的；伪造者也能做出自身一致的包。原因见下文“?”各项。",
        "Its parts fit each other, but from inside nobody can know who made it: a forger can make a consistent package too. The reasons are marked ? below.",
    ),
    "invalid-text": (
        "至少有一处不成立，整个包不能作为证据。",
        "At least one thing does not hold; the package is no evidence.",
    ),
    "unreadable-text": ("这不是可以核验的证据包。", "This is not an evidence package that can be checked."),
    # the five questions
    "what": ("证明了什么", "What is shown"),
    "who": ("由谁作出、由谁证实", "Who did it, and who says so"),
    "when": ("什么时间", "When"),
    "not": ("没有证明什么", "What is not shown"),
    "compare": ("还要对照什么", "What to compare"),
    "checks": ("核验明细", "The checks one by one"),
    "claims": ("以下为包内记载，来源未证实：", "What follows is what the package says; its origin is not confirmed:"),
    "by": ("{name}（{role}，{organization}）", "{name} ({role}, {organization})"),
    "endorsed": ("背书机构：{names}", "Endorsed by: {names}"),
    "attested": (
        "证实有效与完整的机构：{names}（截至第 {block} 区块）",
        "Who confirms validity and completeness: {names} (as of block {block})",
    ),
    "attested-none": (
        "没有机构签名证实这些交易有效、完整",
        "No organisation signed that these transactions are valid and complete",
    ),
    "clock-author": ("① 行为人自己填报：{time}", "1. As entered by whoever acted: {time}"),
    "clock-between": (
        "② 账本前后他人的交易（时间由他们填报）：{before} 与 {after} 之间",
        "2. Others' transactions before and after it in the ledger (times as they entered them): between {before} and {after}",
    ),
    "clock-unknown": ("（包内没有）", "(none inside)"),
    "clock-stamp": (
        "③ 可信时间戳：不晚于 {time}，{authority}（第 {block} 区块）",
        "3. Time-stamp: not later than {time}, {authority} (block {block})",
    ),
    "clock-stamp-unknown": (
        "③ 时间戳：{time}，{authority}，机构未经核对",
        "3. Time-stamp: {time}, {authority}, authority not checked",
    ),
    "clock-stamp-none": ("③ 没有时间戳，时间只有账本为证", "3. No time-stamp; only the ledger speaks for the time"),
    "compare-card": (
        "通道名片指纹 {fingerprint}：与机构在别处公布的逐组对照",
        "The channel card's fingerprint {fingerprint}: compare it, group by group, with the one that the institution publishes elsewhere",
    ),
    "compare-none": (
        "请向机构另行取得通道名片再核验：verify.py 包.zip --card 名片.json",
        "Get the channel card from the institution itself and check again: verify.py PACKAGE.zip --card CARD.json",
    ),
    "compare-genesis": (
        "通道 {channel} 的创世区块 {hash}，名片上也有",
        "Block 0 of channel {channel}, which stands on the card, too: {hash}",
    ),
    # findings that hold
    "container": ("{count} 个部分齐全，字节未变", "All {count} parts are here and unchanged"),
    "configuration": (
        "从第 0 区块起 {count} 个配置区块逐个由前一个认可的排序节点签名",
        "{count} configuration blocks from block 0 on, each signed by the ordering nodes that the one before names",
    ),
    "card": (
        "创世区块和配置区块与通道 {channel} 的名片一致",
        "Block 0 and the configuration block are those on the card of channel {channel}",
    ),
    "block": ("第 {block} 区块由排序节点签名：{names}", "Block {block} is signed by ordering nodes: {names}"),
    "definition": (
        "背书策略取自链上的合约定义 {contract}（第 {sequence} 版），各交易均满足",
        "The endorsement policy is that of the committed definition of {contract} (sequence {sequence}); the transactions satisfy it",
    ),
    "view": (
        "{msp} 的节点 {peer} 签名：截至第 {block} 区块共 {count} 笔交易，均有效",
        "{peer} of {msp} signed: {count} transactions as of block {block}, all accepted",
    ),
    "stamp": (
        "第 {block} 区块在 {seconds} 已经存在，{authority}",
        "Block {block} existed at {seconds}, says {authority}",
    ),
    # worth knowing
    "stamp-unknown": (
        "时间戳 {seconds} 的机构 {authority} 未经核对（用 --tsa-roots 指定根证书）",
        "The authority {authority} of the time-stamp of {seconds} is not checked (give its root with --tsa-roots)",
    ),
    "stamp-none": ("包内没有时间戳", "There is no time-stamp inside"),
    # lower the sentence
    "view-no-office": ("没有登记机构（{msps}）的节点签名", "No peer of the office ({msps}) signed"),
    "view-no-witness": ("没有名片所列见证机构（{msps}）的节点签名", "No peer of a witness on the card ({msps}) signed"),
    "view-incomplete": (
        "{msp} 没有对每一笔交易签名，不计入",
        "{msp} did not sign for every transaction and is not counted",
    ),
    "clock-outside": (
        "交易 {tx} 的填报时间与账本前后的交易相差超过十分钟",
        "The time that transaction {tx} states is more than ten minutes off its neighbours in the ledger",
    ),
    # no more than consistent
    "card-none": ("没有给出通道名片", "No channel card was given"),
    "card-newer": (
        "包内只到第 {last} 区块，早于名片所载的第 {block} 配置区块：请用当时的名片，或请机构重新出具证据包",
        "The package ends at block {last}, before configuration block {block} of the card: take the card of that time, "
        "or ask the institution for a new package",
    ),
    "view-none": (
        "没有登记机构或见证机构的节点签名，交易是否有效、是否有遗漏无从知道",
        "No peer of the office or a witness signed: whether the transactions were accepted, or some are left out, is unknown",
    ),
    "roles-untold": (
        "{msps} 的证书不区分节点与其他成员，任何成员都可能冒充节点",
        "The certificates of {msps} do not tell nodes from other members; any member might pass for a node",
    ),
    "transaction-missing": (
        "交易 {tx} {function} 属于这件作品，但其区块不在包内",
        "Transaction {tx} {function} belongs to this work, but its block is not inside",
    ),
    "definition-missing": (
        "交易 {tx} 所依据的合约定义不在包内",
        "The contract's definition that transaction {tx} went by is not inside",
    ),
    "policy-foreign": (
        "交易 {tx} 还写入了别的合约，其策略未核对",
        "Transaction {tx} also wrote under another contract, whose policy is not checked",
    ),
    # do not hold
    "card-other": ("这不是名片上的通道", "This is not the channel on the card"),
    "card-configuration": (
        "第 {block} 配置区块不是名片上的那一个",
        "Configuration block {block} is not the one on the card",
    ),
    "card-unreadable": ("名片无法读取", "The card cannot be read"),
    "container-damaged": ("压缩包结构被改动", "The zip's structure was changed"),
    "part-missing": ("缺少这一部分", "This part is missing"),
    "part-changed": ("字节被改动", "Its bytes were changed"),
    "part-unnamed": ("不应有这一部分", "This part should not be here"),
    "part-too-large": ("这一部分过大", "This part is too large"),
    "bytes-damaged": ("内容损坏或不合规范", "Damaged, or not in the one form that is accepted"),
    "format-unknown": ("不认识的包格式", "An unknown format"),
    "configuration-unreadable": ("配置区块无法读取", "The configuration block cannot be read"),
    "configuration-begins-late": ("配置不是从第 0 区块开始", "The configuration does not begin with block 0"),
    "configuration-gap": (
        "第 {block} 配置区块不紧接前一个",
        "Configuration block {block} does not follow the one before",
    ),
    "configuration-other": (
        "第 {block} 区块依据的是另一个配置区块",
        "Block {block} was made under another configuration block",
    ),
    "block-changed": ("第 {block} 区块的内容与区块头不符", "Block {block} does not fit its header"),
    "block-not-signed": ("排序节点的签名不够或不成立", "The ordering nodes' signatures do not hold or are too few"),
    "organization-unreadable": ("机构 {msp} 的定义无法使用", "The definition of organisation {msp} cannot be used"),
    "certificate-unreadable": ("证书无法读取", "A certificate cannot be read"),
    "identity-unknown": (
        "通道上没有机构 {msp} 为这张证书担保",
        "No organisation {msp} of the channel vouches for a certificate",
    ),
    "identity-revoked": ("{msp} 已吊销 {name} 的证书", "{msp} has revoked the certificate of {name}"),
    "identity-role": ("{msp} 的 {name} 没有唯一的角色", "{name} of {msp} does not have exactly one role"),
    "policy-unreadable": ("策略无法读取", "A policy cannot be read"),
    "transaction-id": (
        "交易标识与作者、随机数不符",
        "The transaction's identifier does not follow from its author and nonce",
    ),
    "transaction-unreadable": ("交易无法读取", "The transaction cannot be read"),
    "proposal-other": ("背书的结果不属于这个提案", "The endorsed result does not belong to this proposal"),
    "author-signature": ("交易 {tx} 的作者签名不成立", "The author's signature of transaction {tx} does not hold"),
    "author-expired": (
        "{name} 的证书在交易时间不在有效期内",
        "The certificate of {name} was not in date at the transaction's time",
    ),
    "endorsement-none": ("交易 {tx} 没有成立的节点背书", "Transaction {tx} has no endorsement of a peer that holds"),
    "policy-not-satisfied": (
        "交易 {tx} 的背书不满足合约 {contract} 的策略",
        "The endorsements of transaction {tx} do not satisfy the policy of {contract}",
    ),
    "definition-other": (
        "交易 {tx} 指向的不是这个合约的定义",
        "Transaction {tx} does not point at this contract's definition",
    ),
    "definition-policy": (
        "合约 {contract} 的定义没有得到通道认可",
        "The definition of {contract} was not agreed on by the channel",
    ),
    "code-refused": (
        "{msp} 的节点签名：账本拒绝了交易 {tx}（代码 {number}）",
        "A peer of {msp} signed that the ledger refused transaction {tx} (code {number})",
    ),
    "code-block": (
        "交易 {tx} 在区块中标记为被拒绝（代码 {number}）",
        "Transaction {tx} is marked as refused in its block (code {number})",
    ),
    "views-differ": (
        "各机构的说法或区块对交易 {tx} 不一致",
        "The organisations, or the blocks, do not say the same about transaction {tx}",
    ),
    "view-signature": ("节点答复的签名不成立", "The signature of a peer's answer does not hold"),
    "view-mixed": ("一份答复里混有不同机构", "Answers of different organisations are mixed"),
    "view-other": ("节点答复的是别的问题", "A peer's answer is to another question"),
    "view-incomplete-part": ("节点答复不完整", "A peer's answers are incomplete"),
    "view-head": ("{msp} 所说的第 {block} 区块不在这条链上", "Block {block} that {msp} speaks of is not on this chain"),
    "stamp-unreadable": ("时间戳无法读取", "The time-stamp cannot be read"),
    "stamp-other": ("时间戳针对的是别的内容", "The time-stamp is over something else"),
    "stamp-usage": ("{authority} 的证书不是时间戳证书", "The certificate of {authority} is not one for time-stamping"),
    "stamp-expired": (
        "{authority} 的证书在时间戳的时间不在有效期内",
        "The certificate of {authority} was not in date at the time-stamp's time",
    ),
    "stamp-certificate": ("时间戳中没有签名者的证书", "The signer's certificate is not in the time-stamp"),
    "stamp-signature": ("时间戳的签名不成立", "The time-stamp's signature does not hold"),
    "no-package": ("这不是证据包（zip）", "This is no evidence package (zip)"),
    "too-much": ("超出一次核验的上限", "More than one check takes on"),
}

# ---- inspection

TOLERANCE = 600
"""Seconds that an author's clock may lie outside its neighbours' in the chain."""
MAX_LINKS = 50_000
MAX_MANIFEST = 1 << 20
_MOST_LISTED = 500
_MOST_VIEWS = 100
Listed = Callable[[bytes], list[str]]
"""Reads the transaction ids out of a contract's answer."""


class Clock(NamedTuple):
    """Where a transaction lies in time: its author's word, and its neighbours' in the chain (None: none inside)."""

    author: int
    before: int | None
    after: int | None


def check_parts(package: Package, form: str, report: Report) -> dict[str, Any]:
    """Check that the package is exactly its parts; returns its manifest, which is an index and never a fact."""
    data = package.read("manifest.json", MAX_MANIFEST)
    if package.read("manifest.sha256", 100).strip() != hashlib.sha256(data).hexdigest().encode():
        raise Broken("part-changed", "manifest.json")
    manifest = parse_json(data, MAX_MANIFEST)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise Broken("part-changed", "manifest.json")
    if manifest.get("format") != form:
        raise Broken("format-unknown", "manifest.json")
    own = {"manifest.json", "manifest.sha256"}
    files = manifest["files"]
    for name in sorted(set(package.parts) - set(files) - own):
        raise Broken("part-unnamed", name)
    for name in sorted(own | set(files)):
        if name not in package.parts:
            report.add(BAD, "part-missing", name)
            continue
        try:
            digest = package.digest(name)
        except Broken as error:
            report.broken(error, name)
            continue
        if name not in own and digest != files[name]:
            report.add(BAD, "part-changed", name)
    if not report.has(BAD):
        report.add(OK, "container", "manifest.json", count=len(package.parts))
    return manifest


class Inspection:
    """One check. `run` fills the report; afterwards `transactions`, `views` and `clocks` hold what was found."""

    def __init__(self, package: Package, report: Report, card: Card | None, stamp_roots: list[Certificate]) -> None:
        self.package, self.report, self.card = package, report, card
        self.chain = Chain()
        self.blocks: dict[int, Block] = {}
        self.heads: dict[int, Block] = {}
        self.views: list[View] = []
        self.listed: list[str] = []
        self.transactions: dict[str, Transaction] = {}
        self.clocks: dict[str, Clock] = {}
        self._places: dict[str, tuple[int, int]] = {}
        self._definitions: dict[tuple[int, int], Definition | None] = {}
        self._given_roots = stamp_roots

    def run(self, question: Question, listed: Listed, hints: list[str]) -> None:
        """Check everything; `hints` are the transactions to look at when no peer's list is inside."""
        self._configuration()
        self._compare_card()
        self._read_blocks()
        lists = self._views(question, listed)
        self.listed = list(dict.fromkeys(tx for one in lists.values() for tx in one)) if lists else hints[:_MOST_LISTED]
        for tx_id in self.listed:
            self._transaction(tx_id)
        self._compare_views(lists)
        self._policies()
        self._count_views(question, lists)
        self._clocks()
        self._stamps()

    def _numbered(self, folder: str) -> list[tuple[int, str]]:
        found = []
        for name, part in self.package.named(folder):
            base = name[:-3]
            if not name.endswith(".pb") or not base.isascii() or not base.isdigit() or str(int(base[:16])) != base:
                raise Broken("part-unnamed", part)
            found.append((int(base), part))
        return sorted(found)

    def _block(self, number: int, part: str) -> Block:
        block = Block(self.package.read(part))
        if block.number != number:
            raise Broken("block-changed", part, block=number)
        return block

    def _configuration(self) -> None:
        for number, part in self._numbered("chain/config/"):
            try:
                block = self._block(number, part)
                channel, config = block.configuration()
                self.chain.add(number, block.hash, channel, config, block.header, block.signatures)
            except Broken as error:
                raise Broken(error.code, error.part or part, **error.values) from None
        if not self.chain.configurations:
            raise Broken("part-missing", "chain/config/0.pb")
        newest = self.chain.newest
        without = newest.without_roles
        if without:
            self.report.add(CAP, "roles-untold", "chain/config/", msps=", ".join(without))
        self.report.facts["channel"] = self.chain.channel
        self.report.facts["genesis"] = self.chain.hashes[0]
        self.report.add(OK, "configuration", "chain/config/", count=len(self.chain.configurations), block=newest.block)

    def _compare_card(self) -> None:
        card = self.card
        if card is None:
            self.report.add(CAP, "card-none")
            return
        if card.channel != self.chain.channel or card.genesis != self.chain.hashes[0]:
            self.report.add(BAD, "card-other", "chain/config/0.pb")
        elif self._last() < card.config_block:
            # Genuine, or made by whoever has the keys of nodes that the channel has long dismissed: nobody can know.
            self.report.add(CAP, "card-newer", "chain/config/", last=self._last(), block=card.config_block)
        elif self.chain.hashes.get(card.config_block) != card.config_hash:
            self.report.add(BAD, "card-configuration", "chain/config/", block=card.config_block)
        else:
            self.report.add(OK, "card", "chain/config/", channel=card.channel)

    def _last(self) -> int:
        """The number of the newest block inside, of whatever kind."""
        folders = ("chain/config/", "chain/blocks/", "chain/heads/")
        return max(number for folder in folders for number, _ in self._numbered(folder))

    def _read_blocks(self) -> None:
        for folder, kept in (("chain/blocks/", self.blocks), ("chain/heads/", self.heads)):
            for number, part in self._numbered(folder):
                try:
                    block = self._block(number, part)
                    config = self.chain.at(number, block.last_config)
                    signers = config.check_orderers(block.header, block.signatures)
                except Broken as error:
                    self.report.broken(error, part)
                    continue
                kept[number] = block
                names = ", ".join(one.certificate.name for one in signers)
                self.report.add(OK, "block", part, block=number, names=names)
        for number in sorted(self.blocks):
            for index, envelope in enumerate(self.blocks[number].envelopes):
                self._places.setdefault(transaction_id(envelope), (number, index))

    def _views(self, question: Question, listed: Listed) -> dict[str, list[str]]:
        """Read what organisations answered; returns each one's list of transactions."""
        lists: dict[str, list[str]] = {}
        for number, (_, part) in enumerate(self.package.named("attestations/")):
            try:
                if number >= _MOST_VIEWS:
                    raise Broken("part-unnamed", part)
                view = read_view(self.package.read(part), self.chain.channel, self.chain.newest, question)
                head = self.heads.get(view.block) or self.blocks.get(view.block)
                if head is None or head.hash != view.block_hash:
                    raise Broken("view-head", part, msp=view.msp, block=view.block)
                if view.msp in lists:
                    raise Broken("view-mixed", part)
                lists[view.msp] = listed(view.answer)[: _MOST_LISTED + 1]
                if len(lists[view.msp]) > _MOST_LISTED:
                    raise Broken("view-other", part)
            except Broken as error:
                self.report.broken(error, part)
                continue
            self.views.append(view)
        return lists

    def _place(self, tx_id: str) -> tuple[Block, int]:
        place = self._places.get(tx_id)
        if place is None:
            raise Broken("transaction-missing", "chain/blocks/", tx=tx_id)
        return self.blocks[place[0]], place[1]

    def _transaction(self, tx_id: str) -> None:
        try:
            block, index = self._place(tx_id)
        except Broken:
            self._attested_only(tx_id)
            return
        part = f"chain/blocks/{block.number}.pb"
        try:
            found = check_transaction(block, index, self.chain.at(block.number))
            if found.call.channel != self.chain.channel:
                raise Broken("transaction-unreadable")
            if block.codes[index : index + 1] not in (b"", b"\0"):
                raise Broken("code-block", number=block.codes[index])
        except Broken as error:
            self.report.add(BAD, error.code, part, **{**error.values, "tx": tx_id})
            return
        self.transactions[tx_id] = found

    def _attested_only(self, tx_id: str) -> None:
        """A transaction whose block is not inside: it is named, from the peer's own copy, and lowers the sentence."""
        call = None
        for view in self.views:
            verdict = view.transactions.get(tx_id)
            if verdict is not None:
                try:
                    call = read_call(raw(fields(verdict.envelope), 1))
                except Broken:
                    call = None
        name = call.function if call is not None and call.tx_id == tx_id else ""
        self.report.add(CAP, "transaction-missing", "chain/blocks/", tx=tx_id, function=name)

    def _compare_views(self, lists: dict[str, list[str]]) -> None:
        """Whatever two organisations say must fit together, and fit the blocks."""
        differ = contradiction(self.views)
        blocks = {view.msp: view.block for view in self.views}
        for tx_id, found in self.transactions.items():
            for view in self.views:
                said = view.transactions.get(tx_id)
                if said is not None and said.code != 0:
                    self.report.add(BAD, "code-refused", "attestations/", tx=tx_id, msp=view.msp, number=said.code)
                elif said is not None and said.envelope != found.envelope:
                    differ = differ or tx_id
                if tx_id not in lists.get(view.msp, []) and found.block <= blocks[view.msp]:
                    differ = differ or tx_id
        if differ:
            self.report.add(BAD, "views-differ", "attestations/", tx=differ)

    def _definition(self, place: tuple[int, int]) -> Definition | None:
        if place not in self._definitions:
            self._definitions[place] = None
            number, index = place
            block = self.blocks.get(number)
            if block is None or index >= len(block.envelopes):
                return None
            config = self.chain.at(number)
            self._definitions[place] = read_definition(check_transaction(block, index, config), config)
        return self._definitions[place]

    def _policies(self) -> None:
        """Every transaction's endorsers must be those whom the contract's definition, or a key's policy, asks for."""
        keys: dict[str, bytes] = {}
        names = set()
        for tx_id, found in sorted(self.transactions.items(), key=lambda one: (one[1].block, one[1].place)):
            part = f"chain/blocks/{found.block}.pb"
            try:
                sets = writes(found.call.results)
                place = definition_read(found.call.contract, sets)
                definition = (
                    self._definition(place) if place is not None and place < (found.block, found.place) else None
                )
                if definition is None:
                    self.report.add(CAP, "definition-missing", part, tx=tx_id)
                    continue
                if definition.name != found.call.contract:
                    raise Broken("definition-other")
                check_policies(found, definition, keys, self.chain.at(found.block))
                names.add((definition.name, definition.sequence))
                if foreign_writes(found):
                    self.report.add(CAP, "policy-foreign", part, tx=tx_id)
                if definition.name in sets:
                    keys.update(sets[definition.name].policies)
            except Broken as error:
                self.report.add(BAD, error.code, part, **{**error.values, "tx": tx_id})
        for name, sequence in sorted(names):
            self.report.add(OK, "definition", "chain/blocks/", contract=name, sequence=sequence)

    def _count_views(self, question: Question, lists: dict[str, list[str]]) -> None:
        """Say who vouches for validity and completeness: the office and one witness of the card are enough."""
        spoke = []
        for view in self.views:
            if all(tx in view.transactions for tx in lists[view.msp]):
                spoke.append(view.msp)
                self.report.add(
                    OK,
                    "view",
                    "attestations/",
                    msp=view.msp,
                    peer=view.peer,
                    block=view.block,
                    count=len(lists[view.msp]),
                )
            else:
                self.report.add(LOW, "view-incomplete", "attestations/", msp=view.msp)
        self.report.facts["as_of"] = min((view.block for view in self.views if view.msp in spoke), default=None)
        self.report.facts["spoke"] = spoke
        office, witnesses = self.card.speakers(question.contract) if self.card else ([], [])
        if self.card is None:
            if not spoke:
                self.report.add(CAP, "view-none", "attestations/")
            return
        counted = [msp for msp in spoke if msp in office or msp in witnesses]
        self.report.facts["counted"] = counted
        if not counted:
            self.report.add(CAP, "view-none", "attestations/")
        else:
            for code, wanted in (("view-no-office", office), ("view-no-witness", witnesses)):
                if not any(msp in wanted for msp in counted):
                    self.report.add(LOW, code, "attestations/", msps=", ".join(wanted))

    def _clocks(self) -> None:
        """Hold each author's time against the nearest transactions of others before and behind it in the chain."""
        calls = []
        for number in sorted(self.blocks):
            for index, envelope in enumerate(self.blocks[number].envelopes[:_MOST_LISTED]):
                try:
                    call = read_call(raw(fields(envelope), 1))
                except Broken:
                    continue
                calls.append(((number, index), call.creator, call.seconds))
        for tx_id, found in self.transactions.items():
            at, creator = (found.block, found.place), found.call.creator
            before = [one[2] for one in calls if one[0] < at and one[1] != creator][-1:]
            after = [one[2] for one in calls if one[0] > at and one[1] != creator][:1]
            clock = Clock(found.call.seconds, before[0] if before else None, after[0] if after else None)
            self.clocks[tx_id] = clock
            early = clock.before is not None and clock.author < clock.before - TOLERANCE
            late = clock.after is not None and clock.author > clock.after + TOLERANCE
            if early or late:
                self.report.add(LOW, "clock-outside", f"chain/blocks/{found.block}.pb", tx=tx_id)

    def _stamps(self) -> None:
        """Check tokens over block hashes: `timestamps/BLOCK.tsr`, later blocks reached over `FROM-TO.links`."""
        roots, allowed = list(self._given_roots), {one.fingerprint for one in self._given_roots}
        allowed |= set(self.card.timestamps) if self.card else set()
        hashes = {**{n: b.hash for n, b in self.heads.items()}, **{n: b.hash for n, b in self.blocks.items()}}
        found: list[dict[str, Any]] = []
        parts = list(self.package.named("timestamps/"))
        for name, part in parts:
            try:
                if name.endswith(".pem"):
                    roots.append(read_pem(self.package.read(part, MAX_TOKEN)))
                elif name.endswith(".links"):
                    self._links(name, part, hashes)
            except Broken as error:
                self.report.broken(error, part)
        for name, part in parts:
            if not name.endswith(".tsr"):
                continue
            try:
                number = _number(name[:-4], part)
                if number not in hashes:
                    raise Broken("stamp-other", part)
                stamp = check_token(self.package.read(part, MAX_TOKEN), bytes.fromhex(hashes[number]), roots)
            except Broken as error:
                self.report.broken(error, part)
                continue
            known = trusted(stamp, allowed)
            found.append({"block": number, "seconds": stamp.seconds, "authority": stamp.authority, "known": known})
            code = "stamp" if known else "stamp-unknown"
            self.report.add(
                OK if known else NOTE, code, part, block=number, seconds=stamp.seconds, authority=stamp.authority
            )
        if not found:
            self.report.add(NOTE, "stamp-none", "timestamps/")
        self.report.facts["stamps"] = sorted(found, key=lambda one: (int(one["block"]), int(one["seconds"])))

    def _links(self, name: str, part: str, hashes: dict[int, str]) -> None:
        """Follow block headers from a block that is inside to a later one, of which only the data hashes are given."""
        first, _, last = name[:-6].partition("-")
        start, end = _number(first, part), _number(last, part)
        data = self.package.read(part, MAX_LINKS * 32)
        if start not in hashes or len(data) != (end - start) * 32:
            raise Broken("stamp-other", part)
        digest = bytes.fromhex(hashes[start])
        for step in range(end - start):
            header = header_bytes(start + step + 1, digest, data[step * 32 : step * 32 + 32])
            digest = hashlib.sha256(header).digest()
        if hashes.setdefault(end, digest.hex()) != digest.hex():
            raise Broken("stamp-other", part)


def _number(digits: str, part: str) -> int:
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15 or str(int(digits)) != digits:
        raise Broken("part-unnamed", part)
    return int(digits)

# ---- sentences

WORDS.update({
    "format-old": (
        "第 1 版证据包：机构、法定签名数和行为名称都由包自己说，请向出具方索取第 2 版",
        "Format 1: the package itself names organisations, quorum and acts; ask its issuer for format 2",
    ),
    "record": ("记录 {work} 是链上交易写入的", "Record {work} is what the transaction wrote"),
    "record-missing": ("没有交易写入记录 {work}", "No transaction wrote record {work}"),
    "record-other": ("记录 {work} 与写入它的交易不符", "Record {work} does not fit the transaction that wrote it"),
    "content": (
        "作品文件的内容标识是 {cid}，与记录一致",
        "The work's file has the content identifier {cid}, the record's",
    ),
    "content-other": (
        "作品文件的内容标识是 {cid}，不是记录里的",
        "The work's file has the content identifier {cid}, not the record's",
    ),
    "content-absent": (
        "包内没有作品文件，其内容标识是 {cid}",
        "The work's file is not inside; its content identifier is {cid}",
    ),
    "certificate": (
        "登记证书的 SHA-256 由登记机构记入账本，截至所查区块是最新的一份：{sha256}",
        "The certificate's SHA-256 was put on the ledger by the office and is the newest as of the block checked: {sha256}",
    ),
    "certificate-replaced": (
        "这份登记证书已被更新的一份取代：{sha256}",
        "This certificate was replaced by a newer one: {sha256}",
    ),
    "certificate-unrecorded": (
        "这份登记证书没有记入账本，不算数",
        "This certificate does not stand on the ledger and does not count",
    ),
    "certificate-absent": (
        "包内没有登记证书，账本上的 SHA-256 是 {sha256}",
        "The certificate is not inside; its SHA-256 on the ledger is {sha256}",
    ),
    "capture": (
        "网页取证的 SHA-256 已记入账本：{sha256}",
        "The SHA-256 of the captured page stands on the ledger: {sha256}",
    ),
    "capture-unrecorded": (
        "这份网页取证没有记入账本，不算数",
        "This captured page does not stand on the ledger and does not count",
    ),
    "shown-work": (
        "《{title}》（{work}）存证在账本上，内容标识 {cid}",
        "{title} ({work}) was deposited on the ledger, content identifier {cid}",
    ),
    "shown-file": ("随附文件就是存证的文件", "The file inside is the one deposited"),
    "shown-act": ("{time} {act}：{person}", "{time} {act}: {person}"),
    "shown-certificate": (
        "登记机构发证，账本上的 SHA-256 {sha256}",
        "The office issued a certificate; SHA-256 on the ledger {sha256}",
    ),
    "not-original": (
        "存证人是否作者、作品是否独创：存证不作审查；登记机构审查了什么，本核验不作评判",
        "That the depositor is the author, or the work original: a deposit is not examined, and what the office examined is not judged here",
    ),
    "not-infringing": (
        "别的作品是否侵权；申请、报告和要约只表明提出过，不表明内容属实",
        "That another work infringes it; applications, reports and offers are shown as made, not as true",
    ),
    "not-later": ("第 {block} 区块以后发生的事", "What happened after block {block}"),
    "not-names": (
        "电子身份的名称对应哪个自然人：须向签发它的机构查证",
        "Which natural person an electronic identity's name stands for: ask the organisation that issued it",
    ),
    "not-anything": ("凡由来源未证实引起的一切", "Everything that hangs on an origin that is not confirmed"),
    "compare-file": (
        "您手中作品文件（不是本压缩包）的 SHA-256 应为 {sha256}",
        "The SHA-256 of the work's file in your hands (not of this zip) should be {sha256}",
    ),
    "compare-cid": (
        "您手中文件的内容标识应为 {cid}",
        "The content identifier of the file in your hands should be {cid}",
    ),
})

ACTS: dict[str, tuple[str, str]] = {
    "Deposit": ("存证", "deposit"),
    "DepositMany": ("批量存证", "deposit of several works"),
    "AmendWork": ("更正或补全", "entries amended"),
    "RevokeDeposit": ("撤回存证", "withdrawal of the deposit"),
    "SubmitRegistration": ("申请登记", "application for registration"),
    "BeginVerification": ("开始核查", "verification begun"),
    "RequestCorrection": ("要求补正", "correction requested"),
    "SubmitCorrection": ("补正", "correction submitted"),
    "LapseRegistration": ("逾期未补正，申请失效", "application lapsed"),
    "WithdrawRegistration": ("撤回登记申请", "application withdrawn"),
    "AcceptRegistration": ("受理登记申请", "application accepted"),
    "BeginExamination": ("开始审查", "examination begun"),
    "CompareWork": ("全网查重", "compared with all works"),
    "GiveOpinion": ("比对意见", "opinion of a work found"),
    "PassExamination": ("初审通过", "first examination passed"),
    "ReturnExamination": ("退回初审", "sent back to the first examination"),
    "ApproveRegistration": ("复审通过", "examination passed"),
    "RefuseRegistration": ("不予登记", "registration refused"),
    "IssueCertificate": ("发证", "certificate issued"),
    "RecordCertificate": ("登记证书记入账本", "certificate put on the ledger"),
    "PublishRegistration": ("登记公告", "registration published"),
    "CancelRegistration": ("撤销登记", "registration cancelled"),
    "RequestChange": ("申请变更", "change requested"),
    "DecideChange": ("变更决定", "change decided"),
    "ConsentChange": ("同意变更", "consent to the change"),
    "WithdrawChange": ("撤回变更申请", "change withdrawn"),
    "RequestCancellation": ("申请注销登记", "cancellation requested"),
    "ConsentCancellation": ("同意注销", "consent to the cancellation"),
    "WithdrawCancellation": ("撤回注销申请", "cancellation withdrawn"),
    "DecideCancellation": ("注销决定", "cancellation decided"),
    "AdmitDispute": ("受理异议", "dispute admitted"),
    "LiftDispute": ("不予受理异议", "dispute lifted"),
    "LapseDispute": ("异议逾期未受理", "dispute lapsed"),
    "RecordPayment": ("登记付款", "payment recorded"),
    "ConfirmPayment": ("确认收款", "receipt confirmed"),
    "DenyPayment": ("收款人未收到", "payment not received"),
    "WithdrawPayment": ("撤回付款登记", "payment withdrawn"),
    "OfferLicence": ("提出授权许可", "licence offered"),
    "ConsentLicence": ("同意授权许可", "consent to the licence"),
    "AcceptLicence": ("接受授权许可", "licence accepted"),
    "RejectLicence": ("拒绝授权许可", "licence rejected"),
    "WithdrawLicence": ("撤回授权许可", "licence offer withdrawn"),
    "TerminateLicence": ("终止授权许可", "licence ended"),
    "RecordUsage": ("申报使用", "use reported"),
    "SettleUsage": ("使用结算", "use settled"),
    "ProposeTransfer": ("提出转让", "transfer proposed"),
    "ConsentTransfer": ("同意转让", "consent to the transfer"),
    "AcceptTransfer": ("接受转让", "transfer accepted"),
    "RejectTransfer": ("拒绝转让", "transfer rejected"),
    "WithdrawTransfer": ("撤回转让", "transfer withdrawn"),
    "ProposePledge": ("提出质押", "pledge proposed"),
    "ConsentPledge": ("同意质押", "consent to the pledge"),
    "AcceptPledge": ("接受质押", "pledge accepted"),
    "RegisterPledge": ("质押登记", "pledge registered"),
    "RefusePledge": ("不予质押登记", "pledge refused"),
    "RejectPledge": ("退出质押", "pledge rejected"),
    "DischargePledge": ("解除质押", "pledge discharged"),
    "OpenDispute": ("提出异议", "dispute opened"),
    "ResolveDispute": ("异议处理", "dispute resolved"),
    "WithdrawDispute": ("撤回异议", "dispute withdrawn"),
    "ReportInfringement": ("记录疑似侵权", "suspected infringement reported"),
    "AddEvidence": ("补充取证", "evidence added"),
    "CloseInfringement": ("侵权线索结案", "infringement case closed"),
}

ROLES: dict[str, tuple[str, str]] = {
    "creator": ("创作者", "creator"),
    "registrar": ("登记员", "registrar"),
    "licensee": ("使用方", "licensee"),
    "auditor": ("审计员", "auditor"),
    "client": ("成员", "member"),
    "admin": ("管理员", "administrator"),
}

# ---- check

FORMAT = "citychain-evidence-2"
FORMAT_1 = "citychain-evidence-1"
CONTRACT, LISTING = "copyright", "ListTransactions"
CERTIFY, CAPTURES = "RecordCertificate", ("ReportInfringement", "AddEvidence")
MAX_RECORD = 1 << 20
_KNOWN = re.compile(
    r"manifest\.json|manifest\.sha256|index\.html|README\.txt|verify\.(py|html)|chain/(config|blocks|heads)/[0-9]{1,15}\.pb|"
    r"attestations/[^/]+\.pb|content/[^/]+|certificates/[^/]+\.pdf|captures/[^/]+\.zip|"
    r"timestamps/([0-9]{1,15}\.tsr|[0-9]{1,15}-[0-9]{1,15}\.links|root-[0-9]{1,15}\.pem)"
)
"""All parts that a package may have: what nothing here looks at would be shown beside what holds as if it held too."""


def check_package(stream: BinaryIO, card: Card | None = None, stamp_roots: list[Certificate] | None = None) -> Report:
    """Check a package of any origin; never raises for what is inside. The card must come from elsewhere."""
    METER.begin()
    report = Report()
    if card is not None:
        report.facts["card"] = {"fingerprint": spaced(card.fingerprint), "channel": card.channel, "made": card.made}
    try:
        package = Package(stream)
        if _format_1(package):
            _old(package, report)
        else:
            _check(package, report, card, stamp_roots or [])
    except NoPackage:
        report.give_up("no-package")
    except TooMuch:
        report.give_up("too-much")
    except Broken as error:
        report.broken(error)
    except (OverflowError, RecursionError, MemoryError):
        report.give_up("too-much")
    return report


def check_bytes(data: bytes, card: Card | None = None, stamp_roots: list[Certificate] | None = None) -> Report:
    """As `check_package`, for bytes in memory."""
    return check_package(io.BytesIO(data), card, stamp_roots)


def _format_1(package: Package) -> bool:
    try:
        manifest = parse_json(package.read("manifest.json", MAX_RECORD), MAX_RECORD)
        return isinstance(manifest, dict) and manifest.get("format") == FORMAT_1
    except Broken:
        return False


def _old(package: Package, report: Report) -> None:
    """A package of format 1 names organisations, quorum and acts itself: no more is said than that its bytes fit."""
    check_parts(package, FORMAT_1, report)
    report.add("cap", "format-old", "manifest.json")


def _check(package: Package, report: Report, card: Card | None, stamp_roots: list[Certificate]) -> None:
    manifest = check_parts(package, FORMAT, report)
    for name in sorted(package.parts):
        if not _KNOWN.fullmatch(name):
            raise Broken("part-unnamed", name)
    work_id = manifest.get("work")
    hints = manifest.get("transactions")
    if not isinstance(work_id, str) or not isinstance(hints, list) or not all(isinstance(one, str) for one in hints):
        raise Broken("part-changed", "manifest.json")
    inspection = Inspection(package, report, card, stamp_roots)
    inspection.run(Question(CONTRACT, LISTING, work_id), _listed, hints)
    ordered = sorted(inspection.transactions.values(), key=lambda one: (one.block, one.place))
    names = card.names if card else {}
    report.facts["names"] = names
    report.facts["acts"] = [_act(one, inspection, names) for one in ordered]
    _record(package, report, work_id, ordered, inspection)
    _certificate(package, report, ordered)
    _captures(package, report, ordered)


def _listed(answer: bytes) -> list[str]:
    value = parse_json(answer)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Broken("view-other")
    found = [one.get("tx_id") for one in value]
    if not all(isinstance(one, str) for one in found) or len(set(found)) != len(found):
        raise Broken("view-other")
    return [str(one) for one in found]


def _person(transaction: Transaction, names: dict[str, str]) -> dict[str, str]:
    author = transaction.author
    role = ""
    if author.certificate.attributes:
        try:
            attributes = parse_json(author.certificate.attributes, 1 << 16)["attrs"]
            role = attributes.get("role", "")
        except (Broken, KeyError, TypeError, AttributeError):
            role = ""
    msp = author.msp
    shown = role if isinstance(role, str) else ""
    return {
        "name": author.certificate.name,
        "role": shown or author.role,
        "msp": msp,
        "organization": names.get(msp, ""),
    }


def _act(transaction: Transaction, inspection: Inspection, names: dict[str, str]) -> dict[str, Any]:
    call = transaction.call
    clock = inspection.clocks[call.tx_id]
    return {
        "tx": call.tx_id,
        "function": call.function,
        "contract": call.contract,
        "by": _person(transaction, names),
        "endorsed": sorted({one.msp for one in transaction.endorsers}),
        "block": transaction.block,
        "time": clock.author,
        "before": clock.before,
        "after": clock.after,
    }


def _record(package: Package, report: Report, work_id: str, ordered: list[Transaction], inspection: Inspection) -> None:
    """The record as its first transaction wrote it, and the file that it names."""
    first, record = None, None
    for one in ordered:
        sets = writes(one.call.results).get(CONTRACT) if one.call.contract == CONTRACT else None
        value = sets.values.get(work_id) if sets else None
        if value is not None:
            first, record = one, parse_json(value, MAX_RECORD)
            break
    content = record.get("content") if isinstance(record, dict) else None
    if first is None or not isinstance(record, dict) or not isinstance(content, dict):
        raise Broken("record-missing", "chain/blocks/", work=work_id[:64])
    if record.get("id") != work_id or record.get("tx_id") != first.call.tx_id:
        raise Broken("record-other", "chain/blocks/", work=work_id[:64])
    cid = content.get("cid")
    if not isinstance(cid, str):
        raise Broken("record-other", "chain/blocks/", work=work_id[:64])
    report.facts["work"] = {
        "id": work_id,
        "title": _shown(record.get("title")),
        "cid": cid[:100],
        "sha256": _shown(content.get("sha256")),
        "depositor": _shown(record.get("depositor")),
        "tx": first.call.tx_id,
    }
    report.add(OK, "record", f"chain/blocks/{first.block}.pb", work=work_id)
    files = [part for _, part in package.named("content/")]
    if len(files) > 1:
        report.add(BAD, "part-unnamed", files[1])
    elif not files:
        report.add(NOTE, "content-absent", "content/", cid=cid[:100])
    else:
        found = content_cid(package.chunks(files[0]), package.parts[files[0]][1])
        if found == cid:
            report.add(OK, "content", files[0], cid=cid)
        else:
            report.add(BAD, "content-other", files[0], cid=found)


def _shown(value: Any) -> str:
    return value[:300] if isinstance(value, str) else ""


def _certificate(package: Package, report: Report, ordered: list[Transaction]) -> None:
    """A certificate counts only if its SHA-256 stands on the ledger by the office's act; the newest is in force."""
    noted = [_argument(one, 2) for one in ordered if one.call.contract == CONTRACT and one.call.function == CERTIFY]
    files = [part for _, part in package.named("certificates/")]
    for part in files:
        digest = package.digest(part)
        if digest not in noted:
            report.add(BAD, "certificate-unrecorded", part)
        elif digest == noted[-1]:
            report.add(OK, "certificate", part, sha256=digest)
        else:
            report.add(NOTE, "certificate-replaced", part, sha256=digest)
    report.facts["certificates"] = noted
    if noted and not files:
        report.add(NOTE, "certificate-absent", "certificates/", sha256=noted[-1])


def _argument(transaction: Transaction, place: int) -> str:
    arguments = transaction.call.arguments
    return arguments[place].decode("utf-8", "replace") if len(arguments) > place else ""


def _captures(package: Package, report: Report, ordered: list[Transaction]) -> None:
    """Captured pages count only if a report of an infringement, or its evidence, names their SHA-256."""
    parts = [part for _, part in package.named("captures/")]
    noted = "".join(
        _argument(one, 2) for one in ordered if one.call.contract == CONTRACT and one.call.function in CAPTURES
    )
    for part in parts:
        digest = package.digest(part)
        if f'"{digest}"' in noted:
            report.add(OK, "capture", part, sha256=digest)
        else:
            report.add(BAD, "capture-unrecorded", part)

# ---- tell

SIGNS = {"ok": "✓", "note": "·", "low": "!", "cap": "?", "bad": "✗"}


class Section(NamedTuple):
    """A heading and its lines."""

    heading: str
    lines: list[str]


class Teller:
    """Sentences in one language: `zh` or `en`."""

    def __init__(self, language: str) -> None:
        self._place = 0 if language == "zh" else 1

    def say(self, code: str, **values: Any) -> str:
        """A sentence by its code; the code itself where there is none."""
        words = WORDS.get(code) or None
        sentence = words[self._place] if words else code
        for key, value in values.items():
            sentence = sentence.replace("{" + key + "}", self.moment(value) if key == "seconds" else plain(value))
        return sentence

    def moment(self, seconds: Any) -> str:
        """A time: Beijing's in Chinese, UTC in English."""
        if not isinstance(seconds, int):
            return self.say("clock-unknown")
        shift = 8 if self._place == 0 else 0
        try:
            at = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds, hours=shift)
        except OverflowError:
            return plain(seconds)
        zone = "（北京时间）" if self._place == 0 else " UTC"
        return f"{at:%Y-%m-%d %H:%M:%S}{zone}"

    def verdict(self, report: Report) -> tuple[str, str]:
        """The verdict, and the sentence under it."""
        code = report.verdict
        if code == AGREES and not report.complete:
            code = "agrees-low"
        speakers = self._organizations(report, report.facts.get("counted", []))
        return self.say(code), self.say(f"{code}-text", speakers=speakers, block=report.facts.get("as_of"))

    def finding(self, code: str, values: dict[str, Any]) -> str:
        """One finding."""
        return self.say(code, **values)

    def sections(self, report: Report) -> list[Section]:
        """The answers to the five questions; facts of a package that does not hold are not told."""
        facts = report.facts
        work = facts.get("work")
        if report.verdict not in (AGREES, CONSISTENT) or not isinstance(work, dict):
            return []
        head = [self.say("claims")] if report.verdict == CONSISTENT else []
        return [
            Section(self.say("what"), head + self._what(report, work)),
            Section(self.say("who"), self._who(report, work)),
            Section(self.say("when"), self._when(facts, work)),
            Section(self.say("not"), self._not(report)),
            Section(self.say("compare"), self._compare(facts, work)),
        ]

    def _what(self, report: Report, work: dict[str, Any]) -> list[str]:
        lines = [self.say("shown-work", title=work["title"], work=work["id"], cid=work["cid"])]
        if any(one.code == "content" for one in report.findings):
            lines.append(self.say("shown-file"))
        for act in report.facts["acts"]:
            known = ACTS.get(act["function"]) if act["contract"] == "copyright" else None
            name = known[self._place] if known else f"{act['contract']}.{act['function']}"
            person = self._person(act["by"])
            lines.append(self.say("shown-act", time=self.moment(act["time"]), act=name, person=person))
        if report.facts["certificates"]:
            lines.append(self.say("shown-certificate", sha256=report.facts["certificates"][-1]))
        return lines

    def _person(self, person: dict[str, str]) -> str:
        roles = [ROLES[one][self._place] if one in ROLES else one for one in person["role"].split(",")]
        legal = f"{person['organization']} {person['msp']}" if person["organization"] else person["msp"]
        return self.say("by", name=person["name"], role=", ".join(roles), organization=legal)

    def _organizations(self, report: Report, msps: list[str]) -> str:
        names = report.facts.get("names", {})
        return ("、" if self._place == 0 else ", ").join(names.get(one) or one for one in msps)

    def _who(self, report: Report, work: dict[str, Any]) -> list[str]:
        facts = report.facts
        first = next(one for one in facts["acts"] if one["tx"] == work["tx"])
        lines = [self._person(first["by"]), self.say("endorsed", names=self._organizations(report, first["endorsed"]))]
        if facts.get("spoke"):
            names = self._organizations(report, facts["spoke"])
            return [*lines, self.say("attested", names=names, block=facts["as_of"])]
        return [*lines, self.say("attested-none")]

    def _when(self, facts: dict[str, Any], work: dict[str, Any]) -> list[str]:
        first = next(one for one in facts["acts"] if one["tx"] == work["tx"])
        before, after = self.moment(first["before"]), self.moment(first["after"])
        lines = [self.say("clock-author", time=self.moment(first["time"]))]
        lines.append(self.say("clock-between", before=before, after=after))
        stamps = [one for one in facts["stamps"] if one["block"] >= first["block"]]
        for one in [one for one in stamps if one["known"]][:1] or stamps[:1]:
            code = "clock-stamp" if one["known"] else "clock-stamp-unknown"
            time = self.moment(one["seconds"])
            lines.append(self.say(code, time=time, authority=one["authority"], block=one["block"]))
        return lines if len(lines) > 2 else [*lines, self.say("clock-stamp-none")]

    def _not(self, report: Report) -> list[str]:
        lines = [self.say("not-original"), self.say("not-infringing"), self.say("not-names")]
        if report.facts.get("as_of") is not None:
            lines.append(self.say("not-later", block=report.facts["as_of"]))
        if report.verdict == CONSISTENT:
            lines.insert(0, self.say("not-anything"))
        for one in report.findings:
            if one.state in ("low", "cap"):
                lines.append(f"{SIGNS[one.state]} {self.finding(one.code, one.values)}")
        return lines

    def _compare(self, facts: dict[str, Any], work: dict[str, Any]) -> list[str]:
        lines = []
        if "card" in facts:
            lines.append(self.say("compare-card", fingerprint=facts["card"]["fingerprint"]))
        else:
            lines += [self.say("compare-none")]
        if facts.get("genesis"):
            lines.append(self.say("compare-genesis", channel=facts["channel"], hash=facts["genesis"]))
        if work["sha256"]:
            lines.append(self.say("compare-file", sha256=work["sha256"]))
        else:
            lines.append(self.say("compare-cid", cid=work["cid"]))
        return lines


def plain(value: Any) -> str:
    """A value for a line of text: nothing in it may steer a terminal, hide or turn around what stands beside it."""
    text = str(value)[:2000]
    return "".join(one if unicodedata.category(one)[0] not in "CZ" or one == " " else "�" for one in text)

# ---- terminal

MARK = b"-----BEGIN CERTIFICATE-----"


def read_roots(data: bytes) -> list[Certificate]:
    """The certificates of a PEM file; Broken if there is none or one cannot be read."""
    found = [read_pem(MARK + one) for one in data.split(MARK)[1:51]]
    if not found:
        raise Broken("certificate-unreadable")
    return found


def lines(report: Report, language: str, details: bool = True) -> list[str]:
    """The outcome as lines for a terminal."""
    teller = Teller(language)
    verdict, sentence = teller.verdict(report)
    out = [f"【{verdict}】" if language == "zh" else f"[{verdict}]", sentence]
    for section in teller.sections(report):
        out += ["", section.heading, *(f"  - {one}" for one in section.lines)]
    if details or report.first_bad:
        out += ["", teller.say("checks")]
        for one in report.findings:
            if details or one.state == "bad":
                out.append(f"  {SIGNS[one.state]} {plain(one.part)}: {teller.finding(one.code, one.values)}")
    return out


def _language() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "zh" if os.environ[name].lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def main(arguments: list[str] | None = None) -> int:
    """Check a package; the exit code: 0 agrees with the card, 5 consistent only, 4 does not hold, 2 unreadable."""
    parser = argparse.ArgumentParser(
        description="核验城链证据包 / Check a CityChain evidence package.",
        epilog="0 与名片一致 agrees with the card · 5 仅自身一致 consistent in itself only · 4 不成立 does not hold · "
        "2 无法核验 cannot be checked",
    )
    parser.add_argument("package", help="证据包 evidence package (.zip)")
    parser.add_argument("--card", help="另行取得的通道名片 channel card, got from elsewhere (.json)")
    parser.add_argument("--tsa-roots", help="时间戳机构根证书 roots of time-stamp authorities (PEM)")
    parser.add_argument("--lang", choices=("zh", "en"), default=_language())
    parser.add_argument("--json", action="store_true", help="JSON")
    options = parser.parse_args(arguments)
    try:
        card, roots = None, []
        if options.card:
            with open(options.card, "rb") as file:
                card = read_card(file.read(MAX_CARD + 1))
        if options.tsa_roots:
            with open(options.tsa_roots, "rb") as file:
                roots = read_roots(file.read(1 << 20))
        with open(options.package, "rb") as stream:
            report = check_package(stream, card, roots)
    except (OSError, Broken) as error:
        said = Teller(options.lang).say(error.code) if isinstance(error, Broken) else str(error)
        print(said, file=sys.stderr)
        return EXIT_CODES[UNREADABLE]
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if options.json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
    else:
        print("\n".join(lines(report, options.lang)))
    return EXIT_CODES[report.verdict]


if __name__ == "__main__":
    sys.exit(main())
