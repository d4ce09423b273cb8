"""Images: a 256-bit DCT hash in the manner of PDQ, pHash and dHash, of the whole and of cropped and turned variants.

Source of the method: PDQ (Meta, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm", 2019):
luminance, box filter to 64 × 64, 2-D DCT, the 16 × 16 lowest frequencies without the constant, threshold at the median.
Ours filters with Pillow's box resampling, so its bits equal nobody else's and are compared with each other only.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 120_000_000
"""Larger images are refused before a pixel is decoded."""
WORKING_SIDE = 320
MIN_QUALITY = 0.012
"""Mean step between neighbouring pixels of the 64 × 64 luminance (of 1); below it an image is too flat to compare."""

Bits = NDArray[np.uint8]
Gray = NDArray[np.float32]


class UndecodableImage(ValueError):
    """The image cannot be decoded in full; the message says why, in English, without the path."""


@dataclass(frozen=True)
class ImageHashes:
    """`index` and `query` are rows of 32 bytes: variants to keep, and variants to ask with. `flat`: too plain."""

    width: int
    height: int
    index: Bits
    query: Bits
    phash: int
    dhash: int
    flat: bool
    iscc_pixels: tuple[int, ...]


def _dct_matrix(size: int, rows: int) -> NDArray[np.float32]:
    k = np.arange(1, rows + 1)[:, None]
    n = np.arange(size)[None, :]
    matrix: Gray = (np.sqrt(2.0 / size) * np.cos(np.pi / 2 / size * k * (2 * n + 1))).astype(np.float32)
    return matrix


_DCT_64 = _dct_matrix(64, 16)
_DCT_32 = np.vstack([np.full((1, 32), np.sqrt(1 / 32), np.float32), _dct_matrix(32, 7)])


def load(source: BinaryIO | bytes, at_least: int = WORKING_SIDE * 4) -> Image:
    """Decode an image completely and upright (EXIF): first frame, 8 bits, RGB or gray, transparency on white.

    Of a large JPEG a smaller one is decoded, whose sides are still `at_least` long.
    """
    from PIL import Image, ImageFile, ImageOps

    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image: Image.Image = Image.open(stream)
            if image.width * image.height > MAX_PIXELS:
                raise UndecodableImage(f"{image.width} x {image.height} pixels are too many")
            if image.format == "JPEG":
                image.draft("RGB", (at_least, at_least))
            image.load()
            image = ImageOps.exif_transpose(image)
            return _eight_bit(image)
    except UndecodableImage:
        raise
    except Exception as error:  # Pillow's decoders raise whatever a hostile file makes them
        raise UndecodableImage(f"{type(error).__name__}: {error}"[:200]) from error


def _eight_bit(image: Image) -> Image:
    from PIL import Image

    if image.mode in ("I", "F", "I;16", "I;16B", "I;16L"):
        data = np.asarray(image, dtype=np.float32)
        low, high = float(data.min()), float(data.max())
        scaled = (data - low) / (high - low) * 255 if high > low else np.zeros_like(data)
        return Image.fromarray(scaled.astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _box(gray: Image, box: tuple[float, float, float, float], side: int) -> Gray:
    """A region (fractions of width and height) as `side` × `side` luminance, 0…1."""
    from PIL import Image

    width, height = gray.size
    region = (box[0] * width, box[1] * height, box[2] * width, box[3] * height)
    small = gray.resize((side, side), Image.Resampling.BOX, box=region)
    pixels: Gray = np.asarray(small, dtype=np.float32) / np.float32(255)
    return pixels


def pdq(pixels: Gray) -> Bits:
    """The 256-bit hash of 64 × 64 luminance, as 32 bytes."""
    spectrum = _DCT_64 @ pixels @ _DCT_64.T
    return np.packbits((spectrum > np.median(spectrum)).ravel())


def quality(pixels: Gray) -> float:
    """Mean absolute step between neighbours: near 0 for a plain image."""
    return float((np.abs(np.diff(pixels, axis=0)).mean() + np.abs(np.diff(pixels, axis=1)).mean()) / 2)


def _phash(gray: Image) -> int:
    pixels = _box(gray, (0, 0, 1, 1), 32)
    low = (_DCT_32 @ pixels @ _DCT_32.T).ravel()
    return int.from_bytes(np.packbits(low > np.median(low[1:])).tobytes(), "big")


def _dhash(gray: Image) -> int:
    from PIL import Image

    pixels = np.asarray(gray.resize((9, 8), Image.Resampling.BOX), dtype=np.int16)
    return int.from_bytes(np.packbits(pixels[:, 1:] > pixels[:, :-1]).tobytes(), "big")


FULL = (0.0, 0.0, 1.0, 1.0)


def _window(side: float, dx: float = 0.5, dy: float = 0.5) -> tuple[float, float, float, float]:
    x, y = (1 - side) * dx, (1 - side) * dy
    return (x, y, x + side, y + side)


_MIDDLE = _window(0.8)
INDEX_WINDOWS = (FULL, _MIDDLE, (0.0, 0.0, 1.0, 0.85), (0.0, 0.15, 1.0, 1.0))
"""What is kept of a work: the whole, its middle, and what stays visible above or below a caption."""
_INNER = 0.8 / 0.9
"""The part of a 10 % crop that is the work's middle, wherever the crop was made."""
_GRID = (0.125, 0.375, 0.625, 0.875)
_NARROW = (0.42, 0.58)
"""The same for a crop of 5 %, which leaves the middle less room to move."""
QUERY_WINDOWS = (
    FULL,
    *INDEX_WINDOWS[1:],
    *(_window(_INNER, dx, dy) for dx in _GRID for dy in _GRID),
    *(_window(0.8 / 0.95, dx, dy) for dx in _NARROW for dy in _NARROW),
)
QUERY_ANGLES = (-5.0, 5.0)
"""Turned queries (degrees), against copies that were rotated a little; compared with the works' middle."""
FURTHER_ANGLES = (-15.0, -12.5, -10.0, -7.5, -2.5, 2.5, 7.5, 10.0, 12.5, 15.0)
"""Further ones; of these no mirrored twins are asked, which would cost more time than such copies are worth."""
_QUARTERS = ((0.0, 0.0, 0.5, 0.5), (0.5, 0.0, 1.0, 0.5), (0.0, 0.5, 0.5, 1.0), (0.5, 0.5, 1.0, 1.0))
_BOTH = len(QUERY_WINDOWS) + 2 * len(QUERY_ANGLES) + 5
QUERY_PLAIN = _BOTH + 2 * len(FURTHER_ANGLES) + len(_QUARTERS)
"""From which row of `ImageHashes.query` on the rows are mirrored."""
QUERY_ROWS = QUERY_PLAIN + _BOTH
"""Rows of `ImageHashes.query`: those as they are, then the mirrored twins of the first of them."""


