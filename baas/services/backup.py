"""A workspace as one file, and back.

The file is a zip with every file of the workspace and, first, `manifest.json`: each file's size and SHA-256. Copies are
consistent: running networks are stopped for the time of copying (and started again), SQLite files are copied by
SQLite's own backup. Lock files, indexes (made anew from the ledger) and what a running process keeps are left out.
Restoring checks everything before anything takes its final name, so a folder is restored wholly or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from baas import roles
from baas.errors import Conflict, NotFound, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from baas.keystore import DEVICE
from baas.workspace import DATABASE
from fabric_sdk import clock
from fabric_sdk.files import replace_file

if TYPE_CHECKING:
    from baas.platform import Platform

FORMAT = "citychain-backup-1"
MANIFEST = "manifest.json"
SUFFIX = ".ccb"
"""By it file managers know a backup (packages for Linux and Windows)."""
LAST_BACKUP = "backup.last"
"""The workspace's setting with the time of its last backup, in seconds since the epoch."""
LEFT_OUT_FOLDERS = ("index",)
KEY_FILES = "contract-keys"
"""Folders with key files of contract servers: an archive with ledger and key files would hold everything in clear."""
LEFT_OUT_SUFFIXES = (".lock", ".sock", ".pid", "-wal", "-shm", ".tmp", ".part")
MAX_MANIFEST_BYTES = 256 * 1024 * 1024
_CHUNK = 1024 * 1024
_UNREADABLE = (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, AttributeError, EOFError)


@dataclass(frozen=True)
class BackupReport:
    """What a backup holds."""

    path: Path
    files: int
    bytes: int
    networks: tuple[str, ...]


