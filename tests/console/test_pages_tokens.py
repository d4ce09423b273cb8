"""The tokens page: one is made by clicks and shown once, listed without its secret, ended; a network is published."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QLabel

from baas.api.tokens import TOKEN
from console.widgets.dialogs import Dialog


def words(widget: Any) -> str:
    return " ".join(label.text().replace("\u200b", "") for label in widget.findChildren(QLabel))


def open_dialog(desk: Any) -> Dialog:
    (found,) = [one for one in desk.window.findChildren(Dialog) if one.isVisible()]
    return found


def test_a_token_is_made_shown_once_and_revoked(desk: Any) -> None:
    tokens = desk.platform.tokens
    before = {one.id for one in tokens.list()}
    desk.go("tokens")
    desk.press_header("new")
    desk.settle()
    dialog = open_dialog(desk)
    form = dialog.body.itemAt(0).widget()
    assert not dialog.accept_button.isEnabled()
    form.fields["name"].set_value("monthly")
    form.fields["ledger.read"].set_value(True)
    dialog.accept_button.click()
    desk.settle()
    shown = open_dialog(desk)
    found = TOKEN.search(words(shown))
    assert found is not None
    token = tokens.store.of_secret(found[0])
    assert token is not None and token.scopes == ("ledger.read",) and token.id not in before
    shown.accept_button.click()
    desk.settle()
    desk.no_error()
    page = desk.window.page
    row = next(place for place, one in enumerate(page.model.rows) if one.id == token.id)
    page.table.choose(row)
    desk.settle()
    assert token.id in words(desk.window.inspector) and found[0] not in words(desk.window)
    page.revoke(token.id)
    desk.settle()
    assert tokens.store.of_secret(found[0]) is None


def test_without_a_scope_it_says_so_and_stays_open(desk: Any) -> None:
    desk.go("tokens")
    desk.press_header("new")
    desk.settle()
    dialog = open_dialog(desk)
    dialog.body.itemAt(0).widget().fields["name"].set_value("nothing")
    dialog.accept_button.click()
    desk.settle()
    assert dialog.isVisible() and not dialog.banner.isHidden() and dialog.accept_button.isEnabled()
    dialog.reject()


def test_a_network_is_published_and_taken_back(desk: Any) -> None:
    desk.go("tokens")
    desk.settle()
    for published in (("city",), ()):
        desk.press_header("publish")
        desk.settle()
        desk.no_error()
        assert desk.platform.tokens.published() == published
