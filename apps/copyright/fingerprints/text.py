"""Text: MinHash over character 4-grams for near copies, and a sampled set of hashes for excerpts (containment).

Characters, not words: Chinese has no blanks. Punctuation, blanks, case and full-width forms do not count, and
traditional punctuation neither; so re-typesetting changes nothing.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GRAM = 4
PERMUTATIONS = 128
SAMPLE_ONE_IN = 8
MAX_SAMPLE = 20_000
MAX_CHARACTERS = 4_000_000
MIN_GRAMS = 16

_random = np.random.Generator(np.random.PCG64(20260101))
_A = _random.integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_B = _random.integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64)
"""Odd factors over all 64 bits, products cut at 64: with smaller ones most permutations kept the hashes in order, so
that one small hash in common made two texts half alike."""


@dataclass(frozen=True)
class TextPrint:
    """`minhash`: 128 values; `sample`: distinct hashes, one in eight of all; `grams`: how many distinct 4-grams."""

    characters: int
    grams: int
    minhash: NDArray[np.uint32]
    sample: NDArray[np.uint64]


def normalise(text: str) -> str:
    """Letters, digits and ideographs only, NFKC, lower case."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).lower() if letter.isalnum())


def fingerprint(text: str) -> TextPrint | None:
    """The fingerprint of a text; None when it is too short to say anything."""
    letters = np.frombuffer(normalise(text[:MAX_CHARACTERS]).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    if len(letters) < GRAM + MIN_GRAMS:
        return None
    mixed = np.zeros(len(letters) - GRAM + 1, dtype=np.uint64)
    for offset in range(GRAM):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + letters[offset : len(letters) - GRAM + 1 + offset]
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(32)
    distinct = np.unique(mixed)
    minhash = np.empty(PERMUTATIONS, dtype=np.uint32)
    for number in range(PERMUTATIONS):
        minhash[number] = ((distinct * _A[number] + _B[number]) >> np.uint64(32)).min()
    sample = distinct[distinct % np.uint64(SAMPLE_ONE_IN) == 0][:MAX_SAMPLE]
    return TextPrint(len(letters), len(distinct), minhash, sample)


def resemblance(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> float:
    """Estimated Jaccard similarity of two texts, 0…1."""
    return float((one == other).mean())


BANDS, ROWS = 32, 4


def bands(minhash: NDArray[np.uint32]) -> list[int]:
    """LSH keys: 32 bands of 4 values; texts of resemblance 0.5 share one with probability 0.87."""
    keys = []
    for band in range(BANDS):
        part = minhash[band * ROWS : (band + 1) * ROWS].astype("<u4").tobytes()
        digest = hashlib.blake2b(bytes((band,)) + part, digest_size=8).digest()
        keys.append(int.from_bytes(digest, "big", signed=True))
    return keys
