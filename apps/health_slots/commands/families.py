"""家庭成员: who may book for whom."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from apps.health_slots.commands.desk import WINDOW, read_identity
from apps.health_slots.commands.residents import SIGNATURE, until_moment
from apps.health_slots.commands.root import command, slots
from apps.health_slots.commands.schedule import hospital_option, moment
from baas.cli.kit import Cli, argument, columns, option
from baas.errors import Text, UserError

if TYPE_CHECKING:
    from apps.health_slots.cast import Part
    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.services.families import Signed

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(path_type=Path, allow_dash=True)
KINDS = click.Choice(["minor", "consent"])
UNTIL = Text("到哪天为止，最多三年。", "Until which day, three years at most.")


def _both(function: F) -> F:
    return argument("patient", type=FILE)(argument("guardian", type=FILE)(hospital_option()(function)))


def _signed(function: F) -> F:
    signature = option("--signature", default="", metavar="HEX", help=SIGNATURE)
    at = option("--at", default=0, type=int, metavar="SECONDS", help=Text("text 给出的时刻。", "As `text` gave it."))
    return signature(at(function))


def _consent(signature: str, at: int) -> tuple[Part, Signed | None]:
    """Through which desk, and with what the patient signed: without a signature it is the hospital's window."""
    from apps.health_slots.services.families import Signed

    if bool(signature) != bool(at):
        raise UserError(Text("请同时给出 --signature 和 --at。", "Give both --signature and --at."), code="usage")
    return ("portal", Signed(signature, at)) if signature else ("staff", None)


@slots.group("family", help=Text("家庭成员代约：登记、解除、查看。", "Family members who book: link, end, list."))
def family() -> None:
    """Family members who book for others."""


@command(family, "link", help=Text("登记某人可为另一人代约。", "Let a person book for another."))
@_both
@option("--kind", type=KINDS, required=True, help=Text("minor 监护，consent 本人授权。", "A child's, or by consent."))
@option("--until", required=True, metavar="DATE", help=UNTIL)
@_signed
def link(
    cli: Cli,
    service: HealthSlotsService,
    patient: Path,
    guardian: Path,
    hospital: str,
    kind: str,
    until: str,
    signature: str,
    at: int,
) -> None:
    part, signed = _consent(signature, at)
    one, other = read_identity(patient), read_identity(guardian)
    made = service.families.link(hospital, one, other, kind, until_moment(until), part=part, signed=signed)
    cli.show({"tx_id": made.tx_id, "block": made.block})


@command(family, "end", help=Text("解除代约关系，立即生效。", "Let a person book for another no longer."))
@_both
@_signed
def end(
    cli: Cli, service: HealthSlotsService, patient: Path, guardian: Path, hospital: str, signature: str, at: int
) -> None:
    part, signed = _consent(signature, at)
    one, other = read_identity(patient), read_identity(guardian)
    made = service.families.unlink(hospital, one, other, part=part, signed=signed)
    cli.show({"tx_id": made.tx_id, "block": made.block})


@command(family, "list", help=Text("某人现在可为哪些人代约。", "For whom a person may book now."))
@argument("guardian", type=FILE)
@hospital_option()
def members(cli: Cli, service: HealthSlotsService, guardian: Path, hospital: str) -> None:
    rows: list[dict[str, Any]] = []
    for one in service.families.members(hospital, read_identity(guardian)):
        row = dataclasses.asdict(one)
        rows.append(row if cli.json else row | {name: moment(row[name]) for name in ("since", "until")})
    titles = columns(
        who=("成员", "Member"),
        kind=("关系", "Kind"),
        since=("从", "From"),
        until=("到", "Until"),
        how=("方式", "How"),
        by=("经办", "By"),
    )
    cli.show(rows, titles, Text("没有登记家庭成员。", "There are no family members."))


@command(
    family, "text", help=Text("生成成年人在自己设备上签名的文本。", "Make the text that an adult signs elsewhere.")
)
@_both
@option("--until", default="", metavar="DATE", help=Text("不填则为解除。", "Without it, the text that ends a link."))
@option("--window", is_flag=True, help=WINDOW)
def text(
    cli: Cli, service: HealthSlotsService, patient: Path, guardian: Path, hospital: str, until: str, window: bool
) -> None:
    import json

    part: Part = "staff" if window else "portal"
    one, other = read_identity(patient), read_identity(guardian)
    made = service.families.text(hospital, one, other, until_moment(until) if until else 0, part=part)
    cli.show({"at": json.loads(made)["at"], "text": made.decode(), "sign_hex": made.hex()})


@command(family, "acted", help=Text("某个预约是谁代约的（主管部门）。", "Who made an appointment for its patient."))
@argument("appointment")
def acted(cli: Cli, service: HealthSlotsService, appointment: str) -> Any:
    return service.families.acted(appointment)
