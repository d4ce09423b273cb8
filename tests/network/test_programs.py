"""Where Fabric's programs are looked for, and what is said when they are nowhere; node configurations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from network.addresses import AddressBook
from network.drivers.base import ContractService
from network.drivers.native import NativeDriver
from network.errors import Unavailable
from network.native import programs
from network.native.configs import NodeFolders, write_orderer_config, write_peer_config
from network.native.contracts import ContractSlots
from network.native.operations import metric
from network.plan import NetworkState
from network.topology import template
from network.vault import MemoryVault

VERSION = "3.1.5"


def lay(folder: Path) -> Path:
    for name in ("bin/peer", "bin/orderer", "builders/ccaas/bin/detect"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o755)
    return folder / "bin"


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "cache_directory", lambda: tmp_path / "cache")
    monkeypatch.setattr(programs, "_version_of", lambda _: VERSION)
    monkeypatch.delenv(programs.ENVIRONMENT, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))


def test_setting_environment_cache_and_path_in_this_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert programs.find_programs(VERSION) is None
    on_path = lay(tmp_path / "release")
    monkeypatch.setenv("PATH", str(on_path))
    found = programs.find_programs(VERSION)
    assert found is not None
    assert found.directory == on_path
    cached = lay(tmp_path / "cache" / VERSION)
    assert programs.require_programs(VERSION).directory == cached
    named = lay(tmp_path / "named")
    monkeypatch.setenv(programs.ENVIRONMENT, str(named.parent))
    assert programs.require_programs(VERSION).directory == named
    chosen = lay(tmp_path / "chosen")
    assert programs.require_programs(VERSION, chosen).directory == chosen
    assert programs.installed_versions() == (VERSION,)


def test_another_version_or_a_missing_builder_will_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(programs.ENVIRONMENT, str(lay(tmp_path / "release")))
    assert programs.find_programs("2.5.16") is None
    (tmp_path / "release" / "builders" / "ccaas" / "bin" / "detect").unlink()
    assert programs.find_programs(VERSION) is None
    said = programs.lacking(VERSION)  # it was said that Fabric is not here
    assert "builders/ccaas" in said.en and "builders/ccaas" in said.zh
    (tmp_path / "release" / "bin" / "orderer").unlink()
    assert "orderer" in programs.lacking(VERSION).en
    assert programs.lacking("9.9.9").en == "Fabric 9.9.9 is not on this machine."


def test_missing_programs_are_one_sentence_with_a_way_out(tmp_path: Path) -> None:
    spec = template("single", runtime="native")
    driver = NativeDriver(tmp_path / "single", MemoryVault())
    capability = driver.check(spec)
    assert not capability.available
    assert capability.reason is not None
    assert capability.reason.zh != capability.reason.en
    with pytest.raises(Unavailable) as error:
        driver.plan(spec, NetworkState())
    assert error.value.code == "fabric_missing"
    assert "network fetch" in str(error.value.hint)
    assert not (tmp_path / "single").exists()


def test_configurations_listen_on_loopback_and_never_build_contracts(tmp_path: Path) -> None:
    spec = template("single")
    book = AddressBook()
    book.allocate(spec.nodes())
    for node in spec.nodes():
        folders = NodeFolders.of(tmp_path, node)
        address = book[node.name]
        if node.kind == "peer":
            environment = write_peer_config(folders, node, address, [], Path("/b"), fabric_version="2.5.16")
            document = json.loads((folders.config / "core.yaml").read_bytes())
            assert document["vm"]["endpoint"] == ""
            assert [b["name"] for b in document["chaincode"]["externalBuilders"]] == ["ccaas_builder"]
            assert document["peer"]["listenAddress"].startswith("127.0.0.1:")
            assert document["operations"]["listenAddress"].startswith("127.0.0.1:")
            assert {"name": "TimeWindowCheck"} not in document["peer"]["handlers"]["authFilters"]
            assert "CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG" not in environment  # holds a key: read out of a private file
        else:
            environment = write_orderer_config(folders, node, address)
            document = json.loads((folders.config / "orderer.yaml").read_bytes())
            assert document["General"]["BootstrapMethod"] == "none"
            assert document["Admin"]["TLS"]["ClientAuthRequired"]
            assert document["Operations"]["ListenAddress"].startswith("127.0.0.1:")
        assert environment["FABRIC_CFG_PATH"] == str(folders.config)


def test_contract_slots_are_kept_until_released(tmp_path: Path) -> None:
    spec = template("city")
    book = AddressBook()
    book.allocate(spec.nodes())
    peers = list(spec.peers())
    first = ContractSlots(tmp_path).allocate("a", "1", book, peers)
    assert ContractSlots(tmp_path).allocate("a", "1", book, peers) == first
    second = ContractSlots(tmp_path).allocate("a", "2", book, peers)
    assert second != first
    service = ContractService("a", "1", "a_1", "a_1:00", "m")
    slots = ContractSlots(tmp_path)
    assert slots.assign(service) == first
    assert ContractSlots(tmp_path).services() == [(first, service)]
    slots.release("a_1:00")
    assert ContractSlots(tmp_path).services() == []
    with pytest.raises(Unavailable):
        ContractSlots(tmp_path).assign(ContractService("b", "1", "b_1", "b_1:00", "m"))


def test_a_metric_is_found_by_name_and_labels() -> None:
    text = 'up_total{channel="a"} 1\nup{channel="b"} 2\nup{channel="a"} 3\nplain 4\n'
    assert metric(text, "up", channel="a") == 3
    assert metric(text, "plain") == 4
    assert metric(text, "up", channel="c") is None
