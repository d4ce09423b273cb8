"""The audit page: what was done is listed, sealed on the ledger, and a changed line is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog

from baas import audit_file
from console.widgets.basic import Label


def said(widget: Any) -> str:
    return " ".join(label.text() for label in widget.findChildren(Label) if label.isVisible())


def test_what_was_done_is_listed_sealed_and_exported(
    desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.platform.identities.issue("HealthMSP", "audited", "client")
    desk.go("audit")
    page = desk.window.page
    desk.bot.keyClicks(page.filter, "audited")
    desk.settle()
    (one,) = page.model.rows
    assert (one.who, one.outcome) == ("owner", "ok")
    page.table.choose(0)
    desk.settle()
    assert "audited" in said(desk.window.inspector)
    desk.press_header("seal")
    desk.settle()
    desk.no_error()
    assert page.found is not None and page.found.anchored >= one.line
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    desk.press_header("export")
    desk.settle()
    assert audit_file.main([str(tmp_path / "out" / "log.jsonl"), str(tmp_path / "out" / "seals.json")]) == 0


def test_a_changed_line_is_shown(desk: Any) -> None:
    desk.platform.identities.issue("HealthMSP", "audited2", "client")
    path = desk.platform.audit_log.path
    whole = path.read_bytes()
    try:
        path.write_bytes(whole.replace(b"audited2", b"audited3"))
        desk.go("audit")
        desk.settle()
        page = desk.window.page
        assert page.found is not None and not page.found.whole
        assert "1 " in page.facts and said(page)
    finally:
        path.write_bytes(whole)
