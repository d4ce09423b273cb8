"""The explorer: an index of every channel's blocks, kept up by block events, and the questions asked of it.

    platform.explorer.follow("city")                 # a background thread per channel, resumes where it was
    platform.explorer.sync("city", ctx=ctx)          # or: catch up now, then return
    platform.explorer.search("city", "书法")          # txid, block number, key, CID, text, certificate fingerprint
    platform.explorer.autopsy("city", tx_id)

The index is a SQLite file of its own per network (`index/NAME.db`); it holds nothing that the ledger does not, so it
may be deleted and is rebuilt to the same content.
"""

from baas.services.explorer.model import (
    Autopsy,
    BlockRow,
    ContractRow,
    EndorsementRow,
    Hit,
    IdentityRow,
    IndexStatus,
    KeyConflict,
    KeyVersion,
    PolicyGap,
    ReadRow,
    Stage,
    TransactionDetail,
    TransactionRow,
    WriteRow,
)
from baas.services.explorer.service import ExplorerService

__all__ = [
    "Autopsy",
    "BlockRow",
    "ContractRow",
    "EndorsementRow",
    "ExplorerService",
    "Hit",
    "IdentityRow",
    "IndexStatus",
    "KeyConflict",
    "KeyVersion",
    "PolicyGap",
    "ReadRow",
    "Stage",
    "TransactionDetail",
    "TransactionRow",
    "WriteRow",
]
