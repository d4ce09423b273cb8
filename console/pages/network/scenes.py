"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from console.context import Context
from console.scenes import Scene, ask, press

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


def dialogs(context: Context) -> list[Scene]:
    """What asks before it is done."""
    name = context.network
    return [
        *(Scene(f"networks-grow-{n}", f"networks/{name}", press("grow", n)) for n in (0, 1, 3)),
        *(Scene(f"networks-export-{n}", f"networks/{name}", press("export", n)) for n in range(4)),
        *(
            Scene(f"networks-{tab}-ask-{n}", f"networks/{name}/{tab}", ask(n))
            for tab, count in (("config", 2), ("organizations", 1), ("listening", 1), ("moving", 1))
            for n in range(count)
        ),
    ]
