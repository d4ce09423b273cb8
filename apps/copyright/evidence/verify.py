#!/usr/bin/env python3
"""Check a CityChain evidence package without CityChain: Python 3.9+ and the `cryptography` package are enough.

    python verify.py package.zip [--roots trusted-roots.pem] [--json]

What is checked, from the bytes up: the container is exactly its parts; every part has the digest the manifest names;
the work's file has the content identifier (CID) on the record; each block's data and header hash; the ordering
service's signatures; the chain of headers from the first block to the last; each transaction's identifier, its author's
signature, the endorsing organisations' signatures, every certificate up to its organisation's root; the record is what
the named transaction wrote; a time-stamp token (RFC 3161) if there is one.

What cannot be checked from inside: whether the organisations' root certificates are those of the real organisations.
Their fingerprints are printed; compare them with what the organisations publish, or give trusted ones with --roots.

Exit code 0: valid. 1: invalid, and which part is wrong. 2: this is no evidence package or it cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import hashlib
import json
import struct
import sys
import zlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

FORMAT = "citychain-evidence-1"
MAX_PARTS = 20_000
MAX_PART_IN_MEMORY = 256 << 20
MAX_MANIFEST = 16 << 20
DOS_TIME, DOS_DATE = 0, 0x21  # 1980-01-01 00:00:00, the same in every package
VALID_CODE = 0
STEP = 1 << 20


class Invalid(Exception):
    """A check that failed: `part` is the package's part, `text` what is wrong."""

    def __init__(self, part, text):
        super().__init__(f"{part}: {text}")
        self.part, self.text = part, text


class Unreadable(Exception):
    """Not an evidence package at all."""


# ---- the container: an uncompressed zip in one canonical form


class Package:
    """The parts of a package by name: (offset, size). Nothing is unpacked and nothing is kept in memory."""

    def __init__(self, stream):
        self.stream = stream
        stream.seek(0, 2)
        self.size = stream.tell()
        self.parts = {}
        self._directory()

    def _directory(self):
        tail_size = min(self.size, 22)
        self.stream.seek(self.size - tail_size)
        tail = self.stream.read(tail_size)
        if len(tail) < 22 or tail[:4] != b"PK\x05\x06":
            raise Unreadable("not an evidence package: the zip's end record is missing or damaged")
        _, disk, cd_disk, here, total, cd_size, cd_start, comment = struct.unpack("<IHHHHIIH", tail)
        if disk or cd_disk or comment or here != total or total > MAX_PARTS or cd_start + cd_size + 22 != self.size:
            raise Invalid("container", "the zip's end record does not fit the file")
        self.stream.seek(cd_start)
        directory = self.stream.read(cd_size)
        at, expected_offset = 0, 0
        for _ in range(total):
            head = directory[at : at + 46]
            if len(head) != 46 or head[:4] != b"PK\x01\x02":
                raise Invalid("container", "the zip's directory is damaged")
            crc, packed, size, name_length = struct.unpack("<IIIH", head[16:30])
            offset = struct.unpack("<I", head[42:46])[0]
            raw = directory[at + 46 : at + 46 + name_length]
            if head != directory_head(len(raw), crc, size, offset) or packed != size or offset != expected_offset:
                raise Invalid("container", f"the directory entry {len(self.parts)} is not in canonical form")
            try:
                name = raw.decode("utf-8")
            except UnicodeDecodeError:
                raise Invalid("container", "a part's name is not UTF-8") from None
            if not name or name in self.parts or name.startswith("/") or ".." in name.split("/") or "\\" in name:
                raise Invalid("container", f"a part has a name that is not allowed: {name!r}")
            start = offset + 30 + len(raw)
            self.stream.seek(offset)
            if self.stream.read(30 + len(raw)) != local_head(raw, crc, size) or start + size > cd_start:
                raise Invalid(name, "its header in the zip is damaged")
            self.parts[name] = (start, size, crc)
            expected_offset = start + size
            at += 46 + name_length
        if at != cd_size or expected_offset != cd_start:
            raise Invalid("container", "there are bytes between the parts")

    def chunks(self, name, step=STEP):
        start, size, _ = self.parts[name]
        done = 0
        while done < size:
            self.stream.seek(start + done)
            piece = self.stream.read(min(step, size - done))
            if not piece:
                raise Invalid(name, "the file ends too early")
            done += len(piece)
            yield piece

    def read(self, name, limit=MAX_PART_IN_MEMORY):
        if name not in self.parts:
            raise Invalid(name, "this part is missing")
        if self.parts[name][1] > limit:
            raise Invalid(name, "this part is too large")
        return b"".join(self.chunks(name))


