"""Connection profiles: what others hand out is read, what is wrong is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from network.attached.folder import AttachedSettings, _folder_names, _node_names
from network.attached.profile import read_profile
from network.attached.survey import FoundNode
from network.drivers.attached import AttachedDriver
from network.drivers.base import Silent
from network.errors import CityChainError, NotFound, UserError
from network.vault import MemoryVault

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def profile() -> dict[str, Any]:
    """In the form of Fabric's test network."""
    return {
        "name": "test-network-org1",
        "version": "1.0.0",
        "client": {"organization": "Org1", "connection": {"timeout": {"peer": {"endorser": "300"}}}},
        "organizations": {
            "Org1": {"mspid": "Org1MSP", "peers": ["peer0.org1.example.com"], "certificateAuthorities": ["ca"]},
            "Org2": {"mspid": "Org2MSP", "peers": ["peer0.org2.example.com"]},
        },
        "peers": {
            "peer0.org1.example.com": {
                "url": "grpcs://localhost:7051",
                "tlsCACerts": {"pem": PEM},
                "grpcOptions": {
                    "ssl-target-name-override": "peer0.org1.example.com",
                    "hostnameOverride": "peer0.org1.example.com",
                },
            },
            "peer0.org2.example.com": {"url": "grpc://10.0.0.2:9051"},
            "peer-of-nobody": {"url": "grpcs://localhost:1"},
        },
    }


def write(tmp_path: Path, document: object) -> Path:
    path = tmp_path / "profile.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_a_profile_of_the_test_network(tmp_path: Path) -> None:
    read = read_profile(write(tmp_path, profile()))
    assert (read.name, read.msp_id) == ("test-network-org1", "Org1MSP")
    first, second = read.peers
    assert (first.host, first.port, first.server_name) == ("localhost", 7051, "peer0.org1.example.com")
    assert first.tls_root_pem == PEM.encode()
    assert (second.msp_id, second.tls_root_pem) == ("Org2MSP", None)
    assert read.peers_of("Org2MSP") == (second,)


def test_certificates_may_be_files_and_lists(tmp_path: Path) -> None:
    document = profile()
    (tmp_path / "ca.pem").write_text(PEM)
    peer = document["peers"]["peer0.org1.example.com"]
    peer["tlsCACerts"] = {"path": "ca.pem"}
    assert read_profile(write(tmp_path, document)).peers[0].tls_root_pem == PEM.encode()
    peer["tlsCACerts"] = {"pem": [PEM, PEM]}
    assert read_profile(write(tmp_path, document)).peers[0].tls_root_pem.count(b"BEGIN") == 2
    peer["tlsCACerts"] = {"path": "missing.pem"}
    with pytest.raises(NotFound, match=r"missing\.pem"):
        read_profile(write(tmp_path, document))


def test_yaml_is_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        "organizations: {Org1: {mspid: Org1MSP, peers: [p]}}\n"
        "peers:\n  p:\n    url: grpcs://h.example:7051\n    tlsCACerts:\n      pem: |\n"
        + "".join(f"        {line}\n" for line in PEM.splitlines())
    )
    assert read_profile(path).peers[0].host == "h.example"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda d: d.pop("organizations"), "organizations"),
        (lambda d: d.pop("peers"), "peers"),
        (lambda d: d["organizations"]["Org1"].pop("mspid"), r"organizations\.Org1\.mspid"),
        (lambda d: d["organizations"].update(Org1=[]), r"organizations\.Org1"),
        (lambda d: d["peers"]["peer0.org1.example.com"].update(url="http://x:1"), "url"),
        (lambda d: d["peers"]["peer0.org1.example.com"].update(url="grpcs://x:99999"), "url"),
        (lambda d: d["peers"]["peer0.org1.example.com"].update(url="grpcs://x y:1"), "url"),
        (lambda d: d["peers"]["peer0.org1.example.com"].pop("tlsCACerts"), "tlsCACerts"),
        (lambda d: d["peers"]["peer0.org1.example.com"].update(tlsCACerts={"pem": "no"}), "PEM"),
        (lambda d: d.update(peers={}), "peers"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: Any, where: str) -> None:
    document = profile()
    change(document)
    with pytest.raises(UserError, match=where) as caught:
        read_profile(write(tmp_path, document))
    assert caught.value.hint is not None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=80)
    | st.recursive(
        st.none() | st.text(max_size=5),
        lambda inner: st.dictionaries(
            st.sampled_from(["organizations", "peers", "client", "mspid", "url", "a"]), inner
        ),
        max_leaves=8,
    )
)
def test_hostile_profiles_end_in_one_error(tmp_path: Path, document: object) -> None:
    with pytest.raises(CityChainError):
        read_profile(write(tmp_path, document))


def test_names_for_folders_and_nodes() -> None:
    assert _folder_names(("Org1MSP", "ORG1-MSP", "城市", "9lives")) == {
        "Org1MSP": "org1",
        "ORG1-MSP": "org1-2",
        "城市": "organization",
        "9lives": "o9lives",
    }
    nodes = {
        k: FoundNode(k, "10.0.0.1", 1, n)
        for k, n in {
            "a:1": "peer0.org1.example.com",
            "b:2": "peer0.other",
            "c:3": "10.0.0.7",
            "d:4": "localhost",
        }.items()
    }
    assert list(_node_names(nodes, "peer")) == ["peer0", "peer1", "peer2", "peer3"]


def test_a_folder_that_is_not_attached(tmp_path: Path) -> None:
    driver = AttachedDriver(tmp_path, MemoryVault())
    assert AttachedSettings.load(tmp_path) is None
    with pytest.raises(NotFound, match="has not been attached"):
        driver.settings  # noqa: B018
    with pytest.raises(CityChainError):
        driver.refresh(Silent())
    (tmp_path / "attached.json").write_text("{")
    with pytest.raises(UserError, match="damaged"):
        driver.settings  # noqa: B018
