"""The columns of a schedule and how each cell is understood; a `FieldProblem` carries the sentence for the preview."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from apps.health_slots.schedule.cells import NoValue, chinese_number, plain, shorten
from apps.health_slots.schedule.habits import DateOrder, Habits
from baas.errors import Text
from fabric_sdk.chaincode.plain_text import deceptive

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "department": (
        *("科室编号", "科室代码", "科室编码", "科室id", "科室号", "出诊科室代码", "科室工号"),
        *("department", "department_id", "dept_code", "dept_id", "deptcode"),
    ),
    "department_name": (
        *("科室", "科室名称", "出诊科室", "就诊科室", "挂号科室", "门诊科室", "专科"),
        *("department_name", "dept_name", "deptname"),
    ),
    "campus": ("院区", "院区名称", "分院", "分院名称", "就诊院区", "出诊院区", "campus", "campus_name", "branch"),
    "doctor": (
        *("医生编号", "医生代码", "医生编码", "医生工号", "医师工号", "医师编号", "医师代码", "工号", "诊室编号"),
        *("doctor", "doctor_id", "doctor_code", "doctorcode"),
    ),
    "doctor_name": (
        *("医生", "医生姓名", "医师", "医师姓名", "出诊医生", "出诊医师", "坐诊医生", "专家姓名", "诊室", "诊室名称"),
        *("doctor_name", "doctorname"),
    ),
    "title": ("职称", "医生职称", "医师职称", "技术职称", "title"),
    "date": ("日期", "出诊日期", "就诊日期", "排班日期", "门诊日期", "坐诊日期", "date", "clinic_date"),
    "part": ("时段", "午别", "班次", "班别", "出诊时段", "就诊时段", "上下午", "part", "session", "shift"),
    "hours": ("出诊时间", "就诊时间", "坐诊时间", "时间", "时间段", "起止时间", "hours", "time"),
    "start": ("开始", "开始时间", "出诊开始时间", "起始时间", "上班时间", "start", "start_time", "begin_time"),
    "end": ("结束", "结束时间", "出诊结束时间", "终止时间", "下班时间", "end", "end_time"),
    "count": ("号源数", "号数", "限号数", "限号", "放号数", "放号量", "总号数", "号源", "号源量", "count", "slots"),
    "kind": ("号别", "号类", "挂号类别", "号源类型", "门诊类型", "挂号类型", "号种", "kind"),
    "pool": ("号源池", "渠道", "预约渠道", "号源渠道", "放号渠道", "预约方式", "pool", "channel"),
    "fee": ("挂号费", "费用", "诊查费", "挂号费(元)", "诊查费(元)", "诊金", "医事服务费", "fee", "price"),
}
HEADINGS: Mapping[str, str] = {name: field for field, known in COLUMNS.items() for name in known}
REQUIRED = ("department_name", "doctor_name", "date", "count")
DEFAULTS: Mapping[str, Any] = {"title": "", "campus": "", "kind": "general", "pool": "online", "fee": 0}
FREE_FIELDS: Mapping[str, Text] = {
    "campus": Text("院区", "campus"),
    "title": Text("职称", "title"),
    "kind": Text("号别", "kind"),
    "pool": Text("号源池", "pool"),
    "fee": Text("挂号费", "fee"),
}
"""What a column with a heading that nobody knows may be taken for by hand; the others are asked for."""
TOTALS = ("合计", "总计", "小计", "共计", "合计:", "total", "subtotal", "sum")

PARTS = {
    **dict.fromkeys(("上午", "上午班", "早上", "am", "a"), "am"),
    **dict.fromkeys(("下午", "下午班", "午后", "pm", "p"), "pm"),
    **dict.fromkeys(("夜间", "晚上", "夜诊", "夜", "夜班", "晚间", "夜间门诊", "night", "n"), "night"),
}
KINDS = {
    **dict.fromkeys(("普通", "普通号", "普通门诊", "普诊", "普通门诊号", "general"), "general"),
    **dict.fromkeys(("专家", "专家号", "专家门诊", "知名专家", "expert"), "expert"),
    **dict.fromkeys(("特需", "特需号", "特需门诊", "special"), "special"),
}
POOLS = {
    **dict.fromkeys(("线上", "网上", "网络", "网约", "互联网", "微信", "手机", "app", "电话", "自助机"), "online"),
    **dict.fromkeys(("线上号", "网络预约", "预约", "预约平台", "online"), "online"),
    **dict.fromkeys(("窗口", "现场", "诊间", "人工窗口", "当日", "现场号", "window"), "window"),
    **dict.fromkeys(("社区", "转诊", "医联体", "双向转诊", "家庭医生", "community"), "community"),
    **dict.fromkeys(("预留", "内部", "保留", "机动", "reserved"), "reserved"),
}
PART_WORDS: Mapping[str, Text] = {
    "am": Text("上午", "morning"),
    "pm": Text("下午", "afternoon"),
    "night": Text("夜间", "night"),
}
KIND_WORDS: Mapping[str, Text] = {
    "general": Text("普通", "general"),
    "expert": Text("专家", "expert"),
    "special": Text("特需", "special"),
}
POOL_WORDS: Mapping[str, Text] = {
    "online": Text("线上", "online"),
    "window": Text("窗口", "counter"),
    "community": Text("社区", "community"),
    "reserved": Text("预留", "reserved"),
}

DAY_MINUTES = 1440
_ID = re.compile(r"[A-Za-z0-9]{1,12}")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CHINESE = re.compile(
    r"(?:([\d零〇一二三四五六七八九]{2,4})年)?([\d一二三四五六七八九十]{1,3})月([\d一二三四五六七八九十]{1,3})[日号]?"
)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_SHORT = re.compile(r"(\d{2})[-/.](\d{1,2})[-/.](\d{1,2})")
_WEEKDAY = re.compile(r"\s*[(（]?(?:星期|周)[一二三四五六日天][)）]?$")
_CLOCK = re.compile(
    r"(?:(上午|下午|晚上|am|pm) ?)?(\d{1,2})[:.点时](\d{2})?(?:分)?(?::(\d{2})(?:\.0+)?)? ?(am|pm)?", re.I
)
_COMPACT_CLOCK = re.compile(r"(\d{2})(\d{2})")
_HOURS = re.compile(r"(.{2,12}?) ?[-~至到] ?(?:次日)?(.{2,12})")
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


class Unknown(FieldProblem):
    """A word that the hospital has to explain: a code of its own, or a date with two readings."""

    def __init__(self, about: str, subject: str, text: Text) -> None:
        super().__init__(text)
        self.about, self.subject = about, subject


def find_columns(headings: tuple[str, ...], habits: Habits = Habits()) -> dict[str, int]:  # noqa: B008 - immutable
    """Return column numbers by field, by the hospital's own table first; missing ones are left out."""
    found: dict[str, int] = {}
    for index, heading in enumerate(headings):
        field = habits.columns.get(heading, HEADINGS.get(heading_key(heading)))
        if field and field not in found:
            found[field] = index
    return found


