"""What several organisations must agree on, agreed at their administrators' own desks; nobody holds others' keys.

The host of this city administers the data bureau alone.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from baas.errors import CityChainError
from baas.inbox import waiting
from baas.services.approvals import read_request
from fabric_sdk.chaincode.package import build_package, package_id
from tests.desks.conftest import Office, Person, distant_office
from tests.desks.machines import Neighbourhood

AWAY = ("CopyrightMSP", "HealthMSP", "HospitalMSP")


@pytest.fixture(scope="module")
def office(neighbourhood: Neighbourhood, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The host's desk; see above."""
    with distant_office(tmp_path_factory.mktemp("host"), neighbourhood) as made:
        yield made


@pytest.fixture(scope="module")
def desks(office: Office, seat: Callable[..., Person]) -> dict[str, Person]:
    """Each organisation's administrator, at a desk of their own; the host has given the keys up."""
    found = {msp: seat(f"admin-{uuid.uuid4().hex[:8]}", msp, "organization_admin") for msp in AWAY}
    for msp in AWAY:
        office.platform.keystore.remove(f"city/{msp}/admin")
    return found


@pytest.fixture(scope="module")
def nurse(seat: Callable[..., Person]) -> Person:
    return seat(f"nurse-{uuid.uuid4().hex[:8]}", "HospitalMSP", "hospital_staff", **{"slots.role": "staff"})


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(CityChainError) as error:
        act()
    assert error.value.code == code


def test_a_contracts_upgrade_is_agreed_over_three_administrators_desks(
    office: Office, desks: dict[str, Person], nurse: Person
) -> None:
    contracts = office.platform.contracts
    before = contracts.committed("city", "copyright")
    assert before is not None

    def deploy() -> None:
        contracts.deploy("city", "copyright", version="9.0.0")

    refused("not_approved", deploy)
    file = office.post / "request.json"
    contracts.approval_request("city", "copyright", file)
    shown = read_request(file)
    # An administrator who does not want it says so: whoever proposed it is told who and why, until they approve.
    first, no = desks[AWAY[0]], office.platform.definition_refusals
    as_first = ("--identity", f"{AWAY[0]}/{first.name}", "--output", "no.json")
    assert first.fails("chaincode", "refuse", first.receive(file), *as_first)["code"] == "bad_reason"
    first.run("chaincode", "refuse", first.inbox / file.name, *as_first, "--reason", "先给测试报告")
    as_nurse = ("--identity", f"HospitalMSP/{nurse.name}", "--reason", "不", "--output", "no.json")
    assert nurse.fails("chaincode", "refuse", nurse.receive(file), *as_nurse)["code"] == "permission_denied"
    said = json.loads((first.folder / "no.json").read_text("utf-8"))
    bad = office.post / "bad.json"
    for change, code in (
        ({"reason": "好"}, "refusal_refused"),
        ({"contract": "health_slots"}, "other_definition"),
        ({"update": "00" * 32}, "other_definition"),
        ({"contract": "../copyright"}, "no_refusal"),
    ):
        bad.write_text(json.dumps(said | change), encoding="utf-8")
        refused(code, lambda: no.take_in(bad, "city"))
    del said["contract"]
    bad.write_text(json.dumps(said), encoding="utf-8")
    refused("other_definition", lambda: no.take_in(bad, "city"))
    refused("other_update", lambda: office.platform.changes.take_refusal(first.folder / "no.json", "city"))
    assert no.take_in(first.folder / "no.json", "city") == (f"{AWAY[0]}/{first.name}: 先给测试报告",)
    (told_here,) = [one for one in waiting(office.platform, "city") if one.kind == "definition_refused"]
    assert "先给测试报告" in str(told_here.asks)
    for number, msp in enumerate(AWAY[:2], 1):
        desk = desks[msp]
        asked = desk.receive(file)
        # Who has approved nothing yet is told what is asked, of which package, and who agreed before.
        told = desk.run("chaincode", "proposal", asked)
        assert (told["version"], told["package"]) == (f"{before.version} → 9.0.0", shown.package_id)
        assert set(told["approved"]) == {"DataBureauMSP", *AWAY[: number - 1]}
        assert set(told["missing"]) == {*AWAY[number - 1 :]}
        desk.run("chaincode", "accept", asked, "--msp", msp, "--package", shown.package_id)
        # Signed twice changes nothing, and counts once.
        desk.run("chaincode", "accept", asked, "--msp", msp)
        assert set(desk.run("chaincode", "proposal", asked)["missing"]) == {*AWAY[number:]}
    assert contracts.committed("city", "copyright") == before
    assert [one for one in waiting(office.platform, "city") if one.kind == "definition_refused"] == []
    deploy()
    # Now it comes too late for another, and a version that nobody asked for is refused with what is due.
    late = desks["HospitalMSP"]
    late.run("chaincode", "accept", late.receive(file), "--msp", "HospitalMSP")
    older = json.loads(file.read_text("utf-8"))
    older["definition"] |= {"version": "8.0.0"}
    stale = late.fails("chaincode", "accept", late.write("older.json", json.dumps(older)), "--msp", "HospitalMSP")
    assert stale["code"] == "older_request"
    assert nurse.fails("chaincode", "accept", nurse.receive(file), "--msp", "HospitalMSP")["code"] == (
        "permission_denied"
    )


