"""The commitment of a session: a Merkle tree over its slots, so that nothing can be hidden or slipped in later.

Tree and proofs are those of RFC 6962 section 2.1 (certificate transparency): leaf = SHA-256(0x00 ‖ data),
node = SHA-256(0x01 ‖ left ‖ right), an odd node is carried up. A leaf's data is the slot's canonical line and a salt
that only the hospital can make until it opens the session, so that a root betrays nothing by guessing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence


def slot_salt(secret: bytes, sequence: int) -> bytes:
    """Return the 16-byte salt of slot `sequence` (from 1): HMAC-SHA-256(secret, sequence as 4 bytes), cut."""
    return hmac.digest(secret, sequence.to_bytes(4, "big"), "sha256")[:16]


def leaf_hash(line: str, salt: bytes) -> bytes:
    """Return the leaf of one slot from its canonical line and salt."""
    return hashlib.sha256(b"\x00" + line.encode() + b"\x00" + salt).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over `leaves` (32 bytes each); SHA-256 of nothing for no leaves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def proof_of(leaves: Sequence[bytes], index: int) -> list[tuple[str, bytes]]:
    """Return the audit path of leaf `index` (from 0), nearest first, as (side of the sibling, hash)."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    path: list[tuple[str, bytes]] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(("left" if sibling < index else "right", level[sibling]))
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])
        level, index = above, index // 2
    return path


def verify_proof(leaf: bytes, path: Sequence[tuple[str, bytes]], root: bytes) -> bool:
    """Say whether `path` leads from `leaf` to `root`."""
    current = leaf
    for side, sibling in path:
        current = node_hash(sibling, current) if side == "left" else node_hash(current, sibling)
    return hmac.compare_digest(current, root)
