"""Setting up, importing schedules, opening and looking for slots."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from apps.health_slots.commands.habits import habit_options, how_to_answer, told
from apps.health_slots.commands.root import command, opened, slots
from apps.health_slots.schedule.habits import Habits
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.csv_cells import harmless
from baas.errors import Text, UserError, translating
from fabric_sdk.clock import CHINA, today

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from baas.platform import Platform

FILE = click.Path(path_type=Path)
F = TypeVar("F", bound=Callable[..., Any])


def clock(minute: int) -> str | Text:
    """Minutes from midnight as `08:30`; beyond 24 hours they are the next day's."""
    if minute > 1440:
        return Text("次日 {t}", "{t} next day", t=clock(minute - 1440))
    return f"{minute // 60:02d}:{minute % 60:02d}"


def moment(seconds: int | None) -> str:
    """A moment as people read it, in China's time."""
    return dt.datetime.fromtimestamp(seconds, CHINA).strftime("%Y-%m-%d %H:%M:%S") if seconds else "-"


def hospital_option() -> Callable[[F], F]:
    return option("--hospital", required=True, metavar="ID", help=Text("医院编号。", "The hospital's id."))


def reason_option(*, required: bool = True) -> Callable[[F], F]:
    from chaincode.health_slots.terms import REASONS

    return option(
        "--reason",
        type=click.Choice(REASONS),
        required=required,
        help=Text("原因，写在账本上。", "Why; on the ledger."),
    )


@command(slots, "init", help=Text("初始化号源链并登记医院。", "Initialise the slots ledger and admit hospitals."))
@option("--hospital", "hospitals", multiple=True, metavar="ID=NAME", help=Text("要登记的医院。", "Hospitals to admit."))
@option(
    "--organization",
    "msp_id",
    default="",
    metavar="MSP",
    help=Text("这些医院属于哪个组织（有多个医院组织时）。", "Whose hospitals they are, where several run some."),
)
def init(cli: Cli, service: HealthSlotsService, hospitals: tuple[str, ...], msp_id: str) -> None:
    wanted: dict[str, str] = {}
    for text in hospitals:
        id, separator, name = text.partition("=")
        if not separator or not id or not name:
            raise UserError(Text("医院应写作 编号=名称。", "A hospital is written ID=NAME."))
        wanted[id] = name
    service.set_up(wanted, msp_id)
    cli.show(service.hospitals(), _HOSPITALS)


_HOSPITALS = columns(
    id=("编号", "Id"),
    name=("医院", "Hospital"),
    sessions=("出诊单元", "Sessions"),
    slots=("号源", "Slots"),
    free=("空闲", "Free"),
)


@command(slots, "hospitals", help=Text("列出医院。", "List hospitals."))
def hospitals(cli: Cli, service: HealthSlotsService) -> None:
    service.refresh()
    cli.show(service.hospitals(), _HOSPITALS, Text("还没有登记医院。", "No hospital is admitted yet."))


@slots.command("sample", help=Text("写一份示例排班表，日期从明天开始。", "Write a sample schedule from tomorrow on."))
@argument("file", type=FILE)
@pass_cli
def sample(cli: Cli, file: Path) -> None:
    """Write a sample schedule from tomorrow on."""
    from apps.health_slots.samples import write_schedule

    cli.show({"file": write_schedule(file, today() + dt.timedelta(days=1))})


