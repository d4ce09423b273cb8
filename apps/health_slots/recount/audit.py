#!/usr/bin/env python3
"""Audit the ledger of appointment slots (号源链) without CityChain: Python 3.9+ and `cryptography` do.

    python audit.py CHAIN.blocks --card CARD.json [--json]

It checks every block's signatures and every transaction's author, endorsers, policy and reads, and recomputes every
hospital's commitment against what it opened, every change, every booking of a slot, and every draw. The card must come
from the institution itself. Exit code 0: agrees with the card. 5: consistent in itself only,
or transactions are called refused and it cannot be rechecked why. 4: alarms. 2: unreadable.

This file is bundled from fabric_sdk/proof, chaincode/health_slots and apps/health_slots/recount by
`python -m fabric_sdk.proof.bundle apps.health_slots.recount`.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import hashlib
import hmac
import json
import re
import struct
import sys
import threading
from bisect import bisect_left
from bisect import insort
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
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
from dataclasses import dataclass
from datetime import date
from pathlib import Path
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

# ---- merkle

def slot_salt(secret: bytes, sequence: int) -> bytes:
    """Return the 16-byte salt of slot `sequence` (from 1): HMAC-SHA-256(secret, sequence as 4 bytes), cut."""
    return hmac.digest(secret, sequence.to_bytes(4, "big"), "sha256")[:16]


def leaf_hash(line: str, salt: bytes) -> bytes:
    """Return the leaf of one slot from its canonical line and salt."""
    return hashlib.sha256(b"\x00" + line.encode() + b"\x00" + salt).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over `leaves` (32 bytes each); SHA-256 of nothing for no leaves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def proof_of(leaves: Sequence[bytes], index: int) -> list[tuple[str, bytes]]:
    """Return the audit path of leaf `index` (from 0), nearest first, as (side of the sibling, hash)."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    path: list[tuple[str, bytes]] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(("left" if sibling < index else "right", level[sibling]))
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])
        level, index = above, index // 2
    return path


def verify_proof(leaf: bytes, path: Sequence[tuple[str, bytes]], root: bytes) -> bool:
    """Say whether `path` leads from `leaf` to `root`."""
    current = leaf
    for side, sibling in path:
        current = node_hash(sibling, current) if side == "left" else node_hash(current, sibling)
    return hmac.compare_digest(current, root)

# ---- leaves

@dataclass(frozen=True, slots=True)
class GridSlot:
    """One slot as its hospital committed to it; minutes count from local midnight of the session's date."""

    number: int
    start: int
    end: int
    pool: str


def expand(runs: Sequence[Sequence[Any]]) -> list[GridSlot]:
    """Return the slots of checked runs, numbered from 1."""
    slots: list[GridSlot] = []
    for first, minutes, count, pool in runs:
        for index in range(count):
            start = first + index * minutes
            slots.append(GridSlot(len(slots) + 1, start, start + minutes, pool))
    return slots


def slot_at(runs: Sequence[Sequence[Any]], number: int) -> GridSlot | None:
    """Return slot `number` without unpacking the rest; None if the runs end before it."""
    before = 0
    for first, minutes, count, pool in runs:
        if number <= before + count:
            start = first + (number - before - 1) * minutes
            return GridSlot(number, start, start + minutes, pool)
        before += count
    return None


def line(session: str, slot: GridSlot) -> str:
    """Return the canonical line of a slot that its leaf covers; `session` is `hospital.session`."""
    return f"{session}.{slot.number:03d}|{slot.start}|{slot.end}|{slot.pool}"


def leaves(session: str, runs: Sequence[Sequence[Any]], secret: bytes) -> list[bytes]:
    """Return the leaves of a session's tree in slot order."""
    return [leaf_hash(line(session, s), slot_salt(secret, s.number)) for s in expand(runs)]


def commitment(session: str, runs: Sequence[Sequence[Any]], secret: bytes) -> str:
    """Return the Merkle root of a session in hex."""
    return root_of(leaves(session, runs, secret)).hex()

