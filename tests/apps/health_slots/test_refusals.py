"""What the contract refuses, at desks: every code has its sentence and the next step, and whatever is about something
that was typed stands at its field, in Chinese as in English."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.health_slots.kinds import KINDS
from apps.health_slots.refusals import FIELDS, NEXT_STEPS, WORDS, told
from baas.errors import contract_refusal
from chaincode.health_slots.policy import Policy
from fabric_sdk.chaincode import ChaincodeError
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    PAYMENT,
    PLATFORM,
    STAFF,
    City,
    resident,
)

ROOT = Path(__file__).parents[3]
BY_HAND = {"rate", "burst", "apply", "turn", "key", "passphrase", "session"}
"""Fields of dialogs by hand: portals, draws, the resident's signature."""
INSIDE = {"SEVERAL_HOSPITALS"}
"""What only a program that gathers bookings can be told."""


def codes() -> Iterator[tuple[str, str]]:
    """Where the contract refuses, and with which code."""
    default = {"bad": "BAD_ARGUMENT", "forbid": "FORBIDDEN", "missing": "NOT_FOUND"}
    for path in sorted((ROOT / "chaincode" / "health_slots").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if not isinstance(node, ast.Call) or name not in {*default, "conflict"} or path.stem == "refusals":
                continue
            said = node.args[0] if name == "conflict" else node.args[1] if len(node.args) > 1 else None
            if said is None:
                yield f"{path.name}:{node.lineno}", default[name]
            elif isinstance(said, ast.Constant):
                yield f"{path.name}:{node.lineno}", str(said.value)


def test_every_refusal_has_its_sentence_and_the_next_step() -> None:
    found = list(codes())
    assert len(found) > 200
    assert not [one for one in found if one[1] not in {*WORDS, *INSIDE}]
    assert set(NEXT_STEPS) == set(WORDS)


def test_the_table_knows_fields_that_forms_have() -> None:
    known = (
        BY_HAND | {field for kind in KINDS for field in kind.fields} | {one.name for one in dataclasses.fields(Policy)}
    )
    named = {name for _, names in FIELDS for name in names.split() if name != r"\1"}
    assert not named - known


SESSION = "H1.CARD-D1-261203A"


@pytest.fixture(scope="module")
def booked() -> tuple[City, str]:
    """A city with a session, and the id of an appointment whose payment is due."""
    city = City()
    city.publish(fee=1500)
    return city, city.book(f"{SESSION}.001", 1)["id"]


WRONG: list[tuple[Any, str, list[Any], str]] = [
    (PAYMENT, "SettleDay", ["H1", "2026-11-40", "wechat"], "date"),
    (PAYMENT, "SettleDay", ["H1", "2026-11-23", "wechat"], "date"),
    (PAYMENT, "SettleDay", ["H1", "2026-11-20", "wechat pay"], "channel"),
    (PAYMENT, "RecordPayment", ["ID", "wechat", "no reference", 1500, ""], "reference"),
    (PAYMENT, "RecordPayment", ["ID", "wechat", "r1", 0, ""], "amount"),
    (PAYMENT, "RecordPayment", ["ID", "wechat", "r1", 1499, ""], "amount"),
    (STAFF, "MoveSession", [SESSION, "2026-12-03", -600, "meeting"], "shift"),
    (STAFF, "MoveSession", [SESSION, "2026-12-03", 9000, "meeting"], "shift"),
    (STAFF, "MoveSession", [SESSION, "2027-09-03", 0, "meeting"], "date"),
    (STAFF, "MoveSession", [SESSION, "2026-12-04", 0, "because"], "reason"),
    (STAFF, "SubstituteDoctor", [SESSION, "D9", "doctor-ill"], "doctor"),
    (STAFF, "StopSlots", [SESSION, [3, 3], "equipment"], "numbers"),
    (STAFF, "StopSlots", [SESSION, [99], "equipment"], "numbers"),
    (STAFF, "AddSlot", [SESSION, 9, 5000, 10, "online", "revisit"], "hour"),
    (STAFF, "AddSlot", [SESSION, 9, 560, 1000, "online", "revisit"], "minutes"),
    (STAFF, "AddSlot", [SESSION, 9, 560, 10, "nowhere", "revisit"], "pool"),
    (STAFF, "JoinWaitlist", [SESSION, "张三"], "resident"),
    (PLATFORM, "SpendPoints", [resident(1), 0, "gift"], "amount"),
    (PLATFORM, "SpendPoints", [resident(1), 5, "gift"], "amount"),
    (PLATFORM, "ReversePoints", [resident(1), "no entry"], "entry"),
    (PLATFORM, "ReversePoints", [resident(1), "e1"], "entry"),
    (AUTHORITY, "WithdrawResidentKey", ["R1", "other"], "resident"),
    (AUTHORITY, "WithdrawResidentKey", [resident(1), "other"], "resident"),
    (STAFF, "SetPolicy", ["H1", {"hold_s": -1}, "demand"], "hold_s"),
    (STAFF, "SetPolicy", ["H1", {"returned": "thrown away"}, "demand"], "returned"),
    (STAFF, "OpenDraw", [{"id": "no id", "hospital": "H1", "slots": [f"{SESSION}.002"], "apply_until": 0}], "id"),
]


@pytest.mark.parametrize(("who", "function", "arguments", "field"), WRONG)
def test_what_was_typed_is_refused_at_its_field(
    booked: tuple[City, str], who: Any, function: str, arguments: list[Any], field: str
) -> None:
    city, appointment = booked
    arguments = [appointment if one == "ID" else one for one in arguments]
    with pytest.raises(ChaincodeError) as refused:
        city.tester.propose(function, *arguments, as_=who)
    error = told(contract_refusal(refused.value.code, refused.value.message, WORDS))
    assert field in error.details.get("places", ()), refused.value
    reason = error.details["reason"]
    assert reason.zh != reason.en and not any(word in reason.zh for word in (" is ", " must ", " has "))
