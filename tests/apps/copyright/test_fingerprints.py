"""Finding copies: images, texts, sounds, videos; the index; the search's own properties."""

from __future__ import annotations

import base64
import json
import random
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.copyright import encodings, media
from apps.copyright.demo import samples
from apps.copyright.fingerprints import audio, text
from apps.copyright.fingerprints.image import QUERY_PLAIN, QUERY_ROWS, hashes, load
from apps.copyright.fingerprints.pool import FingerprintPool, Fingerprints
from apps.copyright.hamming import HammingIndex
from apps.copyright.index import Thresholds, WorkIndex
from apps.copyright.likeness import public_prints
from apps.copyright.perturb_changes import CHANGES, EVERYDAY
from apps.copyright.perturb_media import HEAD, NOTICE, SOUND_CHANGES, passages
from apps.copyright.synthetic import melody, write_sound
from apps.kit.block_index import BlockWrites

PHOTOGRAPHS = sorted(samples().glob("*.jpg"))
TEXT = (samples() / "可园春晓.txt").read_text(encoding="utf-8")


def put(index: WorkIndex, number: int, prints: Fingerprints, party: str = "M/a") -> None:
    """Let the ledger's next block hold the deposit of a work with these prints."""
    record = {
        "type": "work",
        "id": f"CZ{number}",
        "title": f"作品 {number}",
        "depositor": party,
        "owners": [{"party": party, "share": 10_000}],
        "content": {"cid": "c", "sha256": "s", "size": 1},
        "fingerprints": prints.public(),
        "prints": [],
        "tx_id": "t",
        "created": "2026-01-01T00:00:00Z",
        "state": "ACTIVE",
        "number": "",
    }
    writes = (
        (f"\x00prints\x00CZ{number}\x00", json.dumps(public_prints(prints)).encode(), 0),
        (f"CZ{number}", json.dumps(record).encode(), 0),
    )
    height = index.height
    before = f"{height - 1}" if height else ""
    index.follow([BlockWrites(height, f"{height}", before, writes)])


@pytest.fixture
def index(tmp_path: Path) -> WorkIndex:
    return WorkIndex(tmp_path / "index.db")


class TestImages:
    @pytest.mark.parametrize("change", EVERYDAY)
    def test_every_change_is_found_and_nothing_else(self, change: str) -> None:
        shots = [load(path.read_bytes()).convert("RGB") for path in PHOTOGRAPHS]
        found = HammingIndex()
        for number, shot in enumerate(shots):
            found.add(hashes(shot).index, number)
        radius = Thresholds.load().image_bits
        chance = random.Random(change)
        for number, shot in enumerate(shots):
            near = found.search(hashes(EVERYDAY[change](shot, chance)).query, radius)
            assert set(near) == {number}

    @pytest.mark.parametrize(
        "change", ["turn_2", "turn_10", "turn_15", "border_25", "letterbox_25", "pillarbox_15", "collage_4"]
    )
    def test_a_copy_that_hides_is_found(self, change: str) -> None:
        shot = load(PHOTOGRAPHS[0].read_bytes()).convert("RGB")
        found = HammingIndex(hashes(shot).index, np.zeros(4, np.int64))
        asked = hashes(CHANGES[change](shot, random.Random(change))).query
        assert found.search(asked, Thresholds.load().image_bits)

    def test_what_is_mirrored_is_called_so_and_nothing_else_is(self) -> None:
        from PIL import ImageOps

        shot = load(PHOTOGRAPHS[0].read_bytes()).convert("RGB")
        found = HammingIndex(hashes(shot).index, np.zeros(4, np.int64))
        for copy, mirrored in ((shot, False), (ImageOps.mirror(shot), True), (ImageOps.flip(shot), True)):
            asked = hashes(copy).query
            assert len(asked) == QUERY_ROWS
            assert (found.search(asked, 40)[0][1] >= QUERY_PLAIN) is mirrored
        turned = hashes(shot.rotate(90, expand=True)).query
        assert found.search(turned, 40)[0][1] < QUERY_PLAIN

    @pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (17, 9)])
    def test_pictures_of_any_size_have_every_row(self, size: tuple[int, int]) -> None:
        from PIL import Image

        assert hashes(Image.effect_noise(size, 90)).query.shape == (QUERY_ROWS, 32)

    def test_plain_images_are_not_compared(self) -> None:
        from PIL import Image

        assert hashes(Image.new("RGB", (400, 300), (200, 200, 200))).flat
        assert not hashes(load(PHOTOGRAPHS[0].read_bytes())).flat


