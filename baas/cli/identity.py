"""`citychain identity`: certificates of people and nodes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from baas import roles
from baas.cli import refusing
from baas.cli.kit import Cli, F, argument, columns, group, network_option, option, pass_cli
from baas.errors import Text, UserError, translating


@group("identity", help=Text("签发和管理身份。", "Issue and keep identities."))
def identity() -> None:
    """Identities."""


_COLUMNS = columns(
    label=("身份", "Identity"),
    kind=("类型", "Kind"),
    roles=("角色", "Roles"),
    state=("状态", "State"),
    not_after=("到期", "Expires"),
    days_left=("剩余天数", "Days left"),
)


@identity.command("list", help=Text("列出证书：CA、节点、人员。", "List certificates: CAs, nodes, people."))
@network_option()
@option("--msp", "msp_id", default="", help=Text("只看这个组织。", "Only this organisation."))
@option(
    "--kind",
    type=click.Choice(["ca", "tlsca", "person", "peer", "orderer", "tls"]),
    default=None,
    help=Text("只看这一类。", "Only this kind."),
)
@pass_cli
def list_identities(cli: Cli, network: str, msp_id: str, kind: str | None) -> None:
    """List certificates."""
    with cli.platform(write=False, create=False) as platform:
        cli.show(platform.identities.list(network, msp_id, kind or ""), _COLUMNS)


@identity.command("show", help=Text("一个身份的证书。", "One identity's certificate."))
@argument("label")
@network_option()
@option("--pem", is_flag=True, help=Text("只输出证书（PEM）。", "Print the certificate (PEM) only."))
@pass_cli
def show(cli: Cli, label: str, network: str, pem: bool) -> None:
    """One identity's certificate."""
    with cli.platform(write=False, create=False) as platform:
        if pem:
            click.echo(platform.identities.certificate(label, network).decode(), nl=False)
        else:
            cli.show(platform.identities.get(label, network))


@identity.command("organizations", help=Text("各组织及其 CA。", "The organisations and their CAs."))
@network_option()
@pass_cli
def organizations(cli: Cli, network: str) -> None:
    """The organisations and their CAs."""
    with cli.platform(write=False, create=False) as platform:
        cli.show(
            platform.identities.organizations(network),
            columns(
                msp_id=("MSP", "MSP"),
                title=("组织", "Organisation"),
                domain=("域名", "Domain"),
                has_ca=("本机有 CA", "CA here"),
                people=("人员", "People"),
                revoked=("已吊销", "Revoked"),
                fingerprint=("CA 指纹", "CA's fingerprint"),
            ),
        )


def _role_option(default: str) -> Callable[[F], F]:
    return option(
        "--role",
        default=default,
        help=Text(
            "角色：client、admin、organization_admin、auditor，或应用的角色；写错时列出全部。",
            "Role: client, admin, organization_admin, auditor or an application's; a wrong one lists them all.",
        ),
    )


def _attribute_option() -> Callable[[F], F]:
    return option(
        "--attribute",
        "attributes",
        multiple=True,
        help=Text("证书属性，名=值，可多次。", "Attribute name=value, repeatable."),
    )


