"""What a forger with real keys can make: pieces of a chain signed by whoever's key is at hand, with fitting digests.

Keys: a client's, a peer's of one organisation, everything of a foreign network with the same names."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fabric_protos.common.common_pb2 import (
    Block,
    BlockData,
    BlockHeader,
    BlockMetadata,
    Envelope,
    LastConfig,
    Metadata,
    MetadataSignature,
    OrdererBlockMetadata,
    SignatureHeader,
)
from fabric_protos.common.ledger_pb2 import BlockchainInfo
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVRead, KVRWSet, KVWrite, Version
from fabric_protos.ledger.rwset.rwset_pb2 import NsReadWriteSet, TxReadWriteSet
from fabric_protos.peer.transaction_pb2 import ProcessedTransaction

from apps.copyright.evidence.check import FORMAT
from fabric_sdk import clock, envelope
from fabric_sdk.identity import SigningIdentity, load_msp_folder
from fabric_sdk.proof.blocks import Block as ReadBlock
from fabric_sdk.proof.canonical_zip import CanonicalZip
from fabric_sdk.proof.content import content_cid, put_varint
from fabric_sdk.transaction import read_proposal

Parts = dict[str, bytes]
OWN = ("manifest.json", "manifest.sha256")
SEQUENCE = "namespaces/fields/copyright/Sequence"


def unpack(data: bytes) -> Parts:
    """The parts of a package."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(parts: Mapping[str, bytes], **manifest: Any) -> bytes:
    """Parts as a package whose digests all fit; `manifest` replaces entries of the one among the parts."""
    stated = json.loads(parts.get("manifest.json", b"{}"))
    out = io.BytesIO()
    writer = CanonicalZip(out)
    files = {name: writer.add(name, (data,)) for name, data in parts.items() if name not in OWN}
    raw = json.dumps({"format": FORMAT, **stated, **manifest, "files": files}, ensure_ascii=False).encode()
    writer.add("manifest.json", (raw,))
    writer.add("manifest.sha256", (hashlib.sha256(raw).hexdigest().encode(),))
    writer.finish()
    return out.getvalue()


def node_keys(network: Path, node: str, msp: str) -> SigningIdentity:
    """The signing identity of a node out of the network's folder."""
    found = next(path for path in network.rglob("signcerts") if node in str(path))
    return load_msp_folder(found.parent, msp)


@dataclass(frozen=True)
class Forged:
    """A forged transaction: its envelope, id and what it pretends."""

    envelope: bytes
    tx_id: str
    work_id: str


def record_transaction(
    creator: SigningIdentity,
    endorsers: Sequence[SigningIdentity],
    *,
    channel: str,
    file: bytes,
    definition: tuple[int, int] | None,
    title: str = "伪造的作品",
    function: str = "Deposit",
) -> Forged:
    """A deposit that never was, as if the contract had written it."""
    proposal = envelope.new_proposal(channel, "copyright", [function.encode(), b"{}"], creator.creator)
    work_id = "CZ20260101-0123456789ab"
    record = {
        "id": work_id,
        "tx_id": proposal.transaction_id,
        "title": title,
        "depositor": f"{creator.msp_id}/x",
        "content": {"cid": content_cid([file], len(file)), "sha256": hashlib.sha256(file).hexdigest()},
    }
    spaces = [NsReadWriteSet(namespace="copyright", rwset=_sets(writes={work_id: json.dumps(record).encode()}))]
    if definition is not None:
        spaces.insert(0, NsReadWriteSet(namespace="_lifecycle", rwset=_sets(reads={SEQUENCE: definition})))
    results = TxReadWriteSet(ns_rwset=spaces).SerializeToString()
    payload = _endorsed(proposal.bytes, results, b"", "copyright", endorsers)
    signed = Envelope(payload=payload, signature=creator.sign(payload))
    return Forged(signed.SerializeToString(), proposal.transaction_id, work_id)


def _sets(*, writes: Mapping[str, bytes] | None = None, reads: Mapping[str, tuple[int, int]] | None = None) -> bytes:
    return KVRWSet(
        reads=[KVRead(key=k, version=Version(block_num=b, tx_num=t)) for k, (b, t) in (reads or {}).items()],
        writes=[KVWrite(key=key, value=value) for key, value in (writes or {}).items()],
    ).SerializeToString()