@slots.command("preview", help=Text("检查排班文件，列出每一行错误。", "Check a schedule file and list every bad line."))
@argument("file", type=FILE)
@option(
    "--hospital",
    default="",
    metavar="ID",
    help=Text("按这家医院的写法读，并与账本比较。", "Read as this hospital writes, and compare with the ledger."),
)
@habit_options()
@option("--bad-lines", type=FILE, default=None, help=Text("把全部错误行写入 CSV。", "Write every bad line to a CSV."))
@network_option()
@pass_cli
def preview(cli: Cli, /, file: Path, hospital: str, bad_lines: Path | None, network: str, **words: Any) -> None:
    """Check a schedule file and list every bad line."""
    from apps.health_slots.schedule import preview_file
    from baas.jobs import Jobs

    habits, title = told(words), Text("检查排班文件", "Check the schedule file")
    if hospital:
        with opened(cli, network) as (platform, service):
            habits = service.schedules.habits(hospital).with_answers(habits)
            found = cli.run(platform, service.schedules.preview, file, hospital, habits=habits, title=title)
    else:
        with cli.watching() as watch:
            found = Jobs().run(preview_file, file, habits=habits, title=title, watch=watch)
    if bad_lines is not None:
        with translating(), bad_lines.open("w", encoding="utf-8-sig", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(["sheet", "line", "column", "value", "why"])
            table.writerows(
                [harmless(b.sheet), b.line, harmless(b.column), harmless(b.value), harmless(b.why.render(cli.lang))]
                for b in found.every_bad()
            )
    if cli.json:
        cli.show(_preview_facts(found))
        return
    _show_preview(cli, found)


def _preview_facts(found: Any) -> dict[str, Any]:
    return {
        "file": found.file,
        "encoding": found.encoding,
        "rows": found.rows,
        "sessions": len(found.sessions),
        "slots": found.slots,
        "importable": found.importable,
        "questions": [{**vars(q), "line": found.place(q.line), "option": how_to_answer(q)} for q in found.questions],
        "notes": found.notes,
        "note_count": found.note_count,
        "bad_count": found.bad_count,
        "bad": found.bad,
        **_difference_facts(found.differences),
    }


def _difference_facts(compared: Any) -> dict[str, Any]:
    """What differs from the ledger, {} where the file was not compared."""
    if compared is None:
        return {}
    shown = ("what", "session", "arguments", "words", "appointments", "line")
    return {
        "same": compared.same,
        "changes": [{name: getattr(change, name) for name in shown} for change in compared.changes],
        "missing": [{name: getattr(change, name) for name in shown} for change in compared.missing],
    }


def _show_preview(cli: Cli, found: Any) -> None:
    if found.bad:
        cli.show(
            [{**vars(bad), "line": f"{bad.sheet} {bad.line}".strip()} for bad in found.bad],
            columns(line=("行", "Line"), column=("列", "Column"), value=("内容", "Value"), why=("原因", "Why")),
        )
    if found.notes:
        cli.show(
            [{"line": f"{note.sheet} {note.line}".strip(), "text": note.text} for note in found.notes],
            columns(line=("行", "Line"), text=("按此理解", "Understood as")),
        )
    if found.questions:
        cli.show(
            [{"question": q.text, "answer": how_to_answer(q)} for q in found.questions],
            columns(question=("要先回答", "To be answered first"), answer=("选项", "Option")),
        )
    cli.say(
        Text(
            "{rows} 行，{sessions} 个出诊单元，{slots} 个号，{bad} 行有误（编码 {encoding}）。",
            "{rows} rows, {sessions} sessions, {slots} slots, {bad} bad lines (encoding {encoding}).",
            rows=found.rows,
            sessions=len(found.sessions),
            slots=found.slots,
            bad=found.bad_count,
            encoding=found.encoding,
        )
    )
    if found.differences is not None:
        _show_differences(cli, found.differences)


_DIFFERENCES = columns(words=("改动", "Change"), session=("出诊单元", "Session"), appointments=("预约", "Appointments"))


def _show_differences(cli: Cli, compared: Any) -> None:
    for changes, title in (
        (
            compared.changes,
            Text("与账本不同，导入时按文件改（需 --reason）：", "Differs; changed on import (--reason):"),
        ),
        (
            compared.missing,
            Text("文件里没有了（加 --stop-missing 时）：", "No longer named (with --stop-missing):"),
        ),
    ):
        if changes:
            cli.say(title)
            cli.show([vars(change) for change in changes], _DIFFERENCES)
    cli.say(
        Text(
            "与账本相比：{same} 个单元相同，{n} 处改动，{gone} 个文件里没有了。",
            "Against the ledger: {same} sessions are the same, {n} changes, {gone} no longer named.",
            same=compared.same,
            n=len(compared.changes),
            gone=len(compared.missing),
        )
    )


@command(slots, "import", help=Text("导入排班：放号前把承诺写上账本。", "Import a schedule: commit before release."))
@argument("file", type=FILE)
@hospital_option()
@habit_options()
@option(
    "--skip-bad", is_flag=True, help=Text("只导入没有错误的出诊单元。", "Import the sessions that have no bad line.")
)
@reason_option(required=False)
@option(
    "--stop-missing",
    is_flag=True,
    help=Text(
        "文件是完整的：不再列出的出诊单元改诊、替诊或停诊。",
        "The file is whole: what it no longer names moved or stops.",
    ),
)
def import_(
    cli: Cli,
    service: HealthSlotsService,
    /,
    platform: Platform,
    file: Path,
    hospital: str,
    skip_bad: bool,
    reason: str | None,
    stop_missing: bool,
    **words: Any,
) -> None:
    answers = told(words)
    habits = service.schedules.habits(hospital).with_answers(answers)
    imported = cli.run(
        platform,
        service.schedules.import_file,
        hospital,
        file,
        habits=habits,
        skip_bad=skip_bad,
        reason=reason or "",
        stop_missing=stop_missing,
        title=Text("导入排班", "Import"),
    )
    if answers != Habits():
        service.schedules.keep_habits(hospital, habits)
    cli.show(imported)


@command(slots, "search", help=Text("查找空闲号源。", "Search for free slots."))
@argument("text", required=False, default="")
@option("--hospital", default="", metavar="ID", help=Text("医院编号。", "The hospital's id."))
@option("--campus", default="", metavar="NAME", help=Text("院区，编号或名称。", "The campus, its id or its name."))
@option("--from", "date_from", default="", metavar="DATE", help=Text("起始日期。", "First day."))
@option("--to", "date_to", default="", metavar="DATE", help=Text("截止日期。", "Last day."))
@option(
    "--kind", type=click.Choice(["general", "expert", "special"]), default=None, help=Text("号别。", "Kind of slot.")
)
@option("--part", type=click.Choice(["am", "pm", "night"]), default=None, help=Text("时段。", "Part of the day."))
@option(
    "--pool",
    type=click.Choice(["online", "window", "community", "reserved"]),
    default=None,
    help=Text("号源池。", "Pool."),
)
@option("--all", "everything", is_flag=True, help=Text("不限空闲。", "Not only free ones."))
@option("--limit", type=click.IntRange(1, 500), default=50, help=Text("条数。", "How many."))
@option("--cursor", default="", help=Text("从这里继续。", "Go on from here."))
def search(cli: Cli, service: HealthSlotsService, /, text: str, everything: bool, **narrow: Any) -> None:
    from apps.health_slots.model import SlotQuery

    service.refresh()
    given = {name: value for name, value in narrow.items() if value is not None}
    page = service.search(SlotQuery(text=text, free_only=not everything, **given))
    if cli.json:
        cli.show({"slots": page.slots, "cursor": page.cursor})
        return
    sessions = {s.id: s for s in page.sessions}
    rows = [
        {
            "id": slot.id,
            "where": f"{sessions[slot.session].house} {sessions[slot.session].department_name}",
            "doctor": sessions[slot.session].doctor_name,
            "when": Text("{d} {t}", "{d} {t}", d=sessions[slot.session].date, t=clock(slot.start)),
            "fee": f"{sessions[slot.session].fee / 100:.2f}",
            "state": slot.state,
        }
        for slot in page.slots
    ]
    titles = columns(
        id=("号源", "Slot"),
        where=("医院科室", "Where"),
        doctor=("医生", "Doctor"),
        when=("时间", "When"),
        fee=("元", "Yuan"),
        state=("状态", "State"),
    )
    cli.show(rows, titles, Text("没有符合的号源。", "No slot matches."))


@command(slots, "session", help=Text("查看一个出诊单元的全部号源。", "Show all slots of a session."))
@argument("session")
def session(cli: Cli, service: HealthSlotsService, session: str) -> None:
    service.refresh()
    rows = [
        {
            "number": f"{s.number:03d}",
            "start": clock(s.start),
            "pool": s.pool,
            "state": s.state,
            "created": moment(s.created_at),
            "closes": moment(s.closes_at),
            "applied": moment(s.applied_at),
            "added": s.added,
        }
        for s in service.slots(session)
    ]
    titles = columns(
        number=("号", "No"),
        start=("时间", "Time"),
        pool=("池", "Pool"),
        state=("状态", "State"),
        created=("创建", "Created"),
        closes=("截止", "Closes"),
        applied=("申请", "Applied"),
        added=("加号", "Added"),
    )
    cli.show(rows, titles)


@command(slots, "prove", help=Text("导出一个号源的承诺证明并核对。", "Export and check the proof of a slot."))
@argument("slot")
def prove(cli: Cli, service: HealthSlotsService, slot: str) -> None:
    from chaincode.health_slots import merkle

    proof = service.schedules.prove(slot)
    leaf = merkle.leaf_hash(proof["line"], bytes.fromhex(proof["salt"]))
    path = [(side, bytes.fromhex(value)) for side, value in proof["path"]]
    cli.show({**proof, "verified": merkle.verify_proof(leaf, path, bytes.fromhex(proof["root"]))})
