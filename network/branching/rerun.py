"""A rehearsal's engine: the origin's calls, block by block, with another version of one contract.

On a scratch ledger that is thrown away, the chain is taken up to a block; from there on every call of the contract is
made again on the state as it has become, and its results take the place of those recorded. Everything else of each
block stays; Fabric's rules of concurrency are applied anew.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from fabric_protos.common.common_pb2 import Block, Envelope, Payload
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVMetadataWrite
from fabric_protos.peer.chaincode_event_pb2 import ChaincodeEvent
from fabric_protos.peer.proposal_pb2 import ChaincodeAction
from fabric_protos.peer.proposal_response_pb2 import ProposalResponsePayload
from fabric_protos.peer.transaction_pb2 import ChaincodeActionPayload
from fabric_protos.peer.transaction_pb2 import Transaction as TransactionMessage

from fabric_sdk.chaincode.client_identity import ClientIdentity
from fabric_sdk.chaincode.errors import ChaincodeError
from fabric_sdk.chaincode.ledger import Chaincode, Response
from fabric_sdk.chaincode.sealing import KeyFolder
from fabric_sdk.identity import Identity
from network.branching.committer import Committer, PrivateData
from network.branching.report import MAX_CHANGES, MAX_FINDINGS, Change, Finding, Rehearsal, Verdict, shown, shown_pair
from network.branching.simulation import Made, Maker, Rehearsed
from network.embedded.definitions import Definition
from network.embedded.mvcc import validate
from network.embedded.transactions import VALID, NamespaceSets, Transaction, code, is_delete, parse_bytes
from network.promotion.stored import StoredChannel

_REFUSED = code("INVALID_OTHER_REASON")
_DELETED = b""
Writes = dict[tuple[str, str], bytes | None]
"""(place, key) -> value, None for a deletion."""


class Rerun:
    """One rehearsal over blocks `first` to `last` of a stored chain."""

    def __init__(
        self,
        stored: StoredChannel,
        scratch: Path,
        tried: Definition,
        chaincodes: Callable[[str], Chaincode | None],
        keys: Mapping[str, KeyFolder],
        rich_queries: frozenset[str],
        told: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> None:
        self._stored = stored
        self._scratch = scratch
        self._tried = tried
        self._chaincodes = chaincodes
        self._keys = keys
        self._rich = rich_queries
        self._told = told
        self._counts: Counter[str] = Counter()
        self._findings: list[Finding] = []
        self._base: Writes = {}
        self._theirs: Writes = {}
        self._ours: Writes = {}
        self._others = 0

    def run(self, first: int, last: int, functions: frozenset[str] = frozenset()) -> Rehearsal:
        """Go through the blocks; with `functions` only calls of those are made again."""
        started = time.monotonic()
        private = _Private(self._stored)
        with Committer(self._scratch, Block.FromString(self._stored.body(0))) as committer:
            for number in range(1, first):
                committer.take(self._block(number), private.of(number), judge=False)
                self._tell(number, last)
            before = committer.definition(committer.view, self._tried.name)
            maker = Maker(Rehearsed(committer, self._tried), committer.view, self._chaincodes, self._keys, self._rich)
            try:
                for number in range(max(first, 1), last + 1):
                    self._go_through(committer, maker, number, private.of(number), functions)
                    self._tell(number, last)
            finally:
                maker.close()
        keys = self._differing_keys()
        return Rehearsal(
            self._tried.name,
            before.version if before is not None else "",
            self._tried.version,
            self._tried.sequence,
            first,
            last,
            dict(self._counts),
            tuple(self._findings[:MAX_FINDINGS]),
            max(0, len(self._findings) - MAX_FINDINGS),
            tuple(keys[:MAX_FINDINGS]),
            max(0, len(keys) - MAX_FINDINGS),
            self._others,
            round(time.monotonic() - started, 2),
        )

    def _block(self, number: int) -> Block:
        return Block.FromString(self._stored.body(number))

    def _tell(self, number: int, last: int) -> None:
        if number % 20 == 0 or number == last:
            self._told(number, last + 1)

    def _go_through(
        self, committer: Committer, maker: Maker, number: int, private: PrivateData, functions: frozenset[str]
    ) -> None:
        block, recorded = self._stored.block(number)
        codes = block.metadata.metadata[2]
        transactions: list[Transaction] = []
        made: dict[int, Made] = {}
        for position, (former, verdict) in enumerate(zip(recorded, codes, strict=True)):
            former.code = verdict
            former.private = dict(private.get(position, {}))
            now = former
            if verdict == VALID and self._is_tried(former, functions):
                made[position], now = self._made(maker, former)
            transactions.append(now)
        before = {p: transactions[p].code for p in range(len(transactions))}
        self._note_base(committer, [*recorded, *transactions])
        updates = validate(committer.view, number, transactions)
        for position, transaction in enumerate(transactions):
            conflict = before[position] == VALID and transaction.code != VALID
            if position in made:
                self._report(number, recorded[position], transaction, made[position], conflict)
            elif conflict:
                self._others += 1
            self._remember(recorded[position], codes[position] == VALID, self._theirs)
            self._remember(transaction, transaction.code == VALID, self._ours)
        fresh = Block()
        fresh.CopyFrom(block)
        del fresh.data.data[:]
        fresh.data.data.extend(t.envelope for t in transactions)
        committer.write(fresh, transactions, updates)

    def _is_tried(self, transaction: Transaction, functions: frozenset[str]) -> bool:
        action = transaction.action
        if action is None or transaction.is_config or action.chaincode != self._tried.name or not action.args:
            return False
        return not functions or _function(transaction) in functions

    @staticmethod
    def _made(maker: Maker, recorded: Transaction) -> tuple[Made, Transaction]:
        """What came of a call made again, and the transaction that takes its place."""
        assert recorded.action is not None
        endorser = recorded.action.endorsements[0].endorser
        made = maker.make(recorded, Identity.deserialize(endorser).msp_id, endorser)
        if (made.noted.private or made.noted.transient) and _differs(recorded, made):
            return made, recorded  # cannot be judged: what it did stays
        if not made.response.successful:
            gone = parse_bytes(recorded.envelope)
            gone.code = _REFUSED
            return made, gone
        fresh = parse_bytes(_with_results(recorded, made))
        fresh.code, fresh.private = VALID, made.private
        return made, fresh

    def _report(self, number: int, recorded: Transaction, now: Transaction, made: Made, conflict: bool) -> None:
        assert recorded.view is not None and recorded.action is not None
        changes, answer, event = _changes(recorded, now, made), None, None
        verdict: Verdict = "same"
        if _differs(recorded, made):
            verdict = "different"
            if made.noted.private or made.noted.transient:
                verdict = "private" if made.noted.private else "transient"
            elif not made.response.successful:
                verdict = "refused"
            else:
                answer = _pair(recorded.action.response_payload_data, made.response.payload)
                event = _pair(_event(recorded), _event(now))
        if conflict and verdict in ("same", "different"):
            verdict = "conflict"
        self._counts[verdict] += 1
        if verdict == "same":
            return
        self._findings.append(
            Finding(
                number,
                recorded.tx_id,
                _function(recorded),
                tuple(shown(a) or "" for a in recorded.action.args[1:]),
                _caller(recorded.view.header.creator),
                verdict,
                made.response.message[: MAX_CHANGES * 20] if not made.response.successful else "",
                answer,
                event,
                tuple(changes[:MAX_CHANGES]) if verdict in ("different", "conflict") else (),
                max(0, len(changes) - MAX_CHANGES) if verdict in ("different", "conflict") else 0,
            )
        )

    # State after all

    def _note_base(self, committer: Committer, transactions: list[Transaction]) -> None:
        for transaction in transactions:
            for (place, key), _ in _writes(transaction.namespaces).items():
                if place == self._tried.name and (place, key) not in self._base:
                    found = committer.view.get_state(place, key)
                    self._base[place, key] = None if found is None else found.value

    def _remember(self, transaction: Transaction, valid: bool, into: Writes) -> None:
        if valid:
            into.update({k: v for k, v in _writes(transaction.namespaces).items() if k[0] == self._tried.name})

    def _differing_keys(self) -> list[Change]:
        found = []
        for place in sorted({*self._theirs, *self._ours}):
            base = self._base.get(place)
            theirs, ours = self._theirs.get(place, base), self._ours.get(place, base)
            if theirs != ours:
                found.append(Change(*place, *shown_pair(theirs, ours)))
        return found


class _Private:
    """A stored chain's private write sets by block and place; those that a purge trimmed are left out."""

    def __init__(self, stored: StoredChannel) -> None:
        self._sets = stored.private_sets()
        self._next = next(self._sets, None)

    def of(self, number: int) -> PrivateData:
        """Of a block; blocks are asked for in order."""
        found: dict[int, dict[tuple[str, str], bytes]] = {}
        while self._next is not None and self._next.block <= number:
            one, self._next = self._next, next(self._sets, None)
            if one.block == number and one.whole:
                found.setdefault(one.transaction, {})[one.namespace, one.collection] = one.rwset
        return found


