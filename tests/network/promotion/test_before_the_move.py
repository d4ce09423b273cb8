"""What a promotion looks at, hands over and refuses before anything is changed; no program of Fabric is needed."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fabric_protos.common.common_pb2 import BlockMetadataIndex

from fabric_sdk.configtx.orderer import OrderingClient, OrderingRefused
from fabric_sdk.errors import FabricError
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.identity import load_msp_folder
from network import plan
from network.addresses import AddressBook
from network.drivers.base import Silent
from network.drivers.native import NativeDriver
from network.errors import CityChainError
from network.native import programs
from network.plan import NetworkState
from network.promotion import block_files, checks
from network.promotion.block_files import chain_bytes, write_chain
from network.promotion.checks import make_plan, target_spec
from network.promotion.judge import stored_channels
from network.promotion.move import Promotion
from network.promotion.private_data import held_sets, write_transient
from network.promotion.record import PromotionRecord, recover
from network.promotion.source import BlockSource
from network.promotion.stored import StoredChannel, ledger_file
from network.topology import template
from tests.e2e.crafted import Crafter
from tests.network.embedded.city import City
from tests.network.embedded.conftest import BOTH, collections
from tests.network.promotion.test_files import entries

CHANNEL, SECRET = "citychannel", "Kq7zV2mXc9RfT4wLb8JhY3nP"


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A network with private data: kept, purged, and kept beside a purged key in one transaction."""
    with City(tmp_path_factory.mktemp("promotion") / "n", template("city")) as city:
        city.deploy("ledger", policy=BOTH, collections=collections())
        contract = city.contract()
        both = ["DataBureauMSP", "CopyrightMSP"]
        for key in ("kept", "purged"):
            contract.submit(
                "PutPrivate", "open", key, transient={"value": f"{key} {SECRET}"}, endorsing_organizations=both
            )
        pair = json.dumps({"first": "1", "second": "2"})
        contract.submit("PutAllPrivate", "open", transient={"values": pair}, endorsing_organizations=both)
        contract.submit("PurgePrivate", "open", "purged", endorsing_organizations=both)
        contract.submit("PurgePrivate", "open", "first", endorsing_organizations=both)
        yield city


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Programs that are there and say that they are the version wanted."""
    for name in ("bin/peer", "bin/orderer", "builders/ccaas/bin/detect"):
        path = tmp_path / "release" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o755)
    monkeypatch.setattr(programs, "cache_directory", lambda: tmp_path / "cache")
    monkeypatch.setattr(programs, "_version_of", lambda _: "3.1.5")
    monkeypatch.setattr(checks, "said_version", lambda _: "3.1.5")
    monkeypatch.setenv(programs.ENVIRONMENT, str(tmp_path / "release"))
    return tmp_path / "release"


def identity(city: City, peer: str) -> bytes:
    node = city.handle.spec.node(peer)
    folder = city.handle.authority(node.organization.msp_id).nodes.directory(node)
    return load_msp_folder(folder / "msp", node.organization.msp_id).creator


def opened(city: City) -> StoredChannel:
    return StoredChannel(ledger_file(city.directory, CHANNEL), CHANNEL)


def contents(folder: Path) -> dict[str, bytes]:
    """What matters of a network's folder: everything but what its running process keeps."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and not p.name.endswith((".lock", ".log", "-wal", "-shm", ".db"))
    }


# What is handed over


def test_a_peer_gets_what_its_organisation_holds_and_nothing_else(grown: City, tmp_path: Path) -> None:
    with opened(grown) as channel:
        for peer, holds in (("peer0.databureau.city.internal", True), ("peer0.health.city.internal", False)):
            shares = write_transient([channel], tmp_path / peer, identity(grown, peer))
            found = entries(tmp_path / peer / "transientstore")
            assert any(SECRET.encode() in value for _, value in found) == holds
            assert not any(b"purged" in value for _, value in found if SECRET.encode() in value)
            assert all(key.startswith(CHANNEL.encode() + b"\0") for key, _ in found)
            assert len(shares[CHANNEL].broken) == (1 if holds else 0)
            assert len(found) == 3 * len(list(held_sets(channel, identity(grown, peer), [])))
            # Its own approvals are its organisation's implicit collection.
            assert shares[CHANNEL].given >= 1


def test_the_plan_names_the_keys_that_will_be_gone(grown: City, installed: Path) -> None:
    driver = NativeDriver(grown.directory, grown.vault)
    with stored_channels(grown.directory, [CHANNEL]) as channels:
        found = make_plan(grown.handle, driver, target_spec(grown.spec), channels)
        height = channels[CHANNEL].height
    assert [(k.contract, k.collection, k.key) for k in found.lost] == [("ledger", "open", "second")]
    assert not found.obstacles
    assert (found.heights, found.peers, found.orderers) == ({CHANNEL: height}, 4, 1)
    assert [(c.name, c.module) for c in found.contracts] == [("ledger", "tests.network.embedded.ledger_contract")]
    assert len(found.contracts[0].packages) == 4
    assert found.disk_bytes > checks.SPARE_BYTES


def test_chains_are_written_in_files_of_a_limited_size(
    grown: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block_files, "MAX_FILE", 40_000)
    with opened(grown) as channel:
        total = write_chain(channel, tmp_path)
        files = sorted((tmp_path / "chains" / CHANNEL).iterdir())
        assert [f.name for f in files] == [f"blockfile_{i:06d}" for i in range(len(files))]
        assert len(files) > 2
        assert all(f.stat().st_size <= 40_000 for f in files)
        assert chain_bytes(tmp_path, CHANNEL) == total
        with pytest.raises(FileExistsError):
            write_chain(channel, tmp_path)


