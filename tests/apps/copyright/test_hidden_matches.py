"""Ways to hide from the office what a work was copied from: among decoys of one's own, and under another hash."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.copyright.examination import MOST_FOUND, foremost
from apps.copyright.likeness import public_prints
from apps.copyright.model import Similar, Work, WorkForm
from apps.copyright.sealing import SealingStream, commitment, new_key
from apps.copyright.service import CopyrightService
from baas.content.store import Chunking
from tests.apps.copyright.test_service import applied

Acting = Callable[[str, str], Any]
LI, THIEF = "PublicMSP/li", "PublicMSP/thief"
FORM = WorkForm(title="测试作品", authors=({"name": "样例甲"},), completed={"date": "2026-01-01"})


def raw(cid: str, sha256: str, size: int, **changes: Any) -> dict[str, Any]:
    """A deposit as a program of one's own sends it."""
    form = {
        "title": "我的",
        "category": "art",
        "authors": [{"name": "样例乙"}],
        "completed": {"date": "2026-01-01"},
        "content": {"cid": cid, "sha256": sha256, "size": size, "media_type": "application/octet-stream"},
    }
    return form | changes


def examined(service: CopyrightService, case_id: str) -> dict[str, Any]:
    """The office's comparison of a case."""
    for step in ("verify", "accept", "examine"):
        service.review(case_id, step)
    found: dict[str, Any] = service.examination.compare(case_id).value.record["comparison"]
    return found


def test_decoys_of_ones_own_push_nothing_out(service: CopyrightService, acting: Acting, tmp_path: Path) -> None:
    from PIL import Image

    # Drawn by chance: the samples' photographs are other people's already where other tests used this city.
    path = tmp_path / "own.jpg"
    grains = Image.frombytes("RGB", (24, 16), os.urandom(24 * 16 * 3))
    image = grains.resize((600, 400), Image.Resampling.BICUBIC)
    image.save(path, "JPEG", quality=90)
    copy = tmp_path / "copy.jpg"
    image.crop((16, 16, image.width - 16, image.height - 16)).save(copy, "JPEG", quality=60)
    with acting(LI, "creator") as author:
        victim = author.deposit(path, FORM).work
    with acting(THIEF, "creator") as thief:
        prints = thief.fingerprints(copy)
        cid = str(thief.content.add(io.BytesIO(copy.read_bytes())))
        hashes = [hashlib.sha256(f"decoy {number}".encode()) for number in range(30)]
        decoys = []
        for one in hashes:
            decoy = str(thief.content.add(io.BytesIO(one.digest())))
            decoys.append(raw(decoy, hashlib.sha256(one.digest()).hexdigest(), 32, prints=public_prints(prints)))
        thief.ledger.submit("creator", "DepositMany", decoys)
        sha256 = hashlib.sha256(copy.read_bytes()).hexdigest()
        taken = thief.ledger.submit("creator", "Deposit", raw(cid, sha256, copy.stat().st_size)).value
        case = applied(thief, taken["id"]).id
    compared = examined(service, case)
    assert compared["basis"] == "content"
    assert victim.id in [one["work_id"] for one in compared["found"] if not one["own"]]


def similar(number: int, party: str, score: float, created: str) -> Similar:
    return Similar(f"CZ{number}", "", "image", score, "", "", party, created, (party,), "ACTIVE")


def test_of_each_depositor_the_best_and_the_oldest_stay_and_what_is_left_out_is_told(service: CopyrightService) -> None:
    work = next(iter(service.works()), None) or service.deposit(Path(__file__), FORM).work
    work = Work.of(work.record | {"created": "2026-05-01T00:00:00Z"})
    old, new = "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"
    victim = similar(1, "M/victim", 0.7, old)
    decoys = [similar(number, "M/helper", 0.99, new) for number in range(100, 400)]
    found, whole = foremost(work, [*decoys, victim])
    assert ([one.work_id for one in found], whole) == (["CZ1", "CZ100"], True)
    # Whoever has many names makes later works only: they do not push out what was there before.
    many = [similar(number, f"M/{number}", 0.99, new) for number in range(100, 400)]
    found, whole = foremost(work, [*many, victim])
    assert (found[0], len(found), whole) == (victim, MOST_FOUND, True)
    earlier = [similar(number, f"M/{number}", 0.99, old) for number in range(100, 400)]
    assert foremost(work, [*earlier, victim])[1] is False


@pytest.mark.parametrize("sealed", [False, True])
def test_the_same_bytes_under_another_hash_are_found_and_pass_nothing(
    service: CopyrightService,
    acting: Acting,
    fresh_file: Callable[..., Path],
    sealed: bool,
) -> None:
    path = fresh_file()
    body, lie = path.read_bytes(), hashlib.sha256(b"a lie").hexdigest()
    with acting(LI, "creator") as author:
        victim = author.deposit(path, FORM).work
    with acting(THIEF, "creator") as thief:
        if sealed:
            key = new_key()
            stream: Any = SealingStream(io.BytesIO(body), key)
            cid = thief.content.add(stream, chunking=Chunking(256))
            thief.files.had(cid)
            thief.access.prepare(cid, key)
            said = {"encrypted": True, "commitment": commitment(key, hashlib.sha256(body).digest())}
            content = {"cid": cid, "size": len(body), "media_type": "application/octet-stream"} | said
            form = raw("", "", 0, content=content)
        else:
            cid = thief.content.add(io.BytesIO(body), chunking=Chunking(256))
            form = raw(str(cid), lie, len(body))
        assert cid != victim.cid
        taken = thief.ledger.submit("creator", "Deposit", form).value
        case = applied(thief, taken["id"]).id
    compared = examined(service, case)
    assert compared["basis"] == ("content" if sealed else "differs")
    entry = next(one for one in compared["found"] if one["work_id"] == victim.id)
    assert (entry["method"], entry["score"], entry["own"]) == ("exact", 100, False)