def calls_of(stored: StoredChannel, contract: str, last: int) -> Iterator[int]:
    """Numbers of the blocks that hold valid calls of a contract, newest first, once for each call."""
    for number in range(last, 0, -1):
        block, transactions = stored.block(number)
        for transaction, verdict in zip(transactions, block.metadata.metadata[2], strict=True):
            if verdict == VALID and transaction.action is not None and transaction.action.chaincode == contract:
                yield number


def _function(transaction: Transaction) -> str:
    assert transaction.action is not None
    return transaction.action.args[0].decode("utf-8", "replace").rpartition(":")[2]


def _with_results(recorded: Transaction, made: Made) -> bytes:
    """The recorded envelope with other results; nobody has signed it, and it stays on the scratch ledger."""
    envelope = Envelope.FromString(recorded.envelope)
    payload = Payload.FromString(envelope.payload)
    message = TransactionMessage.FromString(payload.data)
    call = ChaincodeActionPayload.FromString(message.actions[0].payload)
    answer = ProposalResponsePayload.FromString(call.action.proposal_response_payload)
    action = ChaincodeAction.FromString(answer.extension)
    action.results = made.results
    action.events = _event_bytes(recorded, made.response)
    action.response.status, action.response.message = made.response.status, made.response.message
    action.response.payload = made.response.payload
    answer.extension = action.SerializeToString()
    call.action.proposal_response_payload = answer.SerializeToString()
    message.actions[0].payload = call.SerializeToString()
    payload.data = message.SerializeToString()
    envelope.payload = payload.SerializeToString()
    data: bytes = envelope.SerializeToString()
    return data


