"""Archives: any part of one, and taking one in from whoever sends it."""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

import pytest

from baas.content import Chunking, Cid, ContentError, LocalStore
from baas.content.car import header, section
from baas.content.cid import DAG_PB, RAW, of_block, parse, write_varint
from baas.content.store import CLASSIC
from baas.content.unixfs import Link, encode_file_node
from baas.courier.archive import Archive
from baas.courier.incoming import STALE_S, Incoming, sweep
from baas.errors import Conflict, Unavailable
from tests.moments import shift

SMALL = Chunking(1000, 3)


def kept(store: LocalStore, size: int, chunking: Chunking = SMALL) -> tuple[Cid, bytes, bytes]:
    """A file in a store: its CID, its bytes, its archive."""
    body = random.Random(size).randbytes(size)
    cid = store.add(io.BytesIO(body), chunking=chunking)
    out = io.BytesIO()
    store.export_car(cid, out)
    return cid, body, out.getvalue()


@pytest.mark.parametrize("size", [0, 1, 999, 1000, 1001, 12_345, 50_000])
def test_parts_put_together_are_the_archive_that_ipfs_writes(tmp_path: Path, size: int) -> None:
    store = LocalStore(tmp_path)
    cid, _, whole = kept(store, size)
    archive = Archive(store, cid)
    assert archive.total == len(whole)
    chance = random.Random(1)
    for _ in range(60):
        start = chance.randrange(len(whole))
        length = chance.randrange(1, 4000)
        assert b"".join(archive.pieces(start, length)) == whole[start : start + length]


def test_equal_leaves_are_sent_once(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    cid = store.add(io.BytesIO(bytes(100_000)), chunking=SMALL)
    out = io.BytesIO()
    store.export_car(cid, out)
    archive = Archive(store, cid)
    assert archive.total == len(out.getvalue()) < 5000
    with Incoming(tmp_path / "in", cid, 100_000) as part:
        part.feed(b"".join(archive.pieces(0, 10_000)))
        other = LocalStore(tmp_path / "other")
        part.finish(other)
        assert b"".join(other.cat(cid)) == bytes(100_000)


def test_parts_are_as_old_as_their_file_system_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a month ahead, this machine's clock took every part for one that nobody goes on with."""
    old, fresh = tmp_path / "old.part", tmp_path / "fresh.part"
    for path in (old, fresh):
        path.touch()
    week = old.stat().st_mtime - STALE_S - 60
    os.utime(old, (week, week))
    shift(monkeypatch, 31 * 24 * 3600)
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["fresh.part"]


@pytest.mark.parametrize("step", [1, 7, 500, 4096, 10**6])
def test_an_archive_is_taken_in_however_it_is_cut_and_goes_on_after_a_crash(tmp_path: Path, step: int) -> None:
    store, other = LocalStore(tmp_path / "a"), LocalStore(tmp_path / "b")
    cid, body, whole = kept(store, 3000 if step == 1 else 30_000)
    stopped = len(whole) // 2
    with Incoming(tmp_path / "in", cid, len(whole)) as part:
        for at in range(0, stopped, step):
            part.feed(whole[at : min(at + step, stopped)])
        assert part.offset == stopped and not part.complete
    with Incoming(tmp_path / "in", cid, len(whole)) as part:
        begin = part.offset
        assert stopped - 1100 <= begin <= stopped
        for at in range(begin, len(whole), step):
            part.feed(whole[at : at + step])
        assert part.complete
        part.finish(other)
    assert b"".join(other.cat(cid)) == body
    assert [one.cid for one in other.pins()] == [cid]
    assert list((tmp_path / "in").iterdir()) == []


def test_what_a_disk_made_of_a_part_is_not_believed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "a")
    cid, _, whole = kept(store, 30_000)
    with Incoming(tmp_path / "in", cid, len(whole)) as part:
        part.feed(whole[:20_000])
    path = next((tmp_path / "in").glob("*.part"))
    spoiled = bytearray(path.read_bytes())
    spoiled[9_000] ^= 1
    path.write_bytes(bytes(spoiled))
    with Incoming(tmp_path / "in", cid, len(whole)) as part:
        assert part.offset == 0
        part.feed(whole)
        assert part.complete


def test_two_programs_do_not_take_the_same_in_at_once(tmp_path: Path) -> None:
    cid, _, _ = kept(LocalStore(tmp_path / "a"), 3000)
    with Incoming(tmp_path / "in", cid, 10_000), pytest.raises(Conflict), Incoming(tmp_path / "in", cid, 10_000):
        pass


