"""One recorded call made again: the same transaction id, moment, caller and arguments, on another state.

The contract sees what it saw then, so that what comes out otherwise is the version's doing. What no block holds
(transient data) or this machine may not hold (private data of others) is noted when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fabric_sdk import clock
from fabric_sdk import policy as policies
from fabric_sdk.chaincode.ledger import ERROR_THRESHOLD, Chaincode, Invocation, KeyModification, Response
from fabric_sdk.chaincode.sealing import KeyFolder, SealingKeys
from fabric_sdk.errors import FabricError
from network.branching.committer import Committer
from network.embedded import mango
from network.embedded.block_reading import key_history
from network.embedded.definitions import Definition
from network.embedded.faults import Refusal
from network.embedded.ledger_port import SimulationPort
from network.embedded.peer import SYSTEM_CHAINCODES
from network.embedded.simulator import Simulation
from network.embedded.state_view import KeyedValue, StateView
from network.embedded.transactions import Transaction
from network.embedded.watchdog import TimedOut, Watchdog

_UNAVAILABLE = "private data matching public hash version is not available"
_NO_KEY = "KEY_FILE_MISSING"


class Rehearsed:
    """The channel as a rehearsal's simulations see it (simulator.Channel): the definition tried is in force in it."""

    def __init__(self, committer: Committer, tried: Definition) -> None:
        self.channel_id = committer.channel_id
        self._committer = committer
        self._tried = replace(tried, reads=(), sequence_version=None)

    def definition(self, view: StateView, name: str) -> Definition | None:
        if name == self._tried.name:
            return self._tried
        found = self._committer.definition(view, name)
        return None if found is None else replace(found, reads=(), sequence_version=None)

    def organizations(self) -> frozenset[str]:
        return self._committer.config.application_msp_ids

    def has_key_policies(self, namespace: str) -> bool:
        return self._committer.has_key_policies(namespace)

    def is_collection_member(self, policy: bytes, serialized_identity: bytes) -> bool:
        msps = self._committer.config.msps
        try:
            return policies.compile(policy).evaluate([msps.validate(serialized_identity)], msps)
        except FabricError:
            return False

    def key_history(self, view: StateView, namespace: str, key: str) -> Iterator[KeyModification]:
        return key_history(view, namespace, key)

    def rich_query(self, view: StateView, namespace: str, collection: str, query: str) -> Iterator[KeyedValue]:
        return mango.run(view, namespace, collection, query)

    def rich_query_page(
        self, view: StateView, namespace: str, query: str, size: int, bookmark: str
    ) -> tuple[list[KeyedValue], str]:
        return mango.run_page(view, namespace, query, size, bookmark)


@dataclass
class Noted:
    """What a call asked for that was not there."""

    private: bool = False
    transient: bool = False
    sealed: bool = False


class _Transient(Mapping[str, bytes]):
    """Empty, as blocks hold no transient data; notes that somebody looked."""

    def __init__(self, noted: Noted) -> None:
        self._noted = noted

    def __getitem__(self, key: str) -> bytes:
        self._noted.transient = True
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        self._noted.transient = True
        return iter(())

    def __len__(self) -> int:
        return 0


class _Sealing(KeyFolder):
    """The branch's key files; notes that they were used, since what they seal is not what the origin's sealed."""

    def __init__(self, folder: KeyFolder | None, noted: Noted) -> None:
        self._inner = folder
        self._noted = noted

    def now(self) -> SealingKeys:
        self._noted.sealed = True
        return SealingKeys() if self._inner is None else self._inner.now()


