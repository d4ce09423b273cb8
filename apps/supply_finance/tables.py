"""Receivables as tables: CSV (UTF-8 or GB18030) and XLSX in, certificates as CSV or XLSX out."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from apps.kit.formats import fen_of
from baas.csv_cells import harmless
from baas.errors import CityChainError, Text, UserError
from fabric_sdk import clock
from fabric_sdk.kinds import Record

MOST_BYTES, MOST_UNPACKED, MOST_ROWS, MOST_COLUMNS = 16 << 20, 128 << 20, 10_000, 60
COLUMNS: Mapping[str, str] = {
    "供应商": "seller",
    "金额": "face_fen",
    "到期日": "due",
    "追索": "recourse",
    "超期理由": "longer",
    "发票号码": "invoice",
    "发票金额": "invoice_amount_fen",
    "发票文件": "invoice_sha256",
    "合同编号": "contract",
    "合同文件": "contract_sha256",
    "交货单文件": "delivery_sha256",
    "货物": "goods",
    "seller": "seller",
    "amount": "face_fen",
    "due": "due",
    "recourse": "recourse",
    "longer": "longer",
    "invoice": "invoice",
    "invoice_amount": "invoice_amount_fen",
    "invoice_file": "invoice_sha256",
    "contract": "contract",
    "contract_file": "contract_sha256",
    "delivery_file": "delivery_sha256",
    "goods": "goods",
}
ReadRow = tuple[int, dict[str, Any] | CityChainError]
PAPER = ("invoice", "invoice_amount_fen", "invoice_sha256", "contract", "contract_sha256", "delivery_sha256", "goods")
_RECOURSE = {"有": "with", "有追索权": "with", "无": "without", "无追索权": "without", "": "with"}
SHOWN = (
    "id",
    "state",
    "debtor",
    "seller",
    "holder",
    "amount_fen",
    "face_fen",
    "due",
    "recourse",
    "level",
    "root",
    "parent",
)


def read_receivables(path: Path) -> list[ReadRow]:
    """The rows of a table as an issue asks for them, each with its number; a row that is none is its error."""
    rows = _cells(path)
    heading = [COLUMNS.get(str(cell).strip(), "") for cell in next(rows, ())]
    missing = {"seller", "face_fen", "due", *PAPER} - set(heading)
    if missing:
        names = [zh for zh, name in COLUMNS.items() if name in missing and not zh.isascii()]
        raise UserError(
            Text(
                "表格缺少列：{c}。", "The table lacks columns: {e}.", c="、".join(names), e=", ".join(sorted(missing))
            ),
            code="table_columns",
        )
    found: list[ReadRow] = []
    for number, row in enumerate(rows, start=2):
        if number > MOST_ROWS:
            raise UserError(Text("表格行数太多。", "The table has too many rows."), code="table_too_large")
        cells = {name: _text(cell) for name, cell in zip(heading, row, strict=False) if name}
        if not any(cells.values()):
            continue
        try:
            found.append((number, _receivable(cells, path.parent)))
        except CityChainError as error:
            found.append((number, error))
    return found


def _receivable(cells: dict[str, str], folder: Path) -> dict[str, Any]:
    values: dict[str, Any] = dict(cells)
    for name in ("face_fen", "invoice_amount_fen"):
        try:
            values[name] = fen_of(cells[name])
        except ValueError:
            raise _wrong(
                Text("金额应为数字，最多两位小数", "an amount has two decimals at most"), cells[name]
            ) from None
    for name in ("invoice_sha256", "contract_sha256", "delivery_sha256"):
        values[name] = _digest(folder, cells[name])
    recourse = cells.get("recourse", "")
    values["recourse"] = _RECOURSE.get(recourse, recourse)
    values["due"] = _day(cells["due"])
    papers = {name: values.pop(name) for name in PAPER}
    return {**{name: value for name, value in values.items() if value != ""}, "papers": papers}


def _day(text: str) -> str:
    """A day, or `+90` for so many days from today."""
    if re.fullmatch(r"\+[0-9]{1,3}", text):
        return (clock.today() + timedelta(int(text))).isoformat()
    return text[:10].replace("/", "-")


def _digest(folder: Path, text: str) -> str:
    """The hash of a file beside the table; a hash that is written out stays one."""
    if len(text) == 64 and all(letter in "0123456789abcdef" for letter in text):
        return text
    path = (folder / text).resolve()
    if not text or not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise _wrong(Text("没有这个文件（应在表格旁边）", "there is no such file beside the table"), text)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _wrong(why: Text, value: str) -> UserError:
    return UserError(Text("{w}：{v}", "{w}: {v}", w=why, v=value[:60] or "—"), code="table_value")


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _cells(path: Path) -> Iterator[Sequence[object]]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(Text("表格 {p} 太大。", "The table {p} is too large.", p=path.name), code="table_too_large")
        data = path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise UserError(Text("读不了表格 {p}：{w}。", "{p} cannot be read: {w}.", p=path.name, w=why)) from error
    try:
        yield from _workbook(data) if data.startswith(b"PK") else csv.reader(io.StringIO(_decoded(data)))
    except UserError:
        raise
    except Exception as error:  # whatever a reader of foreign bytes raises
        raise UserError(
            Text("{p} 不是可读的表格。", "{p} is no readable table.", p=path.name),
            Text("请另存为 UTF-8 的 CSV 或 XLSX。", "Save it as CSV in UTF-8 or as XLSX."),
            code="table_format",
        ) from error


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _workbook(data: bytes) -> Iterator[Sequence[object]]:
    from openpyxl import load_workbook

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
            raise UserError(Text("表格太大。", "The table is too large."), code="table_too_large")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        yield from book.worksheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS)
    finally:
        book.close()


def write_certificates(certificates: Iterable[Record], target: Path) -> int:
    """Write certificates as XLSX or CSV (UTF-8 with BOM), by the file's name; says how many."""
    rows = [[harmless(one.get(name)) for name in SHOWN] for one in certificates]
    if target.suffix.lower() == ".xlsx":
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("certificates")
        for row in (list(SHOWN), *rows):
            sheet.append(row)
        book.save(target)
    else:
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([SHOWN, *rows])
    return len(rows)
