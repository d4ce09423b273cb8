"""The part `nodes`: the workspace's networks run as long as it does."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import CityChainError, Text
from baas.serving.parts import Duty, Part, Request

if TYPE_CHECKING:
    from baas.jobs import JobContext
    from baas.platform import Platform

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Kept:
    address: str = ""
    running: bool = True


@contextlib.contextmanager
def _open(request: Request) -> Iterator[_Kept]:
    """Start what does not run, and stop at the end what was started here; a network stopped by somebody stays so."""
    platform = request.platform
    started = [name for name in _own(platform, request.network) if _start(platform, name)]
    try:
        yield _Kept()
    finally:
        for name in started:
            try:
                if not platform.networks.held(name):
                    platform.networks.stop(name)
                    platform.networks.hold(name, on=False)  # stopped with us, not by anybody's wish
            except CityChainError as error:
                _log.warning("network %s could not be stopped: %s", name, error)


def _own(platform: Platform, network: str) -> list[str]:
    """The networks whose nodes are this workspace's: the named one, or all."""
    names = [network] if network else list(platform.networks.names())
    return [n for n in names if platform.networks.spec(n).runtime != "attached"]


def _start(platform: Platform, name: str) -> bool:
    if platform.networks.held(name) or platform.networks.state(name).phase != "ready":
        return False
    if platform.networks.status(name).state == "running":
        return False
    platform.networks.start(name)
    return True


def _watch(platform: Platform, network: str, ctx: JobContext) -> Text | None:
    """Start nodes that have ended by themselves."""
    again = [name for name in _own(platform, network) if _start(platform, name)]
    if not again:
        return None
    return Text("已重新启动：{n}", "Started again: {n}", n=", ".join(again))


def _seal(platform: Platform, network: str, ctx: JobContext) -> Text | None:
    """Seal the audit log, once a day."""
    from baas.services.audit import seal_daily

    return seal_daily(platform, network, ctx)


NODES = Part(
    "nodes",
    Text("网络节点", "The networks' nodes"),
    roles.NETWORK_CHANGE,
    _open,
    (
        Duty("nodes", Text("查看节点并重新启动", "Look at the nodes and start them again"), 30.0, _watch),
        Duty(
            "audit", Text("把审计记录封存到账本，每天一次", "Seal the audit log on the ledger once a day"), 600.0, _seal
        ),
    ),
    signs=False,
)