def local_head(raw_name: bytes, crc: int, size: int) -> bytes:
    """The canonical header before a part: stored, UTF-8 name, fixed time."""
    return struct.pack(
        "<IHHHHHIIIHH", 0x04034B50, 20, 0x800, 0, DOS_TIME, DOS_DATE, crc, size, size, len(raw_name), 0
    ) + (raw_name)


def directory_head(name_length: int, crc: int, size: int, offset: int) -> bytes:
    """The canonical directory entry of a part, without its name."""
    return struct.pack(
        "<IHHHHHHIIIHHHHHII",
        0x02014B50, 20, 20, 0x800, 0, DOS_TIME, DOS_DATE, crc, size, size, name_length, 0, 0, 0, 0, 0, offset,
    )  # fmt: skip


# ---- protobuf and DER, as much as is needed


def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("bad varint")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    """Fields of a protobuf message: {number: [values]}; varints as int, length-delimited as bytes."""
    found: dict = {}
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
            if at > len(data):
                raise ValueError("a field is cut short")
        elif tag & 7 in (1, 5):
            width = 8 if tag & 7 == 1 else 4
            value, at = data[at : at + width], at + width
        else:
            raise ValueError("unknown wire type")
        found.setdefault(tag >> 3, []).append(value)
    return found


def one(message, number, default=b""):
    return message.get(number, [default])[-1]


def tlv(data, at=0):
    """(tag, content, start of the next, whole bytes) of a DER element."""
    if at + 2 > len(data):
        raise ValueError("DER is cut short")
    tag, length, body = data[at], data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or body + count > len(data):
            raise ValueError("bad DER length")
        length, body = int.from_bytes(data[body : body + count], "big"), body + count
    if body + length > len(data):
        raise ValueError("DER is cut short")
    return tag, data[body : body + length], body + length, data[at : body + length]


def elements(data):
    at, found = 0, []
    while at < len(data):
        tag, content, at, whole = tlv(data, at)
        found.append((tag, content, whole))
    return found


def der(tag, content):
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def header_bytes(number: int, previous: bytes, data_hash: bytes) -> bytes:
    """A block header as it is hashed and signed."""
    integer = der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))
    return der(0x30, integer + der(0x04, previous) + der(0x04, data_hash))


# ---- content identifiers (UnixFS, CIDv1, balanced, raw leaves)


def put_varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes((value,)))


def content_cid(pieces, size, chunk, width):
    """The CID of a stream cut into `chunk` bytes with at most `width` links a node."""

    def leaves():
        buffer = b""
        for piece in pieces:
            buffer += piece
            while len(buffer) >= chunk:
                yield buffer[:chunk]
                buffer = buffer[chunk:]
        if buffer or size == 0:
            yield buffer

    level = []
    for leaf in leaves():
        level.append((b"\x01\x55\x12\x20" + hashlib.sha256(leaf).digest(), len(leaf), len(leaf)))
    while len(level) > 1:
        level = [node(level[at : at + width]) for at in range(0, len(level), width)]
    return "b" + base64.b32encode(level[0][0]).decode().lower().rstrip("=")


def node(children):
    unixfs = b"\x08\x02\x18" + put_varint(sum(c[1] for c in children))
    out = b""
    for cid, length, total in children:
        unixfs += b"\x20" + put_varint(length)
        link = b"\x0a" + put_varint(len(cid)) + cid + b"\x12\x00\x18" + put_varint(total)
        out += b"\x12" + put_varint(len(link)) + link
    block = out + b"\x0a" + put_varint(len(unixfs)) + unixfs
    total = len(block) + sum(c[2] for c in children)
    return b"\x01\x70\x12\x20" + hashlib.sha256(block).digest(), sum(c[1] for c in children), total


# ---- certificates and signatures


