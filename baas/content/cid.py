"""Content identifiers: CIDv1 (and CIDv0 on the way in), SHA-256, codecs raw and dag-pb.

Source: https://github.com/multiformats/cid and the multihash and multibase tables. Other hash functions and codecs
are refused with a clear error: nothing this platform stores uses them.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from baas.content.store import Cid, ContentError
from network.text import Text

RAW = 0x55
DAG_PB = 0x70
_SHA2_256 = 0x12
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MAX_CID_BYTES = 40


def malformed(what: str) -> ContentError:
    """The one error for bytes that are not what a CID, node or archive must look like."""
    return ContentError(
        Text("内容数据格式不正确:{what}。", "Malformed content data: {what}.", what=what),
        Text(
            "数据可能被截断或篡改;请从可靠来源重新获取。",
            "It may be cut short or tampered with; fetch it again from a source you trust.",
        ),
        code="content_malformed",
    )


@dataclass(frozen=True, slots=True)
class ParsedCid:
    """A CID taken apart: `version` 0 or 1, `codec` RAW or DAG_PB, the 32-byte SHA-256 `digest`."""

    version: int
    codec: int
    digest: bytes

    @property
    def binary(self) -> bytes:
        if self.version == 0:
            return bytes((_SHA2_256, 32)) + self.digest
        return bytes((1, self.codec, _SHA2_256, 32)) + self.digest

    @property
    def text(self) -> Cid:
        if self.version == 0:
            return Cid(_base58_encode(self.binary))
        return Cid("b" + base64.b32encode(self.binary).decode().rstrip("=").lower())

    def matches(self, block: bytes) -> bool:
        return hashlib.sha256(block).digest() == self.digest


def of_block(block: bytes, codec: int) -> ParsedCid:
    """The CIDv1 of a block."""
    return ParsedCid(1, codec, hashlib.sha256(block).digest())


def read_varint(data: bytes, at: int, end: int | None = None) -> tuple[int, int]:
    """Read an unsigned LEB128 of at most 10 bytes at `at`; return (value, next position)."""
    end = len(data) if end is None else end
    value = shift = 0
    while True:
        if at >= end or shift > 63:
            raise malformed("varint")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def write_varint(value: int) -> bytes:
    """Encode an unsigned integer as LEB128."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def parse_binary(data: bytes, at: int = 0) -> tuple[ParsedCid, int]:
    """Read a binary CID at `at`; return it and the position after it."""
    if data[at : at + 2] == b"\x12\x20":
        if len(data) < at + 34:
            raise malformed("CIDv0")
        return ParsedCid(0, DAG_PB, data[at + 2 : at + 34]), at + 34
    version, at = read_varint(data, at)
    codec, at = read_varint(data, at)
    function, at = read_varint(data, at)
    length, at = read_varint(data, at)
    if version != 1 or codec not in (RAW, DAG_PB) or function != _SHA2_256 or length != 32 or len(data) < at + 32:
        raise malformed(f"CID version {version}, codec {codec:#x}, hash {function:#x}")
    return ParsedCid(1, codec, data[at : at + 32]), at + 32


def spelled(text: str) -> Cid:
    """The one spelling of a CID that people wrote in another: `/ipfs/CID`, `ipfs://CID`, a gateway's address, capitals,
    base 16 or base 58; a path below it is no CID. `ContentError` for anything else.

    For what people type. What programs and ledgers say is read by `parse`, which takes the one spelling only.
    """
    plain = text.strip()
    for mark in ("ipfs://", "/ipfs/"):
        if (at := plain.lower().find(mark)) >= 0:
            plain = plain[at + len(mark) :]
            break
    plain = plain.rstrip("/")
    if not 0 < len(plain) <= 128:
        raise malformed(f"CID “{text[:128]}”")
    try:
        if plain[0] == "B":
            return parse(plain.lower()).text
        if plain[0] in "fF":
            data = bytes.fromhex(plain[1:])
        elif plain[0] == "z":
            data = _base58_bytes(plain[1:])
        else:
            return parse(plain).text
    except ValueError as error:
        raise malformed(f"CID “{text[:128]}”") from error
    parsed, end = parse_binary(data)
    if end != len(data) or parsed.version == 0:
        raise malformed(f"CID “{text[:128]}”")
    return parsed.text


def _base58_bytes(text: str) -> bytes:
    number = 0
    for letter in text:
        number = number * 58 + _BASE58.index(letter)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def parse(text: str) -> ParsedCid:
    """Read a CID from text (`b…` base32 or `Qm…` base58); raises `ContentError`."""
    text = text.strip()
    if len(text) > 128:
        raise malformed("CID")
    try:
        if text.startswith("Qm") and len(text) == 46:
            data = _base58_decode(text)
        elif text.startswith("b"):
            body = text[1:].upper()
            data = base64.b32decode(body + "=" * (-len(body) % 8))
        else:
            raise malformed(f"CID “{text}”")
    except ValueError as error:
        raise malformed(f"CID “{text}”") from error
    parsed, end = parse_binary(data)
    if end != len(data) or parsed.text != text:
        raise malformed(f"CID “{text}”")
    return parsed


def _base58_encode(data: bytes) -> str:
    number = int.from_bytes(data, "big")
    out = ""
    while number:
        number, digit = divmod(number, 58)
        out = _BASE58[digit] + out
    return out


def _base58_decode(text: str) -> bytes:
    number = 0
    for letter in text:
        number = number * 58 + _BASE58.index(letter)
    return number.to_bytes(34, "big")
