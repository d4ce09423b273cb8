"""Values of fields as people read and write them: yuan for fen, per cent for basis points, codes in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.kit.words import FieldWords
from baas.errors import Text
from fabric_sdk.kinds import Code, Codes, Fen, Field, Flag, Sealed, Share
from network.text import Lang

LANGS: tuple[Lang, ...] = ("zh", "en")
NOTHING = Text("—", "—")
YES_NO = {True: Text("是", "yes"), False: Text("否", "no")}


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(iso: str) -> Text:
    """A day (ISO) as the language writes it: 2026-11-23 or 23 Nov 2026."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return Text(iso or "—", iso or "—")
    return Text(iso, f"{day.day} {_MONTHS[day.month - 1]} {day.year}")


def yuan(fen: int) -> Text:
    """An amount: 3000 fen are 30.00 元."""
    return Text("{n} 元", "CNY {n}", n=f"{int(fen) / 100:,.2f}")


def percent(basis_points: int) -> str:
    """A share: 2500 basis points are 25%."""
    return f"{int(basis_points) / 100:g}%"


def shown(one: Field[Any], words: FieldWords, value: Any) -> Text | str:
    """A field's value for a reader; what another version of its kind wrote in another form, as it stands."""
    try:
        return _shown(one, words, value)
    except (TypeError, ValueError, KeyError):
        return str(value)


def _shown(one: Field[Any], words: FieldWords, value: Any) -> Text | str:  # noqa: PLR0911 - one a type
    if value in (None, "", [], ()):
        return words.absent or NOTHING
    if isinstance(one, Fen):
        return words.absent if words.absent is not None and value == 0 else yuan(value)
    if isinstance(one, Share):
        return percent(value)
    if isinstance(one, Flag):
        return (words.codes or YES_NO)[bool(value)]
    if isinstance(one, Sealed):
        return Text("已加密（{c}…）", "sealed ({c}…)", c=str(value["commitment"])[:12])
    if isinstance(one, Codes):
        known = words.code_words()
        return joined([known.get(code, str(code)) for code in ([value] if isinstance(value, str) else value)])
    if isinstance(one, Code):
        return words.code_words().get(value, str(value))
    if isinstance(value, list):
        return joined([str(item) for item in value])
    if isinstance(value, int) and words.unit is not None:
        return Text("{n} {u}", "{n} {u}", n=f"{value:,}", u=words.unit)
    return f"{value:,}" if isinstance(value, int) else str(value)


def joined(parts: Sequence[Text | str], zh: str = "、", en: str = ", ") -> Text:
    """Several words as a list, with these between them."""
    said = ([part.render(lang) if isinstance(part, Text) else part for part in parts] for lang in LANGS)
    in_zh, in_en = said
    return Text("{a}", "{b}", a=zh.join(in_zh), b=en.join(in_en))


def line(*parts: Text | str) -> Text:
    """Several words in one line."""
    return joined(parts, " · ", " · ")


def period(start: str, end: str) -> Text:
    """From one day (ISO) to another."""
    return Text("{a} 至 {b}", "{a} to {b}", a=day_words(start), b=day_words(end))


def fen_of(text: str) -> int | None:
    """An amount in yuan as fen, None for an empty text; ValueError for what is no amount."""
    return _hundredths(text.replace(",", "").replace("，", ""), 10**15)


def basis_points_of(text: str) -> int | None:
    """A percentage as basis points, None for an empty text; ValueError beyond 0 to 100 or finer than 0.01 %."""
    return _hundredths(text.replace("%", ""), 10_000)


def _hundredths(text: str, most: int) -> int | None:
    if not text.strip():
        return None
    try:
        value = Decimal(text.strip()) * 100
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite() or value != value.to_integral_value() or not 0 <= value <= most:
        raise ValueError(text)
    return int(value)