def back_up(
    platform: Platform, target: Path, *, device_key: bool = True, ctx: JobContext = NULL_CONTEXT
) -> BackupReport:
    """Write the whole workspace to `target`; whole or not at all, an existing file is replaced.

    With `device_key` False a keystore without passphrase cannot be opened elsewhere.
    """
    platform.session.require(roles.WORKSPACE_BACKUP)
    folder = platform.workspace.folder
    if target.absolute().is_relative_to(folder):
        raise UserError(
            Text("备份不能放在工作区里。", "A backup cannot lie inside the workspace."),
            Text("请选择其他位置。", "Choose another place."),
        )
    platform.explorer.unfollow()
    names = platform.networks.names()
    with _stopped(platform, ctx), _alone(platform, names), translating():
        ctx.step("copy", Text("复制文件", "Copy the files"))
        files = [path for path in _files(folder) if device_key or path.name != DEVICE]
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            total = _write(temporary, folder, files, names, ctx)
            replace_file(temporary, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
    platform.workspace.set_setting(LAST_BACKUP, str(int(clock.seconds())))
    return BackupReport(target, len(files), total, names)


def _write(temporary: Path, folder: Path, files: list[Path], names: tuple[str, ...], ctx: JobContext) -> int:
    entries: dict[str, dict[str, Any]] = {}
    total = 0
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(descriptor, "w+b") as raw,
        zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for number, path in enumerate(files):
            ctx.check_cancelled()
            ctx.progress(number, len(files), path.name)
            name = path.relative_to(folder).as_posix()
            with _consistent(path) as source:
                size, digest = _copy_in(archive, name, source)
            mode = stat.S_IMODE(path.stat().st_mode)
            entries[name] = {"size": size, "sha256": digest, "mode": mode}
            total += size
        manifest = {"format": FORMAT, "created": clock.seconds(), "networks": list(names), "files": entries}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    with temporary.open("rb") as written:
        os.fsync(written.fileno())
    return total


def restore(source: Path, folder: Path, *, ctx: JobContext = NULL_CONTEXT) -> BackupReport:
    """Bring a backup back into `folder`, which must not exist or be empty. `UserError` for a damaged backup."""
    folder = folder.expanduser().absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(
            Text("目标文件夹不是空的：{p}", "The folder is not empty: {p}", p=str(folder)),
            Text("请用 --workspace 指定一个空文件夹。", "Name an empty folder with --workspace."),
            code="folder_not_empty",
        )
    if not source.is_file():
        raise NotFound(Text("没有这个备份：{p}", "There is no such backup: {p}", p=str(source)))
    ctx.step("restore", Text("恢复文件并校验", "Restore and check the files"))
    with translating():
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
        try:
            report = _unpack(source, staging, folder, ctx)
            if folder.exists():
                folder.rmdir()
            replace_file(staging, folder)
        except _UNREADABLE as error:
            raise _damaged(source, str(error)) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return report


def check(source: Path, *, ctx: JobContext = NULL_CONTEXT) -> BackupReport:
    """Read a whole backup and compare every file with its manifest; writes nothing. `UserError` for a damaged one."""
    if not source.is_file():
        raise NotFound(Text("没有这个备份：{p}", "There is no such backup: {p}", p=str(source)))
    ctx.step("check", Text("校验备份里的文件", "Check the files of the backup"))
    with translating():
        try:
            return _unpack(source, None, source, ctx)
        except _UNREADABLE as error:
            raise _damaged(source, str(error)) from error


def _unpack(source: Path, staging: Path | None, folder: Path, ctx: JobContext) -> BackupReport:
    """Compare every file with the manifest and, where `staging` is told, write it there."""
    with zipfile.ZipFile(source) as archive:
        if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
            raise _damaged(source, MANIFEST)
        manifest = json.loads(archive.read(MANIFEST))
        if manifest.get("format") != FORMAT:
            raise _damaged(source, "format")
        entries: dict[str, dict[str, Any]] = manifest["files"]
        if DATABASE not in entries:
            raise _damaged(source, DATABASE)
        if staging is not None:
            staging.mkdir(mode=0o700)
        total = 0
        for number, (name, entry) in enumerate(entries.items()):
            ctx.check_cancelled()
            ctx.progress(number, len(entries), name)
            parts = _safe(name, source)
            if staging is None:
                with Path(os.devnull).open("wb") as nowhere:
                    whole = _copy_out(archive, name, nowhere, entry)
            else:
                target = staging.joinpath(*parts)
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                mode = int(entry["mode"]) & 0o700 | 0o600
                with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
                    whole = _copy_out(archive, name, out, entry)
                    out.flush()
                    os.fsync(out.fileno())
            if not whole:
                raise _damaged(source, name)
            total += int(entry["size"])
        return BackupReport(folder, len(entries), total, tuple(manifest.get("networks", ())))


def _copy_in(archive: zipfile.ZipFile, name: str, source: Path) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    with source.open("rb") as file, archive.open(name, "w", force_zip64=True) as out:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    return size, digest.hexdigest()


def _copy_out(archive: zipfile.ZipFile, name: str, out: IO[bytes], entry: dict[str, Any]) -> bool:
    """Write one file and say whether it is what the manifest says; never more bytes than that."""
    digest = hashlib.sha256()
    size, limit = 0, int(entry["size"])
    with archive.open(name) as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                return False
            digest.update(chunk)
            out.write(chunk)
    return size == limit and digest.hexdigest() == entry["sha256"]


def _files(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if relative.parts[0] in LEFT_OUT_FOLDERS or path.is_symlink() or not path.is_file():
            continue
        if path.name.endswith(LEFT_OUT_SUFFIXES) or path.parent.name == KEY_FILES:
            continue
        found.append(path)
    return found


@contextlib.contextmanager
def _consistent(path: Path) -> Iterator[Path]:
    """The file itself, or for a SQLite file a copy with everything that is still in its write-ahead log."""
    if not _is_sqlite(path):
        yield path
        return
    copy = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with (
            contextlib.closing(sqlite3.connect(path, timeout=10)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        yield copy
    finally:
        with contextlib.suppress(FileNotFoundError):
            copy.unlink()


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


@contextlib.contextmanager
def _alone(platform: Platform, names: tuple[str, ...]) -> Iterator[None]:
    """Keep other programs from changing keys or networks, or starting one, while files are copied."""
    from network.plan import locked

    with contextlib.ExitStack() as held:
        for name in names:
            held.enter_context(locked(platform.networks.folder(name)))
        held.enter_context(platform.workspace.moment)
        yield


@contextlib.contextmanager
def _stopped(platform: Platform, ctx: JobContext) -> Iterator[None]:
    """Stop every running network inside the block, then start those again."""
    stopped: list[str] = []
    try:
        for name in platform.networks.names():
            if platform.networks.state(name).phase == "ready" and platform.networks.status(name).state != "stopped":
                platform.networks.stop(name, ctx=ctx)
                stopped.append(name)
        yield
    finally:
        for name in stopped:
            platform.networks.start(name, ctx=ctx)


def _safe(name: str, source: Path) -> tuple[str, ...]:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or ":" in parts[0]:
        raise _damaged(source, name)
    return parts


def _damaged(source: Path, what: str) -> UserError:
    return UserError(
        Text("备份已损坏：{f}（{w}）", "The backup is damaged: {f} ({w})", f=source.name, w=what[:200]),
        Text("请使用另一份备份。没有恢复任何文件。", "Use another backup. Nothing was restored."),
        code="backup_damaged",
    )
