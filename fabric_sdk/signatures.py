"""ECDSA signatures as Fabric wants them: over SHA-256, DER, and in low-S form only.

For every signature (r, s) the pair (r, n-s) fits as well. Fabric accepts only the one with s <= n/2, so that nobody
can change a signed message's bytes without its key. Ed25519 keys (Fabric 3, channel capability V3_0) sign the
message itself.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from cryptography.exceptions import InvalidSignature as _CryptographyInvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)

from fabric_sdk.bounded import BoundedCache
from fabric_sdk.errors import FabricError, InvalidSignature

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Signer = Callable[[bytes], bytes]
"""Signs: takes the SHA-256 digest of a message (with Ed25519: the message) and returns the signature."""

_PREHASHED = ec.ECDSA(Prehashed(hashes.SHA256()))

# Orders of the curves that Fabric accepts (FIPS 186-5 / SP 800-186, 3.2.1).
CURVE_ORDERS: dict[str, int] = {
    "secp224r1": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFF16A2E0B8F03E13DD29455C5C2A3D,
    "secp256r1": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "secp384r1": int(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16
    ),
    "secp521r1": int(
        "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA"
        "51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409",
        16,
    ),
}
_HALF_ORDERS = {name: order >> 1 for name, order in CURVE_ORDERS.items()}


def _half_order(curve: ec.EllipticCurve) -> int:
    try:
        return _HALF_ORDERS[curve.name]
    except KeyError:
        raise FabricError(f"Fabric does not use the curve {curve.name}") from None


def to_low_s(signature: bytes, curve: ec.EllipticCurve) -> bytes:
    """Return the low-S form of a DER signature; InvalidSignature if it is not DER."""
    half = _half_order(curve)
    try:
        r, s = decode_dss_signature(signature)
    except ValueError:
        raise InvalidSignature("the signature is not a DER sequence of two integers") from None
    if s <= half:
        return signature
    return encode_dss_signature(r, CURVE_ORDERS[curve.name] - s)


def is_low_s(signature: bytes, curve: ec.EllipticCurve) -> bool:
    """Whether a DER signature has s <= n/2; bytes that are not DER are not."""
    try:
        _, s = decode_dss_signature(signature)
    except ValueError:
        return False
    return s <= _half_order(curve)


def private_key_signer(key: PrivateKey) -> Signer:
    """A signer for a private key that this process holds."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign
    half = _half_order(key.curve)
    order = CURVE_ORDERS[key.curve.name]
    sign_raw = key.sign

    def sign(digest: bytes) -> bytes:
        signature = sign_raw(digest, _PREHASHED)
        r, s = decode_dss_signature(signature)
        return signature if s <= half else encode_dss_signature(r, order - s)

    return sign


def verify(public_key: PublicKey, signature: bytes, message: bytes) -> None:
    """Check one signature; raise InvalidSignature unless it fits and is in low-S form."""
    try:
        if isinstance(public_key, ed25519.Ed25519PublicKey):
            public_key.verify(signature, message)
            return
        _verify_digest(public_key, signature, sha256(message).digest())
    except _CryptographyInvalidSignature:
        raise InvalidSignature("the signature does not fit the message and key") from None


def fits_digest(public_key: ec.EllipticCurvePublicKey, signature: bytes, digest: bytes) -> None:
    """As `verify` for ECDSA, with the message's SHA-256 in its place."""
    try:
        _verify_digest(public_key, signature, digest)
    except _CryptographyInvalidSignature:
        raise InvalidSignature("the signature does not fit the message and key") from None


def _verify_digest(public_key: ec.EllipticCurvePublicKey, signature: bytes, digest: bytes) -> None:
    try:
        _, s = decode_dss_signature(signature)
    except ValueError:
        raise InvalidSignature("the signature is not a DER sequence of two integers") from None
    if s > _half_order(public_key.curve):
        raise InvalidSignature("the signature is not in low-S form")
    public_key.verify(signature, digest, _PREHASHED)


class SignatureCache:
    """Remembers which signatures were found good, so that one process checks each of them once.

    Keyed by SHA-256 over key, digest and signature together: nothing can be found in it that was not checked, or made
    here with the private key itself (`remember`). Bounded; thread-safe.
    """

    def __init__(self, limit: int = 20_000) -> None:
        self._good: BoundedCache[tuple[bytes, bytes, bytes], bool] = BoundedCache(limit)
        self.hits = 0
        self.misses = 0

    def remember(self, key_id: bytes, message: bytes, signature: bytes) -> None:
        """Note a signature that this very process made with the private key belonging to `key_id`."""
        self._good.put((key_id, sha256(message).digest(), signature), True)

    def verify(self, key_id: bytes, public_key: PublicKey, signature: bytes, message: bytes) -> None:
        """As `verify`; `key_id` names the public key (for example its certificate's SHA-256)."""
        digest = sha256(message).digest()
        entry = (key_id, digest, signature)
        if entry in self._good:
            self.hits += 1
            return
        self.misses += 1
        if isinstance(public_key, ed25519.Ed25519PublicKey):
            verify(public_key, signature, message)
        else:
            try:
                _verify_digest(public_key, signature, digest)
            except _CryptographyInvalidSignature:
                raise InvalidSignature("the signature does not fit the message and key") from None
        self._good.put(entry, True)
