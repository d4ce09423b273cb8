"""Every sentence of the stand-alone verifier has its Chinese, those of its inner checks too."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from apps.copyright.evidence import verify
from apps.copyright.evidence.wording import part_words
from apps.copyright.wording import finding

CALLS = {"ok": 1, "warn": 1, "bad": 1, "Invalid": 1, "ValueError": 0, "Unreadable": 0}


def findings() -> list[str]:
    """The sentences that the verifier may say, placeholders filled with something."""
    found = set()
    for node in ast.walk(ast.parse(Path(verify.__file__).read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        at = CALLS.get(name)
        if at is None or len(node.args) <= at:
            continue
        text = node.args[at]
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            found.add(text.value)
        elif isinstance(text, ast.JoinedStr):
            found.add("".join(str(one.value) if isinstance(one, ast.Constant) else "7" for one in text.values))
    return sorted(found)


def test_findings_are_found() -> None:
    assert len(findings()) > 40


@pytest.mark.parametrize("text", findings())
def test_every_finding_has_its_chinese(text: str) -> None:
    assert re.search("[\u4e00-\u9fff]", finding(text).zh), text


def test_a_finding_within_another_is_told_too() -> None:
    said = finding("last block 7: the ordering service's signature is wrong").zh
    assert not re.search("[a-z]{3}", said), said


def test_parts_have_names() -> None:
    assert part_words("blocks/12.pb").zh == "区块与交易"
    assert part_words("content/猫.jpg").zh == "作品文件"
    assert part_words("something.else").zh == "something.else"
