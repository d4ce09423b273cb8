"""Photographs cut into works, for measuring: what copies do to them is `perturb_changes`.

A large photograph is cut into tiles that do not overlap, each a work of its own; `group` says which photograph a tile
comes from, so that calibration and figures never share one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from apps.copyright.fingerprints.image import UndecodableImage, load

SIDE = 800
_TILED_FROM = 1200


@dataclass(frozen=True)
class Photograph:
    """One work of the set: `group` is the photograph it was cut from."""

    group: str
    image: Image.Image


def photographs(folders: list[Path], *, half: int | None) -> Iterator[Photograph]:
    """Works cut from every image below `folders`; `half` 0 or 1 takes one of two disjoint sets of photographs."""
    seen: set[str] = set()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() not in (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff") or not path.is_file():
                continue
            group = _group(folder, path)
            if half is not None and hashlib.sha256(group.encode()).digest()[0] % 2 != half:
                continue
            try:
                with path.open("rb") as file:
                    image = load(file).convert("RGB")
            except (UndecodableImage, OSError):
                continue
            for tile in _tiles(image):
                tile.thumbnail((SIDE, SIDE))
                digest = hashlib.sha256(tile.tobytes()).hexdigest()
                if digest not in seen:
                    seen.add(digest)
                    yield Photograph(group, tile)


def _group(folder: Path, path: Path) -> str:
    """Every file is a photograph of its own; files named by their size alone (1920x1080) are one in several sizes."""
    place = path.relative_to(folder)
    return str((place.parent if re.fullmatch(r"\d+x\d+", path.stem) else place).as_posix())


def _tiles(image: Image.Image) -> Iterator[Image.Image]:
    if max(image.size) < _TILED_FROM:
        yield image
        return
    for row in range(2):
        for column in range(3):
            yield image.crop(
                (
                    image.width * column // 3,
                    image.height * row // 2,
                    image.width * (column + 1) // 3,
                    image.height * (row + 1) // 2,
                )
            )
