"""The draw's arithmetic, which anybody can run again: commit, reveal, rank.

Each party commits, before the applicants are frozen, to the tip of a hash chain of `CHAIN` links over a secret.
Afterwards they reveal in a fixed order, hospital, platform, patients' side, one link each. A party that lets its turn
pass is skipped and marked, everything revealed in that round is thrown away, and the rest begin a new round with
their next links. So whoever reveals early knows nothing yet, and whoever withholds late exchanges the outcome it could
see for one that nobody could know: the links of the new round were fixed before the applicants were.

What remains has to be said. Who withholds cannot choose, but draws again, once, marked for everybody to see; parties
that act together in the last turns may do so once each while at least `LEAST` remain. With fewer the draw is void, for
a single party would know the outcome beforehand. Hospital and platform together gain nothing while the patients' side
reveals, because they reveal before it; without it (or where whoever orders blocks keeps its reveal out until its turn
is over) they know every link, so that a draw which it took no part in is marked, and the audit says so.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence

PARTIES = ("hospital", "platform", "patients")
CHAIN = 3
"""Links of a chain: one for each round, since each new round loses a party, and one to spare."""
LEAST = 2
"""Parties that must reveal in the round that counts."""
ALGORITHM = "citychain-draw-1"


def link(value: bytes) -> bytes:
    """Return the next link towards the tip."""
    return hashlib.sha256(b"citychain-draw-link\x00" + value).digest()


def chain(secret: bytes) -> list[bytes]:
    """Return a party's values: the tip to commit to, then what it reveals in round 1, 2, …"""
    values = [secret]
    for _ in range(CHAIN):
        values.append(link(values[-1]))
    return values[::-1]


def list_digest(applicants: Iterable[str]) -> str:
    """Return the SHA-256 that freezes the applicants: their sorted pseudonyms, one a line."""
    return hashlib.sha256("".join(f"{a}\n" for a in sorted(applicants)).encode()).hexdigest()


def seed_of(draw: str, frozen: str, revealed: Mapping[str, str]) -> bytes:
    """Return the seed from what the parties revealed in the round that counts (hex, by party)."""
    text = "\x00".join([ALGORITHM, draw, frozen, *(f"{p}={revealed[p]}" for p in PARTIES if p in revealed)])
    return hashlib.sha256(text.encode()).digest()


def rank(seed: bytes, applicants: Iterable[str]) -> list[str]:
    """Return the applicants in drawn order: ascending by HMAC-SHA-256(seed, pseudonym)."""
    return sorted(set(applicants), key=lambda a: hmac.digest(seed, a.encode(), "sha256"))


def winners(ranked: Sequence[str], slots: Sequence[str], passed_over: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return (resident, slot) pairs: the first in rank that are not passed over, slots in name order."""
    over = set(passed_over)
    eligible = [a for a in ranked if a not in over]
    return list(zip(eligible, sorted(slots), strict=False))
