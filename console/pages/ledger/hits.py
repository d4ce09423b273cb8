"""What a search of the ledger found: what it is called, where it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.i18n import tr

if TYPE_CHECKING:
    from baas.services.explorer.model import Hit, HitKind

HIT_ICONS = {"transaction": "arrow", "block": "ledger", "key": "key", "contract": "contract", "identity": "identity"}


def address_of(hit: Hit) -> str:
    """Where a thing of the ledger is shown."""
    return {
        "transaction": f"ledger/tx/{hit.tx_id}",
        "block": f"ledger/block/{hit.block}",
        "key": f"ledger/key/{hit.contract}/{hit.key}",
        "contract": f"ledger/contract/{hit.contract}",
        "identity": f"ledger/creator/{hit.fingerprint}",
    }[hit.kind]


def hit_kind(kind: HitKind) -> str:
    """The word for a kind of thing."""
    return {
        "transaction": tr("交易"),
        "block": tr("区块"),
        "key": tr("键"),
        "contract": tr("合约", "one"),
        "identity": tr("发起人"),
    }[kind]


def hit_note(hit: Hit) -> str:
    """What kind of thing a hit is, and its remark."""
    return f"{hit_kind(hit.kind)} · {hit.subtitle}" if hit.subtitle else hit_kind(hit.kind)
