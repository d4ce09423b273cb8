"""The page for everybody: how the published networks are, their newest blocks, and whether a transaction is there.

It only reads and has no scripts, no cookies and no forms that change anything. Who signed is told by organisation, not
by name, and nothing that was written is shown: what an application tells the public, its own board tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from baas import roles
from baas.errors import CityChainError, Lang, NotFound, Text, Unavailable, UserError, render, translate
from baas.serving import pages as html
from baas.serving.hosts import LOOPBACK_NAMES, answers_to, host_of
from baas.serving.limits import RateLimiter
from baas.serving.presence import running
from baas.session import OWNER_ACTOR

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.explorer import BlockRow, TransactionRow

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
SITE = html.Site(
    Text("城链公示", "CityChain, in public"),
    Text(
        "数据来自账本，只读。这里不显示姓名和内容；签名者只写到组织。",
        "From the ledger, read-only. No names and no contents; who signed is told by organisation.",
    ),
    linked=True,
)
RATE, BURST, WORKERS, WAITING = 10.0, 60, 4, 32
ROWS = 20
_MORE_STYLE = """
form.find{display:flex;flex-wrap:wrap;gap:.5rem;margin:.8rem 0}form.find input{flex:1 1 16rem;min-height:2.4rem;
padding:.35rem .7rem;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--text);
font:inherit}
form.find button{font:inherit;cursor:pointer}.yes{color:var(--ok);font-weight:700}.no{color:var(--bad);font-weight:700}
"""
_READ = frozenset({roles.NETWORK_READ, roles.LEDGER_READ})
_TX, _NUMBER, _HASH = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9]{1,12}"), re.compile(r"[0-9a-f]{64}")
_STATES = {
    "running": Text("运行中", "running"),
    "partial": Text("部分节点停止", "some nodes are stopped"),
    "stopped": Text("已停止", "stopped"),
    "lapsed": Text("证书已过期", "certificates have ended"),
}


@dataclass(frozen=True)
class Shown:
    """A page's title, body, and the way to it, in HTML but for the title."""

    title: str
    body: str
    trail: str = ""
    status: int = 200


