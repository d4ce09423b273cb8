"""The open board: every slot of every hospital for everybody to see. Read-only, without names, without scripts.

Shown of a slot: when it was created, when it closes, whether anybody applied, and the proof that it was promised before
its release. Nothing of who applied is shown, not even a pseudonym.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from apps.health_slots.model import KIND_TITLES, PART_TITLES, POOL_TITLES, STATE_TITLES, SessionRow, SlotRow
from baas.errors import CityChainError, Lang, NotFound, Text, UserError, render

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService

CHINA = dt.timezone(dt.timedelta(hours=8))
DAYS = 14
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
STYLE = """
:root{color-scheme:light dark}body{font:15px/1.6 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:0 auto;
max-width:62rem;padding:1.5rem 1rem}h1{font-size:1.4rem;margin:.2rem 0}nav,.muted{color:#667085}a{color:#1b5fc1}
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;padding:.35rem .6rem;
border-bottom:1px solid #d0d5dd}th{font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums}
code{font-size:.85em;word-break:break-all}
"""


class _Headers(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers.update(HEADERS)
        return response


def board_app(service: HealthSlotsService) -> Starlette:
    """The board as an ASGI application over the service's index; somebody else keeps that index up to date."""
    pages = _Pages(service)
    return Starlette(
        routes=[
            Route("/", pages.show(pages.hospitals)),
            Route("/h/{hospital}", pages.show(pages.hospital)),
            Route("/s/{session}", pages.show(pages.session)),
            Route("/proof/{slot}", pages.proof),
        ],
        middleware=[Middleware(_Headers)],
    )


class _Pages:
    def __init__(self, service: HealthSlotsService) -> None:
        self._service = service

    def show(self, page: Callable[[Request, Lang], tuple[str, str]]) -> Any:
        """Make an endpoint of a page that returns its title and body."""

        async def endpoint(request: Request) -> Response:
            lang = _lang(request)
            try:
                title, body = await run_in_threadpool(page, request, lang)
            except NotFound as error:
                return _page(lang, render(error.message, lang), "", 404)
            except UserError as error:
                return _page(lang, render(error.message, lang), "", 400)
            except CityChainError as error:
                return _page(lang, render(error.message, lang), "", 503)
            return _page(lang, title, body)

        return endpoint

    def hospitals(self, request: Request, lang: Lang) -> tuple[str, str]:
        """Every hospital."""
        rows = [
            (_link(f"/h/{h.id}", h.name, lang), _number(h.sessions), _number(h.slots), _number(h.free))
            for h in self._service.hospitals()
        ]
        heads = (Text("医院", "Hospital"), Text("出诊单元", "Sessions"), Text("号源", "Slots"), Text("空闲", "Free"))
        height = self._service.index.height
        note = Text("数据来自账本前 {n} 个区块。", "From the first {n} blocks of the ledger.", n=f"{height:,}")
        title = Text("号源公开看板", "Open board of appointment slots").render(lang)
        return title, _table(heads, rows, lang) + f'<p class="muted">{escape(note.render(lang))}</p>'

    def hospital(self, request: Request, lang: Lang) -> tuple[str, str]:
        """A hospital's sessions from a day on."""
        id = request.path_params["hospital"]
        hospital = next((h for h in self._service.hospitals() if h.id == id), None)
        if hospital is None:
            raise NotFound(Text("没有这家医院。", "There is no such hospital."))
        first = _day(request.query_params.get("from", ""))
        last = first + dt.timedelta(days=DAYS - 1)
        sessions = self._service.sessions(
            hospital=id, date_from=first.isoformat(), date_to=last.isoformat(), limit=2000
        )
        rows = [
            (
                escape(f"{s.date} {PART_TITLES[s.part].render(lang)}"),
                escape(s.department_name),
                escape(KIND_TITLES[s.kind].render(lang)),
                _link(f"/s/{s.id}", f"{_clock(s.start)}-{_clock(s.end)}", lang),
                escape(_state(s, lang)),
                _number(s.slots + s.added),
                _number(s.free),
            )
            for s in sessions
        ]
        heads = (
            Text("日期", "Date"),
            Text("科室", "Department"),
            Text("号别", "Kind"),
            Text("时间", "Time"),
            Text("状态", "State"),
            Text("号源", "Slots"),
            Text("空闲", "Free"),
        )
        around = (
            f"<nav>{_link(f'/h/{id}?from={first - dt.timedelta(days=DAYS)}', '←', lang)} {first} – {last} "
            f"{_link(f'/h/{id}?from={last + dt.timedelta(days=1)}', '→', lang)}</nav>"
        )
        return hospital.name, around + _table(heads, rows, lang)

    def session(self, request: Request, lang: Lang) -> tuple[str, str]:
        """A session's slots."""
        id = request.path_params["session"]
        session = self._service.index.session(id)
        rows = [
            (
                f"{s.number:03d}",
                _clock(s.start),
                escape(POOL_TITLES[s.pool].render(lang)),
                escape(_slot_state(s, lang)),
                _moment(s.created_at),
                _moment(s.closes_at),
                _moment(s.applied_at) if s.applied_at else escape(Text("未申请", "no").render(lang)),
                escape(Text("加号", "added later").render(lang))
                if s.added
                else _link(f"/proof/{s.id}", Text("证明", "proof").render(lang), lang),
            )
            for s in self._service.slots(id)
        ]
        heads = (
            Text("号", "No"),
            Text("时间", "Time"),
            Text("号源池", "Pool"),
            Text("状态", "State"),
            Text("创建", "Created"),
            Text("截止", "Closes"),
            Text("申请", "Applied"),
            Text("承诺", "Promise"),
        )
        facts = Text(
            "承诺写入区块 {block}，放号 {release}{late}。",
            "Committed in block {block}, released {release}{late}.",
            block=f"{session.committed_block:,}",
            release=_moment(session.release_at),
            late=Text("（承诺晚于应放号时间）", " (committed after the release was due)") if session.late else "",
        )
        title = (
            f"{session.hospital_name} {session.department_name} {session.date} {PART_TITLES[session.part].render(lang)}"
        )
        back = f"<nav>{_link(f'/h/{session.hospital}', session.hospital_name, lang)}</nav>"
        return title, f"{back}<p>{escape(facts.render(lang))}</p>{_table(heads, rows, lang)}"

    async def proof(self, request: Request) -> Response:
        """A slot's proof, for programs."""
        lang = _lang(request)
        try:
            found = await run_in_threadpool(self._service.schedules.prove, request.path_params["slot"])
        except CityChainError as error:
            return JSONResponse({"error": render(error.message, lang)}, 404 if error.exit_code != 3 else 503)
        return JSONResponse(found)


def _page(lang: Lang, title: str, body: str, status: int = 200) -> HTMLResponse:
    home = _link("/", Text("看板首页", "Board").render(lang), lang)
    return HTMLResponse(
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><nav>{home}</nav><h1>{escape(title)}</h1>{body}</body></html>",
        status,
    )


def _table(heads: Iterable[Text], rows: Iterable[tuple[str, ...]], lang: Lang) -> str:
    """A table; cells are HTML already."""
    head = "".join(f'<th scope="col">{escape(h.render(lang))}</th>' for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    empty = "" if body else f'<p class="muted">{escape(Text("没有内容。", "Nothing here.").render(lang))}</p>'
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{empty}"


def _link(target: str, text: str, lang: Lang) -> str:
    mark = "&" if "?" in target else "?"
    suffix = f"{mark}lang=en" if lang == "en" else ""
    return f'<a href="{escape(target + suffix)}">{escape(text)}</a>'


def _state(session: SessionRow, lang: Lang) -> str:
    words = {"published": Text("已放号", "open"), **STATE_TITLES}
    return words[session.state].render(lang)


def _slot_state(slot: SlotRow, lang: Lang) -> str:
    return STATE_TITLES[slot.state].render(lang)


def _number(value: int) -> str:
    return f"{value:,}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _moment(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, CHINA).strftime("%Y-%m-%d %H:%M")


def _day(text: str) -> dt.date:
    if not text:
        return dt.datetime.now(CHINA).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UserError(Text("日期不对。", "The date is wrong.")) from error


def _lang(request: Request) -> Lang:
    wanted = request.query_params.get("lang", "")
    if wanted in ("zh", "en"):
        return "en" if wanted == "en" else "zh"
    accepted = request.headers.get("accept-language", "")
    return "en" if accepted.lower().startswith("en") else "zh"
