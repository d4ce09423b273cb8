"""Fonts with a Chinese fallback on every system."""

from __future__ import annotations

from PySide6.QtGui import QFont

from console.theme import tokens

UI_FAMILIES = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei UI", "sans-serif"]
MONO_FAMILIES = ["Noto Sans Mono CJK SC", "Cascadia Mono", "Consolas", "monospace"]
SERIF_FAMILIES = ["Noto Serif CJK SC", "Songti SC", "SimSun", "serif"]


def ui_font(size: int = tokens.SIZE_BODY, *, bold: bool = False) -> QFont:
    """Return the interface font at `size` pixels; weights are 400 and 700 only."""
    font = QFont()
    font.setFamilies(UI_FAMILIES)
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    return font


def mono_font(size: int = tokens.SIZE_CAPTION, *, bold: bool = False) -> QFont:
    """Return the fixed-width font for hashes, keys, code and ports."""
    font = ui_font(size, bold=bold)
    font.setFamilies(MONO_FAMILIES)
    return font


def serif_font(size: int, *, bold: bool = False) -> QFont:
    """Return the font of certificate titles."""
    font = ui_font(size, bold=bold)
    font.setFamilies(SERIF_FAMILIES)
    return font
