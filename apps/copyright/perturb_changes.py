"""What copies do to pictures: the changes that the search is measured against.

Each takes a picture and a source of chance and gives the copy. `EVERYDAY` are those that the search is built for and
that choose its threshold; `CHANGES` are all of them, also those that hide a copy on purpose.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

Change = Callable[[Image.Image, random.Random], Image.Image]


def jpeg(quality: int) -> Change:
    """Coded anew."""

    def change(image: Image.Image, _chance: random.Random) -> Image.Image:
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "JPEG", quality=quality)
        return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")

    return change


def resize(share: float) -> Change:
    """Width and height times `share`."""

    def change(image: Image.Image, _chance: random.Random) -> Image.Image:
        size = max(1, round(image.width * share)), max(1, round(image.height * share))
        return image.resize(size, Image.Resampling.BICUBIC)

    return change


def crop(share: float) -> Change:
    """`share` of width and of height cut away, anywhere."""

    def change(image: Image.Image, chance: random.Random) -> Image.Image:
        width, height = int(image.width * (1 - share)), int(image.height * (1 - share))
        x, y = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
        return image.crop((x, y, x + width, y + height))

    return change


def turn(degrees: float) -> Change:
    """Turned either way; black corners, or a larger canvas."""

    def change(image: Image.Image, chance: random.Random) -> Image.Image:
        return image.rotate(chance.choice((-degrees, degrees)), Image.Resampling.BICUBIC, expand=chance.random() < 0.5)

    return change


def quarters(how: Image.Transpose) -> Change:
    """A quarter or half turn, or a flip."""
    return lambda image, _chance: image.transpose(how)


def border(share: float, *, sides: bool = True, ends: bool = True) -> Change:
    """A frame in one colour: `share` of the picture's size at each of the sides and ends."""

    def change(image: Image.Image, chance: random.Random) -> Image.Image:
        x, y = int(image.width * share) if sides else 0, int(image.height * share) if ends else 0
        colour = chance.choice([(0, 0, 0), (255, 255, 255), (120, 30, 30)]) if sides else (0, 0, 0)
        out = Image.new("RGB", (image.width + 2 * x, image.height + 2 * y), colour)
        out.paste(image, (x, y))
        return out

    return change


def grey(image: Image.Image, _chance: random.Random) -> Image.Image:
    """Without colours."""
    return image.convert("L").convert("RGB")


def colour(image: Image.Image, chance: random.Random) -> Image.Image:
    """Brightness, contrast and saturation moved by up to 35 %."""
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = enhance(image).enhance(1 + chance.uniform(-0.35, 0.35))
    return image


def brightness(image: Image.Image, chance: random.Random) -> Image.Image:
    """40 % darker or lighter."""
    return ImageEnhance.Brightness(image).enhance(chance.choice((0.6, 1.4)))


def blur(image: Image.Image, _chance: random.Random) -> Image.Image:
    """A Gaussian of 3 pixels."""
    return image.filter(ImageFilter.GaussianBlur(3))


def caption(image: Image.Image, chance: random.Random) -> Image.Image:
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


