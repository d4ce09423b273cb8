"""Blocks of a channel taken into an embedded ledger as a peer takes them: checked, judged, and held against its origin.

What the origin's peers judged holds here, and the state that follows from it must be theirs: at every block the commit
hash is compared. Where the embedded ledger would have judged a transaction otherwise, that is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from fabric_protos.common.common_pb2 import Block, BlockMetadataIndex, Envelope, Metadata
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVRWSet

from fabric_sdk.blocks.decoding import orderer_signatures
from fabric_sdk.blocks.hashing import data_hash, header_bytes, header_hash
from fabric_sdk.blocks.model import validation_code_name
from fabric_sdk.blocks.rwset import PrivateWrites
from fabric_sdk.channel import ChannelAuthority
from fabric_sdk.errors import FabricError
from fabric_sdk.signatures import SignatureCache
from network.embedded import block_format
from network.embedded.channel import Channel
from network.embedded.channel_config import ChannelConfig, config_of_envelope
from network.embedded.committing import Ordered, finish
from network.embedded.definitions import LIFECYCLE, Definition, DefinitionCache, read_definition
from network.embedded.mvcc import Updates, collect, validate
from network.embedded.ordering import OrdererIdentity
from network.embedded.state_view import StateView, require_body
from network.embedded.store import LedgerStore
from network.embedded.transactions import VALID, Transaction, parse_bytes
from network.embedded.validator import BlockValidation
from network.errors import CityChainError
from network.text import Text

_FILTER, _COMMIT = BlockMetadataIndex.TRANSACTIONS_FILTER, BlockMetadataIndex.COMMIT_HASH
PrivateData = Mapping[int, Mapping[tuple[str, str], bytes]]
"""By place in a block, then by contract and collection: private write sets (KVRWSet)."""


class ForeignBlock(CityChainError):
    """A block that does not follow from the ones before, or from which another state follows here."""

    exit_code = 4

    def __init__(self, number: int, zh: str, en: str) -> None:
        super().__init__(
            Text("区块 {b}：" + zh, "Block {b} " + en, b=number),
            Text(
                "没有建立分支。请用另一个节点重试，或连同这段说明报告。",
                "No branch was made. Try with another peer, or report it together with this sentence.",
            ),
            code="branch_block",
            details={"block": number},
        )


@dataclass(frozen=True)
class Otherwise:
    """A transaction that the embedded ledger judges otherwise than the origin's peers; codes by name."""

    block: int
    transaction: str
    here: str
    there: str


@dataclass
class Taken:
    """What was taken so far."""

    blocks: int = 0
    transactions: int = 0
    private_sets: int = 0
    otherwise: list[Otherwise] = field(default_factory=list)


