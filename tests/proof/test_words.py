"""Every finding has its sentence in both languages, every act its name, and the page is given the same tables."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from apps.copyright.evidence import sentences
from chaincode.copyright.contract import CopyrightContract
from fabric_sdk.proof.sentences import WORDS

ROOT = Path(__file__).parents[2]
QUIET = {"Configure", "PutKey", "PutReadingKey", "PutContentService", "AskSeal", "IssueSeal", "WithdrawSeal"}
QUIET |= {"RefuseSeal", "PutSwarmPeer"}
QUIET |= {"PutExaminationKey", "LookAtSealedWork", "PurgeExaminationKey", "RecordReconciliation"}
DOCUMENTS = re.compile(r"(Put|Seal|LookAt|Purge)\w*Documents")
"""Acts that write no work's record."""
SOURCES = (*(ROOT / "fabric_sdk/proof").glob("*.py"), ROOT / "apps/copyright/evidence/check.py")
ALL = {**WORDS, **sentences.WORDS}


def codes() -> set[str]:
    """The findings' codes: what Broken, give_up and report.add are given."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = {"Broken": 0, "give_up": 0, "add": 1}.get(name)
            if place is not None and len(node.args) > place:
                part = node.args[place]
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found.add(part.value)
    return {one for one in found if re.fullmatch(r"[a-z-]+", one)}


def test_every_finding_has_its_sentence() -> None:
    assert len(codes()) > 60
    assert codes() <= set(ALL), codes() - set(ALL)


@pytest.mark.parametrize("code", sorted(ALL))
def test_both_languages_name_the_same_values(code: str) -> None:
    chinese, english = ALL[code]
    assert set(re.findall(r"\{\w+\}", chinese)) == set(re.findall(r"\{\w+\}", english))
    assert re.search("[\u3000-\u9fff\uff00-\uffef]", chinese)
    assert not re.search("[\u4e00-\u9fff]", english)


def test_every_act_of_the_contract_has_a_name() -> None:
    submitted = {name for name, one in CopyrightContract().functions.items() if one.submit}
    told = {name for name in submitted - QUIET if not DOCUMENTS.fullmatch(name)}
    assert told <= set(sentences.ACTS), told - set(sentences.ACTS)