def _attributes(given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UserError(Text("属性应写作 名=值。", "An attribute is written name=value."), code="usage")
        found[name] = value
    return found


@identity.command(
    "issue",
    help=Text("签发身份：在本机生成，或按申请文件。", "Issue an identity: made here, or for a request's key."),
)
@argument("label", required=False, default="")
@option(
    "--request",
    "request",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text("按这份申请签发；私钥留在申请人处。", "Answer this request; the key stays with the person."),
)
@option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text("准入文件写到哪里（默认在申请旁）。", "Where the entry goes (default: beside the request)."),
)
@option(
    "--replace",
    is_flag=True,
    help=Text("同一人丢失了密钥：换发并吊销旧证书。", "The same person's key was lost: issue anew, revoke the old."),
)
@_role_option("")
@_attribute_option()
@option("--days", type=click.IntRange(1, 3650), default=365, help=Text("有效天数。", "Days of validity."))
@network_option()
@pass_cli
def issue(
    cli: Cli,
    label: str,
    request: Path | None,
    output: Path | None,
    replace: bool,
    role: str,
    attributes: tuple[str, ...],
    days: int,
    network: str,
) -> None:
    """Issue an identity."""
    from baas.services.identities import split_label

    found = _attributes(attributes)
    if request is None:
        if not label or output is not None or replace:
            raise UserError(
                Text("请写明 MSP/名称，或用 --request 指定申请。", "Name MSP/name, or give a request with --request."),
                code="usage",
            )
        msp_id, name = split_label(label)
        with cli.platform(create=False) as platform:
            made = platform.identities.issue(msp_id, name, role or "client", found, days=days, network=network)
            record = platform.identities.get(made, network)
            cli.show(record if cli.json else {"issued": made})
            if not cli.json and record.days_left < days - 1:
                cli.say(
                    Text(
                        "只到 {d} 有效：不会晚于签发它的 CA。CA 续期：citychain network renew",
                        "Valid until {d} only, when its authority ends. Renew that one: citychain network renew",
                        d=f"{record.not_after:%Y-%m-%d}",
                    )
                )
        return
    target = output or request.with_name(f"{request.stem.removesuffix('-request')}-entry.citychain")
    with cli.platform(create=False) as platform:
        answer = platform.invitations.answer
        about: dict[str, Any] = {"days": days, "network": network, "replace": replace}
        answered = cli.run(platform, answer, request, target, label, role, found, **about)
        cli.show(answered)
        cli.say(Text("请把 {f} 发还给申请人。", "Send {f} back to the person.", f=str(answered.file)))


@identity.command(
    "invite",
    help=Text("邀请某人进入网络：文件加口令，三天内有效。", "Invite somebody: a file and a code, good for three days."),
)
@argument("label")
@argument("target", type=click.Path(dir_okay=False, path_type=Path))
@_role_option("client")
@_attribute_option()
@option(
    "--password-file",
    type=click.Path(dir_okay=False, allow_dash=True),
    help=Text("口令所在文件；不给则生成一个。", "File with the passphrase; without it one is generated."),
)
@network_option()
@pass_cli
def invite(
    cli: Cli, label: str, target: Path, role: str, attributes: tuple[str, ...], password_file: str | None, network: str
) -> None:
    """Invite somebody into the network."""
    from baas.letters import new_code

    with cli.platform(create=False) as platform:
        code = _password(cli, password_file, confirm=True) if password_file else new_code()
        file = platform.invitations.invite(label, target, code, role, _attributes(attributes), network=network)
        cli.show({"invited": label, "file": file, **({} if password_file else {"code": code})})
        if not password_file:
            cli.say(Text("口令请另行告知，例如打电话。", "Tell the code by another way, for example by telephone."))


@identity.command(
    "invite-cast",
    help=Text(
        "为各应用的每个角色各写一份邀请，口令另行告知；用来从各自的桌面试用网络。",
        "Write an invitation for each part of the applications, to try a network from desks of their own.",
    ),
)
@argument("folder", type=click.Path(file_okay=False, path_type=Path))
@network_option()
@pass_cli
def invite_cast(cli: Cli, folder: Path, network: str) -> None:
    """Invite everybody whom the applications know."""
    from baas.services.cast import invite_cast as write_invitations

    with cli.platform(create=False) as platform:
        platform.session.require(roles.IDENTITY_ISSUE)
        title = Text("写出邀请", "Write invitations")
        done = cli.run(platform, write_invitations, platform, folder, network, title=title)
        cli.show(
            done,
            columns(
                label=("身份", "Label"),
                title=("角色", "Role"),
                file=("文件", "File"),
                code=("口令", "Code"),
                note=("说明", "Note"),
            ),
        )
        cli.say(Text("口令请另行告知，例如打电话。", "Tell the codes by another way, for example by telephone."))


