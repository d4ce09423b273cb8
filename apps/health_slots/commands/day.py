"""The desk's day on the command line: who comes, slips and receipts, a doctor who stops."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from apps.health_slots.commands.root import command, slots
from apps.health_slots.commands.schedule import hospital_option, moment, reason_option
from apps.health_slots.schedule.fields import FieldProblem, read_minute
from baas.cli.kit import Cli, argument, columns, option
from baas.errors import NotFound, Text, UserError
from fabric_sdk.clock import today
from network.vault import write_private

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService

PAPER = click.Path(path_type=Path)
_ROWS = columns(
    time=("时间", "Time"),
    place=("科室与医生", "Where"),
    number=("号", "No"),
    name=("姓名", "Name"),
    phone=("手机", "Phone"),
    state=("状态", "State"),
    id=("预约", "Appointment"),
)


@command(slots, "day", help=Text("一天的名单，含姓名（会留痕）。", "A day's list with names (leaves a trace)."))
@argument("date", required=False, default="")
@hospital_option()
@option(
    "--find", "text", default="", help=Text("姓名、证件、手机、号或预约号。", "Name, document, phone, number or id.")
)
@option("--html", type=PAPER, default=None, help=Text("另存为可打印的网页。", "Also save it for printing."))
def day(cli: Cli, service: HealthSlotsService, date: str, hospital: str, text: str, html: Path | None) -> None:
    from apps.health_slots.papers import day_list
    from apps.health_slots.services.desk_day import find

    date = date or today().isoformat()
    rows = find(service.day.rows(hospital, date), text)
    if html is not None:
        write_private(html, day_list(rows, _name(service, hospital), date, cli.lang).encode())
    cli.show([_facts(row) for row in rows], _ROWS, Text("没有预约。", "No appointments."))


@command(
    slots,
    "stop-from",
    help=Text("医生提前停诊：撤下之后的号，列出要通知的人。", "A doctor stops early; lists whom to tell."),
)
@argument("session")
@argument("time")
@reason_option()
@option("--yes", is_flag=True, help=Text("不再询问。", "Do not ask."))
def stop_from(cli: Cli, service: HealthSlotsService, session: str, time: str, reason: str, yes: bool) -> None:
    try:
        minute = read_minute(time)
    except FieldProblem as problem:
        raise UserError(problem.text) from problem
    loss = Text(
        "{s} 从 {t} 起的 {n} 个预约会取消。",
        "{n} appointments of {s} from {t} on are cancelled.",
        s=session,
        t=time,
        n=len(service.day.remaining(session, minute)),
    )
    cli.confirm_by_name(session, loss, yes=yes)
    _, told = service.day.stop_from(session, minute, reason)
    cli.show([_facts(row) for row in told], _ROWS, Text("没有人要通知。", "Nobody has to be told."))


@command(slots, "slip", help=Text("预约凭条，存为可打印的网页。", "An appointment's slip, saved for printing."))
@argument("appointment")
@argument("file", type=PAPER)
@option("--receipt", is_flag=True, help=Text("改为缴费凭条。", "The receipt of what was paid instead."))
@option("--named", is_flag=True, help=Text("写上姓名（会留痕）。", "With the name (leaves a trace)."))
def slip(cli: Cli, service: HealthSlotsService, appointment: str, file: Path, receipt: bool, named: bool) -> None:
    from apps.health_slots import papers

    service.refresh()
    visit = service.lists.visit(appointment)
    if visit is None:
        raise NotFound(Text("没有这个预约：{a}", "There is no appointment {a}.", a=appointment[:60]))
    name = service.bookings.identity(visit.hospital, visit.resident)["name"] if named else ""
    hospital = _name(service, visit.hospital)
    if receipt:
        postings = service.lists.postings_of(appointment)
        text = papers.receipt(visit, hospital, name, postings, cli.lang)
    else:
        text = papers.slip(visit, hospital, name, cli.lang)
    write_private(file, text.encode())
    cli.show({"file": file})


def _facts(row: Any) -> dict[str, Any]:
    visit = row.visit
    return {
        "time": moment(visit.begins_at)[:16],
        "place": f"{visit.department} {visit.doctor}",
        "number": f"{visit.number:03d}",
        "name": row.name,
        "phone": row.phone,
        "state": visit.state,
        "id": visit.id,
    }


def _name(service: Any, hospital: str) -> str:
    return next((str(row.name) for row in service.hospitals() if row.id == hospital), hospital)
