"""The port every content engine implements, and the values it speaks in.

A content identifier (CID) is the same on every engine for the same bytes and the same `Chunking`, so that content can
move between engines without a new registration (see `baas.content.move`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal, NewType, Protocol, runtime_checkable

from network.errors import CityChainError, NotFound, Unavailable
from network.text import Text

Cid = NewType("Cid", str)
"""A CIDv1 in lower-case base32 (`bafkrei…` for a raw leaf, `bafybei…` for a UnixFS node), SHA-256."""

Progress = Callable[[int], None]
"""Called with the number of bytes handled so far; may raise (a cancelled job) to stop the work."""


def no_progress(_done: int) -> None:
    """A progress callback for callers who do not watch."""


@dataclass(frozen=True)
class Chunking:
    """How a file is cut: bytes per leaf and links per node, balanced layout, raw leaves, CIDv1."""

    leaf_bytes: int = 262_144
    links: int = 174

    @property
    def chunker(self) -> str:
        """The value of Kubo's `chunker` option."""
        return f"size-{self.leaf_bytes}"


CLASSIC = Chunking()
"""Kubo's long-standing default for CIDv1: 256 KiB leaves, 174 links a node."""
PROFILE_2025 = Chunking(1_048_576, 1024)
"""Kubo's `unixfs-v1-2025` profile: 1 MiB leaves, 1024 links a node (IPIP-499)."""


@dataclass(frozen=True)
class ContentStat:
    """What a CID stands for: `size` file bytes; `blocks` distinct blocks of `stored_bytes` in all; `pinned` or not."""

    cid: Cid
    size: int
    blocks: int
    stored_bytes: int
    pinned: bool


@dataclass(frozen=True)
class Pin:
    """A root that garbage collection keeps, with everything below it."""

    cid: Cid
    name: str
    created: datetime | None


@dataclass(frozen=True)
class GcReport:
    """What a garbage collection removed and gave back to the disk."""

    removed_blocks: int
    freed_bytes: int


@dataclass(frozen=True)
class Damage:
    """A block that is not what its CID says; `kind` is missing, corrupt or malformed."""

    cid: Cid
    kind: Literal["missing", "corrupt", "malformed"]
    detail: str


@dataclass(frozen=True)
class VerifyReport:
    """Result of reading every block back and hashing it."""

    blocks: int
    bytes: int
    damaged: tuple[Damage, ...]

    @property
    def sound(self) -> bool:
        return not self.damaged


@dataclass(frozen=True)
class Capabilities:
    """What an engine is and can do; shown to the user so that nobody takes the local store for a network node."""

    engine: Literal["local", "kubo"]
    title: Text
    version: str
    network: bool
    """True if the engine talks to other nodes at all."""
    public: bool
    """True if it may announce content to the public IPFS network: publish only after asking."""
    private_swarm: bool
    """True if a swarm key keeps strangers out."""
    peers: int


class ContentError(CityChainError):
    """Content is not what it claims to be: a wrong hash, a malformed node, a truncated archive."""

    exit_code = 2
    default_code = "content_invalid"


def missing(cid: str) -> NotFound:
    """The error for content the engine does not hold."""
    return NotFound(
        Text("内容仓库中没有 {cid}。", "The content store does not hold {cid}.", cid=cid),
        Text("请确认 CID,或从另一仓库导入(citychain store import)。",
             "Check the CID, or import it from another store (citychain store import)."),
        code="content_missing",
    )  # fmt: skip


def disk_full(error: OSError) -> Unavailable:
    """The error for a disk that has no room left or cannot be written."""
    return Unavailable(
        Text("内容仓库无法写入磁盘:{why}。", "The content store cannot write to its disk: {why}.",
             why=error.strerror or str(error)),
        Text("请腾出空间或更换目录后重试;已确认的内容没有损失。",
             "Free some space or choose another folder and try again; nothing acknowledged was lost."),
        code="store_unwritable",
    )  # fmt: skip


@runtime_checkable
class ContentStore(Protocol):
    """Files in, CIDs out; every byte that comes back was checked against its CID."""

    def add(
        self,
        stream: BinaryIO,
        progress: Progress = no_progress,
        *,
        name: str = "",
        pin: bool = True,
        chunking: Chunking = CLASSIC,
    ) -> Cid:
        """Store the bytes of `stream` until its end and return their CID; durable (fsync) when this returns.

        Memory use does not depend on the length. `progress` gets bytes read so far. Raises `Unavailable` when the
        engine or its disk cannot take it; then nothing is stored.
        """
        ...

    def cat(self, cid: Cid, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the file's bytes from `offset` on, `length` of them (all if None), each block verified first.

        Raises `NotFound` for content that is not here and `ContentError` for blocks that lie.
        """
        ...

    def block(self, cid: Cid) -> bytes:
        """One block as it is stored, hashed; raises `NotFound` or `ContentError`."""
        ...

    def pin(self, cid: Cid, name: str = "") -> None:
        """Keep `cid` and everything below it from `gc`. Raises `NotFound` unless all of it is here."""
        ...

    def unpin(self, cid: Cid) -> None:
        """Let `gc` take `cid`. Raises `NotFound` if it is not pinned."""
        ...

    def pins(self) -> list[Pin]:
        """All pinned roots, oldest first where the engine knows."""
        ...

    def stat(self, cid: Cid) -> ContentStat:
        """Sizes of a CID; raises `NotFound` unless all of it is here."""
        ...

    def gc(self) -> GcReport:
        """Remove every block no pin leads to. Never touches content whose `add` has returned with a pin, nor an
        `add` under way."""
        ...

    def verify(self, progress: Progress = no_progress) -> VerifyReport:
        """Read every block back and hash it."""
        ...

    def export_car(self, cid: Cid, target: BinaryIO, progress: Progress = no_progress) -> int:
        """Write `cid` as a CARv1 archive (one root, depth first, no duplicates); return its bytes."""
        ...

    def import_car(self, source: BinaryIO, progress: Progress = no_progress) -> list[Cid]:
        """Take a CARv1 archive in, every block checked, all roots complete and pinned, or nothing at all."""
        ...

    def capabilities(self) -> Capabilities:
        """What this engine is; raises `Unavailable` when it does not answer."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
