"""A long campaign against everything of the SDK that parses what others send: real messages, damaged at random."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from functools import lru_cache

import pytest
from fabric_protos.common.common_pb2 import Block, Envelope, Payload
from fabric_protos.common.configtx_pb2 import Config, ConfigEnvelope
from fabric_protos.msp.msp_config_pb2 import MSPConfig
from fabric_protos.peer.events_pb2 import BlockAndPrivateData, DeliverResponse, FilteredBlock

from fabric_sdk import clock, policy
from fabric_sdk.blocks import decode_block, decode_private_rwset, decode_rwset, verify_block, verify_chain
from fabric_sdk.channel import ChannelAuthority
from fabric_sdk.envelope import new_proposal, read_action, read_config, read_envelope, read_proposal
from fabric_sdk.errors import FabricError
from fabric_sdk.gateway.messages import CommitDraft, Party, ProposalDraft, TransactionDraft
from fabric_sdk.gateway.requests import (
    BlockEventsDraft,
    ChaincodeEventsDraft,
    FilteredBlockEventsDraft,
    PrivateBlockEventsDraft,
)
from fabric_sdk.http2.details import read_details
from fabric_sdk.identity import Identity
from fabric_sdk.msp import Msp
from tests.sdk.test_blocks import CHAINS, read_chain

SECONDS = float(os.environ.get("CITYCHAIN_FUZZ_SECONDS", "60"))
SLOWEST_S = 30.0  # whatever a machine is busy with: a hang, not slowness, is looked for
Target = tuple[str, Callable[[bytes], object], bytes]


@lru_cache
def targets() -> list[Target]:
    chain = read_chain(CHAINS[2])
    genesis, block = chain[0], chain[6]
    envelope = Block.FromString(block).data.data[0]
    config = ConfigEnvelope.FromString(
        Payload.FromString(Envelope.FromString(Block.FromString(genesis).data.data[0]).payload).data
    ).config
    definitions = [g.values["MSP"].value for g in config.channel_group.groups["Application"].groups.values()]
    definition = next(d for d in definitions if Msp.from_config(d).msp_id == "Org1MSP")
    creator = read_envelope(envelope).header.creator
    msp = Msp.from_config(MSPConfig.FromString(definition))
    authority = ChannelAuthority.from_config(Config.FromString(config.SerializeToString()))
    party = Party(Identity.deserialize(creator))
    proposal = new_proposal("ch", "cc", [b"f", b"x"], creator, transient={"a": b"b"})
    action = read_action(read_envelope(envelope))
    draft = ProposalDraft(proposal.bytes, proposal.transaction_id, "ch", ["Org1MSP"], b"signature")
    events = ChaincodeEventsDraft.create(party, "ch", "cc", 7, None)
    deliver = DeliverResponse(block=Block.FromString(block)).SerializeToString()
    private = DeliverResponse(
        block_and_private_data=BlockAndPrivateData(block=Block.FromString(block))
    ).SerializeToString()
    text = "OutOf(2, 'A.peer', AND('B.admin', 'C.client'), 'D.member')"
    secret = b"\x12\x14\x0a\x05basic\x12\x0b\x0a\x01c\x12\x06\x1a\x04\x0a\x02kk"
    event = b"\x0a\x09\x0a\x02cc\x12\x03tx1\x10\x07"
    filtered = DeliverResponse(filtered_block=FilteredBlock(channel_id="ch", number=7)).SerializeToString()

    def read_policy(data: bytes) -> None:
        policy.format(data)
        policy.combinations(data)
        policy.compile(data)

    return [
        ("block", lambda d: [t.rwset for t in decode_block(d).transactions if not t.malformed], block),
        ("verified block", lambda d: verify_block(d, authority), block),
        ("chain", lambda d: verify_chain([genesis, d]), chain[1]),
        ("genesis block", ChannelAuthority.from_block, genesis),
        ("configuration", read_config, Block.FromString(genesis).data.data[0]),
        ("read-write set", decode_rwset, action.results),
        ("private read-write set", decode_private_rwset, secret),
        ("transaction", lambda d: read_action(read_envelope(d)), envelope),
        ("proposal", read_proposal, proposal.bytes),
        ("identity", lambda d: msp.validate(d).attributes, creator),
        ("MSP definition", Msp.from_config, definition),
        ("policy", read_policy, policy.parse(text).SerializeToString()),
        ("policy text", lambda d: policy.parse(d.decode("utf-8", "replace")), text.encode()),
        ("proposed transaction", ProposalDraft.from_bytes, draft.to_bytes()),
        ("endorse response", draft.read_endorsed, b"\x0a" + _length(len(envelope)) + envelope),
        ("prepared transaction", lambda d: TransactionDraft.from_bytes(d).result, TransactionDraft(
            Envelope.FromString(envelope).payload, "x", "ch", b"s").to_bytes()),
        ("commit status request", CommitDraft.from_bytes, CommitDraft.create(party, "ch", "tx").to_bytes()),
        ("events request", ChaincodeEventsDraft.from_bytes, events.to_bytes()),
        ("chaincode events", lambda d: list(ChaincodeEventsDraft(b"").events(d)), event),
        ("delivered block", lambda d: list(BlockEventsDraft(b"").events(d)), deliver),
        ("delivered filtered block", lambda d: list(FilteredBlockEventsDraft(b"").events(d)), filtered),
        ("delivered private data", lambda d: list(PrivateBlockEventsDraft(b"").events(d)), private),
        ("error details", read_details, b"\x08\x0a\x12\x03abc\x1a\x10\x0a\x05type.\x12\x07\x0a\x05a:123"),
    ]  # fmt: skip


def _length(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def damaged(data: bytes, dice: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 4, 16))):
        kind = dice.randrange(6)
        place = dice.randrange(len(out) + 1)
        if kind == 0 and out:
            out[place % len(out)] ^= 1 << dice.randrange(8)
        elif kind == 1 and out:
            out[place % len(out)] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
        elif kind == 2:
            del out[place : place + dice.randrange(1, 20)]
        elif kind == 3:
            out[place:place] = dice.randbytes(dice.randrange(1, 20))
        elif kind == 4:
            start = dice.randrange(len(out) + 1)
            out[place:place] = out[start : start + dice.randrange(1, 200)]
        else:
            del out[place:]
    return bytes(out)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS * 3 + 60)
def test_damaged_messages_are_read_or_refused_with_one_clear_error() -> None:
    seed = int(os.environ.get("CITYCHAIN_FUZZ_SEED", clock.nanoseconds()))
    dice = random.Random(seed)
    end = time.monotonic() + SECONDS
    count = 0
    while time.monotonic() < end:
        name, read, sample = dice.choice(targets())
        data = damaged(sample, dice)
        begin = time.monotonic()
        try:
            read(data)
        except FabricError:
            pass
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {name}: {data.hex()}") from error
        assert time.monotonic() - begin < SLOWEST_S, f"seed {seed}: {name} took too long: {data.hex()}"
        count += 1
    assert count > 100


def test_the_undamaged_messages_are_all_read() -> None:
    """The campaign begins with messages that are right: otherwise it would test nothing but the first check."""
    refused = []
    for name, read, sample in targets():
        try:
            read(sample)
        except FabricError as error:
            refused.append((name, str(error)))
    assert [name for name, _ in refused] == ["endorse response"], refused
