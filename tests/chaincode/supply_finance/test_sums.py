"""Over arbitrary sequences of acts by anybody: parts sum up to their whole, nothing is financed twice, no line is
exceeded, no invoice stands behind two certificates."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaincode.supply_finance.kinds import KINDS
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import Client
from fabric_sdk.kinds import Act, Record, Who
from tests.chaincode.supply_finance.city import BANK, CORE, EVERYBODY, NOW, SETTINGS, TIER1, City, days, paper, party

ACTS = [act for kind in KINDS for act in kind.acts.values()]
AMOUNTS = [-1, 0, 1, 2, 3, 333, 500, 1000, 10**13, 10**18]
FINAL = {kind.id: {state.name for state in kind.states.values() if state.final} for kind in KINDS}


def who_of(one: Client) -> Who:
    roles: Any = SETTINGS["roles"]
    names = {role for role in roles if one.msp_id in roles[role]}
    held = {"bank-a": "bank", "bank-b": "bank", "hospital": "core_enterprise"}.get(one.name, "supplier")
    return Who(party(one), frozenset(names & {held}) if one.name.startswith(("tier", "bank", "hosp")) else frozenset())


def step(city: City, draw: Any) -> None:
    """One try by anybody; half of them are acts that the record is open to, else nothing would ever live long."""
    records = list(city.records())
    if draw(st.integers(0, 9)) == 0:
        city.at(city.peer_clock + timedelta(days=draw(st.sampled_from([1, 1, 30, 60]))))
        return
    lines = [one for one in records if one["type"] == "line"]
    if lines and draw(st.integers(0, 4)) == 0:
        with suppress(ChaincodeError):
            city.issued(draw(st.sampled_from(lines))["id"], draw(st.sampled_from([1, 333, 500, 1000])), len(records))
        return
    act, on, who = _chosen(city, records, draw)
    try:
        city.do(act, on["id"] if on else "", who, **_given(city, act, on, who, draw))
    except ChaincodeError as error:
        assert error.code not in {"INTERNAL", "CHAINCODE_ERROR"}, error


def _chosen(city: City, records: list[Record], draw: Any) -> tuple[Act, Record, Client]:
    if draw(st.booleans()):
        act, who = draw(st.sampled_from(ACTS)), draw(st.sampled_from(EVERYBODY))
        kind = act.on or ("" if act.makes else act.kind.id)
        fitting = [one for one in records if one["type"] == kind] or [{}]
        return act, draw(st.sampled_from(fitting)), who
    open_ = [
        (act, one, who)
        for act in ACTS
        for one in ([one for one in records if one["type"] == (act.on or act.kind.id)] if not act.begins else [{}])
        for who in EVERYBODY
        if act.refusal(one, who_of(who)) is None
    ]
    found: tuple[Act, Record, Client] = draw(st.sampled_from(open_))
    return found


def _given(city: City, act: Act, on: Record, who: Client, draw: Any) -> dict[str, Any]:
    amount = draw(st.sampled_from(AMOUNTS))
    somebody = party(draw(st.sampled_from(EVERYBODY)))
    given: dict[str, Any] = {}
    for one in act.asks:
        match one.name:
            case "core":
                given[one.name] = draw(st.sampled_from(["CoreMSP/hospital", somebody]))
            case "seller":
                given[one.name] = draw(st.sampled_from(["OfficeMSP/tier-1", somebody]))
            case "bank" | "to":
                given[one.name] = somebody
            case "limit_fen" | "face_fen":
                given[one.name] = amount
            case "until" | "due" | "open_until":
                given[one.name] = draw(st.sampled_from([days(-1), days(1), days(40), days(150), days(280)]))
            case "recourse":
                given[one.name] = draw(st.sampled_from(["with", "without"]))
            case "parts":
                given[one.name] = _parts(on.get("amount_fen", 10), somebody, draw)
            case "reason":
                given[one.name] = "原因"
            case "receipt_sha256":
                given[one.name] = "cc" * 32
            case "papers":
                number = draw(st.integers(0, 3))
                given[one.name] = _paper(city, who, paper(number, invoice_amount_fen=10**13), amount)
            case "terms":
                given[one.name] = _terms(city, who)
    return given


def _paper(city: City, who: Client, body: Record, amount: int) -> Record:
    try:
        return city.hand_in("certificate", "papers", body, who, face_fen=amount)
    except ChaincodeError:
        return {"commitment": "ab" * 32, "tags": []}


def _terms(city: City, who: Client) -> Record:
    try:
        return city.terms(who)
    except ChaincodeError:
        return {"commitment": "ab" * 32, "tags": []}


def _parts(amount: int, somebody: str, draw: Any) -> list[Record]:
    first = draw(st.integers(1, max(1, amount - 1)))
    parts: list[Record] = [
        {"amount_fen": first},
        {"amount_fen": amount - first + draw(st.sampled_from([0, 0, 0, 1, -1]))},
    ]
    if draw(st.booleans()):
        parts[0]["to"] = somebody
    return parts


def check(city: City) -> None:
    """What must hold of a ledger at any moment, computed anew from its records."""
    records = {one["id"]: one for one in city.records()}
    certificates = [one for one in records.values() if one["type"] == "certificate"]
    used: dict[str, int] = defaultdict(int)
    leaves: dict[str, int] = defaultdict(int)
    for one in certificates:
        assert one["amount_fen"] > 0
        if one["state"] == "SPLIT":
            parts = [records[child] for child in one["children"]]
            assert sum(part["amount_fen"] for part in parts) == one["amount_fen"]
            assert all(part["parent"] == one["id"] and part["due"] == one["due"] for part in parts)
        else:
            leaves[one["root"]] += one["amount_fen"]
            if one["state"] not in FINAL["certificate"]:
                used[one["line_id"]] += one["amount_fen"]
    for root, total in leaves.items():
        assert total == records[root]["face_fen"], "what was issued is there, to the fen"
    for line in (one for one in records.values() if one["type"] == "line"):
        assert line["used_fen"] == used[line["id"]] <= line["limit_fen"]
    _check_financing(records)
    tags = Counter(
        tag
        for one in certificates
        if one["root"] == one["id"] and one["state"] not in {"DECLINED", "CANCELLED"}
        for tag in one["papers"]["tags"]
    )
    assert all(count == 1 for count in tags.values()), "no invoice stands behind two certificates"


def _check_financing(records: dict[str, Record]) -> None:
    open_ = Counter(
        one["certificate_id"]
        for one in records.values()
        if one["type"] == "financing"
        and one["state"] not in FINAL["financing"]
        and records[one["certificate_id"]]["state"] == "LOCKED"
    )
    assert all(count == 1 for count in open_.values())
    paid = Counter(
        one["certificate_id"] for one in records.values() if one["type"] == "financing" and one["state"] == "PAID"
    )
    assert all(count == 1 for count in paid.values()), "nobody is paid twice for one certificate"
    for one in records.values():
        if one["type"] == "certificate" and one["state"] == "LOCKED":
            assert open_[one["id"]] == 1 and records[one["financing"]]["bank"] == one["financier"]
        if paid[one["id"]]:
            assert one["state"] not in {"HELD", "OFFERED", "LOCKED", "SPLIT"}
            ancestors = one["parent"]
            while ancestors:
                assert not paid[ancestors]
                ancestors = records[ancestors]["parent"]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_sums_hold_over_arbitrary_sequences(data: st.DataObject) -> None:
    city = City()
    if data.draw(st.booleans()):
        line = city.line(1200)
        city.held(line, 1000, 1, recourse=data.draw(st.sampled_from(["with", "without"])))
    for _ in range(data.draw(st.integers(10, 40))):
        step(city, data.draw)
        check(city)
    assert city.peer_clock >= NOW


def test_a_line_has_back_what_was_redeemed_part_by_part() -> None:
    """To the fen, and never more than the part: else the line would lend what it does not have."""
    city = City()
    acts = city.contract.all_kinds["certificate"].acts
    line = city.line(10_000)
    whole = city.held(line, 10_000)
    parts = city.do(acts["split"], whole["id"], TIER1, parts=[{"amount_fen": 3_333}, {"amount_fen": 6_667}])["children"]
    city.at(city.peer_clock + timedelta(days=91))
    for part, left in zip(parts, (6_667, 0), strict=True):
        city.do(acts["mature"], part, TIER1)
        city.do(acts["pay"], part, CORE, receipt_sha256="cc" * 32)
        city.do(acts["confirm"], part, TIER1)
        check(city)
        assert city.read(line)["used_fen"] == left


@pytest.mark.parametrize("ending", ["withdraw", "decline"])
def test_financing_that_ends_late_does_not_bring_a_matured_certificate_back(ending: str) -> None:
    """What is due is only redeemed: freed from a bank that never paid, it could be split and passed on again."""
    city = City()
    certificate, financing = (city.contract.all_kinds[one].acts for one in ("certificate", "financing"))
    one = city.held(city.line(10_000), 10_000)["id"]
    asked = city.do(financing["ask"], one, TIER1, bank=party(BANK))["id"]
    city.at(city.peer_clock + timedelta(days=91))
    city.do(certificate["mature"], one, TIER1)
    who, given = (TIER1, {}) if ending == "withdraw" else (BANK, {"reason": "太晚"})
    city.do(financing[ending], asked, who, **given)
    found = city.read(one)
    assert (found["state"], found["holder"], found["financing"]) == ("MATURED", party(TIER1), None)
    check(city)
