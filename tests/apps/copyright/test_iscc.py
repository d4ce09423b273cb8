"""ISCC (ISO 24138): our features are those of the reference programs, so the codes are theirs.

The values here were made by fpcalc 1.5.1 and FFmpeg 5.1's `signature` filter with iscc-core 1.5; where those programs
are installed they judge sounds and films that are made for the purpose.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.copyright.demo import samples
from apps.copyright.fingerprints import decode, iscc
from apps.copyright.fingerprints.chroma import RATE, ChromaStream
from apps.copyright.fingerprints.data_code import chunk_features, data_code
from apps.copyright.fingerprints.mpeg7 import SIZE, frame_signature, groups
from apps.copyright.fingerprints.worker import extract
from tests.apps.copyright.recoding import film, tone

SIGN = "-vf fps=5,signature=format=xml:filename=out.xml -f null -"
SOUND, FILM = samples() / "晨曲.wav", samples() / "四时.mp4"


def test_the_codes_of_the_samples_are_the_reference_programs() -> None:
    assert iscc.audio_code(decode.sound(SOUND).chroma) == "ISCC:EIATSCBCNJ4ZM6TI"
    assert iscc.video_code(decode.pictures(FILM).signatures) == "ISCC:EMA5QZUH7ZOCBV4G"


def test_a_file_of_each_kind_has_a_whole_code() -> None:
    import iscc_core

    for name, kind, content in (
        ("猫.jpg", "image", "IMAGE"),
        ("可园春晓.txt", "text", "TEXT"),
        ("晨曲.wav", "audio", "AUDIO"),
        ("四时.mp4", "video", "VIDEO"),
    ):
        code = extract(samples() / name, kind)["iscc"]
        assert iscc_core.iscc_validate(code)
        assert content in iscc_core.iscc_explain(code), (name, iscc_core.iscc_explain(code))


def bits(code: str) -> int:
    import iscc_core

    return int.from_bytes(iscc_core.decode_base32(code.removeprefix("ISCC:"))[2:], "big")


def test_recoding_changes_few_bits_of_the_codes(tmp_path: Path) -> None:
    source = tone(tmp_path / "one.wav", seconds=12, seed=1)
    copy = tone(tmp_path / "one.m4a", seconds=12, seed=1, bit_rate=48_000)
    other = tone(tmp_path / "other.wav", seconds=12, seed=2)
    one, two, three = (bits(iscc.audio_code(decode.sound(path).chroma)) for path in (source, copy, other))
    assert (one ^ two).bit_count() <= 8 < (one ^ three).bit_count()
    large = film(tmp_path / "large.mp4", size=(320, 240), seed=1)
    small = film(tmp_path / "small.mp4", size=(160, 120), seed=1)
    strange = film(tmp_path / "strange.mp4", size=(320, 240), seed=2)
    one, two, three = (bits(iscc.video_code(decode.pictures(path).signatures)) for path in (large, small, strange))
    assert (one ^ two).bit_count() <= 8 < (one ^ three).bit_count()


def test_short_sounds_and_small_pictures_have_no_content_code(tmp_path: Path) -> None:
    assert iscc.audio_code(decode.sound(tone(tmp_path / "short.wav", seconds=2, seed=3)).chroma) == ""
    assert decode.pictures(film(tmp_path / "tiny.mp4", size=(16, 16), seed=3)).signatures == []
    with pytest.raises(ValueError, match="too small"):
        frame_signature(np.zeros((31, 400), np.uint8))


def test_pieces_of_any_length_give_the_same_fingerprint() -> None:
    sound = (np.random.default_rng(4).normal(0, 3000, RATE * 20)).astype(np.int16)
    whole, pieced = ChromaStream(), ChromaStream()
    whole.feed(sound)
    for start in range(0, len(sound), 7_777):
        pieced.feed(sound[start : start + 7_777])
    assert whole.fingerprint() == pieced.fingerprint() != []


def test_the_groups_of_the_frame_signature() -> None:
    assert [len(group.values) for group in groups()] == [20, 12, 116, 25, 36, 30, 62, 9, 50, 20]
    plain = frame_signature(np.full((90, 160), 200, np.uint8))
    assert len(plain) == SIZE
    assert set(plain[32:]) == {1}  # nothing differs from anything


def runs(seed: int) -> bytes:
    """Long stretches of one byte, where the rolling sum lies next to a whole number."""
    chance = np.random.default_rng(seed)
    return b"".join(bytes([chance.integers(256)]) * int(chance.integers(3000)) for _ in range(60))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"abc",
        np.random.default_rng(1).bytes(257),
        np.random.default_rng(2).bytes(8193),
        np.random.default_rng(3).bytes(5 << 20),
        bytes(300_000),
        "可园春晓 and some English\n".encode() * 20_000,
        runs(1),
        runs(2),
        FILM.read_bytes(),
    ],
    ids=["empty", "three", "257", "8193", "random", "zeros", "text", "runs", "other runs", "film"],
)
def test_data_codes_are_the_reference_ones(data: bytes) -> None:
    import iscc_core

    assert data_code(io.BytesIO(data)) == iscc_core.gen_data_code(io.BytesIO(data))["iscc"]


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=3000), st.integers(1, 40))
def test_chunks_of_any_bytes_are_the_reference_ones(data: bytes, times: int) -> None:
    import iscc_core

    wanted = iscc_core.DataHasherV0(data * times)
    wanted._finalize()
    assert chunk_features(io.BytesIO(data * times)) == wanted.chunk_features


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("fpcalc") is None, reason="fpcalc is not installed")
@pytest.mark.parametrize("seed", range(3))
def test_fpcalc_says_the_same(tmp_path: Path, seed: int) -> None:
    path = tone(tmp_path / "sound.m4a", seconds=30, seed=seed, bit_rate=96_000)
    done = subprocess.run(
        ["fpcalc", "-raw", "-json", "-signed", "-length", "0", str(path)], capture_output=True, check=False, timeout=60
    )
    wanted = json.loads(done.stdout)["fingerprint"]
    found = decode.sound(path).chroma
    assert abs(len(found) - len(wanted)) <= 1
    different = sum(((a ^ b) & 0xFFFFFFFF).bit_count() for a, b in zip(found, wanted, strict=False))
    assert different <= len(wanted) * 32 * 0.005  # another resampler's rounding
    assert iscc.audio_code(found) == iscc.audio_code(wanted)


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize("size", [(320, 240), (334, 258), (640, 352)])
def test_ffmpegs_signature_filter_says_the_same(tmp_path: Path, size: tuple[int, int]) -> None:
    path = film(tmp_path / "film.mp4", size=size, seed=size[0])
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), *SIGN.split()],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=120,
    )
    if b"No such filter" in done.stderr:
        pytest.skip("this ffmpeg was built without the signature filter")
    text = (tmp_path / "out.xml").read_text(encoding="ascii")
    wanted = [
        tuple(int(value) for value in one.split())
        for one in re.findall(r"<FrameSignature>(.*?)</FrameSignature>", text, re.DOTALL)
    ]
    assert decode.pictures(path).signatures == wanted != []
