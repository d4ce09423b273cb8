"""The folder that holds everything one installation knows: database, networks, keys, content, logs."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import sqlite_utils

from baas.errors import NotFound, Text, Unavailable, UserError, translate
from baas.migrations import WORKSPACE, check_version, migrate
from network.lock import Moment

if TYPE_CHECKING:
    from types import TracebackType

DATABASE = "citychain.db"
LOCK = "workspace.lock"
FOLDERS = ("networks", "keystore", "content", "logs", "index", "audit")
MINIMUM_FREE_BYTES = 32 * 1024 * 1024


def default_folder() -> Path:
    """The user's own place for this program's data, as the operating system names it."""
    from platformdirs import user_data_path

    return user_data_path("citychain", appauthor=False)


class Workspace:
    """An opened workspace folder.

    `db` is a connection of the calling thread's own; SQLite runs in WAL mode with full synchronisation, so what was
    written before a return survives a crash. Several programs may have it open at once: whoever changes what lies in
    more than one file does so within `moment`. Opened for reading only, it cannot change anything.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder = folder
        self._paths: dict[tuple[str, ...], Path] = {}
        self.read_only = read_only
        self._database_read_only = read_only
        self.moment = Moment(folder / LOCK, reading=read_only)
        self._threads = threading.local()
        self._open = False

    @classmethod
    def open(cls, folder: Path, *, create: bool = True, read_only: bool = False, needs_space: bool = True) -> Workspace:
        """Open the workspace in `folder`, making it when `create` allows.

        A disk that is all but full is refused unless `needs_space` is False: what frees space must run then, too.

        `Conflict` when another program keeps it to itself for minutes (it is named), `NotFound` when there is none,
        `Unavailable` when the disk is full or the folder cannot be written, `UserError` when it is something else.
        """
        folder = Path(folder).expanduser().absolute()
        workspace = cls(folder, read_only=read_only)
        try:
            workspace._prepare(create=create and not read_only, needs_space=needs_space)
        except (OSError, sqlite3.Error) as error:
            workspace.close()
            raise translate(error) from error
        except BaseException:
            workspace.close()
            raise
        return workspace

    def _prepare(self, *, create: bool, needs_space: bool) -> None:
        exists = (self.folder / DATABASE).is_file()
        if not exists and not create:
            raise NotFound(
                Text("这里还没有工作区：{path}", "There is no workspace here: {path}", path=str(self.folder)),
                Text(
                    "请先建立网络：citychain network up，或运行 citychain demo。",
                    "Create a network first: citychain network up, or run citychain demo.",
                ),
                code="no_workspace",
            )
        if self.folder.exists() and not self.folder.is_dir():
            raise UserError(
                Text("工作区必须是文件夹：{path}", "A workspace must be a folder: {path}", path=str(self.folder))
            )
        if self.read_only:
            self._open = True
            check_version(self.db.conn, WORKSPACE)
            return
        if not exists:
            _refuse_foreign_folder(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        full = shutil.disk_usage(self.folder).free < MINIMUM_FREE_BYTES
        if full and needs_space:
            raise Unavailable(
                Text("磁盘剩余空间不足。", "There is too little space left on the disk."),
                Text(
                    "请至少腾出 {mb} MB 后重试。", "Free at least {mb} MB and try again.", mb=MINIMUM_FREE_BYTES >> 20
                ),
                code="disk_full",
            )
        with self.moment:
            for name in FOLDERS:
                (self.folder / name).mkdir(mode=0o700, exist_ok=True)
            with contextlib.suppress(OSError):
                self.folder.chmod(0o700)
            self._open = True
            if full:
                # What gives space back must not need any for the database.
                self._database_read_only = True
                check_version(self.db.conn, WORKSPACE)
            else:
                migrate(self.db.conn, WORKSPACE)

    @property
    def db(self) -> sqlite_utils.Database:
        """The database, on a connection of the calling thread."""
        if not self._open:
            raise UserError(Text("工作区已关闭。", "The workspace is closed."))
        found = getattr(self._threads, "db", None)
        if found is None:
            connection = connect(self.folder / DATABASE, read_only=self._database_read_only)
            found = self._threads.db = sqlite_utils.Database(connection)
        return found

    def path(self, *parts: str) -> Path:
        """A path inside the workspace; `UserError` when `parts` would lead out of it."""
        found = self._paths.get(parts)
        if found is None:
            found = self.folder.joinpath(*parts)
            if not Path(os.path.normpath(found)).is_relative_to(self.folder):
                raise UserError(Text("路径越出工作区。", "The path leads out of the workspace."))
            if len(self._paths) < 256:
                self._paths[parts] = found
        return found

    def setting(self, name: str, default: str = "") -> str:
        """The stored setting `name`, or `default`."""
        row = self.db.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
        return str(row[0]) if row else default

    def set_setting(self, name: str, value: str) -> None:
        """Store the setting `name`. Never a secret: those live in the keystore."""
        with self.db.conn:
            self.db.execute(
                "INSERT INTO setting VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                [name, value],
            )

    def forget_settings(self, prefix: str) -> None:
        """Forget the settings whose names begin with `prefix`, also in a workspace that was opened on a full disk: what
        calls this has freed some space. `OSError` or `sqlite3.Error` where there is still too little.
        """
        chosen = ("FROM setting WHERE substr(name, 1, ?) = ?", [len(prefix), prefix])
        if self.db.execute(f"SELECT 1 {chosen[0]}", chosen[1]).fetchone() is None:
            return
        again = self._database_read_only and not self.read_only
        connection = connect(self.folder / DATABASE) if again else self.db.conn
        try:
            with connection:
                connection.execute(f"DELETE {chosen[0]}", chosen[1])
        finally:
            if again:
                connection.close()

    def close(self) -> None:
        """Close this thread's connection and let go of the others'.

        A connection that another thread is using ends when that thread is done with it: closed under its hands, it
        would take the process with it.
        """
        self._open = False
        own = getattr(self._threads, "db", None)
        if own is not None:
            with contextlib.suppress(sqlite3.Error):
                own.conn.close()
        self._threads = threading.local()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A durable SQLite connection that may be closed from another thread; waits up to 5 s for other writers."""
    if read_only:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5, check_same_thread=False)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            log = path.with_name(path.name + "-wal")
            if log.exists() and log.stat().st_size:
                raise
            # Nobody has it open, and beside it nothing can be written (a full disk, a folder that is only read).
            connection = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
    else:
        connection = sqlite3.connect(path, timeout=5, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _refuse_foreign_folder(folder: Path) -> None:
    """A folder full of somebody's files is no place for a new workspace."""
    if not folder.is_dir():
        return
    names = {entry.name for entry in folder.iterdir()}
    # The database is looked for again: another program may be making the same workspace at this moment.
    if DATABASE not in names and names - {LOCK, *FOLDERS}:
        raise UserError(
            Text(
                "文件夹不是空的，也不是工作区：{path}",
                "The folder is neither empty nor a workspace: {path}",
                path=str(folder),
            ),
            Text("请选择一个空文件夹。", "Choose an empty folder."),
            code="not_a_workspace",
        )
