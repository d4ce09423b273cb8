"""A contract whose kinds have a field of every type, for whoever attacks the kit itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from apps.kit.papers import collections
from chaincode.kit.contract import KitContract
from chaincode.kit.papers import Papers
from fabric_sdk import kinds
from fabric_sdk.chaincode.testing import ContractTester, client
from fabric_sdk.kinds import Act, Kind, Record, Role, State

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
OFFICE = "OfficeMSP"
HOLDER = Role(held="holder")
OWNER = Role("NOT_OWNER", field="owner")
ADMIN = client(OFFICE, "admin", ou="admin")
ANNE, BEN = client(OFFICE, "anne", role="holder"), client(OFFICE, "ben", role="holder")


class Box(Kind, prefix="BX", unique=["number"], indexed=["owner"]):
    """What things hang on."""

    number, owner = kinds.Text(40), kinds.Actor()

    OPEN, SHUT = State("wait", queued=True), State("ok", final=True)

    begin = Act(OPEN, HOLDER, "BeginBox", "BoxBegun", begins=True, form=(number,), many="BeginBoxes")
    shut = Act(OPEN >> SHUT, OWNER, "ShutBox", "BoxShut", waits=True)


class Thing(Kind, prefix="TH", under="box", listed="things"):
    """A field of every type."""

    text, area, code = kinds.Text(20), kinds.Text(100, area=True), kinds.Code("a", "b")
    codes, whole, fen, share = kinds.Codes("x", "y"), kinds.Whole(1, 9), kinds.Fen(), kinds.Share()
    flag, day, past = kinds.Flag(), kinds.Day(), kinds.Day(past=True)
    sha256, cid, party, territory = kinds.Sha256(), kinds.Cid(), kinds.Party(), kinds.Territory()
    other = kinds.Id("box")
    items = kinds.Items(3, {"amount": kinds.Fen(1), "to": kinds.Party(optional=True)})
    data = kinds.Data()
    sealed = kinds.Sealed({"secret": kinds.Text(40)}, HOLDER, tags=("secret",))
    reason, reasons, remark = kinds.Reason(), kinds.Reasons(), kinds.Text(20, logged=True)
    owner = kinds.Actor()

    NEW, DONE = State("wait"), State("ok", final=True)

    begin = Act(
        NEW, HOLDER, "BeginThing", "ThingBegun", on="box",
        form=(text, area, code, codes, whole, fen, share, flag, day, past, sha256, cid, party, territory, other, items,
              data, sealed),
    )  # fmt: skip
    note = Act(NEW, OWNER, "NoteThing", "ThingNoted", form=(reason, remark))
    end = Act(NEW >> DONE, OWNER, "EndThing", "ThingEnded", form=(reasons,))


class Everything(Papers, KitContract, kinds=(Box, Thing)):
    name, version = "everything", "1.0.0"


SETTINGS = {"office_msp": OFFICE, "roles": {"holder": [OFFICE]}}


def ledger() -> ContractTester:
    """The contract, set up."""
    tester = ContractTester(Everything(clock=lambda: NOW), collections=collections(OFFICE), now=NOW)
    tester.invoke("Configure", SETTINGS, as_=ADMIN)
    return tester


def right(box: str, sealed: Mapping[str, Any]) -> Record:
    """A form of a thing in which everything is right."""
    return {
        "text": "文字", "area": "文\n字", "code": "a", "codes": ["x"], "whole": 5, "fen": 5, "share": 5, "flag": True,
        "day": "2026-03-31", "past": "2026-02-28", "sha256": "ab" * 32, "cid": f"bafkrei{'a' * 52}",
        "party": f"{OFFICE}/ben", "territory": "CN", "other": box, "items": [{"amount": 1, "to": f"{OFFICE}/ben"}],
        "data": {"any": "thing"}, "sealed": dict(sealed),
    }  # fmt: skip