class TestHamming:
    def test_near_ones_are_always_found_and_distances_are_right(self) -> None:
        chance = np.random.default_rng(1)
        bits = chance.integers(0, 256, (30_000, 32), dtype=np.uint8)
        built = HammingIndex(bits, np.arange(30_000))
        for distance in (0, 1, 13, 27):
            owner = int(chance.integers(30_000))
            query = np.unpackbits(bits[owner])
            query[chance.choice(256, distance, replace=False)] ^= 1
            assert built.search(np.packbits(query)[None], 27)[owner] == (distance, 0)

    @settings(max_examples=25, deadline=None)
    @given(st.integers(1, 60), st.integers(0, 2**32 - 1))
    def test_added_one_by_one_or_built_at_once(self, count: int, seed: int) -> None:
        bits = np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)
        at_once, grown = HammingIndex(bits, np.arange(count)), HammingIndex()
        for number in range(count):
            grown.add(bits[number : number + 1], number)
        assert len(at_once) == len(grown) == count
        query = bits[:3]
        assert at_once.search(query, 20) == grown.search(query, 20)


class TestTexts:
    def test_typesetting_does_not_matter(self) -> None:
        one = text.fingerprint(TEXT)
        other = text.fingerprint("  ".join(TEXT.replace("，", " , ").split()).upper())
        assert one is not None
        assert other is not None
        assert text.resemblance(one.minhash, other.minhash) == 1.0

    def test_short_texts_say_nothing(self) -> None:
        assert text.fingerprint("春眠不觉晓") is None

    def test_random_bytes_are_text_or_an_error(self) -> None:
        with pytest.raises(UnicodeError):
            encodings.decode(b"\xff\xff\x81\x00" * 50)

    def test_edited_copies_and_excerpts_are_found(
        self, index: WorkIndex, pool: FingerprintPool, tmp_path: Path
    ) -> None:
        original = pool.extract(samples() / "可园春晓.txt", media.inspect(samples() / "可园春晓.txt"))
        put(index, 1, original)
        cases = {
            "text": TEXT.replace("清晨", "早晨").replace("老人", "老者").replace("笑声", "笑语"),
            "excerpt": TEXT[150:280],
        }
        for method, words in cases.items():
            path = tmp_path / f"{method}.txt"
            path.write_text(words, encoding="utf-8")
            found = index.similar(pool.extract(path, media.inspect(path)))
            assert [(one.work_id, one.method) for one in found] == [("CZ1", method)]
        other = tmp_path / "other.txt"
        other.write_text("完全不同的一段文字，讲的是海边的灯塔与夜航的船，没有园子也没有荔枝树。" * 3, encoding="utf-8")
        assert index.similar(pool.extract(other, media.inspect(other))) == ()

    def test_letters_of_one_office_are_no_copies_of_each_other(
        self, index: WorkIndex, pool: FingerprintPool, tmp_path: Path
    ) -> None:
        path = tmp_path / "letter.txt"
        bodies = passages(900)[::20]
        assert len(bodies) >= 12

        def letter(number: int) -> Fingerprints:
            path.write_text(HEAD + bodies[number] + NOTICE, encoding="utf-8")
            return pool.extract(path, media.inspect(path))

        for number in range(8):
            put(index, number, letter(number), f"M/{number}")
        assert [one.work_id for number in range(8, 12) for one in index.similar(letter(number))] == []
        assert [one.work_id for one in index.similar(letter(3))] == ["CZ3"]

    @pytest.mark.parametrize("parties", [("M/a",), ("M/a", "M/b", "M/c", "M/d", "M/e", "M/f")])
    def test_depositing_a_work_again_and_again_does_not_hide_its_excerpts(
        self, index: WorkIndex, pool: FingerprintPool, tmp_path: Path, parties: tuple[str, ...]
    ) -> None:
        """One person, or six together, who would have its words taken for common ones."""
        original = pool.extract(samples() / "可园春晓.txt", media.inspect(samples() / "可园春晓.txt"))
        for number in range(8):
            put(index, number, original, parties[number % len(parties)])
        path = tmp_path / "excerpt.txt"
        path.write_text(TEXT[150:280], encoding="utf-8")
        assert "CZ0" in {one.work_id for one in index.similar(pool.extract(path, media.inspect(path)))}


