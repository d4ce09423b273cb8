"""The demonstration: a hospital's week of slots, committed, opened, searched, booked, contested, returned, audited.

Every run goes on where the last one stopped: the schedule is imported once, each run brings new residents.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.health_slots.demo_life import RULES, DemoDay, give_back, wait_for
from apps.health_slots.model import Appointment, Identity, SlotQuery
from apps.health_slots.samples import write_schedule
from apps.health_slots.schedule import preview_file
from apps.health_slots.service import HealthSlotsService, build_service
from baas.applications import DemoTold
from baas.errors import CityChainError, Conflict, LedgerError, Text, UserError
from chaincode.health_slots import merkle
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.applications import DemoOptions
    from baas.jobs import JobContext
    from baas.platform import Platform

HOSPITAL, HOSPITAL_NAME = "H0001", Text("市第一人民医院", "First People's Hospital")


def run(platform: Platform, network_name: str, options: DemoOptions, ctx: JobContext) -> dict[str, Any]:
    """Publish a schedule and use it; returns `{"slots": {…}}` with what really happened."""
    service = build_service(platform, network_name)
    rival = build_service(platform, network_name, portal="rival")
    try:
        return {"slots": _run(platform, network_name, service, rival, options, ctx)}
    finally:
        rival.close()
        service.close()


def told(result: Mapping[str, Any]) -> DemoTold:
    """What the demonstration did, for people."""
    slots = result.get("slots")
    if not slots:
        return DemoTold()
    refused = Text("已被拒绝", "refused") if slots["double_booking_refused"] else Text("未被拒绝", "NOT refused")
    said = Text(
        "发布 {p} 个，已约 {b} 个；重复预约{r}",
        "{p} published, {b} booked; double booking {r}",
        p=slots["published"],
        b=slots["booked"],
        r=refused,
    )
    return DemoTold(lines=[(Text("号源", "Slots"), said)])


def _run(
    platform: Platform,
    network_name: str,
    service: HealthSlotsService,
    rival: HealthSlotsService,
    options: DemoOptions,
    ctx: JobContext,
) -> dict[str, Any]:
    service.set_up({HOSPITAL: HOSPITAL_NAME.zh})
    if service.rules.policy(HOSPITAL)["owner"] != HOSPITAL:
        service.rules.set_policy(HOSPITAL, RULES, "demand")
    today = clock.today()
    file = options.get("schedule") or _sample(platform, today)
    imported = service.schedules.import_file(HOSPITAL, file, today=today, ctx=ctx)
    service.schedules.release(HOSPITAL, ctx=ctx)
    service.waiting.commit_beacon(today.isoformat())

    day = DemoDay(service, HOSPITAL, _person)
    # Some 150 transactions, one after another: moments on the embedded ledger, minutes where each waits for a block.
    lively = platform.networks.spec(platform.networks.resolve(network_name)).runtime == "embedded" and day.wanted
    if lively:
        ctx.step("slots-draw", Text("公布摇号、报名", "Announce a draw, apply"))
        day.begin(today, file.parent if options.get("schedule") is None else platform.workspace.path("slots"))
    ctx.step("slots-book", Text("预约、抢号、退号", "Book, contest, return"))
    tomorrow = (today + dt.timedelta(days=1)).isoformat()
    page = service.search(SlotQuery(hospital=HOSPITAL, date_from=tomorrow, pool="online", limit=3))
    sessions = service.sessions(hospital=HOSPITAL, limit=10_000)
    result: dict[str, Any] = {
        "hospital": HOSPITAL,
        "schedule": str(file),
        "sessions": len(sessions),
        "published": sum(s.slots for s in sessions if s.state == "published"),
        "committed_now": imported.slots,
        "found": len(page.slots),
    }
    if len(page.slots) < 2:
        raise UserError(
            Text("没有可演示的空闲号源。", "There are no free slots to demonstrate with."),
            Text(
                "请用 --schedule 换一份日期在以后的排班，或换一个工作区。",
                "Give a schedule of coming days with --schedule, or use another workspace.",
            ),
            code="no_free_slots",
        )
    result |= _use(service, rival, [slot.id for slot in page.slots])
    ctx.check_cancelled()
    if lively:
        ctx.step("slots-day", Text("付款、就诊、停诊、授权", "Pay, visit, stop, consent"))
        day.go_on()
        day.end()
    report = service.audit(hospital=HOSPITAL, ctx=ctx)
    result |= {
        "booked": sum(s.booked for s in service.sessions(hospital=HOSPITAL, limit=10_000)),
        "audit": {
            "clean": report.clean,
            "blocks": report.blocks,
            "sessions": report.sessions,
            "hidden": report.hidden,
            "added": report.added,
            "withdrawn": report.withdrawn,
        },
    }
    return result


def _use(service: HealthSlotsService, rival: HealthSlotsService, free: list[str]) -> dict[str, Any]:
    """Two portals want one slot at once; the winner's other slot is cancelled and goes to who waits."""
    first, second = free[:2]
    people = _newcomers(service, 3)
    residents = [service.bookings.deposit(HOSPITAL, person) for person in people]
    rival.bookings.receive(HOSPITAL, people[1])
    outcomes = _at_once(
        lambda: service.bookings.book(first, residents[0]), lambda: rival.bookings.book(first, residents[1])
    )
    won = [o for o in outcomes if isinstance(o, Appointment)]
    refused = [o for o in outcomes if isinstance(o, Conflict)]
    for outcome in outcomes:
        if not isinstance(outcome, Appointment | Conflict):
            raise outcome
    if (len(won), len(refused)) != (1, 1):
        raise LedgerError(
            Text(
                "一个号被预约了 {n} 次，应恰好一次。",
                "One slot was booked {n} times; it must be exactly once.",
                n=len(won),
            ),
            code="double_booking",
        )
    proof = service.schedules.prove(first)
    path = [(side, bytes.fromhex(value)) for side, value in proof["path"]]
    leaf = merkle.leaf_hash(proof["line"], bytes.fromhex(proof["salt"]))
    held = service.bookings.hold(second, residents[2])
    booked = service.bookings.book(second, residents[2])
    lost = residents[1] if isinstance(outcomes[0], Appointment) else residents[0]
    wait_for(service, second.rpartition(".")[0], lost)
    cancelled = give_back(service, booked.id)
    handed = service.waiting.hand_on(HOSPITAL)
    return {
        "appointment": won[0].id,
        "slot": first,
        "tx_id": won[0].tx_id,
        "block": won[0].block,
        "double_booking_refused": True,
        "refusal": str(refused[0].message),
        "offered_instead": refused[0].details.get("free", []),
        "held": held.id,
        "cancelled": booked.id if cancelled else "",
        "offered_to_waitlist": [slot for slot, _ in handed.offered],
        "proof": {"root": proof["root"], "verified": merkle.verify_proof(leaf, path, bytes.fromhex(proof["root"]))},
    }