def test_a_request_is_what_it_says_or_it_is_refused(office: Office, desks: dict[str, Person]) -> None:
    """Who can write a file can put a contract of his own behind a version that everybody expects."""
    committed = office.platform.contracts.committed("city", "copyright")
    assert committed is not None
    desk = desks["CopyrightMSP"]
    held, data = office.platform.contracts.build_package("city", "copyright", "10.0.0")
    evil = build_package("copyright_10.0.0", "evil.example.com:7052")

    def asked(name: str, id: str, package: bytes) -> Path:
        document = {
            "format": "citychain-approval/1",
            "channel": "citychannel",
            "definition": {
                "name": "copyright",
                "version": "10.0.0",
                "sequence": committed.sequence + 1,
                "endorsement_policy": committed.endorsement_policy,
                "collections": list(committed.collections),
                "init_required": committed.init_required,
            },
            "package_id": id,
            "package": base64.b64encode(package).decode(),
        }
        return desk.write(name, json.dumps(document))

    accept = ("chaincode", "accept")
    own = ("--msp", "CopyrightMSP")
    assert desk.fails(*accept, asked("swapped.json", held, evil), *own)["code"] == "bad_request"
    told = ("--package", held)
    assert desk.fails(*accept, asked("evil.json", package_id(evil), evil), *own, *told)["code"] == "another_package"
    # Nothing of it was installed or approved.
    status = desk.run("chaincode", "status", "copyright")
    assert status["pending"] is None
    assert desk.run("chaincode", "proposal", asked("true.json", held, data))["approved"] == []
    assert desk.fails(*accept, asked("other.json", held, data), "--msp", "HealthMSP")["code"]
    for damaged in (b"", b"{}", b"[" * 100_000, json.dumps({"format": "citychain-approval/1"}).encode()):
        assert desk.fails(*accept, desk.write("damaged.json", damaged), *own)["code"] == "bad_request"


def test_an_organisation_joins_by_agreement_and_its_member_is_revoked_there(
    office: Office, desks: dict[str, Person], nurse: Person, hire: Callable[[str], Person]
) -> None:
    writers = hire("writers")
    writers.run("organization", "new", "writers", "WritersMSP", "--title", "作家协会", "--title-en", "Writers")
    exported = writers.run("organization", "export", "writers.json")
    proposer, second, third = (desks[msp] for msp in AWAY)
    definition = proposer.receive(writers.folder / "writers.json")
    assert proposer.run("organization", "show", definition)["fingerprint"] == exported["fingerprint"]
    waiting = proposer.run("network", "grow", "--add-organization", definition)
    assert waiting["signers"] == ["CopyrightMSP"]
    proposer.run("network", "pending", "--export", "join.update")
    update = proposer.folder / "join.update"
    assert proposer.fails("network", "up")["code"] == "signatures_missing"
    as_nurse = ("--identity", f"HospitalMSP/{nurse.name}", "--output", "nurse.update")
    assert nurse.fails("network", "sign", nurse.receive(update), *as_nurse)["code"] == "permission_denied"
    for desk, msp in ((second, "HealthMSP"), (third, "HospitalMSP")):
        told = desk.run("network", "proposal", desk.receive(update))
        assert "WritersMSP" in json.dumps(told["changes"]) and msp in told["missing"]
        label = f"{msp}/{desk.name}"
        desk.run("network", "sign", desk.inbox / "join.update", "--identity", label, "--output", f"{msp}.update")
        again = ("network", "sign", f"{msp}.update", "--identity", label, "--output", "again.update")
        assert desk.fails(*again)["code"] == "signed_already" and not (desk.folder / "again.update").exists()
        proposer.run("network", "sign", "--import", proposer.receive(desk.folder / f"{msp}.update"))
    # A signature that was forged on the way counts for nobody.
    forged = bytearray((third.folder / "HospitalMSP.update").read_bytes())
    forged[-5] ^= 1
    assert proposer.fails("network", "sign", "--import", proposer.write("forged.update", bytes(forged)))["code"]
    proposer.run("network", "up")
    assert "WritersMSP" in proposer.run("network", "config")["organizations"]
    late = ("--identity", f"HealthMSP/{second.name}", "--output", "late.update")
    assert second.fails("network", "sign", second.inbox / "join.update", *late)["code"] == "older_configuration"

    # The new organisation comes in with its own keys, and has a member who came by request.
    office.platform.networks.bring_up(office.platform.networks.spec("city"))
    writers.run("organization", "join", writers.receive(office.profile("WritersMSP")), "--name", "city")
    lin = hire("lin")
    lin.run("identity", "request", "ask.citychain", "--name", "lin")
    answer = (
        "identity",
        "issue",
        "WritersMSP/lin",
        "--role",
        "client",
        "--request",
        writers.receive(lin.folder / "ask.citychain"),
    )
    entry = Path(writers.run(*answer, "--output", "lin-entry.citychain")["file"])
    entered = lin.run("enter", lin.receive(writers.folder / entry))
    assert entered["party"] == "WritersMSP/lin"
    assert entered["authority"].replace(" ", "") == exported["fingerprint"]
    assert lin.run("ledger", "blocks")
    assert not [name for name in office.platform.keystore.names() if "WritersMSP" in name]
    with pytest.raises(CityChainError):
        office.platform.identities.issue("WritersMSP", "spy", "client", network="city")

    writers.run("identity", "revoke", "WritersMSP/lin", "--yes")
    for words in (("ledger", "blocks"), ("ledger", "verify"), ("network", "config"), ("network", "refresh")):
        assert lin.fails(*words)["code"], words
    again = lin.folder / "inbox" / entry.name
    assert lin.fails("enter", again)["code"] == "identity_revoked"
