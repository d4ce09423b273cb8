"""An archive on its way in: every section must be the next block of the root's graph, or nothing more is read.

So nobody can send other bytes under a CID, paths, folders or blocks that nobody asked for; what was checked is on the
disk and is not sent again after a crash. Nothing of it can be read as content before all of it is here.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from baas.content import Cid, ContentStore
from baas.content.car import header
from baas.content.cid import RAW, ParsedCid, malformed, parse, parse_binary
from baas.content.store import disk_full
from baas.content.unixfs import MAX_BLOCK_BYTES, MAX_DEPTH, decode_node
from baas.errors import Conflict, Text
from network.lock import FileLock

_FILE, _RAW_DATA = 2, 0
_MOST_SECTION = MAX_BLOCK_BYTES + 64
STALE_S = 7 * 24 * 3600.0
"""Parts that nobody has gone on with for so long are removed."""


class _Graph:
    """Which block comes next: depth first, each once; files only."""

    def __init__(self, root: ParsedCid, most_blocks: int, most_bytes: int) -> None:
        self._stack: list[tuple[ParsedCid, int]] = [(root, 0)]
        self._met: set[bytes] = set()
        self._most = most_blocks
        self._most_bytes = most_bytes

    @property
    def done(self) -> bool:
        self._skip()
        return not self._stack

    def _skip(self) -> None:
        while self._stack and self._stack[-1][0].digest in self._met:
            self._stack.pop()

    def take(self, cid: ParsedCid, block: bytes) -> None:
        """Note the next block; `ContentError` unless it is the one that comes next."""
        self._skip()
        if not self._stack or self._stack[-1][0] != cid:
            raise malformed("CAR archive with a block that was not asked for")
        if not cid.matches(block):
            raise malformed(f"block does not match its CID {cid.text}")
        _, depth = self._stack.pop()
        first = not self._met
        self._met.add(cid.digest)
        if cid.codec != RAW:
            node = decode_node(block)
            # A leaf that is named again and again is sent once: a small archive may read as terabytes. What the root
            # says is what is read at most, every node below must add up to it.
            if first and node.size > self._most_bytes:
                raise malformed(f"file of more than {self._most_bytes} bytes")
            if node.kind not in (_FILE, _RAW_DATA) or any(link.name for link in node.links):
                raise malformed("CAR archive of a folder, only files are taken")
            if node.links and depth >= MAX_DEPTH:
                raise malformed("graph too deep")
            self._stack.extend((link.cid, depth + 1) for link in reversed(node.links))
        if len(self._met) + len(self._stack) > self._most:
            raise malformed(f"CAR archive of more than {self._most} blocks")


class Incoming:
    """One root's archive as far as it has come. A context manager; `Conflict` while another program takes it in.

    `most` bounds its bytes, blocks included that are no larger than 4 KiB on average, and those of the file in it.
    """

    def __init__(self, folder: Path, root: Cid, most: int, *, of: str = "") -> None:
        self.root = root
        self.most = most
        self._name = f"{root}{'-' + of if of else ''}"
        self._path = folder / f"{self._name}.part"
        self._lock_path = folder / f"{self._name}.lock"
        self._lock = FileLock(self._lock_path)
        folder.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO | None = None
        self._begin()

    def _begin(self) -> None:
        self._graph = _Graph(parse(self.root), 1024 + self.most // 4096, self.most)
        self._head = header([parse(self.root)])
        self._kept = 0
        self._buffer = bytearray()
        self._headed = False

    @property
    def offset(self) -> int:
        """How many bytes have come; the next ones are asked for from here."""
        return self._kept + len(self._buffer)

    @property
    def kept(self) -> int:
        """How many of them are whole sections, and so outlast a crash."""
        return self._kept

    @property
    def complete(self) -> bool:
        return self._headed and self._graph.done

    def __enter__(self) -> Incoming:
        try:
            self._lock.acquire()
        except Conflict as error:
            raise Conflict(
                Text("另一个程序正在取这份内容。", "Another program is taking this content in."),
                Text("请稍后再试。", "Try again in a moment."),
                code="content_underway",
            ) from error
        try:
            self._file = self._path.open("a+b")
            self._go_on()
        except OSError as error:
            self._lock.release()
            raise disk_full(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        if not self._kept:
            self.drop()
        with contextlib.suppress(OSError):
            self._lock_path.unlink()  # before it is let go of: whoever holds the next one must not lose it
        self._lock.release()

    def _go_on(self) -> None:
        """Check what an earlier run has left, up to the first byte that is not right."""
        assert self._file is not None
        self._file.seek(0)
        try:
            while piece := self._file.read(1 << 20):
                self._take(piece)
        except Exception:
            self._kept = 0  # a disk that lost power may hold anything
        if not self._kept:
            self._begin()
        self._buffer.clear()
        self._file.truncate(self._kept)
        self._file.seek(self._kept)

    def feed(self, piece: bytes) -> None:
        """Take the next bytes; `ContentError` for what does not belong there, `Unavailable` for a full disk."""
        assert self._file is not None
        before = self._kept
        if self.offset + len(piece) > self.most:
            raise malformed(f"CAR archive of more than {self.most} bytes")
        whole = b"".join(self._take(piece))
        assert len(whole) == self._kept - before
        try:
            self._file.write(whole)
            self._file.flush()
        except OSError as error:
            self.drop()  # gives the room back to everybody else
            raise disk_full(error) from error

    def _take(self, piece: bytes) -> list[bytes]:
        """Cut whole sections off what has come, check each, and return them."""
        self._buffer += piece
        found = []
        if not self._headed:
            if not self._head.startswith(bytes(self._buffer[: len(self._head)])):
                raise malformed("CAR archive of another root")
            if len(self._buffer) < len(self._head):
                return []
            found.append(self._cut(len(self._head)))
            self._headed = True
        while (size := self._section()) is not None:
            length, prefix = size
            if len(self._buffer) < prefix + length:
                break
            body = bytes(self._buffer[prefix : prefix + length])
            cid, at = parse_binary(body)
            self._graph.take(cid, body[at:])
            found.append(self._cut(prefix + length))
        if self._buffer and self._graph.done:
            raise malformed("CAR archive goes on after its last block")
        return found

    def _section(self) -> tuple[int, int] | None:
        """The next section's length and the bytes that say it; None while those have not come."""
        value = shift = 0
        for at, byte in enumerate(self._buffer[:5]):
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if not 0 < value <= _MOST_SECTION:
                    raise malformed("CAR section length")
                return value, at + 1
            shift += 7
        if len(self._buffer) >= 5:
            raise malformed("CAR section length")
        return None

    def _cut(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._kept += size
        return taken

    def drop(self) -> None:
        """Leave nothing behind."""
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                self._file.truncate(0)
        with contextlib.suppress(OSError):
            self._path.unlink()

    def finish(self, store: ContentStore, name: str = "") -> None:
        """Put the complete archive into the store, pinned, and leave nothing of it here."""
        if not self.complete or self._file is None:
            raise malformed("CAR archive ends too early")
        self._file.seek(0)
        store.import_car(self._file)
        if name:
            store.pin(self.root, name)
        self.drop()


def parts(folder: Path, of: str) -> Iterator[tuple[str, int]]:
    """What is on its way in from one sender (`Incoming`'s `of`): (root, bytes so far)."""
    for path in sorted(folder.glob(f"*-{of}.part")):
        with contextlib.suppress(OSError):
            yield path.stem.removesuffix(f"-{of}"), path.stat().st_size


def sweep(folder: Path) -> None:
    """Remove parts with which nobody went on for a week, by the file system's own clock.

    That may be a server's, and this machine's may have been set meanwhile.
    """
    for path in folder.glob("*.part"):
        with contextlib.suppress(OSError, Conflict):
            with tempfile.TemporaryFile(dir=folder) as fresh:
                now = os.fstat(fresh.fileno()).st_mtime
            if now - path.stat().st_mtime > STALE_S:
                lock = FileLock(path.with_suffix(".lock"))
                lock.acquire()
                path.unlink()
                path.with_suffix(".lock").unlink()
                lock.release()
