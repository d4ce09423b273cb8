"""The interface as a web application: lets in who has a token for what they ask, does it, and says how it went.

Refusals before anything is done, in this order: the host (421), what contradicts itself (400) or comes from another
site's page (403), the token (401), its rate (429), its scope and network (403), the request's form (400, 404, 413,
415). Whoever has no token costs no worker and always hears 401, however fast they ask; too fast, and each answer ends
the connection. Of those who have a token, each has a few workers at a time and a queue of its own, so that none waits
for another's flood.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import json
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

import baas.api.operations
from baas import audit
from baas.api import problems
from baas.api.declaration import OPERATIONS, PREFIX, Call, Operation
from baas.api.document import openapi
from baas.api.jobs import JobBook
from baas.api.problems import Problem
from baas.api.requests import read_body, read_path, read_query, receive_body, refuse_disguised
from baas.api.scopes import SCOPES
from baas.api.shapes import wire
from baas.api.tokens import Token
from baas.errors import CityChainError, Lang, PermissionDenied, Text, UserError, translate
from baas.serving.hosts import answers_to
from baas.serving.languages import preferred
from baas.serving.limits import RateLimiter
from baas.session import Actor

if TYPE_CHECKING:
    from baas.platform import Platform

assert baas.api.operations  # declares them
_log = logging.getLogger(__name__)
READERS, WRITERS = 32, 32
AT_ONCE, WAITING, STREAMS = 4, 32, 4
"""Requests of one token that are worked on at a time, that wait for that, and streams that are open."""
STRANGER_RATE, STRANGER_BURST = 5.0, 30
LOOK_S, BEAT_S = 0.25, 10.0
STREAM_S = 50.0
"""How long a stream lasts; its client comes again (`Last-Event-ID` says from where)."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language, Authorization",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Admitted:
    """Whoever asks with a token that counts."""

    token: Token
    actor: Actor


