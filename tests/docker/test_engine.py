"""What the docker driver says where there is no engine, the wrong one, or one that refuses."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from fabric_sdk import clock
from network.docker.containers import archive, image_of, node_container
from network.docker.engine import Engine, find_engine_address
from network.drivers.base import Silent
from network.drivers.docker import DockerDriver
from network.errors import CityChainError, Unavailable
from network.exports.prepare import prepare
from network.topology import template
from network.vault import MemoryVault

SINGLE = template("single").with_(runtime="docker")


class FakeEngine:
    """Answers the Engine API on a Unix socket with fixed documents."""

    def __init__(self, path: Path, answers: dict[str, Any]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2].partition("?")[0]
                status, document = answers.get(name, (404, {"message": f"no such thing: {name}"}))
                data = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def address_string(self) -> str:
                return "unix"

            def log_message(self, *_: object) -> None:
                pass

        self.server = socketserver.ThreadingUnixStreamServer(str(path), Handler)
        self.address = f"unix://{path}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[Any]:
    servers = []

    def start(**answers: Any) -> Engine:
        found = {name: value if isinstance(value, tuple) else (200, value) for name, value in answers.items()}
        server = FakeEngine(tmp_path / f"e{len(servers)}.sock", found)
        servers.append(server)
        return Engine(server.address)

    yield start
    for server in servers:
        server.server.shutdown()
        server.server.server_close()


def version(api: str, **more: str) -> dict[str, str]:
    return {"Version": "99.1", "ApiVersion": api, "MinAPIVersion": "1.12", "Os": "linux", **more}


def check(engine: Engine, tmp_path: Path) -> Any:
    return DockerDriver(tmp_path / "net", MemoryVault(), engine=engine).check(SINGLE)


def test_a_usable_engine_lists_what_must_be_pulled(fake: Any, tmp_path: Path) -> None:
    engine = fake(version=version("1.41"), info={"OperatingSystem": "Debian"})
    capability = check(engine, tmp_path)
    assert capability.available
    assert capability.details["to_pull"] == "hyperledger/fabric-orderer:3.1.5 hyperledger/fabric-peer:3.1.5"
    assert not engine.info().desktop
    engine = fake(version=version("1.52"), info={"OperatingSystem": "Docker Desktop"}, json={"Id": "x"})
    capability = check(engine, tmp_path)
    assert capability.details["api"] == "1.52"
    assert "to_pull" not in capability.details
    assert engine.info().desktop


@pytest.mark.parametrize(
    ("answers", "code", "text"),
    [
        ({"version": version("1.24"), "info": {}}, "docker_too_old", "too old"),
        ({"version": version("1.41", Os="windows"), "info": {}}, "docker_windows_containers", "Windows"),
        ({"version": (500, {"message": "broken inside"})}, "docker_absent", "broken inside"),
        ({"version": version("1.41"), "info": (403, {"message": "not for you"})}, "docker_refused", "not for you"),
    ],
)
def test_an_unusable_engine_says_why(fake: Any, tmp_path: Path, answers: Any, code: str, text: str) -> None:
    engine = fake(**answers)
    with pytest.raises(Unavailable, match=text) as caught:
        engine.info()
    assert caught.value.code == code
    capability = check(engine, tmp_path)
    assert not capability.available
    assert text in capability.reason.en
    assert capability.hint is not None


@pytest.mark.parametrize(
    ("address", "code"),
    [("unix:///nonexistent/docker.sock", "docker_absent"), ("tcp://10.0.0.1:2375", "docker_remote")],
)
def test_no_engine_here(address: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        Engine(address).info()
    assert caught.value.code == code
    assert not check(Engine(address), tmp_path).available


def test_no_engine_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("network.docker.engine._SOCKETS", (str(tmp_path / "none"),))
    monkeypatch.setattr("network.docker.engine.sys.platform", "linux")
    assert find_engine_address() is None
    capability = check(Engine(), tmp_path)
    assert (capability.available, capability.reason.en) == (False, "Docker is not running on this machine.")
    (tmp_path / "docker.sock").touch()
    assert find_engine_address() == f"unix://{tmp_path}/docker.sock"


def test_a_container_changes_with_its_certificates(tmp_path: Path) -> None:
    spec = template("city").with_(runtime="docker")
    handle = prepare(tmp_path, spec, MemoryVault(), Silent(), name_of=lambda n: n.name)
    node = next(spec.peers())

    def made() -> Any:
        return node_container(tmp_path, spec, node, handle.addresses, contract_host="172.18.0.1")

    first = made()
    assert made().digest == first.digest
    handle.authority(node.organization.msp_id).nodes.renew_tls(node)
    assert made().digest != first.digest
    assert "PRIVATE" not in repr(first)
    assert image_of("peer", "2.5.16", "mirror.example/hub/") == "mirror.example/hub/hyperledger/fabric-peer:2.5.16"


def test_containers_trust_renewed_roots_and_look_back_until_the_channels_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifteen years on the channel has ended roots alone: without these settings no container reaches another."""
    spec = template("bft").with_(runtime="docker")
    handle = prepare(tmp_path, spec, MemoryVault(), Silent(), name_of=lambda n: n.name)
    orderer, peer = next(spec.orderers()), next(spec.peers())

    def made(node: Any) -> Any:
        return node_container(tmp_path, spec, node, handle.addresses, contract_host="172.18.0.1")

    before = made(orderer).digest, made(peer).digest
    true = clock._read
    monkeypatch.setattr(clock, "_read", lambda: true() + (15 * 365 + 1) * 24 * 3600 * 10**9)
    for organization in spec.organizations:
        handle.authority(organization.msp_id).renew_authority("tlsca")
    general = json.loads(made(orderer).files["/etc/citychain/orderer.yaml"])["General"]
    assert int(general["TLS"]["TLSHandshakeTimeShift"].removesuffix("s")) > 24 * 3600
    extra = general["Cluster"]["RootCAs"][1:]
    present = [handle.authority(o.msp_id).tls_certificate_pem for o in spec.organizations]
    assert [made(orderer).files[path] for path in extra] == present
    core = json.loads(made(peer).files["/etc/citychain/core.yaml"])
    overrides = {one["from"]: one["caCertsFile"] for one in core["peer"]["deliveryclient"]["addressOverrides"]}
    assert set(overrides) == {handle.addresses[n.name].dialled for n in spec.orderers()}
    assert all(made(peer).files[path] in present for path in overrides.values())
    for former in tmp_path.glob("organizations/*/ca/tlsca.former.crt"):
        former.unlink()
    assert (made(orderer).digest, made(peer).digest) == before, "then the settings are as they were"


