"""Draws by commit and reveal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from apps.health_slots.commands.desk import identity_option, person_of
from apps.health_slots.commands.root import WAYS, answer, command, opened, slots
from apps.health_slots.commands.schedule import hospital_option
from apps.health_slots.kinds import Draw
from apps.kit.commands import add_act
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.errors import CityChainError, Text, UserError, translating
from network.encodings import read_text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService

MAX_EXPORT = 16 * 1024 * 1024


class DrawDisagrees(CityChainError):
    """A draw that does not come out as its record says."""

    exit_code = 4
    default_code = "draw_disagrees"


@slots.group("draw", help=Text("摇号：先承诺后揭示，人人可重算。", "Draws that anybody can run again."))
def draw() -> None:
    """Draws that anybody can run again."""


@command(draw, "open", help=Text("公布一次摇号。", "Announce a draw."))
@argument("id")
@argument("slot_ids", nargs=-1, required=True, metavar="SLOT...")
@hospital_option()
@option("--apply-s", type=click.IntRange(1), default=3600, help=Text("报名秒数。", "Seconds to apply."))
@option("--turn-s", type=click.IntRange(1, 86_400), default=600, help=Text("每方揭示秒数。", "Seconds a turn."))
@option(
    "--number-source",
    default="",
    help=Text("两轮作废后以哪个公开号码为准。", "Which public number decides after two void rounds."),
)
@option("--number-date", default="", help=Text("该号码的日期。", "The day of that number."))
def open_(
    cli: Cli,
    service: HealthSlotsService,
    id: str,
    slot_ids: tuple[str, ...],
    hospital: str,
    apply_s: int,
    turn_s: int,
    number_source: str,
    number_date: str,
) -> None:
    number = {"number_source": number_source, "number_date": number_date}
    cli.show(service.draws.open(id, hospital, slot_ids, apply_s=apply_s, turn_s=turn_s, **number))


@command(draw, "apply", help=Text("报名。", "Apply for a resident."))
@argument("id")
@argument("resident", required=False, default="")
@identity_option()
def apply(cli: Cli, service: HealthSlotsService, id: str, resident: str, identity: Path | None) -> None:
    place = service.draws.get(id)["hospital"]
    cli.show(service.draws.apply(id, person_of(service, resident, identity, place, "portal")))


add_act(draw, WAYS, Draw.commit, arguments=(Draw.party,))
add_act(draw, WAYS, Draw.freeze, tell=answer)
add_act(draw, WAYS, Draw.reveal, arguments=(Draw.party,), tell=answer)
add_act(draw, WAYS, Draw.skip, tell=answer)
add_act(draw, WAYS, Draw.number, arguments=(Draw.party, Draw.value), tell=answer)
add_act(draw, WAYS, Draw.close, tell=answer)
add_act(draw, WAYS, Draw.finish, tell=answer)


@command(draw, "list", help=Text("列出摇号。", "List draws."))
def list_(cli: Cli, service: HealthSlotsService) -> None:
    rows = [{"id": id, **record, "slots": len(record["slots"])} for id, record in service.draws.all()]
    titles = columns(
        id=("编号", "Id"),
        hospital=("医院", "Hospital"),
        state=("阶段", "Stage"),
        slots=("号源", "Slots"),
        applicants=("报名", "Applicants"),
        turn=("轮到", "Turn"),
    )
    cli.show(rows, titles, Text("没有摇号。", "No draws."))


@command(draw, "show", help=Text("查看一次摇号。", "Show a draw."))
@argument("id")
def show(cli: Cli, service: HealthSlotsService, id: str) -> Any:
    return service.draws.get(id)


@draw.command("export", help=Text("导出局外人重算所需的全部数据。", "Export all that an outsider needs."))
@argument("id")
@argument("file", type=click.Path(path_type=Path))
@network_option()
@pass_cli
def export(cli: Cli, id: str, file: Path, network: str) -> None:
    """Export all that an outsider needs."""
    with opened(cli, network) as (_, service):
        data = service.draws.export(id)
    with translating():
        file.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    cli.show({"file": file, "applicants": len(data["applicants"])})


@draw.command("verify", help=Text("以局外人身份重算；用 --file 时无需网络。", "Run a draw again as an outsider."))
@argument("id", required=False, default="")
@option("--file", type=click.Path(path_type=Path), default=None, help=Text("导出的文件。", "An exported file."))
@network_option()
@pass_cli
def verify(cli: Cli, id: str, file: Path | None, network: str) -> None:
    """Run a draw again as an outsider."""
    from apps.health_slots.services.draws import verify_export

    if bool(id) == (file is not None):
        raise UserError(Text("请给出摇号编号，或 --file。", "Give a draw's id, or --file."))
    if file is not None:
        proof = verify_export(_read_export(file))
    else:
        with opened(cli, network) as (_, service):
            proof = service.draws.verify(id)
    compared = "ledger" if file is None else "file"
    cli.show({**vars(proof), "agrees": proof.agrees, "compared_with": compared})
    if file is not None:
        cli.say(
            Text(
                "以上只核对了这个文件本身，不能说明账本里就是这样：请在能连到账本的电脑上运行 "
                "citychain slots draw verify ID，核对名单指纹、种子和中签者。",
                "This checks the file by itself and does not say that the ledger has this draw: run `citychain slots "
                "draw verify ID` where the ledger can be read, and compare the list's hash, the seed and the winners.",
            )
        )
    if not proof.agrees:
        raise DrawDisagrees(Text("重算的结果与记录不一致。", "What was run again does not agree with the record."))


def _read_export(file: Path) -> Any:
    try:
        if file.stat().st_size > MAX_EXPORT:
            raise ValueError
        return json.loads(read_text(file, MAX_EXPORT))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(Text("读不了导出文件：{f}", "The export cannot be read: {f}", f=file.name)) from error