# ---- fair_draw

PARTIES = ("hospital", "platform", "patients")
ROUNDS = 2
"""Rounds of reveals before the public number decides; links of a chain."""
BUCKETS = 256
ALGORITHM = "citychain-draw-2"


def link(value: bytes) -> bytes:
    """Return the next link towards the tip."""
    return hashlib.sha256(b"citychain-draw-link\x00" + value).digest()


def chain(secret: bytes) -> list[bytes]:
    """Return a party's values: the tip to commit to, then what it reveals in round 1, 2, …"""
    values = [secret]
    for _ in range(ROUNDS):
        values.append(link(values[-1]))
    return values[::-1]


def bucket_of(applicant: str) -> str:
    """Return the bucket of an applicant, two hex digits: the first byte of the id (a letter and base 32)."""
    return f"{base64.b32decode(applicant[1:9])[0]:02x}"


def bucket_digest(applicants: Iterable[str]) -> str:
    """Return the SHA-256 over one bucket's sorted applicants, one a line."""
    return hashlib.sha256("".join(f"{a}\n" for a in sorted(applicants)).encode()).hexdigest()


def digest_of_buckets(digests: Mapping[str, str]) -> str:
    """Return what freezes the list: SHA-256 over `bucket:digest` of every bucket that has applicants, in order."""
    return hashlib.sha256("".join(f"{b}:{digests[b]}\n" for b in sorted(digests)).encode()).hexdigest()


def list_digest(applicants: Iterable[str]) -> str:
    """Return the digest of a whole list."""
    buckets: dict[str, list[str]] = {}
    for applicant in applicants:
        buckets.setdefault(bucket_of(applicant), []).append(applicant)
    return digest_of_buckets({b: bucket_digest(found) for b, found in buckets.items()})


def seed_of(draw: str, frozen: str, revealed: Mapping[str, str]) -> bytes:
    """Return the seed from what all three parties revealed in the round that counts (hex, by party)."""
    return _digest(draw, frozen, *(f"{p}={revealed[p]}" for p in PARTIES))


def seed_of_number(draw: str, frozen: str, source: str, date: str, value: str) -> bytes:
    """Return the seed from the announced public number."""
    return _digest(draw, frozen, f"number={source}", date, value)


def place(seed: bytes, applicant: str) -> bytes:
    """Return an applicant's place: HMAC-SHA-256(seed, id), the lowest first."""
    return hmac.digest(seed, applicant.encode(), "sha256")


def rank(seed: bytes, applicants: Iterable[str]) -> list[str]:
    """Return the applicants in drawn order."""
    return sorted(set(applicants), key=lambda a: place(seed, a))


def winners(ranked: Sequence[str], slots: Sequence[str], passed_over: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return (resident, slot) pairs: the first in rank that are not passed over, slots in name order."""
    over = set(passed_over)
    eligible = [a for a in ranked if a not in over]
    return list(zip(eligible, sorted(slots), strict=False))


def reach(slots: int) -> int:
    """Return how many of the first in rank a draw of `slots` looks at: who may not book is passed over."""
    return 2 * slots + 50


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\x00".join([ALGORITHM, *parts]).encode()).digest()

# ---- draw_again

class Rerun(NamedTuple):
    """The list's digest, the seed ("" before it is known), who won which slot, and what does not hold."""

    frozen: str
    seed: str
    winners: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]


def draw_again(draw: str, record: Mapping[str, Any], applicants: Sequence[str]) -> Rerun:
    """Check the frozen list, that every revealed value leads to its commitment, that none was left out, and who won."""
    frozen = list_digest(applicants)
    problems = [*_list_problems(record, applicants, frozen), *_seed_problems(record)]
    seed = ""
    won: tuple[tuple[str, str], ...] = ()
    known = "value" in record.get("number", {}) or set(record.get("revealed", {})) >= set(PARTIES)
    if record["state"] == "done" and known:
        digest = seed_of_record(draw, {**record, "frozen": frozen})
        seed = digest.hex()
        if seed != record["seed"]:
            problems.append("the seed differs")
        gone = set(record.get("withdrawn", ()))
        slots = [s for s in record["slots"] if s not in gone]
        ranked = rank(digest, applicants)[: reach(len(record["slots"]))]
        won = tuple(winners(ranked, slots, record["passed_over"]))
        if won != tuple((w[0], w[1]) for w in record.get("winners", [])):
            problems.append("the winners differ")
    return Rerun(frozen, seed, won, tuple(problems))


