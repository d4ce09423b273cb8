"""What a real peer has made of a chain, block by block beside what the embedded ledger made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fabric_protos.common.common_pb2 import Block, BlockMetadataIndex
from fabric_protos.ledger.rwset.rwset_pb2 import TxPvtReadWriteSet

from fabric_sdk.blocks.hashing import data_hash, header_hash
from fabric_sdk.blocks.model import validation_code_name
from fabric_sdk.blocks.rwset import PrivateWrites, decode_private_rwset
from fabric_sdk.gateway import BlockWithPrivateData, Network, connect
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.identity import SigningIdentity
from network.embedded.committing import without_keys
from network.embedded.transactions import purged_keys
from network.errors import CityChainError
from network.promotion.private_data import held_sets
from network.promotion.stored import StoredChannel
from network.text import Text

_GAP = 50
"""Blocks without private data between two with them from which on another stream is opened."""
_FILTER, _COMMIT = BlockMetadataIndex.TRANSACTIONS_FILTER, BlockMetadataIndex.COMMIT_HASH


@dataclass(frozen=True)
class Difference:
    """The first place where a real peer and the embedded ledger disagree.

    `what` is `stopped` (the peer did not go on), `block`, `code`, `commit` or `private`.
    """

    channel: str
    peer: str
    what: str
    block: int
    text: Text
    transaction: str = ""


class Differs(CityChainError):
    """A real peer does not come to the same ledger."""

    exit_code = 4

    def __init__(self, difference: Difference) -> None:
        super().__init__(
            difference.text,
            Text(
                "网络没有任何改变。请保留这段说明，并用 citychain ledger export 导出账本一并交给开发者。",
                "Nothing was changed. Keep this, and report it together with the ledger (citychain ledger export).",
            ),
            code="replay_differs",
            details={
                "channel": difference.channel,
                "peer": difference.peer,
                "block": difference.block,
                "what": difference.what,
                "transaction": difference.transaction,
            },
        )
        self.difference = difference


def compare(
    channel: StoredChannel,
    peer: str,
    endpoint: Endpoint,
    reader: SigningIdentity,
    identity: bytes,
    told: Callable[[int], None] = lambda _number: None,
    *,
    private: bool = True,
    verified: bool = False,
) -> Difference | None:
    """The first difference between a channel and a real peer's copy up to the channel's height; None if there is none.

    `reader` asks the peer; `identity` is the peer's own, which decides what private data it must have (and nothing
    beyond it). Without `private` they are not looked at. `told` is called with the numbers of blocks. `verified` says
    that the stored chain was checked against itself just before: equal ends then prove that all of it is equal.
    """
    with connect(endpoint, reader) as gateway:
        network = gateway.get_network(channel.channel_id)
        if verified and _same_end(channel, network):
            # Hash chains up to the same end have nothing else on the way: what is left are the private data.
            return _compare_private(channel, peer, network, identity, told) if private else None
        with network.block_events(start_block=0) as events:
            for number, found in zip(range(channel.height), events, strict=False):
                different = _block(channel, peer, number, found)
                if different is not None:
                    return different
                told(number)
        return _compare_private(channel, peer, network, identity, told) if private else None


def _same_end(channel: StoredChannel, network: Network) -> bool:
    """Whether the newest block has the same header and the same commit hash on a peer.

    The header's hash is chained over all blocks, the commit hash over all judgements and state changes.
    """
    last = channel.height - 1
    ours = Block.FromString(channel.body(last))
    with network.block_events(start_block=last) as events:
        found = next(iter(events))
    same = header_hash(found.header) == header_hash(ours.header) and data_hash(found.data) == ours.header.data_hash
    return same and bool(ours.metadata.metadata[_COMMIT]) and ours.metadata.metadata[_COMMIT] == _commit_of(found)


def _commit_of(block: Block) -> bytes:
    return block.metadata.metadata[_COMMIT] if len(block.metadata.metadata) > _COMMIT else b""


def _compare_private(
    channel: StoredChannel, peer: str, network: Network, identity: bytes, told: Callable[[int], None]
) -> Difference | None:
    """The first difference in private data, looked for in every block that anybody has any of."""
    rows = channel.view.query("SELECT DISTINCT block FROM private_writes ORDER BY block", ())
    numbers = [int(str(row[0])) for row in rows]
    expected = _private(channel, identity)
    following = next(expected, None)
    for first, last in _stretches(numbers):
        with network.block_and_private_data_events(start_block=first) as events:
            for number, found in zip(range(first, last + 1), events, strict=False):
                held: dict[int, tuple[PrivateWrites, ...]] = {}
                while following is not None and following[0] == number:
                    held[following[1]] = following[2]
                    following = next(expected, None)
                different = _held(channel, peer, number, found, held)
                if different is not None:
                    return different
                told(number)
    return None


def _stretches(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of the runs of blocks that are read in one go; where nothing is of interest for long, none is."""
    begin = 0
    for place in range(1, len(numbers) + 1):
        if place == len(numbers) or numbers[place] - numbers[place - 1] > _GAP:
            yield numbers[begin], numbers[place - 1]
            begin = place


