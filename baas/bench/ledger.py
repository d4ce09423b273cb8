"""`citychain bench ledger`: the embedded ledger's speed, and a native Fabric's beside it where its programs are."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from baas.cli.kit import Cli, command, option, pass_cli
from baas.errors import Text
from baas.jobs import JobContext, Jobs


def measure(seconds: float, native: bool, *, ctx: JobContext) -> dict[str, Any]:
    """Figures of the embedded ledger; with `native` and Fabric's programs present also `fabric_…` ones.

    Seconds, milliseconds, transactions a second and MiB, as the names say.
    """
    from network.bench_ledger import measure as measure_ledger

    figures: dict[str, Any] = measure_ledger("embedded", seconds, ctx.log).as_mapping()
    if native and _has_fabric():
        figures |= measure_ledger("native", seconds, ctx.log).as_mapping("fabric_")
    return figures


def _has_fabric() -> bool:
    from network.drivers import make_driver
    from network.topology import template
    from network.vault import MemoryVault

    driver = make_driver("native", Path(), MemoryVault())
    return driver.check(template("city", runtime="native")).available


def measure_growth(base: int, seconds: float, picture: Path | None, *, ctx: JobContext) -> dict[str, Any]:
    """Figures of the embedded ledger with `base`, ten and a hundred times as many transactions; a picture if wanted."""
    from baas.bench.picture import curves
    from network.bench_growth import measure as measure_growth

    found = measure_growth(base, seconds, ctx.log)
    if picture is not None:
        measures = {title: [float(one[name]) for one in found] for name, title in MEASURES.items()}
        drawn = curves("transactions on the ledger", [float(one["transactions"]) for one in found], measures)
        picture.write_text(drawn, encoding="utf-8")
    return {"growth": found}


def measure_grown(
    transactions: int, seconds: float, folder: Path | None, picture: Path | None, *, ctx: JobContext
) -> dict[str, Any]:
    """Figures of the embedded ledger at a few sizes up to `transactions`, and of archiving; a picture if wanted."""
    from baas.bench.picture import curves
    from network.bench_grown import measure as measure_at_sizes

    found = measure_at_sizes(transactions, seconds, folder, verified_twice, ctx.log)
    if picture is not None:
        measures = {title: [float(one[name]) for one in found["sizes"]] for name, title in GROWN.items()}
        held = [float(one["transactions"]) for one in found["sizes"]]
        picture.write_text(curves("transactions on the ledger", held, measures), encoding="utf-8")
    return found


def verified_twice(blocks: Callable[[], Iterable[bytes]]) -> tuple[float, float]:
    """Transactions a second of verifying a chain, and of doing it again with its signatures known."""
    from baas.services.signature_crew import SignatureCrew, Verdicts
    from fabric_sdk.blocks.postponed import verify_postponed

    rates = []
    with tempfile.TemporaryDirectory(prefix="verify-bench-") as folder:
        for _ in range(2):
            began = time.perf_counter()
            known = Verdicts(Path(folder) / "signatures", b"bench")
            with SignatureCrew() as crew:
                transactions = verify_postponed(blocks(), crew, known).transactions
            known.keep()
            rates.append(transactions / max(1e-9, time.perf_counter() - began))
    return rates[0], rates[1]


GROWN = {
    "start_s": "start until it answers (s)",
    "resident_mb": "resident memory (MiB)",
    "submit_p50_ms": "submit, 1 client, p50 (ms)",
    "submits_per_s": "submits a second",
    "verify_per_s": "verified transactions a second",
    "verify_again_per_s": "verified again, a second",
    "evaluates_per_s": "evaluations a second",
    "bytes_each": "bytes a transaction on disk",
}
MEASURES = {
    "submits_per_s": "submits a second",
    "submit_node_checks": "node, one submit (ECDSA checks)",
    "evaluates_per_s": "evaluations a second",
    "evaluate_node_checks": "node, one evaluation (checks)",
    "restart_s": "restart until it answers (s)",
    "disk_mb": "on disk (MiB)",
}


@command("growth", help=Text("账本增大十倍、百倍后的速度。", "The ledger's speed as it grows ten- and a hundredfold."))
@option(
    "--base", type=click.IntRange(10, 1_000_000), default=1_000, help=Text("起始交易数。", "Transactions to begin.")
)
@option(
    "--seconds",
    type=click.FloatRange(0.5, 600),
    default=3.0,
    help=Text("每项测量的时长（秒）。", "Length of each measurement in seconds."),
)
@option(
    "--picture",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help=Text("把曲线画成 SVG 文件。", "Draw the curves into this SVG file."),
)
@pass_cli
def bench_growth(cli: Cli, base: int, seconds: float, picture: Path | None) -> None:
    """The ledger's speed as it grows."""
    with cli.watching() as watch:
        cli.show(Jobs().run(measure_growth, base, seconds, picture, watch=watch))