def _refuses(tmp_path: Path, root: Cid, archive: bytes, most: int = 1 << 20) -> None:
    with Incoming(tmp_path / "in", root, most) as part, pytest.raises(ContentError):
        part.feed(archive)
        part.finish(LocalStore(tmp_path / "other"))


def test_other_bytes_other_blocks_and_another_root_are_refused(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "a")
    cid, _, whole = kept(store, 30_000)
    other, _, another = kept(store, 20_000)
    flipped = bytearray(whole)
    for at in (0, 5, 70, 900, 15_000, len(whole) - 1):
        flipped[at] ^= 1
        _refuses(tmp_path, cid, bytes(flipped))
        flipped[at] ^= 1
    _refuses(tmp_path, cid, another)
    _refuses(tmp_path, cid, header([parse(cid)]) + another[len(header([parse(other)])) :])
    _refuses(tmp_path, cid, whole[:-1])
    _refuses(tmp_path, cid, whole + b"\x00")
    _refuses(tmp_path, cid, whole + section(of_block(b"more", RAW), b"more"))
    _refuses(tmp_path, cid, whole, most=len(whole) - 1)
    _refuses(tmp_path, cid, header([parse(cid)]) + b"\xff\xff\xff\xff\xff\x01")
    _refuses(tmp_path, cid, header([parse(cid)]) + write_varint(1 << 30))


def _node(links: list[Link], kind: int = 2, name: str = "") -> bytes:
    """A dag-pb node of any UnixFS kind with named links, as no store here would make it."""
    block = bytearray()
    for link in links:
        body = b"\x0a" + write_varint(len(link.cid.binary)) + link.cid.binary
        body += b"\x12" + write_varint(len(name)) + name.encode() + b"\x18" + write_varint(link.total)
        block += b"\x12" + write_varint(len(body)) + body
    return bytes(block + b"\x0a\x02\x08" + bytes((kind,)))


@pytest.mark.parametrize(("kind", "name"), [(1, "../../etc/passwd"), (1, ""), (5, "AB"), (4, ""), (2, "x"), (9, "")])
def test_folders_paths_and_links_are_refused(tmp_path: Path, kind: int, name: str) -> None:
    leaf = of_block(b"leaf", RAW)
    block = _node([Link(leaf, 4)], kind, name)
    root = of_block(block, DAG_PB)
    _refuses(tmp_path, root.text, header([root]) + section(root, block) + section(leaf, b"leaf"))


def test_a_small_archive_that_reads_as_terabytes_is_refused_at_its_root(tmp_path: Path) -> None:
    """One leaf named again and again, level over level: a few kilobytes to send, 2**40 bytes to read."""
    leaf = bytes(1 << 10)
    link, size, blocks = Link(of_block(leaf, RAW), len(leaf)), len(leaf), [section(of_block(leaf, RAW), leaf)]
    for _ in range(5):
        block = encode_file_node([(link, size)] * 64)
        link, size = Link(of_block(block, DAG_PB), len(block)), size * 64
        blocks.append(section(link.cid, block))
    archive = header([link.cid]) + b"".join(reversed(blocks))
    assert size == 1 << 40 and len(archive) < 1 << 20
    _refuses(tmp_path, link.cid.text, archive)


def test_ten_million_blocks_are_refused_before_they_cost_anything(tmp_path: Path) -> None:
    """A node of 40,000 links names as many blocks; a tree of such nodes is cut off by its breadth, not read."""
    links = [(Link(of_block(number.to_bytes(4, "big"), RAW), 4), 4) for number in range(40_000)]
    block = encode_file_node(links)
    root = of_block(block, DAG_PB)
    _refuses(tmp_path, root.text, header([root]) + section(root, block), most=1 << 22)


def test_a_full_disk_half_way_gives_the_room_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cid, _, whole = kept(LocalStore(tmp_path / "a"), 600_000, CLASSIC)
    with Incoming(tmp_path / "in", cid, len(whole)) as part:
        part.feed(whole[:300_000])
        assert part._file is not None
        file = part._file

        class Full:
            def __getattr__(self, name: str) -> object:
                return getattr(file, name)

            def write(self, _: bytes) -> int:
                raise OSError(28, os.strerror(28))

        monkeypatch.setattr(part, "_file", Full())
        with pytest.raises(Unavailable) as full:
            part.feed(whole[300_000:])
        assert full.value.code == "store_unwritable"
        assert not list((tmp_path / "in").glob("*.part"))
