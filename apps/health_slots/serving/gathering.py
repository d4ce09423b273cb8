"""A ledger through which a door hands over together what came to it in the same instant, hospital by hospital.

Bookings wait for others of their hospital for 20 ms at most, and only while something of it is on its way already:
with one person at the door nothing changes. Nobody waits for another's answer: gathering until one of a hospital's
transactions is back was measured (200 clients) and brought nothing. Each has an outcome of its own (`BookSlots`). When
the transaction as a whole comes to nothing, because somebody elsewhere was faster or two peers disagreed, everyone is
sent alone again in the order in which they came, so that one conflict harms one booking.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from apps.health_slots.cast import Part
from apps.health_slots.ledger import LedgerBlock, SlotLedger
from apps.health_slots.model import Receipt
from apps.health_slots.refusals import WORDS
from baas.errors import CityChainError, LedgerError, contract_refusal
from chaincode.health_slots.gathered import TOGETHER

WAIT_S = 0.02
FLIGHTS = 24
"""Transactions of a door under way at a time; what waits for one of them gathers meanwhile."""
SOLD_OUT_S = 2.0
"""How long a door answers by itself that a session is sold out, before somebody is let through to the ledger again."""


@dataclass(frozen=True)
class _Call:
    """One booking, as it would be sent alone."""

    part: Part
    function: str
    args: tuple[Any, ...]
    transient: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    only: str = ""
    done: Future[Receipt] = field(default_factory=Future, repr=False)

    @property
    def line(self) -> tuple[str, ...]:
        """With what it is sent together: its kind, who signs, and the hospital."""
        return self.function, self.part, str(self.args[0]).partition(".")[0], self.only

    @property
    def about(self) -> str:
        """The slot or hospital that it is about: of two about the same the first goes first."""
        return str(self.args[0])


@dataclass
class _Group:
    calls: list[_Call] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)


class GatheringLedger:
    """`SlotLedger` over another one."""

    def __init__(self, ledger: SlotLedger, *, left: Callable[[str], int] | None = None) -> None:
        self._ledger = ledger
        self._left = left
        """How many slots of a session may still be given, by an index that follows the ledger."""
        self._sold: dict[str, float] = {}
        self._lock = threading.Lock()
        self._open: dict[tuple[str, ...], _Group] = {}
        self._flying: dict[tuple[str, ...], int] = {}
        self._pool = ThreadPoolExecutor(FLIGHTS, thread_name_prefix="gathered")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def evaluate(
        self, part: Part, function: str, *args: Any, transient: Mapping[str, bytes] | None = None, only: str = ""
    ) -> Any:
        return self._ledger.evaluate(part, function, *args, transient=transient, only=only)

    def submit(
        self, part: Part, function: str, *args: Any, transient: Mapping[str, bytes] | None = None, only: str = ""
    ) -> Receipt:
        if function not in _TOGETHER:
            return self._ledger.submit(part, function, *args, transient=transient, only=only)
        return self.begin(part, function, *args, transient=transient, only=only).result()

    def msp_of(self, part: Part) -> str:
        return self._ledger.msp_of(part)

    def height(self) -> int:
        return self._ledger.height()

    def blocks(self, start: int, stop: int | None = None) -> Iterator[LedgerBlock]:
        return self._ledger.blocks(start, stop)

    def begin(
        self, part: Part, function: str, *args: Any, transient: Mapping[str, bytes] | None = None, only: str = ""
    ) -> Future[Receipt]:
        """Start a booking (`BookSlot`); its receipt comes later."""
        call = _Call(part, function, args, dict(transient or {}), only)
        if function == "BookSlot" and self._is_sold_out(call.about):
            call.done.set_exception(contract_refusal("SLOT_TAKEN", f"slot {call.about} is taken", WORDS))
            return call.done
        line, fresh = call.line, None
        with self._lock:
            group = self._open.get(line)
            if group is None:
                group = fresh = self._open[line] = _Group()
            group.calls.append(call)
            if len(group.calls) == TOGETHER:
                del self._open[line]
                group.go.set()
        if fresh is not None:
            self._pool.submit(self._fly, line, fresh)
        return call.done

    def _fly(self, line: tuple[str, ...], group: _Group) -> None:
        with self._lock:
            alone = line not in self._flying
        if not alone:
            group.go.wait(WAIT_S)
        with self._lock:
            if self._open.get(line) is group:
                del self._open[line]
            self._flying[line] = self._flying.get(line, 0) + 1
        try:
            self._send(group.calls)
        finally:
            with self._lock:
                self._flying[line] -= 1
                if not self._flying[line]:
                    del self._flying[line]
                waiting = self._open.get(line)
                if waiting is not None:
                    waiting.go.set()

    def _send(self, calls: Sequence[_Call]) -> None:
        if len(calls) == 1:
            self._send_alone(calls)
            return
        first = calls[0]
        function, arguments = _TOGETHER[first.function]
        try:
            args, transient = arguments(calls)
            receipt = self._ledger.submit(first.part, function, *args, transient=transient, only=first.only)
            told = [_told(receipt, outcome) for _, outcome in zip(calls, receipt.result, strict=True)]
        except LedgerError as error:
            if error.stage == "endorse" or error.code.endswith("_conflict"):
                self._one_by_one(calls)
            else:
                _fail(calls, error)
        except BaseException as error:
            _fail(calls, error)
            raise
        else:
            for call, one in zip(calls, told, strict=True):
                if isinstance(one, Receipt):
                    call.done.set_result(one)
                else:
                    self._fail_one(call, one)

    def _fail_one(self, call: _Call, error: BaseException) -> None:
        if isinstance(error, LedgerError) and error.code == "slot_taken":
            self._look_whether_sold_out(call.about)
        call.done.set_exception(error)

    def _one_by_one(self, calls: Sequence[_Call]) -> None:
        """Everyone alone, at the same time except where they want the same."""
        queues: dict[str, list[_Call]] = {}
        for call in calls:
            queues.setdefault(call.about, []).append(call)
        for queue in queues.values():
            self._pool.submit(self._send_alone, queue)

    def _send_alone(self, calls: Sequence[_Call]) -> None:
        for call in calls:
            try:
                call.done.set_result(
                    self._ledger.submit(call.part, call.function, *call.args, transient=call.transient, only=call.only)
                )
            except BaseException as error:
                self._fail_one(call, error)
                if not isinstance(error, Exception):
                    raise

    # Sold out

    def _is_sold_out(self, slot: str) -> bool:
        return self._sold.get(slot.rpartition(".")[0], 0.0) > time.monotonic()

    def _look_whether_sold_out(self, slot: str) -> None:
        session = slot.rpartition(".")[0]
        try:
            left = self._left(session) if self._left is not None else 1
        except CityChainError:  # the index does not know it yet
            return
        if not left:
            if len(self._sold) > 10_000:
                self._sold.clear()
            self._sold[session] = time.monotonic() + SOLD_OUT_S


def _told(receipt: Receipt, outcome: Mapping[str, Any]) -> Receipt | LedgerError:
    """One call's part of what the contract answered to a group."""
    refused = outcome.get("refused")
    if refused is not None:
        return contract_refusal(refused["code"], refused["message"], WORDS)
    (result,) = outcome.values()
    return Receipt(receipt.tx_id, receipt.block, result)


def _fail(calls: Sequence[_Call], error: BaseException) -> None:
    for call in calls:
        if not call.done.done():
            call.done.set_exception(error)


def _bookings(calls: Sequence[_Call]) -> tuple[tuple[Any, ...], Mapping[str, bytes]]:
    names = ("slot", "resident", "payer", "ticket")
    return ([dict(zip(names, call.args, strict=False)) for call in calls],), {}


_TOGETHER: Mapping[str, tuple[str, Callable[[Sequence[_Call]], tuple[tuple[Any, ...], Mapping[str, bytes]]]]] = {
    "BookSlot": ("BookSlots", _bookings),
}
