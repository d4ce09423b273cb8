"""The look: contrast that people can read, icons that are drawn, styles for both modes."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from console import theme
from console.theme import icons
from console.theme.tokens import DARK, LIGHT, Tokens

SURFACES = ("bg", "card", "sunken", "rail", "asoft")


def luminance(colour: str) -> float:
    parts = [c / 255 for c in QColor(colour).getRgb()[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


SOFT = ("oksoft", "warnsoft", "badsoft", "violetsoft")
WORDS = {
    "text": (*SURFACES, "rowhover", "track", *SOFT),
    "text2": (*SURFACES, "rowhover", "track", *SOFT),
    "text3": (*SURFACES, "rowhover"),
    "accent": (*SURFACES, "rowhover"),
    "ok": ("bg", "card", "sunken", "rowhover", "oksoft"),
    "warn": ("bg", "card", "sunken", "rail", "rowhover", "warnsoft"),
    "bad": ("bg", "card", "sunken", "rail", "rowhover", "badsoft"),
    "violet": ("bg", "card", "sunken", "rowhover", "violetsoft"),
    "onfill": ("fill", "fillh"),
}
"""What is written in which tone on which ground: WCAG 2.x, AA, asks for 4.5."""
MARKS = {
    "okg": ("bg", "card", "asoft"),
    "warng": ("bg", "card", "asoft"),
    "badg": ("bg", "card", "asoft"),
    "plot": ("bg", "card"),
    "plot2": ("bg", "card"),
    "idleg": ("bg", "card"),
    "ctl": ("bg", "card"),
    "fill": ("bg", "card", "sunken", "rail"),
}
"""What is drawn without words, the focus ring (fill) and the outline of inputs (ctl) among them: AA asks for 3."""


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tone", WORDS)
def test_words_are_readable_on_every_ground(tokens: Tokens, tone: str) -> None:
    weak = {g: round(contrast(getattr(tokens, tone), getattr(tokens, g)), 2) for g in WORDS[tone]}
    assert not {ground: ratio for ground, ratio in weak.items() if ratio < 4.5}


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("graphic", MARKS)
def test_marks_stand_out(tokens: Tokens, graphic: str) -> None:
    weak = {g: round(contrast(getattr(tokens, graphic), getattr(tokens, g)), 2) for g in MARKS[graphic]}
    assert not {ground: ratio for ground, ratio in weak.items() if ratio < 3.0}


@pytest.mark.parametrize("name", sorted(icons.DRAWINGS))
def test_every_icon_draws_something(name: str) -> None:
    image = icons.pixmap(name, "#000000", 24, 1.0).toImage()
    inked = sum(image.pixelColor(x, y).alpha() > 60 for x in range(24) for y in range(24))
    assert inked > 8


def test_an_icon_that_an_application_invents_does_not_break_the_window() -> None:
    assert not icons.pixmap("no such icon", "#123456", 16, 1.0).isNull()


def test_switching_the_mode_changes_palette_and_sheet(qapp: object) -> None:
    look = theme.install(qapp, "dark")  # type: ignore[arg-type]
    dark = qapp.palette().window().color().name()  # type: ignore[attr-defined]
    look.apply("light")
    assert dark.lower() == DARK.bg.lower()
    assert qapp.palette().window().color().name().lower() == LIGHT.bg.lower()  # type: ignore[attr-defined]
