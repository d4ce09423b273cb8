"""Folders in a content store: UnixFS directories whose CIDs are Kubo's, and a folder's bytes as one file.

Layout: dag-pb nodes with UnixFS `Data` of type Directory, links sorted by their names' bytes, CIDv1, raw leaves; what
`ipfs add --recursive --cid-version=1 --hidden` makes. Larger folders would be sharded by Kubo (HAMT); they are refused.
A folder as one file is a tar (POSIX pax) with sorted names and nothing of the machine it was on: no times, no owners,
no rights; so everybody makes the same bytes of it.
"""

from __future__ import annotations

import os
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from baas.content import car, unixfs
from baas.content.cid import DAG_PB, ParsedCid, malformed, of_block, parse, write_varint
from baas.content.store import Cid, ContentError, ContentStore, Progress, no_progress
from network.text import Text

MOST_FILES = 20_000
MOST_ENTRIES = 2 * MOST_FILES
"""Files and folders together: blocks of a few bytes can name folders without end and no file at all."""
MOST_DEPTH = 20
SHARDED_FROM = 256 * 1024
"""From this estimate of a directory's bytes on (names and CIDs) Kubo makes a HAMT of it."""
_PIECE = 1 << 20
_DEVICE = re.compile(r"(COM|LPT)[0-9¹²³]")
Open = Callable[[], BinaryIO]
_Met = TypeVar("_Met")


@dataclass(frozen=True)
class File:
    """A file of a folder: its path with `/`, its size, and what opens it."""

    path: str
    size: int
    open: Open


def _refuse(zh: str, en: str, code: str, **values: object) -> ContentError:
    return ContentError(Text(zh, en, **values), code=code)


def _too_many() -> ContentError:
    return _refuse("文件夹中的文件太多。", "The folder has too many files.", "folder_too_many")


class _Count:
    """Counts what a walk meets, files and folders."""

    def __init__(self) -> None:
        self._left = MOST_ENTRIES

    def each(self, entries: Iterable[_Met]) -> Iterator[_Met]:
        for one in entries:
            self._left -= 1
            if self._left < 0:
                raise _too_many()
            yield one


def files_of(folder: Path) -> list[File]:
    """The files of a folder on disk, sorted by their paths' bytes.

    `ContentError` for links, devices, names that are no UTF-8, too many files, and a folder without any.
    """
    found: list[File] = []
    count = _Count()

    def walk(at: Path, depth: int) -> None:
        if depth > MOST_DEPTH:
            raise _refuse("文件夹层数太多。", "The folder is too deep.", "folder_too_deep")
        for one in sorted(count.each(at.iterdir())):
            name = one.relative_to(folder).as_posix()
            try:
                name.encode()
            except UnicodeEncodeError as error:
                shown = name.encode("utf-8", "replace").decode()
                raise _refuse(
                    "文件名不是 UTF-8：{n}", "A name is no UTF-8: {n}", "folder_name", n=shown[:200]
                ) from error
            if one.is_symlink() or not (one.is_dir() or one.is_file()):
                raise _refuse(
                    "文件夹中的 {n} 是链接或特殊文件。",
                    "{n} is a link or no ordinary file.",
                    "folder_link",
                    n=name[:200],
                )
            if one.is_dir():
                walk(one, depth + 1)
            else:
                found.append(File(name, one.stat().st_size, partial(one.open, "rb")))  # type: ignore[arg-type]
            if len(found) > MOST_FILES:
                raise _too_many()

    walk(folder, 0)
    if not found:
        raise _refuse("文件夹里没有文件。", "The folder has no files.", "folder_empty")
    return sorted(found, key=lambda one: one.path.encode())


def encode_directory(links: list[unixfs.Link]) -> bytes:
    """A directory's block, byte for byte as Kubo makes it."""
    out = bytearray()
    for link in sorted(links, key=lambda one: one.name.encode()):
        binary, name = link.cid.binary, link.name.encode()
        body = b"\x0a" + write_varint(len(binary)) + binary + b"\x12" + write_varint(len(name)) + name
        body += b"\x18" + write_varint(link.total)
        out += b"\x12" + write_varint(len(body)) + body
    return bytes(out + b"\x0a\x02\x08\x01")


def keep(store: ContentStore, folder: Path, progress: Progress = no_progress, *, name: str = "") -> tuple[Cid, int]:
    """Add a folder to a store; its CID and the bytes of its files. Nothing is pinned unless all of it is there."""
    done = 0
    tree: dict[str, Any] = {}
    for one in files_of(folder):
        with one.open() as stream:
            cid = parse(store.add(stream, partial(_further, progress, done), pin=False))
        done += one.size
        *above, last = one.path.split("/")
        at = tree
        for part in above:
            at = at.setdefault(part, {})
        at[last] = unixfs.Link(cid, _total(store, cid), last)
    blocks: list[tuple[ParsedCid, bytes]] = []
    root = _directory(tree, "", blocks)
    with tempfile.SpooledTemporaryFile(_PIECE) as archive:
        archive.write(car.header([root.cid]))
        for cid, block in blocks:
            archive.write(car.section(cid, block))
        archive.seek(0)
        store.import_car(cast(BinaryIO, archive))
    if name:
        store.pin(root.cid.text, name)
    return root.cid.text, done


