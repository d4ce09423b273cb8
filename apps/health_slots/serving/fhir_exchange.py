"""Requests in and answers out of the FHIR interface: bodies, headers, every refusal as an OperationOutcome."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from apps.health_slots.serving import fhir_model as model
from apps.health_slots.serving.fhir_requests import BadRequest
from apps.health_slots.serving.fhir_search import BadSearch, Search
from baas.errors import CityChainError, Conflict, NotFound, PermissionDenied, Unavailable

_log = logging.getLogger(__name__)
JSON = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
MAX_BODY = 64 * 1024
BODY_S = 10.0
"""How long a request's body may take to come."""
CLOSE = {"Connection": "close"}
MANDATORY: Mapping[str, tuple[str, ...]] = {
    "Slot": ("schedule", "status", "start", "end"),
    "Schedule": ("actor",),
    "Appointment": ("status", "participant"),
    "CodeSystem": ("status", "content"),
}
"""Elements that a resource of R4 must have, so also the shortest one."""

_BUSY = frozenset(
    {"slot_taken", "slot_returned", "slot_in_draw", "slot_stopped", "session_stopped", "mvcc_read_conflict"}
    | {"phantom_read_conflict", "hold_expired", "slot_closed", "illegal_move", "slot_lost"}
)
_RULES = frozenset(
    {
        "limit_per_day",
        "limit_per_department",
        "barred",
        "real_name_needed",
        "cancel_too_late",
        "pool_closed",
        "referral_needed",
        "no_family",
        "family_limit",
        "no_tickets",
    }
    | {"not_published", "payment_due", "ticket_needed", "ticket_expired", "bad_ticket", "officer_limit", "payer_limit"}
)


class Refused(Exception):
    def __init__(self, status: int, code: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.headers = status, code, text, dict(headers or {})


async def parameters(request: Request) -> list[tuple[str, str]]:
    """The search parameters of the URL and, for `POST …/_search`, of the form in the body."""
    pairs = list(request.query_params.multi_items())
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != FORM:
            raise Refused(415, "not-supported", f"send {FORM}")
        try:
            text = (await _read_all(request)).decode()
            pairs += parse_qsl(text, keep_blank_values=True, max_num_fields=50)
        except ValueError as error:
            raise BadRequest("the body is no form") from error
    return pairs


def shaped(resource: dict[str, Any], search: Search) -> dict[str, Any]:
    """A resource with the elements that were asked for, and marked where some are missing."""
    if search.elements:
        kept = {"resourceType", "id", "meta", *search.elements}
    elif search.summary == "text":
        kept = {"resourceType", "id", "meta", "text", *MANDATORY.get(resource["resourceType"], ())}
    elif search.summary in ("true", "data"):
        kept = set(resource) - {"text", "contained"}
    else:
        return resource
    made = {name: value for name, value in resource.items() if name in kept}
    tag = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
    return made | {"meta": {**made.get("meta", {}), "tag": [tag]}}


def pointing(error: BadSearch) -> str:
    """Where a search is wrong, as an expression: http.PARAMETER (see the R4 text on OperationOutcome.issue)."""
    return f"http.{error.parameter}" if error.parameter else ""


async def _read_all(request: Request) -> bytes:
    """The body, if it comes in time and is not too long."""
    data = b""
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                data += chunk
                if len(data) > MAX_BODY:
                    raise Refused(413, "too-long", f"a request has at most {MAX_BODY} bytes", CLOSE)
    except TimeoutError:
        raise Refused(408, "timeout", f"the body did not come within {BODY_S:g} seconds", CLOSE) from None
    except ClientDisconnect:
        raise Refused(400, "incomplete", "the body ended early", CLOSE) from None
    return data


async def body_of(request: Request) -> dict[str, Any]:
    """The resource that was sent; nothing may stand in the address that would be ignored."""
    for name in request.query_params:
        if name not in ("_format", "_pretty"):
            raise BadSearch(f"{name[:40]} in the address says nothing here; If-None-Exist is a header", name[:40])
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (JSON, "application/json"):
        raise Refused(415, "not-supported", f"send {JSON}")
    data = await _read_all(request)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadRequest("the body is no JSON") from error
    if not isinstance(found, dict):
        raise BadRequest("the body is no resource")
    return found


def preferred(request: Request, resource: dict[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    """What was written, as `Prefer: return=…` asks for it; the whole resource where it does not say."""
    wish = request.headers.get("prefer", "").replace(" ", "").lower()
    tag = {"ETag": etag(resource), **headers}
    if "return=minimal" in wish:
        return Response(b"", status, {"Cache-Control": "no-store", **tag})
    if "return=operationoutcome" in wish:
        return answer(model.outcome("informational", "done", severity="information"), status, tag)
    return answer(resource, status, headers)


def etag(resource: Mapping[str, Any]) -> str:
    """A weak entity tag: when the resource was last written, and its status."""
    return f'W/"{resource["meta"]["lastUpdated"]}-{resource.get("status", "")}"'


def answer(resource: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    own = {"ETag": etag(resource)} if "lastUpdated" in resource.get("meta", {}) else {}
    return Response(written(resource), status, {"Cache-Control": "no-store", **own, **(headers or {})}, JSON)


def plain(body: bytes) -> Response:
    """An answer that is written already and has no version of its own."""
    return Response(body, 200, {"Cache-Control": "no-store"}, JSON)


def written(resource: Mapping[str, Any]) -> bytes:
    """A resource as it travels."""
    return _ENCODER.encode(resource).encode()


def failure(error: CityChainError) -> Response:
    """A refusal of the ledger or the platform as a status and an OperationOutcome."""
    text = str(error.message)
    if error.code in _BUSY or isinstance(error, Conflict):
        free = ", ".join(error.details.get("free", []))
        return answer(model.outcome("conflict", text, details=f"free: {free}" if free else ""), 409)
    if error.code in _RULES:
        return answer(model.outcome("business-rule", text), 422)
    if error.code == "not_found" or isinstance(error, NotFound):
        return answer(model.outcome("not-found", text), 404)
    if error.code in ("forbidden", "portal_revoked") or isinstance(error, PermissionDenied):
        return answer(model.outcome("forbidden", text), 403)
    if isinstance(error, Unavailable):
        return answer(model.outcome("transient", text), 503, {"Retry-After": "5"})
    return answer(model.outcome("invalid" if error.exit_code == 2 else "processing", text), 400)


def too_fast(seconds: float) -> Refused:
    return Refused(429, "throttled", "too many requests", {"Retry-After": str(max(1, math.ceil(seconds)))})


def remote(request: Request) -> str:
    return request.client.host if request.client else ""


def base_of(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/fhir"


async def no_route(request: Request, error: Exception) -> Response:
    """What no route answers: an unknown address (404) or another method than it has (405)."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = "not-found" if status == 404 else "not-supported"
    text = "there is no such resource here; see /fhir/metadata" if status == 404 else "this method is not supported"
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return answer(model.outcome(code, text), status, headers)


async def defect(request: Request, error: Exception) -> Response:
    """Our own bug: logged, and told without its details."""
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    return answer(model.outcome("exception", "an unexpected error; it was logged"), 500)
