"""The draw's arithmetic, which anybody can run again: commit, freeze, reveal, rank.

Each party commits, before the applicants are frozen, to the tip of a hash chain of `ROUNDS` links over a secret.
Afterwards they reveal in a fixed order, hospital, platform, patients' side, one link each. A round counts with all
three reveals or not at all: silence voids it for everybody to see, and the next links of the same chains are revealed
for the same list. After a second void, or where a party never committed, a public number decides that was named when
the draw was opened: a lottery's result of a later day, entered alike by two of the parties.

So hospital and platform together gain nothing: without the patients' link there is no outcome, and the number was
unknown while they could still be silent. What remains has to be said: who reveals last may once trade an outcome that
it saw for one that nobody could know, marked for everybody to see. There are no shares of the secrets: with three
parties, secrecy against two and opening without the third exclude each other.

The applicants lie in `BUCKETS` ranges by the first byte of their id, so that a list of any size is frozen and ranked in
bounded transactions; the frozen digest is over the buckets' digests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence

PARTIES = ("hospital", "platform", "patients")
ROUNDS = 2
"""Rounds of reveals before the public number decides; links of a chain."""
BUCKETS = 256
ALGORITHM = "citychain-draw-2"


def link(value: bytes) -> bytes:
    """Return the next link towards the tip."""
    return hashlib.sha256(b"citychain-draw-link\x00" + value).digest()


def chain(secret: bytes) -> list[bytes]:
    """Return a party's values: the tip to commit to, then what it reveals in round 1, 2, …"""
    values = [secret]
    for _ in range(ROUNDS):
        values.append(link(values[-1]))
    return values[::-1]


def bucket_of(applicant: str) -> str:
    """Return the bucket of an applicant, two hex digits: the first byte of the id (a letter and base 32)."""
    return f"{base64.b32decode(applicant[1:9])[0]:02x}"


def bucket_digest(applicants: Iterable[str]) -> str:
    """Return the SHA-256 over one bucket's sorted applicants, one a line."""
    return hashlib.sha256("".join(f"{a}\n" for a in sorted(applicants)).encode()).hexdigest()


def digest_of_buckets(digests: Mapping[str, str]) -> str:
    """Return what freezes the list: SHA-256 over `bucket:digest` of every bucket that has applicants, in order."""
    return hashlib.sha256("".join(f"{b}:{digests[b]}\n" for b in sorted(digests)).encode()).hexdigest()


def list_digest(applicants: Iterable[str]) -> str:
    """Return the digest of a whole list."""
    buckets: dict[str, list[str]] = {}
    for applicant in applicants:
        buckets.setdefault(bucket_of(applicant), []).append(applicant)
    return digest_of_buckets({b: bucket_digest(found) for b, found in buckets.items()})


def seed_of(draw: str, frozen: str, revealed: Mapping[str, str]) -> bytes:
    """Return the seed from what all three parties revealed in the round that counts (hex, by party)."""
    return _digest(draw, frozen, *(f"{p}={revealed[p]}" for p in PARTIES))


def seed_of_number(draw: str, frozen: str, source: str, date: str, value: str) -> bytes:
    """Return the seed from the announced public number."""
    return _digest(draw, frozen, f"number={source}", date, value)


def place(seed: bytes, applicant: str) -> bytes:
    """Return an applicant's place: HMAC-SHA-256(seed, id), the lowest first."""
    return hmac.digest(seed, applicant.encode(), "sha256")


def rank(seed: bytes, applicants: Iterable[str]) -> list[str]:
    """Return the applicants in drawn order."""
    return sorted(set(applicants), key=lambda a: place(seed, a))


def winners(ranked: Sequence[str], slots: Sequence[str], passed_over: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return (resident, slot) pairs: the first in rank that are not passed over, slots in name order."""
    over = set(passed_over)
    eligible = [a for a in ranked if a not in over]
    return list(zip(eligible, sorted(slots), strict=False))


def reach(slots: int) -> int:
    """Return how many of the first in rank a draw of `slots` looks at: who may not book is passed over."""
    return 2 * slots + 50


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\x00".join([ALGORITHM, *parts]).encode()).digest()
