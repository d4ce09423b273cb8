"""社区预留: clinics that refer, and their referrals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from apps.health_slots.commands.desk import read_identity
from apps.health_slots.commands.root import command, slots
from apps.health_slots.commands.schedule import hospital_option, moment
from apps.health_slots.kinds import Clinic
from baas.cli.kit import Cli, argument, columns, option
from baas.errors import Text, UserError

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService

F = TypeVar("F", bound=Callable[..., Any])


def _where(function: F) -> F:
    clinic = option("--clinic", required=True, metavar="ID", help=Text("转出的社区机构。", "The clinic that refers."))
    department = option("--department", required=True, metavar="ID", help=Text("转往的科室。", "The department."))
    date = option("--date", required=True, metavar="DATE", help=Text("就诊日期。", "The date of the visit."))
    return clinic(hospital_option()(department(date(function))))


@command(
    slots, "clinics", help=Text("列出、准许或取消可以转诊的社区机构。", "List, admit or dismiss clinics that refer.")
)
@option("--admit", default="", metavar="ID", help=Text("准许这家机构转诊（主管部门）。", "Let it refer (authority)."))
@option("--dismiss", default="", metavar="ID", help=Text("不再准许（主管部门）。", "Let it refer no more (authority)."))
@option("--reason", default="demand", help=Text("原因代码。", "Why (a coded reason)."))
def clinics(cli: Cli, service: HealthSlotsService, admit: str, dismiss: str, reason: str) -> None:
    if admit:
        service.referrals.admit(admit, reason)
    if dismiss:
        service.acts.do(Clinic.dismiss, on=dismiss)
    found = service.referrals.clinics()
    if cli.json:
        cli.show(found)
        return
    rows = [{"id": id, "signer": one["signer"], "at": moment(one["at"])} for id, one in found.items()]
    titles = columns(id=("机构", "Clinic"), signer=("准许人", "Admitted by"), at=("时间", "When"))
    cli.show(rows, titles, Text("还没有可以转诊的社区机构。", "No clinic may refer yet."))


@command(slots, "refer", help=Text("把居民转诊到医院的社区预留号。", "Refer somebody to a hospital's reserved slots."))
@argument("identity", type=click.Path(path_type=Path, allow_dash=True))
@_where
@option("--withdraw", is_flag=True, help=Text("撤回转诊。", "Take the referral back."))
def refer(
    cli: Cli,
    service: HealthSlotsService,
    identity: Path,
    clinic: str,
    hospital: str,
    department: str,
    date: str,
    withdraw: bool,
) -> None:
    act = service.referrals.withdraw if withdraw else service.referrals.refer
    cli.show(act(clinic, read_identity(identity), hospital, department, date))


@command(
    slots,
    "reserved",
    help=Text("列出社区预留的号：只凭转诊预约。", "List reserved slots, which are booked by referral only."),
)
@option("--clinic", default="", metavar="ID", help=Text("不列这家机构自己的。", "Leave out this institution's own."))
def reserved(cli: Cli, service: HealthSlotsService, clinic: str) -> None:
    service.refresh()
    rows = [
        {
            "session": one.id,
            "hospital": one.session.hospital_name,
            "department": one.session.department_name,
            "date": one.session.date,
            "left": one.left,
            "until": one.session.referral_until if cli.json else moment(one.session.referral_until),
        }
        for one in service.referrals.reserved(clinic)
    ]
    titles = columns(
        session=("出诊单元", "Session"),
        hospital=("医院", "Hospital"),
        department=("科室", "Department"),
        date=("日期", "Date"),
        left=("余号", "Left"),
        until=("何时向公众开放", "Public from"),
    )
    cli.show(rows, titles, Text("现在没有社区预留的号。", "No slots are reserved now."))


@command(slots, "referrals", help=Text("列出转出或转入的转诊。", "List a clinic's referrals, or those to a hospital."))
@option("--clinic", default="", metavar="ID", help=Text("转出的社区机构。", "The clinic that refers."))
@option("--hospital", default="", metavar="ID", help=Text("医院编号。", "The hospital's id."))
def referrals(cli: Cli, service: HealthSlotsService, clinic: str, hospital: str) -> None:
    if bool(clinic) == bool(hospital):
        raise UserError(Text("请给出 --clinic 或 --hospital。", "Give --clinic or --hospital."), code="usage")
    service.refresh()
    titles = columns(
        date=("日期", "Date"),
        clinic_name=("转出机构", "Clinic"),
        hospital_name=("转往医院", "Hospital"),
        department_name=("科室", "Department"),
        resident=("居民", "Person"),
        state=("预约", "Appointment"),
    )
    rows = [dataclasses.asdict(one) for one in service.referrals.listed(clinic=clinic, hospital=hospital)]
    cli.show(rows, titles, Text("没有转诊。", "There are no referrals."))


@command(
    slots, "refer-book", help=Text("转诊并为居民约一个预留号。", "Refer somebody and book a reserved slot for them.")
)
@argument("identity", type=click.Path(path_type=Path, allow_dash=True))
@argument("session")
@option("--clinic", required=True, metavar="ID", help=Text("转出的社区机构。", "The clinic that refers."))
def refer_book(cli: Cli, service: HealthSlotsService, identity: Path, session: str, clinic: str) -> Any:
    return service.referrals.refer_and_book(clinic, read_identity(identity), session)
