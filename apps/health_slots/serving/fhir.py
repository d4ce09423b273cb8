"""The FHIR R4 interface for the city's booking portals: search slots, hold, book, cancel.

Each portal has a token, a rate and a quota of the day; this service signs for it and vouches for whom it saw, and it
sees only its own appointments. Errors are `OperationOutcome`s: 401 token, 403 not yours, 404, 409 somebody was faster,
422 the rules say no, 429 too fast.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from apps.health_slots.model import Appointment
from apps.health_slots.service import HealthSlotsService
from apps.health_slots.serving import fhir_batch as batch
from apps.health_slots.serving import fhir_codes as codes
from apps.health_slots.serving import fhir_directory as directory
from apps.health_slots.serving import fhir_find as finding
from apps.health_slots.serving import fhir_model as model
from apps.health_slots.serving import fhir_operations as operations
from apps.health_slots.serving.door import Door, QuotaReached
from apps.health_slots.serving.fhir_requests import BadRequest, slot_of
from apps.health_slots.serving.fhir_search import BadSearch, Search, read_search
from apps.health_slots.serving.limits import Portal, RateLimiter
from apps.health_slots.serving.patients import PortalPatients
from baas.errors import CityChainError, Conflict, NotFound, PermissionDenied, Unavailable
from fabric_sdk import clock

_log = logging.getLogger(__name__)
JSON = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
MAX_BODY = 64 * 1024
BODY_S = 10.0
"""How long a request's body may take to come."""
CLOSE = {"Connection": "close"}
ANONYMOUS_RATE, ANONYMOUS_BURST = 5.0, 20
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
    {"limit_per_day", "limit_per_department", "barred", "real_name_needed", "cancel_too_late", "pool_closed"}
    | {"not_published", "payment_due", "ticket_needed", "ticket_expired", "bad_ticket", "officer_limit", "payer_limit"}
)


class Portals(Protocol):
    """Who may use the interface, and the service with which each of them books."""

    def of_token(self, token: str) -> Portal | None: ...

    def service_of(self, portal: str) -> HealthSlotsService: ...

    @property
    def patients(self) -> PortalPatients: ...


