"""Building an evidence package: a zip that a court can check with Python alone, or with a browser.

The package is canonical (stored parts, fixed times, fixed order): the same facts give the same bytes, and the verifier
can tell any changed byte, in the container as well. `verify.py` beside this module is both the checker that travels
inside the package and the one that `citychain copyright verify` uses.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from fabric_protos.common.common_pb2 import Block, BlockMetadataIndex, Metadata, OrdererBlockMetadata

from apps.copyright.evidence.verify import FORMAT, directory_head, header_bytes, local_head
from baas.errors import Conflict, NotFound, Text, Unavailable, UserError, translating
from fabric_sdk.blocks import DecodedTransaction, decode_block, find_transaction

MAX_HEADERS = 200_000
MAX_SIZE = 4_000_000_000  # a zip without 64-bit extensions
_END = 0x06054B50
COMPANIONS = ("verify.py", "verify.html", "README.txt")


class BlockSource(Protocol):
    """Where blocks come from: a peer, or an export."""

    def block(self, number: int) -> Block:
        """The block of this number."""

    def block_of_transaction(self, tx_id: str) -> Block:
        """The block that holds this transaction."""


@dataclass(frozen=True)
class RecordPart:
    """The record on the ledger: who wrote it where; its bytes are taken from the transaction itself."""

    namespace: str
    key: str
    tx_id: str


@dataclass(frozen=True)
class ContentPart:
    """The work's file as it is stored: `pieces` yields its bytes, or is None to leave the file out of the package.

    `chunk` is the leaf size in bytes and `width` the links a node, as the CID was made with.
    """

    cid: str
    chunk: int
    width: int
    name: str = ""
    pieces: Callable[[], Iterable[bytes]] | None = None


@dataclass(frozen=True)
class TimeStamp:
    """An RFC 3161 token (DER) over the header hash of block `block`."""

    block: int
    token: bytes


@dataclass(frozen=True)
class EvidencePackage:
    """A written package: its `path`, size in bytes, SHA-256 and what is inside."""

    path: Path
    size: int
    sha256: str
    work_id: str
    blocks: tuple[int, ...]
    has_content: bool


def build_package(
    target: Path,
    *,
    source: BlockSource,
    channel: str,
    work_id: str,
    record: RecordPart,
    transactions: Sequence[tuple[str, str]],
    content: ContentPart,
    created: datetime,
    timestamps: Sequence[TimeStamp] = (),
) -> EvidencePackage:
    """Write the package to `target`, whole or not at all.

    `transactions` are (transaction id, function called), the record's own among them. Raises `Conflict` when `target`
    exists, `NotFound` when the ledger lacks a transaction, `UserError` when the package would pass 4 GB.
    """
    if target.exists():
        raise Conflict(
            Text("{p} 已经存在。", "{p} exists already.", p=target.name),
            Text("请换一个文件名。", "Choose another name."),
        )
    parts: dict[str, bytes] = {}
    listed, record_bytes = _transactions(source, record, transactions, parts)
    numbers = sorted({entry["block"] for entry in listed})
    last = source.block(numbers[-1])
    config_number = _last_config(last)
    parts["channel/config.pb"] = source.block(config_number).SerializeToString()
    parts["headers.json"] = _json(_headers(source, numbers[0], last))
    parts["record.json"] = record_bytes
    for position, stamp in enumerate(timestamps):
        parts[f"timestamps/{position}.tsr"] = stamp.token
    folder = resources.files("apps.copyright.evidence")
    for name in COMPANIONS:
        parts[name] = folder.joinpath(name).read_bytes()
    manifest = {
        "format": FORMAT,
        "work": work_id,
        "channel": channel,
        "created": created.isoformat(),
        "content": {
            "path": f"content/{_safe(content.name)}" if content.pieces else None,
            "cid": content.cid,
            "chunk": content.chunk,
            "width": content.width,
        },
        "record": {"path": "record.json", "namespace": record.namespace, "key": record.key, "tx_id": record.tx_id},
        "transactions": listed,
        "ordering_signatures": _quorum(parts["channel/config.pb"]),
        "timestamps": [
            {"path": f"timestamps/{position}.tsr", "block": stamp.block} for position, stamp in enumerate(timestamps)
        ],
    }
    return _write(target, manifest, parts, content)


def _transactions(
    source: BlockSource, record: RecordPart, transactions: Sequence[tuple[str, str]], parts: dict[str, bytes]
) -> tuple[list[dict[str, Any]], bytes]:
    listed: list[dict[str, Any]] = []
    record_bytes: bytes | None = None
    for tx_id, function in dict.fromkeys(transactions):
        with translating():
            block = source.block_of_transaction(tx_id)
            transaction = find_transaction(decode_block(block), tx_id)
        number = int(block.header.number)
        parts[f"blocks/{number}.pb"] = block.SerializeToString()
        listed.append({"tx_id": tx_id, "function": function, "block": number, "index": transaction.index})
        if tx_id == record.tx_id:
            record_bytes = _written(transaction, record)
    if record_bytes is None:
        raise NotFound(
            Text(
                "交易 {t} 没有写入这件作品的记录。",
                "Transaction {t} did not write this work's record.",
                t=record.tx_id,
            )
        )
    listed.sort(key=lambda entry: (entry["block"], entry["index"]))
    return listed, record_bytes


def _written(transaction: DecodedTransaction, record: RecordPart) -> bytes | None:
    for space in transaction.rwset.namespaces:
        if space.name == record.namespace:
            for write in space.writes:
                if write.key == record.key and not write.is_delete:
                    return bytes(write.value)
    return None


def _headers(source: BlockSource, first: int, last: Block) -> dict[str, object]:
    tip = int(last.header.number)
    if tip - first >= MAX_HEADERS:
        raise UserError(
            Text(
                "这些交易相隔 {n} 个区块，超过一个证据包的上限。",
                "These transactions are {n} blocks apart, more than one package holds.",
                n=tip - first,
            ),
            Text("请分成几个证据包导出。", "Export several packages."),
        )
    rows = []
    for number in range(first, tip + 1):
        header = last.header if number == tip else source.block(number).header
        rows.append([number, header.previous_hash.hex(), header.data_hash.hex()])
    signatures = last.metadata.metadata[BlockMetadataIndex.SIGNATURES]
    return {"headers": rows, "signatures": base64.b64encode(signatures).decode()}


def _last_config(block: Block) -> int:
    """The number of the configuration block in force, which the ordering service signed into every block."""
    signed = Metadata.FromString(block.metadata.metadata[BlockMetadataIndex.SIGNATURES])
    return int(OrdererBlockMetadata.FromString(signed.value).last_config.index)


def _quorum(config_block: bytes) -> int:
    """How many ordering nodes must have signed: 1 under Raft, 2f + 1 of 3f + 1 under BFT."""
    from apps.copyright.evidence.verify import Authority

    consenters = len(Authority(config_block).consenters)
    return 1 if consenters == 0 else (consenters + (consenters - 1) // 3 + 2) // 2


def block_digest(block: Block) -> bytes:
    """What a time-stamp authority is asked to stamp: the SHA-256 hash of the block's header."""
    header = block.header
    return hashlib.sha256(header_bytes(int(header.number), header.previous_hash, header.data_hash)).digest()


