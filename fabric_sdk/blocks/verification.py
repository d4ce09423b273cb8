"""Prove that blocks are what the channel agreed on: hashes, chain, orderers' and clients' and endorsers' signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fabric_protos.common.common_pb2 import Block

from fabric_sdk.blocks.commit_hash import CommitHashReplay
from fabric_sdk.blocks.decoding import decode_block
from fabric_sdk.blocks.hashing import data_hash
from fabric_sdk.blocks.model import DecodedBlock, DecodedTransaction
from fabric_sdk.channel import ChannelAuthority
from fabric_sdk.errors import BlockError, DecodeError, FabricError
from fabric_sdk.signatures import SignatureCache
from fabric_sdk.transaction import read_envelope
from fabric_sdk.wire import decode


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What `verify_chain` looked at, and what to compare with others: `genesis` and the last block's `commit_hash`.

    `uncommitted` is the first block after the genesis that carries no commit hash: nothing proves its codes, nor those
    of any later block. None if all carry one.
    """

    blocks: int
    transactions: int
    valid_transactions: int
    height: int
    last_hash: bytes
    channel: str = ""
    genesis: bytes = b""
    commit_hash: bytes = b""
    uncommitted: int | None = None


def verify_block(
    block: bytes | Block,
    authority: ChannelAuthority | None = None,
    *,
    expected_number: int | None = None,
    expected_previous_hash: bytes | None = None,
    check_transactions: bool = True,
) -> DecodedBlock:
    """Check one block and return it decoded; BlockError names the block and what is wrong with it.

    Always: the data hash, and number and previous hash where they are given. With the channel's `authority` (its
    configuration before this block): that enough orderers signed, and that every transaction marked VALID carries its
    creator's signature and endorsers' signatures that fit. A genesis block is not signed by anyone.
    """
    try:
        message: Any = decode(Block, block, "block") if isinstance(block, bytes) else block
        decoded = decode_block(message)
    except DecodeError as e:
        raise BlockError(str(e), expected_number) from e
    number = decoded.number
    if expected_number is not None and number != expected_number:
        raise BlockError(f"expected block {expected_number}, found block {number}", expected_number)
    if data_hash(message.data) != decoded.data_hash:
        raise BlockError(f"block {number}: its transactions do not fit its data hash", number)
    if expected_previous_hash is not None and decoded.previous_hash != expected_previous_hash:
        raise BlockError(f"block {number} does not continue the chain: wrong previous hash", number)
    if authority is not None and number > 0:
        _verify_orderers(decoded, authority)
        if check_transactions:
            for transaction in decoded.transactions:
                _verify_transaction(decoded, transaction, authority)
    return decoded


def iterate_verified(
    blocks: Iterable[bytes | Block],
    authority: ChannelAuthority | None = None,
    *,
    first_number: int | None = None,
    previous_hash: bytes | None = None,
    check_transactions: bool = True,
    signatures: SignatureCache | None = None,
    check: Callable[..., DecodedBlock] | None = None,
) -> Iterator[DecodedBlock]:
    """Check consecutive blocks and pass them on one by one; the authority follows the configuration blocks.

    Starting with a genesis block, the authority is taken from it unless one is given: whoever trusts that genesis block
    trusts the rest. A transaction id that was valid before must not be valid again. From a genesis block on, the commit
    hashes (of blocks that peers kept) are computed again: they prove the validation codes. `check` does the work of
    `verify_block` in its place, and `signatures` is the cache that authorities of configuration blocks get.
    """
    expected, expected_hash = first_number, previous_hash
    signatures = signatures or (authority.msps.signatures if authority else SignatureCache())
    check = check or verify_block
    seen: set[bytes] = set()
    replay: CommitHashReplay | None = None
    for raw in blocks:
        decoded = check(
            raw,
            authority,
            expected_number=expected,
            expected_previous_hash=expected_hash,
            check_transactions=check_transactions,
        )
        for transaction in decoded.transactions:
            if not transaction.valid or not transaction.tx_id:
                continue
            key = transaction.tx_id.encode()[:32]
            if key in seen:
                raise BlockError(f"block {decoded.number}: {transaction.tx_id} is valid a second time", decoded.number)
            seen.add(key)
        if decoded.number == 0:
            replay = CommitHashReplay()
        if replay is not None:
            _verify_commit_hash(decoded, replay)
        if decoded.is_config and (decoded.number == 0 or decoded.transactions[0].validation_code in (0, None)):
            config = decoded.transactions[0].config
            if config is not None and (authority is not None or decoded.number == 0):
                try:
                    authority = ChannelAuthority.from_config(config, signatures=signatures)
                except FabricError as e:
                    raise BlockError(f"block {decoded.number}: unusable configuration: {e}", decoded.number) from e
        yield decoded
        expected, expected_hash = decoded.number + 1, decoded.hash


