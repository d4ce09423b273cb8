from __future__ import annotations

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_sdk.bounded import BoundedCache
from fabric_sdk.errors import FabricError, InvalidSignature
from fabric_sdk.signatures import (
    CURVE_ORDERS,
    SignatureCache,
    is_low_s,
    private_key_signer,
    to_low_s,
    verify,
)

CURVES = [ec.SECP224R1(), ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()]
KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("curve", CURVES, ids=lambda c: c.name)
def test_every_signature_is_low_s_and_verifies(curve: ec.EllipticCurve) -> None:
    key = ec.generate_private_key(curve)
    sign = private_key_signer(key)
    for i in range(20):
        message = f"message {i}".encode()
        signature = sign(sha256(message).digest())
        assert is_low_s(signature, curve)
        verify(key.public_key(), signature, message)


@pytest.mark.parametrize("curve", CURVES, ids=lambda c: c.name)
def test_the_curve_orders_are_right(curve: ec.EllipticCurve) -> None:
    """n-1 is a private key, n is none."""
    assert ec.derive_private_key(CURVE_ORDERS[curve.name] - 1, curve)
    with pytest.raises(ValueError, match="out of range"):
        ec.derive_private_key(CURVE_ORDERS[curve.name], curve)


@given(st.binary(max_size=200))
@settings(max_examples=30, deadline=None)
def test_the_high_s_twin_is_refused_although_it_fits(message: bytes) -> None:
    signature = private_key_signer(KEY)(sha256(message).digest())
    r, s = decode_dss_signature(signature)
    twin = encode_dss_signature(r, CURVE_ORDERS["secp256r1"] - s)
    assert not is_low_s(twin, KEY.curve)
    assert to_low_s(twin, KEY.curve) == signature == to_low_s(signature, KEY.curve)
    KEY.public_key().verify(twin, message, ec.ECDSA(_sha256()))
    with pytest.raises(InvalidSignature, match="low-S"):
        verify(KEY.public_key(), twin, message)


@given(st.binary(max_size=120))
@settings(max_examples=200, deadline=None)
def test_bytes_that_are_no_signature_are_refused(junk: bytes) -> None:
    with pytest.raises(InvalidSignature):
        verify(KEY.public_key(), junk, b"message")
    assert SignatureCache().misses == 0


def test_a_changed_bit_anywhere_is_refused() -> None:
    signature = private_key_signer(KEY)(sha256(b"message").digest())
    for i in range(len(signature) * 8):
        changed = bytearray(signature)
        changed[i // 8] ^= 1 << i % 8
        with pytest.raises(InvalidSignature):
            verify(KEY.public_key(), bytes(changed), b"message")


def test_ed25519_signs_the_message_itself() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    signature = private_key_signer(key)(b"message")
    verify(key.public_key(), signature, b"message")
    with pytest.raises(InvalidSignature):
        verify(key.public_key(), signature, b"other")


def test_a_curve_that_fabric_does_not_use_is_named() -> None:
    with pytest.raises(FabricError, match="secp256k1"):
        private_key_signer(ec.generate_private_key(ec.SECP256K1()))


def test_the_cache_checks_each_signature_once_and_never_takes_over_a_bad_one() -> None:
    cache = SignatureCache()
    signature = private_key_signer(KEY)(sha256(b"message").digest())
    for _ in range(3):
        cache.verify(b"key", KEY.public_key(), signature, b"message")
    assert (cache.hits, cache.misses) == (2, 1)
    for _ in range(2):
        with pytest.raises(InvalidSignature):
            cache.verify(b"key", KEY.public_key(), signature, b"other message")
    with pytest.raises(InvalidSignature):
        cache.verify(b"other key", ec.generate_private_key(ec.SECP256R1()).public_key(), signature, b"message")


def test_what_this_process_signed_need_not_be_checked() -> None:
    cache = SignatureCache()
    cache.remember(b"key", b"message", b"signature")
    cache.verify(b"key", KEY.public_key(), b"signature", b"message")
    assert cache.hits == 1


def test_the_caches_are_bounded() -> None:
    cache: BoundedCache[int, int] = BoundedCache(10)
    for i in range(1000):
        cache.put(i, i)
    assert len(cache) == 10
    assert cache.get(999) == 999
    assert cache.get(0) is None
    cache.put(999, 1)
    assert len(cache) == 10
    assert cache.get(999) == 1


def _sha256():  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives import hashes

    return hashes.SHA256()
