"""`citychain enter FILE`: come into a network that others run, by a file one was sent."""

from __future__ import annotations

from pathlib import Path

import click

from baas import roles
from baas.cli.kit import Cli, argument, command, option, pass_cli
from baas.errors import Text


@command(
    "enter",
    help=Text(
        "凭收到的文件进入网络：准入文件、邀请，或 .p12 加连接配置。续期后的新证书也这样收下。",
        "Come into a network by a file you received: an entry, an invitation, or a .p12 with a profile. A renewed "
        "certificate is taken in the same way.",
    ),
)
@argument("source", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--profile",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text("与 .p12 一起的连接配置。", "The connection profile that goes with a .p12."),
)
@option("--name", default="", help=Text("网络在本机另取的名称。", "Another name for the network here."))
@option(
    "--password-file",
    type=click.Path(dir_okay=False, allow_dash=True),
    help=Text("邀请或 .p12 的口令所在文件，- 为标准输入。", "File with the code; - is standard input."),
)
@option(
    "--request",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text("凭邀请生成的申请写到哪里。", "Where the request made from an invitation goes."),
)
@pass_cli
def enter(
    cli: Cli, source: Path, profile: Path | None, name: str, password_file: str | None, target: Path | None
) -> None:
    """Come into a network by a file."""
    with cli.platform() as platform:
        platform.session.require(roles.NETWORK_ATTACH)  # before anybody is asked for a code
        letter = platform.entrance.look(source)
        passphrase = ""
        if letter is None or letter.sealed:
            passphrase = Cli(cli.lang, cli.json, passphrase_file=password_file or "").read_passphrase()
        entered = cli.run(platform, platform.entrance.enter, source, passphrase, profile, name=name, target=target)
        cli.show(entered)
        if entered.authority:
            cli.say(
                Text(
                    "请与您的组织核对指纹（对方：citychain identity organizations）。",
                    "Compare the authority's fingerprint with your organisation's (citychain identity organizations).",
                )
            )
        if entered.request is not None:
            cli.say(
                Text(
                    "邀请有效。把 {f} 发还给邀请方，收到回复后再次运行 enter。",
                    "The invitation is good. Send {f} back, and run enter with the answer.",
                    f=str(entered.request),
                )
            )