class Authority:
    """The organisations' root and intermediate certificates out of the channel's configuration."""

    def __init__(self, config_block: bytes) -> None:
        self.roots: dict = {}
        self.intermediates: dict = {}
        self.consenters: dict = {}
        self.ordering: set = set()
        envelope = fields(one(fields(one(fields(config_block), 2)), 1))
        config = fields(one(fields(one(fields(one(envelope, 1)), 2)), 1))
        channel = fields(one(config, 2))
        for group_name, group in entries(channel, 2):
            members = fields(group)
            for _, organisation in entries(members, 2):
                msp = self._organisation(fields(organisation))
                if group_name == "Orderer" and msp:
                    self.ordering.add(msp)
            for value_name, value in entries(members, 3):
                if value_name == "Orderers":
                    for raw in fields(one(fields(value), 2)).get(1, []):
                        consenter = fields(raw)
                        identity = (one(consenter, 4).decode(), one(consenter, 5))
                        self.consenters[one(consenter, 1, 0)] = identity

    def _organisation(self, group):
        for value_name, value in entries(group, 3):
            if value_name == "MSP":
                msp = fields(one(fields(one(fields(value), 2)), 2))
                name = one(msp, 1).decode()
                self.roots[name] = [x509.load_pem_x509_certificate(pem) for pem in msp.get(2, [])]
                self.intermediates[name] = [x509.load_pem_x509_certificate(pem) for pem in msp.get(3, [])]
                return name
        return ""

    def check(self, msp, pem, at):
        """The certificate's object, if it leads to a root of `msp` and was in date at `at`; ValueError otherwise."""
        if msp not in self.roots:
            raise ValueError(f"the organisation {msp} is not in the channel's configuration")
        leaf = certificate = x509.load_pem_x509_certificate(pem)
        for _ in range(8):
            if at and not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
                raise ValueError(f"a certificate of {msp} was not in date")
            for issuer in self.roots[msp] + self.intermediates[msp]:
                try:
                    certificate.verify_directly_issued_by(issuer)
                except (ValueError, TypeError, InvalidSignature):
                    continue
                if issuer in self.roots[msp]:
                    return leaf
                certificate = issuer
                break
            else:
                break
        raise ValueError(f"a certificate does not lead to a root of {msp}")


def entries(group, number):
    """A protobuf map of messages as (key, value) pairs."""
    for raw in group.get(number, []):
        entry = fields(raw)
        yield one(entry, 1).decode(), one(entry, 2)


def verify_signature(certificate, signature, message, algorithm=None):
    """Raise InvalidSignature unless the certificate's key made `signature` over `message`."""
    key, algorithm = certificate.public_key(), algorithm or hashes.SHA256()
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, message, ec.ECDSA(algorithm))
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, message, padding.PKCS1v15(), algorithm)
    else:
        key.verify(signature, message)


def check_identity(authority, creator, signature, message, at, what):
    """Check a serialized identity's certificate and signature; returns (MSP id, subject)."""
    identity = fields(creator)
    msp = one(identity, 1).decode()
    try:
        certificate = authority.check(msp, one(identity, 2), at)
        verify_signature(certificate, signature, message)
    except InvalidSignature:
        raise ValueError(f"{what}: the signature of {msp} is wrong") from None
    return msp, certificate.subject.rfc4514_string()


# ---- blocks and transactions


def check_orderers(authority, raw_header, metadata, minimum):
    """Count the ordering nodes whose signatures over the header hold; ValueError when they are too few."""
    message = fields(metadata)
    value, signers = one(message, 1), set()
    for raw in message.get(2, []):
        entry = fields(raw)
        header, identifier = one(entry, 1), one(entry, 3)
        if identifier:
            msp, pem = authority.consenters[one(fields(identifier), 1, 0)]
        else:
            identity = fields(one(fields(header), 1))
            msp, pem = one(identity, 1).decode(), one(identity, 2)
        if msp not in authority.ordering:
            raise ValueError(f"{msp} does not belong to the ordering service")
        certificate = authority.check(msp, pem, None)
        try:
            verify_signature(certificate, one(entry, 2), value + (identifier or header) + raw_header)
        except InvalidSignature:
            raise ValueError("the ordering service's signature is wrong") from None
        signers.add(pem)
    if len(signers) < minimum:
        raise ValueError(f"{len(signers)} ordering signatures, {minimum} are needed")
    return len(signers)


