"""Foreign text made harmless for the screen: names, keys and values that somebody else chose.

The ledger takes any text. On the screen none of it may turn the reading direction of what follows, hide characters,
break a line that has room for one, or be taken for markup.
"""

from __future__ import annotations

import html
import re

# Control characters, directional overrides and isolates, marks and joiners without a width (but for those inside an
# emoji), interlinear annotation. U+200B is the console's own mark for places that may break.
_EMOJI = "\u2600-\u27bf\U0001f000-\U0001faff"
_UNSEEN = re.compile(
    f"\u200d(?![{_EMOJI}])|"
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200c\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_UNSEEN_OR_LINE = re.compile(f"{_UNSEEN.pattern[:-1]}\t\n]")


def plain(text: str) -> str:
    """Return `text` with what cannot be seen written out, such as ⟨U+202E⟩; line ends and tabs stay."""
    return _UNSEEN.sub(_named, text) if _UNSEEN.search(text) else text


def one_line(text: str) -> str:
    """Like `plain`, for places that have a single line: line ends and tabs become spaces."""
    return _UNSEEN_OR_LINE.sub(_named, text) if _UNSEEN_OR_LINE.search(text) else text


def tip(text: str) -> str:
    """Return `text` for a tooltip, where Qt would otherwise take `<b>` for markup."""
    shown = plain(text)
    return f"<p>{html.escape(shown)}</p>" if "<" in shown else shown


def label(text: str) -> str:
    """Return `text` for buttons and menus, where `&` would mark a key."""
    return one_line(text).replace("&", "&&")


def _named(found: re.Match[str]) -> str:
    character = found[0]
    return " " if character in "\t\n" else f"⟨U+{ord(character):04X}⟩"
