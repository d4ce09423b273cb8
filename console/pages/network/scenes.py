"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from console.context import Context
from console.scenes import Scene


def scenes(context: Context) -> list[Scene]:
    network = context.network
    return [
        Scene("networks-node", _first_node(context)),
        Scene("networks-config", f"networks/{network}/config"),
        Scene("networks-wizard", "networks/new"),
    ]


def _first_node(context: Context) -> str:
    nodes = context.platform.networks.status(context.network).nodes if context.network else ()
    peers = [node.name for node in nodes if node.kind == "peer"]
    return f"networks/{context.network}/node/{peers[0]}" if peers else "networks"
