"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from console.context import Context
from console.scenes import Scene, press


def scenes(context: Context) -> list[Scene]:
    return [
        Scene("identities-keystore", "identities/keystore"),
        Scene("identities-revoked", "identities/revoked"),
        Scene("identities-authorities", "identities/authorities"),
        Scene("identities-issue", "identities", press("issue")),
        Scene("identities-import", "identities", press("import")),
    ]
