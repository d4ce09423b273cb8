"""A workspace as one file, written while its networks work.

The file is a zip with every file of the workspace and, last, `manifest.json`: each file's size and SHA-256, and what
each ledger says of itself. Nothing stops for it on the embedded ledger: every SQLite file is pinned at one instant
while keys and networks' files cannot change, and copied from there while its writers go on. What a ledger names was
stored before it was named, so files copied after that instant hold all of it; where a pack of content was cleared
away meanwhile, copying begins again. Fabric's own programs keep files that only they understand: all nodes of a network
stand still together for the fraction of a second in which these are linked or copied (`network.native.frozen`).
Containers keep theirs in volumes, which are read through the engine while all are paused (`network.docker.frozen`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from baas import roles
from baas.errors import Conflict, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from baas.keystore import DEVICE
from baas.services.backed_nodes import BackedChain, BackedNodes
from fabric_sdk import clock
from fabric_sdk.files import replace_file
from network.lock import Moment

if TYPE_CHECKING:
    from baas.platform import Platform
    from network.embedded.pinned import LedgerFacts, PinnedFile

FORMAT = "citychain-backup-1"
MANIFEST = "manifest.json"
SUFFIX = ".ccb"
"""By it file managers know a backup (packages for Linux and Windows)."""
LAST_BACKUP = "backup.last"
"""The workspace's setting with the time of its last backup, in seconds since the epoch."""
LEFT_OUT_FOLDERS = ("index", "labs", "api")
KEY_FILES = "contract-keys"
"""Folders with key files of contract servers: an archive with ledger and key files would hold everything in clear."""
LEFT_OUT_NAMES = ("ready.json", "failed.json", "supervisor.json", "pids.json", "processes.json")
"""A running node's own address and token, a supervisor's, its programs: restored, they would lead to those that still
run, or start others on the original's files."""
LEFT_OUT_SUFFIXES = (".lock", ".sock", ".pid", "-wal", "-shm", "-journal", ".tmp", ".part")
GUARDED = ("networks", "keystore")
"""Folders whose files are copied while nobody may change them."""
CONTENT = "content"
_LOCK = "backup.lock"
_ATTEMPTS = 3
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class BackedLedger:
    """A channel's ledger in a backup: its file there, and what both the original and the copy say of themselves."""

    file: str
    height: int
    block_hash: str
    commit_hash: str
    state: str
    hashes: str
    private: str


@dataclass(frozen=True)
class BackupReport:
    """What a backup holds. `still_s`: for how long the nodes of Fabric's own stood still at most, in seconds."""

    path: Path
    files: int
    bytes: int
    networks: tuple[str, ...]
    ledgers: tuple[BackedLedger, ...] = ()
    chains: tuple[BackedChain, ...] = ()
    still_s: float = 0.0


class _Moved(Exception):
    """A file that the pinned index names was cleared away before it was copied."""


def back_up(
    platform: Platform, target: Path, *, device_key: bool = True, ctx: JobContext = NULL_CONTEXT
) -> BackupReport:
    """Write the whole workspace to `target`; whole or not at all, an existing file is replaced.

    With `device_key` False a keystore without passphrase cannot be opened elsewhere. `Conflict` while another backup
    of this workspace is being written.
    """
    platform.session.require(roles.WORKSPACE_BACKUP)
    folder = platform.workspace.folder
    if target.absolute().is_relative_to(folder):
        raise UserError(
            Text("备份不能放在工作区里。", "A backup cannot lie inside the workspace."),
            Text("请选择其他位置。", "Choose another place."),
        )
    with translating(), Moment(folder / _LOCK, patience_s=0):
        begun = scratch_name(target, folder)
        for left in target.parent.glob(begun + "*"):  # of a backup that was killed
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
        for _ in range(_ATTEMPTS):
            scratch = target.with_name(begun + secrets.token_hex(4))
            try:
                scratch.mkdir(mode=0o700)
                report = _Writer(platform, scratch, device_key, ctx).write(target)
                replace_file(scratch / "backup", target)
                sync_folder(target.parent)
                break
            except _Moved:
                continue
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
        else:
            raise Conflict(
                Text("内容库正在清理，备份没有完成。", "The content store is being cleared; nothing was backed up."),
                Text("请在清理完成后重试。", "Try again when that has finished."),
                code="content_moving",
            )
    platform.workspace.set_setting(LAST_BACKUP, str(int(clock.seconds())))
    return report


def scratch_name(target: Path, origin: Path) -> str:
    """How temporary files beside `target` begin that belong to `origin` alone."""
    return f".{target.name}.{hashlib.sha256(str(origin.absolute()).encode()).hexdigest()[:10]}."


