"""The words of other encodings: terminals and files that are not UTF-8, read and written so that people can read them.

Inside everything is Unicode and file names are UTF-8. A machine may be set up otherwise (`LANG=C`, POSIX without
Python's UTF-8 mode, `zh_CN.GBK`): then the program starts itself again in UTF-8 mode, and only what goes to or comes
from a person is in the machine's encoding.
"""

from __future__ import annotations

import codecs
import locale
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_CONTROLS = frozenset(chr(code) for code in (*range(9), *range(14, 32), 0xFEFF, 0xFFFE, 0xFFFF))
"""What no text file holds, and binary files that pass for UTF-16 or GB 18030 do."""
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("─━═╌┄", "-"),
        **dict.fromkeys("│┃║", "|"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯", "+"),
        **dict.fromkeys("“”„「」『』", '"'),
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("–—‑", "-"),
        **{"…": "...", "→": "->", "←": "<-", "×": "x", "·": "-", "✓": "+", "✗": "x", "•": "*", "≥": ">=", "≤": "<="},
    }
)


def start_in_utf8() -> None:
    """Start this program again in Python's UTF-8 mode if the machine's encoding for file names is another one.

    Sample works, certificates and people's files have Chinese names. Children inherit the mode. Nothing happens on
    Windows and macOS, whose file names are Unicode.
    """
    if os.name == "nt" or sys.flags.utf8_mode or sys.getfilesystemencoding().lower().replace("-", "") == "utf8":
        return
    words = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
    os.execve(sys.executable, [os.fsencode(word) for word in words], {**os.environ, "PYTHONUTF8": "1"})


def console_encoding() -> str:
    """What whoever reads a pipe or a file of ours takes for text on Windows: the console's code page ("cp936").

    Empty on other systems, and where no console is.
    """
    if sys.platform != "win32":
        return ""
    import ctypes

    number = ctypes.windll.kernel32.GetConsoleOutputCP()
    return f"cp{number}" if number else ""


def spoken_encoding(environment: Mapping[str, str], console: str = "") -> str:
    """The encoding of this machine's terminals; UTF-8 where nothing is said of one (`C`, `POSIX`, nothing set).

    `console` is what holds then on Windows (`console_encoding`).
    """
    said = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := environment.get(name, ""))), "")
    named = said.partition(".")[2].partition("@")[0]
    for one in (named, "" if said in {"", "C", "POSIX"} else locale.getencoding(), console):
        try:
            found = codecs.lookup(one).name if one else "ascii"
        except LookupError:
            continue
        if found != "ascii":
            return "gb18030" if found in {"gbk", "gb2312"} else found
    return "utf-8"


def shows_chinese(encoding: str) -> bool:
    """Whether text in this encoding can hold Chinese."""
    try:
        "城链".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def readable(error: UnicodeError) -> tuple[str, int]:
    """What stands for text that an encoding cannot show: a plain sign of the same meaning, else the character's number.

    The number loses nothing: a file's name can still be found by it.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    plain = text.translate(_PLAIN)
    try:
        plain.encode(error.encoding)
    except UnicodeEncodeError:
        plain = "".join(one if one.isascii() else f"\\u{ord(one):04x}" for one in plain)
    return plain, error.end


codecs.register_error("citychain-readable", readable)


def understood(words: Sequence[str], encoding: str) -> list[str]:
    """Arguments of a command as text: those that were no UTF-8 are read in the terminal's encoding or as GB 18030.

    What names a file that is there stays as it is.
    """
    return [word if _is_text(word) or os.path.lexists(word) else decoded(os.fsencode(word), encoding) for word in words]


def decoded(data: bytes, encoding: str = "") -> str:
    """Text of people in whatever encoding it came: UTF-8 (with or without a mark), UTF-16 with one, GB 18030.

    Bytes that are text in none of them stay as Python's file names keep such bytes, and are refused where they matter.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried: tuple[str, ...] = ("utf-16",)
    else:
        tried = ("utf-8-sig", encoding, "gb18030")
    for one in tried:
        try:
            if one:
                return data.decode(one)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("utf-8", "surrogateescape")


def read_text(path: Path, limit: int = 4_000_000) -> str:
    """A small file that a person wrote, in whatever encoding; ValueError if it is too large or no text in any."""
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"over {limit} bytes")
    text = decoded(data)
    text.encode()
    if not _CONTROLS.isdisjoint(text):
        raise ValueError("not a text file")
    return text


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
