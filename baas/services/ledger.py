"""The ledger itself, read through a peer: blocks, transactions, verification, export."""
