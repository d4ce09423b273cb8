"""Choose the image threshold on held-out photographs: `python -m apps.copyright.calibrate FOLDER… > thresholds.json`.

For pairs of different photographs the best distance over all variants is taken; its distribution says how many works
out of a million would be shown wrongly at each radius (a normal tail with the measured mean and deviation, and never
less than 6 bits below the nearest pair seen). The largest radius with at most one wrong work in a hundred queries is
kept. The figures of `bench similarity` come from the other half of the photographs.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from apps.copyright.fingerprints.image import hashes
from apps.copyright.index import Thresholds
from apps.copyright.perturb import photographs
from apps.copyright.perturb_changes import EVERYDAY

CALIBRATION_HALF = 0
WORKS = 1_000_000
WRONG_A_QUERY = 0.01
_MARGIN = 6


def distances(queries: Any, index: Any) -> Any:
    """Smallest distance of any query variant to each work: index of shape (works, variants, 32)."""
    words = np.ascontiguousarray(index).view(np.uint64)
    best = np.full(len(index), 256)
    for query in np.ascontiguousarray(queries).view(np.uint64):
        best = np.minimum(best, np.bitwise_count(words ^ query).sum(axis=2).min(axis=1))
    return best


def calibrate(folders: list[Path]) -> dict[str, Any]:
    """Thresholds as data, with what they were made from."""
    chance = random.Random(20260101)
    works = list(photographs(folders, half=CALIBRATION_HALF))
    found = [hashes(work.image) for work in works]
    kept = [number for number, one in enumerate(found) if not one.flat]
    index = np.stack([found[number].index for number in kept])
    groups = [works[number].group for number in kept]
    strange: list[int] = []
    own: list[int] = []
    for place, number in enumerate(kept):
        for change in EVERYDAY.values():
            query = hashes(change(works[number].image, chance)).query
            best = distances(query, index)
            own.append(int(best[place]))
            strange += [int(best[other]) for other in range(len(kept)) if groups[other] != groups[place]]
    tail = NormalDist(float(np.mean(strange)), float(np.std(strange)))
    radius = max(r for r in range(257) if tail.cdf(r) * WORKS <= WRONG_A_QUERY)
    radius = min(radius, min(strange) - _MARGIN)
    current = Thresholds.load()
    return {
        "image_bits": radius,
        "text_resemblance": current.text_resemblance,
        "text_containment": current.text_containment,
        "audio_marks": current.audio_marks,
        "source": (
            f"image: {len(kept)} works of {len(set(groups))} photographs, {len(strange)} strange pairs, nearest "
            f"{min(strange)}, mean {tail.mean:.1f}, deviation {tail.stdev:.1f}; "
            f"{sum(d <= radius for d in own) / len(own):.3f} of {len(own)} copies within; text and audio: as they were"
        ),
    }


if __name__ == "__main__":
    print(json.dumps(calibrate([Path(name) for name in sys.argv[1:]]), ensure_ascii=False, indent=1))
