"""A backup brought back, or read whole and compared without being brought back.

Everything is checked before anything takes its final name, so a folder is restored wholly or not at all, whenever this
is killed: each file against the manifest's SHA-256, each ledger's blocks, state and private data against what the
original said of itself at the instant of the backup.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import IO, Any

from baas.audit import AuditLog
from baas.errors import Conflict, NotFound, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from baas.services.backed_nodes import BackedChain, RestoredChains
from baas.services.backup import FORMAT, MANIFEST, BackedLedger, BackupReport, scratch_name, sync_folder
from baas.session import OWNER
from baas.workspace import DATABASE
from fabric_sdk.files import replace_file
from network.lock import Moment

MAX_MANIFEST_BYTES = 256 * 1024 * 1024
LONGEST_NAME = 255
"""Bytes of a file's name that every file system takes."""
_CHUNK = 1024 * 1024
_ENCRYPTED = 1
_UNREADABLE = (zipfile.BadZipFile, zlib.error, sqlite3.DatabaseError, KeyError, TypeError, ValueError, AttributeError,
               EOFError, OverflowError, RecursionError)  # fmt: skip


def restore(source: Path, folder: Path, *, ctx: JobContext = NULL_CONTEXT) -> BackupReport:
    """Bring a backup back into `folder`, which must not exist or be empty. `UserError` for a damaged backup."""
    folder = folder.expanduser().absolute()
    _existing(source)
    ctx.step("restore", Text("恢复文件并校验", "Restore and check the files"))
    with translating():
        folder.parent.mkdir(parents=True, exist_ok=True)
        begun = scratch_name(folder, folder)
        lock = folder.with_name(begun + "lock")
        try:
            with Moment(lock, patience_s=0):
                return _restored(source, folder, begun, ctx)
        finally:
            lock.unlink(missing_ok=True)


def _restored(source: Path, folder: Path, begun: str, ctx: JobContext) -> BackupReport:
    _refuse_full(folder)
    for left in folder.parent.glob(begun + "*"):  # of a restoration that was killed
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
    staging = folder.with_name(begun + secrets.token_hex(4))
    try:
        report = _unpack(source, staging, folder, ctx)
        if folder.exists():
            folder.rmdir()
        replace_file(staging, folder)
        sync_folder(folder.parent)
        AuditLog(folder, lenient=True).write("restored", who=OWNER, what="restore", networks=list(report.networks))
    except _UNREADABLE as error:
        raise _damaged(source, str(error)) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return report


