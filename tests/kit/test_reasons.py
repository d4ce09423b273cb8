"""Whatever a contract says against a field is said in both languages, with the field's own name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.kit.application import KitManifest
from apps.kit.refusals import pointed, said
from baas.errors import LedgerError, Text
from tests.kit.test_refusals import KITS

ROOT = Path(__file__).parents[2]
MADE = (
    "must be MSP/name",
    "must be a CIDv1 (SHA-256, base32)",
    "must be 64 lower-case hexadecimal digits",
    "must be WORLD, a country such as CN or a part such as CN-GD",
    "contains the invisible character U+200B",
    "mixes the letters of two alphabets in one word: Сity",
)
"""Reasons that are made elsewhere than where they are said."""


def reasons(folder: Path) -> Iterator[tuple[str, str]]:
    """Where `invalid(field, reason)` is called, and the reason; what stands in braces is a 5."""
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "invalid" or len(node.args) < 2:
                continue
            told, place = node.args[1], f"{path.relative_to(ROOT)}:{node.lineno}"
            if isinstance(told, ast.Constant):
                yield place, str(told.value)
            elif isinstance(told, ast.JoinedStr):
                yield place, "".join(str(one.value) if isinstance(one, ast.Constant) else "5" for one in told.values)


@pytest.mark.parametrize("manifest", KITS[1:], ids=lambda one: one.id)
def test_every_reason_is_said_in_chinese(manifest: KitManifest) -> None:
    folders = [ROOT / "chaincode" / manifest.id, ROOT / "chaincode" / "kit"]
    found = [one for folder in folders for one in reasons(folder)] + [("fields", one) for one in MADE]
    assert len(found) > len(MADE) + 10
    english = [(place, told) for place, told in found if said(told, manifest.field_reasons).zh == told]
    assert not english


@pytest.mark.parametrize("manifest", KITS, ids=lambda one: one.id)
def test_a_refused_field_has_its_own_name(manifest: KitManifest) -> None:
    titles = manifest.field_titles()
    for act in manifest.catalogue.acts():
        for one in act.asks:
            error = LedgerError("", code="invalid_field", details={"contract_message": f"{one.name}[0].x: is missing"})
            told = pointed(error, titles, manifest.field_reasons)
            assert isinstance(told.message, Text)
            assert f"“{one.name}”" not in told.message.zh, f"{act.id}: {told.message.zh}"
            assert told.details["place"] == f"{one.name}[0].x" and told.details["field"] == one.name
