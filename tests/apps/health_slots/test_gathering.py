"""A door that hands over together what came in the same instant: order, outcomes, conflicts, and who waits for whom."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any

import pytest

from apps.health_slots.model import Receipt
from apps.health_slots.serving.gathering import GatheringLedger
from baas.errors import LedgerError, NotFound, Text, contract_refusal
from chaincode.health_slots.gathered import TOGETHER

BOOK, DEPOSIT = "BookSlot", "DepositIdentity"


class Ledger:
    """Notes what is sent; the first call is held until `free` is set, so that others gather behind it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, tuple[Any, ...]]] = []
        self.free, self.first = threading.Event(), threading.Event()
        self.answer: Callable[[str, tuple[Any, ...]], list[Any]] = self.all_booked
        self.lock = threading.Lock()

    def all_booked(self, function: str, args: tuple[Any, ...]) -> list[Any]:
        if function == "BookSlots":
            return [{"booked": {"slot": one["slot"], "resident": one["resident"]}} for one in args[0]]
        return [{"kept": resident} for resident in args[1]]

    def submit(self, part: str, function: str, *args: Any, transient: Any = None, only: str = "") -> Receipt:
        with self.lock:
            self.sent.append((function, args))
        if not self.first.is_set():
            self.first.set()
            assert self.free.wait(30)
        if function in (BOOK, DEPOSIT):
            return Receipt(f"tx-{args[0]}", 7, {"slot": args[0], "resident": args[1]})
        return Receipt(f"tx{len(self.sent)}", 8, self.answer(function, args))

    def evaluate(self, *_: Any, **__: Any) -> Any:
        return None


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def together(ledger: Ledger, door: GatheringLedger, slots: list[str]) -> list[Future[Receipt]]:
    """One booking that is on its way, and the others that come meanwhile."""
    first = door.begin("portal", BOOK, slots[0], "R0")
    assert ledger.first.wait(30)
    rest = [door.begin("portal", BOOK, slot, f"R{n}") for n, slot in enumerate(slots[1:], 1)]
    ledger.free.set()
    return [first, *rest]


def test_who_comes_alone_is_sent_alone_and_at_once(ledger: Ledger) -> None:
    ledger.free.set()
    door = GatheringLedger(ledger)
    assert door.submit("portal", BOOK, "H1.S.001", "R1").result == {"slot": "H1.S.001", "resident": "R1"}
    assert ledger.sent == [(BOOK, ("H1.S.001", "R1"))]


def test_a_full_group_leaves_in_the_order_in_which_they_came_hospital_by_hospital(ledger: Ledger) -> None:
    door = GatheringLedger(ledger)
    slots = ["H1.S.001", *(f"H1.S.{n:03d}" for n in range(2, TOGETHER + 2)), "H2.S.001"]
    done = together(ledger, door, slots)
    assert [one.result(30).result["slot"] for one in done] == slots
    (group,) = [args[0] for function, args in ledger.sent if function == "BookSlots"]
    assert [one["slot"] for one in group] == slots[1 : TOGETHER + 1]
    assert (BOOK, ("H2.S.001", f"R{TOGETHER + 1}")) in ledger.sent
    assert len({one.result().tx_id for one in done[1 : TOGETHER + 1]}) == 1


def test_nobody_waits_for_the_answer_that_another_waits_for(ledger: Ledger) -> None:
    """Two slow answers hold up nobody behind them (before: half a second, until one of the two was back)."""
    held, came = threading.Event(), threading.Semaphore(0)

    def submit(part: str, function: str, *args: Any, **_: Any) -> Receipt:
        first = args[0] if function == BOOK else args[0][0]["slot"]
        if first in ("H1.S.000", "H1.S.001"):
            came.release()
            assert held.wait(30)
        result = {"slot": args[0], "resident": args[1]} if function == BOOK else ledger.all_booked(function, args)
        return Receipt(f"tx-{first}", 7, result)

    ledger.submit = submit  # type: ignore[method-assign]
    door = GatheringLedger(ledger)
    stuck = []
    for number in range(2):
        stuck.append(door.begin("portal", BOOK, f"H1.S.{number:03d}", f"R{number}"))
        assert came.acquire(timeout=30)
    later = [door.begin("portal", BOOK, f"H1.S.{number:03d}", f"R{number}") for number in range(2, 7)]
    assert [one.result(30).result["slot"] for one in later] == [f"H1.S.{number:03d}" for number in range(2, 7)]
    assert not any(one.done() for one in stuck)
    held.set()
    assert [one.result(30).result["slot"] for one in stuck] == ["H1.S.000", "H1.S.001"]


