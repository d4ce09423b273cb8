"""An exported chain read block by block: what its orderers signed, and what accepted transactions wrote.

Which transactions were accepted no signature says. It is worked out again from what each read and what the policies
ask; where the file says otherwise that is an alarm. A refusal that cannot be worked out again is told as `unchecked`:
whoever wrote the file could have said it of a transaction that counted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from apps.health_slots.recount.ledger import MOST_FINDINGS, Found, SlotsLedger
from apps.health_slots.recount.ranges import LiveKeys, range_unchanged
from fabric_sdk.proof.blocks import CONFIG, Block, Transaction, check_transaction, transaction_id, writes
from fabric_sdk.proof.cards import Card
from fabric_sdk.proof.configuration import Chain
from fabric_sdk.proof.definitions import Definition, check_policies, definition_read, read_definition
from fabric_sdk.proof.wire import METER, Broken, fields, number, raw

MAGIC = b"citychain-blocks-1\n"
CONTRACT = "health_slots"
LONGEST = 256 << 20
ACCEPTED, TWICE, UNENDORSED, STALE, PHANTOM, UNKNOWN = 0, 9, 10, 11, 12, 254
"""Codes as Fabric numbers them (`TxValidationCode`)."""


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """The blocks of an export; Broken for anything else."""
    if file.read(len(MAGIC)) != MAGIC:
        raise Broken("export-unreadable")
    while head := file.read(8):
        length = struct.unpack(">Q", head)[0] if len(head) == 8 else LONGEST + 1
        data = file.read(length) if length <= LONGEST else b""
        if not data or len(data) != length:
            raise Broken("export-unreadable")
        yield data


class Recount:
    """Reads a chain once. `facts` says what was read, `found` what does not hold."""

    def __init__(self, card: Card | None) -> None:
        self.ledger = SlotsLedger()
        self.facts: dict[str, Any] = {}
        self._card = card
        self._chain = Chain()
        self._previous = ""
        self._next = 0
        self._keys = LiveKeys()
        self._policies: dict[str, bytes] = {}
        self._definitions: dict[tuple[int, int], Definition | None] = {}
        self._counts = dict.fromkeys(("blocks", "transactions", "refused", "unchecked"), 0)
        self._seen: set[str] = set()

    @property
    def found(self) -> list[Found]:
        return self.ledger.found

    def take(self, data: bytes) -> None:
        """The next block; Broken where the chain itself does not hold."""
        METER.begin()
        block = Block(data)
        if block.number != self._next or (block.number and block.previous.hex() != self._previous) or not block.whole:
            raise Broken("block-changed", block=block.number)
        self._next, self._previous = block.number + 1, block.hash
        self._counts["blocks"] += 1
        if self._kind(block) == CONFIG:
            channel, config = block.configuration()
            self._chain.add(block.number, block.hash, channel, config, block.header, block.signatures)
            return
        self._chain.at(block.number, block.last_config).check_orderers(block.header, block.signatures)
        count = len(block.envelopes)
        codes = block.codes if len(block.codes) == count else bytes([UNKNOWN]) * count
        for place, code in enumerate(codes):
            self._transaction(block, place, code)

    def end(self) -> dict[str, Any]:
        """Compare with the card; returns the facts."""
        self.ledger.end()
        card, agrees = self._card, False
        if not self._chain.configurations:
            raise Broken("export-unreadable")
        if card is not None:
            same = card.channel == self._chain.channel and card.genesis == self._chain.hashes[0]
            agrees = same and self._chain.hashes.get(card.config_block) == card.config_hash
            if same and card.config_block >= self._next:
                # A published chain is a month late, and a card may be of today: no alarm, and no green verdict either.
                text = f"the chain ends before block {card.config_block}, which the card names: compare a later export"
                self.found.append(Found("note", "card-later", "", card.config_block, text))
            elif not agrees:
                self._add("card", "", 0, "this is not the channel of the card")
        self.facts = {
            "channel": self._chain.channel,
            "genesis": self._chain.hashes[0],
            "card": agrees,
            "height": self._next,
            **self._counts,
            **self.ledger.counts,
        }
        return self.facts

    def _transaction(self, block: Block, place: int, code: int) -> None:
        self._counts["transactions"] += 1
        config = self._chain.at(block.number)
        try:
            found = check_transaction(block, place, config)
        except Broken as error:
            if code == ACCEPTED:
                self._add("accepted", "", block.number, f"accepted although it does not hold ({error.code})")
            elif error.code == "author-expired":  # peers ask their own clocks, not the author's
                self._unchecked(transaction_id(block.envelopes[place]), block.number, "?", code)
            return
        again = found.call.tx_id in self._seen
        self._seen.add(found.call.tx_id)
        if found.call.contract == "_lifecycle" and code == ACCEPTED:
            self._define(found, block.number, place)
        if found.call.contract != CONTRACT:
            return
        sets = writes(found.call.results)
        own = sets.get(CONTRACT)
        fresh = own is None or all(self._keys.version(key) == version for key, version in own.reads.items())
        same = own is None or all(range_unchanged(self._keys, query) for query in own.ranges)
        if code != ACCEPTED:
            self._refused(found, sets, code, fresh=fresh, same=same, again=again)
            return
        if not (fresh and same):
            self._add("accepted", found.call.tx_id, block.number, "accepted although what it read had changed")
        self._check_policy(found, sets)
        if own is None:
            return
        for key, value in own.values.items():
            self.ledger.take(block.number, found.call.seconds, key, value)
            if value is None:
                self._keys.drop(key)
            else:
                self._keys.put(key, (block.number, place))
        for key in own.policies:
            self._keys.put(key, (block.number, place))
        self._policies.update(own.policies)

    def _define(self, found: Transaction, block: int, place: int) -> None:
        try:
            self._definitions[block, place] = read_definition(found, self._chain.at(block))
        except Broken:
            self._definitions[block, place] = None  # an approval, or another act of the lifecycle

    def _refused(self, found: Transaction, sets: Any, code: int, *, fresh: bool, same: bool, again: bool) -> None:
        """Work out again why a transaction was refused, as far as signed bytes tell."""
        self._counts["refused"] += 1
        if code in (STALE, PHANTOM):
            if fresh if code == STALE else same:
                self._add("refused", found.call.tx_id, found.block, "called stale, but nothing it read had changed")
            return
        if (code == TWICE and again) or (code == UNENDORSED and self._unendorsed(found, sets)):
            return
        self._unchecked(found.call.tx_id, found.block, found.call.function, code)

    def _unchecked(self, tx_id: str, block: int, function: str, code: int) -> None:
        self._counts["unchecked"] += 1
        if self._counts["unchecked"] <= MOST_FINDINGS:
            text = f"{function} is called refused (code {code}); why cannot be rechecked"
            self.found.append(Found("unchecked", "refused", tx_id, block, text))

    def _unendorsed(self, found: Transaction, sets: Any) -> bool:
        """Whether the endorsements fall short of what the definition that they name asks."""
        where = definition_read(CONTRACT, sets)
        definition = self._definitions.get(where) if where is not None else None
        if definition is None or definition.name != CONTRACT:
            return False
        try:
            check_policies(found, definition, self._policies, self._chain.at(found.block))
        except Broken:
            return True
        return False

    def _check_policy(self, found: Transaction, sets: Any) -> None:
        where = definition_read(CONTRACT, sets)
        definition = self._definitions.get(where) if where is not None else None
        if definition is None or definition.name != CONTRACT:
            self._add("definition", found.call.tx_id, found.block, "by a definition that is not in the chain")
            return
        if self._unendorsed(found, sets):
            self._add("policy", found.call.tx_id, found.block, "accepted without the endorsements that its policy asks")

    @staticmethod
    def _kind(block: Block) -> int:
        if not block.envelopes:
            raise Broken("block-changed", block=block.number)
        payload = fields(raw(fields(block.envelopes[0]), 1))
        return number(fields(raw(fields(raw(payload, 1)), 1)), 1)

    def _add(self, code: str, where: str, block: int, text: str) -> None:
        self.found.append(Found("alarm", code, where, block, text))
