"""What copies do to photographs: the changes that the index is measured against, and photographs cut into works.

A large photograph is cut into tiles that do not overlap, each a work of its own; `group` says which photograph a tile
comes from, so that calibration and figures never share one.
"""

from __future__ import annotations

import hashlib
import io
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from apps.copyright.fingerprints.image import UndecodableImage, load

SIDE = 800
_TILED_FROM = 1200

Change = Callable[[Image.Image, random.Random], Image.Image]


@dataclass(frozen=True)
class Photograph:
    """One work of the set: `group` is the photograph it was cut from."""

    group: str
    image: Image.Image


def _jpeg(image: Image.Image, _random: random.Random) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=30)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def _half(image: Image.Image, _random: random.Random) -> Image.Image:
    return image.resize((max(1, image.width // 2), max(1, image.height // 2)), Image.Resampling.BICUBIC)


def _crop(image: Image.Image, chance: random.Random) -> Image.Image:
    """Keep 90 % of width and height, anywhere."""
    width, height = int(image.width * 0.9), int(image.height * 0.9)
    x, y = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    return image.crop((x, y, x + width, y + height))


def _rotate(image: Image.Image, chance: random.Random) -> Image.Image:
    """5° either way; black corners, or a larger canvas."""
    return image.rotate(chance.choice((-5, 5)), Image.Resampling.BICUBIC, expand=chance.random() < 0.5)


def _mirror(image: Image.Image, _random: random.Random) -> Image.Image:
    return ImageOps.mirror(image)


def _caption(image: Image.Image, chance: random.Random) -> Image.Image:
    """A bar with words over the lower or upper 14 %."""
    out = image.copy()
    draw = ImageDraw.Draw(out)
    bar = int(image.height * 0.14)
    top = 0 if chance.random() < 0.3 else image.height - bar
    draw.rectangle((0, top, image.width, top + bar), fill=(20, 20, 20))
    draw.text(
        (image.width * 0.08, top + bar * 0.25), "a caption of some length", fill=(255, 255, 255), font_size=bar // 2
    )
    return out


def _colour(image: Image.Image, chance: random.Random) -> Image.Image:
    """Brightness, contrast and saturation moved by up to 35 %."""
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = enhance(image).enhance(1 + chance.uniform(-0.35, 0.35))
    return image


CHANGES: Mapping[str, Change] = {
    "jpeg_q30": _jpeg,
    "resize_50": _half,
    "crop_10": _crop,
    "rotate_5": _rotate,
    "mirror": _mirror,
    "caption": _caption,
    "colour": _colour,
}


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
