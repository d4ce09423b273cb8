"""Transactions that really fail, each in its own way, and what the autopsy says of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from baas.applications import ApplicationManifest, Applications, ContractTemplate
from baas.errors import LedgerError, Text, translating
from baas.platform import Platform
from baas.services.explorer.model import Autopsy
from fabric_sdk.gateway import connect
from fabric_sdk.identity import SigningIdentity

CONTRACT = "ledger"
PROBE = ApplicationManifest(
    id="probe",
    title=Text("试验", "Probe"),
    summary=Text("试验", "Probe"),
    contract=ContractTemplate(
        name=CONTRACT,
        module="tests.network.embedded.ledger_contract",
        version="1.0.0",
        title=Text("试验合约", "Probe contract"),
        endorsement_policy=lambda spec: "AND('CopyrightMSP.peer', 'DataBureauMSP.peer')",
        collections=lambda spec: [
            {
                "name": "secret",
                "policy": "OR('CopyrightMSP.member', 'DataBureauMSP.member')",
                "requiredPeerCount": 0,
                "maxPeerCount": 1,
                "blockToLive": 0,
                "memberOnlyRead": False,
                "memberOnlyWrite": False,
            }
        ],
    ),
    service="builtins:object",
    command="probe",
    commands="builtins:object",
)


@dataclass(frozen=True)
class Lab:
    """A network with a contract that does whatever it is told."""

    platform: Platform
    network: str

    def contract(self, identity: str = "CopyrightMSP/admin") -> Any:
        return self.platform.networks.connect(self.network, identity).get_contract(CONTRACT)

    def endorse(self, function: str, *arguments: str, endorsers: tuple[str, ...] = ()) -> Any:
        return self.contract().new_proposal(function, *arguments, endorsing_organizations=endorsers).endorse()

    def autopsy(self, transaction: Any) -> Autopsy:
        self.platform.explorer.sync(self.network)
        return self.platform.explorer.autopsy(self.network, transaction.transaction_id)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    platform = Platform.open(tmp_path_factory.mktemp("lab") / "workspace", applications=Applications({"probe": PROBE}))
    try:
        spec = platform.networks.template("city", name="lab", runtime="embedded")
        platform.jobs.run(platform.networks.up, spec)
        platform.jobs.run(platform.contracts.deploy, "lab", CONTRACT)
        yield Lab(platform, "lab")
    finally:
        if "lab" in platform.networks.names():
            platform.networks.destroy("lab")
        platform.close()


def states(autopsy: Autopsy) -> list[str]:
    return [stage.state for stage in autopsy.stages]


def both(*texts: Text) -> str:
    return " ".join(f"{text.zh} {text.en} {text.params}" for text in texts)


def test_a_lost_race_names_key_versions_and_winner(lab: Lab) -> None:
    lab.contract().submit("Put", "counter", "1")
    first, second = lab.endorse("Increment", "counter"), lab.endorse("Increment", "counter")
    winner, loser = first.submit(), second.submit()
    block = winner.status().block_number
    assert loser.status().code_name == "MVCC_READ_CONFLICT"
    autopsy = lab.autopsy(loser)
    assert states(autopsy) == ["ok", "ok", "ok", "failed", "skipped"]
    (conflict,) = autopsy.conflicts
    assert (conflict.contract, conflict.key) == (CONTRACT, "counter")
    assert conflict.winner is not None and conflict.winner.tx_id == winner.transaction_id
    assert conflict.found is not None and conflict.found[0] == block
    assert conflict.read is not None and conflict.read < conflict.found
    assert autopsy.advice.zh and autopsy.advice.en
    assert lab.autopsy(winner).code == 0


def test_a_lost_race_over_private_data_names_the_collection(lab: Lab) -> None:
    lab.contract().submit("PutPrivateValue", "secret", "k", "one")
    first, second = (lab.endorse("CopyPrivate", "secret", "k", target) for target in ("k", "other"))
    winner, loser = first.submit(), second.submit()
    assert winner.status().successful
    assert loser.status().code_name == "MVCC_READ_CONFLICT"
    (conflict,) = lab.autopsy(loser).conflicts
    assert conflict.collection == "secret"
    assert conflict.winner is not None and conflict.winner.tx_id == winner.transaction_id


def test_a_phantom_names_the_key_that_appeared(lab: Lab) -> None:
    lab.contract().submit("PutMany", "row-", "3", "x")
    counted = lab.endorse("CountRange", "row-", "row-z", "sum")
    appeared = lab.endorse("Put", "row-00001x", "new").submit()
    assert appeared.status().successful
    lost = counted.submit()
    assert lost.status().code_name == "PHANTOM_READ_CONFLICT"
    autopsy = lab.autopsy(lost)
    (conflict,) = autopsy.conflicts
    assert conflict.key == "row-00001x"
    assert conflict.read is None
    assert conflict.winner is not None and conflict.winner.tx_id == appeared.transaction_id
    assert states(autopsy) == ["ok", "ok", "ok", "failed", "skipped"]


def test_a_phantom_that_vanished_is_seen_too(lab: Lab) -> None:
    lab.contract().submit("PutMany", "gone-", "3", "x")
    counted = lab.endorse("CountRange", "gone-", "gone-z", "sum2")
    lab.contract().submit("Delete", "gone-00001")
    lost = counted.submit()
    assert lost.status().code_name == "PHANTOM_READ_CONFLICT"
    (conflict,) = lab.autopsy(lost).conflicts
    assert (conflict.key, conflict.found) == ("gone-00001", None)


def test_a_missing_endorsement_is_named(lab: Lab) -> None:
    submitted = lab.endorse("Put", "a", "1", endorsers=("CopyrightMSP",)).submit()
    assert submitted.status().code_name == "ENDORSEMENT_POLICY_FAILURE"
    autopsy = lab.autopsy(submitted)
    (gap,) = autopsy.gaps
    assert gap.endorsed == ("CopyrightMSP",)
    assert gap.missing == (("DataBureauMSP.peer",),)
    assert CONTRACT in both(gap.scope)
    assert states(autopsy)[1] == "failed" and states(autopsy)[-1] == "skipped"


def test_a_keys_own_policy_is_told_from_the_contracts(lab: Lab) -> None:
    lab.contract().submit("Put", "guarded", "1")
    lab.contract().submit("SetPolicy", "guarded", "HealthMSP")
    submitted = lab.endorse("Put", "guarded", "2", endorsers=("CopyrightMSP", "DataBureauMSP")).submit()
    assert submitted.status().code_name == "ENDORSEMENT_POLICY_FAILURE"
    (gap,) = lab.autopsy(submitted).gaps
    assert "guarded" in both(gap.scope)
    assert any("HealthMSP" in principal for option in gap.missing for principal in option)


def test_a_contracts_refusal_never_reaches_the_ledger_and_says_who_refused(lab: Lab) -> None:
    explorer, contracts = lab.platform.explorer, lab.platform.contracts
    with pytest.raises(LedgerError) as refused:
        contracts.invoke(lab.network, CONTRACT, "Fail", ["no such thing"])
    autopsy = explorer.autopsy_of_error(refused.value)
    assert states(autopsy) == ["ok", "failed", "skipped", "skipped", "skipped"]
    assert autopsy.code is None and autopsy.transaction is None
    assert {peer["msp_id"] for peer in autopsy.peers} <= {"CopyrightMSP", "DataBureauMSP"}
    assert all("no such thing" in peer["message"] for peer in autopsy.peers) and autopsy.peers


def test_endorsers_that_disagree_are_told_apart(lab: Lab) -> None:
    with pytest.raises(LedgerError) as refused:
        lab.platform.contracts.invoke(
            lab.network, CONTRACT, "WhichPeer", [], endorsers=("CopyrightMSP", "DataBureauMSP")
        )
    autopsy = lab.platform.explorer.autopsy_of_error(refused.value)
    assert states(autopsy)[1] == "failed"
    assert autopsy.peers


def test_a_bad_proposal_is_refused_before_anything_is_endorsed(lab: Lab) -> None:
    """A proposal signed by another key than its creator's."""
    handle = lab.platform.networks.handle(lab.network)
    right, wrong = handle.identity("CopyrightMSP/admin"), handle.identity("HealthMSP/admin")
    forged = SigningIdentity(right.identity, wrong.signer)
    with connect(handle.endpoint("CopyrightMSP"), forged) as gateway:
        contract = gateway.get_network("citychannel").get_contract(CONTRACT)
        with pytest.raises(LedgerError) as refused, translating():
            contract.submit("Put", "x", "1")
    autopsy = lab.platform.explorer.autopsy_of_error(refused.value)
    assert "failed" in states(autopsy) and states(autopsy)[-1] == "skipped"
    assert autopsy.advice.zh


