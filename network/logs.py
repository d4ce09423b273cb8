"""Logs that never fill a disk: files of a bounded size, lines of a bounded length, and no error of their own.

Programs that write to a file which was opened for them (Fabric's, Kubo, contract servers) are kept small from outside:
`rotate` in `network.supervisor.process`.
"""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

LINE = 16_384
"""The longest record in characters: what strangers send may stand in one."""


class BoundedLog(logging.handlers.RotatingFileHandler):
    """A log of at most `files` + 1 files of `octets` bytes each, and one record more. `OSError` where none can be
    opened; afterwards a full disk takes the log, never the program.
    """

    def __init__(self, path: Path, octets: int, files: int, form: str, level: int = logging.NOTSET) -> None:
        super().__init__(path, maxBytes=octets, backupCount=files, encoding="utf-8", errors="backslashreplace")
        self.setLevel(level)
        self.setFormatter(logging.Formatter(form))

    def format(self, record: logging.LogRecord) -> str:
        """The record's line, cut where it is too long."""
        line = super().format(record)
        return line if len(line) <= LINE else f"{line[:LINE]} … (+{len(line) - LINE})"

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: whoever cannot write a log goes on without it."""
