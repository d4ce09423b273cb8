"""Putting a finished file in the place of an older one, and removing folders, on every system."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

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


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """A file to write that takes `target`'s place when the block has ended; of one that fails nothing stays."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with temporary.open("w+b") as file:
            yield file
        replace_file(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(target: Path, data: bytes) -> int:
    """Write `data` to `target`, whole or not at all; its size in bytes."""
    with whole_file(target) as file:
        return file.write(data)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all in it, also where a link stands for it; one that is not there is no error.

    Whoever reads a file of it on Windows gets a second to let go. What can be removed is removed; the error
    (`OSError`) names the first file that stays.
    """
    if folder.is_symlink():  # somebody keeps it on another disk
        remove_folder(folder.resolve())
        folder.unlink()
        return
    deadline = time.monotonic() + TRY_FOR_SECONDS
    while True:
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            if not folder.exists():
                return
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                return
            if not _READERS_IN_THE_WAY or time.monotonic() >= deadline:
                raise
        else:
            return
        time.sleep(_PAUSE_SECONDS)
