"""The open board: every slot of every hospital for everybody to see. Read-only, without names, without scripts.

Shown of a slot: when it was created, when it closes, whether anybody applied, and the proof that it was promised before
its release. Nothing of who applied is shown, not even a pseudonym.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from apps.health_slots.model import KIND_TITLES, PART_TITLES, POOL_TITLES, STATE_TITLES, SessionRow, SlotRow
from apps.health_slots.serving import board_html as html
from apps.health_slots.serving.board_style import shape
from apps.health_slots.serving.proof_page import proof_body
from apps.health_slots.serving.published import PublishedChain, audit_file
from baas.errors import CityChainError, Lang, NotFound, Text, UserError, render
from fabric_sdk import clock

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService

DAYS = 14
YEARS = range(1900, 2200)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
LEGEND = ("free", "held", "booked", "returned", "drawn", "closed", "stopped")


@dataclass(frozen=True)
class Shown:
    """A page's title, body, and the way to it, in HTML but for the title."""

    title: str
    body: str
    trail: str = ""


class _Headers(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers.update(HEADERS)
        return response


def board_app(service: HealthSlotsService, published: PublishedChain | None = None) -> Starlette:
    """The board as an ASGI application over the service's index; somebody else keeps that index up to date.

    `published` is the chain that strangers may take along, a month late.
    """
    pages = _Pages(service, published)
    return Starlette(
        routes=[
            Route("/", pages.show(pages.hospitals)),
            Route("/h/{hospital}", pages.show(pages.hospital)),
            Route("/s/{session}", pages.show(pages.session)),
            Route("/p/{slot}", pages.show(pages.proof_for_people)),
            Route("/proof/{slot}", pages.proof),
            *([Route("/chain.blocks", pages.chain), Route("/audit.py", pages.audit)] if published else []),
        ],
        middleware=[Middleware(_Headers)],
    )


class _Pages:
    def __init__(self, service: HealthSlotsService, published: PublishedChain | None) -> None:
        self._service = service
        self._published = published

    async def chain(self, request: Request) -> Response:
        """The chain up to a month ago, to be recounted by anybody."""
        assert self._published is not None
        try:
            path = await run_in_threadpool(self._published.file)
        except CityChainError as error:
            return _refusal(html.lang_of(request), error)
        return FileResponse(path, media_type="application/octet-stream", filename="chain.blocks")

    async def audit(self, request: Request) -> Response:
        """The file that recounts it."""
        headers = {"Content-Disposition": 'attachment; filename="audit.py"'}
        return Response(await run_in_threadpool(audit_file), media_type="text/x-python", headers=headers)

    def show(self, make: Callable[[Request, Lang], Shown]) -> Any:
        """Make an endpoint of a page."""

        async def endpoint(request: Request) -> Response:
            lang = html.lang_of(request)
            kept = [(k, v) for k, v in request.query_params.multi_items() if k != "lang"]
            here = request.url.path + ("?" + "&".join(f"{k}={v}" for k, v in kept) if kept else "")
            try:
                found = await run_in_threadpool(make, request, lang)
            except CityChainError as error:
                return _refusal(lang, error)
            return html.page(lang, found.title, found.body, here=here, trail=found.trail)

        return endpoint

    def hospitals(self, request: Request, lang: Lang) -> Shown:
        """Every hospital."""
        found = self._service.hospitals()
        rows = [
            (
                html.link(f"/h/{h.id}", h.name, lang),
                f"{h.sessions:,}",
                f"{h.slots:,}",
                html.share(h.free, h.slots, lang),
            )
            for h in found
        ]
        heads = (Text("医院", "Hospital"), Text("出诊单元", "Sessions"), Text("号源", "Slots"), Text("空闲", "Free"))
        height = self._service.index.height
        figures = html.figures(
            [
                (Text("医院", "Hospitals"), f"{len(found):,}"),
                (Text("号源", "Slots"), f"{sum(h.slots for h in found):,}"),
                (Text("空闲", "Free"), f"{sum(h.free for h in found):,}"),
                (Text("账本区块", "Blocks read"), f"{height:,}"),
            ],
            lang,
        )
        lead = Text(
            "每个号什么时候放出、什么时候截止、有没有人申请，人人可看；放号前的承诺人人可核对。",
            "When each slot was opened, when it closes and whether anybody applied, for all to see; "
            "the promise made before its release can be checked by anybody.",
        )
        body = f'<p class="muted">{escape(lead.render(lang))}</p>{figures}'
        body += html.table(heads, rows, lang, caption=Text("各医院", "Hospitals").render(lang), right="123")
        body += self._take_along(lang)
        return Shown(Text("号源公开看板", "Open board of appointment slots").render(lang), body)

    def _take_along(self, lang: Lang) -> str:
        if self._published is None:
            return ""
        words = Text(
            "不必相信我们：取走一个月以前的全部区块和核对程序，自己重算承诺、放号、变动和摇号。",
            "Trust nobody: take the blocks up to a month ago and the file that recounts promises, changes and draws.",
        )
        links = '<a href="/chain.blocks">chain.blocks</a> · <a href="/audit.py">audit.py</a>'
        return f'<p class="muted">{escape(words.render(lang))} {links}</p>'

    def hospital(self, request: Request, lang: Lang) -> Shown:
        """A hospital's sessions from a day on, day by day."""
        id = request.path_params["hospital"]
        hospital = next((h for h in self._service.hospitals() if h.id == id), None)
        if hospital is None:
            raise NotFound(Text("没有这家医院。", "There is no such hospital."))
        first = _day(request.query_params.get("from", ""))
        last = first + dt.timedelta(days=DAYS - 1)
        sessions = self._service.sessions(
            hospital=id, date_from=first.isoformat(), date_to=last.isoformat(), limit=2000
        )
        earlier, later = first - dt.timedelta(days=DAYS), last + dt.timedelta(days=1)
        label = Text("换日期", "Other days").render(lang)
        around = (
            f'<nav class="days" aria-label="{escape(label)}">'
            f"{html.link(f'/h/{id}?from={earlier}', Text('前两周', 'Earlier').render(lang), lang, kind='btn')}"
            f"<span>{first} – {last}</span>"
            f"{html.link(f'/h/{id}?from={later}', Text('后两周', 'Later').render(lang), lang, kind='btn')}"
            f"{html.link(f'/h/{id}', Text('今天起', 'From today').render(lang), lang, kind='btn')}</nav>"
        )
        days = "".join(
            _day_table(dt.date.fromisoformat(day), list(group), lang)
            for day, group in itertools.groupby(sessions, key=lambda s: s.date)
        )
        none = Text("这些天没有出诊单元。", "No sessions on these days.").render(lang)
        body = around + (days or f'<p class="note">{escape(none)}</p>')
        return Shown(hospital.name, body, _trail([], hospital.name, lang))

    def session(self, request: Request, lang: Lang) -> Shown:
        """A session's slots, as a picture and as a table."""
        id = request.path_params["session"]
        session = self._service.index.session(id)
        slots = self._service.slots(id)
        counts = Counter(s.state for s in slots)
        part = PART_TITLES[session.part].render(lang)
        day = html.day_words(dt.date.fromisoformat(session.date), lang)
        title = f"{session.campus_name} {session.department_name} {session.doctor_name}".lstrip()
        kind = KIND_TITLES[session.kind].render(lang)
        lead = f"{day} {part} {html.hours(session.start, session.end, lang)} · {kind} · {_fee(session, lang)}"
        figures = html.figures(
            [
                (Text("号源", "Slots"), f"{len(slots):,}"),
                (Text("空闲", "Free"), f"{counts['free']:,}"),
                (Text("已约", "Booked"), f"{counts['booked']:,}"),
                (Text("加号", "Added later"), f"{session.added:,}"),
            ],
            lang,
        )
        body = f'<p class="muted">{escape(lead)}</p>{figures}{_promise(session, lang)}'
        if slots:
            body += _picture(slots, lang)
        body += _slot_table(slots, lang)
        at = f"{session.date} {part}"
        trail = _trail([(f"/h/{session.hospital}", session.hospital_name)], f"{session.department_name} {at}", lang)
        return Shown(title, body, trail)

    def proof_for_people(self, request: Request, lang: Lang) -> Shown:
        """A slot's proof, checked here and explained so that it can be checked elsewhere."""
        name = request.path_params["slot"]
        proof = self._service.schedules.prove(name)
        session = self._service.index.session(name.rpartition(".")[0])
        title = Text("{n} 号的承诺证明", "Proof of slot {n}", n=name.rpartition(".")[2]).render(lang)
        way = [(f"/h/{session.hospital}", session.hospital_name), (f"/s/{session.id}", session.department_name)]
        return Shown(title, proof_body(proof, lang), _trail(way, title, lang))

    async def proof(self, request: Request) -> Response:
        """A slot's proof, for programs."""
        lang = html.lang_of(request)
        try:
            found = await run_in_threadpool(self._service.schedules.prove, request.path_params["slot"])
        except CityChainError as error:
            return JSONResponse({"error": render(error.message, lang)}, 404 if error.exit_code != 3 else 503)
        return JSONResponse(found)


def _refusal(lang: Lang, error: CityChainError) -> Response:
    """A page for what cannot be shown: not there, asked wrongly, or not reachable now."""
    unknown = isinstance(error, NotFound) or error.code in {"not_found", "not_in_commitment", "not_published"}
    wrong = isinstance(error, UserError) or error.code == "bad_id"
    status = 404 if unknown else 400 if wrong else 503
    home = html.link("/", Text("回到看板首页", "Back to the board").render(lang), lang, kind="btn")
    return html.page(lang, render(error.message, lang), f"<p>{home}</p>", status=status)


def _trail(way: list[tuple[str, str]], here: str, lang: Lang) -> str:
    steps = [("/", Text("全部医院", "All hospitals").render(lang)), *way]
    links = '<span aria-hidden="true">›</span>'.join(html.link(target, text, lang) for target, text in steps)
    return f'{links}<span aria-hidden="true">›</span><b aria-current="page">{escape(here)}</b>'


def _day_table(day: dt.date, sessions: list[SessionRow], lang: Lang) -> str:
    rows = [
        (
            html.link(f"/s/{s.id}", html.hours(s.start, s.end, lang), lang, label=_spoken(s, lang)),
            escape(f"{s.campus_name} {s.department_name} {s.doctor_name}".lstrip()),
            escape(KIND_TITLES[s.kind].render(lang)),
            escape(_state(s, lang)) if s.state != "stopped" else html.state_html("stopped", _state(s, lang)),
            f"{s.all_slots:,}",
            html.share(s.free if s.state == "published" else 0, s.all_slots, lang),
        )
        for s in sessions
    ]
    heads = (
        Text("时间", "Time"),
        Text("科室与医生", "Department and doctor"),
        Text("号别", "Kind"),
        Text("状态", "State"),
        Text("号源", "Slots"),
        Text("空闲", "Free"),
    )
    return html.table(heads, rows, lang, caption=html.day_words(day, lang), right="45")


def _slot_table(slots: tuple[SlotRow, ...], lang: Lang) -> str:
    proof, added = Text("核对", "check").render(lang), Text("加号，不在承诺内", "added, outside the promise")
    rows = [
        (
            f"{s.number:03d}",
            html.clock(s.start, lang),
            escape(POOL_TITLES[s.pool].render(lang)),
            html.state_html(s.state, _slot_state(s, lang), added=s.added),
            html.moment(s.created_at),
            html.moment(s.closes_at),
            html.moment(s.applied_at) if s.applied_at else escape(Text("未申请", "not yet").render(lang)),
            escape(added.render(lang))
            if s.added
            else html.link(f"/p/{s.id}", proof, lang, label=f"{proof} {s.number:03d}"),
        )
        for s in slots
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
    return html.table(heads, rows, lang, caption=Text("每个号", "Every slot").render(lang))


def _picture(slots: tuple[SlotRow, ...], lang: Lang) -> str:
    """All slots at a glance; each leads to its proof and says what it is."""
    cells = ""
    for s in slots:
        words = f"{s.number:03d} {html.clock(s.start, lang)} {_slot_state(s, lang)}"
        drawing = shape(s.state, added=s.added, size=18)
        if s.added:
            cells += f'<li><span role="img" aria-label="{escape(words)}" title="{escape(words)}">{drawing}</span></li>'
        else:
            target = escape(html.with_lang(f"/p/{s.id}", lang))
            cells += f'<li><a href="{target}" aria-label="{escape(words)}" title="{escape(words)}">{drawing}</a></li>'
    keys = "".join(f"<li>{html.state_html(state, STATE_TITLES[state].render(lang))}</li>" for state in LEGEND)
    keys += f"<li>{html.state_html('added', Text('加号', 'added later').render(lang))}</li>"
    heading = escape(Text("一览", "At a glance").render(lang))
    return f'<h2>{heading}</h2><ul class="grid">{cells}</ul><ul class="legend">{keys}</ul>'


def _promise(session: SessionRow, lang: Lang) -> str:
    words = Text(
        "放号前的承诺写在区块 {block}，放号时间 {release}。",
        "Promised in block {block} before its release at {release}.",
        block=f"{session.committed_block:,}",
        release="{release}",
    ).render(lang)
    text = escape(words).replace("{release}", html.moment(session.release_at))
    if not session.late:
        return f'<p class="note">{text}</p>'
    late = Text("承诺晚于应放号的时间。", "The promise came after the release was due.").render(lang)
    return f'<p class="note warn">{text} <b>{escape(late)}</b></p>'


def _fee(session: SessionRow, lang: Lang) -> str:
    return Text("{n} 元", "CNY {n}", n=f"{session.fee / 100:.2f}").render(lang)


def _state(session: SessionRow, lang: Lang) -> str:
    words = {"published": Text("已放号", "open"), **STATE_TITLES}
    return words[session.state].render(lang)


def _spoken(session: SessionRow, lang: Lang) -> str:
    hours = html.hours(session.start, session.end, lang)
    return f"{hours} {session.campus_name} {session.department_name} {session.doctor_name}".replace("  ", " ")


def _slot_state(slot: SlotRow, lang: Lang) -> str:
    return STATE_TITLES[slot.state].render(lang)


def _day(text: str) -> dt.date:
    if not text:
        return clock.today()
    try:
        found = dt.date.fromisoformat(text)
        if found.year not in YEARS:
            raise ValueError
    except ValueError as error:
        raise UserError(Text("日期不对。", "The date is wrong.")) from error
    return found
