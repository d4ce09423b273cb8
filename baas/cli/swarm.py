"""`citychain store swarm`: the organisations' Kubo nodes exchange content directly, in a swarm with its own key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baas import roles
from baas.cli.kit import Cli, F, argument, columns, group, option, pass_cli
from baas.errors import Text, UserError

if TYPE_CHECKING:
    from baas.platform import Platform

_PLAIN = Text(
    "专网成员的节点互相提供全部内容：凡持有密钥的机构，知道 CID 就能取得任何成员的文件，也包括只许可给个别人的作品；"
    "只有加密存证的作品对他们仍然保密。已取走的收不回。确认请加 --agree。",
    "Nodes in a swarm give each other everything: every organisation with the key has any member's file whose CID it "
    "knows, works that are licensed to few as well. Only sealed works stay confidential. What was taken cannot be "
    "recalled. Add --agree to go on.",
)


def _where(command: F) -> F:
    for one in (
        option("--agree", is_flag=True, help=Text("知道成员能取得全部内容。", "Know that members have everything.")),
        option("--name", default="", help=Text("其他机构连接用的名称（默认同地址）。", "The name others reach it by.")),
        option("--port", type=click.IntRange(1, 65535), default=4001, help=Text("端口。", "The port.")),
        option("--listen", "host", default="127.0.0.1", help=Text("监听的地址。", "The address to listen on.")),
    ):
        command = one(command)
    return command


def _check(platform: Platform, agree: bool) -> None:
    platform.session.require(roles.CONTENT_CHANGE)
    platform.session.require(roles.WORKSPACE_CHANGE)
    if platform.workspace.setting("content.engine", "local") != "kubo-managed":
        raise UserError(
            Text("内容库不是由平台运行的 Kubo。", "The content store is no Kubo that the platform runs."),
            Text("请先运行 citychain store move --to kubo-managed", "First: citychain store move --to kubo-managed"),
            code="no_kubo",
        )
    if not agree:
        raise UserError(
            Text("加入专网要先知道成员能取得什么。", "Know what members have before this node joins a swarm."),
            _PLAIN,
            code="swarm_unagreed",
        )


@group(
    "swarm",
    help=Text(
        "机构专网：各机构的 Kubo 节点直接交换内容，没有密钥的节点进不来。",
        "The organisations' swarm: their Kubo nodes exchange content directly; no node comes in without its key.",
    ),
)
def swarm() -> None:
    """The organisations' swarm."""


@swarm.command("new", help=Text("建立专网，本机节点是第一个成员。", "Make a swarm with this node as first member."))
@_where
@pass_cli
def new(cli: Cli, host: str, port: int, name: str, agree: bool) -> None:
    """Make a swarm."""
    from baas.content.swarm import join, new_key

    with cli.platform() as platform:
        _check(platform, agree)
        cli.show(_said(join(platform.workspace, new_key(), host, port, name)))


@swarm.command(
    "invite",
    help=Text(
        "把专网密钥写进加口令的文件，交给另一机构；口令另行告知。",
        "Write the swarm's key to a file under a code, for another organisation; tell the code by another way.",
    ),
)
@argument("target", type=click.Path(dir_okay=False, path_type=Path))
@pass_cli
def invite(cli: Cli, target: Path) -> None:
    """Hand the key over."""
    from baas.content.swarm import key_of, membership
    from baas.letters import SWARM, new_code, write_letter

    with cli.platform(create=False) as platform:
        platform.session.require(roles.CONTENT_CHANGE)
        if membership(platform.workspace) is None:
            raise _no_swarm()
        code = new_code()
        file = write_letter(target, SWARM, {"key": key_of(platform.workspace)}, code)
        cli.show({"file": file, "code": code})


@swarm.command("join", help=Text("凭邀请加入另一机构的专网。", "Join another organisation's swarm by its invitation."))
@argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--password-file",
    type=click.Path(dir_okay=False, allow_dash=True),
    help=Text("口令所在文件，- 为标准输入。", "File with the code; - is standard input."),
)
@_where
@pass_cli
def join_swarm(cli: Cli, source: Path, password_file: str | None, host: str, port: int, name: str, agree: bool) -> None:
    """Join a swarm."""
    from baas.content.swarm import join
    from baas.letters import SWARM, read_letter, unseal

    with cli.platform() as platform:
        _check(platform, agree)
        letter = read_letter(source)
        if letter.kind != SWARM or not letter.sealed:
            raise UserError(
                Text("{f} 不是专网的邀请。", "{f} is no invitation to a swarm.", f=source.name),
                code="no_swarm_letter",
            )
        code = Cli(cli.lang, cli.json, passphrase_file=password_file or "").read_passphrase(confirm=False)
        key = unseal(letter, code).text("key", 200)
        cli.show(_said(join(platform.workspace, key, host, port, name)))


@swarm.command("peers", help=Text("现在连着的节点。", "The nodes that are connected now."))
@pass_cli
def peers(cli: Cli) -> None:
    """The nodes that are connected."""
    from baas.content import KuboStore

    with cli.platform(write=False, create=False) as platform:
        platform.session.require(roles.CONTENT_READ)
        store = platform.content
        if not isinstance(store, KuboStore) or store.swarm is None:
            raise _no_swarm()
        cli.show(
            [{"address": one} for one in store.swarm.neighbours()],
            columns(address=("地址", "Address")),
            empty=Text("没有连着的节点。", "No node is connected."),
        )


@swarm.command(
    "leave",
    help=Text(
        "退出专网；别人已取走的仍在他们那里。要让别的机构出去，请用 new 换密钥，再邀请留下的。",
        "Leave the swarm; what others took stays theirs. To put another out, make a new one and invite who stays.",
    ),
)
@pass_cli
def leave(cli: Cli) -> None:
    """Leave the swarm."""
    from baas.content.swarm import leave as leave_swarm
    from baas.content.swarm import membership

    with cli.platform(create=False) as platform:
        platform.session.require(roles.CONTENT_CHANGE)
        platform.session.require(roles.WORKSPACE_CHANGE)
        if membership(platform.workspace) is None:
            raise _no_swarm()
        leave_swarm(platform.workspace)
        cli.show({"left": True})


def _said(member: Any) -> dict[str, Any]:
    return {"listens": f"{member.host}:{member.port}", "name": member.name}


def _no_swarm() -> UserError:
    return UserError(
        Text("本机节点不在任何专网里。", "This node is in no swarm."),
        Text("citychain store swarm new 或 join", "citychain store swarm new, or join"),
        code="no_swarm",
    )
