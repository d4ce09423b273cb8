"""The summary of a long range query that goes into a read set.

Fabric keeps at most 50 raw reads of one range query; beyond that it hashes them in groups of 51 and builds a tree of
the same degree on top (core/ledger/kvledger/txmgmt/rwsetutil). Validation builds the same tree from the state.
"""

from __future__ import annotations

from hashlib import sha256

from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVRead, QueryReads, QueryReadsMerkleSummary

MAX_DEGREE = 50


class RangeReads:
    """Collects the results of one range query: raw reads while they are few, then a tree of hashes."""

    def __init__(self, max_degree: int = MAX_DEGREE) -> None:
        self.max_degree = max_degree
        self.pending: list[KVRead] = []
        self._tree: dict[int, list[bytes]] = {}
        self._max_level = 1

    def add(self, read: KVRead) -> None:
        self.pending.append(read)
        if len(self.pending) > self.max_degree:
            self._hash_pending()

    def finish(self) -> tuple[list[KVRead], QueryReadsMerkleSummary | None]:
        """Return either the raw reads or the summary; the collector takes no more after this."""
        if not self._tree:
            return self.pending, None
        if self.pending:
            self._hash_pending()
        self._complete()
        return [], self.summary()

    def summary(self) -> QueryReadsMerkleSummary:
        """The tree as it stands."""
        return QueryReadsMerkleSummary(
            max_degree=self.max_degree,
            max_level=self._max_level,
            max_level_hashes=self._tree.get(self._max_level, ()),
        )

    def _hash_pending(self) -> None:
        leaf = sha256(QueryReads(kv_reads=self.pending).SerializeToString()).digest()
        self.pending = []
        level = 1
        self._tree.setdefault(level, []).append(leaf)
        while len(self._tree[level]) > self.max_degree:
            combined = sha256(b"".join(self._tree.pop(level))).digest()
            level += 1
            self._tree.setdefault(level, []).append(combined)
            self._max_level = max(self._max_level, level)

    def _complete(self) -> None:
        for level in range(1, self._max_level):
            hashes = self._tree.pop(level, [])
            if hashes:
                combined = hashes[0] if len(hashes) == 1 else sha256(b"".join(hashes)).digest()
                self._tree.setdefault(level + 1, []).append(combined)
        top = self._tree[self._max_level]
        if len(top) > self.max_degree:
            del self._tree[self._max_level]
            self._max_level += 1
            self._tree[self._max_level] = [sha256(b"".join(top)).digest()]
