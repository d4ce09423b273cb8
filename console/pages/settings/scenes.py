"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from console.context import Context
from console.scenes import Scene, ask


def scenes(context: Context) -> list[Scene]:
    return []


def dialogs(context: Context) -> list[Scene]:
    """What asks before it is done."""
    return [Scene("settings-ask", "settings", ask(0)), Scene("settings-ask-1", "settings", ask(1))]
