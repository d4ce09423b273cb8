"""The services over a real embedded network: what the console and the command line do, end to end."""

from __future__ import annotations

import json
import queue
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.common.common_pb2 import Block

from baas.cli.root import run
from baas.errors import LedgerError, Text, UserError
from baas.events import BlockIndexed
from baas.platform import Platform
from baas.services import growth
from baas.services.backup import back_up
from baas.services.chain import ChainReader
from baas.services.explorer.writer import IndexWriter, content_digest
from baas.services.ledger import MAGIC, read_export, verify_file
from baas.services.restoring import restore
from tests.conftest import City


def test_the_network_runs_and_says_so(city: City) -> None:
    status = city.platform.networks.status(city.network)
    assert status.state == "running"
    assert {node.msp_id for node in status.nodes if node.kind == "peer"} == {
        "DataBureauMSP",
        "CopyrightMSP",
        "HealthMSP",
        "HospitalMSP",
    }
    (summary,) = city.platform.networks.list()
    assert (summary.phase, summary.default) == ("ready", True)


def test_every_contract_is_deployed_and_describes_itself(city: City) -> None:
    deployed = {definition.name for definition in city.platform.contracts.list(city.network)}
    wanted = {template.name for template in city.platform.contracts.templates()}
    assert wanted and wanted <= deployed
    for name in wanted:
        metadata = city.platform.contracts.metadata(city.network, name)
        assert metadata["contracts"]
        board = city.platform.contracts.board(city.network, name)
        assert board.approvals == len(board.rows) == 4
        assert all(all(row.installed.values()) for row in board.rows)
        assert board.pending is None
        explained = city.platform.contracts.explain(city.network, board.committed.endorsement_policy)  # type: ignore[union-attr]
        assert explained.options and all(len(option.msp_ids) >= 2 for option in explained.options)
        assert any(option.online for option in explained.options)


