"""Blocks that real Fabric wrote (see vectors/README.md), and every way of changing them."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import random
import struct
from hashlib import sha256
from pathlib import Path

import pytest
from fabric_protos.common.common_pb2 import Block, BlockData, BlockHeader, BlockMetadataIndex, Metadata
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVRWSet
from fabric_protos.ledger.rwset.rwset_pb2 import TxReadWriteSet
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_sdk.blocks import (
    VALIDATION_CODES,
    DecodedBlock,
    data_hash,
    decode_block,
    decode_private_rwset,
    decode_rwset,
    find_transaction,
    header_bytes,
    header_hash,
    iterate_verified,
    validation_code_name,
    verify_block,
    verify_chain,
)
from fabric_sdk.blocks.commit_hash import CommitHashReplay
from fabric_sdk.channel import ChannelAuthority
from fabric_sdk.errors import BlockError, DecodeError, FabricError, PolicyError

VECTORS = Path(__file__).parent / "vectors"
CHAINS = ["fabric-2.5.16-raft", "fabric-3.1.5-raft", "fabric-3.1.5-bft"]


def read_chain(name: str) -> list[bytes]:
    data = gzip.decompress((VECTORS / f"{name}.blocks.gz").read_bytes())
    blocks, place = [], 0
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        blocks.append(data[place + 4 : place + 4 + length])
        place += 4 + length
    return blocks


@pytest.fixture(scope="module", params=CHAINS)
def chain(request: pytest.FixtureRequest) -> list[bytes]:
    return read_chain(request.param)


def changed(raw: bytes, change: str) -> bytes:
    block = Block.FromString(raw)
    exec(change, {"block": block, "Metadata": Metadata, "data_hash": data_hash})
    return block.SerializeToString()


def test_a_real_chain_verifies(chain: list[bytes]) -> None:
    report = verify_chain(chain)
    assert report.blocks == report.height == len(chain) >= 15
    assert report.transactions == len(chain) + 1
    assert report.valid_transactions == len(chain) - 2
    assert report.last_hash == decode_block(chain[-1]).hash


def test_everything_in_a_block_is_decoded(chain: list[bytes]) -> None:
    blocks = [decode_block(raw) for raw in chain]
    assert [b.number for b in blocks] == list(range(len(chain)))
    assert blocks[0].is_config
    assert blocks[0].channel_id == "mychannel"
    assert all(t.malformed is None for b in blocks for t in b.transactions)
    event = blocks[5].transactions[0]
    assert (event.chaincode, event.function, event.args[1:]) == ("bench", "PutEvent", (b"e1", b"1"))
    assert [(e.name, e.payload, e.transaction_id == event.tx_id) for e in event.events] == [("put", b"e1", True)]
    assert event.creator is not None
    assert event.creator.msp_id == "Org1MSP"
    assert [e.msp_id for e in event.endorsements] == ["Org1MSP", "Org2MSP"]
    assert event.timestamp is not None
    assert event.timestamp.year == 2026
    assert event.response is not None
    assert event.response.status == 200
    assert find_transaction(blocks[5], event.tx_id) is event
    with pytest.raises(BlockError, match="does not include"):
        find_transaction(blocks[4], event.tx_id)
    written = event.rwset.namespace("bench")
    assert written is not None
    assert [(w.key, w.value, w.is_delete) for w in written.writes] == [("e1", b"1", False)]
    secret = blocks[6].transactions[0].rwset.namespace("bench")
    assert secret is not None
    assert secret.collections[0].name == "secret"
    assert secret.collections[0].writes[0].key_hash == sha256(b"s").digest()
    assert secret.collections[0].writes[0].value_hash == sha256(b"hidden").digest()
    scan = blocks[9].transactions[0].rwset.namespace("bench")
    assert scan is not None
    assert [(q.start_key, q.end_key, len(q.reads)) for q in scan.range_queries] == [("a", "b", 2)]
    policy = blocks[10].transactions[0].rwset.namespace("bench")
    assert policy is not None
    assert policy.metadata_writes[0].key == "p1"
    assert list(policy.metadata_writes[0].entries) == ["VALIDATION_PARAMETER"]
    codes = [t.validation_code_name for t in (*blocks[11].transactions, *blocks[14].transactions)]
    assert codes == ["ENDORSEMENT_POLICY_FAILURE", "VALID", "MVCC_READ_CONFLICT"]
    assert all(b.last_config == 0 for b in blocks[:15])


def test_the_authority_follows_configuration_updates() -> None:
    """The Raft chain goes on with two updates of the batch size, each followed by a transaction."""
    chain = read_chain("fabric-3.1.5-raft")
    blocks = [decode_block(raw) for raw in chain[15:]]
    assert [(b.is_config, b.last_config) for b in blocks] == [(True, 15), (False, 15), (True, 17), (False, 17)]
    config = blocks[2].transactions[0].config
    assert config is not None
    assert config.config.sequence == 2
    assert ChannelAuthority.from_config(config).sequence == 2


def test_orderers_sign_by_identity_or_by_number() -> None:
    raft, bft = (decode_block(read_chain(name)[4]) for name in CHAINS[1:])
    assert [s.identity is not None and s.identity.msp_id for s in raft.orderer_signatures] == ["Org1MSP"]
    assert len(bft.orderer_signatures) == 3
    assert all(s.consenter in (1, 2, 3, 4) and s.identity is None for s in bft.orderer_signatures)


def test_commit_hashes_are_those_of_fabric(chain: list[bytes]) -> None:
    replay = CommitHashReplay()
    for raw in chain:
        block = decode_block(raw)
        assert replay.next(block) == block.commit_hash


def policy_alone(raw: bytes) -> DecodedBlock:
    """A block whose transaction changes a key's metadata and does not write its value."""
    block = decode_block(raw)
    results = TxReadWriteSet.FromString(block.transactions[0].results)
    for part in results.ns_rwset:
        inner = KVRWSet.FromString(part.rwset)
        if inner.metadata_writes:
            inner.ClearField("writes")
            part.rwset = inner.SerializeToString()
    changed = dataclasses.replace(block.transactions[0], results=results.SerializeToString())
    return dataclasses.replace(block, transactions=(changed,))


