"""Which networks a workspace has, what each consists of, where it keeps its files; changes nothing but the choice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas import roles
from baas.errors import Conflict, NotFound, Text
from baas.roles import requires
from baas.session import Session

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.workspace import Workspace
    from network.drivers.base import Capability, Driver
    from network.plan import NetworkState
    from network.topology import Runtime, TopologySpec

DEFAULT = "network.default"
_PLAIN = re.compile(r"[a-z][a-z0-9-]*")
BRANCH = "branch.json"
"""A file in the folder of a branch (`network.branching.record`)."""


@dataclass(frozen=True)
class NetworkSummary:
    """A network as a list shows it; `phase` is building, ready or removing. `branch`: it is one, for trying out."""

    name: str
    title: Text
    runtime: Runtime
    phase: str
    organizations: tuple[str, ...]
    channels: tuple[str, ...]
    default: bool
    branch: bool = False


class NetworkReader:
    """The networks of a workspace, read from their folders."""

    def __init__(self, workspace: Workspace, keystore: Keystore, session: Session) -> None:
        self._workspace = workspace
        self._keystore = keystore
        self._session = session

    @property
    def session(self) -> Session:
        return self._session

    def templates(self) -> tuple[TopologySpec, ...]:
        """The built-in topologies."""
        from network.topology import templates

        return templates()

    def template(self, template: str, *, name: str | None = None, runtime: Runtime | None = None) -> TopologySpec:
        """One built-in topology, under another name or for another runtime if wanted."""
        from network.topology import template as built_in

        return built_in(template, network_name=name, runtime=runtime)

    def capabilities(self, spec: TopologySpec | None = None) -> Mapping[Runtime, Capability]:
        """What this machine can run, by runtime, with the reason where it cannot."""
        from network.topology import RUNTIMES

        spec = spec or self.template("city")
        found: dict[Runtime, Capability] = {}
        for runtime in RUNTIMES:
            wanted = spec if spec.runtime == runtime else spec.with_(runtime=runtime)
            with suppress(NotFound):
                found[runtime] = self._make_driver(self._folder(wanted.name), runtime).check(wanted)
        return found

    def names(self) -> tuple[str, ...]:
        """Every network that has a folder with a state, sorted."""
        root = self._workspace.path("networks")
        if not root.is_dir():
            return ()
        return tuple(sorted(p.name for p in root.iterdir() if (p / "state.json").is_file()))

    def attached(self) -> tuple[str, ...]:
        """The networks that others run and this workspace came into."""
        from network.attached.folder import FILE_NAME

        return tuple(name for name in self.names() if (self._folder(name) / FILE_NAME).is_file())

    def visiting(self) -> bool:
        """Whether this workspace only takes part in networks of others: it is somebody's desk."""
        return bool(self.names()) and self.attached() == self.names()

    def planned_elsewhere(self, name: str) -> bool:
        """Whether others plan the network: it is attached, or a share. Changes of it can be proposed from here."""
        from network.hosts import is_share

        return self.spec(name).runtime == "attached" or is_share(self._folder(name))

    @requires(roles.NETWORK_READ)
    def list(self) -> tuple[NetworkSummary, ...]:
        """Every network, sorted by name."""
        default = self.default()
        return tuple(self._summary(name, default) for name in self.names())

    def state(self, name: str) -> NetworkState:
        """What is recorded of the network: phase, wanted and reached topology, steps of the last run."""
        from network.plan import NetworkState

        return NetworkState.load(self._existing(name))

    def spec(self, name: str) -> TopologySpec:
        """The topology of an existing network: the reached one, or the wanted one while it is being built."""
        state = self.state(name)
        spec = state.reached or state.wanted
        if spec is None:
            raise _unknown(name, self.names())
        return spec

    def wanted(self, name: str) -> TopologySpec:
        """What the network shall become: the topology that was wanted last, also while it waits for signatures."""
        state = self.state(name)
        return state.wanted if state.wanted is not None and state.phase == "building" else self.spec(name)

    def authorities(self, name: str) -> tuple[str, ...]:
        """The MSP ids of a network's organisations whose authority's key is in this workspace."""
        keys = frozenset(self._keystore.names())
        return tuple(o.msp_id for o in self.spec(name).organizations if f"{name}/{o.msp_id}/ca" in keys)

    def default(self) -> str:
        """The network that commands and pages take when none is named; "" when there is none."""
        names = self.names()
        chosen = self._workspace.setting(DEFAULT)
        if chosen in names:
            return chosen
        # A branch is worked on by whoever names it, never by default while there is anything else.
        own = [name for name in names if not (self._folder(name) / BRANCH).exists()]
        return next(iter((*own, *names)), "")

    def resolve(self, name: str = "") -> str:
        """`name`, or the default network's name when it is empty; `NotFound` when there is none."""
        chosen = name or self.default()
        if not self._is_there(chosen):
            raise _unknown(name, self.names())
        return chosen

    def _is_there(self, name: str) -> bool:
        """Whether there is a network of this name, without a look at all others."""
        if _PLAIN.fullmatch(name):
            return (self._folder(name) / "state.json").is_file()
        return name in self.names()

    @requires(roles.NETWORK_ATTACH)
    def set_default(self, name: str) -> None:
        """Make `name` the network that is taken when none is named."""
        self.make_default(name)

    def make_default(self, name: str) -> None:
        """Like `set_default`, for what follows from an act that was allowed."""
        self._workspace.set_setting(DEFAULT, self.resolve(name))

    def driver(self, name: str) -> Driver:
        """The driver of an existing network."""
        return self._make_driver(self._existing(name), self.spec(name).runtime)

    def _folder(self, name: str) -> Path:
        return self._workspace.path("networks", name)

    def folder(self, name: str) -> Path:
        """Where an existing network keeps its files; `NotFound` otherwise."""
        return self._existing(name)

    def place_for(self, name: str) -> Path:
        """Where a network of this name keeps its files, or would; `Conflict` where there is one already."""
        if name in self.names():
            raise Conflict(
                Text("网络“{n}”已经存在。", "There is a network {n} already.", n=name),
                Text("请换一个名字，或先删除它。", "Choose another name, or destroy it first."),
                code="name_taken",
            )
        return self._folder(name)

    def require_origin(self, name: str, what: Text) -> None:
        """`Conflict` where a network ("": the default one) is a branch: `what` says what one cannot do or give."""
        from network.branching.record import refuse_branch

        name = self.resolve(name)
        refuse_branch(self._existing(name), name, what)

    def _existing(self, name: str) -> Path:
        if not self._is_there(name):
            raise _unknown(name, self.names())
        return self._folder(name)

    def _make_driver(self, folder: Path, runtime: Runtime) -> Driver:
        from network.drivers import make_driver

        return make_driver(runtime, folder, self._keystore)

    def _summary(self, name: str, default: str) -> NetworkSummary:
        state = self.state(name)
        spec = self.spec(name)
        return NetworkSummary(
            name=name,
            title=spec.title,
            runtime=spec.runtime,
            phase=state.phase,
            organizations=tuple(o.msp_id for o in spec.organizations),
            channels=tuple(c.name for c in spec.channels),
            default=name == default,
            branch=(self._folder(name) / BRANCH).exists(),
        )


def _unknown(name: str, names: tuple[str, ...]) -> NotFound:
    if not names:
        return NotFound(
            Text("还没有建立网络。", "There is no network yet."),
            Text("请先建立：citychain network up --template city", "Create one: citychain network up --template city"),
            code="no_network",
        )
    return NotFound(
        Text("没有名为 {name} 的网络。", "There is no network named {name}.", name=name),
        Text("现有网络：{names}", "There are: {names}", names=", ".join(names)),
        code="no_network",
    )


def as_json(spec: TopologySpec) -> dict[str, Any]:
    """The topology as plain data, for `--json` and exports."""
    from network.topology import spec_to_mapping

    return spec_to_mapping(spec)
