"""The desk: identities, holds, bookings, the day itself, waitlists."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from apps.health_slots import permissions
from apps.health_slots.commands.root import WAYS, command, named, opened, slots
from apps.health_slots.commands.schedule import hospital_option, moment
from apps.health_slots.kinds import Booking, CodeKey
from apps.kit.commands import add_act
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.errors import Text, UserError
from network.encodings import read_text

if TYPE_CHECKING:
    from apps.health_slots.cast import Part
    from apps.health_slots.model import Identity
    from apps.health_slots.service import HealthSlotsService
    from baas.platform import Platform

F = TypeVar("F", bound=Callable[..., Any])
WINDOW = Text("在医院窗口办理。", "At the hospital's window.")


def resident_option() -> Callable[[F], F]:
    return option("--resident", required=True, metavar="R…", help=Text("居民假名。", "The resident's pseudonym."))


def identity_option() -> Callable[[F], F]:
    return option(
        "--identity",
        type=click.Path(path_type=Path, allow_dash=True),
        default=None,
        help=Text("身份文件；账本要求凭证时用它。", "An identity file, where the ledger asks for tickets."),
    )


def person_options(function: F) -> F:
    """`--resident` or `--identity`: an id that this program knows nothing of, or the document that makes it."""
    named = option("--resident", default="", metavar="R…", help=Text("居民假名。", "The resident's pseudonym."))
    return named(identity_option()(function))


def guardian_option() -> Callable[[F], F]:
    return option(
        "--guardian",
        type=click.Path(path_type=Path, allow_dash=True),
        default=None,
        help=Text("代约人的身份文件（已登记的家庭成员）。", "An identity file of who acts for the person, as linked."),
    )


def guardian_of(service: HealthSlotsService, guardian: Path | None, slot: str, part: Part) -> str:
    """Who acts for the person, "" where nobody does."""
    if guardian is None:
        return ""
    return service.bookings.resident(read_identity(guardian), hospital=slot.partition(".")[0], part=part)


def person_of(service: HealthSlotsService, resident: str, identity: Path | None, place: str, part: Part) -> str:
    """The resident whom the options name, by the authority's ticket where an identity is given."""
    if bool(resident) == (identity is not None):
        raise UserError(Text("请给出 --resident 或 --identity。", "Give --resident or --identity."), code="usage")
    if identity is None:
        return resident
    return service.bookings.resident(read_identity(identity), hospital=place.partition(".")[0], part=part)


