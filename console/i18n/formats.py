"""How figures, times, sizes and hashes are written."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from console.i18n import language, tr
from fabric_sdk.clock import now as present

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_HASH = re.compile(r"[0-9a-f]{64}")
_DAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def number(value: float, digits: int = 0) -> str:
    """684213 → 684,213."""
    return f"{value:,.{digits}f}"


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def size(octets: float) -> str:
    """Bytes in the unit a person would use, powers of 1,000 as disks are sold."""
    value = float(octets)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return ""


def duration(seconds: float) -> str:
    """How long something took."""
    if seconds < 1:
        return tr("{n} 毫秒").format(n=f"{seconds * 1000:.0f}")
    if seconds < 60:
        return tr("{n} 秒").format(n=f"{seconds:.1f}")
    if seconds < 3600:
        return tr("{m} 分 {s} 秒").format(m=int(seconds // 60), s=int(seconds % 60))
    return tr("{h} 小时 {m} 分").format(h=int(seconds // 3600), m=int(seconds % 3600 // 60))


def moment(value: datetime | str | float | None) -> datetime | None:
    """Return an aware local time from what services give: a datetime, ISO text or seconds since 1970."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).astimezone()
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone()


def day(value: date | None) -> str:
    """2026-11-23 or 23 Nov 2026."""
    if value is None:
        return "—"
    if language() == "zh":
        return f"{value:%Y-%m-%d}"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def day_short(value: date) -> str:
    return f"{value:%m-%d}" if language() == "zh" else f"{value.day} {_MONTHS[value.month - 1]}"


def weekday(value: date) -> str:
    return (_DAYS_ZH if language() == "zh" else _DAYS_EN)[value.weekday()]


def day_long(value: date) -> str:
    if language() == "zh":
        return f"{value.year}年{value.month}月{value.day}日 {weekday(value)}"
    return f"{weekday(value)} {day(value)}"


def when(value: datetime | str | float | None, *, seconds: bool = False) -> str:
    """Local date and time; seconds only in the ledger and logs."""
    at = moment(value)
    if at is None:
        return "—"
    clock = f"{at:%H:%M:%S}" if seconds else f"{at:%H:%M}"
    return f"{day(at.date())} {clock}" if language() == "zh" else f"{day(at.date())}, {clock}"


def in_words(text: str) -> str:
    """A text of a record as people read it: an instant by the local clock, a SHA-256 in its short form."""
    if _INSTANT.match(text):
        return when(text, seconds=True)
    return short_hash(text, 8) if _HASH.fullmatch(text) else text


def clock(value: datetime | str | float | None) -> str:
    """The time of day with seconds, for places that say the day already."""
    at = moment(value)
    return f"{at:%H:%M:%S}" if at is not None else "—"


def utc(value: datetime | str | float | None) -> str:
    """For tooltips and exports."""
    at = moment(value)
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else ""


def ago(value: datetime | str | float | None, now: datetime | None = None) -> str:
    """How long since, or until, in one unit."""
    at = moment(value)
    if at is None:
        return "—"
    seconds = ((now or present()) - at).total_seconds()
    future = seconds < 0
    seconds = abs(seconds)
    for limit, step, past, ahead in (
        (60, 1, tr("{n} 秒前"), tr("{n} 秒后")),
        (3600, 60, tr("{n} 分钟前"), tr("{n} 分钟后")),
        (86400, 3600, tr("{n} 小时前"), tr("{n} 小时后")),
        (float("inf"), 86400, tr("{n} 天前"), tr("{n} 天后")),
    ):
        if seconds < limit:
            return (ahead if future else past).format(n=number(int(seconds // step)))
    return ""


def short_hash(value: str, keep: int = 4) -> str:
    """9f3c…a1d4; 8 on each side where hashes are compared."""
    return value if len(value) <= 2 * keep + 1 else f"{value[:keep]}…{value[-keep:]}"


def short_cid(value: str) -> str:
    """bafybeih7q3…x4tuyq."""
    return value if len(value) <= 19 else f"{value[:12]}…{value[-6:]}"


def fingerprint(value: str) -> str:
    """5e:91:0c…d7:3a from hexadecimal text."""
    plain = value.replace(":", "").lower()
    pairs = [plain[i : i + 2] for i in range(0, len(plain), 2)]
    return ":".join(pairs) if len(pairs) <= 5 else f"{':'.join(pairs[:3])}…{':'.join(pairs[-2:])}"


def version(block: int, index: int) -> str:
    """The version of a key: block and index within it."""
    return f"{number(block)} : {index}"
