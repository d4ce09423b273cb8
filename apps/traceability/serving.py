"""The EPCIS 2.0 interface and the consumer's page: `citychain serve trace`, on loopback unless asked otherwise.

Consumers' pages are open to whoever reaches the server. Whole events, which have prices and names, and capture, which
this desk's key signs, need the token of the identity that signs here.
A consumer's page has the path of a GS1 Digital Link (/01/…/10/…), so that its QR code is one.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from html import escape
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from apps.traceability.application import SERVE
from apps.traceability.epcis import PAGE, SENT_BYTES
from apps.traceability.service import Capture, TraceabilityService, build_service
from apps.traceability.words import kind_of, short, step_of
from baas.errors import CityChainError, Lang, NotFound, PermissionDenied, Text, UserError, render
from baas.serving.parts import Part
from baas.serving.parts import Request as Opened
from baas.serving.web import WebServer, serving
from chaincode.traceability.identifiers import DOMAIN, canonical
from chaincode.traceability.kinds import Enterprise, Event, Recall
from network.vault import write_private

BODY_S = 30.0
"""How long a document may take to come."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "GS1-EPCIS-Version": "2.0.0",
    "GS1-CBV-Version": "2.0.0",
}
STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:36em;margin:2em auto;padding:0 1em;color:#1A212C;background:#fff}"
    "li{margin:.4em 0}.bad{background:#FBE9E7;color:#B0251E;border:2px solid #D1453B;border-radius:8px;padding:1em}"
    "small{color:#465163;overflow-wrap:anywhere}"
)


def token_of(service: TraceabilityService) -> str:
    """The token with which programs capture and query as the party that signs here; made when it is first asked for.

    Another identity has another one: a token never has events signed by somebody else than who gave it out.
    """
    party = service.who(service.signer_of(Event.capture, {})).party
    name = hashlib.sha256(party.encode()).hexdigest()[:32]
    path = service.platform.workspace.path("traceability", service.network, "tokens", name)
    with contextlib.suppress(OSError, ValueError):
        if len(found := path.read_text(encoding="ascii").strip()) >= 32:
            return found
    made = secrets.token_urlsafe(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, made.encode())
    return made


def trace_app(service: TraceabilityService) -> Starlette:
    """The web application of one network, for the party that signs here."""
    token, signer, busy = token_of(service), service.signer_of(Event.capture, {}), threading.Lock()

    def stranger(request: Request) -> Response | None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if hmac.compare_digest(given, token.encode()):
            return None
        return _problem(401, Text("需要令牌。", "A token is needed."), request)

    def record(body: bytes) -> Capture | None:
        """Capture, or None while another one is under way."""
        if not busy.acquire(blocking=False):
            return None
        try:
            return service.capture(body, signer=signer, most=SENT_BYTES)
        finally:
            busy.release()

    async def capture(request: Request) -> Response:
        if refusal := stranger(request):
            return refusal
        body, said = bytearray(), request.headers.get("content-length", "")
        too_large = Text("文档太大，请分成几份。", "The document is too large; send it in parts.")
        if len(said) > 9 or (said.isdecimal() and int(said) > SENT_BYTES):
            return _problem(413, too_large, request)
        try:
            async with asyncio.timeout(BODY_S):
                async for part in request.stream():
                    body += part
                    if len(body) > SENT_BYTES:
                        return _problem(413, too_large, request)
        except TimeoutError:
            return _problem(408, Text("文档没有及时传完。", "The document did not come in time."), request)
        done = await run_in_threadpool(record, bytes(body))
        if done is None:
            return _problem(429, Text("正在采集另一份文档，请稍后再试。",
                                      "Another document is being captured; try again."), request)  # fmt: skip
        counts = {"success": True, "running": False, "recorded": len(done.recorded), "known": done.known}
        return JSONResponse({**counts, "declared": done.declared}, status_code=202)

    async def events(request: Request) -> Response:
        if refusal := stranger(request):
            return refusal
        asked = {name: "|".join(request.query_params.getlist(name)) for name in request.query_params}
        size, after = asked.pop("perPage", "30"), asked.pop("nextPageToken", "0")
        if not (size.isascii() and size.isdecimal() and after.isascii() and after.isdecimal() and len(after) < 16):
            return _problem(400, Text("页码不正确。", "The page is not right."), request)
        found = await run_in_threadpool(service.query, asked, min(int(size), PAGE), int(after))
        following = found.pop("next", 0)
        response = JSONResponse(found, media_type="application/ld+json")
        if following:
            response.headers["Link"] = f'<{request.url.include_query_params(nextPageToken=following)}>; rel="next"'
        return response

    async def event(request: Request) -> Response:
        if refusal := stranger(request):
            return refusal
        found = await run_in_threadpool(service.query, {"EQ_eventID": unquote(request.path_params["id"])}, 1)
        if not found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]:
            return _problem(404, Text("没有这个事件。", "There is no such event."), request)
        return JSONResponse(found, media_type="application/ld+json")

    async def goods(request: Request) -> Response:
        lang = _language(request)
        body = await run_in_threadpool(page_of, service, DOMAIN + request.path_params["path"], lang)
        return HTMLResponse(body, headers=HEADERS)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, CityChainError)
        status = 404 if isinstance(error, NotFound) else 403 if isinstance(error, PermissionDenied) else 400
        return _problem(status, error.message, request)

    return Starlette(
        routes=[
            Route("/capture", capture, methods=["POST"]),
            Route("/events", events),
            Route("/events/{id:path}", event),
            Route("/{path:path}", goods),
        ],
        exception_handlers={CityChainError: refused},
    )


