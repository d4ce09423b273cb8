"""Refusals, as RFC 9457 writes them, in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from baas.api.schema import Fault
from baas.errors import (
    CityChainError,
    Conflict,
    DeadlineExceeded,
    Lang,
    LedgerError,
    NotFound,
    PermissionDenied,
    Text,
    Unavailable,
    UserError,
    render,
)

MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 20


class Problem(Exception):
    """A refusal of the interface itself."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: Text,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.faults = tuple(faults)[:MOST_FAULTS]
        self.headers = dict(headers or {})


_TITLES: Mapping[int, Text] = {
    400: Text("请求不正确", "The request is wrong"),
    401: Text("需要有效的令牌", "A valid token is needed"),
    403: Text("没有权限", "Not allowed"),
    404: Text("没有找到", "Not found"),
    405: Text("方法不适用", "The method does not apply"),
    408: Text("请求没有及时传完", "The request did not come in time"),
    409: Text("现状不允许", "Not as things stand"),
    413: Text("请求太大", "The request is too large"),
    415: Text("内容类型不适用", "The content type does not apply"),
    421: Text("主机名不属于本服务", "The host is not this service"),
    429: Text("请求过多", "Too many requests"),
    500: Text("程序缺陷", "A defect"),
    503: Text("暂时不可用", "Not available now"),
    504: Text("没有及时完成", "Not finished in time"),
}
_NO_CONTRACT = "no peers available to evaluate chaincode"
"""What a peer says of a contract that is not there."""
STATUSES = tuple(sorted(_TITLES))
"""Every status of a refusal."""
_KINDS: tuple[tuple[type[CityChainError], int], ...] = (
    (NotFound, 404),
    (PermissionDenied, 403),
    (Conflict, 409),
    (UserError, 400),
    (DeadlineExceeded, 504),
    (Unavailable, 503),
    (LedgerError, 409),
)


def of_error(error: CityChainError) -> Problem:
    """The refusal that one of our errors is; of a defect nothing is told but that it is one."""
    status = next((status for kind, status in _KINDS if isinstance(error, kind)), 500)
    if error.code == "contract_not_deployed" or _NO_CONTRACT in str(error.message):
        status = 404
    if status == 500:
        return Problem(500, "internal", Text("程序出现未预料的错误。", "Something unexpected happened."))
    detail = error.message if isinstance(error.message, Text) else Text("{t}", "{t}", t=error.message)
    if error.hint and status not in (403, 404):
        detail = Text("{a}{b}", "{a} {b}", a=detail, b=error.hint)
    found = Problem(status, error.code, detail)
    if status in (503, 504):
        found.headers["Retry-After"] = "5"
    return found


def answer(problem: Problem, lang: Lang) -> Response:
    """A refusal as it is sent."""
    body: dict[str, Any] = {
        "type": f"urn:citychain:problem:{problem.code}",
        "title": _TITLES[problem.status].render(lang),
        "status": problem.status,
        "detail": render(problem.detail, lang),
        "code": problem.code,
    }
    if problem.faults:
        body["errors"] = [{"at": one.at, "why": one.why.render(lang)} for one in problem.faults]
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)
