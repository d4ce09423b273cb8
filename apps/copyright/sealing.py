"""Encrypted works: AES-256-GCM in authenticated pieces, a fresh key a work, wrapped by ECDH for each person.

Form of a sealed file: `CCSEAL1\\n`, 12 bytes of random prefix, then pieces of 1 MiB plaintext, each as AES-256-GCM
ciphertext with tag. A piece's nonce is the prefix XORed with its number; its associated data says its number and
whether it is the last, so that cutting, reordering, doubling or joining pieces is found out.

A wrapped key: ephemeral P-256 ECDH with the person's certificate key, HKDF-SHA-256, AES-256-GCM (in the manner of
ECIES, SEC 1 §5.1), bound to the work's commitment.
"""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from baas.errors import Text, UserError

MAGIC = b"CCSEAL1\n"
PIECE = 1 << 20
_TAG = 16
_PREFIX = 12


def new_key() -> bytes:
    """A fresh 256-bit key."""
    return secrets.token_bytes(32)


def commitment(key: bytes, sha256: bytes) -> str:
    """What the ledger shows of an encrypted work's plaintext: SHA-256 over a salt derived from its key and its hash.

    Whoever has the key can check it against the file; nobody else can try candidate files.
    """
    salt = hashlib.sha256(b"citychain commitment" + key).digest()
    return hashlib.sha256(salt + sha256).hexdigest()


def _nonce(prefix: bytes, number: int) -> bytes:
    return (int.from_bytes(prefix, "big") ^ number).to_bytes(_PREFIX, "big")


def _broken() -> UserError:
    return UserError(
        Text(
            "加密内容无法解开：密钥不对，或数据被截断、篡改。",
            "The sealed content cannot be opened: wrong key, or tampered.",
        ),
        Text("请确认许可仍有效，并重新取得内容。", "Check that your licence is in force and fetch the content again."),
        code="seal_broken",
    )


class SealingStream(io.RawIOBase):
    """Reads plaintext from a stream and gives sealed bytes, a piece at a time."""

    def __init__(self, source: BinaryIO, key: bytes, prefix: bytes | None = None) -> None:
        super().__init__()
        self._source = source
        self._cipher = AESGCM(key)
        self._prefix = prefix or secrets.token_bytes(_PREFIX)
        self._ready = bytearray(MAGIC + self._prefix)
        self._number = 0
        self._next: bytes | None = _read_piece(source)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while self._next is not None and (size < 0 or len(self._ready) < size):
            piece, following = self._next, _read_piece(self._source)
            last = not following
            data = self._number.to_bytes(8, "big") + bytes((last,))
            self._ready += self._cipher.encrypt(_nonce(self._prefix, self._number), piece, data)
            self._number += 1
            self._next = None if last else following
        size = len(self._ready) if size < 0 else size
        out = bytes(self._ready[:size])
        del self._ready[:size]
        return out


def _read_piece(source: BinaryIO) -> bytes:
    parts, have = [], 0
    while have < PIECE and (part := source.read(PIECE - have)):
        parts.append(part)
        have += len(part)
    return b"".join(parts)


def unseal(pieces: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """Plaintext of sealed bytes, a piece at a time; `UserError` as soon as something is wrong.

    A caller that must not use partial data keeps it aside until the end is reached.
    """
    cipher = AESGCM(key)
    buffer = bytearray()
    source = iter(pieces)
    number = 0
    prefix = b""
    ended = False
    while not ended:
        wanted = len(MAGIC) + _PREFIX if not prefix else PIECE + _TAG + 1
        while len(buffer) < wanted and not ended:
            part = next(source, None)
            ended = part is None
            buffer += part or b""
        if not prefix:
            if len(buffer) < wanted or bytes(buffer[: len(MAGIC)]) != MAGIC:
                raise _broken()
            prefix = bytes(buffer[len(MAGIC) : wanted])
            del buffer[:wanted]
            ended = False
            continue
        last = len(buffer) <= PIECE + _TAG
        piece = bytes(buffer[: PIECE + _TAG])
        del buffer[: PIECE + _TAG]
        try:
            plain = cipher.decrypt(_nonce(prefix, number), piece, number.to_bytes(8, "big") + bytes((last,)))
        except InvalidTag as error:
            raise _broken() from error
        number += 1
        ended = last
        yield plain


def wrap_key(key: bytes, public: ec.EllipticCurvePublicKey, context: str) -> str:
    """Wrap a work's key for a certificate's P-256 (or other curve) key; text for the ledger."""
    ephemeral = ec.generate_private_key(public.curve)
    shared = ephemeral.exchange(ec.ECDH(), public)
    point = ephemeral.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(_derived(shared, point, context)).encrypt(nonce, key, context.encode())
    return base64.urlsafe_b64encode(bytes((len(point),)) + point + nonce + sealed).decode()


def unwrap_key(wrapped: str, private: ec.EllipticCurvePrivateKey, context: str) -> bytes:
    """Open a wrapped key; `UserError` if it was not wrapped for this key and work."""
    try:
        data = base64.urlsafe_b64decode(wrapped.encode())
        size = data[0]
        point, nonce, sealed = data[1 : 1 + size], data[1 + size : 13 + size], data[13 + size :]
        public = ec.EllipticCurvePublicKey.from_encoded_point(private.curve, point)
        shared = private.exchange(ec.ECDH(), public)
        return AESGCM(_derived(shared, point, context)).decrypt(nonce, sealed, context.encode())
    except (ValueError, IndexError, InvalidTag) as error:
        raise _broken() from error


def _derived(shared: bytes, point: bytes, context: str) -> bytes:
    info = b"citychain work key" + context.encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=point, info=info).derive(shared)
