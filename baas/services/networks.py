"""Networks of a workspace: from a topology to running nodes, and a client on them.

Everything about one network lives in `networks/NAME/` (state, addresses, certificates, the driver's own files); this
service adds what concerns the workspace: which networks there are, who may touch them, whose keys sign.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas import roles
from baas.errors import NotFound, Text, UserError, translating
from baas.events import EventBus, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.ledger_clock import LedgerClock
from baas.roles import requires
from baas.services import peers
from baas.session import Session

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.workspace import Workspace
    from fabric_sdk.gateway import Gateway, Network
    from network.drivers.base import Capability, Driver, NetworkStatus, Step
    from network.handle import NetworkHandle
    from network.plan import NetworkState, PlanResult
    from network.topology import Runtime, TopologySpec

Written = tuple[tuple[int, int], tuple[int, int]]
DEFAULT = "network.default"
HELD = "stopped"
"""A file in the folder of a network that somebody stopped."""
EXPORTED = "exported"
"""A file in the folder of a network that was written down for others to run: there is nothing to stop."""


@dataclass(frozen=True)
class NetworkSummary:
    """A network as a list shows it; `phase` is building, ready or removing."""

    name: str
    title: Text
    runtime: Runtime
    phase: str
    organizations: tuple[str, ...]
    channels: tuple[str, ...]
    default: bool


class NetworkService:
    """Creates, runs, grows, stops and removes networks."""

    def __init__(
        self,
        workspace: Workspace,
        keystore: Keystore,
        session: Session,
        events: EventBus,
        kept_elsewhere: Callable[[str], Iterable[str]] = lambda _network: (),
    ) -> None:
        self._workspace = workspace
        self._keystore = keystore
        self._session = session
        self._events = events
        self._kept_elsewhere = kept_elsewhere
        self._guard = threading.RLock()
        self._handles: dict[str, tuple[Written, NetworkHandle]] = {}
        self._gateways: dict[tuple[str, str], Gateway] = {}
        self._clocks: dict[str, LedgerClock] = {}
        self._seen: dict[str, Written] | None = None
        self._at_work: set[str] = set()

    @property
    def session(self) -> Session:
        return self._session

    # -- what there is -----------------------------------------------------------------------------
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

    def default(self) -> str:
        """The network that commands and pages take when none is named; "" when there is none."""
        names = self.names()
        chosen = self._workspace.setting(DEFAULT)
        if chosen in names:
            return chosen
        return names[0] if names else ""

    def resolve(self, name: str = "") -> str:
        """`name`, or the default network's name when it is empty; `NotFound` when there is none."""
        chosen = name or self.default()
        if not chosen or chosen not in self.names():
            raise _unknown(name, self.names())
        return chosen

    @requires(roles.NETWORK_ATTACH)
    def set_default(self, name: str) -> None:
        """Make `name` the network that is taken when none is named."""
        self.make_default(name)

    def make_default(self, name: str) -> None:
        """Like `set_default`, for what follows from an act that was allowed."""
        self._workspace.set_setting(DEFAULT, self.resolve(name))

    # -- making and changing -----------------------------------------------------------------------
    @requires(roles.NETWORK_READ)
    def plan(self, spec: TopologySpec) -> Sequence[Step]:
        """The steps from what exists to `spec`; changes nothing."""
        from network.plan import plan

        folder = self._folder(spec.name)
        return plan(self._make_driver(folder, spec.runtime), spec, folder)

    @requires(roles.NETWORK_CHANGE)
    def up(self, spec: TopologySpec, *, ctx: JobContext = NULL_CONTEXT) -> NetworkHandle:
        """Bring the network `spec.name` to `spec`: create it, repair a half-made one, or grow a running one.

        Interrupted at any step, the next call goes on from there.
        """
        self.bring_up(spec, ctx=ctx)
        return self.handle(spec.name)

    @requires(roles.NETWORK_CHANGE)
    def bring_up(self, spec: TopologySpec, *, ctx: JobContext = NULL_CONTEXT) -> PlanResult:
        """Like `up`, but return the steps with their times."""
        from network.plan import run

        folder = self._folder(spec.name)
        state = self.state(spec.name) if spec.name in self.names() else None
        if folder.exists():
            made = (state.reached or state.wanted) if state else None
            if made is not None and made.runtime != spec.runtime:
                raise UserError(
                    Text(
                        "网络 {name} 已经以 {old} 方式建立，不能改为 {new}。",
                        "Network {name} exists on {old}; it cannot become {new}.",
                        name=spec.name,
                        old=made.runtime,
                        new=spec.runtime,
                    ),
                    Text("请换一个网络名。", "Choose another name."),
                )
        driver = self._make_driver(folder, spec.runtime)
        capability = driver.check(spec)
        if not capability.available:
            from baas.errors import Unavailable

            raise Unavailable(
                capability.reason or Text("本机不能运行 {r}。", "This machine cannot run {r}.", r=spec.runtime),
                capability.hint,
                code="runtime_unavailable",
                details=dict(capability.details),
            )
        self.forget(spec.name)
        self._at_work.add(spec.name)
        try:
            if state is not None and state.phase == "ready" and spec == state.reached and spec.runtime != "attached":
                spec = self._adopted(spec)
            result = run(driver, spec, folder, _PlanProgress(ctx), begun=lambda step: ctx.step(step.id, step.title))
        finally:
            self._at_work.discard(spec.name)
        self._events.publish(NetworkChanged(spec.name, "up"))
        return result

    def _adopted(self, spec: TopologySpec) -> TopologySpec:
        """The topology with what organisations have changed in its channels from their own desks meanwhile."""
        from baas.services.proposing import adopted

        with translating():
            return adopted(self.handle(spec.name), spec)

    @requires(roles.NETWORK_READ)
    def status(self, name: str = "") -> NetworkStatus:
        """The state of every node; a node that is down is a state, not an error."""
        return self.driver(self.resolve(name)).status()

    @requires(roles.NETWORK_READ)
    def logs(self, name: str, node: str, lines: int = 200) -> Sequence[str]:
        """The last `lines` lines of a node's log, oldest first."""
        return self.driver(self.resolve(name)).logs(node, lines)

    @requires(roles.NETWORK_CHANGE)
    def start(self, name: str = "", node: str | None = None, *, ctx: JobContext = NULL_CONTEXT) -> None:
        """Start a node, or the whole network, and return when it answers.

        The whole network is first brought to its topology, so that one that was moved or restored finds its files.
        """
        from network.plan import locked

        name = self.resolve(name)
        if node is None and self.state(name).phase == "ready":
            self.bring_up(self.spec(name), ctx=ctx)
        ctx.step("start", Text("启动 {what}", "Start {what}", what=node or name))
        with locked(self._existing(name), _PlanProgress(ctx)):
            self.driver(name).start(node)
        if node is None:
            self.hold(name, on=False)
        self.forget(name)
        self._events.publish(NetworkChanged(name, "started"))

    @requires(roles.NETWORK_CHANGE)
    def stop(self, name: str = "", node: str | None = None, *, ctx: JobContext = NULL_CONTEXT) -> None:
        """Stop a node, or the whole network, cleanly."""
        from network.plan import locked

        name = self.resolve(name)
        ctx.step("stop", Text("停止 {what}", "Stop {what}", what=node or name))
        if node is None:
            self.forget(name)
        with locked(self._existing(name), _PlanProgress(ctx)):
            self.driver(name).stop(node)
        if node is None:
            self.hold(name)
        self._events.publish(NetworkChanged(name, "stopped"))

    def held(self, name: str) -> bool:
        """Whether somebody stopped the whole network, so that nothing starts it but their wish."""
        return (self._folder(name) / HELD).exists()

    def hold(self, name: str, *, on: bool = True) -> None:
        """Note that the network shall stay as it is now: stopped by somebody, or not."""
        with suppress(OSError):
            (self._folder(name) / HELD).touch() if on else (self._folder(name) / HELD).unlink(missing_ok=True)

    @requires(roles.NETWORK_ATTACH)
    def destroy(self, name: str, *, forget_keys: bool = False, ctx: JobContext = NULL_CONTEXT) -> None:
        """Stop the network and remove everything of it: ledgers, certificates, keys, indexes. Works on half-made ones.

        What people saved elsewhere (certificates of works, exports) stays. A network of others goes on without us: the
        keys that a person has in it, and what applications keep of it, stay too unless `forget_keys` says otherwise.
        """
        from network.plan import remove

        name = self.resolve(name)
        if self.spec(name).runtime != "attached":
            self._session.require(roles.NETWORK_CHANGE)
        ctx.step("destroy", Text("删除网络 {name}", "Remove network {name}", name=name))
        folder = self._folder(name)
        exported = (folder / EXPORTED).exists()
        driver = None if exported else self.driver(name)
        keep = name in self.attached() and not forget_keys
        if keep:
            self._set_keys_aside(name)
        self.forget(name)
        self._events.publish(NetworkChanged(name, "removing"))
        if driver is not None:
            remove(driver, folder)
        else:
            with translating():
                shutil.rmtree(folder)
        for key in () if keep else self._keystore.names():
            if key.startswith(f"{name}/"):
                self._keystore.remove(key)
        self._events.publish(NetworkChanged(name, "destroyed"))
        for pattern in (f"index/{name}~*", *(() if keep else self._kept_elsewhere(name))):
            for path in self._workspace.folder.glob(pattern):
                with suppress(OSError):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _set_keys_aside(self, name: str) -> None:
        """Before certificates go: each person's key also under its certificate's serial, so that no later one loses it.

        What remains belongs to this very network: another one may not take its name and meet its keys.
        """
        handle = self.handle(name)
        for label in handle.identities():
            msp_id, _, person = label.partition("/")
            handle.authority(msp_id).set_aside(person)
        self._workspace.set_setting(f"left.{name}", self.fingerprint(name))

    def fingerprint(self, name: str) -> str:
        """What tells an attached network from another of the same name: the authority of the person who came in."""
        from hashlib import sha256

        handle = self.handle(name)
        msp_id = peers.own_label(handle).partition("/")[0]
        return sha256(handle.authority(msp_id).ca_certificate_pem.strip()).hexdigest()

    # -- using -------------------------------------------------------------------------------------
    def driver(self, name: str) -> Driver:
        """The driver of an existing network."""
        return self._make_driver(self._existing(name), self.spec(name).runtime)

    def handle(self, name: str = "") -> NetworkHandle:
        """What others need to use the network: endpoints, identities, organisations, channels."""
        from network.handle import NetworkHandle

        name = self.resolve(name)
        folder = self._existing(name)
        written = _written(folder)
        with self._guard:
            kept = self._handles.get(name)
            if kept is not None and kept[0] == written:
                return kept[1]
            if kept is not None and kept[0][1] != written[1]:
                self.disconnect(name)  # another program has moved its nodes
            self._handles[name] = written, NetworkHandle(folder, self._keystore)
            return self._handles[name][1]

    @requires(roles.LEDGER_READ)
    def connect(self, name: str = "", identity: str = "", channel: str = "") -> Network:
        """A Gateway client on the network's channel, signing as `identity` ("MSP/name").

        Without `identity` the acting person's own, or for the owner the first organisation's administrator. The
        connection is kept and used again until the network stops.
        """
        name = self.resolve(name)
        handle = self.handle(name)
        label = identity or peers.own_label(handle, self._session.actor)
        own = self._session.is_acting(label, name) or label == peers.desk_label(handle)
        if not own and self._session.actor.msp_id:
            # Somebody who acts as themselves borrows nobody else's key.
            self._session.require(roles.IDENTITY_ISSUE, label.partition("/")[0])
        with self._guard:
            gateway = self._gateways.get((name, label))
            if gateway is None:
                gateway = self._gateways[name, label] = self._open_gateway(handle, label)
        return gateway.get_network(channel or handle.spec.channels[0].name)

    def clock(self, name: str) -> LedgerClock:
        """The clock by which transactions on a network are written from here; one for all its connections."""
        with self._guard:
            return self._clocks.setdefault(name, LedgerClock())

    def disconnect(self, name: str) -> None:
        """Close every client connection to the network; the next `connect` makes new ones."""
        with self._guard:
            for key in [k for k in self._gateways if k[0] == name]:
                with suppress(Exception):
                    self._gateways.pop(key).close()

    def close(self) -> None:
        """Close every connection."""
        for name in {key[0] for key in self._gateways}:
            self.disconnect(name)

    def look_around(self) -> tuple[str, ...]:
        """Tell listeners of the networks that other programs have changed since the last look; returns their names.

        The first look only remembers. What this service does itself it tells at once, and here once more at most.
        """
        now = {name: _written(self._folder(name)) for name in self.names()}
        before, self._seen = self._seen, now
        if before is None:
            return ()
        changed = tuple(sorted(n for n in {*before, *now} if before.get(n) != now.get(n)))
        for name in changed:
            if name not in self._at_work:
                self.forget(name)
                self._events.publish(NetworkChanged(name, "elsewhere" if name in now else "destroyed"))
        return changed

    # -- inside ------------------------------------------------------------------------------------
    def _open_gateway(self, handle: NetworkHandle, label: str) -> Gateway:
        from fabric_sdk.gateway import connect

        msp_id = label.partition("/")[0]
        own = handle.peers(msp_id)
        others = tuple(node for node in handle.peers() if node not in own)
        node = peers.first_answering(handle, (*own, *others))
        return connect(
            handle.node_endpoint(node), handle.identity(label), time_ns=self.clock(handle.spec.name).nanoseconds
        )

    def forget(self, name: str) -> None:
        """Close connections and drop what has been read of a network that has changed."""
        self.disconnect(name)
        with self._guard:
            self._handles.pop(name, None)

    def _folder(self, name: str) -> Path:
        return self._workspace.path("networks", name)

    def folder(self, name: str) -> Path:
        """Where an existing network keeps its files; `NotFound` otherwise."""
        return self._existing(name)

    def _existing(self, name: str) -> Path:
        if name not in self.names():
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
        )


def _written(folder: Path) -> Written:
    """When a network's state and its addresses were last written, by whatever program."""

    def of(name: str) -> tuple[int, int]:
        try:
            found = (folder / name).stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_ino

    return of("state.json"), of("addresses.json")


class _PlanProgress:
    """What a plan tells, for a job; its steps are the job's own."""

    def __init__(self, ctx: JobContext) -> None:
        self._ctx = ctx

    def progress(self, done: int, total: int, text: Text) -> None:
        self._ctx.progress(done, total, text)

    def check_cancelled(self) -> None:
        self._ctx.check_cancelled()

    def log(self, text: Text | str) -> None:
        self._ctx.log(text)


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
