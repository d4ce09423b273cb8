"""A slot's proof checked on this computer: line and salt give the leaf, the path leads to the committed root."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaincode.health_slots import merkle


def check_proof(proof: Mapping[str, Any]) -> bool:
    """Say whether what `Schedules.prove` returned really leads to its root."""
    leaf = merkle.leaf_hash(proof["line"], bytes.fromhex(proof["salt"]))
    path = [(side, bytes.fromhex(value)) for side, value in proof["path"]]
    return bool(merkle.verify_proof(leaf, path, bytes.fromhex(proof["root"])))
