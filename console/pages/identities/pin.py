"""Asking for a token's PIN: kept in memory until the program ends or the keystore is locked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from console.i18n import say, tr
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, text_field

if TYPE_CHECKING:
    from baas.services.token_keys import KeyPlace
    from console.pages.identities.page import IdentitiesPage
    from network.errors import CityChainError
    from network.tokens.address import TokenAddress


def token_names(places: Iterable[KeyPlace]) -> Mapping[tuple[str, str], str]:
    """The token's name of every key that is in one, by MSP id and name."""
    from network.tokens.address import TokenAddress

    return {(one.msp_id, one.name): TokenAddress.parse(one.place).token for one in places if one.place}


def ask_pin(page: IdentitiesPage, address: TokenAddress) -> Dialog:
    """Ask for the PIN of a token and open it; a wrong one is said at the field, and not sent twice."""
    dialog = Dialog(
        page,
        tr("令牌“{t}”的 PIN").format(t=address.token),
        tr("多次输错会锁住令牌。PIN 只留在内存里，锁定密钥库或退出后需重新输入。"),
        accept=tr("打开令牌"),
        width=420,
        writes=False,
    )
    form = Form()
    field = form.add("pin", text_field("PIN", required=True, secret=True))
    dialog.body.addWidget(form)
    dialog.watch(form)

    def failed(error: CityChainError) -> None:
        dialog.accept_button.setEnabled(True)
        field.set_error(say(error.message))

    def opened(_: None) -> None:
        dialog.done(1)
        page.context.notice(tr("令牌“{t}”已打开").format(t=address.token))
        page.refresh()

    def attempt() -> None:
        dialog.accept_button.setEnabled(False)
        keys, pin = page.context.platform.token_keys, form["pin"]
        page.context.tasks.fetch(lambda: keys.enter(address, pin), opened, failed, owner=dialog)

    dialog.accept_button.clicked.disconnect()
    dialog.accept_button.clicked.connect(attempt)
    dialog.open()
    return dialog
