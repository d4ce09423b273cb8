"""What an application is to the platform: a manifest found by entry point, and nothing else.

An application declares, in the entry-point group `citychain.applications`, an `ApplicationManifest`. The module that
holds it must import quickly (it is read for `citychain --help`): services, commands and pages are named by
"module:attribute" and loaded when they are used.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas.errors import NotFound, Text
from baas.roles import Role

if TYPE_CHECKING:
    import click

    from baas.jobs import JobContext
    from baas.platform import Platform
    from network.topology import TopologySpec

GROUP = "citychain.applications"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FirstCall:
    """What a contract must be told once before anybody can use it, by the administrator of `msp_id`.

    `question` is evaluated first; only a contract that refuses it is told.
    """

    msp_id: str
    question: str
    function: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class ContractTemplate:
    """A contract as an application ships it.

    `endorsement_policy`, `collections` and `first_call` are made for the network it is deployed on: they get the
    topology and return the policy in Fabric's text form, the collections in the form of Fabric's collection JSON, and
    what deploying tells the contract when that administrator is in the workspace.
    """

    name: str
    module: str
    version: str
    title: Text
    endorsement_policy: Callable[[TopologySpec], str]
    collections: Callable[[TopologySpec], list[dict[str, Any]]] = field(default=lambda _spec: [])
    first_call: Callable[[TopologySpec], FirstCall] | None = None


@dataclass(frozen=True)
class DemoOption:
    """A file or folder that a person may give an application's demonstration, as `--name`."""

    name: str
    help: Text
    folder: bool = False


@dataclass(frozen=True)
class DemoOptions:
    """What a person gave the demonstration, by the options' names."""

    files: Mapping[str, Path] = field(default_factory=dict)

    def get(self, name: str) -> Path | None:
        return self.files.get(name)


@dataclass(frozen=True)
class DemoTold:
    """What an application's demonstration did, for people: one sentence for a notice, a table, titled lines."""

    sentence: Text | None = None
    rows: Sequence[Mapping[str, Any]] = ()
    columns: Mapping[str, Text] = field(default_factory=dict)
    lines: Sequence[tuple[Text, Text | str]] = ()


@dataclass(frozen=True)
class ApplicationManifest:
    """An application: what it is called, which contract it needs, and where its parts are.

    `service`: "module:attr" of a callable `(platform, network_name) -> service`.
    `commands`: "module:attr" of a `click.Group`, mounted as `citychain <command>`.
    `pages`: "module:attr" of what the console shows (loaded by the console only).
    `demo`: "module:attr" of `run(platform, network_name, options, ctx) -> dict`; `demo_told` of `(result) -> DemoTold`.
    `benches`: names under `citychain bench` → "module:attr" of a click command.
    `checks`: "module:attr" of `(platform) -> list[Check]` for the doctor.
    `serving`: what `citychain serve` runs of it, name → "module:attr" of a `baas.serving.parts.Part`.
    `only_here`: "module:attr" of `(platform, network, secrets, saved) -> list[OnlyHere]`: what only this desk has.
    `survey`: "module:attr" of `(platform, network, ctx) -> {"services", "files"}`: where all files are that it names.
    `keeps`: "module:attr" of `(platform, network, cid) -> bool | None`: may whoever acts have a file of the content
    store; None for one that it knows nothing of.
    `takes`: "module:attr" of `(platform, network, cids)`: whoever acts put these into the store from their own bytes.
    `inbox`: "module:attr" of `(manifest, platform, network) -> list[Waiting]`: what waits for whoever acts.
    `advises`: "module:attr" of `(platform, network, row, conflicts) -> Advice | None`: what helps whoever lost a race.
    `cast`: "module:attr" of `(manifest, spec) -> list[Played]`: who is invited when a network is tried from desks.
    `recovery`: "module:attr" of `(platform, network)`, called before a recovery file is made.
    `start`: one line for the card that offers the demonstration; `opens`: the address of the page that checks a {file}.
    `grants`: what each role may do in this application, in the application's own permission words.
    `files`: what it keeps of one network besides the ledger, as patterns below the workspace's folder with the word
    {network}; it goes with the network.
    `anchors`: a module with `put(platform, network, log, line, head)`, `of(platform, network, log)` (`Seals`) and
    `known(platform, network)`, by which audit logs are sealed on the ledger.
    """

    id: str
    title: Text
    summary: Text
    contract: ContractTemplate
    service: str
    command: str
    commands: str
    pages: str = ""
    demo: str = ""
    demo_told: str = ""
    demo_options: tuple[DemoOption, ...] = ()
    benches: Mapping[str, str] = field(default_factory=dict)
    checks: str = ""
    serving: Mapping[str, str] = field(default_factory=dict)
    only_here: str = ""
    survey: str = ""
    keeps: str = ""
    takes: str = ""
    inbox: str = ""
    advises: str = ""
    cast: str = ""
    recovery: str = ""
    start: Text | None = None
    opens: str = ""
    icon: str = ""
    roles: tuple[Role, ...] = ()
    grants: Mapping[Role, frozenset[str]] = field(default_factory=dict)
    permission_titles: Mapping[str, Text] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    anchors: str = ""

    def check(self) -> None:
        """Load what the application declares, and nothing that draws; raises whatever stands against it."""

    def shown(self) -> Sequence[str]:
        """Where its pages and the views made by hand are: "module:attr"s, which the console alone loads."""
        return (self.pages,) if self.pages else ()

    def check_parts(self) -> None:
        """Load its contract and its commands too, which takes longer; raises whatever stands against them."""
        self.check()
        load(f"{self.contract.module}:CONTRACTS")
        self.command_group()

    def build_service(self, platform: Platform, network: str) -> Any:
        """The application's service on `network`."""
        return load(self.service)(platform, network)

    def command_group(self) -> click.Group:
        """The application's commands."""
        group: click.Group = load(self.commands)
        return group

    def page_specs(self) -> list[Any]:
        """What the console shows of the application (`console.page.PageSpec`s)."""
        return list(load(self.pages)) if self.pages else []

    def told(self, result: Mapping[str, Any]) -> DemoTold:
        """What the demonstration's result says of this application."""
        found: DemoTold = load(self.demo_told)(result) if self.demo_told else DemoTold()
        return found

    def run_demo(self, platform: Platform, network: str, options: DemoOptions, ctx: JobContext) -> dict[str, Any]:
        """Run the application's demonstration and return what it did."""
        result: dict[str, Any] = load(self.demo)(platform, network, options, ctx)
        return result


