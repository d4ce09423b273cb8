"""Bad files: refused in words, in bounded time and memory, with nothing kept."""

from __future__ import annotations

import io
import struct
import wave
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.copyright import media
from apps.copyright.demo import samples
from apps.copyright.fingerprints import image as images
from apps.copyright.fingerprints.pool import FingerprintPool
from baas.errors import UserError

SAMPLE = samples()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(side: int) -> bytes:
    """A PNG that says it is `side` pixels wide and high, and packs zeros very small."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def zip_with(name: str, body: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return out.getvalue()


REFUSED_AT_ONCE = {
    "empty.txt": (b"", "file_empty"),
    "up.zip": (zip_with("../../etc/passwd"), "archive_traversal"),
    "absolute.zip": (zip_with("/etc/passwd"), "archive_traversal"),
    "drive.zip": (zip_with("C:/windows/x"), "archive_traversal"),
    "backslash.zip": (zip_with("..\\..\\x"), "archive_traversal"),
    "bomb.zip": (
        lambda: zip_with("zeros", bytes(300 << 20)),
        "archive_bomb",
    ),  # when it is used: a second
    "cut.zip": (zip_with("x", b"y" * 5000)[:-10], "archive_damaged"),
}


@pytest.mark.parametrize("name", REFUSED_AT_ONCE)
def test_refused_at_once(tmp_path: Path, name: str) -> None:
    body, code = REFUSED_AT_ONCE[name]
    path = tmp_path / name
    path.write_bytes(body() if callable(body) else body)
    with pytest.raises(UserError) as caught:
        media.inspect(path)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "body", "media_type"),
    [
        ("picture.jpg", b"%PDF-1.7\n%%EOF startxref", "application/pdf"),
        ("song.mp3", b"\x89PNG\r\n\x1a\n" + b"x" * 50, "image/png"),
        ("notes.txt", b"MZ\x90\x00" + b"\x00" * 100, "application/x-msdownload"),
        ("paper.pdf", b"plain words", "text/plain"),
        ("cut.pdf", b"%PDF-1.7\n" + b"x" * 9000, "application/pdf"),
    ],
)
def test_a_doubt_is_a_note_not_a_refusal(tmp_path: Path, name: str, body: bytes, media_type: str) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    found = media.inspect(path)
    assert found.media_type == media_type and len(found.doubts) == 1
    assert found.doubts[0].render("zh") != found.doubts[0].render("en")


def _ftyp(brand: bytes, *compatible: bytes) -> bytes:
    body = brand + b"\0\0\0\0" + b"".join(compatible)
    return struct.pack(">I", len(body) + 8) + b"ftyp" + body + bytes(64)


def _office(start: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{start}document.xml", "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "media_type"),
    [
        ("phone.HIF", _ftyp(b"heix", b"mif1", b"heic"), "image/heic"),
        ("phone.heic", _ftyp(b"mif1", b"heic"), "image/heif"),
        ("camera.avif", _ftyp(b"avis", b"avif"), "image/avif"),
        ("phone.heif", _ftyp(b"abcd", b"heic"), "image/heic"),
        ("memo.m4a", _ftyp(b"mp42", b"isom"), "video/mp4"),
        ("old.mov", b"\0\0\0\x08wide\0\0\x10\0mdat" + bytes(64), "video/quicktime"),
        ("low.mp3", b"\xff\xe3\x18\xc4" + bytes(400), "audio/mpeg"),
        ("padded.mp3", bytes(300) + b"\xff\xfb\x90\x64" + bytes(400), "audio/mpeg"),
        ("bom.pdf", b"\xef\xbb\xbf\r\n%PDF-1.4\nstartxref\n1\n%%EOF\n" + b"x" * 30_000, "application/pdf"),
        ("film.webm", b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + bytes(64), "video/webm"),
        ("letter.docx", _office("word/"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("sums.xlsx", _office("xl/"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("BM.txt", "BM是一个缩写，指的是商业模式。".encode(), "text/plain"),
        ("MZ.txt", b"MZ are two letters with which this text begins.", "text/plain"),
        ("ID3.txt", b"ID3 is a decision tree algorithm.", "text/plain"),
        ("Ogg.txt", b"OggS is how a page begins.", "text/plain"),
        ("latin.txt", "Le déjeuner près de la forêt était très gai.".encode("latin-1"), "text/plain; charset=cp1252"),
        ("big5.txt", ("舊城門外有一株老槐，夏夜裡鄰居們都搬了竹椅。" * 3).encode("big5"), "text/plain; charset=big5"),
        ("sjis.txt", ("これは作品の登録についての文章です。" * 3).encode("shift_jis"), "text/plain; charset=shift_jis"),
        ("de.txt", ("Ärger über die Straße, schöne Grüße. " * 20).encode("latin-1"), "text/plain; charset=cp1252"),
        ("es.txt", ("El niño comió una piña en la montaña. " * 20).encode("latin-1"), "text/plain; charset=cp1252"),
        ("koi8.txt", ("Это книга о городе и его людях. " * 3).encode("koi8_r"), "text/plain; charset=koi8_r"),
        ("euckr.txt", ("바닷가 마을의 작은 책방에서. " * 3).encode("euc_kr"), "text/plain; charset=euc_kr"),
        ("utf16.txt", ("没有标记的文字，也是文字。" * 3).encode("utf-16-le"), "text/plain; charset=utf-16-le"),
    ],
)
def test_genuine_files_are_what_they_are_without_a_doubt(
    tmp_path: Path, name: str, body: bytes, media_type: str
) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    found = media.inspect(path)
    assert (found.media_type, found.doubts) == (media_type, ())


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-16-be", "big5", "utf-8-sig"])
def test_a_text_matches_its_twin_in_another_encoding(pool: FingerprintPool, tmp_path: Path, encoding: str) -> None:
    words = "舊城門外有一株老槐，夏夜裡鄰居們都搬了竹椅來納涼。母親說書，我聽著聽著便睡去了。" * 4
    prints = []
    for name, how in (("one.txt", "utf-8"), ("other.txt", encoding)):
        (tmp_path / name).write_bytes(words.encode(how))
        prints.append(pool.extract(tmp_path / name, media.inspect(tmp_path / name)))
    assert prints[0].minhash.tolist() == prints[1].minhash.tolist() != []


def test_folders_and_absent_files(tmp_path: Path) -> None:
    for path, code in ((tmp_path, "not_a_file"), (tmp_path / "none.txt", "file_missing")):
        with pytest.raises(UserError) as caught:
            media.inspect(path)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "kind", "media_type"),
    [
        ("猫.jpg", "image", "image/jpeg"),
        ("可园春晓.txt", "text", "text/plain"),
        ("晨曲.wav", "audio", "audio/wav"),
        ("四时.mp4", "video", "video/mp4"),
    ],
)
def test_samples_are_what_they_are(name: str, kind: str, media_type: str) -> None:
    found = media.inspect(SAMPLE / name)
    assert (found.kind, found.media_type) == (kind, media_type)


@settings(max_examples=200)
@given(st.binary(max_size=300), st.booleans())
def test_sniffing_takes_any_bytes(head: bytes, whole: bool) -> None:
    assert "/" in media.sniff(head, whole=whole)[0]


def hostile(name: str) -> bytes:
    jpeg, wav = (SAMPLE / "猫.jpg").read_bytes(), (SAMPLE / "晨曲.wav").read_bytes()
    video = (SAMPLE / "四时.mp4").read_bytes()
    return {
        "bomb.png": png_bomb(60_000),
        "cut.png": png_bomb(500)[:600],
        "cut.jpg": jpeg[: len(jpeg) // 2],
        "header-only.jpg": jpeg[:30],
        "cut.wav": wav[:20],
        "cut.mp4": video[:2000],
        "noise.mp4": video[:40] + bytes(range(256)) * 40,
        "noise.gif": b"GIF89a" + bytes(range(256)) * 4,
        "noise.webp": b"RIFF\xff\xff\xff\x7fWEBPVP8 " + bytes(500),
        "noise.tiff": b"II*\x00\x08\x00\x00\x00\xff\xff" + bytes(range(256)) * 8,
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "bomb.png",
        "cut.png",
        "cut.jpg",
        "header-only.jpg",
        "cut.wav",
        "cut.mp4",
        "noise.mp4",
        "noise.gif",
        "noise.webp",
        "noise.tiff",
    ],
)
def test_hostile_media_are_refused_in_words(pool: FingerprintPool, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(hostile(name))
    with pytest.raises(UserError) as caught:
        pool.extract(path, media.inspect(path))
    assert caught.value.code.startswith("media_")
    assert str(tmp_path) not in str(caught.value.details)
    # and the worker goes on with the next file
    assert pool.extract(SAMPLE / "猫.jpg", media.inspect(SAMPLE / "猫.jpg")).pdq


def unusual(name: str) -> bytes:
    from PIL import Image

    photograph = Image.open(SAMPLE / "猫.jpg").convert("RGB")
    out = io.BytesIO()
    if name == "cmyk.jpg":
        photograph.convert("CMYK").save(out, "JPEG")
    elif name == "sixteen.png":
        photograph.convert("L").convert("I").point(lambda value: value * 257).convert("I;16").save(out, "PNG")
    elif name == "palette.gif":
        frames = [photograph.convert("P"), photograph.rotate(90).convert("P")]
        frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    elif name == "clear.png":
        photograph.putalpha(200)
        photograph.save(out, "PNG")
    elif name == "turned.jpg":
        exif = Image.Exif()
        exif[0x0112] = 6  # the camera was held upright: shown turned by 90°
        photograph.rotate(90, expand=True).save(out, "JPEG", exif=exif, quality=92)
    return out.getvalue()


@pytest.mark.parametrize("name", ["cmyk.jpg", "sixteen.png", "palette.gif", "clear.png", "turned.jpg"])
def test_unusual_images_are_read_as_they_are_shown(pool: FingerprintPool, tmp_path: Path, name: str) -> None:
    import numpy as np

    path = tmp_path / name
    path.write_bytes(unusual(name))
    plain = pool.extract(SAMPLE / "猫.jpg", media.inspect(SAMPLE / "猫.jpg"))
    found = pool.extract(path, media.inspect(path))
    distance = int(np.bitwise_count(plain.image_index[0] ^ found.image_index[0]).sum())
    assert distance <= 20, distance


def test_encodings_agree(pool: FingerprintPool, tmp_path: Path) -> None:
    text = (SAMPLE / "可园春晓.txt").read_text(encoding="utf-8")
    prints = []
    for name, encoding in (("a.txt", "utf-8"), ("b.txt", "utf-8-sig"), ("c.txt", "gb18030"), ("d.txt", "utf-16")):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        prints.append(pool.extract(path, media.inspect(path)).minhash.tolist())
    assert prints[0] == prints[1] == prints[2] == prints[3]


@pytest.mark.slow
def test_an_enormous_text_is_bounded(pool: FingerprintPool, tmp_path: Path) -> None:
    text = (SAMPLE / "可园春晓.txt").read_text(encoding="utf-8")
    big = tmp_path / "big.txt"
    big.write_text(text * 4_000, encoding="utf-8")
    assert len(pool.extract(big, media.inspect(big)).minhash)  # the pool ends what takes longer than a minute


def test_too_long_means_stopped_and_the_next_file_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.copyright.fingerprints.pool.SECONDS_A_GIGABYTE", 0)
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(bytes(48000 * 4 * 120))
    with FingerprintPool(seconds=60) as pool:
        pool.extract(SAMPLE / "猫.jpg", media.inspect(SAMPLE / "猫.jpg"))
        pool._seconds = 0.01
        with pytest.raises(UserError) as caught:
            pool.extract(path, media.inspect(path))
        assert caught.value.code == "media_timeout"
        pool._seconds = 60
        assert pool.extract(SAMPLE / "猫.jpg", media.inspect(SAMPLE / "猫.jpg")).pdq


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 30_000), st.integers(0, 255))
def test_a_damaged_photograph_is_an_image_or_an_error(place: int, value: int) -> None:
    body = bytearray((SAMPLE / "猫.jpg").read_bytes())
    body[place] = value
    try:
        found = images.hashes(images.load(bytes(body)))
    except images.UndecodableImage as error:
        assert str(error)
    else:
        assert found.index.shape == (len(images.INDEX_WINDOWS), 32)
