"""What belongs to a resident: keys, consents, looks and their traces, points, conduct, the identity at a hospital."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from apps.health_slots import permissions
from apps.health_slots.commands.desk import identity_option, person_of, read_identity, resident_option
from apps.health_slots.commands.root import WAYS, answer, command, slots
from apps.health_slots.commands.schedule import hospital_option, moment
from apps.health_slots.kinds import Consent, Key, Points
from apps.kit.commands import add_act
from baas.cli.kit import Cli, argument, columns, option, pass_cli
from baas.errors import Text, UserError
from fabric_sdk.clock import CHINA
from fabric_sdk.clock import seconds as clock_seconds

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from apps.health_slots.service import HealthSlotsService
    from baas.platform import Platform

F = TypeVar("F", bound=Callable[..., Any])
PATH = click.Path(path_type=Path)
SIGNATURE = Text("居民在自己设备上做的签名（十六进制）。", "A signature made on the resident's own device, in hex.")


def key_option(*, required: bool = False) -> Callable[[F], F]:
    return option(
        "--key", type=PATH, required=required, default=None, help=Text("居民的私钥文件。", "The resident's key file.")
    )


def read_key(file: Path) -> Ed25519PrivateKey:
    """Read an Ed25519 private key in PEM (PKCS #8); UserError says nothing of its contents."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UserError(
            Text("读不了私钥文件：{f}", "The key file cannot be read: {f}", f=file.name),
            Text("应为没有口令的 Ed25519 PEM，可用 citychain slots key new 生成。", "Make one with `slots key new`."),
        )
    return key


def until_moment(text: str) -> int:
    """The end of a day in China, in seconds since 1970."""
    try:
        day = dt.datetime.fromisoformat(text).replace(tzinfo=CHINA)
    except ValueError as error:
        raise UserError(Text("日期应写作 2027-12-31。", "Write the date as 2027-12-31.")) from error
    return int((day + dt.timedelta(days=1)).timestamp()) - 1


@slots.group("key", help=Text("居民的签名密钥。", "Residents' signing keys."))
def key() -> None:
    """Residents' signing keys."""


@key.command("new", help=Text("生成一把居民密钥，存入只有本人可读的文件。", "Make a resident's key in a file."))
@argument("file", type=PATH)
@pass_cli
def new(cli: Cli, file: Path) -> None:
    """Make a resident's key in a file."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from network.vault import write_private

    if file.exists():
        raise UserError(
            Text("文件已存在：{f}", "The file exists: {f}", f=file.name), Text("请换一个文件名。", "Choose another.")
        )
    made = Ed25519PrivateKey.generate()
    pem = made.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    write_private(file, pem)
    cli.show({"file": file, "public": made.public_key().public_bytes_raw().hex()})


@key.command("code", help=Text("用居民自己的密钥出取号码，无需网络。", "Make a check-in code with one's own key."))
@argument("file", type=PATH)
@option("--seconds", type=click.IntRange(30, 600), default=120, help=Text("有效秒数。", "Seconds it is valid."))
@option("--png", type=PATH, default=None, help=Text("另存二维码图片。", "Also save the QR."))
@pass_cli
def own_code(cli: Cli, file: Path, seconds: int, png: Path | None) -> None:
    """Make a check-in code with the resident's own key, off line; it names nobody and no appointment."""
    from chaincode.health_slots.check_in import device_code, device_payload

    own, now = read_key(file), int(clock_seconds())
    signed = device_payload(own.public_key().public_bytes_raw(), now, now + seconds, secrets.token_hex(12))
    text = device_code(signed, own.sign(signed))
    if png is not None:
        import segno

        segno.make(text, error="m").save(str(png), kind="png", scale=6)
    cli.show({"code": text, "seconds": seconds, "png": png})


