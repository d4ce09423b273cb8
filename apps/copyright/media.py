"""What a file is, by its bytes: type, kind, and the first refusals (empty, mislabelled, archive bombs, paths).

Only the beginning of a file is looked at here; decoding happens in a process of its own (`fingerprints.worker`), where
a hostile file can cost no more than a bounded time and memory.
"""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path, PurePosixPath

from apps.copyright.model import Media, MediaKind
from baas.errors import Text, UserError

HEAD = 4096
MAX_ARCHIVE_ENTRIES = 20_000
MAX_ARCHIVE_RATIO = 200
MAX_ARCHIVE_BYTES = 20 << 30
_PDF_END = 2048

_SIGNATURES: tuple[tuple[int, bytes, str, MediaKind], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png", "image"),
    (0, b"\xff\xd8\xff", "image/jpeg", "image"),
    (0, b"GIF87a", "image/gif", "image"),
    (0, b"GIF89a", "image/gif", "image"),
    (0, b"II*\x00", "image/tiff", "image"),
    (0, b"MM\x00*", "image/tiff", "image"),
    (0, b"BM", "image/bmp", "image"),
    (8, b"WEBP", "image/webp", "image"),
    (8, b"WAVE", "audio/wav", "audio"),
    (8, b"AVI ", "video/x-msvideo", "video"),
    (0, b"ID3", "audio/mpeg", "audio"),
    (0, b"\xff\xfb", "audio/mpeg", "audio"),
    (0, b"\xff\xf3", "audio/mpeg", "audio"),
    (0, b"\xff\xf1", "audio/aac", "audio"),
    (0, b"fLaC", "audio/flac", "audio"),
    (0, b"OggS", "audio/ogg", "audio"),
    (0, b"\x1aE\xdf\xa3", "video/x-matroska", "video"),
    (0, b"\x00\x00\x01\xba", "video/mpeg", "video"),
    (0, b"%PDF-", "application/pdf", "document"),
    (0, b"PK\x03\x04", "application/zip", "archive"),
    (0, b"PK\x05\x06", "application/zip", "archive"),
    (0, b"\x7fELF", "application/x-executable", "other"),
    (0, b"MZ", "application/x-msdownload", "other"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", "archive"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar", "archive"),
    (0, b"\x1f\x8b", "application/gzip", "archive"),
)
_BRANDS: dict[bytes, tuple[str, MediaKind]] = {
    b"M4A ": ("audio/mp4", "audio"),
    b"M4B ": ("audio/mp4", "audio"),
    b"heic": ("image/heic", "image"),
    b"heix": ("image/heic", "image"),
    b"mif1": ("image/heif", "image"),
    b"avif": ("image/avif", "image"),
    b"qt  ": ("video/quicktime", "video"),
}
_EXTENSIONS: dict[str, tuple[MediaKind, ...]] = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".avif"), ("image",)),
    **dict.fromkeys((".wav", ".mp3", ".flac", ".m4a", ".aac"), ("audio",)),
    **dict.fromkeys((".mp4", ".mov", ".mkv", ".webm", ".avi", ".ogg", ".ogv", ".mpg"), ("video", "audio")),
    **dict.fromkeys((".txt", ".md", ".csv", ".html", ".htm", ".svg"), ("text",)),
    **dict.fromkeys((".pdf",), ("document",)),
    **dict.fromkeys((".zip", ".docx", ".xlsx", ".pptx", ".epub"), ("archive", "document")),
}
CATEGORY_OF: dict[MediaKind, str] = {
    "image": "photograph",
    "text": "literary",
    "audio": "music",
    "video": "audiovisual",
    "document": "literary",
    "archive": "other",
    "other": "other",
}
"""The category a form starts with; the creator decides."""


