"""In which encoding a text is, and its characters: marks first, then UTF-8, then a maintained detector's guess.

A text of a mainland office is GB 18030 where it is no UTF-8, unless the detector is surer of another encoding; Latin-1,
KOI8-R, Big5, Shift_JIS, EUC-KR and UTF-16 without its mark are told apart by it.
"""

from __future__ import annotations

import codecs

ENOUGH = 4096
"""Bytes that the detector looks at."""
MAX_CHAOS = 0.1
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TRIED = [
    *("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "koi8_r", "cp1251"),
    *("iso8859_1", "cp1252", "iso8859_2", "iso8859_5", "iso8859_7", "cp1256", "cp1255"),
]
_USUAL = "的一是不了在人有我他这這，。、 "
"""Some of which stand in any text of Chinese that is long enough to be told from other pairs of bytes."""


def guess(head: bytes, *, whole: bool = False) -> str:
    """The encoding of a text by its first bytes, "" for what is no text (`whole`: they are all there is)."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return "utf-8" if name == "utf-8-sig" else name
    if not head:
        return ""
    text = _decoded(head, "utf-8", whole)
    if text is not None:
        return "utf-8" if _readable(text) else ""
    for name in ("utf-16-le", "utf-16-be"):
        text = _decoded(head, name, whole)
        if text is not None and _readable(text) and _plain(text) and any(letter in text for letter in _USUAL):
            return name
    return "" if b"\x00" in head else _detect(head[:ENOUGH]) or _western(head[:ENOUGH])


def decode(data: bytes) -> str:
    """All of a text; UnicodeError for what is none."""
    name = guess(data[:ENOUGH], whole=len(data) <= ENOUGH)
    if not name:
        raise UnicodeError("no known encoding")
    return data.decode("utf-8-sig" if name == "utf-8" else name, "replace")


def _decoded(head: bytes, name: str, whole: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(name)().decode(head, final=whole)
    except UnicodeDecodeError:
        return None


def _readable(text: str) -> bool:
    controls = sum(1 for letter in text if ord(letter) < 32 and letter not in "\n\r\t\f\x1b")
    return controls * 50 <= len(text)


def _plain(text: str) -> bool:
    """Whether nine of ten are letters that texts are made of, as pairs of other bytes are not."""
    usual = sum(1 for one in text if one.isascii() or "\u3000" <= one <= "\u30ff" or "\u4e00" <= one <= "\u9fff")
    usual += sum(1 for one in text if "\uff00" <= one <= "\uff5e")
    return usual * 10 >= len(text) * 9


def _western(head: bytes) -> str:
    """A text of western Europe where the detector is not sure: letters, mostly of ASCII, and accented ones."""
    text = _decoded(head, "cp1252", whole=False) or ""
    plain = sum(1 for one in text if one.isascii() and (one.isalnum() or one.isspace() or one in ".,;:!?'\"()-"))
    accented = sum(1 for one in text if "À" <= one <= "ÿ" and one.isalpha())
    return "cp1252" if text and plain >= 0.7 * len(text) and plain + accented >= 0.98 * len(text) else ""


def _detect(head: bytes) -> str:
    from charset_normalizer import from_bytes

    found = from_bytes(head, cp_isolation=_TRIED, threshold=0.2)
    best = found.best()
    if best is None:
        return ""
    likely = [one for one in found if one.chaos <= best.chaos + 0.02]
    chosen = max(likely, key=lambda one: (one.coherence, one.encoding == "gb18030"))
    return chosen.encoding if chosen.chaos <= MAX_CHAOS and _readable(str(chosen)) else ""
