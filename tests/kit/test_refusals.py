"""Every act from every wrong state and by every wrong role is refused, over all kinds of all registered applications.

Records are laid into the ledger in each of their states; everybody (each party that a record names, whoever is asked
for consent, holders of each role, holders of an organisation that may not give it, a stranger) tries every act.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from apps.copyright.refusals import NEXT_STEPS
from apps.kit.application import KitManifest
from apps.kit.refusals import pointed
from apps.kit.sample.application import APPLICATION
from apps.kit.service import wire_arguments
from baas.applications import Applications, load
from baas.errors import LedgerError, Text
from chaincode.copyright import policy
from chaincode.kit.contract import KitContract
from fabric_sdk import kinds
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.memory_ledger import Entry
from fabric_sdk.chaincode.testing import Client, ContractTester, client
from fabric_sdk.kinds import Act, Field, Kind, Record, Who, acts_by_function
from network.topology import template

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
OFFICE = "OfficeMSP"
WORK: Record = {
    "id": "CZ20260101-000000000001",
    "type": "work",
    "state": "ACTIVE",
    "owners": [{"party": f"{OFFICE}/owner", "share": 10_000}],
    "disputes": [],
    "pledge": "",
    "number": "",
    "registration": "",
    "title": "样例",
    "category": "art",
    "authors": [{"name": "样例甲"}],
    "completed": {"date": "2025-12-31", "place": ""},
    "updated": "2026-01-01T00:00:00Z",
    "created": "2026-01-01T00:00:00Z",
    "log": [],
}


@dataclass(frozen=True)
class Case:
    """A contract, its settings, and the records by hand that its kinds hang on."""

    make: Callable[[], KitContract]
    settings: dict[str, Any]
    above: dict[str, Record] = field(default_factory=dict)
    anywhere: frozenset[str] = frozenset()
    """Roles that any organisation may give."""


BY_HAND: dict[str, dict[str, Any]] = {"copyright": {"above": {"work": WORK}, "anywhere": frozenset({"creator"})}}
"""What only an application itself knows: the records that are no declared kind."""


def case_of(manifest: KitManifest) -> Case:
    """An application's contract with the settings of a deployment, all of its roles given by one organisation."""
    (contract,) = load(f"{manifest.contract.module}:CONTRACTS")
    of, first_call = type(contract), manifest.contract.first_call
    assert first_call is not None
    spec = template("city", network_name="city")
    body = json.loads(first_call(spec).arguments[0])
    for organization in spec.organizations:
        body = json.loads(json.dumps(body).replace(f'"{organization.msp_id}"', f'"{OFFICE}"'))
    return Case(lambda: of(clock=lambda: NOW), body, **BY_HAND.get(manifest.id, {}))


KITS = [APPLICATION, *(one for one in Applications().all() if isinstance(one, KitManifest))]
CASES = {one.id: case_of(one) for one in KITS}
VALUES: dict[type, Any] = {
    kinds.Text: "文字",
    kinds.Reason: "原因",
    kinds.Reasons: ["原因"],
    kinds.Whole: 5,
    kinds.Fen: 5,
    kinds.Share: 500,
    kinds.Flag: True,
    kinds.Day: "2026-02-28",
    kinds.Sha256: "ab" * 32,
    kinds.Cid: f"bafkrei{'a' * 52}",
    kinds.Party: "OtherMSP/somebody",
    kinds.Actor: f"{OFFICE}/actor",
    kinds.Territory: "CN",
    kinds.Codes: ["all"],
    kinds.Data: {},
    kinds.Items: [],
    kinds.Id: "CZ20260101-00000000000b",
    kinds.Sealed: {"commitment": "ab" * 32, "tags": []},
}


def value_of(field: Field[Any]) -> Any:
    """A value that the field takes."""
    if isinstance(field, kinds.Code) and not isinstance(field, kinds.Codes):
        return field.codes[0] if field.codes else next(iter(policy.load().data[field.table]))
    return VALUES[type(field)]


def record_of(kind: type[Kind], state: str, above: Record | None) -> Record:
    """A record of the kind in a state; each party that it names is somebody else."""
    record: Record = {one.name: value_of(one) for one in kind.fields.values() if not one.logged}
    for one in kind.fields.values():
        if isinstance(one, kinds.Party):
            record[one.name] = f"{OFFICE}/{one.name}"
    record |= {"id": f"{kind.prefix}20260101-00000000000a", "type": kind.id, "state": state, "log": []}
    record |= {"updated": "2026-01-01T00:00:00Z", "created": "2026-01-01T00:00:00Z", "tx_id": "0"}
    if "until" in record:
        record |= {"from": "2026-01-01", "until": "2026-12-31"}
    if above is not None:
        record[kind.parent_key()] = above["id"]
    if kind.consenting():
        record["consents"] = {f"{OFFICE}/asked": "", f"{OFFICE}/consented": "tx"}
    return record


