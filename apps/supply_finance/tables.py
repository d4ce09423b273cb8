"""Receivables as tables: CSV (UTF-8 or GB18030) and XLSX in, certificates as CSV or XLSX out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from apps.kit.formats import fen_of
from baas.errors import CityChainError, Text, UserError
from baas.tables import read_table, write_table
from fabric_sdk import clock
from fabric_sdk.kinds import Record

MOST_BYTES, MOST_ROWS = 16 << 20, 10_000
_ENGLISH = {"amount": "face_fen", "invoice_amount": "invoice_amount_fen"} | {
    f"{name}_file": f"{name}_sha256" for name in ("invoice", "contract", "delivery")
}
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
    **{name: name for name in ("seller", "due", "recourse", "longer", "invoice", "contract", "goods")},
    **_ENGLISH,
}
ReadRow = tuple[int, dict[str, Any] | CityChainError]
PAPER = ("invoice", "invoice_amount_fen", "invoice_sha256", "contract", "contract_sha256", "delivery_sha256", "goods")
_RECOURSE = {"有": "with", "有追索权": "with", "无": "without", "无追索权": "without", "": "with"}
SHOWN = (
    "id", "state", "debtor", "seller", "holder", "amount_fen", "face_fen", "due", "recourse", "level", "root", "parent",
)  # fmt: skip


def read_receivables(path: Path) -> list[ReadRow]:
    """The rows of a table as an issue asks for them, each with its number; a row that is none is its error."""
    found: list[ReadRow] = []
    needed = {"seller", "face_fen", "due", *PAPER}
    for number, cells in read_table(path, COLUMNS, needed, most_rows=MOST_ROWS, most_bytes=MOST_BYTES):
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


def write_certificates(certificates: Iterable[Record], target: Path) -> int:
    """Write certificates as XLSX or CSV (UTF-8 with BOM), by the file's name; says how many."""
    return write_table(target, SHOWN, ([one.get(name) for name in SHOWN] for one in certificates), "certificates")
