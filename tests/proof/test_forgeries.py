"""No forged package is called more than it is, and the three verifiers say the same of every one.

Each family failed before: the verifier of format 1 called a record that never was on a chain valid, given one
client's key.
"""

from __future__ import annotations

import io
import time
from types import ModuleType
from typing import Any

import pytest

from apps.copyright.evidence.check import check_bytes
from apps.copyright.evidence.tell import Teller
from apps.copyright.evidence.terminal import lines
from fabric_sdk.proof.bundle import made
from fabric_sdk.proof.cards import read_card
from tests.apps.copyright.browser import CHROMIUM, check_in_browser
from tests.proof.families import AGREES, CONSISTENT, INVALID, LOWERED, Case, Material, cases
from tests.proof.forging import pack

pytestmark = pytest.mark.slow
RANKS = {"unreadable": INVALID, "invalid": INVALID, "consistent": CONSISTENT, "agrees": AGREES}


def rank(report: Any) -> int:
    return LOWERED if report.verdict == "agrees" and not report.complete else RANKS[report.verdict]


def bundled() -> Any:
    """The verifier of one file, loaded as a program of its own."""
    module = ModuleType("travelling_verify")
    exec(compile(made("apps.copyright.evidence")["verify.py"], "verify.py", "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def forged(material: Material) -> list[Case]:
    return list(cases(material))


def test_there_are_enough_of_every_family(forged: list[Case]) -> None:
    counts: dict[str, int] = {}
    for one in forged:
        counts[one.family] = counts.get(one.family, 0) + 1
    assert len(forged) >= 200
    assert len(counts) == 10
    assert all(count >= 8 for count in counts.values()), counts
    names = [(one.family, one.name) for one in forged]
    assert not {name for name in names if names.count(name) > 1}


def test_the_genuine_package_agrees(material: Material) -> None:
    report = check_bytes(pack(material.genuine), read_card(material.card))
    assert rank(report) == AGREES, report.findings
    assert [act["function"] for act in report.facts["acts"]] == ["Deposit", "RevokeDeposit"]
    assert check_bytes(pack(material.genuine)).verdict == "consistent"


def test_none_is_called_more_than_it_is(forged: list[Case], material: Material) -> None:
    card = read_card(material.card)
    wrong, slow = [], []
    for one in forged:
        began = time.process_time()
        report = check_bytes(one.data, card)
        without = check_bytes(one.data)
        if time.process_time() - began > 4:
            slow.append(one.name)
        if rank(report) > one.most or rank(without) > CONSISTENT:
            wrong.append((one.family, one.name, report.verdict, [f for f in report.findings if f.state != "ok"][:3]))
        for language in ("zh", "en"):
            said = "\n".join(lines(report, language))
            assert not any(ord(letter) < 32 and letter != "\n" for letter in said), one.name
            assert "\u202e" not in said
    assert not wrong, "\n".join(map(str, wrong))
    assert not slow


def test_what_is_told_comes_out_of_signed_bytes(forged: list[Case], material: Material) -> None:
    """Whatever a manifest claims, the words about the package stay the same."""
    card = read_card(material.card)
    whole = Teller("zh").sections(check_bytes(pack(material.genuine), card))
    for one in forged:
        if one.family == "meaning" and "manifest claims" in one.name:
            assert Teller("zh").sections(check_bytes(one.data, card)) == whole


def test_a_package_from_before_an_act_says_as_of_when(material: Material) -> None:
    now = check_bytes(pack(material.genuine), read_card(material.card)).facts["as_of"]
    before = check_bytes(pack(material.stale), read_card(material.card))
    assert before.facts["as_of"] < now
    assert any(str(before.facts["as_of"]) in line for line in Teller("en").sections(before)[3].lines)


def test_the_file_that_travels_says_the_same(forged: list[Case], material: Material) -> None:
    module = bundled()
    own, theirs = read_card(material.card), module.read_card(material.card)
    assert own.fingerprint == theirs.fingerprint
    for one in forged:
        expected = check_bytes(one.data, own).to_dict()
        assert module.check_package(io.BytesIO(one.data), theirs).to_dict() == expected, one.name


@pytest.mark.interop
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_page_says_the_same_of_every_one(forged: list[Case], material: Material) -> None:
    card = read_card(material.card)
    packages = [*(one.data for one in forged), pack(material.genuine)]
    said = check_in_browser(packages, material.card, timeout=120)
    wrong = []
    for number, (data, page) in enumerate(zip(packages, said, strict=True)):
        report = check_bytes(data, card)
        name = forged[number].name if number < len(forged) else "genuine"
        expected = [[*Teller(one).verdict(report), *_words(Teller(one), report)] for one in ("zh", "en")]
        codes = [(one.state, one.code, one.part) for one in report.findings]
        theirs = [(one["state"], one["code"], one["part"]) for one in page["findings"]]
        holds = report.verdict in ("agrees", "consistent")  # of what does not hold each may find another fault first
        if page["verdict"] != report.verdict or page["words"] != expected or (holds and codes != theirs):
            differ = [pair for pair in zip(codes, theirs, strict=False) if pair[0] != pair[1]][:2]
            wrong.append((name, report.verdict, page["verdict"], page["error"][:200], differ))
    assert not wrong


def _words(teller: Teller, report: Any) -> list[str]:
    return [line for one in teller.sections(report) for line in (one.heading, *one.lines)]
