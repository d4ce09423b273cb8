"""Putting a finished file in the place of an older one, on every system."""

from __future__ import annotations

import os
import time
from pathlib import Path

TRY_FOR_SECONDS = 1.0
_PAUSE_SECONDS = 0.02
_READERS_IN_THE_WAY = os.name == "nt"


def replace_file(source: Path, target: Path) -> None:
    """Rename `source` to `target`, in one step, also while somebody reads `target`.

    Windows refuses that as long as another program has `target` open (Python's `open` shares reading and writing, not
    deletion), so it is tried again for a second; then the error (`PermissionError`) goes to the caller, and `target` is
    as it was. Elsewhere the first try decides.
    """
    deadline = time.monotonic() + TRY_FOR_SECONDS
    while True:
        try:
            os.replace(source, target)  # noqa: PTH105 - the one place; ruff's other way is the same call
        except PermissionError:
            if not _READERS_IN_THE_WAY or time.monotonic() >= deadline:
                raise
        else:
            return
        time.sleep(_PAUSE_SECONDS)
