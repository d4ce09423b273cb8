"""What every content engine promises; the same tests run against `LocalStore` and a real Kubo daemon."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from baas.bench.generated import Generated, generated
from baas.content import PROFILE_2025, Cid, ContentError, ContentStore, LocalStore, car, move
from baas.content.cid import DAG_PB, RAW, of_block, parse
from baas.content.unixfs import Link, encode_file_node
from network.errors import CityChainError, NotFound

ABSENT = Cid("bafkreibuta6t2m4meoocsiaw4pjbye6u57i22ngbpqy4ab6or5hrqfprhy")
THREE_BLOCKS = 600_000


def whole(store: ContentStore, cid: Cid) -> bytes:
    return b"".join(store.cat(cid))


class TestContentStore:
    @pytest.mark.parametrize("size", [0, 1, 262_144, 262_145, THREE_BLOCKS])
    def test_bytes_come_back(self, store: ContentStore, size: int) -> None:
        assert whole(store, store.add(Generated(size))) == generated(size)

    def test_both_chunkings_give_kubos_cids(self, store: ContentStore) -> None:
        assert store.add(Generated(262_145)) == "bafybeicwn434mzi2o3rv37sx73tresyndk3va6bscmge5gyi7vhm4bfmle"
        assert (
            store.add(Generated(10 << 20), chunking=PROFILE_2025)
            == "bafybeiehcn3obh55koo6c74mp2676ht3gbwq26rlvg6gmm3dvtj2fvnqou"
        )

    @pytest.mark.parametrize(
        ("offset", "length"),
        [(0, 1), (262_143, 2), (262_144, 262_144), (500_000, None), (599_999, 10), (600_000, 5), (10, 0)],
    )
    def test_ranges(self, store: ContentStore, offset: int, length: int | None) -> None:
        cid = store.add(Generated(THREE_BLOCKS))
        expected = generated(THREE_BLOCKS)[offset : None if length is None else offset + length]
        assert b"".join(store.cat(cid, offset, length)) == expected

    def test_progress_and_cancelling_an_add_leaves_nothing_pinned(self, store: ContentStore) -> None:
        seen: list[int] = []

        def stop(done: int) -> None:
            seen.append(done)
            if done > 1_000_000:
                raise InterruptedError

        with pytest.raises(InterruptedError):
            store.add(Generated(8 << 20), stop)
        assert seen == sorted(seen)
        assert store.pins() == []

    def test_absent_content_is_not_found_and_never_blocks(self, store: ContentStore) -> None:
        for act in (lambda: whole(store, ABSENT), lambda: store.pin(ABSENT), lambda: store.stat(ABSENT)):
            with pytest.raises(NotFound):
                act()
        with pytest.raises(NotFound):
            store.unpin(ABSENT)

    @pytest.mark.parametrize("text", ["", "b", "hello", "bafy", "Qm" + "0" * 44, "b" + "a" * 200, ABSENT.upper(), "z1"])
    def test_what_is_no_cid_is_said_so(self, store: ContentStore, text: str) -> None:
        with pytest.raises(ContentError):
            whole(store, Cid(text))

    def test_pins_hold_content_through_a_collection(self, store: ContentStore) -> None:
        kept = store.add(Generated(THREE_BLOCKS), name="a work 作品")
        dropped = store.add(io.BytesIO(b"dropped"))
        store.unpin(dropped)
        loose = store.add(io.BytesIO(b"never pinned"), pin=False)
        assert [(pin.cid, pin.name) for pin in store.pins()] == [(kept, "a work 作品")]
        report = store.gc()
        assert report.removed_blocks >= 2
        assert whole(store, kept) == generated(THREE_BLOCKS)
        for cid in (dropped, loose):
            with pytest.raises(NotFound):
                whole(store, cid)

    def test_stat(self, store: ContentStore) -> None:
        stat = store.stat(store.add(Generated(THREE_BLOCKS)))
        assert (stat.size, stat.blocks, stat.pinned) == (THREE_BLOCKS, 4, True)
        assert stat.stored_bytes > THREE_BLOCKS

    def test_verify_of_a_sound_store(self, store: ContentStore) -> None:
        store.add(Generated(THREE_BLOCKS))
        report = store.verify()
        assert report.sound
        assert report.blocks >= 4

    def test_archives_go_round(self, store: ContentStore) -> None:
        cid = store.add(Generated(THREE_BLOCKS))
        archive = io.BytesIO()
        size = store.export_car(cid, archive)
        assert size == len(archive.getvalue())
        store.unpin(cid)
        store.gc()
        archive.seek(0)
        assert store.import_car(archive) == [cid]
        assert store.stat(cid).pinned
        assert whole(store, cid) == generated(THREE_BLOCKS)

    def test_hostile_archives_are_refused_and_pin_nothing(self, store: ContentStore) -> None:
        leaf = of_block(b"leaf", RAW)
        gone = of_block(b"gone", RAW)
        node = encode_file_node([(Link(leaf, 4), 4), (Link(gone, 4), 4)])
        root = of_block(node, DAG_PB)
        good = car.header([leaf]) + car.section(leaf, b"leaf")
        hostile = {
            "empty": b"",
            "no header": b"\x00",
            "endless length": b"\xff" * 20,
            "huge header": b"\xff\xff\xff\xff\x0f",
            "truncated": good[:-2],
            "wrong hash": car.header([leaf]) + car.section(leaf, b"lead"),
            "huge section": car.header([leaf]) + b"\xff\xff\xff\xff\x0f" + b"x" * 100,
            "root absent": car.header([gone]) + car.section(leaf, b"leaf"),
            "child absent": car.header([root]) + car.section(root, node) + car.section(leaf, b"leaf"),
            "html": b"<html>" * 100,
        }
        for name, data in hostile.items():
            with pytest.raises(CityChainError):
                store.import_car(io.BytesIO(data))
                pytest.fail(name)
        assert store.pins() == []

    def test_hostile_nodes_are_an_error_not_a_hang(self, store: ContentStore) -> None:
        empty = of_block(b"", RAW)
        lying = encode_file_node([(Link(empty, 0), 0)] * 174)
        bodies = {"children without bytes": lying}
        four = of_block(b"four", RAW)
        bodies["leaf shorter than said"] = encode_file_node([(Link(four, 4), 9)])
        bodies["sizes do not add up"] = bodies["leaf shorter than said"].replace(
            b"\x18\x09\x20\x09", b"\x18\x08\x20\x09"
        )
        for name, body in bodies.items():
            root = of_block(body, DAG_PB)
            archive = car.header([root]) + car.section(root, body)
            archive += car.section(empty, b"") + car.section(four, b"four")
            (cid,) = store.import_car(io.BytesIO(archive))
            with pytest.raises(ContentError):
                whole(store, cid)
                pytest.fail(name)

    def test_moving_keeps_cids_names_and_bytes(self, store: ContentStore, tmp_path: Path) -> None:
        other = LocalStore(tmp_path / "other")
        cids = [store.add(Generated(size), name=f"work {size}") for size in (10, THREE_BLOCKS)]
        report = move(store, other)
        assert set(report.moved) == set(cids)
        assert {(pin.cid, pin.name) for pin in other.pins()} == {
            (cids[0], "work 10"),
            (cids[1], f"work {THREE_BLOCKS}"),
        }
        assert store.pins() == []
        back = move(other, store, keep=True)
        assert set(back.moved) == set(cids)
        assert len(other.pins()) == 2
        assert whole(store, cids[1]) == generated(THREE_BLOCKS)
        assert set(move(other, store).present) == set(cids)
        other.close()

    def test_capabilities_do_not_pretend(self, store: ContentStore) -> None:
        capabilities = store.capabilities()
        assert not capabilities.public
        assert capabilities.network == (capabilities.engine == "kubo")
        assert capabilities.private_swarm == (capabilities.engine == "kubo")

    def test_parse_and_text_are_inverse(self) -> None:
        for text in (ABSENT, "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"):
            assert parse(text).text == text
