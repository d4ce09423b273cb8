"""Nothing of the contract's or the verifier's English reaches a Chinese reader untranslated."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

import chaincode.copyright
import chaincode.kit
from apps.copyright.commands.root import Code
from apps.copyright.manifest import MANIFEST
from apps.copyright.refusals import WORDS
from apps.kit.refusals import said as said_in
from baas.errors import UserError

_LITERAL = r'(f?)"((?:[^"\\]|\\.)*)"'


def literals(text: str, calls: str) -> list[str]:
    """Sentences given to some calls; what an f-string fills in stands as 1."""
    found = re.findall(rf"(?:{calls})\([^\n]*?,\s*{_LITERAL}\)", text)
    return sorted({re.sub(r"\{[^{}]*\}", "1", words) if f else words for f, words in found})


def contract_source() -> str:
    folders = [Path(str(resources.files(one))) for one in (chaincode.copyright, chaincode.kit)]
    return "\n".join(path.read_text(encoding="utf-8") for one in folders for path in sorted(one.glob("*.py")))


def test_every_reason_of_the_contract_is_said_in_chinese() -> None:
    said = [words for words in literals(contract_source(), "invalid") if "must be one of 1" not in words]
    assert len(said) > 25
    for words in said:
        assert re.search(r"[一-鿿]", said_in(words, MANIFEST.field_reasons).zh), words


def test_every_refusal_of_the_contract_has_words() -> None:
    codes = set(re.findall(r'refuse\(\s*"([A-Z_]+)"', contract_source()))
    assert len(codes) > 30
    assert codes <= set(WORDS), codes - set(WORDS)


def test_braces_in_what_is_said_do_no_harm() -> None:
    assert said_in("{odd}", MANIFEST.field_reasons).render("en") == "{odd}"


@pytest.mark.parametrize(("given", "code"), [("art", "art"), ("美术作品", "art"), ("美术", "art"), ("", "")])
def test_codes_are_taken_by_title_too(given: str, code: str) -> None:
    assert Code("categories").convert(given, None, None) == code
    assert Code("infringement_outcomes").convert("removed", None, None) == "removed"
    with pytest.raises(UserError, match="not known"):
        Code("categories").convert("1", None, None)
