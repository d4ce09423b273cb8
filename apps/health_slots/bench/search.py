"""A search index of a metropolis's month, built through the same door as from blocks, and questions to it."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.health_slots.index import SlotIndex
from apps.health_slots.ledger import LedgerBlock, LedgerTransaction
from apps.health_slots.model import SlotQuery
from baas.errors import Text
from baas.jobs import JobContext

PER_SESSION = 20
HOSPITALS = 700
DAYS = 30
SESSIONS_A_BLOCK = 500
TAKEN = 10
"""Every TAKEN-th session has slots that somebody booked."""
_NAMES = (
    "心血管内科 呼吸内科 消化内科 神经内科 内分泌科 肾内科 血液内科 风湿免疫科 普外科 骨科 神经外科 泌尿外科 胸外科 "
    "妇科 产科 儿科 眼科 耳鼻喉科 口腔科 皮肤科 "
    "中医科 康复科 肿瘤科 感染科 精神科 急诊科 老年医学科 疼痛科 营养科 体检科"
)
_SUBJECTS = tuple(_NAMES.split())
_FIRST = dt.date(2026, 12, 1)


def measure(path: Path, slots: int, searches: int, ctx: JobContext) -> dict[str, Any]:
    """Build the index, then time `searches` questions of the kinds people ask; milliseconds."""
    index = SlotIndex(path)
    try:
        began = time.perf_counter()
        total = slots // PER_SESSION // SESSIONS_A_BLOCK + 2
        index.follow(_blocks(slots), total=total, ctx=ctx)
        built = time.perf_counter() - began
        times: list[float] = []
        found = 0
        questions = _questions(random.Random(7))
        for number in range(searches):
            question = next(questions)
            asked = time.perf_counter()
            page = index.search(question)
            times.append(time.perf_counter() - asked)
            found += len(page.slots)
            if number % 50 == 0:
                ctx.check_cancelled()
                ctx.progress(number, searches, Text("搜索 {n}", "Search {n}", n=number))
        times.sort()
        return {
            "index_slots": index.counts()["slots"],
            "index_build_s": round(built, 1),
            "index_mb": round(index.size / 1024 / 1024),
            "searches": searches,
            "search_found": found,
            "search_p50_ms": round(times[len(times) // 2] * 1000, 2),
            "search_p95_ms": round(times[int(len(times) * 0.95)] * 1000, 2),
            "search_max_ms": round(times[-1] * 1000, 2),
        }
    finally:
        index.close()


def _questions(random_of: random.Random) -> Iterator[SlotQuery]:
    """What people look for: a department, a hospital, a day, words, an expert, and the next page of it."""
    while True:
        day = (_FIRST + dt.timedelta(days=random_of.randrange(DAYS))).isoformat()
        hospital = f"H{random_of.randrange(HOSPITALS):04d}"
        subject = random_of.choice(_SUBJECTS)
        yield SlotQuery(date_from=day, pool="online")
        yield SlotQuery(date_from=day, date_to=day, text=subject, pool="online")
        yield SlotQuery(hospital=hospital, date_from=day)
        yield SlotQuery(hospital=hospital, date_from=day, text=subject, kind="expert")
        yield SlotQuery(text=f"第{random_of.randrange(HOSPITALS)}医院 {subject}")
        yield SlotQuery(text=subject[:2], date_from=day, kind="expert", part="pm", pool="online")
        yield SlotQuery(date_from=day, part="night", kind="special")
        yield SlotQuery(text="没有这种科室", date_from=day)


def _blocks(slots: int) -> Iterator[LedgerBlock]:
    """Blocks as the contract would have written them: hospitals, then sessions opened, some slots taken."""
    number, previous = 0, ""

    def block(writes: list[Any]) -> LedgerBlock:
        nonlocal number, previous
        digest = hashlib.sha256(f"{previous}{number}".encode()).hexdigest()
        transaction = LedgerTransaction(f"{number:064x}", True, "VALID", 0, "", "", tuple(writes))
        made = LedgerBlock(number, digest, previous, (transaction,))
        number, previous = number + 1, digest
        return made

    setup: list[Any] = []
    for h in range(HOSPITALS):
        record = {"name": f"第{h}医院", "msp_id": "HospitalMSP", "utc_offset_minutes": 480, "collection": "patients"}
        setup.append(("hospital", (f"H{h:04d}",), record))
        setup += [("unit", (f"H{h:04d}", f"U{i:02d}"), {"name": name}) for i, name in enumerate(_SUBJECTS)]
    yield block(setup)
    writes: list[Any] = []
    for n in range(slots // PER_SESSION):
        writes += _session(n)
        if len(writes) >= SESSIONS_A_BLOCK:
            yield block(writes)
            writes = []
    if writes:
        yield block(writes)


def _session(n: int) -> list[Any]:
    hospital = f"H{n % HOSPITALS:04d}"
    unit = (n // HOSPITALS) % len(_SUBJECTS)
    turn = n // HOSPITALS // len(_SUBJECTS)
    date = (_FIRST + dt.timedelta(days=turn % DAYS)).isoformat()
    part = ("am", "am", "pm", "pm", "night")[n // 7 % 5]
    start = {"am": 480, "pm": 840, "night": 1080}[part]
    name = f"U{unit:02d}-D{n}-{date[2:].replace('-', '')}"
    runs = [[start, 10, PER_SESSION - 4, "online"], [start + 10 * (PER_SESSION - 4), 10, 4, "window"]]
    base = {
        "department": f"U{unit:02d}",
        "doctor": f"D{n % 40:02d}",
        "date": date,
        "part": part,
        "kind": ("general", "expert", "special")[n % 7 % 3],
        "start": start,
        "end": start + 10 * PER_SESSION,
        "fee": 1000,
        "count": PER_SESSION,
        "root": "",
        "release_at": 0,
        "late": False,
        "policy": ["CITY", 1],
        "offset": 480,
        "committed_at": 0,
        "committed_by": "",
    }
    opened = {**base, "state": "published", "runs": runs, "secret": "", "published_at": 1, "published_by": ""}
    writes: list[Any] = [
        ("session", (hospital, name), {**base, "state": "committed"}),
        ("session", (hospital, name), opened),
    ]
    if n % TAKEN == 0:
        writes += [
            ("slot", (hospital, name, f"{k:03d}"), {"state": "booked", "appointment": f"A{n}-{k}", "at": 2})
            for k in range(1, 11)
        ]
    return writes
