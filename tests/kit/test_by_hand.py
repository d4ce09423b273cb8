"""Acts over a contract written by hand: who signs, what is sent, when they are offered, what the command line asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner

from apps.kit.by_hand import ActsByHand
from apps.kit.commands import Ways, add_act
from apps.kit.ledger import Committed
from apps.kit.words import ActWords, Catalogue, FieldWords, KindWords
from baas.cli.kit import group
from baas.errors import PermissionDenied
from baas.errors import Text as Said
from fabric_sdk.kinds import Act, Code, Kind, KindError, Role, State, Text, Whole

DESK, OFFICE = Role(held="desk"), Role(held="office")


class Loan(Kind, by_hand=True):
    days, why = Whole(1, 30), Code("lost", "late")

    OUT, BACK = State(name="out"), State(name="back")

    extend = Act(OUT, DESK, "Extend", form=(days, why))
    close = Act(OUT >> BACK, OFFICE, "Close", danger=True)


WORDS = Catalogue(
    [Loan],
    [
        KindWords(
            Loan,
            Said("借", "Loan"),
            argument="LOAN",
            permission="loans.do",
            states={Loan.OUT: Said("在外", "out"), Loan.BACK: Said("已还", "back")},
            fields={
                Loan.days: FieldWords(Said("天", "Days"), ranged=True),
                Loan.why: FieldWords(
                    Said("原因", "Why"), codes={"lost": Said("丢失", "lost"), "late": Said("晚", "late")}
                ),
            },
            acts={
                Loan.extend: ActWords(Said("续", "Extend")),
                Loan.close: ActWords(
                    Said("结", "Close"), loss=lambda loan, who: Said("{i} 没了", "{i} is gone", i=loan["id"])
                ),
            },
        )
    ],
)


class Ledger:
    """Notes calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def submit(self, part: str, function: str, *args: Any) -> Committed[Any]:
        self.calls.append((part, function, *args))
        return Committed("t1", 7, "done")


class Guard:
    """Lets do what it names."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed

    def allows(self, permission: str) -> bool:
        return permission in self.allowed

    def require(self, permission: str) -> None:
        if permission not in self.allowed:
            raise PermissionDenied(Said("不行", "no"))


def acts(own: dict[Act, Any] | None = None, *allowed: str) -> tuple[ActsByHand, Ledger, list[str]]:
    ledger, after = Ledger(), []
    made = ActsByHand(
        lambda: WORDS, ledger, Guard(*(allowed or ("loans.do",))), own or {}, lambda: after.append("read")
    )
    return made, ledger, after


def test_an_act_is_sent_by_position_in_its_own_part_and_read_again() -> None:
    made, ledger, after = acts()
    assert made.do(Loan.extend, {"days": 3, "why": "late"}, on="L1").block == 7
    made.do(Loan.close, on="L1", signer="desk")
    assert ledger.calls == [("desk", "Extend", "L1", 3, "late"), ("desk", "Close", "L1")]
    assert after == ["read", "read"]


def test_an_act_of_the_applications_own_is_done_by_its_function() -> None:
    told: list[Any] = []
    made, ledger, _ = acts({Loan.extend: lambda on, **given: told.append((on, given)) or "own"})
    assert made.do(Loan.extend, {"days": 3, "why": None}, on="L1") == "own"
    made.do(Loan.extend, {}, on="L2", signer="office")
    assert told == [("L1", {"days": 3}), ("L2", {"part": "office"})] and not ledger.calls


def test_nothing_is_sent_or_offered_without_the_permission_or_out_of_state() -> None:
    made, ledger, _ = acts(None, "loans.read")
    with pytest.raises(PermissionDenied):
        made.do(Loan.close, on="L1")
    assert not ledger.calls and not made.offered(Loan.extend, Loan.close, record={"state": "out"})
    made, _, _ = acts()
    assert [one.act for one in made.offered(Loan.close, Loan.extend, record={"state": "out"})] == [
        Loan.extend,
        Loan.close,
    ]
    assert not made.offered(Loan.extend, Loan.close, record={"state": "back"})


def test_a_kind_by_hand_still_needs_roles_and_its_own_fields() -> None:
    with pytest.raises(KindError, match="asks for the field"):
        type("Thing", (Kind,), {"A": State(), "do": Act(State(), DESK, "Do", form=(Text(),))}, by_hand=True)
    with pytest.raises(KindError, match="has no role"):
        type("Thing", (Kind,), {"do": Act(State(), "desk", "Do")}, by_hand=True)  # type: ignore[arg-type]


class Declared:
    """What commands need of a manifest."""

    catalogue = WORDS
    people: tuple[Any, ...] = ()


def test_the_command_line_asks_before_a_loss_and_refuses_numbers_beyond_the_range() -> None:
    made, ledger, _ = acts()

    @contextmanager
    def opened(cli: Any, network: str) -> Iterator[ActsByHand]:
        yield made

    @group("loans", help=Said("借", "Loans"))
    def loans() -> None: ...

    ways = Ways(Declared(), opened, lambda cli, service, done: cli.show(done))
    add_act(loans, ways, Loan.extend, arguments=(Loan.days,))
    add_act(loans, ways, Loan.close)
    from baas.cli.kit import Cli

    def run(*words: str) -> Any:
        return CliRunner().invoke(loans, list(words), obj=Cli("en", json=True))

    assert "30" in run("extend", "L1", "31", "--why", "late").output and not ledger.calls
    assert run("extend", "L1", "30", "--why", "late").exit_code == 0
    refused = run("close", "L1")
    assert refused.exit_code and "L1 is gone" in str(refused.exception) and len(ledger.calls) == 1
    assert run("close", "L1", "--yes").exit_code == 0
    assert [one[1] for one in ledger.calls] == ["Extend", "Close"]