@command(
    key, "bind", help=Text("在核验过身份的医院登记公钥。", "Bind a public key at a hospital that knows the person.")
)
@argument("public", metavar="PUBLIC-HEX")
@hospital_option()
@resident_option()
@option("--old-key", type=PATH, default=None, help=Text("换钥时旧的私钥文件。", "The old key file, to replace a key."))
def bind(
    cli: Cli,
    service: HealthSlotsService,
    platform: Platform,
    public: str,
    hospital: str,
    resident: str,
    old_key: Path | None,
) -> None:
    platform.session.require(permissions.BOOK)
    try:
        raw = bytes.fromhex(public)
    except ValueError as error:
        raise UserError(Text("公钥应为 64 位十六进制。", "A public key is 64 hex digits.")) from error
    old = read_key(old_key) if old_key is not None else None
    cli.show(service.residents.bind_key(hospital, resident, raw, old=old).result)


@command(key, "show", help=Text("查看居民的公钥。", "Show a resident's public key."))
@argument("resident")
def show_key(cli: Cli, service: HealthSlotsService, resident: str) -> Any:
    return service.residents.key(resident)


add_act(key, WAYS, Key.withdraw, arguments=(Key.resident,), tell=answer)


@slots.group("consent", help=Text("居民授权：给予、撤回、查看。", "Residents' consents: give, revoke, show."))
def consent() -> None:
    """Residents' consents: give, revoke, show."""


@consent.command("draft", help=Text("生成待居民签名的授权文本。", "Make the text that a resident signs elsewhere."))
@hospital_option()
@resident_option()
@option("--until", required=True, metavar="DATE", help=Text("授权截止日。", "Last day of the consent."))
@pass_cli
def draft(cli: Cli, hospital: str, resident: str, until: str) -> None:
    """Make the text that a resident signs elsewhere."""
    from apps.health_slots.services.residents import draft_consent

    made = draft_consent(resident, hospital, until_moment(until))
    cli.show({"consent": made.consent, "until": made.until, "text": made.text.decode(), "sign_hex": made.text.hex()})


@command(consent, "give", help=Text("写入居民签名的授权。", "Write a consent that its resident signed."))
@hospital_option()
@resident_option()
@option("--until", required=True, metavar="DATE", help=Text("授权截止日。", "Last day of the consent."))
@key_option()
@option("--id", "id_", default="", help=Text("draft 给出的编号。", "The id that `draft` gave."))
@option("--signature", default="", metavar="HEX", help=SIGNATURE)
def give(
    cli: Cli,
    service: HealthSlotsService,
    hospital: str,
    resident: str,
    until: str,
    key: Path | None,
    id_: str,
    signature: str,
) -> None:
    from apps.health_slots.services.residents import ConsentDraft

    moment_ = until_moment(until)
    if (key is None) == (not signature) or bool(signature) != bool(id_):
        raise UserError(
            Text("请用 --key，或同时用 --id 和 --signature。", "Give --key, or both --id and --signature."),
        )
    if key is not None:
        cli.show({"consent": service.residents.give_consent(resident, hospital, moment_, read_key(key))})
    else:
        made = ConsentDraft(id_, resident, hospital, moment_)
        service.residents.give_signed(made, signature)
        cli.show({"consent": made.consent})


@command(consent, "revoke", help=Text("写入居民签名的撤回。", "Write a revocation that the resident signed."))
@argument("consent")
@key_option()
@option("--signature", default="", metavar="HEX", help=SIGNATURE)
def revoke(cli: Cli, service: HealthSlotsService, consent: str, key: Path | None, signature: str) -> None:
    if key is not None:
        cli.show(service.residents.revoke_consent(consent, read_key(key)).result)
    elif signature:
        cli.show(service.residents.revoke_signed(consent, signature).result)
    else:
        text = service.residents.revocation(consent)
        cli.show({"consent": consent, "text": text.decode(), "sign_hex": text.hex()})


@command(consent, "show", help=Text("查看一份授权。", "Show a consent."))
@argument("consent")
def show_consent(cli: Cli, service: HealthSlotsService, consent: str) -> Any:
    return service.residents.consent(consent)


def _records(cli: Cli, service: HealthSlotsService, found: Any) -> None:
    titles = columns(
        id=("预约", "Appointment"),
        slot=("号源", "Slot"),
        hospital=("医院", "Hospital"),
        department=("科室", "Department"),
        state=("状态", "State"),
    )
    cli.show(found, titles, Text("没有预约。", "No appointments."))