class _Refused(Exception):
    def __init__(self, status: int, code: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.headers = status, code, text, dict(headers or {})


Handler = Callable[[Request, Portal, HealthSlotsService], Awaitable[Response]]


def fhir_app(portals: Portals, *, limiter: RateLimiter | None = None) -> Starlette:
    """The interface as an ASGI application under `/fhir`."""
    api = _Interface(portals, limiter or RateLimiter())
    guarded = api.guarded
    return Starlette(
        routes=[
            Route("/fhir/metadata", api.metadata),
            Route("/fhir/OperationDefinition/{id}", api.operation),
            Route("/fhir", guarded(api.batch), methods=["POST"]),
            Route("/fhir/Patient/{id}", guarded(api.read_patient)),
            Route("/fhir/CodeSystem", guarded(api.search_code_systems)),
            Route("/fhir/CodeSystem/{id}", guarded(api.read_code_system)),
            *(Route(f"/fhir/{kind}", guarded(api.search_directory)) for kind in directory.PARAMETERS),
            *(Route(f"/fhir/{kind}/{{id}}", guarded(api.read_directory)) for kind in directory.PARAMETERS),
            Route("/fhir/Schedule", guarded(api.search_schedules)),
            Route("/fhir/Schedule/_search", guarded(api.search_schedules), methods=["POST"]),
            Route("/fhir/Slot/_search", guarded(api.search_slots), methods=["POST"]),
            Route("/fhir/Appointment/_search", guarded(api.search_appointments), methods=["POST"]),
            Route("/fhir/Slot", guarded(api.search_slots)),
            Route("/fhir/Schedule/{id}", guarded(api.read_schedule)),
            Route("/fhir/Slot/{id}", guarded(api.read_slot)),
            Route("/fhir/Slot/{id}/$hold", guarded(api.hold), methods=["POST"]),
            Route("/fhir/Appointment", guarded(api.search_appointments)),
            Route("/fhir/Appointment/$book", guarded(api.book), methods=["POST"]),
            Route("/fhir/Appointment/{id}", guarded(api.read_appointment)),
            Route("/fhir/Appointment/{id}/$cancel", guarded(api.cancel), methods=["POST"]),
        ],
        exception_handlers={HTTPException: _no_route, Exception: _defect},
    )


class _Interface:
    def __init__(self, portals: Portals, limiter: RateLimiter) -> None:
        self._portals = portals
        self._limiter = limiter
        self._writing = asyncio.Semaphore(32)

    def guarded(self, handler: Handler) -> Any:
        """Wrap a handler: token, rate, and every refusal as an OperationOutcome."""

        async def endpoint(request: Request) -> Response:
            try:
                portal = await self._admit(request)
                service = await run_in_threadpool(self._portals.service_of, portal.name)
                return await handler(request, portal, service)
            except _Refused as refused:
                return _answer(model.outcome(refused.code, refused.text), refused.status, refused.headers)
            except BadSearch as error:
                return _answer(model.outcome("invalid", str(error), expression=_pointing(error)), 400)
            except BadRequest as error:
                return _answer(model.outcome("invalid", str(error), expression=error.where), 400)
            except QuotaReached as error:
                retry = {"Retry-After": str(error.seconds)}
                return _answer(model.outcome("throttled", str(error.message)), 429, retry)
            except CityChainError as error:
                return _failure(error)

        return endpoint

    async def metadata(self, request: Request) -> Response:
        """The CapabilityStatement, for everybody."""
        if self._limiter.wait_for(f"ip:{_remote(request)}", ANONYMOUS_RATE, ANONYMOUS_BURST):
            return _answer(model.outcome("throttled", "too many requests"), 429, {"Retry-After": "1"})
        return _answer(model.capability(_base(request), clock.now()))

    async def operation(self, request: Request) -> Response:
        """One OperationDefinition, for everybody: the CapabilityStatement points there."""
        if self._limiter.wait_for(f"ip:{_remote(request)}", ANONYMOUS_RATE, ANONYMOUS_BURST):
            return _answer(model.outcome("throttled", "too many requests"), 429, {"Retry-After": "1"})
        found = operations.operation(request.path_params["id"], _base(request))
        if found is None:
            return _answer(model.outcome("not-found", "there is no such operation"), 404)
        return _answer(found)

    # Reading

    async def search_slots(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Slots by schedule, start, status, specialty, appointment type."""
        search = read_search(await _parameters(request), finding.SLOT_PARAMETERS)
        return await _search(request, search, functools.partial(finding.find_slots, service))

    async def read_slot(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One slot."""
        return _answer(await run_in_threadpool(finding.slot_resource, service, request.path_params["id"]))

    async def search_schedules(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Sessions by actor, date, specialty."""
        search = read_search(await _parameters(request), finding.SCHEDULE_PARAMETERS)
        return await _search(request, search, functools.partial(finding.find_schedules, service))

    async def read_schedule(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One session."""
        session = await run_in_threadpool(service.index.session, request.path_params["id"])
        return _answer(model.schedule_resource(session))

    async def search_appointments(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """The portal's own appointments by patient, slot, date, status."""
        search = read_search(await _parameters(request), finding.APPOINTMENT_PARAMETERS)
        return await _search(request, search, functools.partial(finding.find_appointments, self._door(portal, service)))

    async def read_appointment(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One of the portal's own appointments, as the ledger has it now."""
        door = self._door(portal, service)
        appointment = await run_in_threadpool(door.own, request.path_params["id"])
        return _answer(await run_in_threadpool(door.resource, appointment))

    async def search_directory(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Hospitals, departments and doctors, as slots refer to them."""
        kind = request.url.path.rpartition("/")[2]
        search = read_search(await _parameters(request), directory.PARAMETERS[kind])

        def find(asked: Search) -> finding.Page:
            matches, cursor = directory.find(service.index, kind, asked)
            return finding.Page(matches, [], cursor)

        return await _search(request, search, find)

    async def read_directory(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One hospital, department or doctor."""
        kind = request.url.path.split("/")[-2]
        return _answer(await run_in_threadpool(directory.read, service.index, kind, request.path_params["id"]))

    async def search_code_systems(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """The code systems that resources here use."""
        search = read_search(await _parameters(request), ("url",))
        urls = set(search.alternatives("url"))
        matches = [one for one in codes.code_systems().values() if not urls or one["url"] in urls]
        return await _search(request, search, lambda asked: finding.Page(matches, []))

    async def read_code_system(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One code system."""
        resource = codes.code_systems().get(request.path_params["id"])
        if resource is None:
            raise _Refused(404, "not-found", "there is no such code system")
        return _answer(resource)

    async def read_patient(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One of the portal's own patients; the interface knows an id and no more."""
        id = request.path_params["id"]
        if not await run_in_threadpool(self._portals.patients.resident, portal.name, id):
            raise _Refused(404, "not-found", "this portal has no such patient")
        return _answer(model.patient_resource(id))

    # Writing

    async def batch(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Several requests in one, each through the front door again."""
        body = await _body(request)
        token = request.headers["authorization"]
        return _answer(await batch.answer(request.app, _base(request), token, body))

    async def hold(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Hold a slot for a patient; answers the pending Appointment."""
        body = await _body(request)
        return await self._take(request, portal, service, body, request.path_params["id"], service.bookings.hold)

    async def book(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Book the slot that an Appointment names; answers it with 201, or 409 when somebody was faster."""
        body = await _body(request)
        return await self._take(request, portal, service, body, slot_of(body), service.bookings.book)

    async def cancel(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Cancel one of the portal's own appointments."""
        id = request.path_params["id"]
        door = self._door(portal, service)
        before = await run_in_threadpool(door.own, id)
        expected = request.headers.get("if-match", "").strip()
        if expected and expected != _etag(await run_in_threadpool(door.resource, before)):
            raise _Refused(412, "conflict", "the appointment has changed since it was read")
        async with self._writing:
            await run_in_threadpool(service.bookings.cancel, id)
        appointment = await run_in_threadpool(service.bookings.get, id)
        return _preferred(request, await run_in_threadpool(door.resource, appointment), 200, {})

    async def _take(
        self,
        request: Request,
        portal: Portal,
        service: HealthSlotsService,
        body: Mapping[str, Any],
        slot: str,
        act: Callable[[str, str], Appointment],
    ) -> Response:
        door = self._door(portal, service)
        async with self._writing:
            appointment, fresh = await run_in_threadpool(door.take, slot, body, act)
        resource = await run_in_threadpool(door.resource, appointment)
        location = f"{_base(request)}/Appointment/{appointment.id}"
        return _preferred(request, resource, 201 if fresh else 200, {"Location": location})

    def _door(self, portal: Portal, service: HealthSlotsService) -> Door:
        return Door(portal, service, self._portals.patients)

    async def _admit(self, request: Request) -> Portal:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        portal = None
        if scheme.lower() == "bearer" and 0 < len(token) <= 200:
            portal = await run_in_threadpool(self._portals.of_token, token.strip())
        if portal is None:
            wait = self._limiter.wait_for(f"ip:{_remote(request)}", ANONYMOUS_RATE, ANONYMOUS_BURST)
            if wait:
                raise _too_fast(wait)
            raise _Refused(401, "login", "a valid bearer token is needed", {"WWW-Authenticate": "Bearer"})
        wait = self._limiter.wait_for(f"portal:{portal.name}", portal.per_second, portal.burst)
        if wait:
            raise _too_fast(wait)
        return portal


async def _no_route(request: Request, error: Exception) -> Response:
    """What no route answers: an unknown address (404) or another method than it has (405)."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = "not-found" if status == 404 else "not-supported"
    text = "there is no such resource here; see /fhir/metadata" if status == 404 else "this method is not supported"
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _answer(model.outcome(code, text), status, headers)


async def _defect(request: Request, error: Exception) -> Response:
    """Our own bug: logged, and told without its details."""
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    return _answer(model.outcome("exception", "an unexpected error; it was logged"), 500)


async def _parameters(request: Request) -> list[tuple[str, str]]:
    """The search parameters of the URL and, for `POST …/_search`, of the form in the body."""
    pairs = list(request.query_params.multi_items())
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != FORM:
            raise _Refused(415, "not-supported", f"send {FORM}")
        try:
            text = (await _read(request)).decode()
            pairs += parse_qsl(text, keep_blank_values=True, max_num_fields=50)
        except ValueError as error:
            raise BadRequest("the body is no form") from error
    return pairs


async def _search(request: Request, search: Search, find: finding.Finder) -> Response:
    """Answer a search as a Bundle, as small as it was asked for."""
    page = await run_in_threadpool(finding.found, find, search)
    following = ""
    if page.cursor:
        pairs = [(k, v) for k, v in request.query_params.multi_items() if k != "_cursor"]
        following = f"{request.url.replace(query='')}?{urlencode([*pairs, ('_cursor', page.cursor)])}"
    matches = [_shaped(resource, search) for resource in page.matches]
    return _answer(model.bundle(matches, _base(request), str(request.url), following, page.included, page.total))


def _shaped(resource: dict[str, Any], search: Search) -> dict[str, Any]:
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


def _pointing(error: BadSearch) -> str:
    """Where a search is wrong, as an expression: http.PARAMETER (see the R4 text on OperationOutcome.issue)."""
    return f"http.{error.parameter}" if error.parameter else ""


async def _read(request: Request) -> bytes:
    """The body, if it comes in time and is not too long."""
    data = b""
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                data += chunk
                if len(data) > MAX_BODY:
                    raise _Refused(413, "too-long", f"a request has at most {MAX_BODY} bytes", CLOSE)
    except TimeoutError:
        raise _Refused(408, "timeout", f"the body did not come within {BODY_S:g} seconds", CLOSE) from None
    except ClientDisconnect:
        raise _Refused(400, "incomplete", "the body ended early", CLOSE) from None
    return data


async def _body(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (JSON, "application/json"):
        raise _Refused(415, "not-supported", f"send {JSON}")
    data = await _read(request)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadRequest("the body is no JSON") from error
    if not isinstance(found, dict):
        raise BadRequest("the body is no resource")
    return found


def _preferred(request: Request, resource: dict[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    """What was written, as `Prefer: return=…` asks for it; the whole resource where it does not say."""
    wish = request.headers.get("prefer", "").replace(" ", "").lower()
    tag = {"ETag": _etag(resource), **headers}
    if "return=minimal" in wish:
        return Response(b"", status, {"Cache-Control": "no-store", **tag})
    if "return=operationoutcome" in wish:
        return _answer(model.outcome("informational", "done", severity="information"), status, tag)
    return _answer(resource, status, headers)


def _etag(resource: Mapping[str, Any]) -> str:
    """A weak entity tag: when the resource was last written, and its status."""
    return f'W/"{resource["meta"]["lastUpdated"]}-{resource.get("status", "")}"'


def _answer(resource: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
    own = {"ETag": _etag(resource)} if "lastUpdated" in resource.get("meta", {}) else {}
    return Response(text, status, {"Cache-Control": "no-store", **own, **(headers or {})}, JSON)


def _failure(error: CityChainError) -> Response:
    """A refusal of the ledger or the platform as a status and an OperationOutcome."""
    text = str(error.message)
    if error.code in _BUSY or isinstance(error, Conflict):
        free = ", ".join(error.details.get("free", []))
        return _answer(model.outcome("conflict", text, details=f"free: {free}" if free else ""), 409)
    if error.code in _RULES:
        return _answer(model.outcome("business-rule", text), 422)
    if error.code == "not_found" or isinstance(error, NotFound):
        return _answer(model.outcome("not-found", text), 404)
    if error.code in ("forbidden", "portal_revoked") or isinstance(error, PermissionDenied):
        return _answer(model.outcome("forbidden", text), 403)
    if isinstance(error, Unavailable):
        return _answer(model.outcome("transient", text), 503, {"Retry-After": "5"})
    return _answer(model.outcome("invalid" if error.exit_code == 2 else "processing", text), 400)


def _too_fast(seconds: float) -> _Refused:
    return _Refused(429, "throttled", "too many requests", {"Retry-After": str(max(1, math.ceil(seconds)))})


def _remote(request: Request) -> str:
    return request.client.host if request.client else ""


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/fhir"
