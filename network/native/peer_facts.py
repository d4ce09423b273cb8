"""What one peer says its copy of a channel is, read from it block by block: so that two copies can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from fabric_sdk.blocks.decoding import decode_block
from fabric_sdk.blocks.hashing import data_hash
from fabric_sdk.blocks.model import DecodedBlock
from fabric_sdk.blocks.rwset import PrivateWrites
from fabric_sdk.gateway import connect
from network.errors import CityChainError
from network.handle import NetworkHandle
from network.text import Text
from network.topology import NodeRef


@dataclass(frozen=True)
class PeerFacts:
    """A peer's copy of a channel up to `height` blocks; hashes are lower-case hexadecimal.

    Equal commit hashes at a height prove equal judgements, equal public state and equal hashes of private data.
    `private` is a SHA-256 over the keys and values that the peer itself holds of private data (as their hashes), each
    compared with what its block says; `held` counts them, `values` has a hash of each, `valid` counts the transactions
    that count, `first` is the first block that was read.
    """

    peer: str
    height: int
    block_hash: str
    commit_hash: str
    private: str
    held: int
    valid: int
    first: int = 0
    values: frozenset[bytes] = field(default=frozenset(), compare=False, repr=False)

    def lacking(self, other: PeerFacts) -> int:
        """How many private values of another copy are not in this one."""
        return len(other.values - self.values)

    def covers(self, other: PeerFacts) -> bool:
        """Whether this copy is the other one, private data included; it may hold more of them, for a peer fetches what
        it lacks from other members when it comes to it."""
        copies = ((one.block_hash, one.commit_hash, one.valid, one.first) for one in (self, other))
        return len(set(copies)) == 1 and not self.lacking(other)


def peer_facts(
    handle: NetworkHandle,
    node: NodeRef,
    channel: str,
    height: int,
    told: Callable[[int], None] = lambda _number: None,
    first: int = 0,
) -> PeerFacts:
    """Read blocks `first` to `height` - 1 of a channel from one peer, in the name of its organisation's administrator.

    `CityChainError` (`peer_differs`) where a block is not what its header says or does not follow, or private data are
    not what the block says of them.
    """
    private = sha256()
    values: set[bytes] = set()
    held = valid = 0
    last: DecodedBlock | None = None
    with (
        connect(handle.node_endpoint(node), handle.admin(node.organization.msp_id)) as gateway,
        gateway.get_network(channel).block_and_private_data_events(start_block=first) as events,
    ):
        for number, found in zip(range(first, height), events, strict=False):
            block = decode_block(found.block)
            follows = last is None or block.previous_hash == last.hash
            if block.number != number or not follows or data_hash(found.block.data) != block.data_hash:
                raise _differs(node, number)
            valid += sum(transaction.valid for transaction in block.transactions)
            for value in _private(node, block, found.private_data):
                private.update(value)
                values.add(sha256(value).digest()[:16])
                held += 1
            last = block
            told(number)
    ends = (last.hash.hex(), last.commit_hash.hex()) if last is not None else ("", "")
    return PeerFacts(node.name, height, *ends, private.hexdigest(), held, valid, first, frozenset(values))


def _private(node: NodeRef, block: DecodedBlock, held: Mapping[int, tuple[PrivateWrites, ...]]) -> Iterator[bytes]:
    """What a peer holds of a block, each key and value as hashes with their place, compared with the block's own."""
    for index in sorted(held):
        hashed = {
            (namespace.name, part.name): {w.key_hash: w.value_hash for w in part.writes}
            for namespace in block.transactions[index].rwset.namespaces
            for part in namespace.collections
        }
        for one in sorted(held[index], key=lambda one: (one.namespace, one.collection)):
            expected = hashed.get((one.namespace, one.collection), {})
            for write in sorted(one.writes, key=lambda write: write.key):
                key = sha256(write.key.encode()).digest()
                value = b"" if write.is_delete else sha256(write.value).digest()
                if expected.get(key) != value:
                    raise _differs(node, block.number)
                yield f"{block.number}/{index}/{one.namespace}/{one.collection}/".encode() + key + value


def _differs(node: NodeRef, number: int) -> CityChainError:
    return CityChainError(
        Text("{p} 的区块 {b} 与它的哈希不符。", "Block {b} on {p} is not what its hashes say.", p=node.name, b=number),
        Text("请从其他组织重建该节点。", "Rebuild that node from the other organisations."),
        code="peer_differs",
        details={"peer": node.name, "block": number},
    )
