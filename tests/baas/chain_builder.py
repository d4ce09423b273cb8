"""Chains of real Fabric blocks with whatever reads, writes and codes a test wants; signatures are filler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fabric_protos.common.common_pb2 import Block, BlockData, BlockHeader, BlockMetadata, Envelope, Header
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2 as kv
from fabric_protos.ledger.rwset.rwset_pb2 import CollectionHashedReadWriteSet, NsReadWriteSet, TxReadWriteSet
from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.peer.proposal_pb2 import Proposal
from fabric_protos.peer.proposal_response_pb2 import Endorsement

from fabric_sdk import envelope as build
from fabric_sdk.blocks import DecodedBlock, data_hash, decode_block, header_hash
from network.certificates import CertificateAuthority

AUTHORITY, _ = CertificateAuthority.create("ca.test", "test")
PEOPLE = {
    name: SerializedIdentity(
        mspid="CopyrightMSP",
        id_bytes=AUTHORITY.issue(name, role="client", organization="test").certificate_pem,
    ).SerializeToString()
    for name in ("alice", "bob", "peer0")
}
Place = tuple[int, int]


@dataclass(frozen=True)
class Tx:
    """One transaction: `reads` maps key to the version read (None: absent), `writes` to the value (None: deletion)."""

    function: str = "Put"
    args: Sequence[str] = ()
    reads: Mapping[str, Place | None] = field(default_factory=dict)
    writes: Mapping[str, bytes | None] = field(default_factory=dict)
    range_read: tuple[str, str, Mapping[str, Place]] | None = None
    private: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    policies: Mapping[str, bytes] = field(default_factory=dict)
    code: int = 0
    creator: str = "alice"
    contract: str = "copyright"
    touches: str = ""
    tx_nonce: int | None = None


class Chain:
    """Grows block by block; `blocks` are `common.Block` messages."""

    def __init__(self, seed: int = 0) -> None:
        self.blocks: list[Any] = []
        self.tx_ids: list[list[str]] = []
        self._previous = b""
        self._nonce = seed * 1_000_000

    @property
    def decoded(self) -> list[DecodedBlock]:
        return [decode_block(block) for block in self.blocks]

    def add(self, *txs: Tx) -> int:
        """Append a block and return its number."""
        envelopes, ids = [], []
        for tx in txs:
            envelope, tx_id = self._envelope(tx)
            envelopes.append(envelope)
            ids.append(tx_id)
        number = len(self.blocks)
        header = BlockHeader(number=number, previous_hash=self._previous, data_hash=data_hash(envelopes))
        codes = bytes(tx.code for tx in txs)
        metadata = BlockMetadata(metadata=[b"", b"", codes, b"", b""])
        self.blocks.append(Block(header=header, data=BlockData(data=envelopes), metadata=metadata))
        self.tx_ids.append(ids)
        self._previous = header_hash(header)
        return number

    def _envelope(self, tx: Tx) -> tuple[bytes, str]:
        self._nonce += 1
        nonce = (tx.tx_nonce or self._nonce).to_bytes(24, "big")
        proposal = build.new_proposal(
            "citychannel",
            tx.contract,
            [tx.function.encode(), *(a.encode() for a in tx.args)],
            PEOPLE[tx.creator],
            nonce=nonce,
            time_ns=(1_790_000_000 + self._nonce) * 10**9,
        )
        raw = Proposal.FromString(proposal.bytes)
        header = Header.FromString(raw.header)
        answer = build.proposal_response_payload(
            build.proposal_hash(header.channel_header, header.signature_header, raw.payload),
            _results(tx),
            b"",
            status=200,
            message="",
            payload=b"{}",
            chaincode=tx.contract,
            chaincode_version="1.0.0",
        )
        endorsement = Endorsement(endorser=PEOPLE["peer0"], signature=bytes(70))
        payload = build.transaction_payload(proposal.bytes, answer, [endorsement])
        return Envelope(payload=payload, signature=bytes(70)).SerializeToString(), proposal.transaction_id


def _version(place: Place | None) -> Any:
    return kv.Version(block_num=place[0], tx_num=place[1]) if place else None


def _results(tx: Tx) -> bytes:
    rwset = kv.KVRWSet(
        reads=[kv.KVRead(key=key, version=_version(place)) for key, place in tx.reads.items()],
        writes=[kv.KVWrite(key=k, value=v or b"", is_delete=v is None) for k, v in tx.writes.items()],
        metadata_writes=[
            kv.KVMetadataWrite(key=k, entries=[kv.KVMetadataEntry(name="VALIDATION_PARAMETER", value=p)])
            for k, p in tx.policies.items()
        ],
    )
    if tx.range_read:
        start, end, found = tx.range_read
        reads = kv.QueryReads(kv_reads=[kv.KVRead(key=k, version=_version(p)) for k, p in found.items()])
        rwset.range_queries_info.add(start_key=start, end_key=end, itr_exhausted=True, raw_reads=reads)
    part = NsReadWriteSet(namespace=tx.contract, rwset=rwset.SerializeToString())
    for collection, (key_hash, value_hash) in tx.private.items():
        hashed = kv.HashedRWSet(hashed_writes=[kv.KVWriteHash(key_hash=bytes.fromhex(key_hash), value_hash=value_hash)])
        part.collection_hashed_rwset.append(
            CollectionHashedReadWriteSet(collection_name=collection, hashed_rwset=hashed.SerializeToString())
        )
    parts = [part]
    if tx.touches:
        # As Fabric reads a contract's own definition: a namespace in the sets that nobody called.
        read = kv.KVRWSet(reads=[kv.KVRead(key=tx.contract)]).SerializeToString()
        parts.append(NsReadWriteSet(namespace=tx.touches, rwset=read))
    return TxReadWriteSet(ns_rwset=parts).SerializeToString()


class FakeSource:
    """A `BlockSource` over a growing list of blocks; `fail` makes it break once."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.opened: list[int] = []
        self.failures: list[Exception] = []
        self._closed = False

    def height(self) -> int:
        if self.failures:
            raise self.failures.pop(0)
        return len(self.chain.blocks)

    @contextmanager
    def open(self, start: int) -> Iterator[Any]:
        self.opened.append(start)
        yield _Stream(self.chain, start)


class _Stream:
    def __init__(self, chain: Chain, start: int) -> None:
        import threading

        self._chain = chain
        self._next = start
        self._closed = threading.Event()

    def __iter__(self) -> _Stream:
        return self

    def __next__(self) -> Any:
        while self._next >= len(self._chain.blocks):
            if self._closed.wait(0.01):
                raise StopIteration
        self._next += 1
        return self._chain.blocks[self._next - 1]

    def close(self) -> None:
        self._closed.set()
