"""Sealed works: what comes back, and that every change, cut, swap and wrong key is found out."""

from __future__ import annotations

import io

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.copyright import sealing
from apps.copyright.sealing import MAGIC, PIECE, SealingStream, commitment, new_key, unseal, unwrap_key, wrap_key
from baas.errors import UserError

KEY = bytes(range(32))


def seal(data: bytes, key: bytes = KEY) -> bytes:
    return SealingStream(io.BytesIO(data), key).read()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_it_comes_back_whatever_the_pieces(size: int) -> None:
    data = bytes(size)
    sealed = seal(data)
    for step in (7, 65_536, len(sealed)):
        if step == 7 and size > 10:
            continue
        parts = [sealed[at : at + step] for at in range(0, len(sealed), step)]
        assert b"".join(unseal(parts, KEY)) == data


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(1, 255))
def test_any_changed_byte_is_found(data: bytes, place: int, change: int) -> None:
    sealed = bytearray(seal(data))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(UserError):
        b"".join(unseal([bytes(sealed)], KEY))


def test_cutting_swapping_and_joining_are_found() -> None:
    data = bytes(PIECE) + b"\x01" * PIECE + b"\x02" * 100
    sealed = seal(data)
    head, size = len(MAGIC) + 12, PIECE + 16
    pieces = [sealed[head + at * size : head + (at + 1) * size] for at in range(3)]
    start = sealed[:head]
    for wrong in (
        start,
        start + pieces[0],
        start + pieces[0] + pieces[1],
        start + pieces[1] + pieces[0] + pieces[2],
        start + pieces[0] + pieces[2],
        start + pieces[0] + pieces[0] + pieces[1] + pieces[2],
        sealed + pieces[2],
        sealed[:-1],
        b"",
        seal(data, new_key()),
    ):
        with pytest.raises(UserError):
            b"".join(unseal([wrong], KEY))


def test_two_seals_of_the_same_differ() -> None:
    assert seal(b"x") != seal(b"x")


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_a_wrapped_key_opens_for_its_person_and_work_only(curve: ec.EllipticCurve) -> None:
    owner, other = ec.generate_private_key(curve), ec.generate_private_key(curve)
    wrapped = wrap_key(KEY, owner.public_key(), "work one")
    assert unwrap_key(wrapped, owner, "work one") == KEY
    for private, context in ((other, "work one"), (owner, "work two")):
        with pytest.raises(UserError):
            unwrap_key(wrapped, private, context)
    for broken in ("", "AA", wrapped[:-4], "!" * 40, wrapped[:5] + ("B" if wrapped[5] == "A" else "A") + wrapped[6:]):
        with pytest.raises(UserError):
            unwrap_key(broken, owner, "work one")


def test_a_commitment_tells_nothing_without_the_key() -> None:
    digest = bytes(32)
    assert commitment(KEY, digest) == commitment(KEY, digest)
    assert commitment(KEY, digest) != commitment(new_key(), digest)


def test_memory_does_not_grow_with_the_work() -> None:
    class Endless(io.RawIOBase):
        left = 64 << 20
        most = 0

        def read(self, size: int = -1) -> bytes:
            taken = min(size, self.left)
            self.left -= taken
            self.most = max(self.most, size)
            return bytes(taken)

    source = Endless()
    stream = SealingStream(source, KEY)  # type: ignore[arg-type]
    total = 0
    while piece := stream.read(1 << 18):
        total += len(piece)
        assert len(stream._ready) <= 2 * PIECE + 64
    assert total > 64 << 20
    assert source.most <= sealing.PIECE