def transaction_time(payload):
    stamp = fields(one(fields(one(fields(one(fields(payload), 1)), 1)), 3))
    moment = datetime.datetime.fromtimestamp(one(stamp, 1, 0), datetime.timezone.utc)
    return moment + datetime.timedelta(microseconds=one(stamp, 2, 0) // 1000)


def check_transaction(authority, envelope, tx_id):
    """Check one transaction; returns what it says: time, creator, endorsers, namespaces' writes."""
    message = fields(envelope)
    payload, signature = one(message, 1), one(message, 2)
    body = fields(payload)
    header = fields(one(body, 1))
    channel, signed = fields(one(header, 1)), fields(one(header, 2))
    creator, nonce = one(signed, 1), one(signed, 2)
    if hashlib.sha256(nonce + creator).hexdigest() != tx_id or one(channel, 5).decode() != tx_id:
        raise ValueError("the transaction's identifier does not follow from its author and nonce")
    at = transaction_time(payload)
    author = check_identity(authority, creator, signature, payload, at, "author")
    endorsers: list = []
    writes: dict = {}
    for raw in fields(one(body, 2)).get(1, []):
        action = fields(one(fields(raw), 2))
        endorsed = fields(one(action, 2))
        response = one(endorsed, 1)
        for entry in endorsed.get(2, []):
            endorsement = fields(entry)
            endorser, proof = one(endorsement, 1), one(endorsement, 2)
            endorsers.append(check_identity(authority, endorser, proof, response + endorser, at, "endorsement"))
        proposal_hash = hashlib.sha256(one(header, 1) + one(header, 2) + one(action, 1)).digest()
        if one(fields(response), 1) != proposal_hash:
            raise ValueError("the endorsed result does not belong to this proposal")
        results = fields(one(fields(one(fields(response), 2)), 1))
        for space in results.get(2, []):
            namespace = fields(space)
            written = writes.setdefault(one(namespace, 1).decode(), {})
            for write in fields(one(namespace, 2)).get(3, []):
                pair = fields(write)
                written[one(pair, 1).decode()] = None if one(pair, 2, 0) else one(pair, 3)
    if not endorsers:
        raise ValueError("the transaction has no endorsements")
    return {"time": at, "author": author, "endorsers": endorsers, "writes": writes, "channel": one(channel, 4).decode()}


# ---- time-stamps (RFC 3161, CMS)

DIGESTS = {
    "608648016503040201": hashes.SHA256(),
    "608648016503040202": hashes.SHA384(),
    "608648016503040203": hashes.SHA512(),
}
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")


def check_timestamp(token, digest):
    """Check a TimeStampToken over the SHA-256 `digest`; returns (time, authority's subject)."""
    outer = elements(elements(token)[0][1])
    if outer[0][0] == 0x30:  # a TimeStampResp: status, token
        outer = elements(outer[1][1])
    signed = elements(elements(outer[1][1])[0][1])
    encapsulated = elements(signed[2][1])
    info_raw = elements(encapsulated[1][1])[0][1]
    info = elements(elements(info_raw)[0][1])
    imprint = elements(info[2][1])
    if imprint[1][1] != digest:
        raise ValueError("the time-stamp is over something else")
    certificates = (
        [x509.load_der_x509_certificate(e[2]) for e in elements(signed[3][1])] if signed[3][0] == 0xA0 else []
    )
    signer = elements(elements(signed[-1][1])[0][1])
    serial = int.from_bytes(elements(signer[1][1])[1][1], "big")
    algorithm = DIGESTS.get(elements(signer[2][1])[0][1].hex())
    attributes = signer[3]
    if algorithm is None or attributes[0] != 0xA0:
        raise ValueError("the time-stamp uses a digest that is not supported")
    hasher = hashes.Hash(algorithm)
    hasher.update(info_raw)
    wanted = hasher.finalize()
    for _, attribute, _ in elements(attributes[1]):
        name, values = elements(attribute)[:2]
        if name[1] == MESSAGE_DIGEST and elements(values[1])[0][1] != wanted:
            raise ValueError("the time-stamp's digest is wrong")
    certificate = next((c for c in certificates if c.serial_number == serial), None)
    if certificate is None:
        raise ValueError("the time-stamp authority's certificate is missing")
    try:
        verify_signature(certificate, signer[5][1], der(0x31, attributes[1]), algorithm)
    except InvalidSignature:
        raise ValueError("the time-stamp's signature is wrong") from None
    stamp = next(e[1] for e in info if e[0] == 0x18).decode().rstrip("Z").partition(".")[0]
    moment = datetime.datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=datetime.timezone.utc)
    return moment, certificate.subject.rfc4514_string()


# ---- the whole package


class Report:
    """The checks in order: (state, part, text) with state ok, warn or bad."""

    def __init__(self):
        self.checks = []
        self.facts = {}

    @property
    def valid(self):
        return all(state != "bad" for state, _, _ in self.checks)

    def ok(self, part, text):
        self.checks.append(("ok", part, text))

    def warn(self, part, text):
        self.checks.append(("warn", part, text))

    def bad(self, part, text):
        self.checks.append(("bad", part, text))


