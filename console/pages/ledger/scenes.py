"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.context import Context
from console.scenes import Scene

if TYPE_CHECKING:
    from console.shell.window import MainWindow


def scenes(context: Context) -> list[Scene]:
    if not context.network:
        return []
    return [
        *_transactions(context),
        *_key(context),
        Scene("ledger-private", "ledger/keys", _private),
        Scene("ledger-search", "ledger/transactions", _search),
        Scene("ledger-blocks", "ledger/transactions", _blocks),
        Scene("ledger-events", "ledger/events"),
        Scene("ledger-verify", "ledger/verify"),
    ]


def _private(window: MainWindow) -> None:
    """The first private collection of whichever contract has one."""
    tab = window.page.keys  # type: ignore[union-attr]
    for index in range(tab.contract.count()):
        tab.contract.setCurrentIndex(index)
        window.settle()
        if tab.collection.count() > 1:
            tab.collection.setCurrentIndex(1)
            return


def _search(window: MainWindow) -> None:
    window.page.transactions.search.setText("deposit")  # type: ignore[union-attr]


def _blocks(window: MainWindow) -> None:
    window.page.transactions.mode.choose("blocks")  # type: ignore[union-attr]


def _transactions(context: Context) -> list[Scene]:
    """The newest valid and the newest invalid transaction of a contract."""
    found = []
    for scene, valid in (("ledger-transaction", True), ("ledger-autopsy", False)):
        rows = context.platform.explorer.transactions(context.network, valid=valid, limit=20)
        newest = next((row for row in rows if row.contract), None)
        if newest is not None:
            found.append(Scene(scene, f"ledger/tx/{newest.tx_id}"))
    return found


def _key(context: Context) -> list[Scene]:
    """The key of a contract that was written last, with its past."""
    explorer, network = context.platform.explorer, context.network
    for contract in explorer.contracts(network):
        if contract.name.startswith("_"):
            continue
        keys = [k for k in explorer.keys(network, contract.name, limit=500) if k.value.startswith(b"{")]
        if keys:
            newest = max(keys, key=lambda key: (key.block, key.index))
            return [Scene("ledger-keys", f"ledger/key/{contract.name}/{newest.key}")]
    return []