def seed_of_record(draw: str, record: Mapping[str, Any]) -> bytes:
    """Return the seed of a decided draw: from all three reveals, else from the announced number."""
    number = record.get("number") or {}
    if "value" in number:
        return seed_of_number(draw, record["frozen"], number["source"], number["date"], number["value"])
    return seed_of(draw, record["frozen"], record["revealed"])


def _list_problems(record: Mapping[str, Any], applicants: Sequence[str], frozen: str) -> list[str]:
    problems = []
    if frozen != record.get("frozen"):
        problems.append("the applicants are not those that were frozen")
    if len(set(applicants)) != len(applicants):
        problems.append("somebody applied twice")
    if not set(record.get("passed_over", ())) <= set(applicants):
        problems.append("somebody was passed over who did not apply")
    return problems


def _seed_problems(record: Mapping[str, Any]) -> list[str]:
    problems = []
    revealed, voided = record.get("revealed", {}), record.get("void_rounds", [])
    for party in sorted({*revealed, *(p for r in voided for p in r)} & set(PARTIES)):
        # In each void round that a party took part in it revealed one link; the rest lead to what it committed to.
        above = record["commitments"].get(party, "")
        for shown in [*(r[party] for r in voided if party in r), *([revealed[party]] if party in revealed else [])]:
            if link(bytes.fromhex(shown)).hex() != above:
                problems.append(f"the {party}'s values do not lead to its commitment")
            above = shown
    if record["state"] == "done":
        number = record.get("number", {})
        if "value" in number:
            if sum(entry == number["value"] for entry in number.get("entries", {}).values()) < 2:
                problems.append("the public number was not entered alike by two parties")
            if len(voided) < ROUNDS and len(record["commitments"]) == len(PARTIES):
                problems.append("the public number decided before two rounds were void")
        elif set(revealed) != set(PARTIES):
            problems.append("a draw counts with all three reveals or not at all")
    return problems

# ---- ledger

LATE_S = 600
"""How long after its release an opening, and after its deadline a closing, is nobody's fault."""
MOST_FINDINGS = 10_000
MOST_SLOTS = 400
"""Of a session, as the contract has it: whoever wrote an export wants no more to be unpacked than that."""
CHANGED = ("date", "doctor", "shift", "state")
"""Members of an open session that only change together with an entry of its changes."""

KEPT = {
    "root": ("root-changed", "another promise took the place of the first"),
    "campus": ("campus-changed", "another place than the one that was promised"),
    "referral_hours": ("reserve-changed", "another hour of the reserve than was promised"),
}
"""Members of a session that stay what they were promised to be."""


class Found(NamedTuple):
    """A finding: `alarm` where a promise was broken, `note` where something has to be known, `unchecked` refusals."""

    grade: str
    code: str
    where: str
    block: int
    text: str


