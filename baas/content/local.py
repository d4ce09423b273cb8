"""`LocalStore`: a local IPFS-compatible content store in one folder. It is no network node and serves nobody else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from baas.content import car, unixfs
from baas.content.cid import RAW, ParsedCid, malformed, parse
from baas.content.packs import BlockStore, PackWriter, collect, writing
from baas.content.store import (
    CLASSIC,
    Capabilities,
    Chunking,
    Cid,
    ContentStat,
    Damage,
    GcReport,
    Pin,
    Progress,
    VerifyReport,
    missing,
    no_progress,
)
from fabric_sdk import clock
from network.errors import NotFound
from network.text import Text


def _now() -> str:
    return clock.now().isoformat(timespec="milliseconds")


def not_pinned(cid: str) -> NotFound:
    """The error for taking away a pin that is not there."""
    return NotFound(Text("{cid} 没有固定。", "{cid} is not pinned.", cid=cid), code="not_pinned")


class LocalStore:
    """A content engine on the local disk; see `ContentStore` for what each call promises."""

    def __init__(self, folder: Path) -> None:
        self._blocks = BlockStore(folder)
        self.folder = folder

    def add(
        self,
        stream: BinaryIO,
        progress: Progress = no_progress,
        *,
        name: str = "",
        pin: bool = True,
        chunking: Chunking = CLASSIC,
    ) -> Cid:
        writer = PackWriter(self._blocks)
        try:
            root, _ = unixfs.build(stream, writer.put, chunking, progress)
            writer.begin()
            writer.commit([(root.text, name, _now())] if pin else [])
            return root.text
        finally:
            writer.close()

    def cat(self, cid: Cid, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        return unixfs.read(self._blocks.get, parse(cid), offset, length)

    def block(self, cid: Cid) -> bytes:
        return self._blocks.get(parse(cid))

    def pin(self, cid: Cid, name: str = "") -> None:
        root = parse(cid)
        writer = PackWriter(self._blocks)
        try:
            writer.begin()
            self._check_complete(root, writer)
            writer.commit([(root.text, name, _now())])
        finally:
            writer.close()

    def _check_complete(self, root: ParsedCid, writer: PackWriter) -> None:
        met: set[bytes] = set()

        def seen(cid: ParsedCid) -> bool:
            if cid.digest in met:
                return True
            met.add(cid.digest)
            if not writer.has(cid):
                raise missing(cid.text)
            return False

        for _ in unixfs.walk(writer.get, root, seen):
            pass

    def unpin(self, cid: Cid) -> None:
        connection = self._blocks.connect()
        try:
            with writing():
                if connection.execute("DELETE FROM pins WHERE cid=?", (parse(cid).text,)).rowcount == 0:
                    raise not_pinned(cid)
        finally:
            connection.close()

    def pins(self) -> list[Pin]:
        rows = self._blocks.query("SELECT cid, name, created FROM pins ORDER BY created, cid")
        return [Pin(Cid(str(cid)), str(name), datetime.fromisoformat(str(created))) for cid, name, created in rows]

    def stat(self, cid: Cid) -> ContentStat:
        root = parse(cid)
        blocks = stored = 0
        met: set[bytes] = set()

        def seen(one: ParsedCid) -> bool:
            nonlocal blocks, stored
            if one.digest in met:
                return True
            met.add(one.digest)
            size = self._blocks.has(one)
            if size is None:
                raise missing(one.text)
            blocks += 1
            stored += size
            return False

        for _ in unixfs.walk(self._blocks.get, root, seen):
            pass
        pinned = bool(self._blocks.query("SELECT 1 FROM pins WHERE cid=?", root.text))
        return ContentStat(root.text, unixfs.file_size(self._blocks.get, root), blocks, stored, pinned)

    def gc(self) -> GcReport:
        return GcReport(*collect(self._blocks))

    def verify(self, progress: Progress = no_progress) -> VerifyReport:
        damaged: list[Damage] = []
        count = total = 0
        last = b""
        while rows := self._blocks.query(
            "SELECT digest, size FROM blocks WHERE digest > ? ORDER BY digest LIMIT 256", last
        ):
            for digest, size in rows:
                last = cast(bytes, digest)
                cid = ParsedCid(1, RAW, last)
                try:
                    block = self._blocks.get_unchecked(cid)
                except NotFound:
                    damaged.append(Damage(cid.text, "missing", "pack file"))
                    continue
                if hashlib.sha256(block).digest() != last:
                    damaged.append(Damage(cid.text, "corrupt", f"{len(block)} of {size} bytes"))
                count += 1
                total += len(block)
            progress(total)
        damaged.extend(self._incomplete_pins({parse(one.cid).digest for one in damaged}))
        return VerifyReport(count, total, tuple(damaged))

    def _incomplete_pins(self, known_bad: set[bytes]) -> Iterator[Damage]:
        """Pinned content with blocks that are not in the index at all."""
        met: set[bytes] = set(known_bad)

        def seen(one: ParsedCid) -> bool:
            if one.digest in met:
                return True
            met.add(one.digest)
            if self._blocks.has(one) is None:
                raise missing(one.text)
            return False

        for pin in self.pins():
            try:
                for _ in unixfs.walk(self._blocks.get, parse(pin.cid), seen):
                    pass
            except NotFound as error:
                yield Damage(pin.cid, "missing", str(error.message))

    def export_car(self, cid: Cid, target: BinaryIO, progress: Progress = no_progress) -> int:
        root = parse(cid)
        met: set[bytes] = set()

        def seen(one: ParsedCid) -> bool:
            if one.digest in met:
                return True
            met.add(one.digest)
            return False

        with writing():
            written = target.write(car.header([root]))
            for one, block in unixfs.walk(self._blocks.get, root, seen, leaf=self._blocks.get):
                if block is None:
                    raise malformed("block")
                written += target.write(car.section(one, block))
                progress(written)
        return written

    def import_car(self, source: BinaryIO, progress: Progress = no_progress) -> list[Cid]:
        writer = PackWriter(self._blocks)
        try:
            roots, blocks = car.read(source)
            done = 0
            for cid, block in blocks:
                writer.put(cid, block)
                done += len(block)
                progress(done)
            writer.begin()
            for root in roots:
                self._check_complete(root, writer)
            writer.commit([(root.text, "", _now()) for root in roots])
            return [root.text for root in roots]
        finally:
            writer.close()

    def capabilities(self) -> Capabilities:
        title = Text("本机 IPFS 兼容仓库(不是网络节点)", "Local IPFS-compatible store (no network node)")
        return Capabilities("local", title, "1", network=False, public=False, private_swarm=False, peers=0)

    def close(self) -> None:
        self._blocks.close()
