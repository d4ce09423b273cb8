"""Chromaprint's fingerprint of a sound: 32 bits for each eighth of a second, which ISCC's Audio-Code is made of.

Method: K. Jang et al., "Pairwise boosted audio fingerprint", IEEE TIFS 2009, with the filters that Chromaprint (its
default algorithm, no. 1) chose by training; equal parameters are what makes equal fingerprints. 11,025 Hz mono, frames
of 4096 samples every 1365, twelve notes of a scale; each bit pair compares regions of the picture that they form.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

RATE = 11_025
FRAME = 4096
HOP = FRAME // 3
_BANDS = 12
_SMOOTHING = (0.25, 0.75, 1.0, 0.75, 0.25)
_QUIET = 0.01
_LOWEST, _HIGHEST = 28, 3520
_GRAY = np.array([0, 1, 3, 2], dtype=np.uint32)
_BATCH = 256

# kind of filter, first note, notes, frames; the three limits between the four values
_CLASSIFIERS: tuple[tuple[int, int, int, int, float, float, float], ...] = (
    (0, 4, 3, 15, 1.98215, 2.35817, 2.63523),
    (4, 4, 6, 15, -1.03809, -0.651211, -0.282167),
    (1, 0, 4, 16, -0.298702, 0.119262, 0.558497),
    (3, 8, 2, 12, -0.105439, 0.0153946, 0.135898),
    (3, 4, 4, 8, -0.142891, 0.0258736, 0.200632),
    (4, 0, 3, 5, -0.826319, -0.590612, -0.368214),
    (1, 2, 2, 9, -0.557409, -0.233035, 0.0534525),
    (2, 7, 3, 4, -0.0646826, 0.00620476, 0.0784847),
    (2, 6, 2, 16, -0.192387, -0.029699, 0.215855),
    (2, 1, 3, 2, -0.0397818, -0.00568076, 0.0292026),
    (5, 10, 1, 15, -0.53823, -0.369934, -0.190235),
    (3, 6, 2, 10, -0.124877, 0.0296483, 0.139239),
    (2, 1, 1, 14, -0.101475, 0.0225617, 0.231971),
    (3, 5, 6, 4, -0.0799915, -0.00729616, 0.063262),
    (1, 9, 2, 12, -0.272556, 0.019424, 0.302559),
    (3, 4, 2, 14, -0.164292, -0.0321188, 0.0846339),
)
_WIDEST = max(one[3] for one in _CLASSIFIERS)


def _notes() -> NDArray[np.float64]:
    """Which of twelve notes each frequency belongs to: (frequencies, 12), a one for each."""
    low, high = round(FRAME * _LOWEST / RATE), round(FRAME * _HIGHEST / RATE)
    octaves = np.log2(np.arange(low, high) * RATE / FRAME / 27.5)
    table = np.zeros((FRAME // 2 + 1, _BANDS))
    table[np.arange(low, high), (_BANDS * (octaves - np.floor(octaves))).astype(int)] = 1
    return table


class ChromaStream:
    """Takes sound in pieces and gives its fingerprint at the end; memory grows by 96 bytes for each 0.124 s."""

    def __init__(self) -> None:
        self._rest = np.empty(0, dtype=np.int16)
        self._notes = _notes()
        self._window = np.hamming(FRAME) / 32767
        self._features: list[NDArray[np.float64]] = []

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Take mono samples at 11,025 Hz."""
        self._rest = np.concatenate([self._rest, samples])
        if len(self._rest) >= FRAME + HOP * _BATCH:
            self._digest()

    def _digest(self) -> None:
        if len(self._rest) < FRAME:
            return
        frames = np.lib.stride_tricks.sliding_window_view(self._rest, FRAME)[::HOP]
        for start in range(0, len(frames), _BATCH):
            spectrum = np.fft.rfft(frames[start : start + _BATCH] * self._window, axis=1)
            self._features.append((spectrum.real**2 + spectrum.imag**2) @ self._notes)
        self._rest = self._rest[HOP * len(frames) :].copy()

    def fingerprint(self) -> list[int]:
        """Signed 32-bit values, none for less than about three seconds."""
        self._digest()
        features = np.concatenate(self._features) if self._features else np.empty((0, _BANDS))
        if len(features) < len(_SMOOTHING) + _WIDEST - 1:
            return []
        kept = len(features) - len(_SMOOTHING) + 1
        smooth = np.zeros((kept, _BANDS))
        for offset, factor in enumerate(_SMOOTHING):
            smooth += features[offset : offset + kept] * factor
        norms = np.sqrt((smooth**2).sum(axis=1, keepdims=True))
        picture = np.where(norms < _QUIET, 0.0, smooth / np.maximum(norms, _QUIET))
        return [int(value) for value in _classified(picture).view(np.int32)]


def fingerprint(pieces: Iterable[NDArray[np.int16]]) -> list[int]:
    """The fingerprint of mono pieces at 11,025 Hz."""
    stream = ChromaStream()
    for piece in pieces:
        stream.feed(piece)
    return stream.fingerprint()


def _classified(picture: NDArray[np.float64]) -> NDArray[np.uint32]:
    sums = np.zeros((len(picture) + 1, _BANDS + 1))
    sums[1:, 1:] = picture.cumsum(axis=0).cumsum(axis=1)
    count = len(picture) - _WIDEST + 1

    def area(x1: int, y1: int, x2: int, y2: int) -> NDArray[np.float64]:
        """The sum over frames x1…x2 (from each position) and notes y1…y2."""
        after, before = sums[x2 : x2 + count], sums[x1 : x1 + count]
        found: NDArray[np.float64] = after[:, y2] - before[:, y2] - after[:, y1] + before[:, y1]
        return found

    bits = np.zeros(count, dtype=np.uint32)
    for kind, y, high, wide, *limits in _CLASSIFIERS:
        top, half, third = y + high, y + high // 2, high // 3
        middle, part = wide // 2, wide // 3
        if kind == 0:
            one, other = area(0, y, wide, top), np.zeros(count)
        elif kind == 1:
            one, other = area(0, half, wide, top), area(0, y, wide, half)
        elif kind == 2:
            one, other = area(middle, y, wide, top), area(0, y, middle, top)
        elif kind == 3:
            one = area(0, half, middle, top) + area(middle, y, wide, half)
            other = area(0, y, middle, half) + area(middle, half, wide, top)
        elif kind == 4:
            one = area(0, y + third, wide, y + 2 * third)
            other = area(0, y, wide, y + third) + area(0, y + 2 * third, wide, top)
        else:
            one = area(part, y, 2 * part, top)
            other = area(0, y, part, top) + area(2 * part, y, wide, top)
        value = np.log((1 + one) / (1 + other))
        bits = (bits << np.uint32(2)) | _GRAY[np.searchsorted(limits, value, side="right")]
    return bits
