"""`citychain copyright …` as a person at a terminal runs it: parsed JSON, exit codes, refusals, on a real network.

The network keeps running between commands while the workspace is closed, so each command opens (and locks) it anew.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from baas.platform import Platform
from tests.apps.copyright.terminal import OK, REFUSED, WRONG_USE, Terminal, outcome
from tests.conftest import City, close_city, make_city

ALICE, ZHAO, QIAN = "CopyrightMSP/alice", "CopyrightMSP/zhao", "CopyrightMSP/qian"
BOB, CAROL, FOREIGN = "DataBureauMSP/bob", "HospitalMSP/carol", "HospitalMSP/registrar"
PEOPLE = {
    ALICE: "creator",
    ZHAO: "registrar",
    QIAN: "registrar",
    BOB: "licensee",
    CAROL: "licensee",
    FOREIGN: "registrar",
}
RESIDENT = "11010519491231002X"
PERIOD = ("--from", "2026-01-01", "--until", "2030-12-31")
FILINGS = ("--purpose", "记录", "--process", "写作", "--originality", "文字")
SHA256 = "1" * 64


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A running city in a closed workspace, with people of several organisations."""
    folder = tmp_path_factory.mktemp("commands") / "workspace"
    city = make_city(folder)
    try:
        for label, role in PEOPLE.items():
            msp_id, _, name = label.partition("/")
            city.platform.identities.issue(msp_id, name, role, network=city.network)
    finally:
        city.platform.close()
    made = Terminal(folder)
    first = folder.parent / "first.txt"
    first.write_text("登记机构由工作区的所有者在第一次存证时设置。\n", encoding="utf-8")
    try:
        made.do("deposit", str(first))
        yield made
    finally:
        close_city(City(Platform.open(folder), city.network))


@pytest.fixture
def text(tmp_path: Path) -> Callable[[], Path]:
    """Makes a text that nobody deposited yet."""

    def make() -> Path:
        path = tmp_path / f"{uuid.uuid4().hex}.txt"
        path.write_text("".join(f"{uuid.uuid4().hex} 第 {n} 行\n" for n in range(20)), encoding="utf-8")
        return path

    return make


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The file that holds an owner's document number."""
    path = tmp_path / "document"
    path.write_text(f"{RESIDENT}\n", encoding="utf-8")
    return path


@pytest.fixture
def work(terminal: Terminal, text: Callable[[], Path]) -> str:
    """A deposited work of Alice's."""
    return str(terminal.do("deposit", str(text()), "--author", "样例甲", "--completed", "2026-01-01", as_=ALICE)["id"])