@command("ledger", help=Text("账本的吞吐量、延迟与内存。", "The ledger's throughput, latency and memory."))
@option(
    "--seconds",
    type=click.FloatRange(0.5, 600),
    default=5.0,
    help=Text("每项测量的时长（秒）。", "Length of each measurement in seconds."),
)
@option(
    "--native/--no-native",
    default=True,
    help=Text("有 Fabric 程序时一并测量。", "Measure Fabric's programs as well where they are present."),
)
@option(
    "--growth",
    type=click.IntRange(1_000, 100_000_000),
    help=Text(
        "账本增大到这么多笔交易，与几乎为空时相比。", "Grow to so many transactions and compare with an empty one."
    ),
)
@option(
    "--folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help=Text("账本放在这个文件夹的临时子文件夹。", "Keep the ledger in a temporary folder within this one."),
)
@option(
    "--picture",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help=Text("把增大的曲线画成 SVG 文件。", "Draw the curves of growth into this SVG file."),
)
@pass_cli
def bench_ledger(
    cli: Cli, seconds: float, native: bool, growth: int | None, folder: Path | None, picture: Path | None
) -> None:
    """The ledger's throughput, latency and memory."""
    with cli.watching() as watch:
        if growth is not None:
            cli.show(Jobs().run(measure_grown, growth, seconds, folder, picture, watch=watch))
        else:
            cli.show(Jobs().run(measure, seconds, native, watch=watch))


def measure_flood(seconds: float, share: float, *, ctx: JobContext) -> dict[str, Any]:
    """What floods of a client held to `share` of a core cost the others on the embedded ledger."""
    from network.bench_flood import measure as measure_floods

    return measure_floods(seconds, share, ctx.log)


@command("flood", help=Text("恶意客户端泛洪时其他调用方的代价。", "What a hostile client's flood costs the others."))
@option(
    "--seconds",
    type=click.FloatRange(1.0, 600),
    default=4.0,
    help=Text("每轮测量的时长（秒）。", "Length of each round in seconds."),
)
@option(
    "--share",
    type=click.FloatRange(0.01, 1.0),
    default=0.1,
    help=Text("恶意客户端可用的处理器核心份额。", "What the hostile client has of one processor core."),
)
@pass_cli
def bench_flood(cli: Cli, seconds: float, share: float) -> None:
    """What a hostile client's flood costs the others."""
    with cli.watching() as watch:
        cli.show(Jobs().run(measure_flood, seconds, share, watch=watch))


def measure_soak(seconds: float, folder: Path | None, picture: Path | None, *, ctx: JobContext) -> dict[str, Any]:
    """Memory and descriptors of an embedded node under mixed load for so long; a picture if wanted."""
    from baas.bench.picture import curves
    from network.bench_soak import measure as measure_soaked

    found = measure_soaked(seconds, folder, ctx.log)
    if picture is not None:
        samples = found["samples"]
        measures = {title: [float(one[name]) for one in samples] for name, title in SOAKED.items()}
        drawn = curves("seconds", [max(1.0, float(one["second"])) for one in samples], measures)
        picture.write_text(drawn, encoding="utf-8")
    return found


SOAKED = {
    "resident_mb": "resident memory (MiB)",
    "descriptors": "open descriptors",
    "transactions": "transactions",
}


@command(
    "soak",
    help=Text(
        "长时间混合负载下节点的内存与句柄是否持平。", "Whether a node's memory and descriptors stay flat for hours."
    ),
)
@option(
    "--minutes",
    type=click.FloatRange(0.1, 10_000),
    default=120.0,
    help=Text("负载时长（分钟）。", "Length of the load in minutes."),
)
@option(
    "--folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help=Text("账本放在这个文件夹的临时子文件夹。", "Keep the ledger in a temporary folder within this one."),
)
@option(
    "--picture",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help=Text("把曲线画成 SVG 文件。", "Draw the curves into this SVG file."),
)
@pass_cli
def bench_soak(cli: Cli, minutes: float, folder: Path | None, picture: Path | None) -> None:
    """A node's memory and descriptors under hours of load."""
    with cli.watching() as watch:
        cli.show(Jobs().run(measure_soak, minutes * 60, folder, picture, watch=watch))