class SlotsLedger:
    """Takes what accepted transactions wrote, in their order."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self.counts = dict.fromkeys(("sessions", "opened", "slots", "bookings", "added", "withdrawn", "draws"), 0)
        self._records: dict[tuple[str, ...], Any] = {}
        self._applicants: dict[str, list[str]] = {}
        self._blocks: dict[str, int] = {}
        self._now = self._at = 0

    def take(self, block: int, seconds: int, key: str, value: bytes | None) -> None:
        """One written key; `seconds` is when its author says that it was."""
        parts = tuple(key[1:-1].split("\x00")) if len(key) > 2 and key[0] == key[-1] == "\x00" else ()
        if not parts:
            return
        self._now, self._at = max(self._now, seconds), seconds
        try:
            record = None if value is None else json.loads(value)
        except (ValueError, RecursionError):
            self._add("alarm", "unreadable", "/".join(parts), block, "a record is no JSON")
            return
        before = self._records.get(parts)
        act = {"session": self._session, "slot": self._slot, "appointment": self._appointment, "draw": self._draw}
        try:
            if parts[0] in act:
                act[parts[0]](parts[1:], before, record, block)
            elif parts[0] == "draw-application" and record is not None:
                self._applicants.setdefault(parts[1], []).append(parts[-1])
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            self._add("alarm", "unreadable", "/".join(parts), block, "a record has another form than the contract's")
        self._records[parts] = record

    def end(self) -> None:
        """Say what never came: openings, and ends of draws."""
        for parts, record in self._records.items():
            if record is None or not isinstance(record, dict):
                continue
            name = ".".join(parts[1:])
            closed = parts[0] == "session" and record.get("state") == "committed"
            if closed and record.get("release_at", 0) + LATE_S < self._now:
                self._add("alarm", "hidden", name, self._blocks.get(name, 0), "promised and never opened")
            stuck = parts[0] == "draw" and record.get("state") not in ("done", "void")
            if stuck and record.get("ends", 0) + LATE_S < self._now:
                self._add("alarm", "draw-stuck", name, self._blocks.get(name, 0), "its slots are out of sight")

    def _session(self, parts: tuple[str, ...], before: Any, record: Any, block: int) -> None:
        name = ".".join(parts)
        if record is None:
            self._add("alarm", "erased", name, block, "a session was erased")
            return
        if before is None:
            self.counts["sessions"] += 1
            self._blocks[name] = block
            if record.get("late"):
                self._add("note", "late", name, block, "promised after its release was due")
        else:
            self._kept(name, before, record, block)
        if "runs" not in record:
            return
        if not 0 < sum(_counted(run) for run in record["runs"]) <= MOST_SLOTS:
            self._add("alarm", "unreadable", name, block, "more slots than a session may have")
            return
        if before is None or "runs" not in before:
            self.counts["opened"] += 1
            self.counts["slots"] += len(expand(record["runs"]))
            if commitment(name, record["runs"], bytes.fromhex(record["secret"])) != record["root"]:
                self._add("alarm", "not-as-promised", name, block, "what was opened is not what was promised")
            return
        if (record["runs"], record["secret"]) != (before["runs"], before["secret"]):
            self._add("alarm", "runs-changed", name, block, "open slots were changed")
        changed = [member for member in CHANGED if record.get(member) != before.get(member)]
        entries = record.get("changes", [])[len(before.get("changes", [])) :]
        if changed and not entries:
            self._add("alarm", "changed-silently", name, block, f"changed without a reason: {', '.join(changed)}")
        for entry in entries:
            self._add("note", "changed", name, block, json.dumps(entry, ensure_ascii=False)[:200])

    def _kept(self, name: str, before: Any, record: Any, block: int) -> None:
        for member, (code, text) in KEPT.items():
            if record.get(member) != before.get(member):
                self._add("alarm", code, name, block, text)

    def _slot(self, parts: tuple[str, ...], before: Any, record: Any, block: int) -> None:
        name, was = ".".join(parts), (before or {}).get("state", "free")
        if record is None:
            return
        if before is None and "added" in record:
            self.counts["added"] += 1
        if record["state"] == "stopped" and was != "stopped":
            self.counts["withdrawn"] += 1
            self._add("note", "withdrawn", name, block, "withdrawn by its hospital")
        if record["state"] in ("held", "booked") and record.get("appointment") != (before or {}).get("appointment"):
            self._given(parts, record, block)
        if record["state"] == "booked":
            if was == "booked" and before["appointment"] != record["appointment"]:
                self._add("alarm", "booked-twice", name, block, "booked while somebody had it")
            if was == "returned":
                self._add("alarm", "to-the-fastest", name, block, "returned, and not handed on to who waited")
            if was != "booked":
                self.counts["bookings"] += 1

    def _given(self, parts: tuple[str, ...], record: Any, block: int) -> None:
        """A slot found its person: before the hour of a reserve only who was referred."""
        session = self._records.get(("session", *parts[:2])) or {}
        hours = session.get("referral_hours", 0)
        if not hours or "runs" not in session:
            return
        promised = {slot.number: slot.pool for slot in expand(session["runs"])}
        pool = promised.get(int(parts[2]), record.get("added", {}).get("pool"))
        minutes = session["start"] + session.get("shift", 0) - session["offset"] - hours * 60
        midnight = (date.fromisoformat(session["date"]) - date(1970, 1, 1)).days * 86_400
        if pool != "community" or self._at >= midnight + minutes * 60:
            return
        person = (self._records.get(("appointment", record.get("appointment", ""))) or {}).get("resident", "")
        if not self._records.get(("referral", parts[0], session["department"], session["date"], person)):
            text = "reserved for referrals, given before its hour without one"
            self._add("alarm", "unreferred", ".".join(parts), block, text)

    def _appointment(self, parts: tuple[str, ...], before: Any, record: Any, block: int) -> None:
        if before is not None and record is not None and record["resident"] != before["resident"]:
            self._add("alarm", "handed-over", parts[0], block, "an appointment changed its person")

    def _draw(self, parts: tuple[str, ...], before: Any, record: Any, block: int) -> None:
        if before is None:
            self.counts["draws"] += 1
            self._blocks[parts[0]] = block
        if record is None or record["state"] not in ("done", "void") or (before or {}).get("state") == record["state"]:
            return
        if record["state"] == "void":
            self._add("note", "draw-void", parts[0], block, "nobody finished it")
            return
        for problem in draw_again(parts[0], record, self._applicants.get(parts[0], [])).problems:
            self._add("alarm", "draw", parts[0], block, problem)

    def _add(self, grade: str, code: str, where: str, block: int, text: str) -> None:
        if len(self.found) < MOST_FINDINGS:
            self.found.append(Found(grade, code, where, block, text))


def _counted(run: Any) -> int:
    """How many slots a run is; ValueError for what is no run."""
    first, minutes, count, _ = run
    if not all(type(value) is int and 0 <= value <= 10_000 for value in (first, minutes, count)):
        raise ValueError("not a run")
    return int(count)

# ---- ranges

Version = tuple[int, int]
_LARGEST_DEGREE = 1_000


class LiveKeys:
    """The keys of a namespace that there are, in order, and where each was written: block and place."""

    def __init__(self) -> None:
        self._versions: dict[str, Version] = {}
        self._order: list[str] = []

    def version(self, key: str) -> Version | None:
        return self._versions.get(key)

    def put(self, key: str, version: Version) -> None:
        if key not in self._versions:
            insort(self._order, key)
        self._versions[key] = version

    def drop(self, key: str) -> None:
        if self._versions.pop(key, None) is not None:
            del self._order[bisect_left(self._order, key)]

    def between(self, start: str, end: str, *, with_end: bool) -> Iterator[tuple[str, Version]]:
        """From `start` on, up to `end` ("" for no end)."""
        at = bisect_left(self._order, start)
        while at < len(self._order):
            key = self._order[at]
            if end and (key > end or (key == end and not with_end)):
                return
            yield key, self._versions[key]
            at += 1


def range_unchanged(keys: LiveKeys, query: bytes) -> bool:
    """Whether a `RangeQueryInfo` would find now what it found then."""
    info = fields(query)
    found = keys.between(string(info, 1), string(info, 2), with_end=not number(info, 3))
    summary = fields(raw(info, 5)) if 5 in info else None
    if summary is not None:
        return _summed(found, number(summary, 1)) == (number(summary, 2), many(summary, 3))
    for one in many(fields(raw(info, 4)), 1):
        read = fields(one)
        version = fields(raw(read, 2))
        if next(found, None) != (string(read, 1), (number(version, 1), number(version, 2))):
            return False
    return next(found, None) is None


def _summed(found: Iterator[tuple[str, Version]], degree: int) -> tuple[int, list[bytes]]:
    """The tree's top level and its hashes, as a peer sums them up."""
    if not 2 <= degree <= _LARGEST_DEGREE:
        raise Broken("transaction-unreadable")
    levels: list[list[bytes]] = [[]]
    group: list[bytes] = []
    for key, version in found:
        group.append(_member(1, _read_bytes(key, version)))
        if len(group) > degree:
            _grow(levels, _summary(group), degree)
            group = []
    if not levels[0] and len(levels) == 1:
        return 0, []  # so few that a peer keeps them one by one
    if group:
        _grow(levels, _summary(group), degree)
    for place, hashes in enumerate(levels[:-1]):
        if hashes:
            levels[place + 1].append(hashes[0] if len(hashes) == 1 else _summary(hashes))
    if len(levels[-1]) > degree:
        levels.append([_summary(levels[-1])])
    return len(levels), levels[-1]