class _Writer:
    """One attempt at a backup, with its scratch folder beside the target."""

    def __init__(self, platform: Platform, scratch: Path, device_key: bool, ctx: JobContext) -> None:
        self._platform = platform
        self._folder = platform.workspace.folder
        self._scratch = scratch
        self._device_key = device_key
        self._ctx = ctx
        self._entries: dict[str, dict[str, Any]] = {}
        self._ledgers: list[BackedLedger] = []
        self._nodes = BackedNodes(platform.workspace.folder)
        self._bytes = 0
        self._done = 0
        self._all = 0

    def write(self, target: Path) -> BackupReport:
        names = self._platform.networks.names()
        with contextlib.closing(self._nodes):
            return self._write(target, names)

    def _write(self, target: Path, names: tuple[str, ...]) -> BackupReport:
        descriptor = os.open(self._scratch / "backup", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            os.fdopen(descriptor, "w+b") as raw,
            zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            contextlib.ExitStack() as pinned,
        ):
            with _alone(self._platform, names):
                self._ctx.step("copy", Text("复制文件", "Copy the files"))
                # Before any index is pinned: what the nodes' ledgers name was stored by then.
                self._nodes.freeze(self._platform.networks, names)
                before = set(self._listed())
                databases = self._pin(sorted(path for path in before if _is_sqlite(path)), pinned)
                # What was collected or added while the indexes were pinned is in one of the two lists.
                files = sorted((before | set(self._listed())) - {database.path for database in databases})
                self._all = len(files) + len(databases)
                guarded = [p for p in files if p.relative_to(self._folder).parts[0] in GUARDED]
                for path in guarded:
                    self._add(archive, path)
            for frozen in self._nodes.files():
                with frozen.path.open("rb") as file:
                    self._keep(archive, frozen.name, file, frozen.path, frozen.size)
            for database in databases:
                self._add_database(archive, database)
            for path in sorted(set(files) - set(guarded)):
                self._add(archive, path)
            manifest = {
                "format": FORMAT,
                "created": clock.seconds(),
                "networks": list(names),
                "files": self._entries,
                "ledgers": [asdict(ledger) for ledger in self._ledgers],
                "chains": [asdict(chain) for chain in self._nodes.chains],
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        with (self._scratch / "backup").open("r+b") as written:
            os.fsync(written.fileno())
        return BackupReport(
            target,
            len(self._entries),
            self._bytes,
            names,
            tuple(self._ledgers),
            self._nodes.chains,
            self._nodes.still_s,
        )

    def _listed(self) -> Iterator[Path]:
        return (
            path
            for path in _files(self._folder)
            if (self._device_key or path.name != DEVICE) and not self._nodes.holds(path)
        )

    def _pin(self, paths: list[Path], held: contextlib.ExitStack) -> list[PinnedFile]:
        from network.embedded.pinned import PinnedFile

        # Ledgers first: what they name was stored before.
        paths.sort(key=lambda path: path.relative_to(self._folder).parts[0] != "networks")
        found = []
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                if path.exists():
                    found.append(held.enter_context(contextlib.closing(PinnedFile(path))))
        return found

    def _add_database(self, archive: zipfile.ZipFile, database: PinnedFile) -> None:
        name = database.path.relative_to(self._folder).as_posix()
        copy = self._scratch / "database"

        def progress(_done: int, _total: int) -> None:
            self._ctx.check_cancelled()

        database.copy(copy, progress)
        facts: LedgerFacts | None = database.ledger_facts()
        database.close()
        if facts is not None:
            self._ledgers.append(BackedLedger(name, **asdict(facts)))
        with copy.open("rb") as file:
            self._keep(archive, name, file, database.path)
        copy.unlink()

    def _add(self, archive: zipfile.ZipFile, path: Path) -> None:
        name = path.relative_to(self._folder).as_posix()
        try:
            with path.open("rb") as file:
                self._keep(archive, name, file, path)
        except FileNotFoundError:
            # Only what the content's index names must be there; other files may come and go.
            if name.startswith(f"{CONTENT}/"):
                raise _Moved from None

    def _keep(
        self, archive: zipfile.ZipFile, name: str, file: BinaryIO, original: Path, limit: int | None = None
    ) -> None:
        self._ctx.check_cancelled()
        self._ctx.progress(self._done, self._all, original.name)
        self._done += 1
        mode = stat.S_IMODE(original.stat().st_mode)
        size, digest = _copy_in(archive, name, file, limit)
        self._entries[name] = {"size": size, "sha256": digest, "mode": mode}
        self._bytes += size


def _copy_in(archive: zipfile.ZipFile, name: str, file: BinaryIO, limit: int | None) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    with archive.open(name, "w", force_zip64=True) as out:
        while chunk := file.read(_CHUNK if limit is None else min(_CHUNK, limit - size)):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    return size, digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if relative.parts[0] in LEFT_OUT_FOLDERS or path.is_symlink() or not path.is_file():
            continue
        if path.name.endswith(LEFT_OUT_SUFFIXES) or path.name in LEFT_OUT_NAMES or path.parent.name == KEY_FILES:
            continue
        found.append(path)
    return found


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _alone(platform: Platform, names: tuple[str, ...]) -> Iterator[None]:
    """Keep other programs from changing keys or networks, or starting one, inside the block; transactions go on."""
    from network.plan import locked

    with contextlib.ExitStack() as held:
        for name in names:
            held.enter_context(locked(platform.networks.folder(name)))
        held.enter_context(platform.workspace.moment)
        yield


def sync_folder(folder: Path) -> None:
    """Make a rename outlive a loss of power, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
