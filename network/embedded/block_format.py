"""Making Fabric blocks: header, metadata, the ordering nodes' signatures and the commit hash.

Sources: protoutil/blockutils.go (header bytes), orderer/common/multichannel/blockwriter.go (signatures),
core/ledger/kvledger (commit hash over validation codes and state changes).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from secrets import randbits, token_bytes

from fabric_protos.common.common_pb2 import (
    Block,
    IdentifierHeader,
    LastConfig,
    Metadata,
    MetadataSignature,
    OrdererBlockMetadata,
    SignatureHeader,
)

from fabric_sdk.blocks.hashing import data_hash, header_bytes
from fabric_sdk.identity import SigningIdentity
from network.embedded.mvcc import Update, Updates

SIGNATURES, LAST_CONFIG, TRANSACTIONS_FILTER, ORDERER, COMMIT_HASH = range(5)


def new_block(number: int, previous_hash: bytes, envelopes: Sequence[bytes], last_config: int) -> tuple[Block, bytes]:
    """A block with header, data and the plain metadata; also its header's bytes (their SHA-256 is the block's hash)."""
    block = Block()
    block.header.number = number
    block.header.previous_hash = previous_hash
    block.header.data_hash = data_hash(envelopes)
    block.data.data.extend(envelopes)
    block.metadata.metadata.extend([b""] * 5)
    value = LastConfig(index=last_config).SerializeToString()
    block.metadata.metadata[LAST_CONFIG] = Metadata(value=value).SerializeToString()
    return block, header_bytes(block.header)


def sign(
    block: Block,
    raw_header: bytes,
    last_config: int,
    orderers: Sequence[tuple[SigningIdentity, int | None]],
    consenter_metadata: bytes = b"",
) -> None:
    """Put the ordering nodes' signatures into the block.

    Each orderer comes with its consenter number for BFT, or None: then its identity stands in a signature header.
    """
    meaning = OrdererBlockMetadata(consenter_metadata=consenter_metadata)
    meaning.last_config.index = last_config
    signed = Metadata(value=meaning.SerializeToString())
    for orderer, consenter in orderers:
        if consenter is None:
            header = SignatureHeader(creator=orderer.creator, nonce=token_bytes(24)).SerializeToString()
            signature = MetadataSignature(signature_header=header)
        else:
            header = IdentifierHeader(identifier=consenter, nonce=randbits(32).to_bytes(24, "big")).SerializeToString()
            signature = MetadataSignature(identifier_header=header)
        signature.signature = orderer.sign(signed.value + header + raw_header)
        signed.signatures.append(signature)
    block.metadata.metadata[SIGNATURES] = signed.SerializeToString()


def hash_of(raw_header: bytes) -> bytes:
    """A block's hash, from its header's bytes."""
    return sha256(raw_header).digest()


def commit_hash(codes: bytes, updates: Updates, previous: bytes) -> bytes:
    """Fabric's commit hash: over the validation codes, every state change in order, and the commit hash before."""
    return sha256(_varint(len(codes)) + codes + update_bytes(updates) + previous).digest()


def update_bytes(updates: Updates) -> bytes:
    """All public and hashed changes in the form that peers compare (txmgr.Updates)."""
    public: dict[str, list[tuple[bytes, Update]]] = {}
    for (namespace, key), update in updates.public.items():
        public.setdefault(namespace, []).append((key.encode(), update))
    hashed: dict[str, dict[str, list[tuple[bytes, Update]]]] = {}
    for (namespace, collection, key_hash), update in updates.hashed.items():
        hashed.setdefault(namespace, {}).setdefault(collection, []).append((key_hash, update))
    parts: list[bytes] = []
    for namespace in sorted(public.keys() | hashed.keys()):
        first = namespace
        for name, update in sorted(public.get(namespace, ())):
            parts.append(_kv_write(first, "", name, update))
            first = ""
        for collection, entries in sorted(hashed.get(namespace, {}).items()):
            label = collection
            for digest, update in sorted(entries):
                parts.append(_kv_write(first, label, digest, update))
                first = label = ""
    return b"".join(b"\x0a" + _varint(len(part)) + part for part in parts)


def _kv_write(namespace: str, collection: str, key: bytes, update: Update) -> bytes:
    part = b""
    if namespace:
        part += _field(0x0A, namespace.encode())
    if collection:
        part += _field(0x12, collection.encode())
    part += _field(0x1A, key) if key else b""
    if update.value is None:
        part += b"\x20\x01"
    elif update.value:
        part += _field(0x2A, update.value)
    return part + _field(0x32, update.version.encode())


def _field(tag: int, value: bytes) -> bytes:
    return bytes([tag]) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
