"""A city's day on a network: publish everywhere, book steadily, then ten thousand people after five hundred slots."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from apps.health_slots.cast import Part, collection_of, endorsement_policy
from apps.health_slots.ledger import CONTRACT, FabricLedger
from apps.health_slots.serving.following import Follower
from apps.health_slots.serving.gathering import GatheringLedger
from apps.kit.ledger import encode
from baas.bench.city import at, each
from baas.errors import LedgerError, Text
from chaincode.health_slots import grid
from chaincode.health_slots.context import EVERY_PORTAL
from fabric_sdk import clock
from network.bench_ledger import deploy_contract
from network.bench_load import Load

if TYPE_CHECKING:
    from apps.health_slots.bench.measuring import Sizes
    from apps.health_slots.service import HealthSlotsService
    from baas.jobs import JobContext
    from baas.platform import Platform

Ticket = tuple[str, str]
"""A visit id and its ticket."""
PER_SESSION = 20
PLAIN_S = 5.0
FOLLOW_S = 0.2
_MINUTES = 12


@dataclass
class Hospital:
    """A hospital's day: commitments and their openings."""

    id: str
    plans: list[dict[str, Any]] = field(default_factory=list)
    openings: list[dict[str, Any]] = field(default_factory=list)

    @property
    def slots(self) -> Iterator[str]:
        for plan in self.plans:
            for number in range(1, plan["count"] + 1):
                yield f"{self.id}.{plan['id']}.{number:03d}"


class Client:
    """The contract through the asyncio Gateway, signing as one part."""

    def __init__(self, contract: Any) -> None:
        self._contract = contract

    async def submit(self, function: str, *args: Any) -> bytes:
        """Submit and wait for the commit; a refusal is raised."""
        result: bytes = await self._contract.submit(function, *(encode(a) for a in args))
        return result

    async def evaluate(self, function: str, *args: Any) -> Any:
        return json.loads(await self._contract.evaluate(function, *(encode(a) for a in args)))


class Portal(Client):
    """A FHIR service at the ledger: every person by a ticket of the authority."""

    def __init__(self, contract: Any, authority: str) -> None:
        super().__init__(contract)
        self._authority = authority

    async def ticket(self, slot: str, name: str) -> Ticket:
        """The visit id and ticket of somebody who does not exist, for the bench's day."""
        document = hashlib.sha256(name.encode()).hexdigest()[:32]
        found = json.loads(
            await self._contract.evaluate(
                "Ticket",
                *(slot.partition(".")[0], _day(), "bench"),
                transient={"person": json.dumps({"document_type": "99", "document": document}).encode()},
                endorsing_organizations=(self._authority,),
            )
        )
        return found["resident"], found["ticket"]

    async def tickets(self, names: Mapping[str, str], at_once: int) -> tuple[dict[str, Ticket], float]:
        """Tickets by name for people who each book the slot given, and how many a second.

        People come to a portal ahead of the hour at which slots open; a ticket is good for ten minutes.
        """
        found: dict[str, Ticket] = {}

        async def fetch(name: str) -> None:
            found[name] = await self.ticket(names[name], name)

        began = time.perf_counter()
        await each(list(names), fetch, at_once)
        return found, round(len(found) / (time.perf_counter() - began), 1)


async def measure(platform: Platform, service: HealthSlotsService, sizes: Sizes, ctx: JobContext) -> dict[str, Any]:
    """Return the figures of publishing, of plain transactions, of booking alone and gathered, and of the storm."""
    from fabric_sdk.gateway import aio

    ledger = service.ledger
    assert isinstance(ledger, FabricLedger)
    service.rules.initialize(service.cast.roles(), clock_tolerance_s=3600)
    service.rules.set_policy("CITY", {"release_mode": "after-commit", "release_delay_s": 0}, "demand")
    handle = platform.networks.handle(ledger.network)
    gateways: list[Any] = []

    portals = FabricLedger(platform, ledger.network, portal=EVERY_PORTAL)

    def contract(label: str) -> Any:
        identity = platform.identities.signing(label, ledger.network)
        gateway = aio.connect(handle.endpoint(identity.msp_id), identity)
        gateways.append(gateway)
        return gateway.get_network(ledger.spec.channels[0].name).get_contract(CONTRACT)

    def client(part: Part) -> Client:
        return Client(contract(ledger.label(part)))

    try:
        staff = client("staff")
        portal = Portal(contract(portals.label("portal")), service.cast.authority)
        hospitals = _hospitals(sizes)
        storm = _storm_hospital(sizes)
        await _admit(client("authority"), staff, service, [*hospitals, storm], sizes.clients)
        ctx.step("publish", Text("发布 {n} 个号源", "Publish {n} slots", n=f"{sizes.slots:,}"))
        result = await _publish(staff, hospitals, sizes, ctx)
        await _publish(staff, [storm], sizes, ctx)
        ctx.step("submit", Text("普通交易", "Plain transactions"))
        result["submit_per_s"] = await _plain(platform, ledger, sizes)
        ctx.step("alone", Text("逐个预约 {n} 次", "Book {n} slots one by one", n=f"{sizes.bookings:,}"))
        wanted = _wanted(hospitals, sizes)
        tickets, result["tickets_per_s"] = await portal.tickets({slot: slot for slot in wanted[0]}, sizes.clients)
        result |= await _book(
            wanted[0], sizes, ctx, "alone_", lambda s: portal.submit("BookSlot", s, tickets[s][0], "", tickets[s][1])
        )
        ctx.step("book", Text("成批预约 {n} 次", "Book {n} slots, gathered", n=f"{sizes.bookings:,}"))
        door = GatheringLedger(portals, left=lambda session: _left(service, session))
        more, _ = await portal.tickets({slot: slot for slot in wanted[1]}, sizes.clients)
        result |= await _book(wanted[1], sizes, ctx, "", lambda slot: _through(door, slot, more[slot]))
        result["bookings_to_submits"] = round(result["bookings_per_s"] / result["submit_per_s"], 2)
        ctx.step("storm", Text("{n} 人抢 {m} 个号", "{n} people, {m} slots", n=sizes.people, m=sizes.storm_slots))
        await asyncio.to_thread(service.refresh)
        with Follower(service.index, ledger, seconds=FOLLOW_S):
            result |= await _storm(portal, door, storm, sizes, ctx)
        return result
    finally:
        for gateway in gateways:
            await gateway.close()