def _further(progress: Progress, before: int, done: int) -> None:
    progress(before + done)


def _total(store: ContentStore, cid: ParsedCid) -> int:
    """What a file's graph takes up: dag-pb's Tsize."""
    block = store.block(cid.text)
    return len(block) + sum(link.total for link in unixfs.links_of(cid, block))


def _directory(tree: dict[str, Any], name: str, blocks: list[tuple[ParsedCid, bytes]]) -> unixfs.Link:
    links = [_directory(below, part, blocks) if isinstance(below, dict) else below for part, below in tree.items()]
    if sum(len(one.name.encode()) + len(one.cid.binary) for one in links) >= SHARDED_FROM:
        raise _refuse(
            "一个文件夹里的文件太多，请打成压缩包再存证。",
            "One folder has too many files; deposit it as an archive.",
            "folder_too_many",
        )
    block = encode_directory(links)
    cid = of_block(block, DAG_PB)
    blocks.append((cid, block))
    return unixfs.Link(cid, len(block) + sum(one.total for one in links), name)


def is_folder(store: ContentStore, cid: Cid) -> bool:
    """Whether a CID's root block is a directory."""
    root = parse(cid)
    return root.codec == DAG_PB and unixfs.is_directory(store.block(cid))


def stored_files(store: ContentStore, root: Cid) -> list[File]:
    """The files of a folder in a store, sorted by their paths' bytes.

    Its blocks are anybody's: names are checked, and everything that they name is counted, folders too. `ContentError`
    (code `folder_too_many`) for more than a folder may have.
    """
    found: list[File] = []
    count = _Count()

    def walk(cid: ParsedCid, path: str, depth: int) -> None:
        if depth > MOST_DEPTH:
            raise malformed("folder too deep")
        links = unixfs.entries_of(store.block(cid.text))
        if len({one.name for one in links}) != len(links):
            raise malformed("name in a folder")
        for link in count.each(links):
            if link.name in ("", ".", "..") or "/" in link.name or "\0" in link.name or "\ufffd" in link.name:
                raise malformed("name in a folder")
            inner = f"{path}{link.name}"
            if is_folder(store, link.cid.text):
                walk(link.cid, f"{inner}/", depth + 1)
            else:
                size = unixfs.file_size(lambda one: store.block(one.text), link.cid)
                found.append(File(inner, size, _opener(store, link.cid.text)))
            if len(found) > MOST_FILES:
                raise _too_many()

    walk(parse(root), "", 0)
    return sorted(found, key=lambda one: one.path.encode())


def _opener(store: ContentStore, cid: Cid) -> Open:
    def opened() -> BinaryIO:
        file = tempfile.SpooledTemporaryFile(_PIECE)  # noqa: SIM115 - whoever opens it closes it
        for piece in store.cat(cid):
            file.write(piece)
        file.seek(0)
        return file  # type: ignore[return-value]

    return opened


def tar_of(files: list[File]) -> Iterator[bytes]:
    """A folder as one file: the same bytes for the same files, whoever makes them."""
    for one in files:
        entry = tarfile.TarInfo(one.path)
        entry.size = one.size
        entry.mode = 0o644
        yield entry.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
        left = one.size
        with one.open() as stream:
            while piece := stream.read(min(_PIECE, left)):
                left -= len(piece)
                yield piece
            if left or stream.read(1):
                raise _refuse(
                    "文件在读取时变了：{n}", "{n} changed while it was read.", "folder_changed", n=one.path[:200]
                )
        yield bytes(-one.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def cat(store: ContentStore, cid: Cid) -> Iterator[bytes]:
    """The bytes of a file, or of a folder as one file."""
    return tar_of(stored_files(store, cid)) if is_folder(store, cid) else store.cat(cid)


def _check_names(files: list[File], *, windows: bool) -> None:
    """Refuse names that Windows reads as something else: another folder, another drive, a stream, a device."""
    for one in files if windows else ():
        if any(_odd(part) for part in one.path.split("/")):
            raise _refuse(
                "Windows 上不能用这个文件名：{n}",
                "Windows cannot have a file of this name: {n}",
                "folder_name",
                n=one.path[:200],
            )


def _odd(part: str) -> bool:
    stem = part.partition(".")[0].rstrip(" ").upper()
    device = stem in ("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$") or _DEVICE.fullmatch(stem) is not None
    return device or part[-1] in ". " or any(one in '<>:"\\|?*' or ord(one) < 32 for one in part)


def unpack(store: ContentStore, root: Cid, target: Path, *, windows: bool = os.name == "nt") -> int:
    """Write a folder's files into an empty or new folder on disk; how many. Nothing is written of what is refused."""
    if target.exists() and any(target.iterdir()):
        raise _refuse("文件夹不是空的：{p}", "The folder is not empty: {p}", "target_not_empty", p=target.name)
    files = stored_files(store, root)
    _check_names(files, windows=windows)
    for one in files:
        path = target / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out, one.open() as stream:
            while piece := stream.read(_PIECE):
                out.write(piece)
    return len(files)
