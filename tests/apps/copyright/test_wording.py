"""Every finding of the stand-alone verifier has its Chinese."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from apps.copyright.evidence import verify
from apps.copyright.evidence.wording import part_words, said


def findings() -> list[str]:
    """The sentences that the verifier may say, placeholders filled with something."""
    tree = ast.parse(Path(verify.__file__).read_text("utf-8"))
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        at = {"ok": 1, "warn": 1, "bad": 1, "Invalid": 1, "ValueError": 0, "Unreadable": 0}.get(name)
        if at is None or len(node.args) <= at:
            continue
        text = node.args[at]
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            found.append(text.value)
        elif isinstance(text, ast.JoinedStr):
            parts = [one.value if isinstance(one, ast.Constant) else "7" for one in text.values]
            found.append("".join(str(part) for part in parts))
    return found


def test_findings_are_found() -> None:
    assert len(findings()) > 40


@pytest.mark.parametrize("text", sorted(set(findings())))
def test_every_finding_has_its_chinese(text: str) -> None:
    assert re.search("[\u4e00-\u9fff]", said(text)), text


def test_a_finding_within_another_is_told_too() -> None:
    assert said("last block 7: the ordering service's signature is wrong") == "最后的区块 7：排序服务的签名不正确"
    assert said("the work's file has the CID bafy1, not bafy2") == "作品文件的 CID 是 bafy1，应为 bafy2"


def test_parts_have_names() -> None:
    assert part_words("blocks/12.pb").zh == "区块与交易"
    assert part_words("content/猫.jpg").zh == "作品文件"
    assert part_words("something.else").zh == "something.else"
