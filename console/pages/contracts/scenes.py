"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from console.context import Context
from console.scenes import Scene


def scenes(context: Context) -> list[Scene]:
    definitions = context.platform.contracts.list(context.network) if context.network else ()
    if not definitions:
        return []
    name = definitions[0].name
    return [
        Scene("contracts-lifecycle", f"contracts/{name}"),
        Scene("contracts-call", f"contracts/{name}/call"),
        Scene("contracts-collections", f"contracts/{name}/collections"),
    ]
