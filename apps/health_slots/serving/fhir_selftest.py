"""The portals' self-test: a page where a portal's developers try their token, and see what a portal has to get right.

Every check goes through the interface's own front door with the portal's token, so that it counts and is limited as the
portal's requests are. Nothing is booked. The token is sent in a form's body, kept nowhere and shown nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from apps.health_slots.serving import board_html as html
from apps.health_slots.serving.fhir_exchange import Refused, base_of, parameters, remote
from apps.health_slots.serving.fhir_requests import BadRequest
from apps.health_slots.serving.hooks import Subscriptions
from apps.health_slots.serving.limits import Portal
from apps.health_slots.serving.patients import PortalPatients
from baas.errors import Lang, Text
from baas.serving.pages import STYLE
from fabric_sdk import clock
from fabric_sdk.clock import CHINA

_LEAD = "Try the interface with your token. Nothing is booked, and the token is kept nowhere."
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Check:
    """One thing that was tried: what, what was asked, what came, whether that is right."""

    title: Text
    asked: str
    came: str
    good: bool


Ask = Callable[..., Awaitable[httpx.Response]]


class Known(Protocol):
    """What of the portals the page shows."""

    def of_token(self, token: str) -> Portal | None: ...

    @property
    def patients(self) -> PortalPatients: ...

    @property
    def hooks(self) -> Subscriptions: ...


async def respond(request: Request, portals: Known, away: Callable[..., Awaitable[Any]]) -> HTMLResponse:
    """The page for a request; `away` asks something away from the event loop. A token in the address is not taken:
    addresses are written into logs."""
    lang = html.lang_of(request)
    if request.method == "GET":
        return page(lang)
    try:
        token = "" if "token" in request.query_params else dict(await parameters(request)).get("token", "").strip()
    except (Refused, BadRequest):
        token = ""
    if not 0 < len(token) <= 200 or not token.isascii() or not token.isprintable():
        return page(lang, status=400)
    checks = await run(request.app, base_of(request), token, remote(request))
    portal: Portal | None = await away(portals.of_token, token) if checks[0].good else None
    if portal is None:
        return page(lang, checks)
    day = clock.now().astimezone(CHINA).date().isoformat()
    used = await away(portals.patients.used, portal.name, day)
    return page(lang, checks, portal=portal, used=used, origin=await away(portals.hooks.origin, portal.name))


async def run(app: ASGIApp, base: str, token: str, address: str) -> tuple[Check, ...]:
    """Try the interface as the portal of `token`; the first check that shows it has no right ends it.

    It asks from the `address` of whoever uses the page: a stranger's wrong tokens count against the stranger alone.
    """
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 0))
    found: list[Check] = []
    async with httpx.AsyncClient(transport=transport, base_url=f"{base}/") as client:

        async def ask(url: str, method: str = "GET", **more: Any) -> httpx.Response:
            return await client.request(method, url, headers={"Authorization": f"Bearer {token}"}, **more)

        for one in _CHECKS:
            found.append(await one(ask))
            if one is _token and not found[-1].good:
                break
    return tuple(found)


def _check(title: Text, answer: httpx.Response, good: bool, came: str = "") -> Check:
    query = f"?{answer.request.url.query.decode()}" if answer.request.url.query else ""
    asked = f"{answer.request.method} {answer.request.url.path}{query}"
    return Check(title, asked, f"{answer.status_code} {came}".strip(), good)


async def _token(ask: Ask) -> Check:
    answer = await ask("Slot?_count=1")
    return _check(Text("令牌有效", "The token is good"), answer, answer.status_code == 200)


async def _version(ask: Ask) -> Check:
    answer = await ask("metadata")
    version = answer.json().get("fhirVersion", "")
    return _check(Text("接口是 FHIR R4", "The interface is FHIR R4"), answer, version == "4.0.1", version)


async def _free(ask: Ask) -> Check:
    answer = await ask("Slot?status=free&_count=5")
    entries = answer.json().get("entry", [])
    good = answer.status_code == 200 and all(one["resource"]["status"] == "free" for one in entries)
    return _check(Text("查到空闲号源，逐页到底", "Free slots are found, page by page"), answer, good, f"{len(entries)}")


async def _changes(ask: Ask) -> Check:
    hour = clock.now().astimezone(CHINA) - dt.timedelta(hours=1)
    since = hour.isoformat(timespec="seconds").replace("+", "%2B")
    answer = await ask(f"Schedule?_lastUpdated=ge{since}&_summary=count")
    good, total = answer.status_code == 200, answer.json().get("total", "")
    return _check(Text("按 _lastUpdated 同步", "Synchronised by _lastUpdated"), answer, good, f"total={total}")


async def _own(ask: Ask) -> Check:
    answer = await ask("Appointment?_count=0")
    total = answer.json().get("total", "")
    return _check(Text("只见自己的预约", "Only own appointments"), answer, answer.status_code == 200, f"total={total}")


async def _wrong(ask: Ask) -> Check:
    answer = await ask("Slot?start=soon")
    said = answer.json().get("issue", [{}])[0].get("expression", [""])[0]
    good = answer.status_code == 400 and said == "http.start"
    return _check(Text("写错时说明在哪里", "A mistake says where it is"), answer, good, said)


async def _nobody(ask: Ask) -> Check:
    answer = await ask("Appointment", "POST", json={"resourceType": "Appointment", "status": "proposed"})
    said = answer.json().get("issue", [{}])[0].get("expression", [""])[0]
    good = answer.status_code == 400 and said == "Appointment.slot"
    return _check(Text("不完整的预约被退回，什么也没预约", "An incomplete booking is refused"), answer, good, said)


async def _hooks(ask: Ask) -> Check:
    answer = await ask("Subscription")
    count = len(answer.json().get("entry", []))
    return _check(Text("订阅", "Subscriptions"), answer, answer.status_code == 200, f"{count}")


_CHECKS: Sequence[Callable[[Ask], Awaitable[Check]]] = (
    _token, _version, _free, _changes, _own, _wrong, _nobody, _hooks,
)  # fmt: skip


def page(
    lang: Lang,
    checks: Sequence[Check] = (),
    *,
    portal: Portal | None = None,
    used: int = 0,
    origin: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The form, and below it what was found."""

    def say(zh: str, en: str, **values: object) -> str:
        return escape(Text(zh, en, **values).render(lang))

    title = say("门户自检", "Self-test for portals")
    other, words = ("en", "English") if lang == "zh" else ("zh", "中文")
    body = (
        f"<p>{say('用本门户的令牌试接口。不预约任何号，令牌不保存。', _LEAD)}</p>"
        f'<form method="post" action="selftest?lang={lang}"><label for="token">{say("令牌", "Token")}</label> '
        f'<input id="token" name="token" type="password" autocomplete="off" required maxlength="200"> '
        f"<button>{say('自检', 'Test')}</button></form>"
    )
    if checks:
        good = all(one.good for one in checks)
        verdict = (
            say("全部通过。", "Everything passed.") if good else say("有未通过的项目。", "Something did not pass.")
        )
        heads = [Text("项目", "Check"), Text("请求", "Request"), Text("应答", "Answer"), Text("结果", "Result")]
        rows = [
            [
                escape(one.title.render(lang)),
                f"<code>{escape(one.asked)}</code>",
                f"<code>{escape(one.came)}</code>",
                say("通过", "passed") if one.good else f"<strong>{say('未通过', 'failed')}</strong>",
            ]
            for one in checks
        ]
        body += f'<h2 role="status">{verdict}</h2>'
        body += html.table(heads, rows, lang, caption=Text("自检", "Self-test").render(lang))
    if portal is not None:
        day = dt.datetime.fromtimestamp(portal.expires_at, CHINA).date().isoformat() if portal.expires_at else "—"
        facts = [
            (Text("门户", "Portal"), escape(portal.name)),
            (Text("令牌有效至", "Token good until"), day),
            (Text("每秒请求 / 瞬时", "Requests a second / at once"), f"{portal.per_second:g} / {portal.burst}"),
            (Text("今天已预约 / 上限", "Booked today / at most"), f"{used} / {portal.per_day}"),
            (Text("变更通知地址", "Told of changes at"), escape(origin or "—")),
        ]
        body += html.facts(facts, lang)
    return HTMLResponse(
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{title}</title><style>{STYLE}</style></head><body>'
        f'<div class="top"><header><span class="home">{title}</span>'
        f'<a href="selftest?lang={other}" hreflang="{other}" lang="{other}">{words}</a></header></div>'
        f'<main id="content"><h1>{title}</h1>{body}</main></body></html>',
        status,
        HEADERS,
    )
