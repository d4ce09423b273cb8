"""The platform's services on real Fabric: the same calls as on the embedded ledger (tests/baas/test_city.py)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from baas.errors import LedgerError
from baas.platform import Platform
from baas.services.explorer.writer import content_digest
from network.topology import template
from tests.conftest import City, close_city, make_city

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def fabric(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    from network.drivers import make_driver
    from network.vault import MemoryVault

    spec = template("city", network_name="city", runtime="native")
    capability = make_driver("native", tmp_path_factory.mktemp("probe"), MemoryVault()).check(spec)
    if not capability.available:
        pytest.skip(f"the peer and orderer programs are not here: {capability.reason}")
    made = make_city(tmp_path_factory.mktemp("fabric") / "workspace", "native")
    yield made
    close_city(made)


def test_contracts_are_deployed_and_known(fabric: City) -> None:
    contracts = fabric.platform.contracts
    for wanted in contracts.templates():
        board = contracts.board(fabric.network, wanted.name)
        assert board.approvals == 4 and board.pending is None
        assert contracts.metadata(fabric.network, wanted.name)["contracts"]
        result = contracts.invoke(fabric.network, wanted.name, "org.hyperledger.fabric:GetMetadata")
        assert result.block
    assert not fabric.platform.jobs.run(contracts.deploy, fabric.network, contracts.templates()[0].name).changed


def test_the_chain_verifies_is_indexed_and_rebuilt_to_the_same(fabric: City) -> None:
    assert fabric.platform.jobs.run(fabric.platform.ledger.verify, fabric.network).verified
    explorer = fabric.platform.explorer
    explorer.sync(fabric.network)
    hit = explorer.search(fabric.network, "CommitChaincodeDefinition")[0]
    assert {stage.state for stage in explorer.autopsy(fabric.network, hit.tx_id).stages} == {"ok"}
    path = fabric.platform.workspace.path("index", f"{fabric.network}~citychannel.db")
    before = content_digest(path)
    fabric.platform.jobs.run(explorer.rebuild, fabric.network)
    assert content_digest(path) == before, explorer.status(fabric.network)


def test_too_few_endorsers_are_diagnosed(fabric: City) -> None:
    name = fabric.platform.contracts.templates()[0].name
    contract = fabric.platform.networks.connect(fabric.network, "DataBureauMSP/admin").get_contract(name)
    proposal = contract.new_proposal("org.hyperledger.fabric:GetMetadata", endorsing_organizations=("DataBureauMSP",))
    submitted = proposal.endorse().submit()
    assert not submitted.status().successful
    fabric.platform.explorer.sync(fabric.network)
    autopsy = fabric.platform.explorer.autopsy(fabric.network, submitted.transaction_id)
    assert autopsy.code_name == "ENDORSEMENT_POLICY_FAILURE"
    assert autopsy.gaps[0].endorsed == ("DataBureauMSP",) and autopsy.gaps[0].missing


def test_a_revoked_identity_is_refused_at_once(fabric: City) -> None:
    identities = fabric.platform.identities
    label = identities.issue("CopyrightMSP", "to-be-revoked", "creator")
    contracts = fabric.platform.contracts
    assert contracts.query(fabric.network, "qscc", "GetChainInfo", ["citychannel"], identity=label).payload
    fabric.platform.jobs.run(identities.revoke, label)
    with pytest.raises(LedgerError) as refused:
        contracts.query(fabric.network, "qscc", "GetChainInfo", ["citychannel"], identity=label)
    assert refused.value.code == "identity_refused"


def test_another_workspace_attaches_by_profile_and_identity(fabric: City, tmp_path: Path) -> None:
    from network.profile import export_profile

    export_profile(fabric.platform.networks.handle(fabric.network), "HospitalMSP", tmp_path / "profile.yaml")
    folder = fabric.platform.identities.export_msp("HospitalMSP/admin", tmp_path / "msp")
    with Platform.open(tmp_path / "theirs") as theirs:
        spec = theirs.jobs.run(
            theirs.exchange.attach,
            tmp_path / "profile.yaml",
            "abroad",
            (folder / "signcerts" / "cert.pem").read_bytes(),
            (folder / "keystore" / "key.pem").read_bytes(),
            contract_host="127.0.0.1",
        )
        assert (spec.runtime, len(spec.organizations)) == ("attached", 5)
        assert {d.name for d in theirs.contracts.list("abroad")} >= {t.name for t in theirs.contracts.templates()}
        assert theirs.jobs.run(theirs.ledger.verify, "abroad").verified
        with pytest.raises(LedgerError) as waiting:
            theirs.jobs.run(theirs.contracts.deploy, "abroad", theirs.contracts.templates()[0].name, version="9.9.9")
        assert waiting.value.code == "not_approved"
        theirs.networks.destroy("abroad")
    assert fabric.platform.networks.status(fabric.network).state == "running"
