"""Requests for files: a signed proposal in one header, read by the door before any peer is asked.

The proposal names the contract's question, the record, the CID and the one service that it is for. Whoever listens or
serves cannot use it elsewhere, nor later, nor twice.
"""

from __future__ import annotations

import base64
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fabric_sdk.certificates import parse_certificate
from fabric_sdk.clock import seconds
from fabric_sdk.errors import FabricError
from fabric_sdk.identity import Identity
from fabric_sdk.signatures import PublicKey, verify
from fabric_sdk.transaction import read_proposal

SCHEME = "Fabric-Proposal"
MOST_HEADER = 16 << 10
FRESH_S = 300.0
"""How far a request's own time may be from the service's, in seconds."""
REMEMBERED, OF_CREATOR = 200_000, 20_000
"""Requests remembered while they are fresh, and how many of them one key's: a file of 40 GiB in parts takes half."""
FETCH, HAND_IN, SURVEY = "MayFetch", "MayHandIn", "MaySurvey"


class Refused(Exception):
    """A request that is none; the reason is for the log, the caller is told nothing."""


class TooMany(Exception):
    """More than is served at once: the caller may come again."""


@dataclass(frozen=True)
class Asked:
    """A request whose form and signature are right; what it may is for a peer to say."""

    function: str
    record: str
    cid: str
    proposal: bytes
    signature: bytes
    creator: bytes
    transaction_id: str


def header_of(proposal: bytes, signature: bytes) -> str:
    """The value of `Authorization` for a signed proposal."""
    parts = (base64.urlsafe_b64encode(one).decode().rstrip("=") for one in (proposal, signature))
    return f"{SCHEME} {'.'.join(parts)}"


class Reader:
    """Reads requests for one service. Thread-safe; remembers what it has seen for as long as that is fresh.

    `member` says whether a creator is of the channel at all: of strangers nothing is remembered, and no peer is asked.
    """

    def __init__(
        self,
        channel: str,
        chaincode: str,
        service: str,
        clock: Callable[[], float] = seconds,
        member: Callable[[bytes], bool] = lambda creator: True,
    ) -> None:
        self._channel, self._chaincode, self._service = channel, chaincode, service
        self._clock, self._member = clock, member
        self._seen: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._of: Counter[bytes] = Counter()
        self._lock = threading.Lock()

    def read(self, header: str, function: str, cid: str = "") -> Asked:
        """The request in `header` for `function` and `cid`; `Refused` for anything else, and for a second use."""
        found = self._parsed(header)
        wanted = [found.record, cid, self._service] if function != SURVEY else [self._service]
        view = read_proposal(found.proposal)
        given = [one.decode("utf-8", "replace") for one in view.args[1:]]
        if found.function != function or given != wanted:
            raise Refused("asks for something else, or another service")
        if not self._member(found.creator):
            raise Refused("is of no member of the channel")
        self._once(found.transaction_id, found.creator)
        return found

    def _parsed(self, header: str) -> Asked:
        scheme, _, rest = header.partition(" ")
        first, dot, second = rest.partition(".")
        if len(header) > MOST_HEADER or scheme != SCHEME or not dot:
            raise Refused("is no signed proposal")
        try:
            proposal, signature = (base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in (first, second))
            view = read_proposal(proposal)
            identity = Identity.deserialize(view.creator)
            if not signature:
                raise Refused("is not signed")
            verify(_public(identity), signature, proposal)
        except (FabricError, ValueError, TypeError) as error:
            raise Refused(str(error)) from error
        if (view.channel_id, view.chaincode, view.input_chaincode) != (self._channel, self._chaincode, self._chaincode):
            raise Refused("is for another channel or contract")
        if view.is_init or view.transient or view.decorations:
            raise Refused("carries more than a question")
        at = view.header.timestamp
        if at is None or abs(at.timestamp() - self._clock()) > FRESH_S:
            raise Refused("is not of now")
        args = [one.decode("utf-8", "replace") for one in view.args]
        record, cid = (args[1], args[2]) if len(args) == 4 else ("", "")
        function = args[0].rpartition(":")[2] if args else ""
        return Asked(function, record, cid, proposal, signature, view.creator, view.transaction_id)

    def _once(self, transaction_id: str, creator: bytes) -> None:
        # By its key: the same certificate is written in many ways.
        form = PublicFormat.SubjectPublicKeyInfo
        key = sha256(_public(Identity.deserialize(creator)).public_bytes(Encoding.DER, form)).digest()
        now = self._clock()
        with self._lock:
            while self._seen and next(iter(self._seen.values()))[0] < now - 2 * FRESH_S:
                _, (_, old) = self._seen.popitem(last=False)
                self._of[old] -= 1
                if not self._of[old]:
                    del self._of[old]
            if transaction_id in self._seen:
                raise Refused("was used before")
            if len(self._seen) >= REMEMBERED or self._of.get(key, 0) >= OF_CREATOR:
                raise TooMany
            self._seen[transaction_id] = now, key
            self._of[key] += 1


def _public(identity: Identity) -> PublicKey:
    return parse_certificate(identity.credentials).public_key