def _grow(levels: list[list[bytes]], leaf: bytes, degree: int) -> None:
    levels[0].append(leaf)
    place = 0
    while len(levels[place]) > degree:
        combined = _summary(levels[place])
        levels[place] = []
        place += 1
        if place == len(levels):
            levels.append([])
        levels[place].append(combined)


def _summary(parts: list[bytes]) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _read_bytes(key: str, version: Version) -> bytes:
    """A `KVRead` as a peer writes it down."""
    block, place = version
    where = (b"\x08" + _varint(block) if block else b"") + (b"\x10" + _varint(place) if place else b"")
    return _member(1, key.encode()) + _member(2, where)


def _member(field: int, data: bytes) -> bytes:
    return bytes((field << 3 | 2,)) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))

# ---- chain

MAGIC = b"citychain-blocks-1\n"
CONTRACT = "health_slots"
LONGEST = 256 << 20
ACCEPTED, TWICE, UNENDORSED, STALE, PHANTOM, UNKNOWN = 0, 9, 10, 11, 12, 254
"""Codes as Fabric numbers them (`TxValidationCode`)."""


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """The blocks of an export; Broken for anything else."""
    if file.read(len(MAGIC)) != MAGIC:
        raise Broken("export-unreadable")
    while head := file.read(8):
        length = struct.unpack(">Q", head)[0] if len(head) == 8 else LONGEST + 1
        data = file.read(length) if length <= LONGEST else b""
        if not data or len(data) != length:
            raise Broken("export-unreadable")
        yield data


