"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from console.context import Context
from console.scenes import Scene, press

if TYPE_CHECKING:
    from console.pages.contracts.page import ContractsPage
    from console.shell.window import MainWindow


def scenes(context: Context) -> list[Scene]:
    definitions = context.platform.contracts.list(context.network) if context.network else ()
    if not definitions:
        return []
    name = definitions[0].name
    private = max(definitions, key=lambda one: len(one.collections)).name
    return [
        Scene("contracts-lifecycle", f"contracts/{name}"),
        Scene("contracts-upgrade", f"contracts/{name}", press("upgrade")),
        Scene("contracts-own", "contracts", press("own")),
        Scene("contracts-call", f"contracts/{private}/call"),
        Scene("contracts-record", f"contracts/{name}/record", _record),
        Scene("contracts-collections", f"contracts/{private}/collections"),
        Scene("contracts-collection", f"contracts/{private}/collections", _edit_first),
    ]


def _record(window: MainWindow) -> None:
    """Record two calls, then replay them."""
    from baas.services.recordings import RecordedCall, perform

    page, platform = cast("ContractsPage", window.page), window.context.platform
    line, network = page.line(), window.context.network
    if line is None or page.record.count(line.name):
        return
    page.record.start(line)
    for function, arguments in (("ReadSettings", ()), ("ReadPolicy", ("1",)), ("Read", ("CZ-0",))):
        page.record.heard(
            line.name, perform(platform.contracts, network, line.name, RecordedCall("query", function, arguments))
        )
    page.record.toggle()
    found = page.record.recording(line.name)
    if found is not None:
        page.record.replayed = platform.contracts.replay(found, network)
        page.record.enter(line)
        page.record.table.choose(0)


def _edit_first(window: MainWindow) -> None:
    page = cast("ContractsPage", window.page)
    line = page.line()
    if line is not None and line.definition is not None and line.definition.collections:
        page.collections.edit(str(line.definition.collections[0]["name"]))


def _own(kind: str) -> Callable[[MainWindow], None]:
    """The dialog of one's own contract, by where the contract is."""

    def show(window: MainWindow) -> None:
        from console.pages.contracts.own import OwnContractDialog

        dialog = OwnContractDialog(cast("ContractsPage", window.page))
        dialog.kind.choose(kind)
        dialog.exec()

    return show


def _template(window: MainWindow) -> None:
    """One's own contract from the template, looked at and ready to be deployed."""
    from baas.services.contract_template import write_contract
    from console.pages.contracts.own import OwnContractDialog

    dialog = OwnContractDialog(cast("ContractsPage", window.page))
    with tempfile.TemporaryDirectory() as folder:
        dialog.place.fields["source"].set_value(str(write_contract("assets", Path(folder) / "assets")))
        dialog.exec()


def dialogs(context: Context) -> list[Scene]:
    """What asks before it is done."""
    return [
        Scene("contracts-own-template", "contracts", _template),
        Scene("contracts-own-address", "contracts", _own("address")),
        Scene("contracts-own-package", "contracts", _own("package")),
    ]
