"""What only the local store must stand: crashes, damage, several writers, collection during adds, hostile bytes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baas.bench.generated import Generated, generated
from baas.content import ContentError, LocalStore, unixfs
from baas.content.cid import RAW, ParsedCid, of_block, parse, read_varint, write_varint
from baas.content.store import Chunking, no_progress
from network.errors import CityChainError, Unavailable


def test_the_same_file_is_stored_once(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.add(Generated(3 << 20))
    before = sum(path.stat().st_size for path in (tmp_path / "packs").iterdir())
    store.add(Generated(3 << 20))
    assert sum(path.stat().st_size for path in (tmp_path / "packs").iterdir()) == before
    store.close()


def test_any_flipped_byte_is_found(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    cid = store.add(Generated(600_000))
    (pack,) = (tmp_path / "packs").iterdir()
    data = bytearray(pack.read_bytes())
    data[400_000] ^= 1
    pack.write_bytes(data)
    report = store.verify()
    assert [damage.kind for damage in report.damaged] == ["corrupt"]
    with pytest.raises(ContentError):
        list(store.cat(cid))
    store.close()


def test_a_missing_pack_is_reported_not_hidden(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.add(Generated(600_000))
    (pack,) = (tmp_path / "packs").iterdir()
    pack.unlink()
    assert not store.verify().sound
    store.close()


def test_a_collection_deletes_nothing_when_a_pinned_node_is_damaged(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.add(Generated(600_000))
    store.unpin(store.add(io.BytesIO(b"x" * 100)))
    pack = max((tmp_path / "packs").iterdir(), key=lambda path: path.stat().st_size)
    data = bytearray(pack.read_bytes())
    data[-5] ^= 1  # the root node is written last
    pack.write_bytes(data)
    with pytest.raises(ContentError):
        store.gc()
    assert len(list((tmp_path / "packs").iterdir())) == 2
    store.close()


def test_half_empty_packs_are_rewritten(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    leaf = generated(262_144)
    large = store.add(Generated(4 << 20))
    small = store.add(io.BytesIO(leaf))  # its only block lies in the large pack
    store.unpin(large)
    report = store.gc()
    assert report.freed_bytes > 3 << 20
    assert b"".join(store.cat(small)) == leaf
    assert store.verify().sound
    store.close()


def test_collections_and_adds_at_once_lose_nothing(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    added: list[str] = []
    failures: list[BaseException] = []

    def add(seed: int) -> None:
        try:
            for number in range(8):
                body = (b"%d-%d" % (seed, number % 4)) * 50_000
                added.append(store.add(io.BytesIO(body)))
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=add, args=(seed,)) for seed in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        store.gc()
    assert failures == []
    for cid in set(added):
        assert sum(len(piece) for piece in store.cat(parse(cid).text)) > 0
    assert store.verify().sound
    store.close()


_CHILD = """
import sys
from pathlib import Path
from baas.bench.generated import Generated
from baas.content import LocalStore
store = LocalStore(Path(sys.argv[1]))
number = 0
while True:
    print(store.add(Generated(300_000 + number)), flush=True)
    number += 1
"""


def test_killing_a_writer_loses_nothing_acknowledged(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline().strip() for _ in range(5)]
        time.sleep(0.02)
        os.kill(child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        acknowledged += [line.strip() for line in child.stdout if line.endswith("\n")]
    store = LocalStore(tmp_path)
    pinned = {pin.cid for pin in store.pins()}
    assert set(acknowledged) <= pinned
    assert len(pinned) <= len(acknowledged) + 1
    store.gc()
    assert store.verify().sound
    assert len(list((tmp_path / "packs").iterdir())) == len(store._blocks.query("SELECT 1 FROM packs"))
    store.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process's start stays what it was")
def test_a_clock_that_is_set_while_a_file_is_added_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another store on the folder collects meanwhile. Before, the writer seemed to be a process that had long ended."""
    body, boot = os.urandom(3 << 20), psutil.boot_time()

    class Disturbed(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 1 << 20:
                monkeypatch.setattr("psutil._pslinux.boot_time", lambda: boot - 3600)
                other.gc()
            return super().read(size)

    store, other = LocalStore(tmp_path), LocalStore(tmp_path)
    cid = store.add(Disturbed(body))
    assert b"".join(store.cat(cid)) == body
    assert store.verify().sound
    other.close()
    store.close()


@pytest.mark.skipif(not Path("/dev/full").exists() or os.geteuid() == 0, reason="needs a folder that cannot be written")
def test_an_unwritable_folder_is_one_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Unavailable):
        LocalStore(tmp_path / "content")


def test_a_full_disk_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable) as caught:
        store.add(Generated(100_000))
    assert caught.value.code == "store_unwritable"
    monkeypatch.undo()
    assert store.pins() == []
    assert list((tmp_path / "packs").iterdir()) == []
    store.close()


class _Short(io.RawIOBase):
    """A stream that answers a few bytes at a time, as sockets do."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._inner = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(min(size, 7))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(1, 16), st.integers(2, 5), st.integers(0, 420), st.integers(0, 420))
def test_any_shape_reads_back_any_range(data: bytes, leaf: int, width: int, offset: int, length: int) -> None:
    blocks: dict[ParsedCid, bytes] = {}
    chunking = Chunking(leaf, width)
    root, size = unixfs.build(_Short(data), blocks.__setitem__, chunking, no_progress)
    assert size == len(data)
    assert unixfs.cid_of(io.BytesIO(data), chunking, no_progress) == root
    assert b"".join(unixfs.read(blocks.__getitem__, root, offset, length)) == data[offset : offset + length]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_as_node_decode_or_say_malformed(data: bytes) -> None:
    try:
        unixfs.decode_node(data)
    except CityChainError as error:
        assert error.code in ("content_malformed", "content_is_folder")


@given(st.integers(0, 2**63 - 1))
def test_varints_go_round(value: int) -> None:
    data = write_varint(value)
    assert read_varint(data, 0) == (value, len(data))


def test_a_folder_is_refused_in_words(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    folder = b"\x0a\x02\x08\x01"
    cid = of_block(folder, 0x70)
    from baas.content import car

    store.import_car(io.BytesIO(car.header([cid]) + car.section(cid, folder)))
    with pytest.raises(ContentError) as caught:
        list(store.cat(cid.text))
    assert caught.value.code == "content_is_folder"
    assert of_block(b"", RAW).text.startswith("bafkrei")
    store.close()
