"""Making a token: what it is for, whom it acts as, and the one moment in which it can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from baas.api.scopes import SCOPES
from baas.session import OWNER
from console.i18n import say, tr
from console.widgets.basic import HashLabel
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, check_field, choice_field, number_field, text_field
from console.widgets.states import Note

if TYPE_CHECKING:
    from baas.api.tokens import Token
    from console.pages.tokens.page import TokensPage
    from network.errors import CityChainError


def ask_new(page: TokensPage) -> None:
    """Ask for a name, scopes and an identity, then make the token."""
    platform, network = page.context.platform, page.context.network
    acting = platform.session.actor
    dialog = Dialog(
        page,
        tr("新建令牌"),
        tr("程序凭令牌以所选身份调用服务接口，只能做所选范围的事。令牌只显示一次。"),
        accept=tr("建立"),
        width=560,
    )
    people = [acting.label]
    if acting.label == OWNER and network:
        people += [one.label for one in platform.identities.list(network) if one.has_key and one.kind == "person"]
    form = Form(2)
    form.add("name", text_field(tr("名称"), placeholder=tr("月报"), required=True), wide=True)
    titles = [(one, page.context.person(one)) for one in people]
    form.add("identity", choice_field(tr("身份", "one"), titles), wide=True)
    form.add("days", number_field(tr("有效期"), 90, 1, 397, unit=tr("天")))
    form.add("rate", number_field(tr("每秒请求数"), 20, 1, 1_000))
    for name, scope in SCOPES.items():
        form.add(name, check_field(say(scope.title), hint=name))
    dialog.body.addWidget(form)
    dialog.watch(form)

    def attempt() -> None:
        dialog.accept_button.setEnabled(False)
        name, identity, days, rate = form["name"], form["identity"], form["days"], form["rate"]
        scopes = [one for one in SCOPES if form[one]]

        def done(made: tuple[Token, str]) -> None:
            dialog.accept()
            page.refresh()
            show_once(page, *made)

        def failed(error: CityChainError) -> None:
            dialog.accept_button.setEnabled(True)
            dialog.show_error(error)

        page.context.tasks.fetch(
            lambda: platform.tokens.create(
                name,
                scopes,
                network="" if identity == OWNER else network,
                identity=identity,
                days=int(days),
                per_second=float(rate),
            ),
            done,
            failed,
            owner=dialog,
        )

    dialog.accept_button.clicked.disconnect()
    dialog.accept_button.clicked.connect(attempt)
    form.fields["name"].editor.setFocus()
    dialog.open()


def show_once(page: TokensPage, made: Token, whole: str) -> None:
    """Show the token; when this is closed nobody can read it any more."""
    dialog = Dialog(page, tr("令牌 {i}").format(i=made.id), accept=tr("已保存"), width=620)
    dialog.body.addWidget(Note(tr("它不会再次显示，请立即妥善保存。"), "warn"))
    dialog.body.addWidget(HashLabel(whole, whole, what=tr("令牌")))
    dialog.cancel_button.hide()
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)  # a closed dialog would keep what it showed
    dialog.open()
