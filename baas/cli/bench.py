"""`citychain bench`: figures measured here and now. Each benchmark lives beside what it measures."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import click

from baas.applications import Applications, load
from baas.cli.kit import Cli, TextGroup, group, option, pass_cli
from baas.errors import Text
from baas.jobs import JobContext

OTHERS: Mapping[str, str] = {
    "ledger": "baas.bench.ledger:bench_ledger",
    "growth": "baas.bench.ledger:bench_growth",
    "flood": "baas.bench.ledger:bench_flood",
    "soak": "baas.bench.ledger:bench_soak",
    "gateway": "network.bench_gateway:command",
    "store": "baas.content.bench:command",
}
"""Benchmarks as "module:attr" of a click command; those of the applications come with their manifests. One whose module
is not installed is not offered."""


class _Benchmarks(TextGroup):
    @cached_property
    def others(self) -> Mapping[str, str]:
        known = {**OTHERS, **Applications().benches()}
        return {name: reference for name, reference in known.items() if _installed(reference)}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.others})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in self.others:
            return own
        found: click.Command = load(self.others[cmd_name])
        return found


def _installed(reference: str) -> bool:
    try:
        return importlib.util.find_spec(reference.partition(":")[0]) is not None
    except ModuleNotFoundError:
        return False


@group("bench", help=Text("测量性能。", "Measure performance."), cls=_Benchmarks)
def bench() -> None:
    """Benchmarks."""


@bench.command("explorer", help=Text("索引与搜索的速度。", "How fast blocks are indexed and searched."))
@option("--txs", type=click.IntRange(1_000, 100_000_000), default=1_000_000, help=Text("交易数。", "Transactions."))
@option("--searches", type=click.IntRange(10, 100_000), default=500, help=Text("搜索次数。", "Searches."))
@pass_cli
def explorer(cli: Cli, txs: int, searches: int) -> None:
    """How fast blocks are indexed and searched."""
    from baas.jobs import Jobs
    from baas.services.explorer.bench import measure

    with cli.watching() as watch:
        cli.show(Jobs().run(measure, txs, searches, watch=watch))


@bench.command("console", help=Text("控制台的首屏时间和最长停顿。", "The console's first paint and longest stall."))
@pass_cli
def console(cli: Cli) -> None:
    """The console's first paint and longest stall."""
    from baas.jobs import Jobs

    def work(*, ctx: JobContext) -> Any:
        return load("console.bench:run")(ctx.log)

    with cli.watching() as watch:
        cli.show(Jobs().run(work, watch=watch))