class Recount:
    """Reads a chain once. `facts` says what was read, `found` what does not hold."""

    def __init__(self, card: Card | None) -> None:
        self.ledger = SlotsLedger()
        self.facts: dict[str, Any] = {}
        self._card = card
        self._chain = Chain()
        self._previous = ""
        self._next = 0
        self._keys = LiveKeys()
        self._policies: dict[str, bytes] = {}
        self._definitions: dict[tuple[int, int], Definition | None] = {}
        self._counts = dict.fromkeys(("blocks", "transactions", "refused", "unchecked"), 0)
        self._seen: set[str] = set()

    @property
    def found(self) -> list[Found]:
        return self.ledger.found

    def take(self, data: bytes) -> None:
        """The next block; Broken where the chain itself does not hold."""
        METER.begin()
        block = Block(data)
        if block.number != self._next or (block.number and block.previous.hex() != self._previous) or not block.whole:
            raise Broken("block-changed", block=block.number)
        self._next, self._previous = block.number + 1, block.hash
        self._counts["blocks"] += 1
        if self._kind(block) == CONFIG:
            channel, config = block.configuration()
            self._chain.add(block.number, block.hash, channel, config, block.header, block.signatures)
            return
        self._chain.at(block.number, block.last_config).check_orderers(block.header, block.signatures)
        count = len(block.envelopes)
        codes = block.codes if len(block.codes) == count else bytes([UNKNOWN]) * count
        for place, code in enumerate(codes):
            self._transaction(block, place, code)

    def end(self) -> dict[str, Any]:
        """Compare with the card; returns the facts."""
        self.ledger.end()
        card, agrees = self._card, False
        if not self._chain.configurations:
            raise Broken("export-unreadable")
        if card is not None:
            same = card.channel == self._chain.channel and card.genesis == self._chain.hashes[0]
            agrees = same and self._chain.hashes.get(card.config_block) == card.config_hash
            if same and card.config_block >= self._next:
                # A published chain is a month late, and a card may be of today: no alarm, and no green verdict either.
                text = f"the chain ends before block {card.config_block}, which the card names: compare a later export"
                self.found.append(Found("note", "card-later", "", card.config_block, text))
            elif not agrees:
                self._add("card", "", 0, "this is not the channel of the card")
        self.facts = {
            "channel": self._chain.channel,
            "genesis": self._chain.hashes[0],
            "card": agrees,
            "height": self._next,
            **self._counts,
            **self.ledger.counts,
        }
        return self.facts

    def _transaction(self, block: Block, place: int, code: int) -> None:
        self._counts["transactions"] += 1
        config = self._chain.at(block.number)
        try:
            found = check_transaction(block, place, config)
        except Broken as error:
            if code == ACCEPTED:
                self._add("accepted", "", block.number, f"accepted although it does not hold ({error.code})")
            elif error.code == "author-expired":  # peers ask their own clocks, not the author's
                self._unchecked(transaction_id(block.envelopes[place]), block.number, "?", code)
            return
        again = found.call.tx_id in self._seen
        self._seen.add(found.call.tx_id)
        if found.call.contract == "_lifecycle" and code == ACCEPTED:
            self._define(found, block.number, place)
        if found.call.contract != CONTRACT:
            return
        sets = writes(found.call.results)
        own = sets.get(CONTRACT)
        fresh = own is None or all(self._keys.version(key) == version for key, version in own.reads.items())
        same = own is None or all(range_unchanged(self._keys, query) for query in own.ranges)
        if code != ACCEPTED:
            self._refused(found, sets, code, fresh=fresh, same=same, again=again)
            return
        if not (fresh and same):
            self._add("accepted", found.call.tx_id, block.number, "accepted although what it read had changed")
        self._check_policy(found, sets)
        if own is None:
            return
        for key, value in own.values.items():
            self.ledger.take(block.number, found.call.seconds, key, value)
            if value is None:
                self._keys.drop(key)
            else:
                self._keys.put(key, (block.number, place))
        for key in own.policies:
            self._keys.put(key, (block.number, place))
        self._policies.update(own.policies)

    def _define(self, found: Transaction, block: int, place: int) -> None:
        try:
            self._definitions[block, place] = read_definition(found, self._chain.at(block))
        except Broken:
            self._definitions[block, place] = None  # an approval, or another act of the lifecycle

    def _refused(self, found: Transaction, sets: Any, code: int, *, fresh: bool, same: bool, again: bool) -> None:
        """Work out again why a transaction was refused, as far as signed bytes tell."""
        self._counts["refused"] += 1
        if code in (STALE, PHANTOM):
            if fresh if code == STALE else same:
                self._add("refused", found.call.tx_id, found.block, "called stale, but nothing it read had changed")
            return
        if (code == TWICE and again) or (code == UNENDORSED and self._unendorsed(found, sets)):
            return
        self._unchecked(found.call.tx_id, found.block, found.call.function, code)

    def _unchecked(self, tx_id: str, block: int, function: str, code: int) -> None:
        self._counts["unchecked"] += 1
        if self._counts["unchecked"] <= MOST_FINDINGS:
            text = f"{function} is called refused (code {code}); why cannot be rechecked"
            self.found.append(Found("unchecked", "refused", tx_id, block, text))

    def _unendorsed(self, found: Transaction, sets: Any) -> bool:
        """Whether the endorsements fall short of what the definition that they name asks."""
        where = definition_read(CONTRACT, sets)
        definition = self._definitions.get(where) if where is not None else None
        if definition is None or definition.name != CONTRACT:
            return False
        try:
            check_policies(found, definition, self._policies, self._chain.at(found.block))
        except Broken:
            return True
        return False

    def _check_policy(self, found: Transaction, sets: Any) -> None:
        where = definition_read(CONTRACT, sets)
        definition = self._definitions.get(where) if where is not None else None
        if definition is None or definition.name != CONTRACT:
            self._add("definition", found.call.tx_id, found.block, "by a definition that is not in the chain")
            return
        if self._unendorsed(found, sets):
            self._add("policy", found.call.tx_id, found.block, "accepted without the endorsements that its policy asks")

    @staticmethod
    def _kind(block: Block) -> int:
        if not block.envelopes:
            raise Broken("block-changed", block=block.number)
        payload = fields(raw(fields(block.envelopes[0]), 1))
        return number(fields(raw(fields(raw(payload, 1)), 1)), 1)

    def _add(self, code: str, where: str, block: int, text: str) -> None:
        self.found.append(Found("alarm", code, where, block, text))

