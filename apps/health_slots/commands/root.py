"""The group itself, and how a command gets at the service."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from apps.health_slots.words import catalogue
from apps.kit.commands import Ways
from apps.kit.ledger import Committed
from apps.kit.words import Catalogue
from baas.cli.kit import Cli, group, network_option, pass_cli
from baas.errors import Text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from baas.platform import Platform


@group("slots", help=Text("号源链：发布、预约、审计医院号源。", "The ledger of appointment slots."))
def slots() -> None:
    """The ledger of appointment slots."""


@contextlib.contextmanager
def opened(cli: Cli, network: str) -> Iterator[tuple[Platform, HealthSlotsService]]:
    """Open the platform and the service on `network`."""
    from apps.health_slots.service import build_service

    with cli.platform(create=False) as platform:
        service = build_service(platform, network)
        try:
            yield platform, service
        finally:
            service.close()


def command(under: click.Group, name: str, *, help: Text) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A command of the service: `function(cli, service, …)` shows what it found itself, or returns it to be shown.

    One that takes a `platform` or `network` is given it, too.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        def run(cli: Cli, /, network: str, **given: Any) -> None:
            with opened(cli, network) as (platform, service):
                more = {"platform": platform, "network": network}
                wanted = {name: value for name, value in more.items() if name in function.__annotations__}
                found = function(cli, service, **wanted, **given)
                if found is not None:
                    cli.show(found)

        made: Any = network_option()(pass_cli(run))
        made.__click_params__ += getattr(function, "__click_params__", [])
        under.command(name, help=help)(made)
        return function

    return decorate


@dataclass(frozen=True)
class _Declared:
    """What people do with slots, for their commands; the ledger says itself who signs."""

    people: tuple[Any, ...] = ()

    @property
    def catalogue(self) -> Catalogue:
        return catalogue()


@contextlib.contextmanager
def _service(cli: Cli, network: str) -> Iterator[HealthSlotsService]:
    with opened(cli, network) as (_, service):
        yield service


def receipt(cli: Cli, service: HealthSlotsService, done: Committed[Any]) -> None:
    """Show a transaction that was committed."""
    cli.show(done)


def answer(cli: Cli, service: HealthSlotsService, done: Committed[Any]) -> None:
    """Show what the contract answered."""
    cli.show(done.value)


def named(name: str = "", field: str = "") -> Callable[[Cli, Any, Committed[Any]], None]:
    """Show transaction, block and what the contract answered, or its `field`, as `name`."""

    def tell(cli: Cli, service: HealthSlotsService, done: Committed[Any]) -> None:
        value = done.value[field] if field else done.value
        cli.show({"tx_id": done.tx_id, "block": done.block, **({name: value} if name else value)})

    return tell


WAYS = Ways(_Declared(), _service, receipt, kit=lambda service: service.acts)
"""How the commands of acts open the service, and that they show the transaction."""