class _Simulation(Simulation):
    """Notes private data that are not here."""

    noted: Noted

    def get_private(self, namespace: str, collection: str, key: str) -> bytes | None:
        try:
            return super().get_private(namespace, collection, key)
        except Refusal as e:
            self.noted.private = self.noted.private or _UNAVAILABLE in str(e)
            raise

    def private_range(self, namespace: str, collection: str, start: str, end: str) -> Iterator[KeyedValue]:
        self.noted.private = self.noted.private or not self._whole(namespace, collection)
        return super().private_range(namespace, collection, start, end)

    def private_rich_query(self, namespace: str, collection: str, query: str) -> Iterator[KeyedValue]:
        self.noted.private = self.noted.private or not self._whole(namespace, collection)
        return super().private_rich_query(namespace, collection, query)

    def _whole(self, namespace: str, collection: str) -> bool:
        """Whether every key of a collection that the channel knows of is here."""
        counts = [
            next(iter(self.view.query(f"SELECT count(*) FROM {table} WHERE namespace = ? AND collection = ?", place)))
            for table in ("hashed_state", "private_state")
            for place in ((namespace, collection),)
        ]
        return counts[0] == counts[1]


@dataclass
class Made:
    """What came of a call: response, results (TxReadWriteSet) and private write sets; `noted` says what it missed."""

    response: Response
    results: bytes = b""
    private: dict[tuple[str, str], bytes] = field(default_factory=dict)
    noted: Noted = field(default_factory=Noted)


class Maker:
    """Makes recorded calls again with the contracts in `chaincodes` (by name)."""

    def __init__(
        self,
        channel: Rehearsed,
        view: StateView,
        chaincodes: Callable[[str], Chaincode | None],
        keys: Mapping[str, KeyFolder],
        rich_queries: frozenset[str],
        seconds: float = 30.0,
    ) -> None:
        """`keys` and `rich_queries` (those whose peers answer them) are by MSP id; a call may take `seconds`."""
        self._channel = channel
        self._view = view
        self._chaincodes = chaincodes
        self._keys = keys
        self._rich = rich_queries
        self._watchdog = Watchdog(seconds)

    def close(self) -> None:
        """End the watch over the time."""
        self._watchdog.close()

    def make(self, recorded: Transaction, peer_msp_id: str, peer_identity: bytes) -> Made:
        """Make a recorded call again, as the peer that endorsed it then."""
        assert recorded.view is not None and recorded.action is not None
        header, noted = recorded.view.header, Noted()
        simulation = _Simulation(
            self._channel,
            self._view,
            recorded.tx_id,
            header.creator,
            peer_msp_id,
            peer_identity,
            peer_msp_id in self._rich,
        )
        simulation.noted = noted
        assert header.timestamp is not None
        invocation = Invocation(
            header.channel_id,
            recorded.tx_id,
            header.timestamp,
            header.creator,
            recorded.action.args,
            _Transient(noted),
            b"",
            peer_msp_id,
            {},
            _Sealing(self._keys.get(peer_msp_id), noted),
        )
        name = recorded.action.chaincode
        try:
            # Contracts hold a transaction's time against their peer's clock: it is then, not now.
            with clock.recalled(header.timestamp), self._watchdog.limit():
                response = self._call(simulation, name, invocation, recorded.action.is_init)
        except Refusal as e:
            response = Response(500, str(e))
        except TimedOut:
            response = Response(500, "timeout expired while executing transaction")
        noted.private = noted.private or (noted.sealed and _NO_KEY in response.message)
        if response.status >= ERROR_THRESHOLD:
            return Made(response, noted=noted)
        simulation.close_ranges()
        private = simulation.builder.private_write_sets()
        return Made(response, simulation.builder.public(private), private, noted)

    def _call(self, simulation: Simulation, name: str, invocation: Invocation, init: bool = False) -> Response:
        chaincode = self._chaincodes(name)
        if chaincode is None:
            raise Refusal(f"chaincode {name} is not run by this program")

        def invoke(_: Simulation, callee: str, args: Sequence[bytes], channel: str) -> Response:
            callee = callee.partition(":")[0]
            if channel not in ("", self._channel.channel_id) or callee in SYSTEM_CHAINCODES:
                raise Refusal(f"{callee} cannot be called in a rehearsal")
            return self._call(simulation, callee, replace(invocation, args=tuple(args)))

        port: Any = SimulationPort(simulation, name, invoke)
        try:
            return chaincode.init(invocation, port) if init else chaincode.invoke(invocation, port)
        except SystemExit:
            return Response(500, "the contract ended its process")
