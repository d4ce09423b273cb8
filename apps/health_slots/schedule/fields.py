"""The columns of a schedule and how each cell is understood; a ValueError carries the sentence for the preview."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from baas.errors import Text

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "department": ("科室编号", "科室代码", "department", "department_id"),
    "department_name": ("科室", "科室名称", "department_name"),
    "doctor": ("医生编号", "医生代码", "诊室编号", "doctor", "doctor_id"),
    "doctor_name": ("医生", "医生姓名", "诊室", "doctor_name"),
    "title": ("职称", "title"),
    "date": ("日期", "出诊日期", "date"),
    "part": ("时段", "午别", "part", "session"),
    "start": ("开始", "开始时间", "start"),
    "end": ("结束", "结束时间", "end"),
    "count": ("号源数", "号数", "count", "slots"),
    "kind": ("号别", "号类", "kind"),
    "pool": ("号源池", "渠道", "pool"),
    "fee": ("挂号费", "费用", "诊查费", "fee"),
}
REQUIRED = ("department", "department_name", "doctor", "doctor_name", "date", "part", "start", "end", "count")
DEFAULTS: Mapping[str, Any] = {"title": "", "kind": "general", "pool": "online", "fee": 0}

_PARTS = {"上午": "am", "下午": "pm", "夜间": "night", "晚上": "night", "夜诊": "night"}
_KINDS = {"普通": "general", "专家": "expert", "特需": "special", "普通号": "general", "专家号": "expert"}
_POOLS = {
    "线上": "online",
    "网上": "online",
    "窗口": "window",
    "现场": "window",
    "社区": "community",
    "预留": "reserved",
}
_ID = re.compile(r"[A-Za-z0-9]{1,12}")
_DATE_FORMS = (
    re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]0{1,2}:00(?::00)?)?"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)
_CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})(?::00)?")
_FRACTION = re.compile(r"0?\.\d{2,18}")
"""An Excel time that a CSV export wrote as the fraction of a day that it is: 0.354166666666667 for 8:30."""
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_EXCEL_RANGE = (36526, 73050)
"""Excel day numbers from 2000-01-01 to 2099-12-31."""


class FieldProblem(ValueError):
    """Why a cell cannot be what its column says."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


def find_columns(headings: tuple[str, ...]) -> dict[str, int]:
    """Return column numbers by field, for headings in Chinese or English; missing ones are left out."""
    names = {name.lower(): field for field, known in COLUMNS.items() for name in known}
    found: dict[str, int] = {}
    for index, heading in enumerate(headings):
        field = names.get("".join(heading.split()).lower())
        if field is not None and field not in found:
            found[field] = index
    return found


def read_date(cell: Any) -> str:
    """Read a date cell: a date, an Excel day number (also as text), or text in the usual forms."""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell).strip()
    if re.fullmatch(r"\d{5}(\.0+)?", text):
        number = int(text.split(".")[0])
        if _EXCEL_RANGE[0] <= number <= _EXCEL_RANGE[1]:
            return (_EXCEL_EPOCH + dt.timedelta(days=number)).isoformat()
    for form in _DATE_FORMS:
        match = form.fullmatch(text)
        if match:
            try:
                return dt.date(int(match[1]), int(match[2]), int(match[3])).isoformat()
            except ValueError:
                break
    raise FieldProblem(
        Text("日期看不懂：{cell}（应如 2026-12-03）", "No date: {cell} (write 2026-12-03)", cell=shorten(cell))
    )


def read_minute(cell: Any) -> int:
    """Read a time of day as minutes from midnight: a time, an Excel fraction of a day, or `8:30`."""
    if isinstance(cell, dt.datetime):
        cell = cell.time()
    if isinstance(cell, dt.time):
        return cell.hour * 60 + cell.minute
    if isinstance(cell, float) and 0 <= cell <= 1:
        return round(cell * 1440)
    if isinstance(cell, str) and _FRACTION.fullmatch(cell.strip()):
        return round(float(cell) * 1440)
    match = _CLOCK.fullmatch(str(cell).strip())
    if match and int(match[2]) < 60 and int(match[1]) * 60 + int(match[2]) <= 1440:
        return int(match[1]) * 60 + int(match[2])
    raise FieldProblem(Text("时间看不懂：{cell}（应如 08:30）", "No time: {cell} (write 08:30)", cell=shorten(cell)))


def read_count(cell: Any) -> int:
    text = str(cell).strip().removesuffix(".0")
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 400 and len(text) <= 6:
        return int(text)
    raise FieldProblem(Text("号源数应为 1 到 400：{cell}", "The count is 1 to 400, not {cell}", cell=shorten(cell)))


def read_fee(cell: Any) -> int:
    """Read a fee in yuan and return it in fen."""
    text = str(cell).strip().lstrip("￥¥").removesuffix("元").strip()
    if re.fullmatch(r"\d{1,5}(\.\d{1,2})?", text):
        yuan, _, cents = text.partition(".")
        return int(yuan) * 100 + int(cents.ljust(2, "0") or 0)
    raise FieldProblem(Text("费用看不懂：{cell}（单位元）", "No fee: {cell} (in yuan)", cell=shorten(cell)))


def read_id(cell: Any) -> str:
    text = str(cell).strip().removesuffix(".0")
    if _ID.fullmatch(text):
        return text
    raise FieldProblem(
        Text("编号应为 1 到 12 位字母或数字：{cell}", "An id is 1 to 12 letters and digits: {cell}", cell=shorten(cell))
    )


def read_label(cell: Any) -> str:
    text = " ".join(str(cell).split())
    if 0 < len(text) <= 60 and text.isprintable():
        return text
    raise FieldProblem(
        Text("名称应为 1 到 60 个字：{cell}", "A name is 1 to 60 characters: {cell}", cell=shorten(cell))
    )


def _choice(words: Mapping[str, str], what: Text) -> Callable[[Any], str]:
    def read(cell: Any) -> str:
        text = str(cell).strip()
        value = words.get(text, text.lower())
        if value in words.values():
            return value
        known = "、".join(words)
        raise FieldProblem(
            Text(
                "{what}看不懂：{cell}（可用：{known}）",
                "Unknown {what}: {cell} (known: {known})",
                what=what,
                cell=shorten(cell),
                known=known,
            )
        )

    return read


def shorten(cell: Any) -> str:
    """A cell for a message: one line, at most 40 characters."""
    text = " ".join(str(cell).split())
    return text if len(text) <= 40 else f"{text[:40]}…"


READERS: Mapping[str, Callable[[Any], Any]] = {
    "department": read_id,
    "department_name": read_label,
    "doctor": read_id,
    "doctor_name": read_label,
    "title": lambda cell: read_label(cell) if str(cell).strip() else "",
    "date": read_date,
    "part": _choice(_PARTS, Text("时段", "part of the day")),
    "start": read_minute,
    "end": read_minute,
    "count": read_count,
    "kind": _choice(_KINDS, Text("号别", "kind")),
    "pool": _choice(_POOLS, Text("号源池", "pool")),
    "fee": read_fee,
}