def _unframed(gray: Image) -> tuple[float, float, float, float]:
    """What is left without uniform rows and columns at the edges (borders, letterboxes), as shares."""
    pixels = np.asarray(gray, dtype=np.int16)
    shares = []
    for axis in (1, 0):
        low, high = np.percentile(pixels, (4, 96), axis=axis)
        busy = np.nonzero(high - low > _UNIFORM)[0]
        size = pixels.shape[1 - axis]
        shares.append((busy[0] / size, (busy[-1] + 1) / size) if len(busy) >= size * _LEAST_INSIDE else (0.0, 1.0))
    (top, bottom), (left, right) = shares
    return (left, top, right, bottom)


def _inset(gray: Image) -> tuple[float, float, float, float]:
    """The largest block that stands out from the commonest shade: a picture within a page or a window, as shares."""
    pixels = np.asarray(gray, dtype=np.int16)
    shades = np.bincount((pixels >> 2).ravel(), minlength=64)
    if shades.max() < pixels.size * 0.08:
        return FULL
    ground = int(shades.argmax()) * 4 + 2
    other = np.abs(pixels - ground) > _UNIFORM
    top, bottom, left, right = 0, pixels.shape[0], 0, pixels.shape[1]
    for _ in range(2):
        top, bottom = _longest(other[:, left:right].mean(axis=1) > _STANDS_OUT)
        left, right = _longest(other[top:bottom].mean(axis=0) > 2 * _STANDS_OUT)
    if bottom - top < pixels.shape[0] * _LEAST_INSIDE or right - left < pixels.shape[1] * _LEAST_INSIDE:
        return FULL
    return (left / pixels.shape[1], top / pixels.shape[0], right / pixels.shape[1], bottom / pixels.shape[0])


