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


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tone", ["text", "text2", "text3", "accent"])
def test_text_is_readable_on_every_surface(tokens: Tokens, tone: str) -> None:
    for surface in SURFACES:
        assert contrast(getattr(tokens, tone), getattr(tokens, surface)) >= 4.5, (tone, surface)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("tone", "ground"),
    [("ok", "oksoft"), ("warn", "warnsoft"), ("bad", "badsoft"), ("violet", "violetsoft"), ("onfill", "fill")],
)
def test_chips_and_filled_buttons_are_readable(tokens: Tokens, tone: str, ground: str) -> None:
    assert contrast(getattr(tokens, tone), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("graphic", ["okg", "warng", "badg", "plot", "ctl"])
def test_marks_stand_out(tokens: Tokens, graphic: str) -> None:
    assert contrast(getattr(tokens, graphic), tokens.card) >= 3.0


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
