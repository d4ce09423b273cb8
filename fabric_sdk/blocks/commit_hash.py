"""Commit hashes: peers chain what each block changed in the state, so that two peers can compare one value.

A block's commit hash is SHA-256 over its validation codes, its state updates in a fixed order, and the previous commit
hash (Fabric source, `core/ledger/kvledger`: addBlockCommitHash, deterministicBytesForPubAndHashUpdates). Replaying a
chain from its beginning gives the same hashes without any peer: that proves the codes, which no orderer signs.
"""

from __future__ import annotations

from hashlib import sha256

from fabric_sdk.blocks.model import DecodedBlock
from fabric_sdk.blocks.rwset import ReadWriteSet

_Key = tuple[bytes, bytes, bytes]
"""Namespace, collection (empty for public state) and key (or its hash)."""

_Update = tuple[bytes, int]
"""New value (empty: deleted) and the place of the transaction that wrote it."""


class CommitHashReplay:
    """Recomputes commit hashes block by block, starting with block 0 or with a known hash.

    A change of a key's metadata alone repeats the key's value, so public values are remembered, up to `budget` bytes;
    where a value is not known (too much state, or a private key that may have expired), that block's hash cannot be
    computed and the recorded one is taken over.
    """

    def __init__(self, previous: bytes | None = b"", *, budget: int = 256 << 20) -> None:
        self._previous = previous
        self._values: dict[_Key, bytes] | None = {} if previous == b"" else None
        self._budget = budget

    def next(self, block: DecodedBlock) -> bytes | None:
        """The commit hash that this block must have; None if it cannot be computed. Call for each block in order."""
        if block.number == 0:
            return b""
        updates = self._updates(block)
        computed: bytes | None = None
        if updates is not None and self._previous is not None:
            codes = block.validation_codes
            content = _varint(len(codes)) + codes + _update_bytes(updates, block.number) + self._previous
            computed = sha256(content).digest()
        self._previous = block.commit_hash or computed
        return computed

    def _updates(self, block: DecodedBlock) -> dict[_Key, _Update] | None:
        """The block's state updates; None if a value that is needed is not known."""
        updates: dict[_Key, _Update] = {}
        complete = True
        for transaction in block.transactions:
            if transaction.valid and transaction.type == "ENDORSER_TRANSACTION":
                complete &= self._apply(transaction.rwset, transaction.index, updates)
        if self._values is not None:
            self._remember(updates)
        return updates if complete else None

    def _apply(self, rwset: ReadWriteSet, place: int, updates: dict[_Key, _Update]) -> bool:
        complete = True
        written: set[_Key] = set()

        def write(key: _Key, value: bytes) -> None:
            updates[key] = (value, place)
            written.add(key)

        for namespace in rwset.namespaces:
            name = namespace.name.encode()
            for item in namespace.writes:
                write((name, b"", item.key.encode()), b"" if item.is_delete else item.value)
            for metadata in namespace.metadata_writes:
                complete &= self._touch((name, b"", metadata.key.encode()), place, updates, written)
            for part in namespace.collections:
                collection = part.name.encode()
                for hashed in part.writes:
                    removed = hashed.is_delete or hashed.is_purge
                    write((name, collection, hashed.key_hash), b"" if removed else hashed.value_hash)
                for hashed_metadata in part.metadata_writes:
                    key = (name, collection, hashed_metadata.key_hash)
                    complete &= self._touch(key, place, updates, written)
        return complete

    def _touch(self, key: _Key, place: int, updates: dict[_Key, _Update], written: set[_Key]) -> bool:
        """A key's metadata changes: its value is written again, unless there is none. False if that is not known."""
        if key in written:
            return True
        if key in updates:
            value = updates[key][0]
        elif key[1] or self._values is None:
            return False
        else:
            value = self._values.get(key, b"")
        if value:
            updates[key] = (value, place)
        return True

    def _remember(self, updates: dict[_Key, _Update]) -> None:
        assert self._values is not None
        for key, (value, _) in updates.items():
            if key[1]:
                continue
            self._budget += len(self._values.pop(key, b""))
            if value:
                self._values[key] = value
                self._budget -= len(value) + len(key[2]) + 100
        if self._budget < 0:
            self._values = None


def _update_bytes(updates: dict[_Key, _Update], block_number: int) -> bytes:
    """The updates as Fabric serialises them; a namespace or collection is named at its first entry only."""
    parts: list[bytes] = []
    namespace: bytes | None = None
    collection = b""
    for key in sorted(updates):
        if not key[0]:
            continue
        value, place = updates[key]
        entry = b""
        if key[0] != namespace:
            namespace, collection = key[0], b""
            entry += _field(1, namespace)
        if key[1] != collection:
            collection = key[1]
            entry += _field(2, collection)
        entry += _field(3, key[2])
        entry += _field(5, value) if value else b"\x20\x01"
        entry += _field(6, _ordered(block_number) + _ordered(place))
        parts.append(_field(1, entry))
    return b"".join(parts)


def _field(number: int, content: bytes) -> bytes:
    if not content:
        return b""
    return bytes((number << 3 | 2,)) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _ordered(value: int) -> bytes:
    """A number in as few bytes as it needs, after their count: sorts like the numbers do."""
    content = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes((len(content),)) + content