def test_a_revoked_identity_is_named_as_the_reason(lab: Lab) -> None:
    identities = lab.platform.identities
    label = identities.issue("CopyrightMSP", "left-the-office", "auditor")
    handle = lab.platform.networks.handle(lab.network)
    with connect(handle.endpoint("CopyrightMSP"), handle.identity(label)) as gateway:
        contract = gateway.get_network("citychannel").get_contract(CONTRACT)
        endorsed = contract.new_proposal("Put", "late", "1").endorse()
        lab.platform.jobs.run(identities.revoke, label, "key lost")
        # Endorsed while it was valid, sent for ordering afterwards.
        with pytest.raises(LedgerError) as at_order, translating():
            endorsed.submit().status()
    with pytest.raises(LedgerError) as at_endorse:
        lab.platform.contracts.invoke(lab.network, CONTRACT, "Put", ["late", "2"], identity=label)
    for refused in (at_order, at_endorse):
        assert refused.value.code == "identity_refused"
        autopsy = lab.platform.explorer.autopsy_of_error(refused.value)
        assert states(autopsy)[-1] == "skipped"
        assert "吊销" in both(autopsy.verdict, autopsy.advice)


def test_an_expired_identity_is_named_as_the_reason(lab: Lab) -> None:
    identities = lab.platform.identities
    authority = identities._authority(lab.network, "CopyrightMSP")
    issued = authority.issue("expired", "client", days=-1 / 24 / 60)
    handle = lab.platform.networks.handle(lab.network)
    expired = SigningIdentity.from_pem("CopyrightMSP", issued.certificate_pem, issued.private_key_pem)
    with connect(handle.endpoint("CopyrightMSP"), expired) as gateway:
        contract = gateway.get_network("citychannel").get_contract(CONTRACT)
        with pytest.raises(LedgerError) as refused, translating():
            contract.submit("Put", "x", "1")
    assert refused.value.code == "identity_refused"
    autopsy = lab.platform.explorer.autopsy_of_error(refused.value)
    assert "过期" in both(autopsy.verdict, autopsy.advice)


def test_the_index_made_anew_tells_the_same_of_every_failure(lab: Lab) -> None:
    explorer = lab.platform.explorer
    explorer.sync(lab.network)
    failed = explorer.transactions(lab.network, valid=False, limit=100)
    assert failed
    before = [explorer.autopsy(lab.network, row.tx_id) for row in failed]
    lab.platform.jobs.run(explorer.rebuild, lab.network)
    assert [explorer.autopsy(lab.network, row.tx_id) for row in failed] == before
