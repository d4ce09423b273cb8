"""Bad files through the whole deposit: what is no work is refused in words with nothing kept; what is only damaged or
unusual is taken as it is, with its doubts."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.copyright.demo import samples
from apps.copyright.model import WorkForm
from apps.copyright.service import CopyrightService
from baas.errors import UserError
from tests.apps.copyright.test_media import REFUSED_AT_ONCE, hostile, png_bomb, unusual

FORM = WorkForm(title="坏文件", authors=({"name": "样例甲"},))


def pdf(*objects: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of these objects, numbered from 1, with a proper table."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def stream(body: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(body), entries) + body + b"\nendstream"


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PLAIN = pdf(
    CATALOG, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
)


def hostile_pdf(name: str) -> bytes:
    bomb = zlib.compress(bytes(200 << 20), 9)
    return {
        "pages in a circle": pdf(CATALOG, b"<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>"),
        "a reference to itself": pdf(b"1 0 R"),
        "a stream that unpacks to 200 MB": pdf(
            CATALOG, b"<< /Type /Pages /Kids [] /Count 0 >>", stream(bomb, b"/Filter /FlateDecode")
        ),
        "filters upon filters": pdf(CATALOG, stream(bomb, b"/Filter [" + b"/FlateDecode " * 200 + b"]")),
        "brackets without end": pdf(CATALOG, b"[" * 200_000),
        "a length that lies": pdf(CATALOG, b"<< /Length 99999999999 >>\nstream\nx\nendstream"),
        "a table that points behind the end": PLAIN.replace(b"startxref\n", b"startxref\n9"),
        "an associated file that is no manifest": pdf(
            b"<< /Type /Catalog /Pages 2 0 R /AF [3 0 R] >>",
            b"<< /Type /Pages /Kids [] /Count 0 >>",
            b"<< /AFRelationship /C2PA_Manifest /EF << /F 4 0 R >> >>",
            stream(b"\x00\x00\x10\x00jumb" + bytes(4000)),
        ),
        "script and launch": pdf(
            b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Launch /F (/bin/sh) >> /AA << /O 3 0 R >> >>",
            b"<< /Type /Pages /Kids [] /Count 0 >>",
            b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
        ),
    }[name]


CUT = {
    "cut.pdf": PLAIN[: len(PLAIN) // 2],
    "header.pdf": b"%PDF-1.7\n",
    "zeros.pdf": b"%PDF-1.7\n" + bytes(5000),
}
REFUSED = {name: body for name, (body, _) in REFUSED_AT_ONCE.items()}
DOUBTED = {
    **CUT,
    **{
        name: hostile(name)
        for name in ("cut.png", "cut.jpg", "header-only.jpg", "cut.wav", "cut.mp4", "noise.mp4", "noise.webp")
    },
    "bomb.png": png_bomb(60_000),
}
"""Nobody but their owner knows whether these are as they should be: deposited, with words about it."""


def kept(service: CopyrightService) -> tuple[int, int]:
    """How many works the ledger and how many roots the store have."""
    return sum(1 for _ in service.works(limit=100_000)), len(service.content.pins())


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_words_and_nothing_is_kept(service: CopyrightService, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    body = REFUSED[name]
    path.write_bytes(body() if callable(body) else body)
    before = kept(service)
    with pytest.raises(UserError) as caught:
        service.deposit(path, FORM)
    assert kept(service) == before
    message = caught.value.message
    assert name in message.zh  # type: ignore[union-attr]
    assert message.zh != message.en  # type: ignore[union-attr]
    assert str(tmp_path) not in str(vars(caught.value))


@pytest.mark.parametrize("name", DOUBTED)
def test_a_damaged_file_is_deposited_byte_for_byte_with_a_doubt(
    service: CopyrightService, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(DOUBTED[name])
    done = service.deposit(path, FORM)
    assert b"".join(service.read_content(done.work)) == DOUBTED[name]
    assert done.doubts and all(str(tmp_path) not in doubt.render("en") for doubt in done.doubts)
    assert all(doubt.render("zh") != doubt.render("en") for doubt in done.doubts)


@pytest.mark.parametrize(
    "name",
    [
        "pages in a circle",
        "a reference to itself",
        "a stream that unpacks to 200 MB",
        "filters upon filters",
        "brackets without end",
        "a length that lies",
        "a table that points behind the end",
        "an associated file that is no manifest",
        "script and launch",
    ],
)
def test_a_hostile_pdf_is_kept_unopened_or_refused_in_words(
    service: CopyrightService, tmp_path: Path, name: str
) -> None:
    """Nothing of a PDF is run or laid out; its bytes are what is deposited. The worker bounds time and memory."""
    path = tmp_path / "hostile.pdf"
    path.write_bytes(hostile_pdf(name))
    before = kept(service)
    try:
        done = service.deposit(path, FORM)
    except UserError as error:
        assert error.code.startswith(("media_", "document_"))
        assert kept(service) == before
    else:
        assert b"".join(service.read_content(done.work)) == path.read_bytes()
    assert service.fingerprints(samples() / "猫.jpg").pdq  # the next file is looked at as ever


@pytest.mark.parametrize("name", ["cmyk.jpg", "sixteen.png", "palette.gif", "clear.png", "turned.jpg"])
def test_unusual_images_are_taken(service: CopyrightService, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(unusual(name) + tmp_path.name.encode())  # bytes of its own
    work = service.deposit(path, FORM).work
    assert work.record["fingerprints"]["pdq"]
    assert work.media_type == {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif"}[path.suffix[1:]]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        pytest.param("one enormous line.txt", "一行写到底" * 6_000_000, marks=pytest.mark.slow),
        ("only blanks.txt", " \n" * 500_000),
        ("one letter.txt", "字"),
        ("marks upon marks.txt", "e" + "\u0301" * 2_000_000),
    ],
)
def test_texts_of_any_size_are_bounded(service: CopyrightService, tmp_path: Path, name: str, body: str) -> None:
    path = tmp_path / name
    path.write_text(body + f"\n{tmp_path.name}", encoding="utf-8")
    work = service.deposit(path, FORM).work
    assert work.size == path.stat().st_size


def test_an_archive_with_a_path_outside_is_not_unpacked(
    service: CopyrightService, tmp_path: Path, fresh_file: Callable[[], Path]
) -> None:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.write(fresh_file(), "work.txt")
        archive.writestr("../escaped.txt", "outside")
    path = tmp_path / "inner" / "works.zip"
    path.parent.mkdir()
    path.write_bytes(out.getvalue())
    with pytest.raises(UserError, match="leads outside"):
        service.deposit(path, FORM)
    assert not (tmp_path / "escaped.txt").exists()