def _block(channel: StoredChannel, peer: str, number: int, found: Block) -> Difference | None:
    ours = Block.FromString(channel.body(number))

    def difference(what: str, zh: str, en: str, transaction: str = "", **values: object) -> Difference:
        text = Text(zh, en, b=number, p=peer, t=transaction, **values)
        return Difference(channel.channel_id, peer, what, number, text, transaction)

    if header_hash(found.header) != header_hash(ours.header) or data_hash(found.data) != ours.header.data_hash:
        return difference("block", "区块 {b} 与 {p} 上的不是同一个区块。", "Block {b} is not the same on {p}.")
    codes, theirs = ours.metadata.metadata[_FILTER], found.metadata.metadata[_FILTER]
    if codes != theirs:
        index = next((i for i, (a, b) in enumerate(zip(codes, theirs, strict=False)) if a != b), 0)
        _, transactions = channel.block(number)
        return difference(
            "code",
            "区块 {b} 的交易 {t}：内置账本判为 {a}，{p} 判为 {o}。",
            "Transaction {t} of block {b}: the embedded ledger says {a}, {p} says {o}.",
            transactions[index].tx_id,
            a=validation_code_name(codes[index]),
            o=validation_code_name(theirs[index]),
        )
    if ours.metadata.metadata[_COMMIT] != found.metadata.metadata[_COMMIT]:
        return difference(
            "commit",
            "区块 {b} 的交易判定相同，但 {p} 由此得到的状态不同（提交哈希不一致）。",
            "The transactions of block {b} are judged alike, but {p} comes to another state (the commit hash differs).",
        )
    return None


def _held(
    channel: StoredChannel,
    peer: str,
    number: int,
    found: BlockWithPrivateData,
    expected: dict[int, tuple[PrivateWrites, ...]],
) -> Difference | None:
    """What a peer lacks of private data, or has although its organisation is no member."""
    for index in sorted(expected.keys() | found.private_data.keys()):
        theirs = {(w.namespace, w.collection): w for w in found.private_data.get(index, ())}
        ours = {(w.namespace, w.collection): w for w in expected.get(index, ())}
        for place in sorted(ours.keys() | theirs.keys()):
            if ours.get(place) == theirs.get(place):
                continue
            _, transactions = channel.block(number)
            if place not in theirs:
                zh, en = "缺少", "{p} lacks private data of {c} in block {b} (transaction {t})."
            elif place not in ours:
                zh, en = "不应持有", "{p} holds private data of {c} in block {b} that it should not (transaction {t})."
            else:
                zh, en = "持有的内容不符：", "{p} holds other private data of {c} in block {b} (transaction {t})."
            tx_id, name = transactions[index].tx_id, "/".join(place)
            text = Text(
                f"区块 {{b}}：{{p}} {zh}集合 {{c}} 的私有数据（交易 {{t}}）。", en, b=number, p=peer, c=name, t=tx_id
            )
            return Difference(channel.channel_id, peer, "private", number, text, transactions[index].tx_id)
    return None


def _private(channel: StoredChannel, identity: bytes) -> Iterator[tuple[int, int, tuple[PrivateWrites, ...]]]:
    """(block, transaction, what the identity's organisation holds of it), in the chain's order."""
    for _, sets in held_sets(channel, identity, []):
        _, transactions = channel.block(sets[0].block)
        message = TxPvtReadWriteSet()
        for one in sets:
            purged = purged_keys(transactions[one.transaction].namespaces, one.namespace, one.collection)
            left = without_keys(one.rwset, purged) if purged else None
            if not message.ns_pvt_rwset or message.ns_pvt_rwset[-1].namespace != one.namespace:
                message.ns_pvt_rwset.add(namespace=one.namespace)
            message.ns_pvt_rwset[-1].collection_pvt_rwset.add(
                collection_name=one.collection, rwset=one.rwset if left is None else left
            )
        yield sets[0].block, sets[0].transaction, tuple(decode_private_rwset(message))
