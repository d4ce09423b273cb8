"""Glyphs for a document: the shipped face first, then the machine's, and what none of them has is written as its code.

No character is ever lost or boxed: one that no face holds is set as 〔U+2B740〕 and reported to the caller.
"""

from __future__ import annotations

import functools
import io
import os
import sys
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SYSTEM_FACES = (
    "fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "fonts/truetype/noto/NotoSerifCJK-Regular.ttc",
    "fonts/truetype/arphic/uming.ttc",
    "fonts/truetype/hanazono/HanaMinA.ttf",
    "fonts/truetype/hanazono/HanaMinB.ttf",
)
_WINDOWS_FACES = ("simsun.ttc", "simsunb.ttf", "SimsunExtG.ttf", "msyh.ttc")


def _system_paths() -> Iterator[Path]:
    if sys.platform == "win32":
        folder = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "Fonts"
        yield from (folder / name for name in _WINDOWS_FACES)
        return
    for root in (Path("/usr/share"), Path("/usr/local/share"), Path.home() / ".local/share"):
        yield from (root / name for name in _SYSTEM_FACES)


@dataclass(eq=False)
class Face:
    """One font and what of it a document uses."""

    name: str
    font: Any
    reopen: Callable[[], Any]
    """Opens the font anew, to be cut down (cutting changes it; compiling all of it takes a minute)."""
    used: dict[str, str] = field(default_factory=dict)
    """Characters used, with their glyph names."""

    @functools.cached_property
    def cmap(self) -> dict[int, str]:
        found: dict[int, str] = self.font.getBestCmap()
        return found

    @property
    def units(self) -> int:
        return int(self.font["head"].unitsPerEm)

    def width(self, letter: str) -> float:
        """Advance of a character, in thousandths of an em."""
        return float(self.font["hmtx"][self.cmap[ord(letter)]][0]) * 1000 / self.units


def _may_embed(font: Any) -> bool:
    """OS/2 fsType: restricted licences (bit 1) and no subsetting (bit 8) forbid what we do."""
    return not int(font["OS/2"].fsType) & 0x0102


class Faces:
    """The faces a document draws from, opened as they are needed."""

    def __init__(self, *, system: bool = True) -> None:
        from fontTools.ttLib import TTFont

        data = (resources.files("apps.documents") / "fonts" / "CityChainSerifSC.otf").read_bytes()

        def shipped() -> Any:
            return TTFont(io.BytesIO(data), lazy=True, recalcBBoxes=False)

        self.opened = [Face("CityChainSerifSC", shipped(), shipped)]
        self._waiting = [path for path in _system_paths() if path.is_file()] if system else []
        self.missing: list[str] = []

    def for_letter(self, letter: str) -> Face | None:
        """The first face with a glyph; None if no face of this machine has it."""
        for face in self.opened:
            if ord(letter) in face.cmap:
                return face
        while self._waiting:
            found = self._open(self._waiting.pop(0))
            if found is not None:
                self.opened.append(found)
                if ord(letter) in found.cmap:
                    return found
        return None

    def _open(self, path: Path) -> Face | None:
        from fontTools.ttLib import TTCollection, TTFont, TTLibError

        try:
            number = -1
            if path.suffix.lower() == ".ttc":
                fonts = TTCollection(str(path), lazy=True).fonts
                number = next((n for n, one in enumerate(fonts) if " SC" in (one["name"].getDebugName(4) or "")), 0)

            def opened() -> Any:
                return TTFont(str(path), fontNumber=number, lazy=True, recalcBBoxes=False)

            font = opened()
            if not _may_embed(font) or font.getBestCmap() is None:
                return None
            name = "".join(c for c in (font["name"].getDebugName(6) or path.stem) if c.isalnum() or c == "-")
            return Face(name, font, opened)
        except (TTLibError, OSError, KeyError):
            return None

    def runs(self, text: str) -> list[tuple[Face, str]]:
        """Cut a line into runs of one face; characters without a glyph become 〔U+…〕 and are noted in `missing`."""
        runs: list[tuple[Face, str]] = []
        for letter in self._spelled(text):
            face = self.for_letter(letter)
            if face is None:  # the marks of the spelled form are in the shipped face
                continue
            face.used[letter] = face.cmap[ord(letter)]
            if runs and runs[-1][0] is face:
                runs[-1] = (face, runs[-1][1] + letter)
            else:
                runs.append((face, letter))
        return runs

    def _spelled(self, text: str) -> str:
        out = []
        for letter in text:
            if letter in "\t\n\r":
                out.append(" ")
            elif self.for_letter(letter) is not None:
                out.append(letter)
            elif not letter.isprintable() and ord(letter) < 0x2000:
                continue
            else:
                if letter not in self.missing:
                    self.missing.append(letter)
                out.append(f"〔U+{ord(letter):04X}〕")
        return "".join(out)

    def width(self, text: str, size: float) -> float:
        """Width of a line in points."""
        return sum(face.width(letter) for face, run in self.runs(text) for letter in run) * size / 1000

    def wrap(self, text: str, size: float, width: float) -> list[str]:
        """Break a text into lines of at most `width` points: between any two ideographs, else at blanks."""
        lines: list[str] = []
        for paragraph in text.split("\n"):
            line = ""
            for word in _words(self._spelled(paragraph)):
                if line and self.width(line + word.rstrip(), size) > width:
                    lines.append(line.rstrip())
                    line = ""
                *full, rest = self._cut(word, size, width)
                lines += full
                line += rest
            lines.append(line.rstrip())
        return lines

    def _cut(self, word: str, size: float, width: float) -> list[str]:
        """A word too long for a line, in pieces that fit."""
        pieces = []
        while len(word) > 1 and self.width(word, size) > width:
            fits = (n for n in range(len(word) - 1, 0, -1) if n == 1 or self.width(word[:n], size) <= width)
            cut = next(fits)
            pieces.append(word[:cut])
            word = word[cut:]
        return [*pieces, word]


_CLOSING = "，。、；：！？）》」』】〕”’"


def _words(text: str) -> list[str]:
    words: list[str] = []
    for letter in text:
        joins = words and ord(letter) < 0x2E80 and ord(words[-1][-1]) < 0x2E80 and words[-1][-1] != " "
        if joins or (letter in _CLOSING and words):
            words[-1] += letter
        else:
            words.append(letter)
    return words


def subset(face: Face) -> tuple[bytes, bool, dict[str, int]]:
    """The face cut down to what was used: font program, whether it is CFF, and each character's code (CID)."""
    from fontTools import subset as fs

    options = fs.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 6]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS", "GDEF", "DSIG"]
    cutter = fs.Subsetter(options)
    cutter.populate(unicodes=[ord(letter) for letter in face.used])
    small = face.reopen()
    cutter.subset(small)
    if "CFF " in small:
        top = small["CFF "].cff.topDictIndex[0]
        if hasattr(top, "ROS"):
            codes = {letter: int(name[3:]) if name != ".notdef" else 0 for letter, name in _names(small, face).items()}
        else:
            codes = {letter: small.getGlyphID(name) for letter, name in _names(small, face).items()}
        return bytes(small["CFF "].compile(small)), True, codes
    buffer = io.BytesIO()
    small.save(buffer)
    return buffer.getvalue(), False, {letter: small.getGlyphID(name) for letter, name in _names(small, face).items()}


def _names(small: Any, face: Face) -> dict[str, str]:
    cmap = small.getBestCmap()
    return {letter: cmap[ord(letter)] for letter in face.used}
