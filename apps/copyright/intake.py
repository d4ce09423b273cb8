"""Taking a file in: its hash, its bytes into the content store (sealed or as they are), its form for the contract."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from apps.copyright import media
from apps.copyright.fingerprints.pool import Fingerprints, without
from apps.copyright.model import Media, WorkForm
from apps.copyright.sealing import SealingStream
from baas.content import Cid, ContentStore, folders
from baas.errors import Text, UserError
from baas.jobs import JobContext

FOLDER = "application/x-directory"
"""The media type of a folder that is one work."""
MOST_ASKED = 300
"""Files of a folder that are looked for among the network's deposits."""


def keep(content: ContentStore, path: Path, key: bytes, size: int, ctx: JobContext) -> Cid:
    """Add a file to the store, sealed if there is a key; never all of it in memory."""

    def progress(done: int) -> None:
        ctx.check_cancelled()
        ctx.progress(done, size)

    if path.is_dir():
        return folders.keep(content, path, progress, name=path.name[:200])[0]
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


def of_folder(path: Path) -> Fingerprints:
    """What is known of a folder: its size and files. It has no fingerprint of its own, and says so."""
    files = folders.files_of(path)
    found = Media(FOLDER, "archive", sum(one.size for one in files))
    why = Text(
        "文件夹作为一件作品存证，查重只找与其中文件完全相同的；要找相近的作品，请逐件存证。",
        "The folder is one work: only what is exactly one of its files is found. Deposit files singly for likenesses.",
    )
    return without(replace(found, doubts=(*found.doubts, why)))


def hashes_in(path: Path) -> list[str]:
    """The SHA-256 of each file of a folder, of the first `MOST_ASKED`; of a file nothing."""
    if not path.is_dir():
        return []
    found = []
    for one in folders.files_of(path)[:MOST_ASKED]:
        digest = hashlib.sha256()
        with one.open() as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
        found.append(digest.hexdigest())
    return found


def hash_stored(content: ContentStore, cid: Cid) -> str:
    """The SHA-256 of a stored file, or of a stored folder as one file."""
    digest = hashlib.sha256()
    for piece in folders.cat(content, cid):
        digest.update(piece)
    return digest.hexdigest()


def hash_file(path: Path, ctx: JobContext) -> str:
    """The SHA-256 of a file, a piece at a time, or of a folder as one file; `UserError` for what cannot be read."""
    if path.is_dir():
        whole = hashlib.sha256()
        for part in folders.tar_of(folders.files_of(path)):
            ctx.check_cancelled()
            whole.update(part)
        return whole.hexdigest()
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