def own_columns(headings: tuple[str, ...], habits: Habits) -> dict[str, str]:
    """Headings that only the hospital can explain, and the field that it reads each as ("" for none)."""
    own = (heading for heading in headings if heading and heading_key(heading) not in HEADINGS)
    return {heading: habits.columns.get(heading, "") for heading in own}


def heading_key(heading: str) -> str:
    return "".join(plain(heading).split()).lower()


class DateReader:
    """Reads date cells as ISO dates; `order` says how 12/02/2026 is meant, `today` which 12月3日 is the next one."""

    def __init__(self, today: dt.date, order: DateOrder = "") -> None:
        self._today = today
        self._order = order

    def __call__(self, cell: Any) -> str:
        """Return the date; `Unknown` (about "dates") where two readings are possible and nobody chose one."""
        if isinstance(cell, dt.date):
            return cell.isoformat()[:10]
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        return self._text(cell)

    def _text(self, cell: Any) -> str:
        text = _WEEKDAY.sub("", plain(cell))
        if re.fullmatch(r"\d{5}(\.0+)?", text):
            number = int(text.split(".")[0])
            if _EXCEL_RANGE[0] <= number <= _EXCEL_RANGE[1]:
                return (_EXCEL_EPOCH + dt.timedelta(days=number)).isoformat()
        match = _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text)
        if match:
            return self._day(cell, int(match[1]), int(match[2]), int(match[3]))
        if match := _CHINESE.fullmatch(text):
            return self._in_chinese(cell, match)
        if match := _YEAR_LAST.fullmatch(text):
            return self._by_order(cell, int(match[3]), int(match[1]), int(match[2]))
        if match := _SHORT.fullmatch(text):
            return self._short(cell, int(match[1]), int(match[2]), int(match[3]))
        raise _no_date(cell)

    def _day(self, cell: Any, year: int, month: int, day: int) -> str:
        try:
            return dt.date(year, month, day).isoformat()
        except ValueError:
            raise FieldProblem(Text("没有这一天：{cell}", "There is no such day: {cell}", cell=shorten(cell))) from None

    def _in_chinese(self, cell: Any, match: re.Match[str]) -> str:
        year, month, day = (_whole(part) if part else None for part in match.groups())
        if month is None or day is None:
            raise _no_date(cell)
        if year is not None:
            return self._day(cell, year if year > 99 else 2000 + year, month, day)
        for candidate in range(self._today.year, self._today.year + 9):
            try:
                found = dt.date(candidate, month, day)
            except ValueError:
                continue
            if found >= self._today:
                return found.isoformat()
        raise FieldProblem(Text("没有这一天：{cell}", "There is no such day: {cell}", cell=shorten(cell)))

    def _by_order(self, cell: Any, year: int, first: int, second: int) -> str:
        if first > 12 or second > 12 or first == second:
            month, day = (second, first) if first > 12 else (first, second)
            return self._day(cell, year, month, day)
        if not self._order:
            raise self._two_readings(cell)
        month, day = (first, second) if self._order == "mdy" else (second, first)
        return self._day(cell, year, month, day)

    def _short(self, cell: Any, first: int, second: int, third: int) -> str:
        if not self._order:
            raise self._two_readings(cell)
        if second <= 12 and first > 12:
            return self._day(cell, 2000 + first, second, third)
        return self._by_order(cell, 2000 + third, first, second)

    def _two_readings(self, cell: Any) -> Unknown:
        return Unknown(
            "dates",
            "",
            Text(
                "日期 {cell} 有两种读法，请先选定月日顺序",
                "the date {cell} can be read in two ways; choose the order of month and day first",
                cell=shorten(cell),
            ),
        )


