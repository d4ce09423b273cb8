"""Files that an act names: written KIND=FILE, kept when the act is done, named by CID and SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from apps.kit.files import GivenFile, given_files, handed_in, holds_files
from baas.errors import UserError
from chaincode.copyright.kinds import Dispute, Infringement, Registration
from fabric_sdk.kinds import Items


def test_lists_of_files_are_known_by_what_their_items_have() -> None:
    files = (Dispute.evidence, Infringement.added, Registration.proofs)
    assert all(isinstance(one, Items) and holds_files(one) for one in files)
    assert not any(holds_files(one) for one in (Registration.owners, Registration.similar, Dispute.statement))


def test_they_are_kept_in_the_place_where_the_record_names_them(tmp_path: Path) -> None:
    draft = tmp_path / "a=b.txt"
    draft.write_text("底稿", encoding="utf-8")
    kept: list[Path] = []
    service: Any = SimpleNamespace(keep=lambda path: kept.append(path) or f"cid-{path.name}")
    named = {"kind": "old", "sha256": "ab" * 32, "cid": "there"}
    given = {"statement": "x", "evidence": [*given_files([f"draft={draft}"]), named]}
    assert kept == [], "nothing is kept by reading what was written"
    found = handed_in(service, Dispute.open, given)
    digest = hashlib.sha256("底稿".encode()).hexdigest()
    assert found["evidence"] == [{"kind": "draft", "sha256": digest, "cid": "cid-a=b.txt"}, named]
    assert kept == [draft] and isinstance(given["evidence"][0], GivenFile), "what was given stays as it was"


@pytest.mark.parametrize("wrong", ["", "draft", "draft=", "=", "draft=nowhere.txt", "draft=."])
def test_what_is_no_file_is_told(wrong: str) -> None:
    with pytest.raises(UserError, match="KIND=FILE"):
        given_files([wrong])
