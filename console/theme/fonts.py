"""Fonts with a Chinese fallback on every system."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics

from console.theme import tokens

UI_FAMILIES = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei UI", "sans-serif"]
MONO_FAMILIES = ["Noto Sans Mono CJK SC", "Cascadia Mono", "Consolas", "monospace"]
_WINDOWS_FONTS = ("msyh", "simsun", "segoeui", "consola", "cascadiamono", "notosanscjk")
SERIF_FAMILIES = ["Noto Serif CJK SC", "Songti SC", "SimSun", "serif"]


@lru_cache(maxsize=64)
def ui_font(size: int = tokens.SIZE_BODY, *, bold: bool = False) -> QFont:
    """Return the interface font at `size` pixels; weights are 400 and 700 only. Shared: copy it before changing it."""
    font = QFont()
    font.setFamilies(UI_FAMILIES)
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    return font


@lru_cache(maxsize=32)
def mono_font(size: int = tokens.SIZE_CAPTION, *, bold: bool = False) -> QFont:
    """Return the fixed-width font for hashes, keys, code and ports."""
    font = QFont(ui_font(size, bold=bold))
    font.setFamilies(MONO_FAMILIES)
    return font


def serif_font(size: int, *, bold: bool = False) -> QFont:
    """Return the font of certificate titles."""
    font = QFont(ui_font(size, bold=bold))
    font.setFamilies(SERIF_FAMILIES)
    return font


@lru_cache(maxsize=96)
def metrics(size: int = tokens.SIZE_BODY, *, bold: bool = False, mono: bool = False) -> QFontMetrics:
    """Return the measures of a font; tables ask for them thousands of times a second."""
    return QFontMetrics(mono_font(size, bold=bold) if mono else ui_font(size, bold=bold))


def shows_chinese() -> bool:
    """Whether any font here has Chinese characters; without one, every one of them is an empty box."""
    return bool(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese))


def load_system_fonts() -> None:
    """Hand Qt the fonts of Windows by file: without a screen it asks the system for none, and draws empty boxes."""
    folder = Path(os.environ.get("WINDIR", r"C:\Windows"), "Fonts")
    for path in sorted(folder.glob("*.tt?")) if folder.is_dir() else ():
        if path.stem.lower().startswith(_WINDOWS_FONTS):
            QFontDatabase.addApplicationFont(str(path))
