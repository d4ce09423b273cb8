"""Blocks: decode everything that Fabric 2.5 and 3.x write, and verify it.

>>> from fabric_sdk.blocks import data_hash
>>> data_hash([b"one", b"two"]).hex()[:16]
'25b6746d5172ed63'
"""

from typing import TYPE_CHECKING

from fabric_sdk.lazy import attributes

if TYPE_CHECKING:
    from fabric_sdk.blocks.decoding import decode_block, decode_transaction
    from fabric_sdk.blocks.hashing import data_hash, header_bytes, header_hash
    from fabric_sdk.blocks.model import (
        VALIDATION_CODES,
        BlockEndorsement,
        ChaincodeEvent,
        DecodedBlock,
        DecodedTransaction,
        OrdererSignature,
        TransactionResponse,
        validation_code_name,
    )
    from fabric_sdk.blocks.rwset import (
        CollectionHashes,
        NamespaceRwSet,
        PrivateWrites,
        ReadWriteSet,
        Version,
        decode_private_rwset,
        decode_rwset,
    )
    from fabric_sdk.blocks.verification import (
        ChainReport,
        find_transaction,
        iterate_verified,
        verify_block,
        verify_chain,
    )

__all__ = [
    "VALIDATION_CODES",
    "BlockEndorsement",
    "ChainReport",
    "ChaincodeEvent",
    "CollectionHashes",
    "DecodedBlock",
    "DecodedTransaction",
    "NamespaceRwSet",
    "OrdererSignature",
    "PrivateWrites",
    "ReadWriteSet",
    "TransactionResponse",
    "Version",
    "data_hash",
    "decode_block",
    "decode_private_rwset",
    "decode_rwset",
    "decode_transaction",
    "find_transaction",
    "header_bytes",
    "header_hash",
    "iterate_verified",
    "validation_code_name",
    "verify_block",
    "verify_chain",
]

__getattr__ = attributes(
    __name__,
    {
        "decoding": "decode_block decode_transaction",
        "hashing": "data_hash header_bytes header_hash",
        "model": (
            "VALIDATION_CODES BlockEndorsement ChaincodeEvent DecodedBlock DecodedTransaction "
            "OrdererSignature TransactionResponse validation_code_name"
        ),
        "rwset": (
            "CollectionHashes NamespaceRwSet PrivateWrites ReadWriteSet Version decode_private_rwset decode_rwset"
        ),
        "verification": "ChainReport find_transaction iterate_verified verify_block verify_chain",
    },
)
