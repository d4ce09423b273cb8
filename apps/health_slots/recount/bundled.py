"""What `audit.py` is made of, when somebody downloads it."""

from __future__ import annotations

from fabric_sdk.proof.bundle import Program, bundled

HEADING = """Audit the ledger of appointment slots (号源链) without CityChain: Python 3.9+ and `cryptography` do.

    python audit.py CHAIN.blocks --card CARD.json [--json]

It checks every block's signatures and every transaction's author, endorsers, policy and reads, and recomputes every
hospital's commitment against what it opened, every change, every booking of a slot, and every draw. The card must come
from the institution itself. Exit code 0: agrees with the card. 5: consistent in itself only,
or transactions are called refused and it cannot be rechecked why. 4: alarms. 2: unreadable.

This file is bundled from fabric_sdk/proof, chaincode/health_slots and apps/health_slots/recount; of the same version
`python -m fabric_sdk.proof.bundle apps.health_slots.recount FOLDER` makes the same.
"""
CORE = ("wire", "members", "policies", "configuration", "blocks", "definitions", "cards")


def files() -> dict[str, str]:
    """The audit by the name of its file."""
    rules = tuple(f"chaincode.health_slots.{one}" for one in ("merkle", "leaves", "fair_draw", "draw_again"))
    own = tuple(f"apps.health_slots.recount.{one}" for one in ("ledger", "ranges", "chain", "terminal"))
    return {"audit.py": bundled(Program(HEADING, (*rules, *own), CORE))}
