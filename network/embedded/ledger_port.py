"""The ledger as a contract in this process sees it: fabric_sdk's LedgerPort over a simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from fabric_sdk.chaincode.errors import PeerError
from fabric_sdk.chaincode.ledger import ERROR, KeyModification, KeyValue, Page, QueryMetadata, Response, Results
from network.embedded.faults import Refusal
from network.embedded.simulator import Batches, Simulation
from network.embedded.state_view import KeyedValue

Invoke = Callable[[Simulation, str, Sequence[bytes], str], Response]
"""Call another chaincode: simulation of the caller, name, arguments, channel ("" for the caller's)."""


class SimulationPort:
    """One chaincode's view of a simulation. Refusals become PeerError with the text that Fabric's peer sends."""

    def __init__(self, simulation: Simulation, namespace: str, invoke: Invoke) -> None:
        self._simulation = simulation
        self._namespace = namespace
        self._invoke = invoke

    def get_state(self, collection: str, key: str) -> bytes:
        if not collection:
            return self._simulation.get_state(self._namespace, key) or b""
        with self._operation("GET_STATE"):
            self._simulation.check_creator(self._namespace, collection, "read")
            return self._simulation.get_private(self._namespace, collection, key) or b""

    def get_states(self, collection: str, keys: Sequence[str]) -> list[bytes]:
        return [self.get_state(collection, key) for key in keys]

    def put_state(self, collection: str, key: str, value: bytes) -> None:
        with self._operation("PUT_STATE"):
            self._put(collection, key, value)

    def del_state(self, collection: str, key: str) -> None:
        with self._operation("DEL_STATE"):
            self._put(collection, key, None)

    def _put(self, collection: str, key: str, value: bytes | None) -> None:
        if collection:
            self._simulation.check_creator(self._namespace, collection, "write")
            self._simulation.put_private(self._namespace, collection, key, value)
        else:
            self._simulation.put_state(self._namespace, key, value)

    def purge_private_data(self, collection: str, key: str) -> None:
        with self._operation("PURGE_PRIVATE_DATA"):
            if not collection:
                raise Refusal("only applicable for private data")
            self._simulation.check_creator(self._namespace, collection, "write")
            self._simulation.put_private(self._namespace, collection, key, None, purge=True)

    def get_private_data_hash(self, collection: str, key: str) -> bytes:
        with self._operation("GET_PRIVATE_DATA_HASH"):
            return self._simulation.get_private_hash(self._namespace, collection, key) or b""

    def get_state_metadata(self, collection: str, key: str) -> Mapping[str, bytes]:
        with self._operation("GET_STATE_METADATA"):
            if collection:
                self._simulation.check_creator(self._namespace, collection, "read")
                return self._simulation.get_private_metadata(self._namespace, collection, key)
            return self._simulation.get_metadata(self._namespace, key)

    def put_state_metadata(self, collection: str, key: str, name: str, value: bytes) -> None:
        with self._operation("PUT_STATE_METADATA"):
            if collection:
                self._simulation.check_creator(self._namespace, collection, "write")
                self._simulation.put_private_metadata(self._namespace, collection, key, {name: value})
            else:
                self._simulation.put_metadata(self._namespace, key, {name: value})

    def get_state_by_range(self, collection: str, start: str, end: str, page: Page | None = None) -> Results[KeyValue]:
        with self._operation("GET_STATE_BY_RANGE"):
            if collection:
                self._simulation.check_creator(self._namespace, collection, "read")
                items = self._simulation.private_range(self._namespace, collection, start, end)
                return self._results("GET_STATE_BY_RANGE", items)
            if page is None or (not page.size and not page.bookmark):
                return self._results("GET_STATE_BY_RANGE", self._simulation.range(self._namespace, start, end))
            scan = self._simulation.range_page(self._namespace, page.bookmark or start, end, page.size)
            # The peer stops at the page's size without asking for more: the range then ends at the last key read.
            found = [item for _, item in zip(range(page.size), scan, strict=False)] if page.size else list(scan)
            metadata = QueryMetadata(len(found), scan.bookmark())
            return Results(self._key_values(iter(found)), metadata=metadata)

    def get_query_result(self, collection: str, query: str, page: Page | None = None) -> Results[KeyValue]:
        with self._operation("GET_QUERY_RESULT"):
            if collection:
                self._simulation.check_creator(self._namespace, collection, "read")
                private = self._simulation.private_rich_query(self._namespace, collection, query)
                return self._results("GET_QUERY_RESULT", private)
            if page is None or (not page.size and not page.bookmark):
                return self._results("GET_QUERY_RESULT", self._simulation.rich_query(self._namespace, query))
            items, bookmark = self._simulation.rich_query_page(self._namespace, query, page.size, page.bookmark)
            return Results(self._key_values(iter(items)), metadata=QueryMetadata(len(items), bookmark))

    def get_history_for_key(self, key: str) -> Results[KeyModification]:
        with self._operation("GET_HISTORY_FOR_KEY"):
            return Results(iter(Batches(self._simulation.history(self._namespace, key))))

    def invoke_chaincode(self, name: str, args: Sequence[bytes], channel: str) -> Response:
        try:
            return self._invoke(self._simulation, name, args, channel)
        except Refusal as e:
            # As the official shims: the peer's refusal is the answer, and the caller may go on.
            return Response(ERROR, f"INVOKE_CHAINCODE failed: transaction ID: {self._simulation.tx_id}: {e}")

    def _results(self, operation: str, items: Iterator[KeyedValue]) -> Results[KeyValue]:
        batches = Batches(items)
        # The peer reads the first batch as soon as it is asked, whether or not the contract looks at it.
        first, more = batches.next_batch()

        def rest() -> Iterator[KeyedValue]:
            yield from first
            if more:
                with self._operation(operation):
                    yield from batches

        return Results(self._key_values(rest()))

    def _key_values(self, items: Iterator[KeyedValue]) -> Iterator[KeyValue]:
        for item in items:
            yield KeyValue(self._namespace, item.key, item.value)

    @contextmanager
    def _operation(self, name: str) -> Iterator[None]:
        try:
            yield
        except Refusal as e:
            raise PeerError(f"{name} failed: transaction ID: {self._simulation.tx_id}: {e}") from e
