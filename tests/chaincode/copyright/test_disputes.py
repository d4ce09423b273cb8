"""异议: nothing is frozen by one sentence, nothing for ever, and who cries wolf freezes nothing the next time."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from baas.content.cid import RAW, of_block

from .conftest import ALICE, BOB, CAROL, REGISTRAR, Office, claim


def frozen(office: Office, work: dict[str, Any]) -> bool:
    return bool(office.ask("Read", work["id"])["disputes"])


def other_evidence(body: bytes = b"contract") -> list[dict[str, str]]:
    return [{"kind": "file", "cid": of_block(body, RAW).text, "sha256": hashlib.sha256(body).hexdigest()}]


def test_one_sentence_freezes_nothing(office: Office) -> None:
    work = office.work()
    for form in (claim(evidence=[]), {"ground": "ownership", "statement": "是我的作品"}):
        office.refused("EVIDENCE_MISSING", "OpenDispute", work["id"], form, as_=BOB)
    office.refused("INVALID_FIELD", "OpenDispute", work["id"], claim(ground="mood"), as_=BOB)
    office.refused("INVALID_FIELD", "OpenDispute", work["id"], claim(evidence=[{"kind": "file"}]), as_=BOB)
    assert not frozen(office, work)


def test_ones_own_earlier_deposit_is_evidence(office: Office) -> None:
    earlier = office.work("mine", BOB)
    office.later(days=1)
    work = office.work("theirs")
    form = claim(evidence=[], earlier=earlier["id"])
    office.refused("EVIDENCE_MISSING", "OpenDispute", work["id"], form, as_=CAROL)
    office.later(days=1)
    later = office.work("later", BOB)
    office.refused("EVIDENCE_MISSING", "OpenDispute", work["id"], form | {"earlier": later["id"]}, as_=BOB)
    assert office.do("OpenDispute", work["id"], form, as_=BOB)["freezes"]
    assert frozen(office, work)


def test_it_freezes_until_the_office_has_looked_and_then_until_it_is_decided(office: Office) -> None:
    work = office.work()
    dispute = office.do("OpenDispute", work["id"], claim(), as_=BOB)
    assert dispute["deadlines"]["admission"] == "2026-01-08"
    office.refused("DEADLINE_RUNNING", "LapseDispute", dispute["id"], as_=ALICE)
    office.refused("FORBIDDEN", "AdmitDispute", dispute["id"], "x", as_=BOB)
    office.step("AdmitDispute", dispute, "证据成立，予以受理")
    office.later(days=60)
    office.refused("WRONG_STATE", "LapseDispute", dispute["id"], as_=ALICE)
    assert frozen(office, work)
    office.step("ResolveDispute", dispute, "dismissed", ["无据"])
    assert not frozen(office, work)


def test_an_office_that_does_not_look_freezes_nobody(office: Office) -> None:
    work = office.work()
    dispute = office.do("OpenDispute", work["id"], claim(), as_=BOB)
    office.later(days=8)
    assert office.do("LapseDispute", dispute["id"], as_=ALICE)["state"] == "LAPSED"
    assert not frozen(office, work)
    again = office.do("OpenDispute", work["id"], claim(), as_=BOB)
    assert again["freezes"], "it was not the claimant's fault"


def test_a_frivolous_one_is_lifted_and_the_next_freezes_nothing_by_itself(office: Office) -> None:
    work, another = office.work(), office.work("another")
    dispute = office.do("OpenDispute", work["id"], claim(), as_=BOB)
    office.refused("FORBIDDEN", "LiftDispute", dispute["id"], ["x"], as_=ALICE)
    office.refused("INVALID_FIELD", "LiftDispute", dispute["id"], [], as_=REGISTRAR)
    office.step("LiftDispute", dispute, ["证据与本件无关"])
    assert not frozen(office, work)
    office.refused("EVIDENCE_USED", "OpenDispute", work["id"], claim(), as_=BOB)
    for contested in (work, another):
        again = office.do("OpenDispute", contested["id"], claim(evidence=other_evidence()), as_=BOB)
        assert not again["freezes"] and not frozen(office, contested)
        office.refused(
            "ALREADY_FILED", "OpenDispute", contested["id"], claim(evidence=other_evidence(b"more")), as_=BOB
        )
    office.step("AdmitDispute", again, "这次有据")
    assert frozen(office, another) and not frozen(office, work)
    office.do("WithdrawDispute", again["id"], "和解", as_=BOB)
    assert not frozen(office, another)


def test_others_are_not_hindered_by_who_cried_wolf(office: Office) -> None:
    work = office.work()
    dispute = office.do("OpenDispute", work["id"], claim(), as_=BOB)
    office.step("LiftDispute", dispute, ["无关"])
    assert office.do("OpenDispute", work["id"], claim(), as_=CAROL)["freezes"]


@pytest.mark.parametrize("function", ["AdmitDispute", "LiftDispute", "ResolveDispute", "WithdrawDispute"])
def test_what_has_ended_is_over(office: Office, function: str) -> None:
    work = office.work()
    dispute = office.do("OpenDispute", work["id"], claim(), as_=BOB)
    office.step("LiftDispute", dispute, ["无关"])
    words: dict[str, tuple[Any, ...]] = {"ResolveDispute": ("upheld", ["x"]), "LiftDispute": (["x"],)}
    who = BOB if function == "WithdrawDispute" else REGISTRAR
    office.refused("WRONG_STATE", function, dispute["id"], *words.get(function, ("x",)), as_=who)
