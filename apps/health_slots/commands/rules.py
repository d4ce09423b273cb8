"""Booking rules, departments and doctors, settings of the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from apps.health_slots.commands.root import WAYS, command, slots
from apps.health_slots.commands.schedule import hospital_option, moment
from apps.health_slots.kinds import Tickets
from apps.health_slots.services.trials import Trial
from apps.kit.commands import add_act
from apps.kit.ledger import Committed
from baas.cli.calendars import show_calendar
from baas.cli.kit import Cli, argument, columns, option
from baas.errors import Text, UserError
from baas.working_days import guessed, guessed_words, read_calendar, write_calendar

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService


@command(slots, "policy", help=Text("查看或更改预约规则。", "Show or change booking rules."))
@argument("changes", nargs=-1, metavar="[NAME=VALUE]...")
@option("--hospital", default="CITY", metavar="ID", help=Text("医院编号，默认全市。", "A hospital, or the whole city."))
@option("--version", type=click.IntRange(0), default=0, help=Text("版本。", "Version."))
@option("--history", is_flag=True, help=Text("列出全部版本。", "List every version."))
@option("--reason", default="correction", help=Text("更改的原因代码。", "Why it changes (a coded reason)."))
@option(
    "--try", "tried", is_flag=True, help=Text("只试算对过去的影响，不写账本。", "Only say what it would have done.")
)
@option(
    "--days",
    type=click.IntRange(1, 400),
    default=30,
    help=Text("试算过去多少天。", "Over how many past days to try it."),
)
def policy(
    cli: Cli,
    service: HealthSlotsService,
    changes: tuple[str, ...],
    hospital: str,
    version: int,
    history: bool,
    reason: str,
    tried: bool,
    days: int,
) -> None:
    wanted: dict[str, Any] = {}
    for text in changes:
        name, separator, value = text.partition("=")
        if not separator:
            raise UserError(Text("规则应写作 名称=值。", "A rule is written NAME=VALUE."))
        try:
            wanted[name] = json.loads(value)
        except ValueError:
            wanted[name] = value
    if history:
        titles = columns(
            version=("版本", "Version"), reason=("原因", "Reason"), signer=("签名", "Signer"), at=("时间", "When")
        )
        rows = [{**v, "at": v["at"] if cli.json else moment(v["at"])} for v in service.rules.versions(hospital)]
        cli.show(rows, titles)
        return
    if tried:
        _show_trial(cli, service.trials.run(hospital, wanted, days=days))
        return
    if wanted:
        service.rules.set_policy(hospital, wanted, reason)
    found = service.rules.policy(hospital, version)
    note = guessed_words(guessed(service.rules.calendar(hospital)), "citychain slots calendar")
    if cli.json:
        cli.show({**found, "computed_from_weekends": guessed(service.rules.calendar(hospital))})
        return
    values = [
        {"rule": name, "value": ", ".join(map(str, v)) if isinstance(v, list) else str(v)}
        for name, v in found["rules"].items()
    ]
    cli.show(values, columns(rule=("规则", "Rule"), value=("值", "Value")))
    cli.say(
        Text(
            "{owner} 第 {n} 版，{signer} 于 {at} 写入。",
            "{owner}, version {n}, written by {signer} on {at}.",
            owner=found["owner"],
            n=found["version"],
            signer=found["signer"],
            at=moment(found["at"]),
        )
    )
    if note is not None:
        cli.say(note)


def _show_trial(cli: Cli, trial: Trial) -> None:
    """What rules would have done, as a table; the appointments that it would have hit are in --json."""
    if cli.json:
        cli.show(trial)
        return
    rows = [
        {"effect": one.title, "now": one.now, "tried": one.tried, "examples": " ".join(one.examples)}
        for one in trial.effects
    ]
    titles = columns(
        effect=("影响", "Effect"),
        now=("现行规则", "Rules now"),
        tried=("试算规则", "Rules tried"),
        examples=("例如", "Such as"),
    )
    cli.show(rows, titles)
    cli.say(
        Text(
            "按 {a} 至 {b} 的 {n} 个预约试算；没有写账本。",
            "Tried on {n} appointments from {a} to {b}; nothing was written.",
            a=trial.first,
            b=trial.last,
            n=trial.appointments,
        )
    )
    if trial.not_told:
        cli.say(
            Text(
                "账本上看不出这些规则的影响：{w}",
                "What these would have done cannot be seen on the ledger: {w}",
                w=", ".join(trial.not_told),
            )
        )


@command(slots, "calendar", help=Text("查看或导入年度工作日历。", "Show or import years' working days."))
@argument("file", type=click.Path(path_type=Path), required=False)
@option("--export", "year", type=int, help=Text("把一年写成文件，作样子。", "Write a year to the file, as a model."))
def calendar(cli: Cli, service: HealthSlotsService, file: Path | None, year: int | None) -> None:
    known = service.rules.calendar()
    if file is not None and year is not None:
        cli.show({"file": write_calendar(known, year, file)})
        return
    changed: tuple[str, ...] = ()
    if file is not None:
        service.refresh()
        changed = service.rules.import_calendar(read_calendar(file))
        known = service.rules.calendar()
    show_calendar(cli, known, "citychain slots calendar", changed)


@command(
    slots, "units", help=Text("列出或登记科室、医生和院区。", "List or register departments, doctors and campuses.")
)
@hospital_option()
@option("--department", "departments", multiple=True, metavar="ID=NAME", help=Text("科室。", "A department."))
@option("--doctor", "doctors", multiple=True, metavar="ID=DEPARTMENT=NAME[=TITLE]", help=Text("医生。", "A doctor."))
@option("--campus", "campuses", multiple=True, metavar="ID=NAME", help=Text("院区。", "A campus."))
def units(
    cli: Cli,
    service: HealthSlotsService,
    hospital: str,
    departments: tuple[str, ...],
    doctors: tuple[str, ...],
    campuses: tuple[str, ...],
) -> None:
    wanted: dict[str, list[dict[str, str]]] = {"departments": [], "doctors": []}
    for text in departments:
        parts = text.split("=")
        if len(parts) != 2 or not all(parts):
            raise UserError(Text("科室应写作 编号=名称。", "A department is written ID=NAME."))
        wanted["departments"].append({"id": parts[0], "name": parts[1]})
    for text in doctors:
        parts = text.split("=")
        if not 3 <= len(parts) <= 4 or not all(parts):
            raise UserError(Text("医生应写作 编号=科室=姓名=职称。", "A doctor is written ID=DEPARTMENT=NAME=TITLE."))
        names = ("id", "department", "name", "title")
        wanted["doctors"].append(dict(zip(names, parts, strict=False)))
    for text in campuses:
        parts = text.split("=")
        if len(parts) != 2 or not all(parts):
            raise UserError(Text("院区应写作 编号=名称。", "A campus is written ID=NAME."))
        # A contract of an earlier version is sent none.
        wanted.setdefault("campuses", []).append({"id": parts[0], "name": parts[1]})
    if departments or doctors or campuses:
        service.rules.register_units(hospital, wanted)
    found = service.rules.units(hospital)
    if cli.json:
        cli.show(found)
        return
    rows = [
        {
            "department": f"{d['department']} {found['departments'][d['department']]['name']}",
            "doctor": id,
            **_words(d),
        }
        for id, d in sorted(found["doctors"].items(), key=lambda item: (item[1]["department"], item[0]))
    ]
    empty = {d["department"] for d in found["doctors"].values()}
    rows += [{"department": f"{id} {d['name']}"} for id, d in found["departments"].items() if id not in empty]
    rows += [{"department": "", "doctor": id, "name": c["name"]} for id, c in found.get("campuses", {}).items()]
    titles = columns(
        department=("科室", "Department"),
        doctor=("编号", "Id"),
        name=("医生或院区", "Doctor or campus"),
        title=("职称", "Title"),
    )
    cli.show(rows, titles, Text("还没有科室。", "No departments yet."))


def _words(doctor: dict[str, Any]) -> dict[str, str]:
    return {"name": doctor["name"], "title": doctor["title"]}


@command(
    slots, "settings", help=Text("查看账本设置，或更改时钟容差。", "Show settings, or change the clock tolerance.")
)
@option(
    "--clock-tolerance",
    type=click.IntRange(5, 3600),
    default=None,
    help=Text("交易时间与节点时钟最多相差的秒数。", "How far a transaction's time may be from a peer's clock (s)."),
)
def settings(cli: Cli, service: HealthSlotsService, clock_tolerance: int | None) -> None:
    if clock_tolerance is not None:
        service.rules.set_clock_tolerance(clock_tolerance)
    found = service.rules.settings()
    if cli.json:
        cli.show(found)
        return
    rows = [{"role": role, "organizations": ", ".join(members)} for role, members in found["roles"].items()]
    cli.show(rows, columns(role=("角色", "Role"), organizations=("可授予的组织", "Organisations that may give it")))
    cli.say(
        Text(
            "时钟容差 {n} 秒；{signer} 于 {at} 设置。",
            "Clock tolerance {n} s; set by {signer} on {at}.",
            n=found["clock_tolerance_s"],
            signer=found["set_by"],
            at=moment(found["set_at"]),
        )
    )


def _keys(cli: Cli, service: HealthSlotsService, done: Committed[Any]) -> None:
    cli.show({"ticket_keys": sorted(done.value["ticket_keys"])})


add_act(slots, WAYS, Tickets.ask, name="tickets", tell=_keys)
