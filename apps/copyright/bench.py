"""`citychain bench similarity`: how well copies are found, and how fast copies of photographs among a million works.

Real photographs are registered and asked for in changed form (finding another part of the same photograph counts as
neither right nor wrong); strangers (photographs that are not registered) are asked
for as well; the rest of the works are random hashes. None of the photographs took part in choosing the threshold
(`calibrate` takes the other half of them).
"""

from __future__ import annotations

import random
import time
from importlib import resources
from pathlib import Path
from typing import Any

import click
import numpy as np

from apps.copyright import bench_media
from apps.copyright.calibrate import CALIBRATION_HALF
from apps.copyright.fingerprints.image import INDEX_WINDOWS, QUERY_ROWS, ImageHashes, hashes
from apps.copyright.hamming import HammingIndex
from apps.copyright.index import Thresholds
from apps.copyright.perturb import Photograph, photographs
from apps.copyright.perturb_changes import CHANGES
from baas.cli import kit
from baas.cli.kit import Cli, option, pass_cli
from baas.errors import Text, UserError
from baas.jobs import JobContext, Jobs

MEDIA_WORKS = 12
TEXT_WORKS = 51


def measure(folders: list[Path], works: int, *, ctx: JobContext) -> dict[str, Any]:
    """Recall and strangers of every kind; `works` counts registered photographs and random hashes together."""
    figures = {"images": pictures(folders, works, ctx=ctx)}
    for name, kind, many in (
        ("sounds", bench_media.sounds, MEDIA_WORKS),
        ("films", bench_media.films, MEDIA_WORKS),
        ("texts", bench_media.texts, TEXT_WORKS),
    ):
        ctx.step(name, Text("测量：{k}", "Measure: {k}", k=name))
        figures[name] = kind(many)
        ctx.check_cancelled()
    return figures


def pictures(folders: list[Path], works: int, *, ctx: JobContext) -> dict[str, Any]:
    """Recall, precision and times of photographs."""
    chance = random.Random(20260202)
    ctx.step("photographs", Text("读取照片", "Read photographs"))
    shots = [(shot, hashes(shot.image)) for shot in photographs(folders, half=1 - CALIBRATION_HALF)]
    plain = sum(found.flat for _, found in shots)
    shots = [(shot, found) for shot, found in shots if not found.flat]
    groups = sorted({shot.group for shot, _ in shots})
    strangers = set(chance.sample(groups, len(groups) // 4))
    registered = [one for one in shots if one[0].group not in strangers]
    unknown = [one for one in shots if one[0].group in strangers]
    if not registered:
        raise UserError(Text("没有可用的照片。", "There are no photographs to use."))
    ctx.step("index", Text("建立 {n} 件作品的索引", "Index {n} works", n=works))
    index, built = _index(registered, works)
    radius = Thresholds.load().image_bits
    ctx.step("query", Text("查询", "Query"))
    times: list[tuple[float, float]] = []
    rows: dict[str, Any] = {}
    right = wrong = same_photograph = strange = strange_wrong = 0
    for done, (name, change) in enumerate(CHANGES.items()):
        ctx.progress(done, len(CHANGES), name)
        hits = 0
        for number, (shot, _) in enumerate(registered):
            found = _ask(index, hashes(change(shot.image, chance)), radius, times)
            hits += number in found
            others = found - {number}
            beside = {one for one in others if one < len(registered) and registered[one][0].group == shot.group}
            same_photograph += len(beside)
            wrong += len(others - beside)
        for shot, _ in unknown:
            others = _ask(index, hashes(change(shot.image, chance)), radius, times)
            wrong += len(others)
            strange, strange_wrong = strange + 1, strange_wrong + bool(others)
        right += hits
        rows[name] = {"queries": len(registered), "found": hits, "recall": round(hits / len(registered), 4)}
        ctx.check_cancelled()
    asked = len(registered) * len(CHANGES)
    return {
        "works": works,
        "variants_a_work": len(INDEX_WINDOWS),
        "variants_asked": QUERY_ROWS,
        "photographs": len(registered),
        "source_photographs": len({shot.group for shot, _ in registered}),
        "strangers": len(unknown),
        "strange_queries": strange,
        "strangers_wrong": strange_wrong,
        "strangers_rate": round(strange_wrong / max(1, strange), 4),
        "plain_left_out": plain,
        "queries": len(times),
        "radius_bits": radius,
        "index_build_s": round(built, 1),
        "index_gb": round(index.memory / 1e9, 2),
        "query_p50_ms": _percentile(times, 0, 50),
        "query_p95_ms": _percentile(times, 0, 95),
        "query_cpu_p95_ms": _percentile(times, 1, 95),
        "recall": round(right / asked, 4),
        "precision": round(right / max(1, right + wrong), 4),
        "wrong": wrong,
        "other_parts_of_the_same_photograph": same_photograph,
        "perturbations": rows,
    }


def _index(registered: list[tuple[Photograph, ImageHashes]], works: int) -> tuple[HammingIndex, float]:
    variants = len(INDEX_WINDOWS)
    real = np.concatenate([found.index for _, found in registered])
    bulk = max(0, works - len(registered))
    noise = np.random.default_rng(7).integers(0, 256, (bulk * variants, 32), dtype=np.uint8)
    owners = np.repeat(np.arange(len(registered) + bulk), variants)
    started = time.perf_counter()
    index = HammingIndex(np.concatenate([real, noise]), owners)
    return index, time.perf_counter() - started


def _ask(index: HammingIndex, found: ImageHashes, radius: int, times: list[tuple[float, float]]) -> set[int]:
    started, worked = time.perf_counter(), time.thread_time()
    near = index.search(found.query, radius)
    times.append((time.perf_counter() - started, time.thread_time() - worked))
    return set(near)


def _percentile(times: list[tuple[float, float]], which: int, percent: float) -> float:
    """Milliseconds: 0 is the clock on the wall, 1 the processor's (other programs' share left out)."""
    return round(float(np.percentile([one[which] for one in times], percent)) * 1000, 1)


@kit.command(
    "similarity",
    help=Text("疑似相近作品检索的查全、查准和速度。", "Recall, precision and speed of the search for copies."),
)
@option("--works", type=click.IntRange(1, 20_000_000), default=1_000_000, help=Text("作品数。", "Works."))
@option(
    "--photos",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=Text("照片文件夹，可重复（默认样例）。", "A folder of photographs; may be repeated (the samples by default)."),
)
@pass_cli
def command(cli: Cli, works: int, photos: tuple[Path, ...]) -> None:
    """Measure the search for copies."""
    folders = list(photos) or [Path(str(resources.files("apps.copyright") / "samples"))]
    with cli.watching() as watch:
        cli.show(Jobs().run(measure, folders, works, watch=watch))
