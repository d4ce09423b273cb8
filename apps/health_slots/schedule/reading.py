"""Rows out of CSV and XLSX files, whatever program wrote them, with bounded memory.

CSV: UTF-8 with or without BOM, UTF-16 with BOM, GB18030 (which contains GBK and GB2312); comma, semicolon or tab. XLSX:
the first sheet with a heading; cells keep their types, so that Excel's dates arrive as dates or as its day numbers.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baas.errors import NotFound, Text, UserError

MAX_BYTES = 512 * 1024 * 1024
MAX_ROWS = 2_000_000
"""Rows of one file. A city's day of 312,000 slots is some 20,000 rows; an Excel sheet ends at 1,048,576."""
MAX_COLUMNS = 64
MAX_BLANK = 10_000
"""Blank rows in a row: a cell far down makes a reader count up to it."""
MAX_CELL = 200
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
MAX_STRINGS = 128 * 1024 * 1024
"""Bytes of a workbook's shared strings, the one part of it that is held in memory."""
_PROBE = 256 * 1024


@dataclass(frozen=True)
class Sheet:
    """A table: its headings, and its rows as (line number, cells)."""

    encoding: str
    headings: tuple[str, ...]
    rows: Iterator[tuple[int, list[Any]]]


def read_sheet(path: Path) -> Sheet:
    """Open a schedule file; UserError says what is wrong with it and what to do."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise NotFound(
            Text("找不到文件：{path}", "There is no such file: {path}", path=str(path)),
            Text("请检查路径。", "Check the path."),
        ) from None
    except OSError as error:
        raise _unreadable(path, error) from error
    if not path.is_file():
        raise UserError(Text("{path} 不是文件。", "{path} is not a file.", path=str(path)))
    if size == 0:
        raise UserError(
            Text("文件是空的：{path}", "The file is empty: {path}", path=path.name),
            Text("请导出含表头和排班的文件。", "Export a file with a heading and the schedule."),
        )
    if size > MAX_BYTES:
        raise too_large(path)
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise _unreadable(path, error) from error
    if head.startswith(b"PK\x03\x04"):
        return _read_xlsx(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UserError(
            Text("不支持旧的 .xls 格式。", "The old .xls format is not supported."),
            Text("请在 Excel 中另存为 .xlsx 或 CSV。", "Save it as .xlsx or CSV in Excel."),
        )
    return _read_csv(path)


def too_large(path: Path) -> UserError:
    return UserError(
        Text(
            "文件太大：{path}（最多 {mb} MB，{rows} 行）",
            "The file is too large: {path} (at most {mb} MB and {rows} rows)",
            path=path.name,
            mb=MAX_BYTES // 1024 // 1024,
            rows=f"{MAX_ROWS:,}",
        ),
        Text("请按医院或按周分成多个文件。", "Split it by hospital or week."),
        code="file_too_large",
    )


def _read_csv(path: Path) -> Sheet:
    encoding = _encoding(path)
    try:
        file = io.TextIOWrapper(path.open("rb"), encoding=encoding, newline="")
        sample = file.readline(4096)
        file.seek(0)
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise _no_table(path) from error
    separator = max(",;\t", key=sample.count)
    reader = csv.reader(file, delimiter=separator)

    def rows() -> Iterator[tuple[int, list[Any]]]:
        with file:
            while True:
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except (csv.Error, UnicodeDecodeError) as error:
                    raise UserError(
                        Text(
                            "第 {line} 行附近读不下去：{text}",
                            "Reading stopped near line {line}: {text}",
                            line=reader.line_num + 1,
                            text=str(error)[:120],
                        ),
                        Text("请用 UTF-8 或 GB18030 重新导出 CSV。", "Export the CSV again as UTF-8 or GB18030."),
                        code="file_damaged",
                    ) from error
                yield reader.line_num, [*row]

    return _with_headings(path, encoding, rows())


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
                        raise _no_table(path)
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                if encoding == "utf-8" and (line := _damaged_utf8(path)):
                    raise _damaged(path, line) from None
                continue
            return encoding
    raise _no_table(path)


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


def _read_xlsx(path: Path) -> Sheet:
    import openpyxl

    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            strings = sum(e.file_size for e in entries if "sharedstrings" in e.filename.lower())
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED or strings > MAX_STRINGS:
                raise too_large(path)
        _refuse_doctypes(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
    except UserError:
        raise
    except Exception as error:  # what a damaged file makes of two parsers and a decompressor has no common class
        raise UserError(
            Text("读不了这个 Excel 文件：{path}", "This Excel file cannot be read: {path}", path=path.name),
            Text("文件可能已损坏或有密码，请重新另存。", "It may be damaged or encrypted; save it again."),
            code="file_damaged",
        ) from error

    def rows() -> Iterator[tuple[int, list[Any]]]:
        try:
            blank = 0
            for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1):
                blank = 0 if any(cell is not None for cell in row) else blank + 1
                if blank > MAX_BLANK:
                    raise UserError(
                        Text(
                            "第 {line} 行之前有 {n} 多个空行。",
                            "There are more than {n} blank rows before row {line}.",
                            line=number,
                            n=f"{MAX_BLANK:,}",
                        ),
                        Text("请删除空行和表格以外的内容。", "Delete blank rows and what lies outside the table."),
                        code="file_damaged",
                    )
                yield number, list(row)
        except UserError:
            raise
        except Exception as error:
            raise UserError(
                Text("Excel 文件的内容已损坏。", "The Excel file's contents are damaged."), code="file_damaged"
            ) from error
        finally:
            book.close()

    return _with_headings(path, "xlsx", rows())


def _refuse_doctypes(path: Path) -> None:
    """Refuse XML that declares a document type: Office files never do (ECMA-376 part 2, 7.2), entity bombs must."""
    from xml.parsers import expat

    class _Begun(Exception):
        pass

    def begun(*_: object) -> None:
        raise _Begun

    def declared(*_: object) -> None:
        raise UserError(
            Text(
                "这个 Excel 文件含有不允许的声明：{path}", "This Excel file declares entities: {path}", path=path.name
            ),
            Text("请在 Excel 中另存后再导入。", "Save it again in Excel."),
            code="file_damaged",
        )

    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.filename.lower().endswith((".xml", ".rels")):
                continue
            parser = expat.ParserCreate()
            parser.StartDoctypeDeclHandler = declared
            parser.StartElementHandler = begun
            with archive.open(entry) as part:
                try:
                    while chunk := part.read(4096):
                        parser.Parse(chunk)
                except _Begun:
                    continue


def _with_headings(path: Path, encoding: str, rows: Iterator[tuple[int, list[Any]]]) -> Sheet:
    for _, cells in rows:
        if len(cells) > MAX_COLUMNS:
            raise _no_table(path)
        headings = tuple(str(c).replace("\ufeff", "").strip() if c is not None else "" for c in cells)
        if any(headings):
            return Sheet(encoding, headings, rows)
    raise UserError(
        Text("文件里没有表头：{path}", "The file has no heading: {path}", path=path.name),
        Text("第一行应是列名，如 科室编号、日期、时段。", "The first row names the columns, such as department, date."),
    )


def _no_table(path: Path) -> UserError:
    return UserError(
        Text("{path} 不是 CSV 或 XLSX 表格。", "{path} is neither a CSV nor an XLSX table.", path=path.name),
        Text("请导出为 CSV（UTF-8 或 GBK）或 XLSX。", "Export it as CSV (UTF-8 or GBK) or XLSX."),
        code="not_a_table",
    )


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(
        Text("读不了文件：{path}", "The file cannot be read: {path}", path=str(path)),
        Text("请检查权限。", "Check its permissions."),
        details={"text": str(error)},
    )
