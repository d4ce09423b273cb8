"""One document number under two names: shown to the office, to nobody else, and nothing more of others' documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fabric_sdk.chaincode import ChaincodeError

from .conftest import ALICE, BOB, FALSE_REGISTRAR, REGISTRAR, RESIDENT, Office


def hand_in(office: Office, work: dict[str, Any], who: Any, *entries: tuple[str, str]) -> None:
    owners = [owner["party"] for owner in work["owners"]]
    people = [
        {"party": party, "name": name, "kind": "natural", "document_type": "resident_id", "document_number": number}
        for party, (name, number) in zip(owners, entries, strict=True)
    ]
    body = json.dumps({"salt": "00" * 16, "owners": people}).encode()
    office.do("PutOwnerDocuments", work["id"], as_=who, transient={"documents": body})


def test_the_office_is_shown_the_other_name(office: Office) -> None:
    first, second = office.work("first"), office.work("second", BOB)
    hand_in(office, first, ALICE, ("样例甲", RESIDENT))
    hand_in(office, second, BOB, ("样例乙", RESIDENT))
    with pytest.raises(ChaincodeError, match="TRACE_MISSING"):
        office.ask("ListSameDocuments", second["id"])
    office.do("LookAtOwnerDocuments", second["id"], as_=REGISTRAR)
    found = office.ask("ListSameDocuments", second["id"])
    assert found == [
        {"name": "样例甲", "party": "CopyrightMSP/alice", "of": "DataBureauMSP/bob", "works": [first["id"]]}
    ]
    assert RESIDENT not in json.dumps(found)
    for who in (BOB, FALSE_REGISTRAR, ALICE):
        with pytest.raises(ChaincodeError, match=r"FORBIDDEN|NOT_OWNER"):
            office.ask("ListSameDocuments", second["id"], as_=who)


@pytest.mark.parametrize("name", ["样例甲", " 样例 甲 ", "样例·甲"])
def test_the_same_name_is_nothing_to_show(office: Office, name: str) -> None:
    first, second = office.work("first"), office.work("second")
    hand_in(office, first, ALICE, ("样例甲", RESIDENT))
    hand_in(office, second, ALICE, (name, RESIDENT))
    office.do("LookAtOwnerDocuments", second["id"], as_=REGISTRAR)
    assert office.ask("ListSameDocuments", second["id"]) == []


def test_two_owners_do_not_share_a_number(office: Office) -> None:
    work = office.work()
    sale = office.do("ProposeTransfer", work["id"], {"to": "DataBureauMSP/bob", "share": 4_000}, as_=ALICE)
    office.do("AcceptTransfer", sale["id"], as_=BOB)
    work = office.ask("Read", work["id"])
    with pytest.raises(ChaincodeError, match="two owners"):
        hand_in(office, work, ALICE, ("样例甲", RESIDENT), ("样例乙", RESIDENT))