def test_a_commit_hash_that_cannot_be_known_is_not_guessed(chain: list[bytes]) -> None:
    """Metadata alone repeats the key's value: without a memory for values, that block's hash stays unknown."""
    wanted = policy_alone(chain[10])
    for budget, expected in ((0, False), (1 << 20, True)):
        replay = CommitHashReplay(budget=budget)
        for raw in chain[:10]:
            assert replay.next(decode_block(raw)) == decode_block(raw).commit_hash
        replay.next(decode_block(chain[10]))
        assert (replay.next(dataclasses.replace(wanted, number=11)) is not None) is expected
    middle = CommitHashReplay(None)
    assert middle.next(decode_block(chain[7])) is None
    assert middle.next(decode_block(chain[8])) == decode_block(chain[8]).commit_hash


CHANGES = {
    "another number": "block.header.number += 1",
    "a changed previous hash": "block.header.previous_hash = bytes(32)",
    "a changed data hash": "block.header.data_hash = bytes(32)",
    "a dropped transaction": "del block.data.data[0]; block.metadata.metadata[2] = b''",
    "a doubled transaction": "block.data.data.append(block.data.data[0]); block.metadata.metadata[2] += b'\\0'",
    "a flipped code": "block.metadata.metadata[2] = b'\\x0b' + block.metadata.metadata[2][1:]",
    "a code too many": "block.metadata.metadata[2] += b'\\0'",
    "no orderer's signature": "block.metadata.metadata[0] = b''",
    "another commit hash": "block.metadata.metadata[4] = Metadata(value=bytes(32)).SerializeToString()",
    "a data hash that fits other data": "block.data.data.append(b'x'); block.header.data_hash = data_hash(block.data); "
    "block.metadata.metadata[2] += b'\\x02'",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_changes_are_found_and_the_block_is_named(chain: list[bytes], change: str) -> None:
    broken = [*chain[:8], changed(chain[8], change), *chain[9:]]
    with pytest.raises(BlockError) as caught:
        verify_chain(broken)
    assert caught.value.block_number == 8


def test_an_invalid_transaction_cannot_be_declared_valid(chain: list[bytes]) -> None:
    for number, code in ((11, "b'\\0'"), (14, "b'\\0\\0'")):
        broken = [*chain[:number], changed(chain[number], f"block.metadata.metadata[2] = {code}"), *chain[number + 1 :]]
        with pytest.raises(BlockError, match="commit hash"):
            verify_chain(broken)


def test_single_bits_of_a_blocks_contents_are_found(chain: list[bytes]) -> None:
    """Any flipped bit of header or data; metadata has places that carry no meaning (nonces under signatures do)."""
    dice = random.Random(7)
    raw = chain[9]
    meaningful = len(raw) - len(Block.FromString(raw).metadata.SerializeToString())
    for _ in range(60):
        place = dice.randrange(meaningful * 8)
        flipped = bytearray(raw)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(BlockError):
            verify_chain([*chain[:9], bytes(flipped), *chain[10:]])


def test_a_chain_without_its_beginning_needs_an_authority(chain: list[bytes]) -> None:
    authority = ChannelAuthority.from_block(chain[0])
    assert verify_chain(chain[5:9], authority, first_number=5, previous_hash=decode_block(chain[4]).hash).blocks == 4
    with pytest.raises(BlockError, match="expected block 4"):
        verify_chain(chain[5:], authority, first_number=4)
    with pytest.raises(BlockError, match="wrong previous hash"):
        verify_chain(chain[5:], authority, first_number=5, previous_hash=bytes(32))
    stranger = ChannelAuthority.from_block(read_chain(CHAINS[0] if chain != read_chain(CHAINS[0]) else CHAINS[1])[0])
    with pytest.raises(BlockError, match="BlockValidation"):
        verify_block(chain[5], stranger)
    assert verify_block(chain[5]).number == 5


def test_the_same_block_twice_or_out_of_order_is_found(chain: list[bytes]) -> None:
    for wrong in ([*chain[:3], chain[2]], [*chain[:3], chain[4]], [chain[1], chain[0]]):
        with pytest.raises(BlockError, match="expected block"):
            list(iterate_verified(wrong))


def test_header_bytes_are_der() -> None:
    header = BlockHeader(number=0, previous_hash=b"", data_hash=b"\x01")
    assert header_bytes(header).hex() == "3008020100040004" + "0101"
    assert header_bytes(BlockHeader(number=128)).hex() == "30080202008004000400"
    large = BlockHeader(number=(1 << 64) - 1, previous_hash=bytes(200))
    assert header_bytes(large)[:3].hex() == "3081d8"
    assert header_hash(large) == sha256(header_bytes(large)).digest()
    assert data_hash(BlockData(data=[b"a", b"b"])) == data_hash([b"a", b"b"]) == sha256(b"ab").digest()


def test_validation_codes() -> None:
    assert VALIDATION_CODES["MVCC_READ_CONFLICT"] == 11
    assert (validation_code_name(254), validation_code_name(99)) == ("NOT_VALIDATED", "UNKNOWN_99")


def test_a_malformed_transaction_does_not_hide_the_others() -> None:
    raw = read_chain(CHAINS[1])[5]
    block = Block.FromString(raw)
    block.data.data.append(b"\xff\xff")
    block.metadata.metadata[BlockMetadataIndex.TRANSACTIONS_FILTER] = b"\x00\x02"
    decoded = decode_block(block)
    assert decoded.transactions[0].malformed is None
    assert decoded.transactions[1].malformed is not None
    assert decoded.transactions[1].validation_code_name == "BAD_PAYLOAD"


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_hostile_bytes_are_one_clear_error(data: bytes) -> None:
    for read in (decode_block, decode_rwset, decode_private_rwset, ChannelAuthority.from_block, verify_block):
        with contextlib.suppress(FabricError):
            read(data)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_blocks_are_one_clear_error(data: st.DataObject) -> None:
    raw = bytearray(BLOCK)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    for damaged in (bytes(raw), bytes(raw[:cut])):
        try:
            for transaction in decode_block(damaged).transactions:
                _ = transaction.rwset
        except DecodeError:
            pass


BLOCK = read_chain(CHAINS[2])[6]


def test_a_genesis_block_tells_the_channels_rules() -> None:
    bft = ChannelAuthority.from_block(read_chain(CHAINS[2])[0])
    assert bft.consensus_type == "BFT"
    assert [c.id for c in bft.consenters] == [1, 2, 3, 4]
    assert bft.byzantine
    assert set(bft.msps.msps) == {"Org1MSP", "Org2MSP"}
    assert bft.consenter_identity(9) is None
    raft = ChannelAuthority.from_block(read_chain(CHAINS[0])[0])
    assert (raft.consensus_type, raft.byzantine) == ("etcdraft", False)
    assert raft.implicit_text("/Channel/Application/Endorsement") == "MAJORITY Endorsement"
    written = raft.signature_policy("/Channel/Application/Endorsement")
    from fabric_sdk import policy

    assert policy.minimal_sets(written) == [frozenset({"Org1MSP.peer", "Org2MSP.peer"})]
    assert raft.has_policy("/Channel/Writers")
    for path in ("/Channel", "Channel/Writers", "/Channel/Nowhere/Writers", "/Channel/Application/Nothing"):
        assert not raft.has_policy(path)
        with pytest.raises(PolicyError):
            raft.satisfies(path, [])
    with pytest.raises(DecodeError):
        ChannelAuthority.from_block(read_chain(CHAINS[0])[1])
