"""Connection profiles in the forms that others hand out: addresses, encodings, escaped certificates, node files."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from network.attached.profile import parse_profile, read_profile
from network.errors import CityChainError, UserError
from tests.attached.test_profile import PEM, profile

FIRST = "peer0.org1.example.com"


def with_peer(**changes: Any) -> dict[str, Any]:
    found = profile()
    found["peers"][FIRST] = {**found["peers"][FIRST], **changes}
    return found


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("grpcs://[::1]:7051", "::1", 7051, True),
        ("grpcs://[2001:db8::7]:7051/", "2001:db8::7", 7051, True),
        ("GRPCS://peer.example.com:443", "peer.example.com", 443, True),
        ("Grpc://localhost:7051", "localhost", 7051, False),
        ("localhost:7051", "localhost", 7051, True),
        (" grpcs://localhost:7051 ", "localhost", 7051, True),
    ],
)
def test_addresses(url: str, host: str, port: int, tls: bool) -> None:
    peer = parse_profile(with_peer(url=url)).peers[0]
    assert (peer.host, peer.port, peer.tls_root_pem is not None) == (host, port, tls)


def test_without_scheme_and_certificates_there_is_no_tls() -> None:
    found = with_peer(url="localhost:7051")
    del found["peers"][FIRST]["tlsCACerts"]
    assert parse_profile(found).peers[0].tls_root_pem is None


@pytest.mark.parametrize(
    "url",
    ["grpcs://[::1]", "grpcs://[:::]:7051", "grpcs://[::1:7051", "http://localhost:7051", "grpcs://::1:7051", "7051"],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UserError):
        parse_profile(with_peer(url=url))


@pytest.mark.parametrize("ends", ["\\n", "\\r\\n"])
def test_line_ends_that_were_escaped_twice_are_mended(ends: str) -> None:
    """They were taken as they were and failed at the handshake, where nobody looks for them."""
    found = with_peer(tlsCACerts={"pem": PEM.replace("\n", ends)})
    assert parse_profile(found).peers[0].tls_root_pem == PEM.encode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_files_of_other_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "profile.json"
    path.write_bytes(json.dumps(profile()).encode(encoding))
    assert read_profile(path).msp_id == "Org1MSP"


@pytest.mark.parametrize("as_list", [False, True])
@pytest.mark.parametrize(
    "roots",
    [
        {"tls_ca_root_certs": [base64.b64encode(PEM.encode()).decode()]},
        {"msp": {"tlsca": {"root_certs": [base64.b64encode(PEM.encode()).decode()]}}},
        {"tls_ca_root_cert": PEM},
    ],
)
def test_node_files_of_the_operations_console(as_list: bool, roots: dict[str, Any]) -> None:
    node = {
        "type": "fabric-peer",
        "display_name": "Peer Org1",
        "msp_id": "Org1MSP",
        "api_url": "grpcs://p1:443",
        **roots,
    }
    read = parse_profile([node, {"type": "fabric-ca"}] if as_list else node)
    assert (read.msp_id, read.organizations) == ("Org1MSP", ("Org1MSP",))
    (peer,) = read.peers
    assert (peer.name, peer.host, peer.port, peer.tls_root_pem) == ("Peer Org1", "p1", 443, PEM.encode())


@pytest.mark.parametrize(
    "node",
    [
        {"type": "fabric-peer"},
        {"type": "fabric-peer", "msp_id": "X", "api_url": "grpcs://p:443"},
        {"type": "fabric-peer", "msp_id": "X", "api_url": "grpcs://p:443", "tls_ca_root_certs": ["%%%"]},
        {"type": "fabric-peer", "msp_id": 7, "api_url": []},
        {"type": "fabric-orderer", "msp_id": "X"},
        [],
    ],
)
def test_node_files_that_say_too_little(node: object) -> None:
    with pytest.raises(CityChainError):
        parse_profile(node)
