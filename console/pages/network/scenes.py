"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from console.context import Context
from console.scenes import Scene, press

if TYPE_CHECKING:
    from console.pages.network.page import NetworkPage
    from console.shell.window import MainWindow


def scenes(context: Context) -> list[Scene]:
    name = context.network
    found = [
        Scene("networks-config", f"networks/{name}/config"),
        Scene("networks-inbox", f"networks/{name}/inbox"),
        Scene("networks-listening", f"networks/{name}/listening"),
        Scene("networks-moving", f"networks/{name}/moving"),
        Scene("networks-branch", f"networks/{name}/branch"),
        Scene("networks-organizations", f"networks/{name}/organizations"),
        Scene("networks-stop", f"networks/{name}", press("stop")),
        Scene("networks-grow", f"networks/{name}", press("grow", 2)),
        Scene("networks-delete", f"networks/{name}", _delete),
        Scene("networks-attach", "networks/attach"),
        Scene("networks-wizard", "networks/new"),
        *(Scene(f"networks-wizard-{n + 1}", "networks/new", partial(_step, n)) for n in range(1, 5)),
    ]
    if name:
        nodes = context.platform.networks.status(name).nodes
        peers = [node.name for node in nodes if node.kind == "peer"]
        if peers:
            found = [
                Scene("networks-node", f"networks/{name}/node/{peers[0]}"),
                Scene("networks-logs", f"networks/{name}/logs/{peers[0]}"),
                *found,
            ]
    return found


def _step(number: int, window: MainWindow) -> None:
    wizard = cast("NetworkPage", window.page).wizard
    if wizard is not None:
        while wizard.at < number:
            wizard.next()


def _delete(window: MainWindow) -> None:
    act: Callable[[], Any] = cast("NetworkPage", window.page).delete_network
    act()
