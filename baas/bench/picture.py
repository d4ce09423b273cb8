"""Curves as one SVG picture, for guides: a panel for each measure over what grows, on a scale of powers of ten."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT, _MARGIN, _ACROSS = 300, 190, 52, 3
_STYLE = (
    "text{font:12px sans-serif;fill:#333}.title{font-weight:bold}.axis{stroke:#bbb}"
    ".curve{fill:none;stroke:#1d5bb8;stroke-width:2}.dot{fill:#1d5bb8}"
)


def curves(over: str, values: Sequence[float], measures: Mapping[str, Sequence[float]]) -> str:
    """An SVG with a panel for each of `measures` (title → values) over `values` of what `over` names."""
    rows = math.ceil(len(measures) / _ACROSS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_ACROSS * _WIDTH}" height="{rows * _HEIGHT}" role="img">',
        f'<style>{_STYLE}</style><rect width="100%" height="100%" fill="#fff"/>',
    ]
    for place, (title, found) in enumerate(measures.items()):
        x, y = place % _ACROSS * _WIDTH, place // _ACROSS * _HEIGHT
        parts.append(f'<g transform="translate({x},{y})">{_panel(title, over, values, found)}</g>')
    return "".join([*parts, "</svg>\n"])


def _panel(title: str, over: str, values: Sequence[float], found: Sequence[float]) -> str:
    low, high = math.log10(min(values)), math.log10(max(values))
    top = max([*found, 1e-9]) * 1.15
    left, right, bottom, upper = _MARGIN, _WIDTH - 20, _HEIGHT - 40, 32

    def at(value: float, measured: float) -> tuple[float, float]:
        across = (math.log10(value) - low) / (high - low or 1.0)
        return round(left + across * (right - left), 1), round(bottom - measured / top * (bottom - upper), 1)

    points = [at(value, measured) for value, measured in zip(values, found, strict=True)]
    parts = [
        f'<text class="title" x="{left}" y="18">{escape(title)}</text>',
        f'<path class="axis" d="M{left} {upper}V{bottom}H{right}" fill="none"/>',
        '<path class="curve" d="M' + "L".join(f"{x} {y}" for x, y in points) + '"/>',
    ]
    for (x, y), value, measured in zip(points, values, found, strict=True):
        parts.append(f'<circle class="dot" cx="{x}" cy="{y}" r="3"/>')
        parts.append(f'<text x="{x}" y="{y - 8}" text-anchor="middle">{measured:,.4g}</text>')
        parts.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{_short(value)}</text>')
    parts.append(f'<text x="{(left + right) / 2}" y="{bottom + 32}" text-anchor="middle">{escape(over)}</text>')
    return "".join(parts)


def _short(value: float) -> str:
    return f"{value / 1000:,.3g}k" if value >= 1000 else f"{value:,.3g}"
