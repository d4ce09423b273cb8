"""Pictures of works: whoever may not have the file sees none of it, whatever lies in the workspace's store."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from apps.copyright.demo import samples
from apps.copyright.fingerprints.pool import FingerprintPool
from apps.copyright.model import Work, WorkForm
from apps.copyright.regions import WHOLE, region
from apps.copyright.service import CopyrightService
from apps.copyright.views import NOTHING, SMALL
from baas.errors import UserError

PHOTOGRAPHS = ("一杯咖啡.jpg", "宇航员.jpg", "火箭发射.jpg", "猫.jpg")


def deposit(service: CopyrightService, path: Path, *, encrypt: bool = False) -> Work:
    """Deposit a file; what looks like it is said to be made independently."""
    form = WorkForm(title=f"图 {uuid.uuid4().hex[:6]}", authors=({"name": "样例甲"},), completed={"date": "2026-01-01"})
    told: tuple[dict[str, str], ...] = ()
    while True:
        try:
            return service.deposit(path, WorkForm(**vars(form) | {"relations": told}), encrypt=encrypt).work
        except UserError as error:
            known = {one["work_id"] for one in told}
            met = [one["work_id"] for one in error.details["works"] if one["work_id"] not in known]
            if not met:
                raise
            told += tuple({"work_id": one, "relation": "independent", "words": "测试"} for one in met)


@pytest.fixture
def plasma(tmp_path: Path) -> Callable[..., Path]:
    """Makes a picture like no other here."""
    import numpy as np

    def make(kind: str = "JPEG") -> Path:
        coarse = np.random.default_rng(uuid.uuid4().int).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        path = tmp_path / f"{uuid.uuid4().hex}.{kind.lower()}"
        Image.fromarray(coarse).resize((900, 600), Image.Resampling.BICUBIC).save(path, kind)
        return path

    return make


def test_only_those_see_a_work_who_may_have_its_file(service: Any, acting: Any, plasma: Any) -> None:
    """All of them sit at this workspace, and its store holds the file; the contract decides."""
    tag = uuid.uuid4().hex[:6]
    with acting(f"PublicMSP/painter-{tag}", "creator") as painter:
        work = deposit(painter, plasma())
        assert Image.open(io.BytesIO(painter.views.small(work))).size[0] <= SMALL
    for label, role in (
        (f"PublicMSP/other-{tag}", "creator"),
        (f"PublicMSP/reader-{tag}", "licensee"),
        (f"CopyrightMSP/auditor-{tag}", "auditor"),
        (f"CopyrightMSP/registrar-{tag}", "registrar"),
    ):
        with acting(label, role) as theirs:
            assert theirs.files.here(work.cid), "the file is in the store that they share"
            assert theirs.views.small(work) == theirs.views.large(work) == b"", f"{role} sees another's work"
            assert theirs.views.stills(work) == NOTHING


def test_sealed_works_and_other_media_have_no_picture(service: Any, plasma: Any, fresh_file: Any) -> None:
    assert service.views.large(deposit(service, plasma(), encrypt=True)) == b""
    assert service.views.small(deposit(service, fresh_file())) == b""


def test_a_file_that_cannot_be_decoded_costs_one_try(service: Any, plasma: Any, monkeypatch: Any) -> None:
    path = plasma("PNG")
    path.write_bytes(path.read_bytes()[:9000])
    work = deposit(service, path)
    asked: list[object] = []
    made = FingerprintPool.view

    def view(self: FingerprintPool, *given: Any) -> Any:
        asked.append(given)
        return made(self, *given)

    monkeypatch.setattr(FingerprintPool, "view", view)
    assert service.views.small(work) == service.views.small(work) == b""
    assert len(asked) == 1


def test_what_was_made_is_kept_and_asked_for_again(city: Any, service: Any, plasma: Any, monkeypatch: Any) -> None:
    """A second look starts no decoder; a stranger gets nothing out of the folder either."""
    work = deposit(service, plasma())
    first = service.views.small(work)
    monkeypatch.setattr(FingerprintPool, "view", lambda *_: pytest.fail("decoded again"))
    with CopyrightService(city.platform, city.network) as later:
        assert first and later.views.small(work) == first
    with CopyrightService(city.platform, city.network) as stranger:
        monkeypatch.setattr(stranger.views, "_given", lambda *_: False)
        assert stranger.views.small(work) == b""


def test_a_film_shows_stills_and_a_sound_its_outline(pool: FingerprintPool) -> None:
    film = pool.view(samples() / "四时.mp4", "video", 200, 6)
    assert film["seconds"] == sorted(film["seconds"]) and 3 <= len(film["pictures"]) <= 6
    sound = pool.view(samples() / "晨曲.wav", "audio", 200)
    assert max(sound["peaks"]) == 255 and 8 < sound["duration"] < 11


def test_pictures_that_lie_about_their_size_are_refused(pool: FingerprintPool, tmp_path: Path) -> None:
    """A PNG of 40,000 × 40,000 pixels in some kilobytes."""
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    body = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
        + chunk(b"IEND", b"")
    )
    path = tmp_path / "bomb.png"
    path.write_bytes(body)
    with pytest.raises(UserError):
        pool.view(path, "image", SMALL)


def _bytes(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_part_in_common_is_found(name: str) -> None:
    image = Image.open(samples() / name).convert("RGB")
    wide, high = image.size
    part = image.crop((int(wide * 0.3), int(high * 0.2), int(wide * 0.9), int(high * 0.8)))
    found = region(_bytes(part), _bytes(image))
    assert found is not None and found.left == WHOLE
    assert all(abs(a - b) < 0.03 for a, b in zip(found.right, (0.3, 0.2, 0.9, 0.8), strict=True))
    half = image.crop((0, 0, int(wide * 0.6), high)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    found = region(_bytes(image), _bytes(half))
    assert found is not None and found.mirrored and abs(found.left[2] - 0.6) < 0.03
    screen = Image.new("RGB", (wide * 2, high * 2), (240, 240, 240))
    screen.paste(image, (wide // 3, high // 2))
    found = region(_bytes(screen), _bytes(image))
    assert found is not None and found.right == WHOLE and abs(found.left[0] - 1 / 6) < 0.04


def test_strangers_and_plain_pictures_have_nothing_in_common() -> None:
    images = [_bytes(Image.open(samples() / name)) for name in PHOTOGRAPHS]
    assert [region(one, other) for one, other in itertools.combinations(images, 2)] == [None] * 6
    plain = _bytes(Image.new("RGB", (400, 300), (90, 120, 200)))
    assert region(plain, images[0]) is region(plain, plain) is region(b"no picture", images[0]) is None


def test_decoding_threads_never_wait_for_the_interpreter() -> None:
    """One film of twenty hung until its time was over while the worker had set a level for PyAV's messages."""
    code = "from apps.copyright.fingerprints import worker; worker.main(); import av; print(av.logging.get_level())"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == ""  # the worker's own stream is closed to everything but answers
    assert done.stderr.split() == ["None"]
