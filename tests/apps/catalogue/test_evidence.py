"""A stranger checks an assessment with the file that travels inside, and every lie about it is found."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.catalogue import measuring
from apps.catalogue.editions import canonical
from apps.catalogue.evidence.check import FORMAT, check_package
from apps.catalogue.evidence.package import write_package
from apps.catalogue.grading import graded
from apps.catalogue.kinds import Assessment
from baas.errors import UserError
from fabric_sdk.proof.canonical_zip import CanonicalZip
from fabric_sdk.proof.cards import Card
from network.processes import NO_WINDOW
from tests.apps.catalogue.conftest import World

pytestmark = pytest.mark.xdist_group("catalogue")
Parts = dict[str, bytes]


@pytest.fixture(scope="module")
def card(world: World) -> Card:
    return world.platform.cards.make("city")


@pytest.fixture(scope="module")
def package(world: World, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    service = world.service()
    made = measuring.assess(service, "CS-02")
    assert made.record is not None
    target = tmp_path_factory.mktemp("evidence") / "package.zip"
    written = measuring.package(service, made.record["id"], target)
    assert not written.missing and len(written.spoke) == 4
    return target.read_bytes()


def repacked(package: bytes, change: Callable[[Parts], object]) -> bytes:
    """The package with parts changed and a manifest that fits them, as a forger would make it."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts.pop("manifest.json"))
    parts.pop("manifest.sha256")
    change(parts)
    out = io.BytesIO()
    writer = CanonicalZip(out)
    manifest["files"] = {name: writer.add(name, (parts[name],)) for name in sorted(parts)}
    assert manifest["format"] == FORMAT
    raw = json.dumps(manifest).encode()
    writer.add("manifest.json", (raw,))
    writer.add("manifest.sha256", (hashlib.sha256(raw).hexdigest().encode(),))
    writer.finish()
    return out.getvalue()


def bad(package: bytes, card: Card | None = None) -> str:
    found = check_package(io.BytesIO(package), card)
    assert found.verdict == "invalid" and found.first_bad is not None
    return found.first_bad.code


def test_the_file_inside_checks_it_without_the_product(package: bytes, card: Card, tmp_path: Path) -> None:
    """In an empty folder, with nothing of ours on its path."""
    (tmp_path / "p.zip").write_bytes(package)
    (tmp_path / "card.json").write_text(json.dumps(card.to_dict()), "utf-8")
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
    words = [sys.executable, "-I", "verify.py", "p.zip", "--lang", "en"]
    done = subprocess.run(
        [*words, "--card", "card.json"], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8",
        creationflags=NO_WINDOW, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No organisation alone can have a transaction accepted" in done.stdout
    alone = subprocess.run(words, cwd=tmp_path, capture_output=True, creationflags=NO_WINDOW, check=False)
    assert alone.returncode == 5, "without a card it is consistent at most"


def test_a_better_report_is_not_the_ledgers(package: bytes, card: Card) -> None:
    def better(parts: Parts) -> None:
        report = json.loads(parts["report.json"])
        report["results"][-1]["result"] = "met"
        clauses = [one for part in report["standard"]["parts"] for one in part["clauses"]]
        report["score"], report["grade"] = graded(clauses, {one["clause"]: one["result"] for one in report["results"]})
        parts["report.json"] = canonical(report)

    assert bad(repacked(package, better), card) == "report-other"


def test_another_pdf_and_another_package_are_found(package: bytes, card: Card) -> None:
    assert (
        bad(repacked(package, lambda parts: parts.update({"report.pdf": parts["report.pdf"] + b"\n"}))) == "paper-other"
    )
    assert bad(repacked(package, lambda parts: parts.pop("report.pdf"))) == "part-missing"
    assert bad(repacked(package, lambda parts: parts.update({"chain/blocks/other.pb": b""}))) == "part-unnamed"
    other = card._replace(genesis="ab" * 32)
    assert bad(package, other) == "card-other"
    assert bad(package[:-400] + bytes([package[-400] ^ 1]) + package[-399:]) in ("container-damaged", "part-changed")


def test_without_peers_of_office_and_witness_it_is_less(package: bytes, card: Card) -> None:
    def silent(parts: Parts) -> None:
        for name in [one for one in parts if one.startswith("attestations/")]:
            del parts[name]

    assert check_package(io.BytesIO(repacked(package, silent)), card).verdict == "consistent"
    office = repacked(package, lambda parts: parts.pop("attestations/DataBureauMSP.pb"))
    found = check_package(io.BytesIO(office), card)
    assert found.verdict == "agrees" and not found.complete


def recorded(world: World, target: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Put a report on the ledger by hand, changed, and write its package."""
    service = world.service()
    measuring.publish_shipped(service)
    standard = measuring.chosen(service, "CS-02")
    report = measuring.measure(service.platform, "city", standard["text"])
    change(report)
    data, paper = canonical(report), b"%PDF-1.4"
    given = {
        "results": [{"clause": one["clause"], "result": one["result"]} for one in report["results"]],
        "height": report["height"],
        "report": hashlib.sha256(data).hexdigest(),
        "paper": hashlib.sha256(paper).hexdigest(),
    }
    record = service.do(Assessment.record, given, on=standard["id"]).value
    write_package(service, record["id"], {"report.json": data, "report.pdf": paper}, target)


def test_a_report_that_cannot_be_shown_or_looked_ahead_is_refused(world: World, tmp_path: Path) -> None:
    """Recorded by hand: without what was measured, and of a height that the ledger had not reached."""
    changes: dict[str, Callable[[dict[str, Any]], object]] = {
        "report_shape": lambda report: report["results"][0].pop("measured"),
        "report_height": lambda report: report.update(height=10**11),
    }
    for code, change in changes.items():
        with pytest.raises(UserError) as caught:
            recorded(world, tmp_path / "p.zip", change)
        assert caught.value.code == code and not (tmp_path / "p.zip").exists()


def test_whose_word_a_report_is_stands_beside_what_was_compared(package: bytes, card: Card) -> None:
    found = check_package(io.BytesIO(package), card)
    assert found.verdict == "agrees" and any(one.code == "assessor-word" for one in found.findings)
    written = repacked(package, lambda parts: parts.update({"README.txt": b"grade A"}))
    unread = {one.part for one in check_package(io.BytesIO(written), card).findings if one.code == "aid-unread"}
    assert unread == {"README.txt", "verify.py"}
    claims = repacked(package, lambda parts: parts.update({"disclosures.json": b"[]"}))
    assert bad(claims, card) == "part-unnamed"
