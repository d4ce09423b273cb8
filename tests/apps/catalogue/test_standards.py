"""Standards and assessments on the ledger: what the contract refuses, and what a check of a network leaves behind."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apps.catalogue import measuring
from apps.catalogue.contract import CatalogueContract
from apps.catalogue.editions import Misshapen, canonical, clauses_of, digest, read_edition
from apps.catalogue.grading import graded
from apps.catalogue.kinds import Standard
from apps.catalogue.measuring import assess, shipped
from baas.cli.root import run
from baas.errors import Conflict, LedgerError, NotFound, UserError
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import ContractTester, client
from tests.apps.catalogue.conftest import World

pytestmark = pytest.mark.xdist_group("catalogue")

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
SETTINGS = {"office_msp": "OfficeMSP", "roles": {"catalogue_keeper": ["OfficeMSP"], "catalogue_owner": ["OtherMSP"]}}
KEEPER = client("OfficeMSP", "keeper", role="catalogue_keeper")
EDITION = dict(shipped()["CS-02"])


@pytest.fixture
def tester() -> ContractTester:
    made = ContractTester(CatalogueContract(lambda: NOW))
    made.now = NOW
    made.invoke("Configure", SETTINGS, as_=client("OfficeMSP", "chief", ou="admin"))
    return made


def published(tester: ContractTester, **change: Any) -> dict[str, Any]:
    found: dict[str, Any] = tester.invoke("PublishStandard", {"text": {**EDITION, **change}}, as_=KEEPER)
    return found


def results(result: str = "met", **other: str) -> list[dict[str, str]]:
    """One result for all clauses but those named; with a file where people show them."""
    found = []
    for clause in clauses_of(EDITION):
        name = clause["clause"]
        row = {"clause": name, "result": other.get(f"c{name.replace('.', '_')}", result)}
        found.append(row if clause["check"] or row["result"] == "unknown" else row | {"file": "ef" * 32})
    return found


def recorded(tester: ContractTester, standard: dict[str, Any], found: list[dict[str, str]]) -> dict[str, Any]:
    given = {"results": found, "height": 9, "report": "ab" * 32, "paper": "cd" * 32}
    made: dict[str, Any] = tester.invoke("RecordAssessment", standard["id"], given, as_=KEEPER)
    return made


def refused(wanted: str, call: Any, /, *args: Any, **more: Any) -> str:
    with pytest.raises(ChaincodeError) as caught:
        call(*args, **more)
    assert caught.value.code == wanted
    return str(caught.value)


def test_editions_follow_each_other_and_old_ones_measure_nothing(tester: ContractTester) -> None:
    first = published(tester)
    assert first["edition"] == "CS-02/1" and first["sha256"] == digest(EDITION)
    for number in (1, 3):
        refused("EDITION_ORDER", published, tester, number=number)
    second = published(tester, number=2)
    refused("NOT_IN_FORCE", recorded, tester, first, results())
    tester.invoke("WithdrawStandard", second["id"], "有误", as_=KEEPER)
    refused("NOT_IN_FORCE", recorded, tester, second, results())
    assert published(tester, number=3)["edition"] == "CS-02/3"


def test_nobody_chooses_score_or_leaves_a_clause_out(tester: ContractTester) -> None:
    standard = published(tester)
    whole = results()
    for wrong in (whole[1:], [*whole, whole[0]], whole[::-1], [{**whole[0], "result": "good"}, *whole[1:]]):
        refused("INVALID_FIELD", recorded, tester, standard, wrong)
    given = {"results": whole, "height": 9, "report": "ab" * 32, "paper": "cd" * 32, "score": 100, "grade": "A"}
    refused("INVALID_FIELD", tester.invoke, "RecordAssessment", standard["id"], given, as_=KEEPER)
    assert (made := recorded(tester, standard, whole))["score"] == 100 and made["grade"] == "A"
    worse = recorded(tester, standard, results(c1_1="unmet"))
    assert (worse["score"], worse["grade"]) == (89, "B")
    stranger = client("OtherMSP", "keeper", role="catalogue_keeper")
    refused("FORBIDDEN", tester.invoke, "RecordAssessment", standard["id"], given, as_=stranger)


def test_what_people_show_is_not_met_without_their_file(tester: ContractTester) -> None:
    standard, whole = published(tester), results()
    for result in ("met", "partly", "unmet"):
        bare = [one if one["clause"] != "3.6" else {"clause": "3.6", "result": result} for one in whole]
        assert "file" in refused("INVALID_FIELD", recorded, tester, standard, bare)
    unknown = recorded(tester, standard, results(c3_6="unknown"))
    assert not unknown["results"][-1].get("file") and unknown["score"] < 100


def test_an_obligatory_clause_bounds_the_grade() -> None:
    clauses = [{"clause": str(one), "points": 1 if one < 4 else 97, "must": one < 4} for one in range(1, 5)]
    said = {str(one): "met" for one in range(1, 5)}
    assert graded(clauses, said) == (100, "A")
    assert graded(clauses, said | {"1": "unknown"}) == (99, "B")
    assert graded(clauses, said | {"1": "partly"})[1] == "B"
    assert graded(clauses, said | {"1": "unmet", "2": "unmet", "3": "unmet"}) == (97, "C")
    assert graded(clauses, said | {"4": "unmet"}) == (3, "D")


@pytest.mark.parametrize(
    "change",
    [
        {"code": "cs"}, {"number": 0}, {"number": True}, {"title": {"zh": "甲"}}, {"parts": []}, {"more": 1},
        {"about": {"zh": "a\nb", "en": "c"}}, {"about": {"zh": "长" * 301, "en": "c"}},
    ],
)  # fmt: skip
def test_what_is_no_edition_is_refused_with_its_place(change: dict[str, Any], tester: ContractTester) -> None:
    with pytest.raises(Misshapen) as caught:
        read_edition({**EDITION, **change})
    place = str(caught.value).partition(":")[0]
    assert place in refused("INVALID_FIELD", published, tester, **change)


def test_a_clause_twice_or_without_its_words_is_refused() -> None:
    for change in ({"clause": "1.2"}, {"points": 101}, {"must": 1}, {"check": "Nodes"}, {"zh": ""}):
        edition = copy.deepcopy(EDITION)
        edition["parts"][0]["clauses"][0] |= change
        with pytest.raises(Misshapen):
            read_edition(edition)


def test_the_report_is_what_the_ledger_has_the_hash_of(world: World, tmp_path: Path) -> None:
    service = world.service()
    proof = tmp_path / "plan.txt"
    proof.write_text("应急预案", "utf-8")
    made = assess(service, "CS-01", files={"3.6": proof})
    assert made.path is not None and made.record is not None
    data = made.path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == made.record["report"] and canonical(json.loads(data)) == data
    found = {one["clause"]: one for one in made.record["results"]}
    assert found["3.6"] == {"clause": "3.6", "result": "met", "file": hashlib.sha256("应急预案".encode()).hexdigest()}
    assert found["2.4"]["result"] == "unmet" and made.report["by"] == made.record["assessor"]
    paper = measuring.kept(world.platform, "city", made.record, ".pdf")
    assert paper.startswith(b"%PDF")
    assert (made.record["score"], made.record["grade"]) == (made.report["score"], made.report["grade"])
    assert measuring.history(service, "CS-01")[0]["id"] == made.record["id"]
    assert measuring.kept(world.platform, "city", made.record) == data
    made.path.write_bytes(data.replace(b'"unmet"', b'"met"'))
    with pytest.raises(NotFound):
        measuring.kept(world.platform, "city", made.record)
    with pytest.raises(UserError):
        assess(service, "CS-01", files={"1.1": proof})


def test_a_revised_standard_is_published_and_measures_from_then_on(world: World, tmp_path: Path) -> None:
    """By commands: the text is taken out, a clause made obligatory, published; the ledger's edition counts here too."""
    words = ["--lang", "en", "--workspace", str(world.platform.workspace.folder)]
    target = tmp_path / "next.json"
    assert run([*words, "catalogue", "check", "CS-04", "--network", "city"]) == 0
    assert run([*words, "catalogue", "standard", "text", "CS-04", "-o", str(target), "--network", "city"]) == 0
    edition = json.loads(target.read_text("utf-8"))
    edition["parts"][0]["clauses"][0]["points"] = 50
    target.write_text(json.dumps(edition), "utf-8")
    assert run([*words, "catalogue", "standard", "publish", str(target), "--network", "city"]) == 0
    assert run([*words, "catalogue", "standard", "publish", str(target), "--network", "city"]) == 4
    service = world.service()
    assert measuring.chosen(service, "CS-04")["number"] == 2
    made = assess(service, "CS-04")
    assert made.report["standard"]["number"] == 2 and made.record is not None
    target.write_text("{}", "utf-8")
    assert run([*words, "catalogue", "standard", "publish", str(target), "--network", "city"]) == 2


def test_a_dry_run_writes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    before = world.platform.chain.info("city", "citychannel").height
    words = ["--lang", "zh", "--workspace", str(world.platform.workspace.folder)]
    assert run([*words, "catalogue", "check", "CS-03", "--dry-run", "--network", "city"]) == 0
    told = capsys.readouterr().out
    assert "个人信息" in told and "待说明" in told
    assert world.platform.chain.info("city", "citychannel").height == before
    assert run([*words, "catalogue", "check", "CS-99", "--network", "city"]) == 2


def test_another_grading_on_the_ledger_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "graded", lambda *_: (100, "A"))
    with pytest.raises(Conflict):
        assess(world.service(), "CS-02")


def test_who_keeps_no_catalogue_publishes_nothing(world: World) -> None:
    service = world.service()
    with pytest.raises(LedgerError) as caught:
        service.do(Standard.publish, {"text": EDITION}, signer=service.signer_for("catalogue_witness"))
    assert caught.value.code == "forbidden"
