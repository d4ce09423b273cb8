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
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from apps.health_slots.service import build_service
from apps.health_slots.serving.portals import PlatformPortals
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
GONE = 0.25
"""How many of the appointments are cancelled again."""


@dataclass
class Told:
    """What the clients of all portals were answered."""

    statuses: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    live: dict[str, str] = field(default_factory=dict)
    """appointments by slot, as the answers said"""
    wrong: list[str] = field(default_factory=list)
    server_cpu_s: float = 0.0
    client_cpu_s: float = 0.0
    """processor time of interface and clients, which says more than rates on a machine that does other things"""


def measure(clients: int, seconds: float, *, ctx: JobContext) -> dict[str, Any]:
    """Run `clients` clients for `seconds` on a network of its own in a temporary workspace; return the figures."""
    from baas.platform import Platform

    with tempfile.TemporaryDirectory(prefix="citychain-bench-") as folder, Platform.open(Path(folder, "w")) as platform:
        ctx.step("network", Text("建立城市网络", "Set up the city's network"))
        spec = platform.networks.template("city", name="bench")
        try:
            platform.networks.up(spec)
            platform.contracts.deploy("bench", "health_slots")
            service = build_service(platform, "bench")
            try:
                slots = _publish(service, Path(folder), clients, seconds)
                registry = PlatformPortals(platform, "bench", service.index).registry
                tokens = [
                    registry.add(f"portal{n}", per_second=10_000, burst=100_000, per_day=10_000_000)
                    for n in range(PORTALS)
                ]
                port = free_port()
                ctx.step("clients", Text("{n} 个客户端", "{n} clients", n=clients))
                with subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "baas.cli",
                        "--workspace",
                        f"{folder}/w",
                        "slots",
                        "fhir",
                        "--port",
                        f"{port}",
                    ],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    creationflags=NO_WINDOW,
                ) as server:
                    try:
                        told = asyncio.run(
                            _crowd(f"http://127.0.0.1:{port}/fhir", tokens, clients, seconds, {server.pid})
                        )
                    finally:
                        server.terminate()
                return {"slots": slots, "clients": clients, **_figures(service, told, seconds)}
            finally:
                service.close()
        finally:
            platform.networks.destroy("bench")


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


async def _crowd(address: str, tokens: list[str], clients: int, seconds: float, server: set[int]) -> Told:
    told = Told()
    open_at_once = min(clients, CONNECTIONS)
    limits = httpx.Limits(max_connections=open_at_once, max_keepalive_connections=open_at_once)
    async with httpx.AsyncClient(timeout=httpx.Timeout(60, pool=None), limits=limits) as http:
        await _until_there(http, address)
        end = time.monotonic() + seconds
        before, own = processor_seconds(server), time.process_time()
        await asyncio.gather(*(_person(http, address, tokens[n % PORTALS], n, end, told) for n in range(clients)))
        told.server_cpu_s, told.client_cpu_s = processor_seconds(server) - before, time.process_time() - own
    return told


async def _until_there(http: httpx.AsyncClient, address: str) -> None:
    for _ in range(START_S * 10):
        try:
            await http.get(f"{address}/metadata")
            return
        except httpx.TransportError:
            await asyncio.sleep(0.1)
    raise CityChainError(Text("接口没有起来。", "The interface did not come up."), code="not_started")


async def _person(http: httpx.AsyncClient, address: str, token: str, number: int, end: float, told: Told) -> None:
    chance = random.Random(number)
    headers = {"Authorization": f"Bearer {token}"}

    async def ask(method: str, path: str, what: str, **more: Any) -> httpx.Response:
        began = time.perf_counter()
        answer = await http.request(method, f"{address}/{path}", headers=headers, **more)
        told.times.append(time.perf_counter() - began)
        told.statuses[f"{what} {answer.status_code}"] += 1
        return answer

    round_ = 0
    while time.monotonic() < end:
        round_ += 1
        hospital = f"P{chance.randrange(HOSPITALS):03d}"
        found = await ask("GET", f"Slot?status=free&schedule.actor={hospital}&_count=50", "search")
        if found.status_code != 200:
            found = await ask("GET", "Slot?status=free&_count=200", "search")
        entries = found.json().get("entry", []) if found.status_code == 200 else []
        if not entries:
            told.wrong.append(f"search {found.status_code}")
            return
        slot = chance.choice(entries)["resource"]["id"]
        answer = await ask("POST", "Appointment/$book", "book", json=_booking(slot, f"{number:06d}{round_:06d}"))
        if answer.status_code == 409:
            continue
        if answer.status_code != 201:
            told.wrong.append(f"book {answer.status_code} {answer.text[:200]}")
            continue
        id = answer.json()["id"]
        if slot in told.live:
            told.wrong.append(f"{slot} was given to {told.live[slot]} and {id}")
        told.live[slot] = id
        read = await ask("GET", f"Appointment/{id}", "read")
        if read.status_code != 200 or read.json()["status"] != "booked":
            told.wrong.append(f"read {read.status_code}")
        if chance.random() < GONE:
            del told.live[slot]
            cancelled = await ask("POST", f"Appointment/{id}/$cancel", "cancel", json={})
            if cancelled.status_code != 200:
                told.wrong.append(f"cancel {cancelled.status_code} {cancelled.text[:200]}")


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
    ordered = sorted(told.times) or [0.0]
    return {
        "requests": len(told.times),
        "requests_per_s": round(len(told.times) / seconds, 1),
        "p50_ms": round(ordered[len(ordered) // 2] * 1000, 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1000, 1),
        "server_cpu_ms": round(told.server_cpu_s / max(1, len(told.times)) * 1000, 2),
        "client_cpu_ms": round(told.client_cpu_s / max(1, len(told.times)) * 1000, 2),
        "answers": dict(sorted(told.statuses.items())),
        "booked": len(answered),
        "wrong": len(wrong),
        "wrong_examples": wrong[:5],
    }
