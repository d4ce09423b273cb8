"""Pieces of the open board's pages, beside those of every page here. Everything that comes from data is escaped."""

from __future__ import annotations

import datetime as dt
from html import escape

from starlette.responses import HTMLResponse

from apps.health_slots.serving.board_style import shape
from baas.errors import Lang, Text
from baas.serving.pages import Site, facts, figures, lang_of, link, moment, table, whole, with_lang

__all__ = [
    "clock", "day_words", "facts", "figures", "hours", "lang_of", "link", "moment", "page", "share", "state_html",
    "table", "with_lang",
]  # fmt: skip
BOARD = Site(
    Text("号源公开看板", "Open board of slots"),
    Text(
        "数据来自账本。这里没有姓名，也没有假名；每个号都可以核对放号前的承诺。",
        "From the ledger. No names and no pseudonyms; every slot can be checked against the promise made before it.",
    ),
)


def page(lang: Lang, title: str, body: str, *, here: str = "/", status: int = 200, trail: str = "") -> HTMLResponse:
    """A whole page; `here` is its address without the language, `trail` the way to it as HTML."""
    return whole(BOARD, lang, title, body, here=here, status=status, trail=trail)


def state_html(state: str, words: str, *, added: bool = False) -> str:
    """A state as shape and word."""
    return f'<span class="state">{shape(state, added=added)}{escape(words)}</span>'


def share(free: int, whole: int, lang: Lang) -> str:
    """How much is free, as a bar and figures."""
    width = round(100 * free / whole) if whole else 0
    bar = f'<span class="bar" aria-hidden="true"><i style="width:{width}%"></i></span>'
    return f'<span class="share">{bar}{free:,}</span>'


def clock(minute: int, lang: Lang) -> str:
    """Minutes from midnight as a clock shows them; beyond 24 hours they are the next day's."""
    if minute > 1440:
        return Text("次日 {t}", "{t} next day", t=clock(minute - 1440, lang)).render(lang)
    return f"{minute // 60:02d}:{minute % 60:02d}"


def hours(start: int, end: int, lang: Lang) -> str:
    return f"{clock(start, lang)}–{clock(end, lang)}"


def day_words(day: dt.date, lang: Lang) -> str:
    """A day with its weekday."""
    names = Text("一二三四五六日", "Mon Tue Wed Thu Fri Sat Sun").render(lang)
    if lang == "zh":
        return f"{day:%Y-%m-%d} 周{names[day.weekday()]}"
    return f"{names.split()[day.weekday()]} {day:%Y-%m-%d}"