def test_archives_keep_keys_private() -> None:
    import io
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(archive({"/etc/x/tls/server.key": b"k", "/etc/x/core.yaml": b"c"}))) as tar:
        assert {m.name: m.mode for m in tar} == {"etc/x/tls/server.key": 0o600, "etc/x/core.yaml": 0o644}


def test_couchdb_is_offered_here(tmp_path: Path) -> None:
    document = {
        "name": "c",
        "runtime": "docker",
        "organizations": [
            {
                "name": "org1",
                "msp_id": "Org1MSP",
                "domain": "org1.test",
                "peers": [{"name": "peer0", "state_database": "couchdb"}],
                "orderers": [{"name": "orderer0"}],
            }
        ],
        "channels": [{"name": "c"}],
    }
    from network.topology import load_spec

    spec = load_spec(document)
    handle = prepare(tmp_path, spec, MemoryVault(), Silent(), name_of=lambda n: n.name)
    node = next(spec.peers())
    made = node_container(tmp_path, spec, node, handle.addresses, contract_host="h", couchdb_password="secret-pw")
    core = json.loads(made.files["/etc/citychain/core.yaml"])
    assert core["ledger"]["state"]["couchDBConfig"]["couchDBAddress"] == "couchdb.peer0.org1.test:5984"
    assert made.needs == ("couchdb.peer0.org1.test",)
    assert "secret-pw" not in repr(made)


def test_pulling_without_a_registry_is_one_error(fake: Any) -> None:
    engine = fake(version=version("1.41"), info={})
    with pytest.raises(CityChainError) as caught:
        engine.pull("hyperledger/fabric-peer:3.1.5", Silent())
    assert caught.value.code == "docker_image_missing"
