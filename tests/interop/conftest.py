from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_path

from fabric_sdk.admin.collections import CollectionConfig
from network.topology import load_spec
from tests.network.embedded.city import City

NODE_PROGRAMS = Path(__file__).parent / "node"

THREE_ORGANIZATIONS = {
    "name": "interop",
    "title": {"zh": "互通", "en": "Interoperation"},
    "fabric_version": "3.1.5",
    "consensus": "raft",
    "organizations": [
        {
            "name": f"org{n}",
            "msp_id": f"Org{n}MSP",
            "title": {"zh": f"机构{n}", "en": f"Organisation {n}"},
            "domain": f"org{n}.internal",
            "peers": [{"name": f"peer{i}"} for i in range(2 if n < 3 else 1)],
            "orderers": [{"name": "orderer0"}] if n == 1 else [],
        }
        for n in (1, 2, 3)
    ],
    "channels": [{"name": "interop", "organizations": ["org1", "org2", "org3"]}],
}


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """The official Node client, installed once for each lock file; skips where Node.js or the packages are missing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js (node and npm) is not installed: the official client cannot run")
    lock = (NODE_PROGRAMS / "package-lock.json").read_bytes()
    folder = user_cache_path("citychain") / "interop" / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NODE_PROGRAMS / name, folder / name)
        command = ["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            pytest.skip(f"npm cannot install the official client here: {done.stderr.strip()[-300:]}")
        (folder / "installed").touch()
    for program in NODE_PROGRAMS.glob("*.mjs"):
        shutil.copy(program, folder / program.name)
    return folder


@pytest.fixture(scope="session")
def five_peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Three organisations with five peers; two of them must endorse the contract `ledger`."""
    spec = load_spec(THREE_ORGANIZATIONS)
    with City(tmp_path_factory.mktemp("interop") / "n", spec) as city:
        two = "OR('Org1MSP.member', 'Org2MSP.member')"
        collection = CollectionConfig("open", two, member_only_read=False, member_only_write=False)
        policy = "OutOf(2, 'Org1MSP.peer', 'Org2MSP.peer', 'Org3MSP.peer')"
        city.deploy("ledger", policy=policy, collections=[collection], channel="interop")
        yield city


Run = Callable[..., Any]


@pytest.fixture
def run(node_folder: Path, five_peers: City, tmp_path: Path) -> Run:
    """Runs a scenario of gateway.mjs with the official client and returns what it printed."""

    def run(scenario: str, *arguments: str, msp_id: str = "Org1MSP", peer: str | None = None) -> Any:
        connection = tmp_path / "connection.json"
        connection.touch(mode=0o600)
        connection.write_text(json.dumps(describe(five_peers, msp_id, peer)))
        command = ["node", "gateway.mjs", str(connection), scenario, *arguments]
        done = subprocess.run(command, cwd=node_folder, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def describe(city: City, msp_id: str, peer: str | None = None) -> dict[str, Any]:
    """What a client of another language needs to know of a network."""
    from network.vault import vault_name

    endpoint = city.handle.endpoint(msp_id, peer)
    identity = city.handle.admin(msp_id)
    assert endpoint.tls_root_pem is not None
    return {
        "address": endpoint.address,
        "tlsRoot": endpoint.tls_root_pem.decode(),
        "serverName": endpoint.server_name,
        "mspId": msp_id,
        "certificate": identity.identity.credentials.decode(),
        "key": city.vault.get(vault_name(city.handle.name, msp_id, "admin")).decode(),
        "channel": "interop",
        "chaincode": "ledger",
    }
