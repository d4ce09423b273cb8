"""How fast blocks become an index and how fast it answers, with transactions of the size that applications make.

The blocks are real Fabric blocks in bytes (signatures are filler: the index does not judge them), decoded and indexed
exactly as a follower does it. Making them is not part of the measured time.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from baas.errors import Text
from baas.jobs import NULL_CONTEXT, JobContext
from baas.services.explorer.reader import IndexReader
from baas.services.explorer.writer import IndexWriter

BLOCK_TRANSACTIONS = 500
CONTRACT = "registry"
_WORDS = [
    "书法",
    "山水",
    "城市",
    "晨光",
    "号源",
    "儿科",
    "心血管",
    "登记",
    "许可",
    "转让",
    "摄影",
    "音乐",
    "夜曲",
    "江南",
    "纪录片",
    "讲座",
]
_LATIN = ["harbour", "lantern", "bridge", "poem", "sonata", "clinic", "ledger", "garden", "morning", "silk"]


def measure(txs: int, searches: int, *, ctx: JobContext = NULL_CONTEXT) -> dict[str, Any]:
    """Index `txs` synthetic transactions and ask `searches` questions.

    Returns `txs`, `index_tps` (transactions per second, decoding included), `search_p50_ms`, `search_p95_ms`,
    `search_max_ms` and `index_bytes`.
    """
    folder = Path(tempfile.mkdtemp(prefix="citychain-bench-"))
    try:
        path = folder / "index.db"
        ctx.step("index", Text("索引 {n} 笔交易", "Index {n} transactions", n=f"{txs:,}"))
        chances = random.Random(7)
        made = _Blocks(chances)
        indexing = _index(path, made, txs, ctx)
        ctx.step("search", Text("{n} 次搜索", "{n} searches", n=f"{searches:,}"))
        times = _search(path, made, chances, searches, ctx)
        times.sort()
        return {
            "txs": txs,
            "index_tps": round(txs / indexing, 1),
            "index_s": round(indexing, 2),
            "searches": searches,
            "search_p50_ms": round(statistics.median(times) * 1e3, 2),
            "search_p95_ms": round(times[int(len(times) * 0.95)] * 1e3, 2),
            "search_max_ms": round(times[-1] * 1e3, 2),
            "index_bytes": path.stat().st_size,
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _index(path: Path, made: _Blocks, txs: int, ctx: JobContext) -> float:
    from fabric_sdk.blocks import decode_block

    writer = IndexWriter(path)
    spent = 0.0
    done = 0
    while done < txs:
        ctx.check_cancelled()
        batch = [
            made.block(min(BLOCK_TRANSACTIONS, txs - done - i * BLOCK_TRANSACTIONS))
            for i in range(4)
            if txs - done - i * BLOCK_TRANSACTIONS > 0
        ]
        started = time.perf_counter()
        writer.add([decode_block(block) for block in batch])
        spent += time.perf_counter() - started
        done = min(txs, done + 4 * BLOCK_TRANSACTIONS)
        ctx.progress(done, txs)
    writer.close()
    return spent


def _search(path: Path, made: _Blocks, chances: random.Random, searches: int, ctx: JobContext) -> list[float]:
    reader = IndexReader(path, "bench")
    reader.search("warm", 20)
    times = []
    for number, query in enumerate(made.questions(chances, searches)):
        if number % 50 == 0:
            ctx.check_cancelled()
            ctx.progress(number, searches)
        started = time.perf_counter()
        reader.search(query, 20)
        times.append(time.perf_counter() - started)
    reader.close()
    return times


class _Blocks:
    """Makes a chain of blocks whose transactions look like an application's."""

    def __init__(self, chances: random.Random) -> None:
        from fabric_protos.msp.identities_pb2 import SerializedIdentity

        from network.certificates import CertificateAuthority

        self._chances = chances
        self._number = 0
        self._previous = b""
        self._serial = 0
        self.samples: list[tuple[str, str, str, str]] = []
        authority, _ = CertificateAuthority.create("ca.bench", "bench")
        people = [authority.issue(f"person{i}", role="client", organization="bench") for i in range(20)]
        peers = [authority.issue(f"peer{i}", role="peer", organization="bench") for i in range(2)]
        self._people = [
            SerializedIdentity(mspid="CopyrightMSP", id_bytes=p.certificate_pem).SerializeToString() for p in people
        ]
        self._peers = [
            SerializedIdentity(mspid="CopyrightMSP", id_bytes=p.certificate_pem).SerializeToString() for p in peers
        ]

    def block(self, size: int) -> bytes:
        """The next block, with `size` transactions."""
        from fabric_protos.common.common_pb2 import Block, BlockData, BlockHeader, BlockMetadata

        from fabric_sdk.blocks import data_hash, header_hash

        envelopes = [self._envelope() for _ in range(size)]
        header = BlockHeader(number=self._number, previous_hash=self._previous, data_hash=data_hash(envelopes))
        codes = bytes(11 if self._chances.random() < 0.01 else 0 for _ in envelopes)
        block = Block(
            header=header,
            data=BlockData(data=envelopes),
            metadata=BlockMetadata(metadata=[b"", b"", codes, b"", b""]),
        )
        self._number += 1
        self._previous = header_hash(header)
        raw: bytes = block.SerializeToString()
        return raw

    def questions(self, chances: random.Random, count: int) -> Iterator[str]:
        """Queries as people make them: ids, beginnings of ids, keys, CIDs, words, names, numbers."""
        for number in range(count):
            tx_id, key, cid, title = chances.choice(self.samples)
            words = title.split()
            yield (
                tx_id,
                tx_id[:10],
                key,
                key.rpartition("/")[0],
                cid,
                chances.choice(_WORDS),
                title,
                words[-1],
                f"{chances.choice(_WORDS)} {chances.choice(_LATIN)}",
                f"person{chances.randrange(20)}",
                str(chances.randrange(self._number)),
                words[0][:1],
            )[number % 12]

    def _envelope(self) -> bytes:
        from fabric_protos.common.common_pb2 import Envelope, Header
        from fabric_protos.peer.proposal_pb2 import Proposal
        from fabric_protos.peer.proposal_response_pb2 import Endorsement

        from fabric_sdk import envelope as build

        self._serial += 1
        serial = self._serial
        title = f"{self._chances.choice(_WORDS)}{self._chances.choice(_WORDS)} {self._chances.choice(_LATIN)} {serial}"
        cid = f"bafkrei{hashlib.sha256(serial.to_bytes(8, 'big')).hexdigest()[:52]}"
        key = f"work/{serial % 97}/{serial}"
        record = json.dumps({"title": title, "cid": cid, "state": "deposited"}, ensure_ascii=False).encode()
        proposal = build.new_proposal(
            "bench",
            CONTRACT,
            [b"Deposit", record],
            self._people[serial % len(self._people)],
            nonce=serial.to_bytes(24, "big"),
            time_ns=(1_790_000_000 + serial) * 10**9,
        )
        if self._chances.random() < 0.01 or not self.samples:
            self.samples.append((proposal.transaction_id, key, cid, title))
        raw = Proposal.FromString(proposal.bytes)
        header = Header.FromString(raw.header)
        answer = build.proposal_response_payload(
            build.proposal_hash(header.channel_header, header.signature_header, raw.payload),
            _results(key, record, serial),
            b"",
            status=200,
            message="",
            payload=b"{}",
            chaincode=CONTRACT,
            chaincode_version="1.0.0",
        )
        endorsements = [Endorsement(endorser=peer, signature=bytes(70)) for peer in self._peers]
        payload = build.transaction_payload(proposal.bytes, answer, endorsements)
        envelope: bytes = Envelope(payload=payload, signature=bytes(70)).SerializeToString()
        return envelope


def _results(key: str, record: bytes, serial: int) -> bytes:
    from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVRead, KVRWSet, KVWrite
    from fabric_protos.ledger.rwset.rwset_pb2 import NsReadWriteSet, TxReadWriteSet

    rwset = KVRWSet(
        reads=[KVRead(key=key), KVRead(key="policy/v1")],
        writes=[KVWrite(key=key, value=record), KVWrite(key=f"owner/{serial % 997}", value=b"1")],
    )
    part = NsReadWriteSet(namespace=CONTRACT, rwset=rwset.SerializeToString())
    results: bytes = TxReadWriteSet(ns_rwset=[part]).SerializeToString()
    return results
