"""Text that people will read as what it is: nothing invisible, nothing that turns lines round, no mixed alphabets.

A title with a right-to-left override reads as another title, a name with one Cyrillic letter as another person's. The
rules are the cautious end of Unicode's own (UTS #39, section 5.2, "highly restrictive"; UAX #9 for the bidirectional
controls): Latin with Chinese, Japanese or Korean is how people write, Latin with Cyrillic or Greek look-alikes in one
word is how people are deceived.
"""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f")
"""Letters and marks that show nothing: Hangul fillers, the combining grapheme joiner."""
GREEK_LIKE_LATIN = frozenset("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοινκρυ")
_WORDS = re.compile(r"\w+")


def deceptive(text: str) -> str:
    """Say in English why `text` could be taken for something else; "" if it could not."""
    for letter in text:
        code = ord(letter)
        nothing = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
        if nothing or letter in INVISIBLE or unicodedata.category(letter) in ("Cf", "Zl", "Zp"):
            return f"contains the invisible character U+{code:04X}"
    for word in _WORDS.findall(text):
        scripts = {_script(letter) for letter in word} - {""}
        if "latin" in scripts and len(scripts & {"cyrillic", "greek"}):
            return f"mixes the letters of two alphabets in one word: {word[:20]}"
    return ""


def _script(letter: str) -> str:
    """The alphabet of a letter where that matters here."""
    if letter.isascii():
        return "latin" if letter.isalpha() else ""
    if letter in GREEK_LIKE_LATIN:
        return "greek"
    name = unicodedata.name(letter, "")
    if name.startswith("CYRILLIC"):
        return "cyrillic"
    return "latin" if name.startswith(("LATIN", "FULLWIDTH LATIN")) else ""