def recoded(source: Path, target: Path, start: float, seconds: float, bit_rate: int) -> None:
    """Cut a sound and code it anew (AAC)."""
    import av

    samples_in = []
    with av.open(str(source)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=22_050)
        for frame in container.decode(audio=0):
            frame.pts = None
            samples_in += [piece.to_ndarray() for piece in resampler.resample(frame)]
    data = np.concatenate(samples_in, axis=1)[:, int(start * 22_050) : int((start + seconds) * 22_050)]
    with av.open(str(target), "w") as container:
        stream = container.add_stream("aac", rate=22_050, layout="mono")
        stream.bit_rate = bit_rate
        for at in range(0, data.shape[1] - 1024, 1024):
            piece = np.ascontiguousarray(data[:, at : at + 1024])
            frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 22_050, at
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


class TestSounds:
    def test_a_recoded_cut_is_found(self, index: WorkIndex, pool: FingerprintPool, tmp_path: Path) -> None:
        path = samples() / "晨曲.wav"
        put(index, 1, pool.extract(path, media.inspect(path)))
        target = tmp_path / "cut.m4a"
        recoded(path, target, 2.0, 4.0, 48_000)
        found = index.similar(pool.extract(target, media.inspect(target)))
        assert [(one.work_id, one.method) for one in found] == [("CZ1", "audio")]

    def test_a_slower_copy_at_the_same_pitch_is_found(
        self, index: WorkIndex, pool: FingerprintPool, tmp_path: Path
    ) -> None:
        put(index, 1, pool.extract(sung := write_sound(tmp_path / "a.wav", melody(8, 1)), media.inspect(sung)))
        copy = write_sound(tmp_path / "copy.m4a", SOUND_CHANGES["tempo_-5"](melody(8, 1)), 64_000)
        found = index.similar(pool.extract(copy, media.inspect(copy)))
        assert [(one.work_id, one.method) for one in found] == [("CZ1", "audio")]

    def test_noise_is_no_copy(self, index: WorkIndex, pool: FingerprintPool) -> None:
        path = samples() / "晨曲.wav"
        prints = pool.extract(path, media.inspect(path))
        put(index, 1, prints)
        noise = np.random.default_rng(5).normal(0, 0.2, audio.RATE * 8).astype(np.float32)
        strange = Fingerprints(**{**vars(prints), "landmarks": audio.landmarks(noise), "undone": ()})
        assert index.similar(strange) == ()

    def test_silence_and_scraps(self) -> None:
        assert len(audio.landmarks(np.zeros(audio.RATE * 3, dtype=np.float32))) == 0
        assert len(audio.landmarks(np.zeros(10, dtype=np.float32))) == 0
        assert audio.undone(np.zeros(10, dtype=np.float32)) == []
        assert all(len(one) == 0 for one in audio.undone(np.zeros(audio.RATE, dtype=np.float32)))


class TestVideos:
    def test_a_smaller_mirrored_copy_without_sound_is_found(
        self, index: WorkIndex, pool: FingerprintPool, tmp_path: Path
    ) -> None:
        import av
        from PIL import ImageOps

        path = samples() / "四时.mp4"
        put(index, 1, pool.extract(path, media.inspect(path)))
        target = tmp_path / "copy.mp4"
        with av.open(str(path)) as source, av.open(str(target), "w") as out:
            stream = out.add_stream("libx264", rate=12)
            stream.width, stream.height, stream.pix_fmt = 256, 144, "yuv420p"
            for frame in source.decode(video=0):
                picture = ImageOps.mirror(frame.to_image().resize((256, 144)))
                for packet in stream.encode(av.VideoFrame.from_image(picture)):
                    out.mux(packet)
            for packet in stream.encode():
                out.mux(packet)
        found = index.similar(pool.extract(target, media.inspect(target)))
        assert ("CZ1", "video") in {(one.work_id, one.method) for one in found}


