"""The slots ledger audited by a stranger: an exported chain, a channel card, one file, no installation.

`audit.py` is bundled from these modules and those of `fabric_sdk.proof`.
"""