def watermark(image: Image.Image, _chance: random.Random) -> Image.Image:
    """Half transparent words in three lines over the whole picture."""
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    size = max(8, image.height // 9)
    for line in range(3):
        place = (image.width * 0.05 * (line + 1), image.height * (0.15 + 0.28 * line))
        draw.text(place, "SAMPLE  PICTURE", fill=(255, 255, 255, 120), font_size=size)
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def occlusion(image: Image.Image, chance: random.Random) -> Image.Image:
    """A quarter of the area under one block of one colour, anywhere."""
    out = image.copy()
    width, height = image.width // 2, image.height // 2
    x, y = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    shade = tuple(chance.randrange(256) for _ in range(3))
    ImageDraw.Draw(out).rectangle((x, y, x + width, y + height), fill=shade)
    return out


def printed(image: Image.Image, chance: random.Random) -> Image.Image:
    """A photograph of the printed picture on a table: corners moved by up to 8 %, uneven light, noise."""
    reach = 0.08
    margin = 0.06
    width, height = image.size
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    seen = [
        (
            width * abs(x / width - margin) + chance.uniform(0, reach) * width * (1 if x == 0 else -1),
            height * abs(y / height - margin) + chance.uniform(0, reach) * height * (1 if y == 0 else -1),
        )
        for x, y in corners
    ]
    rows, wanted = [], []
    for (x, y), (u, v) in zip(seen, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    data = tuple(float(one) for one in np.linalg.solve(np.array(rows), np.array(wanted)))
    shot = image.transform(
        image.size, Image.Transform.PERSPECTIVE, data, Image.Resampling.BICUBIC, fillcolor=(150, 130, 105)
    )
    noise = np.random.default_rng(chance.randrange(1 << 30))
    light = np.linspace(0.85, 1.1, width)[None, :, None]
    pixels = np.asarray(shot, dtype=np.float32) * light + noise.normal(0, 8, (height, width, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def screenshot(image: Image.Image, chance: random.Random) -> Image.Image:
    """The picture in a browser's window: bars above, words beneath and beside it."""
    out = Image.new("RGB", (1366, 768), (255, 255, 255))
    draw = ImageDraw.Draw(out)
    draw.rectangle((0, 0, 1366, 38), fill=(52, 58, 70))
    draw.rectangle((0, 38, 1366, 78), fill=(236, 238, 241))
    draw.rectangle((120, 46, 1000, 70), fill=(255, 255, 255), outline=(190, 190, 190))
    draw.text((24, 10), "A page about pictures", fill=(230, 230, 230), font_size=16)
    draw.text((134, 50), "https://pictures.example/page", fill=(70, 70, 70), font_size=14)
    shown = image.copy()
    side = chance.uniform(0.55, 0.7)
    shown.thumbnail((int(1366 * side), int(768 * side)))
    x, y = chance.randint(40, 160), 96
    out.paste(shown, (x, y))
    for line in range(12):
        draw.text((x + shown.width + 40, y + 10 + 28 * line), "words at the side", fill=(60, 60, 60), font_size=15)
    for line in range(5):
        place = (x, y + shown.height + 16 + 24 * line)
        draw.text(place, "words beneath the picture, as pages have them", fill=(60, 60, 60), font_size=15)
    return out


def collage(image: Image.Image, chance: random.Random) -> Image.Image:
    """One of four pictures of the same size; the other three are patterns made for it."""
    gap = max(2, image.width // 60)
    out = Image.new("RGB", (2 * image.width + gap, 2 * image.height + gap), (255, 255, 255))
    mine = chance.randrange(4)
    noise = np.random.default_rng(chance.randrange(1 << 30))
    for place in range(4):
        other = Image.fromarray(noise.integers(0, 256, (11, 14, 3), dtype=np.uint8))
        picture = image if place == mine else other.resize(image.size, Image.Resampling.BICUBIC)
        out.paste(picture, (place % 2 * (image.width + gap), place // 2 * (image.height + gap)))
    return out


EVERYDAY: Mapping[str, Change] = {
    "jpeg_q20": jpeg(20),
    "resize_25": resize(0.25),
    "grey": grey,
    "colour": colour,
    "brightness": brightness,
    "blur": blur,
    "caption": caption,
    "watermark": watermark,
    "mirror": quarters(Image.Transpose.FLIP_LEFT_RIGHT),
    "crop_5": crop(0.05),
    "crop_10": crop(0.1),
    "turn_5": turn(5),
    "turn_90": quarters(Image.Transpose.ROTATE_90),
    "turn_180": quarters(Image.Transpose.ROTATE_180),
    "turn_270": quarters(Image.Transpose.ROTATE_270),
    "flip": quarters(Image.Transpose.FLIP_TOP_BOTTOM),
    "border_15": border(0.15),
    "letterbox_15": border(0.15, sides=False),
}

CHANGES: Mapping[str, Change] = {
    **EVERYDAY,
    "crop_20": crop(0.2),
    "crop_30": crop(0.3),
    "turn_2": turn(2),
    "turn_10": turn(10),
    "turn_15": turn(15),
    "border_5": border(0.05),
    "border_25": border(0.25),
    "letterbox_5": border(0.05, sides=False),
    "letterbox_25": border(0.25, sides=False),
    "pillarbox_15": border(0.15, ends=False),
    "occlusion_25": occlusion,
    "printed": printed,
    "screenshot": screenshot,
    "collage_4": collage,
}