def verify(stream, trusted=()):
    """Check the package in the seekable binary `stream`; `trusted` are root certificates (x509 objects).

    Returns a Report; Unreadable when it is no package at all. Never raises for a damaged one.
    """
    report = Report()
    try:
        package = Package(stream)
        report.ok("container", f"{len(package.parts)} parts, nothing between them")
        manifest = check_parts(package, report)
        check_chain(package, manifest, report, trusted)
    except Invalid as error:
        report.bad(error.part, error.text)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError,
            UnsupportedAlgorithm, x509.InvalidVersion) as error:  # fmt: skip
        report.bad("package", f"damaged: {error}")
    return report


def check_parts(package, report):
    raw = package.read("manifest.json", MAX_MANIFEST)
    if hashlib.sha256(raw).hexdigest().encode() != package.read("manifest.sha256", 100):
        raise Invalid("manifest.json", "the manifest does not have its digest")
    check_crc(package, "manifest.json")
    check_crc(package, "manifest.sha256")
    manifest = json.loads(raw)
    if manifest.get("format") != FORMAT:
        raise Unreadable(f"the format {manifest.get('format')!r} is not known here")
    listed = manifest["files"]
    extra = set(package.parts) - set(listed) - {"manifest.json", "manifest.sha256"}
    if extra:
        raise Invalid(sorted(extra)[0], "the manifest does not name this part")
    for name in sorted(listed):
        if name not in package.parts:
            report.bad(name, "this part is missing")
            continue
        digest, crc = hashlib.sha256(), 0
        for piece in package.chunks(name):
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
        if digest.hexdigest() != listed[name] or crc != package.parts[name][2]:
            report.bad(name, "its bytes were changed")
    if report.valid:
        report.ok("manifest.json", f"{len(listed)} parts have their digests")
    return manifest


def check_crc(package, name):
    crc = 0
    for piece in package.chunks(name):
        crc = zlib.crc32(piece, crc)
    if crc != package.parts[name][2]:
        raise Invalid(name, "its checksum in the zip is wrong")


def check_chain(package, manifest, report, trusted):
    try:
        authority = Authority(package.read("channel/config.pb"))
    except (ValueError, KeyError) as error:
        raise Invalid("channel/config.pb", f"the channel's configuration cannot be read: {error}") from None
    prints = {fingerprint(root): msp for msp, roots in authority.roots.items() for root in roots}
    report.facts["roots"] = {msp: [fingerprint(r) for r in roots] for msp, roots in sorted(authority.roots.items())}
    if trusted:
        unknown = set(prints) - {fingerprint(root) for root in trusted}
        if unknown:
            report.bad("channel/config.pb", f"roots that are not among the trusted ones: {prints[min(unknown)]}")
        else:
            report.ok("channel/config.pb", "every organisation's root is among the trusted ones")
    else:
        report.warn("channel/config.pb", "compare the organisations' root fingerprints below with the published ones")

    content = manifest["content"]
    if content["path"]:
        name = content["path"]
        cid = content_cid(package.chunks(name), package.parts[name][1], content["chunk"], content["width"])
        if cid == content["cid"]:
            report.ok(name, f"the work's file has the CID {cid}")
        else:
            report.bad(name, f"the work's file has the CID {cid}, not {content['cid']}")
    else:
        report.warn("content", f"the work's file is not inside; its CID is {content['cid']}")

    headers = check_headers(package, manifest, authority, report)
    written = {}
    for entry in manifest["transactions"]:
        part = f"blocks/{entry['block']}.pb"
        try:
            facts = check_block(package, part, entry, authority, headers)
        except ValueError as error:
            report.bad(part, str(error))
            continue
        written[entry["tx_id"]] = facts
        organisations = ", ".join(sorted({msp for msp, _ in facts["endorsers"]}))
        report.ok(
            part,
            f"{entry['function']} {entry['tx_id'][:16]}… at {facts['time']:%Y-%m-%d %H:%M:%S} UTC "
            f"by {facts['author'][0]}, endorsed by {organisations}",
        )
    check_record(package, manifest, written, report)
    check_stamps(package, manifest, headers, report)