def read_identity(file: Path) -> Identity:
    """Read an identity from a JSON file (or `-`): on the command line others of this machine could see it."""
    from apps.health_slots.model import Identity

    try:
        text = sys.stdin.read(4096) if str(file) == "-" else read_text(file)
        data = json.loads(text)
        return Identity(data["name"], data["document_type"], data["document"], data["phone"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            Text("读不了身份文件。", "The identity file cannot be read."),
            Text(
                "应为 JSON，含 name、document_type、document、phone。",
                "It is JSON with name, document_type, document and phone.",
            ),
        ) from error


@command(slots, "deposit", help=Text("把居民身份存入医院的私有数据。", "Keep a resident's identity in private data."))
@argument("file", type=click.Path(path_type=Path, allow_dash=True))
@hospital_option()
def deposit(cli: Cli, service: HealthSlotsService, file: Path, hospital: str) -> Any:
    return {"resident": service.bookings.deposit(hospital, read_identity(file))}


@slots.command("purge", help=Text("清除居民在医院的身份数据。", "Erase a resident's identity at a hospital."))
@hospital_option()
@resident_option()
@option("--yes", is_flag=True, help=Text("不再询问。", "Do not ask."))
@network_option()
@pass_cli
def purge(cli: Cli, hospital: str, resident: str, yes: bool, network: str) -> None:
    """Erase a resident's identity at a hospital."""
    loss = Text("身份数据及其历史将从医院节点永久清除。", "The identity and its history are erased for good.")
    cli.confirm_by_name(resident, loss, yes=yes)
    with opened(cli, network) as (_, service):
        cli.show(service.bookings.purge(hospital, resident))


@command(slots, "seal", help=Text("把旧的明文身份数据改存为密文。", "Write identities of before as ciphertext."))
@hospital_option()
def seal(cli: Cli, service: HealthSlotsService, hospital: str) -> Any:
    return {"sealed": service.bookings.seal(hospital)}


def _take(name: str, *, help: Text) -> None:
    """The command that takes a slot for somebody: holds it, or books it."""

    @command(slots, name, help=help)
    @argument("slot")
    @person_options
    @guardian_option()
    @option("--window", is_flag=True, help=WINDOW)
    def take(
        cli: Cli,
        service: HealthSlotsService,
        slot: str,
        resident: str,
        identity: Path | None,
        guardian: Path | None,
        window: bool,
    ) -> Any:
        part: Part = "staff" if window else "portal"
        who, acting = person_of(service, resident, identity, slot, part), guardian_of(service, guardian, slot, part)
        act = service.bookings.hold if name == "hold" else service.bookings.book
        return act(slot, who, part=part, guardian=acting)


_take("hold", help=Text("锁定一个号源。", "Hold a slot."))
_take("book", help=Text("预约一个号源。", "Book a slot."))


@command(slots, "cancel", help=Text("退号。", "Cancel an appointment."))
@argument("appointment")
@option("--window", is_flag=True, help=WINDOW)
def cancel(cli: Cli, service: HealthSlotsService, appointment: str, window: bool) -> Any:
    return service.bookings.cancel(appointment, part="staff" if window else "portal")


@command(slots, "appointments", help=Text("列出预约（只有假名）。", "List appointments (pseudonyms only)."))
@option("--hospital", default="", metavar="ID", help=Text("医院编号。", "The hospital's id."))
@option("--resident", default="", metavar="R…", help=Text("居民假名。", "The resident's pseudonym."))
@option("--state", default="", help=Text("状态。", "State."))
@option("--limit", type=click.IntRange(1, 10_000), default=50, help=Text("条数。", "How many."))
def appointments(cli: Cli, service: HealthSlotsService, hospital: str, resident: str, state: str, limit: int) -> None:
    service.refresh()
    found = service.index.appointments(hospital=hospital, resident=resident, state=state, limit=limit)
    titles = columns(
        id=("预约", "Appointment"),
        slot=("号源", "Slot"),
        resident=("居民", "Resident"),
        state=("状态", "State"),
        due=("应付（分）", "Due (fen)"),
        paid=("已付（分）", "Paid (fen)"),
    )
    cli.show(found, titles, Text("没有预约。", "No appointments."))


@command(slots, "code", help=Text("生成取号码（二维码内容）。", "Make a check-in code (what the QR holds)."))
@argument("appointment")
@option("--seconds", type=click.IntRange(30, 600), default=300, help=Text("有效秒数。", "Seconds it is valid."))
@option("--png", type=click.Path(path_type=Path), default=None, help=Text("另存二维码图片。", "Also save the QR."))
def code(cli: Cli, service: HealthSlotsService, appointment: str, seconds: int, png: Path | None) -> None:
    text = service.bookings.issue_code(appointment, seconds=seconds)
    if png is not None:
        import segno

        segno.make(text, error="m").save(str(png), kind="png", scale=6)
    cli.show({"code": text, "seconds": seconds, "png": png})


@command(slots, "check-in", help=Text("取号：凭取号码，或核对证件后。", "Check in by a code, or by the document."))
@argument("appointment")
@argument("code", required=False, default="")
@option(
    "--document",
    "looked",
    is_flag=True,
    help=Text(
        "没有码：已查到本人并核对证件（会留痕）。", "No code: looked up, and the document compared (leaves a trace)."
    ),
)
def check_in(
    cli: Cli, service: HealthSlotsService, platform: Platform, appointment: str, code: str, looked: bool
) -> None:
    platform.session.require(permissions.BOOK)
    if bool(code) == looked:
        raise UserError(Text("请给出取号码，或 --document。", "Give a code, or --document."), code="usage")
    bookings = service.bookings
    cli.show(bookings.check_in_at_desk(appointment) if looked else bookings.check_in(appointment, code))


add_act(slots, WAYS, Booking.fulfil)
add_act(slots, WAYS, Booking.miss, name="no-show", tell=named())


@command(slots, "wait", help=Text("候补一个出诊单元。", "Queue for a session."))
@argument("session")
@person_options
@option("--leave", is_flag=True, help=Text("退出候补。", "Leave the queue."))
def wait(
    cli: Cli, service: HealthSlotsService, session: str, resident: str, identity: Path | None, leave: bool
) -> None:
    act = service.waiting.leave if leave else service.waiting.join
    cli.show(act(session, person_of(service, resident, identity, session, "portal")))


@command(slots, "queue", help=Text("按先后列出候补的人（只有假名）。", "List who waits for a session, in order."))
@argument("session")
def queue(cli: Cli, service: HealthSlotsService, session: str) -> None:
    rows = [
        {"place": place, **entry, "at": entry["at"] if cli.json else moment(entry["at"])}
        for place, entry in enumerate(service.waiting.queue(session), start=1)
    ]
    titles = columns(
        place=("位次", "Place"), resident=("居民", "Resident"), at=("加入", "Since"), booker=("经办", "Through")
    )
    cli.show(rows, titles, Text("没有人候补。", "Nobody waits."))


@command(
    slots, "show", help=Text("查看一个预约或号源的账本记录。", "Show an appointment or a slot as the ledger has it.")
)
@argument("id")
def show(cli: Cli, service: HealthSlotsService, id: str) -> Any:
    return service.ledger.evaluate("platform", "GetSlot" if "." in id else "GetAppointment", id)


add_act(slots, WAYS, CodeKey.withdraw, name="code-key", tell=lambda cli, _, done: cli.show({"withdrawn": done}))


@command(slots, "hand-on", help=Text("分配退号：先候补，后按随机时刻重开。", "Hand returned slots on."))
@option("--hospital", default="", metavar="ID", help=Text("医院编号。", "The hospital's id."))
def hand_on(cli: Cli, service: HealthSlotsService, platform: Platform, hospital: str) -> Any:
    return cli.run(platform, service.waiting.hand_on, hospital, title=Text("分配退号", "Hand on"))


@command(slots, "beacon", help=Text("承诺、公开或查看某日的随机种子。", "Commit to, reveal or show a day's beacon."))
@argument("date")
@option("--reveal", is_flag=True, help=Text("公开。", "Reveal it."))
@option("--show", "show_", is_flag=True, help=Text("只查看。", "Only show it."))
def beacon(cli: Cli, service: HealthSlotsService, date: str, reveal: bool, show_: bool) -> None:
    if show_:
        cli.show(service.ledger.evaluate("platform", "GetBeacon", date))
        return
    receipt = service.waiting.reveal_beacon(date) if reveal else service.waiting.commit_beacon(date)
    if receipt is None:
        cli.say(Text("{date} 已承诺过。", "{date} has its beacon already.", date=date))
    else:
        cli.show(receipt)
