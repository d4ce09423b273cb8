"""Audio: landmarks (pairs of spectral peaks), which survive recoding, noise and cuts.

Source of the method: A. Wang, "An Industrial-Strength Audio Search Algorithm", ISMIR 2003. 8 kHz mono, frames of 1024
samples every 256; a landmark is (frequency of a peak, frequency of a later one, time between), 26 bits.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

RATE = 8000
FRAME = 1024
HOP = 256
MAX_SECONDS = 1800
_FAN_OUT = 5
_AHEAD = 63
_PEAKS_A_SECOND = 20

Landmarks = NDArray[np.int64]
"""Rows of (hash, frame)."""
Samples = NDArray[np.float32]

SPEEDS = (0.97, 0.985, 1.015, 1.03)
TEMPI = (0.95, 0.975, 1.025, 1.05)
SEMITONES = (-1, 1)
UNDONE_SECONDS = 60
"""How much of a sound is also asked for as it was before one of these changes: landmarks stand 0.7 % of speed."""


def stretched(samples: Samples, factor: float, rate: int) -> Samples:
    """Faster by `factor` at the same pitch (libav's `atempo`)."""
    import av

    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="flt", layout="mono", time_base=Fraction(1, rate))
    stages = [source, graph.add("atempo", str(factor)), graph.add("abuffersink")]
    for one, after in itertools.pairwise(stages):
        one.link_to(after)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None, :]), format="flt", layout="mono")
    frame.sample_rate, frame.pts = rate, 0
    source.push(frame)
    source.push(None)
    parts = [np.empty(0, np.float32)]
    while True:
        try:
            got = stages[-1].pull()
        except (av.EOFError, av.BlockingIOError):
            return np.concatenate(parts)
        if isinstance(got, av.AudioFrame):
            parts.append(got.to_ndarray()[0])


def resampled(samples: Samples, factor: float) -> Samples:
    """Faster by `factor` and higher, as a tape that runs too fast."""
    places = np.arange(0, len(samples) - 1, factor)
    faster: Samples = np.interp(places, np.arange(len(samples)), samples).astype(np.float32)
    return faster


def undone(samples: Samples) -> list[Landmarks]:
    """Landmarks of the sound's beginning as it was, had it been sped up, stretched or transposed by a common amount."""
    samples = samples[: UNDONE_SECONDS * RATE]
    if len(samples) < FRAME:
        return []
    before = [resampled(samples, 1 / factor) for factor in SPEEDS]
    before += [stretched(samples, 1 / factor, RATE) for factor in TEMPI]
    for semitones in SEMITONES:
        factor = 2 ** (semitones / 12)
        before.append(stretched(resampled(samples, 1 / factor), factor, RATE))
    return [landmarks(one) for one in before]


def landmarks(samples: NDArray[np.float32]) -> Landmarks:
    """Landmarks of mono samples at 8 kHz (-1…1); no rows for silence or less than a frame."""
    if len(samples) < FRAME:
        return np.empty((0, 2), dtype=np.int64)
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    window = np.hanning(FRAME).astype(np.float32)
    parts = [
        np.abs(np.fft.rfft(frames[start : start + 2048] * window, axis=1)).astype(np.float32)[:, :512]
        for start in range(0, len(frames), 2048)
    ]
    spectrum = np.log1p(np.concatenate(parts) * 10)
    times, bins = _peaks(spectrum)
    return _pairs(times, bins)


def _peaks(spectrum: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The strongest local maxima: frame numbers and frequency bins, in time order."""
    around = spectrum.copy()
    for axis, reach in ((0, 5), (1, 7)):
        best = around.copy()
        for shift in range(1, reach + 1):
            if around.shape[axis] <= shift:
                break
            if axis == 0:
                best[shift:] = np.maximum(best[shift:], around[:-shift])
                best[:-shift] = np.maximum(best[:-shift], around[shift:])
            else:
                best[:, shift:] = np.maximum(best[:, shift:], around[:, :-shift])
                best[:, :-shift] = np.maximum(best[:, :-shift], around[:, shift:])
        around = best
    floor = spectrum.mean(axis=1, keepdims=True) + spectrum.std(axis=1, keepdims=True)
    times, bins = np.nonzero((spectrum == around) & (spectrum > floor) & (spectrum > 0.05))
    limit = max(1, int(len(spectrum) * HOP / RATE * _PEAKS_A_SECOND))
    if len(times) > limit:
        keep = np.sort(np.argsort(-spectrum[times, bins], kind="stable")[:limit])
        times, bins = times[keep], bins[keep]
    return times.astype(np.int64), bins.astype(np.int64)


def _pairs(times: NDArray[np.int64], bins: NDArray[np.int64]) -> Landmarks:
    rows = []
    for step in range(1, _FAN_OUT + 1):
        if len(times) <= step:
            break
        ahead = times[step:] - times[:-step]
        good = (ahead > 0) & (ahead <= _AHEAD)
        hashes = (bins[:-step] << 17) | (bins[step:] << 8) | ahead
        rows.append(np.stack([hashes[good], times[:-step][good]], axis=1))
    return np.concatenate(rows) if rows else np.empty((0, 2), dtype=np.int64)
