"""File names that every system takes: a workspace made on Linux must also open on Windows."""

from __future__ import annotations

import re

# Naming Files, Paths, and Namespaces (Microsoft): device names are reserved with any extension, in any case.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


def reserved_on_windows(name: str) -> bool:
    """Say whether Windows takes `name` for a device (`con`, `aux.txt`), so that no file can be called so."""
    return _DEVICES.fullmatch(name) is not None


def portable_file_name(text: str) -> str:
    """Return `text` as one file name that Windows, macOS and Linux all take."""
    name = _FORBIDDEN.sub("_", text).rstrip(" .") or "_"
    return f"_{name}" if reserved_on_windows(name) else name
