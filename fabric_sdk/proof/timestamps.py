"""Time-stamp tokens (RFC 3161): who says that something existed at a time, and whether to believe that authority.

A token counts only with a chain to a root that was given from outside, the extended usage timeStamping and no other,
dates that hold at its time, and the right digest. Everything else is "authority not checked".
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Collection
from typing import NamedTuple

from fabric_sdk.proof.members import Certificate, path_to, read_der, signed_by
from fabric_sdk.proof.wire import Broken, Element, der, elements, inside

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
