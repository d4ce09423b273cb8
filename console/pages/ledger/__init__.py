"""账本: blocks, transactions, keys through time, live events, verification, the autopsy of a transaction."""

from console.pages.ledger.page import LedgerPage

__all__ = ["LedgerPage"]
