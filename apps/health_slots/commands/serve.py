"""The open board and the FHIR interface, served until Ctrl+C; portals and their tokens."""

from __future__ import annotations

from typing import Any

import click

from apps.health_slots import permissions
from apps.health_slots.commands.root import opened, slots
from apps.health_slots.serving.limits import no_portal
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.cli.serve import web_options
from baas.errors import Text

PORT = Text("端口，0 为任选。", "Port; 0 picks a free one.")


def _served(cli: Cli, network: str, part: str, port: int, web: dict[str, Any]) -> None:
    """Run one part until Ctrl+C, as `citychain serve` would."""
    from apps.health_slots.serving.parts import BOARD, FHIR
    from baas.cli.serve import run_parts
    from baas.serving.web import WebOptions

    options = WebOptions(web["host"], {part: port}, web["tls_cert"], web["tls_key"], web["insecure"])
    with cli.platform(create=False) as platform:
        run_parts(cli, platform, network, [BOARD if part == "board" else FHIR], options)


def _address(function: Any) -> Any:
    return option("--port", type=click.IntRange(0, 65535), default=0, help=PORT)(web_options(function))


@slots.command("board", help=Text("提供公开看板网页（只读，无姓名）。", "Serve the open board (read-only, no names)."))
@_address
@network_option()
@pass_cli
def board(cli: Cli, /, port: int, network: str, **web: Any) -> None:
    """Serve the open board (read-only, no names)."""
    _served(cli, network, "board", port, web)


@slots.command("fhir", help=Text("为预约门户提供 FHIR R4 接口。", "Serve the FHIR R4 interface for portals."))
@_address
@network_option()
@pass_cli
def fhir(cli: Cli, /, port: int, network: str, **web: Any) -> None:
    """Serve the FHIR R4 interface for portals."""
    _served(cli, network, "fhir", port, web)


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
@option(
    "--per-day",
    type=click.IntRange(1, 10_000_000),
    default=20_000,
    help=Text("每天锁定和预约数。", "Holds and bookings a day."),
)
@network_option()
@pass_cli
def add(cli: Cli, name: str, per_second: float, burst: int, days: int, per_day: int, network: str) -> None:
    """Admit a portal; its token is shown once."""
    with opened(cli, network) as (platform, service):
        platform.session.require(permissions.PORTALS)
        from apps.health_slots.serving.portals import PlatformPortals

        registry = PlatformPortals(platform, network, service.index).registry
        token = registry.add(name, per_second=per_second, burst=burst, days=days, per_day=per_day)
        cli.show({"name": name, "token": token})


@portal.command("renew", help=Text("换发令牌，旧令牌立即失效。", "Give a portal a new token; the old one stops."))
@argument("name")
@option("--days", type=click.IntRange(1, 3650), default=365, help=Text("令牌有效天数。", "Days the token is good for."))
@network_option()
@pass_cli
def renew(cli: Cli, name: str, days: int, network: str) -> None:
    """Give a portal a new token; the old one stops."""
    with opened(cli, network) as (platform, service):
        platform.session.require(permissions.PORTALS)
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
        platform.session.require(permissions.PORTALS)
        from apps.health_slots.serving.portals import PlatformPortals

        PlatformPortals(platform, network, service.index).registry.revoke(name)
        cli.say(Text("已吊销 {name}。", "{name} is revoked.", name=name))


@portal.command(
    "hook",
    help=Text(
        "允许接口向门户的一个地址发变更通知（订阅），off 为不允许；在运行接口的工作区设置。",
        "Let the interface tell a portal of changes at one address (subscriptions), off for nowhere; set it in the "
        "workspace that serves.",
    ),
)
@argument("name")
@argument("origin", default="")
@network_option()
@pass_cli
def hook(cli: Cli, name: str, origin: str, network: str) -> None:
    """Where a portal may be told of changes; without an address say where."""
    with opened(cli, network) as (platform, service):
        platform.session.require(permissions.PORTALS)
        from apps.health_slots.serving.portals import PlatformPortals

        portals = PlatformPortals(platform, network, service.index)
        if origin:
            if name not in {one.name for one in portals.registry.all()}:
                raise no_portal(name)
            portals.hooks.allow(name, "" if origin == "off" else origin)
        told = [
            {"criteria": one.criteria, "endpoint": one.endpoint, "status": one.status, "error": one.error}
            for one in portals.hooks.all(name)
        ]
        cli.show({"name": name, "origin": portals.hooks.origin(name), "subscriptions": told})


@portal.command("list", help=Text("列出门户。", "List portals."))
@network_option()
@pass_cli
def list_(cli: Cli, network: str) -> None:
    """List portals."""
    with opened(cli, network) as (platform, service):
        platform.session.require(permissions.PORTALS)
        from apps.health_slots.serving.portals import PlatformPortals

        found = PlatformPortals(platform, network, service.index).registry.all()
        titles = columns(
            name=("门户", "Portal"),
            per_second=("每秒", "Per second"),
            burst=("瞬时", "Burst"),
            per_day=("每天", "Per day"),
            revoked_at=("吊销", "Revoked"),
            expires_at=("到期", "Expires"),
        )
        cli.show(found, titles, Text("没有门户。", "No portals."))
