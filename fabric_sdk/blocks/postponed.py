"""Verifying a chain with its signatures checked elsewhere, by several processes, or known from an earlier time.

Two thirds of what verification costs are ECDSA checks. Here they are collected block by block and given away, while
everything else (decoding, hashes, chaining, duplicates, commit hashes) goes on as if they fitted. Whoever does not
fit is found out before the verification ends: the block is then judged again, as `verify_block` does it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from fabric_protos.common.common_pb2 import Block

from fabric_sdk.blocks.model import DecodedBlock
from fabric_sdk.blocks.verification import ChainReport, verify_block, verify_chain
from fabric_sdk.channel import ChannelAuthority
from fabric_sdk.errors import BlockError, InvalidSignature
from fabric_sdk.signatures import PublicKey, SignatureCache, fits_digest, verify

Claim = tuple[bytes, bytes, bytes]
"""A signature that is to be checked: public key (DER), SHA-256 of the message, signature."""

RULES = b"citychain-signatures-1\0"
"""Changes with the rules by which a block's signatures are judged: what was judged by others counts no more."""
_AT_ONCE = 64
_KEYS = 4096


class Crew(Protocol):
    """Checks signatures somewhere else."""

    def submit(self, claims: Sequence[Claim]) -> Future[bool]:
        """Whether all of them fit; the future never fails."""


class Known(Protocol):
    """Blocks whose signatures were judged good before, under the configuration of that time."""

    def __contains__(self, entry: bytes) -> bool: ...

    def add(self, entry: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    number: int
    raw: bytes
    authority: ChannelAuthority
    entry: bytes
    outcome: Future[bool]


class Postponed(SignatureCache):
    """Takes every ECDSA signature as good for the moment and keeps what is to be checked."""

    def __init__(self) -> None:
        super().__init__()
        self._claims: list[Claim] = []
        self._keys: dict[bytes, bytes] = {}

    def verify(self, key_id: bytes, public_key: PublicKey, signature: bytes, message: bytes) -> None:
        if isinstance(public_key, ed25519.Ed25519PublicKey):
            verify(public_key, signature, message)
            return
        key = self._keys.get(key_id)
        if key is None:
            if len(self._keys) >= _KEYS:
                self._keys.clear()
            key = self._keys[key_id] = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self._claims.append((key, sha256(message).digest(), signature))

    def take(self) -> list[Claim]:
        """What has come together since the last time."""
        taken, self._claims = self._claims, []
        return taken


def fits(claim: Claim) -> bool:
    """Check one signature; False also for a key or signature that cannot be read."""
    key, digest, signature = claim
    try:
        fits_digest(_key(key), signature, digest)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def verify_postponed(blocks: Iterable[bytes | Block], crew: Crew, known: Known) -> ChainReport:
    """As `verify_chain` from the genesis block on; BlockError names the first block that does not hold."""
    judge = _Judge(crew, known)
    try:
        report = verify_chain(blocks, first_number=0, signatures=judge.signatures, check=judge.check)
    except BlockError:
        judge.settle(0)  # one before it may not hold either
        raise
    judge.settle(0)
    return report


def entry_of(raw: bytes, rules: bytes) -> bytes:
    """What names a verdict: these very bytes of a block, judged by these rules (see `rules_of`)."""
    return sha256(rules + sha256(raw).digest()).digest()


def rules_of(authority: ChannelAuthority) -> bytes:
    """What names the configuration by which blocks are judged."""
    return sha256(RULES + authority.config.SerializeToString(deterministic=True)).digest()


class _Judge:
    def __init__(self, crew: Crew, known: Known) -> None:
        self.signatures = Postponed()
        self._crew = crew
        self._known = known
        self._waiting: deque[_Waiting] = deque()
        self._rules: tuple[ChannelAuthority, bytes] | None = None

    def check(self, block: bytes | Block, authority: ChannelAuthority | None, **expected: Any) -> DecodedBlock:
        """As `verify_block`; the signatures are judged by the time of `settle`."""
        if authority is None:
            return verify_block(block, None, **expected)
        raw = block if isinstance(block, bytes) else block.SerializeToString()
        if self._rules is None or self._rules[0] is not authority:
            self._rules = authority, rules_of(authority)
        entry = entry_of(raw, self._rules[1])
        if entry in self._known:
            return verify_block(block, None, **expected)
        self.signatures.take()
        decoded = verify_block(block, authority, **expected)
        outcome = self._crew.submit(self.signatures.take())
        self._waiting.append(_Waiting(decoded.number, raw, authority, entry, outcome))
        self.settle(_AT_ONCE)
        return decoded

    def settle(self, left: int) -> None:
        """Judge what can be, and wait until at most `left` blocks are left; BlockError for the first that is bad."""
        while len(self._waiting) > left or (self._waiting and self._waiting[0].outcome.done()):
            waiting = self._waiting.popleft()
            if not waiting.outcome.result():
                # Whose signature does not fit is for `verify_block` to say: endorsements may be more than are needed.
                verify_block(waiting.raw, ChannelAuthority.from_config(waiting.authority.config))
            self._known.add(waiting.entry)


@lru_cache(maxsize=_KEYS)
def _key(der: bytes) -> Any:
    return load_der_public_key(der)