def test_the_index_outlives_the_process(tmp_path: Path, pool: FingerprintPool) -> None:
    path = PHOTOGRAPHS[0]
    prints = pool.extract(path, media.inspect(path))
    first, beside = WorkIndex(tmp_path / "index.db"), WorkIndex(tmp_path / "index.db")
    assert beside.similar(prints) == ()
    put(first, 1, prints)
    assert [one.work_id for one in beside.similar(prints)] == ["CZ1"], "what another program read is found at once"
    put(first, 2, pool.extract(PHOTOGRAPHS[1], media.inspect(PHOTOGRAPHS[1])))
    first.close()
    second = WorkIndex(tmp_path / "index.db")
    assert len(second) == 2
    assert second.known("s", "M/a") is not None
    assert second.known("s", "M/b") is None
    assert [one.work_id for one in second.similar(prints)] == ["CZ1"]
    second.clear()
    assert second.similar(prints) == () == beside.similar(prints)
    second.close()
    beside.close()


def test_strangers_with_the_same_lines_between_are_no_copies(
    index: WorkIndex, pool: FingerprintPool, tmp_path: Path
) -> None:
    """Words that all of them have made one in eight of such pairs half alike, when the permutations hardly permuted."""
    chance = random.Random(11)

    def fresh(name: int) -> Fingerprints:
        path = tmp_path / f"{name}.txt"
        path.write_text("".join(f"{chance.randbytes(16).hex()} 第 {n} 行\n" for n in range(12)), encoding="utf-8")
        return pool.extract(path, media.inspect(path))

    for number in range(20):
        put(index, number, fresh(number))
    assert [one for number in range(20) for one in index.similar(fresh(100 + number))] == []


def test_a_work_whose_prints_alone_are_here_finds_its_copies(
    index: WorkIndex, pool: FingerprintPool, tmp_path: Path
) -> None:
    """The office's search for a case whose file it cannot reach: less than the file would tell, but not nothing."""
    picture = pool.extract(PHOTOGRAPHS[0], media.inspect(PHOTOGRAPHS[0]))
    sound = pool.extract(samples() / "晨曲.wav", media.inspect(samples() / "晨曲.wav"))
    written = pool.extract(samples() / "可园春晓.txt", media.inspect(samples() / "可园春晓.txt"))
    for number, prints in enumerate((picture, sound, written)):
        put(index, number, prints)
    for number, (prints, kind) in enumerate(((picture, "image/jpeg"), (sound, "audio/wav"), (written, "text/plain"))):
        assert [one.work_id for one in index.similar_to(public_prints(prints), kind)] == [f"CZ{number}"]


@pytest.mark.parametrize(
    "hostile",
    [
        {"image/1": "AAAA"},
        {"image/1": base64.b64encode(bytes(32 * 257)).decode()},
        {"text/1": base64.b64encode(bytes(40)).decode()},
        {"sound/1": base64.b64encode(zlib.compress(bytes(1 << 22))).decode()},
        {"sound/1": "AAAA"},
        {"image/1": 7, "unheard/9": "AAAA"},
    ],
)
def test_prints_that_are_none_cost_nobody_anything(index: WorkIndex, hostile: dict[str, object]) -> None:
    record = {
        "id": "CZ9", "title": "t", "depositor": "M/x", "owners": [{"party": "M/x"}], "content": {"cid": "c"},
        "fingerprints": {}, "tx_id": "t", "created": "2026", "state": "ACTIVE", "number": "", "prints": list(hostile),
    }  # fmt: skip
    writes = (("\x00prints\x00CZ9\x00", json.dumps(hostile).encode(), 0), ("CZ9", json.dumps(record).encode(), 0))
    assert index.follow([BlockWrites(0, "0", "", writes)]) == 1
    assert index.rows("SELECT COUNT(*) FROM image_hash")[0][0] == 0
    assert len(index) == 1
