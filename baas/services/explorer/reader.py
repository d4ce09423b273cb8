"""Questions to one channel's index: lists by page, one thing, a key's life, search by anything."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from baas.errors import Text, Unavailable
from baas.services.explorer import full_text
from baas.services.explorer.model import BlockRow, ContractRow, Hit, IdentityRow, KeyVersion, Traffic, TransactionRow
from baas.services.explorer.queries import fingerprint_of, hex_range
from baas.services.explorer.schema import VERSION, open_index
from baas.services.explorer.writer import tx_id_bytes, tx_id_text
from baas.validation import words_of

T = TypeVar("T")
_HEX = re.compile(r"[0-9a-f]{6,64}")
_LAST_CHARACTER = "\U0010ffff"
_TX = (
    "SELECT tx.block, tx.idx, tx.tx_id, tx.type, tx.time, identity.msp_id, identity.name, identity.fingerprint, "
    "contract.name, tx.function, tx.code FROM tx LEFT JOIN identity ON identity.id = tx.creator "
    "LEFT JOIN contract ON contract.id = tx.contract "
)


@dataclass(frozen=True)
class ChangedAt:
    """Where a key last changed, and whether that was its deletion."""

    block: int
    index: int
    deleted: bool


class IndexReader:
    """Reads one channel's index; safe from any thread (a connection for each)."""

    def __init__(self, path: Path, channel: str) -> None:
        self._path = path
        self._channel = channel
        self._threads = threading.local()

    @property
    def exists(self) -> bool:
        return self._path.is_file()

    def close(self) -> None:
        """Let go of every thread's connection; one in use elsewhere ends when that thread is done with it."""
        self._threads = threading.local()

    # -- position ----------------------------------------------------------------------------------
    def position(self) -> tuple[int, int, int]:
        """How many blocks, transactions and invalid transactions are indexed."""
        row = self._one("SELECT next_block, transactions, invalid FROM position")
        return (row[0], row[1], row[2]) if row else (0, 0, 0)

    # -- lists -------------------------------------------------------------------------------------
    def blocks(self, before: int | None, limit: int) -> tuple[BlockRow, ...]:
        """Blocks from the newest down, those under number `before`."""
        rows = self._all(
            "SELECT * FROM block WHERE number < ? ORDER BY number DESC LIMIT ?",
            (2**62 if before is None else before, limit),
        )
        return tuple(self._block(row) for row in rows)

    def traffic(self, since: float, step: float, count: int) -> tuple[Traffic, ...]:
        """`count` stretches of `step` seconds from `since` on, each with what was written in it."""
        # Blocks lie in the order of time, so the search for the first one ends where the stretch begins.
        before = self._one("SELECT number FROM block WHERE time < ? ORDER BY number DESC LIMIT 1", (since,))
        rows = self._all(
            "SELECT CAST((time - ?) / ? AS INTEGER), count(*), sum(transactions), sum(invalid) FROM block "
            "WHERE number > ? AND time >= ? AND time < ? GROUP BY 1",
            (since, step, before[0] if before else -1, since, since + step * count),
        )
        found = {row[0]: row[1:] for row in rows}
        return tuple(Traffic(since + n * step, *found.get(n, (0, 0, 0))) for n in range(count))

    def block(self, number: int) -> BlockRow | None:
        row = self._one("SELECT * FROM block WHERE number = ?", (number,))
        return self._block(row) if row else None

    def transactions(
        self,
        *,
        block: int | None = None,
        contract: str = "",
        fingerprint: str = "",
        valid: bool | None = None,
        before: tuple[int, int] | None = None,
        limit: int = 50,
    ) -> tuple[TransactionRow, ...]:
        """Transactions from the newest down (in one block: in its order), filtered."""
        where: list[str] = []
        values: list[Any] = []
        if block is not None:
            where.append("tx.block = ?")
            values.append(block)
        if contract:
            where.append("tx.contract = (SELECT id FROM contract WHERE name = ?)")
            values.append(contract)
        if fingerprint:
            where.append("tx.creator IN (SELECT id FROM identity WHERE fingerprint = ?)")
            values.append(fingerprint)
        if valid is not None:
            where.append("tx.code = 0" if valid else "tx.code <> 0")
        if before is not None:
            where.append("tx.id < (SELECT id FROM tx WHERE block = ? AND idx = ?)")
            values += before
        clause = f"WHERE {' AND '.join(where)} " if where else ""
        order = "ORDER BY tx.idx" if block is not None else "ORDER BY tx.id DESC"
        rows = self._all(f"{_TX}{clause}{order} LIMIT ?", (*values, limit))
        return tuple(self._transaction(row) for row in rows)

    def transaction(self, tx_id: str) -> TransactionRow | None:
        """The first transaction with this id (a duplicate counts for nothing)."""
        row = self._one(f"{_TX}WHERE tx.tx_id = ? ORDER BY tx.id LIMIT 1", (tx_id_bytes(tx_id),))
        return self._transaction(row) if row else None

    def transaction_at(self, block: int, index: int) -> TransactionRow | None:
        row = self._one(f"{_TX}WHERE tx.block = ? AND tx.idx = ?", (block, index))
        return self._transaction(row) if row else None

    def contracts(self) -> tuple[ContractRow, ...]:
        rows = self._all(
            "SELECT name, transactions, invalid, keys, first_block, last_block FROM contract ORDER BY name"
        )
        return tuple(ContractRow(self._channel, *row) for row in rows)

    def identities(self, limit: int) -> tuple[IdentityRow, ...]:
        """Who has created transactions, the busiest first."""
        rows = self._all(
            "SELECT msp_id, name, fingerprint, serial, certificate, transactions, first_block, last_block "
            "FROM identity ORDER BY transactions DESC, id LIMIT ?",
            (limit,),
        )
        return tuple(IdentityRow(*row) for row in rows)

    # -- keys --------------------------------------------------------------------------------------
    def keys(self, contract: str, collection: str, prefix: str, after: str, limit: int) -> tuple[KeyVersion, ...]:
        """The latest version of keys that begin with `prefix`, in order, those after `after`; deleted ones too."""
        rows = self._all(
            "SELECT k.name, (SELECT max(tx) FROM ledger_write WHERE key = k.id) FROM ledger_key k "
            "JOIN contract c ON c.id = k.contract WHERE k.name > ? AND k.name >= ? AND k.name < ? "
            "AND c.name = ? AND k.collection = ? ORDER BY k.name LIMIT ?",
            (after, prefix, prefix + _LAST_CHARACTER, contract, collection, limit),
        )
        found = (self._version(contract, collection, name, tx) for name, tx in rows if tx is not None)
        return tuple(version for version in found if version is not None)

    def history(self, contract: str, collection: str, key: str, limit: int) -> tuple[KeyVersion, ...]:
        """Every valid write of the key, the newest first."""
        number = self._key_id(contract, collection, key)
        if number is None:
            return ()
        rows = self._all(
            "SELECT tx.block, tx.idx, tx.tx_id, tx.time, w.deleted, w.value FROM ledger_write w "
            "JOIN tx ON tx.id = w.tx WHERE w.key = ? ORDER BY w.tx DESC LIMIT ?",
            (number, limit),
        )
        return tuple(
            KeyVersion(contract, collection, key, row[0], row[1], tx_id_text(row[2]), row[3], bool(row[4]), row[5])
            for row in rows
        )

    def last_change(self, contract: str, collection: str, key: str, block: int, index: int) -> ChangedAt | None:
        """The newest valid change of the key (value or key-level policy) before (block, index)."""
        number = self._key_id(contract, collection, key)
        if number is None:
            return None
        row = self._one(
            "SELECT tx.block, tx.idx, c.deleted FROM ("
            "SELECT tx, deleted FROM ledger_write WHERE key = ? UNION ALL "
            "SELECT tx, NULL FROM ledger_policy WHERE key = ?) c JOIN tx ON tx.id = c.tx "
            "WHERE tx.block < ? OR (tx.block = ? AND tx.idx < ?) ORDER BY c.tx DESC, c.deleted DESC LIMIT 1",
            (number, number, block, block, index),
        )
        return ChangedAt(row[0], row[1], bool(row[2])) if row else None

    def keys_between(self, contract: str, start: str, end: str, limit: int) -> tuple[str, ...]:
        """Every key of a contract's public state ever written in [start, end), in order."""
        rows = self._all(
            "SELECT k.name FROM ledger_key k JOIN contract c ON c.id = k.contract "
            "WHERE k.name >= ? AND k.name < ? AND c.name = ? AND k.collection = '' ORDER BY k.name LIMIT ?",
            (start, end or _LAST_CHARACTER * 2, contract, limit),
        )
        return tuple(row[0] for row in rows)

    def key_policy(self, contract: str, collection: str, key: str, block: int, index: int) -> bytes:
        """The key's own endorsement policy in force before (block, index); empty when it has none."""
        number = self._key_id(contract, collection, key)
        if number is None:
            return b""
        row = self._one(
            "SELECT p.policy FROM ledger_policy p JOIN tx ON tx.id = p.tx WHERE p.key = ? "
            "AND (tx.block < ? OR (tx.block = ? AND tx.idx < ?)) ORDER BY p.tx DESC LIMIT 1",
            (number, block, block, index),
        )
        return bytes(row[0]) if row else b""

    def key_at(self, contract: str, collection: str, key: str, block: int) -> KeyVersion | None:
        """The key as it stood after block `block`; None when it had never been written."""
        number = self._key_id(contract, collection, key)
        if number is None:
            return None
        row = self._one(
            "SELECT max(tx) FROM ledger_write WHERE key = ? AND tx <= "
            "coalesce((SELECT id FROM tx WHERE block <= ? ORDER BY block DESC, idx DESC LIMIT 1), 0)",
            (number, block),
        )
        return self._version(contract, collection, key, row[0]) if row and row[0] is not None else None

    # -- search ------------------------------------------------------------------------------------
    def search(self, query: str, limit: int) -> tuple[Hit, ...]:
        """Everything that `query` may mean, the most exact first, at most `limit` hits."""
        query = query[:20_000].encode("utf-8", "replace").decode()
        query = fingerprint_of(query) or query.strip()[:500]
        if not query:
            return ()
        hits: list[Hit] = []
        seen: set[tuple[Any, ...]] = set()
        for find in (self._by_number, self._by_hex, self._by_key, self._by_name, self._by_words):
            for hit in find(query, limit):
                mark = (hit.kind, hit.block, hit.tx_id, hit.contract, hit.key, hit.fingerprint)
                if mark not in seen:
                    seen.add(mark)
                    hits.append(hit)
                if len(hits) >= limit:
                    return tuple(hits)
        return tuple(hits)

    def _by_number(self, query: str, _limit: int) -> Iterator[Hit]:
        digits = query.replace(",", "").replace("#", "")
        if digits.isdecimal() and len(digits) < 19:
            block = self.block(int(digits))
            if block:
                yield self._block_hit(block)

    def _by_hex(self, query: str, limit: int) -> Iterator[Hit]:
        digits = query.replace(":", "").lower()
        if not _HEX.fullmatch(digits):
            return
        low, high = hex_range(digits)
        rows = self._all(f"{_TX}WHERE tx.tx_id >= ? AND tx.tx_id <= ? ORDER BY tx.tx_id LIMIT ?", (low, high, limit))
        for row in rows:
            yield self._transaction_hit(self._transaction(row))
        for row in self._all("SELECT * FROM block WHERE hash >= ? AND hash <= ? LIMIT ?", (low, high, limit)):
            yield self._block_hit(self._block(row))
        rows = self._all(
            "SELECT msp_id, name, fingerprint, transactions FROM identity WHERE fingerprint >= ? AND fingerprint < ? "
            "LIMIT ?",
            (digits, digits + "g", limit),
        )
        if not rows and 16 <= len(digits) <= 40:
            rows = self._all(
                "SELECT msp_id, name, fingerprint, transactions FROM identity WHERE serial = ? LIMIT ?",
                (digits.lstrip("0"), limit),
            )
        for row in rows:
            yield self._identity_hit(row)

    def _by_key(self, query: str, limit: int) -> Iterator[Hit]:
        rows = self._all(
            "SELECT c.name, k.collection, k.name FROM ledger_key k JOIN contract c ON c.id = k.contract "
            "WHERE k.name >= ? AND k.name < ? ORDER BY k.name LIMIT ?",
            (query, query + _LAST_CHARACTER, max(1, limit // 2)),
        )
        for contract, collection, name in rows:
            subtitle = f"{contract} · {collection}" if collection else contract
            yield Hit("key", name, subtitle, self._channel, contract=contract, key=name)

    def _by_name(self, query: str, limit: int) -> Iterator[Hit]:
        rows = self._all(
            "SELECT name, transactions FROM contract WHERE name >= ? AND name < ? LIMIT ?",
            (query, query + _LAST_CHARACTER, limit),
        )
        for name, transactions in rows:
            yield Hit("contract", name, f"{transactions:,}", self._channel, contract=name)
        person = query.rpartition("/")[2]
        rows = self._all(
            "SELECT msp_id, name, fingerprint, transactions FROM identity WHERE name >= ? AND name < ? LIMIT ?",
            (person, person + _LAST_CHARACTER, limit),
        )
        for row in rows:
            yield self._identity_hit(row)

    def _by_words(self, query: str, limit: int) -> Iterator[Hit]:
        expression = full_text.match_expression(query)
        if not expression:
            return
        found = self._all(
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?", (expression, limit)
        )
        for (number,) in found:
            row = self._one(f"{_TX}WHERE tx.id = ?", (number,))
            if row:
                yield self._transaction_hit(self._transaction(row))

    # -- inside ------------------------------------------------------------------------------------
    def _key_id(self, contract: str, collection: str, key: str) -> int | None:
        row = self._one(
            "SELECT k.id FROM ledger_key k JOIN contract c ON c.id = k.contract "
            "WHERE k.name = ? AND c.name = ? AND k.collection = ?",
            (key, contract, collection),
        )
        return row[0] if row else None

    def _version(self, contract: str, collection: str, key: str, tx: int) -> KeyVersion | None:
        row = self._one(
            "SELECT tx.block, tx.idx, tx.tx_id, tx.time, w.deleted, w.value FROM tx "
            "JOIN ledger_write w ON w.tx = tx.id JOIN ledger_key k ON k.id = w.key "
            "JOIN contract c ON c.id = k.contract "
            "WHERE tx.id = ? AND k.name = ? AND c.name = ? AND k.collection = ?",
            (tx, key, contract, collection),
        )
        if row is None:
            return None
        return KeyVersion(contract, collection, key, row[0], row[1], tx_id_text(row[2]), row[3], bool(row[4]), row[5])

    def _block(self, row: Any) -> BlockRow:
        number, hash_, previous, time, transactions, invalid, size = row
        return BlockRow(self._channel, number, hash_.hex(), previous.hex(), time, transactions, invalid, size)

    def _transaction(self, row: Any) -> TransactionRow:
        said = words_of(row[10])
        return TransactionRow(
            channel=self._channel,
            block=row[0],
            index=row[1],
            tx_id=tx_id_text(row[2]),
            type=row[3],
            time=row[4],
            creator=f"{row[5]}/{row[6]}" if row[5] else "",
            fingerprint=row[7] or "",
            contract=row[8] or "",
            function=row[9],
            code=row[10],
            code_name=said.name,
            meaning=said.meaning,
        )

    def _block_hit(self, block: BlockRow) -> Hit:
        return Hit("block", f"#{block.number:,}", block.hash, self._channel, block=block.number)

    def _transaction_hit(self, row: TransactionRow) -> Hit:
        title = f"{row.contract} {row.function}".strip() or row.type
        return Hit("transaction", title, row.tx_id, self._channel, row.block, row.index, row.tx_id, row.contract)

    def _identity_hit(self, row: Any) -> Hit:
        msp_id, name, fingerprint, transactions = row
        return Hit("identity", f"{msp_id}/{name}", f"{transactions:,}", self._channel, fingerprint=fingerprint)

    def _all(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self._ask(lambda db: db.execute(sql, values).fetchall(), [])

    def _one(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        return self._ask(lambda db: db.execute(sql, values).fetchone(), None)

    def _ask(self, question: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        """Answer from this thread's connection; an index that is not there (any more) answers with nothing."""
        if not self.exists:
            return nothing
        try:
            connection = self._connection()
            return nothing if connection is None else question(connection)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise Unavailable(
                Text("索引文件已损坏。", "The index is damaged."),
                Text("请重建索引：citychain ledger reindex。", "Make it anew: citychain ledger reindex."),
                code="index_damaged",
            ) from error

    def _connection(self) -> sqlite3.Connection | None:
        """This thread's; None as long as the index's writer has made the file, but not its tables yet."""
        found: sqlite3.Connection | None = getattr(self._threads, "db", None)
        if found is None:
            found = open_index(self._path, read_only=True)
            if found.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                found.close()
                return None
            self._threads.db = found
        return found
