"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from console.context import Context
from console.scenes import Scene


def scenes(context: Context) -> list[Scene]:
    if not context.network:
        return []
    return [
        *_transactions(context),
        *_key(context),
        Scene("ledger-events", "ledger/events"),
        Scene("ledger-verify", "ledger/verify"),
    ]


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