def _endorsed(
    proposal: bytes, results: bytes, answer: bytes, contract: str, endorsers: Sequence[SigningIdentity]
) -> bytes:
    response = envelope.proposal_response_payload(
        read_proposal(proposal).hash,
        results,
        b"",
        status=200,
        message="",
        payload=answer,
        chaincode=contract,
        chaincode_version="1.0.0",
    )
    return envelope.transaction_payload(proposal, response, [envelope.endorse(response, one) for one in endorsers])


def definition_transaction(
    creator: SigningIdentity, endorsers: Sequence[SigningIdentity], channel: str, policy: bytes
) -> bytes:
    """The commit of a laxer definition of the contract, as an envelope."""
    from fabric_protos.peer.lifecycle.db_pb2 import StateData
    from fabric_protos.peer.lifecycle.lifecycle_pb2 import CommitChaincodeDefinitionArgs

    arguments = CommitChaincodeDefinitionArgs(
        sequence=2, name="copyright", version="9", validation_parameter=policy
    ).SerializeToString()
    call = [b"CommitChaincodeDefinition", arguments]
    proposal = envelope.new_proposal(channel, "_lifecycle", call, creator.creator)
    written = {SEQUENCE: StateData(Int64=2).SerializeToString()}
    results = TxReadWriteSet(ns_rwset=[NsReadWriteSet(namespace="_lifecycle", rwset=_sets(writes=written))])
    payload = _endorsed(proposal.bytes, results.SerializeToString(), b"", "_lifecycle", endorsers)
    return Envelope(payload=payload, signature=creator.sign(payload)).SerializeToString()


def block(
    number: int,
    previous: bytes,
    envelopes: Sequence[bytes],
    signers: Sequence[SigningIdentity],
    *,
    last_config: int = 0,
    codes: bytes | None = None,
) -> bytes:
    """A block with these envelopes, signed as ordering nodes do by whoever `signers` are."""
    data = BlockData(data=list(envelopes))
    header = BlockHeader(number=number, previous_hash=previous, data_hash=hashlib.sha256(b"".join(envelopes)).digest())
    made = Block(header=header, data=data)
    raw = ReadBlock(made.SerializeToString()).header
    value = OrdererBlockMetadata(last_config=LastConfig(index=last_config)).SerializeToString()
    signatures = []
    for one in signers:
        signature_header = SignatureHeader(creator=one.creator, nonce=envelope.new_nonce()).SerializeToString()
        signature = one.sign(value + signature_header + raw)
        signatures.append(MetadataSignature(signature_header=signature_header, signature=signature))
    first = Metadata(value=value, signatures=signatures).SerializeToString()
    filled = bytes(len(envelopes)) if codes is None else codes
    made.metadata.CopyFrom(BlockMetadata(metadata=[first, b"", filled, b"", b""]))
    return made.SerializeToString()


def view(
    peer: SigningIdentity,
    client: SigningIdentity,
    *,
    channel: str,
    head: tuple[int, bytes],
    work_id: str,
    transactions: Mapping[str, tuple[int, bytes]],
    asked: str = "",
    function: str = "ListTransactions",
) -> bytes:
    """Answers as if a peer had given them: `transactions` are (code, envelope) by id; `asked` another subject."""
    number, block_hash = head
    info = BlockchainInfo(height=number + 1, currentBlockHash=block_hash).SerializeToString()
    listed = json.dumps([{"tx_id": one, "records": [work_id], "at": ""} for one in transactions]).encode()
    calls: list[tuple[str, list[str], bytes]] = [
        ("qscc", ["GetChainInfo", channel], info),
        ("copyright", [function, asked or work_id, str(number), block_hash.hex()], listed),
    ]
    for tx_id, (code, signed) in transactions.items():
        processed = ProcessedTransaction(
            transactionEnvelope=Envelope.FromString(signed), validationCode=code
        ).SerializeToString()
        calls.append(("qscc", ["GetTransactionByID", channel, tx_id], processed))
    payloads = []
    for contract, arguments, answer in calls:
        proposal = envelope.new_proposal(
            channel, contract, [one.encode() for one in arguments], client.creator, time_ns=clock.nanoseconds()
        )
        payloads.append(_endorsed(proposal.bytes, b"", answer, contract, [peer]))
    return b"".join(b"\x0a" + put_varint(len(one)) + one for one in payloads)
