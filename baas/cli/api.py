"""`citychain api`: tokens for programs, the page for everybody, and the interface's description. `serve api` serves."""

from __future__ import annotations

import datetime as dt
import json

import click

from baas.api.scopes import SCOPES
from baas.api.tokens import TOKEN
from baas.cli.kit import Cli, argument, columns, group, network_option, option, pass_cli
from baas.errors import Text
from fabric_sdk import clock


@group("api", help=Text("服务接口：令牌、公示页、接口说明。", "The service API: tokens, public page, description."))
def api() -> None:
    """The service API."""


@api.group("token", help=Text("程序用的令牌。", "Tokens for programs."))
def token() -> None:
    """Tokens for programs."""


def _when(at: float | None) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M") if at else "—"


def _id_alone(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Of a whole token its id: what somebody pastes here stands in the audit log."""
    found = TOKEN.search(value)
    return found[1] if found else value


_STATES = {"valid": Text("有效", "valid"), "expired": Text("已到期", "ended"), "revoked": Text("已吊销", "revoked")}


@token.command(
    "new",
    help=Text(
        "建立令牌，只显示这一次。没有 --identity 时以当前身份为准。",
        "Make a token; it is shown this once. It acts as whoever acts now, unless --identity names somebody.",
    ),
)
@argument("name")
@option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(list(SCOPES)),
    help=Text("可以做什么，可多次。", "What it is for; repeatable."),
)
@option("--identity", default="", metavar="LABEL", help=Text("它代表的身份。", "The identity it acts as."))
@option(
    "--contract",
    "contracts",
    multiple=True,
    metavar="NAME",
    help=Text("只能调用这些合约，可多次。", "It may call these contracts only; repeatable."),
)
@option("--days", type=click.IntRange(1, 397), default=90, help=Text("有效几天。", "For how many days it counts."))
@option(
    "--rate",
    type=click.FloatRange(0.1, 1_000),
    default=20.0,
    help=Text("平均每秒最多几个请求。", "At most so many requests a second on average."),
)
@network_option()
@pass_cli
def new(
    cli: Cli,
    name: str,
    scopes: tuple[str, ...],
    identity: str,
    contracts: tuple[str, ...],
    days: int,
    rate: float,
    network: str,
) -> None:
    """Make a token."""
    with cli.platform(create=False) as platform:
        made, whole = platform.tokens.create(
            name, scopes, network=network, identity=identity, contracts=contracts, days=days, per_second=rate
        )
    if cli.json:
        cli.show({"id": made.id, "token": whole, "expires": made.expires})
        return
    cli.say(Text("令牌 {i} 有效至 {t}：", "Token {i}, good until {t}:", i=made.id, t=_when(made.expires)))
    click.echo(whole)
    cli.say(Text("它不会再次显示，请立即妥善保存。", "It is not shown again; keep it safe now."))


@token.command("list", help=Text("列出令牌。", "List tokens."))
@pass_cli
def list_tokens(cli: Cli) -> None:
    """List tokens."""
    with cli.platform(write=False, create=False) as platform:
        found = platform.tokens.list()
    if cli.json:
        cli.show(found)
        return
    now = clock.seconds()
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "scopes": " ".join(one.scopes),
            "for": one.identity + (f" · {one.network}" if one.network else ""),
            "expires": _when(one.expires),
            "used": _when(one.used),
            "state": _STATES[one.state(now)],
        }
        for one in found
    ]
    cli.show(
        rows,
        columns(
            id=("编号", "Id"),
            name=("名称", "Name"),
            scopes=("范围", "Scopes"),
            **{"for": ("身份", "Acts as")},
            expires=("有效至", "Good until"),
            used=("最近使用", "Last used"),
            state=("状态", "State"),
        ),
        empty=Text("还没有令牌。", "No tokens yet."),
    )


@token.command("revoke", help=Text("吊销令牌，立即生效。", "End a token at once."))
@argument("id", metavar="ID", callback=_id_alone)
@pass_cli
def revoke(cli: Cli, id: str) -> None:
    """End a token at once."""
    with cli.platform(create=False) as platform:
        platform.tokens.revoke(id)
        cli.show({"revoked": id})


@api.command(
    "publish",
    help=Text(
        "在公示页上显示网络的状态和区块，供所有人查看。",
        "Show a network's state and blocks to everybody on the public page.",
    ),
)
@argument("network", required=False, default="")
@option("--off", is_flag=True, help=Text("不再显示。", "Show it no more."))
@pass_cli
def publish(cli: Cli, network: str, off: bool) -> None:
    """Show a network to everybody, or no more."""
    with cli.platform(create=False) as platform:
        name = platform.tokens.publish(network, on=not off)
        cli.show({"network": name, "published": not off})


@api.command("document", help=Text("输出接口说明（OpenAPI 3.1）。", "Print the interface's description (OpenAPI 3.1)."))
@pass_cli
def document(cli: Cli) -> None:
    """Print the OpenAPI document."""
    from baas.api.document import openapi

    click.echo(json.dumps(openapi(cli.lang), ensure_ascii=False, indent=2))