def inspect(path: Path) -> Media:
    """Look at a file; `UserError` (or the disk's error) when it is nothing that can be deposited."""
    if not path.exists():
        raise UserError(Text("没有文件 {p}。", "There is no file {p}.", p=str(path)), code="file_missing")
    if not path.is_file():
        raise UserError(Text("{p} 不是普通文件。", "{p} is not an ordinary file.", p=path.name), code="not_a_file")
    size = path.stat().st_size
    if size == 0:
        raise UserError(
            Text("文件 {p} 是空的。", "The file {p} is empty.", p=path.name),
            Text("请选择有内容的作品文件。", "Choose a file with content."),
            code="file_empty",
        )
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise UserError(
            Text(
                "读不了文件 {p}：{why}。", "{p} cannot be read: {why}.", p=path.name, why=error.strerror or str(error)
            ),
            Text("请检查文件权限后重试。", "Check the file's permissions and try again."),
            code="file_unreadable",
        ) from error
    media_type, kind = sniff(head, whole=size <= HEAD)
    _check_label(path, media_type, kind)
    if media_type == "application/zip":
        _check_archive(path)
    if media_type == "application/pdf":
        _check_document(path, size)
    return Media(media_type, kind, size)


def sniff(head: bytes, *, whole: bool = False) -> tuple[str, MediaKind]:
    """Type and kind from a file's first bytes (`whole`: they are all there is)."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], ("video/mp4", "video"))
    for at, magic, media_type, kind in _SIGNATURES:
        if head[at : at + len(magic)] == magic and (at == 0 or head[:4] == b"RIFF"):
            return media_type, kind
    if _is_text(head, whole):
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
        return ("text/html" if start.startswith((b"<!doctype html", b"<html")) else "text/plain"), "text"
    return "application/octet-stream", "other"


def _is_text(head: bytes, whole: bool) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    if b"\x00" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            text = decoder.decode(head, final=whole)
        except UnicodeDecodeError:
            continue
        controls = sum(1 for letter in text if ord(letter) < 32 and letter not in "\n\r\t\f\x1b")
        if controls * 50 <= len(text):
            return True
    return False


def _check_label(path: Path, media_type: str, kind: MediaKind) -> None:
    expected = _EXTENSIONS.get(path.suffix.lower())
    if expected is not None and kind not in expected:
        raise UserError(
            Text(
                "文件 {p} 的扩展名与内容不符：内容是 {t}。",
                "{p}'s extension does not fit its content, which is {t}.",
                p=path.name,
                t=media_type,
            ),
            Text("请改正扩展名，或确认选对了文件。", "Correct the extension, or check that it is the right file."),
            code="file_mislabelled",
        )


def _check_document(path: Path, size: int) -> None:
    """Refuse a PDF whose end is missing (ISO 32000-1 7.5.5: `%%EOF` ends it; readers allow 1 KiB behind it)."""
    with path.open("rb") as file:
        file.seek(max(0, size - _PDF_END))
        end = file.read(_PDF_END)
    if b"%%EOF" not in end or b"startxref" not in end:
        raise UserError(
            Text("PDF 文件 {p} 不完整，可能被截断。", "The PDF {p} is incomplete; it may be cut short.", p=path.name),
            Text("没有保存任何内容。请重新取得完整的文件。", "Nothing was stored. Get the whole file again."),
            code="document_damaged",
        )


def _check_archive(path: Path) -> None:
    """Refuse archives that would unpack outside their folder or blow up; nothing is unpacked here."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UserError(
            Text("压缩包 {p} 已损坏或被截断。", "The archive {p} is damaged or cut short.", p=path.name),
            code="archive_damaged",
        ) from error
    if len(entries) > MAX_ARCHIVE_ENTRIES:
        raise UserError(
            Text("压缩包 {p} 的条目太多。", "The archive {p} has too many entries.", p=path.name), code="archive_bomb"
        )
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if unpacked > MAX_ARCHIVE_BYTES or (unpacked > 100 << 20 and unpacked / packed > MAX_ARCHIVE_RATIO):
        raise UserError(
            Text("压缩包 {p} 解压后过大，可能是压缩炸弹。", "{p} would unpack to far too much.", p=path.name),
            code="archive_bomb",
        )
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or ":" in name.partition("/")[0] or ".." in PurePosixPath(name).parts:
            raise UserError(
                Text(
                    "压缩包 {p} 含有越界路径“{n}”。",
                    "The archive {p} holds the path {n}, which leads outside.",
                    p=path.name,
                    n=name[:80],
                ),
                code="archive_traversal",
            )
