"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from console.context import Context
from console.scenes import Scene, press


def scenes(context: Context) -> list[Scene]:
    return [Scene("training-lab", "training/reading-blocks")]


def dialogs(context: Context) -> list[Scene]:
    """What asks before it is done."""
    return [Scene("training-assess", "training", press("assess"))]
