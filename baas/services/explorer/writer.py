"""Takes blocks into a channel's index, several blocks in one SQLite transaction.

The content depends on the blocks alone: numbers are given in the order of the ledger, so however the blocks arrived in
batches, and however often the work was interrupted, the same chain gives the same index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from baas.errors import Text, Unavailable
from baas.services.explorer import full_text
from baas.services.explorer.schema import CONTENT_TABLES, clear_index, open_index

if TYPE_CHECKING:
    from fabric_sdk.blocks import DecodedBlock, DecodedTransaction
    from fabric_sdk.identity import Identity

KEY_POLICY = "VALIDATION_PARAMETER"
"""Fabric's name for a key's own endorsement policy among its metadata (core/ledger: state metadata)."""


class ForeignChain(Unavailable):
    """The block does not continue the indexed chain: the network was made anew under the same name."""

    default_code = "index_of_another_chain"


@dataclass
class _Counter:
    """What a contract or identity has gained in this batch."""

    transactions: int = 0
    invalid: int = 0
    keys: int = 0
    last_block: int = 0


class IndexWriter:
    """The only writer of one channel's index; for one thread."""

    def __init__(self, path: Path) -> None:
        self._db = open_index(path, read_only=False)
        self._resume()

    def clear(self) -> None:
        """Forget everything, to begin again at block 0."""
        clear_index(self._db)
        self._resume()

    def _resume(self) -> None:
        row = self._db.execute("SELECT next_block, last_hash FROM position").fetchone()
        self.next_block: int = row[0]
        self._last_hash: bytes = row[1]
        self._next_tx: int
        (self._next_tx,) = self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM tx").fetchone()
        self._identities: dict[tuple[str, bytes], int] = {}
        self._contracts: dict[str, int] = dict(self._db.execute("SELECT name, id FROM contract"))
        self._keys: dict[tuple[str, int, str], int] = {}

    def add(self, blocks: Sequence[DecodedBlock]) -> None:
        """Index consecutive blocks; blocks that are already there are passed over. All of them or, on error, none."""
        new = [block for block in blocks if block.number >= self.next_block]
        if not new:
            return
        before = (self.next_block, self._last_hash, self._next_tx)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._add(new)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            self.next_block, self._last_hash, self._next_tx = before
            self._identities.clear()
            self._keys.clear()
            self._contracts = dict(self._db.execute("SELECT name, id FROM contract"))
            raise

    def check_same(self, block: DecodedBlock) -> None:
        """Raise `ForeignChain` unless an already indexed `block` is the one that was indexed."""
        row = self._db.execute("SELECT hash FROM block WHERE number = ?", (block.number,)).fetchone()
        if row is not None and row[0] != block.hash:
            raise _foreign(block.number)

    def _add(self, blocks: Sequence[DecodedBlock]) -> None:
        contracts: dict[int, _Counter] = {}
        identities: dict[int, _Counter] = {}
        block_rows: list[tuple[object, ...]] = []
        tx_rows: list[tuple[object, ...]] = []
        text_rows: list[tuple[int, str]] = []
        write_rows: dict[tuple[int, int], tuple[int, int, bool, bytes]] = {}
        policy_rows: dict[tuple[int, int], tuple[int, int, bytes]] = {}
        total = invalid_total = 0
        for block in blocks:
            self._check_position(block)
            invalid = 0
            time = 0.0
            for transaction in block.transactions:
                number = self._next_tx
                self._next_tx += 1
                stamp = transaction.timestamp.timestamp() if transaction.timestamp else 0.0
                time = time or stamp
                creator = self._identity(transaction.creator, block.number) if transaction.creator else 0
                contract = self._contract(transaction.chaincode, block.number) if transaction.chaincode else 0
                code = 254 if transaction.validation_code is None else transaction.validation_code
                invalid += code != 0
                for counters, key in ((contracts, contract), (identities, creator)):
                    counter = counters.setdefault(key, _Counter())
                    counter.transactions += 1
                    counter.invalid += code != 0
                    counter.last_block = block.number
                tx_rows.append(
                    (
                        number,
                        block.number,
                        transaction.index,
                        tx_id_bytes(transaction.tx_id),
                        transaction.type,
                        stamp,
                        creator,
                        contract,
                        transaction.function[:200],
                        code,
                    )
                )
                text = self._writes(transaction, number, block.number, code == 0, write_rows, contracts)
                if text:
                    text_rows.append((number, text))
                if code == 0:
                    self._policies(transaction, number, block.number, policy_rows, contracts)
            block_rows.append(
                (block.number, block.hash, block.previous_hash, time, len(block.transactions), invalid, block.size)
            )
            total += len(block.transactions)
            invalid_total += invalid
            self.next_block = block.number + 1
            self._last_hash = block.hash
        execute = self._db.executemany
        execute("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?)", block_rows)
        execute("INSERT INTO tx VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", tx_rows)
        execute("INSERT INTO ledger_write VALUES (?, ?, ?, ?)", write_rows.values())
        execute("INSERT INTO ledger_policy VALUES (?, ?, ?)", policy_rows.values())
        execute("INSERT INTO words(rowid, text) VALUES (?, ?)", text_rows)
        execute(
            "UPDATE contract SET transactions = transactions + ?, invalid = invalid + ?, keys = keys + ?, "
            "last_block = max(last_block, ?) WHERE id = ?",
            ((c.transactions, c.invalid, c.keys, c.last_block, key) for key, c in contracts.items()),
        )
        execute(
            "UPDATE identity SET transactions = transactions + ?, last_block = max(last_block, ?) WHERE id = ?",
            ((c.transactions, c.last_block, key) for key, c in identities.items()),
        )
        self._db.execute(
            "UPDATE position SET next_block = ?, last_hash = ?, transactions = transactions + ?, invalid = invalid + ?",
            (self.next_block, self._last_hash, total, invalid_total),
        )

    def _check_position(self, block: DecodedBlock) -> None:
        if block.number != self.next_block or (block.number > 0 and block.previous_hash != self._last_hash):
            raise _foreign(block.number)

    def _writes(
        self,
        transaction: DecodedTransaction,
        number: int,
        block: int,
        valid: bool,
        rows: dict[tuple[int, int], tuple[int, int, bool, bytes]],
        contracts: dict[int, _Counter],
    ) -> str:
        """Note what the transaction wrote (when valid) and return its searchable text."""
        parts: list[str] = []
        room = full_text.MAX_ARGUMENT_CHARACTERS
        for argument in transaction.args:
            text = full_text.readable(argument, room)
            if text:
                parts.append(text)
                room -= len(text)
            if room <= 0:
                break
        room = full_text.MAX_VALUE_CHARACTERS
        for namespace in namespaces_of(transaction):
            contract = self._contract(namespace.name, block)
            counter = _touched(contracts, contract, block)
            for write in namespace.writes:
                parts.append(write.key)
                if room > 0 and write.value:
                    text = full_text.readable(write.value, room)
                    parts.append(text)
                    room -= len(text)
                if valid:
                    key = self._key(write.key, contract, "", counter)
                    rows[key, number] = (key, number, write.is_delete, write.value)
            for collection in namespace.collections:
                for hashed in collection.writes:
                    name = hashed.key_hash.hex()
                    parts.append(name)
                    if valid:
                        key = self._key(name, contract, collection.name, counter)
                        rows[key, number] = (key, number, hashed.is_delete or hashed.is_purge, hashed.value_hash)
        parts += [event.name for event in transaction.events]
        return full_text.spaced(" ".join(parts))

    def _policies(
        self,
        transaction: DecodedTransaction,
        number: int,
        block: int,
        rows: dict[tuple[int, int], tuple[int, int, bytes]],
        contracts: dict[int, _Counter],
    ) -> None:
        """Note the key-level endorsement policies that a valid transaction set or took away (empty)."""
        for namespace in namespaces_of(transaction):
            found = [("", m.key, m.entries) for m in namespace.metadata_writes]
            for collection in namespace.collections:
                found += [(collection.name, m.key_hash.hex(), m.entries) for m in collection.metadata_writes]
            for collection_name, name, entries in found:
                contract = self._contract(namespace.name, block)
                counter = _touched(contracts, contract, block)
                key = self._key(name, contract, collection_name, counter)
                rows[key, number] = (key, number, entries.get(KEY_POLICY, b""))

    def _contract(self, name: str, block: int) -> int:
        found = self._contracts.get(name)
        if found is None:
            found = len(self._contracts) + 1
            self._db.execute("INSERT INTO contract VALUES (?, ?, 0, 0, 0, ?, ?)", (found, name, block, block))
            self._contracts[name] = found
        return found

    def _identity(self, identity: Identity, block: int) -> int:
        cached = self._identities.get((identity.msp_id, identity.credentials))
        if cached is not None:
            return cached
        name, fingerprint, serial = described(identity)
        row = self._db.execute(
            "SELECT id FROM identity WHERE fingerprint = ? AND msp_id = ?", (fingerprint, identity.msp_id)
        ).fetchone()
        if row is None:
            text = identity.credentials.decode("utf-8", "replace")
            row = self._db.execute(
                "INSERT INTO identity (msp_id, name, fingerprint, serial, certificate, transactions, first_block, "
                "last_block) VALUES (?, ?, ?, ?, ?, 0, ?, ?) RETURNING id",
                (identity.msp_id, name, fingerprint, serial, text, block, block),
            ).fetchone()
        if len(self._identities) > 50_000:
            self._identities.clear()
        found: int = row[0]
        self._identities[identity.msp_id, identity.credentials] = found
        return found

    def _key(self, name: str, contract: int, collection: str, counter: _Counter) -> int:
        cached = self._keys.get((name, contract, collection))
        if cached is not None:
            return cached
        row = self._db.execute(
            "SELECT id FROM ledger_key WHERE name = ? AND contract = ? AND collection = ?", (name, contract, collection)
        ).fetchone()
        if row is None:
            row = self._db.execute(
                "INSERT INTO ledger_key (name, contract, collection) VALUES (?, ?, ?) RETURNING id",
                (name, contract, collection),
            ).fetchone()
            counter.keys += 1
        if len(self._keys) > 100_000:
            self._keys.clear()
        found: int = row[0]
        self._keys[name, contract, collection] = found
        return found

    def close(self) -> None:
        """Close the index; it can be opened again at the same place."""
        self._db.close()


