"""CSV that people open: a cell that begins like a formula is run by their spreadsheet, with their rights."""

from __future__ import annotations

from typing import Any

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: text gets an apostrophe, numbers stay as they are."""
    return "'" + value if isinstance(value, str) and value.startswith(_STARTS) else value
