"""`citychain inbox`: what waits for whoever acts here, over all applications."""

from __future__ import annotations

from pathlib import Path

import click

from baas import inbox as matters
from baas import roles
from baas.cli.kit import Cli, columns, command, network_option, option, pass_cli
from baas.errors import CityChainError, Text


@command(
    "inbox",
    help=Text(
        "等我办理的事，不分应用。--line 只写一行，放进登录脚本；--webhook 有新事时通知一个地址（serve notices）。",
        "What waits for me, over all applications. --line writes one line, for a login script; --webhook tells an "
        "address of what is new (serve notices).",
    ),
)
@option("--line", "short", is_flag=True, help=Text("只写一行；无事则不写。", "One line, nothing when nothing waits."))
@option("--webhook", default=None, help=Text("通知的地址，off 为不通知。", "The address to tell; off for none."))
@option(
    "--secret-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text("给通知签名的密语文件（第一行）。", "A file whose first line signs what is told."),
)
@network_option()
@pass_cli
def inbox(cli: Cli, short: bool, webhook: str | None, secret_file: Path | None, network: str) -> None:
    """What waits."""
    if short:
        _line(cli, network)
        return
    with cli.platform() as platform:
        platform.session.require(roles.LEDGER_READ)
        if webhook is not None:
            secret = (secret_file.read_bytes().splitlines() or [b""])[0] if secret_file else b""
            matters.set_webhook(platform, "" if webhook == "off" else webhook, secret)
            cli.show({"webhook": platform.workspace.setting(matters.WEBHOOK)})
            return
        cli.show(
            matters.waiting(platform, network),
            columns(
                application=("应用", "Application"),
                kind=("类型", "Kind"),
                id=("编号", "Id"),
                title=("名称", "Title"),
                asks=("要做什么", "What to do"),
                due=("期限", "Due"),
            ),
            Text("没有等您办理的事。", "Nothing waits for you."),
        )


def _line(cli: Cli, network: str) -> None:
    """A login goes on whatever comes of it: what cannot be asked now is not said."""
    from fabric_sdk import clock

    try:
        with cli.platform(write=False, create=False) as platform:
            said = matters.line(matters.waiting(platform, network), clock.today().isoformat())
    except CityChainError:
        return
    if said is not None:
        cli.say(said)