@pytest.fixture(scope="module")
def standing(terminal: Terminal, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A deposited work of Alice's that every command of these tests leaves as it is."""
    path = tmp_path_factory.mktemp("standing") / "standing.txt"
    path.write_text("".join(f"{uuid.uuid4().hex}\n" for _ in range(20)), encoding="utf-8")
    return str(terminal.do("deposit", str(path), as_=ALICE)["id"])


def owner_options(document: Path) -> tuple[str, ...]:
    return ("--owner-name", "样例甲", "--document-file", str(document), *FILINGS)


@pytest.fixture
def registered(terminal: Terminal, work: str, document: Path) -> str:
    """A work with a certificate."""
    case = terminal.do("register", work, *owner_options(document), as_=ALICE)["id"]
    for step in ("verify", "accept", "examine"):
        terminal.do("review", case, step, as_=ZHAO)
    pass_examination(terminal, case)
    terminal.do("review", case, "issue", as_=ZHAO)
    return work


def pass_examination(terminal: Terminal, case: str) -> list[str]:
    """查重, 初审 and 复审 by two people; the states that the case came to."""
    assert all(one["own"] for one in terminal.do("compare", case, as_=ZHAO)["comparison"]["found"])
    states = [terminal.do("review", case, "pass", "--reason", "符合登记要求", as_=ZHAO)["state"]]
    terminal.refused("same_person", REFUSED, "review", case, "approve", as_=ZHAO)
    return [*states, terminal.do("review", case, "approve", as_=QIAN)["state"]]


def files_under(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


class TestInfringement:
    def test_a_report_keeps_its_files_and_says_of_each_what_it_is(
        self, terminal: Terminal, standing: str, tmp_path: Path
    ) -> None:
        """`infringement report --evidence`: kept in the store by its CID, named on the ledger by its SHA-256."""
        shot, letter = tmp_path / "截图 1.png", tmp_path / "letter=old.txt"
        shot.write_bytes(uuid.uuid4().bytes)
        letter.write_text(f"函 {uuid.uuid4().hex}\n", encoding="utf-8")
        where = ("--where", "https://shop.example/cup", "--description", "疑似使用", "--suspect", "某店")
        given = ("--evidence", f"screenshot={shot}", "--evidence", f"other={letter}")
        report = ("infringement", "report", standing)
        case = terminal.do(*report, *where, *given, as_=ALICE)["id"]
        (record,) = [one for one in terminal.do("show", standing)["rights"]["infringements"] if one["id"] == case]
        kept = {one["kind"]: one for one in record["evidence"]}
        for kind, path in (("screenshot", shot), ("other", letter)):
            assert kept[kind]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
            target = tmp_path / f"{kind}.back"
            said = outcome("--workspace", str(terminal.workspace), "store", "cat", kept[kind]["cid"], "-o", str(target))
            assert said.code == OK and target.read_bytes() == path.read_bytes()
        before = terminal.do("show", standing)["rights"]["infringements"]
        for wrong in (str(shot), f"screenshot={tmp_path / 'nowhere.png'}", f"screenshot={tmp_path}", "=", f"={shot}"):
            terminal.refused("user_error", WRONG_USE, *report, *where, "--evidence", wrong, as_=ALICE)
        assert terminal.do("show", standing)["rights"]["infringements"] == before


class TestDeposit:
    def test_a_deposit_answers_with_a_receipt_that_finds_the_work_again(
        self, terminal: Terminal, text: Callable[[], Path], tmp_path: Path
    ) -> None:
        path = text()
        receipt = terminal.do("deposit", str(path), "--title", "夜航", "--author", "样例甲", as_=ALICE)
        assert (receipt["title"], receipt["duplicate"], receipt["state"]) == ("夜航", False, "ACTIVE")
        assert receipt["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert receipt["owners"] == [{"party": ALICE, "share": 10_000}]
        again = terminal.do("deposit", str(path), as_=ALICE)
        assert again["duplicate"]
        assert [again[name] for name in ("id", "tx_id", "block")] == [
            receipt[name] for name in ("id", "tx_id", "block")
        ]
        iscc = terminal.do("show", receipt["id"])["record"]["fingerprints"]["iscc"]
        for what in (receipt["sha256"], receipt["cid"], iscc):
            assert receipt["id"] in {one["id"] for one in terminal.do("search", what)}, what
        found = terminal.do("search", str(path))
        assert [one["id"] for one in found["exact"]] == [receipt["id"]]
        longer = tmp_path / "longer.txt"
        longer.write_text(path.read_text(encoding="utf-8") + "另加的一行，说明这是改过的副本。\n", encoding="utf-8")
        alike = terminal.do("search", str(longer))
        assert alike["exact"] == []
        assert receipt["id"] in {one["work_id"] for one in alike["similar"]}
        assert [one["tx_id"] for one in terminal.do("history", receipt["id"])] == [receipt["tx_id"]]

    def test_search_says_that_nothing_is_found(self, terminal: Terminal, text: Callable[[], Path]) -> None:
        assert terminal.do("search", "0" * 64) == []
        assert terminal.do("search", str(text())) == {"exact": [], "similar": []}
        shown = terminal.plain("search", str(text()))
        assert (shown.code, b"No work is exactly this file." in shown.out) == (OK, True)

    def test_a_sealed_work_opens_for_its_owner_alone(
        self, terminal: Terminal, text: Callable[[], Path], tmp_path: Path
    ) -> None:
        path = text()
        sealed = terminal.do("deposit", str(path), "--encrypt", as_=ALICE)
        assert sealed["sha256"] == ""
        target = tmp_path / "opened.txt"
        assert terminal.do("open", sealed["id"], "-o", str(target), as_=ALICE)["bytes"] == len(path.read_bytes())
        assert target.read_bytes() == path.read_bytes()
        assert terminal.plain("open", sealed["id"], "-o", "-", "--as", ALICE).out == path.read_bytes()
        terminal.refused("user_error", WRONG_USE, "open", sealed["id"], "-o", str(target), as_=ALICE)
        stolen = tmp_path / "stolen.txt"
        denied = terminal.ask("open", sealed["id"], "-o", str(stolen), as_=BOB)
        assert denied.code != OK
        assert not list(tmp_path.glob("stolen*"))

    def test_a_folder_is_deposited_and_reported(
        self, terminal: Terminal, text: Callable[[], Path], tmp_path: Path
    ) -> None:
        folder = tmp_path / "works"
        folder.mkdir()
        for _ in range(3):
            text().rename(folder / f"{uuid.uuid4().hex}.txt")
        (folder / "empty.txt").touch()
        report = tmp_path / "report.csv"
        done = terminal.do("batch", str(folder), "--author", "样例甲", "--report", str(report), as_=ALICE)
        assert (done["deposited"], done["known"], done["refused"]) == (3, 0, 1)
        with report.open(encoding="utf-8-sig", newline="") as stream:
            assert len(list(csv.reader(stream))) == 1 + 4
        assert terminal.do("batch", str(folder), as_=ALICE)["known"] == 3


class TestRegistration:
    def test_from_one_command_to_the_published_certificate(
        self, terminal: Terminal, text: Callable[[], Path], document: Path
    ) -> None:
        path = text()
        form = ("--title", "夜航", "--author", "样例甲", "--completed", "2026-01-01 北京")
        case = terminal.do("register", str(path), *form, *owner_options(document), as_=ALICE)
        assert case["state"] == "SUBMITTED"
        assert RESIDENT not in str(case)
        assert case["id"] in {one["id"] for one in terminal.do("queue")}
        terminal.refused("wrong_state", REFUSED, "review", case["id"], "accept", as_=ZHAO)
        states = [terminal.do("review", case["id"], step, as_=ZHAO)["state"] for step in ("verify", "accept")]
        states += [terminal.do("review", case["id"], "examine", as_=ZHAO)["state"]]
        states += pass_examination(terminal, case["id"])
        assert len(set(states)) == 5
        certificate = terminal.do("certify", case["id"])
        body = Path(certificate["file"]).read_bytes()
        assert body.startswith(b"%PDF-")
        assert hashlib.sha256(body).hexdigest() == certificate["sha256"]
        assert terminal.do("certify", case["id"], as_=ZHAO) == certificate
        assert terminal.do("review", case["id"], "publish", as_=ZHAO)["state"] == "PUBLISHED"
        found = terminal.do("search", certificate["number"])
        assert [one["id"] for one in found] == [case["work_id"]]
        shown = terminal.do("show", certificate["number"])
        assert (shown["id"], shown["number"]) == (case["work_id"], certificate["number"])
        assert [one["id"] for one in shown["rights"]["registrations"]] == [case["id"]]

    def test_a_deposit_and_then_its_registration_completes_the_work(
        self, terminal: Terminal, text: Callable[[], Path], document: Path
    ) -> None:
        """As the guide says: the first command with the file alone, the second with the missing facts."""
        path = text()
        bare = terminal.do("deposit", str(path), as_=ALICE)["id"]
        terminal.refused("work_incomplete", REFUSED, "register", bare, *owner_options(document), as_=ALICE)
        facts = ("--author", "样例甲", "--completed", "2026-01-01 北京", "--title", "补全之作")
        terminal.refused("deposited_before", WRONG_USE, "deposit", str(path), *facts, as_=ALICE)
        case = terminal.do("register", str(path), *facts, *owner_options(document), as_=ALICE)
        assert (case["work_id"], case["state"]) == (bare, "SUBMITTED")
        record = terminal.do("show", bare)["record"]
        assert (record["title"], record["completed"]["place"]) == ("补全之作", "北京")
        assert record["amended"][0]["before"]["authors"] == []
        assert terminal.do("deposit", str(path), *facts, as_=ALICE)["id"] == bare, "the same words again are no change"

    def test_entries_are_amended_and_options_that_do_not_apply_refused(
        self, terminal: Terminal, text: Callable[[], Path], document: Path, work: str
    ) -> None:
        amended = terminal.do("amend", work, "--title", "改后", "--note", "第二稿", "--reason", "题名有误", as_=ALICE)
        assert (amended["title"], amended["note"]) == ("改后", "第二稿")
        relation = ("--relation", f"{work}=independent:x")
        for wrong in (
            ("register", work, *owner_options(document), *relation),
            ("amend", work, "--title", "x", "--reason", "y", *relation),
        ):
            terminal.refused("option_does_not_apply", WRONG_USE, *wrong, as_=ALICE)
        terminal.refused("invalid_field", REFUSED, "amend", work, "--reason", "nothing", as_=ALICE)
        program = terminal.do(
            *("deposit", str(text()), "--category", "software", "--author", "样例甲", "--completed", "2026-01-01"),
            *("--software", "version=V1.0", "--software", "development=独立开发", "--software", "lines=1200"),
            as_=ALICE,
        )
        assert terminal.do("show", program["id"])["record"]["software"] == {
            **{"version": "V1.0", "development": "independent", "lines": 1200},
            **{"basis": "original", "material": "general"},
        }
        case = ("register", program["id"], *owner_options(document))
        terminal.refused("proof_missing", REFUSED, *case, as_=ALICE)
        assert terminal.do(*case, "--proof", f"source_code={text()}", as_=ALICE)["state"] == "SUBMITTED"

    def test_an_application_is_corrected_and_then_refused_with_reasons(
        self, terminal: Terminal, work: str, document: Path
    ) -> None:
        case = terminal.do("register", work, *owner_options(document), as_=ALICE)
        terminal.do("review", case["id"], "verify", as_=ZHAO)
        terminal.refused("invalid_field", REFUSED, "review", case["id"], "correct", as_=ZHAO)
        asked = terminal.do("review", case["id"], "correct", "--reason", "请补充创作过程", as_=ZHAO)
        assert asked["deadlines"]["correction"] > asked["deadlines"].get("submitted", "2026")
        statement = {"purpose": "记录", "process": "实地采访后写成", "originality": "文字"}
        owners = [{"party": ALICE, "name": "样例甲", "kind": "natural"}]
        form = {"acquisition": "original", "attribution": "individual", "rights": "all", "owners": owners}
        body = json.dumps(form | {"statement": statement}, ensure_ascii=False)
        corrected = terminal.do("correct", case["id"], body, as_=ALICE)
        assert corrected["state"] != asked["state"]
        assert corrected["statement"]["process"] == "实地采访后写成"
        terminal.do("review", case["id"], "verify", as_=ZHAO)
        reasons = ("不属于作品", "材料不实")
        refusal = terminal.do("review", case["id"], "refuse", *(f"--reason={one}" for one in reasons), as_=ZHAO)
        assert refusal["state"] == "REFUSED"
        assert all(one in json.dumps(refusal, ensure_ascii=False) for one in reasons)
        terminal.refused("wrong_state", REFUSED, "review", case["id"], "approve", as_=ZHAO)

    def test_documents_are_read_before_anything_is_committed(
        self, terminal: Terminal, text: Callable[[], Path], document: Path, tmp_path: Path
    ) -> None:
        before = terminal.do("list")
        binary, empty = tmp_path / "binary", tmp_path / "empty"
        binary.write_bytes(b"\xff\xfe\xff\x00" * 9)
        empty.touch()
        for wrong, code in (
            (tmp_path / "missing", "file_unreadable"),
            (binary, "file_unreadable"),
            (empty, "file_empty"),
        ):
            terminal.refused(code, WRONG_USE, "register", str(text()), *owner_options(wrong), as_=ALICE)
        proof = ("--proof", "commission=" + str(tmp_path / "missing"))
        options = owner_options(document)
        terminal.refused("user_error", WRONG_USE, "register", str(text()), *options, *proof, as_=ALICE)
        assert terminal.do("list") == before


class TestRights:
    def test_an_exclusive_licence_refuses_those_that_overlap(self, terminal: Terminal, work: str) -> None:
        exclusive = ("--kind", "exclusive", "--rights", "all", "--territory", "CN", *PERIOD)
        offer = terminal.do("license", "offer", work, "--to", CAROL, *exclusive, as_=ALICE)
        terminal.refused("not_licensee", REFUSED, "license", "accept", offer["id"], as_=BOB)
        accepted = terminal.do("license", "accept", offer["id"], as_=CAROL)
        assert accepted["state"] != offer["state"]
        overlap = ("license", "offer", work, "--to", BOB, "--territory", "CN-GD", *PERIOD)
        error = terminal.refused("licence_conflict", REFUSED, *overlap, as_=ALICE)
        assert offer["id"] in error["hint"]
        plain = terminal.plain(*overlap, "--as", ALICE)
        assert (plain.code, plain.out) == (REFUSED, b"")
        assert plain.err.startswith("It conflicts with a licence in force.")
        licences = terminal.do("show", work)["rights"]["licences"]
        assert [one["id"] for one in licences] == [offer["id"]]

    def test_use_is_reported_and_settled(self, terminal: Terminal, work: str) -> None:
        terms = ("--royalty", "1000", "--rights", "network", *PERIOD)
        licence = terminal.do("license", "offer", work, "--to", CAROL, *terms, as_=ALICE)["id"]
        terminal.do("license", "accept", licence, as_=CAROL)
        usage = ("--from", "2026-01-01", "--until", "2026-03-31", "--quantity", "5", "--revenue", "20000")
        used = terminal.do("license", "use", licence, *usage, as_=CAROL)
        assert used["royalty_fen"] == 2000
        terminal.refused("usage_counted", REFUSED, "license", "use", licence, *usage, as_=CAROL)
        assert terminal.do("license", "settle", used["id"], as_=ALICE)["state"] != used["state"]

    def test_a_disputed_work_changes_hands_only_after_the_dispute(
        self, terminal: Terminal, work: str, text: Callable[[], Path]
    ) -> None:
        transfer = terminal.do("transfer", "propose", work, "--to", CAROL, "--price", "100", as_=ALICE)["id"]
        terminal.refused("not_buyer", REFUSED, "transfer", "accept", transfer, as_=BOB)
        claim = ("--ground", "ownership", "--statement", "系本人作品", "--evidence", f"file={text()}")
        dispute = terminal.do("dispute", "open", work, *claim, as_=BOB)["id"]
        terminal.refused("already_filed", REFUSED, "dispute", "open", work, *claim, as_=BOB)
        terminal.refused("disputed", REFUSED, "transfer", "accept", transfer, as_=CAROL)
        terminal.refused("disputed", REFUSED, "transfer", "propose", work, "--to", BOB, as_=ALICE)
        terminal.refused("not_claimant", REFUSED, "dispute", "withdraw", dispute, "--reason", "x", as_=CAROL)
        terminal.do("dispute", "resolve", dispute, "dismissed", "--reason", "证据不足", as_=ZHAO)
        terminal.do("transfer", "accept", transfer, as_=CAROL)
        assert terminal.do("show", work)["owners"] == [{"party": CAROL, "share": 10_000}]
        terminal.refused("not_owner", REFUSED, "transfer", "propose", work, "--to", BOB, as_=ALICE)

    def test_a_pledge_is_filed_jointly_registered_and_discharged(self, terminal: Terminal, registered: str) -> None:
        debt = ("--debt", "100", "--from", "2026-01-01", "--until", "2030-01-01", "--contract", SHA256)
        pledge = terminal.do("pledge", "propose", registered, "--to", BOB, *debt, as_=ALICE)["id"]
        terminal.refused("not_pledgee", REFUSED, "pledge", "accept", pledge, as_=CAROL)
        terminal.refused("wrong_state", REFUSED, "pledge", "decide", pledge, as_=ZHAO)
        terminal.do("pledge", "accept", pledge, as_=BOB)
        decided = terminal.do("pledge", "decide", pledge, as_=ZHAO)
        transfer = terminal.do("transfer", "propose", registered, "--to", CAROL, as_=ALICE)["id"]
        terminal.refused("consent_missing", REFUSED, "transfer", "accept", transfer, as_=CAROL)
        terminal.do("transfer", "withdraw", transfer, as_=ALICE)
        assert terminal.do("pledge", "discharge", pledge, as_=BOB)["state"] != decided["state"]

    def test_an_unregistered_work_is_no_security(self, terminal: Terminal, standing: str) -> None:
        debt = ("--debt", "100", "--from", "2026-01-01", "--until", "2030-01-01", "--contract", SHA256)
        terminal.refused("not_registered", REFUSED, "pledge", "propose", standing, "--to", BOB, *debt, as_=ALICE)

    def test_a_deposit_is_withdrawn_once(self, terminal: Terminal, work: str) -> None:
        assert terminal.do("revoke", work, "--reason", "误存", as_=ALICE)["state"] != "ACTIVE"
        terminal.refused("wrong_state", REFUSED, "revoke", work, "--reason", "误存", as_=ALICE)
        assert len(terminal.do("history", work)) == 2


class TestEvidence:
    def test_a_package_is_valid_until_a_byte_of_it_changes(
        self, terminal: Terminal, registered: str, tmp_path: Path
    ) -> None:
        package = tmp_path / "evidence.zip"
        written = terminal.do("evidence", registered, "-o", str(package))
        body = bytearray(package.read_bytes())
        assert (written["bytes"], written["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
        assert written["content"]
        assert {"CopyrightMSP", "DataBureauMSP"} <= set(written["signed_by"])
        found = terminal.ask("verify", str(package))
        assert (found.code, found.json["verdict"], found.error["code"]) == (5, "consistent", "evidence_unconfirmed")
        card = tmp_path / "card.json"
        made = outcome("--workspace", str(terminal.workspace), "network", "card", "-o", str(card), "--json")
        assert made.code == OK
        agreed = terminal.do("verify", str(package), "--card", str(card))
        assert agreed["verdict"] == "agrees"
        assert agreed["complete"], agreed["findings"]
        assert agreed["facts"]["card"]["fingerprint"] == made.json["fingerprint"]
        assert card.with_suffix(".svg").is_file()
        for place in range(50, len(body), len(body) // 6):
            body[place] ^= 1
            changed = tmp_path / "changed.zip"
            changed.write_bytes(body)
            checked = terminal.ask("verify", str(changed))
            assert checked.code in (WRONG_USE, REFUSED), place
            assert checked.error["code"] in ("evidence_invalid", "evidence_unreadable")
            if checked.code == REFUSED:
                assert checked.json["verdict"] == "invalid"
            body[place] ^= 1

    def test_a_package_without_the_file_is_valid_too(self, terminal: Terminal, standing: str, tmp_path: Path) -> None:
        package = tmp_path / "evidence.zip"
        assert not terminal.do("evidence", standing, "--without-content", "-o", str(package))["content"]
        assert terminal.ask("verify", str(package)).json["verdict"] == "consistent"

    @pytest.mark.parametrize("body", [b"", b"no zip", b"PK\x03\x04" + bytes(200)])
    def test_what_is_no_package_is_not_verified(self, tmp_path: Path, terminal: Terminal, body: bytes) -> None:
        path = tmp_path / "other.zip"
        path.write_bytes(body)
        assert terminal.ask("verify", str(path)).code in (WRONG_USE, REFUSED)

    def test_roots_that_are_no_certificates_are_refused(
        self, terminal: Terminal, standing: str, tmp_path: Path
    ) -> None:
        package, roots = tmp_path / "evidence.zip", tmp_path / "roots.pem"
        terminal.do("evidence", standing, "-o", str(package))
        roots.write_text("no certificate", encoding="utf-8")
        terminal.refused("user_error", WRONG_USE, "verify", str(package), "--tsa-roots", str(roots))
        terminal.refused("card_unreadable", WRONG_USE, "verify", str(package), "--card", str(roots))


class TestRefusals:
    @pytest.mark.parametrize(
        ("label", "arguments"),
        [
            (CAROL, ("deposit", "{file}")),
            (ZHAO, ("deposit", "{file}")),
            (ALICE, ("review", "{work}", "verify")),
            (CAROL, ("certify", "{work}")),
            (ZHAO, ("license", "offer", "{work}", "--to", BOB, *PERIOD)),
            (ZHAO, ("transfer", "propose", "{work}", "--to", BOB)),
            (BOB, ("revoke", "{work}", "--reason", "x")),
        ],
    )
    def test_an_identity_without_the_role_is_refused_before_the_ledger_is_asked(
        self, terminal: Terminal, standing: str, text: Callable[[], Path], label: str, arguments: tuple[str, ...]
    ) -> None:
        filled = [one.format(file=text(), work=standing) for one in arguments]
        error = terminal.refused("permission_denied", WRONG_USE, *filled, as_=label)
        assert error["details"]["actor"] == label
        assert len(terminal.do("history", standing)) == 1

    def test_another_organisations_registrar_is_refused_by_the_ledger(
        self, terminal: Terminal, work: str, document: Path
    ) -> None:
        case = terminal.do("register", work, *owner_options(document), as_=ALICE)["id"]
        terminal.refused("forbidden", REFUSED, "review", case, "verify", as_=FOREIGN)
        assert terminal.do("review", case, "verify", as_=ZHAO)["id"] == case

    def test_an_identity_that_is_not_there_is_wrong_use(self, terminal: Terminal) -> None:
        terminal.refused("no_identity", WRONG_USE, "list", as_="HospitalMSP/nobody")

    @pytest.mark.parametrize(
        "arguments",
        [
            ("show", "CZ20260101-000000000000"),
            ("show", "城链登字-2026-A-00000000"),
            ("history", "CZ20260101-000000000000"),
            ("tree", "CZ20260101-000000000000"),
            ("evidence", "CZ20260101-000000000000"),
            ("open", "CZ20260101-000000000000", "-o", "{folder}/out"),
            ("register", "CZ20260101-000000000000", "--owner-name", "x", "--document-file", "{document}"),
            ("review", "unknown", "verify"),
            ("certify", "unknown"),
            ("license", "accept", "unknown"),
            ("transfer", "accept", "unknown"),
            ("pledge", "accept", "unknown"),
            ("dispute", "resolve", "unknown", "dismissed", "--reason", "x"),
        ],
    )
    def test_an_unknown_id_is_wrong_use(
        self, terminal: Terminal, document: Path, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        before = files_under(tmp_path)
        filled = [one.format(folder=tmp_path, document=document) for one in arguments]
        terminal.refused("not_found", WRONG_USE, *filled)
        assert files_under(tmp_path) == before

    def test_files_that_are_no_works_are_refused_and_leave_nothing(self, terminal: Terminal, tmp_path: Path) -> None:
        before = terminal.do("list")
        stored = files_under(terminal.workspace / "content")
        assert stored
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("zeros", bytes(110 << 20))
        (tmp_path / "empty.txt").touch()
        (tmp_path / "bomb.zip").write_bytes(out.getvalue())
        (tmp_path / "cut.zip").write_bytes(out.getvalue()[:-30])
        (tmp_path / "folder").mkdir()
        wrong = {
            "missing.txt": "file_missing",
            "folder": "folder_empty",
            "empty.txt": "file_empty",
            "bomb.zip": "archive_bomb",
            "cut.zip": "archive_damaged",
        }
        for name, code in wrong.items():
            terminal.refused(code, WRONG_USE, "deposit", str(tmp_path / name), as_=ALICE)
        assert terminal.do("list") == before
        assert files_under(terminal.workspace / "content") == stored

    def test_a_file_that_may_not_be_read_is_refused(
        self, terminal: Terminal, text: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = text()
        real = Path.open

        def denied(self: Path, *args: Any, **kwargs: Any) -> Any:
            if self == path:
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return real(self, *args, **kwargs)

        monkeypatch.setattr(Path, "open", denied)
        terminal.refused("file_unreadable", WRONG_USE, "deposit", str(path), as_=ALICE)

    def test_a_picture_that_unpacks_to_far_too_much_is_deposited_unopened(
        self, terminal: Terminal, tmp_path: Path
    ) -> None:
        from tests.apps.copyright.test_media import png_bomb

        path = tmp_path / "bomb.png"
        path.write_bytes(png_bomb(60_000))
        done = terminal.do("deposit", str(path), as_=ALICE)
        assert "fingerprint" in done["doubts"][0]

    @pytest.mark.parametrize(
        "arguments",
        [
            ("list", "--csv", "{folder}/none/a.csv"),
            ("evidence", "{work}", "-o", "{folder}/none/a.zip"),
            ("open", "{work}", "-o", "{folder}/none/a.txt"),
            ("batch", "{folder}", "--report", "{folder}/none/a.csv"),
        ],
    )
    def test_a_target_without_a_folder_is_refused_before_any_work(
        self, terminal: Terminal, standing: str, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        filled = [one.format(folder=tmp_path, work=standing) for one in arguments]
        before = terminal.do("list")
        terminal.refused("folder_missing", WRONG_USE, *filled, as_=ALICE)
        assert terminal.do("list") == before

    @pytest.mark.parametrize(
        ("changes", "code"), [("{", "user_error"), ("[1]", "user_error"), ("@none", "file_unreadable")]
    )
    def test_changes_that_are_no_json_object_are_refused(
        self, terminal: Terminal, standing: str, changes: str, code: str
    ) -> None:
        terminal.refused(code, WRONG_USE, "change", standing, changes, "--reason", "更正", as_=ALICE)

    @pytest.mark.parametrize(
        "terms",
        [
            ("--from", "2026-13-01", "--until", "2030-12-31"),
            ("--from", "2026-01-01", "--until", "2025-01-01"),
            ("--rights", "", *PERIOD),
            ("--fee", "-1", *PERIOD),
            ("--territory", "Mars", *PERIOD),
        ],
    )
    def test_terms_that_make_no_sense_are_refused(
        self, terminal: Terminal, standing: str, terms: tuple[str, ...]
    ) -> None:
        terminal.refused("invalid_field", REFUSED, "license", "offer", standing, "--to", BOB, *terms, as_=ALICE)
