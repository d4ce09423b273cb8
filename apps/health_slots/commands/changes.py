"""停诊, 改诊, 替诊, 加号: changes after the release, each with a reason and a signer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from apps.health_slots.commands.root import WAYS, command, named, slots
from apps.health_slots.commands.schedule import reason_option
from apps.health_slots.kinds import Session
from apps.health_slots.schedule.fields import FieldProblem, read_minute
from apps.kit.commands import add_act
from baas.cli.kit import Cli, argument, option
from baas.errors import Text, UserError

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService


add_act(slots, WAYS, Session.stop, tell=named("cancelled"))
add_act(slots, WAYS, Session.move, arguments=(Session.date,), tell=named("date", "date"))
add_act(slots, WAYS, Session.substitute, arguments=(Session.doctor,), tell=named("doctor", "doctor"))


@command(slots, "withdraw", help=Text("撤回单个号源。", "Withdraw single slots."))
@argument("session")
@argument("numbers", nargs=-1, required=True, type=click.IntRange(1, 400))
@reason_option()
def withdraw(cli: Cli, service: HealthSlotsService, session: str, numbers: tuple[int, ...], reason: str) -> None:
    receipt = service.schedules.withdraw(session, list(numbers), reason)
    cli.show({"tx_id": receipt.tx_id, "block": receipt.block, "withdrawn": receipt.result})


@command(slots, "add", help=Text("加号。", "Add a slot after the release."))
@argument("session")
@argument("time")
@option("--minutes", type=click.IntRange(1, 480), default=10, help=Text("时长。", "Length."))
@option(
    "--pool",
    type=click.Choice(["online", "window", "community", "reserved"]),
    default="window",
    help=Text("号源池。", "Pool."),
)
@reason_option()
def add(cli: Cli, service: HealthSlotsService, session: str, time: str, minutes: int, pool: str, reason: str) -> None:
    try:
        start = read_minute(time)
    except FieldProblem as problem:
        raise UserError(problem.text) from problem
    receipt = service.schedules.add(session, start, minutes, pool, reason)
    cli.show({"tx_id": receipt.tx_id, "block": receipt.block, "slot": receipt.result})
