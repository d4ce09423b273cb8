"""A request read strictly: what does not fit its declaration is refused before anything is done."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from baas.api.declaration import Operation
from baas.api.problems import MOST_FAULTS, Problem
from baas.api.schema import Fault, faults, read_word
from baas.errors import Text

BODY_BYTES = 4 << 20
"""Room for the most that a body's schema allows, each character written in twelve."""
BODY_S = 20.0
_SECRET_WORDS = {"token", "access_token", "authorization", "api_key", "apikey", "key_token"}


def refuse_disguised(request: Request) -> None:
    """Refuse what says two things at once, or comes from another site's page."""
    headers = request.headers
    for name in ("authorization", "host", "content-type", "content-length", "transfer-encoding", "origin"):
        if len(headers.getlist(name)) > 1:
            raise Problem(400, "header_twice", Text("标头 {n} 重复。", "The header {n} is there twice.", n=name))
    if "content-length" in headers and "transfer-encoding" in headers:
        raise Problem(400, "two_lengths", Text("正文长度有两种说法。", "The body's length is said in two ways."))
    origin = headers.get("origin")
    same = headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    if not same or (origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()):
        raise Problem(
            403, "other_site", Text("不接受其他网站页面的请求。", "Requests of other sites' pages are not taken.")
        )


def read_path(operation: Operation, request: Request) -> Mapping[str, Any]:
    """The parameters in the address; what cannot be one names nothing that is there."""
    found = {}
    for name, schema in operation.parameters.items():
        value = read_word(schema, request.path_params[name])
        if next(faults(schema, value), None) is not None:
            raise Problem(404, "not_found", Text("没有这个地址。", "There is nothing at this address."))
        found[name] = value
    return found


def read_query(operation: Operation, request: Request) -> Mapping[str, Any]:
    """The query's parameters, None for those that are not there and have no default."""
    wrong: list[Fault] = []
    given: dict[str, str] = {}
    for name, word in request.query_params.multi_items():
        if name.lower() in _SECRET_WORDS or "ccat_" in word:
            raise Problem(
                400,
                "token_in_address",
                Text(
                    "令牌不能写在地址里，请放进 Authorization 标头；这个令牌应视为已泄露。",
                    "A token does not belong in an address but in the Authorization header; take this one for leaked.",
                ),
            )
        if name not in operation.query:
            wrong.append(Fault(name[:60], Text("没有这个参数", "there is no such parameter")))
        elif name in given:
            wrong.append(Fault(name, Text("重复", "is there twice")))
        given[name] = word
    found = {}
    for name, schema in operation.query.items():
        if name not in given:
            found[name] = schema.get("default")
            if name in operation.needed:
                wrong.append(Fault(name, Text("缺少", "is missing")))
            continue
        found[name] = read_word(schema, given[name])
        wrong += faults(schema, found[name], name)
    if wrong:
        raise Problem(400, "bad_query", Text("参数不正确。", "The parameters are wrong."), faults=wrong)
    return found


async def receive_body(operation: Operation, request: Request) -> bytes:
    """The body's bytes, as many as an operation may take; one that takes none refuses any."""
    return await _received(request, BODY_BYTES if operation.body is not None else 0)


def read_body(operation: Operation, request: Request, raw: bytes) -> Mapping[str, Any]:
    """The body as its schema has it. That of a few megabytes takes a second: never in the server's own thread."""
    if operation.body is None:
        return {}
    if not raw and not operation.body.get("required"):
        return {}
    kind, _, charset = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "application/json" or charset.strip().lower() not in ("", "charset=utf-8"):
        raise Problem(415, "json_wanted", Text("正文应为 application/json。", "The body must be application/json."))
    value = _parsed(raw)
    if wrong := list(islice(faults(operation.body, value), MOST_FAULTS)):
        raise Problem(400, "bad_body", Text("正文不正确。", "The body is wrong."), faults=wrong)
    found: dict[str, Any] = value
    return found


async def _received(request: Request, most: int) -> bytes:
    said = request.headers.get("content-length", "")
    if said and (len(said) > 9 or not said.isdecimal() or int(said) > most):
        raise _too_large(most)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > most:
                    raise _too_large(most)
    except TimeoutError as error:
        raise Problem(408, "too_slow", Text("正文没有及时传完。", "The body did not come in time.")) from error
    return bytes(body)


def _too_large(most: int) -> Problem:
    if not most:
        return Problem(400, "no_body", Text("这里不接受正文。", "No body is taken here."))
    return Problem(413, "too_large", Text("请求正文最多 4 MB。", "A request's body is 4 MB at most."))


def _parsed(raw: bytes) -> Any:
    """A JSON document (RFC 8259) of one meaning: no member twice, no number that JSON has not, no half characters."""
    try:
        text = raw.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_members, parse_constant=_no_number, parse_float=_number, parse_int=_whole
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError, OverflowError) as error:
        raise Problem(400, "bad_json", Text("正文不是有效的 JSON。", "The body is not valid JSON.")) from error
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _number(word: str) -> float:
    found = float(word)
    if not math.isfinite(found):
        raise ValueError("too large a number")
    return found


def _whole(word: str) -> int:
    if len(word) > 19:
        raise ValueError("too large a number")
    return int(word)