def test_one_that_is_refused_harms_no_other(ledger: Ledger) -> None:
    def answer(function: str, args: tuple[Any, ...]) -> list[Any]:
        found = ledger.all_booked(function, args)
        found[1] = {"refused": {"code": "SLOT_TAKEN", "message": "slot was taken", "status": 409}}
        return found

    ledger.answer = answer
    door = GatheringLedger(ledger)
    done = together(ledger, door, [f"H1.S.{n:03d}" for n in range(TOGETHER + 1)])
    wait(done, 30)
    refused = [n for n, one in enumerate(done) if one.exception()]
    assert refused == [2]
    error = done[2].exception()
    assert isinstance(error, LedgerError) and (error.code, error.stage) == ("slot_taken", "endorse")


@pytest.mark.parametrize(
    ("code", "stage"), [("mvcc_read_conflict", "commit"), ("not_found", "endorse"), ("phantom_read_conflict", "commit")]
)
def test_after_a_conflict_everyone_is_sent_alone(ledger: Ledger, code: str, stage: str) -> None:
    """Two want the same slot: the first of them is the first."""

    def conflict(function: str, args: tuple[Any, ...]) -> list[Any]:
        raise LedgerError(Text("冲突", "a conflict"), code=code, stage=stage)

    ledger.answer = conflict
    door = GatheringLedger(ledger)
    slots = ["H1.S.100", *(f"H1.S.{n // 2:03d}" for n in range(TOGETHER))]
    done = together(ledger, door, slots)
    assert [one.result(30).result["slot"] for one in done] == slots
    alone = [args for function, args in ledger.sent if function == BOOK]
    assert len(alone) == TOGETHER + 1
    for n in range(0, TOGETHER, 2):
        same = [args[1] for args in alone if args[0] == f"H1.S.{n // 2:03d}"]
        assert same == [f"R{n + 1}", f"R{n + 2}"]


def test_what_may_have_been_committed_is_never_sent_again(ledger: Ledger) -> None:
    def lost(function: str, args: tuple[Any, ...]) -> list[Any]:
        raise LedgerError(Text("不知", "unknown"), code="commit_status_unknown", stage="commit")

    ledger.answer = lost
    door = GatheringLedger(ledger)
    done = together(ledger, door, [f"H1.S.{n:03d}" for n in range(TOGETHER + 1)])
    wait(done, 30)
    assert [one.exception() is None for one in done] == [True, *[False] * TOGETHER]
    assert [function for function, _ in ledger.sent] == [BOOK, "BookSlots"]


def test_a_defect_leaves_nobody_waiting(ledger: Ledger) -> None:
    ledger.answer = lambda function, args: [{"booked": {}}]  # fewer outcomes than bookings
    door = GatheringLedger(ledger)
    done = together(ledger, door, [f"H1.S.{n:03d}" for n in range(TOGETHER + 1)])
    finished, waiting = wait(done, 30)
    assert not waiting and len(finished) == TOGETHER + 1


def test_the_door_answers_itself_once_a_session_is_sold_out(ledger: Ledger) -> None:
    ledger.free.set()
    left = {"H1.S": 0, "H1.T": 1}

    def taken(part: str, function: str, *args: Any, **_: Any) -> Receipt:
        ledger.sent.append((function, args))
        raise contract_refusal("SLOT_TAKEN", "slot was taken", {})

    ledger.submit = taken  # type: ignore[method-assign]

    def of(session: str) -> int:
        if session not in left:
            raise NotFound(Text("没有", "there is none"))
        return left[session]

    door = GatheringLedger(ledger, left=of)
    for session in ("H1.S", "H1.S", "H1.S", "H1.T", "H1.T", "H1.U"):
        with pytest.raises(LedgerError) as error:
            door.submit("portal", BOOK, f"{session}.001", "R1")
        assert error.value.code == "slot_taken"
    assert [args[0] for _, args in ledger.sent] == ["H1.S.001", "H1.T.001", "H1.T.001", "H1.U.001"]
    for session in door._sold:
        door._sold[session] = 0.0  # time goes by: somebody asks the ledger again
    with pytest.raises(LedgerError):
        door.submit("portal", BOOK, "H1.S.001", "R1")
    assert len(ledger.sent) == 5
