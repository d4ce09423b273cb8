"""What a file is, by its bytes: type, kind, doubts, and the few refusals (empty, archive bombs, paths).

A doubt (a name that does not fit, an end that is missing) is a note to the depositor, never a refusal: what is
deposited are the bytes, and only their owner knows whether they are as they should be. Only the beginning and the end
of a file are looked at here; decoding happens in a process of its own (`fingerprints.worker`), where a hostile file can
cost no more than a bounded time and memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from apps.copyright import encodings
from apps.copyright.model import Media, MediaKind
from baas.errors import Text, UserError

HEAD = 4096
MAX_ARCHIVE_ENTRIES = 20_000
MAX_ARCHIVE_RATIO = 200
MAX_ARCHIVE_BYTES = 20 << 30
_PDF_BEGIN = 1024
"""Bytes among which a PDF's header may stand (ISO 32000-1, implementation note 13)."""
_PDF_END = 64 << 10
"""Bytes at the end among which its last line is looked for; programs append signatures and rubbish behind it."""

_SIGNATURES: tuple[tuple[int, bytes, str, MediaKind], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png", "image"),
    (0, b"\xff\xd8\xff", "image/jpeg", "image"),
    (0, b"GIF87a", "image/gif", "image"),
    (0, b"GIF89a", "image/gif", "image"),
    (0, b"II*\x00", "image/tiff", "image"),
    (0, b"MM\x00*", "image/tiff", "image"),
    (8, b"WEBP", "image/webp", "image"),
    (8, b"WAVE", "audio/wav", "audio"),
    (8, b"AVI ", "video/x-msvideo", "video"),
    (0, b"fLaC", "audio/flac", "audio"),
    (0, b"\x1aE\xdf\xa3", "video/x-matroska", "video"),
    (0, b"\x00\x00\x01\xba", "video/mpeg", "video"),
    (0, b"PK\x03\x04", "application/zip", "archive"),
    (0, b"PK\x05\x06", "application/zip", "archive"),
    (0, b"\x7fELF", "application/x-executable", "other"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", "archive"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar", "archive"),
    (0, b"\x1f\x8b", "application/gzip", "archive"),
)


def _bitmap(head: bytes) -> bool:
    """A BMP's second header has one of a few sizes."""
    return int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124)


def _windows_program(head: bytes) -> bool:
    at = int.from_bytes(head[60:64], "little")
    return len(head) >= 64 and (head[at : at + 2] in (b"PE", b"NE", b"LE", b"LX") or b"\x00" in head[:64])


def _id3(head: bytes) -> bool:
    """Version below 16, four bytes of size below 128 (ID3v2, 3.1)."""
    return len(head) >= 10 and head[3] < 0x10 and head[4] < 0xFF and all(one < 0x80 for one in head[6:10])


def _ogg(head: bytes) -> bool:
    return len(head) > 5 and head[4] == 0 and head[5] < 8


_WORDS: tuple[tuple[bytes, str, MediaKind, Callable[[bytes], bool]], ...] = (
    (b"BM", "image/bmp", "image", _bitmap),
    (b"MZ", "application/x-msdownload", "other", _windows_program),
    (b"ID3", "audio/mpeg", "audio", _id3),
    (b"OggS", "audio/ogg", "audio", _ogg),
)
"""Signatures that a text may begin with as well; what follows decides."""
_BRANDS: dict[bytes, tuple[str, MediaKind]] = {
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), ("audio/mp4", "audio")),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), ("image/heic", "image")),
    **dict.fromkeys((b"mif1", b"mif2", b"msf1", b"hevc", b"hevx"), ("image/heif", "image")),
    **dict.fromkeys((b"avif", b"avis"), ("image/avif", "image")),
    b"qt  ": ("video/quicktime", "video"),
}
_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""Atoms with which QuickTime files of before `ftyp` begin."""
_EXTENSIONS: dict[str, tuple[MediaKind, ...]] = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".gif", ".webp", ".tif", ".tiff", ".bmp"), ("image",)),
    **dict.fromkeys((".heic", ".heif", ".hif", ".avif"), ("image",)),
    **dict.fromkeys((".wav", ".mp3", ".flac", ".aac"), ("audio",)),
    **dict.fromkeys((".mp4", ".mov", ".mkv", ".webm", ".avi", ".ogg", ".ogv", ".mpg", ".m4a"), ("video", "audio")),
    **dict.fromkeys((".txt", ".md", ".csv", ".html", ".htm", ".svg"), ("text",)),
    **dict.fromkeys((".pdf",), ("document",)),
    **dict.fromkeys((".zip", ".docx", ".xlsx", ".pptx", ".epub", ".odt", ".ods", ".odp"), ("archive", "document")),
}
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OFFICE_PARTS = {
    "word/": f"{_OFFICE}.wordprocessingml.document",
    "xl/": f"{_OFFICE}.spreadsheetml.sheet",
    "ppt/": f"{_OFFICE}.presentationml.presentation",
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
    if media_type == "application/zip":
        media_type, kind = _check_archive(path)
    doubts = [doubt for doubt in (_label_doubt(path, media_type, kind), _end_doubt(path, media_type, size)) if doubt]
    encoding = encodings.guess(head, whole=size <= HEAD) if kind == "text" else ""
    if encoding and encoding not in ("utf-8", "ascii"):
        media_type = f"{media_type}; charset={encoding}"
    return Media(media_type, kind, size, doubts=tuple(doubts))


def sniff(head: bytes, *, whole: bool = False) -> tuple[str, MediaKind]:
    """Type and kind from a file's first bytes (`whole`: they are all there is)."""
    found = _by_signature(head) or _by_container(head)
    if found is not None:
        return found
    if encodings.guess(head, whole=whole):
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
        return ("text/html" if start.startswith((b"<!doctype html", b"<html")) else "text/plain"), "text"
    return _by_library(head)