add_act(slots, WAYS, Consent.look, tell=_records)


@command(slots, "traces", help=Text("谁查阅过一位居民的记录。", "Who looked at a resident's record."))
@argument("resident")
def traces(cli: Cli, service: HealthSlotsService, resident: str) -> None:
    rows = [{**t, "at": t["at"] if cli.json else moment(t["at"])} for t in service.residents.accesses(resident)]
    titles = columns(
        at=("时间", "When"),
        hospital=("医院", "Hospital"),
        purpose=("目的", "Purpose"),
        signer=("签名", "Signer"),
        consent=("授权", "Consent"),
    )
    cli.show(rows, titles, Text("没有人查阅过。", "Nobody looked."))


@command(slots, "conduct", help=Text("查看爽约记录和禁约截止时间。", "Show no-shows and until when booking is barred."))
@argument("resident", required=False, default="")
@identity_option()
def conduct(cli: Cli, service: HealthSlotsService, resident: str, identity: Path | None) -> Any:
    return service.bookings.conduct(person_of(service, resident, identity, "", "portal"))


@command(
    slots,
    "settle-visits",
    help=Text("主管部门每日记入就诊积分和爽约。", "Credit visits' points and note no-shows, as the authority, daily."),
)
@option("--hospital", default="", metavar="ID", help=Text("医院编号。", "The hospital's id."))
@option("--through", default="", metavar="DATE", help=Text("到哪天（默认昨天）。", "Until which day (yesterday's)."))
def settle_visits(cli: Cli, service: HealthSlotsService, platform: Platform, hospital: str, through: str) -> None:
    last = dt.datetime.fromtimestamp(until_moment(through), CHINA).date().isoformat() if through else ""
    title = Text("记入积分和爽约", "Settle visits")
    cli.show(cli.run(platform, service.residents.settle_visits, hospital, through=last, title=title))


@command(
    slots,
    "join-documents",
    help=Text(
        "主管部门核验两个证件后登记为同一人。",
        "Say that two documents are one person's, as the authority that saw both.",
    ),
)
@argument("identity", type=PATH)
@argument("other", type=PATH)
@option("--yes", is_flag=True, help=Text("不再询问。", "Do not ask."))
def join_documents(
    cli: Cli, service: HealthSlotsService, platform: Platform, identity: Path, other: Path, yes: bool
) -> None:
    platform.session.require(permissions.CHANGE)
    words = Text("两个证件今后是同一人，不能撤销。", "From now on both are one person's; that is not undone.")
    cli.confirm_by_name("join", words, yes=yes)
    receipt = service.residents.join_documents(read_identity(identity), read_identity(other))
    cli.show({"tx_id": receipt.tx_id, "block": receipt.block})


@command(slots, "identity", help=Text("本院工作人员查看居民身份。", "Show an identity to the hospital's own staff."))
@hospital_option()
@resident_option()
def identity(cli: Cli, service: HealthSlotsService, hospital: str, resident: str) -> Any:
    return service.bookings.identity(hospital, resident)


@command(slots, "points", help=Text("查看、使用、清理或冲正积分。", "Show, spend, expire or reverse points."))
@argument("resident")
@option("--spend", type=click.IntRange(1, 1_000_000), default=None, help=Text("使用的积分。", "Points to spend."))
@option("--for", "purpose", default="gift", help=Text("用途编号。", "What for (an id)."))
@option("--expire", is_flag=True, help=Text("清理过期积分。", "Take off points that ran out."))
@option("--reverse", default="", metavar="ENTRY", help=Text("冲正一笔记录。", "Take back an entry."))
def points(
    cli: Cli, service: HealthSlotsService, resident: str, spend: int | None, purpose: str, expire: bool, reverse: str
) -> None:
    if expire:
        service.acts.do(Points.expire, on=resident)
    if spend is not None:
        service.acts.do(Points.spend, {"amount": spend, "purpose": purpose}, on=resident)
    if reverse:
        service.acts.do(Points.reverse, {"entry": reverse}, on=resident)
    cli.show(service.residents.points(resident))
