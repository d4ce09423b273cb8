"""Two clocks that differ, in the words of every contract: the refusal names both, so that people see which is wrong."""

from __future__ import annotations

import datetime as dt

QUERY = "Clock"
"""The query of each contract that answers with the peer's own clock, in milliseconds since 1970 UTC."""


def apart(transaction: dt.datetime, peer: dt.datetime) -> str:
    """What a contract says when it refuses a transaction for its time; services read the two moments out of it."""
    return f"the transaction's time {_written(transaction)} is too far from this peer's clock {_written(peer)}"


def _written(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