def _event_bytes(recorded: Transaction, response: Response) -> bytes:
    if response.event is None or recorded.action is None:
        return b""
    data: bytes = ChaincodeEvent(
        chaincode_id=recorded.action.chaincode,
        tx_id=recorded.tx_id,
        event_name=response.event.name,
        payload=response.event.payload,
    ).SerializeToString()
    return data


def _differs(recorded: Transaction, made: Made) -> bool:
    action = recorded.action
    assert action is not None
    if not made.response.successful:
        return True
    if action.response_payload_data != made.response.payload or action.response_status != made.response.status:
        return True
    if action.events != _event_bytes(recorded, made.response):
        return True
    now = parse_bytes(_with_results(recorded, made))
    return _compared(recorded, made) != _compared(now, made)


def _compared(transaction: Transaction, made: Made) -> Writes:
    writes = _writes(transaction.namespaces)
    if made.noted.sealed:  # sealed under the branch's keys: that there is a value is all that can be compared
        writes = {k: v if "/" not in k[0] or v is None else b"?" for k, v in writes.items()}
    return writes


def _writes(namespaces: tuple[NamespaceSets, ...]) -> Writes:
    """What was written, by place and key; private keys and values by their hashes, key policies beside them (`#`)."""
    found: Writes = {}
    for sets in namespaces:
        for write in sets.sets.writes:
            found[sets.name, write.key] = None if is_delete(write) else write.value
        for write in sets.sets.metadata_writes:
            found[f"{sets.name}#", write.key] = _metadata(write)
        for collection in sets.collections:
            for write in collection.sets.hashed_writes:
                value = None if write.is_delete else write.value_hash
                found[f"{sets.name}/{collection.name}", write.key_hash.hex()] = b"purged" if write.is_purge else value
            for write in collection.sets.metadata_writes:
                found[f"{sets.name}/{collection.name}#", write.key_hash.hex()] = _metadata(write)
    return found


def _metadata(write: KVMetadataWrite) -> bytes:
    return json.dumps({e.name: e.value.hex() for e in write.entries}, sort_keys=True).encode()


def _changes(recorded: Transaction, now: Transaction, made: Made) -> list[Change]:
    before, after = _compared(recorded, made), _compared(now, made)
    changed = [place for place in sorted({*before, *after}) if before.get(place, 0) != after.get(place, 0)]
    return [Change(*place, *shown_pair(_told(before, place), _told(after, place))) for place in changed]


def _told(writes: Writes, place: tuple[str, str]) -> bytes | None:
    return (writes[place] or b"") if place in writes else None


def _event(transaction: Transaction) -> bytes:
    event = transaction.event
    return b"" if event is None else f"{event.event_name}: ".encode() + event.payload


def _pair(before: bytes, now: bytes) -> tuple[str, str] | None:
    if before == now:
        return None
    left, right = shown_pair(before, now)
    return left or "", right or ""


def _caller(creator: bytes) -> str:
    try:
        found = ClientIdentity.from_creator(creator)
    except ChaincodeError:
        return "?"
    return f"{found.msp_id}/{found.common_name}"