def _refuse_full(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(
            Text("目标文件夹不是空的：{p}", "The folder is not empty: {p}", p=str(folder)),
            Text("请用 --workspace 指定一个空文件夹。", "Name an empty folder with --workspace."),
            code="folder_not_empty",
        )


def _existing(source: Path) -> None:
    if not source.is_file():
        raise NotFound(Text("没有这个备份：{p}", "There is no such backup: {p}", p=str(source)))


def check(source: Path, *, ctx: JobContext = NULL_CONTEXT) -> BackupReport:
    """Read a whole backup and compare every file and ledger with its manifest; leaves nothing behind.

    `UserError` for a damaged one.
    """
    _existing(source)
    ctx.step("check", Text("校验备份里的文件", "Check the files of the backup"))
    with translating():
        try:
            return _unpack(source, None, source, ctx)
        except _UNREADABLE as error:
            raise _damaged(source, str(error)) from error


def _unpack(source: Path, staging: Path | None, folder: Path, ctx: JobContext) -> BackupReport:
    """Compare every file with the manifest and, where `staging` is told, write it there."""
    with zipfile.ZipFile(source) as archive:
        _refuse_foreign(archive, source)
        if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
            raise _damaged(source, MANIFEST)
        manifest = json.loads(archive.read(MANIFEST))
        if manifest.get("format") != FORMAT:
            raise _damaged(source, "format")
        entries: dict[str, dict[str, Any]] = manifest["files"]
        if DATABASE not in entries:
            raise _damaged(source, DATABASE)
        # Backups of before say nothing of their ledgers.
        ledgers = {entry["file"]: BackedLedger(**entry) for entry in manifest.get("ledgers", ())}
        if not ledgers.keys() <= entries.keys():
            raise _damaged(source, MANIFEST)
        chains = tuple(BackedChain(**entry) for entry in manifest.get("chains", ()))
        nodes = RestoredChains(chains)
        places = _places(entries, {DATABASE, *ledgers}, source)
        if staging is not None:
            staging.mkdir(mode=0o700)
        total = 0
        for number, (name, entry) in enumerate(entries.items()):
            ctx.check_cancelled()
            ctx.progress(number, len(entries), name)
            with _place(staging, places[name], kept=name in ledgers or nodes.concerns(name)) as target:
                with _opened(target, int(entry["mode"]) & 0o700 | 0o600) as out:
                    whole = _copy_out(archive, name, out, entry)
                if not whole or (name in ledgers and not _same(target, ledgers[name])):
                    raise _damaged(source, name)
                if nodes.concerns(name):
                    _read(nodes, name, target, source)
            total += int(entry["size"])
        if wrong := nodes.wrong():
            raise _damaged(source, wrong)
        networks = tuple(manifest.get("networks", ()))
        return BackupReport(folder, len(entries), total, networks, tuple(ledgers.values()), chains)


def _refuse_foreign(archive: zipfile.ZipFile, source: Path) -> None:
    """Refuse what no backup has: encrypted entries, and ways of packing that are not read the same everywhere."""
    for entry in archive.infolist():
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _damaged(source, entry.filename)


def _read(nodes: RestoredChains, name: str, path: Path, source: Path) -> None:
    """Read a file of blocks; `UserError` where they are not what the chain needs."""
    from network.native.stored_chain import BadChain

    try:
        nodes.take(name, path)
    except BadChain as error:
        raise _damaged(source, f"{name}: {error}") from error


@contextlib.contextmanager
def _place(staging: Path | None, parts: tuple[str, ...], *, kept: bool) -> Iterator[Path]:
    """Where a file is written: in `staging`, or where it is only looked at, nowhere (`kept`: until that is done)."""
    if staging is not None:
        target = staging.joinpath(*parts)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield target
    elif kept:
        with tempfile.TemporaryDirectory(prefix="citychain-") as scratch:
            yield Path(scratch) / "ledger.db"
    else:
        yield Path(os.devnull)


@contextlib.contextmanager
def _opened(target: Path, mode: int) -> Iterator[IO[bytes]]:
    if target == Path(os.devnull):
        with target.open("wb") as nowhere:
            yield nowhere
        return
    with os.fdopen(
        os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode), "wb"
    ) as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _same(path: Path, told: BackedLedger) -> bool:
    """Whether a restored ledger says of itself what the original did."""
    from network.embedded.pinned import ledger_facts

    facts = ledger_facts(path)
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    return facts is not None and BackedLedger(told.file, **asdict(facts)) == told


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


def _places(names: Iterable[str], databases: Iterable[str], source: Path) -> dict[str, tuple[str, ...]]:
    """Where each file belongs. Whatever a folder could not hold is refused before anything is looked at: a path told
    twice, a file that is a folder of another, a journal that would change a database after it was compared."""
    found = {name: _safe(name, source) for name in names}
    files = {parts: name for name, parts in found.items()}
    journals = {_safe(name + ending, source) for name in databases for ending in ("-wal", "-shm", "-journal")}
    for name, parts in found.items():
        above = (parts[:depth] for depth in range(1, len(parts)))
        if files[parts] != name or parts in journals or any(one in files for one in above):
            raise _damaged(source, name)
    return found


def _safe(name: str, source: Path) -> tuple[str, ...]:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or ":" in parts[0]:
        raise _damaged(source, name)
    if any(len(part.encode()) > LONGEST_NAME for part in parts):
        raise _damaged(source, name)
    return parts


def _damaged(source: Path, what: str) -> UserError:
    return UserError(
        Text("备份已损坏：{f}（{w}）", "The backup is damaged: {f} ({w})", f=source.name, w=what[:200]),
        Text("请使用另一份备份。没有恢复任何文件。", "Use another backup. Nothing was restored."),
        code="backup_damaged",
    )
