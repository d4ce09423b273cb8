"""Whether a transaction that a contract describes is meant for the ledger or only answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def submits(transaction: Mapping[str, Any]) -> bool:
    """Whether a transaction of a contract's metadata is to be submitted.

    The contract APIs for Node.js and Go write its intent under "tag", the one for Java under "tags". One that says
    nothing is submitted, but for the description itself, which Node.js leaves without a word.
    """
    tags = {str(tag).lower() for tag in transaction.get("tag") or transaction.get("tags") or ()}
    if not tags:
        return transaction.get("name") != "GetMetadata"
    return bool(tags & {"submit", "submittx"}) or not tags & {"evaluate", "evaluatetx"}
