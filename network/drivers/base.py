"""The one interface between a topology and whatever runs it.

A driver belongs to one network folder. `plan` compares the wanted topology with what exists and returns the steps
that are missing; `apply` does one step and may be called again after any interruption. The same two calls therefore
create a network, repair a half-made one and grow a running one; `network.plan.run` drives them.

Every driver writes `addresses.json` (`network.addresses`), so that `network.handle.NetworkHandle` can name endpoints
without knowing the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from network.text import Text

if TYPE_CHECKING:
    from fabric_sdk.chaincode.package import ClientTls
    from network.plan import NetworkState
    from network.topology import Runtime, TopologySpec

NodeState = Literal["running", "starting", "stopped", "failed", "lapsed", "unknown"]
StatusKind = Literal["peer", "orderer", "contract", "ledger", "ca", "database"]


@runtime_checkable
class Progress(Protocol):
    """Where a long action tells how far it is; `baas.jobs.JobContext` satisfies it."""

    def progress(self, done: int, total: int, text: Text) -> None:
        """Report `done` of `total` units and what is being done."""

    def check_cancelled(self) -> None:
        """Raise `network.errors.Cancelled` when the person has asked to stop."""

    def log(self, text: Text | str) -> None:
        """Keep one line for the job's log."""


class Silent:
    """A `Progress` that tells nobody and is never cancelled."""

    def progress(self, done: int, total: int, text: Text) -> None:
        """Ignore the report."""

    def check_cancelled(self) -> None:
        """Never cancelled."""

    def log(self, text: Text | str) -> None:
        """Ignore the line."""


@dataclass(frozen=True)
class Step:
    """One idempotent step of a plan.

    `kind` and `target` say what to do to what; `id` is `kind:target` and stable between runs. `needs_restart` marks
    steps that interrupt a running node; `destructive` those that throw data away.
    """

    kind: str
    target: str
    title: Text
    params: Mapping[str, str] = field(default_factory=dict)
    needs_restart: bool = False
    destructive: bool = False

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.target}"


@dataclass(frozen=True)
class Capability:
    """Whether this machine can run the driver; `reason` and `hint` speak when it cannot."""

    available: bool
    version: str = ""
    reason: Text | None = None
    hint: Text | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NodeStatus:
    """One node now. `heights` maps channel to ledger height (blocks); `since` is seconds since the epoch.

    `lapsed`: it runs, but its certificates are outside their dates, so nobody can connect.
    """

    name: str
    kind: StatusKind
    msp_id: str
    address: str
    state: NodeState
    heights: Mapping[str, int] = field(default_factory=dict)
    detail: Text | None = None
    pid: int | None = None
    restarts: int = 0
    since: float | None = None
    real: bool = False
    """whether it runs Fabric's own program in a network whose other nodes are embedded"""

    @property
    def height(self) -> int | None:
        """The greatest ledger height over the node's channels, or None when it has none or does not answer."""
        return max(self.heights.values(), default=None)


@dataclass(frozen=True)
class NetworkStatus:
    """All nodes of a network now."""

    name: str
    runtime: Runtime
    nodes: tuple[NodeStatus, ...]

    @property
    def state(self) -> Literal["running", "partial", "stopped", "lapsed"]:
        """`running` when every node runs, `lapsed` when to none that runs anybody can connect, `stopped` when none
        runs, else `partial`."""
        running = sum(node.state == "running" for node in self.nodes)
        if running == 0:
            return "lapsed" if any(node.state == "lapsed" for node in self.nodes) else "stopped"
        return "running" if running == len(self.nodes) else "partial"


PER_PEER = "{{.contract_host}}:{{.contract_prefix}}"
"""How a package's address begins that every peer's own machine serves; two digits, the slot, follow."""


@dataclass(frozen=True)
class ContractService:
    """A contract that peers must be able to reach: its name, its Python module and its installed package."""

    name: str
    version: str
    label: str
    package_id: str
    module: str
    channel: str = ""
    address: str = ""
    """The package's address where it was made elsewhere (`PER_PEER` and a slot); empty for one of this machine's."""
    tls: bool = False
    """Whether the package asks for TLS (`Driver.contract_tls`); matters where it was made elsewhere."""


class Driver(Protocol):
    """What every runtime can do. Constructed as `Driver(directory, vault, …settings)`."""

    @property
    def runtime(self) -> Runtime:
        """The runtime's name."""

    def check(self, spec: TopologySpec) -> Capability:
        """Say whether this machine can run `spec`, without changing anything."""

    def plan(self, spec: TopologySpec, state: NetworkState) -> list[Step]:
        """Return the steps from what exists to `spec`, in order; an empty list when nothing is missing."""

    def apply(self, step: Step, ctx: Progress) -> None:
        """Do one step of the last plan; harmless when it is already done."""

    def status(self) -> NetworkStatus:
        """Return the state of every node; never raises because a node is down."""

    def logs(self, node: str, lines: int = 200) -> list[str]:
        """Return the last `lines` lines of a node's log, oldest first."""

    def start(self, node: str | None = None) -> None:
        """Start one node, or all of them, and return when they answer."""

    def stop(self, node: str | None = None) -> None:
        """Stop one node, or all of them, cleanly."""

    def destroy(self) -> None:
        """Stop everything and remove all that the driver has made; works on half-made networks too."""

    def contract_address(self, name: str, version: str) -> str:
        """Return the address template that belongs into the package's `connection.json`."""

    def contract_tls(self, name: str, version: str) -> ClientTls | None:
        """Return how peers reach that address over TLS, for the package too; None without. Asked after the address."""

    def seen_from_nodes(self) -> str:
        """Return the host by which this network's nodes reach a service on this machine; "" where nobody can know."""

    def serve_contract(self, service: ContractService, ctx: Progress) -> None:
        """Make an installed contract reachable for every peer; idempotent."""

    def stop_contract(self, package_id: str) -> None:
        """Stop serving a package that is not used any more."""