def _no_date(cell: Any) -> FieldProblem:
    return FieldProblem(
        Text("日期看不懂：{cell}（应如 2026-12-03）", "No date: {cell} (write 2026-12-03)", cell=shorten(cell))
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else chinese_number(text)


def read_date(cell: Any, today: dt.date = dt.date(2000, 1, 1)) -> str:
    """Read a date cell that needs no choice (see `DateReader`)."""
    return DateReader(today)(cell)


def read_minute(cell: Any) -> int:
    """Read a time of day as minutes from midnight (1440 for 24:00): a time, an Excel fraction of a day, or `8:30`."""
    return read_clock(cell)[0]


def read_clock(cell: Any) -> tuple[int, bool]:
    """Read a time of day; also say whether it had seconds that were dropped."""
    if isinstance(cell, dt.datetime):
        cell = cell.time()
    if isinstance(cell, dt.time):
        return cell.hour * 60 + cell.minute, cell.second > 0
    if isinstance(cell, dt.timedelta) and 0 <= cell.total_seconds() <= 86_400:
        return int(cell.total_seconds()) // 60, int(cell.total_seconds()) % 60 > 0
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and 0 <= cell <= 1:
        return round(cell * DAY_MINUTES), False
    text = plain(cell)
    if _FRACTION.fullmatch(text):
        return round(float(text) * DAY_MINUTES), False
    match = _CLOCK.fullmatch(text)
    if match:
        hour, minute = int(match[2]), int(match[3] or 0)
        if (match[1] or match[5] or "").lower() in ("下午", "晚上", "pm") and hour < 12:
            hour += 12
        second = int(match[4] or 0)
    elif match := _COMPACT_CLOCK.fullmatch(text):
        hour, minute, second = int(match[1]), int(match[2]), 0
    else:
        hour, minute, second = 99, 0, 0
    if minute < 60 and second < 60 and hour * 60 + minute <= DAY_MINUTES:
        return hour * 60 + minute, second > 0
    raise FieldProblem(Text("时间看不懂：{cell}（应如 08:30）", "No time: {cell} (write 08:30)", cell=shorten(cell)))


def read_hours(cell: Any) -> tuple[int, int]:
    """Read `8:00-12:00`; an end at or before the beginning is on the next day."""
    match = _HOURS.fullmatch(plain(cell))
    if match is None:
        raise FieldProblem(
            Text(
                "起止时间看不懂：{cell}（应如 08:00-12:00）", "No hours: {cell} (write 08:00-12:00)", cell=shorten(cell)
            )
        )
    start, end = read_minute(match[1]), read_minute(match[2])
    return start, end if end > start else end + DAY_MINUTES


def read_count(cell: Any) -> int:
    value = _number(cell, suffixes=("个", "号", "人"))
    if value is not None and value == int(value) and 1 <= value <= 400:
        return int(value)
    raise FieldProblem(Text("号源数应为 1 到 400：{cell}", "The count is 1 to 400, not {cell}", cell=shorten(cell)))


def read_fee(cell: Any) -> int:
    """Read a fee in yuan and return it in fen."""
    value = _number(cell, suffixes=("元", "块", "元整"))
    if value is not None and 0 <= value < 100_000 and abs(value * 100 - round(value * 100)) < 1e-6:
        return round(value * 100)
    raise FieldProblem(Text("费用看不懂：{cell}（单位元）", "No fee: {cell} (in yuan)", cell=shorten(cell)))


def _number(cell: Any, suffixes: tuple[str, ...] = ()) -> float | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float)):
        return float(cell) if abs(cell) < 1e9 else None
    text = plain(cell).lstrip("¥￥").strip()
    for suffix in suffixes:
        text = text.removesuffix(suffix).strip()
    if re.fullmatch(r"\d{1,3}(,\d{3}){1,3}(\.\d{1,9})?", text):
        text = text.replace(",", "")
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        return float(text)
    value = chinese_number(text)
    return None if value is None else float(value)