def test_the_board_is_asked_again_without_another_handshake(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, each look at what waits for signatures shook hands some twenty-five times, and the window with it."""
    from fabric_sdk.gateway import blocking

    made: list[object] = []

    class Counted(blocking.Link):
        def __init__(self, *args: Any) -> None:
            made.append(args)
            super().__init__(*args)

    platform = city.platform
    board = platform.contracts.board(city.network, "copyright")
    monkeypatch.setattr(blocking, "Link", Counted)
    platform.contracts.list(city.network)
    assert platform.contracts.board(city.network, "copyright") == board and not made
    platform.networks.disconnect(city.network)
    assert platform.contracts.board(city.network, "copyright") == board and 4 <= len(made) <= 5


def test_deploying_again_changes_nothing(city: City) -> None:
    name = city.platform.contracts.templates()[0].name
    result = city.platform.jobs.run(city.platform.contracts.deploy, city.network, name)
    assert not result.changed
    with pytest.raises(UserError) as wrong:
        city.platform.contracts.deploy(city.network, name, sequence=99)
    assert wrong.value.code == "wrong_sequence"
    with pytest.raises(UserError) as bad:
        city.platform.contracts.deploy(city.network, name, policy="AND('X.peer'")
    assert bad.value.code == "bad_policy"


def test_the_whole_chain_verifies_and_its_export_too(city: City, tmp_path: Path) -> None:
    report = city.platform.jobs.run(city.platform.ledger.verify, city.network)
    assert report.verified and report.height >= 3 and report.state_checked
    assert city.platform.jobs.run(city.platform.ledger.verify, city.network).signatures_known == report.blocks - 1
    assert not city.platform.jobs.run(city.platform.ledger.verify, city.network, anew=True).signatures_known
    export = city.platform.jobs.run(city.platform.ledger.export, tmp_path / "chain.blocks", city.network)
    again = city.platform.jobs.run(city.platform.ledger.verify_file, export.path)
    assert again.height >= report.height
    raw = bytearray(export.path.read_bytes())
    for position in (25, len(raw) // 2, len(raw) - 9):
        bad = bytearray(raw)
        bad[position] ^= 1
        (tmp_path / "bad.blocks").write_bytes(bad)
        with pytest.raises((LedgerError, UserError)):
            city.platform.jobs.run(city.platform.ledger.verify_file, tmp_path / "bad.blocks")
    (tmp_path / "cut.blocks").write_bytes(raw[:-5])
    with pytest.raises(UserError):
        city.platform.jobs.run(city.platform.ledger.verify_file, tmp_path / "cut.blocks")


def test_an_export_without_commit_hashes_is_not_called_verified(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No signature covers the codes: before, whoever left the commit hashes out could change every code unnoticed."""
    path = city.platform.jobs.run(city.platform.ledger.export, tmp_path / "chain.blocks", city.network).path
    whole = [Block.FromString(raw) for raw in read_export(path)]
    report = verify_file(path)
    live = city.platform.jobs.run(city.platform.ledger.verify, city.network)
    card = city.platform.cards.make(city.network)
    assert (report.channel, report.genesis, report.first_block) == (card.channel, card.genesis, 0) and live.genesis
    assert len(report.commit_hash) == 64 and (report.height != live.height or report.commit_hash == live.commit_hash)
    assert run(["--workspace", str(tmp_path), "--lang", "en", "ledger", "verify", "--file", str(path)]) == 0
    shown = capsys.readouterr().out
    assert card.genesis in shown and report.commit_hash in shown and "No orderer signs" in shown
    last = len(whole) - 1

    def refused(first: int, codes: bytes, cut: Callable[[Any], None]) -> Any:
        with path.open("wb") as file:
            file.write(MAGIC)
            for number, one in enumerate(whole):
                block = Block.FromString(one.SerializeToString())
                if number >= max(first, 1):
                    cut(block.metadata.metadata)
                if number == last:
                    block.metadata.metadata[2] = codes * len(block.data.data)
                raw = block.SerializeToString()
                file.write(struct.pack(">Q", len(raw)) + raw)
        with pytest.raises(LedgerError) as error:
            verify_file(path)
        return error.value

    def emptied(metadata: Any) -> None:
        metadata[4] = b""

    def cut_off(metadata: Any) -> None:
        del metadata[4:]

    for first in (0, last):
        for cut in (emptied, cut_off):
            found = refused(first, b"\xff", cut)
            assert (found.code, found.details["block"]) == ("commit_hash_missing", max(first, 1))
    path.write_bytes(MAGIC)
    with pytest.raises(LedgerError) as nothing:
        verify_file(path)
    assert nothing.value.code == "no_blocks"


def test_the_index_follows_a_transaction_and_rebuilds_to_the_same(city: City, tmp_path: Path) -> None:
    """Another test may have the chain followed already: what is waited for is a transaction of this test's own."""
    explorer, networks = city.platform.explorer, city.platform.networks
    heard: queue.Queue[int] = queue.Queue()
    end = city.platform.events.subscribe(BlockIndexed, lambda event: heard.put(event.number))
    try:
        explorer.follow(city.network)
        name = city.platform.contracts.templates()[0].name
        contract = networks.connect(city.network, "DataBureauMSP/admin").get_contract(name)
        submitted = contract.submit_async("org.hyperledger.fabric:GetMetadata")
        status = submitted.status()
        assert status.successful
        while heard.get(timeout=30) < status.block_number:
            pass
    finally:
        end()
    hits = explorer.search(city.network, submitted.transaction_id)
    assert [hit.tx_id for hit in hits] == [submitted.transaction_id]
    autopsy = explorer.autopsy(city.network, submitted.transaction_id)
    assert {stage.state for stage in autopsy.stages} == {"ok"}
    assert len({e.msp_id for e in autopsy.transaction.endorsements}) >= 2  # type: ignore[union-attr]

    path = city.platform.workspace.path("index", f"{city.network}~citychannel.db")
    explorer.unfollow(city.network)
    try:
        followed = content_digest(path)
        assert followed == _indexed_anew(city, explorer.status(city.network)[0].indexed, tmp_path / "one.db")
        city.platform.jobs.run(explorer.rebuild, city.network)
        rebuilt, height = content_digest(path), explorer.status(city.network)[0].indexed
        assert rebuilt == _indexed_anew(city, height, tmp_path / "two.db")
    finally:
        explorer.follow(city.network)


def _indexed_anew(city: City, height: int, path: Path) -> str:
    """The digest of an index made block by block from what a peer keeps, up to `height`."""
    chain = ChainReader(city.platform.networks)
    writer = IndexWriter(path)
    try:
        for number in range(height):
            writer.add([chain.block(city.network, "citychannel", number)])
    finally:
        writer.close()
    return content_digest(path)


def test_too_few_endorsers_are_found_by_the_autopsy(city: City) -> None:
    contracts = city.platform.contracts
    name = contracts.templates()[0].name
    contract = city.platform.networks.connect(city.network, "DataBureauMSP/admin").get_contract(name)
    proposal = contract.new_proposal("org.hyperledger.fabric:GetMetadata", endorsing_organizations=("DataBureauMSP",))
    submitted = proposal.endorse().submit()
    status = submitted.status()
    assert not status.successful
    city.platform.explorer.sync(city.network)
    autopsy = city.platform.explorer.autopsy(city.network, submitted.transaction_id)
    assert autopsy.code_name == "ENDORSEMENT_POLICY_FAILURE"
    (gap,) = autopsy.gaps
    assert gap.endorsed == ("DataBureauMSP",)
    assert gap.missing and all(option for option in gap.missing)
    assert gap.meaning.zh != gap.meaning.en


def test_the_loser_of_a_race_is_told_who_won(city: City) -> None:
    """Two approvals of one organisation endorsed on the same state: the second to be ordered has read what is gone."""
    from fabric_protos.peer.lifecycle.lifecycle_pb2 import ApproveChaincodeDefinitionForMyOrgArgs

    client = city.platform.networks.connect(city.network, "HealthMSP/admin").get_contract("_lifecycle")
    endorsed = []
    for version in ("1", "2"):
        request = ApproveChaincodeDefinitionForMyOrgArgs(name="race", version=version, sequence=1)
        request.source.unavailable.SetInParent()
        proposal = client.new_proposal(
            "ApproveChaincodeDefinitionForMyOrg",
            request.SerializeToString(),
            endorsing_organizations=("HealthMSP",),
        )
        endorsed.append(proposal.endorse())
    winner, loser = (transaction.submit() for transaction in endorsed)
    assert winner.status().successful
    assert loser.status().code_name == "MVCC_READ_CONFLICT"
    city.platform.explorer.sync(city.network)
    autopsy = city.platform.explorer.autopsy(city.network, loser.transaction_id)
    assert [stage.state for stage in autopsy.stages] == ["ok", "ok", "ok", "failed", "skipped"]
    assert {c.winner.tx_id for c in autopsy.conflicts if c.winner} == {winner.transaction_id}


def test_the_command_line_over_the_network(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["--workspace", str(city.platform.workspace.folder), "--json", "--lang", "en"]
    name = city.platform.contracts.templates()[0].name

    def answer(*arguments: str) -> Any:
        assert run([*base, *arguments]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    assert answer("network", "status")["state"] == "running"
    assert {c["name"] for c in answer("chaincode", "status")} >= {name}
    assert answer("chaincode", "status", name)["approvals"] == 4
    assert answer("chaincode", "metadata", name)["contracts"]
    assert answer("chaincode", "query", "qscc", "GetChainInfo", "citychannel")["kind"] == "query"
    (status,) = answer("ledger", "status")
    assert status["indexed"] == status["ledger_height"] > 2
    newest = answer("ledger", "blocks", "--limit", "1")[0]
    block = answer("ledger", "block", str(newest["number"]))
    tx_id = block["transactions"][0]["tx_id"]
    assert answer("ledger", "tx", tx_id)["tx_id"] == tx_id
    assert answer("ledger", "search", tx_id)[0]["tx_id"] == tx_id
    assert answer("ledger", "verify")["verified"] is True
    assert answer("network", "config")["organizations"]
    assert answer("network", "pending") == []
    assert answer("store", "stat")["engine"] == "local"
    # What the ledger refuses has an exit code of its own.
    assert run([*base, "chaincode", "invoke", name, "NoSuchFunction"]) == 4
    assert run([*base, "ledger", "tx", "00" * 32]) == 2


def test_a_revoked_identity_is_refused_at_once(city: City) -> None:
    identities = city.platform.identities
    label = identities.issue("CopyrightMSP", "to-be-revoked", "creator")
    client = city.platform.networks.connect(city.network, label)
    assert client.get_contract("qscc").evaluate("GetChainInfo", "citychannel")
    record = city.platform.jobs.run(identities.revoke, label, "key lost")
    assert record.state == "revoked"
    with pytest.raises(LedgerError) as refused:
        city.platform.contracts.query(city.network, "qscc", "GetChainInfo", ["citychannel"], identity=label)
    assert refused.value.code == "identity_refused"
    report = city.platform.jobs.run(city.platform.ledger.verify, city.network)
    assert report.verified


def test_a_stopped_peer_is_seen_and_comes_back(fresh_city: Callable[[], City]) -> None:
    city = fresh_city()
    networks = city.platform.networks
    networks.stop(city.network, "peer0.hospital.city.internal")
    states = {node.name: node.state for node in networks.status(city.network).nodes}
    assert states["peer0.hospital.city.internal"] == "stopped"
    health = next(t for t in city.platform.contracts.templates() if "health" in t.name)
    explained = city.platform.contracts.explain(
        city.network,
        city.platform.contracts.committed(city.network, health.name).endorsement_policy,  # type: ignore[union-attr]
    )
    assert not any(option.online for option in explained.options)
    with pytest.raises(LedgerError) as refused:
        city.platform.contracts.invoke(city.network, health.name, "org.hyperledger.fabric:GetMetadata")
    assert refused.value.code == "policy_unsatisfiable"
    networks.start(city.network, "peer0.hospital.city.internal")
    result = city.platform.contracts.invoke(city.network, health.name, "org.hyperledger.fabric:GetMetadata")
    assert json.loads(result.payload)["contracts"] and result.block


def test_an_upgrade_takes_the_next_sequence(fresh_city: Callable[[], City]) -> None:
    city = fresh_city()
    contracts = city.platform.contracts
    name = contracts.templates()[0].name
    before = contracts.committed(city.network, name)
    assert before is not None
    result = city.platform.jobs.run(
        contracts.deploy,
        city.network,
        name,
        version="1.0.1",
        policy="OutOf(2, 'DataBureauMSP.peer', 'CopyrightMSP.peer', 'HospitalMSP.peer')",
    )
    assert (result.changed, result.definition.sequence) == (True, before.sequence + 1)
    after = contracts.committed(city.network, name)
    assert after is not None and (after.version, after.sequence) == ("1.0.1", before.sequence + 1)
    assert contracts.metadata(city.network, name)["contracts"]


def test_a_workspace_moves_with_its_network(fresh_city: Callable[[], City], tmp_path: Path) -> None:
    city = fresh_city()
    height = city.platform.chain.info(city.network, "citychannel").height
    city.platform.jobs.run(back_up, city.platform, tmp_path / "backup.zip")
    assert city.platform.networks.status(city.network).state == "running"
    city.platform.networks.destroy(city.network)
    restore(tmp_path / "backup.zip", tmp_path / "elsewhere")
    with Platform.open(tmp_path / "elsewhere") as moved:
        try:
            moved.networks.start("city")
            report = moved.jobs.run(moved.ledger.verify, "city")
            assert (report.verified, report.height) == (True, height)
            name = moved.contracts.templates()[0].name
            assert moved.contracts.metadata("city", name)["contracts"]
        finally:
            moved.networks.destroy("city")


def test_an_organisation_joins_a_running_network(fresh_city: Callable[[], City]) -> None:
    city = fresh_city()
    platform = city.platform
    spec = growth.add_organization(platform.networks.spec("city"), "bank", "BankMSP", Text("银行", "Bank"))
    platform.jobs.run(platform.networks.up, spec)
    assert "BankMSP" in {o.msp_id for o in platform.changes.configuration("city").organizations}
    label = platform.identities.issue("BankMSP", "teller", "auditor")
    assert platform.contracts.query("city", "qscc", "GetChainInfo", ["citychannel"], identity=label).payload
    name = platform.contracts.templates()[0].name
    platform.jobs.run(platform.contracts.deploy, "city", name)
    assert platform.contracts.board("city", name).approvals == 5
    assert platform.jobs.run(platform.ledger.verify, "city").verified
