"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from console.context import Context
from console.scenes import Scene, press

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
