"""Consent and access: a key of one's own, a consent given and taken back, looks that leave traces, data purged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from apps.health_slots.ui.page import ChosenResident
from baas.errors import LedgerError

PASSPHRASE = "居民自己记住的口令"


def test_consent_is_signed_looked_by_and_taken_back(
    window: Any, hospital: Callable[..., Any], tmp_path: Path, monkeypatch: Any
) -> None:
    here, elsewhere = hospital(), hospital()
    resident = here.resident()
    elsewhere.book(f"{elsewhere.publish()}.001", resident=resident)
    key = tmp_path / "resident-key.pem"
    monkeypatch.setattr("apps.health_slots.ui.resident_key.save_file", lambda *_: str(key))
    view = window.at(here.id, "residents")
    window.page.set_resident(ChosenResident(resident, "样＊"))
    window.settle()
    assert not window.window.header.buttons["consent"].isEnabled()
    window.do("登记签名公钥", window.fill(one=PASSPHRASE, two=PASSPHRASE), view)
    assert key.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert key.stat().st_mode & 0o077 == 0
    assert here.service.residents.key(resident)["public"]

    def sign(dialog: Any) -> None:
        passphrase = dialog.form.fields["passphrase"]
        dialog.form.fields["key"].set_value(str(key))
        passphrase.set_value("wrong")
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        assert "口令不对" in passphrase.error
        passphrase.set_value(PASSPHRASE)
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        window.until(lambda: not dialog.isVisible())

    window.head("consent", sign)
    (consent,) = here.service.lists.consents(resident)
    assert (consent.hospital, consent.state) == (here.id, "given")
    view.consent_table.choose(0)
    window.do("查看跨院记录", window.fill(purpose="referral"), view)
    assert f"样例医院{elsewhere.number}" in window.said()
    (trace,) = view.traces.rows
    assert (trace["purpose"], trace["signer"], trace["hospital"]) == ("referral", "HospitalMSP/slots-staff", here.id)

    view.consent_table.choose(0)
    window.do("撤回这份授权", sign, view)
    (consent,) = here.service.lists.consents(resident)
    assert consent.state == "revoked"
    view.consent_table.choose(0)
    window.settle()
    assert not view.look_button.isEnabled()
    with pytest.raises(LedgerError) as refusal:
        here.service.residents.read_record(consent.id, "treatment")
    assert refusal.value.code == "no_consent"

    window.at(here.id, "authority/observe")
    window.head("key", window.fill(resident=resident, reason="other"))
    assert here.service.residents.key(resident)["state"] == "withdrawn"
    view = window.at(here.id, "residents")
    assert "签名公钥已作废" in window.said(view)
    assert not window.window.header.buttons["consent"].isEnabled()


def test_purging_wants_the_name_typed_and_erases_the_identity(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital()
    resident = here.resident()
    view = window.at(here.id, "residents")
    window.page.set_resident(ChosenResident(resident, "样＊"))
    window.settle()
    window.do("查看…", lambda dialog: (window.settle(), seen.append(window.said(dialog)), dialog.accept()), view)
    assert "样例居民" in seen[0]
    assert "4403011" in seen[0]

    def purge(dialog: Any) -> None:
        assert not dialog.accept_button.isEnabled()
        window.bot.keyClicks(dialog.editor, resident[:6])
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    window.do("清除…", purge, view)
    assert not here.service.bookings.has_identity(here.id, resident)
    assert "本院没有身份信息" in window.said(view)
    with pytest.raises(LedgerError) as refusal:
        here.service.bookings.identity(here.id, resident)
    assert refusal.value.code == "not_found"


seen: list[str] = []
