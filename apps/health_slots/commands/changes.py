"""停诊, 改诊, 替诊, 加号: changes after the release, each with a reason and a signer."""

from __future__ import annotations

import click

from apps.health_slots.commands.root import opened, slots
from apps.health_slots.commands.schedule import reason_option
from apps.health_slots.schedule.fields import FieldProblem, read_minute
from baas.cli.kit import Cli, argument, network_option, option, pass_cli
from baas.errors import Text, UserError


@slots.command("stop", help=Text("停诊，预约全部免责取消。", "Stop a session; its appointments are cancelled."))
@argument("session")
@reason_option()
@option("--yes", is_flag=True, help=Text("不再询问。", "Do not ask."))
@network_option()
@pass_cli
def stop(cli: Cli, session: str, reason: str, yes: bool, network: str) -> None:
    """Stop a session; its appointments are cancelled."""
    loss = Text("{s} 的全部预约将被取消。", "Every appointment of {s} is cancelled.", s=session)
    cli.confirm_by_name(session, loss, yes=yes)
    with opened(cli, network) as (_, service):
        receipt = service.schedules.stop(session, reason)
        cli.show({"tx_id": receipt.tx_id, "block": receipt.block, "cancelled": receipt.result})


@slots.command("withdraw", help=Text("撤回单个号源。", "Withdraw single slots."))
@argument("session")
@argument("numbers", nargs=-1, required=True, type=click.IntRange(1, 400))
@reason_option()
@network_option()
@pass_cli
def withdraw(cli: Cli, session: str, numbers: tuple[int, ...], reason: str, network: str) -> None:
    """Withdraw single slots."""
    with opened(cli, network) as (_, service):
        receipt = service.schedules.withdraw(session, list(numbers), reason)
        cli.show({"tx_id": receipt.tx_id, "block": receipt.block, "withdrawn": receipt.result})


@slots.command("move", help=Text("改诊：换日期或时间。", "Move a session to another day or hour."))
@argument("session")
@argument("date")
@option("--shift", type=click.IntRange(-1439, 1439), default=0, help=Text("推迟的分钟数。", "Minutes later."))
@reason_option()
@network_option()
@pass_cli
def move(cli: Cli, session: str, date: str, shift: int, reason: str, network: str) -> None:
    """Move a session to another day or hour."""
    with opened(cli, network) as (_, service):
        receipt = service.schedules.move(session, date, shift, reason)
        cli.show({"tx_id": receipt.tx_id, "block": receipt.block, "date": receipt.result["date"]})


@slots.command("substitute", help=Text("替诊：换医生。", "Let another doctor take a session."))
@argument("session")
@argument("doctor")
@reason_option()
@network_option()
@pass_cli
def substitute(cli: Cli, session: str, doctor: str, reason: str, network: str) -> None:
    """Let another doctor take a session."""
    with opened(cli, network) as (_, service):
        receipt = service.schedules.substitute(session, doctor, reason)
        cli.show({"tx_id": receipt.tx_id, "block": receipt.block, "doctor": receipt.result["doctor"]})


@slots.command("add", help=Text("加号。", "Add a slot after the release."))
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
@network_option()
@pass_cli
def add(cli: Cli, session: str, time: str, minutes: int, pool: str, reason: str, network: str) -> None:
    """Add a slot after the release."""
    try:
        start = read_minute(time)
    except FieldProblem as problem:
        raise UserError(problem.text) from problem
    with opened(cli, network) as (_, service):
        receipt = service.schedules.add(session, start, minutes, pool, reason)
        cli.show({"tx_id": receipt.tx_id, "block": receipt.block, "slot": receipt.result})
