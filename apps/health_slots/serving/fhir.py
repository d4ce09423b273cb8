"""The FHIR R4 interface for the city's booking portals: search slots, hold, book, cancel.

Each portal has a token, a rate and a quota of the day; this service signs for it and vouches for whom it saw, and it
sees only its own appointments. Errors are `OperationOutcome`s: 401 token, 403 not yours, 404, 409 somebody was faster,
422 the rules say no, 429 too fast.
"""

from __future__ import annotations

import asyncio
import functools
import math
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
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
from apps.health_slots.serving import fhir_selftest as selftest
from apps.health_slots.serving import fhir_subscriptions as subscriptions
from apps.health_slots.serving.door import Door, QuotaReached
from apps.health_slots.serving.fhir_exchange import (
    Refused,
    answer,
    base_of,
    body_of,
    defect,
    etag,
    failure,
    no_route,
    parameters,
    plain,
    pointing,
    preferred,
    remote,
    shaped,
    too_fast,
    written,
)
from apps.health_slots.serving.fhir_requests import BadRequest, conditions, slot_of, status_wanted
from apps.health_slots.serving.fhir_search import BadSearch, Search, read_search
from apps.health_slots.serving.hooks import MOST, Subscriptions
from apps.health_slots.serving.kept_answers import KeptAnswers
from apps.health_slots.serving.limits import Portal
from apps.health_slots.serving.patients import PortalPatients
from baas.errors import CityChainError
from baas.serving.limits import RateLimiter
from fabric_sdk import clock

T = TypeVar("T")
READERS, WRITERS = 8, 32
"""Requests under way at a time that read, and that wait for the ledger; others wait for their turn."""
ANONYMOUS_RATE, ANONYMOUS_BURST = 5.0, 20


class Portals(Protocol):
    """Who may use the interface, and the service with which each of them books."""

    def at_hand(self, token: str) -> tuple[Portal, HealthSlotsService] | None:
        """Portal and service of a token where both are known without asking anybody; None says nothing."""

    def of_token(self, token: str) -> Portal | None: ...

    def service_of(self, portal: str) -> HealthSlotsService: ...

    @property
    def patients(self) -> PortalPatients: ...

    @property
    def hooks(self) -> Subscriptions: ...


Handler = Callable[[Request, Portal, HealthSlotsService], Awaitable[Response]]


def fhir_app(portals: Portals, *, limiter: RateLimiter | None = None) -> Starlette:
    """The interface as an ASGI application under `/fhir`."""
    api = _Interface(portals, limiter or RateLimiter())
    guarded = api.guarded
    return Starlette(
        routes=[
            Route("/fhir/metadata", api.metadata),
            Route("/fhir/OperationDefinition/{id}", api.operation),
            Route("/fhir/selftest", api.selftest, methods=["GET", "POST"]),
            Route("/fhir", guarded(api.batch), methods=["POST"]),
            *(Route(f"/fhir/{kind}/{{id}}", guarded(api.read_person)) for kind in ("Patient", "RelatedPerson")),
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
            Route("/fhir/Appointment", guarded(api.create), methods=["POST"]),
            Route("/fhir/Appointment/$book", guarded(api.book), methods=["POST"]),
            Route("/fhir/Appointment/{id}", guarded(api.read_appointment)),
            Route("/fhir/Appointment/{id}", guarded(api.update), methods=["PUT"]),
            Route("/fhir/Appointment/{id}/$cancel", guarded(api.cancel), methods=["POST"]),
            Route("/fhir/Subscription", guarded(api.search_subscriptions)),
            Route("/fhir/Subscription", guarded(api.subscribe), methods=["POST"]),
            Route("/fhir/Subscription/{id}", guarded(api.read_subscription)),
            Route("/fhir/Subscription/{id}", guarded(api.unsubscribe), methods=["DELETE"]),
        ],
        exception_handlers={HTTPException: no_route, Exception: defect},
    )


