"""What a real window leaves to other processes: setting networks up, the demonstration, the explorer's index.

Tests and pictures do the same work in their own process (`Context.index` is None), which saves them a start of Python.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from baas import roles
from network.errors import Cancelled, CityChainError

if TYPE_CHECKING:
    from baas.platform import Platform
    from console.context import Context
    from network.text import Text


def bring_up(context: Context) -> Callable[..., Any]:
    """`NetworkService.bring_up` for a job of this window: `(spec, *, ctx)`."""
    if context.index is None:
        return context.platform.networks.bring_up
    from baas.services.apart_work import bring_up_apart

    return partial(bring_up_apart, context.platform)


def run_demo(context: Context) -> Callable[..., Any]:
    """The demonstration for a job of this window: `(options, runtime, *, ctx)`."""
    if context.index is not None:
        from baas.services.apart_work import demo_apart

        return partial(demo_apart, context.platform)
    from baas.demo import run_demo as run

    return partial(run, context.platform)


def make_branch(context: Context) -> Callable[..., Any]:
    """What makes a branch, for a job of this window: `(network, name, *, last, private, ctx)`."""
    if context.index is not None:
        from baas.services.apart_work import branch_apart

        return partial(branch_apart, context.platform)
    return context.platform.branches.make


def load_test(context: Context) -> Callable[..., Any]:
    """`MonitorService.load` for a job of this window: what presses a network must not slow the window."""
    if context.index is not None:
        from baas.services.apart_work import load_apart

        return partial(load_apart, context.platform)
    return context.platform.monitor.load


class IndexKeeper:
    """Has another process keep the index of the network that is shown; this one looks on, and takes over if it ends."""

    def __init__(self) -> None:
        self._until: _Until | None = None
        self._network = ""

    def keep(self, platform: Platform, network: str) -> None:
        """Index `network` from now on, and no other; whoever may not read the ledger has nothing indexed."""
        if network == self._network:
            return
        self.stop()
        if not network or not platform.session.allows(roles.LEDGER_READ):
            return
        self._network = network
        self._until = _Until(partial(_follow, platform, network))
        threading.Thread(target=_keep, args=(platform, network, self._until), name="index", daemon=True).start()

    def changed(self, platform: Platform, network: str, what: str) -> None:
        """Nodes may have other addresses or certificates, or be gone: the other process learns it by a new start."""
        if network != self._network:
            return
        self.stop()
        if what not in {"removing", "destroyed", "stopped"}:
            self.keep(platform, network)

    def stop(self) -> None:
        """Let the other process end."""
        if self._until is not None:
            self._until.ending.set()
        self._until, self._network = None, ""


def _follow(platform: Platform, network: str) -> None:
    platform.explorer.follow(network)


def _keep(platform: Platform, network: str, until: _Until) -> None:
    from baas.apart import run_apart

    try:
        run_apart(platform, "baas.services.apart_work:follow", network, ctx=until)
    except CityChainError:
        if not until.ending.is_set():
            until.begin()  # it could not: index here


class _Until:
    """The context of the other process: when it has begun, this one looks on; it goes on until `ending`."""

    def __init__(self, begin: Callable[[], object]) -> None:
        self.ending = threading.Event()
        self._begin = begin

    def begin(self) -> None:
        try:
            self._begin()
        except CityChainError:
            return  # the network is gone or does not answer; its pages say so

    def step(self, id: str, title: Text) -> None:
        self.begin()

    def progress(self, done: float, total: float, text: Text | str = "") -> None:
        return None

    def log(self, text: Text | str) -> None:
        return None

    def check_cancelled(self) -> None:
        if self.ending.is_set():
            raise Cancelled()
