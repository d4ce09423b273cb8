"""The open board and the FHIR interface, served until Ctrl+C; portals and their tokens."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from apps.health_slots.commands.root import opened, slots
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.errors import Text, Unavailable

if TYPE_CHECKING:
    from starlette.applications import Starlette

HOST = Text("监听地址，默认只限本机。", "Address to listen on; this machine only by default.")
PORT = Text("端口，0 为任选。", "Port; 0 picks a free one.")


def listen(cli: Cli, app: Starlette, host: str, port: int, what: str) -> None:
    """Serve `app` until Ctrl+C; says the address on standard output."""
    import socket

    import uvicorn

    from apps.health_slots.serving.listening import server_config

    try:
        bound = socket.create_server((host, port))
    except OSError as error:
        raise Unavailable(
            Text("端口不能使用：{host}:{port}", "The port cannot be used: {host}:{port}", host=host, port=port),
            Text("请换一个端口，或用 --port 0。", "Choose another port, or --port 0."),
            details={"text": str(error)},
        ) from error
    address = f"http://{host}:{bound.getsockname()[1]}/{what}"
    if cli.json:
        cli.show({"address": address})
    else:
        cli.say(Text("正在提供：{a}（Ctrl+C 结束）", "Serving {a} (Ctrl+C ends it)", a=address))
    sys.stdout.flush()
    uvicorn.Server(server_config(app, log_level="warning")).run(sockets=[bound])


def _address(function: Any) -> Any:
    function = option("--port", type=click.IntRange(0, 65535), default=0, help=PORT)(function)
    return option("--host", default="127.0.0.1", help=HOST)(function)


@slots.command("board", help=Text("提供公开看板网页（只读，无姓名）。", "Serve the open board (read-only, no names)."))
@_address
@network_option()
@pass_cli
def board(cli: Cli, host: str, port: int, network: str) -> None:
    """Serve the open board (read-only, no names)."""
    from apps.health_slots.serving.board import board_app
    from apps.health_slots.serving.following import Follower

    with opened(cli, network) as (platform, service):
        platform.session.require("slots.serve")
        with Follower(service.index, service.ledger):
            listen(cli, board_app(service), host, port, "")


@slots.command("fhir", help=Text("为预约门户提供 FHIR R4 接口。", "Serve the FHIR R4 interface for portals."))
@_address
@network_option()
@pass_cli
def fhir(cli: Cli, host: str, port: int, network: str) -> None:
    """Serve the FHIR R4 interface for portals."""
    from apps.health_slots.serving.fhir import fhir_app
    from apps.health_slots.serving.following import Follower
    from apps.health_slots.serving.portals import PlatformPortals

    with opened(cli, network) as (platform, service):
        platform.session.require("slots.serve")
        portals = PlatformPortals(platform, network, service.index)
        with Follower(service.index, service.ledger, seconds=0.2):
            listen(cli, fhir_app(portals), host, port, "fhir")


@slots.group("portal", help=Text("预约门户及其令牌。", "Booking portals and their tokens."))
def portal() -> None:
    """Booking portals and their tokens."""


@portal.command("add", help=Text("登记门户，令牌只显示一次。", "Admit a portal; its token is shown once."))
@argument("name")
@option(
    "--per-second", type=click.FloatRange(0.1, 10_000), default=20.0, help=Text("每秒请求数。", "Requests a second.")
)
@option("--burst", type=click.IntRange(1, 100_000), default=40, help=Text("瞬时请求数。", "Requests at once."))
@option("--days", type=click.IntRange(1, 3650), default=365, help=Text("令牌有效天数。", "Days the token is good for."))
@network_option()
@pass_cli
def add(cli: Cli, name: str, per_second: float, burst: int, days: int, network: str) -> None:
    """Admit a portal; its token is shown once."""
    with opened(cli, network) as (platform, service):
        platform.session.require("slots.serve")
        from apps.health_slots.serving.portals import PlatformPortals

        registry = PlatformPortals(platform, network, service.index).registry
        cli.show({"name": name, "token": registry.add(name, per_second=per_second, burst=burst, days=days)})


@portal.command("renew", help=Text("换发令牌，旧令牌立即失效。", "Give a portal a new token; the old one stops."))
@argument("name")
@option("--days", type=click.IntRange(1, 3650), default=365, help=Text("令牌有效天数。", "Days the token is good for."))
@network_option()
@pass_cli
def renew(cli: Cli, name: str, days: int, network: str) -> None:
    """Give a portal a new token; the old one stops."""
    with opened(cli, network) as (platform, service):
        platform.session.require("slots.serve")
        from apps.health_slots.serving.portals import PlatformPortals

        registry = PlatformPortals(platform, network, service.index).registry
        cli.show({"name": name, "token": registry.renew(name, days=days)})


@portal.command("revoke", help=Text("吊销门户的令牌。", "Take a portal's token away."))
@argument("name")
@network_option()
@pass_cli
def revoke(cli: Cli, name: str, network: str) -> None:
    """Take a portal's token away."""
    with opened(cli, network) as (platform, service):
        platform.session.require("slots.serve")
        from apps.health_slots.serving.portals import PlatformPortals

        PlatformPortals(platform, network, service.index).registry.revoke(name)
        cli.say(Text("已吊销 {name}。", "{name} is revoked.", name=name))


@portal.command("list", help=Text("列出门户。", "List portals."))
@network_option()
@pass_cli
def list_(cli: Cli, network: str) -> None:
    """List portals."""
    with opened(cli, network) as (platform, service):
        platform.session.require("slots.serve")
        from apps.health_slots.serving.portals import PlatformPortals

        found = PlatformPortals(platform, network, service.index).registry.all()
        titles = columns(
            name=("门户", "Portal"),
            per_second=("每秒", "Per second"),
            burst=("瞬时", "Burst"),
            revoked_at=("吊销", "Revoked"),
            expires_at=("到期", "Expires"),
        )
        cli.show(found, titles, Text("没有门户。", "No portals."))
