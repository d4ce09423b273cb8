"""The command: sizes in, figures out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from baas.cli import kit
from baas.cli.kit import Cli, option, pass_cli
from baas.errors import Text

F = TypeVar("F", bound=Callable[..., Any])
SIZES = {
    "slots": (312_000, Text("发布的号源数。", "Slots to publish.")),
    "hospitals": (700, Text("医院数。", "Hospitals.")),
    "bookings": (5_000, Text("预约数，逐个和成批各一遍。", "Bookings, one by one and once more gathered.")),
    "busy": (25, Text("同一早晨有人预约的医院数。", "Hospitals at which people book that morning.")),
    "people": (10_000, Text("抢号人数。", "People in the storm.")),
    "storm-slots": (500, Text("被抢的号源数。", "Slots that they want.")),
    "index-slots": (10_000_000, Text("搜索用的号源数，0 跳过。", "Slots in the search index; 0 skips it.")),
    "searches": (400, Text("搜索次数。", "Searches.")),
    "clients": (256, Text("同时进行的请求数。", "Requests at once.")),
}


def _sizes(function: F) -> F:
    for name, (default, words) in reversed(SIZES.items()):
        function = option(f"--{name}", type=click.IntRange(0, 100_000_000), default=default, help=words)(function)
    return function


@kit.command("slots", help=Text("发布、预约、抢号和搜索的速度。", "How fast slots are published, booked and found."))
@_sizes
@option("--runtime", type=click.Choice(["embedded", "native"]), default="embedded", help=Text("运行方式。", "Runtime."))
@pass_cli
def command(cli: Cli, /, runtime: str, **sizes: int) -> None:
    """How fast slots are published, booked and found."""
    from apps.health_slots.bench.measuring import Sizes, measure
    from baas.jobs import Jobs

    with cli.watching() as watch:
        cli.show(Jobs().run(measure, Sizes(**sizes), runtime, watch=watch))


@kit.command("portals", help=Text("多个门户同时使用 FHIR 接口。", "Many clients of portals at the FHIR interface."))
@option("--clients", type=click.IntRange(1, 2000), default=200, help=Text("同时的客户端。", "Clients at once."))
@option("--seconds", type=click.FloatRange(1, 3600), default=60.0, help=Text("秒数。", "For how many seconds."))
@pass_cli
def portals(cli: Cli, /, clients: int, seconds: float) -> None:
    """Many clients of portals at the FHIR interface."""
    from apps.health_slots.bench.portals import measure
    from baas.jobs import Jobs

    with cli.watching() as watch:
        cli.show(Jobs().run(measure, clients, seconds, watch=watch))


@kit.command("schedules", help=Text("读取和导入一份大排班表。", "A large schedule file, read and imported."))
@option("--rows", type=click.IntRange(1, 1_000_000), default=100_000, help=Text("行数。", "Rows."))
@option("--read-only", is_flag=True, help=Text("只读取检查，不导入网络。", "Look through it; import it nowhere."))
@pass_cli
def schedules(cli: Cli, /, rows: int, read_only: bool) -> None:
    """A large schedule file, read and imported."""
    from apps.health_slots.bench.schedules import measure
    from baas.jobs import Jobs

    with cli.watching() as watch:
        cli.show(Jobs().run(measure, rows, imported=not read_only, watch=watch))
