"""Coming in through the windows: an empty desk asks, the office answers, the desk is in; and by invitation."""

from __future__ import annotations

import uuid
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QLabel

from baas.platform import Platform
from console.widgets.basic import Mono, Status
from console.widgets.forms import Form


def files(monkeypatch: pytest.MonkeyPatch, *, saved: Path) -> None:
    for module in ("letters", "answering", "page"):
        monkeypatch.setattr(f"console.pages.identities.{module}.save_file", lambda *a: str(saved))


def fill(**values: str) -> Any:
    """Fill a dialog's fields and accept it."""

    def answer(dialog: Any) -> None:
        form = dialog.findChild(Form)
        for name, value in values.items():
            form.fields[name].set_value(value)
        dialog.accept_button.click()

    return answer


def test_a_request_from_an_empty_desk_is_answered_and_ends_on_the_roles_home(
    desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"wang-{uuid.uuid4().hex[:6]}"
    with Platform.open(tmp_path / "wang") as theirs:
        other = desk.open_other(theirs)
        other.go("overview")
        request, entry = tmp_path / f"{name}-request.citychain", tmp_path / "entry.citychain"
        other.answer(fill(name=name, folder=str(tmp_path)))
        other.press("申请身份…", other.window.page)
        other.until(request.exists)
        other.settle()

        files(monkeypatch, saved=entry)

        def certify(dialog: Any) -> None:
            form = dialog.findChild(Form)
            form.fields["msp"].set_value("CopyrightMSP")
            form.fields["role"].set_value("creator")
            dialog.accept_button.click()
            desk.until(lambda: not dialog.isVisible())

        desk.answer(certify)
        desk.window.open_file(str(request))
        desk.until(entry.exists)
        desk.settle()
        desk.no_error()
        label = f"CopyrightMSP/{name}"
        assert desk.platform.identities.get(label).has_key is False

        # Dropped on the other window, as from a mail program.
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(entry)), QUrl.fromLocalFile("/etc/hostname")])
        assert other.window._letters_of(data) == [str(entry)]
        other.window.open_file(str(entry))
        other.until(lambda: theirs.session.actor.party == label)
        other.until(lambda: other.window.address == "copyright")
        other.settle(60000)
        other.no_error()
        assert "label" not in other.window.rail.actor.text()
        # Nothing here speaks of deploying or of issuing identities to colleagues.
        shown = " ".join(w.text() for w in other.window.findChildren(QLabel) if w.isVisible())
        assert "合约还没有部署" not in shown and "为同事签发身份" not in shown
        other.close()


def test_an_invitation_asks_for_its_code_and_a_wrong_one_is_said(
    desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"li-{uuid.uuid4().hex[:6]}"
    invitation = desk.platform.invitations.invite(f"HealthMSP/{name}", tmp_path / "invite", "a long code", "auditor")
    with Platform.open(tmp_path / "li") as theirs:
        other = desk.open_other(theirs)
        other.go("overview")
        said: list[str] = []

        def told(shown: Any) -> None:
            said.append(shown.findChild(Mono).text())
            shown.accept_button.click()

        def code(dialog: Any) -> None:
            form = dialog.findChild(Form)
            form.fields["code"].set_value("a wrong code")
            dialog.accept_button.click()
            other.until(dialog.banner.isVisible)
            said.append(dialog.banner.message.text())
            form.fields["code"].set_value("a long code")
            other.answer_over(told, dialog)
            dialog.accept_button.click()
            other.until(lambda: not dialog.isVisible(), 40000)

        other.answer(code)
        other.window.open_file(str(invitation))
        other.until(lambda: len(said) == 2, 40000)
        other.settle()
        assert "口令不正确" in said[0] and "request" in said[1].replace("\u200b", "")
        assert theirs.networks.names() == ()
        other.close()


def test_a_backup_that_is_opened_is_checked_on_the_settings_page(desk: Any, tmp_path: Path) -> None:
    """Opened from a file manager: sound, then with one byte changed; the page tells which."""
    from baas.services.backup import back_up
    from console.app import Console

    with Platform.open(tmp_path / "theirs") as theirs:
        back_up(theirs, tmp_path / "theirs.ccb")
    opened = SimpleNamespace(window=desk.window, applications=desk.platform.applications)
    Console.show_file(cast(Console, opened), tmp_path / "theirs.ccb")
    desk.settle()
    page = desk.window.page
    assert page is desk.window.pages["settings"]
    desk.until(page.checked.isVisible)
    assert "备份完好" in " ".join(one.accessibleName() for one in page.checked.findChildren(Status))

    data = bytearray((tmp_path / "theirs.ccb").read_bytes())
    with zipfile.ZipFile(tmp_path / "theirs.ccb") as archive:
        largest = max(archive.infolist(), key=lambda one: one.compress_size)
    # In a file's content: a zip's headers hold bytes that say nothing.
    content = largest.header_offset + 30 + len(largest.filename.encode()) + largest.compress_size // 2
    data[content] ^= 1
    (tmp_path / "bad.CCB").write_bytes(bytes(data))
    Console.show_file(cast(Console, opened), tmp_path / "bad.CCB")
    desk.settle()
    desk.until(page.banner.isVisible)
    assert "备份已损坏" in page.banner.message.text()
    assert not page.checked.isVisible()
