"""The open board and the FHIR interface, served until Ctrl+C; portals and their tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from apps.health_slots import permissions
from apps.health_slots.commands.root import command, slots
from apps.health_slots.serving.limits import no_portal
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.cli.serve import web_options
from baas.errors import Text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.serving.portals import PlatformPortals
    from baas.platform import Platform

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


def portal_command(name: str, *, help: Text) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A command of whoever may admit portals: `function(cli, portals, …)`."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        def run(cli: Cli, service: HealthSlotsService, platform: Platform, network: str, **given: Any) -> Any:
            from apps.health_slots.serving.portals import PlatformPortals

            platform.session.require(permissions.PORTALS)
            return function(cli, PlatformPortals(platform, network, service.index), **given)

        run.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
        return command(portal, name, help=help)(run)

    return decorate


@portal_command("add", help=Text("登记门户，令牌只显示一次。", "Admit a portal; its token is shown once."))
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
def add(cli: Cli, portals: PlatformPortals, name: str, per_second: float, burst: int, days: int, per_day: int) -> None:
    token = portals.registry.add(name, per_second=per_second, burst=burst, days=days, per_day=per_day)
    cli.show({"name": name, "token": token})


@portal_command("renew", help=Text("换发令牌，旧令牌立即失效。", "Give a portal a new token; the old one stops."))
@argument("name")
@option("--days", type=click.IntRange(1, 3650), default=365, help=Text("令牌有效天数。", "Days the token is good for."))
def renew(cli: Cli, portals: PlatformPortals, name: str, days: int) -> None:
    cli.show({"name": name, "token": portals.registry.renew(name, days=days)})


@portal_command("revoke", help=Text("吊销门户的令牌。", "Take a portal's token away."))
@argument("name")
def revoke(cli: Cli, portals: PlatformPortals, name: str) -> None:
    portals.registry.revoke(name)
    cli.say(Text("已吊销 {name}。", "{name} is revoked.", name=name))


@portal_command(
    "hook",
    help=Text(
        "允许接口向门户的一个地址发变更通知（订阅），off 为不允许；在运行接口的工作区设置。",
        "Let the interface tell a portal of changes at one address (subscriptions), off for nowhere; set it in the "
        "workspace that serves.",
    ),
)
@argument("name")
@argument("origin", default="")
def hook(cli: Cli, portals: PlatformPortals, name: str, origin: str) -> None:
    if origin:
        if name not in {one.name for one in portals.registry.all()}:
            raise no_portal(name)
        portals.hooks.allow(name, "" if origin == "off" else origin)
    told = [
        {"criteria": one.criteria, "endpoint": one.endpoint, "status": one.status, "error": one.error}
        for one in portals.hooks.all(name)
    ]
    cli.show({"name": name, "origin": portals.hooks.origin(name), "subscriptions": told})


@portal_command("list", help=Text("列出门户。", "List portals."))
def list_(cli: Cli, portals: PlatformPortals) -> None:
    found = portals.registry.all()
    titles = columns(
        name=("门户", "Portal"),
        per_second=("每秒", "Per second"),
        burst=("瞬时", "Burst"),
        per_day=("每天", "Per day"),
        revoked_at=("吊销", "Revoked"),
        expires_at=("到期", "Expires"),
    )
    cli.show(found, titles, Text("没有门户。", "No portals."))
