"""Who may have which file, sealed works at examination, and registrars' seals on the ledger."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from apps.copyright import seal_certificates as seal
from apps.copyright.sealing import commitment
from baas.content.cid import RAW, of_block
from fabric_sdk.chaincode.testing import client

from .conftest import (
    ADMIN,
    ALICE,
    BOB,
    CAROL,
    FALSE_REGISTRAR,
    REGISTRAR,
    SECOND,
    Office,
    application_form,
    claim,
    documents,
    work_form,
)
from .test_rights import licensed

SERVICE = client("CopyrightMSP", "content", role="content_service")
OFFICE = "CopyrightMSP"


def may(office: Office, question: str, record: dict[str, Any], cid: str, who: Any) -> bool:
    from fabric_sdk.chaincode import ChaincodeError

    try:
        answer = office.ask(question, record["id"], cid, OFFICE, as_=who)
    except ChaincodeError as error:
        assert error.code in {"FORBIDDEN", "NOT_FOUND"}, error
        return False
    assert answer["cid"] == cid
    return True


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def cid_of(seed: str) -> str:
    return str(of_block(seed.encode(), RAW).text)


class TestFiles:
    def test_a_works_file_is_its_owners_the_offices_and_licensees_in_force(self, office: Office) -> None:
        work = office.work()
        cid = work["content"]["cid"]
        ask = lambda who: may(office, "MayFetch", work, cid, who)  # noqa: E731
        assert ask(ALICE)
        assert not ask(CAROL) and not ask(BOB) and not ask(FALSE_REGISTRAR)
        licence = licensed(office, work)
        assert ask(CAROL) and not ask(BOB)
        office.do("TerminateLicence", licence["id"], "用完了", as_=CAROL)
        assert not ask(CAROL)

    def test_a_registrar_has_what_comes_before_the_office_and_nothing_else(self, office: Office) -> None:
        work, like, other = (office.work(seed) for seed in ("one", "two", "three"))
        cids = [one["content"]["cid"] for one in (work, like, other)]
        assert not may(office, "MayFetch", work, cids[0], REGISTRAR)
        case = office.submitted(work, ALICE)
        assert may(office, "MayFetch", work, cids[0], REGISTRAR)
        assert not may(office, "MayFetch", case, cids[1], REGISTRAR)
        for step in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
            office.step(step, case)
        found = [{"work_id": like["id"], "method": "image", "score": 93, "detail": "18/256"}]
        office.step("CompareWork", case, found, "content", 1, 3)
        assert may(office, "MayFetch", case, cids[1], REGISTRAR) and not may(
            office, "MayFetch", case, cids[2], REGISTRAR
        )
        assert not may(office, "MayFetch", case, cids[1], ALICE) and not may(office, "MayHandIn", case, cids[1], ALICE)
        assert not may(office, "MayFetch", case, cids[1], FALSE_REGISTRAR)

    def test_a_look_alikes_file_lies_under_its_work_and_all_others_under_the_record(self, office: Office) -> None:
        work, like, proof = office.work("one"), office.work("two"), cid_of("proof")
        own = [{"kind": "contract", "sha256": "1" * 64, "cid": proof}]
        case = office.submitted(work, ALICE, proofs=own, similar=[{"work_id": like["id"], "method": "told"}])
        held = lambda record, cid, who: office.ask("MayFetch", record["id"], cid, OFFICE, as_=who)["held"]  # noqa: E731
        assert held(case, like["content"]["cid"], REGISTRAR) == [like["id"]]
        assert held(case, proof, REGISTRAR) == [case["id"]]
        assert held(work, work["content"]["cid"], ALICE) == [work["id"]]

    def test_a_registrar_opens_nothing_by_words_of_their_own(self, office: Office) -> None:
        """A dispute with invented evidence, one that has ended, and a comparison that names any work at score 0."""
        both = client("CopyrightMSP", "registrar", role="registrar,creator,licensee")
        work, other = office.work("one"), office.work("two", as_=BOB)
        cid = other["content"]["cid"]
        dispute = office.do("OpenDispute", other["id"], claim(), as_=both)
        assert not may(office, "MayFetch", other, cid, both)
        assert may(office, "MayFetch", other, cid, SECOND)  # whoever decides it
        office.do("WithdrawDispute", dispute["id"], "撤回", as_=both)
        assert not may(office, "MayFetch", other, cid, both) and not may(office, "MayFetch", other, cid, SECOND)
        case = office.submitted(work, ALICE)
        for step in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
            office.step(step, case)
        office.compare(case, {"work_id": other["id"], "method": "image", "score": 0, "detail": ""})
        assert not may(office, "MayFetch", case, cid, REGISTRAR)
        # Nor by an application of their own that calls it similar.
        mine = office.work("three", as_=both)
        office.tester.invoke("PutOwnerDocuments", mine["id"], as_=both, transient=documents("CopyrightMSP/registrar"))
        named = application_form("CopyrightMSP/registrar", similar=[{"work_id": other["id"], "method": "told"}])
        own = office.do("SubmitRegistration", mine["id"], named, as_=both)
        assert not may(office, "MayFetch", own, cid, both) and may(office, "MayFetch", own, cid, SECOND)

    def test_a_licence_that_has_not_begun_or_has_ended_opens_nothing(self, office: Office) -> None:
        work = office.work()
        cid = work["content"]["cid"]
        today = office.tester.now.date()
        licensed(
            office,
            work,
            **{"from": (today + timedelta(days=5)).isoformat(), "until": (today + timedelta(days=9)).isoformat()},
        )
        assert not may(office, "MayFetch", work, cid, CAROL)
        office.later(days=6)
        assert may(office, "MayFetch", work, cid, CAROL)
        office.later(days=10)
        assert not may(office, "MayFetch", work, cid, CAROL)

    def test_a_question_dated_back_into_the_licence_is_refused(self, office: Office) -> None:
        work = office.work()
        today = office.tester.now.date()
        licensed(office, work, **{"from": today.isoformat(), "until": (today + timedelta(days=2)).isoformat()})
        within = office.tester.now
        office.peers_clock = within + timedelta(days=30)
        office.refused("CLOCK_DIFFERS", "MayFetch", work["id"], work["content"]["cid"], OFFICE, as_=CAROL)

    def test_the_seller_has_no_right_any_more_and_the_buyer_has(self, office: Office) -> None:
        work = office.work()
        cid = work["content"]["cid"]
        transfer = office.do("ProposeTransfer", work["id"], {"to": "DataBureauMSP/bob"}, as_=ALICE)
        assert not may(office, "MayFetch", work, cid, BOB)
        office.do("AcceptTransfer", transfer["id"], as_=BOB)
        assert may(office, "MayFetch", work, cid, BOB) and not may(office, "MayFetch", work, cid, ALICE)

    def test_only_files_that_the_record_names_are_asked_for(self, office: Office) -> None:
        work, other = office.work("one"), office.work("two", as_=BOB)
        office.refused("NOT_FOUND", "MayFetch", work["id"], other["content"]["cid"], OFFICE, as_=ALICE)
        office.refused("NOT_FOUND", "MayHandIn", work["id"], other["content"]["cid"], OFFICE, as_=ALICE)
        office.refused("NOT_FOUND", "MayFetch", "XX123", work["content"]["cid"], OFFICE, as_=ALICE)
        office.refused("INVALID_FIELD", "MayFetch", work["id"], work["content"]["cid"], "", as_=ALICE)

    def test_a_file_is_handed_in_by_its_depositor_and_no_larger_than_deposited(self, office: Office) -> None:
        work = office.work()
        cid = work["content"]["cid"]
        answer = office.ask("MayHandIn", work["id"], cid, OFFICE, as_=ALICE)
        assert work["content"]["size"] < answer["bytes"] <= work["content"]["size"] + (2 << 20)
        for stranger in (BOB, CAROL, REGISTRAR, FALSE_REGISTRAR):
            assert not may(office, "MayHandIn", work, cid, stranger)
        office.do("RevokeDeposit", work["id"], "误传", as_=ALICE)
        assert not may(office, "MayHandIn", work, cid, ALICE)

    def test_proofs_and_certificates(self, office: Office) -> None:
        work, proof, paper = office.work(), cid_of("proof"), cid_of("paper")
        office.tester.invoke("PutOwnerDocuments", work["id"], as_=ALICE, transient=documents())
        form = application_form(proofs=[{"kind": "contract", "sha256": "1" * 64, "cid": proof}])
        case = office.do("SubmitRegistration", work["id"], form, as_=ALICE)
        assert may(office, "MayHandIn", case, proof, ALICE) and not may(office, "MayHandIn", case, proof, CAROL)
        assert may(office, "MayFetch", case, proof, REGISTRAR) and not may(office, "MayFetch", case, proof, CAROL)
        for step in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
            office.step(step, case)
        office.passed(case)
        office.step("IssueCertificate", case)
        office.step("RecordCertificate", case, "2" * 64, paper)
        assert may(office, "MayHandIn", case, paper, REGISTRAR) and not may(office, "MayHandIn", case, paper, ALICE)
        assert may(office, "MayFetch", case, paper, ALICE) and not may(office, "MayFetch", case, paper, CAROL)
        office.step("PublishRegistration", case)
        assert may(office, "MayFetch", case, paper, CAROL) and not may(office, "MayFetch", case, proof, CAROL)

    def test_surveys_are_for_those_who_look_after_all_files(self, office: Office) -> None:
        for who in (REGISTRAR, ADMIN, SERVICE):
            assert office.ask("MaySurvey", OFFICE, as_=who)["party"]
        office.refused("FORBIDDEN", "MaySurvey", OFFICE, as_=ALICE)
        office.refused("FORBIDDEN", "MaySurvey", OFFICE, as_=FALSE_REGISTRAR)


class TestDirectory:
    @pytest.fixture
    def certificate(self) -> str:
        return seal.make_root("样例服务", "CopyrightMSP", _key()).certificate_pem.decode()

    def test_each_organisation_names_its_own_service(self, office: Office, certificate: str) -> None:
        office.do("PutContentService", "https://content.example:8443", certificate, as_=SERVICE)
        bureau = client("DataBureauMSP", "admin", ou="admin")
        office.do("PutContentService", "https://198.51.100.7:1/", certificate, as_=bureau)
        found = office.ask("ListContentServices", as_=CAROL)
        assert [(one["msp_id"], one["address"]) for one in found] == [
            ("CopyrightMSP", "https://content.example:8443"),
            ("DataBureauMSP", "https://198.51.100.7:1"),
        ]
        office.do("PutContentService", "", "", as_=bureau)
        assert [one["msp_id"] for one in office.ask("ListContentServices")] == ["CopyrightMSP"]

    def test_each_organisation_names_its_own_node_in_the_swarm(self, office: Office) -> None:
        peer = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"
        bureau = client("DataBureauMSP", "admin", ou="admin")
        addresses = (f"/dns4/node.example/tcp/4001/p2p/{peer}", f"/ip4/198.51.100.7/tcp/4001/p2p/{peer}")
        for who, address in zip((SERVICE, bureau), addresses, strict=True):
            office.do("PutSwarmPeer", address, as_=who)
        found = office.ask("ListSwarmPeers", as_=CAROL)
        assert [(one["msp_id"], one["address"]) for one in found] == [
            ("CopyrightMSP", addresses[0]),
            ("DataBureauMSP", addresses[1]),
        ]
        for wrong in (
            "/ip4/1.2.3.4/tcp/4001",
            f"/ip4/1.2.3.4/tcp/0/p2p/{peer}",
            f"{addresses[0]}/p2p-circuit",
            "http://h:1",
        ):
            office.refused("INVALID_FIELD", "PutSwarmPeer", wrong, as_=ADMIN)
        for who in (ALICE, REGISTRAR, CAROL):
            office.refused("FORBIDDEN", "PutSwarmPeer", addresses[0], as_=who)
        office.do("PutSwarmPeer", "", as_=bureau)
        assert [one["msp_id"] for one in office.ask("ListSwarmPeers")] == ["CopyrightMSP"]

    def test_nobody_else_does(self, office: Office, certificate: str) -> None:
        for who in (ALICE, REGISTRAR, CAROL):
            office.refused("FORBIDDEN", "PutContentService", "https://h:1", certificate, as_=who)

    @pytest.mark.parametrize(
        "address",
        [
            "http://h:1",
            "https://h",
            "https://h:1/x",
            "https://u:p@h:1",
            "https://h:99999",
            "file:///etc",
            "https://h:1?a",
        ],
    )
    def test_what_is_no_address_is_refused(self, office: Office, certificate: str, address: str) -> None:
        office.refused("INVALID_FIELD", "PutContentService", address, certificate, as_=ADMIN)
        office.refused("INVALID_FIELD", "PutContentService", "https://h:1", certificate * 2, as_=ADMIN)


KEY, PLAIN = secrets.token_bytes(32), bytes(32)


def sealed_work(office: Office) -> dict[str, Any]:
    content = {
        "cid": cid_of("sealed"),
        "size": 6,
        "media_type": "image/png",
        "encrypted": True,
        "commitment": commitment(KEY, PLAIN),
    }
    found: dict[str, Any] = office.do("Deposit", work_form("s", content=content), as_=ALICE)
    return found


def key(key: bytes = KEY, plain: bytes = PLAIN) -> dict[str, bytes]:
    return {"key": json.dumps({"key": key.hex(), "sha256": plain.hex()}).encode()}


class TestSealedWorks:
    def test_a_sealed_work_is_opened_at_examination_and_its_key_is_erased(self, office: Office) -> None:
        work = sealed_work(office)
        office.tester.invoke("PutOwnerDocuments", work["id"], as_=ALICE, transient=documents())
        office.refused("KEY_MISSING", "SubmitRegistration", work["id"], application_form(), as_=ALICE)
        office.tester.invoke("PutExaminationKey", work["id"], as_=ALICE, transient=key())
        case = office.do("SubmitRegistration", work["id"], application_form(), as_=ALICE)
        office.refused("TRACE_MISSING", "ReadExaminationKey", work["id"], as_=REGISTRAR)
        for step in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
            office.step(step, case)
        office.step("CompareWork", case, [], "content", 1, 1)
        office.refused("NOT_OPENED", "PassExamination", case["id"], "同意", as_=REGISTRAR)
        office.do("LookAtSealedWork", work["id"], as_=REGISTRAR)
        assert office.ask("ReadExaminationKey", work["id"]) == {"key": KEY.hex(), "sha256": PLAIN.hex()}
        assert [one["by"] for one in office.ask("ListKeyLooks", work["id"], as_=ALICE)] == ["CopyrightMSP/registrar"]
        office.refused("WRONG_STATE", "PurgeExaminationKey", work["id"], as_=ALICE)
        office.passed(case)
        office.do("PurgeExaminationKey", work["id"], as_=REGISTRAR)
        office.refused("WRONG_STATE", "LookAtSealedWork", work["id"], as_=REGISTRAR)

    def test_another_key_another_person_and_an_old_trace_are_refused(self, office: Office) -> None:
        work = sealed_work(office)
        for wrong in (key(bytes(32)), key(KEY, b"\x01" * 32), {"key": b"{}"}, {"key": b"["}, {}):
            with pytest.raises(Exception, match="key"):
                office.tester.invoke("PutExaminationKey", work["id"], as_=ALICE, transient=wrong)
        office.refused("NOT_OWNER", "PutExaminationKey", work["id"], as_=BOB, transient=key())
        office.tester.invoke("PutOwnerDocuments", work["id"], as_=ALICE, transient=documents())
        office.tester.invoke("PutExaminationKey", work["id"], as_=ALICE, transient=key())
        office.refused("WRONG_STATE", "LookAtSealedWork", work["id"], as_=REGISTRAR)  # no application in hand
        office.do("SubmitRegistration", work["id"], application_form(), as_=ALICE)
        for nobody in (ALICE, FALSE_REGISTRAR, ADMIN):
            office.refused("FORBIDDEN", "LookAtSealedWork", work["id"], as_=nobody)
            office.refused("FORBIDDEN", "ReadExaminationKey", work["id"], as_=nobody)
        office.do("LookAtSealedWork", work["id"], as_=REGISTRAR)
        office.later(minutes=16)
        office.refused("TRACE_MISSING", "ReadExaminationKey", work["id"], as_=REGISTRAR)
        office.peers_clock = office.tester.now
        office.later(minutes=-16)
        office.refused("CLOCK_DIFFERS", "ReadExaminationKey", work["id"], as_=REGISTRAR)


class TestTwoDesks:
    def test_the_second_desk_that_certifies_is_told_of_the_first(self, office: Office) -> None:
        work = office.registered("two desks")
        case = {"id": work["registration"]}
        office.step("RecordCertificate", case, "a" * 64, cid_of("first"))
        refusal = office.refused(
            "CERTIFICATE_STANDS", "RecordCertificate", case["id"], "b" * 64, cid_of("2"), as_=REGISTRAR
        )
        assert "a" * 64 in str(refusal)
        again = office.step("RecordCertificate", case, "b" * 64, cid_of("2"), "a" * 64)
        assert (again["certificate"]["sha256"], again["certificates"][0]["sha256"]) == ("b" * 64, "a" * 64)


class TestSeals:
    def test_a_seal_is_asked_for_and_issued_for_those_keys_under_the_root(self, office: Office) -> None:
        root = seal.make_root("样例印章根", "CopyrightMSP", _key())
        own, stamp = _key(), seal.new_stamp_key()
        asked = seal.requests_of("registrar", "版权登记中心", own, stamp)
        office.refused("FORBIDDEN", "AskSeal", asked, as_=ALICE)
        office.refused("FORBIDDEN", "AskSeal", asked, as_=FALSE_REGISTRAR)
        office.refused("INVALID_FIELD", "AskSeal", asked | {"seal": "no request"}, as_=REGISTRAR)
        office.do("AskSeal", asked, as_=REGISTRAR)
        party = "CopyrightMSP/registrar"
        issued = seal.answer_requests("版权登记中心", "registrar", asked, root)
        for who in (ALICE, REGISTRAR, client("DataBureauMSP", "admin", ou="admin")):
            office.refused("FORBIDDEN", "IssueSeal", party, issued, as_=who)
        other = seal.make_root("样例印章根", "CopyrightMSP", _key())
        under_another = issued | {"root": other.certificate_pem.decode()}
        office.refused("INVALID_FIELD", "IssueSeal", party, under_another, as_=ADMIN)
        for who in (ALICE, REGISTRAR, client("DataBureauMSP", "admin", ou="admin")):
            office.refused("FORBIDDEN", "RefuseSeal", party, "不认识", as_=who)
        for reason in ("", "x" * 501):
            office.refused("INVALID_FIELD", "RefuseSeal", party, reason, as_=ADMIN)
        office.refused("NOT_FOUND", "RefuseSeal", "CopyrightMSP/nobody", "不认识", as_=ADMIN)
        office.do("RefuseSeal", party, "请先到人事登记", as_=ADMIN)
        told = office.ask("ReadSeal", party, as_=CAROL)
        assert (told["state"], told["reason"], told["by"]) == ("REFUSED", "请先到人事登记", "CopyrightMSP/admin")
        office.refused("WRONG_STATE", "IssueSeal", party, issued, as_=ADMIN)
        office.do("AskSeal", asked, as_=REGISTRAR)  # and so it waits again, of the refusal nothing is left
        assert "reason" not in office.ask("ReadSeal", party, as_=CAROL)
        others = seal.requests_of("registrar", "版权登记中心", _key(), seal.new_stamp_key())
        for_other_keys = seal.answer_requests("版权登记中心", "registrar", others, root)
        office.refused("INVALID_FIELD", "IssueSeal", party, for_other_keys, as_=ADMIN)
        office.refused("NOT_FOUND", "IssueSeal", "CopyrightMSP/nobody", issued, as_=ADMIN)
        office.do("IssueSeal", party, issued, as_=ADMIN)
        office.refused("WRONG_STATE", "IssueSeal", party, issued, as_=ADMIN)
        office.refused("WRONG_STATE", "RefuseSeal", party, "太迟了", as_=ADMIN)
        found = office.ask("ReadSeal", party, as_=CAROL)
        assert (found["state"], found["issued"]) == ("ISSUED", issued)
        office.do("WithdrawSeal", party, "私钥可能泄露", as_=ADMIN)
        listed = office.ask("ListSeals", as_=CAROL)
        assert [one["state"] for one in listed["seals"]] == ["WITHDRAWN"]
        assert [one["root"] for one in listed["roots"]] == [issued["root"]]
