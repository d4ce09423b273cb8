"""From block bytes to plain values."""

from __future__ import annotations

from typing import Any

from fabric_protos.common.common_pb2 import (
    Block,
    BlockMetadataIndex,
    HeaderType,
    IdentifierHeader,
    LastConfig,
    Metadata,
    OrdererBlockMetadata,
    SignatureHeader,
)
from fabric_protos.common.configtx_pb2 import ConfigEnvelope
from fabric_protos.peer.chaincode_event_pb2 import ChaincodeEvent as ChaincodeEventMessage
from fabric_protos.peer.proposal_pb2 import ChaincodeHeaderExtension

from fabric_sdk.blocks.hashing import header_bytes, header_hash
from fabric_sdk.blocks.model import (
    BlockEndorsement,
    ChaincodeEvent,
    DecodedBlock,
    DecodedTransaction,
    OrdererSignature,
    TransactionResponse,
)
from fabric_sdk.errors import DecodeError, FabricError
from fabric_sdk.identity import Identity
from fabric_sdk.transaction import (
    ActionView,
    EnvelopeView,
    MalformedTransaction,
    read_action,
    read_envelope,
)
from fabric_sdk.wire import decode


def decode_block(block: bytes | Block) -> DecodedBlock:
    """Read a block with all its transactions; DecodeError if it is none.

    A malformed transaction does not make the block unreadable: peers keep such transactions, marked invalid.
    """
    message: Any = decode(Block, block, "block") if isinstance(block, bytes) else block
    if not message.HasField("header"):
        raise DecodeError("a block without a header")
    codes = metadata_entry(message, BlockMetadataIndex.TRANSACTIONS_FILTER)
    envelopes = message.data.data
    if codes and len(codes) != len(envelopes):
        raise DecodeError(f"block {message.header.number} has {len(envelopes)} transactions, but {len(codes)} codes")
    transactions = tuple(
        decode_transaction(envelope, index, codes[index] if codes else None) for index, envelope in enumerate(envelopes)
    )
    signatures, value = orderer_signatures(message)
    commit_hash = metadata_entry(message, BlockMetadataIndex.COMMIT_HASH)
    return DecodedBlock(
        number=message.header.number,
        hash=header_hash(message.header),
        previous_hash=message.header.previous_hash,
        data_hash=message.header.data_hash,
        transactions=transactions,
        orderer_signatures=signatures,
        orderer_metadata=value,
        last_config=_last_config(message, value),
        validation_codes=codes,
        commit_hash=decode(Metadata, commit_hash, "commit hash").value if commit_hash else b"",
        raw_header=header_bytes(message.header),
        size=len(block) if isinstance(block, bytes) else message.ByteSize(),
    )


def decode_transaction(envelope: bytes, index: int = 0, validation_code: int | None = None) -> DecodedTransaction:
    """Read one envelope of a block; `malformed` of the result says what could not be read."""
    try:
        view = read_envelope(envelope)
    except MalformedTransaction as e:
        return _transaction(envelope, index, validation_code, None, None, malformed=str(e))
    kind = view.header.type
    try:
        if kind == HeaderType.ENDORSER_TRANSACTION:
            return _transaction(envelope, index, validation_code, view, read_action(view))
        if kind == HeaderType.CONFIG:
            config = decode(ConfigEnvelope, view.data, "configuration")
            return _transaction(envelope, index, validation_code, view, None, config=config)
    except FabricError as e:
        return _transaction(envelope, index, validation_code, view, None, malformed=str(e))
    return _transaction(envelope, index, validation_code, view, None)


def metadata_entry(block: Any, index: int) -> bytes:
    """One entry of a block's metadata, empty if the block does not have it."""
    entries = block.metadata.metadata
    return bytes(entries[index]) if index < len(entries) else b""


def _transaction(
    envelope: bytes,
    index: int,
    code: int | None,
    view: EnvelopeView | None,
    action: ActionView | None,
    *,
    config: ConfigEnvelope | None = None,
    malformed: str | None = None,
) -> DecodedTransaction:
    header = view.header if view else None
    creator = None
    if header is not None and header.creator:
        try:
            creator = Identity.deserialize(header.creator)
        except DecodeError as e:
            malformed = malformed or str(e)
    endorsements: tuple[BlockEndorsement, ...] = ()
    events: tuple[ChaincodeEvent, ...] = ()
    if action is not None:
        try:
            endorsements = tuple(
                BlockEndorsement(Identity.deserialize(e.endorser), e.endorser, e.signature) for e in action.endorsements
            )
            events = _events(action)
        except DecodeError as e:
            malformed = malformed or str(e)
    return DecodedTransaction(
        index=index,
        tx_id=header.transaction_id if header else "",
        type=header.type_name if header else "UNKNOWN",
        channel_id=header.channel_id if header else "",
        timestamp=header.timestamp if header else None,
        creator=creator,
        nonce=header.nonce if header else b"",
        chaincode=(action.chaincode or action.input_chaincode) if action else _called(view),
        chaincode_version=action.chaincode_version if action else "",
        args=action.args if action else (),
        is_init=action.is_init if action else False,
        response=TransactionResponse(action.response_status, action.response_message, action.response_payload_data)
        if action
        else None,
        endorsements=endorsements,
        events=events,
        validation_code=code,
        results=action.results if action else b"",
        response_payload=action.response_payload if action else b"",
        config=config,
        envelope=envelope,
        malformed=malformed,
    )


def _called(view: EnvelopeView | None) -> str:
    if view is None or view.header.type != HeaderType.ENDORSER_TRANSACTION:
        return ""
    try:
        return str(decode(ChaincodeHeaderExtension, view.header.extension).chaincode_id.name)
    except DecodeError:
        return ""


def _events(action: ActionView) -> tuple[ChaincodeEvent, ...]:
    if not action.events:
        return ()
    event = decode(ChaincodeEventMessage, action.events, "chaincode event")
    return (ChaincodeEvent(event.chaincode_id, event.tx_id, event.event_name, event.payload),)


def orderer_signatures(block: Any) -> tuple[tuple[OrdererSignature, ...], bytes]:
    """The ordering nodes' signatures on a block, and the metadata that they sign besides its header."""
    raw = metadata_entry(block, BlockMetadataIndex.SIGNATURES)
    if not raw:
        return (), b""
    metadata = decode(Metadata, raw, "block signatures")
    found = []
    for entry in metadata.signatures:
        if entry.signature_header:
            creator = decode(SignatureHeader, entry.signature_header, "signature header").creator
            identity = Identity.deserialize(creator)
            found.append(OrdererSignature(identity, creator, None, entry.signature, entry.signature_header))
        else:
            number = decode(IdentifierHeader, entry.identifier_header, "identifier header").identifier
            found.append(OrdererSignature(None, None, number, entry.signature, entry.identifier_header))
    return tuple(found), metadata.value


def _last_config(block: Any, value: bytes) -> int | None:
    if value:
        found: int = decode(OrdererBlockMetadata, value, "orderer metadata").last_config.index
        return found
    raw = metadata_entry(block, BlockMetadataIndex.LAST_CONFIG)
    if not raw:
        return None
    index: int = decode(LastConfig, decode(Metadata, raw, "last config").value, "last config").index
    return index