def _safe(name: str) -> str:
    """A file name that every system takes, keeping letters of any script."""
    base = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c if c.isalnum() or c in "._- ()（）" else "_" for c in base).strip(" .")
    return kept[:120] or "work"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def _write(target: Path, manifest: dict[str, Any], parts: dict[str, bytes], content: ContentPart) -> EvidencePackage:
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            writer = _CanonicalZip(file)
            files: dict[str, str] = {}
            if content.pieces is not None:
                name = f"content/{_safe(content.name)}"
                files[name] = writer.add(name, content.pieces())
            for name, data in parts.items():
                files[name] = writer.add(name, (data,))
            raw = _json({**manifest, "files": dict(sorted(files.items()))})
            writer.add("manifest.json", (raw,))
            writer.add("manifest.sha256", (hashlib.sha256(raw).hexdigest().encode(),))
            size = writer.finish()
            file.flush()
            os.fsync(file.fileno())
        digest = _digest(temporary)
        temporary.replace(target)
    except OSError as error:
        raise Unavailable(
            Text("证据包没能写入：{why}", "The package could not be written: {why}", why=error.strerror or error),
            Text("请检查磁盘空间和文件夹权限。", "Check the disk's space and the folder's permissions."),
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()
    blocks = tuple(sorted(int(name[7:-3]) for name in parts if name.startswith("blocks/")))
    return EvidencePackage(target, size, digest, str(manifest["work"]), blocks, content.pieces is not None)


class _CanonicalZip:
    """Writes the one form of zip that the verifier takes: stored parts, no extra fields, nothing in between."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._offset = 0
        self._entries: list[tuple[bytes, int, int, int]] = []

    def add(self, name: str, pieces: Iterable[bytes]) -> str:
        """Write a part and return its SHA-256 in hex."""
        raw = name.encode()
        self._file.write(local_head(raw, 0, 0))
        digest, crc, size = hashlib.sha256(), 0, 0
        for piece in pieces:
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
            size += len(piece)
            if self._offset + size > MAX_SIZE:
                raise UserError(
                    Text("证据包会超过 4 GB。", "The package would pass 4 GB."),
                    Text("请不带作品文件导出，只带 CID。", "Export it without the file, with the CID only."),
                )
            self._file.write(piece)
        self._file.seek(self._offset)
        self._file.write(local_head(raw, crc, size))
        self._file.seek(0, os.SEEK_END)
        self._entries.append((raw, crc, size, self._offset))
        self._offset += 30 + len(raw) + size
        return digest.hexdigest()

    def finish(self) -> int:
        """Write the directory; returns the size of the whole file in bytes."""
        start = self._offset
        directory = b"".join(directory_head(len(r), crc, size, at) + r for r, crc, size, at in self._entries)
        self._file.write(directory)
        count = len(self._entries)
        end = _END.to_bytes(4, "little") + bytes(4) + count.to_bytes(2, "little") * 2
        end += len(directory).to_bytes(4, "little") + start.to_bytes(4, "little") + bytes(2)
        self._file.write(end)
        return start + len(directory) + len(end)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