def check_headers(package, manifest, authority, report):
    """Check the header chain; returns {number: raw header bytes}."""
    chain, part = json.loads(package.read("headers.json")), "headers.json"
    found, previous_hash, previous_number = {}, None, None
    for number, previous, data_hash in chain["headers"]:
        raw = header_bytes(number, bytes.fromhex(previous), bytes.fromhex(data_hash))
        if previous_number is not None and (number != previous_number + 1 or bytes.fromhex(previous) != previous_hash):
            raise Invalid(part, f"block {number} does not follow block {previous_number}")
        found[number] = raw
        previous_hash, previous_number = hashlib.sha256(raw).digest(), number
    minimum = manifest["ordering_signatures"]
    try:
        count = check_orderers(authority, found[previous_number], base64.b64decode(chain["signatures"]), minimum)
    except (ValueError, KeyError) as error:
        raise Invalid(part, f"last block {previous_number}: {error}") from None
    report.ok(part, f"blocks {min(found)} to {previous_number} are chained; {count} ordering signature(s) on the last")
    return found


def check_block(package, part, entry, authority, headers):
    block = fields(package.read(part))
    header, data = fields(one(block, 1)), fields(one(block, 2)).get(1, [])
    number = one(header, 1, 0)
    data_hash = hashlib.sha256(b"".join(data)).digest()
    raw = header_bytes(number, one(header, 2), data_hash)
    if number != entry["block"] or headers.get(number) != raw or one(header, 3) != data_hash:
        raise ValueError("the block's contents do not have the hash in the chain of headers")
    metadata = fields(one(block, 3)).get(1, [])
    check_orderers(authority, raw, metadata[0], 1)
    if metadata[2][entry["index"]] != VALID_CODE:
        raise ValueError("the peers did not accept this transaction")
    return check_transaction(authority, data[entry["index"]], entry["tx_id"])


def check_record(package, manifest, written, report):
    record = manifest["record"]
    raw = package.read(record["path"])
    facts = written.get(record["tx_id"])
    if facts is None:
        report.bad(record["path"], "the transaction that wrote the record did not hold")
    elif facts["writes"].get(record["namespace"], {}).get(record["key"]) != raw:
        report.bad(record["path"], "this is not what the transaction wrote")
    elif manifest["content"]["cid"] not in raw.decode("utf-8"):
        report.bad(record["path"], "the record does not name the work's CID")
    else:
        report.ok(record["path"], "the record is what the transaction wrote on the ledger")


def check_stamps(package, manifest, headers, report):
    stamps = manifest["timestamps"]
    if not stamps:
        report.warn("timestamps", "no trusted time-stamp is inside; the time is that of the ledger")
    for entry in stamps:
        try:
            digest = hashlib.sha256(headers[entry["block"]]).digest()
            moment, subject = check_timestamp(package.read(entry["path"]), digest)
        except (ValueError, KeyError, IndexError, StopIteration) as error:
            report.bad(entry["path"], f"the time-stamp does not hold: {error}")
            continue
        report.ok(entry["path"], f"block {entry['block']} existed at {moment:%Y-%m-%d %H:%M:%S} UTC, says {subject}")


def fingerprint(certificate):
    return certificate.fingerprint(hashes.SHA256()).hex()


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Check a CityChain evidence package.")
    parser.add_argument("package")
    parser.add_argument("--roots", help="PEM file of root certificates that are trusted")
    parser.add_argument("--json", action="store_true", help="print the checks as JSON")
    options = parser.parse_args(arguments)
    try:
        trusted: list = []
        if options.roots:
            with open(options.roots, "rb") as file:
                trusted = x509.load_pem_x509_certificates(file.read())
        with open(options.package, "rb") as stream:
            report = verify(stream, trusted)
    except (OSError, ValueError, Unreadable) as error:
        print(f"cannot be checked: {error}", file=sys.stderr)
        return 2
    if options.json:
        checks = [dict(zip(("state", "part", "text"), check)) for check in report.checks]
        print(json.dumps({"valid": report.valid, "checks": checks, **report.facts}, ensure_ascii=False, indent=1))
        return 0 if report.valid else 1
    sign = {"ok": "  ok ", "warn": "  !  ", "bad": "  X  "}
    for state, part, text in report.checks:
        print(f"{sign[state]} {part}: {text}")
    for msp, prints in report.facts.get("roots", {}).items():
        print(f"      root of {msp}: SHA-256 {', '.join(prints)}")
    print("VALID 有效" if report.valid else "INVALID 无效")
    return 0 if report.valid else 1


if __name__ == "__main__":
    sys.exit(main())
