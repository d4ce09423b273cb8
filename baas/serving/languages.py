"""The language in which somebody who asks over HTTP reads."""

from __future__ import annotations

from baas.errors import Lang


def preferred(header: str) -> Lang:
    """Of an `Accept-Language` header the better of our two (RFC 9110, 12.5.4); Chinese where neither is named."""
    best: tuple[float, Lang] = (0.0, "zh")
    for part in header[:1_000].split(","):
        word, _, rest = part.strip().partition(";")
        tag = word.strip().lower().partition("-")[0]
        lang: Lang | None = "en" if tag == "en" else "zh" if tag == "zh" else None
        quality = _quality(rest)
        if lang is not None and quality > best[0]:
            best = (quality, lang)
    return best[1]


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        found = float(value.strip())
    except ValueError:
        return 0.0
    return found if 0 <= found <= 1 else 0.0
