"""Blocks and the transactions in them, read from the bytes that were signed."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from fabric_sdk.proof.configuration import Configuration, Signed
from fabric_sdk.proof.members import Member, signed_by
from fabric_sdk.proof.wire import Broken, Fields, der, fields, many, number, raw, string

CONFIG, ENDORSER = 1, 3
VALIDATION_PARAMETER = "VALIDATION_PARAMETER"


def header_bytes(block: int, previous: bytes, data_hash: bytes) -> bytes:
    """A block's header as it is hashed and signed."""
    integer = der(0x02, block.to_bytes(block.bit_length() // 8 + 1, "big"))
    return der(0x30, integer + der(0x04, previous) + der(0x04, data_hash))


class Block:
    """A block, or its header and metadata alone (`whole` is then False). Its data fits its header, or Broken."""

    def __init__(self, data: bytes) -> None:
        message = fields(data)
        header = fields(raw(message, 1))
        self.number = number(header, 1)
        self.previous = raw(header, 2)
        self.data_hash = raw(header, 3)
        self.header = header_bytes(self.number, self.previous, self.data_hash)
        self.hash = hashlib.sha256(self.header).hexdigest()
        self.whole = 2 in message
        self.envelopes = many(fields(raw(message, 2)), 1)
        if self.whole and hashlib.sha256(b"".join(self.envelopes)).digest() != self.data_hash:
            raise Broken("block-changed", block=self.number)
        metadata = many(fields(raw(message, 3)), 1)
        self.signatures = metadata[0] if metadata else b""
        self.codes = metadata[2] if len(metadata) > 2 else b""

    @property
    def last_config(self) -> int:
        """The configuration block in force, as the ordering nodes signed it."""
        value = raw(fields(self.signatures), 1)
        return number(fields(raw(fields(value), 1)), 1)

    def configuration(self) -> tuple[str, bytes]:
        """Channel and `Config` bytes of a configuration block."""
        if len(self.envelopes) != 1:
            raise Broken("configuration-unreadable")
        payload = fields(raw(fields(self.envelopes[0]), 1))
        channel = fields(raw(fields(raw(payload, 1)), 1))
        if number(channel, 1) != CONFIG:
            raise Broken("configuration-unreadable")
        return string(channel, 4), raw(fields(raw(payload, 2)), 1)


class Call(NamedTuple):
    """A call of a contract and what endorsers signed of it: everything is out of signed bytes."""

    channel: str
    tx_id: str
    seconds: int
    creator: bytes
    contract: str
    arguments: list[bytes]
    status: int
    answer: bytes
    results: bytes
    version: str
    endorsements: list[Signed]

    @property
    def function(self) -> str:
        """The function called, without the contract's prefix."""
        name = self.arguments[0].decode("utf-8", "replace") if self.arguments else ""
        return name.rpartition(":")[2]


def read_call(payload: bytes) -> Call:
    """Read the `Payload` of a transaction or of a signed answer; Broken unless its parts belong together."""
    body = fields(payload)
    header = fields(raw(body, 1))
    channel, signed = fields(raw(header, 1)), fields(raw(header, 2))
    creator = raw(signed, 1)
    tx_id = string(channel, 5)
    if number(channel, 1) != ENDORSER or hashlib.sha256(raw(signed, 2) + creator).hexdigest() != tx_id:
        raise Broken("transaction-id")
    actions = many(fields(raw(body, 2)), 1)
    if len(actions) != 1:
        raise Broken("transaction-unreadable")
    action = fields(raw(fields(actions[0]), 2))
    proposal, endorsed = raw(action, 1), fields(raw(action, 2))
    response = raw(endorsed, 1)
    answer = fields(response)
    wanted = hashlib.sha256(raw(header, 1) + raw(header, 2) + proposal).digest()
    if raw(answer, 1) != wanted or raw(fields(actions[0]), 1) != raw(header, 2):
        raise Broken("proposal-other")
    result = fields(raw(answer, 2))
    said, contract = fields(raw(result, 3)), fields(raw(result, 4))
    spec = fields(raw(fields(raw(fields(proposal), 1)), 1))
    name = string(contract, 2)
    if string(fields(raw(spec, 2)), 2) != name:
        raise Broken("proposal-other")
    endorsements = []
    for one in many(endorsed, 2)[:100]:
        entry = fields(one)
        endorsements.append(Signed(raw(entry, 1), response + raw(entry, 1), raw(entry, 2)))
    return Call(
        string(channel, 4),
        tx_id,
        number(fields(raw(channel, 3)), 1),
        creator,
        name,
        many(fields(raw(spec, 3)), 1),
        number(said, 1),
        raw(said, 3),
        raw(result, 1),
        string(contract, 3),
        endorsements,
    )


class Transaction(NamedTuple):
    """A transaction whose signatures were checked: what was called, by whom, and who endorsed it."""

    call: Call
    author: Member
    endorsers: list[Member]
    block: int
    place: int
    envelope: bytes


def transaction_id(envelope: bytes) -> str:
    """The id that an envelope states, "" where it cannot be read."""
    try:
        payload = fields(raw(fields(envelope), 1))
        return string(fields(raw(fields(raw(payload, 1)), 1)), 5)
    except Broken:
        return ""


def check_transaction(block: Block, index: int, config: Configuration) -> Transaction:
    """Check one transaction of a block: its author's signature, and which peers endorsed it."""
    envelope = block.envelopes[index]
    message = fields(envelope)
    payload = raw(message, 1)
    call = read_call(payload)
    author = config.member(call.creator)
    if not signed_by(author.certificate, raw(message, 2), payload):
        raise Broken("author-signature")
    begins, ends = author.certificate.begins.timestamp(), author.certificate.ends.timestamp()
    if not begins - 600 <= call.seconds <= ends:
        raise Broken("author-expired", name=author.certificate.name)
    endorsers = config.signers(call.endorsements, "peer")
    if not endorsers:
        raise Broken("endorsement-none")
    return Transaction(call, author, endorsers, block.number, index, envelope)


class Writes(NamedTuple):
    """What a transaction wrote and read of one namespace: values (None: deleted), key policies, versions read.

    `ranges` are the `RangeQueryInfo` of what it read by ranges.
    """

    values: dict[str, bytes | None]
    policies: dict[str, bytes]
    reads: dict[str, tuple[int, int] | None]
    collections: list[str]
    ranges: list[bytes]


def writes(results: bytes) -> dict[str, Writes]:
    """The public read-write sets of a `TxReadWriteSet` by namespace."""
    found: dict[str, Writes] = {}
    for one in many(fields(results), 2):
        space = fields(one)
        name = string(space, 1)
        if name in found:
            raise Broken("transaction-unreadable")
        found[name] = _writes(fields(raw(space, 2)), [string(fields(part), 1) for part in many(space, 3)])
    return found


def _writes(sets: Fields, collections: list[str]) -> Writes:
    values: dict[str, bytes | None] = {}
    for one in many(sets, 3):
        pair = fields(one)
        values[string(pair, 1)] = None if number(pair, 2) else raw(pair, 3)
    policies: dict[str, bytes] = {}
    for one in many(sets, 4):
        entry = fields(one)
        for part in many(entry, 2):
            item = fields(part)
            if string(item, 1) == VALIDATION_PARAMETER:
                policies[string(entry, 1)] = raw(item, 2)
    reads: dict[str, tuple[int, int] | None] = {}
    for one in many(sets, 1):
        pair = fields(one)
        version = fields(raw(pair, 2)) if 2 in pair else None
        reads[string(pair, 1)] = None if version is None else (number(version, 1), number(version, 2))
    return Writes(values, policies, reads, collections, many(sets, 2))
