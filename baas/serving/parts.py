"""What `citychain serve` runs: parts, of the platform and of the applications, each by its name.

A part is opened as a context and left when the program ends. An application names its parts in its manifest
(`serving`: name → "module:attr" of a `Part`) and what recurs in `duties`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from baas.applications import load
from baas.errors import NotFound, Text

if TYPE_CHECKING:
    from baas.applications import Applications
    from baas.jobs import JobContext
    from baas.platform import Platform
    from baas.serving.web import WebOptions


class Running(Protocol):
    """A part that has been opened."""

    @property
    def address(self) -> str:
        """Where it is reached; empty for what listens nowhere itself."""

    @property
    def running(self) -> bool:
        """Whether it still does its work; the program ends when a part has ended by itself."""


@dataclass(frozen=True)
class Request:
    """What a part is opened with: the platform, the network, and how it may listen."""

    platform: Platform
    network: str
    web: WebOptions


@dataclass(frozen=True)
class Duty:
    """Something that recurs: `run(platform, network, ctx)` at most every `seconds`, and once at the start.

    What it returns is said in the doctor; a `CityChainError` is noted there and the duty comes again.
    """

    name: str
    title: Text
    seconds: float
    run: Callable[[Platform, str, JobContext], Text | None]


@dataclass(frozen=True)
class Part:
    """One thing to serve. `permission` is asked of whoever acts; `duties` recur as long as it runs.

    A part that `signs` runs as the service's own identity where one is given; the others are the workspace owner's.
    """

    name: str
    title: Text
    permission: str
    open: Callable[[Request], AbstractContextManager[Running]]
    duties: tuple[Duty, ...] = field(default=())
    signs: bool = True


def parts(applications: Applications) -> dict[str, Part]:
    """Every part there is, by name: the platform's first."""
    from baas.inbox import notices
    from baas.serving.api import API
    from baas.serving.monitor import MONITOR
    from baas.serving.nodes import NODES

    found = {part.name: part for part in (NODES, MONITOR, API, notices())}
    for manifest in applications.all():
        for name, reference in manifest.serving.items():
            found[name] = load(reference)
    return found


def part(applications: Applications, name: str) -> Part:
    """The part `name`; `NotFound` with what there is."""
    known = parts(applications)
    if name not in known:
        raise NotFound(
            Text("没有可提供的“{n}”。", "There is nothing called {n} to serve.", n=name[:80]),
            Text("可用：{a}", "There are: {a}", a=", ".join(known)),
            code="no_part",
        )
    return known[name]
