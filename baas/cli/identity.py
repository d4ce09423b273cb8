"""`citychain identity`: certificates of people and nodes."""

from __future__ import annotations

from pathlib import Path

import click

from baas import roles
from baas.cli.kit import Cli, argument, columns, group, network_option, option, pass_cli
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
            ),
        )


@identity.command("issue", help=Text("签发身份。", "Issue an identity."))
@argument("label")
@option(
    "--role",
    default="client",
    help=Text(
        "角色：client、admin、organization_admin、auditor，或应用的角色；写错时列出全部。",
        "Role: client, admin, organization_admin, auditor or an application's; a wrong one lists them all.",
    ),
)
@option(
    "--attribute",
    "attributes",
    multiple=True,
    help=Text("证书属性，名=值，可多次。", "Attribute name=value, repeatable."),
)
@option("--days", type=click.IntRange(1, 3650), default=365, help=Text("有效天数。", "Days of validity."))
@network_option()
@pass_cli
def issue(cli: Cli, label: str, role: str, attributes: tuple[str, ...], days: int, network: str) -> None:
    """Issue an identity."""
    from baas.services.identities import split_label

    found: dict[str, str] = {}
    for text in attributes:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UserError(Text("属性应写作 名=值。", "An attribute is written name=value."), code="usage")
        found[name] = value
    msp_id, name = split_label(label)
    with cli.platform(create=False) as platform:
        made = platform.identities.issue(msp_id, name, role, found, days=days, network=network)
        cli.show(platform.identities.get(made, network) if cli.json else {"issued": made})


@identity.command(
    "renew", help=Text("续期：新的密钥和证书，角色不变。", "Renew: a new key and certificate, the same roles.")
)
@argument("label")
@option("--days", type=click.IntRange(1, 3650), default=365, help=Text("有效天数。", "Days of validity."))
@option(
    "--revoke-old",
    is_flag=True,
    help=Text("同时吊销旧证书（密钥泄露时使用）。", "Also revoke the old certificates (when their key leaked)."),
)
@network_option()
@pass_cli
def renew(cli: Cli, label: str, days: int, revoke_old: bool, network: str) -> None:
    """Renew an identity."""
    with cli.platform(create=False) as platform:
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
