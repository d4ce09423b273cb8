"""Pieces of the open board's pages: the frame, tables, links, times. Everything that comes from data is escaped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

from apps.health_slots.serving.board_style import STYLE, shape
from baas.errors import Lang, Text
from fabric_sdk.clock import CHINA


def page(lang: Lang, title: str, body: str, *, here: str = "/", status: int = 200, trail: str = "") -> HTMLResponse:
    """A whole page; `here` is its address without the language, `trail` the way to it as HTML."""
    other: Lang = "zh" if lang == "en" else "en"
    words = "中文" if other == "zh" else "English"
    mark = "&" if "?" in here else "?"
    switch = f'<a href="{escape(here + mark)}lang={other}" hreflang="{other}" lang="{other}">{words}</a>'
    home = Text("号源公开看板", "Open board of slots").render(lang)
    skip = Text("跳到内容", "Skip to the content").render(lang)
    foot = Text(
        "数据来自账本。这里没有姓名，也没有假名；每个号都可以核对放号前的承诺。",
        "From the ledger. No names and no pseudonyms; every slot can be checked against the promise made before it.",
    ).render(lang)
    way = Text("所在位置", "Where you are").render(lang)
    trail = f'<nav class="trail" aria-label="{escape(way)}">{trail}</nav>' if trail else ""
    return HTMLResponse(
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} · {escape(home)}</title><style>{STYLE}</style></head><body>"
        f'<a class="skip" href="#content">{escape(skip)}</a>'
        f'<div class="top"><header><a class="home" href="{escape(with_lang("/", lang))}">{escape(home)}</a>{switch}'
        f'</header></div><main id="content" tabindex="-1">{trail}<h1>{escape(title)}</h1>{body}</main>'
        f"<footer><p>{escape(foot)}</p></footer></body></html>",
        status,
    )


def table(heads: Sequence[Text], rows: Iterable[Sequence[str]], lang: Lang, *, caption: str, right: str = "") -> str:
    """A table of HTML cells, the first of a row its heading; `right` holds the numbers of right-aligned columns."""
    words = [escape(h.render(lang)) for h in heads]
    sides = [' class="n"' if str(i) in right else "" for i in range(len(heads))]
    head = "".join(
        f'<th scope="col" role="columnheader"{side}>{word}</th>' for word, side in zip(words, sides, strict=True)
    )
    body = ""
    for first, *rest in rows:
        cells = "".join(
            f'<td role="cell" data-label="{word}"{side}>{cell}</td>'
            for word, side, cell in zip(words[1:], sides[1:], rest, strict=True)
        )
        body += f'<tr role="row"><th scope="row" role="rowheader">{first}</th>{cells}</tr>'
    if not body:
        return f'<p class="note">{escape(Text("没有内容。", "Nothing here.").render(lang))}</p>'
    return (
        f'<div class="wrap"><table class="cards" role="table"><caption>{escape(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table></div>'
    )


def figures(entries: Iterable[tuple[Text, str]], lang: Lang) -> str:
    """A row of figures with their names."""
    cells = "".join(f"<div><dt>{escape(name.render(lang))}</dt><dd>{value}</dd></div>" for name, value in entries)
    return f'<dl class="figures">{cells}</dl>'


def facts(entries: Iterable[tuple[Text, str]], lang: Lang) -> str:
    """Names and values in two columns; values are HTML."""
    cells = "".join(f"<dt>{escape(name.render(lang))}</dt><dd>{value}</dd>" for name, value in entries)
    return f'<dl class="facts">{cells}</dl>'


def state_html(state: str, words: str, *, added: bool = False) -> str:
    """A state as shape and word."""
    return f'<span class="state">{shape(state, added=added)}{escape(words)}</span>'


def share(free: int, whole: int, lang: Lang) -> str:
    """How much is free, as a bar and figures."""
    width = round(100 * free / whole) if whole else 0
    bar = f'<span class="bar" aria-hidden="true"><i style="width:{width}%"></i></span>'
    return f'<span class="share">{bar}{free:,}</span>'


def with_lang(target: str, lang: Lang) -> str:
    """An address that keeps the language, whatever the browser would ask for."""
    mark = "&" if "?" in target else "?"
    return f"{target}{mark}lang={lang}"


def link(target: str, text: str, lang: Lang, *, label: str = "", kind: str = "") -> str:
    spoken = f' aria-label="{escape(label)}"' if label else ""
    look = f' class="{kind}"' if kind else ""
    return f'<a href="{escape(with_lang(target, lang))}"{look}{spoken}>{escape(text)}</a>'


def clock(minute: int, lang: Lang) -> str:
    """Minutes from midnight as a clock shows them; beyond 24 hours they are the next day's."""
    if minute > 1440:
        return Text("次日 {t}", "{t} next day", t=clock(minute - 1440, lang)).render(lang)
    return f"{minute // 60:02d}:{minute % 60:02d}"


def hours(start: int, end: int, lang: Lang) -> str:
    return f"{clock(start, lang)}–{clock(end, lang)}"


def moment(seconds: int) -> str:
    """An instant on China's clock, with the machine's form beside it."""
    at = dt.datetime.fromtimestamp(seconds, CHINA)
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M}</time>'


def day_words(day: dt.date, lang: Lang) -> str:
    """A day with its weekday."""
    names = Text("一二三四五六日", "Mon Tue Wed Thu Fri Sat Sun").render(lang)
    if lang == "zh":
        return f"{day:%Y-%m-%d} 周{names[day.weekday()]}"
    return f"{names.split()[day.weekday()]} {day:%Y-%m-%d}"


def lang_of(request: Request) -> Lang:
    """The language that the address asks for, else the browser's."""
    wanted = request.query_params.get("lang", "")
    if wanted in ("zh", "en"):
        return "en" if wanted == "en" else "zh"
    accepted = request.headers.get("accept-language", "")
    return "en" if accepted.lower().startswith("en") else "zh"
