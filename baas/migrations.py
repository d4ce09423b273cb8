"""The workspace database's shape, as numbered steps that only go forward.

A step is never edited once released; a new need is a new step. `PRAGMA user_version` says how far a file has come.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from baas.errors import Text, UserError

WORKSPACE: tuple[str, ...] = (
    # 1: settings (networks, identities and contracts are read from where they are: network folders and ledgers)
    """
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """,
)


def migrate(connection: sqlite3.Connection, steps: Sequence[str]) -> int:
    """Bring the file up to the newest shape, each step in a transaction of its own; return the version.

    A file from a newer program is refused, never changed.
    """
    version = check_version(connection, steps)
    for number in range(version, len(steps)):
        connection.executescript(f"BEGIN IMMEDIATE; {steps[number]} PRAGMA user_version = {number + 1}; COMMIT;")
    return len(steps)


def check_version(connection: sqlite3.Connection, steps: Sequence[str]) -> int:
    """How far the file has come; `UserError` for one that a newer program has written."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(steps):
        raise UserError(
            Text(
                "这个工作区由更新版本的城链创建（数据版本 {found}，本程序支持到 {known}）。",
                "This workspace was made by a newer CityChain (data version {found}; this one knows {known}).",
                found=version,
                known=len(steps),
            ),
            Text("请升级城链后再打开。", "Upgrade CityChain, then open it again."),
            code="workspace_too_new",
        )
    return version
