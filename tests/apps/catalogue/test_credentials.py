"""A person's credential: a stranger verifies it offline, sees what is shown alone, and a revoked one fails."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from apps.catalogue import credentials
from apps.catalogue.evidence.check import check_package
from apps.catalogue.evidence.package import write_package
from apps.catalogue.talent import Credential
from baas.cli.root import run
from baas.errors import CityChainError, Conflict, UserError
from fabric_sdk import clock
from fabric_sdk.proof.cards import Card
from fabric_sdk.proof.report import Report
from network.processes import NO_WINDOW
from tests.apps.catalogue.conftest import World
from tests.apps.catalogue.test_evidence import bad, card, repacked

__all__ = ["card"]
pytestmark = pytest.mark.xdist_group("catalogue")
CLAIMS = {"name": "王小明", "skill": "区块链运维", "level": "三级"}
DAY_S = 86_400.0


@pytest.fixture(scope="module")
def until() -> str:
    return f"{clock.today().year + 3}-01-31"


@pytest.fixture(scope="module")
def held(world: World, until: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("held") / "credential.json"
    credentials.issue(world.service(), CLAIMS, until, target)
    return target


@pytest.fixture(scope="module")
def proof(world: World, held: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("proof") / "proof.zip"
    credentials.present(world.service(), held, ["skill", "level"], target)
    return target.read_bytes()


def checked(proof: bytes, card: Card, days: float = 0.0) -> Report:
    return check_package(io.BytesIO(proof), card, clock.seconds() + days * DAY_S)


def test_a_stranger_sees_what_is_shown_and_nothing_else(proof: bytes, card: Card, tmp_path: Path) -> None:
    """With the standard library and cryptography, in a folder of its own; no claim that was not shown is inside."""
    (tmp_path / "p.zip").write_bytes(proof)
    (tmp_path / "card.json").write_text(json.dumps(card.to_dict()), "utf-8")
    with zipfile.ZipFile(io.BytesIO(proof)) as archive:
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
        everything = b"".join(archive.read(name) for name in archive.namelist())
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", "p.zip", "--card", "card.json", "--lang", "zh"],
        cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", creationflags=NO_WINDOW, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skill: 区块链运维" in done.stdout and "level: 三级" in done.stdout and "凭证有效" in done.stdout
    assert "王小明" not in done.stdout and "王小明".encode() not in everything


def test_the_ledger_and_the_file_name_nobody_twice(world: World, held: Path) -> None:
    record, known = credentials.read_file(held)
    stored = json.dumps(world.service().read(record), ensure_ascii=False)
    assert set(known) == set(CLAIMS) and not any(one in stored for one in CLAIMS.values())
    assert held.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    again = {credentials.disclosure("name", "王小明") for _ in range(3)}
    assert len(again) == 3, "each claim has a salt of its own"


def test_claims_of_ones_own_making_are_refused(proof: bytes, card: Card) -> None:
    mine = json.dumps([credentials.disclosure("level", "一级")]).encode()
    assert bad(repacked(proof, lambda parts: parts.update({"disclosures.json": mine})), card) == "claims-other"
    with zipfile.ZipFile(io.BytesIO(proof)) as archive:
        shown = json.loads(archive.read("disclosures.json"))
    twice = json.dumps([shown[0], shown[0]]).encode()
    assert bad(repacked(proof, lambda parts: parts.update({"disclosures.json": twice})), card) == "claims-other"
    assert bad(repacked(proof, lambda parts: parts.pop("disclosures.json")), card) == "part-missing"


def test_what_belongs_to_no_credential_takes_the_verdict_away(proof: bytes, card: Card) -> None:
    """A report beside a credential is looked at by nobody and would be read as if it held too."""
    for name in ("report.pdf", "report.json"):
        forged = repacked(proof, lambda parts, name=name: parts.update({name: b'{"grade":"A"}'}))
        assert bad(forged, card) == "part-unnamed"


def test_without_a_card_no_credential_is_called_valid(proof: bytes, card: Card) -> None:
    said = {one.code for one in check_package(io.BytesIO(proof), None, clock.seconds()).findings}
    assert "credential-valid" not in said and "credential-unsure" in said
    assert "credential-valid" in {one.code for one in checked(proof, card).findings}


def test_an_old_proof_says_no_more_whether_it_stands(proof: bytes, card: Card) -> None:
    assert checked(proof, card).verdict == "agrees"
    assert checked(proof, card, 6.9).verdict == "agrees"
    old = checked(proof, card, 7.1)
    assert old.verdict == "consistent" and any(one.code == "state-old" for one in old.findings)
    early = checked(proof, card, -1)
    assert early.verdict == "consistent" and any(one.code == "state-future" for one in early.findings)
    ended = checked(proof, card, 4 * 366)
    assert ended.verdict == "invalid" and any(one.code == "credential-ended" for one in ended.findings)


def test_a_revoked_credential_is_refused_at_the_desk_and_by_the_stranger(
    world: World, until: str, card: Card, tmp_path: Path
) -> None:
    service = world.service()
    held = tmp_path / "held.json"
    record = credentials.issue(service, CLAIMS, until, held)
    words = ["--lang", "en", "--workspace", str(world.platform.workspace.folder), "catalogue", "credential"]
    before, after = tmp_path / "before.zip", tmp_path / "after.zip"
    assert run([*words, "present", str(held), "--show", "skill", "-o", str(before), "--network", "city"]) == 0
    assert run([*words, "revoke", record["id"], "--reason", "考核未通过", "--network", "city"]) == 0
    with pytest.raises(Conflict) as caught:
        credentials.present(service, held, [], after)
    assert caught.value.code == "credential_revoked" and not after.exists()
    with zipfile.ZipFile(before) as archive:
        shown = archive.read("disclosures.json")
    write_package(service, record["id"], {"disclosures.json": shown}, after)
    found = check_package(io.BytesIO(after.read_bytes()), card)
    assert found.verdict == "invalid" and found.first_bad is not None
    assert found.first_bad.code == "credential-revoked"

    def without_the_end(parts: dict[str, bytes]) -> None:
        """The peers' newest answers with the blocks of before: the revocation's block is left out."""
        with zipfile.ZipFile(before) as archive:
            blocks = {one for one in archive.namelist() if one.startswith("chain/blocks/")}
        for name in [one for one in parts if one.startswith("chain/blocks/") and one not in blocks]:
            del parts[name]

    hidden = check_package(io.BytesIO(repacked(after.read_bytes(), without_the_end)), card)
    assert hidden.verdict != "agrees", "an act that peers name and whose block is missing is said"
    with pytest.raises(CityChainError):
        service.do(Credential.revoke, {"reason": "再次"}, on=record["id"])


def test_what_is_no_credential_is_said(world: World, until: str, held: Path, tmp_path: Path) -> None:
    service = world.service()
    for claims in ({}, {"name": ""}, {"name": 3}, {str(one): "x" for one in range(21)}, {"a\nb": "c"}):
        with pytest.raises(UserError):
            credentials.issue(service, claims, until, tmp_path / "x.json")
    with pytest.raises(CityChainError):
        credentials.issue(service, CLAIMS, clock.today().isoformat(), tmp_path / "x.json")
    assert not (tmp_path / "x.json").exists()
    with pytest.raises(UserError):
        credentials.present(service, held, ["salary"], tmp_path / "y.zip")
    (tmp_path / "z.json").write_text('{"disclosures": ["x"]}', "utf-8")
    with pytest.raises(UserError):
        credentials.read_file(tmp_path / "z.json")