def _language(request: Request) -> Lang:
    return "en" if request.headers.get("accept-language", "zh").lower().startswith("en") else "zh"


def _problem(status: int, message: Text | str, request: Request) -> Response:
    """RFC 7807, as EPCIS answers what is wrong."""
    body = {
        "type": "epcisException:ValidationException",
        "title": render(message, _language(request)),
        "status": status,
    }
    return JSONResponse(body, status_code=status, headers=HEADERS, media_type="application/problem+json")


def page_of(service: TraceabilityService, uri: str, lang: Lang) -> str:
    """What a consumer reads of goods: recalled or not, by whom they were made, what happened to them and when."""
    found = service.trace(canonical(uri), most=400)
    names = {one["party"]: str(one["name"]) for one in service.all(Enterprise)}
    recalls = [service.read(one) for one in found.states[found.name]["marked"]]
    stopped = [one for one in recalls if one["state"] != Recall.WITHDRAWN.name]
    title = f"{render(kind_of(found.name), lang)} {short(found.name)}"
    parts = [f"<h1>{escape(title)}</h1><small>{escape(found.name)}</small>"]
    for one in stopped:
        words = Text("正在召回，请停止使用：", "Recalled, please stop using it: ")
        parts.append(f'<p class="bad">{escape(render(words, lang))}{escape(str(one["cause"]))}</p>')
    parts.append(_list(Text("经过", "What happened"), [_line(one, names, lang) for one in found.events], lang))
    sources = [f"{render(kind_of(one), lang)} {short(one)}" for one in found.back.goods if one != found.name]
    parts.append(_list(Text("由这些制成", "Made of"), sources, lang))
    head = (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    )
    return f"{head}<title>{escape(title)}</title><style>{STYLE}</style>{''.join(parts)}</html>"


def _list(title: Text, lines: list[str], lang: Lang) -> str:
    items = "".join(f"<li>{escape(one)}</li>" for one in lines)
    return f"<h2>{escape(render(title, lang))}</h2><ul>{items}</ul>" if lines else ""


def _line(event: Mapping[str, Any], names: Mapping[str, str], lang: Lang) -> str:
    """An event as it was at its place: local time by its own zone, what, by whom."""
    sign, hours, minutes = event["zone"][0], event["zone"][1:3], event["zone"][4:]
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    local = datetime.fromisoformat(event["at"].replace("Z", "+00:00")).astimezone(timezone(offset))
    words = render(step_of(dict(event)), lang)
    return f"{local:%Y-%m-%d %H:%M} ({event['zone']}) · {words} · {names.get(event['party'], '')}"


@contextlib.contextmanager
def _opened(request: Opened) -> Iterator[WebServer]:
    with build_service(request.platform, request.network) as service:
        app = trace_app(service)
        with serving(request.platform, request.network, app, "trace", request.web) as server:
            yield server


TRACE = Part(
    "trace", Text("EPCIS 2.0 接口和消费者页面", "The EPCIS 2.0 interface and the consumer's page"), SERVE, _opened
)


def qr(uri: str, base: str, path: Any) -> str:
    """Write the QR code of goods (SVG or PNG): a GS1 Digital Link on `base`; returns the link."""
    import segno

    name = canonical(uri)
    if not name.startswith(DOMAIN):
        raise UserError(Text("只有 GS1 编码才有二维码。", "Only a GS1 identifier has a QR code."))
    if path.suffix.lower() not in (".svg", ".png"):
        raise UserError(Text("请写成 .svg 或 .png。", "Write .svg or .png."))
    link = base.rstrip("/") + "/" + name.removeprefix(DOMAIN)
    segno.make(link, error="m").save(str(path), scale=6)
    return link
