"""CSV and TSV: UTF-8 with or without BOM, UTF-16 with BOM, GB18030 (which contains GBK and GB2312)."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

from apps.health_slots.schedule.cells import MAX_COLUMNS
from apps.health_slots.schedule.tables import Book, Rows, Table, no_table, unreadable
from baas.errors import Text, UserError

_PROBE = 256 * 1024
_SEPARATORS = ",;\t"


def open_book(path: Path) -> Book:
    """Open a text file as one table; comma, semicolon or tab, whichever its first lines have most of."""
    encoding = _encoding(path)
    try:
        file = io.TextIOWrapper(path.open("rb"), encoding=encoding, newline="")
        sample = "".join(file.readline(4096) for _ in range(10))
        file.seek(0)
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise no_table(path) from error
    separator = max(_SEPARATORS, key=sample.count)
    reader = csv.reader(file, delimiter=separator)

    def rows() -> Rows:
        with file:
            while True:
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except (csv.Error, UnicodeDecodeError) as error:
                    raise _stopped(reader.line_num + 1, error) from error
                if len(row) > MAX_COLUMNS and any(cell.strip() for cell in row[MAX_COLUMNS:]):
                    raise no_table(path)
                yield reader.line_num, [cell.removeprefix("\ufeff") for cell in row[:MAX_COLUMNS]]

    return Book(encoding, iter((Table("", False, rows()),)))


def _stopped(line: int, error: Exception) -> UserError:
    return UserError(
        Text(
            "第 {line} 行附近读不下去：{text}",
            "Reading stopped near line {line}: {text}",
            line=line,
            text=str(error)[:120],
        ),
        Text("请用 UTF-8 或 GB18030 重新导出 CSV。", "Export the CSV again as UTF-8 or GB18030."),
        code="file_damaged",
    )


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4)
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        for encoding in ("utf-8", "gb18030"):
            decoder = codecs.getincrementaldecoder(encoding)()
            file.seek(0)
            try:
                while chunk := file.read(_PROBE):
                    if b"\x00" in chunk:
                        raise no_table(path)
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                if encoding == "utf-8" and (line := _damaged_utf8(path)):
                    raise _damaged(path, line) from None
                continue
            return encoding
    raise no_table(path)


def _damaged_utf8(path: Path) -> int:
    """The first line that is no UTF-8, if the heading says that the file should be; 0 for any other encoding."""
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(1 << 20), b""), start=1):
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                return number if number > 1 else 0
            if number == 1 and text.isascii():
                return 0
    return 0


def _damaged(path: Path, line: int) -> UserError:
    return UserError(
        Text(
            "{path} 是 UTF-8 文件，但第 {line} 行的字符已损坏。",
            "{path} is a UTF-8 file, but the characters of line {line} are damaged.",
            path=path.name,
            line=line,
        ),
        Text("请用 UTF-8 或 GB18030 重新导出 CSV。", "Export the CSV again as UTF-8 or GB18030."),
        code="file_damaged",
    )
