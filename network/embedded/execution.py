"""Running chaincodes: contracts in this process, contracts reached over CCaaS, and calls between them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from fabric_sdk.bounded import BoundedCache
from fabric_sdk.chaincode.ledger import Chaincode, Invocation, Response
from network.embedded.apart import Apart, Lease
from network.embedded.channel import Channel
from network.embedded.definitions import LIFECYCLE, NAMESPACES, field_key
from network.embedded.faults import NeedsTask, Refusal
from network.embedded.ledger_port import SimulationPort
from network.embedded.packages import FILLED_IN, IN_PROCESS
from network.embedded.peer import SYSTEM_CHAINCODES, Peer
from network.embedded.simulator import Simulation
from network.embedded.watchdog import TimedOut, Watchdog

EXECUTE_TIMEOUT = 30.0
"""Seconds that one execution may take (Fabric's chaincode.executetimeout)."""
OWN_THREAD_SECONDS = 0.5
"""Seconds that a contract may hold the node's own thread; then it begins again in a thread of its own."""
_REMEMBERED_SECONDS = 60.0
INITIALIZED_KEY = "\x00\U0010ffffinitialized"
STREAM_TERMINATED = "chaincode stream terminated"
TIMED_OUT = "timeout expired while executing transaction"
_MAX_CALL_DEPTH = 32


class TookTooLong(Refusal):
    """A contract of this process has used up its time; every other peer here would see the same."""


class NeedsOwnSnapshot(BaseException):
    """The simulation has to wait for something outside, or takes long: run it again on a snapshot of its own.

    Not an Exception, so that no contract takes it for an error of its own.
    """


class Remote(Protocol):
    """Chaincodes that other processes serve."""

    async def execute(self, run: Run, package_id: str, invocation: Invocation, init: bool) -> Response: ...


@dataclass(frozen=True, slots=True)
class Run:
    """One simulation on one peer. `detached` ones have a snapshot of their own (`lease`) and may wait."""

    peer: Peer
    channel: Channel
    simulation: Simulation
    namespace: str
    invocation: Invocation
    detached: bool
    depth: int = 0
    lease: Lease | None = None
    retried: bool = False
    """whether it was tried in the node's own thread because others had found it quick"""


class Executor:
    """Executes chaincodes for all peers of the node. `contracts` maps package labels' names to chaincodes."""

    def __init__(
        self,
        contracts: Mapping[str, Chaincode],
        remote: Remote,
        channels: Mapping[str, Channel],
        seconds: float = EXECUTE_TIMEOUT,
    ) -> None:
        self.contracts = dict(contracts)
        self._remote = remote
        self._channels = channels
        self._apart = Apart(seconds)
        self._watchdog = Watchdog(min(OWN_THREAD_SECONDS, seconds))
        # When each contract's function may run in the node's own thread (again).
        self._quick: BoundedCache[tuple[str, bytes], float] = BoundedCache(4096)
        self._loop: asyncio.AbstractEventLoop | None = None

    def close(self) -> None:
        self._apart.close()
        self._watchdog.close()

    def is_remote(self, peer: Peer, channel: Channel, name: str) -> bool:
        """Whether a chaincode is served by another process, so that its simulation must be detached."""
        definition = channel.definition(channel.view, name)
        if definition is None:
            return False
        package_id = peer.approved_package(channel, name, definition.sequence)
        return bool(package_id) and self._contract(peer, str(package_id)) is None

    async def execute(self, run: Run, init: bool = False) -> Response:
        """Execute a chaincode in a simulation. Refusal for what Fabric calls an error in simulation."""
        self._loop = asyncio.get_running_loop()
        package_id = self._prepare(run, init)
        contract = self._contract(run.peer, package_id)
        if contract is None:
            if not run.detached:
                raise NeedsOwnSnapshot
            _require_task()
            return await self._remote.execute(run, package_id, run.invocation, init)
        if run.detached:
            _require_task()
            return await self._run_apart(run, package_id, contract, init)
        function = _function(run, package_id)
        if not self._is_quick(function):
            raise NeedsOwnSnapshot
        try:
            with self._watchdog.limit():
                return self._call(run, contract, init)
        except TimedOut as e:
            self._quick.put(function, time.monotonic() + _REMEMBERED_SECONDS)
            raise NeedsOwnSnapshot from e

    def _is_quick(self, function: tuple[str, bytes]) -> bool:
        """Whether a contract's function may run in the node's own thread: once it has returned soon from another."""
        since = self._quick.get(function)
        return since is not None and since <= time.monotonic()

    async def _run_apart(self, run: Run, package_id: str, contract: Chaincode, init: bool) -> Response:
        assert run.lease is not None
        run.lease.take()
        function = _function(run, package_id)
        # Hundreds may wait for the first call of a function; once that has returned soon they need no thread.
        again = run.retried or run.depth or self._is_quick(function)
        needed = (lambda: True) if again else (lambda: not self._is_quick(function))
        try:
            response, seconds = await self._apart.run(
                partial(self._timed, run, contract, init), run.lease.release, needed, run.simulation.creator
            )
            if function not in self._quick and seconds < OWN_THREAD_SECONDS:
                self._quick.put(function, time.monotonic())
            return response
        except TimedOut as e:
            raise TookTooLong(
                f"error in simulation: failed to execute transaction {run.simulation.tx_id}: error sending: {TIMED_OUT}"
            ) from e

    def _timed(self, run: Run, contract: Chaincode, init: bool) -> tuple[Response, float]:
        """The response and how long it took, without what it waited for a thread."""
        began = time.monotonic()
        response = self._call(run, contract, init)
        return response, time.monotonic() - began

    def _call(self, run: Run, contract: Chaincode, init: bool) -> Response:
        def invoke(_: Simulation, name: str, args: Sequence[bytes], channel: str) -> Response:
            return self._invoke_from_contract(run, name, args, channel)

        port = SimulationPort(run.simulation, run.namespace, invoke)
        try:
            return contract.init(run.invocation, port) if init else contract.invoke(run.invocation, port)
        except SystemExit as e:
            # What would end a contract's own process must not end the node.
            raise Refusal(
                f"error in simulation: failed to execute transaction {run.simulation.tx_id}: error sending:"
                f" {STREAM_TERMINATED}"
            ) from e

    def _contract(self, peer: Peer, package_id: str) -> Chaincode | None:
        """The contract of this process for a package labelled NAME_VERSION; None for one that names an address."""
        package = peer.packages.package(package_id)
        if package is not None and package.address != IN_PROCESS and not package.address.startswith(FILLED_IN):
            return None
        label = package_id.rpartition(":")[0]
        return self.contracts.get(label) or self.contracts.get(label.rpartition("_")[0])

    # Calls between chaincodes

    def _invoke_from_contract(self, run: Run, name: str, args: Sequence[bytes], channel: str) -> Response:
        """A contract of this process calls another chaincode; it may only wait if it runs in a thread."""
        callee = self.callee(run, name, args, channel)
        definition = callee.channel.definition(callee.simulation.view, callee.namespace)
        package_id = (
            callee.peer.approved_package(callee.channel, callee.namespace, definition.sequence) if definition else None
        )
        if package_id and self._contract(callee.peer, package_id) is None:
            if not run.detached:
                raise NeedsOwnSnapshot
            assert self._loop is not None
            waiting = asyncio.run_coroutine_threadsafe(self.execute(callee), self._loop)
            return waiting.result(EXECUTE_TIMEOUT)
        contract = self._contract(callee.peer, self._prepare(callee, init=False))
        assert contract is not None
        return self._call(callee, contract, init=False)

    def callee(self, run: Run, name: str, args: Sequence[bytes], channel_id: str) -> Run:
        """The run of a chaincode that `run` calls; in another channel its writes count for nothing."""
        if run.depth >= _MAX_CALL_DEPTH:
            raise Refusal("chaincodes call each other too deeply")
        if not channel_id and "/" in name:
            name, _, channel_id = name.partition("/")
        name = name.partition(":")[0]
        channel, simulation = run.channel, run.simulation
        if channel_id and channel_id != channel.channel_id:
            other = run.peer.joined.get(channel_id)
            if other is None:
                raise Refusal(f"failed to find ledger for channel: {channel_id}")
            channel, view = other, other.view
            if run.lease is not None:
                view = other.store.snapshot()
                run.lease.add(partial(other.store.done, view))
            simulation = Simulation(
                other,
                view,
                simulation.tx_id,
                simulation.creator,
                simulation.peer_msp_id,
                simulation.peer_identity,
                simulation.rich_queries,
            )
        if name in SYSTEM_CHAINCODES:
            raise Refusal(f"Rejecting invoke of {name.upper()} from another chaincode")
        invocation = replace(run.invocation, channel_id=channel.channel_id, args=tuple(args))
        return Run(run.peer, channel, simulation, name, invocation, run.detached, run.depth + 1, run.lease)

    # Before a call

    def _prepare(self, run: Run, init: bool) -> str:
        """Check definition, approval, package and initialisation; return the package id. Notes Fabric's reads."""
        name, channel, simulation = run.namespace, run.channel, run.simulation
        definition = channel.definition(simulation.view, name)
        if definition is None:
            # Fabric looks in both lifecycles before it gives up, and that is in the read set.
            simulation.builder.namespace(LIFECYCLE).reads[field_key(NAMESPACES, name, "Sequence")] = None
            simulation.builder.namespace("lscc").reads[name] = None
            raise Refusal(_not_found(run, f"chaincode {name} not found"))
        simulation.read_sequence(definition)
        package_id = run.peer.approved_package(channel, name, definition.sequence)
        if package_id is None:
            raise Refusal(
                _not_found(
                    run,
                    f"chaincode definition for '{name}' at sequence {definition.sequence} on channel"
                    f" '{channel.channel_id}' has not yet been approved by this org",
                )
            )
        if not package_id or package_id not in run.peer.packages:
            raise Refusal(_not_found(run, f"chaincode definition for '{name}' exists, but chaincode is not installed"))
        self._check_initialized(simulation, name, definition.version, definition.init_required, init)
        return package_id

    @staticmethod
    def _check_initialized(simulation: Simulation, name: str, version: str, required: bool, init: bool) -> None:
        prefix = f"error in simulation: failed to execute transaction {simulation.tx_id}: invalid invocation: "
        pending = required and simulation.get_state(name, INITIALIZED_KEY) != version.encode()
        if init:
            if not required:
                raise Refusal(f"{prefix}chaincode '{name}' does not require initialization but called as init")
            if not pending:
                raise Refusal(f"{prefix}chaincode '{name}' is already initialized but called as init")
            simulation.put_state(name, INITIALIZED_KEY, version.encode())
        elif pending:
            raise Refusal(
                f"{prefix}chaincode '{name}' has not been initialized for this version, must call as init first"
            )


def _require_task() -> None:
    """Waiting with a time limit takes a task."""
    if asyncio.current_task() is None:
        raise NeedsTask


def _function(run: Run, package_id: str) -> tuple[str, bytes]:
    """What is remembered as quick or slow: the package and the function that a call names."""
    return package_id, bytes(run.invocation.args[0][:256]) if run.invocation.args else b""


def _not_found(run: Run, reason: str) -> str:
    if run.depth:
        return (
            f"execute failed: invalid invocation: [channel {run.channel.channel_id}] failed to get chaincode container"
            f" info for {run.namespace}: {reason}"
        )
    return (
        f"make sure the chaincode {run.namespace} has been successfully defined on channel {run.channel.channel_id}"
        f" and try again: {reason}"
    )