class Committer:
    """One channel's ledger file, filled block by block. A context manager; for one thread."""

    def __init__(self, directory: Path, genesis: Block) -> None:
        """`directory` is the channel's folder in an embedded ledger; it begins with block 0."""
        self.channel_id = Channel.create(directory, genesis.SerializeToString())
        self.signatures = SignatureCache()
        self.store = LedgerStore(directory / "ledger.db")
        self.store.in_bulk()
        self.view: StateView = self.store.view
        self.definitions = DefinitionCache()
        self._key_policies = self.view.namespaces_with_metadata()
        self._load_config(genesis)
        self.last_hash = header_hash(genesis.header)
        self.last_config = 0
        self.commit_hash = b""
        self.taken = Taken(1, 1)

    def __enter__(self) -> Committer:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def _load_config(self, block: Block) -> None:
        _, envelope = config_of_envelope(Envelope.FromString(block.data.data[0]))
        self.config = ChannelConfig(self.channel_id, envelope.config, self.signatures)
        self.authority = ChannelAuthority.from_config(envelope, signatures=self.signatures)

    # What validation asks (validator.Context)

    def definition(self, view: StateView, name: str) -> Definition | None:
        return self.definitions.get(view, name) if view is self.view else read_definition(view, name)

    def has_key_policies(self, namespace: str) -> bool:
        return namespace in self._key_policies

    # Blocks of the origin

    def take(self, block: Block, private: PrivateData | None = None, *, judge: bool = True) -> list[Transaction]:
        """Take the next block as a peer of the origin has it; ForeignBlock if it cannot be.

        `private` are the private data of its transactions: what does not fit its hash is left out. Without `judge` it
        is a block that was taken before: signatures and judgements are not looked at again, the commit hash is.
        """
        number = self.view.height
        self._check(block, number, signatures=judge)
        transactions = [parse_bytes(envelope) for envelope in block.data.data]
        codes = block.metadata.metadata[_FILTER] if len(block.metadata.metadata) > _FILTER else b""
        if len(codes) != len(transactions):
            raise ForeignBlock(number, "没有节点的判定结果。", "comes without its peers' judgement.")
        if judge:
            self._judge(number, transactions, codes)
        for transaction, code in zip(transactions, codes, strict=True):
            transaction.code = code
        self._add_private(transactions, private or {})
        theirs = _value(block, _COMMIT)
        while len(block.metadata.metadata) <= _COMMIT:
            block.metadata.metadata.append(b"")
        updates = collect(self.view, number, transactions)
        self._write(block, transactions, updates)
        if theirs and theirs != self.commit_hash:
            raise ForeignBlock(
                number,
                "由它得到的状态与原网络的节点不同（提交哈希不一致）。",
                "leads to another state here than on its peer (the commit hashes differ).",
            )
        self.taken.blocks += 1
        self.taken.transactions += len(transactions)
        return transactions

    def _check(self, block: Block, number: int, *, signatures: bool) -> None:
        header = block.header
        if header.number != number or header.previous_hash != self.last_hash:
            raise ForeignBlock(number, "不接续前一个区块。", "does not follow from the one before.")
        if data_hash(block.data) != header.data_hash:
            raise ForeignBlock(number, "内容与区块头不符。", "has other contents than its header says.")
        if not signatures:
            return
        try:
            found, value = orderer_signatures(block)
            raw = header_bytes(header)
            signed = []
            for entry in found:
                creator = entry.serialized
                if creator is None and self.authority.byzantine and entry.consenter is not None:
                    creator = self.authority.consenter_identity(entry.consenter)
                if creator is not None:
                    signed.append((creator, value + entry.signed_header + raw, entry.signature))
            satisfied = self.authority.satisfied_by_signatures("/Channel/Orderer/BlockValidation", signed)
        except FabricError:
            satisfied = False
        if not satisfied:
            raise ForeignBlock(number, "没有通道排序节点的签名。", "is not signed by the channel's orderers.")

    def _judge(self, number: int, transactions: list[Transaction], codes: bytes) -> None:
        BlockValidation(self).run(transactions)
        validate(self.view, number, transactions)
        for transaction, code in zip(transactions, codes, strict=True):
            if transaction.code != code:
                names = validation_code_name(transaction.code), validation_code_name(code)
                self.taken.otherwise.append(Otherwise(number, transaction.tx_id, *names))

    def _add_private(self, transactions: list[Transaction], private: PrivateData) -> None:
        for position, found in private.items():
            transaction = transactions[position]
            if transaction.code != VALID:
                continue
            hashes = {(s.name, c.name): c.private_hash for s in transaction.namespaces for c in s.collections}
            for place, rwset in found.items():
                if hashes.get(place) and sha256(rwset).digest() == hashes[place]:
                    transaction.private[place] = rwset
                    self.taken.private_sets += 1

    # Blocks of its own

    def append(self, transactions: list[Transaction], orderer: OrdererIdentity) -> Block:
        """Make and write the next block, of transactions whose codes are set; `orderer` signs it."""
        number = self.view.height
        config_block = transactions[0].is_config
        last_config = number if config_block else self.last_config
        envelopes = [t.envelope for t in transactions]
        block, header = block_format.new_block(number, self.last_hash, envelopes, last_config)
        block_format.sign(block, header, last_config, [(orderer.signer, None)])
        self._write(block, transactions, collect(self.view, number, transactions))
        return block

    def write(self, block: Block, transactions: list[Transaction], updates: Updates) -> None:
        """Write a block whose transactions carry their codes, and what they change, unchecked."""
        self._write(block, transactions, updates)

    def _write(self, block: Block, transactions: list[Transaction], updates: Updates) -> None:
        digest = header_hash(block.header)
        ordered = Ordered(block, digest, transactions)
        write = finish(ordered, updates, self.commit_hash, self.view, self._lifetimes(updates))
        self.store.write(write)
        self.commit_hash, self.last_hash = write.commit_hash, digest
        self.view.refresh()
        if any(key[0] == LIFECYCLE for key in (*updates.public, *updates.hashed)):
            self.definitions.forget()
        self._key_policies.update(row[0] for row in write.state if row[5] is not None)
        self._key_policies.update(row[0] for row in write.hashed if row[6] is not None)
        if write.config_block:
            self.last_config = write.number
            self._load_config(block)
        if self.store.wal_is_large():
            self.store.checkpoint()
            self.view.refresh()

    def _lifetimes(self, updates: Updates) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for namespace, collection, _ in updates.hashed:
            if (namespace, collection) not in found:
                definition = self.definition(self.view, namespace)
                config = None if definition is None else definition.explicit.get(collection)
                found[namespace, collection] = 0 if config is None else config.block_to_live
        return found

    def block(self, number: int) -> Block:
        """A block as it was written."""
        return Block.FromString(require_body(self.view, number))


def _value(block: Block, place: int) -> bytes:
    metadata = block.metadata.metadata
    if len(metadata) <= place or not metadata[place]:
        return b""
    return bytes(Metadata.FromString(metadata[place]).value)


def private_set(one: PrivateWrites) -> bytes:
    """A collection's private writes as the write set that their transaction has the hash of."""
    message = KVRWSet()
    for write in one.writes:
        message.writes.add(key=write.key, value=write.value, is_delete=write.is_delete)
    data: bytes = message.SerializeToString()
    return data