def verify_chain(
    blocks: Iterable[bytes | Block],
    authority: ChannelAuthority | None = None,
    *,
    first_number: int | None = None,
    previous_hash: bytes | None = None,
    check_transactions: bool = True,
    signatures: SignatureCache | None = None,
    check: Callable[..., DecodedBlock] | None = None,
) -> ChainReport:
    """As `iterate_verified`, for the sum of it; BlockError at the first block that does not hold."""
    count = transactions = valid = height = 0
    last_hash = previous_hash or b""
    channel, genesis, commit_hash = "", b"", b""
    uncommitted: int | None = None
    for decoded in iterate_verified(
        blocks,
        authority,
        first_number=first_number,
        previous_hash=previous_hash,
        check_transactions=check_transactions,
        signatures=signatures,
        check=check,
    ):
        count += 1
        transactions += len(decoded.transactions)
        valid += sum(t.valid for t in decoded.transactions)
        height, last_hash, commit_hash = decoded.number + 1, decoded.hash, decoded.commit_hash
        channel = channel or decoded.channel_id
        if decoded.number == 0:
            genesis = decoded.hash
        elif not commit_hash and uncommitted is None:
            uncommitted = decoded.number
    return ChainReport(count, transactions, valid, height, last_hash, channel, genesis, commit_hash, uncommitted)


def _verify_commit_hash(block: DecodedBlock, replay: CommitHashReplay) -> None:
    try:
        expected = replay.next(block)
    except DecodeError as e:
        raise BlockError(f"block {block.number}: results that cannot be read: {e}", block.number) from e
    if block.commit_hash and expected is not None and block.commit_hash != expected:
        raise BlockError(
            f"block {block.number}: its commit hash does not fit its validation codes and writes", block.number
        )


def find_transaction(block: DecodedBlock, tx_id: str) -> DecodedTransaction:
    """The transaction with this id in a (verified) block; BlockError if the block does not include it."""
    for transaction in block.transactions:
        if transaction.tx_id == tx_id:
            return transaction
    raise BlockError(f"block {block.number} does not include transaction {tx_id}", block.number)


def _verify_orderers(block: DecodedBlock, authority: ChannelAuthority) -> None:
    signed: list[tuple[bytes, bytes, bytes]] = []
    for entry in block.orderer_signatures:
        creator = entry.serialized
        if creator is None and authority.byzantine and entry.consenter is not None:
            creator = authority.consenter_identity(entry.consenter)
        if creator is not None:
            signed.append((creator, block.orderer_metadata + entry.signed_header + block.raw_header, entry.signature))
    if not authority.satisfied_by_signatures("/Channel/Orderer/BlockValidation", signed):
        raise BlockError(f"block {block.number}: the orderers' signatures do not satisfy BlockValidation", block.number)


def _verify_transaction(block: DecodedBlock, transaction: DecodedTransaction, authority: ChannelAuthority) -> None:
    if not transaction.valid:
        return
    place = f"block {block.number}, transaction {transaction.index} ({transaction.tx_id})"
    if transaction.malformed is not None:
        raise BlockError(f"{place}: marked valid, but {transaction.malformed}", block.number)
    try:
        envelope = read_envelope(transaction.envelope)
        if transaction.creator is not None:
            creator = authority.msps.validate(envelope.header.creator)
            authority.msps.verify(creator, envelope.signature, envelope.payload)
        if transaction.type != "ENDORSER_TRANSACTION":
            return
        if transaction.creator is None or not transaction.endorsements:
            raise BlockError(f"{place}: marked valid without creator or endorsements", block.number)
        signed = (
            (e.serialized, transaction.response_payload + e.serialized, e.signature) for e in transaction.endorsements
        )
        if not authority.msps.signers(signed):  # surplus ones that do not fit are ignored, as peers do
            raise BlockError(f"{place}: none of the endorsers' signatures fits", block.number)
    except BlockError:
        raise
    except FabricError as e:
        raise BlockError(f"{place}: {e}", block.number) from e
