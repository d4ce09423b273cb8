"""Pieces of pages that are served here: the frame, tables, links, times, and their look.

The console's colours in light and dark, one column on a phone, nothing fetched from anywhere and no scripts. Tables
become cards on narrow screens and keep their roles for screen readers. Everything that comes from data is escaped.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from baas.errors import Lang, Text
from baas.serving.languages import preferred
from fabric_sdk.clock import CHINA

if TYPE_CHECKING:
    from starlette.requests import Request

STYLE = """
:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--sunken:#f0f2f5;--line:#dde1e7;--text:#1a212c;--text2:#465163;
--text3:#5e687a;--accent:#1f5ab4;--asoft:#e6eefa;--ok:#17713e;--warn:#855300;--warnsoft:#fcf1da;--bad:#b0251e;
--violet:#6246a8;--plot:#1f5ab4;--idle:#7f8896;--track:#e4e8ed}
@media(prefers-color-scheme:dark){:root{--bg:#15181d;--card:#1c2026;--sunken:#171a1f;--line:#2e343d;--text:#e8ebf0;
--text2:#b6beca;--text3:#97a1af;--accent:#86b3f6;--asoft:#1d2c44;--ok:#68c990;--warn:#e6b455;--warnsoft:#33290f;
--bad:#f4918a;--violet:#b9a5f1;--plot:#5f95ea;--idle:#727c8b;--track:#2b3038}}
*{box-sizing:border-box}
body{font:15px/1.6 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei UI",sans-serif;margin:0;background:var(--bg);
color:var(--text);-webkit-text-size-adjust:100%}
a{color:var(--accent);text-underline-offset:.18em}a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-100vw;top:0;background:var(--card);padding:.6rem 1rem;z-index:1}.skip:focus{left:.5rem}
header,main,footer{max-width:66rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;flex-wrap:wrap;gap:.4rem 1.25rem;align-items:center;padding-top:.9rem;padding-bottom:.9rem}
header .home{font-weight:700;color:var(--text);text-decoration:none;margin-right:auto}
.top{background:var(--card);border-bottom:1px solid var(--line)}
h1{font-size:1.5rem;line-height:1.35;margin:1.4rem 0 .2rem}h2{font-size:1.05rem;margin:1.6rem 0 .5rem}
p{margin:.3rem 0}.muted{color:var(--text2)}.small{font-size:.87rem}
nav.trail{color:var(--text3);font-size:.9rem;margin-top:1rem}nav.trail span{margin:0 .4rem}
nav.days{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:1rem 0}
.btn{display:inline-block;min-height:2.4rem;padding:.35rem .9rem;border:1px solid var(--line);border-radius:6px;
background:var(--card);color:var(--text);text-decoration:none}.btn:hover{border-color:var(--accent)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.8rem;margin:1rem 0;padding:0}
.figures div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.6rem .9rem}
.figures dt{color:var(--text2);font-size:.87rem}.figures dd{margin:0;font-size:1.35rem;font-weight:700;
font-variant-numeric:tabular-nums}
.note{background:var(--asoft);border-radius:8px;padding:.7rem .9rem;margin:1rem 0}
.note.warn{background:var(--warnsoft)}
.wrap{background:var(--card);border:1px solid var(--line);border-radius:8px;overflow:hidden;margin:.5rem 0 1.2rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.7rem .9rem;font-weight:700}
th,td{text-align:left;padding:.5rem .9rem;border-top:1px solid var(--line);vertical-align:top}
thead th{background:var(--sunken);color:var(--text2);font-size:.87rem;font-weight:400;border-top:0}
caption+thead th{border-top:1px solid var(--line)}
td.n,th.n{text-align:right}tbody tr:hover{background:var(--sunken)}tbody th{font-weight:700}
.state{display:inline-flex;gap:.45rem;align-items:center;white-space:nowrap}.state svg{flex:none}
.bar{display:inline-block;width:4.5rem;height:.45rem;border-radius:4px;background:var(--track);overflow:hidden;
vertical-align:middle;margin-right:.5rem}.bar i{display:block;height:100%;background:var(--plot)}
.grid{display:flex;flex-wrap:wrap;gap:1px;list-style:none;margin:.6rem 0;padding:0}.grid a,.grid span{display:block;
line-height:0;padding:4px;border-radius:4px}.grid a:hover{background:var(--asoft)}.share{white-space:nowrap}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;margin:.4rem 0 1rem;padding:0;color:var(--text2);
font-size:.87rem}
code{font:.87em "Noto Sans Mono CJK SC","Cascadia Mono",Consolas,monospace;overflow-wrap:anywhere}
pre{background:var(--sunken);border:1px solid var(--line);border-radius:8px;padding:.8rem;overflow-x:auto}
pre code{overflow-wrap:normal}
dl.facts{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.4rem 1.2rem;margin:.8rem 0}
dl.facts dt{color:var(--text2)}dl.facts dd{margin:0;min-width:0}
footer{padding-top:1rem;padding-bottom:2rem;color:var(--text3);font-size:.87rem}
@media(max-width:44rem){h1{font-size:1.3rem}header,main,footer{padding-left:1rem;padding-right:1rem}
table.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.cards,table.cards caption,table.cards tbody{display:block}.figures{grid-template-columns:1fr 1fr}
table.cards tr{display:block;padding:.55rem 0;border-top:1px solid
var(--line)}table.cards tbody tr:first-child{border-top:0}
table.cards th,table.cards td{display:flex;gap:1rem;justify-content:space-between;border:0;padding:.18rem .9rem;
text-align:right}
table.cards td::before{content:attr(data-label);color:var(--text2);text-align:left;flex:none}
table.cards tbody th{text-align:left;font-size:1.02rem}}
@media print{.top,nav.days,.skip{display:none}body{background:#fff;color:#000}}
"""


@dataclass(frozen=True)
class Site:
    """What all pages of one site share; where its look is `linked`, it lies at `/style.css`."""

    title: Text
    foot: Text
    linked: bool = False


def whole(
    site: Site, lang: Lang, title: str, body: str, *, here: str = "/", status: int = 200, trail: str = ""
) -> HTMLResponse:
    """A whole page; `here` is its address without the language, `trail` the way to it as HTML."""
    other: Lang = "zh" if lang == "en" else "en"
    words = "中文" if other == "zh" else "English"
    mark = "&" if "?" in here else "?"
    switch = f'<a href="{escape(here + mark)}lang={other}" hreflang="{other}" lang="{other}">{words}</a>'
    home = site.title.render(lang)
    skip = Text("跳到内容", "Skip to the content").render(lang)
    foot = site.foot.render(lang)
    style = '<link rel="stylesheet" href="/style.css">' if site.linked else f"<style>{STYLE}</style>"
    way = Text("所在位置", "Where you are").render(lang)
    trail = f'<nav class="trail" aria-label="{escape(way)}">{trail}</nav>' if trail else ""
    return HTMLResponse(
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} · {escape(home)}</title>{style}</head><body>"
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


def with_lang(target: str, lang: Lang) -> str:
    """An address that keeps the language, whatever the browser would ask for."""
    mark = "&" if "?" in target else "?"
    return f"{target}{mark}lang={lang}"


def link(target: str, text: str, lang: Lang, *, label: str = "", kind: str = "") -> str:
    spoken = f' aria-label="{escape(label)}"' if label else ""
    look = f' class="{kind}"' if kind else ""
    return f'<a href="{escape(with_lang(target, lang))}"{look}{spoken}>{escape(text)}</a>'


def moment(seconds: int) -> str:
    """An instant on China's clock, with the machine's form beside it."""
    at = dt.datetime.fromtimestamp(seconds, CHINA)
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M}</time>'


def lang_of(request: Request) -> Lang:
    """The language that the address asks for, else the browser's."""
    wanted = request.query_params.get("lang", "")
    if wanted in ("zh", "en"):
        return "en" if wanted == "en" else "zh"
    return preferred(request.headers.get("accept-language", ""))
