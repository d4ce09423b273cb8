"""Taking a file in: its hash, its bytes into the content store (sealed or as they are), its form for the contract."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, BinaryIO

from apps.copyright import media
from apps.copyright.fingerprints.pool import Fingerprints
from apps.copyright.model import WorkForm
from apps.copyright.sealing import SealingStream
from baas.content import Cid, ContentStore
from baas.errors import Text, UserError
from baas.jobs import JobContext


def keep(content: ContentStore, path: Path, key: bytes, size: int, ctx: JobContext) -> Cid:
    """Add a file to the store, sealed if there is a key; never all of it in memory."""

    def progress(done: int) -> None:
        ctx.check_cancelled()
        ctx.progress(done, size)

    with path.open("rb") as file:
        stream: BinaryIO = SealingStream(file, key) if key else file  # type: ignore[assignment]
        return content.add(stream, progress, name=path.name[:200])


def form_record(form: WorkForm, prints: Fingerprints) -> dict[str, Any]:
    """What a creator says of a work, and what the file says of itself, as the contract takes it."""
    record: dict[str, Any] = {
        "title": form.title,
        "category": form.category or media.CATEGORY_OF[prints.media.kind],
        "creation_kind": form.creation_kind,
        "sources": [dict(one) for one in form.sources],
        "authors": [dict(one) for one in form.authors],
        "note": form.note,
        "relations": [dict(one) for one in form.relations],
    }
    for field in ("completed", "published"):
        if (place := getattr(form, field)) is not None:
            record[field] = dict(place)
    if form.software:
        record["software"] = dict(form.software)
    if prints.credentials:
        record["credentials"] = dict(prints.credentials)
    return record


def hash_file(path: Path, ctx: JobContext) -> str:
    """The SHA-256 of a file, a piece at a time; `UserError` for one that cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
                ctx.check_cancelled()
    except OSError as error:
        raise UserError(
            Text(
                "读不了文件 {p}：{why}。", "{p} cannot be read: {why}.", p=path.name, why=error.strerror or str(error)
            ),
            code="file_unreadable",
        ) from error
    return digest.hexdigest()