@identity.command(
    "request",
    help=Text("申请身份：私钥在本机生成并留在本机。", "Ask for an identity: its key is made here and stays here."),
)
@argument("target", type=click.Path(dir_okay=False, path_type=Path))
@option("--name", required=True, help=Text("您的姓名或工号。", "Your name or number."))
@option("--organization", "msp_id", default="", help=Text("所属组织的 MSP（可不写）。", "Your organisation's MSP id."))
@option(
    "--keys",
    "token",
    default="",
    help=Text("在这个令牌中生成私钥（pkcs11: 地址）。", "Make the key in this token (a pkcs11: address)."),
)
@pass_cli
def request_identity(cli: Cli, target: Path, name: str, msp_id: str, token: str) -> None:
    """Ask for an identity."""
    with cli.platform() as platform:
        file = platform.entrance.request(target, name, msp_id, token)
        cli.show({"request": file})
        cli.say(
            Text(
                "把它发给您的组织；收到回复后运行 citychain enter。",
                "Send it to your organisation; run citychain enter with the answer.",
            )
        )


@identity.command(
    "service",
    help=Text(
        "为服务签发身份，私钥只写入 FILE（仅属主可读），供 citychain serve 使用。",
        "Issue a program's identity; its key goes into FILE (its owner's alone) only, for citychain serve.",
    ),
)
@argument("label")
@argument("file", type=click.Path(dir_okay=False, path_type=Path))
@option("--role", default="client", help=Text("角色：client 或应用的服务角色。", "client, or an application's role."))
@_attribute_option()
@option("--days", type=click.IntRange(1, 3650), default=365, help=Text("有效天数。", "Days of validity."))
@network_option()
@pass_cli
def service(cli: Cli, label: str, file: Path, role: str, attributes: tuple[str, ...], days: int, network: str) -> None:
    """Issue a program's identity."""
    from baas.services.identities import split_label

    msp_id, name = split_label(label)
    with cli.platform(create=False) as platform:
        made = platform.identities.issue_service(
            msp_id, name, file, role, _attributes(attributes), days=days, network=network
        )
        cli.show({"issued": made, "key": file})


@identity.command(
    "renew", help=Text("续期：新的密钥和证书，角色不变。", "Renew: a new key and certificate, the same roles.")
)
@argument("label", required=False, default="")
@option(
    "--request",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text(
        "在自己的桌面上：把续期申请写到这个文件。", "At one's own desk: write the request for a renewal to this file."
    ),
)
@option("--days", type=click.IntRange(1, 3650), default=365, help=Text("有效天数。", "Days of validity."))
@option(
    "--revoke-old",
    is_flag=True,
    help=Text("同时吊销旧证书（密钥泄露时使用）。", "Also revoke the old certificates (when their key leaked)."),
)
@network_option()
@pass_cli
def renew(cli: Cli, label: str, target: Path | None, days: int, revoke_old: bool, network: str) -> None:
    """Renew an identity."""
    if target is None and not label:
        raise UserError(
            Text("请写明 MSP/名称，或用 --request 写申请。", "Name MSP/name, or write a request with --request."),
            code="usage",
        )
    with cli.platform(create=False) as platform:
        if target is not None:
            cli.show({"request": platform.entrance.renewal(target, label, network)})
            return
        renewed = cli.run(platform, platform.identities.renew, label, days=days, network=network, revoke_old=revoke_old)
        cli.show(renewed)


@identity.command(
    "revoke", help=Text("吊销身份，并让各通道立即拒绝它。", "Revoke an identity; every channel refuses it at once.")
)
@argument("label")
@option("--reason", default="", help=Text("原因。", "The reason."))
@option("--yes", is_flag=True, help=Text("不再询问。", "Do not ask."))
@network_option()
@pass_cli
def revoke(cli: Cli, label: str, reason: str, yes: bool, network: str) -> None:
    """Revoke an identity."""
    with cli.platform(create=False) as platform:
        platform.session.require(roles.IDENTITY_REVOKE)  # before anybody is asked to confirm
        loss = Text("{l} 的证书将被吊销，无法恢复。", "The certificate of {l} will be revoked for good.", l=label)
        cli.confirm_by_name(label, loss, yes=yes)
        if platform.invitations.open_for(label, network):
            cli.show({"withdrawn": cli.run(platform, platform.invitations.withdraw, label, network=network)})
            return
        result = cli.run(platform, platform.identities.revoke, label, reason, network=network)
        cli.show(result if cli.json else {"revoked": result.label, "serial": result.serial})


