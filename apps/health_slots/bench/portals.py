"""Booking portals at the FHIR interface: many clients for a while, and afterwards what each was told is true.

The interface runs in a process of its own, as `citychain slots fhir` starts it. Every client looks for a free slot,
books it for somebody new, reads the appointment again and sometimes cancels. At the end each portal's answers are held
against the ledger: nobody has a slot that somebody else has, nothing answered is missing, nothing missing was answered.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.health_slots.bench.plain_http import Answer, Lost, Wire
from apps.health_slots.service import build_service
from apps.health_slots.serving.portals import PlatformPortals
from baas.bench.city import NETWORK, at, bench_city
from baas.content.kubo_daemon import free_port
from baas.errors import CityChainError, Text
from baas.jobs import JobContext
from fabric_sdk import clock
from network.processes import NO_WINDOW
from network.yardstick import processor_seconds

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService

PORTALS = 4
HOSPITALS = 8
PER_SESSION = 60
START_S = 60
HEADINGS = (
    "科室编号",
    "科室",
    "医生编号",
    "医生",
    "日期",
    "时段",
    "开始",
    "结束",
    "号源数",
    "号别",
    "号源池",
    "挂号费",
)
CONNECTIONS = 120
"""At once from one address: the interface takes 128 and drops the others; more clients share them."""
ASKED_AGAIN = 5
"""How often a client asks before it gives up where a connection was closed under it."""
GONE = 0.25
"""How many of the appointments are cancelled again."""


@dataclass
class Told:
    """What the clients of all portals were answered."""

    statuses: Counter[str] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=dict)
    """how long each answer took, by what was asked"""
    live: dict[str, str] = field(default_factory=dict)
    """appointments by slot, as the answers said"""
    wrong: list[str] = field(default_factory=list)
    server_cpu_s: float = 0.0
    client_cpu_s: float = 0.0
    node_cpu_s: float = 0.0
    """processor time of interface, clients and ledger: says more than rates where a machine does other things, too"""


def measure(clients: int, seconds: float, *, ctx: JobContext) -> dict[str, Any]:
    """Run `clients` clients for `seconds` on a network of its own in a temporary workspace; return the figures."""
    with bench_city("health_slots", ctx=ctx) as platform, closing(build_service(platform, NETWORK)) as service:
        workspace = platform.workspace.folder
        slots = _publish(service, workspace.parent, clients, seconds)
        registry = PlatformPortals(platform, NETWORK, service.index).registry
        tokens = [
            registry.add(f"portal{n}", per_second=10_000, burst=100_000, per_day=10_000_000) for n in range(PORTALS)
        ]
        port = free_port()
        ctx.step("clients", Text("{n} 个客户端", "{n} clients", n=clients))
        words = [sys.executable, "-m", "baas.cli", "--workspace", str(workspace), "slots", "fhir", "--port", f"{port}"]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(words, stdout=quiet, stderr=quiet, creationflags=NO_WINDOW) as server:
            try:
                node = {n.pid for n in platform.networks.status(NETWORK).nodes if n.pid}
                told = asyncio.run(_crowd(port, tokens, clients, seconds, server.pid, node))
            finally:
                server.terminate()
        return {"slots": slots, "clients": clients, **_figures(service, told, seconds)}


def _publish(service: HealthSlotsService, folder: Path, clients: int, seconds: float) -> int:
    """Open slots enough for everybody; residents may book as often as the bench makes new ones."""
    service.set_up({f"P{n:03d}": f"医院{n}" for n in range(HOSPITALS)})
    rules = {"release_mode": "after-commit", "release_delay_s": 0, "cancel_working_days": 0, "cancel_minute": 1439}
    service.rules.set_policy("CITY", rules, "demand")
    day = (clock.today() + dt.timedelta(days=2)).isoformat()
    doctors = max(10, int(clients * seconds / HOSPITALS / PER_SESSION / 4))
    for hospital in (f"P{n:03d}" for n in range(HOSPITALS)):
        file = folder / f"{hospital}.csv"
        with file.open("w", encoding="utf-8-sig", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(HEADINGS)
            for number in range(doctors):
                place = ["GEN", "普通内科", f"D{number:04d}", f"普通门诊{number}", day, "上午", "08:00", "12:00"]
                table.writerow([*place, PER_SESSION, "普通", "线上", 10])
        service.schedules.import_file(hospital, file)
        service.schedules.release(hospital)
    return HOSPITALS * doctors * PER_SESSION


async def _crowd(port: int, tokens: list[str], clients: int, seconds: float, server: int, node: set[int]) -> Told:
    told = Told()
    await _until_there(port)
    wires = [Wire("127.0.0.1", port, source) for source in await _sources(port, clients)]
    end = time.monotonic() + seconds
    before, own, others = processor_seconds({server}), time.process_time(), processor_seconds(node)
    crowd = [_Person(wires[n % len(wires)], tokens[n % PORTALS], n, told) for n in range(clients)]
    await asyncio.gather(*(person.until(end) for person in crowd))
    told.server_cpu_s, told.client_cpu_s = processor_seconds({server}) - before, time.process_time() - own
    told.node_cpu_s = processor_seconds(node) - others
    for wire in wires:
        wire.close()
    return told


async def _sources(port: int, clients: int) -> list[str]:
    """Where each connection comes from: one a client, each portal from an address of its own, where the system lets
    us; otherwise as many as the interface takes from one address, which the clients share."""
    addresses = [f"127.0.0.{2 + n}" for n in range(PORTALS)]
    probe = Wire("127.0.0.1", port, addresses[0])
    try:
        await probe.ask("GET", "/fhir/metadata")
    except Lost:
        return [""] * min(clients, CONNECTIONS)
    finally:
        probe.close()
    return [addresses[n % PORTALS] for n in range(min(clients, CONNECTIONS * PORTALS))]


async def _until_there(port: int) -> None:
    wire = Wire("127.0.0.1", port)
    for _ in range(START_S * 10):
        try:
            await wire.ask("GET", "/fhir/metadata")
            return
        except Lost:
            await asyncio.sleep(0.1)
        finally:
            wire.close()
    raise CityChainError(Text("接口没有起来。", "The interface did not come up."), code="not_started")


class _Person:
    """One client: searches, books, reads again, sometimes cancels, until the end."""

    def __init__(self, wire: Wire, token: str, number: int, told: Told) -> None:
        self._wire, self._token, self._number, self._told = wire, token, number, told
        self._chance = random.Random(number)
        self._round = 0

    async def until(self, end: float) -> None:
        while time.monotonic() < end and await self._once():
            pass

    async def _ask(self, method: str, path: str, what: str, body: Any = None) -> Answer:
        told, began = self._told, time.perf_counter()
        for _ in range(ASKED_AGAIN):
            try:
                answer = await self._wire.ask(method, f"/fhir/{path}", self._token, body)
                break
            except Lost:  # a portal whose answer was lost asks again: the same is the same
                told.statuses[f"{what} lost"] += 1
        else:
            raise CityChainError(Text("接口没有应答。", "The interface did not answer."), code="no_answer")
        told.times.setdefault(what, []).append(time.perf_counter() - began)
        told.statuses[f"{what} {answer.status}"] += 1
        return answer

    async def _once(self) -> bool:
        told, self._round = self._told, self._round + 1
        hospital = f"P{self._chance.randrange(HOSPITALS):03d}"
        found = await self._ask("GET", f"Slot?status=free&schedule.actor={hospital}&_count=50", "search")
        entries = found.json().get("entry", []) if found.status == 200 else []
        if not entries:
            told.wrong.append(f"search {found.status}")
            return False
        slot = self._chance.choice(entries)["resource"]["id"]
        body = _booking(slot, f"{self._number:06d}{self._round:06d}")
        answer = await self._ask("POST", "Appointment/$book", "book", body)
        if answer.status == 409:
            return True
        if answer.status not in (200, 201):
            told.wrong.append(f"book {answer.status} {answer.body[:200].decode()}")
            return True
        id = answer.json()["id"]
        if slot in told.live:
            told.wrong.append(f"{slot} was given to {told.live[slot]} and {id}")
        told.live[slot] = id
        read = await self._ask("GET", f"Appointment/{id}", "read")
        if read.status != 200 or read.json()["status"] != "booked":
            told.wrong.append(f"read {read.status}")
        if self._chance.random() < GONE:
            del told.live[slot]
            cancelled = await self._ask("POST", f"Appointment/{id}/$cancel", "cancel", {})
            if cancelled.status != 200:
                told.wrong.append(f"cancel {cancelled.status} {cancelled.body[:200].decode()}")
        return True


def _booking(slot: str, document: str) -> dict[str, Any]:
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [{"system": "urn:citychain:document:99", "value": f"BENCH{document}"}],
        "name": [{"text": "样例居民"}],
        "telecom": [{"system": "phone", "value": "00000000000"}],
    }
    return {
        "resourceType": "Appointment",
        "status": "proposed",
        "contained": [patient],
        "slot": [{"reference": f"Slot/{slot}"}],
        "participant": [{"actor": {"reference": "#p"}, "status": "accepted"}],
    }


def _figures(service: HealthSlotsService, told: Told, seconds: float) -> dict[str, Any]:
    """The figures, with what the ledger and the answers disagree about among the wrong ones."""
    service.refresh()
    rows = service.index.rows("SELECT id FROM appointment WHERE state IN ('booked', 'pending')")
    on_ledger = {str(row[0]) for row in rows}
    answered = set(told.live.values())
    wrong = [
        *told.wrong,
        *(f"lost {id}" for id in answered - on_ledger),
        *(f"never told {id}" for id in on_ledger - answered),
    ]
    times = [one for some in told.times.values() for one in some]
    each = max(1, len(times))
    return {
        "requests": len(times),
        "requests_per_s": round(len(times) / seconds, 1),
        "p50_ms": at(times, 0.5),
        "p95_ms": at(times, 0.95),
        "p50_ms_of": {what: at(some, 0.5) for what, some in sorted(told.times.items())},
        "p95_ms_of": {what: at(some, 0.95) for what, some in sorted(told.times.items())},
        "server_cpu_ms": round(told.server_cpu_s / each * 1000, 2),
        "node_cpu_ms": round(told.node_cpu_s / each * 1000, 2),
        "client_cpu_ms": round(told.client_cpu_s / each * 1000, 2),
        "answers": dict(sorted(told.statuses.items())),
        "booked": len(answered),
        "wrong": len(wrong),
        "wrong_examples": wrong[:5],
    }