class PublicPage:
    """The page of one platform; `names` are the hosts under which it is reached."""

    def __init__(self, platform: Platform, names: frozenset[str]) -> None:
        self._platform, self._names = platform, names
        self._limiter = RateLimiter()
        self._workers = ThreadPoolExecutor(WORKERS, "page")
        self._waiting = 0

    def close(self) -> None:
        """End the workers."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            Route("/", self._show(self.home)),
            Route("/n/{network}", self._show(self.network)),
            Route("/n/{network}/b/{number}", self._show(self.block)),
            Route("/n/{network}/find", self._show(self.find)),
            Route("/style.css", self.style),
            Route("/{rest:path}", self._show(self.nowhere)),
        ]

    async def style(self, request: Request) -> Response:
        """How it looks."""
        headers = HEADERS | {"Cache-Control": "max-age=3600"}
        return Response(html.STYLE + _MORE_STYLE, media_type="text/css", headers=headers)

    def _show(self, make: Callable[[Request, Lang], Shown]) -> Any:
        async def endpoint(request: Request) -> Response:
            lang = html.lang_of(request)
            response = await self._page(request, make, lang)
            response.headers.update(HEADERS)
            return response

        return endpoint

    async def _page(self, request: Request, make: Callable[[Request, Lang], Shown], lang: Lang) -> Response:
        if not answers_to(request.headers.get("host", ""), self._names):
            return _said(lang, Text("本服务不以这个主机名应答。", "This service has no such name."), 421)
        address = request.client.host if request.client else ""
        if self._limiter.wait_for(address, RATE, BURST) or self._waiting >= WAITING:
            response = _said(lang, Text("请求过多，请稍后再试。", "Too many requests; try again in a moment."), 429)
            response.headers["Retry-After"] = "2"
            return response
        self._waiting += 1
        try:
            shown = await asyncio.get_running_loop().run_in_executor(self._workers, self._made, make, request, lang)
        except Exception as error:
            return _refusal(lang, translate(error))
        finally:
            self._waiting -= 1
        here = request.url.path
        return html.whole(SITE, lang, shown.title, shown.body, here=here, trail=shown.trail, status=shown.status)

    def _made(self, make: Callable[[Request, Lang], Shown], request: Request, lang: Lang) -> Shown:
        with self._platform.session.within(OWNER_ACTOR, _READ):
            return make(request, lang)

    # -- pages -------------------------------------------------------------------------------------
    def home(self, request: Request, lang: Lang) -> Shown:
        """Every published network, and the boards that run here."""
        rows = []
        for name in self._platform.tokens.published():
            title = self._platform.networks.spec(name).title.render(lang)
            rows.append((html.link(f"/n/{name}", title, lang), escape(name), self._state(name, lang)))
        heads = (Text("网络", "Network"), Text("名称", "Name"), Text("状态", "State"))
        body = html.table(heads, rows, lang, caption=Text("公示的网络", "Published networks").render(lang))
        boards = [one for one in running(self._platform.workspace) if one.name == "board" and one.address]
        here = host_of(request.headers.get("host", "")) in LOOPBACK_NAMES
        links = "".join(
            f'<li><a href="{escape(one.address)}" rel="noreferrer">{escape(one.title.render(lang))}</a></li>'
            for one in boards
            if one.address.startswith(("http://", "https://"))
            and (here or host_of(one.address.partition("//")[2].partition("/")[0]) not in LOOPBACK_NAMES)
        )
        if links:
            body += f"<h2>{escape(Text('应用的公开看板', 'Open boards').render(lang))}</h2><ul>{links}</ul>"
        return Shown(Text("网络现况", "How the networks are").render(lang), body)

    def network(self, request: Request, lang: Lang) -> Shown:
        """A network: state, nodes, newest blocks, and the field to look something up."""
        name = self._public(request)
        spec, channel = self._platform.networks.spec(name), self._channel(name)
        index = self._platform.explorer.status(name, channel)[0]
        blocks = self._platform.explorer.blocks(name, channel, None, ROWS)
        title = spec.title.render(lang)
        figures = [
            (Text("状态", "State"), self._state(name, lang)),
            (Text("区块", "Blocks"), f"{index.indexed:,}"),
            (Text("交易", "Transactions"), f"{index.transactions:,}"),
            (Text("其中无效", "Invalid"), f"{index.invalid:,}"),
        ]
        body = html.figures(figures, lang) + _form(name, lang) + self._nodes(name, lang)
        body += _blocks(name, blocks, lang)
        return Shown(title, body, _trail([], title, lang))

    def block(self, request: Request, lang: Lang) -> Shown:
        """A block with its transactions."""
        name = self._public(request)
        number = request.path_params["number"]
        if not _NUMBER.fullmatch(number):
            raise NotFound(Text("没有这个区块。", "There is no such block."))
        channel = self._channel(name)
        one = self._platform.explorer.block(name, int(number), channel)
        found = self._platform.explorer.transactions(name, channel=channel, block=one.number, limit=200)
        facts = [
            (Text("哈希", "Hash"), f"<code>{escape(one.hash)}</code>"),
            (Text("上一区块", "Block before"), f"<code>{escape(one.previous_hash)}</code>"),
            (Text("时间", "Time"), html.moment(int(one.time))),
        ]
        title = Text("区块 {n}", "Block {n}", n=f"{one.number:,}").render(lang)
        body = html.facts(facts, lang) + _transactions(found, lang)
        return Shown(title, body, self._way(name, title, lang))

    def find(self, request: Request, lang: Lang) -> Shown:
        """Whether a transaction or block is on the ledger; nothing else is searched for."""
        name = self._public(request)
        asked = request.query_params.get("q", "").strip().lower()[:200]
        channel, title = self._channel(name), Text("核验", "Verify").render(lang)
        way, form = self._way(name, title, lang), _form(name, lang, asked)
        if not asked:
            return Shown(title, form, way)
        explorer = self._platform.explorer
        if _NUMBER.fullmatch(asked):
            one = explorer.block(name, int(asked), channel)
            return Shown(title, form + _blocks(name, (one,), lang), way)
        if not _TX.fullmatch(asked):
            raise UserError(
                Text(
                    "请输入 64 位的交易编号或区块哈希，或区块号。",
                    "Enter a transaction's id or a block's hash of 64 digits, or a block's number.",
                )
            )
        row = next(
            (
                hit
                for hit in explorer.search(name, asked, channel=channel, limit=5)
                if hit.kind in ("transaction", "block")
            ),
            None,
        )
        if row is None or row.block is None:
            words = Text("账本上没有 {q}。", "The ledger has no {q}.", q=asked).render(lang)
            index = explorer.status(name, channel)[0]
            more = Text("已查到第 {n} 个区块。", "Looked at {n} blocks.", n=f"{index.indexed:,}").render(lang)
            return Shown(title, f'{form}<p class="no">{escape(words)}</p><p>{escape(more)}</p>', way, 404)
        block = explorer.block(name, row.block, channel)
        if row.kind == "block":
            return Shown(title, form + _yes(lang) + _blocks(name, (block,), lang), way)
        found = [
            one
            for one in explorer.transactions(name, channel=channel, block=row.block, limit=1000)
            if one.tx_id == asked
        ]
        body = form + (_yes(lang) if found and found[0].valid else "") + _transactions(found, lang)
        return Shown(title, body + _blocks(name, (block,), lang) + _elsewhere(lang), way)

    def nowhere(self, request: Request, lang: Lang) -> Shown:
        """What every other address answers."""
        raise NotFound(Text("没有这一页。", "There is no such page."))

    # -- pieces ------------------------------------------------------------------------------------
    def _public(self, request: Request) -> str:
        name = request.path_params["network"]
        if name not in self._platform.tokens.published():
            raise NotFound(Text("没有公示这个网络。", "No such network is published."))
        return str(name)

    def _channel(self, name: str) -> str:
        channel = self._platform.chain.channel(name)
        with contextlib.suppress(CityChainError):
            self._platform.explorer.follow(name, channel)
        return channel

    def _state(self, name: str, lang: Lang) -> str:
        return escape(_STATES[self._platform.networks.status(name).state].render(lang))

    def _nodes(self, name: str, lang: Lang) -> str:
        status = self._platform.networks.status(name)
        states = {"running": _STATES["running"], "stopped": _STATES["stopped"], "lapsed": _STATES["lapsed"]}
        rows = [
            (
                escape(one.name),
                escape(one.msp_id),
                escape(states.get(one.state, Text(one.state, one.state)).render(lang)),
            )
            for one in status.nodes
        ]
        heads = (Text("节点", "Node"), Text("组织", "Organisation"), Text("状态", "State"))
        return html.table(heads, rows, lang, caption=Text("节点", "Nodes").render(lang))

    def _way(self, name: str, here: str, lang: Lang) -> str:
        title = self._platform.networks.spec(name).title.render(lang)
        return _trail([(f"/n/{name}", title)], here, lang)


def _said(lang: Lang, words: Text, status: int) -> HTMLResponse:
    return html.whole(SITE, lang, words.render(lang), "", status=status)


def _refusal(lang: Lang, error: CityChainError) -> Response:
    """A page for what cannot be shown: not there, asked wrongly, not reachable now; of a defect nothing is told."""
    status = 404 if isinstance(error, NotFound) else 400 if isinstance(error, UserError) else 503
    known = error.exit_code != 70 and isinstance(error, UserError | Unavailable)
    words = error.message if known else Text("暂时无法显示。", "It cannot be shown now.")
    home = html.link("/", Text("回到首页", "Back to the start").render(lang), lang, kind="btn")
    return html.whole(SITE, lang, render(words, lang), f"<p>{home}</p>", status=status)


def _trail(way: list[tuple[str, str]], here: str, lang: Lang) -> str:
    steps = [("/", SITE.title.render(lang)), *way]
    links = '<span aria-hidden="true">›</span>'.join(html.link(target, text, lang) for target, text in steps)
    return f'{links}<span aria-hidden="true">›</span><b aria-current="page">{escape(here)}</b>'


def _form(name: str, lang: Lang, asked: str = "") -> str:
    label = escape(Text("交易编号、区块号或区块哈希", "A transaction's id, a block's number or hash").render(lang))
    button = escape(Text("核验", "Verify").render(lang))
    return (
        f'<form class="find" method="get" action="{escape(f"/n/{name}/find")}" role="search">'
        f'<input type="hidden" name="lang" value="{lang}"><input name="q" value="{escape(asked)}" aria-label="{label}" '
        f'placeholder="{label}" autocomplete="off" maxlength="200"><button class="btn">{button}</button></form>'
    )


def _yes(lang: Lang) -> str:
    words = Text("在账本上，有效。", "It is on the ledger, and valid.").render(lang)
    return f'<p class="yes">{escape(words)}</p>'


def _elsewhere(lang: Lang) -> str:
    words = Text(
        "这是本服务的说法。要自己核对，请向另一个组织查询同一区块的哈希，两者应相同。",
        "That is what this service says. To check it yourself, ask another organisation for the same block's hash: "
        "the two must agree.",
    ).render(lang)
    return f'<p class="note">{escape(words)}</p>'


def _blocks(name: str, blocks: tuple[BlockRow, ...], lang: Lang) -> str:
    rows = [
        (
            html.link(f"/n/{name}/b/{one.number}", f"{one.number:,}", lang),
            html.moment(int(one.time)),
            f"{one.transactions:,}",
            f"{one.invalid:,}",
            f"<code>{escape(one.hash)}</code>",
        )
        for one in blocks
    ]
    heads = (
        Text("区块", "Block"),
        Text("时间", "Time"),
        Text("交易", "Transactions"),
        Text("无效", "Invalid"),
        Text("哈希", "Hash"),
    )
    return html.table(heads, rows, lang, caption=Text("区块", "Blocks").render(lang), right="23")


def _transactions(found: list[TransactionRow] | tuple[TransactionRow, ...], lang: Lang) -> str:
    rows = [
        (
            f"<code>{escape(one.tx_id)}</code>",
            html.moment(int(one.time)),
            escape(one.creator.partition("/")[0]),
            escape(f"{one.contract} {one.function}".strip()[:120] or one.type),
            f'<span class="yes">{escape(Text("有效", "valid").render(lang))}</span>'
            if one.valid
            else f'<span class="no">{escape(Text("无效：{m}", "invalid: {m}", m=one.meaning).render(lang))}</span>',
        )
        for one in found
    ]
    heads = (
        Text("交易", "Transaction"),
        Text("时间", "Time"),
        Text("组织", "Organisation"),
        Text("合约与方法", "Contract and function"),
        Text("结论", "Verdict"),
    )
    return html.table(heads, rows, lang, caption=Text("交易", "Transactions").render(lang))