@identity.command("expiring", help=Text("即将到期或已到期的证书。", "Certificates that expire soon or have expired."))
@option("--days", type=click.IntRange(0, 3650), default=30, help=Text("多少天以内。", "Within how many days."))
@network_option()
@pass_cli
def expiring(cli: Cli, days: int, network: str) -> None:
    """Certificates that expire soon."""
    with cli.platform(write=False, create=False) as platform:
        empty = Text("没有即将到期的证书。", "No certificate expires soon.")
        cli.show(platform.identities.expiring(network, days), _COLUMNS, empty=empty)


def _password(cli: Cli, file: str | None, *, confirm: bool) -> str:
    return Cli(cli.lang, cli.json, passphrase_file=file or "").read_passphrase(confirm=confirm)


@identity.command(
    "export", help=Text("导出为 PKCS#12 文件或 MSP 文件夹。", "Export as a PKCS#12 file or an MSP folder.")
)
@argument("label")
@argument("target", type=click.Path(path_type=Path))
@option(
    "--msp-folder",
    is_flag=True,
    help=Text("导出 MSP 文件夹（私钥不加密）。", "Write an MSP folder (the key is not encrypted)."),
)
@option(
    "--password-file",
    type=click.Path(dir_okay=False, allow_dash=True),
    help=Text("PKCS#12 口令所在文件，- 为标准输入。", "File with the PKCS#12 password; - is standard input."),
)
@network_option()
@pass_cli
def export(cli: Cli, label: str, target: Path, msp_folder: bool, password_file: str | None, network: str) -> None:
    """Export an identity."""
    from network.vault import write_private

    with cli.platform(write=False, create=False) as platform:
        if msp_folder:
            platform.identities.export_msp(label, target, network)
        else:
            password = _password(cli, password_file, confirm=True)
            data = platform.identities.export_pkcs12(label, password, network)
            with translating():
                write_private(target, data)
        cli.show({"exported": label, "target": target})


@identity.command(
    "import", help=Text("从 PKCS#12 文件或 MSP 文件夹导入。", "Import from a PKCS#12 file or an MSP folder.")
)
@argument("label")
@argument("source", type=click.Path(exists=True, path_type=Path))
@option(
    "--password-file",
    type=click.Path(dir_okay=False, allow_dash=True),
    help=Text("PKCS#12 口令所在文件，- 为标准输入。", "File with the PKCS#12 password; - is standard input."),
)
@network_option()
@pass_cli
def import_identity(cli: Cli, label: str, source: Path, password_file: str | None, network: str) -> None:
    """Import an identity."""
    from baas.services.identities import split_label

    msp_id, name = split_label(label)
    with cli.platform(create=False) as platform:
        if source.is_dir():
            made = platform.identities.import_msp(msp_id, name, source, network)
        else:
            with translating():
                data = source.read_bytes()
            password = _password(cli, password_file, confirm=False)
            made = platform.identities.import_pkcs12(msp_id, name, data, password, network)
        cli.show({"imported": made})


@identity.command(
    "recovery",
    help=Text(
        "恢复文件：制作一份，或用 --restore 在新电脑上取回。其中没有签名私钥。",
        "The recovery file: make one, or take it in on a new laptop with --restore. No signing key is in it.",
    ),
)
@argument("file", type=click.Path(dir_okay=False, path_type=Path))
@option("--restore", is_flag=True, help=Text("取回这份恢复文件。", "Take this recovery file in."))
@option(
    "--password-file",
    type=click.Path(dir_okay=False, allow_dash=True),
    help=Text("恢复码所在文件，- 为标准输入。", "File with the code; - is standard input."),
)
@network_option()
@pass_cli
def recovery(cli: Cli, file: Path, restore: bool, password_file: str | None, network: str) -> None:
    """Make a recovery file, or take one in."""
    with cli.platform(create=False) as platform:
        platform.session.require(roles.NETWORK_ATTACH)  # before anybody is asked for the code
        if restore:
            code = _password(cli, password_file, confirm=False)
            cli.show({"recovered": platform.recovery.take(file, code, network)})
            return
        cli.show(platform.recovery.make(file, network))
        cli.say(
            Text(
                "恢复码只显示这一次。请写下，与文件分开保存。",
                "The code is shown this once. Write it down, and keep it apart from the file.",
            )
        )


refusing.add_to_identity(identity)