def _hospitals(sizes: Sizes) -> list[Hospital]:
    each, more = divmod(sizes.slots, sizes.hospitals)
    return [_hospital(f"B{n:04d}", each + (n < more)) for n in range(sizes.hospitals)]


def _storm_hospital(sizes: Sizes) -> Hospital:
    return _hospital("STORM", sizes.storm_slots)


def _hospital(id: str, slots: int) -> Hospital:
    hospital = Hospital(id)
    date = _day()
    number = 0
    while slots > 0:
        count = min(PER_SESSION, slots)
        afternoon = number % 2
        start = 840 if afternoon else 480
        session = f"GEN-D{number // 2:02d}-{date[2:].replace('-', '')}{'P' if afternoon else 'A'}"
        runs = [[start, _MINUTES, count, "online"]]
        secret = hashlib.sha256(f"{id}.{session}".encode()).digest()
        hospital.plans.append(
            {
                "id": session,
                "department": "GEN",
                "doctor": f"D{number // 2:02d}",
                "date": date,
                "part": "pm" if afternoon else "am",
                "kind": "general",
                "start": start,
                "end": start + _MINUTES * count,
                "fee": 1000,
                "count": count,
                "root": grid.commitment(f"{id}.{session}", runs, secret),
            }
        )
        hospital.openings.append({"id": session, "secret": secret.hex(), "runs": runs})
        slots -= count
        number += 1
    return hospital


async def _admit(
    authority: Client, staff: Client, service: HealthSlotsService, hospitals: list[Hospital], clients: int
) -> None:
    msp_id = service.cast.hospitals[0]
    rows = [
        {"id": h.id, "name": f"医院{h.id}", "msp_id": msp_id, "collection": collection_of(msp_id)} for h in hospitals
    ]
    for start in range(0, len(rows), 500):
        await authority.submit("RegisterHospitals", rows[start : start + 500])

    async def units(hospital: Hospital) -> None:
        doctors = sorted({p["doctor"] for p in hospital.plans})
        await staff.submit(
            "RegisterUnits",
            hospital.id,
            {
                "departments": [{"id": "GEN", "name": "普通内科"}],
                "doctors": [{"id": d, "department": "GEN", "name": f"普通门诊{d}"} for d in doctors],
            },
        )

    await each(hospitals, units, clients)


async def _publish(staff: Client, hospitals: list[Hospital], sizes: Sizes, ctx: JobContext) -> dict[str, Any]:
    published = 0

    async def publish(hospital: Hospital) -> None:
        nonlocal published
        await staff.submit("CommitSessions", hospital.id, hospital.plans)
        opened = int(await staff.submit("PublishSessions", hospital.id, hospital.openings))
        published += opened
        ctx.progress(published, sizes.slots)

    began = time.perf_counter()
    await each(hospitals, publish, min(32, sizes.clients))
    return {
        "hospitals": len(hospitals),
        "published": published,
        "publish_s": round(time.perf_counter() - began, 2),
    }


async def _plain(platform: Platform, ledger: FabricLedger, sizes: Sizes) -> float:
    """Transactions a second of a contract that writes one key, endorsed by whoever endorses a booking."""
    handle, driver = platform.networks.handle(ledger.network), platform.networks.driver(ledger.network)
    await asyncio.to_thread(deploy_contract, handle, driver, endorsement_policy(ledger.spec))
    load = Load(handle, set)
    try:
        return round((await load.under_way(load.submit, sizes.clients, PLAIN_S)).per_second, 1)
    finally:
        await load.close()