# ---- terminal

AGREES, UNREADABLE, ALARMS, CONSISTENT = 0, 2, 4, 5
SAYS = {
    AGREES: "Agrees with the card: every promise was kept as far as the chain shows. 与通道名片一致：链上未见失信。",
    ALARMS: "Promises were broken, or the chain does not hold. 有失信之处，或链本身不成立。",
    CONSISTENT: "Consistent in itself; WHOSE chain it is was NOT checked (no card). 自洽；未核对是谁的链（无名片）。",
    UNREADABLE: "This cannot be audited. 无法审计。",
}
LATER = (
    "Begins as the card says and is consistent in itself; it ends before the configuration that the card names. "
    "起点与名片一致，链自洽；但链止于名片所载配置之前。"
)
UNRECHECKED = (
    "Called refused, and this file cannot recheck why: {n}. Treat these transactions as if they counted, or compare "
    "their blocks with a peer. 有 {n} 笔交易被标为未通过，凭本文件无法复核原因：请视同已生效，或与节点核对其所在区块。"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit an exported chain; returns the exit code: 0 agrees, 5 in part, 4 alarms, 2 unreadable."""
    parser = argparse.ArgumentParser(description="Recount the slots ledger from an exported chain and a channel card.")
    parser.add_argument("chain", help="the export: citychain ledger export, or the open board")
    parser.add_argument("--card", help="the channel card, from the institution itself")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    recount = None
    try:
        card = read_card(Path(given.card).read_bytes()) if given.card else None
        recount = Recount(card)
        with Path(given.chain).open("rb") as file:
            for data in blocks_of(file):
                recount.take(data)
        facts = recount.end()
    except (OSError, Broken, TooMuch) as error:
        broken = isinstance(error, Broken) and recount is not None and error.code != "export-unreadable"
        code, reason = (ALARMS if broken else UNREADABLE), getattr(error, "code", "") or str(error)
        if given.json:
            print(json.dumps({"exit": code, "reason": reason}))
        else:
            print(f"{SAYS[code]}\n  {reason}", file=sys.stderr)
        return code
    alarms = [one for one in recount.found if one.grade == "alarm"]
    unchecked = facts["unchecked"]
    code = ALARMS if alarms else AGREES if facts["card"] and not unchecked else CONSISTENT
    if given.json:
        found = [one._asdict() for one in recount.found]
        print(json.dumps({"exit": code, "facts": facts, "found": found}, ensure_ascii=False))
        return code
    if any(one.code == "card-later" for one in recount.found):
        print(SAYS[code] if alarms else LATER)
    elif code != CONSISTENT or not facts["card"]:
        print(SAYS[code])
    if unchecked:
        print(UNRECHECKED.format(n=unchecked))
    for name, value in facts.items():
        print(f"  {name}: {value}")
    for one in recount.found:
        print(f"  {'!' if one.grade == 'alarm' else '-'} block {one.block} {one.code} {one.where}: {one.text}")
    return code


if __name__ == "__main__":
    sys.exit(main())