def test_the_source_delivers_blocks_without_verdicts_and_orders_nothing(grown: City) -> None:
    book = AddressBook()
    book.allocate(grown.handle.orderers())
    orderer = grown.handle.orderers()[0]
    ca = grown.handle.authority(orderer.organization.msp_id)
    address = book[orderer.name].address
    endpoint = Endpoint(address, ca.tls_certificate_pem, server_name=orderer.name)
    with (
        BlockSource(grown.directory, {CHANNEL: 3}, address, ca.nodes.directory(orderer) / "tls"),
        OrderingClient(endpoint, grown.handle.admin("DataBureauMSP")) as client,
    ):
        for number in range(3):
            block = client.block(CHANNEL, number)
            assert block.header.number == number
            assert block.metadata.metadata[BlockMetadataIndex.SIGNATURES] or number == 0
            assert not block.metadata.metadata[BlockMetadataIndex.TRANSACTIONS_FILTER]
            assert not block.metadata.metadata[BlockMetadataIndex.COMMIT_HASH]
        assert client.block(CHANNEL).header.number == 2
        with pytest.raises(FabricError):
            client.block(CHANNEL, 3)
        with pytest.raises(FabricError):
            client.broadcast(SimpleNamespace(SerializeToString=lambda **_: b""))


def test_what_would_end_fabrics_peers_is_not_ordered(grown: City) -> None:
    """Fabric's orderers take a transaction without an endorsed action; its peers then end at that block for ever."""
    with opened(grown) as channel:
        height = channel.height
    node = grown.handle.orderers()[0]
    made = Crafter(CHANNEL, "ledger", "1.0", grown.handle.admin("DataBureauMSP"), [grown.handle.admin("DataBureauMSP")])
    with OrderingClient(grown.handle.node_endpoint(node), grown.handle.admin("DataBureauMSP")) as orderer:
        for envelope in made.stopping():
            with pytest.raises(OrderingRefused, match="no endorsed action"):
                orderer.broadcast(envelope)
    grown.contract().submit("Put", "ordered", "yes")
    with opened(grown) as channel:
        assert channel.height == height + 1


# What is refused


def refused(city: City) -> CityChainError:
    """Try to promote; nothing may have changed, and the embedded ledger still runs."""
    before = contents(city.directory)
    pid = (city.directory / "embedded" / "ready.json").read_bytes()
    with pytest.raises(CityChainError) as caught:
        Promotion(city.directory, city.vault, Silent()).run()
    assert contents(city.directory) == before
    assert (city.directory / "embedded" / "ready.json").read_bytes() == pid
    assert city.contract().evaluate("Get", "nothing") == b""
    return caught.value


def test_programs_that_are_not_there(grown: City, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "cache_directory", lambda: tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(programs.ENVIRONMENT, raising=False)
    assert refused(grown).code == "promotion_programs"


def test_programs_of_another_version_under_the_right_name(
    grown: City, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "said_version", lambda path: "3.1.4" if path.name.startswith("orderer") else "3.1.5")
    error = refused(grown)
    assert error.code == "promotion_version"
    assert "3.1.4" in str(error)


@pytest.mark.parametrize("which", ["operations_port", "chaincode_port", "contracts"])
def test_a_taken_port(grown: City, installed: Path, which: str) -> None:
    address = grown.handle.addresses["peer0.health.city.internal"]
    port = int(address.contract_prefix + "00") if which == "contracts" else getattr(address, which)
    with socket.create_server(("127.0.0.1", port)):
        error = refused(grown)
    assert error.code == "promotion_port"
    assert str(port) in str(error)


def test_a_full_disk(grown: City, installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(grown.directory)
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: usage._replace(free=100 * 1024 * 1024))
    assert refused(grown).code == "promotion_disk"


def test_an_administrator_who_is_not_here(grown: City, installed: Path) -> None:
    name = f"{grown.spec.name}/HealthMSP/admin"
    key = grown.vault.get(name)
    grown.vault.remove(name)
    try:
        assert refused(grown).code == "promotion_administrator"
    finally:
        grown.vault.put(name, key)


def test_a_network_that_others_reach(grown: City, installed: Path) -> None:
    (grown.directory / "listening.json").write_text('{"name": "ledger.example.cn", "address": "192.0.2.7"}')
    try:
        assert refused(grown).code == "promotion_listening"
    finally:
        (grown.directory / "listening.json").unlink()


# What is thrown away


def leave(city: City, phase: str) -> None:
    """What a promotion leaves that was killed."""
    PromotionRecord(phase, "3.1.5", {CHANNEL: 1}).save(city.directory)  # type: ignore[arg-type]
    for name in ("nodes/peer0.health.city.internal/data/x", "promotion/nodes/y", "contracts.json"):
        path = city.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")


def test_whoever_comes_next_throws_away_what_was_begun(grown: City) -> None:
    before = contents(grown.directory)
    for phase in ("moving", "moved"):
        leave(grown, phase)
        plan.run(grown.driver, grown.spec, grown.directory)
        after = contents(grown.directory)
        before.pop("state.json", None), after.pop("state.json", None)
        assert after == before
    assert recover(grown.directory) is False


def test_what_fabric_has_taken_over_is_never_thrown_away(grown: City, tmp_path: Path) -> None:
    taken = City(tmp_path, target_spec(grown.spec))
    NetworkState("building", taken.spec, taken.spec).save(tmp_path)
    leave(taken, "moved")
    assert recover(tmp_path) is False
    assert (tmp_path / "nodes" / "peer0.health.city.internal" / "data" / "x").exists()