def _wanted(hospitals: list[Hospital], sizes: Sizes) -> tuple[list[str], list[str]]:
    """Two lists of slots at the hospitals where people book this morning, interleaved as people come."""
    busy = [list(h.slots) for h in hospitals[: sizes.busy]]
    every = [row[n] for n in range(max(map(len, busy), default=0)) for row in busy if n < len(row)]
    return every[: sizes.bookings], every[sizes.bookings : 2 * sizes.bookings]


async def _through(door: GatheringLedger, slot: str, ticket: Ticket) -> Any:
    return (await asyncio.wrap_future(door.begin("portal", "BookSlot", slot, ticket[0], "", ticket[1]))).result


def _left(service: HealthSlotsService, session: str) -> int:
    row = service.index.session(session)
    return row.free + row.held


async def _book(
    slots: list[str], sizes: Sizes, ctx: JobContext, name: str, act: Callable[[str], Awaitable[Any]]
) -> dict[str, Any]:
    """Residents of their own book slots of their own: what a portal's morning looks like."""
    done = 0

    async def book(slot: str) -> None:
        nonlocal done
        await act(slot)
        done += 1
        if done % 200 == 0:
            ctx.progress(done, len(slots))

    began = time.perf_counter()
    times = await each(slots, book, sizes.clients)
    took = time.perf_counter() - began
    return {f"{name}bookings": len(times), f"{name}bookings_per_s": round(len(times) / took, 1)} | {
        f"{name}booking_p50_ms": at(times, 0.5),
        f"{name}booking_p95_ms": at(times, 0.95),
    }


async def _storm(
    portal: Portal, door: GatheringLedger, storm: Hospital, sizes: Sizes, ctx: JobContext
) -> dict[str, Any]:
    """Everybody wants any of the few slots at once; who is refused tries the next one that may be free.

    Each person asks at least once, and ends with a slot or with the word that none is left: of the ledger, or of the
    door once the ledger has said so and no slot of the session is free. They have their tickets.
    """
    free = dict.fromkeys(storm.slots)
    told: dict[str, str] = {}
    sold_out = 0
    attempts = 0
    failures: dict[str, int] = {}
    random_of = random.Random(1)
    taken: set[str] = set()
    every = list(free)

    times: list[float] = []
    names = [f"storm {number}" for number in range(sizes.people)]
    tickets, _ = await portal.tickets(dict.fromkeys(names, every[0]), sizes.clients)

    async def person(name: str) -> None:
        began = time.perf_counter()
        await try_on(tickets[name])
        times.append(time.perf_counter() - began)

    async def try_on(who: Ticket) -> None:
        nonlocal sold_out, attempts
        asked = False
        while True:
            candidates = list(free) if free else ([] if asked else every)
            if not candidates:
                sold_out += 1
                return
            slot = random_of.choice(candidates)
            asked = True
            attempts += 1
            try:
                answer = await _through(door, slot, who)
            except LedgerError as error:
                if error.code != "slot_taken":
                    failures[error.code] = failures.get(error.code, 0) + 1
                    return
                free.pop(slot, None)
                taken.add(slot)
                continue
            told[who[0]] = answer["slot"]
            free.pop(slot, None)
            return

    began = time.perf_counter()
    await each(names, person, sizes.clients)
    took = time.perf_counter() - began
    booked, double, lost = await _count(portal, storm, told)
    ctx.progress(sizes.people, sizes.people)
    answered = len(told) + sold_out
    return {
        "storm_people": sizes.people,
        "storm_slots": sizes.storm_slots,
        "storm_s": round(took, 2),
        "storm_attempts": attempts,
        "storm_booked": booked,
        "storm_double": double,
        "storm_lost": lost,
        "storm_unanswered": sizes.people - answered,
        "storm_answered_p95_s": round(at(times, 0.95) / 1000, 2),
        "storm_failures": failures,
    }


async def _count(portal: Client, storm: Hospital, told: dict[str, str]) -> tuple[int, int, int]:
    """Ask the ledger: slots booked; people told a slot that somebody else has; people told a slot they have not."""
    holders: dict[str, str] = {}
    for plan in storm.plans:
        touched = await portal.evaluate("ListTouched", f"{storm.id}.{plan['id']}")
        for number, record in touched.items():
            if record["state"] == "booked":
                appointment = await portal.evaluate("GetAppointment", record["appointment"])
                holders[f"{storm.id}.{plan['id']}.{number}"] = appointment["resident"]
    double = len(told) - len(set(told.values()))
    lost = sum(1 for who, slot in told.items() if holders.get(slot) != who)
    return len(holders), double, lost


def _day() -> str:
    return (clock.today() + dt.timedelta(days=2)).isoformat()