class Api:
    """The interface to one platform; `names` are the hosts under which it is reached."""

    def __init__(self, platform: Platform, names: frozenset[str], *, stream_s: float = STREAM_S) -> None:
        self._platform, self._names, self._stream_s = platform, names, stream_s
        self._jobs = JobBook()
        self._limiter = RateLimiter()
        self._readers = ThreadPoolExecutor(READERS, "api-read")
        self._writers = ThreadPoolExecutor(WRITERS, "api-write")
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._waiting: Counter[str] = Counter()
        self._streams: Counter[str] = Counter()
        self._closing = False

    def end_streams(self) -> None:
        """Let every stream end at its next look, so that the server can stop."""
        self._closing = True

    def close(self) -> None:
        """End the workers; what they are doing is done."""
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._writers.shutdown(wait=False, cancel_futures=True)

    def routes(self) -> list[Route]:
        """An address for each path, which answers all its methods; then whatever else is under the prefix."""
        paths: dict[str, dict[str, Operation]] = {}
        for one in OPERATIONS:
            paths.setdefault(one.path, {})[one.method] = one
        # What is written out comes before what is a parameter: `blocks/events` is no block's number.
        ordered = sorted(paths.items(), key=lambda entry: [part.startswith("{") for part in entry[0].split("/")])
        made = [_Route(f"{PREFIX}/openapi.json", self._guarded({"GET": None}))]
        made += [_Route(PREFIX + path, self._guarded(dict(known))) for path, known in ordered]
        return [*made, _Route("/api/{rest:path}", self._guarded({}))]

    # -- one request -------------------------------------------------------------------------------
    def _guarded(self, known: Mapping[str, Operation | None]) -> Callable[[Request], Any]:
        """An address's endpoint, on which every refusal is a problem in the reader's language."""

        async def endpoint(request: Request) -> Response:
            lang = preferred(request.headers.get("accept-language", ""))
            try:
                response = await self._answered(request, known, lang)
            except Problem as problem:
                response = problems.answer(problem, lang)
            except ClientDisconnect:
                raise
            except Exception as error:
                translated = translate(error)
                if translated.exit_code == 70:
                    _log.exception("a call of the interface failed")
                response = problems.answer(problems.of_error(translated), lang)
            response.headers.update(HEADERS)
            response.headers["Content-Language"] = "zh-CN" if lang == "zh" else "en"
            return response

        return endpoint

    async def _answered(self, request: Request, known: Mapping[str, Operation | None], lang: Lang) -> Response:
        if not answers_to(request.headers.get("host", ""), self._names):
            raise Problem(421, "other_host", Text("本服务不以这个主机名应答。", "This service has no such name."))
        refuse_disguised(request)
        method = "GET" if request.method == "HEAD" else request.method
        if not known:
            raise Problem(404, "not_found", Text("没有这个地址。", "There is nothing at this address."))
        if method not in known:
            allowed = ", ".join(sorted({*known, *(["HEAD"] if "GET" in known else [])}))
            raise Problem(
                405, "wrong_method", Text("这个地址不用这个方法。", "Not by this method."), headers={"Allow": allowed}
            )
        operation = known[method]
        if operation is None:
            return Response(_document(lang), media_type="application/json")
        who = await self._admit(request)
        await self._check_scope(operation, who)
        path, query = read_path(operation, request), read_query(operation, request)
        self._check_reach(operation, who.token, path)
        async with self._turn(who.token.id):
            raw = await receive_body(operation, request)
            body = (
                await self._aside(functools.partial(read_body, operation, request, raw))
                if raw or operation.body
                else {}
            )
            call = Call(self._platform, who.token, lang, path, query, body, self._jobs, operation)
            if not operation.streams:
                found = await self._work(operation, functools.partial(self._run, call, who))
                return _response(found, operation, lang)
        return await self._stream(request, call, who)

    # -- who asks ----------------------------------------------------------------------------------
    async def _admit(self, request: Request) -> Admitted:
        scheme, _, whole = request.headers.get("authorization", "").partition(" ")
        token = self._platform.tokens.store.of_secret(whole.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise Problem(
                401,
                "token_needed",
                Text(
                    "需要有效的令牌（Authorization: Bearer …）。", "A valid token is needed (Authorization: Bearer …)."
                ),
                headers={"WWW-Authenticate": 'Bearer realm="citychain"', **self._slowing(request)},
            )
        burst = max(5, int(token.per_second * 2))
        if wait := self._limiter.wait_for(token.id, token.per_second, burst):
            raise _too_many(wait)
        return await self._as_actor(token)

    async def _as_actor(self, token: Token) -> Admitted:
        def look() -> Actor:
            actor = self._platform.tokens.actor_of(token)
            self._platform.tokens.store.note_used(token)
            return actor

        try:
            async with self._turn(token.id):
                return Admitted(token, await asyncio.get_running_loop().run_in_executor(self._readers, look))
        except UserError as error:  # revoked, run out, or not here any more
            told = error.message if isinstance(error.message, Text) else Text("{t}", "{t}", t=error.message)
            raise Problem(403, error.code, told) from error

    def _slowing(self, request: Request) -> dict[str, str]:
        """What else somebody without a token is told: nothing, or, too fast, to wait and to connect anew.

        Never 429 in place of 401: what is wrong is the token, and programs decide by the status.
        """
        address = request.client.host if request.client else ""
        wait = self._limiter.wait_for(f"ip:{address}", STRANGER_RATE, STRANGER_BURST)
        return {"Connection": "close", "Retry-After": str(max(1, int(wait) + 1))} if wait else {}

    async def _check_scope(self, operation: Operation, who: Admitted) -> None:
        if not operation.scope or operation.scope in who.token.scopes:
            return
        if operation.permission:
            # Who tries to change something stands in the audit log, also where they may not.
            async with self._turn(who.token.id):
                await self._aside(functools.partial(self._note_refused, operation, who))
        scope = SCOPES[operation.scope]
        raise Problem(
            403,
            "scope_missing",
            Text("令牌没有范围 {s}：{t}。", "The token lacks the scope {s}: {t}.", s=scope.name, t=scope.title),
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope.name}"'},
        )

    def _note_refused(self, operation: Operation, who: Admitted) -> None:
        with self._through(operation, who, {}), self._platform.session.within(who.actor, frozenset()):
            try:
                with audit.operation(f"api {operation.id}", operation.summary):
                    self._platform.session.require(operation.permission)
            except PermissionDenied:
                pass

    def _check_reach(self, operation: Operation, token: Token, path: Mapping[str, Any]) -> None:
        if token.network and path.get("network", token.network) != token.network:
            raise Problem(
                403, "other_network", Text("令牌只用于网络 {n}。", "The token is for {n} alone.", n=token.network)
            )
        calls = operation.scope is not None and SCOPES.get(operation.scope) is not None
        if calls and operation.writes and token.contracts and path.get("contract") not in token.contracts:
            names = ", ".join(token.contracts)
            raise Problem(
                403, "other_contract", Text("令牌只能调用合约 {n}。", "The token may call {n} alone.", n=names)
            )

    # -- doing it ----------------------------------------------------------------------------------
    @asynccontextmanager
    async def _turn(self, token: str) -> AsyncIterator[None]:
        """Wait until one of the token's workers is free."""
        if self._waiting[token] >= WAITING:
            raise _too_many(1.0)
        turns = self._turns.setdefault(token, asyncio.Semaphore(AT_ONCE))
        self._waiting[token] += 1
        try:
            await turns.acquire()
        finally:
            self._waiting[token] -= 1
        try:
            yield
        finally:
            turns.release()

    async def _work(self, operation: Operation, work: Callable[[], Any]) -> Any:
        return await self._aside(work, self._writers if operation.writes else self._readers)

    async def _aside(self, work: Callable[[], Any], pool: ThreadPoolExecutor | None = None) -> Any:
        """Do what takes its time in a worker's thread: the server's own belongs to everybody."""
        running = asyncio.get_running_loop()
        return await running.run_in_executor(pool or self._readers, contextvars.copy_context().run, work)

    def _through(self, operation: Operation, who: Admitted, path: Mapping[str, Any]) -> Any:
        return audit.through("api", {"token": who.token.id, **audit.told(dict(path))})

    def _run(self, call: Call, who: Admitted) -> Any:
        """Do it as the token's identity, with no more rights than the scope needs, as one operation of the log."""
        operation = call.operation
        scope = SCOPES[operation.scope] if operation.scope else None
        allowed = scope.permissions if scope is not None else frozenset()
        with (
            self._through(operation, who, call.path),
            self._platform.session.within(who.actor, allowed),
            audit.operation(f"api {operation.id}", operation.summary),
        ):
            if operation.permission and scope is not None:
                self._platform.session.require(operation.permission)  # written down before anything is looked at
            return operation.run(call)

    # -- streams -----------------------------------------------------------------------------------
    async def _stream(self, request: Request, call: Call, who: Admitted) -> Response:
        id = who.token.id
        self._require_stream(id)
        last = request.headers.get("last-event-id", "")
        if last.isascii() and last.isdecimal() and len(last) < 16 and "after" in call.operation.query:
            call = Call(**{**vars(call), "query": {**call.query, "after": int(last)}})
        async with self._turn(id):
            look = await self._work(call.operation, functools.partial(self._run, call, who))
        if request.method == "HEAD":
            return Response(b"", media_type="text/event-stream")
        self._require_stream(id)  # others of the token may have begun meanwhile
        self._streams[id] += 1
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(self._events(call, who, look), media_type="text/event-stream", headers=headers)

    def _require_stream(self, token: str) -> None:
        if self._streams[token] >= STREAMS:
            raise _too_many(5.0)

    async def _events(self, call: Call, who: Admitted, look: Callable[[], Any]) -> AsyncIterator[bytes]:
        """What `look` finds, until there is no more, the token counts no more, or it is time to come again.

        A token counts as long as whoever it acts as: revoked, their streams end with it.
        """
        id = who.token.id
        began = beat = time.monotonic()
        try:
            yield b"retry: 1000\n\n"
            while True:
                found, over = await self._work(call.operation, functools.partial(self._look, call, who, look))
                for name, number, value in found:
                    yield _event(name, number, wire(value, call.operation.answer, call.lang))
                now = time.monotonic()
                if over or self._closing or now - began >= self._stream_s:
                    yield _event("end", "", {"code": "complete" if over else "come_again"})
                    return
                if now - beat >= BEAT_S:
                    beat = now
                    yield b": here\n\n"
                await asyncio.sleep(LOOK_S)
        except CityChainError as error:
            yield _event("end", "", {"code": error.code})
        finally:
            self._streams[id] -= 1

    def _look(self, call: Call, who: Admitted, look: Callable[[], Any]) -> Any:
        tokens = self._platform.tokens
        if tokens.store.alive(who.token.id) is None:
            raise PermissionDenied(Text("令牌已失效。", "The token has ended."), code="token_ended")
        tokens.actor_of(who.token)
        scope = SCOPES[call.operation.scope] if call.operation.scope else None
        with self._platform.session.within(who.actor, scope.permissions if scope is not None else frozenset()):
            return look()


@functools.cache
def _document(lang: Lang) -> bytes:
    return json.dumps(openapi(lang), ensure_ascii=False).encode()


class _Route(Route):
    """An address that answers every method itself, and so says of each wrong one what is right."""

    def __init__(self, path: str, endpoint: Callable[[Request], Any]) -> None:
        super().__init__(path, endpoint)
        self.methods = None


def _response(found: Any, operation: Operation, lang: Lang) -> Response:
    if operation.status == 204:
        return Response(b"", 204)
    value = wire(found, operation.answer, lang)
    headers = {"Location": f"{PREFIX}/jobs/{found.id}"} if operation.status == 202 else {}
    return Response(
        json.dumps(value, ensure_ascii=False), operation.status, headers=headers, media_type="application/json"
    )


def _event(name: str, number: str, value: Any) -> bytes:
    """One server-sent event (HTML Living Standard, 9.2); JSON has no line breaks of its own."""
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def _too_many(wait: float) -> Problem:
    return Problem(
        429,
        "too_many_requests",
        Text("请求过多，请稍后再试。", "Too many requests; try again in a moment."),
        headers={"Retry-After": str(max(1, int(wait) + 1))},
    )