def read_number(cell: Any) -> float | None:
    """The number in a cell, None where there is none; for sums."""
    return None if cell is None or isinstance(cell, NoValue) else _number(cell, ("个", "号", "人"))


def read_code(cell: Any) -> str:
    """Read an id as the hospital writes it: 1 to 40 characters, such as `D1`, `内-01`, `0012`."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = plain(cell)
    if 0 < len(text) <= 40 and text.isprintable() and not deceptive(text):
        return text
    raise FieldProblem(
        Text("编号应为 1 到 40 个字符：{cell}", "An id is 1 to 40 characters: {cell}", cell=shorten(cell))
    )


def ledger_id(code: str) -> str:
    """The id on the ledger of what the hospital calls `code`: itself, or `X` and 11 letters made from it.

    Ids on the ledger are 1 to 12 letters and digits, so that they are valid in FHIR ids and addresses. The hospital's
    own code is written beside it and is what people see.
    """
    if _ID.fullmatch(code):
        return code
    return "X" + base64.b32encode(hashlib.sha256(code.encode()).digest()).decode()[:11]


def read_label(cell: Any) -> str:
    text = " ".join(str(cell).split())
    if 0 < len(text) <= 60 and text.isprintable() and not deceptive(text):
        return text
    raise FieldProblem(
        Text("名称应为 1 到 60 个字：{cell}", "A name is 1 to 60 characters: {cell}", cell=shorten(cell))
    )


def _choice(about: str, known: Mapping[str, str], own: Mapping[str, str], what: Text) -> Callable[[Any], str]:
    def read(cell: Any) -> str:
        text = plain(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)
        value = own.get(text) or known.get(text.lower())
        if value:
            return value
        raise Unknown(
            about,
            shorten(text),
            Text("{what}看不懂：{cell}", "Unknown {what}: {cell}", what=what, cell=shorten(cell)),
        )

    return read


def readers(habits: Habits, today: dt.date) -> Mapping[str, Callable[[Any], Any]]:
    """How the cells of each column are read in a file of a hospital with these habits."""
    return {
        "department": read_code,
        "department_name": read_label,
        "campus": read_label,
        "doctor": read_code,
        "doctor_name": read_label,
        "title": lambda cell: read_label(cell) if str(cell).strip() else "",
        "date": DateReader(today, habits.dates),
        "part": _choice("parts", PARTS, habits.parts, Text("时段", "part of the day")),
        "hours": read_hours,
        "start": read_clock,
        "end": read_clock,
        "count": read_count,
        "kind": _choice("kinds", KINDS, habits.kinds, Text("号别", "kind")),
        "pool": _choice("pools", POOLS, habits.pools, Text("号源池", "pool")),
        "fee": read_fee,
    }