def _at_once(*calls: Callable[[], Appointment]) -> list[Appointment | CityChainError]:
    def attempt(call: Callable[[], Appointment]) -> Appointment | CityChainError:
        try:
            return call()
        except CityChainError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(attempt, calls))


def _newcomers(service: HealthSlotsService, count: int) -> list[Identity]:
    """Residents who have booked nothing yet: a run that was broken off leaves its own with theirs."""
    people = (_person(number) for number in itertools.count(1))
    bookings = service.bookings
    new = (one for one in people if not bookings.appointments(HOSPITAL, bookings.resident(one), part="staff"))
    return list(itertools.islice(new, count))


def _person(number: int) -> Identity:
    """A resident who does not exist, with a document that no authority issues."""
    return Identity(f"演示居民{number}", "99", f"DEMO{number:08d}", f"000{number:08d}")


def _sample(platform: Platform, today: dt.date) -> Path:
    """The sample schedule with its first day tomorrow; kept until it is over, so that later runs go on with it."""
    target = platform.workspace.path("slots", "demo-schedule.csv")
    if target.exists():
        try:
            if preview_file(target, today=today).importable:
                return target
        except CityChainError:
            pass
    target.parent.mkdir(parents=True, exist_ok=True)
    return write_schedule(target, today + dt.timedelta(days=1))
