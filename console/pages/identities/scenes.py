"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from console.context import Context
from console.scenes import Scene, ask, press

if TYPE_CHECKING:
    from console.pages.identities.page import IdentitiesPage
    from console.shell.window import MainWindow


def _renew_a_node(window: MainWindow) -> None:
    """The renewal of one node's certificates with its rehearsal."""
    from PySide6.QtCore import QTimer

    from console.pages.identities.renewal import RenewDialog

    page = cast("IdentitiesPage", window.page)
    records = [r for r in page.view.records if r.kind in {"peer", "tls"}][:6] if page.view is not None else []
    if records:
        dialog = RenewDialog(page, records, records[:2])
        QTimer.singleShot(0, dialog, dialog.exec)


def scenes(context: Context) -> list[Scene]:
    return [
        Scene("identities-issue", "identities", press("issue")),
        Scene("identities-import", "identities", press("import")),
        Scene("identities-renew", "identities", _renew_a_node),
        Scene("identities-authorities", "identities/authorities"),
        Scene("identities-revoked", "identities/revoked"),
        Scene("identities-keystore", "identities/keystore"),
    ]


def _person(window: MainWindow) -> None:
    """Choose a person whose certificate can be revoked."""
    _timeline(window)
    from console.pages.identities.panel import inspect_identity

    page = cast("IdentitiesPage", window.page)
    people = [r for r in page.view.records if r.kind == "person"] if page.view is not None else []
    if people:
        page.inspect(inspect_identity(page, people[-1]))


def _list(window: MainWindow) -> None:
    cast("IdentitiesPage", window.page).mode.choose("list")


def _timeline(window: MainWindow) -> None:
    cast("IdentitiesPage", window.page).mode.choose("timeline")


def dialogs(context: Context) -> list[Scene]:
    """What asks before it is done, and the views that lead there."""
    return [
        Scene("identities-list", "identities/certificates", _list),
        Scene("identities-person", "identities/certificates", _person),
        *(Scene(f"identities-person-ask-{n}", "identities/certificates", ask(n, _timeline, _person)) for n in range(3)),
        Scene("identities-invite", "identities", press("invite")),
        Scene("identities-passphrase", "identities/keystore", ask(0)),
    ]
