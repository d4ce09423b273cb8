"""Writing an evidence package: a zip that people can read, and that a court can check with Python or a browser alone.

The package is canonical (stored parts, fixed times, fixed order): the same parts give the same bytes. Before it is
written it is checked with the verifier that travels inside: a package that would not hold is not handed out.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

from apps.copyright.evidence.check import FORMAT, check_package
from apps.copyright.evidence.index import index_page
from baas.errors import Conflict, Text, Unavailable, UserError
from fabric_sdk.files import replace_file
from fabric_sdk.proof.bundle import made
from fabric_sdk.proof.canonical_zip import CanonicalZip
from fabric_sdk.proof.report import INVALID, UNREADABLE, Report

HERE = "apps.copyright.evidence"


@dataclass(frozen=True)
class ContentPart:
    """The work's file as it is stored: `pieces` yields its bytes, or is None to leave the file out of the package."""

    name: str = ""
    pieces: Callable[[], Iterable[bytes]] | None = None


@dataclass(frozen=True)
class Contents:
    """What goes in: parts of the chain, answers of organisations, certificates, captures, stamps, the file."""

    work_id: str
    transactions: Sequence[str]
    parts: Mapping[str, bytes]
    content: ContentPart
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EvidencePackage:
    """A written package: its `path`, size in bytes, SHA-256, what is inside, and which organisations did not answer."""

    path: Path
    size: int
    sha256: str
    work_id: str
    blocks: tuple[int, ...]
    has_content: bool
    spoke: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)


def write_package(target: Path, contents: Contents) -> EvidencePackage:
    """Write the package to `target`, whole or not at all.

    Raises `Conflict` when `target` exists, `UserError` when the package would pass 4 GB or would not hold.
    """
    if target.exists():
        raise Conflict(
            Text("{p} 已经存在。", "{p} exists already.", p=target.name),
            Text("请换一个文件名。", "Choose another name."),
        )
    report = rehearsed(contents)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            size = _write(file, contents, index_page(report, contents.missing, _content_name(contents.content)))
            file.flush()
            os.fsync(file.fileno())
        with temporary.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        replace_file(temporary, target)
    except OSError as error:
        raise Unavailable(
            Text("证据包没能写入：{why}", "The package could not be written: {why}", why=error.strerror or error),
            Text("请检查磁盘空间和文件夹权限。", "Check the disk's space and the folder's permissions."),
        ) from error
    except OverflowError as error:
        raise UserError(
            Text("证据包会超过 4 GB。", "The package would pass 4 GB."),
            Text("请不带作品文件导出，只带 CID。", "Export it without the file, with the CID only."),
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()
    blocks = tuple(sorted(int(name[13:-3]) for name in contents.parts if name.startswith("chain/blocks/")))
    has_content = contents.content.pieces is not None
    spoke = tuple(report.facts.get("spoke", ()))
    return EvidencePackage(target, size, digest, contents.work_id, blocks, has_content, spoke, dict(contents.missing))


def rehearsed(contents: Contents) -> Report:
    """The check of the package without the work's file; `UserError` when it does not hold."""
    stream = io.BytesIO()
    _write(stream, Contents(contents.work_id, contents.transactions, contents.parts, ContentPart()), b"")
    report = check_package(stream)
    if report.verdict in (INVALID, UNREADABLE):
        bad = report.first_bad
        raise UserError(
            Text(
                "证据包核验不通过，没有写出：{c}",
                "The package would not hold and was not written: {c}",
                c=bad and bad.code,
            ),
            Text("请先核验账本（ledger verify）。", "Verify the ledger first (ledger verify)."),
            code="evidence_would_not_hold",
        )
    return report


def _content_name(content: ContentPart) -> str:
    return f"content/{safe_name(content.name)}" if content.pieces is not None else ""


def _write(file: BinaryIO, contents: Contents, page: bytes) -> int:
    parts = dict(contents.parts)
    parts |= {**made(HERE), "README.txt": resources.files(HERE).joinpath("README.txt").read_bytes()}
    writer = CanonicalZip(file)
    files: dict[str, str] = {}
    if page:
        files["index.html"] = writer.add("index.html", (page,))
    if contents.content.pieces is not None:
        name = _content_name(contents.content)
        files[name] = writer.add(name, contents.content.pieces())
    for name in sorted(parts):
        files[name] = writer.add(name, (parts[name],))
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "work": contents.work_id,
        "transactions": list(contents.transactions),
        "files": dict(sorted(files.items())),
    }
    raw = json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n"
    writer.add("manifest.json", (raw,))
    writer.add("manifest.sha256", (hashlib.sha256(raw).hexdigest().encode(),))
    return writer.finish()


def safe_name(name: str) -> str:
    """A file name that every system takes, keeping letters of any script."""
    base = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c if c.isalnum() or c in "._- ()（）" else "_" for c in base).strip(" .")
    return kept[:120] or "work"