def people_of(contract: KitContract, record: Record, anywhere: frozenset[str]) -> Iterator[tuple[Client, Who]]:
    """Everybody who may try: whoever is named, holders of roles, of the right and of the wrong organisation."""
    acts = [act for kind in contract.all_kinds.values() for act in kind.acts.values()]
    roles = sorted({role for act in acts for role in act.role.roles_held()})
    named = {one for one in (*record.values(), *record.get("consents", ())) if isinstance(one, str)}
    named |= {one["party"] for one in record.get("owners", ())}
    for party in sorted(one for one in named if one.startswith(f"{OFFICE}/")):
        yield client(OFFICE, party.partition("/")[2]), Who(party)
        for role in roles:
            yield client(OFFICE, party.partition("/")[2], role=role), Who(party, frozenset({role}))
    for role in roles:
        yield client(OFFICE, f"holder-{role}", role=role), Who(f"{OFFICE}/holder-{role}", frozenset({role}))
        counted = frozenset({role}) & anywhere
        yield client("FalseMSP", f"holder-{role}", role=role), Who(f"FalseMSP/holder-{role}", counted)
    yield client("OtherMSP", "stranger"), Who("OtherMSP/stranger")


def lay(tester: ContractTester, record: Record) -> None:
    """Lay a record into the ledger as if it had been written."""
    place = (tester.name, "")
    tester.ledger._entries.setdefault(place, {})[record["id"]] = Entry(json.dumps(record).encode(), (0, 0))


def all_acts() -> Iterator[tuple[str, str]]:
    for name, case in CASES.items():
        for kind in case.make().all_kinds.values():
            for act in kind.acts.values():
                yield name, act.id


@pytest.mark.parametrize(("name", "act_id"), list(all_acts()))
def test_an_act_is_refused_from_wrong_states_and_by_wrong_roles(name: str, act_id: str) -> None:
    case = CASES[name]
    contract = case.make()
    tester = ContractTester(contract)
    tester.now = NOW
    tester.invoke("Configure", case.settings, as_=client(OFFICE, "admin", ou="admin"))
    kind = contract.all_kinds[act_id.partition(".")[0]]
    act = kind.acts[act_id.partition(".")[2]]
    sharing = dict(acts_by_function(contract.all_kinds.values()))[act.function]
    refused = tried = 0
    for record, above in subjects(case, contract, act):
        for one in (record, above):
            if one:
                lay(tester, one)
        for signer, who in people_of(contract, record, case.anywhere):
            tried += 1
            before = tester.ledger.state(tester.name)
            code = ""
            try:
                arguments = wire_arguments(act, {one.name: value_of(one) for one in act.asks}, record.get("id", ""))
                tester.propose(act.function, *arguments, as_=signer)
            except ChaincodeError as error:
                code = error.code
            told = {refusal[0] for one in sharing if (refusal := one.refusal(record, who)) is not None}
            if len(told) == len({one.refusal(record, who) for one in sharing}) and all(
                one.refusal(record, who) is not None for one in sharing
            ):
                refused += 1
                assert code in told, f"{who} did {act.id} to a record that is {record.get('state')}: {code!r}"
            else:
                forbidden = {"WRONG_STATE"} if act.role.anybody else {"WRONG_STATE", act.role.code}
                assert code not in forbidden or code in told, (who, record.get("state"), code)
            assert tester.ledger.state(tester.name) == before
    assert refused or (act.role.anybody and not act.needs), "somebody may not"
    assert tried > refused, "somebody may"


def subjects(case: Case, contract: KitContract, act: Act) -> Iterator[tuple[Record, Record | None]]:
    """What an act can be tried on: its own kind in every state, what it is begun on in every state, or nothing."""
    if act.begins:
        yield {}, None
        return
    if act.on in case.above:
        above = case.above[act.on]
        for state in ("ACTIVE", "REVOKED"):
            for number in ("", "样例登字-2026-F-00000001"):
                yield above | {"state": state, "number": number}, None
        return
    kind = contract.all_kinds[act.on or act.kind.id]
    above = case.above.get(kind.under) or (
        record_of(contract.all_kinds[kind.under], next(iter(contract.all_kinds[kind.under].states)), None)
        if kind.under
        else None
    )
    for state in kind.states:
        record = record_of(kind, state, above)
        yield record, above
        if "open_notices" in record:
            yield record | {"open_notices": 0}, above
        if kind.consenting():
            yield record | {"consents": {f"{OFFICE}/consented": "tx"}}, above


@pytest.mark.parametrize("manifest", KITS, ids=lambda one: one.id)
def test_every_refusal_is_said_in_words(manifest: KitManifest) -> None:
    for act in manifest.catalogue.acts():
        codes = {need.code for need in (*act.needs, *act.parent_needs)} | {"WRONG_STATE"}
        codes |= {role.code for role in (act.role.either or (act.role,)) if not role.anybody}
        assert codes <= set(manifest.refusal_words), f"{act.id}: {codes - set(manifest.refusal_words)} have no words"


def test_a_refusal_offers_the_next_step() -> None:
    def hint(code: str) -> str:
        details = {"contract_code": code, "contract_message": "record X is Y"}
        error = pointed(LedgerError(Text("不行。", "No."), code=code.lower(), details=details), steps=NEXT_STEPS)
        assert error.hint is not None
        return str(error.hint)

    assert hint("NOT_REGISTERED") == "Apply for registration first. The ledger says: record X is Y"
    assert hint("NOT_LICENSEE").startswith("This is for somebody else")
    assert hint("FOUR_EYES").startswith("Look at its state")
