"""A file that reads as more than its record says is not opened, wherever it came from."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from apps.copyright import files
from baas.content import ContentError, LocalStore


def test_what_is_here_and_too_large_is_not_joined_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path)
    cid = store.add(io.BytesIO(bytes(1 << 20)))  # one leaf, named four times
    owner = SimpleNamespace(acting=lambda network: SimpleNamespace(msp_id=""))
    platform = SimpleNamespace(workspace=None, identities=owner)
    service: Any = SimpleNamespace(platform=platform, network="", content=store)
    opened = files.Files(service)
    assert len(opened.read("DJ1", cid)) == 1 << 20
    monkeypatch.setattr(files, "PROOF_BYTES", (1 << 20) - 1)
    with pytest.raises(ContentError, match="larger than the ledger says"):
        opened.read("DJ1", cid)
    monkeypatch.setattr(files, "_ABOVE", 0)
    with pytest.raises(ContentError, match="larger than the ledger says"):
        opened.bring("CZ1", cid, 900_000)
    opened.bring("CZ1", cid, 1 << 20)
