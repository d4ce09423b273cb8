"""`citychain bench ledger`: the embedded ledger's speed, and a native Fabric's beside it where its programs are."""

from __future__ import annotations

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
    from pathlib import Path

    from network.drivers import make_driver
    from network.topology import template
    from network.vault import MemoryVault

    driver = make_driver("native", Path(), MemoryVault())
    return driver.check(template("city", runtime="native")).available


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
@pass_cli
def bench_ledger(cli: Cli, seconds: float, native: bool) -> None:
    """The ledger's throughput, latency and memory."""
    with cli.watching() as watch:
        cli.show(Jobs().run(measure, seconds, native, watch=watch))
