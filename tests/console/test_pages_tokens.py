"""Where keys live, and asking for a token's PIN: what the services say is given here, so that no token is needed."""

from __future__ import annotations

from typing import Any

import pytest

from baas.services.token_keys import KeyPlace, TokenKeyService
from console.pages.identities.panel import inspect_identity
from console.pages.identities.pin import ask_pin
from console.widgets.forms import Form
from network.tokens.address import TokenAddress
from network.tokens.pins import wrong_pin
from tests.console.conftest import Desk

TOKEN = TokenAddress("city-ca")


def test_the_page_says_where_keys_live_and_opens_a_token(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    places = tuple(KeyPlace("HospitalMSP", name, TOKEN.shown) for name in ("ca", "admin"))
    waiting: list[TokenAddress] = [TOKEN]
    given: list[str] = []
    monkeypatch.setattr(TokenKeyService, "places", lambda self, network="": places)
    monkeypatch.setattr(TokenKeyService, "needed", lambda self, network="": tuple(waiting))

    def enter(self: Any, address: TokenAddress, pin: str) -> None:
        given.append(pin)
        if pin != "2580":
            raise wrong_pin(address)
        waiting.clear()

    monkeypatch.setattr(TokenKeyService, "enter", enter)
    desk.go("identities/authorities")
    page: Any = desk.window.page
    page.refresh()
    desk.until(lambda: page.view is not None and page.view.waiting)
    cells = {cell.text for o in page.view.organizations for cell in page.authorities._cells(o)}
    assert "令牌“city-ca”" in cells and "在本机" in cells
    desk.go("identities/keystore")
    assert desk.button("输入 PIN…", page)
    admin = next(r for r in page.view.records if r.label == "HospitalMSP/admin")
    assert inspect_identity(page, admin) is not None and page.places[admin.msp_id, "admin"] == "city-ca"
    dialog = ask_pin(page, TOKEN)
    form = dialog.findChild(Form)
    assert form is not None
    form.fields["pin"].set_value("0000")
    dialog.accept_button.click()
    desk.until(lambda: given == ["0000"] and dialog.accept_button.isEnabled())
    assert dialog.isVisible()
    form.fields["pin"].set_value("2580")
    dialog.accept_button.click()
    desk.until(lambda: not dialog.isVisible())
    assert given == ["0000", "2580"]
    desk.until(lambda: not page.view.waiting)
    monkeypatch.undo()
    page.refresh()
    desk.until(lambda: not page.places)
