"""Content Credentials (C2PA): read when a file is deposited, kept with the record, written into copies on request."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.copyright import credentials, media
from apps.copyright.demo import samples
from apps.copyright.fingerprints.pool import FingerprintPool
from apps.copyright.fingerprints.provenance import summary
from apps.copyright.model import WorkForm
from apps.copyright.service import CopyrightService
from baas.errors import UserError
from tests.apps.copyright.recoding import film, tone

FORM = WorkForm(title="带凭证的作品", authors=({"name": "样例甲"},))
Photograph = Callable[..., Path]


@pytest.fixture
def signed(service: CopyrightService, photograph: Photograph, tmp_path: Path) -> Path:
    """A photograph with Content Credentials of the office's."""
    path = photograph("宇航员.jpg")
    work = service.deposit(path, FORM).work
    target = tmp_path / "signed.jpg"
    credentials.embed(service, work, path, target)
    return target


def test_a_deposit_records_what_the_file_carries(service: CopyrightService, signed: Path) -> None:
    work = service.deposit(signed, FORM).work
    kept = service.work(work.id).record["credentials"]
    store = credentials.read(signed)
    assert store is not None
    assert kept == summary(store)
    assert kept["state"] in ("Valid", "Trusted")
    assert kept["manifest"] == store["active_manifest"]
    assert kept["generator"] == "CityChain"
    assert kept["signer"]


def test_a_sealed_work_tells_nothing_of_them(service: CopyrightService, signed: Path) -> None:
    record = service.deposit(signed, FORM, encrypt=True).work.record
    assert "credentials" not in record
    assert record["fingerprints"] == {}


def test_a_file_without_any_has_no_such_entry(service: CopyrightService, photograph: Photograph) -> None:
    assert "credentials" not in service.deposit(photograph("猫.jpg"), FORM).work.record


def test_a_changed_picture_has_invalid_credentials_and_is_deposited_all_the_same(
    service: CopyrightService, signed: Path, tmp_path: Path
) -> None:
    body = bytearray(signed.read_bytes())
    for place in range(len(body) - 2000, len(body) - 1900):
        body[place] ^= 0x55  # in the middle of the picture's data
    changed = tmp_path / "changed.jpg"
    changed.write_bytes(body)
    try:
        work = service.deposit(changed, FORM).work
    except UserError as error:
        assert error.code == "media_undecodable"
        pytest.skip("these bytes made the picture undecodable")
    assert work.record["credentials"]["state"] == "Invalid"


def test_credentials_that_cannot_be_read_are_said_to_be_so(pool: FingerprintPool, signed: Path, tmp_path: Path) -> None:
    body = signed.read_bytes()
    place = body.index(b"jumb") + 40
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(body[:place] + b"\xff" * 60 + body[place + 60 :])
    found = pool.extract(broken, media.inspect(broken))
    assert found.credentials["state"] in ("Unreadable", "Invalid")
    assert found.pdq


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "wav", "mp3", "mp4"])
def test_a_copy_names_the_registration_in_every_format(
    service: CopyrightService, photograph: Photograph, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"work.{kind}"
    if kind == "mp4":
        film(path, size=(64, 64), seed=id(tmp_path) % 9999, seconds=2)
    elif kind in ("wav", "mp3"):
        tone(path, seconds=4, seed=id(tmp_path) % 9999)
    else:
        from PIL import Image

        Image.open(photograph("火箭发射.jpg")).crop((0, 0, 301 + id(tmp_path) % 200, 300)).save(path)
    work = service.deposit(path, FORM).work
    target = tmp_path / f"copy.{kind}"
    credentials.embed(service, work, path, target)
    store = credentials.read(target)
    assert store is not None
    active = store["manifests"][store["active_manifest"]]
    (told,) = [one["data"] for one in active["assertions"] if one["label"] == credentials.LABEL]
    assert (told["work"], told["cid"], told["sha256"]) == (work.id, work.cid, work.sha256)
    assert active["ingredients"], "the original is the parent"
    assert store["validation_state"] in ("Valid", "Trusted"), json.dumps(store.get("validation_results"))[:2000]


def test_another_file_a_target_that_exists_and_texts_are_refused(
    service: CopyrightService, photograph: Photograph, tmp_path: Path, fresh_file: Callable[[], Path]
) -> None:
    path, text = photograph("猫.jpg"), fresh_file()
    work = service.deposit(path, FORM).work
    target = tmp_path / "there.jpg"
    target.write_bytes(b"mine")
    for source, to, words in (
        (path, target, "exists"),
        (photograph("宇航员.jpg"), tmp_path / "a.jpg", "not the file"),
    ):
        with pytest.raises(UserError, match=words):
            credentials.embed(service, work, source, to)
    written = service.deposit(text, FORM).work
    with pytest.raises(UserError, match="Content Credentials"):
        credentials.embed(service, written, text, tmp_path / "copy.txt")
    assert target.read_bytes() == b"mine"
    assert sorted(one.name for one in tmp_path.iterdir() if one.suffix == ".part") == []


@pytest.mark.parametrize("name", ["猫.jpg", "晨曲.wav", "四时.mp4", "可园春晓.txt"])
def test_samples_carry_none(name: str) -> None:
    assert credentials.read(samples() / name) is None


def test_the_summary_takes_any_store() -> None:
    stores: list[dict[str, Any]] = [
        {},
        {"active_manifest": "a"},
        {"active_manifest": "a", "manifests": {"a": {"title": "x\n\x00" * 300, "claim_generator_info": []}}},
    ]
    for store in stores:
        assert all(value.isprintable() and len(value) <= 200 for value in summary(store).values())
