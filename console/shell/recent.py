"""The workspaces that this person opened lately on this computer, for the switcher: a small file."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from pathlib import Path

from fabric_sdk.files import replace_file

_log = logging.getLogger(__name__)
MOST = 8
FILE = "workspaces.json"


def read(folder: Path) -> tuple[Path, ...]:
    """Return the workspaces that are still there, the newest first."""
    try:
        found = json.loads((folder / FILE).read_bytes()[:100_000])
        listed = [Path(one) for one in found if isinstance(one, str)][:MOST] if isinstance(found, list) else []
        return tuple(one for one in listed if one.is_absolute() and (one / "citychain.db").is_file())
    except (OSError, ValueError):
        return ()


def add(folder: Path, workspace: Path) -> None:
    """Remember that `workspace` was opened; one that cannot be remembered is no reason to say anything."""
    newest = (workspace, *(one for one in read(folder) if one != workspace))[:MOST]
    path = folder / FILE
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps([str(one) for one in newest], ensure_ascii=False), "utf-8")
        replace_file(temporary, path)
    except (OSError, ValueError) as error:
        _log.info("the workspace is not remembered: %s", error)
        with contextlib.suppress(OSError):
            temporary.unlink()
