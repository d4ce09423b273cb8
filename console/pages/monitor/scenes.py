"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from console.context import Context
from console.scenes import Scene, ask


def scenes(context: Context) -> list[Scene]:
    return [
        Scene("monitor-nodes", "monitor/nodes"),
        Scene("monitor-alerts", "monitor/alerts"),
        Scene("monitor-load", "monitor/load"),
    ]


def dialogs(context: Context) -> list[Scene]:
    """What asks before it is done."""
    return [Scene("monitor-load-ask", "monitor/load", ask(0))]
