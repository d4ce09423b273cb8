"""存证: what a deposit holds, who may make one, what is refused; keys of encrypted works; finding and walking."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import ContractTester, client

from .conftest import ADMIN, ALICE, BOB, CAROL, COLLECTIONS, REGISTRAR, Office, work_form


def test_nothing_works_before_the_office_is_configured() -> None:
    from chaincode.copyright import CopyrightContract

    tester = ContractTester(CopyrightContract(clock=lambda: tester.now), collections=COLLECTIONS)
    with pytest.raises(ChaincodeError, match="NOT_CONFIGURED"):
        tester.invoke("Deposit", work_form(), as_=ALICE)
    with pytest.raises(ChaincodeError, match="FORBIDDEN"):
        tester.invoke("Configure", {"office_msp": "X", "office_name": "x", "number_prefix": "x"}, as_=REGISTRAR)


def test_only_the_offices_administrator_changes_its_settings(office: Office) -> None:
    other = {"office_msp": "HospitalMSP", "office_name": "x", "number_prefix": "x"}
    office.refused("FORBIDDEN", "Configure", other, as_=client("HospitalMSP", "admin", ou="admin"))
    office.do("Configure", other, as_=ADMIN)
    assert office.ask("ReadSettings")["office_msp"] == "HospitalMSP"


def test_a_deposit_names_its_depositor_time_and_content(office: Office) -> None:
    work = office.work()
    assert work["depositor"] == "CopyrightMSP/alice"
    assert work["owners"] == [{"party": "CopyrightMSP/alice", "share": 10_000}]
    assert work["created"] == "2026-01-01T00:00:00Z"
    assert office.ask("Read", work["id"]) == work
    assert office.ask("Find", "cid", work["content"]["cid"]) == [work]
    assert office.ask("Find", "sha256", work["content"]["sha256"]) == [work]
    assert office.tester.events[-1].name == "WorkDeposited"


def test_deposits_need_the_role(office: Office) -> None:
    office.refused("FORBIDDEN", "Deposit", work_form(), as_=CAROL)


def test_the_same_content_twice(office: Office) -> None:
    first = office.work()
    assert first["id"] in str(office.refused("DUPLICATE_DEPOSIT", "Deposit", work_form(), as_=ALICE))
    relations = [{"work_id": first["id"], "relation": "independent", "words": "同时拍摄"}]
    second = office.work(as_=BOB, relations=relations)
    assert second["earlier"] == [first["id"]]
    assert [work["id"] for work in office.ask("Find", "cid", first["content"]["cid"])] == sorted(
        (first["id"], second["id"])
    )


def test_many_at_once_skips_what_is_there(office: Office) -> None:
    first = office.work("a")
    answers = office.do("DepositMany", [work_form("b"), work_form("a"), work_form("b"), work_form("c")], as_=ALICE)
    assert [answer["duplicate"] for answer in answers] == [False, True, True, False]
    assert answers[1]["id"] == first["id"]
    assert len({answers[0]["id"], answers[3]["id"]}) == 2
    office.refused("INVALID_FIELD", "DepositMany", [], as_=ALICE)
    office.refused("INVALID_FIELD", "DepositMany", [work_form("x")] * 101, as_=ALICE)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"title": "bell\x07"},
        {"category": "painting"},
        {"creation_kind": "adaptation"},
        {"sources": [{"description": "an earlier work"}]},
        {"content": None},
        {"content": {"cid": "Qm", "sha256": "0" * 64, "size": 1, "media_type": "x/y"}},
        {"completed": {"date": "2026-02-30"}},
        {"completed": {"date": "2099-01-01"}},
        {"published": {"date": "2025-01-01"}},
        {"unknown": 1},
        {"authors": [{"name": "x", "age": 3}]},
        {"authors": "me"},
        {"fingerprints": {"iscc": "x" * 600}},
    ],
)
def test_wrong_fields_are_named(office: Office, changes: dict[str, Any]) -> None:
    office.refused("INVALID_FIELD", "Deposit", work_form(**changes), as_=ALICE)


def test_encrypted_content_shows_no_plain_hash(office: Office) -> None:
    content = work_form()["content"] | {"encrypted": True}
    office.refused("INVALID_FIELD", "Deposit", work_form(content=content), as_=ALICE)
    content["commitment"] = content.pop("sha256")
    work = office.work(content=content)
    office.refused("NO_LICENCE", "PutKey", work["id"], "HospitalMSP/carol", "wrapped", as_=ALICE)
    office.refused("NOT_OWNER", "PutKey", work["id"], "HospitalMSP/carol", "wrapped", as_=BOB)
    office.do("PutKey", work["id"], "CopyrightMSP/alice", "mine", as_=ALICE)
    assert office.ask("ReadKey", work["id"], as_=ALICE) == "mine"
    with pytest.raises(ChaincodeError, match="NO_KEY"):
        office.ask("ReadKey", work["id"], as_=CAROL)
    licence = office.do("OfferLicence", work["id"], licence_terms(), as_=ALICE)
    office.refused("NO_LICENCE", "PutKey", work["id"], "HospitalMSP/carol", "wrapped", as_=ALICE)
    office.do("AcceptLicence", licence["id"], as_=CAROL)
    office.do("PutKey", work["id"], "HospitalMSP/carol", "hers", as_=ALICE)
    assert office.ask("ReadKey", work["id"], as_=CAROL) == "hers"


def licence_terms(**changes: Any) -> dict[str, Any]:
    terms = {
        "licensee": "HospitalMSP/carol",
        "kind": "ordinary",
        "rights": ["network"],
        "territory": "CN",
        "from": "2026-01-01",
        "until": "2026-12-31",
    }
    return terms | changes


def test_open_works_take_no_keys(office: Office) -> None:
    office.refused("NOT_ENCRYPTED", "PutKey", office.work()["id"], "CopyrightMSP/alice", "x", as_=ALICE)


def test_a_family_tree_is_walked_both_ways(office: Office) -> None:
    root = office.work("root")
    child = office.work("child", as_=BOB, creation_kind="adaptation", sources=[{"work_id": root["id"]}])
    grandchild = office.work(
        "grandchild", creation_kind="translation", sources=[{"work_id": child["id"]}, {"description": "a folk tale"}]
    )
    for start in (root, child, grandchild):
        tree = office.ask("FamilyTree", start["id"])
        assert {work["id"] for work in tree["works"]} == {root["id"], child["id"], grandchild["id"]}
        assert {(link["from"], link["to"]) for link in tree["links"]} == {
            (root["id"], child["id"]),
            (child["id"], grandchild["id"]),
        }
        assert tree["complete"]
    office.refused(
        "NOT_FOUND",
        "Deposit",
        work_form("x", creation_kind="adaptation", sources=[{"work_id": "CZ20260101-000000000000"}]),
        as_=ALICE,
    )


def test_revoking_a_deposit(office: Office) -> None:
    work = office.work()
    office.refused("NOT_OWNER", "RevokeDeposit", work["id"], "x", as_=BOB)
    assert office.do("RevokeDeposit", work["id"], "误传", as_=ALICE)["state"] == "REVOKED"
    office.refused("WRONG_STATE", "RevokeDeposit", work["id"], "again", as_=ALICE)
    office.refused("WORK_BOUND", "RevokeDeposit", office.registered("b")["id"], "x", as_=ALICE)


def test_history_shows_every_version(office: Office) -> None:
    work = office.work()
    office.later(hours=1)
    office.do("RevokeDeposit", work["id"], "误传", as_=ALICE)
    history = office.ask("History", work["id"])
    assert [entry["record"]["state"] for entry in history] == ["REVOKED", "ACTIVE"]


def test_lists_are_paged(office: Office) -> None:
    ids = {office.work(f"w{number}")["id"] for number in range(5)}
    found, bookmark = [], ""
    while True:
        page = office.ask("ListMine", "works", 2, bookmark, as_=ALICE)
        found += [work["id"] for work in page["items"]]
        bookmark = page["bookmark"]
        if not bookmark:
            break
    assert set(found) == ids
    assert len(found) == 5
    assert office.ask("ListMine", "works", 2, "", as_=BOB)["items"] == []
    with pytest.raises(ChaincodeError, match="INVALID_FIELD"):
        office.ask("ListMine", "works", 1000, "", as_=ALICE)


@pytest.mark.parametrize(
    "bookmark", ["\x00bad", "\x00", "A", "~", "\U0010ffff", "\x00waiting\x00", "\x00concerned\x00"]
)
def test_a_bookmark_of_another_list_is_refused(office: Office, bookmark: str) -> None:
    """A page begins where its bookmark says: from elsewhere it would show, or stumble over, what is not listed."""
    office.work()
    for call in (("ListAll", "work"), ("ListMine", "works"), ("ListWaitingFor", REGISTRAR.name), ("ListWorks",)):
        with pytest.raises(ChaincodeError) as caught:
            office.ask(*call, 5, bookmark)
        assert (caught.value.code, caught.value.status) == ("BAD_BOOKMARK", 400), call


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**60) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([*work_form(), "sources", "fingerprints", "published"]), _json)
def test_any_json_in_any_field_is_taken_or_refused_in_words(field: str, value: Any) -> None:
    office = OFFICE
    try:
        office.tester.propose("Deposit", work_form() | {field: value}, as_=ALICE)
    except ChaincodeError as error:
        assert error.code in ("INVALID_FIELD", "NOT_FOUND", "BAD_ARGUMENTS"), error


OFFICE = Office()


def test_a_reading_key_is_the_callers_own_and_a_point_of_p256(office: Office) -> None:
    import base64

    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    def point(curve: ec.EllipticCurve) -> str:
        public = ec.generate_private_key(curve).public_key()
        return base64.b64encode(public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)).decode()

    for wrong in ("", "x", base64.b64encode(b"\x02" + b"\xff" * 32).decode(), point(ec.SECP384R1()), "A" * 100_000):
        office.refused("INVALID_FIELD", "PutReadingKey", wrong, as_=ALICE)
    assert office.ask("ReadReadingKey", "CopyrightMSP/alice", as_=BOB)["public"] == ""
    first = point(ec.SECP256R1())
    assert office.do("PutReadingKey", first, as_=ALICE)["number"] == 1
    assert office.do("PutReadingKey", first, as_=ALICE)["number"] == 1
    assert office.do("PutReadingKey", point(ec.SECP256R1()), as_=ALICE)["number"] == 2
    # Nobody puts a key for somebody else: there is no such argument, and the caller's party decides.
    assert office.ask("ReadReadingKey", "HospitalMSP/carol", as_=ALICE)["public"] == ""
