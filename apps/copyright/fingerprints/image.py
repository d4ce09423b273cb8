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
QUERY_WINDOWS = (FULL, *INDEX_WINDOWS[1:], *(_window(_INNER, dx, dy) for dx in _GRID for dy in _GRID))
_MIDDLE_EXPANDED = _window(0.74)
"""The same region when turning the copy made its canvas larger."""
QUERY_ANGLES = (-5.0, 5.0)
"""Turned queries (degrees), against copies that were rotated a little; compared with the works' middle."""
QUERY_ROWS = 2 * (len(QUERY_WINDOWS) + 2 * len(QUERY_ANGLES))
"""Rows of `ImageHashes.query`: each variant, then each mirrored."""


def hashes(image: Image) -> ImageHashes:
    """Every hash of a decoded image."""
    from PIL import Image

    width, height = image.size
    gray = image.convert("L")
    gray.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    whole = _box(gray, FULL, 64)
    index = [pdq(_box(gray, window, 64)) for window in INDEX_WINDOWS]
    asked = [_box(gray, window, 64) for window in QUERY_WINDOWS]
    for angle in QUERY_ANGLES:
        turned = gray.rotate(angle, Image.Resampling.BILINEAR)
        asked += [_box(turned, _MIDDLE, 64), _box(turned, _MIDDLE_EXPANDED, 64)]
    query = [pdq(pixels) for pixels in asked] + [pdq(pixels[:, ::-1]) for pixels in asked]
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
