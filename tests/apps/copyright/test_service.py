"""The whole application over a real embedded network: several organisations, several people, every refusal in words."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from apps.copyright import credentials
from apps.copyright import seal as seals
from apps.copyright.batch import deposit_folder
from apps.copyright.clear_documents import seal_owner_documents
from apps.copyright.demo import samples
from apps.copyright.evidence.check import check_bytes
from apps.copyright.model import WorkForm
from apps.copyright.proof import check_evidence, export_evidence
from apps.copyright.service import CopyrightService
from baas.errors import LedgerError, NotFound, PermissionDenied, UserError
from chaincode.copyright import kinds
from chaincode.copyright.kinds import Change, Dispute, Licence, Pledge, Transfer
from tests.apps.copyright.office import pass_examination
from tests.conftest import City

RESIDENT = "11010519491231002X"
FORM = WorkForm(title="测试作品", authors=({"name": "样例甲"},), completed={"date": "2026-01-01"})
Acting = Callable[[str, str], Any]
Fresh = Callable[..., Path]
ALICE, BOB, CAROL = "CopyrightMSP/alice", "DataBureauMSP/bob", "HospitalMSP/carol"


def refused(code: str, act: Callable[..., Any], *args: Any, **kwargs: Any) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        act(*args, **kwargs)
    assert caught.value.code == code, caught.value
    return caught.value


def applied(service: CopyrightService, work_id: str) -> Any:
    person = {"party": service.ledger.party("creator"), "name": "样例甲", "kind": "natural"}
    service.put_owner_documents(work_id, [person | {"document_type": "resident_id", "document_number": RESIDENT}])
    statement = {"purpose": "记录", "process": "写作", "originality": "文字"}
    form = {"acquisition": "original", "attribution": "individual", "rights": "all", "statement": statement}
    return service.apply(work_id, form | {"owners": [person]}).value


def registered(service: CopyrightService, work_id: str) -> Any:
    case = applied(service, work_id)
    for step in ("verify", "accept", "examine"):
        service.review(case.id, step)
    pass_examination(service, case.id)
    return service.review(case.id, "issue").value


class TestDeposit:
    def test_a_deposit_is_on_the_ledger_and_its_bytes_in_the_store(
        self, service: CopyrightService, fresh_file: Fresh
    ) -> None:
        path = fresh_file()
        receipt = service.deposit(path, FORM)
        assert receipt.work.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert b"".join(service.read_content(receipt.work)) == path.read_bytes()
        assert service.block_of(receipt.tx_id) == receipt.block
        assert service.find_file(path) == (receipt.work,)
        assert service.find("cid", receipt.work.cid) == (receipt.work,)
        assert service.work(receipt.work.id) == receipt.work
        assert receipt.work.record["fingerprints"]["iscc"].startswith("ISCC:")

    def test_the_same_file_again_is_answered_from_the_first_time(
        self, service: CopyrightService, fresh_file: Fresh
    ) -> None:
        path = fresh_file()
        first = service.deposit(path, FORM)
        again = service.deposit(path, FORM)
        assert again.duplicate
        assert (again.work.id, again.block, again.tx_id) == (first.work.id, first.block, first.tx_id)

    def test_a_forgotten_deposit_is_found_on_the_ledger(self, service: CopyrightService, fresh_file: Fresh) -> None:
        path = fresh_file()
        first = service.deposit(path, FORM)
        service.index.clear()
        again = service.deposit(path, FORM)
        assert (again.work.id, again.block, again.tx_id) == (first.work.id, first.block, first.tx_id)

    def test_a_refused_deposit_leaves_nothing_in_the_store(self, service: CopyrightService, fresh_file: Fresh) -> None:
        pins = len(service.content.pins())
        wrong = WorkForm(title="x", creation_kind="adaptation")
        error = refused("invalid_field", service.deposit, fresh_file(), wrong)
        assert "在先作品" in error.message.zh  # type: ignore[union-attr]
        assert len(service.content.pins()) == pins

    def test_a_cropped_mirrored_copy_is_shown_as_suspected(
        self, service: CopyrightService, photograph: Fresh, tmp_path: Path
    ) -> None:
        from PIL import Image, ImageOps

        original = service.deposit(photograph("火箭发射.jpg"), FORM)
        image = Image.open(samples() / "火箭发射.jpg").convert("RGB")
        copy = ImageOps.mirror(image.crop((20, 15, 600, 410)))
        path = tmp_path / "copy.png"
        copy.save(path)
        found = service.similar(path)
        assert original.work.id in {one.work_id for one in found}
        assert {one.method for one in found} == {"image"}

    def test_roles_are_asked_for_before_anything_happens(self, acting: Acting, fresh_file: Fresh) -> None:
        with acting(CAROL, "licensee") as theirs, pytest.raises(PermissionDenied):
            theirs.deposit(fresh_file(), FORM)


class TestRegistration:
    def test_from_application_to_certificate(self, service: CopyrightService, fresh_file: Fresh) -> None:
        work = service.deposit(fresh_file(), FORM).work
        case = registered(service, work.id)
        assert case.state == "CERTIFIED"
        done = service.certify(case.id)
        body = done.path.read_bytes()
        assert hashlib.sha256(body).hexdigest() == done.sha256
        assert b"".join(service.content.cat(done.cid)) == body  # type: ignore[arg-type]
        assert service.find("certificate", done.sha256)[0].id == work.id
        assert service.work(case.number).id == work.id
        assert service.certify(case.id).sha256 == done.sha256
        service.review(case.id, "publish")
        assert case.id in {one.id for one in service.queue("PUBLISHED")}

    def test_owner_documents_stay_with_the_office(self, service: CopyrightService, fresh_file: Fresh) -> None:
        work = service.deposit(fresh_file(), FORM).work
        case = applied(service, work.id)
        assert RESIDENT not in str(case.record)
        assert len(case.record["documents_hash"]) == 64
        assert seal_owner_documents(service) == 0
        documents = service.owner_documents(work.id)
        assert documents["owners"][0]["document_number"] == RESIDENT
        network = service.platform.networks.connect(service.network, "HospitalMSP/admin")
        with pytest.raises(Exception, match=r"(?s)NOT_OWNER|access|collection"):
            network.get_contract("copyright").evaluate("ReadOwnerDocuments", work.id)

    def test_refusals_come_with_words(self, service: CopyrightService, fresh_file: Fresh) -> None:
        work = service.deposit(fresh_file(), FORM).work
        case = applied(service, work.id)
        error = refused("wrong_state", service.review, case.id, "approve", "x")
        assert error.message.zh == "当前状态不能办理此步骤。"  # type: ignore[union-attr]
        service.review(case.id, "verify")
        corrected = service.review(case.id, "correct", ["请补充创作过程"], ["statement"]).value
        assert corrected.deadlines["correction"] > "2026"
        with pytest.raises(UserError):
            service.review(case.id, "dance")

    def test_somebody_elses_registrar_is_no_registrar(
        self, service: CopyrightService, acting: Acting, fresh_file: Fresh
    ) -> None:
        work = service.deposit(fresh_file(), FORM).work
        case = applied(service, work.id)
        with acting("HospitalMSP/registrar", "registrar") as theirs:
            refused("forbidden", theirs.review, case.id, "verify")


class TestRights:
    def test_licence_of_an_encrypted_work_opens_it_for_the_licensee_only(
        self, service: CopyrightService, acting: Acting, fresh_file: Fresh
    ) -> None:
        path = fresh_file()
        work = service.deposit(path, FORM, encrypt=True).work
        assert work.encrypted
        assert work.sha256 == ""
        stored = b"".join(service.read_content(work))
        assert path.read_bytes() not in stored
        assert b"".join(service.access.open(work.id)) == path.read_bytes()
        terms = {"licensee": CAROL, "kind": "ordinary", "rights": ["network"], "territory": "CN"}
        terms |= {"from": "2026-01-01", "until": "2030-12-31"}
        with acting(CAROL, "licensee") as theirs, pytest.raises(UserError, match="key"):
            b"".join(theirs.access.open(work.id))
        refused("no_licence", service.access.grant, work.id, CAROL)
        licence = service.kit.do(Licence.offer, terms, on=work.id).value
        with acting(CAROL, "licensee") as theirs:
            theirs.kit.do(Licence.accept, on=licence["id"])
        service.access.grant(work.id, CAROL)
        with acting(CAROL, "licensee") as theirs:
            out = io.BytesIO()
            theirs.access.save(work.id, out)
            assert out.getvalue() == path.read_bytes()
        with acting(BOB, "licensee") as theirs, pytest.raises(UserError):
            b"".join(theirs.access.open(work.id))

    def test_a_licensees_certificate_is_found_on_the_ledger(
        self, service: CopyrightService, acting: Acting, fresh_file: Fresh, tmp_path: Path
    ) -> None:
        path, erin = fresh_file(), "HealthMSP/erin"
        work = service.deposit(path, FORM, encrypt=True).work
        terms = {"licensee": erin, "kind": "ordinary", "rights": ["network"], "territory": "CN"}
        licence = service.kit.do(Licence.offer, terms | {"from": "2026-01-01", "until": "2030-12-31"}, on=work.id).value
        with acting(erin, "licensee") as theirs:
            theirs.kit.do(Licence.accept, on=licence["id"])
        kept = service.platform.networks.handle(service.network).authority("HealthMSP").certificate_path("erin")
        away = tmp_path / "erin.pem"
        kept.rename(away)
        try:
            service.access.grant(work.id, erin)
            with pytest.raises(NotFound, match="signed nothing"):
                service.access.grant(work.id, "HealthMSP/frank")
        finally:
            away.rename(kept)
        with acting(erin, "licensee") as theirs:
            assert b"".join(theirs.access.open(work.id, "licensee")) == path.read_bytes()

    def test_exclusive_licences_conflict(self, service: CopyrightService, acting: Acting, fresh_file: Fresh) -> None:
        work = service.deposit(fresh_file(), FORM).work
        terms = {
            "kind": "exclusive",
            "rights": "all",
            "territory": "WORLD",
            "from": "2026-01-01",
            "until": "2030-12-31",
        }
        licence = service.kit.do(Licence.offer, terms | {"licensee": CAROL}, on=work.id).value
        with acting(CAROL, "licensee") as theirs:
            theirs.kit.do(Licence.accept, on=licence["id"])
        other = terms | {"licensee": BOB, "kind": "ordinary", "territory": "CN-GD"}
        refused("licence_conflict", service.kit.do, Licence.offer, other, on=work.id)

    def test_pledge_transfer_dispute(self, service: CopyrightService, acting: Acting, fresh_file: Fresh) -> None:
        work = service.deposit(fresh_file(), FORM).work
        terms = {"pledgee": BOB, "debt_fen": 100, "debt_from": "2026-01-01", "debt_until": "2030-01-01"}
        terms |= {"rights": "all", "contract_sha256": "1" * 64}
        refused("not_registered", service.kit.do, Pledge.propose, terms, on=work.id)
        registered(service, work.id)
        pledge = service.kit.do(Pledge.propose, terms, on=work.id).value
        with acting(BOB, "licensee") as theirs:
            theirs.kit.do(Pledge.accept, on=pledge["id"])
        service.kit.do(Pledge.register, on=pledge["id"])
        transfer = service.kit.do(Transfer.propose, {"to": CAROL}, on=work.id).value
        with acting(CAROL, "licensee") as theirs:
            refused("consent_missing", theirs.kit.do, Transfer.accept, on=transfer["id"])
            evidence = theirs.store_evidence([f"file={fresh_file('draft.txt')}"])
            claim = {"ground": "ownership", "statement": "系本人作品", "evidence": evidence}
            dispute = theirs.kit.do(Dispute.open, claim, on=work.id).value
        with acting(BOB, "licensee") as theirs:
            theirs.kit.do(Transfer.consent, on=transfer["id"])
        with acting(CAROL, "licensee") as theirs:
            refused("disputed", theirs.kit.do, Transfer.accept, on=transfer["id"])
        service.kit.do(Dispute.resolve, {"outcome": "dismissed", "reasons": ["证据不足"]}, on=dispute["id"])
        with acting(CAROL, "licensee") as theirs:
            theirs.kit.do(Transfer.accept, on=transfer["id"])
        assert service.work(work.id).owners == ((CAROL, 10_000),)
        refused("not_owner", service.kit.do, Transfer.propose, {"to": BOB}, on=work.id)


class TestEvidence:
    def test_a_package_is_valid_and_any_change_is_found(
        self, service: CopyrightService, fresh_file: Fresh, tmp_path: Path
    ) -> None:
        work = service.deposit(fresh_file(), FORM).work
        registered(service, work.id)
        package = tmp_path / "evidence.zip"
        export_evidence(service, work.id, package)
        found = check_evidence(package)
        assert found.verdict == "consistent", found.findings
        card = service.platform.cards.make(service.network, witnesses=["DataBureauMSP"])
        assert check_evidence(package, card).verdict == "agrees"
        # A card made later: what came before its configuration is neither confirmed nor called forged. Of one that the
        # package must hold, another hash is a contradiction.
        newer = check_evidence(package, card._replace(config_block=1_000_000))
        assert newer.verdict == "consistent" and "card-newer" in {one.code for one in newer.findings}
        assert check_evidence(package, card._replace(config_hash="0" * 64)).verdict == "invalid"
        assert check_evidence(package, card._replace(config_block=card.config_block + 1)).verdict == "invalid"
        functions = [act["function"] for act in found.facts["acts"]]
        assert functions[0] == "Deposit"
        assert "IssueCertificate" in functions
        body = bytearray(package.read_bytes())
        for place in range(100, len(body), len(body) // 12):
            body[place] ^= 1
            assert check_bytes(bytes(body)).verdict in ("invalid", "unreadable"), place
            body[place] ^= 1

    def test_content_credentials_name_the_registration(
        self, service: CopyrightService, photograph: Fresh, tmp_path: Path
    ) -> None:
        path = photograph("宇航员.jpg")
        assert credentials.read(path) is None
        work = service.deposit(path, FORM).work
        target = tmp_path / "signed.jpg"
        credentials.embed(service, work, path, target)
        store = credentials.read(target)
        assert store is not None
        assert work.id in str(store)
        with pytest.raises(UserError, match="not the file"):
            credentials.embed(service, work, photograph("猫.jpg"), tmp_path / "other.jpg")


class TestBatch:
    def test_a_folder_is_deposited_once_and_bad_files_are_reported(
        self, service: CopyrightService, fresh_file: Fresh, tmp_path: Path
    ) -> None:
        folder = tmp_path / "folder"
        (folder / "inner").mkdir(parents=True)
        for number in range(7):
            (folder / "inner" / f"{number}.txt").write_bytes(fresh_file().read_bytes())
        (folder / "twice.txt").write_bytes((folder / "inner" / "3.txt").read_bytes())
        (folder / "empty.txt").write_bytes(b"")
        (folder / "broken.jpg").write_bytes((samples() / "猫.jpg").read_bytes()[:5000])
        (folder / "wrong.jpg").write_bytes(b"%PDF-1.7 not a picture")
        (folder / ".hidden").write_text("x")
        forms = {"inner/2.txt": WorkForm(title="有表格的作品", category="oral")}
        report = deposit_folder(service, folder, forms=forms, defaults=FORM)
        assert (report.count("deposited"), report.count("known"), report.count("refused")) == (9, 1, 1)
        ids = {line.work_id for line in report.lines if line.state == "deposited"}
        assert len(ids) == 9
        again = deposit_folder(service, folder, defaults=FORM)
        assert again.count("known") == 10
        assert again.count("deposited") == 0
        works = {line.path.name: line.work_id for line in report.lines if line.state == "deposited"}
        assert service.work(works["2.txt"]).category == "oral"
        report.write_csv(tmp_path / "report.csv")
        assert "broken.jpg" in (tmp_path / "report.csv").read_text(encoding="utf-8-sig")

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps file names that are no text")
    def test_a_name_that_is_no_text_costs_its_own_line_only(self, service: CopyrightService, tmp_path: Path) -> None:
        folder = tmp_path / "unpacked"
        folder.mkdir()
        (folder / "好.txt").write_text("名字正常的作品。" * 20, encoding="utf-8")
        (folder / os.fsdecode("你好.txt".encode("gbk"))).write_text("名字不是文字的作品。" * 20, encoding="utf-8")
        report = deposit_folder(service, folder)
        assert (report.count("deposited"), report.count("refused")) == (1, 1)
        report.write_csv(tmp_path / "report.csv", "zh")
        assert "请改名" in (tmp_path / "report.csv").read_text(encoding="utf-8-sig")

    def test_a_stopped_batch_goes_on_without_duplicate_or_loss(
        self, service: CopyrightService, fresh_file: Fresh, tmp_path: Path
    ) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        for number in range(6):
            (folder / f"{number}.txt").write_bytes(fresh_file().read_bytes())
        first = deposit_folder(service, folder, defaults=FORM)
        # As if killed after the ledger had committed and before the workspace remembered.
        service.index.clear()
        again = deposit_folder(service, folder, defaults=FORM)
        assert [line.work_id for line in again.lines] == [line.work_id for line in first.lines]
        assert [line.block for line in again.lines] == [line.block for line in first.lines]
        assert again.count("known") == 6


class TestCancellations:
    def test_a_cancelled_registration_is_called_so_wherever_it_is_met(
        self, service: CopyrightService, fresh_file: Fresh, tmp_path: Path
    ) -> None:
        from apps.copyright.table import write_works

        work = service.deposit(fresh_file(), FORM).work
        case = registered(service, work.id)
        issued = service.certify(case.id)
        assert service.certificate_state(issued.sha256) == "valid"
        service.kit.do(kinds.Change.request, {"changes": {"note": "第二版"}, "reason": "更正"}, on=work.id)
        (change,) = service.dossier(work.id)["changes"]
        service.kit.do(kinds.Change.approve, {"reasons": ["属实"]}, on=change["id"])
        assert service.outdated(work.id) == case.id
        newer = service.certify(case.id)
        assert service.outdated(work.id) == ""
        assert [service.certificate_state(one.sha256) for one in (issued, newer)] == ["replaced", "valid"]
        asked = service.kit.do(kinds.Cancellation.request, {"reason": "不再需要"}, on=work.id).value
        service.kit.do(kinds.Cancellation.approve, {"reasons": ["同意"]}, on=asked["id"])
        after = service.work(work.id)
        assert (after.number, after.cancelled) == ("", case.number)
        assert service.work(case.number).cancelled == case.number, "looked up by the void number"
        assert {service.certificate_state(one.sha256) for one in (issued, newer)} == {"cancelled"}
        write_works([after], tmp_path / "works.csv")
        assert case.number in (tmp_path / "works.csv").read_text(encoding="utf-8-sig")
        service.examination.sync()
        assert service.index.rows("SELECT number FROM work WHERE work_id=?", work.id) == [("",)]

    def test_numbers_have_no_gap_when_many_desks_issue_at_once(
        self, service: CopyrightService, fresh_file: Fresh
    ) -> None:
        """Eight registrars at the counter at once: whoever was slower tries again, and no number is lost."""
        cases = []
        for _ in range(8):
            case = applied(service, service.deposit(fresh_file(f"{uuid.uuid4().hex}.txt"), FORM).work.id)
            for step in ("verify", "accept", "examine"):
                service.review(case.id, step)
            pass_examination(service, case.id)
            cases.append(case.id)
        with ThreadPoolExecutor(8) as pool:
            issued = list(pool.map(lambda case: service.review(case, "issue").value.number, cases))
        serials = sorted(int(one.rpartition("-")[2]) for one in issued)
        assert serials == list(range(serials[0], serials[0] + 8))


class TestSeals:
    def test_a_changed_registration_gets_a_certificate_that_names_the_old(
        self, service: CopyrightService, fresh_file: Fresh, tmp_path: Path
    ) -> None:
        work = service.deposit(fresh_file(), FORM).work
        case = registered(service, work.id)
        first = service.certify(case.id)
        assert service.certify(case.id).sha256 == first.sha256  # made once
        asked = {"changes": {"title": "更正后的标题"}, "reason": "笔误"}
        change = service.kit.do(Change.request, asked, on=work.id).value
        service.kit.do(Change.approve, {"reasons": ["属实"]}, on=change["id"])
        second = service.certify(case.id)
        assert second.sha256 != first.sha256
        assert service.certify(case.id).sha256 == second.sha256
        noted = service.registration(case.id).record
        assert [one["sha256"] for one in noted["certificates"]] == [first.sha256]
        export_evidence(service, work.id, tmp_path / "evidence.zip")
        states = {one.code: one.values["sha256"] for one in check_evidence(tmp_path / "evidence.zip").findings
                  if one.code.startswith("certificate")}  # fmt: skip
        assert states == {"certificate": second.sha256, "certificate-replaced": first.sha256}

    def test_the_root_can_be_kept_off_line(self, service: CopyrightService, tmp_path: Path) -> None:
        seals.office_seal(service)
        away = tmp_path / "root.pem"
        seals.take_out(service, away, b"a long passphrase")
        assert seals.SealStore(service).get("root") is None
        assert b"ENCRYPTED" in away.read_bytes()
        seals.office_seal(service)  # the officer's own seal goes on
        with pytest.raises(NotFound, match="off line"):
            seals.SealStore(service).root("x")
        with pytest.raises(UserError, match="passphrase is wrong"):
            seals.put_back(service, away, b"another passphrase")
        seals.put_back(service, away, b"a long passphrase")
        assert seals.SealStore(service).get("root") is not None

    def test_the_root_stands_on_the_card(self, service: CopyrightService, city: City) -> None:
        root = seals.describe(service)["root_sha256"]
        assert root in city.platform.cards.make(city.network).seals