def _touched(counters: dict[int, _Counter], key: int, block: int) -> _Counter:
    """The batch's counter of a contract that block `block` reads or writes, called or not."""
    counter = counters.setdefault(key, _Counter())
    counter.last_block = block
    return counter


def _foreign(number: int) -> ForeignChain:
    return ForeignChain(
        Text("区块 {n} 与索引不衔接。", "Block {n} does not continue the index.", n=number),
        Text("请重建索引：citychain ledger reindex。", "Rebuild the index: citychain ledger reindex."),
    )


def namespaces_of(transaction: DecodedTransaction):  # type: ignore[no-untyped-def]
    from fabric_sdk.errors import DecodeError

    if not transaction.results:
        return ()
    try:
        return transaction.rwset.namespaces
    except DecodeError:
        return ()


def described(identity: Identity) -> tuple[str, str, str]:
    """Common name, SHA-256 fingerprint and serial; of credentials that are no certificate, their digest alone."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    from fabric_sdk.errors import MspError

    try:
        certificate = identity.certificate
    except MspError:
        return "", sha256(identity.credentials).hexdigest(), ""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else ""
    return name, certificate.fingerprint(SHA256()).hex(), f"{certificate.serial_number:x}"


def tx_id_bytes(tx_id: str) -> bytes:
    """A transaction id as the index keeps it: 32 bytes for the usual hexadecimal form, else its text."""
    if len(tx_id) == 64:
        try:
            return bytes.fromhex(tx_id)
        except ValueError:
            pass
    return b"\xff" + tx_id.encode()


def tx_id_text(stored: bytes) -> str:
    """The inverse of `tx_id_bytes`."""
    return stored.hex() if len(stored) == 32 else stored[1:].decode("utf-8", "replace")


def content_digest(path: Path) -> str:
    """SHA-256 over everything in the index, table by table in key order: equal for equal content."""
    db = open_index(path, read_only=True)
    try:
        digest = sha256()
        for table in CONTENT_TABLES:
            for row in _rows(db, table):
                digest.update(repr(row).encode())
        return digest.hexdigest()
    finally:
        db.close()


def _rows(db: sqlite3.Connection, table: str) -> Iterable[tuple[object, ...]]:
    return db.execute(f"SELECT * FROM {table} ORDER BY 1, 2" if table != "block" else "SELECT * FROM block ORDER BY 1")