class _Interface:
    def __init__(self, portals: Portals, limiter: RateLimiter) -> None:
        self._portals = portals
        self._limiter = limiter
        self._kept = KeptAnswers()
        self._readers = ThreadPoolExecutor(READERS, "fhir-read")  # whom those never keep waiting who write
        self._writers = ThreadPoolExecutor(WRITERS, "fhir-write")
        self._conditional: dict[str, asyncio.Lock] = {}
        """Of each portal one conditional create at a time: it looks first and makes then."""

    def guarded(self, handler: Handler) -> Any:
        """Wrap a handler: token, rate, and every refusal as an OperationOutcome."""

        async def endpoint(request: Request) -> Response:
            try:
                portal, service = await self._admit(request)
                return await handler(request, portal, service)
            except Refused as refused:
                return answer(model.outcome(refused.code, refused.text), refused.status, refused.headers)
            except BadSearch as error:
                return answer(model.outcome("invalid", str(error), expression=pointing(error)), 400)
            except BadRequest as error:
                return answer(model.outcome("invalid", str(error), expression=error.where), 400)
            except QuotaReached as error:
                retry = {"Retry-After": str(error.seconds)}
                return answer(model.outcome("throttled", str(error.message)), 429, retry)
            except CityChainError as error:
                return failure(error)

        return endpoint

    def _throttled(self, request: Request) -> Response | None:
        """What somebody without a token is told who asks too much."""
        wait = self._limiter.wait_for(f"ip:{remote(request)}", ANONYMOUS_RATE, ANONYMOUS_BURST)
        return answer(model.outcome("throttled", "too many requests"), 429, {"Retry-After": "1"}) if wait else None

    def _slowing(self, request: Request) -> dict[str, str]:
        """What else somebody without a valid token is told: nothing, or, too fast, to wait and to connect anew.

        Never 429 in place of 401: what is wrong is the token, and a portal that is told to wait waits for ever.
        """
        wait = self._limiter.wait_for(f"ip:{remote(request)}", ANONYMOUS_RATE, ANONYMOUS_BURST)
        return {"Connection": "close", "Retry-After": str(max(1, math.ceil(wait)))} if wait else {}

    async def metadata(self, request: Request) -> Response:
        """The CapabilityStatement, for everybody."""
        if (refusal := self._throttled(request)) is not None:
            return refusal
        return answer(model.capability(base_of(request), clock.now()))

    async def operation(self, request: Request) -> Response:
        """One OperationDefinition, for everybody: the CapabilityStatement points there."""
        if (refusal := self._throttled(request)) is not None:
            return refusal
        found = operations.operation(request.path_params["id"], base_of(request))
        if found is None:
            return answer(model.outcome("not-found", "there is no such operation"), 404)
        return answer(found)

    async def selftest(self, request: Request) -> Response:
        """The page where a portal's developers try their token; what it asks counts as the portal's requests."""
        if (refusal := self._throttled(request)) is not None:
            return refusal
        return await selftest.respond(request, self._portals, self._read)

    # Reading

    async def search_slots(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Slots by schedule, start, status, specialty, appointment type."""
        search = read_search(await parameters(request), finding.SLOT_PARAMETERS)
        return await self._search(request, search, functools.partial(finding.find_slots, service), service)

    async def read_slot(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One slot."""
        return answer(await self._read(finding.slot_resource, service, request.path_params["id"]))

    async def search_schedules(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Sessions by actor, date, specialty."""
        search = read_search(await parameters(request), finding.SCHEDULE_PARAMETERS)
        return await self._search(request, search, functools.partial(finding.find_schedules, service), service)

    async def read_schedule(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One session."""
        return answer(model.schedule_resource(await self._read(service.index.session, request.path_params["id"])))

    async def search_appointments(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """The portal's own appointments by patient, slot, date, status."""
        search = read_search(await parameters(request), finding.APPOINTMENT_PARAMETERS)
        return await self._search(
            request, search, functools.partial(finding.find_appointments, self._door(portal, service))
        )

    async def read_appointment(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One of the portal's own appointments, as the ledger has it now."""
        return answer(await self._read(self._door(portal, service).shown, request.path_params["id"]))

    async def search_directory(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Hospitals, departments and doctors, as slots refer to them."""
        kind = request.url.path.rpartition("/")[2]
        search = read_search(await parameters(request), directory.PARAMETERS[kind])

        def find(asked: Search) -> finding.Page:
            matches, cursor = directory.find(service.index, kind, asked)
            return finding.Page(matches, [], cursor)

        return await self._search(request, search, find)

    async def read_directory(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One hospital, department or doctor."""
        kind = request.url.path.split("/")[-2]
        return answer(await self._read(directory.read, service.index, kind, request.path_params["id"]))

    async def search_code_systems(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """The code systems that resources here use."""
        search = read_search(await parameters(request), ("url",))
        urls = set(search.alternatives("url"))
        matches = [one for one in codes.code_systems().values() if not urls or one["url"] in urls]
        return await self._search(request, search, lambda asked: finding.Page(matches, []))

    async def read_code_system(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One code system."""
        resource = codes.code_systems().get(request.path_params["id"])
        if resource is None:
            raise Refused(404, "not-found", "there is no such code system")
        return answer(resource)

    async def read_person(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One of the portal's own patients, or who acted for one; the interface knows ids and no more."""
        kind, id = request.url.path.split("/")[-2:]
        if not await self._read(self._portals.patients.knows, portal.name, kind, id):
            raise Refused(404, "not-found", f"this portal has no such {kind}")
        return answer(model.person_resource(kind, id))

    # Writing

    async def batch(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Several requests in one, each through the front door again."""
        body = await body_of(request)
        token = request.headers["authorization"]
        return answer(await batch.answer(request.app, base_of(request), token, body))

    async def hold(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Hold a slot for a patient; answers the pending Appointment."""
        body = await body_of(request)
        return await self._take(request, portal, service, body, request.path_params["id"], service.bookings.hold)

    async def book(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Book the slot that an Appointment names; answers it with 201, or 409 when somebody was faster."""
        body = await body_of(request)
        return await self._take(request, portal, service, body, slot_of(body), service.bookings.book)

    async def create(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """A plain create: `pending` holds the slot, `proposed` or `booked` books it.

        With `If-None-Exist` nothing is made where the portal has one that matches: 200 with it, 412 for several.
        """
        body = await body_of(request)
        act = service.bookings.hold if status_wanted(body) == "pending" else service.bookings.book
        condition = request.headers.get("if-none-exist")
        if condition is None:
            return await self._take(request, portal, service, body, slot_of(body), act)
        search = read_search(conditions(condition), finding.APPOINTMENT_PARAMETERS)
        async with self._conditional.setdefault(portal.name, asyncio.Lock()):
            there = await self._read(finding.matching_now, self._door(portal, service), search)
            if len(there) > 1:
                raise Refused(412, "multiple-matches", "several appointments match If-None-Exist")
            if there:
                location = f"{base_of(request)}/Appointment/{there[0]['id']}"
                return preferred(request, there[0], 200, {"Location": location})
            return await self._take(request, portal, service, body, slot_of(body), act)

    async def update(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """A plain update: of an appointment a portal changes only the status, and that to `cancelled`."""
        body, id = await body_of(request), request.path_params["id"]
        if body.get("resourceType") != "Appointment" or body.get("id") != id:
            raise BadRequest("the body is the Appointment with the id of the address", "Appointment.id")
        if body.get("status") != "cancelled":
            raise Refused(422, "business-rule", "a portal changes an appointment to cancelled, and nothing else of it")
        return await self.cancel(request, portal, service)

    async def cancel(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Cancel one of the portal's own appointments."""
        id = request.path_params["id"]
        door = self._door(portal, service)
        expected = request.headers.get("if-match", "").strip()
        if expected and expected != etag(await self._read(door.shown, id)):
            raise Refused(412, "conflict", "the appointment has changed since it was read")
        return preferred(request, await self._write(door.cancel, id), 200, {})

    # Subscriptions

    async def search_subscriptions(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """The portal's own subscriptions."""
        search = read_search(await parameters(request), ("status",))
        statuses = set(search.tokens("status"))
        kept = await self._read(self._portals.hooks.all, portal.name)
        matches = [subscriptions.resource(one) for one in kept if not statuses or one.status in statuses]
        return await self._search(request, search, lambda asked: finding.Page(matches, []))

    async def read_subscription(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """One of the portal's own subscriptions."""
        one = await self._read(self._portals.hooks.get, portal.name, request.path_params["id"])
        if one is None:
            raise Refused(404, "not-found", "this portal has no such subscription")
        return answer(subscriptions.resource(one))

    async def subscribe(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """Be told that something changed; answers the Subscription with 201."""
        body, hooks = await body_of(request), self._portals.hooks
        origin = await self._read(hooks.origin, portal.name)
        wanted = subscriptions.wanted(body, portal.name, origin, service.now())
        kept = await self._read(hooks.add, await self._read(subscriptions.tried, self._door(portal, service), wanted))
        if kept is None:
            raise Refused(422, "business-rule", f"a portal has at most {MOST} subscriptions")
        location = f"{base_of(request)}/Subscription/{kept.id}"
        return preferred(request, subscriptions.resource(kept), 201, {"Location": location})

    async def unsubscribe(self, request: Request, portal: Portal, service: HealthSlotsService) -> Response:
        """End one of the portal's own subscriptions."""
        if not await self._read(self._portals.hooks.remove, portal.name, request.path_params["id"]):
            raise Refused(404, "not-found", "this portal has no such subscription")
        return Response(b"", 204, {"Cache-Control": "no-store"})

    async def _take(
        self,
        request: Request,
        portal: Portal,
        service: HealthSlotsService,
        body: Mapping[str, Any],
        slot: str,
        act: Callable[..., Appointment],
    ) -> Response:
        door = self._door(portal, service)
        resource, fresh = await self._write(door.take, slot, body, act)
        location = f"{base_of(request)}/Appointment/{resource['id']}"
        return preferred(request, resource, 201 if fresh else 200, {"Location": location})

    async def _search(
        self, request: Request, search: Search, find: finding.Finder, shared: HealthSlotsService | None = None
    ) -> Response:
        """Answer a search as a Bundle, as small as it was asked for.

        What every portal of `shared` finds alike is kept for those who ask the same at once.
        """

        def make() -> bytes:
            page = finding.found(find, search)
            more = ""
            if page.cursor:
                pairs = [(k, v) for k, v in request.query_params.multi_items() if k != "_cursor"]
                more = f"{request.url.replace(query='')}?{urlencode([*pairs, ('_cursor', page.cursor)])}"
            matches = [shaped(resource, search) for resource in page.matches]
            base, url = base_of(request), str(request.url)
            return written(model.bundle(matches, base, url, more, page.included, page.total))

        if shared is None or request.method != "GET":
            return plain(await self._read(make))
        return plain(await self._read(self._kept.get, shared.index, shared.now(), str(request.url), make))

    def _door(self, portal: Portal, service: HealthSlotsService) -> Door:
        return Door(portal, service, self._portals.patients)

    async def _admit(self, request: Request) -> tuple[Portal, HealthSlotsService]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        portal, found, token = None, None, token.strip()
        if scheme.lower() == "bearer" and 0 < len(token) <= 200:
            found = self._portals.at_hand(token)
            portal = found[0] if found is not None else await self._read(self._portals.of_token, token)
        if portal is None:
            headers = {"WWW-Authenticate": "Bearer", **self._slowing(request)}
            raise Refused(401, "login", "a valid bearer token is needed", headers)
        if wait := self._limiter.wait_for(f"portal:{portal.name}", portal.per_second, portal.burst):
            raise too_fast(wait)
        return found or (portal, await self._read(self._portals.service_of, portal.name))

    def _read(self, ask: Callable[..., T], *args: Any) -> Awaitable[T]:
        """Ask something that takes a moment, away from the event loop."""
        return asyncio.get_running_loop().run_in_executor(self._readers, ask, *args)

    def _write(self, act: Callable[..., T], *args: Any) -> Awaitable[T]:
        """Do something that waits for the ledger, away from the event loop and from those who read."""
        return asyncio.get_running_loop().run_in_executor(self._writers, act, *args)
