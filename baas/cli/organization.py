"""`citychain organization`: an organisation with an authority of its own, on its own machine."""

from __future__ import annotations

from pathlib import Path

import click

from baas.cli.kit import Cli, argument, columns, group, option, pass_cli
from baas.errors import Text

_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@group("organization", help=Text("有自己 CA 的组织：在自己的机器上。", "Organisations with an authority of their own."))
def organization() -> None:
    """Organisations with an authority of their own."""


@organization.command(
    "new",
    help=Text(
        "在本机建立一个组织：它的 CA 和管理员，密钥不离开本机。",
        "Found an organisation here: its authority and administrator, whose keys never leave this machine.",
    ),
)
@argument("name")
@argument("msp_id")
@option("--title", default="", help=Text("名称。", "Its title."))
@option("--title-en", default="", help=Text("英文名称。", "Its title in English."))
@option("--domain", default="", help=Text("域名，默认 NAME.internal。", "Its domain; NAME.internal by default."))
@option(
    "--keys",
    "token",
    default="",
    help=Text("在这个令牌中生成私钥（pkcs11: 地址）。", "Make its keys in this token (a pkcs11: address)."),
)
@pass_cli
def new(cli: Cli, name: str, msp_id: str, title: str, title_en: str, domain: str, token: str) -> None:
    """Found an organisation here."""
    with cli.platform() as platform:
        words = Text("{t}", "{e}", t=title or name, e=title_en or title or name)
        cli.show(platform.organizations.new(name, msp_id, words, domain, token=token))


@organization.command("list", help=Text("本机建立的组织。", "The organisations founded here."))
@pass_cli
def list_(cli: Cli) -> None:
    """The organisations founded here."""
    with cli.platform(write=False, create=False) as platform:
        cli.show(
            platform.organizations.list(),
            columns(
                msp_id=("MSP", "MSP"),
                title=("名称", "Title"),
                domain=("域名", "Domain"),
                networks=("网络", "Networks"),
                fingerprint=("指纹", "Fingerprint"),
            ),
            empty=Text("这里还没有自己的组织。", "No organisation has been founded here."),
        )


@organization.command(
    "export",
    help=Text(
        "写出组织定义，交给网络的管理方（其中没有密钥）。", "Write the definition for a network's host (no key in it)."
    ),
)
@argument("target", type=_FILE)
@option("--msp", "msp_id", default="", help=Text("哪个组织。", "Which organisation."))
@pass_cli
def export(cli: Cli, target: Path, msp_id: str) -> None:
    """Write the organisation's definition."""
    with cli.platform(create=False) as platform:
        made = platform.organizations.export(target, msp_id)
        cli.show({"file": target, "msp_id": made.organization.msp_id, "fingerprint": made.fingerprint})


@organization.command("show", help=Text("查看一份组织定义。", "Look at an organisation's definition."))
@argument("source", type=_EXISTING)
@pass_cli
def show(cli: Cli, source: Path) -> None:
    """Look at an organisation's definition."""
    from network.founding import read_definition

    found = read_definition(source)
    spec = found.organization
    cli.show(
        {
            "name": spec.name,
            "msp_id": spec.msp_id,
            "title": spec.title,
            "domain": spec.domain,
            "fingerprint": found.fingerprint,
        }
    )


@organization.command(
    "join",
    help=Text(
        "以本组织管理员进入已接纳它的网络；此后成员在本机签发和吊销。",
        "Come into a network that has taken it in, as its administrator; members are issued and revoked here.",
    ),
)
@argument("profile", type=_EXISTING)
@option("--name", required=True, help=Text("网络在本工作区的名称。", "The network's name in this workspace."))
@option("--msp", "msp_id", default="", help=Text("哪个组织。", "Which organisation."))
@pass_cli
def join(cli: Cli, profile: Path, name: str, msp_id: str) -> None:
    """Come into a network as the organisation's administrator."""
    with cli.platform(create=False) as platform:
        title = Text("进入网络 {n}", "Come into network {n}", n=name)
        cli.show(cli.run(platform, platform.organizations.join, profile, name, msp_id, title=title))


@organization.command(
    "certify",
    help=Text(
        "为管理方代管的节点签发证书：读申请，写答复。",
        "Certify nodes that a host runs: reads a request, writes the answer.",
    ),
)
@argument("request", type=_EXISTING)
@argument("target", type=_FILE)
@option("--name", "names", multiple=True, help=Text("同意的主机名，可多次。", "A host name agreed to; repeatable."))
@option("--msp", "msp_id", default="", help=Text("哪个组织。", "Which organisation."))
@pass_cli
def certify(cli: Cli, request: Path, target: Path, names: tuple[str, ...], msp_id: str) -> None:
    """Certify nodes that a host runs."""
    with cli.platform(create=False) as platform:
        nodes = platform.organizations.certify(request, target, names, msp_id)
        cli.show({"file": target, "nodes": nodes})