_UNIFORM = 12
"""Shades of 256 that one surface may differ by, compression's noise included."""
_LEAST_INSIDE = 0.25
_STANDS_OUT = 0.25


def _longest(busy: NDArray[np.bool_]) -> tuple[int, int]:
    """Start and end of the longest run; all of it where there is none."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], busy, [False]])))
    if not len(steps):
        return 0, len(busy)
    starts, ends = steps[::2], steps[1::2]
    best = int((ends - starts).argmax())
    return int(starts[best]), int(ends[best])


def _upright_middle(size: tuple[int, int], angle: float) -> tuple[float, float, float, float]:
    """The work's middle in a copy whose canvas grew when it was turned by `angle` degrees, turned back; as shares."""
    cosine, sine = np.cos(np.radians(abs(angle))), np.sin(np.radians(abs(angle)))
    width, height = size
    spread = cosine * cosine - sine * sine
    inner = ((width * cosine - height * sine) / spread, (height * cosine - width * sine) / spread)
    x, y = (min(0.8, max(0.2, 0.8 * side / whole)) / 2 for side, whole in zip(inner, size, strict=True))
    return (0.5 - x, 0.5 - y, 0.5 + x, 0.5 + y)


def _turned_back(gray: Image, angle: float) -> list[Gray]:
    """The work's middle in a copy that was turned by `angle`: with the canvas it had, and with one that grew."""
    from PIL import Image

    turned = gray.rotate(angle, Image.Resampling.BILINEAR)
    return [_box(turned, _MIDDLE, 64), _box(turned, _upright_middle(gray.size, angle), 64)]


def _asked(gray: Image, whole: Gray) -> tuple[list[Gray], list[Gray]]:
    """What a copy is asked with: regions that are also asked for mirrored, and regions that are not."""
    asked = [_box(gray, window, 64) for window in QUERY_WINDOWS]
    for angle in QUERY_ANGLES:
        asked += _turned_back(gray, angle)
    asked += [np.rot90(whole, quarter) for quarter in (1, 2, 3)]
    asked += [_box(gray, _unframed(gray), 64), _box(gray, _inset(gray), 64)]
    once = []
    for angle in FURTHER_ANGLES:
        once += _turned_back(gray, angle)
    width, height = gray.size
    for left, top, right, bottom in _QUARTERS:
        region = (int(left * width), int(top * height), int(right * width), int(bottom * height))
        quarter = gray.crop(region) if min(gray.size) >= 16 else gray
        once.append(_box(quarter, _unframed(quarter), 64))
    return asked, once


def hashes(image: Image) -> ImageHashes:
    """Every hash of a decoded image."""
    from PIL import Image

    width, height = image.size
    gray = image.convert("L")
    gray.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    whole = _box(gray, FULL, 64)
    index = [pdq(_box(gray, window, 64)) for window in INDEX_WINDOWS]
    asked, once = _asked(gray, whole)
    query = [pdq(pixels) for pixels in (*asked, *once, *(pixels[:, ::-1] for pixels in asked))]
    small = gray.resize((32, 32), Image.Resampling.BICUBIC)
    return ImageHashes(
        width=width,
        height=height,
        index=np.stack(index),
        query=np.stack(query),
        phash=_phash(gray),
        dhash=_dhash(gray),
        flat=quality(whole) < MIN_QUALITY,
        iscc_pixels=tuple(int(value) for value in np.asarray(small).ravel()),
    )