def _by_signature(head: bytes) -> tuple[str, MediaKind] | None:
    for at, magic, media_type, kind in _SIGNATURES:
        if head[at : at + len(magic)] == magic and (at == 0 or head[:4] == b"RIFF"):
            if media_type == "video/x-matroska" and b"webm" in head[:64]:
                return "video/webm", "video"
            return media_type, kind
    for magic, media_type, kind, fits in _WORDS:
        if head.startswith(magic) and fits(head):
            return media_type, kind
    at = head.find(b"%PDF-", 0, _PDF_BEGIN)
    # Before the header there may be a mark or line ends, not words about PDF.
    if at >= 0 and not head[:at].strip(b"\xef\xbb\xbf\x00\t\n\x0c\r "):
        return "application/pdf", "document"
    return None


def _by_container(head: bytes) -> tuple[str, MediaKind] | None:
    if head[4:8] == b"ftyp":
        compatible = [head[at : at + 4] for at in range(16, min(int.from_bytes(head[:4], "big"), 128), 4)]
        pictures = [_BRANDS[one] for one in compatible if one in _BRANDS and _BRANDS[one][1] == "image"]
        return _BRANDS.get(head[8:12]) or (pictures[0] if pictures else ("video/mp4", "video"))
    if head[4:8] in _QUICKTIME:
        return "video/quicktime", "video"
    sound = head.lstrip(b"\x00")[:4]
    # FF FE is UTF-16's mark as well; sound of layer I without anything before it is not met.
    if len(sound) == 4 and sound[0] == 0xFF and sound[1] & 0xE0 == 0xE0 and sound[1] != 0xFE:
        version, layer = sound[1] >> 3 & 3, sound[1] >> 1 & 3
        if layer == 0 and version >= 2:
            return "audio/aac", "audio"
        # Not the reserved version, layer, bit rate or sampling rate (ISO 11172-3 2.4.2.3, MPEG-2.5 as commonly used).
        if version != 1 and layer != 0 and sound[2] >> 4 != 15 and sound[2] >> 2 & 3 != 3:
            return "audio/mpeg", "audio"
    return None


def _by_library(head: bytes) -> tuple[str, MediaKind]:
    """What a maintained table of signatures says of anything else."""
    import puremagic

    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return "application/octet-stream", "other"
    best = max(found, key=lambda one: one.confidence)
    if best.confidence < SURE or "/" not in best.mime_type:
        return "application/octet-stream", "other"
    family = best.mime_type.partition("/")[0]
    kinds: dict[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}
    return best.mime_type, kinds.get(family, "other")


SURE = 0.7
"""How sure the table must be; below that several formats share the signature."""


def _label_doubt(path: Path, media_type: str, kind: MediaKind) -> Text | None:
    expected = _EXTENSIONS.get(path.suffix.lower())
    if expected is None or kind in expected:
        return None
    return Text(
        "扩展名 {x} 与内容不符：内容看起来是 {t}。请确认选对了文件。",
        "The extension {x} does not fit the content, which looks like {t}. Make sure that it is the right file.",
        x=path.suffix,
        t=media_type,
    )


def _end_doubt(path: Path, media_type: str, size: int) -> Text | None:
    """A PDF whose end is missing (ISO 32000-1 7.5.5: `%%EOF` ends it)."""
    if media_type != "application/pdf":
        return None
    with path.open("rb") as file:
        file.seek(max(0, size - _PDF_END))
        end = file.read(_PDF_END)
    if b"%%EOF" in end and b"startxref" in end:
        return None
    return Text(
        "PDF 没有结束标记，可能不完整。存证的是现在这些字节。",
        "The PDF has no end mark and may be incomplete. What is deposited are its bytes as they are.",
    )


def _check_archive(path: Path) -> tuple[str, MediaKind]:
    """The type of a zip by what is in it. Refuses what would unpack outside its folder or blow up; unpacks nothing."""
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
    return _archive_type(path, [entry.filename for entry in entries])


def _archive_type(path: Path, names: list[str]) -> tuple[str, MediaKind]:
    """Office documents and books are zips too: their own parts name them."""
    if "mimetype" in names:
        with zipfile.ZipFile(path) as archive, archive.open("mimetype") as part:
            said = part.read(100).decode("ascii", "replace").strip()
        if said == "application/epub+zip" or said.startswith("application/vnd.oasis.opendocument."):
            return said, "document"
    if "[Content_Types].xml" in names:
        for start, media_type in _OFFICE_PARTS.items():
            if any(name.startswith(start) for name in names):
                return media_type, "document"
    return "application/zip", "archive"
