"""`citychain bench trace`: a lot's trace and a recall's reach over a million events of a made-up industry.

Materials become parts, parts assemblies, assemblies products, products go into boxes and boxes onto pallets. The
records are those that the contract writes; they are put into the index as if they came out of blocks.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.traceability.index import GoodsIndex
from baas.cli import kit
from baas.cli.kit import Cli, option, pass_cli
from baas.errors import Text
from baas.jobs import JobContext, Jobs

LAYERS = ("material", "part", "assembly", "product")
SHARES = ((200, 0), (20, 1), (5, 2))
"""Every 200th event makes a material, every 20th a part, every fifth an assembly; the others a product."""
WINDOWS = (40, 400, 2_000)
"""Among how many of the layer below, lately made, one is chosen: few materials go into very many products."""
GOOD = {"holder": "DataBureauMSP/maker", "to": "", "state": "active", "marked": []}
CHANCE = 20_261_129


def records(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """`count` events' records in their order: each thing is made of a few of the layer before, lately made."""
    made: list[list[str]] = [[] for _ in LAYERS]
    loose: list[str] = []
    for number in range(count):
        base: dict[str, Any] = {
            "id": f"SJ{number:012d}", "hash": f"ni:///sha-256;{number:064x}?ver=CBV2.0", "action": "ADD",
            "step": "commissioning", "at": f"2026-01-01T00:00:{number % 60:02d}.000Z", "zone": "+08:00",
            "party": f"DataBureauMSP/maker{number % 50}", "state": "RECORDED", "sha256": f"{number:064x}",
            "process": "",
        }  # fmt: skip
        if number % 12 == 11 and len(loose) >= 8:
            inside, loose = loose[:8], loose[8:]
            box = f"https://id.gs1.org/00/{number:018d}"
            goods: dict[str, Any] = {"parent": box, "children": dict.fromkeys(inside, "")}
            yield base | {"what": "AggregationEvent", "step": "packing", "goods": goods}
            continue
        layer = next((at for at, (every, rest) in enumerate(SHARES) if number % every == rest), 3)
        layer = min(layer, next((at for at, found in enumerate(made) if not found), 3))
        name = f"https://id.gs1.org/01/{10**13 + layer:014d}/{'21' if layer == 3 else '10'}/{number}"
        below = made[layer - 1][-WINDOWS[layer - 1] :] if layer else []
        used = {chance.choice(below): "1 EA" for _ in range(min(3, len(below)))}
        made[layer].append(name)
        if layer == 3:
            loose.append(name)
        if used:
            goods = {"inputs": used, "outputs": {name: ""}}
            yield base | {"what": "TransformationEvent", "goods": goods, "process": base["hash"]}
        else:
            yield base | {"what": "ObjectEvent", "goods": {"epcs": {name: "100 EA"}}}


def measure(events: int, lots: int, *, ctx: JobContext) -> dict[str, Any]:
    """Times of traces and recall sets in milliseconds: the middle one, the slowest, and how much was found."""
    chance = random.Random(CHANCE)
    with tempfile.TemporaryDirectory(prefix="citychain-trace-") as folder:
        index = GoodsIndex(Path(folder) / "goods.db")
        started, db, asked = time.monotonic(), index.db, []
        db.execute("BEGIN")
        for number, record in enumerate(records(events, chance)):
            index.add_event(db, record, number)
            if box := record["goods"].get("parent"):
                index.apply(
                    db,
                    f"\x00good\x00{box}\x00",
                    json.dumps(GOOD | {"has": record["goods"]["children"]}).encode(),
                    (0, 0),
                )
            if number % 20_000 == 0:
                ctx.check_cancelled()
                ctx.progress(number, events, Text("写入事件", "Put events in"))
            if record["what"] != "AggregationEvent" and (number % 200 == 0 or not number % (events // 1_000)):
                asked.append(next(iter(record["goods"].get("outputs") or record["goods"]["epcs"])))
        db.execute("COMMIT")
        built = time.monotonic() - started
        asked = chance.sample(asked, min(lots, len(asked)))
        traced, recalled, found = list[float](), list[float](), list[int]()
        for name in asked:
            ctx.check_cancelled()
            started = time.perf_counter()
            index.walk(name, forward=False), index.walk(name, forward=True), index.events_of(name)
            traced.append(time.perf_counter() - started)
            started = time.perf_counter()
            reach = index.recall_set(name)
            recalled.append(time.perf_counter() - started)
            found.append(len(reach.affected) + len(reach.containers))
        size = index.path.stat().st_size
        index.close()
    return {
        "events": events, "built_s": round(built, 1), "index_mb": round(size / 1e6), "lots": len(asked),
        "trace_ms": _middle(traced), "trace_worst_ms": round(max(traced) * 1000, 1),
        "recall_ms": _middle(recalled), "recall_worst_ms": round(max(recalled) * 1000, 1),
        "recalled": sorted(found)[len(found) // 2], "recalled_most": max(found),
    }  # fmt: skip


def _middle(times: list[float]) -> float:
    return round(sorted(times)[len(times) // 2] * 1000, 1)


@kit.command("trace", help=Text("溯源：百万事件中追溯一批货物和召回范围的用时。",
                                "Traceability: a lot's trace and a recall's reach over a million events."))  # fmt: skip
@option("--events", type=int, default=1_000_000, help=Text("事件数。", "How many events."))
@option("--lots", type=int, default=200, help=Text("查询多少批。", "How many lots are asked for."))
@pass_cli
def command(cli: Cli, /, events: int, lots: int) -> None:
    with cli.watching() as watch:
        cli.show(Jobs().run(measure, max(1_000, events), max(1, lots), watch=watch))
