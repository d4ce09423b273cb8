"""The console's colours, type sizes and measures: the one place where a number of the look is written.

Colours come in a light and a dark set; text ratios are at least 4.8 (light) and 5.4 (dark) by WCAG 2.x on every
surface they are used on, which `tests/console/test_theme.py` computes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

Mode = Literal["light", "dark"]


@dataclass(frozen=True)
class Tokens:
    """One palette. Every field is a colour as `#RRGGBB`, except `dark`."""

    dark: bool
    bg: str
    rail: str
    card: str
    sunken: str
    line: str
    btn: str
    ctl: str
    text: str
    text2: str
    text3: str
    accent: str
    fill: str
    fillh: str
    onfill: str
    asoft: str
    aline: str
    rowhover: str
    track: str
    ok: str
    oksoft: str
    okg: str
    warn: str
    warnsoft: str
    warng: str
    bad: str
    badsoft: str
    badg: str
    violet: str
    violetsoft: str
    plot: str
    plot2: str
    idleg: str

    def colours(self) -> dict[str, str]:
        """Return name → `#RRGGBB` for style sheets and icons."""
        return {f.name: str(getattr(self, f.name)) for f in fields(self) if f.name != "dark"}


LIGHT = Tokens(
    dark=False,
    bg="#F5F6F8",
    rail="#ECEEF2",
    card="#FFFFFF",
    sunken="#F0F2F5",
    line="#DDE1E7",
    btn="#C6CCD5",
    ctl="#7F8896",
    text="#1A212C",
    text2="#465163",
    text3="#5E687A",
    accent="#1F5AB4",
    fill="#1F5AB4",
    fillh="#184A96",
    onfill="#FFFFFF",
    asoft="#E6EEFA",
    aline="#B4CBEC",
    rowhover="#F5F7FA",
    track="#E4E8ED",
    ok="#17713E",
    oksoft="#E3F3E9",
    okg="#2E9A5B",
    warn="#855300",
    warnsoft="#FCF1DA",
    warng="#B97D0B",
    bad="#B0251E",
    badsoft="#FBE9E7",
    badg="#D1453B",
    violet="#6246A8",
    violetsoft="#EFEAF9",
    plot="#1F5AB4",
    plot2="#B97D0B",
    idleg="#7F8896",
)

DARK = Tokens(
    dark=True,
    bg="#15181D",
    rail="#101317",
    card="#1C2026",
    sunken="#171A1F",
    line="#2E343D",
    btn="#414954",
    ctl="#727C8B",
    text="#E8EBF0",
    text2="#B6BECA",
    text3="#97A1AF",
    accent="#86B3F6",
    fill="#3468BF",
    fillh="#396BC3",
    onfill="#FFFFFF",
    asoft="#1D2C44",
    aline="#35507A",
    rowhover="#22272E",
    track="#2B3038",
    ok="#68C990",
    oksoft="#18301F",
    okg="#3FA96B",
    warn="#E6B455",
    warnsoft="#33290F",
    warng="#D19A2E",
    bad="#F4918A",
    badsoft="#351C1C",
    badg="#DE5B52",
    violet="#B9A5F1",
    violetsoft="#2A2341",
    plot="#5F95EA",
    plot2="#D19A2E",
    idleg="#727C8B",
)

TOKENS: dict[Mode, Tokens] = {"light": LIGHT, "dark": DARK}

# Font sizes in pixels.
SIZE_DISPLAY = 24
SIZE_PAGE = 20
SIZE_SECTION = 16
SIZE_CARD = 14
SIZE_BODY = 13
SIZE_CAPTION = 12
SIZE_BADGE = 11

# Measures in pixels.
RAIL_WIDTH = 216
PAGE_MARGIN = 24
CARD_GAP = 16
CARD_PADDING = 16
CONTROL_HEIGHT = 32
CONTROL_SMALL = 26
ROW_HEIGHT = 36
ROW_TWO_LINES = 52
TABLE_HEAD = 32
TAB_HEIGHT = 36
CARD_HEAD = 44
PAGE_HEADER = 72
STATUS_HEIGHT = 28
INSPECTOR_WIDTH = 316
WINDOW_SIZE = (1440, 900)
WINDOW_MINIMUM = (900, 560)
"""A screen of 1366 × 768 at 150 % is 910 × 512; smaller windows scroll."""
DRAWER_BELOW = 1180
"""Window widths under this have the inspector upon the page."""
RAIL_NARROW = 60
RAIL_NARROW_BELOW = 1080
"""Window widths under this have icons only in the rail."""
