"""Words of the slots pages: their translations, what states look like, money and hours as people read them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from apps.health_slots import model
from apps.health_slots.model import APPOINTMENT_TITLES, REASON_TITLES, channel_title
from console.i18n import language, say, translator
from console.i18n.formats import day, day_short, number
from fabric_sdk.clock import CHINA, local, today
from network.text import Text

tr = translator("health_slots")

LEGEND = ("committed", "free", "held", "booked", "closed", "stopped", "returned", "added")

HOSPITAL_ZONE = CHINA
"""Hospitals' clocks run on China Standard Time wherever this computer is."""

APPOINTMENT_SIGNS = {
    "pending": "wait",
    "booked": "ok",
    "checked-in": "busy",
    "fulfilled": "ok",
    "cancelled": "none",
    "noshow": "warn",
}


def hospital_time(seconds: int | None) -> datetime | None:
    """Return an instant on the hospital's clock."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).astimezone(HOSPITAL_ZONE)


def hospital_today() -> date:
    """Return the date at the hospital now."""
    return today()


def zone_note() -> str:
    """What a header says where this machine's clock shows another hour than the hospital's; empty where it agrees."""
    here = local()
    if here.utcoffset() == here.astimezone(HOSPITAL_ZONE).utcoffset():
        return ""
    return tr("时间是医院当地的（北京时间）")


def stamp(seconds: int | None, pattern: str = "%m-%d %H:%M") -> str:
    """Return an instant on the hospital's clock, short; "—" for none."""
    at = hospital_time(seconds)
    if at is None:
        return "—"
    if language() != "zh":
        for numbers, words in (("%Y-%m-%d", day(at.date())), ("%m-%d", day_short(at.date()))):
            pattern = pattern.replace(f"{numbers} %H", f"{words}, %H").replace(numbers, words)
    return f"{at:{pattern}}"


def day_of(iso: str) -> str:
    """Return a date of the ledger, YYYY-MM-DD, as the language writes it."""
    return day(date.fromisoformat(iso))


def clock(seconds: int) -> str:
    """Return the hour of an instant on the hospital's clock."""
    return stamp(seconds, "%H:%M")


def money(fen: int) -> str:
    """3000 → 30.00."""
    return number(fen / 100, 2)


def yuan(fen: int) -> str:
    """3000 → 30.00 元."""
    return say(model.yuan(fen))


def channel_word(channel: str) -> str:
    return say(channel_title(channel))


def short_name(pseudonym: str) -> str:
    """Return a pseudonym as lists show it."""
    return f"{pseudonym[:6]}…{pseudonym[-4:]}" if len(pseudonym) > 12 else pseudonym


def appointment_word(state: str) -> str:
    return say(APPOINTMENT_TITLES.get(state, Text(state, state)))


def reason_word(reason: str) -> str:
    return say(REASON_TITLES.get(reason, Text(reason, reason)))


def span(seconds: int) -> str:
    """Return a length of time as rules name it: 600 → 10 分钟."""
    for unit, words in ((86_400, tr("{n} 天")), (3600, tr("{n} 小时")), (60, tr("{n} 分钟"))):
        if seconds and seconds % unit == 0:
            return words.format(n=number(seconds // unit))
    return tr("{n} 秒").format(n=number(seconds))


def listed(entries: Iterable[object]) -> str:
    """Return entries one after another: 甲、乙 or A, B."""
    return ("、" if language() == "zh" else ", ").join(str(entry) for entry in entries)


def minute_of_day(minute: int) -> str:
    """Return minutes from midnight as a clock shows them; beyond 24 hours they are the next day's."""
    minute = max(0, minute)
    if minute > 1440:
        return tr("次日 {t}").format(t=minute_of_day(minute - 1440))
    return f"{minute // 60:02d}:{minute % 60:02d}"


def countdown(seconds: int) -> str:
    """Return what is left of a time: 3:05, 1:02:09, 2 天."""
    if seconds >= 2 * 86_400:
        return tr("{n} 天").format(n=number(seconds // 86_400))
    hours, rest = divmod(max(0, seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def session_words(session: model.SessionRow) -> str:
    """A session as people name it: the day and its part, the department and the doctor."""
    part = say(model.PART_TITLES.get(session.part, Text(session.part, session.part)))
    return f"{session.date} {part} · {session.department_name} {session.doctor_name}"