def load(reference: str) -> Any:
    """Import "module:attr"."""
    module, _, attribute = reference.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _places() -> tuple[tuple[str, int], ...]:
    """Where distributions may lie, and when each place changed last: what a search for entry points hangs on."""
    found: list[tuple[str, int]] = []
    for place in sys.path:
        with suppress(OSError):
            found.append((place, Path(place or ".").stat().st_mtime_ns))
    return tuple(found)


@lru_cache(8)
def _entries(_places: tuple[tuple[str, int], ...]) -> tuple[EntryPoint, ...]:
    """The applications' entry points; a search reads every distribution's, which takes as long as a command."""
    return tuple(entry_points(group=GROUP))


class Applications:
    """The installed applications, by id."""

    def __init__(self, manifests: Mapping[str, ApplicationManifest] | None = None) -> None:
        self._given = manifests
        self.broken: dict[str, str] = {}

    @cached_property
    def _manifests(self) -> Mapping[str, ApplicationManifest]:
        if self._given is not None:
            return self._given
        found: list[ApplicationManifest] = []
        for entry in _entries(_places()):
            try:
                found.append(entry.load())
            except Exception as error:
                self._leave_out(entry.name, error)
        return {manifest.id: manifest for manifest in sorted(found, key=lambda m: m.id)}

    def _leave_out(self, name: str, error: Exception) -> None:
        """One broken application must not take the platform down; the doctor names it."""
        _log.error("the application %s cannot be loaded", name, exc_info=error)
        self.broken[name] = f"{type(error).__name__}: {error}"

    def examine(self) -> None:
        """Leave those out whose declarations contradict themselves, as if they could not be loaded."""
        sound = dict(self._manifests)
        for name, manifest in self._manifests.items():
            try:
                manifest.check()
            except Exception as error:
                self._leave_out(name, error)
                del sound[name]
        self._manifests = sound

    def all(self) -> tuple[ApplicationManifest, ...]:
        """Every installed application, by id."""
        return tuple(self._manifests.values())

    def get(self, id: str) -> ApplicationManifest:
        """The application `id`; `NotFound` with the installed ones named."""
        try:
            return self._manifests[id]
        except KeyError:
            raise NotFound(
                Text("没有安装应用 {id}。", "The application {id} is not installed.", id=id),
                Text("已安装：{ids}", "Installed: {ids}", ids=", ".join(self._manifests) or "-"),
            ) from None

    def contract(self, name: str) -> ContractTemplate:
        """The contract `name` of whichever application ships it."""
        for manifest in self.all():
            if manifest.contract.name == name:
                return manifest.contract
        names = ", ".join(manifest.contract.name for manifest in self.all())
        raise NotFound(
            Text("没有名为 {name} 的合约。", "There is no contract named {name}.", name=name),
            Text("可用：{names}", "Available: {names}", names=names or "-"),
        )

    def benches(self) -> Mapping[str, str]:
        """The applications' benchmarks as "module:attr" of a click command, by name."""
        return {name: reference for manifest in self.all() for name, reference in manifest.benches.items()}

    def demo_options(self) -> tuple[DemoOption, ...]:
        """What a person may give the demonstration."""
        return tuple(option for manifest in self.all() for option in manifest.demo_options)

    def grants(self) -> Mapping[Role, frozenset[str]]:
        """What the applications allow each role; a platform administrator may do all of it."""
        return self._grants

    @cached_property
    def _grants(self) -> Mapping[Role, frozenset[str]]:
        merged: dict[Role, frozenset[str]] = {}
        everything: frozenset[str] = frozenset()
        for manifest in self.all():
            for role, words in manifest.grants.items():
                merged[role] = merged.get(role, frozenset()) | words
                everything |= words
        merged[Role.PLATFORM_ADMIN] = merged.get(Role.PLATFORM_ADMIN, frozenset()) | everything
        return merged

    def permission_titles(self) -> Mapping[str, Text]:
        """The applications' permissions in words, for refusals."""
        return {word: title for manifest in self.all() for word, title in manifest.permission_titles.items()}

    def files_of(self, network: str) -> tuple[str, ...]:
        """Patterns of everything that the applications keep of a network besides its ledger."""
        return tuple(pattern.format(network=network) for manifest in self.all() for pattern in manifest.files)
